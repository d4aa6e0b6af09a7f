//! Registers as rows: many at a time into their tables, and back.

use serde::{Serialize, de::DeserializeOwned};

use crate::registry::Published;

use super::{
    codes::json,
    comuni::day,
    sql::{Connection, Row, Text, query},
};

/// Rows handed to the database at a time: enough to make the calls few, little enough to keep their text small.
const CHUNK: usize = 2_000;

/// Where one kind of row goes: table, and column = key in the row's JSON. Columns are text if not said otherwise.
pub(super) struct Destination {
    table: &'static str,
    columns: &'static [(&'static str, &'static str)],
    numbers: &'static [&'static str],
    flags: &'static [&'static str],
}

impl Destination {
    /// What the JSON of a column is in PostgreSQL.
    fn kind(&self, column: &str) -> &'static str {
        if self.numbers.contains(&column) {
            "BIGINT"
        } else if self.flags.contains(&column) {
            "BOOLEAN"
        } else {
            "TEXT"
        }
    }

    /// One row as it was before it was stored.
    fn row(&self, row: &Row) -> Result<serde_json::Value, sqlx::Error> {
        let mut object = serde_json::Map::new();
        for (column, key) in self.columns {
            let value = match self.kind(column) {
                "BIGINT" => row.try_get::<Option<i64>>(column)?.into(),
                "BOOLEAN" => row.try_get::<Option<bool>>(column)?.into(),
                _ => row.try_get::<Option<String>>(column)?.into(),
            };
            object.insert((*key).to_owned(), value);
        }
        Ok(object.into())
    }
}

