//! What other rules say of visits whose bytes are kept, and which catalogues there are.

use serde::Serialize;

use crate::model::{CatalogueId, Finding, Outcome, Platform, Strength};

use super::{
    RunId, Store, StoreError, VisitId,
    observations::{make, rule},
    sql::{Connection, Row, query, query_scalar},
    write::catalogue_id,
};

/// A catalogue that findings or judgements were made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueInfo {
    /// Its number in this database.
    pub id: CatalogueId,
    /// Its version.
    pub version: String,
    /// Its digest.
    pub sha256: String,
    /// Whether histories are kept as it sees them: visits were judged again with it.
    pub series: bool,
}

/// How people name a catalogue: `VERSION@DIGEST`, the digest's first eight digits.
pub fn catalogue_name(version: &str, sha256: &str) -> String {
    format!("{version}@{}", sha256.get(..8).unwrap_or(sha256))
}

impl CatalogueInfo {
    /// See [`catalogue_name`].
    pub fn name(&self) -> String {
        catalogue_name(&self.version, &self.sha256)
    }

    /// Whether `text` means it: its version, the beginning of its digest (four digits at least), or its name.
    pub fn is_meant(&self, text: &str) -> bool {
        let digest = text.len() >= 4 && self.sha256.starts_with(&text.to_ascii_lowercase());
        text == self.version || digest || text == self.name()
    }
}

/// A visit that can be judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// The visit.
    pub visit: VisitId,
    /// Whom it is about: visits with the same number are about one comune, or one site that is nobody's.
    pub subject: i64,
    /// The rules that it was judged by.
    pub rules: CatalogueId,
    /// Whether bytes of it are kept.
    pub kept: bool,
}

/// The judgement of one visit: its findings on the platforms that are decided, by other rules.
pub type Judgement = (VisitId, Vec<Finding>);

impl Store {
    /// Every catalogue, in the order in which they came.
    pub async fn catalogues(&self) -> Result<Vec<CatalogueInfo>, StoreError> {
        let work = async { catalogues(&mut self.readers.begin_reading().await?).await };
        work.await.map_err(|error: sqlx::Error| self.error("reading the catalogues", error))
    }

    /// All visits, those of a run, or those of a comune (by name, code or site), by whom they are about and by number.
    pub async fn visits_to_judge(&self, run: Option<RunId>, of: Option<&str>) -> Result<Vec<Judged>, StoreError> {
        let doing = "reading the visits";
        if let Some(run) = run {
            self.run_info(run).await?;
        }
        let rows = query(
            "SELECT v.id, v.subject, v.catalogue,
                    EXISTS (SELECT 1 FROM evidence_record r WHERE r.visit = v.id AND r.kind = 'metadata' AND r.gone IS NULL) AS kept
             FROM visit v JOIN site s ON s.id = v.site LEFT JOIN comune c ON c.id = v.comune
             WHERE v.subject IS NOT NULL AND ($1 IS NULL OR v.run = $1)
               AND ($2 IS NULL OR coalesce(v.url, s.url) = $2 OR lower(c.codice_ipa) = $3 OR c.codice_istat = $2
                    OR lower(c.codice_catastale) = $3 OR c.codice_fiscale = $2
                    OR lower(c.name) IN ($3, 'comune di ' || $3))
             ORDER BY v.subject, v.id",
        )
        .bind(run.map(|run| run.0))
        .bind(of)
        .bind(of.map(str::to_ascii_lowercase))
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error(doing, error))?;
        let one = |row: &Row| {
            Ok(Judged {
                visit: VisitId(row.try_get("id")?),
                subject: row.try_get("subject")?,
                rules: CatalogueId(row.try_get("catalogue")?),
                kept: row.try_get("kept")?,
            })
        };
        rows.iter().map(one).collect::<Result<_, sqlx::Error>>().map_err(|error| self.error(doing, error))
    }

    /// Keeps what a catalogue says of visits of one subject, and makes the subject's histories anew, in one transaction. The
    /// findings of the visits stay as they are. Says whether anything is new.
    ///
    /// The caller holds the lock of the database.
    pub async fn judge_again(
        &self,
        (version, sha256): (&str, &str),
        subject: i64,
        judgements: &[Judgement],
    ) -> Result<bool, StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            let catalogue = catalogue_id(&mut transaction, version, sha256).await?;
            let mut new = false;
            for (visit, findings) in judgements {
                for finding in findings.iter().filter(|one| Platform::DECIDED.contains(&one.platform)) {
                    new |= insert(&mut transaction, (visit.0, catalogue), finding).await?;
                }
            }
            let begun = query("UPDATE catalogue SET series = TRUE WHERE id = $1 AND NOT series").bind(catalogue);
            let begun = begun.execute(&mut transaction).await? > 0;
            let confirm = rule(&mut transaction).await?;
            if begun {
                // Whoever was visited with these rules has a history by them from now on.
                let visited: Vec<i64> = query_scalar(
                    "SELECT DISTINCT subject FROM visit WHERE catalogue = $1 AND same_as IS NULL AND subject IS NOT NULL
                       AND subject <> $2 ORDER BY subject",
                )
                .bind(catalogue)
                .bind(subject)
                .fetch_all(&mut transaction)
                .await?;
                for other in visited {
                    make(&mut transaction, other, confirm).await?;
                }
            }
            if new || begun {
                make(&mut transaction, subject, confirm).await?;
            }
            transaction.commit().await?;
            Ok(new)
        };
        work.await.map_err(|error: sqlx::Error| self.error("storing judgements", error))
    }
}

/// Says whether it is another answer than the one that was kept.
async fn insert(
    connection: &mut Connection,
    (visit, catalogue): (i64, i64),
    finding: &Finding,
) -> Result<bool, sqlx::Error> {
    let Finding { platform, outcome, strength, reason, .. } = finding;
    let changed = query(
        "INSERT INTO judgement (visit, catalogue, platform, outcome, strength, reason) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (visit, catalogue, platform)
         DO UPDATE SET outcome = excluded.outcome, strength = excluded.strength, reason = excluded.reason
         WHERE judgement.outcome <> excluded.outcome OR judgement.reason <> excluded.reason
            OR judgement.strength IS DISTINCT FROM excluded.strength",
    )
    .bind(visit)
    .bind(catalogue)
    .bind(Platform::code(*platform))
    .bind(Outcome::code(*outcome))
    .bind(strength.map(Strength::code))
    .bind(reason.code())
    .execute(&mut *connection)
    .await?;
    Ok(changed > 0)
}

pub(super) async fn catalogues(connection: &mut Connection) -> Result<Vec<CatalogueInfo>, sqlx::Error> {
    let rows =
        query("SELECT id, version, sha256, series FROM catalogue ORDER BY id").fetch_all(&mut *connection).await?;
    let one = |row: &Row| {
        Ok(CatalogueInfo {
            id: CatalogueId(row.try_get("id")?),
            version: row.try_get("version")?,
            sha256: row.try_get("sha256")?,
            series: row.try_get("series")?,
        })
    };
    rows.iter().map(one).collect()
}
