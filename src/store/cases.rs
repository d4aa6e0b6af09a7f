//! What verdicts rest on: applications, and for each comune what visits found and registers hold, as known on a day.

mod looks;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::ControlFlow,
    sync::Arc,
};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use url::Url;

use crate::{
    model::{ApplicationState, Comune, Euro, Target},
    notices::{Entry, Seen, schema::RegisterKind},
    registry::wound_back,
};

use super::{
    Store, StoreError,
    codes::{Columns as _, json},
    comuni::day,
    sql::{Connection, Row, query, query_as, query_scalar},
};

pub use looks::Found;
use looks::found;

/// Comuni whose histories are read at a time: bounds memory, whatever the number of comuni and visits.
const BATCH: usize = 250;

/// A comune, as far as a verdict has to name and weigh it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ComuneFacts {
    /// Cadastral code; none for an application that joined no comune.
    pub catastale: Option<String>,
    /// Name.
    pub name: String,
    /// Letters of the province.
    pub sigla: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// IPA code, lower case.
    pub codice_ipa: Option<String>,
    /// ISTAT code.
    pub codice_istat: Option<String>,
    /// Fiscal code: the key of the App IO register.
    pub codice_fiscale: Option<String>,
    /// Residents.
    pub population: Option<u32>,
    /// Date of the list that counts them.
    pub population_dated: Option<String>,
    /// Address of the website.
    pub url: Option<String>,
    /// True when the register gives that address without a scheme.
    #[serde(skip)]
    pub scheme_guessed: bool,
}

impl ComuneFacts {
    /// What a visit to its website starts from; none when no register gives an address.
    pub fn target(&self) -> Option<Target> {
        let comune = Comune {
            name: Some(self.name.clone()),
            codice_ipa: self.codice_ipa.clone(),
            codice_istat: self.codice_istat.clone(),
            codice_catastale: self.catastale.clone(),
            codice_fiscale: self.codice_fiscale.clone(),
            population: self.population,
            region: self.region.clone(),
        };
        let url = Url::parse(self.url.as_deref()?).ok()?;
        Some(Target { url, scheme_guessed: self.scheme_guessed, comune })
    }
}

/// One application of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApplicationFacts {
    /// Title of the notice, as the register has it.
    pub avviso: String,
    /// Measure.
    pub measure: String,
    /// The sum.
    pub euro: Euro,
    /// CUP. An application that was waived and sent again keeps it.
    pub cup: Option<String>,
    /// State.
    pub state: ApplicationState,
    /// Since when.
    #[schemars(with = "Option<String>")]
    pub state_date: Option<Date>,
    /// Date of the decree.
    #[schemars(with = "Option<String>")]
    pub funded: Option<Date>,
    /// The decree, as published.
    pub decree: Option<String>,
    /// Day of the list that it was read from.
    #[schemars(with = "String")]
    pub dated: Date,
    /// The list is later than the day asked for, and was wound back to it by its own dates.
    pub wound_back: bool,
}

/// Everything that one verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    /// The comune.
    pub comune: ComuneFacts,
    /// Its application; none for a comune without one.
    pub application: Option<ApplicationFacts>,
    /// The looks that a verdict can rest on, by time. Of each platform the last one, the last that could tell, the first and the
    /// last that found it; and for each day that was asked for, the last of that day and the last up to it that found it.
    pub found: Arc<[Found]>,
    /// What registers hold, by day.
    pub seen: Arc<[Seen]>,
}

/// Which cases are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The applications to notices with these titles, in these states.
    Applications {
        /// Titles of notices, as registers write them.
        titles: Vec<String>,
        /// States.
        states: Vec<ApplicationState>,
    },
    /// Every application with this CUP.
    Cup(String),
    /// Every application of one comune, by its cadastral code.
    Of(String),
    /// Every existing comune, without an application; those with a live application to a notice of these titles left out.
    Comuni {
        /// Titles whose live applications leave a comune out; none leaves out nobody.
        without: Vec<String>,
    },
    /// One comune, without an application.
    Comune(String),
}

/// A snapshot of applications that is used for a measure.
struct Chosen {
    snapshot: i64,
    measure: String,
    dated: Date,
}

impl Store {
    /// The titles of notices in all imported lists of applications.
    pub async fn application_titles(&self) -> Result<Vec<String>, StoreError> {
        query_scalar("SELECT DISTINCT avviso FROM application ORDER BY avviso")
            .fetch_all(&self.readers)
            .await
            .map_err(|error| self.error("reading the notices of applications", error))
    }

