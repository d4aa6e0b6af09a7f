//! The report on notices, for verifiers: what changed first, then what is due, what contradicts, and the list.
//!
//! Cases come one by one ([`Builder::case`]) and are counted; only what the report lists is held, at most [`MOST`] rows of a
//! kind in the document (programs get all of what changed from the JSON, and every case from the tables).

mod draw;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan as _, civil::Date};
use serde::Serialize;

use super::{
    changes::{Tally, VerdictChange, Whom},
    observations::ChangeRow,
    verdicts::{Told, in_short},
};
use crate::{
    config::Lang,
    model::{Outcome, Platform, Verdict},
    notices::{Decoded, Notice},
    registry::RegisterState,
};

/// Rows of a kind that the document shows.
pub const MOST: usize = 500;
/// Rows of a kind that a letter shows.
const IN_LETTER: usize = 40;
/// Roots and catalogues that are named one by one.
const NAMED: usize = 12;
/// Name and version of the JSON format.
pub const SCHEMA: &str = "riscontro.notice-report/1";

/// What is asked of a report.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// The day whose knowledge counts.
    pub as_of: Date,
    /// The day with which it is compared: that of the last report.
    pub since: Option<Date>,
    /// Days within which a deadline is near.
    pub near_days: u32,
    /// Only these regions; none means all.
    pub regions: Vec<String>,
}

/// Cases by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Supported.
    pub supported: usize,
    /// Not supported.
    pub not_supported: usize,
    /// Undetermined.
    pub undetermined: usize,
    /// Not observable.
    pub not_observable: usize,
}

impl Counts {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Supported => self.supported += 1,
            Verdict::NotSupported => self.not_supported += 1,
            Verdict::Undetermined => self.undetermined += 1,
            Verdict::NotObservable => self.not_observable += 1,
        }
    }

    fn with(mut self, other: &Self) -> Self {
        self.supported += other.supported;
        self.not_supported += other.not_supported;
        self.undetermined += other.undetermined;
        self.not_observable += other.not_observable;
        self
    }

    /// Cases with a verdict.
    pub const fn of(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Supported => self.supported,
            Verdict::NotSupported => self.not_supported,
            Verdict::Undetermined => self.undetermined,
            Verdict::NotObservable => self.not_observable,
        }
    }

    /// All of them.
    pub const fn all(&self) -> usize {
        self.supported + self.not_supported + self.undetermined + self.not_observable
    }
}

/// What was counted of one notice.
#[derive(Debug, Clone, Serialize)]
pub struct OfNotice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its measure.
    pub measure: String,
    /// Its cases by verdict.
    pub verdicts: Counts,
    /// Cents of the applications that are financed or paid.
    pub live_cents: u64,
    /// The same by band.
    pub bands: BTreeMap<String, Counts>,
}

/// How much of the sites could be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sites {
    /// Comuni with an application.
    pub comuni: usize,
    /// Of them, those that the registers give an address for.
    pub with_address: usize,
    /// Of them, those that were visited.
    pub visited: usize,
    /// Of them, those whose last look gave an answer on a platform that a notice asks for.
    pub read: usize,
}

/// A change on a platform that a notice asks for.
#[derive(Debug, Clone, Serialize)]
pub struct Changed {
    /// The notices for which it counts.
    pub notices: Vec<String>,
    /// What changed.
    #[serde(flatten)]
    pub row: ChangeRow,
}

/// An application with something missing near its deadline.
#[derive(Debug, Clone, Serialize)]
pub struct Near {
    /// Whose.
    #[serde(flatten)]
    pub whom: Whom,
    /// The notice.
    pub notice: String,
    /// The application.
    pub cup: Option<String>,
    /// The nearest deadline.
    pub due: Date,
    /// Requirements due then that are not supported, with their verdicts.
    pub missing: Vec<(String, Verdict)>,
}

/// A requirement on which website and register contradict each other.
#[derive(Debug, Clone, Serialize)]
pub struct Disagreement {
    /// Whose.
    #[serde(flatten)]
    pub whom: Whom,
    /// The notice.
    pub notice: String,
    /// The requirement.
    pub criterion: String,
    /// The platform that it asks for.
    pub platform: Option<Platform>,
    /// What the site says.
    pub site: Option<Outcome>,
    /// How many services the register holds; none where it lists none, or does not count.
    pub register: Option<u32>,
    /// Whether the register lists it.
    pub listed: bool,
}

/// One line of the list.
#[derive(Debug, Clone)]
struct Listed {
    whom: Whom,
    notice: String,
    cup: Option<String>,
    state: Option<crate::model::ApplicationState>,
    euro: Option<crate::model::Euro>,
    said: String,
}

