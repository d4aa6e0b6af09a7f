//! What changed: counted, and as sections of a document. Of findings ([`ChangeRow`]) and of verdicts ([`VerdictChange`]).

use serde::Serialize;

use super::{
    document::{Block, Section, listing},
    observations::ChangeRow,
    verdicts::Told,
    words::{self, number, reports::report_words, verdict},
};
use crate::{
    config::Lang,
    history::{Change, day},
    model::{Outcome, Verdict},
    store::ComuneFacts,
};

/// Of whom something is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Whom {
    /// Name of the comune.
    pub comune: String,
    /// Letters of its province.
    pub sigla: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Its cadastral code.
    pub catastale: Option<String>,
}

impl Whom {
    /// The comune of a case.
    pub fn of(facts: &ComuneFacts) -> Self {
        Self {
            comune: facts.name.clone(),
            sigla: facts.sigla.clone(),
            region: facts.region.clone(),
            catastale: facts.catastale.clone(),
        }
    }

    /// Name and province.
    pub fn name(&self) -> String {
        self.sigla.as_ref().map_or_else(|| self.comune.clone(), |sigla| format!("{} ({sigla})", self.comune))
    }
}

/// A case whose verdict is another than it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    /// Whose.
    #[serde(flatten)]
    pub whom: Whom,
    /// The notice.
    pub notice: String,
    /// The application.
    pub cup: Option<String>,
    /// The verdict that it had.
    pub before: Verdict,
    /// The verdict that it has.
    pub after: Verdict,
}

impl VerdictChange {
    /// The change of a case that had another verdict before.
    pub fn of(told: &Told<'_>, before: Verdict) -> Self {
        Self {
            whom: Whom::of(&told.facts.comune),
            notice: told.case.notice.id.clone(),
            cup: told.facts.application.as_ref().and_then(|one| one.cup.clone()),
            before,
            after: told.case.summary.verdict,
        }
    }
}

/// How many changes of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    kinds: [usize; Change::ALL.len()],
    verdicts: usize,
}

impl Tally {
    /// Counts changes.
    pub fn of(changes: impl IntoIterator<Item = Change>) -> Self {
        let mut tally = Self::default();
        changes.into_iter().for_each(|change| tally.add(change));
        tally
    }

    /// With so many verdicts that are others.
    #[must_use]
    pub const fn with_verdicts(mut self, verdicts: usize) -> Self {
        self.verdicts = verdicts;
        self
    }

    /// Counts one more.
    pub fn add(&mut self, change: Change) {
        if let Some(at) = Change::ALL.iter().position(|one| *one == change) {
            self.kinds[at] += 1;
        }
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.kinds.iter_mut().zip(other.kinds).for_each(|(kind, more)| *kind += more);
        self.verdicts += other.verdicts;
        self
    }

    /// All changes.
    pub fn all(&self) -> usize {
        self.kinds.iter().sum::<usize>() + self.verdicts
    }

    /// Each kind with its number, in the order in which they are told.
    pub fn kinds(&self) -> impl Iterator<Item = (Change, usize)> {
        Change::ALL.into_iter().zip(self.kinds)
    }

    /// What there is of it, for people: `comparso: 2`.
    pub fn said(&self, lang: Lang) -> Vec<String> {
        let kinds = self.kinds().map(|(change, count)| (words::history::change(lang, change), count));
        let verdicts = (lang.pick("verdetti cambiati", "verdicts changed"), self.verdicts);
        kinds
            .chain([verdicts])
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{what}: {}", number(lang, count as u64)))
            .collect()
    }
}

/// Changes of findings as a section of at most so many rows; `nothing` is said when there are none.
pub fn section(rows: &[&ChangeRow], nothing: &str, most: usize, lang: Lang) -> Section {
    let words = report_words(lang);
    let title = ("changes", words.changes, most);
    let mut section = listing(title, nothing, words.changes_head, rows, |row| cells(row, lang));
    if !rows.is_empty() {
        let tally = Tally::of(rows.iter().map(|row| row.change));
        section.blocks.insert(0, Block::List(tally.said(lang)));
        section.say(words::history::what_counts(lang));
    }
    section
}

fn cells(row: &ChangeRow, lang: Lang) -> [String; 8] {
    let outcome = |outcome: Option<Outcome>| {
        outcome.map_or("–", |outcome| (words::words(lang).outcome)(row.platform, outcome)).to_owned()
    };
    let what = words::history::change(lang, row.change);
    let what = row.looks.map_or_else(|| what.to_owned(), |looks| format!("{what} ({looks})"));
    [
        row.whose.name.clone().or_else(|| row.whose.url.clone()).unwrap_or_default(),
        row.whose.region.clone().unwrap_or_default(),
        what,
        row.platform.name().to_owned(),
        outcome(row.before),
        outcome(row.after),
        row.since.map(|at| day(at).to_string()).unwrap_or_default(),
        row.reason.map(|reason| (words::words(lang).reason)(row.platform, reason)).unwrap_or_default(),
    ]
}

/// Changes of verdicts as a section of at most so many rows.
pub fn verdict_section(rows: &[VerdictChange], most: usize, lang: Lang) -> Section {
    let words = report_words(lang);
    let title = ("verdict-changes", words.verdict_changes, most);
    listing(title, words.no_verdict_changes, words.verdict_changes_head, rows, |one| {
        [
            one.whom.name(),
            one.whom.region.clone().unwrap_or_default(),
            one.notice.clone(),
            one.cup.clone().unwrap_or_default(),
            verdict(lang, one.before).to_owned(),
            verdict(lang, one.after).to_owned(),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_there_is_is_counted_aloud() {
        let tally = Tally::of([Change::Lost, Change::Found, Change::Lost]);
        assert_eq!(tally.said(Lang::It), ["comparso: 1", "non più riscontrato: 2"]);
        let both = tally.with(&Tally::of([Change::Found]).with_verdicts(4));
        assert_eq!(both.said(Lang::En), ["found: 2", "lost: 2", "verdicts changed: 4"]);
        assert_eq!((both.all(), Tally::default().all()), (8, 0));
    }
}
