//! One comune, with everything that is known of it.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use crate::{
    model::{Outcome, Platform, Reason},
    registry::{aim, names},
};

use super::{
    ApplicationFacts, Store, StoreError,
    cases::applications_of,
    codes::{Columns as _, day_after},
    sql::{Connection, Row, query, query_scalar},
};

/// What a name or code led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// One comune.
    One(Box<ComuneFile>),
    /// Several: homonyms, or a code that was used again.
    Several(Vec<ComuneName>),
    /// None; comuni with a name like it, nearest first, at most five.
    Nobody(Vec<ComuneName>),
}

/// Enough to tell one comune from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComuneName {
    /// Cadastral code.
    pub catastale: String,
    /// Name.
    pub name: String,
    /// Letters of the province.
    pub sigla: Option<String>,
    /// False when it has ceased.
    pub current: bool,
}

/// All that is known of one comune.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComuneFile {
    /// Cadastral code.
    pub catastale: String,
    /// Name.
    pub name: String,
    /// Name in both languages.
    pub full_name: Option<String>,
    /// Letters of the province.
    pub sigla: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// False when it is in no current list.
    pub current: bool,
    /// When it ceased, if the archive says so.
    pub ceased: Option<String>,
    /// ISTAT codes: ISTAT's own first, then other numberings and earlier ones.
    pub codici_istat: Vec<String>,
    /// IPA codes: the present one first.
    pub codici_ipa: Vec<String>,
    /// How the IPA code was joined.
    pub ipa_by: Option<String>,
    /// Fiscal code.
    pub codice_fiscale: Option<String>,
    /// Certified mail.
    pub pec: Option<String>,
    /// Site as the register has it.
    pub website: Option<String>,
    /// Site as an address.
    pub url: Option<String>,
    /// Residents.
    pub population: Option<u32>,
    /// Date of the list that says so.
    pub population_dated: Option<String>,
    /// That list, as it was called when it was imported.
    pub population_source: Option<String>,
    /// Names and dates out of the archive, oldest first.
    pub names: Vec<NameOverTime>,
    /// Financed applications, by date of the decree.
    pub applications: Vec<ApplicationFacts>,
    /// Their sums, by measure and aim.
    pub sums: Vec<MeasureSum>,
    /// Sum of all applications that were not waived, in euro cents.
    pub live_cents: u64,
    /// The same without 1.4.4 ANPR/ANSC: the civil status archive shares the measure of SPID and CIE, and is another aim.
    pub live_cents_without_anpr_ansc: u64,
    /// Sum of all that were waived, in euro cents.
    pub waived_cents: u64,
    /// Services visible in the App IO, by date.
    pub appio: Vec<AppIoState>,
    /// SPID service providers.
    pub spid: Vec<SpidState>,
    /// Findings of the latest visit of each site.
    pub findings: Vec<SeenFinding>,
}

/// A name for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NameOverTime {
    /// Name as the archive has it.
    pub name: String,
    /// From.
    pub from: Option<String>,
    /// Until; `None` while it lasts.
    pub until: Option<String>,
}

/// What the applications to one measure come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeasureSum {
    /// Measure with its aim: `1.4.1`, `1.4.4-spid-cie`.
    pub measure: String,
    /// Applications that were not waived.
    pub live: u32,
    /// Their sum, in euro cents.
    pub live_cents: u64,
    /// Sum of those that were waived, in euro cents.
    pub waived_cents: u64,
}

/// The sums of applications, by measure and aim.
fn sums(applications: &[ApplicationFacts]) -> Vec<MeasureSum> {
    let mut sums: BTreeMap<String, MeasureSum> = BTreeMap::new();
    for one in applications {
        let measure = aim(&one.measure, &one.avviso);
        let empty = || MeasureSum { measure: measure.clone(), live: 0, live_cents: 0, waived_cents: 0 };
        let sum = sums.entry(measure.clone()).or_insert_with(empty);
        if one.state.is_live() {
            sum.live += 1;
            sum.live_cents += one.euro.cents();
        } else {
            sum.waived_cents += one.euro.cents();
        }
    }
    sums.into_values().collect()
}

/// Services in the App IO on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppIoState {
    /// As of.
    pub dated: Date,
    /// Visible services; `None` when the list is an extract without this comune: unknown, not none.
    pub services: Option<u32>,
}

