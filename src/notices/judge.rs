//! Findings and register entries to a verdict, for one requirement of a notice.
//!
//! Two steps. Each side, website and register, comes to say yes, too few, no, or that it cannot tell and why; only a finding
//! whose places were all read, and only a whole and recent register, may say no. Then [`Observable`] tells which side
//! decides. Every cell of that is written out in the tests.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::schema::{AtLeast, Criterion, RegisterKind, Window};
use crate::model::{Basis, Observable, Outcome, Platform, Reason, Verdict};

/// What one visit found of one platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sighting {
    /// The platform.
    pub platform: Platform,
    /// The answer.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// The day of the visit.
    #[schemars(with = "String")]
    pub on: Date,
}

/// What a register holds on the comune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Entry {
    /// It is listed, with so many services where the register counts them.
    Listed {
        /// Services, where the register counts them.
        count: Option<u32>,
    },
    /// It is not listed.
    NotListed,
    /// The key by which the register would list it is not known.
    NotJoined,
}

/// One snapshot of a register, as far as the comune is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seen {
    /// The register.
    pub register: RegisterKind,
    /// The day whose state it holds.
    #[schemars(with = "String")]
    pub on: Date,
    /// True when it holds all there is; false for a sample, where not being listed says nothing.
    pub complete: bool,
    /// What it holds.
    pub entry: Entry,
}

/// What is asked besides the requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Only what was known on this day counts.
    pub as_of: Date,
    /// The day on which the requirement had to be met, where there is one. What is seen on another day then tells only in one
    /// direction: there before means there in time, not there before means nothing, and later tells neither.
    pub due: Option<Date>,
    /// Services that the application is paid for, where its sum tells.
    pub expected: Option<u32>,
    /// A register older than so many days, counted back from `as_of`, is stale.
    pub stale_after: i32,
}

/// What one side says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "says", content = "because")]
pub enum Says {
    /// It is there.
    Yes,
    /// Some of it is there, less than is asked for.
    TooFew,
    /// It is not there.
    No,
    /// Cannot tell, and why.
    Unknown(Basis),
}

/// A side with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Look<T> {
    /// The finding or the snapshot; none when there is none up to the day in question.
    pub from: Option<T>,
    /// What it says.
    pub says: Says,
    /// A later look that could not tell; what was found before stands, with its own date.
    pub since: Option<T>,
    /// The register is older than it should be, which is told whatever it says. Findings carry their own date.
    pub stale: bool,
}

/// A verdict with everything that it rests on: website and register side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub basis: Basis,
    /// Only a part of the requirement can be seen, so the verdict is about that part.
    pub partial: bool,
    /// Website and register contradict each other, whoever decides.
    pub disagree: bool,
    /// The website, where the requirement is read from it.
    pub site: Option<Look<Sighting>>,
    /// The register, where the requirement is read from it.
    pub register: Option<Look<Seen>>,
}

