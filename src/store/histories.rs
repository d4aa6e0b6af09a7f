//! Histories read back, as of any day.

use std::{
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
    sync::Arc,
};

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use crate::{
    history::{History, day},
    model::{CatalogueId, Outcome, Platform},
};

use super::{
    Store, StoreError,
    codes::{Columns as _, day_after, json, time_text},
    judgements::catalogues,
    observations::{doubt, observation, silence},
    sql::{Connection, Row, Text, query},
};

/// Subjects whose histories are read at a time.
const BATCH: usize = 500;

/// Whose history it is: a comune, or a site of which nobody has said whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Watched {
    /// IPA code, lower case.
    pub codice_ipa: Option<String>,
    /// Cadastral code.
    pub catastale: Option<String>,
    /// Name of the comune.
    pub name: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// The site; of several the one that became known last.
    pub url: Option<String>,
}

/// The history of one platform of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryOf {
    /// Whose.
    pub whose: Watched,
    /// Of which platform.
    pub platform: Platform,
    /// What held, as known on the day asked for.
    pub history: History,
    /// The catalogues of the database as people name them.
    pub catalogues: Arc<BTreeMap<CatalogueId, String>>,
    /// Of the looks that are told (last confirmations, misses, silences), by their time: the root of the chain that their
    /// bytes are in, as far as it is written. Looks of which no bytes were kept are not here.
    pub roots: BTreeMap<Timestamp, String>,
}

impl HistoryOf {
    /// The root of the evidence behind a look.
    pub fn root(&self, look: Option<Timestamp>) -> Option<String> {
        self.roots.get(&look?).cloned()
    }
}

/// Of which days histories are asked. Doubts and silences that were over by the first of them are not read: of a country that is
/// watched for years they are most of all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: Date,
    to: Date,
}

impl Period {
    /// From one day to another: [`History::as_known_on`] either, or a day between them, tells what held then.
    pub const fn between(from: Date, to: Date) -> Self {
        Self { from, to }
    }

    /// One day alone: what held on it, and every answer before.
    pub const fn on(day: Date) -> Self {
        Self { from: day, to: day }
    }

    /// Everything up to a day.
    pub const fn until(day: Date) -> Self {
        Self { from: Date::MIN, to: day }
    }
}

impl Store {
    /// [`Self::for_each_history_by`] the rules of each day.
    pub async fn for_each_history<F>(&self, of: Option<&str>, period: Period, each: F) -> Result<(), StoreError>
    where
        F: FnMut(HistoryOf) -> ControlFlow<()> + Send,
    {
        self.for_each_history_by(None, of, period, each).await
    }

    /// Hands out histories by region, name and platform, as they were known at the end of the last day of a period (UTC): of all,
    /// or of the comune with this cadastral code. `each` may break off. Memory does not grow with their number.
    ///
    /// Without `rules` they are as each day's own rules saw them, else as these rules see all that they judged.
    ///
    /// As known: what a look of after that day showed is not in them, nor what it confirmed. Runs count as decided today.
    pub async fn for_each_history_by<F>(
        &self,
        rules: Option<CatalogueId>,
        of: Option<&str>,
        period: Period,
        mut each: F,
    ) -> Result<(), StoreError>
    where
        F: FnMut(HistoryOf) -> ControlFlow<()> + Send,
    {
        let as_of = period.to;
        let work = async {
            // One read transaction: everything is of one state of the database.
            let mut transaction = self.readers.begin_reading().await?;
            let catalogues = catalogues(&mut transaction).await?;
            let catalogues = Arc::new(catalogues.into_iter().map(|one| (one.id, one.name())).collect());
            let subjects = subjects(&mut transaction, of).await?;
            for batch in subjects.chunks(BATCH) {
                let ids: Vec<i64> = batch.iter().map(|(id, _)| *id).collect();
                let mut histories = histories(&mut transaction, &json(&ids)?, period, rules).await?;
                let mut told: Vec<(i64, HistoryOf)> = Vec::with_capacity(batch.len());
                for (id, whose) in batch {
                    for platform in Platform::DECIDED {
                        let Some(whole) = histories.remove(&(*id, platform)) else { continue };
                        let mut history = whole.as_known_on(as_of);
                        if history == History::default() {
                            continue;
                        }
                        remember(&mut transaction, (*id, platform, rules), &mut history, as_of).await?;
                        told.push((
                            *id,
                            HistoryOf {
                                whose: whose.clone(),
                                platform,
                                history,
                                catalogues: Arc::clone(&catalogues),
                                roots: BTreeMap::new(),
                            },
                        ));
                    }
                }
                add_roots(&mut transaction, &mut told).await?;
                for (_, one) in told {
                    if each(one).is_break() {
                        return Ok(());
                    }
                }
            }
            Ok(())
        };
        work.await.map_err(|error: sqlx::Error| self.error("reading observations", error))
    }