/// A report in the making, and then the report.
#[derive(Debug, Serialize)]
pub struct Builder<'a> {
    schema: &'static str,
    #[serde(skip)]
    lang: Lang,
    #[serde(flatten)]
    asked: Asked,
    /// Each notice, with the platforms that it asks of a website.
    #[serde(skip)]
    by_id: BTreeMap<&'a str, (&'a Notice, BTreeSet<Platform>)>,
    notices: Vec<OfNotice>,
    regions: BTreeMap<String, Counts>,
    sites: Sites,
    catalogues: BTreeSet<String>,
    roots: BTreeSet<String>,
    registers: Vec<RegisterState>,
    changes: Vec<Changed>,
    /// None where nothing says what the verdicts were before.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict_changes: Option<Vec<VerdictChange>>,
    near: Vec<Near>,
    disagreements: Vec<Disagreement>,
    /// Applications by verdict, at most [`MOST`] of each.
    #[serde(skip)]
    listed: BTreeMap<Verdict, Vec<Listed>>,
    #[serde(skip)]
    seen: BTreeSet<String>,
    /// Changes by cadastral code, until their comune comes.
    #[serde(skip)]
    waiting: BTreeMap<String, Vec<Changed>>,
}

/// The platforms that a notice asks of a website.
fn platforms(notice: &Notice) -> BTreeSet<Platform> {
    notice.criteria.iter().filter(|criterion| !criterion.advice).filter_map(|criterion| criterion.reads.site).collect()
}

