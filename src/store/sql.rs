//! One way to speak to either engine.
//!
//! A statement is written once, with `$1`, `$2`, ... for its values, and runs on SQLite and on PostgreSQL; where the two
//! need different words, [`Text::each`] holds both. Values are bound with a type of their own even when they are missing,
//! so that `$1 IS NULL OR column = $1` means the same on both.
//!
//! What both engines must be told so that they answer alike:
//!
//! * `NULLS FIRST` or `NULLS LAST` wherever an ordered column can be missing; they disagree on the default.
//! * `CAST(sum(...) AS BIGINT)`: a sum is another type than what was summed.
//! * `TRUE`, `FALSE` and `NOT flag`, never 1, 0 and `flag = 0`.
//! * `IS NOT DISTINCT FROM` for "equal, or both missing".
//! * Text is folded to lower case by us ([`str::to_ascii_lowercase`]): a server would fold by its own locale.
//! * Lists are JSON: `SELECT value FROM json_each($1)`, with `CAST(value AS BIGINT)` for numbers. PostgreSQL has
//!   `json_each(text)` from our first migration.

mod pool;
mod row;

use std::borrow::Cow;

use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Postgres, SqlSafeStr as _, SqlStr, Sqlite, postgres::PgArguments, sqlite::SqliteArguments};

pub(super) use pool::{Connection, On, Pool};
pub(super) use row::{Field, Readable, Row};

/// The words of a statement.
#[derive(Debug, Clone)]
pub(super) struct Text {
    sqlite: Words,
    /// None where they are the same.
    postgres: Option<Words>,
}

#[derive(Debug, Clone)]
enum Words {
    Fixed(&'static str),
    /// Made of names of ours; what was read from outside is always bound.
    Made(String),
}

impl Words {
    fn safe(self) -> SqlStr {
        match self {
            Self::Fixed(text) => text.into_sql_str(),
            Self::Made(text) => AssertSqlSafe(text).into_sql_str(),
        }
    }
}

impl Text {
    /// Other words for each engine.
    pub(super) const fn each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite: Words::Fixed(sqlite), postgres: Some(Words::Fixed(postgres)) }
    }

    /// Words that were put together, of names of ours only.
    pub(super) const fn made(sqlite: String, postgres: String) -> Self {
        Self { sqlite: Words::Made(sqlite), postgres: Some(Words::Made(postgres)) }
    }

    fn for_sqlite(self) -> SqlStr {
        self.sqlite.safe()
    }

    fn for_postgres(self) -> SqlStr {
        self.postgres.unwrap_or(self.sqlite).safe()
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self { sqlite: Words::Fixed(text), postgres: None }
    }
}

/// A value for a statement. What is missing keeps its type.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Int(Option<i64>),
    Bool(Option<bool>),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(Some(value))
    }
}

impl From<Option<bool>> for Value {
    fn from(value: Option<bool>) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(storable(Cow::Borrowed(value))))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(storable(Cow::Owned(value))))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        value.as_str().into()
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(|value| storable(Cow::Borrowed(value))))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value.map(|value| storable(Cow::Owned(value))))
    }
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        value.as_deref().into()
    }
}

/// PostgreSQL has no character NUL, and SQLite's own tools end a text there. A page can spell one (in a signed statement, in a
/// certificate), and must not end the run by it: it is stored as what HTML makes of it.
fn storable(text: Cow<'_, str>) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.into_owned() }
}

/// A statement with its values, and how its rows are read.
#[must_use = "a statement does nothing until it is sent"]
pub(super) struct Query<T> {
    text: Text,
    values: Vec<Value>,
    read: fn(Row) -> Result<T, sqlx::Error>,
}

/// A statement whose rows are read column by column.
pub(super) fn query(text: impl Into<Text>) -> Query<Row> {
    Query { text: text.into(), values: Vec::new(), read: Ok }
}

/// A statement whose rows are tuples.
pub(super) fn query_as<T: Readable>(text: impl Into<Text>) -> Query<T> {
    Query { text: text.into(), values: Vec::new(), read: |row| row.all() }
}

/// A statement with one column.
pub(super) fn query_scalar<T: Field>(text: impl Into<Text>) -> Query<T> {
    Query { text: text.into(), values: Vec::new(), read: |row| row.first() }
}

