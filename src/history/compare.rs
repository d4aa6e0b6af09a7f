//! Two days, compared.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::History;
use crate::model::{Ended, Outcome};

/// What a history comes to at a moment: as much of it as a later moment is compared with. Small enough to be kept of every
/// comune for every reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct State {
    /// The answer that holds, and the first look that saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<(Outcome, Timestamp)>,
    /// The first look that missed what stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Timestamp>,
    /// The first of the looks at the end that could not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent: Option<Timestamp>,
}

impl History {
    /// What it comes to now.
    pub fn state(&self) -> State {
        State {
            standing: self.standing().map(|one| (one.outcome, one.first_seen)),
            missed: self.doubt().and_then(super::Doubt::since),
            silent: self.silence().map(|one| one.since),
        }
    }
}

/// What is another on the later of two days. Codes are stable; the first that holds is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It was not found, or not looked for, and is found.
    Found,
    /// It was found, and its loss was confirmed.
    Lost,
    /// It was found and is missed since; that is still to be confirmed, so it stands.
    ToBeConfirmed,
    /// The last looks could not tell; what held before stands.
    Undetermined,
    /// Words appeared or went away; there was and is no way in.
    WordsChanged,
    /// Other rules say otherwise, or miss what was found; nothing shows that the site changed.
    RulesChanged,
}

impl Change {
    /// Every change, in the order in which it is told.
    pub const ALL: [Self; 6] =
        [Self::Found, Self::Lost, Self::ToBeConfirmed, Self::Undetermined, Self::WordsChanged, Self::RulesChanged];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Lost => "lost",
            Self::ToBeConfirmed => "to-be-confirmed",
            Self::Undetermined => "undetermined",
            Self::WordsChanged => "words-changed",
            Self::RulesChanged => "rules-changed",
        }
    }
}

/// What changed between a state of a history and what it is later. What came and went in between leaves no trace, and a first
/// look that did not find is no change of anything.
pub fn change(from: &State, to: &History) -> Option<Change> {
    let now = to.state();
    let (before, after) = (from.standing.map(|(outcome, _)| outcome), now.standing.map(|(outcome, _)| outcome));
    let found = |outcome: Option<Outcome>| outcome == Some(Outcome::Found);
    if before.is_some() && before != after && by_rules(from, to) {
        Some(Change::RulesChanged)
    } else if found(after) && !found(before) {
        Some(Change::Found)
    } else if found(before) && !found(after) {
        Some(Change::Lost)
    } else if now.missed.is_some() && now.missed != from.missed {
        let by_rules = to.doubt().is_some_and(|doubt| doubt.rules.is_some());
        Some(if by_rules { Change::RulesChanged } else { Change::ToBeConfirmed })
    } else if now.silent.is_some() && now.silent != from.silent {
        Some(Change::Undetermined)
    } else if before.is_some() && before != after {
        Some(Change::WordsChanged)
    } else {
        None
    }
}

/// Whether rules are behind any of the changes from one state to the other: then it cannot be said that the site changed.
fn by_rules(from: &State, to: &History) -> bool {
    let Some((_, before)) = from.standing else { return false };
    to.observations
        .iter()
        .filter(|one| one.first_seen >= before)
        .any(|one| one.end.is_some_and(|end| end.why == Ended::RulesChanged))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::tests::looks, model::Confirm};

    #[test]
    fn what_two_days_differ_in() {
        let cases = [
            ("F F", 1, None),
            ("- F", 1, Some(Change::Found)),
            ("n F", 1, Some(Change::Found)),
            ("- n", 1, None),
            ("- u", 1, Some(Change::Undetermined)),
            ("F n", 1, Some(Change::ToBeConfirmed)),
            ("F n n", 2, None),
            ("F u", 1, Some(Change::Undetermined)),
            ("F u u", 2, None),
            ("F n u", 1, Some(Change::ToBeConfirmed)),
            ("F n n n n", 1, Some(Change::Lost)),
            ("F n n n n", 4, Some(Change::Lost)),
            ("F n n n n F", 1, None),
            ("F n F n", 2, Some(Change::ToBeConfirmed)),
            ("n m", 1, Some(Change::WordsChanged)),
            ("n u", 1, Some(Change::Undetermined)),
            ("F u F", 1, None),
        ];
        for (days, on, expected) in cases {
            let to = History::of(&looks(days), Confirm::default());
            let from = to.as_known_on(jiff::civil::date(2026, 1, on)).state();
            assert_eq!(change(&from, &to), expected, "{days} from day {on}");
        }
    }
}
