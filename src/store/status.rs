//! What a database holds.

use serde::Serialize;
use sqlx::Row as _;

use super::{Store, StoreError, codes::Columns as _};

/// A database in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The file.
    pub path: String,
    /// Version of its tables.
    pub schema: i64,
    /// Addresses that visits start from.
    pub sites: u64,
    /// Visits stored.
    pub visits: u64,
    /// Runs begun.
    pub runs: u64,
    /// Size of the file, without the write-ahead log.
    pub bytes: u64,
}

impl Store {
    /// What the database holds.
    pub async fn status(&self) -> Result<Status, StoreError> {
        let doing = "looking at the database";
        let row = sqlx::query(
            "SELECT (SELECT max(version) FROM _sqlx_migrations) AS schema, (SELECT count(*) FROM site) AS sites,
                    (SELECT count(*) FROM visit) AS visits, (SELECT count(*) FROM run) AS runs",
        )
        .fetch_one(&self.readers)
        .await
        .map_err(|error| self.error(doing, error))?;
        let read = || {
            Ok(Status {
                path: self.path.display().to_string(),
                schema: row.try_get("schema")?,
                sites: row.number("sites")?,
                visits: row.number("visits")?,
                runs: row.number("runs")?,
                bytes: std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len()),
            })
        };
        read().map_err(|error| self.error(doing, error))
    }
}
