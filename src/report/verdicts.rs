//! Verdicts as documents: one line for each application, or one for each requirement, with what they rest on.
//!
//! Text and workbook speak the reader's language, CSV and JSON Lines carry codes. Nothing here decides anything: see
//! [`crate::notices`].

mod json;
mod rows;
mod text;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::mask;
use crate::{
    config::MaxAges,
    model::{Register, Verdict},
    notices::{Assessed, Case, Decoded, Known, Notice, Sighting, assess, schema::RegisterKind},
    store::{ApplicationFacts, CaseFacts, Found},
};

pub use json::{Line, SCHEMA, line};
pub use rows::{Column, Sheet};
pub use text::{Overview, case, counted, heading, in_short, rests_on};

/// One case with what it rests on.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// What is known. Addresses of pages are here as they were found: what is shown comes from [`Self::found`].
    pub facts: CaseFacts,
    /// What follows from it.
    pub case: Case<'a>,
    /// The day whose knowledge counts.
    pub as_of: Date,
    /// The list that the application was read from is older than it should be.
    pub list_stale: bool,
    /// The findings that requirements rest on, with addresses masked.
    looks: Vec<Found>,
}

impl<'a> Told<'a> {
    /// Judges what is known by a notice.
    pub fn new(facts: CaseFacts, notice: &'a Notice, as_of: Date, ages: MaxAges) -> Self {
        let sightings: Vec<Sighting> = facts.found.iter().map(|found| found.sighting).collect();
        let known = Known {
            sum: facts.application.as_ref().map(|application| application.euro),
            residents: facts.comune.population,
            sightings: &sightings,
            seen: &facts.seen,
        };
        let days = |register| i32::try_from(ages.of(register)).unwrap_or(i32::MAX);
        let stale_after = |kind: RegisterKind| days(kind.register());
        let age = |dated: Date| dated.until(as_of).map_or(0, |span| span.get_days());
        let list_stale = facts.application.as_ref().is_some_and(|one| age(one.dated) > days(Register::Candidature));
        let case = assess(notice, known, as_of, stale_after);
        let sites = case.criteria.iter().filter_map(|one| one.judgement.site);
        let named: Vec<Sighting> = sites.flat_map(|look| [look.from, look.since]).flatten().collect();
        let looks = facts.found.iter().filter(|found| named.contains(&found.sighting)).cloned();
        let looks = looks.map(|found| Found { page: found.page.as_deref().map(mask::address), ..found }).collect();
        Self { facts, case, as_of, list_stale, looks }
    }

    /// The finding behind a requirement, with where it can be looked up.
    pub fn found(&self, one: &Assessed<'_>) -> Option<&Found> {
        self.look_up(one.judgement.site?.from?)
    }

    /// The later look that could not tell.
    pub fn since(&self, one: &Assessed<'_>) -> Option<&Found> {
        self.look_up(one.judgement.site?.since?)
    }

    fn look_up(&self, sighting: Sighting) -> Option<&Found> {
        self.looks.iter().rfind(|found| found.sighting == sighting)
    }
}

/// What a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The verdicts on the applications to one notice.
    Verdicts,
    /// Applications, whatever their notice, with their sums read back.
    Applications,
}

/// Applications and their sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Money {
    /// Applications that are financed or paid.
    pub live: usize,
    /// Their sums, in cents.
    pub live_cents: u64,
    /// Applications that were waived.
    pub waived: usize,
    /// Their sums, in cents.
    pub waived_cents: u64,
}

impl Money {
    fn add(&mut self, application: &ApplicationFacts) {
        let (count, cents) = if application.state.is_live() {
            (&mut self.live, &mut self.live_cents)
        } else {
            (&mut self.waived, &mut self.waived_cents)
        };
        *count += 1;
        *cents = cents.saturating_add(application.euro.cents());
    }
}

/// How many cases have which verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    counts: [usize; 4],
    /// What each measure was given, and what was waived of it.
    pub money: BTreeMap<String, Money>,
    /// Website and register contradict each other.
    pub disagree: usize,
    /// Everything that is read was there before the notice opened.
    pub already: usize,
    /// The sum fits nothing that the notice pays.
    pub misfits: usize,
    /// The list of applications is later than the day asked for.
    pub wound_back: usize,
    /// Comuni that could not apply, as their region or province had an agreement of its own: left out.
    pub excluded: usize,
    /// Applications to notices that are not known, which nobody can judge: left out.
    pub without_notice: usize,
}

impl Totals {
    /// Counts one case.
    pub fn add(&mut self, told: &Told<'_>) {
        let summary = &told.case.summary;
        if let Some(at) = Verdict::ALL.iter().position(|verdict| *verdict == summary.verdict) {
            self.counts[at] += 1;
        }
        self.disagree += usize::from(summary.disagree);
        self.already += usize::from(summary.already.is_some());
        self.misfits += usize::from(matches!(told.case.sum, Some(Decoded::Misfit { .. })));
        if let Some(application) = &told.facts.application {
            self.money.entry(told.case.notice.measure.clone()).or_default().add(application);
        }
        self.wound_back += usize::from(told.facts.application.as_ref().is_some_and(|one| one.wound_back));
    }

    /// Cases with a verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        Verdict::ALL.iter().position(|one| *one == verdict).map_or(0, |at| self.counts[at])
    }

    /// All cases.
    pub fn all(&self) -> usize {
        self.counts.iter().sum()
    }
}