    /// The regions of those with a history, by name.
    pub async fn watched_regions(&self) -> Result<Vec<String>, StoreError> {
        let doing = "reading the regions";
        let mut reader = self.readers.begin_reading().await.map_err(|error| self.error(doing, error))?;
        let mut regions: Vec<String> = subjects(&mut reader, None)
            .await
            .map_err(|error| self.error(doing, error))?
            .into_iter()
            .filter_map(|(_, whose)| whose.region)
            .collect();
        regions.sort();
        regions.dedup();
        Ok(regions)
    }
}

async fn subjects(connection: &mut Connection, of: Option<&str>) -> Result<Vec<(i64, Watched)>, sqlx::Error> {
    let rows = query(
        "WITH known AS (
             SELECT u.id, c.codice_ipa, c.name, c.region, s.url, coalesce(
                 c.codice_catastale,
                 (SELECT k.catastale FROM known_code k WHERE k.kind = 'ipa' AND k.code = c.codice_ipa LIMIT 1),
                 (SELECT min(k.catastale) FROM known_comune k WHERE u.comune IS NULL AND k.url = s.url
                  HAVING count(*) = 1)) AS catastale
             FROM subject u LEFT JOIN comune c ON c.id = u.comune
             LEFT JOIN site s ON s.id = coalesce(u.site, (SELECT max(id) FROM site WHERE comune = u.comune)))
         SELECT n.id, coalesce(n.codice_ipa, k.codice_ipa) AS codice_ipa, coalesce(k.name, n.name) AS name,
                coalesce(k.region, n.region) AS region, n.url, n.catastale
         FROM known n LEFT JOIN known_comune k ON k.catastale = n.catastale
         WHERE $1 IS NULL OR n.catastale = $1 ORDER BY region NULLS FIRST, name NULLS FIRST, n.id",
    )
    .bind(of)
    .fetch_all(&mut *connection)
    .await?;
    let one = |row: &Row| {
        let whose = Watched {
            codice_ipa: row.try_get("codice_ipa")?,
            catastale: row.try_get("catastale")?,
            name: row.try_get("name")?,
            region: row.try_get("region")?,
            url: row.try_get("url")?,
        };
        Ok((row.try_get("id")?, whose))
    };
    rows.iter().map(one).collect()
}

/// What some subjects (ids, a JSON list) have of a period.
async fn histories(
    connection: &mut Connection,
    subjects: &str,
    period: Period,
    rules: Option<CatalogueId>,
) -> Result<HashMap<(i64, Platform), History>, sqlx::Error> {
    let mut all: HashMap<(i64, Platform), History> = HashMap::new();
    let key =
        |row: &Row| -> Result<(i64, Platform), sqlx::Error> { Ok((row.try_get("subject")?, row.code("platform")?)) };
    // `IS NOT DISTINCT FROM` would say the same of the catalogue; a server takes it for true of no row, and plans for none.
    macro_rules! of_subjects {
        ($table:literal, $that:literal) => {
            concat!(
                "SELECT o.* FROM json_each($1) w CROSS JOIN ",
                $table,
                " o
                 WHERE o.subject = CAST(w.value AS BIGINT)
                   AND (o.catalogue = $3 OR ($3 IS NULL AND o.catalogue IS NULL)) AND ",
                $that,
                " ORDER BY o.id"
            )
        };
    }
    let observations = of_subjects!("observation", "o.known < $2");
    let doubts = of_subjects!("doubt", "o.since < $2 AND (o.ended IS NULL OR substr(o.ended, 1, 10) > $4)");
    let silences = of_subjects!("silence", "o.since < $2 AND (o.ended IS NULL OR substr(o.ended, 1, 10) > $4)");
    let series = rules.map(|rules| rules.0);
    let (from, to) = (period.from.to_string(), day_after(period.to));
    let bound = |text: &'static str| query(text).bind(subjects).bind(to.as_str()).bind(series);
    for row in &bound(observations).fetch_all(&mut *connection).await? {
        all.entry(key(row)?).or_default().observations.push(observation(row)?);
    }
    for row in &bound(doubts).bind(from.as_str()).fetch_all(&mut *connection).await? {
        all.entry(key(row)?).or_default().doubts.push(doubt(row)?);
    }
    for row in &bound(silences).bind(from.as_str()).fetch_all(&mut *connection).await? {
        all.entry(key(row)?).or_default().silences.push(silence(row)?);
    }
    Ok(all)
}

/// The looks that a history tells by their day: doubts and silences are told while they last.
fn looks(history: &History) -> impl Iterator<Item = Timestamp> {
    let confirmed = history.observations.iter().map(|one| one.last_confirmed);
    let missed = history.doubt().and_then(|one| one.looks.last().copied());
    confirmed.chain(missed).chain(history.silence().map(|one| one.last))
}

