//! The promises of the fetcher, against a scripted web under a clock that the tests move.

#![expect(clippy::unwrap_used, clippy::unchecked_time_subtraction, reason = "tests: a wrong order should panic")]

mod manners;
mod redirects;
mod robots;
