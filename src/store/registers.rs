//! Importing snapshots of public registers: one transaction each, the same file twice is one snapshot.

use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use crate::{
    config::MaxAges,
    registry::{AnprRow, Content, Extract, IpaBody, IstatComune, Join, Published, Register, RegisterState, resolve},
};

use super::{
    Store, StoreError,
    codes::{count, json, time_text},
    open::begin,
};

/// Rows handed to the database at a time: enough to make the calls few, little enough to keep their text small.
const CHUNK: usize = 2_000;

/// Snapshots with less rows are no measure for the next one.
const FEW_ROWS: u64 = 100;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Imported {
    /// A snapshot was added.
    Added,
    /// Another file for the same register and date took the place of the earlier one.
    Replaced,
    /// This file was there already; nothing was written.
    Unchanged,
}

/// An import, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportDone {
    /// What was done.
    pub did: Imported,
    /// Date of the snapshot; that of the earlier import when nothing was written.
    pub dated: Date,
    /// What the rows joined.
    pub joins: Vec<Join>,
}

/// A register's newest snapshots, for saying what an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnapshotInfo {
    /// Code of the register.
    pub register: String,
    /// Part of it; empty for a register in one piece.
    pub part: String,
    /// As of.
    pub dated: Date,
    /// Where it came from, as told at the import.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// True when what it does not list was not in the register.
    pub whole: bool,
    /// Rows used.
    pub kept: u64,
}

/// Where one kind of row goes: table, and column = key in the row's JSON.
struct Destination {
    table: &'static str,
    columns: &'static [(&'static str, &'static str)],
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

const ISTAT: Destination = Destination {
    table: "istat_comune",
    columns: &same(["catastale", "codice_istat", "name", "full_name", "sigla", "region", "population"]),
};
const ANPR: Destination = Destination {
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
};
const IPA: Destination = Destination {
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
};
const APPLICATIONS: Destination = Destination {
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
};
const AVVISI: Destination = Destination {
    table: "avviso",
    columns: &same(["title", "measure", "opens", "closes", "state", "cents", "bodies"]),
};
const APPIO: Destination = Destination { table: "appio_body", columns: &same(["codice_fiscale", "name", "services"]) };
const SERVICES: Destination =
    Destination { table: "appio_service", columns: &same(["service", "codice_fiscale", "name", "quality"]) };
const SPID: Destination = Destination {
    table: "spid_provider",
    columns: &same(["entity", "codice_ipa", "codice_fiscale", "organisation", "aggregated"]),
};
const COMUNI: Destination = Destination {
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
};
const CODES: Destination = Destination { table: "known_code", columns: &same(["kind", "code", "catastale"]) };

/// One service as a flat row.
#[derive(Serialize)]
struct ServiceRow<'a> {
    codice_fiscale: &'a str,
    service: &'a str,
    name: &'a str,
    quality: Option<bool>,
}

/// One body as a flat row.
#[derive(Serialize)]
struct BodyRow<'a> {
    codice_fiscale: &'a str,
    name: &'a str,
    services: usize,
}

impl Store {
    /// Stores one file of a register as its snapshot of a date, all of it or nothing.
    ///
    /// The same file for the same date changes nothing. `guessed` says that nobody named the date: then the same file is
    /// the same snapshot whatever the guess. Another file for a date takes the place of the one before.
    pub async fn import_register(
        &self,
        extract: &Extract,
        dated: Date,
        guessed: bool,
        source: &str,
    ) -> Result<ImportDone, StoreError> {
        self.try_import(extract, dated, guessed, source)
            .await
            .map_err(|error| self.error("importing a register", error))
    }

