//! Pages to signals to findings. Pure: no clock, no network, no database.
//!
//! [`view`] reads one page with the catalogue and returns plain data; [`decide`] turns what a whole visit saw into one
//! finding per platform. The rule of the decision is written out for people in `docs/verdicts.md`.

mod decide;
mod metadata;
mod subject;
mod view;

pub use decide::{COUNTS, Seen, decide};
pub use metadata::{MetadataLead, redirect_metadata};
pub use subject::{Origin, Subject, Tie};
pub use view::{Lead, PageView, Stamp, redirect_signals, view};
