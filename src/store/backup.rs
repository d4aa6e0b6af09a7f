//! A copy of a database, made while others may write.

use std::path::Path;

use super::{
    Address, Store, StoreError,
    sql::{Pool, query},
};

impl Store {
    /// Writes a copy of the file as it is at this moment to `to`, which must not be there, flushed to the disk. A run goes
    /// on meanwhile. False when the database is on a server: that has programs of its own for it.
    pub async fn copy_to(&self, to: &Path) -> Result<bool, StoreError> {
        if !matches!((&*self.place, &self.readers), (Address::File(_), Pool::Sqlite(_))) {
            return Ok(false);
        }
        query("VACUUM INTO $1")
            .bind(to.display().to_string())
            .execute(&self.readers)
            .await
            .map_err(|error| self.error("copying the database", error))?;
        let flushed = std::fs::File::options().write(true).open(to).and_then(|file| file.sync_all());
        flushed.map_err(|source| StoreError::Folder { path: to.to_path_buf(), source })?;
        Ok(true)
    }
}
