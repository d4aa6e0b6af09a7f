//! What was seen, kept: runs, visits, pages, findings and signals, in a SQLite file or in a PostgreSQL database. All SQL of
//! the crate is here.
//!
//! * **One writer.** Writes go through one connection, one transaction at a time on a whole database, reads through a small
//!   pool beside it; other processes may read at the same time.
//! * **Done means done.** A visit, its pages, findings and signals, and the mark that its site is done are one
//!   transaction, flushed to the disk (`synchronous = FULL`, `synchronous_commit`) before the call returns. A crash at any
//!   moment leaves either all of a visit or nothing of it.
//! * **Faults have names.** A full disk, a file that cannot be written, a damaged file, another program's lock and a
//!   schema from the future are told apart, and each [`StoreError`] names the database.
//!
//! The schema and its conventions are in `migrations/`.

mod address;
mod backup;
mod cases;
mod check;
mod codes;
mod comuni;
mod error;
mod evidence;
mod export;
mod histories;
mod hold;
mod judgements;
mod observations;
mod open;
mod outbox;
mod read;
mod registers;
mod retention;
mod rows;
mod runs;
mod same;
mod sql;
mod stamps;
mod status;
mod subscriptions;
mod trust;
mod write;

#[cfg(test)]
pub(crate) mod tests;

use std::{fmt, path::Path, sync::Arc};

use crate::clock::Clock;
use serde::{Deserialize, Serialize};

use sql::Pool;

pub use address::{Address, Server};
pub use cases::{ApplicationFacts, CaseFacts, ComuneFacts, Found, Wanted};
pub use check::Checked;
pub use comuni::{AppIoState, ComuneFile, ComuneName, Looked, MeasureSum, NameOverTime, SeenFinding, SpidState};
pub use error::StoreError;
pub use evidence::{ChainId, ChainInfo, ChainStart, RecordRow, Records};
pub use export::{FindingFilter, FindingRow};
pub use histories::{HistoryOf, Period, Watched};
pub use hold::{Held, Hold, Right};
pub use judgements::{CatalogueInfo, Judged, Judgement, catalogue_name};
pub use outbox::{
    Begun, Dispatch, DispatchEvent, DispatchFilter, DispatchId, DispatchState, NewDispatch, Noted, Queued, ReadUpTo,
    ReceiptFact, ReceiptKind, Recovered, Swept, TryEnd, Trying,
};
pub use registers::{ImportDone, Imported, SnapshotInfo};
pub use retention::{Condemned, Forget, Keep, Staying};
pub use runs::{ReasonCount, RunInfo, RunPlan, RunStart, RunState, RunTotals, targets_sha256};
pub use stamps::{StampRow, Unstamped};
pub use status::Status;
pub use subscriptions::{About, Added, Attach, Every, NewSubscription, Subscription, SubscriptionId, Telling};
pub use trust::{Decision, RunLine, Trust, Weighed};

/// Names one run. Never used twice within a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub i64);

/// Names one visit. Never used twice within a database; a later visit has a higher id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VisitId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for VisitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An open database. Cheap to clone; all clones share the one writer.
#[derive(Clone)]
pub struct Store {
    name: Arc<str>,
    place: Arc<Address>,
    clock: Arc<dyn Clock>,
    writer: Pool,
    readers: Pool,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Store {
    /// The database, for people: the file as an absolute path, or the server and the database, without user and password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file; none on a server.
    pub fn file(&self) -> Option<&Path> {
        match &*self.place {
            Address::File(path) => Some(path),
            Address::Server(_) => None,
        }
    }

    /// The clock that records are dated with.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Closes all connections; the last one folds the write-ahead log into the file. Not needed for safety.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    fn error(&self, doing: &'static str, source: sqlx::Error) -> StoreError {
        StoreError::of(&self.name, self.file().is_none(), doing, source)
    }
}
