//! The nouns of riscontro: plain types, no I/O.
//!
//! Everything here can be written to JSON and read back; the names of fields and the kebab-case codes are outward
//! promises (see `docs/architecture.md`), so a change of one is a change of the output format.

mod application;
mod comune;
mod diagnostic;
mod fetch;
mod finding;
mod mail;
mod money;
mod observation;
mod platform;
mod register;
mod signal;
mod text;
mod verdict;
mod visit;

pub use application::ApplicationState;
pub use comune::{Comune, Target};
pub use diagnostic::{Diagnostic, Level, line_at};
pub use fetch::{FetchOutcome, OutcomeClass};
pub use finding::{Coverage, Finding, Outcome, Reach, Reason};
pub use mail::{MailAddress, MailAddressError, Mailbox};
pub use money::Euro;
pub use observation::{CatalogueId, Confirm, Doubt, Ended, Ending, Fate, Look, Observation, Silence};
pub use platform::Platform;
pub use register::Register;
pub use signal::{PageLabel, Proves, Signal, Strength};
pub use text::Bilingual;
pub use verdict::{Basis, Observable, Verdict};
pub use visit::{End, Hop, PageKind, PageRecord, Rendering, Step, Visit};
