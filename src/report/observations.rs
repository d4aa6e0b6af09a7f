//! Histories as documents: one row for each answer and the time for which it held, one for each difference between two days.
//!
//! Tables for programs carry codes and times to the second, those for people words and days.

use jiff::{Timestamp, Unit};
use serde::Serialize;

use super::{Cell, changes::Tally, table::Table, words};
use crate::{
    config::Lang,
    history::{Change, State, day},
    model::{CatalogueId, Observation, Outcome, Platform, Reason, Strength},
    store::{HistoryOf, Watched},
};

/// A time to the second; visits are not told apart by less.
fn second(at: Timestamp) -> Timestamp {
    at.round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Trunc)).unwrap_or(at)
}

fn time(at: Option<Timestamp>) -> Cell<'static> {
    at.map(|at| at.to_string()).into()
}

/// One answer on one platform, for as long as it held. The order of the fields is the order of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObservationRow {
    /// Whose.
    #[serde(flatten)]
    pub whose: Watched,
    /// The platform.
    pub platform: Platform,
    /// The answer; `undetermined` where no look could tell yet.
    pub outcome: Outcome,
    /// The strongest signal of the last look that confirmed it.
    pub strength: Option<Strength>,
    /// Why.
    pub reason: Reason,
    /// The first look that saw it.
    pub first_seen: Option<Timestamp>,
    /// The look by which it counted.
    pub known: Option<Timestamp>,
    /// The last look that saw it.
    pub last_confirmed: Option<Timestamp>,
    /// The first look that saw something else; none while it holds.
    pub until: Option<Timestamp>,
    /// The look by which that counted.
    pub until_known: Option<Timestamp>,
    /// Why it ended.
    pub ended: Option<&'static str>,
    /// The first look that missed it, while that is to be confirmed.
    pub missed_since: Option<Timestamp>,
    /// Days on which it was missed since.
    pub missed_looks: Option<usize>,
    /// Since when looks could not tell, while they cannot.
    pub undetermined_since: Option<Timestamp>,
    /// Why they could not.
    pub undetermined_reason: Option<Reason>,
    /// The rules by which it was confirmed last.
    pub catalogue: Option<String>,
    /// Other rules that miss it, while that is to be confirmed: what is missed may have been lost by them.
    pub missed_by_rules: Option<String>,
    /// The root of the evidence of the look that confirmed it last; of what no look could tell, of the last of them.
    pub evidence_root: Option<String>,
}

impl ObservationRow {
    /// Names of the columns; the JSON names are the same.
    pub const COLUMNS: [&'static str; 22] = [
        "codice_ipa",
        "catastale",
        "name",
        "region",
        "url",
        "platform",
        "outcome",
        "strength",
        "reason",
        "first_seen",
        "known",
        "last_confirmed",
        "until",
        "until_known",
        "ended",
        "missed_since",
        "missed_looks",
        "undetermined_since",
        "undetermined_reason",
        "catalogue",
        "missed_by_rules",
        "evidence_root",
    ];

    /// The rows of a history, oldest first; without `whole` only what holds.
    pub fn of(told: &HistoryOf, whole: bool) -> Vec<Self> {
        let history = &told.history;
        let mut rows: Vec<Self> =
            history.observations.iter().filter(|one| whole || one.end.is_none()).map(|one| row(told, one)).collect();
        if let Some(silence) = history.silence() {
            if history.standing().is_none() {
                rows.push(Self {
                    outcome: Outcome::Undetermined,
                    strength: None,
                    reason: silence.reason,
                    first_seen: None,
                    known: None,
                    last_confirmed: None,
                    evidence_root: told.root(Some(silence.last)),
                    ..row(told, &NOTHING)
                });
            }
            if let Some(last) = rows.last_mut() {
                last.undetermined_since = Some(second(silence.since));
                last.undetermined_reason = Some(silence.reason);
            }
        }
        if let (Some(doubt), Some(last)) = (history.doubt(), rows.last_mut()) {
            last.missed_since = doubt.since().map(second);
            last.missed_looks = Some(doubt.looks.len());
            last.missed_by_rules = doubt.rules.and_then(|(_, rules)| named(told, Some(rules)));
        }
        rows
    }

