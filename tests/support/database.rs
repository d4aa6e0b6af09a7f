//! The database as a second program sees it: a connection of the test's own.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

fn with<T>(path: &Path, work: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(5));
        let mut connection = options.connect().await.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let result = work(&mut connection).await;
        connection.close().await.unwrap();
        result
    })
}

/// The rows of a query, every column as text (`CAST` numbers in the query); NULL is empty.
#[track_caller]
pub fn rows(path: &Path, query: &'static str) -> Vec<Vec<String>> {
    let text = |row: &SqliteRow| {
        (0..row.len()).map(|column| row.get::<Option<String>, _>(column).unwrap_or_default()).collect()
    };
    with(path, async |connection| {
        let rows = sqlx::query(query).fetch_all(connection).await;
        rows.unwrap_or_else(|error| panic!("{query}: {error}")).iter().map(text).collect()
    })
}

/// Every row of every table as text, in the order of the tables: what must be the same when nothing was written.
pub fn dump(path: &Path) -> Vec<String> {
    with(path, async |connection| {
        let mut all = Vec::new();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&mut *connection).await.unwrap() {
            let columns =
                "SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') FROM pragma_table_info(?1)";
            let columns: String = sqlx::query_scalar(columns).bind(&table).fetch_one(&mut *connection).await.unwrap();
            // Names out of the schema itself.
            let query = sqlx::AssertSqlSafe(format!("SELECT {columns} FROM \"{table}\" ORDER BY 1"));
            let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut *connection).await.unwrap();
            all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        all
    })
}

/// One number; `None` when the database is not there yet, or not that far.
pub fn number(path: &Path, query: &'static str) -> Option<i64> {
    if !path.exists() {
        return None;
    }
    with(path, async |connection| sqlx::query_scalar(query).fetch_one(connection).await.ok())
}

/// Changes something, as nobody but a test should.
pub fn change(path: &Path, statement: &'static str) {
    with(path, async |connection| {
        sqlx::query(statement).execute(connection).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    });
}

/// Fails unless SQLite itself finds the file whole and every reference kept.
#[track_caller]
pub fn assert_whole(path: &Path) {
    assert_eq!(rows(path, "PRAGMA integrity_check"), [["ok"]]);
    assert_eq!(rows(path, "SELECT \"table\" FROM pragma_foreign_key_check"), Vec::<Vec<String>>::new());
}
