//! Opening a database: folder, connections, schema.

use std::{io, path::Path, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::clock::Clock;

use super::{Store, StoreError, database_path, observations::make_missing};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// `RISC`, as written by the first migration.
const APPLICATION_ID: i64 = 0x5249_5343;

/// How long a lock of another program is waited for.
const BUSY: Duration = Duration::from_secs(10);

/// Reports read while a run writes; more readers than this gain nothing on one disk.
const READERS: u32 = 4;

impl Store {
    /// Opens a database for reading and writing, makes it (and its folder) when it is missing, and brings its schema
    /// up to date. `address` is `sqlite://FILE` or a path; see [`database_path`].
    ///
    /// Several processes may open one new file at the same moment: one of them makes the tables, the others wait.
    pub async fn open(address: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_waiting(address, clock, BUSY).await
    }

    pub(super) async fn open_waiting(address: &str, clock: Arc<dyn Clock>, busy: Duration) -> Result<Self, StoreError> {
        let path = database_path(address)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| StoreError::Folder { path: folder.to_path_buf(), source })?;
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
        let store = Self {
            writer: pool(1, busy).connect_lazy_with(options.clone()),
            readers: pool(READERS, busy).connect_lazy_with(options.read_only(true)),
            path: path.into(),
            clock,
        };
        store.alone(busy).await?;
        Ok(store)
    }

    /// Turning a new file to write-ahead logging needs the file alone for a moment, and for that moment SQLite does not
    /// wait by itself: several that open one new file would turn each other away.
    async fn alone(&self, busy: Duration) -> Result<(), StoreError> {
        const AGAIN: Duration = Duration::from_millis(20);
        let mut last = None;
        let tries = async {
            loop {
                match self.bring_up_to_date().await {
                    Err(error @ StoreError::Locked { .. }) => last = Some(error),
                    other => return other,
                }
                tokio::time::sleep(AGAIN).await;
            }
        };
        match tokio::time::timeout(busy + AGAIN, tries).await {
            Ok(opened) => opened,
            Err(_) => Err(last.unwrap_or(StoreError::Locked { path: self.path.to_path_buf(), doing: "opening" })),
        }
    }

    /// Opens an existing database for reading only: nothing is made, nothing is upgraded, and every write ends in
    /// [`StoreError::ReadOnly`].
    pub async fn open_for_reading(address: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let path = database_path(address)?;
        refuse_folder(&path)?;
        if let Err(error) = std::fs::metadata(&path) {
            return Err(match error.kind() {
                io::ErrorKind::NotFound => StoreError::Missing { path },
                _ => StoreError::Open { path, detail: error.to_string() },
            });
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .read_only(true)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let readers = pool(READERS, BUSY).connect_lazy_with(options);
        let store = Self { writer: readers.clone(), readers, path: path.into(), clock };
        let mut connection = store.readers.acquire().await.map_err(|error| store.error("opening", error))?;
        let known = known_schema();
        match store.schema(&mut connection).await? {
            Some(found) if found < known => {
                Err(StoreError::OlderSchema { path: store.path.to_path_buf(), found, known })
            }
            Some(_) => {
                drop(connection);
                Ok(store)
            }
            None => Err(StoreError::Missing { path: store.path.to_path_buf() }),
        }
    }

    /// One transaction around all migrations: no half-made schema, and no two processes making it at once. Taking the
    /// write lock also proves, before any site is visited, that results can be stored.
    async fn bring_up_to_date(&self) -> Result<(), StoreError> {
        let doing = "opening";
        let mut transaction =
            self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.error(doing, error))?;
        if self.schema(&mut transaction).await? == Some(known_schema()) && self.is_whole(&mut transaction).await? {
            return transaction.rollback().await.map_err(|error| self.error(doing, error));
        }
        // `run` on a connection gives a future that cannot change threads (its `Acquire` bound is not general enough);
        // `run_direct` is what it calls.
        MIGRATIONS.run_direct(None, &mut *transaction, false).await.map_err(|error| match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                self.error("making the tables", source)
            }
            other => StoreError::Migrate { path: self.path.to_path_buf(), source: Box::new(other) },
        })?;
        make_missing(&mut transaction).await.map_err(|error| self.error("making the observations", error))?;
        transaction.commit().await.map_err(|error| self.error("making the tables", error))
    }

    /// Whether every migration was applied: a database may have been made while one of a lower number was still being
    /// written.
    async fn is_whole(&self, connection: &mut SqliteConnection) -> Result<bool, StoreError> {
        let applied: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations")
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| self.error("reading the schema", error))?;
        Ok(usize::try_from(applied).is_ok_and(|applied| applied == MIGRATIONS.iter().count()))
    }

    /// The schema version of the file; `None` when the file is empty.
    async fn schema(&self, connection: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
        let doing = "reading the schema";
        let fail = |error| self.error(doing, error);
        let (owner, tables, ours): (i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT application_id FROM pragma_application_id),
                    (SELECT count(*) FROM sqlite_schema WHERE type = 'table'),
                    (SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations')",
        )
        .fetch_one(&mut *connection)
        .await
        .map_err(fail)?;
        if owner != APPLICATION_ID {
            return if owner == 0 && tables == 0 {
                Ok(None)
            } else {
                Err(StoreError::Foreign { path: self.path.to_path_buf() })
            };
        }
        if ours == 0 {
            return Ok(None);
        }
        let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
            .fetch_one(&mut *connection)
            .await
            .map_err(fail)?;
        let known = known_schema();
        if found > known {
            return Err(StoreError::NewerSchema { path: self.path.to_path_buf(), found, known });
        }
        Ok(Some(found))
    }
}

/// A folder in place of the file: SQLite would only say that it cannot open it.
fn refuse_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Err(StoreError::Open { path: path.to_path_buf(), detail: "it is a folder".to_owned() });
    }
    Ok(())
}

fn known_schema() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// What a program of before would have made.
#[cfg(test)]
pub(super) fn migrations_up_to(version: i64) -> Migrator {
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

/// The write lock is taken at the start: a transaction that reads first and writes later would fail at once, whatever
/// the time limit, when another program wrote in between.
pub(super) async fn begin(writer: &SqlitePool) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, sqlx::Error> {
    writer.begin_with("BEGIN IMMEDIATE").await
}
