//! Lists and runs.
#![expect(clippy::unwrap_used, reason = "tests")]

mod targets;
mod worker;