    /// The cells, in the order of [`Self::COLUMNS`].
    pub fn cells(&self) -> [Cell<'_>; 22] {
        let whose = &self.whose;
        [
            whose.codice_ipa.as_ref().into(),
            whose.catastale.as_ref().into(),
            whose.name.as_ref().into(),
            whose.region.as_ref().into(),
            whose.url.as_ref().into(),
            self.platform.code().into(),
            self.outcome.code().into(),
            self.strength.map(Strength::code).into(),
            self.reason.code().into(),
            time(self.first_seen),
            time(self.known),
            time(self.last_confirmed),
            time(self.until),
            time(self.until_known),
            self.ended.into(),
            time(self.missed_since),
            self.missed_looks.into(),
            time(self.undetermined_since),
            self.undetermined_reason.map(Reason::code).into(),
            self.catalogue.as_ref().into(),
            self.missed_by_rules.as_ref().into(),
            self.evidence_root.as_ref().into(),
        ]
    }
}

/// Stands in where nothing held yet.
const NOTHING: Observation = Observation {
    outcome: Outcome::Undetermined,
    strength: None,
    reason: Reason::Interrupted,
    first_seen: Timestamp::UNIX_EPOCH,
    known: Timestamp::UNIX_EPOCH,
    last_confirmed: Timestamp::UNIX_EPOCH,
    rules: None,
    end: None,
};

/// Rules as people name them.
fn named(told: &HistoryOf, rules: Option<CatalogueId>) -> Option<String> {
    told.catalogues.get(&rules?).cloned()
}

fn row(told: &HistoryOf, one: &Observation) -> ObservationRow {
    ObservationRow {
        whose: told.whose.clone(),
        platform: told.platform,
        outcome: one.outcome,
        strength: one.strength,
        reason: one.reason,
        first_seen: Some(second(one.first_seen)),
        known: Some(second(one.known)),
        last_confirmed: Some(second(one.last_confirmed)),
        until: one.end.map(|end| second(end.until)),
        until_known: one.end.map(|end| second(end.known)),
        ended: one.end.map(|end| end.why.code()),
        missed_since: None,
        missed_looks: None,
        undetermined_since: None,
        undetermined_reason: None,
        catalogue: named(told, one.rules),
        missed_by_rules: None,
        evidence_root: told.root(Some(one.last_confirmed)),
    }
}

/// What is another on the later of two days. The order of the fields is the order of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeRow {
    /// What changed.
    pub change: Change,
    /// Whose.
    #[serde(flatten)]
    pub whose: Watched,
    /// The platform.
    pub platform: Platform,
    /// What held on the first day.
    pub before: Option<Outcome>,
    /// The last look that had confirmed that.
    pub before_confirmed: Option<Timestamp>,
    /// What holds on the second day.
    pub after: Option<Outcome>,
    /// Since when: the first look that saw the change.
    pub since: Option<Timestamp>,
    /// Looks on different days behind it, for what is to be confirmed.
    pub looks: Option<usize>,
    /// Why, by the last of them.
    pub reason: Option<Reason>,
    /// The rules by which what held on the first day was confirmed last.
    pub catalogue_before: Option<String>,
    /// The rules that say what is told of the second day.
    pub catalogue_after: Option<String>,
    /// The root of the evidence of the look that had confirmed what held on the first day.
    pub root_before: Option<String>,
    /// The root of the evidence of the last look behind what is told of the second day.
    pub root_after: Option<String>,
}