    /// The regions of the known comuni, by name.
    pub async fn regions(&self) -> Result<Vec<String>, StoreError> {
        query_scalar("SELECT DISTINCT region FROM known_comune WHERE region IS NOT NULL ORDER BY region")
            .fetch_all(&self.readers)
            .await
            .map_err(|error| self.error("reading the regions", error))
    }

    /// How many comuni exist, by region; an empty name for those whose region is not known.
    pub async fn comuni_by_region(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows: Result<Vec<(String, i64)>, _> = query_as(
            "SELECT coalesce(region, ''), count(*) FROM known_comune WHERE is_current GROUP BY coalesce(region, '')",
        )
        .fetch_all(&self.readers)
        .await;
        let rows = rows.map_err(|error| self.error("counting the comuni of regions", error))?;
        Ok(rows.into_iter().map(|(region, count)| (region, count.unsigned_abs())).collect())
    }

    /// Hands out cases by comune, with everything that was known of them on a day: visits that began on it or before (days of
    /// UTC), snapshots of registers of that day or before.
    ///
    /// Applications come from the newest list of each measure that is not later than the day. Where every list is later, the
    /// oldest is wound back by its own dates: decrees of after the day are left out and later states undone. `each` may break
    /// off.
    ///
    /// `dues` are days on which something had to be there: what was seen on them and up to them is handed out as well.
    pub async fn for_each_case<F>(
        &self,
        wanted: &Wanted,
        as_of: Date,
        dues: &[Date],
        mut each: F,
    ) -> Result<(), StoreError>
    where
        F: FnMut(CaseFacts) -> ControlFlow<()> + Send,
    {
        let doing = "reading applications and findings";
        let work = async {
            // One read transaction: everything is of one state of the database.
            let mut transaction = self.readers.begin_reading().await?;
            let cases = cases(&mut transaction, wanted, as_of).await?;
            let unjoined: Arc<[Seen]> = unjoined(&mut transaction, as_of).await?.into();
            for batch in cases.chunks(BATCH) {
                let known: BTreeSet<&str> =
                    batch.iter().filter_map(|(comune, _)| comune.catastale.as_deref()).collect();
                let known = json(&known)?;
                let found = shared(found(&mut transaction, &known, as_of, dues).await?);
                let seen = shared(seen(&mut transaction, &known, as_of).await?);
                for (comune, application) in batch {
                    let (found, seen) = match comune.catastale.as_deref() {
                        Some(of) => (found.get(of).cloned(), seen.get(of).cloned()),
                        None => (None, Some(Arc::clone(&unjoined))),
                    };
                    let facts = CaseFacts {
                        comune: comune.clone(),
                        application: application.clone(),
                        found: found.unwrap_or_default(),
                        seen: seen.unwrap_or_default(),
                    };
                    if each(facts).is_break() {
                        return Ok(());
                    }
                }
            }
            Ok(())
        };
        work.await.map_err(|error| self.error(doing, error))
    }
}

/// By comune: its applications have it in common.
fn shared<T>(all: HashMap<String, Vec<T>>) -> HashMap<String, Arc<[T]>> {
    all.into_iter().map(|(of, list)| (of, list.into())).collect()
}

type Pair = (ComuneFacts, Option<ApplicationFacts>);

async fn cases(connection: &mut Connection, wanted: &Wanted, as_of: Date) -> Result<Vec<Pair>, sqlx::Error> {
    match wanted {
        Wanted::Applications { titles, states } => {
            let mut all = applications(connection, Select::Titles(titles), as_of).await?;
            all.retain(|(_, application)| application.as_ref().is_some_and(|one| states.contains(&one.state)));
            Ok(all)
        }
        Wanted::Cup(cup) => applications(connection, Select::Cup(cup), as_of).await,
        Wanted::Of(catastale) => applications(connection, Select::Comune(catastale), as_of).await,
        Wanted::Comuni { without } => {
            let applied = applications(connection, Select::Titles(without), as_of).await?;
            let live: BTreeSet<Option<String>> = applied
                .into_iter()
                .filter(|(_, application)| application.as_ref().is_some_and(|one| one.state.is_live()))
                .map(|(comune, _)| comune.catastale)
                .collect();
            let mut all = comuni(connection, None).await?;
            all.retain(|(comune, _)| !live.contains(&comune.catastale));
            Ok(all)
        }
        Wanted::Comune(catastale) => comuni(connection, Some(catastale)).await,
    }
}

