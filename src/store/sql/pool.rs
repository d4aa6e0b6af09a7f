//! Connections of either engine.

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

/// What an advisory lock of ours is called; `RISC` and a number.
const WRITER_LOCK: i64 = 0x5249_5343_0000_0001;

/// Connections to one database.
#[derive(Debug, Clone)]
pub(in crate::store) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A connection inside a transaction. Dropped without [`Connection::commit`], nothing of it was done.
pub(in crate::store) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Where a statement is sent: to any connection of a pool, or into a transaction.
pub(in crate::store) enum On<'a> {
    Pool(&'a Pool),
    Connection(&'a mut Connection),
}

impl<'a> From<&'a Pool> for On<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Connection> for On<'a> {
    fn from(connection: &'a mut Connection) -> Self {
        Self::Connection(connection)
    }
}

impl Pool {
    /// A transaction that writes. Only one at a time is open on a database, whichever process it is of; others wait here.
    ///
    /// SQLite takes its write lock at the start: a transaction that reads first and writes later would fail at once,
    /// whatever the time limit, when another program wrote in between. On PostgreSQL an advisory lock that ends with the
    /// transaction does the same, so that what is read in it is what it will be changed from.
    pub(in crate::store) async fn begin(&self) -> Result<Connection, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => Ok(Connection::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(pool) => {
                let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
                sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITER_LOCK).execute(&mut *transaction).await?;
                Ok(Connection::Postgres(transaction))
            }
        }
    }

    /// A transaction that reads: everything in it is of one state of the database.
    pub(in crate::store) async fn begin_reading(&self) -> Result<Connection, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => Ok(Connection::Sqlite(pool.begin().await?)),
            Self::Postgres(pool) => {
                let transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                Ok(Connection::Postgres(transaction))
            }
        }
    }

    pub(in crate::store) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Connection {
    /// Keeps what was done.
    pub(in crate::store) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }

    /// Undoes what was done.
    pub(in crate::store) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await,
            Self::Postgres(transaction) => transaction.rollback().await,
        }
    }
}
