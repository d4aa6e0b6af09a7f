//! Opening a database: connections, schema.

mod postgres;
mod sqlite;

use std::{sync::Arc, time::Duration};

use sqlx::migrate::{MigrateError, Migrator};

use crate::clock::Clock;

use super::{
    Address, Store, StoreError,
    observations::make_missing,
    sql::{Connection, Text, query_scalar},
};

#[cfg(test)]
pub(super) use sqlite::migrations_up_to;

/// `RISC`, as written by the first migration.
const APPLICATION_ID: i64 = 0x5249_5343;

/// How long a lock of another program is waited for.
const BUSY: Duration = Duration::from_secs(10);

/// Reports read while a run writes; more readers than this gain nothing on one disk.
const READERS: u32 = 4;

impl Store {
    /// Opens a database for reading and writing and brings its schema up to date. A file (and its folder) is made when it is
    /// missing; on a server the database must be there, empty or ours. For `address` see [`Address::parse`].
    ///
    /// Several processes may open one new database at the same moment: one of them makes the tables, the others wait.
    pub async fn open(address: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_waiting(address, clock, BUSY).await
    }

    pub(super) async fn open_waiting(address: &str, clock: Arc<dyn Clock>, busy: Duration) -> Result<Self, StoreError> {
        match Address::parse(address)? {
            Address::File(path) => sqlite::open(path, clock, busy).await,
            Address::Server(server) => postgres::open(server, clock, busy).await,
        }
    }

    /// Opens an existing database for reading only: nothing is made, nothing is upgraded, and every write ends in
    /// [`StoreError::ReadOnly`].
    pub async fn open_for_reading(address: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let store = match Address::parse(address)? {
            Address::File(path) => sqlite::open_for_reading(path, clock)?,
            Address::Server(server) => postgres::open_for_reading(server, clock).await?,
        };
        let mut connection = store.readers.begin_reading().await.map_err(|error| store.error("opening", error))?;
        let known = store.known_schema();
        match store.schema(&mut connection).await? {
            Some(found) if found < known => Err(StoreError::OlderSchema { at: store.name().to_owned(), found, known }),
            Some(_) => {
                drop(connection);
                Ok(store)
            }
            None => Err(StoreError::Missing { at: store.name().to_owned() }),
        }
    }

    /// One transaction around all migrations: no half-made schema, and no two processes making it at once. Taking the
    /// write lock also proves, before any site is visited, that results can be stored.
    async fn bring_up_to_date(&self) -> Result<(), StoreError> {
        let doing = "opening";
        let mut transaction = self.writer.begin().await.map_err(|error| self.error(doing, error))?;
        if self.schema(&mut transaction).await? == Some(self.known_schema()) && self.is_whole(&mut transaction).await? {
            return transaction.rollback().await.map_err(|error| self.error(doing, error));
        }
        // `run` on a connection gives a future that cannot change threads (its `Acquire` bound is not general enough);
        // `run_direct` is what it calls.
        let migrated = match &mut transaction {
            Connection::Sqlite(one) => sqlite::MIGRATIONS.run_direct(None, &mut **one, false).await,
            Connection::Postgres(one) => postgres::MIGRATIONS.run_direct(None, &mut **one, false).await,
        };
        migrated.map_err(|error| match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                self.error("making the tables", source)
            }
            other => StoreError::Migrate { at: self.name().to_owned(), source: Box::new(other) },
        })?;
        make_missing(&mut transaction).await.map_err(|error| self.error("making the observations", error))?;
        transaction.commit().await.map_err(|error| self.error("making the tables", error))
    }

    fn migrations(&self) -> &'static Migrator {
        match &*self.place {
            Address::File(_) => &sqlite::MIGRATIONS,
            Address::Server(_) => &postgres::MIGRATIONS,
        }
    }

    fn known_schema(&self) -> i64 {
        self.migrations().iter().map(|migration| migration.version).max().unwrap_or(0)
    }

    /// Whether every migration was applied: a database may have been made while one of a lower number was still being
    /// written.
    async fn is_whole(&self, connection: &mut Connection) -> Result<bool, StoreError> {
        let applied: i64 = query_scalar("SELECT count(*) FROM _sqlx_migrations")
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| self.error("reading the schema", error))?;
        Ok(usize::try_from(applied).is_ok_and(|applied| applied == self.migrations().iter().count()))
    }

    /// The schema version of a database; `None` when it is empty.
    async fn schema(&self, connection: &mut Connection) -> Result<Option<i64>, StoreError> {
        /// Whose it is, how many tables it has, and whether the one of the migrations is among them.
        const WHOSE: Text = Text::each(
            "SELECT (SELECT application_id FROM pragma_application_id)",
            // A table of ours, in the schema that ours are made in.
            "SELECT coalesce((SELECT 1380537155::bigint FROM pg_class
                              WHERE relnamespace = current_schema()::regnamespace AND relname = 'riscontro'), 0)",
        );
        const TABLES: Text = Text::each(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND ($1 IS NULL OR name = $1)",
            // What belongs to an extension makes a database nobody's.
            "SELECT count(*) FROM pg_class c
             WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
               AND ($1 IS NULL OR relname = $1)
               AND NOT EXISTS (SELECT 1 FROM pg_depend d
                               WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')",
        );
        let fail = |error| self.error("reading the schema", error);
        let owner: i64 = query_scalar(WHOSE).fetch_one(&mut *connection).await.map_err(fail)?;
        let nothing: Option<&str> = None;
        if owner != APPLICATION_ID {
            let tables: i64 = query_scalar(TABLES).bind(nothing).fetch_one(&mut *connection).await.map_err(fail)?;
            return if owner == 0 && tables == 0 {
                Ok(None)
            } else {
                Err(StoreError::Foreign { at: self.name().to_owned() })
            };
        }
        let ours: i64 =
            query_scalar(TABLES).bind("_sqlx_migrations").fetch_one(&mut *connection).await.map_err(fail)?;
        if ours == 0 {
            return Ok(None);
        }
        let found: i64 = query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
            .fetch_one(&mut *connection)
            .await
            .map_err(fail)?;
        let known = self.known_schema();
        if found > known {
            return Err(StoreError::NewerSchema { at: self.name().to_owned(), found, known });
        }
        Ok(Some(found))
    }
}
