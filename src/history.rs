//! Looks to observations: what of one platform of one comune held from when to when. Pure.
//!
//! * **A day counts once.** The looks of a day (UTC) are one look: the best of them. Who was seen on a day was there on it,
//!   whatever another look of that day missed, in whatever order they came.
//! * **Confirm before you accuse.** What was found is lost only after [`Confirm::looks`] days that missed it, with at least
//!   [`Confirm::hours`] from the first to the last, and none in between that saw it. Until then it stands and the miss is a
//!   [`Doubt`]. `mentioned` is a page that was read without a way in: for what was found it is a miss like `not-found`.
//! * **Good news is believed at once.** From `not-found` or `mentioned` to `found` takes one look. Between `not-found` and
//!   `mentioned` too: nobody loses a way in by it.
//! * **Rules are told from sites.** An answer that changes between looks of different rules ends because the
//!   [rules changed](Ended::RulesChanged), unless the new rules, run over the bytes of the old look ([`Rejudged`]), say what the old
//!   ones said: then it was the site.
//! * **Unknown is not absent.** A look that could not tell ([`Silence`]) ends nothing, confirms nothing, and does not count
//!   for or against a doubt.
//!
//! The outcome depends on the looks alone, not on the order in which they are handed in.

mod compare;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

pub use compare::{Change, State, change};

use crate::model::{
    CatalogueId, Confirm, Doubt, Ended, Ending, Fate, Look, Observation, Outcome, Reason, Silence, Strength,
};

/// What rules said later of the bytes of a look, by the time of the look.
pub type Rejudged = BTreeMap<(Timestamp, CatalogueId), Outcome>;

/// The day of a look, UTC.
pub fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The looks of one day, as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    on: Date,
    first: Timestamp,
    last: Timestamp,
    outcome: Outcome,
    strength: Option<Strength>,
    reason: Reason,
    rules: Option<CatalogueId>,
}

/// What a look is worth beside others of its day.
const fn worth(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Found => 3,
        Outcome::Mentioned => 2,
        Outcome::NotFound => 1,
        Outcome::Undetermined => 0,
    }
}

impl Day {
    /// A day with one look.
    pub fn of(look: Look) -> Self {
        let Look { at, outcome, strength, reason, rules } = look;
        Self { on: day(at), first: at, last: at, outcome, strength, reason, rules }
    }

    /// The best of a day's looks, whatever their order: its first and last time, its strongest reason.
    fn best(looks: &[Look]) -> Option<Self> {
        let best = looks.iter().map(|look| worth(look.outcome)).max()?;
        let counting = || looks.iter().filter(|look| worth(look.outcome) == best);
        let told = counting().max_by_key(|look| (look.strength, look.at, look.reason))?;
        let first = counting().map(|look| look.at).min()?;
        // The rules are those of the look that the last time is of.
        let (last, rules) = counting().map(|look| (look.at, look.rules)).max()?;
        Some(Self { first, last, rules, ..Self::of(*told) })
    }
}

/// What is known of one platform of one comune. Of each list only the last entry may still last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// The answers, one after the other.
    pub observations: Vec<Observation>,
    /// The times when a loss was to be confirmed.
    pub doubts: Vec<Doubt>,
    /// The times when no look could tell.
    pub silences: Vec<Silence>,
}

impl History {
    /// The history that looks come to, in whatever order they are given.
    pub fn of(looks: &[Look], confirm: Confirm) -> Self {
        Self::of_rejudged(looks, &Rejudged::new(), confirm)
    }

    /// The same, where rules were run again over what looks had seen.
    pub fn of_rejudged(looks: &[Look], rejudged: &Rejudged, confirm: Confirm) -> Self {
        let mut sorted = looks.to_vec();
        sorted.sort_by_key(|look| look.at);
        let mut history = Self::default();
        for one in sorted.chunk_by(|a, b| day(a.at) == day(b.at)) {
            if let Some(day) = Day::best(one) {
                history.add_rejudged(day, rejudged, confirm);
            }
        }
        history
    }

    /// Adds a day that is later than all days before; gives the same as [`Self::of`] over all looks together.
    pub fn add(&mut self, day: Day, confirm: Confirm) {
        self.add_rejudged(day, &Rejudged::new(), confirm);
    }

    fn add_rejudged(&mut self, day: Day, rejudged: &Rejudged, confirm: Confirm) {
        if day.outcome == Outcome::Undetermined {
            self.silent(day);
            return;
        }
        if let Some(silence) = self.silences.last_mut().filter(|silence| silence.end.is_none()) {
            silence.end = Some(day.first);
        }
        match self.standing().map(|one| one.outcome) {
            None => self.begin(day, day.first, day.first),
            Some(outcome) if outcome == day.outcome => {
                if let Some(standing) = self.open() {
                    standing.last_confirmed = day.last;
                    (standing.strength, standing.reason) = (day.strength, day.reason);
                    standing.rules = day.rules;
                }
                if let Some(doubt) = self.open_doubt() {
                    doubt.end = Some((day.first, Fate::Refuted));
                }
            }
            Some(Outcome::Found) => self.missed(day, rejudged, confirm),
            Some(_) => {
                let why = match day.outcome {
                    _ if self.by_rules(day, rejudged).is_some() => Ended::RulesChanged,
                    Outcome::Found => Ended::Found,
                    _ => Ended::WordsChanged,
                };
                self.end(Ending { until: day.first, known: day.first, why });
                self.begin(day, day.first, day.first);
            }
        }
    }