type ForSqlite = sqlx::query::Query<'static, Sqlite, SqliteArguments>;
type ForPostgres = sqlx::query::Query<'static, Postgres, PgArguments>;

impl<T> Query<T> {
    /// Gives the next value.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    fn for_sqlite(self) -> ForSqlite {
        self.values.into_iter().fold(sqlx::query(self.text.for_sqlite()), |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Bool(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        })
    }

    fn for_postgres(self) -> ForPostgres {
        self.values.into_iter().fold(sqlx::query(self.text.for_postgres()), |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Bool(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        })
    }

    /// All rows.
    pub(super) async fn fetch_all(self, on: impl Into<On<'_>>) -> Result<Vec<T>, sqlx::Error> {
        let read = self.read;
        match on.into() {
            On::Pool(Pool::Sqlite(pool)) => rows(self.for_sqlite().fetch_all(pool).await?, Row::Sqlite, read),
            On::Pool(Pool::Postgres(pool)) => rows(self.for_postgres().fetch_all(pool).await?, Row::Postgres, read),
            On::Connection(Connection::Sqlite(one)) => {
                rows(self.for_sqlite().fetch_all(&mut **one).await?, Row::Sqlite, read)
            }
            On::Connection(Connection::Postgres(one)) => {
                rows(self.for_postgres().fetch_all(&mut **one).await?, Row::Postgres, read)
            }
        }
    }

    /// Row after row as they come: of a long list only what `each` keeps is held.
    pub(super) async fn fetch_each(
        self,
        connection: &mut Connection,
        mut each: impl FnMut(T) -> Result<(), sqlx::Error> + Send,
    ) -> Result<(), sqlx::Error> {
        let read = self.read;
        match connection {
            Connection::Sqlite(one) => {
                let mut rows = self.for_sqlite().fetch(&mut **one);
                while let Some(row) = rows.try_next().await? {
                    each(read(Row::Sqlite(row))?)?;
                }
            }
            Connection::Postgres(one) => {
                let mut rows = self.for_postgres().fetch(&mut **one);
                while let Some(row) = rows.try_next().await? {
                    each(read(Row::Postgres(row))?)?;
                }
            }
        }
        Ok(())
    }

    /// The first row, when there is one.
    pub(super) async fn fetch_optional(self, on: impl Into<On<'_>>) -> Result<Option<T>, sqlx::Error> {
        let read = self.read;
        let row = match on.into() {
            On::Pool(Pool::Sqlite(pool)) => self.for_sqlite().fetch_optional(pool).await?.map(Row::Sqlite),
            On::Pool(Pool::Postgres(pool)) => self.for_postgres().fetch_optional(pool).await?.map(Row::Postgres),
            On::Connection(Connection::Sqlite(one)) => {
                self.for_sqlite().fetch_optional(&mut **one).await?.map(Row::Sqlite)
            }
            On::Connection(Connection::Postgres(one)) => {
                self.for_postgres().fetch_optional(&mut **one).await?.map(Row::Postgres)
            }
        };
        row.map(read).transpose()
    }

    /// The first row, which there must be.
    pub(super) async fn fetch_one(self, on: impl Into<On<'_>>) -> Result<T, sqlx::Error> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Does it, and says how many rows it changed.
    pub(super) async fn execute(self, on: impl Into<On<'_>>) -> Result<u64, sqlx::Error> {
        Ok(match on.into() {
            On::Pool(Pool::Sqlite(pool)) => self.for_sqlite().execute(pool).await?.rows_affected(),
            On::Pool(Pool::Postgres(pool)) => self.for_postgres().execute(pool).await?.rows_affected(),
            On::Connection(Connection::Sqlite(one)) => self.for_sqlite().execute(&mut **one).await?.rows_affected(),
            On::Connection(Connection::Postgres(one)) => self.for_postgres().execute(&mut **one).await?.rows_affected(),
        })
    }
}

fn rows<R, T>(
    rows: Vec<R>,
    wrap: fn(R) -> Row,
    read: fn(Row) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, sqlx::Error> {
    rows.into_iter().map(|row| read(wrap(row))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_no_server_takes_is_replaced() {
        let Value::Text(Some(text)) = Value::from("a\0b") else { panic!("a text") };
        assert_eq!(text, "a\u{fffd}b");
        let Value::Text(Some(text)) = Value::from("perché".to_owned()) else { panic!("a text") };
        assert_eq!(text, "perché");
    }
}
