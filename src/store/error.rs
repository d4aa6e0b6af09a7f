//! What can go wrong with the database, told apart by SQLite's result codes and never by message text.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{RunId, VisitId};

/// Why the store could not do what was asked. Every variant about a file names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The `--db` value names a kind of database that this version cannot use.
    #[error("{address}: PostgreSQL is not in this version; use sqlite://FILE")]
    Unsupported {
        /// The address, without user and password.
        address: String,
    },
    /// The `--db` value cannot be understood.
    #[error("`{address}` is not a database address: {why}; use sqlite://FILE")]
    BadAddress {
        /// The value as given.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The folder of the database could not be made or reached.
    #[error("{}: cannot make the folder of the database: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no database yet, and only reading was asked for.
    #[error("{}: there is no database here; nothing has been stored yet", path.display())]
    Missing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// The file could not be opened or created.
    #[error("{}: cannot open the database: {detail}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite or the system said.
        detail: String,
    },
    /// The file or its folder may not be written.
    #[error("{}: the database is read-only; give write permission on the file and its folder", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Another program kept the database locked for longer than the time limit (10 s).
    #[error("{}: the database is locked by another program ({doing})", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
    },
    /// No space is left. Nothing of the write in question was kept.
    #[error("{}: no space left ({doing}); free some and start again, finished sites are kept", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
    },
    /// The file is damaged, or is not a database at all.
    #[error("{}: the file is damaged or not a database ({doing}): {detail}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        detail: String,
    },
    /// The disk reported a fault.
    #[error("{}: the disk reported a fault ({doing}): {detail}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        detail: String,
    },
    /// The database belongs to another program.
    #[error("{}: this database was made by another program; name another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The database was written by a newer version of this program.
    #[error("{}: the database has schema {found}, this version knows up to {known}; use a newer riscontro", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Schema of the file.
        found: i64,
        /// Newest schema that this program knows.
        known: i64,
    },
    /// The database is older than this program, and was opened for reading only.
    #[error("{}: the database has schema {found}, this version reads {known}; any writing command upgrades it", path.display())]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// Schema of the file.
        found: i64,
        /// Schema that this program reads.
        known: i64,
    },
    /// The schema could not be brought up to date. The database is as it was.
    #[error("{}: cannot bring the database up to date: {source}", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What sqlx said.
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// A stored value cannot be understood: the file was edited, or damaged in a way that SQLite cannot see.
    #[error("{}: a stored value cannot be read ({doing}): {detail}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Which value, and why.
        detail: String,
    },
    /// No such run.
    #[error("there is no run {run}")]
    NoSuchRun {
        /// The run asked for.
        run: RunId,
    },
    /// No such visit.
    #[error("there is no visit {visit}")]
    NoSuchVisit {
        /// The visit asked for.
        visit: VisitId,
    },
    /// A result came for a place of a run that has one already, or that does not exist. Nothing was stored.
    #[error("run {run} does not wait for a result at place {position}")]
    NotPending {
        /// The run.
        run: RunId,
        /// The place in its list.
        position: usize,
    },
    /// Anything else that the database refused.
    #[error("{}: {doing}: {source}", path.display())]
    Query {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What sqlx said.
        source: Box<sqlx::Error>,
    },
}

impl StoreError {
    /// Sorts a fault by SQLite's primary result code (<https://www.sqlite.org/rescode.html>).
    pub(super) fn of(path: &Path, doing: &'static str, source: sqlx::Error) -> Self {
        let path = path.to_path_buf();
        match &source {
            sqlx::Error::Database(error) => {
                let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0);
                let detail = error.message().to_owned();
                match code & 0xff {
                    5 | 6 => Self::Locked { path, doing },
                    8 => Self::ReadOnly { path },
                    10 => Self::Disk { path, doing, detail },
                    11 | 26 => Self::Corrupt { path, doing, detail },
                    13 => Self::Full { path, doing },
                    14 => Self::Open { path, detail },
                    _ => Self::Query { path, doing, source: Box::new(source) },
                }
            }
            sqlx::Error::Io(error) => Self::Open { path, detail: error.to_string() },
            sqlx::Error::PoolTimedOut => Self::Locked { path, doing },
            sqlx::Error::Decode(error) => Self::Unreadable { path, doing, detail: error.to_string() },
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Unreadable { path, doing, detail: format!("column {index}: {source}") }
            }
            _ => Self::Query { path, doing, source: Box::new(source) },
        }
    }
}
