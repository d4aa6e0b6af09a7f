//! What can go wrong with the database, told apart by the codes of the engines and never by message text.

use std::{io, path::PathBuf};

use super::{RunId, VisitId};

/// Why the store could not do what was asked. Every variant about a database names it: the file, or the server and the
/// database on it, without user and password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The `--db` value cannot be understood.
    #[error("`{address}` is not a database address: {why}; use sqlite://FILE or postgres://USER@HOST/DATABASE")]
    BadAddress {
        /// The value as given; of a server no more than the scheme.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The server does not answer, or takes no more connections.
    #[error("{at}: cannot reach the server: {detail}")]
    Unreachable {
        /// The database.
        at: String,
        /// What the system or the server said.
        detail: String,
    },
    /// The server does not let this user in: the password, or its rules.
    #[error("{at}: the server refuses the login: {detail}")]
    Login {
        /// The database.
        at: String,
        /// What the server said.
        detail: String,
    },
    /// The server has no such database.
    #[error("{at}: the server has no such database; make it with `createdb`, in UTF-8")]
    NoDatabase {
        /// The database.
        at: String,
    },
    /// The connection broke, and could not be made again. What was committed is kept.
    #[error("{at}: the connection to the server was lost ({doing}); start again, finished sites are kept")]
    Lost {
        /// The database.
        at: String,
        /// What was being done.
        doing: &'static str,
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
    #[error("{at}: there is no database here; nothing has been stored yet")]
    Missing {
        /// The database.
        at: String,
    },
    /// The file could not be opened or created.
    #[error("{at}: cannot open the database: {detail}")]
    Open {
        /// The database.
        at: String,
        /// What the engine or the system said.
        detail: String,
    },
    /// Writing is not allowed: the file or its folder, or the user of the server.
    #[error(
        "{at}: the database is read-only; give permission to write: on the file and its folder, or to the user of the server"
    )]
    ReadOnly {
        /// The database.
        at: String,
    },
    /// Another program kept the database locked for longer than the time limit (10 s).
    #[error("{at}: the database is locked by another program ({doing})")]
    Locked {
        /// The database.
        at: String,
        /// What was being done.
        doing: &'static str,
    },
    /// Another process changed what a write rests on: an earlier answer that a visit repeats was let go, a subscription was told
    /// or ended. Nothing of the write in question was kept; the next try meets it as it is by then.
    #[error("{at}: another process changed at the same time what this rests on ({doing}); start again")]
    Overtaken {
        /// The database.
        at: String,
        /// What was being done.
        doing: &'static str,
    },
    /// No space is left. Nothing of the write in question was kept.
    #[error("{at}: no space left ({doing}); free some and start again, finished sites are kept")]
    Full {
        /// The database.
        at: String,
        /// What was being done.
        doing: &'static str,
    },
    /// The file is damaged, or is not a database at all.
    #[error("{at}: the file is damaged or not a database ({doing}): {detail}")]
    Corrupt {
        /// The database.
        at: String,
        /// What was being done.
        doing: &'static str,
        /// What the engine said.
        detail: String,
    },
    /// The disk reported a fault.
    #[error("{at}: the disk reported a fault ({doing}): {detail}")]
    Disk {
        /// The database.
        at: String,
        /// What was being done.
        doing: &'static str,
        /// What the engine said.
        detail: String,
    },
    /// The database belongs to another program.
    #[error("{at}: this database was made by another program; name another file")]
    Foreign {
        /// The database.
        at: String,
    },
    /// The database was written by a newer version of this program.
    #[error("{at}: the database has schema {found}, this version knows up to {known}; use a newer riscontro")]
    NewerSchema {
        /// The database.
        at: String,
        /// Schema of the file.
        found: i64,
        /// Newest schema that this program knows.
        known: i64,
    },
    /// The database is older than this program, and was opened for reading only.
    #[error("{at}: the database has schema {found}, this version reads {known}; any writing command upgrades it")]
    OlderSchema {
        /// The database.
        at: String,
        /// Schema of the file.
        found: i64,
        /// Schema that this program reads.
        known: i64,
    },
    /// The schema could not be brought up to date. The database is as it was.
    #[error("{at}: cannot bring the database up to date: {source}")]
    Migrate {
        /// The database.
        at: String,
        /// What sqlx said.
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// A stored value cannot be understood: the file was edited, or damaged in a way that SQLite cannot see.
    #[error("{at}: a stored value cannot be read ({doing}): {detail}")]
    Unreadable {
        /// The database.
        at: String,
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
    #[error("{at}: {doing}: {source}")]
    Query {
        /// The database.
        at: String,
        /// What was being done.
        doing: &'static str,
        /// What sqlx said.
        source: Box<sqlx::Error>,
    },
}

impl StoreError {
    /// Sorts a fault by SQLite's primary result code (<https://www.sqlite.org/rescode.html>) or by PostgreSQL's class of
    /// errors (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
    pub(super) fn of(at: &str, on_server: bool, doing: &'static str, source: sqlx::Error) -> Self {
        let at = at.to_owned();
        match &source {
            sqlx::Error::Database(error) => {
                let detail = error.message().to_owned();
                let code = error.code().unwrap_or_default();
                if on_server {
                    return match &*code {
                        "3D000" => Self::NoDatabase { at },
                        "25006" | "42501" => Self::ReadOnly { at },
                        "53100" => Self::Full { at, doing },
                        "53300" | "57P03" => Self::Unreachable { at, detail },
                        "55P03" | "40001" | "40P01" => Self::Locked { at, doing },
                        "58030" => Self::Disk { at, doing, detail },
                        "57P01" | "57P02" | "57P05" => Self::Lost { at, doing },
                        code if code.starts_with("28") => Self::Login { at, detail },
                        code if code.starts_with("08") => Self::Lost { at, doing },
                        code if code.starts_with("XX0") => Self::Corrupt { at, doing, detail },
                        _ => Self::Query { at, doing, source: Box::new(source) },
                    };
                }
                match code.parse::<i32>().unwrap_or(0) & 0xff {
                    5 | 6 => Self::Locked { at, doing },
                    8 => Self::ReadOnly { at },
                    10 => Self::Disk { at, doing, detail },
                    11 | 26 => Self::Corrupt { at, doing, detail },
                    13 => Self::Full { at, doing },
                    14 => Self::Open { at, detail },
                    _ => Self::Query { at, doing, source: Box::new(source) },
                }
            }
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_)
                if on_server =>
            {
                Self::Lost { at, doing }
            }
            sqlx::Error::Io(error) => Self::Open { at, detail: error.to_string() },
            sqlx::Error::PoolTimedOut => Self::Locked { at, doing },
            sqlx::Error::Decode(error) if error.is::<Overtaken>() => Self::Overtaken { at, doing },
            sqlx::Error::Decode(error) => Self::Unreadable { at, doing, detail: error.to_string() },
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Unreadable { at, doing, detail: format!("column {index}: {source}") }
            }
            _ => Self::Query { at, doing, source: Box::new(source) },
        }
    }
}

/// Inside of a transaction: becomes [`StoreError::Overtaken`].
#[derive(Debug, thiserror::Error)]
#[error("overtaken")]
pub(super) struct Overtaken;

impl From<Overtaken> for sqlx::Error {
    fn from(overtaken: Overtaken) -> Self {
        Self::Decode(Box::new(overtaken))
    }
}
