//! What was seen, kept: runs, visits, pages, findings and signals in one SQLite file. All SQL of the crate is here.
//!
//! * **One writer.** Writes go through one connection and begin with `BEGIN IMMEDIATE`, reads through a small pool
//!   beside it; other processes may read the file at the same time (write-ahead log).
//! * **Done means done.** A visit, its pages, findings and signals, and the mark that its site is done are one
//!   transaction, flushed to the disk (`synchronous = FULL`) before the call returns. A crash at any moment leaves
//!   either all of a visit or nothing of it.
//! * **Faults have names.** A full disk, a file that cannot be written, a damaged file, another program's lock and a
//!   schema from the future are told apart, and each [`StoreError`] names the file.
//!
//! The schema and its conventions are in `migrations/`.

mod address;
mod cases;
mod codes;
mod comuni;
mod error;
mod evidence;
mod export;
mod histories;
mod observations;
mod open;
mod read;
mod registers;
mod runs;
mod status;
mod trust;
mod write;

#[cfg(test)]
pub(crate) mod tests;

use std::{fmt, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

use crate::clock::Clock;

pub use address::database_path;
pub use cases::{ApplicationFacts, CaseFacts, ComuneFacts, Found, Wanted};
pub use comuni::{AppIoState, ComuneFile, ComuneName, Looked, MeasureSum, NameOverTime, SeenFinding, SpidState};
pub use error::StoreError;
pub use evidence::{ChainId, ChainInfo, ChainStart, RecordRow, Records};
pub use export::{FindingFilter, FindingRow};
pub use histories::{HistoryOf, Watched};
pub use registers::{ImportDone, Imported, SnapshotInfo};
pub use runs::{ReasonCount, RunInfo, RunPlan, RunStart, RunState, RunTotals};
pub use status::Status;
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
    path: Arc<Path>,
    clock: Arc<dyn Clock>,
    writer: SqlitePool,
    readers: SqlitePool,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// The database file, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
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
        StoreError::of(&self.path, doing, source)
    }
}
