//! riscontro: does a comune's website let its citizens log in with SPID and with CIE, pay through pagoPA, and find
//! the comune's services on App IO? With evidence.
//!
//! A table of contents. Rooms are listed from the ground floor up; a room uses only rooms above it in this list
//! (`tests/architecture.rs` holds the code against that).

// The nouns: plain types, no I/O.
pub mod model;

// Time, passed in.
pub mod clock;

// Typed settings in four layers.
pub mod config;

// What every outgoing connection obeys: guard, resolver, TLS, limits.
pub mod net;

// Bytes to document, under hard limits.
pub mod page;

// The catalogue of `selectors/`.
pub mod rules;

// Pages to signals to findings; pure.
pub mod detect;

// The notices of `notices/`: sums and requirements to verdicts; pure.
pub mod notices;

// Public registers: tolerant readers, joins, what was repaired and refused; pure.
pub mod registry;

// Looks to observations: what held from when to when; pure.
pub mod history;

// Robots, pace, back-off: the only way to the web.
pub mod polite;

// Pages that scripts draw, in a browser without a network.
pub mod render;

// The bytes behind findings: WARC, digest chain, verify.
pub mod evidence;

// All SQL.
pub mod store;

// One visit.
pub mod crawl;

// Many visits: lock, resume, progress.
pub mod run;

// Values to documents.
pub mod report;

// Letters: made, sent, never twice; receipts of certified mail.
pub mod mail;

// One file for each command.
pub mod cli;

/// Version of this program, as it names itself to servers and in reports.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
