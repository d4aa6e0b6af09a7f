//! Rows of either engine.

use sqlx::{Decode, FromRow, Postgres, Row as _, Sqlite, Type, postgres::PgRow, sqlite::SqliteRow};

/// A row of either engine.
pub(in crate::store) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What one column can be read as, without borrowing from the row.
pub(in crate::store) trait Field: for<'r> FieldOf<'r> {}
impl<T: for<'r> FieldOf<'r>> Field for T {}

/// What one column can be read as.
pub(in crate::store) trait FieldOf<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}
impl<'r, T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>> FieldOf<'r> for T {}

/// What a whole row can be read as: tuples of fields.
pub(in crate::store) trait Readable:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>
{
}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>> Readable for T {}

impl Row {
    /// One column, by name.
    pub(in crate::store) fn try_get<'r, T: FieldOf<'r>>(&'r self, column: &str) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    pub(super) fn first<T: Field>(self) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(0),
            Self::Postgres(row) => row.try_get(0),
        }
    }

    pub(super) fn all<T: Readable>(self) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => T::from_row(&row),
            Self::Postgres(row) => T::from_row(&row),
        }
    }
}
