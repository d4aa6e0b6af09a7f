//! Opening a database on a server.

use std::{sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection,
    migrate::Migrator,
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{BUSY, READERS};
use crate::{
    clock::Clock,
    store::{Address, Store, StoreError, address::Server, sql::Pool},
};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long the server may take to answer at the start. Later a run waits longer: a server may be restarted.
const REACH: Duration = Duration::from_secs(10);

pub(super) async fn open(server: Box<Server>, clock: Arc<dyn Clock>, busy: Duration) -> Result<Store, StoreError> {
    let options = look(&server).await?;
    let store = Store {
        name: server.name.clone().into(),
        writer: Pool::Postgres(pool(1, busy, false).connect_lazy_with(options.clone())),
        readers: Pool::Postgres(pool(READERS, busy, true).connect_lazy_with(options)),
        place: Address::Server(server).into(),
        clock,
    };
    store.bring_up_to_date().await?;
    Ok(store)
}

pub(super) async fn open_for_reading(server: Box<Server>, clock: Arc<dyn Clock>) -> Result<Store, StoreError> {
    let options = look(&server).await?;
    let name = server.name.clone().into();
    let readers = Pool::Postgres(pool(READERS, BUSY, true).connect_lazy_with(options));
    Ok(Store { name, writer: readers.clone(), readers, place: Address::Server(server).into(), clock })
}

/// Connects once, to say by name what is wrong: a pool would go on trying, and then only say that it took too long.
async fn look(server: &Server) -> Result<PgConnectOptions, StoreError> {
    let at = server.name.clone();
    let options = server.options.clone().application_name("riscontro").disable_statement_logging();
    let unreachable = |detail: String| StoreError::Unreachable { at: at.clone(), detail };
    let looked = async {
        let mut connection = options.connect().await?;
        let row: (String, Option<String>) =
            sqlx::query_as("SELECT current_setting('server_encoding'), current_schema()::text")
                .fetch_one(&mut connection)
                .await?;
        connection.close().await?;
        Ok(row)
    };
    let (encoding, schema) = match tokio::time::timeout(REACH, looked).await {
        Ok(Ok(row)) => row,
        Ok(Err(sqlx::Error::Io(error))) => return Err(unreachable(error.to_string())),
        Ok(Err(sqlx::Error::Tls(error))) => return Err(unreachable(error.to_string())),
        Ok(Err(sqlx::Error::Protocol(error))) => return Err(unreachable(error)),
        Ok(Err(error)) => return Err(StoreError::of(&at, true, "opening", error)),
        Err(_) => return Err(unreachable(format!("no answer within {} s", REACH.as_secs()))),
    };
    if encoding != "UTF8" {
        return Err(StoreError::Open { at, detail: format!("its encoding is {encoding}; it has to be UTF8") });
    }
    if schema.is_none() {
        return Err(StoreError::Open { at, detail: "no schema of its search path exists".to_owned() });
    }
    Ok(options)
}

/// Connections are kept for as long as the store is, and looked at before each use: the server may have been restarted.
fn pool(connections: u32, busy: Duration, reading: bool) -> PoolOptions<sqlx::Postgres> {
    PgPoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(true)
        .after_connect(move |connection, _| Box::pin(settle(connection, busy, reading)))
        // A connection's own wait for a lock comes first, so that the error names the lock.
        .acquire_timeout(busy + Duration::from_secs(20))
}

/// What a session must hold to, whatever the server's own settings are: what is reported as done is on its disk. No statement is
/// compiled: lists are bound as text, of which the server always takes a thousand entries to come, and compiling for what it then expects takes
/// seconds where the statement takes milliseconds.
async fn settle(connection: &mut PgConnection, busy: Duration, reading: bool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT set_config('lock_timeout', $1, false), set_config('statement_timeout', '0', false),
                set_config('idle_in_transaction_session_timeout', '0', false), set_config('jit', 'off', false),
                set_config('default_transaction_read_only', $2, false),
                set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                                                 WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)",
    )
    .bind(format!("{}ms", busy.as_millis()))
    .bind(if reading { "on" } else { "off" })
    .execute(connection)
    .await?;
    Ok(())
}