/// A SPID service provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpidState {
    /// As of.
    pub dated: Date,
    /// The `entityID`.
    pub entity: String,
    /// True when it is registered through an aggregator.
    pub aggregated: bool,
}

/// A finding of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenFinding {
    /// When the visit started.
    pub visited: Timestamp,
    /// Where.
    pub url: String,
    /// The platform.
    pub platform: Platform,
    /// The answer.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// Number of the visit.
    pub visit: i64,
    /// Root of the chain of evidence that its bytes are in; none where none are kept.
    pub evidence_root: Option<String>,
}

impl Store {
    /// The comune that somebody means by a name or by a code: cadastral, IPA, ISTAT or fiscal, in any case.
    ///
    /// Of homonyms and of codes used again the existing comune is meant when only one exists.
    pub async fn comune_file(&self, subject: &str) -> Result<Looked, StoreError> {
        self.comune_file_on(subject, Date::MAX).await
    }

    /// The same as known on a day: applications, lists and visits are those of the day and before; names, codes and residents
    /// are today's.
    pub async fn comune_file_on(&self, subject: &str, as_of: Date) -> Result<Looked, StoreError> {
        let doing = "reading a comune";
        let looked = async {
            let mut transaction = self.readers.begin_reading().await?;
            let mut meant = candidates(&mut transaction, subject).await?;
            if meant.iter().filter(|comune| comune.current).count() == 1 {
                meant.retain(|comune| comune.current);
            }
            match meant.as_slice() {
                [] => Ok(Looked::Nobody(suggestions(&mut transaction, subject).await?)),
                [one] => Ok(Looked::One(Box::new(file(&mut transaction, &one.catastale, as_of).await?))),
                _ => Ok(Looked::Several(meant)),
            }
        };
        looked.await.map_err(|error| self.error(doing, error))
    }
}

fn named(row: &Row) -> Result<ComuneName, sqlx::Error> {
    Ok(ComuneName {
        catastale: row.try_get("catastale")?,
        name: row.try_get("name")?,
        sigla: row.try_get("sigla")?,
        current: row.try_get("is_current")?,
    })
}

async fn candidates(connection: &mut Connection, subject: &str) -> Result<Vec<ComuneName>, sqlx::Error> {
    let subject = subject.trim();
    let whole = matching(connection, subject, &names::fold(subject)).await?;
    match names::of_body(subject) {
        // "Città di Castello" is a name; "Città di Busto Arsizio" is how a comune calls itself.
        Some(own) if whole.is_empty() => matching(connection, subject, &own).await,
        _ => Ok(whole),
    }
}

/// The comuni of a code, or of a folded name.
async fn matching(connection: &mut Connection, subject: &str, name: &str) -> Result<Vec<ComuneName>, sqlx::Error> {
    let rows = query(
        "SELECT k.catastale, k.name, k.sigla, k.is_current FROM known_comune k
         WHERE k.catastale = $3 OR k.catastale IN (
             SELECT catastale FROM known_code WHERE kind IN ('ipa', 'istat', 'fiscale') AND code = $1
             UNION SELECT catastale FROM known_code WHERE kind = 'name' AND code = $2)
         ORDER BY k.is_current DESC, k.name, k.catastale LIMIT 50",
    )
    .bind(subject.to_ascii_lowercase())
    .bind(name)
    .bind(subject.to_ascii_uppercase())
    .fetch_all(&mut *connection)
    .await?;
    rows.iter().map(named).collect()
}

/// Existing comuni whose names are near, or begin like it.
async fn suggestions(connection: &mut Connection, subject: &str) -> Result<Vec<ComuneName>, sqlx::Error> {
    let wanted = names::of_body(subject).unwrap_or_else(|| names::fold(subject));
    let rows = query(
        "SELECT k.catastale, k.name, k.sigla, k.is_current, c.code FROM known_code c
         JOIN known_comune k ON k.catastale = c.catastale
         WHERE c.kind = 'name' AND k.is_current AND abs(length(c.code) - length($1)) <= 12 ORDER BY k.catastale",
    )
    .bind(&wanted)
    .fetch_all(&mut *connection)
    .await?;
    let mut near: Vec<(usize, ComuneName)> = Vec::new();
    for row in &rows {
        let code: &str = row.try_get("code")?;
        let far = strsim::levenshtein(&wanted, code);
        let begins = wanted.len() >= 4 && code.starts_with(&wanted);
        if begins || far <= 1 + wanted.chars().count() / 4 {
            near.push((if begins { 0 } else { far }, named(row)?));
        }
    }
    near.sort_by(|(far, one), (other_far, other)| far.cmp(other_far).then_with(|| one.name.cmp(&other.name)));
    let mut seen = std::collections::HashSet::new();
    near.retain(|(_, comune)| seen.insert(comune.catastale.clone()));
    Ok(near.into_iter().take(5).map(|(_, comune)| comune).collect())
}