/// Looks up the roots behind the looks of some histories, with the numbers of their subjects.
async fn add_roots(connection: &mut Connection, told: &mut [(i64, HistoryOf)]) -> Result<(), sqlx::Error> {
    // The pairs as a list of texts, because a list of numbers and texts is read in two ways by the two engines.
    let mut wanted: Vec<String> = told
        .iter()
        .flat_map(|(id, one)| looks(&one.history).map(move |at| format!("{} {id}", time_text(at))))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let rows = query(
        "WITH wanted AS (SELECT CAST(substr(value, 32) AS BIGINT) AS subject, substr(value, 1, 30) AS started FROM json_each($1))
         SELECT v.subject, v.started, (SELECT e.root FROM evidence_record b JOIN evidence_chain e ON e.id = b.chain
                                       WHERE b.visit = v.id LIMIT 1) AS root
         FROM wanted w JOIN visit v ON v.subject = w.subject AND substr(v.started, 1, 10) = substr(w.started, 1, 10)
             AND v.started = w.started ORDER BY v.id",
    )
    .bind(json(&wanted)?)
    .fetch_all(&mut *connection)
    .await?;
    let mut roots: HashMap<(i64, Timestamp), String> = HashMap::new();
    for row in &rows {
        if let Some(root) = row.try_get("root")? {
            roots.insert((row.try_get("subject")?, row.time("started")?), root);
        }
    }
    for (id, one) in told {
        one.roots = looks(&one.history).filter_map(|at| Some((at, roots.get(&(*id, at))?.clone()))).collect();
    }
    Ok(())
}

/// Puts back what later looks took the place of: of what held on the day, the last look that had told so by then.
async fn remember(
    connection: &mut Connection,
    whose: (i64, Platform, Option<CatalogueId>),
    history: &mut History,
    as_of: Date,
) -> Result<(), sqlx::Error> {
    if let Some(standing) = history.observations.last_mut().filter(|one| one.end.is_none())
        && day(standing.last_confirmed) > as_of
        && let Some(row) = last_look(connection, whose, &[standing.outcome], as_of).await?
    {
        standing.last_confirmed = row.time("started")?;
        standing.strength = row.code_option("strength")?;
        standing.reason = row.reason("reason")?;
        standing.rules = Some(CatalogueId(row.try_get("catalogue")?));
    }
    if let Some(doubt) = history.doubts.last_mut().filter(|one| one.end.is_none())
        && let Some(row) = last_look(connection, whose, &[Outcome::NotFound, Outcome::Mentioned], as_of).await?
    {
        doubt.outcome = row.code("outcome")?;
        doubt.reason = row.reason("reason")?;
    }
    if let Some(silence) = history.silences.last_mut().filter(|one| one.end.is_none())
        && day(silence.last) > as_of
        && let Some(row) = last_look(connection, whose, &[Outcome::Undetermined], as_of).await?
    {
        silence.last = row.time("started")?;
        silence.reason = row.reason("reason")?;
    }
    Ok(())
}

/// The last look up to a day that gave one of these answers.
async fn last_look(
    connection: &mut Connection,
    (subject, platform, rules): (i64, Platform, Option<CatalogueId>),
    outcomes: &[Outcome],
    as_of: Date,
) -> Result<Option<Row>, sqlx::Error> {
    let codes: Vec<&str> = outcomes.iter().map(|outcome| outcome.code()).collect();
    // Backwards through the visits of the subject until one answered so; SQLite has to be told which table comes first.
    macro_rules! last {
        ($join:literal) => {
            concat!(
                "SELECT v.started, f.outcome, f.strength, f.reason, v.catalogue FROM visit v ",
                $join,
                " finding f ON f.visit = coalesce(v.same_as, v.id) AND f.platform = $2
                 WHERE v.subject = $1 AND substr(v.started, 1, 10) < $3 AND f.outcome IN (SELECT value FROM json_each($4))
                   AND NOT EXISTS (SELECT 1 FROM run r WHERE r.id = v.run AND r.trust IN ('suspect', 'discarded'))
                 ORDER BY substr(v.started, 1, 10) DESC, v.started DESC LIMIT 1"
            )
        };
    }
    let own = Text::each(last!("CROSS JOIN"), last!("JOIN"));
    let by_rules = "WITH look AS (
             SELECT v.started, v.run, f.outcome, f.strength, f.reason, v.catalogue
             FROM visit v JOIN finding f ON f.visit = coalesce(v.same_as, v.id) AND f.platform = $2
             WHERE v.subject = $1 AND v.started < $3 AND v.catalogue = $5
             UNION ALL
             SELECT v.started, v.run, j.outcome, j.strength, j.reason, j.catalogue
             FROM visit v JOIN judgement j ON j.visit = v.id AND j.platform = $2 AND j.catalogue = $5
             WHERE v.subject = $1 AND v.started < $3)
         SELECT l.* FROM look l
         WHERE l.outcome IN (SELECT value FROM json_each($4))
           AND NOT EXISTS (SELECT 1 FROM run r WHERE r.id = l.run AND r.trust IN ('suspect', 'discarded'))
         ORDER BY l.started DESC LIMIT 1";
    let look = query(if rules.is_some() { by_rules.into() } else { own })
        .bind(subject)
        .bind(platform.code())
        .bind(day_after(as_of))
        .bind(json(&codes)?);
    let look = if let Some(rules) = rules { look.bind(rules.0) } else { look };
    look.fetch_optional(&mut *connection).await
}
