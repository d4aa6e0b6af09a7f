//! Importing snapshots of public registers: one transaction each, the same file twice is one snapshot.

use jiff::civil::Date;
use serde::Serialize;

use crate::{
    config::MaxAges,
    registry::{AnprRow, Content, Extract, IpaBody, IstatComune, Join, Published, Register, RegisterState, resolve},
};

use super::{
    Store, StoreError,
    codes::{count, json, time_text},
    rows::{ANPR, APPIO, APPLICATIONS, AVVISI, CODES, COMUNI, IPA, ISTAT, SERVICES, SPID, insert, published},
    sql::{Connection, Row, query, query_as, query_scalar},
};

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
        let mut transaction = self.writer.begin().await?;
        let known: Option<(i64, String, String)> = query_as(
            "SELECT id, dated, sha256 FROM register_snapshot
             WHERE register = $1 AND part = $2 AND (dated = $3 OR ($4 AND sha256 = $5))
             ORDER BY sha256 = $5 DESC, dated DESC LIMIT 1",
        )
        .bind(extract.register.code())
        .bind(&extract.part)
        .bind(dated.to_string())
        .bind(guessed)
        .bind(&extract.sha256)
        .fetch_optional(&mut transaction)
        .await?;
        let mut did = Imported::Added;
        if let Some((id, known_date, sha256)) = known {
            if sha256 == extract.sha256 {
                let joins = joins(&mut transaction, extract.register, id).await?;
                transaction.rollback().await?;
                return Ok(ImportDone { did: Imported::Unchanged, dated: known_date.parse().unwrap_or(dated), joins });
            }
            query("DELETE FROM register_snapshot WHERE id = $1").bind(id).execute(&mut transaction).await?;
            did = Imported::Replaced;
        }
        let id: i64 = query_scalar(
            "INSERT INTO register_snapshot (register, part, dated, source, sha256, whole, rows, kept, quality, imported)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
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
        .fetch_one(&mut transaction)
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
        query_scalar(
            "SELECT EXISTS (SELECT 1 FROM register_snapshot WHERE register = $1 AND part = $2 AND sha256 = $3)",
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
        let rows = query(
            "SELECT register, part, dated, source, sha256, whole, kept FROM register_snapshot s
             WHERE dated = (SELECT max(dated) FROM register_snapshot
                            WHERE register = s.register AND part = s.part AND ($1 IS NULL OR dated <= $1))
             ORDER BY register, part",
        )
        .bind(as_of.map(|date| date.to_string()))
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error(doing, error))?;
        let info = |row: &Row| {
            let dated: String = row.try_get("dated")?;
            Ok(SnapshotInfo {
                register: row.try_get("register")?,
                part: row.try_get("part")?,
                dated: dated.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(error.into()))?,
                source: row.try_get("source")?,
                sha256: row.try_get("sha256")?,
                whole: row.try_get("whole")?,
                kept: u64::try_from(row.try_get::<i64>("kept")?).unwrap_or(0),
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

async fn insert_content(connection: &mut Connection, id: i64, content: &Content) -> Result<(), sqlx::Error> {
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

/// Makes the comuni anew out of all snapshots of ISTAT, ANPR and IPA.
async fn rebuild(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let istat: Vec<Published<IstatComune>> = published(
        connection,
        &ISTAT,
        "SELECT s.dated, s.whole, r.* FROM register_snapshot s JOIN istat_comune r ON r.snapshot = s.id
         ORDER BY s.dated, s.part, r.catastale",
    )
    .await?;
    let anpr: Vec<Published<AnprRow>> = published(
        connection,
        &ANPR,
        "SELECT s.dated, s.whole, r.* FROM register_snapshot s JOIN anpr_comune r ON r.snapshot = s.id
         ORDER BY s.dated, r.position",
    )
    .await?;
    let ipa: Vec<Published<IpaBody>> = published(
        connection,
        &IPA,
        "SELECT s.dated, s.whole, r.* FROM register_snapshot s JOIN ipa_body r ON r.snapshot = s.id
         ORDER BY s.dated, s.part, r.codice_ipa",
    )
    .await?;
    let joined = resolve(&istat, &anpr, &ipa);
    query("DELETE FROM known_code").execute(&mut *connection).await?;
    query("DELETE FROM known_comune").execute(&mut *connection).await?;
    insert(connection, &COMUNI, None, false, &joined.comuni).await?;
    insert(connection, &CODES, None, false, &joined.codes).await
}

/// Ties rows to comuni by their codes: the IPA code first, then the fiscal code, then an ISTAT code that leads to one
/// comune only. Rows that nothing ties stay untied.
async fn link(connection: &mut Connection) -> Result<(), sqlx::Error> {
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
        query(tie).execute(&mut *connection).await?;
    }
    Ok(())
}

/// How many rows of a snapshot joined what.
async fn joins(connection: &mut Connection, register: Register, id: i64) -> Result<Vec<Join>, sqlx::Error> {
    const BY_IPA: &str = "SELECT count(*), count(*) FILTER (WHERE codice_ipa IN (SELECT codice_ipa FROM ipa_body))
                          FROM application WHERE snapshot = $1";
    let queries: &[(&'static str, &'static str)] = match register {
        Register::Ipa => &[(
            "comune",
            "SELECT count(*) FILTER (WHERE comune_by_name OR comune IS NOT NULL), count(comune) FROM ipa_body WHERE snapshot = $1",
        )],
        Register::Istat => &[(
            "ipa",
            "SELECT count(*), count(k.codice_ipa) FROM istat_comune i
             LEFT JOIN known_comune k ON k.catastale = i.catastale WHERE i.snapshot = $1",
        )],
        Register::Candidature => {
            &[("ipa", BY_IPA), ("comune", "SELECT count(*), count(comune) FROM application WHERE snapshot = $1")]
        }
        Register::Appio => &[("comune", "SELECT count(*), count(comune) FROM appio_body WHERE snapshot = $1")],
        Register::Spid => &[("comune", "SELECT count(*), count(comune) FROM spid_provider WHERE snapshot = $1")],
        Register::Anpr | Register::Avvisi => &[],
    };
    let mut found = Vec::new();
    for (to, query) in queries {
        let (of, joined): (i64, i64) = query_as(*query).bind(id).fetch_one(&mut *connection).await?;
        found.push(Join { to, of: u64::try_from(of).unwrap_or(0), joined: u64::try_from(joined).unwrap_or(0) });
    }
    Ok(found)
}
