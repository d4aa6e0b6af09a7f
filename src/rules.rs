//! Room rules.
