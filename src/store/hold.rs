//! One run at a time on a database of a server.

use std::path::PathBuf;

use jiff::Timestamp;
use sqlx::{ConnectOptions as _, PgConnection};

use super::{Address, Store, StoreError};

/// `RISC` and a number: the advisory lock of a run.
const RUN_LOCK: i64 = 0x5249_5343_0000_0002;

/// What came of asking for the right to run.
#[derive(Debug)]
pub enum Held {
    /// It is ours as long as this lives.
    Ours(Hold),
    /// Another process has it; what it says of itself, if the server tells.
    Others(Option<String>),
    /// The database is this file, and is locked beside it.
    File(PathBuf),
}

/// The right to run on a database of a server. It is a lock of a session and goes with the connection, however the
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
    /// Asks for the right to run on a database of a server. Never waits for another run.
    pub async fn hold(&self, now: Timestamp) -> Result<Held, StoreError> {
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
            let ours: bool =
                sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(RUN_LOCK).fetch_one(&mut connection).await?;
            if ours {
                return Ok(Held::Ours(Hold { _connection: connection }));
            }
            let holder: Option<Option<String>> = sqlx::query_scalar(
                "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND (l.classid::bigint << 32) + l.objid::bigint = $1",
            )
            .bind(RUN_LOCK)
            .fetch_optional(&mut connection)
            .await?;
            let plain = |text: &String| !text.is_empty() && !text.contains(char::is_control);
            Ok(Held::Others(holder.flatten().filter(plain)))
        };
        work.await.map_err(|error| self.error("asking whether a run is at work", error))
    }
}
