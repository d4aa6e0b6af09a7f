//! The database as a second program sees it: a connection of the test's own.

use std::{
    io::{Read as _, Write as _},
    path::Path,
    time::Duration,
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;
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

/// Does something while nobody else gets at the file.
pub fn alone<T>(path: &Path, work: impl FnOnce() -> T) -> T {
    with(path, async |connection| {
        for statement in ["PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE"] {
            sqlx::query(statement).execute(&mut *connection).await.unwrap();
        }
        work()
    })
}

/// Makes all that is stored a day older: as if it were tomorrow. Evidence is left alone, its digests hold its times.
pub fn a_day_passes(path: &Path) {
    with(path, async |connection| {
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'evidence%'
                      AND name NOT LIKE 'sqlite%' ORDER BY name";
        for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&mut *connection).await.unwrap() {
            let columns = "SELECT name FROM pragma_table_info(?1) WHERE type = 'TEXT'";
            for column in
                sqlx::query_scalar::<_, String>(columns).bind(&table).fetch_all(&mut *connection).await.unwrap()
            {
                // Names out of the schema itself. A time is 30 characters; what is after the second stays.
                let shift = sqlx::AssertSqlSafe(format!(
                    "UPDATE \"{table}\" SET \"{column}\" =
                         strftime('%Y-%m-%dT%H:%M:%S', substr(\"{column}\", 1, 19), '-1 day') || substr(\"{column}\", 20)
                     WHERE length(\"{column}\") = 30 AND \"{column}\" GLOB '20??-??-??T??:??:??.?????????Z'"
                ));
                sqlx::query(shift).execute(&mut *connection).await.unwrap();
            }
        }
        // What subscribers were told holds times as well.
        let told = "SELECT id, state FROM subscription WHERE state IS NOT NULL";
        let told: Vec<(i64, Vec<u8>)> = sqlx::query_as(told).fetch_all(&mut *connection).await.unwrap();
        for (id, state) in told {
            let change = "UPDATE subscription SET state = ?2 WHERE id = ?1";
            sqlx::query(change).bind(id).bind(a_day_older(&state)).execute(&mut *connection).await.unwrap();
        }
    });
}

/// A state, one byte and compressed JSON, with each time a day earlier.
fn a_day_older(state: &[u8]) -> Vec<u8> {
    fn older(value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Ok(time) = text.parse::<Timestamp>() {
                    *text = time.checked_sub(24.hours()).unwrap().to_string();
                }
            }
            Value::Array(values) => values.iter_mut().for_each(older),
            Value::Object(values) => values.values_mut().for_each(older),
            _ => {}
        }
    }
    let mut text = String::new();
    GzDecoder::new(&state[1..]).read_to_string(&mut text).unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    older(&mut value);
    let mut out = GzEncoder::new(vec![state[0]], Compression::default());
    out.write_all(value.to_string().as_bytes()).unwrap();
    out.finish().unwrap()
}

/// Fails unless SQLite itself finds the file whole and every reference kept.
#[track_caller]
pub fn assert_whole(path: &Path) {
    assert_eq!(rows(path, "PRAGMA integrity_check"), [["ok"]]);
    assert_eq!(rows(path, "SELECT \"table\" FROM pragma_foreign_key_check"), Vec::<Vec<String>>::new());
}
