//! What was seen of one platform of one comune over time, as changes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Outcome, Reason, Strength};

/// Names a catalogue of rules within one database. Two looks with the same one were judged by the same rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CatalogueId(pub i64);

/// One look: the finding of one visit, and when the visit started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When the visit started.
    pub at: Timestamp,
    /// The answer.
    pub outcome: Outcome,
    /// The strongest signal behind it.
    pub strength: Option<Strength>,
    /// Why.
    pub reason: Reason,
    /// The rules that said so.
    pub rules: Option<CatalogueId>,
}

/// How often and how long something must be missed before it counts as lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// Looks on different days (UTC). 1 believes the first one.
    pub looks: u32,
    /// Hours that must lie between the first and the last of them.
    pub hours: u32,
}

impl Default for Confirm {
    fn default() -> Self {
        Self { looks: 3, hours: 72 }
    }
}

/// Why an observation ended. Codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// What was found was missed often enough, for long enough.
    LossConfirmed,
    /// It was found.
    Found,
    /// Words appeared or went away; there was and is no way in.
    WordsChanged,
    /// Other rules say otherwise, and nothing shows that the site changed.
    RulesChanged,
}

impl Ended {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::LossConfirmed, Self::Found, Self::WordsChanged, Self::RulesChanged];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LossConfirmed => "loss-confirmed",
            Self::Found => "found",
            Self::WordsChanged => "words-changed",
            Self::RulesChanged => "rules-changed",
        }
    }
}

/// The end of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The first look that saw something else. The change lies between the last confirmation and this.
    pub until: Timestamp,
    /// The look by which the change counted: later than `until` where it had to be confirmed.
    pub known: Timestamp,
    /// Why.
    pub why: Ended,
}

/// One answer for as long as it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The answer; never `undetermined`, which is no answer.
    pub outcome: Outcome,
    /// The strongest signal of the last look that confirmed it.
    pub strength: Option<Strength>,
    /// Why, by the last look that confirmed it.
    pub reason: Reason,
    /// The first look that saw it.
    pub first_seen: Timestamp,
    /// The look by which it counted: later than `first_seen` where it had to be confirmed.
    pub known: Timestamp,
    /// The last look that saw it.
    pub last_confirmed: Timestamp,
    /// The rules of that look.
    pub rules: Option<CatalogueId>,
    /// Its end; none while it holds.
    pub end: Option<Ending>,
}

/// How a doubt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The loss counts.
    Confirmed,
    /// It was seen again: nothing was lost.
    Refuted,
}

impl Fate {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
        }
    }
}

/// Something that was found is missed, and that is still to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What the last of the looks saw in its place: `not-found` or `mentioned`.
    pub outcome: Outcome,
    /// Why, by that look.
    pub reason: Reason,
    /// The looks that missed it, one for each day. Never empty.
    pub looks: Vec<Timestamp>,
    /// The first of them that was judged by other rules than those that found it, with these rules: what is missed may have been
    /// lost by the rules.
    pub rules: Option<(Timestamp, CatalogueId)>,
    /// When it ended, and how; none while it lasts.
    pub end: Option<(Timestamp, Fate)>,
}

impl Doubt {
    /// The first look that missed it.
    pub fn since(&self) -> Option<Timestamp> {
        self.looks.first().copied()
    }
}

/// Looks in a row that could not tell. They end no observation and confirm none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Why, by the last of them.
    pub reason: Reason,
    /// The first of them.
    pub since: Timestamp,
    /// The last of them.
    pub last: Timestamp,
    /// The look that could tell again; none while it lasts.
    pub end: Option<Timestamp>,
}
