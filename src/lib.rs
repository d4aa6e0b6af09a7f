//! riscontro: does a comune's website let its citizens log in with SPID and with CIE, pay through pagoPA, and find
//! the comune's services on App IO? With evidence.
//!
//! A table of contents. Rooms are listed from the ground floor up; a room uses only rooms above it in this list
//! (`tests/architecture.rs` holds the code against that).

pub mod cli;
pub mod clock;
pub mod config;
pub mod crawl;
pub mod detect;
pub mod model;
pub mod net;
pub mod page;
pub mod polite;
pub mod report;
pub mod rules;
pub mod run;
pub mod store;

/// Version of this program, as it names itself to servers and in reports.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