pub(super) fn day(row: &Row, column: &str) -> Result<Date, sqlx::Error> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(error.into()))
}

async fn file(connection: &mut Connection, catastale: &str, as_of: Date) -> Result<ComuneFile, sqlx::Error> {
    let row =
        query("SELECT * FROM known_comune WHERE catastale = $1").bind(catastale).fetch_one(&mut *connection).await?;
    let applications = applications_of(connection, catastale, as_of).await?;
    let sums = sums(&applications);
    let live = |skip: &str| sums.iter().filter(|sum| sum.measure != skip).map(|sum| sum.live_cents).sum();
    let (live_cents, live_cents_without_anpr_ansc) = (live(""), live("1.4.4-anpr-ansc"));
    let waived_cents = sums.iter().map(|sum| sum.waived_cents).sum();
    let population_source = population_source(connection, catastale).await?;
    let population: Option<u32> = row.number_option("population")?;
    let own_istat: Option<String> = row.try_get("codice_istat")?;
    let own_ipa: Option<String> = row.try_get("codice_ipa")?;
    Ok(ComuneFile {
        catastale: catastale.to_owned(),
        name: row.try_get("name")?,
        full_name: row.try_get("full_name")?,
        sigla: row.try_get("sigla")?,
        region: row.try_get("region")?,
        current: row.try_get("is_current")?,
        ceased: row.try_get("ceased")?,
        codici_istat: codes(connection, catastale, "istat", own_istat).await?,
        codici_ipa: codes(connection, catastale, "ipa", own_ipa).await?,
        ipa_by: row.try_get("ipa_by")?,
        codice_fiscale: row.try_get("codice_fiscale")?,
        pec: row.try_get("pec")?,
        website: row.try_get("website")?,
        url: row.try_get("url")?,
        population,
        population_dated: row.try_get("population_dated")?,
        population_source,
        names: over_time(connection, catastale).await?,
        applications,
        sums,
        live_cents,
        live_cents_without_anpr_ansc,
        waived_cents,
        appio: appio(connection, catastale, as_of).await?,
        spid: spid(connection, catastale, as_of).await?,
        findings: findings(connection, catastale, as_of).await?,
    })
}

async fn codes(
    connection: &mut Connection,
    catastale: &str,
    kind: &str,
    first: Option<String>,
) -> Result<Vec<String>, sqlx::Error> {
    query_scalar(
        "SELECT code FROM known_code WHERE catastale = $1 AND kind = $2 ORDER BY code IS DISTINCT FROM $3, code",
    )
    .bind(catastale)
    .bind(kind)
    .bind(first)
    .fetch_all(&mut *connection)
    .await
}

/// The list that a comune's population is taken from.
async fn population_source(connection: &mut Connection, catastale: &str) -> Result<Option<String>, sqlx::Error> {
    query_scalar(
        "SELECT s.source FROM known_comune k JOIN istat_comune i ON i.catastale = k.catastale
         JOIN register_snapshot s ON s.id = i.snapshot AND s.dated = k.population_dated
         WHERE k.catastale = $1 AND i.population = k.population ORDER BY s.part LIMIT 1",
    )
    .bind(catastale)
    .fetch_optional(&mut *connection)
    .await
}