/// Judges one requirement. `sightings` and `seen` may hold the whole history of the comune, in any order, other platforms
/// and registers included.
pub fn judge(criterion: &Criterion, asked: Asked, sightings: &[Sighting], seen: &[Seen]) -> Judgement {
    let reads = criterion.reads;
    let site = reads.site.map(|platform| {
        let history = sightings.iter().filter(|one| one.platform == platform && one.on <= asked.as_of);
        let dated = history.map(|one| (*one, one.on, of_sighting(*one)));
        look_at_site(dated.collect(), asked.due)
    });
    let register = reads.register.map(|kind| {
        let history = seen.iter().filter(|one| one.register == kind && one.on <= asked.as_of);
        let dated = history.map(|one| (*one, one.on, of_seen(one, reads.at_least, asked.expected)));
        let mut look = look(dated.collect(), asked.due, Basis::RegisterMissing);
        look.stale = look.from.is_some_and(|from| days_between(from.on, asked.as_of) > asked.stale_after);
        // Where a day is asked for, age is measured against that day, above.
        if look.stale && asked.due.is_none() && matches!(look.says, Says::No | Says::TooFew) {
            look.says = Says::Unknown(Basis::RegisterStale);
        }
        look
    });
    let disagree = contradict(site.as_ref(), register.as_ref());
    let (verdict, basis) =
        weigh(criterion.observable, site.map(|look| look.says), register.map(|look| look.says), disagree);
    Judgement { verdict, basis, partial: criterion.observable == Observable::Partly, disagree, site, register }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

/// A finding says no only when the places where the platform would be were read; words alone say neither.
fn of_sighting(sighting: Sighting) -> Says {
    match (sighting.outcome, sighting.reason) {
        (Outcome::Found, _) => Says::Yes,
        (Outcome::NotFound, Reason::CoverageComplete) => Says::No,
        (Outcome::NotFound | Outcome::Mentioned | Outcome::Undetermined, reason) => {
            Says::Unknown(Basis::Finding(reason))
        }
    }
}

fn of_seen(seen: &Seen, at_least: Option<AtLeast>, expected: Option<u32>) -> Says {
    let short = |says| if seen.complete { says } else { Says::Unknown(Basis::RegisterIncomplete) };
    match (seen.entry, at_least) {
        (Entry::NotJoined, _) => Says::Unknown(Basis::RegisterNotJoined),
        (Entry::NotListed | Entry::Listed { count: Some(0) }, _) => short(Says::No),
        (Entry::Listed { .. }, None) => Says::Yes,
        (Entry::Listed { count }, Some(wanted)) => {
            let wanted = match wanted {
                AtLeast::Number(number) => Some(number),
                AtLeast::Sum(_) => expected,
            };
            match (count, wanted) {
                (Some(count), Some(wanted)) if count >= wanted => Says::Yes,
                (Some(_), Some(_)) => short(Says::TooFew),
                _ => Says::Unknown(Basis::ExpectedUnknown),
            }
        }
    }
}

/// A website that was away for a night has not lost what was found on it: a look that could not tell takes nothing back. What
/// was missed before it does not stand: it may have come since, and a wrong absence costs a comune its money.
fn look_at_site(mut history: Vec<(Sighting, Date, Says)>, due: Option<Date>) -> Look<Sighting> {
    history.sort_by_key(|(_, on, _)| *on);
    let could_not_tell = |(sighting, _, _): &&(Sighting, Date, Says)| sighting.outcome == Outcome::Undetermined;
    let blind = history.iter().rev().take_while(could_not_tell).count();
    let told = history.len() - blind;
    let stands = told.checked_sub(1).is_some_and(|at| history[at].2 == Says::Yes);
    if blind == 0 || !stands {
        return look(history, due, Basis::NotVisited);
    }
    let since = history.last().map(|(sighting, _, _)| *sighting);
    history.truncate(told);
    Look { since, ..look(history, due, Basis::NotVisited) }
}

/// Chooses what counts from a history, and what its day makes of it.
fn look<T: Copy>(mut history: Vec<(T, Date, Says)>, due: Option<Date>, missing: Basis) -> Look<T> {
    history.sort_by_key(|(_, on, _)| *on);
    let in_time = |due: Date| history.iter().rev().find(|(_, on, says)| *on <= due && *says == Says::Yes);
    let on_the_day = |due: Date| history.iter().rev().find(|(_, on, _)| *on == due);
    let chosen = due.and_then(|due| in_time(due).or_else(|| on_the_day(due))).or_else(|| history.last());
    let Some((from, on, says)) = chosen.copied() else {
        return Look { from: None, says: Says::Unknown(missing), since: None, stale: false };
    };
    let says = match (says, due) {
        (Says::Unknown(_), _) | (_, None) => says,
        (_, Some(due)) if on > due => Says::Unknown(Basis::AfterDue),
        (Says::TooFew | Says::No, Some(due)) if on < due => Says::Unknown(Basis::BeforeDue),
        _ => says,
    };
    Look { from: Some(from), says, since: None, stale: false }
}

/// One is sure that it is not there, and the other saw it, be it too little of it or long ago. What was seen on another day
/// than the one asked for contradicts nothing.
fn contradict(site: Option<&Look<Sighting>>, register: Option<&Look<Seen>>) -> bool {
    let (Some(site), Some(register)) = (site, register) else { return false };
    let listed = match register.says {
        Says::Yes | Says::TooFew => true,
        Says::No | Says::Unknown(Basis::AfterDue | Basis::BeforeDue) => false,
        Says::Unknown(_) => {
            register.from.is_some_and(|from| matches!(from.entry, Entry::Listed { count } if count != Some(0)))
        }
    };
    (site.says == Says::No && listed) || (site.says == Says::Yes && register.says == Says::No)
}

/// The table: where a requirement can be seen, what the website says, what the register says, and whether they contradict
/// each other.
fn weigh(observable: Observable, site: Option<Says>, register: Option<Says>, disagree: bool) -> (Verdict, Basis) {
    let (decides, basis) = match observable {
        Observable::Nowhere => return (Verdict::NotObservable, Basis::OutOfSight),
        Observable::Partly => return weigh_part(site, register, disagree),
        Observable::Site => (site, Basis::SiteSays),
        Observable::Register => (register, Basis::RegisterSays),
    };
    match decides {
        None => (Verdict::Undetermined, Basis::NotExamined),
        Some(Says::Yes) => (Verdict::Supported, basis),
        // One of the two is wrong, and a wrong absence costs a comune its money.
        Some(Says::No) if disagree => (Verdict::Undetermined, Basis::Disagreement),
        Some(Says::No | Says::TooFew) => (Verdict::NotSupported, basis),
        Some(Says::Unknown(why)) => (Verdict::Undetermined, why),
    }
}

/// What is seen of a part may speak for it; that it is not seen never speaks against the whole.
fn weigh_part(site: Option<Says>, register: Option<Says>, disagree: bool) -> (Verdict, Basis) {
    use Says::{No, TooFew, Unknown, Yes};
    match (site, register) {
        (None, None) => (Verdict::Undetermined, Basis::NotExamined),
        _ if disagree => (Verdict::Undetermined, Basis::Disagreement),
        (Some(Yes), Some(Yes)) => (Verdict::Supported, Basis::BothSay),
        (Some(Yes), None | Some(Unknown(_))) => (Verdict::Supported, Basis::SiteSays),
        (None | Some(Unknown(_)), Some(Yes)) => (Verdict::Supported, Basis::RegisterSays),
        (Some(No | TooFew), _) | (_, Some(No | TooFew)) => (Verdict::Undetermined, Basis::PartNotSeen),
        (Some(Unknown(why)), _) | (None, Some(Unknown(why))) => (Verdict::Undetermined, why),
    }
}

/// When something was there before a notice began to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Before {
    /// The day of the earliest evidence.
    #[schemars(with = "String")]
    pub on: Date,
    /// `site` or `register`.
    pub by: Observable,
    /// The notice counts what was done on that day, although it opened later (works since a date, at the comune's own cost).
    pub counted: bool,
}

/// The earliest evidence, from before a notice opened, that what a requirement asks for was there already: such a comune may
/// have nothing to be paid for, or may not have been able to apply. Nothing shown is not the same as not there.
pub fn already(
    criterion: &Criterion,
    window: &Window,
    asked: Asked,
    sightings: &[Sighting],
    seen: &[Seen],
) -> Option<Before> {
    let reads = criterion.reads;
    if criterion.observable == Observable::Nowhere {
        return None;
    }
    let early = |on: Date| on < window.opens && on <= asked.as_of;
    let before = |on: Date, by| Before { on, by, counted: on >= window.begins() };
    let sites = sightings
        .iter()
        .filter(|one| Some(one.platform) == reads.site && early(one.on) && of_sighting(**one) == Says::Yes)
        .map(|one| before(one.on, Observable::Site));
    let registers = seen
        .iter()
        .filter(|one| Some(one.register) == reads.register && early(one.on))
        .filter(|one| of_seen(one, reads.at_least, asked.expected) == Says::Yes)
        .map(|one| before(one.on, Observable::Register));
    sites.chain(registers).min_by_key(|before| before.on)
}