/// The part of the applications that a query asks for.
#[derive(Clone, Copy)]
enum Select<'a> {
    Titles(&'a [String]),
    Cup(&'a str),
    Comune(&'a str),
}

async fn applications(connection: &mut Connection, select: Select<'_>, as_of: Date) -> Result<Vec<Pair>, sqlx::Error> {
    let chosen = chosen(connection, as_of).await?;
    let snapshots: Vec<i64> = chosen.iter().map(|one| one.snapshot).collect();
    let measures: Vec<&str> = chosen.iter().map(|one| one.measure.as_str()).collect();
    let (titles, cup, comune) = match select {
        Select::Titles(titles) => (Some(json(titles)?), None, None),
        Select::Cup(cup) => (None, Some(cup), None),
        Select::Comune(comune) => (None, None, Some(comune)),
    };
    let mut all = Vec::new();
    let each = |row: Row| {
        let snapshot: i64 = row.try_get("snapshot")?;
        let dated = chosen.iter().find(|one| one.snapshot == snapshot).map_or(as_of, |one| one.dated);
        if let Some(application) = application(&row, dated, as_of)? {
            all.push((comune_of(&row)?, Some(application)));
        }
        Ok(())
    };
    query(
        "SELECT a.snapshot, a.name AS published, a.sigla AS published_sigla, a.region AS published_region,
                a.codice_ipa AS published_ipa, a.avviso, a.measure, a.cents, a.cup, a.state, a.state_date, a.funded,
                a.decree, k.*
         FROM json_each($1) s JOIN json_each($5) m ON m.key = s.key
         JOIN application a ON a.snapshot = CAST(s.value AS BIGINT) AND a.measure = m.value
         LEFT JOIN known_comune k ON k.catastale = a.comune
         WHERE ($2 IS NULL OR a.avviso IN (SELECT value FROM json_each($2))) AND ($3 IS NULL OR a.cup = $3)
           AND ($4 IS NULL OR a.comune = $4)
         ORDER BY coalesce(k.region, a.region) NULLS FIRST, coalesce(k.name, a.name), a.comune NULLS FIRST,
                  a.funded NULLS FIRST, a.avviso, a.position",
    )
    .bind(json(&snapshots)?)
    .bind(titles)
    .bind(cup)
    .bind(comune)
    .bind(json(&measures)?)
    .fetch_each(connection, each)
    .await?;
    Ok(all)
}

/// The applications of one comune in the newest lists, by date of the decree.
pub(super) async fn applications_of(
    connection: &mut Connection,
    catastale: &str,
    as_of: Date,
) -> Result<Vec<ApplicationFacts>, sqlx::Error> {
    let all = applications(connection, Select::Comune(catastale), as_of).await?;
    let mut own: Vec<ApplicationFacts> = all.into_iter().filter_map(|(_, application)| application).collect();
    own.sort_by(|one, other| {
        (one.funded, &one.measure, &one.avviso).cmp(&(other.funded, &other.measure, &other.avviso))
    });
    Ok(own)
}

/// For each measure the newest list up to a day, else the oldest after it.
async fn chosen(connection: &mut Connection, as_of: Date) -> Result<Vec<Chosen>, sqlx::Error> {
    let rows = query(
        "SELECT a.measure, a.snapshot, s.dated
         FROM (SELECT DISTINCT measure, snapshot FROM application) a JOIN register_snapshot s ON s.id = a.snapshot
         ORDER BY a.measure, s.dated <= $1 DESC, CASE WHEN s.dated <= $1 THEN '' ELSE s.dated END, s.dated DESC,
                  s.id DESC",
    )
    .bind(as_of.to_string())
    .fetch_all(&mut *connection)
    .await?;
    let mut chosen: Vec<Chosen> = Vec::new();
    for row in &rows {
        let measure: String = row.try_get("measure")?;
        if chosen.last().is_none_or(|last| last.measure != measure) {
            chosen.push(Chosen { snapshot: row.try_get("snapshot")?, measure, dated: day(row, "dated")? });
        }
    }
    Ok(chosen)
}

fn application(row: &Row, dated: Date, as_of: Date) -> Result<Option<ApplicationFacts>, sqlx::Error> {
    let day = |column: &str| -> Result<Option<Date>, sqlx::Error> {
        let text: Option<&str> = row.try_get(column)?;
        text.map(|text| text.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(error.into()))).transpose()
    };
    let funded = day("funded")?;
    let mut state = row.code("state")?;
    let mut state_date = day("state_date")?;
    let later = dated > as_of;
    if later {
        match wound_back(state, state_date, funded, as_of) {
            None => return Ok(None),
            Some(then) => (state, state_date) = then,
        }
    }
    Ok(Some(ApplicationFacts {
        avviso: row.try_get("avviso")?,
        measure: row.try_get("measure")?,
        euro: Euro::of_cents(row.number("cents")?).unwrap_or_default(),
        cup: row.try_get("cup")?,
        state,
        state_date,
        funded,
        decree: row.try_get("decree")?,
        dated,
        wound_back: later,
    }))
}

/// The comune that an application joined, else what the list says of it.
fn comune_of(row: &Row) -> Result<ComuneFacts, sqlx::Error> {
    if row.try_get::<Option<&str>>("catastale")?.is_some() {
        return known(row);
    }
    Ok(ComuneFacts {
        catastale: None,
        name: row.try_get("published")?,
        sigla: row.try_get("published_sigla")?,
        region: row.try_get("published_region")?,
        codice_ipa: row.try_get("published_ipa")?,
        codice_istat: None,
        codice_fiscale: None,
        population: None,
        population_dated: None,
        url: None,
        scheme_guessed: false,
    })
}

fn known(row: &Row) -> Result<ComuneFacts, sqlx::Error> {
    Ok(ComuneFacts {
        catastale: row.try_get("catastale")?,
        name: row.try_get("name")?,
        sigla: row.try_get("sigla")?,
        region: row.try_get("region")?,
        codice_ipa: row.try_get("codice_ipa")?,
        codice_istat: row.try_get("codice_istat")?,
        codice_fiscale: row.try_get("codice_fiscale")?,
        population: row.number_option("population")?,
        population_dated: row.try_get("population_dated")?,
        url: row.try_get("url")?,
        scheme_guessed: row.try_get::<Option<&str>>("website")?.is_some_and(|website| !website.contains("//")),
    })
}

async fn comuni(connection: &mut Connection, one: Option<&str>) -> Result<Vec<Pair>, sqlx::Error> {
    let rows = query(
        "SELECT * FROM known_comune WHERE CASE WHEN $1 IS NULL THEN is_current ELSE catastale = $1 END
         ORDER BY region NULLS FIRST, name, catastale",
    )
    .bind(one)
    .fetch_all(&mut *connection)
    .await?;
    rows.iter().map(|row| Ok((known(row)?, None))).collect()
}

/// What the same snapshots say of a comune that no code leads to: nobody could look it up.
async fn unjoined(connection: &mut Connection, as_of: Date) -> Result<Vec<Seen>, sqlx::Error> {
    let rows = query(
        "SELECT register, dated, whole FROM register_snapshot
         WHERE register IN ('appio', 'spid') AND dated <= $1 ORDER BY dated, id",
    )
    .bind(as_of.to_string())
    .fetch_all(&mut *connection)
    .await?;
    rows.iter().map(|row| seen_in(row, Entry::NotJoined)).collect()
}

/// The snapshot of a row, with what it holds.
fn seen_in(row: &Row, entry: Entry) -> Result<Seen, sqlx::Error> {
    let appio = row.try_get::<&str>("register")? == "appio";
    Ok(Seen {
        register: if appio { RegisterKind::Appio } else { RegisterKind::Spid },
        on: day(row, "dated")?,
        complete: row.try_get("whole")?,
        entry,
    })
}

/// What every snapshot of the registers of services and of providers holds on comuni (cadastral codes, a JSON list).
async fn seen(
    connection: &mut Connection,
    comuni: &str,
    as_of: Date,
) -> Result<HashMap<String, Vec<Seen>>, sqlx::Error> {
    // Only a comune whose key is known can be missing: without it, nobody looked.
    let rows = query(
        "SELECT k.catastale, s.register, s.dated, s.whole,
                CASE s.register WHEN 'appio' THEN k.codice_fiscale ELSE k.codice_ipa END IS NOT NULL AS keyed,
                CASE s.register WHEN 'appio'
                     THEN (SELECT CAST(sum(b.services) AS BIGINT) FROM appio_body b WHERE b.snapshot = s.id AND b.comune = k.catastale)
                     ELSE (SELECT nullif(count(*), 0) FROM spid_provider p
                           WHERE p.snapshot = s.id AND p.comune = k.catastale) END AS entries
         FROM json_each($1) w JOIN known_comune k ON k.catastale = w.value
         JOIN register_snapshot s ON TRUE
         WHERE s.register IN ('appio', 'spid') AND s.dated <= $2 ORDER BY k.catastale, s.dated, s.id",
    )
    .bind(comuni)
    .bind(as_of.to_string())
    .fetch_all(&mut *connection)
    .await?;
    let mut all: HashMap<String, Vec<Seen>> = HashMap::new();
    for row in &rows {
        let appio = row.try_get::<&str>("register")? == "appio";
        let entries: Option<u32> = row.number_option("entries")?;
        let entry = match entries {
            // Providers are listed, not counted: one entity may serve all of a comune's services.
            Some(services) => Entry::Listed { count: appio.then_some(services) },
            None if row.try_get("keyed")? => Entry::NotListed,
            None => Entry::NotJoined,
        };
        all.entry(row.try_get("catastale")?).or_default().push(seen_in(row, entry)?);
    }
    Ok(all)
}
