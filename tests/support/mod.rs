//! The local web of the tests: real host names over http and https, all of it on loopback.
//!
//! A test describes sites as values ([`Site`], [`Answer`]), starts a [`Web`], and runs the built binary with
//! [`run::Riscontro`], whose `--connect-to` flags send every name to this web. What the product did is then asked of
//! the [`log::Log`], which is the outside witness: it counts requests where they arrive.
//!
//! - [`site`]: sites and answers as values
//! - [`web`]: the two listeners and the service behind them
//! - [`authority`]: an authority of time stamps, by openssl
//! - `bench`: a browser before a local web
//! - `browser`: a browser of the test's own, which counts what a page does
//! - [`ca`]: the tests' own certificate authority, one certificate for each name, with faults on demand
//! - [`dovecot`]: a mail server that is not ours, for reading
//! - [`imap`]: a mailbox on a server with faults at every stage
//! - [`log`]: what arrived, when, and over which connection
//! - [`dns`]: a name server whose answers are programmed
//! - [`raw`]: a server that misbehaves below HTTP
//! - [`database`]: reads a database through a connection of the test's own
//! - [`process`]: what a process uses
//! - [`receipts`]: receipts of certified mail, made up after the rules
//! - [`run`]: runs the binary under test in a home of its own
//! - [`office`]: runs the binary on one database
//! - [`papers`]: every kind of document for people, out of made-up values
//! - [`payloads`]: what others would like to happen in a browser or a spreadsheet
//! - [`smtp`]: a mail server with faults at every stage, and its mailbox
//! - [`sound`]: what has to hold of a database and its evidence
//! - [`made_up`]: registers of a made-up country of national size
//! - [`nights`]: nights over a country, straight into the tables
//! - [`shared`]: finds public registers and captured pages outside the repository
//! - [`comuni`]: made-up comuni with the outcome that is true of each
//! - [`world`]: five comuni with registers, applications and sites
//! - [`year`]: a country visited night after night, and what was true on each
//! - [`measure`] and [`table`]: what each of them costs, and the figures of all

#![allow(dead_code, unreachable_pub, reason = "shared: every test, bench or example uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its world should stop with the place where")]

pub mod authority;
#[cfg(feature = "render")]
pub mod bench;
#[cfg(feature = "render")]
pub mod browser;
pub mod ca;
pub mod comuni;
pub mod database;
pub mod dns;
pub mod dovecot;
pub mod imap;
pub mod log;
pub mod made_up;
pub mod measure;
pub mod nights;
pub mod office;
pub mod papers;
pub mod payloads;
pub mod process;
pub mod raw;
pub mod receipts;
pub mod run;
pub mod shared;
pub mod site;
pub mod smtp;
pub mod sound;
pub mod table;
pub mod web;
pub mod world;
pub mod year;

#[allow(unused_imports, reason = "the names that tests use most, in one place")]
pub use self::{
    comuni::{Comune, Expect},
    log::{Entry, Log},
    office::Office,
    run::Riscontro,
    site::{Answer, Site, TlsFault},
    web::Web,
};