impl ChangeRow {
    /// Names of the columns; the JSON names are the same.
    pub const COLUMNS: [&'static str; 17] = [
        "change",
        "codice_ipa",
        "catastale",
        "name",
        "region",
        "url",
        "platform",
        "before",
        "before_confirmed",
        "after",
        "since",
        "looks",
        "reason",
        "catalogue_before",
        "catalogue_after",
        "root_before",
        "root_after",
    ];

    /// The row of a change.
    pub fn of(told: &HistoryOf, from: &State, change: Change) -> Self {
        let (before, after) = (from.standing, told.history.standing());
        let doubt = told.history.doubt();
        let other = before.map(|(outcome, _)| outcome) != after.map(|one| one.outcome);
        let missed = doubt.filter(|_| change == Change::ToBeConfirmed || (change == Change::RulesChanged && !other));
        let (since, looks, reason) = match (missed, change) {
            (Some(doubt), _) => (doubt.since(), Some(doubt.looks.len()), Some(doubt.reason)),
            (None, Change::Undetermined) => {
                let silence = told.history.silence();
                (silence.map(|one| one.since), None, silence.map(|one| one.reason))
            }
            (None, _) => (after.map(|one| one.first_seen), None, after.map(|one| one.reason)),
        };
        // Of what held on, the later history knows the last confirmation; of what ended, too.
        let held =
            before.and_then(|(_, first)| told.history.observations.iter().find(|other| other.first_seen == first));
        // By which look what is told of the second day is told.
        let told_by = match (missed, change) {
            (Some(doubt), _) => doubt.looks.last().copied(),
            (None, Change::Undetermined) => told.history.silence().map(|one| one.last),
            (None, _) => after.map(|one| one.last_confirmed),
        };
        let missed_by = missed.and_then(|doubt| doubt.rules).map(|(_, rules)| rules);
        Self {
            change,
            whose: told.whose.clone(),
            platform: told.platform,
            before: before.map(|(outcome, _)| outcome),
            before_confirmed: held.map(|one| second(one.last_confirmed)),
            after: after.map(|one| one.outcome),
            since: since.map(second),
            looks,
            reason,
            catalogue_before: named(told, held.and_then(|one| one.rules)),
            catalogue_after: named(told, missed_by.or_else(|| after.and_then(|one| one.rules))),
            root_before: told.root(held.map(|one| one.last_confirmed)),
            root_after: told.root(told_by),
        }
    }

    /// The cells, in the order of [`Self::COLUMNS`].
    pub fn cells(&self) -> [Cell<'_>; 17] {
        let whose = &self.whose;
        [
            self.change.code().into(),
            whose.codice_ipa.as_ref().into(),
            whose.catastale.as_ref().into(),
            whose.name.as_ref().into(),
            whose.region.as_ref().into(),
            whose.url.as_ref().into(),
            self.platform.code().into(),
            self.before.map(Outcome::code).into(),
            time(self.before_confirmed),
            self.after.map(Outcome::code).into(),
            time(self.since),
            self.looks.into(),
            self.reason.map(Reason::code).into(),
            self.catalogue_before.as_ref().into(),
            self.catalogue_after.as_ref().into(),
            self.root_before.as_ref().into(),
            self.root_after.as_ref().into(),
        ]
    }
}

/// Changes for people: a table, and how many of each kind.
#[derive(Debug)]
pub struct Overview {
    lang: Lang,
    table: Table,
    tally: Tally,
}

impl Overview {
    /// An empty one.
    pub fn new(lang: Lang) -> Self {
        let head = lang.pick(
            ["Che cosa", "Comune", "Piattaforma", "Prima", "Confermato il", "Ora", "Dal", "Perché"],
            ["What", "Comune", "Platform", "Before", "Confirmed on", "Now", "Since", "Why"],
        );
        Self { lang, table: Table::new(head), tally: Tally::default() }
    }

