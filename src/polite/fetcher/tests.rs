//! The promises of the fetcher, against a scripted web under a clock that the tests move.

#![expect(clippy::unwrap_used, reason = "tests")]

mod manners;
mod redirects;
mod robots;