    async fn try_import(
        &self,
        extract: &Extract,
        dated: Date,
        guessed: bool,
        source: &str,
    ) -> Result<ImportDone, sqlx::Error> {
        let mut transaction = begin(&self.writer).await?;
        let known: Option<(i64, String, String)> = sqlx::query_as(
            "SELECT id, dated, sha256 FROM register_snapshot
             WHERE register = ?1 AND part = ?2 AND (dated = ?3 OR (?4 AND sha256 = ?5))
             ORDER BY sha256 = ?5 DESC, dated DESC LIMIT 1",
        )
        .bind(extract.register.code())
        .bind(&extract.part)
        .bind(dated.to_string())
        .bind(guessed)
        .bind(&extract.sha256)
        .fetch_optional(&mut *transaction)
        .await?;
        let mut did = Imported::Added;
        if let Some((id, known_date, sha256)) = known {
            if sha256 == extract.sha256 {
                let joins = joins(&mut transaction, extract.register, id).await?;
                transaction.rollback().await?;
                return Ok(ImportDone { did: Imported::Unchanged, dated: known_date.parse().unwrap_or(dated), joins });
            }
            sqlx::query("DELETE FROM register_snapshot WHERE id = ?1").bind(id).execute(&mut *transaction).await?;
            did = Imported::Replaced;
        }
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO register_snapshot (register, part, dated, source, sha256, whole, rows, kept, quality, imported)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
        )
        .bind(extract.register.code())
        .bind(&extract.part)
        .bind(dated.to_string())
        .bind(source)
        .bind(&extract.sha256)
        .bind(extract.whole)
        .bind(count(extract.quality.rows))
        .bind(count(extract.quality.kept))
        .bind(json(&extract.quality)?)
        .bind(time_text(self.clock.now()))
        .fetch_one(&mut *transaction)
        .await?;
        insert_content(&mut transaction, id, &extract.content).await?;
        if matches!(extract.register, Register::Ipa | Register::Istat | Register::Anpr) {
            rebuild(&mut transaction).await?;
        }
        link(&mut transaction).await?;
        let joins = joins(&mut transaction, extract.register, id).await?;
        transaction.commit().await?;
        Ok(ImportDone { did, dated, joins })
    }

    /// The snapshot beside which a file of a date looks cut: the latest of its part up to that date, when the file has less
    /// than nine tenths of its rows. Registers grow, or lose a few rows a year; those that come in pieces of any size
    /// (metadata of SPID providers) and snapshots of less than a hundred rows say nothing; nor does a file that was taken in
    /// before, when its date is only `guessed`: it is that snapshot, on whatever day it is read again.
    pub async fn outgrown(
        &self,
        extract: &Extract,
        dated: Date,
        guessed: bool,
    ) -> Result<Option<SnapshotInfo>, StoreError> {
        if extract.register == Register::Spid || (guessed && self.is_known(extract).await?) {
            return Ok(None);
        }
        let last = self.snapshots(Some(dated)).await?.into_iter().find(|info| {
            info.register == extract.register.code() && info.part == extract.part && info.sha256 != extract.sha256
        });
        Ok(last.filter(|last| last.kept >= FEW_ROWS && extract.quality.kept * 10 < last.kept * 9))
    }

    async fn is_known(&self, extract: &Extract) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM register_snapshot WHERE register = ?1 AND part = ?2 AND sha256 = ?3)",
        )
        .bind(extract.register.code())
        .bind(&extract.part)
        .bind(&extract.sha256)
        .fetch_one(&self.readers)
        .await
        .map_err(|error| self.error("reading the registers", error))
    }

    /// The newest snapshot of each part of each register, not later than a date if one is given.
    pub async fn snapshots(&self, as_of: Option<Date>) -> Result<Vec<SnapshotInfo>, StoreError> {
        let doing = "reading the registers";
        let rows = sqlx::query(
            "SELECT register, part, dated, source, sha256, whole, kept FROM register_snapshot s
             WHERE dated = (SELECT max(dated) FROM register_snapshot
                            WHERE register = s.register AND part = s.part AND (?1 IS NULL OR dated <= ?1))
             ORDER BY register, part",
        )
        .bind(as_of.map(|date| date.to_string()))
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error(doing, error))?;
        let info = |row: &sqlx::sqlite::SqliteRow| {
            let dated: String = row.try_get("dated")?;
            Ok(SnapshotInfo {
                register: row.try_get("register")?,
                part: row.try_get("part")?,
                dated: dated.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(error.into()))?,
                source: row.try_get("source")?,
                sha256: row.try_get("sha256")?,
                whole: row.try_get("whole")?,
                kept: u64::try_from(row.try_get::<i64, _>("kept")?).unwrap_or(0),
            })
        };
        rows.iter().map(info).collect::<Result<_, _>>().map_err(|error| self.error(doing, error))
    }
}

impl Store {
    /// The newest snapshot of each part of each register up to a day, with its age on that day. A register that is not in
    /// the list was not imported by then: what it would say is unknown.
    pub async fn register_states(&self, as_of: Date, ages: MaxAges) -> Result<Vec<RegisterState>, StoreError> {
        let snapshots = self.snapshots(Some(as_of)).await?;
        let states = snapshots.into_iter().filter_map(|info| {
            let register = Register::of_code(&info.register)?;
            let SnapshotInfo { part, dated, source, sha256, whole, kept, .. } = info;
            let mut state = RegisterState {
                register,
                part,
                date: dated,
                source,
                digest: sha256,
                whole,
                kept,
                age_days: 0,
                stale: false,
            };
            state.look_from(as_of, ages);
            Some(state)
        });
        Ok(states.collect())
    }
}

