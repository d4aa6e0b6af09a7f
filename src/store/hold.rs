//! One run at a time on a database of a server, and one that sends mail.

use std::path::PathBuf;

use jiff::Timestamp;
use sqlx::{ConnectOptions as _, PgConnection};

use super::{Address, Store, StoreError};

/// What only one process at a time may do on a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Visit, or change what visits rest on.
    Run,
    /// Send the letters that are due. Mail may leave while a run is at work.
    Mail,
}

impl Right {
    /// `RISC` and a number: the advisory lock on a server.
    const fn lock(self) -> i64 {
        match self {
            Self::Run => 0x5249_5343_0000_0002,
            Self::Mail => 0x5249_5343_0000_0003,
        }
    }

    /// How the lock file beside a database file ends.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Run => ".lock",
            Self::Mail => ".mail.lock",
        }
    }
}

/// What came of asking for a right.
#[derive(Debug)]
pub enum Held {
    /// It is ours as long as this lives.
    Ours(Hold),
    /// Another process has it; what it says of itself, if the server tells.
    Others(Option<String>),
    /// The database is this file, and is locked beside it.
    File(PathBuf),
}

/// A right on a database of a server. It is a lock of a session and goes with the connection, however the
/// process ends; the server notices within a minute when the machine is gone.
pub struct Hold {
    _connection: PgConnection,
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hold").finish_non_exhaustive()
    }
}

impl Store {
    /// Asks for a right on a database of a server. Never waits for another process.
    pub async fn hold(&self, right: Right, now: Timestamp) -> Result<Held, StoreError> {
        let server = match &*self.place {
            Address::File(path) => return Ok(Held::File(path.clone())),
            Address::Server(server) => server,
        };
        let whose = format!("riscontro, process {}, since {now:.0}", std::process::id());
        let options = server.options.clone().application_name(&whose).disable_statement_logging();
        let work = async {
            let mut connection = options.connect().await?;
            sqlx::raw_sql(
                "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
                 SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'",
            )
            .execute(&mut connection)
            .await?;
            let ours: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
                .bind(right.lock())
                .fetch_one(&mut connection)
                .await?;
            if ours {
                return Ok(Held::Ours(Hold { _connection: connection }));
            }
            let holder: Option<Option<String>> = sqlx::query_scalar(
                "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND (l.classid::bigint << 32) + l.objid::bigint = $1",
            )
            .bind(right.lock())
            .fetch_optional(&mut connection)
            .await?;
            let plain = |text: &String| !text.is_empty() && !text.contains(char::is_control);
            Ok(Held::Others(holder.flatten().filter(plain)))
        };
        work.await.map_err(|error| self.error("asking whether another process is at work", error))
    }
}