const fn same<const N: usize>(names: [&'static str; N]) -> [(&'static str, &'static str); N] {
    let mut pairs = [("", ""); N];
    let mut at = 0;
    while at < N {
        pairs[at] = (names[at], names[at]);
        at += 1;
    }
    pairs
}

pub(super) const ISTAT: Destination = Destination {
    table: "istat_comune",
    columns: &same(["catastale", "codice_istat", "name", "full_name", "sigla", "region", "population"]),
    numbers: &["population"],
    flags: &[],
};
pub(super) const ANPR: Destination = Destination {
    table: "anpr_comune",
    columns: &[
        ("anpr_id", "id"),
        ("instituted", "instituted"),
        ("ceased", "ceased"),
        ("codice_istat", "codice_istat"),
        ("catastale", "catastale"),
        ("name", "name"),
        ("other_name", "other_name"),
        ("sigla", "sigla"),
    ],
    numbers: &[],
    flags: &[],
};
pub(super) const IPA: Destination = Destination {
    table: "ipa_body",
    columns: &same([
        "codice_ipa",
        "published",
        "name",
        "comune_by_name",
        "seat",
        "codice_istat",
        "catastale",
        "codice_fiscale",
        "sigla",
        "pec",
        "website",
        "url",
    ]),
    numbers: &[],
    flags: &["comune_by_name"],
};
pub(super) const APPLICATIONS: Destination = Destination {
    table: "application",
    columns: &[
        ("codice_ipa", "codice_ipa"),
        ("name", "comune"),
        ("codice_istat", "codice_istat"),
        ("sigla", "sigla"),
        ("region", "region"),
        ("cents", "cents"),
        ("avviso", "avviso"),
        ("measure", "measure"),
        ("submitted", "submitted"),
        ("funded", "funded"),
        ("cup", "cup"),
        ("window", "window"),
        ("protocol", "protocol"),
        ("decree", "decree"),
        ("state", "state"),
        ("state_date", "state_date"),
    ],
    numbers: &["cents", "window"],
    flags: &[],
};
pub(super) const AVVISI: Destination = Destination {
    table: "avviso",
    columns: &same(["title", "measure", "opens", "closes", "state", "cents", "bodies"]),
    numbers: &["cents"],
    flags: &[],
};
pub(super) const APPIO: Destination = Destination {
    table: "appio_body",
    columns: &same(["codice_fiscale", "name", "services"]),
    numbers: &["services"],
    flags: &[],
};
pub(super) const SERVICES: Destination = Destination {
    table: "appio_service",
    columns: &same(["service", "codice_fiscale", "name", "quality"]),
    numbers: &[],
    flags: &["quality"],
};
pub(super) const SPID: Destination = Destination {
    table: "spid_provider",
    columns: &same(["entity", "codice_ipa", "codice_fiscale", "organisation", "aggregated"]),
    numbers: &[],
    flags: &["aggregated"],
};
pub(super) const COMUNI: Destination = Destination {
    table: "known_comune",
    columns: &[
        ("catastale", "catastale"),
        ("codice_istat", "codice_istat"),
        ("name", "name"),
        ("full_name", "full_name"),
        ("sigla", "sigla"),
        ("region", "region"),
        ("population", "population"),
        ("population_dated", "population_dated"),
        ("is_current", "exists"),
        ("ceased", "ceased"),
        ("codice_ipa", "codice_ipa"),
        ("ipa_by", "ipa_by"),
        ("codice_fiscale", "codice_fiscale"),
        ("pec", "pec"),
        ("website", "website"),
        ("url", "url"),
    ],
    numbers: &["population"],
    flags: &["is_current"],
};
pub(super) const CODES: Destination =
    Destination { table: "known_code", columns: &same(["kind", "code", "catastale"]), numbers: &[], flags: &[] };

/// Writes rows as chunks of JSON that the database takes apart: one call for two thousand rows. With `placed`, the
/// place in the file is kept as `position`.
pub(super) async fn insert<T: Serialize>(
    connection: &mut Connection,
    into: &Destination,
    snapshot: Option<i64>,
    placed: bool,
    rows: &[T],
) -> Result<(), sqlx::Error> {
    let (head, first) = match (snapshot.is_some(), placed) {
        (true, true) => ("snapshot, position, ", "$1, $3 + place, "),
        (true, false) => ("snapshot, ", "$1, "),
        (false, _) => ("", ""),
    };
    let table = into.table;
    let list = |each: &dyn Fn(&str, &str) -> String| {
        into.columns.iter().map(|(column, key)| each(column, key)).collect::<Vec<_>>().join(", ")
    };
    let columns = list(&|column, _| format!("\"{column}\""));
    // Only names of ours are put into the text; what was read is bound.
    let sqlite = format!(
        "INSERT INTO {table} ({head}{columns})
         SELECT {first}{} FROM (SELECT key AS place, value FROM json_each($2))",
        list(&|_, key| format!("value ->> '{key}'")),
    );
    let postgres = format!(
        "INSERT INTO {table} ({head}{columns})
         SELECT {first}{keys} FROM (
             SELECT ordinality - 1 AS place, {keys}
             FROM ROWS FROM (json_to_recordset($2::json) AS ({typed})) WITH ORDINALITY) AS r",
        keys = list(&|_, key| format!("\"{key}\"")),
        typed = list(&|column, key| format!("\"{key}\" {}", into.kind(column))),
    );
    for (chunk, place) in rows.chunks(CHUNK).zip((0_i64..).step_by(CHUNK)) {
        query(Text::made(sqlite.clone(), postgres.clone()))
            .bind(snapshot)
            .bind(json(chunk)?)
            .bind(place)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Rows of all snapshots of a table, one list for each snapshot (told by its date), in the order of the query.
pub(super) async fn published<T: DeserializeOwned>(
    connection: &mut Connection,
    from: &Destination,
    text: &'static str,
) -> Result<Vec<Published<T>>, sqlx::Error> {
    let mut lists: Vec<Published<T>> = Vec::new();
    for row in query(text).fetch_all(&mut *connection).await? {
        let (dated, whole) = (day(&row, "dated")?, row.try_get("whole")?);
        let row: T = serde_json::from_value(from.row(&row)?).map_err(|error| sqlx::Error::Decode(error.into()))?;
        match lists.last_mut() {
            Some(list) if list.dated == dated && list.whole == whole => list.rows.push(row),
            _ => lists.push(Published { dated, whole, rows: vec![row] }),
        }
    }
    Ok(lists)
}
