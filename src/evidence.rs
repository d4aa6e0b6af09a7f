//! The bytes behind findings: kept as WARC/1.1, chained by digests, checked and read again.
//!
//! A visit hands over what was exchanged ([`Capture`]); [`compose`] makes records of it, and a [`Writer`] appends them to
//! the files of a chain, flushed to the disk before the store commits the visit that cites them. Every record quotes
//! the digest of the one before it, so that the digest of the last, the root, stands for all. [`Verifier`] goes over a
//! chain and names the first place that is wrong. What the chain is made of is written in `docs/evidence.md`.
//!
//! No SQL is here: which records there are is the store's to say.

mod capture;
pub mod cdxj;
mod compact;
mod compose;
mod extract;
mod http;
mod member;
mod stamp;
#[cfg(test)]
mod tests;
mod verify;
mod warc;
mod writer;

pub use capture::{Around, Capture, Drawn, Gone, HELD, Kept, Note, NotedPage, Reached, SCHEMA, Way};
pub use compact::{compact, remove_others};
pub use compose::{Draft, Earlier, Known, compose, decoded, read_digest};
pub use extract::{Extract, Taken};
pub use http::{Head, parse as parse_head, redirect};
pub use member::{Damage, MAX_RECORD, Member, Members, compress, raw_at, read_at};
pub use stamp::{MAX_ANSWER, QUERY_TYPE, Query, Stamp, StampError, stamp_of};
pub use verify::{Expected, ExpectedFile, ExpectedRecord, Fault, Place, Verifier, Wrong};
pub use warc::{BODY, CERTIFICATE, Kind, PREVIOUS, Record, sha256};
pub use writer::{Batch, ROLL, START, Tip, WriteError, Writer, Written, cut_tail};
