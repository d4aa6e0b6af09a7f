//! One application against its notice: what its sum pays for, each requirement judged, and all of them together.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Before, Decoded, Hint, Judgement, Seen, Sighting, already, decode,
    judge::{Asked, judge},
    schema::{Criterion, Notice, RegisterKind},
};
use crate::model::{Euro, Observable, Verdict};

/// What is known of a comune, and what it was given.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The sum of the application; none for a comune that has none.
    pub sum: Option<Euro>,
    /// Residents, where a register counts them.
    pub residents: Option<u32>,
    /// What visits found, the whole history, in any order.
    pub sightings: &'a [Sighting],
    /// What registers hold, the whole history, in any order.
    pub seen: &'a [Seen],
}

/// A requirement, judged.
#[derive(Debug, Clone, Serialize)]
pub struct Assessed<'a> {
    /// The requirement.
    #[serde(skip)]
    pub criterion: &'a Criterion,
    /// The day by which it had to be met, where the notice gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// What findings and registers say.
    pub judgement: Judgement,
    /// It was there before the notice began to count.
    pub already: Option<Before>,
}

/// All requirements of a notice together, without what it only recommends. The verdict is about those that riscontro reads, and
/// says no more than they do; the others are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Of the requirements that are read: `not-supported` when one is, else `undetermined` when one is, else `supported`.
    /// When none is read, `undetermined` if one could be, else `not-observable`.
    pub verdict: Verdict,
    /// Requirements.
    pub criteria: usize,
    /// How many of them are supported.
    pub supported: usize,
    /// How many are not supported.
    pub not_supported: usize,
    /// How many are read and undetermined.
    pub undetermined: usize,
    /// How many could be seen from outside and are not read.
    pub not_examined: usize,
    /// How many nobody can see from outside.
    pub not_observable: usize,
    /// Website and register contradict each other on one of them.
    pub disagree: bool,
    /// Everything that is read was there before the notice opened; the day since when.
    pub already: Option<Before>,
}

/// An application against its notice, or a comune without an application against a notice that it could have applied to.
#[derive(Debug, Clone, Serialize)]
pub struct Case<'a> {
    /// The notice.
    #[serde(skip)]
    pub notice: &'a Notice,
    /// The sum, read back; none without an application.
    pub sum: Option<Decoded>,
    /// The requirements, in the order of the notice.
    pub criteria: Vec<Assessed<'a>>,
    /// All of them together.
    pub summary: Summary,
}

/// Judges every requirement of a notice by what was known on a day. A register older than `stale_after` says, in days counted
/// back from that day, speaks for a requirement and never against it.
pub fn assess<'a>(
    notice: &'a Notice,
    known: Known<'_>,
    as_of: Date,
    stale_after: impl Fn(RegisterKind) -> i32,
) -> Case<'a> {
    let sum = known.sum.map(|sum| decode(notice, sum, known.residents.map(Hint::Residents)));
    let expected = sum.as_ref().and_then(Decoded::services);
    let due = |criterion: &Criterion| {
        let phase = criterion.phase.as_ref()?;
        notice.phases.iter().find(|one| one.id == *phase).map(|phase| phase.due)
    };
    let criteria: Vec<_> = notice
        .criteria
        .iter()
        .map(|criterion| {
            let due = due(criterion);
            let stale_after = criterion.reads.register.map_or(i32::MAX, &stale_after);
            let asked = Asked { as_of, due, expected, stale_after };
            Assessed {
                criterion,
                due,
                judgement: judge(criterion, asked, known.sightings, known.seen),
                already: already(criterion, &notice.window, asked, known.sightings, known.seen),
            }
        })
        .collect();
    let summary = summary(&criteria);
    Case { notice, sum, criteria, summary }
}

fn summary(criteria: &[Assessed<'_>]) -> Summary {
    let asked = || criteria.iter().filter(|one| !one.criterion.advice);
    let read: Vec<_> = asked().filter(|one| is_read(one.criterion)).collect();
    let count = |verdict| read.iter().filter(|one| one.judgement.verdict == verdict).count();
    let (supported, not_supported) = (count(Verdict::Supported), count(Verdict::NotSupported));
    let undetermined = count(Verdict::Undetermined);
    let not_observable = asked().filter(|one| one.criterion.observable == Observable::Nowhere).count();
    let not_examined = asked().count() - read.len() - not_observable;
    let verdict = if not_supported > 0 {
        Verdict::NotSupported
    } else if undetermined > 0 || (supported == 0 && not_examined > 0) {
        Verdict::Undetermined
    } else if supported > 0 {
        Verdict::Supported
    } else {
        Verdict::NotObservable
    };
    let since: Option<Vec<Before>> = read.iter().map(|one| one.already).collect();
    Summary {
        verdict,
        criteria: asked().count(),
        supported,
        not_supported,
        undetermined,
        not_examined,
        not_observable,
        disagree: asked().any(|one| one.judgement.disagree),
        already: since.and_then(|all| all.into_iter().max_by_key(|before| before.on)),
    }
}

/// Whether a finding or a register is asked about it.
fn is_read(criterion: &Criterion) -> bool {
    criterion.observable != Observable::Nowhere && !criterion.reads.is_empty()
}
