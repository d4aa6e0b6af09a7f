//! Findings as flat rows, for tables outside.

use std::ops::ControlFlow;

use jiff::{Timestamp, Unit};
use serde::Serialize;

use crate::model::{Outcome, Platform, Reason, Strength};

use super::{
    RunId, Store, StoreError,
    codes::Columns,
    sql::{Connection, Row, Text, query},
};

/// Rows read at a time.
const BATCH: i64 = 1_000;

/// Which findings are wanted. The default is all of the latest visit of each site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// The visits of this run, in place of the latest visit of each site.
    pub run: Option<RunId>,
    /// Only this platform.
    pub platform: Option<Platform>,
    /// Only this outcome.
    pub outcome: Option<Outcome>,
}

/// One finding with its strongest signal. The order of the fields is the order of the columns, and is a promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingRow {
    /// IPA code of the comune, lower case.
    pub codice_ipa: Option<String>,
    /// Name of the comune.
    pub name: Option<String>,
    /// Where the visit started.
    pub url: String,
    /// When the visit started, to the second, UTC.
    pub visited: Timestamp,
    /// The platform.
    pub platform: Platform,
    /// The answer.
    pub outcome: Outcome,
    /// The strongest signal's strength.
    pub strength: Option<Strength>,
    /// Why.
    pub reason: Reason,
    /// Rule of the strongest signal.
    pub rule: Option<String>,
    /// Page that carries it.
    pub evidence_url: Option<String>,
    /// Label of the control.
    pub label: Option<String>,
    /// Where it leads.
    pub target: Option<String>,
    /// What was matched.
    pub excerpt: Option<String>,
    /// SHA-256 of the body it was read from.
    pub sha256: Option<String>,
    /// Version of the catalogue that the visit was judged with.
    pub catalogue: String,
    /// Root of the chain that its bytes are in, as far as it is written.
    pub evidence_root: Option<String>,
}

macro_rules! rows_of {
    ($visits:literal) => {
        concat!(
            "SELECT s.id AS site, f.id AS finding, c.codice_ipa, c.name, coalesce(v.url, s.url) AS url, v.started, f.platform, f.outcome,
                    f.strength, f.reason, g.rule, g.url AS evidence_url, g.label, g.target, g.excerpt, g.sha256,
                    k.version, (SELECT e.root FROM evidence_record b JOIN evidence_chain e ON e.id = b.chain
                                WHERE b.visit = v.id LIMIT 1) AS evidence_root
             FROM ",
            $visits,
            " JOIN catalogue k ON k.id = v.catalogue
              LEFT JOIN comune c ON c.id = v.comune
              JOIN finding f ON f.visit = coalesce(v.same_as, v.id)
              LEFT JOIN signal g ON g.finding = f.id AND g.position = 0
             WHERE s.id >= $1 AND (s.id > $1 OR f.id > $2) AND ($3 IS NULL OR v.run = $3)
               AND ($4 IS NULL OR f.platform = $4) AND ($5 IS NULL OR f.outcome = $5)
             ORDER BY s.id, f.id LIMIT $6"
        )
    };
}

/// `s` comes first and in the order of its key, so that a batch starts where the last one ended. SQLite is told so by
/// `CROSS JOIN`; PostgreSQL finds the few hundred sites of a batch by itself when the newest visits are looked up one by one.
const LATEST: Text = Text::each(
    rows_of!("site s CROSS JOIN visit v ON v.id = (SELECT max(id) FROM visit WHERE site = s.id)"),
    rows_of!("site s JOIN visit v ON v.id = (SELECT max(id) FROM visit WHERE site = s.id)"),
);
const OF_RUN: &str = rows_of!("visit v JOIN site s ON s.id = v.site");

impl Store {
    /// Hands out findings one by one, by site in the order in which sites became known, until the last one or until
    /// `each` breaks off. All rows are of one moment, even while a run writes; memory does not grow with their number.
    ///
    /// A run that does not exist is [`StoreError::NoSuchRun`], not an empty answer.
    pub async fn for_each_latest_finding<F>(&self, filter: FindingFilter, mut each: F) -> Result<(), StoreError>
    where
        F: FnMut(FindingRow) -> ControlFlow<()> + Send,
    {
        if let Some(run) = filter.run {
            self.run_info(run).await?;
        }
        let doing = "reading findings";
        // One read transaction: the batches are cut from one state of the database.
        let mut transaction = self.readers.begin_reading().await.map_err(|error| self.error(doing, error))?;
        let mut after = (0, 0);
        loop {
            let rows = batch(&mut transaction, filter, after).await.map_err(|error| self.error(doing, error))?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = (last.0, last.1);
            let end = i64::try_from(rows.len()).is_ok_and(|rows| rows < BATCH);
            for (_, _, row) in rows {
                if each(row).is_break() {
                    return Ok(());
                }
            }
            if end {
                return Ok(());
            }
        }
    }
}

async fn batch(
    connection: &mut Connection,
    filter: FindingFilter,
    after: (i64, i64),
) -> Result<Vec<(i64, i64, FindingRow)>, sqlx::Error> {
    let rows = query(if filter.run.is_some() { OF_RUN.into() } else { LATEST })
        .bind(after.0)
        .bind(after.1)
        .bind(filter.run.map(|run| run.0))
        .bind(filter.platform.map(Platform::code))
        .bind(filter.outcome.map(Outcome::code))
        .bind(BATCH)
        .fetch_all(&mut *connection)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("site")?, row.try_get("finding")?, finding_row(row)?))).collect()
}

fn finding_row(row: &Row) -> Result<FindingRow, sqlx::Error> {
    let started = row.time("started")?;
    Ok(FindingRow {
        codice_ipa: row.try_get("codice_ipa")?,
        name: row.try_get("name")?,
        url: row.try_get("url")?,
        visited: started
            .round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Trunc))
            .unwrap_or(started),
        platform: row.code("platform")?,
        outcome: row.code("outcome")?,
        strength: row.code_option("strength")?,
        reason: row.reason("reason")?,
        rule: row.try_get("rule")?,
        evidence_url: row.try_get("evidence_url")?,
        label: row.try_get("label")?,
        target: row.try_get("target")?,
        excerpt: row.try_get("excerpt")?,
        sha256: row.try_get("sha256")?,
        catalogue: row.try_get("version")?,
        evidence_root: row.try_get("evidence_root")?,
    })
}