async fn insert_content(connection: &mut SqliteConnection, id: i64, content: &Content) -> Result<(), sqlx::Error> {
    let id = Some(id);
    match content {
        Content::Istat(rows) => insert(connection, &ISTAT, id, false, rows).await,
        Content::Anpr(rows) => insert(connection, &ANPR, id, true, rows).await,
        Content::Ipa(rows) => insert(connection, &IPA, id, false, rows).await,
        Content::Candidature(rows) => insert(connection, &APPLICATIONS, id, true, rows).await,
        Content::Avvisi(rows) => insert(connection, &AVVISI, id, true, rows).await,
        Content::Spid(rows) => insert(connection, &SPID, id, false, rows).await,
        Content::Appio(bodies) => {
            let rows: Vec<BodyRow<'_>> = bodies
                .iter()
                .map(|body| BodyRow {
                    codice_fiscale: &body.codice_fiscale,
                    name: &body.name,
                    services: body.services.len(),
                })
                .collect();
            insert(connection, &APPIO, id, false, &rows).await?;
            let services: Vec<ServiceRow<'_>> = bodies
                .iter()
                .flat_map(|body| {
                    body.services.iter().map(|service| ServiceRow {
                        codice_fiscale: &body.codice_fiscale,
                        service: &service.id,
                        name: &service.name,
                        quality: service.quality,
                    })
                })
                .collect();
            insert(connection, &SERVICES, id, false, &services).await
        }
    }
}

/// Writes rows as chunks of JSON that the database takes apart: one call for two thousand rows. With `placed`, the
/// place in the file is kept as `position`.
async fn insert<T: Serialize>(
    connection: &mut SqliteConnection,
    into: &Destination,
    snapshot: Option<i64>,
    placed: bool,
    rows: &[T],
) -> Result<(), sqlx::Error> {
    let names: String = into.columns.iter().map(|(column, _)| format!(", \"{column}\"")).collect();
    let values: String = into.columns.iter().map(|(_, key)| format!(", value ->> '{key}'")).collect();
    let (head, first) = match (snapshot.is_some(), placed) {
        (true, true) => ("snapshot, position", "?1, ?3 + key"),
        (true, false) => ("snapshot", "?1"),
        (false, _) => ("", ""),
    };
    let (names, values) = if head.is_empty() {
        (names.trim_start_matches(", "), values.trim_start_matches(", "))
    } else {
        (&*names, &*values)
    };
    let table = into.table;
    // Only names of ours are put into the text; what was read is bound.
    let statement = format!("INSERT INTO {table} ({head}{names}) SELECT {first}{values} FROM json_each(?2)");
    for (chunk, place) in rows.chunks(CHUNK).zip((0_i64..).step_by(CHUNK)) {
        sqlx::query(AssertSqlSafe(statement.clone()))
            .bind(snapshot)
            .bind(json(chunk)?)
            .bind(place)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Makes the comuni anew out of all snapshots of ISTAT, ANPR and IPA.
async fn rebuild(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let istat: Vec<Published<IstatComune>> = published(
        connection,
        "SELECT s.dated, s.whole, json_object('catastale', catastale, 'codice_istat', codice_istat, 'name', name,
                'full_name', full_name, 'sigla', sigla, 'region', region, 'population', population) AS row
         FROM register_snapshot s JOIN istat_comune r ON r.snapshot = s.id
         ORDER BY s.dated, s.part, catastale",
    )
    .await?;
    let anpr: Vec<Published<AnprRow>> = published(
        connection,
        "SELECT s.dated, s.whole, json_object('id', anpr_id, 'instituted', instituted, 'ceased', ceased,
                'codice_istat', codice_istat, 'catastale', catastale, 'name', name, 'other_name', other_name,
                'sigla', sigla) AS row
         FROM register_snapshot s JOIN anpr_comune r ON r.snapshot = s.id ORDER BY s.dated, position",
    )
    .await?;
    let ipa: Vec<Published<IpaBody>> = published(
        connection,
        "SELECT s.dated, s.whole, json_object('codice_ipa', codice_ipa, 'published', published, 'name', name,
                'comune_by_name', json(iif(comune_by_name, 'true', 'false')), 'seat', seat,
                'codice_istat', codice_istat, 'catastale', catastale, 'codice_fiscale', codice_fiscale,
                'sigla', sigla, 'pec', pec, 'website', website, 'url', url) AS row
         FROM register_snapshot s JOIN ipa_body r ON r.snapshot = s.id ORDER BY s.dated, s.part, codice_ipa",
    )
    .await?;
    let joined = resolve(&istat, &anpr, &ipa);
    sqlx::query("DELETE FROM known_code").execute(&mut *connection).await?;
    sqlx::query("DELETE FROM known_comune").execute(&mut *connection).await?;
    insert(connection, &COMUNI, None, false, &joined.comuni).await?;
    insert(connection, &CODES, None, false, &joined.codes).await
}

