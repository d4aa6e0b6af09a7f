//! Room cli.
pub mod measure;