    /// Adds a change.
    pub fn row(&mut self, row: &ChangeRow) {
        self.tally.add(row.change);
        let outcome = |outcome: Option<Outcome>| {
            outcome.map_or("–", |outcome| (words::words(self.lang).outcome)(row.platform, outcome)).to_owned()
        };
        let on = |at: Option<Timestamp>| at.map_or_else(String::new, |at| day(at).to_string());
        let what = match row.looks {
            Some(looks) => format!("{} ({looks})", words::history::change(self.lang, row.change)),
            None => words::history::change(self.lang, row.change).to_owned(),
        };
        self.table.row([
            what,
            row.whose.name.as_ref().or(row.whose.url.as_ref()).cloned().unwrap_or_default(),
            row.platform.name().to_owned(),
            outcome(row.before),
            on(row.before_confirmed),
            outcome(row.after),
            on(row.since),
            why(row),
        ]);
    }

    /// The table, and the counts below it.
    pub fn render(&self) -> String {
        let mut out = if self.table.is_empty() {
            format!("{}\n", self.lang.pick("Nessun cambiamento.", "Nothing changed."))
        } else {
            self.table.render()
        };
        let said = |(change, count)| format!("{}: {count}", words::history::change(self.lang, change));
        let counts: Vec<String> = self.tally.kinds().map(said).collect();
        out.push_str(&format!("\n{}\n{}\n", counts.join("; "), words::history::what_counts(self.lang)));
        out
    }
}

/// The reason, and of what the rules brought which rules.
fn why(row: &ChangeRow) -> String {
    let reason = row.reason.map_or("", Reason::code);
    match (row.change, &row.catalogue_before, &row.catalogue_after) {
        (Change::RulesChanged, Some(before), Some(after)) => format!("{reason} ({before} → {after})"),
        _ => reason.to_owned(),
    }
}

/// The histories of one comune for people: what held from when to when, platform by platform.
pub fn text(histories: &[HistoryOf], lang: Lang) -> String {
    let mut out = String::new();
    for told in histories {
        let site = told.whose.url.as_deref().map_or_else(String::new, |url| format!("  {}", super::clean(url)));
        out.push_str(&format!("  {}{site}\n", told.platform.name()));
        for row in ObservationRow::of(told, true) {
            out.push_str(&format!("    {}\n", line(&row, lang)));
        }
    }
    out
}

fn line(row: &ObservationRow, lang: Lang) -> String {
    let on = |at: Timestamp| day(at).to_string();
    let outcome = (words::words(lang).outcome)(row.platform, row.outcome);
    let mut text = outcome.to_owned();
    if let (Some(from), Some(last)) = (row.first_seen, row.last_confirmed) {
        text.push_str(&lang.pick(
            format!(", dal {}, confermato il {}", on(from), on(last)),
            format!(", since {}, confirmed on {}", on(from), on(last)),
        ));
    }
    if let (Some(until), Some(ended)) = (row.until, row.ended) {
        let why = words::history::ended(lang, ended);
        text.push_str(&lang.pick(format!(", fino al {}: {why}", on(until)), format!(", until {}: {why}", on(until))));
    }
    if let (Some(since), Some(looks), Some(rules)) = (row.missed_since, row.missed_looks, &row.missed_by_rules) {
        let rules = super::clean(rules);
        text.push_str(&lang.pick(
            format!("; le regole {rules} non lo vedono dal {}, giorni di visita {looks}", on(since)),
            format!("; the rules {rules} do not see it since {}, days of looking {looks}", on(since)),
        ));
    } else if let (Some(since), Some(looks)) = (row.missed_since, row.missed_looks) {
        text.push_str(&lang.pick(
            format!("; da confermare: non visto dal {}, giorni di visita {looks}", on(since)),
            format!("; to be confirmed: not seen since {}, days of looking {looks}", on(since)),
        ));
    }
    if let (Some(since), Some(reason)) = (row.undetermined_since, row.undetermined_reason) {
        let code = reason.code();
        text.push_str(&lang.pick(
            format!("; dal {} non si può dire ({code})", on(since)),
            format!("; since {} no look can tell ({code})", on(since)),
        ));
    }
    text
}