async fn over_time(connection: &mut Connection, catastale: &str) -> Result<Vec<NameOverTime>, sqlx::Error> {
    let rows = query(
        "SELECT name, instituted, ceased FROM anpr_comune WHERE catastale = $1
         AND snapshot = (SELECT id FROM register_snapshot WHERE register = 'anpr' ORDER BY dated DESC LIMIT 1)
         ORDER BY instituted NULLS FIRST, position",
    )
    .bind(catastale)
    .fetch_all(&mut *connection)
    .await?;
    let mut names: Vec<NameOverTime> = Vec::new();
    for row in &rows {
        let (name, until): (String, Option<String>) = (row.try_get("name")?, row.try_get("ceased")?);
        match names.last_mut() {
            // The archive begins a new entry also for a new province or ISTAT code.
            Some(last) if last.name == name => last.until = until,
            _ => names.push(NameOverTime { name, from: row.try_get("instituted")?, until }),
        }
    }
    Ok(names)
}

async fn appio(connection: &mut Connection, catastale: &str, as_of: Date) -> Result<Vec<AppIoState>, sqlx::Error> {
    // Only a list that is whole says of a comune that it had no service, and only when its fiscal code is known.
    let rows = query(
        "SELECT s.dated, CASE WHEN count(b.snapshot) > 0 THEN CAST(sum(b.services) AS BIGINT)
                              WHEN s.whole AND k.codice_fiscale IS NOT NULL THEN 0 END AS services
         FROM register_snapshot s JOIN known_comune k ON k.catastale = $1
         LEFT JOIN appio_body b ON b.snapshot = s.id AND b.comune = $1
         WHERE s.register = 'appio' AND s.dated < $2 GROUP BY s.id, k.catastale ORDER BY s.dated",
    )
    .bind(catastale)
    .bind(day_after(as_of))
    .fetch_all(&mut *connection)
    .await?;
    rows.iter()
        .map(|row| Ok(AppIoState { dated: day(row, "dated")?, services: row.number_option("services")? }))
        .collect()
}

async fn spid(connection: &mut Connection, catastale: &str, as_of: Date) -> Result<Vec<SpidState>, sqlx::Error> {
    let rows = query(
        "SELECT s.dated, p.entity, p.aggregated FROM spid_provider p JOIN register_snapshot s ON s.id = p.snapshot
         WHERE p.comune = $1 AND s.dated < $2 ORDER BY s.dated, p.entity",
    )
    .bind(catastale)
    .bind(day_after(as_of))
    .fetch_all(&mut *connection)
    .await?;
    let one = |row: &Row| {
        Ok(SpidState {
            dated: day(row, "dated")?,
            entity: row.try_get("entity")?,
            aggregated: row.try_get("aggregated")?,
        })
    };
    rows.iter().map(one).collect()
}

async fn findings(connection: &mut Connection, catastale: &str, as_of: Date) -> Result<Vec<SeenFinding>, sqlx::Error> {
    let rows = query(
        // Its sites first: the latest visit of every site of the country is a question of seconds after a year.
        "WITH own AS (
             SELECT c.id FROM comune c WHERE c.codice_catastale = $1
                 OR c.codice_ipa IN (SELECT code FROM known_code WHERE kind = 'ipa' AND catastale = $1)),
         named AS (SELECT s.id FROM site s WHERE s.url IN (SELECT k.url FROM known_comune k WHERE k.catastale = $1)),
         place AS (SELECT id FROM named
                   UNION SELECT h.site FROM visit h JOIN own o ON o.id = h.comune WHERE h.same_as IS NULL)
         SELECT v.id, v.started, coalesce(v.url, s.url) AS url, f.platform, f.outcome, f.reason,
                (SELECT e.root FROM evidence_record b JOIN evidence_chain e ON e.id = b.chain
                 WHERE b.visit = v.id LIMIT 1) AS evidence_root
         FROM place p JOIN site s ON s.id = p.id
         JOIN visit v ON v.id = (SELECT max(l.id) FROM visit l WHERE l.site = p.id AND l.started < $2)
         JOIN finding f ON f.visit = coalesce(v.same_as, v.id)
         WHERE v.comune IN (SELECT id FROM own) OR p.id IN (SELECT id FROM named)
         ORDER BY v.id, f.id",
    )
    .bind(catastale)
    .bind(day_after(as_of))
    .fetch_all(&mut *connection)
    .await?;
    let one = |row: &Row| {
        Ok(SeenFinding {
            visited: row.time("started")?,
            url: row.try_get("url")?,
            platform: row.code("platform")?,
            outcome: row.code("outcome")?,
            reason: row.reason("reason")?,
            visit: row.try_get("id")?,
            evidence_root: row.try_get("evidence_root")?,
        })
    };
    rows.iter().map(one).collect()
}