impl<'a> Builder<'a> {
    /// An empty one on some notices. `registers` are what it rests on.
    pub fn new(notices: &[&'a Notice], asked: Asked, registers: Vec<RegisterState>, lang: Lang) -> Self {
        let of = |notice: &&Notice| OfNotice {
            id: notice.id.clone(),
            name: lang.pick(&notice.name.it, &notice.name.en).clone(),
            measure: notice.measure.clone(),
            verdicts: Counts::default(),
            live_cents: 0,
            bands: BTreeMap::new(),
        };
        Self {
            schema: SCHEMA,
            lang,
            asked,
            by_id: notices.iter().map(|notice| (notice.id.as_str(), (*notice, platforms(notice)))).collect(),
            notices: notices.iter().map(of).collect(),
            regions: BTreeMap::new(),
            sites: Sites::default(),
            catalogues: BTreeSet::new(),
            roots: BTreeSet::new(),
            registers,
            changes: Vec::new(),
            verdict_changes: None,
            near: Vec::new(),
            disagreements: Vec::new(),
            listed: BTreeMap::new(),
            seen: BTreeSet::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// For one who was told before: the report lists the verdicts that are others since.
    #[must_use]
    pub fn with_verdicts_before(mut self) -> Self {
        self.verdict_changes = Some(Vec::new());
        self
    }

    /// Takes note of a verdict that is another.
    pub fn verdict_changed(&mut self, change: VerdictChange) {
        self.verdict_changes.get_or_insert_default().push(change);
    }

    /// Takes note of a change since the last report. Those of comuni without an application here are dropped in the end.
    pub fn change(&mut self, row: ChangeRow) {
        if let Some(code) = row.whose.catastale.clone() {
            self.waiting.entry(code).or_default().push(Changed { notices: Vec::new(), row });
        }
    }

    /// Counts a case. All changes have to be noted before.
    pub fn case(&mut self, told: &Told<'_>) {
        let (facts, case) = (&told.facts, &told.case);
        let verdict = case.summary.verdict;
        let id = case.notice.id.as_str();
        if let Some(of) = self.notices.iter_mut().find(|of| of.id == id) {
            of.verdicts.add(verdict);
            let band = case.sum.as_ref().and_then(Decoded::band).unwrap_or_default();
            of.bands.entry(band.to_owned()).or_default().add(verdict);
            if let Some(application) = facts.application.as_ref().filter(|one| one.state.is_live()) {
                of.live_cents = of.live_cents.saturating_add(application.euro.cents());
            }
        }
        self.regions.entry(facts.comune.region.clone().unwrap_or_default()).or_default().add(verdict);
        let asked = self.by_id.get(id).map(|(_, platforms)| platforms.clone()).unwrap_or_default();
        self.site(told, &asked);
        self.note_changes(told, &asked);
        self.due(told);
        for one in case.criteria.iter().filter(|one| one.judgement.disagree) {
            let entry = one.judgement.register.and_then(|look| look.from).map(|seen| seen.entry);
            self.disagreements.push(Disagreement {
                whom: Whom::of(&facts.comune),
                notice: id.to_owned(),
                criterion: one.criterion.id.clone(),
                platform: one.criterion.reads.site,
                site: told.found(one).map(|found| found.sighting.outcome),
                register: match entry {
                    Some(crate::notices::Entry::Listed { count }) => count,
                    _ => None,
                },
                listed: matches!(entry, Some(crate::notices::Entry::Listed { .. })),
            });
        }
        let listed = self.listed.entry(verdict).or_default();
        if listed.len() < MOST {
            let application = facts.application.as_ref();
            listed.push(Listed {
                whom: Whom::of(&facts.comune),
                notice: id.to_owned(),
                cup: application.and_then(|one| one.cup.clone()),
                state: application.map(|one| one.state),
                euro: application.map(|one| one.euro),
                said: in_short(told, self.lang),
            });
        }
    }

    /// Counts a comune's site once, and collects what its findings were made with.
    fn site(&mut self, told: &Told<'_>, asked: &BTreeSet<Platform>) {
        let facts = &told.facts;
        let mut last: BTreeMap<Platform, Outcome> = BTreeMap::new();
        for found in facts.found.iter().filter(|found| asked.contains(&found.sighting.platform)) {
            last.insert(found.sighting.platform, found.sighting.outcome);
            self.catalogues.insert(found.catalogue.clone());
            self.roots.extend(found.evidence_root.clone());
        }
        let read = last.values().any(|outcome| *outcome != Outcome::Undetermined);
        let key = facts.comune.catastale.clone().unwrap_or_else(|| facts.comune.name.clone());
        if self.seen.insert(key) {
            self.sites.comuni += 1;
            self.sites.with_address += usize::from(facts.comune.url.is_some());
            self.sites.visited += usize::from(!last.is_empty());
            self.sites.read += usize::from(read);
        }
    }

    fn note_changes(&mut self, told: &Told<'_>, asked: &BTreeSet<Platform>) {
        let Some(waiting) = told.facts.comune.catastale.as_ref().and_then(|code| self.waiting.get_mut(code)) else {
            return;
        };
        for changed in waiting.iter_mut().filter(|changed| asked.contains(&changed.row.platform)) {
            let id = &told.case.notice.id;
            if !changed.notices.contains(id) {
                changed.notices.push(id.clone());
            }
        }
    }

    /// Requirements that are due soon and not supported.
    fn due(&mut self, told: &Told<'_>) {
        let Some(application) = told.facts.application.as_ref().filter(|one| one.state.is_live()) else { return };
        let until = self.asked.as_of.saturating_add(i64::from(self.asked.near_days).days());
        let open = |one: &&crate::notices::Assessed<'_>| {
            let read = !one.criterion.reads.is_empty() && !one.criterion.advice;
            read && one.judgement.verdict != Verdict::Supported
                && one.due.is_some_and(|due| due >= self.asked.as_of && due <= until)
        };
        let open: Vec<_> = told.case.criteria.iter().filter(open).collect();
        let Some(due) = open.iter().filter_map(|one| one.due).min() else { return };
        let missing = open.iter().filter(|one| one.due == Some(due));
        self.near.push(Near {
            whom: Whom::of(&told.facts.comune),
            notice: told.case.notice.id.clone(),
            cup: application.cup.clone(),
            due,
            missing: missing.map(|one| (one.criterion.id.clone(), one.judgement.verdict)).collect(),
        });
    }

    /// After the last case: puts the lists in order.
    pub fn finish(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.changes = waiting.into_values().flatten().filter(|changed| !changed.notices.is_empty()).collect();
        let order = |change: crate::history::Change| crate::history::Change::ALL.iter().position(|one| *one == change);
        let place = |whose: &crate::store::Watched| (whose.region.clone(), whose.name.clone());
        self.changes.sort_by_cached_key(|one| (order(one.row.change), place(&one.row.whose), one.row.platform));
        if let Some(changes) = &mut self.verdict_changes {
            changes.sort_by_cached_key(|one| (one.whom.region.clone(), one.whom.comune.clone(), one.notice.clone()));
        }
        self.near.sort_by(|a, b| (a.due, &a.whom.region, &a.whom.comune).cmp(&(b.due, &b.whom.region, &b.whom.comune)));
    }

    /// How many changes there are of each kind: what a subject line counts.
    pub fn tally(&self) -> Tally {
        let verdicts = self.verdict_changes.as_ref().map_or(0, Vec::len);
        Tally::of(self.changes.iter().map(|one| one.row.change)).with_verdicts(verdicts)
    }

    /// How many applications of all notices have which verdict.
    pub fn verdicts(&self) -> Counts {
        self.notices.iter().fold(Counts::default(), |sum, of| sum.with(&of.verdicts))
    }
}