    /// The answer that holds.
    pub fn standing(&self) -> Option<&Observation> {
        self.observations.last().filter(|one| one.end.is_none())
    }

    /// The loss that is still to be confirmed.
    pub fn doubt(&self) -> Option<&Doubt> {
        self.doubts.last().filter(|one| one.end.is_none())
    }

    /// The looks at the end that could not tell.
    pub fn silence(&self) -> Option<&Silence> {
        self.silences.last().filter(|one| one.end.is_none())
    }

    /// The last look of all.
    pub fn last_look(&self) -> Option<Timestamp> {
        let answered = self.standing().map(|one| one.last_confirmed);
        let missed = self.doubt().and_then(|one| one.looks.last().copied());
        answered.max(missed).max(self.silence().map(|one| one.last))
    }

    /// What of this was known at the end of a day. Exact, but for what a look of after that day took the place of: the
    /// strength, reason, rules and last confirmation of an answer that still held, the reason of a doubt and of a silence.
    #[must_use]
    pub fn as_known_on(&self, on: Date) -> Self {
        let then = |at: &Timestamp| day(*at) <= on;
        let mut past = self.clone();
        past.observations.retain(|one| then(&one.known));
        for one in &mut past.observations {
            one.end = one.end.filter(|end| then(&end.known));
        }
        for one in &mut past.doubts {
            one.looks.retain(then);
            one.rules = one.rules.filter(|(at, _)| then(at));
            one.end = one.end.filter(|(at, _)| then(at));
        }
        past.doubts.retain(|one| !one.looks.is_empty());
        past.silences.retain(|one| then(&one.since));
        for one in &mut past.silences {
            one.end = one.end.filter(then);
        }
        past
    }

    fn open(&mut self) -> Option<&mut Observation> {
        self.observations.last_mut().filter(|one| one.end.is_none())
    }

    fn open_doubt(&mut self) -> Option<&mut Doubt> {
        self.doubts.last_mut().filter(|one| one.end.is_none())
    }

    fn begin(&mut self, day: Day, first_seen: Timestamp, known: Timestamp) {
        let Day { outcome, strength, reason, rules, last, .. } = day;
        self.observations.push(Observation {
            outcome,
            strength,
            reason,
            first_seen,
            known,
            last_confirmed: last,
            rules,
            end: None,
        });
    }

    fn end(&mut self, ending: Ending) {
        if let Some(standing) = self.open() {
            standing.end = Some(ending);
        }
    }

    /// The rules of a day that says otherwise, when these rules and not the site may be why.
    fn by_rules(&self, day: Day, rejudged: &Rejudged) -> Option<CatalogueId> {
        let (standing, rules) = (self.standing()?, day.rules?);
        let same = standing.rules == Some(rules);
        let agrees = rejudged.get(&(standing.last_confirmed, rules)) == Some(&standing.outcome);
        (!same && !agrees).then_some(rules)
    }

    fn missed(&mut self, miss: Day, rejudged: &Rejudged, confirm: Confirm) {
        let by_rules = self.by_rules(miss, rejudged).map(|rules| (miss.first, rules));
        if let Some(doubt) = self.open_doubt() {
            doubt.looks.push(miss.first);
            (doubt.outcome, doubt.reason) = (miss.outcome, miss.reason);
            doubt.rules = doubt.rules.or(by_rules);
        } else {
            let Day { outcome, reason, first, .. } = miss;
            self.doubts.push(Doubt { outcome, reason, looks: vec![first], rules: by_rules, end: None });
        }
        let Some(doubt) = self.open_doubt() else { return };
        let since = doubt.looks.first().copied().unwrap_or(miss.first);
        let often = u32::try_from(doubt.looks.len()).unwrap_or(u32::MAX) >= confirm.looks;
        let long = miss.first.duration_since(since) >= SignedDuration::from_hours(i64::from(confirm.hours));
        if often && long {
            doubt.end = Some((miss.first, Fate::Confirmed));
            let why = if doubt.rules.is_some() { Ended::RulesChanged } else { Ended::LossConfirmed };
            self.end(Ending { until: since, known: miss.first, why });
            self.begin(miss, since, miss.first);
        }
    }

    fn silent(&mut self, day: Day) {
        match self.silences.last_mut().filter(|one| one.end.is_none()) {
            Some(silence) => {
                silence.last = day.last;
                silence.reason = day.reason;
            }
            None => self.silences.push(Silence { reason: day.reason, since: day.first, last: day.last, end: None }),
        }
    }
}