/// Rows of all snapshots of a table, one list for each snapshot (told by its date), in the order of the query.
async fn published<T: DeserializeOwned>(
    connection: &mut SqliteConnection,
    query: &'static str,
) -> Result<Vec<Published<T>>, sqlx::Error> {
    let mut lists: Vec<Published<T>> = Vec::new();
    let rows: Vec<(String, bool, String)> = sqlx::query_as(query).fetch_all(&mut *connection).await?;
    for (dated, whole, row) in rows {
        let dated: Date = dated.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(error.into()))?;
        let row: T = serde_json::from_str(&row).map_err(|error| sqlx::Error::Decode(error.into()))?;
        match lists.last_mut() {
            Some(list) if list.dated == dated && list.whole == whole => list.rows.push(row),
            _ => lists.push(Published { dated, whole, rows: vec![row] }),
        }
    }
    Ok(lists)
}

/// Ties rows to comuni by their codes: the IPA code first, then the fiscal code, then an ISTAT code that leads to one
/// comune only. Rows that nothing ties stay untied.
async fn link(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    const TIES: [&str; 4] = [
        "UPDATE ipa_body SET comune = (SELECT min(catastale) FROM known_code WHERE kind = 'ipa' AND code = codice_ipa)",
        "UPDATE application SET comune = coalesce(
             (SELECT min(catastale) FROM known_code WHERE kind = 'ipa' AND code = codice_ipa),
             (SELECT min(catastale) FROM known_code WHERE kind = 'istat' AND code = codice_istat
              HAVING count(*) = 1))",
        "UPDATE appio_body SET comune =
             (SELECT min(catastale) FROM known_code WHERE kind = 'fiscale' AND code = codice_fiscale
              HAVING count(*) = 1)",
        "UPDATE spid_provider SET comune = coalesce(
             (SELECT min(catastale) FROM known_code WHERE kind = 'ipa' AND code = codice_ipa),
             (SELECT min(catastale) FROM known_code WHERE kind = 'fiscale' AND code = codice_fiscale
              HAVING count(*) = 1))",
    ];
    for tie in TIES {
        sqlx::query(tie).execute(&mut *connection).await?;
    }
    Ok(())
}

/// How many rows of a snapshot joined what.
async fn joins(connection: &mut SqliteConnection, register: Register, id: i64) -> Result<Vec<Join>, sqlx::Error> {
    const BY_IPA: &str = "SELECT count(*), count(*) FILTER (WHERE codice_ipa IN (SELECT codice_ipa FROM ipa_body))
                          FROM application WHERE snapshot = ?1";
    let queries: &[(&'static str, &'static str)] = match register {
        Register::Ipa => &[(
            "comune",
            "SELECT count(*) FILTER (WHERE comune_by_name OR comune IS NOT NULL), count(comune) FROM ipa_body WHERE snapshot = ?1",
        )],
        Register::Istat => &[(
            "ipa",
            "SELECT count(*), count(k.codice_ipa) FROM istat_comune i
             LEFT JOIN known_comune k ON k.catastale = i.catastale WHERE i.snapshot = ?1",
        )],
        Register::Candidature => {
            &[("ipa", BY_IPA), ("comune", "SELECT count(*), count(comune) FROM application WHERE snapshot = ?1")]
        }
        Register::Appio => &[("comune", "SELECT count(*), count(comune) FROM appio_body WHERE snapshot = ?1")],
        Register::Spid => &[("comune", "SELECT count(*), count(comune) FROM spid_provider WHERE snapshot = ?1")],
        Register::Anpr | Register::Avvisi => &[],
    };
    let mut found = Vec::new();
    for (to, query) in queries {
        let (of, joined): (i64, i64) = sqlx::query_as(*query).bind(id).fetch_one(&mut *connection).await?;
        found.push(Join { to, of: u64::try_from(of).unwrap_or(0), joined: u64::try_from(joined).unwrap_or(0) });
    }
    Ok(found)
}
