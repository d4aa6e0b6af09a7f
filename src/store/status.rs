//! What a database holds.

use serde::Serialize;

use super::{
    Store, StoreError,
    codes::Columns as _,
    sql::{Text, query},
};

/// A database in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The file, or the server and the database.
    pub path: String,
    /// Version of its tables.
    pub schema: i64,
    /// Addresses that visits start from.
    pub sites: u64,
    /// Visits stored.
    pub visits: u64,
    /// Runs begun.
    pub runs: u64,
    /// Size of the file without the write-ahead log, or of the tables with their indexes.
    pub bytes: u64,
}

impl Store {
    /// What the database holds.
    pub async fn status(&self) -> Result<Status, StoreError> {
        let doing = "looking at the database";
        macro_rules! figures {
            ($bytes:literal) => {
                concat!(
                    "SELECT (SELECT max(version) FROM _sqlx_migrations) AS known, (SELECT count(*) FROM site) AS sites,
                            (SELECT count(*) FROM visit) AS visits, (SELECT count(*) FROM run) AS runs, ",
                    $bytes,
                    " AS bytes"
                )
            };
        }
        let row = query(Text::each(
            figures!("(SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)"),
            figures!(
                "(SELECT CAST(coalesce(sum(pg_total_relation_size(oid)), 0) AS BIGINT) FROM pg_class
                  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r')"
            ),
        ))
        .fetch_one(&self.readers)
        .await
        .map_err(|error| self.error(doing, error))?;
        let read = || {
            Ok(Status {
                path: self.name().to_owned(),
                schema: row.try_get("known")?,
                sites: row.number("sites")?,
                visits: row.number("visits")?,
                runs: row.number("runs")?,
                bytes: row.number("bytes")?,
            })
        };
        read().map_err(|error| self.error(doing, error))
    }
}
