//! Opening a file.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection as _,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{BUSY, READERS};
use crate::{
    clock::Clock,
    store::{Address, Store, StoreError, sql::Pool},
};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

pub(super) async fn open(path: PathBuf, clock: Arc<dyn Clock>, busy: Duration) -> Result<Store, StoreError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder { path: folder.to_path_buf(), source })?;
    }
    refuse_folder(&path)?;
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(busy)
        .disable_statement_logging();
    let store = Store {
        name: path.display().to_string().into(),
        writer: Pool::Sqlite(pool(1, busy).connect_lazy_with(options.clone())),
        readers: Pool::Sqlite(pool(READERS, busy).connect_lazy_with(options.read_only(true))),
        place: Address::File(path).into(),
        clock,
    };
    alone(&store, busy).await?;
    Ok(store)
}

/// Turning a new file to write-ahead logging needs the file alone for a moment, and for that moment SQLite does not
/// wait by itself: several that open one new file would turn each other away.
async fn alone(store: &Store, busy: Duration) -> Result<(), StoreError> {
    const AGAIN: Duration = Duration::from_millis(20);
    let mut last = None;
    let tries = async {
        loop {
            match store.bring_up_to_date().await {
                Err(error @ StoreError::Locked { .. }) => last = Some(error),
                other => return other,
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    match tokio::time::timeout(busy + AGAIN, tries).await {
        Ok(opened) => opened,
        Err(_) => Err(last.unwrap_or(StoreError::Locked { at: store.name().to_owned(), doing: "opening" })),
    }
}

pub(super) fn open_for_reading(path: PathBuf, clock: Arc<dyn Clock>) -> Result<Store, StoreError> {
    refuse_folder(&path)?;
    let name = path.display().to_string();
    if let Err(error) = std::fs::metadata(&path) {
        return Err(match error.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { at: name },
            _ => StoreError::Open { at: name, detail: error.to_string() },
        });
    }
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .read_only(true)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .disable_statement_logging();
    let readers = Pool::Sqlite(pool(READERS, BUSY).connect_lazy_with(options));
    Ok(Store { name: name.into(), writer: readers.clone(), readers, place: Address::File(path).into(), clock })
}

/// A folder in place of the file: SQLite would only say that it cannot open it.
fn refuse_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Err(StoreError::Open { at: path.display().to_string(), detail: "it is a folder".to_owned() });
    }
    Ok(())
}

/// What a program of before would have made.
#[cfg(test)]
pub(in crate::store) fn migrations_up_to(version: i64) -> Migrator {
    let known = MIGRATIONS.iter().filter(|migration| migration.version <= version).cloned().collect();
    Migrator::with_migrations(known)
}

/// Connections are kept for as long as the store is: opening one costs more than keeping it.
fn pool(connections: u32, busy: Duration) -> sqlx::pool::PoolOptions<sqlx::Sqlite> {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // When the disk is full SQLite rolls a transaction back by itself, and sqlx goes on counting it as open: such
        // a connection could never begin another one. It is closed, and the next write opens a new one.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.ping().await?; // a rollback may still be under way
                Ok(!connection.is_in_transaction())
            })
        })
        // A connection's own wait for a lock comes first, so that the error names the lock.
        .acquire_timeout(busy + Duration::from_secs(20))
}
