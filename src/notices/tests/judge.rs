use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::super::{
    Asked, Criterion, Entry, Says, Seen, Sighting, already, judge,
    schema::{AtLeast, PaidFor, Reads, RegisterKind, Window},
};
use crate::model::{Basis, Bilingual, FetchOutcome, Observable, Outcome, Platform, Reason, Verdict};

const TODAY: Date = date(2026, 11, 1);
const RECENT: Date = date(2026, 10, 1);
const OLD: Date = date(2021, 9, 29);

fn criterion(observable: Observable, reads: Reads) -> Criterion {
    let text = || Bilingual { it: "x".to_owned(), en: "x".to_owned() };
    Criterion {
        id: "x".to_owned(),
        what: text(),
        phase: None,
        advice: false,
        observable,
        reads,
        limit: Some(text()),
        source: "x".to_owned(),
    }
}

const BOTH: Reads = Reads {
    site: Some(Platform::Spid),
    register: Some(RegisterKind::Appio),
    at_least: Some(AtLeast::Sum(PaidFor::PaidFor)),
};

fn asked(expected: Option<u32>) -> Asked {
    Asked { as_of: TODAY, due: None, expected, stale_after: 90 }
}

fn sighting(outcome: Outcome, reason: Reason) -> Sighting {
    Sighting { platform: Platform::Spid, outcome, reason, on: RECENT, unconfirmed: false }
}

fn seen(on: Date, complete: bool, entry: Entry) -> Seen {
    Seen { register: RegisterKind::Appio, on, complete, entry }
}

const fn listed(count: u32) -> Entry {
    Entry::Listed { count: Some(count) }
}

/// The columns of the table: no visit, found, words only, not there, not stated, cannot tell.
fn columns() -> [Option<Sighting>; 6] {
    [
        None,
        Some(sighting(Outcome::Found, Reason::Proof)),
        Some(sighting(Outcome::Mentioned, Reason::WordsOnly)),
        Some(sighting(Outcome::NotFound, Reason::CoverageComplete)),
        Some(sighting(Outcome::NotFound, Reason::NotStated)),
        Some(sighting(Outcome::Undetermined, Reason::Fetch(FetchOutcome::RobotsDenied))),
    ]
}

/// The rows: what the register holds, of ten services that are paid for (one row: of nobody knows how many).
fn row(name: &str) -> (Option<Seen>, Option<u32>) {
    let entry = match name {
        "missing" => return (None, Some(10)),
        "uncounted" => return (Some(seen(RECENT, true, listed(10))), None),
        "not-joined" => seen(RECENT, true, Entry::NotJoined),
        "not-listed" => seen(RECENT, true, Entry::NotListed),
        "none" => seen(RECENT, true, listed(0)),
        "few" => seen(RECENT, true, listed(9)),
        "enough" => seen(RECENT, true, listed(10)),
        "sample-without" => seen(RECENT, false, Entry::NotListed),
        "sample-few" => seen(RECENT, false, listed(9)),
        "sample-enough" => seen(RECENT, false, listed(10)),
        "stale-without" => seen(OLD, true, Entry::NotListed),
        "stale-few" => seen(OLD, true, listed(9)),
        "stale-enough" => seen(OLD, true, listed(10)),
        _ => panic!("no row `{name}`"),
    };
    (Some(entry), Some(10))
}

/// Every cell: S supported, N not-supported, U undetermined, O not-observable; `!` where the sides contradict each other.
const TABLE: &[(Observable, &str)] = &[
    (
        Observable::Site,
        "               no-visit found words not-there not-stated cannot-tell
        missing         U       S     U     N         U          U
        not-joined      U       S     U     N         U          U
        not-listed      U       S!    U     N         U          U
        none            U       S!    U     N         U          U
        few             U       S     U     U!        U          U
        enough          U       S     U     U!        U          U
        sample-without  U       S     U     N         U          U
        sample-few      U       S     U     U!        U          U
        sample-enough   U       S     U     U!        U          U
        stale-without   U       S     U     N         U          U
        stale-few       U       S     U     U!        U          U
        stale-enough    U       S     U     U!        U          U
        uncounted       U       S     U     U!        U          U",
    ),
    (
        Observable::Register,
        "               no-visit found words not-there not-stated cannot-tell
        missing         U       U     U     U         U          U
        not-joined      U       U     U     U         U          U
        not-listed      N       U!    N     N         N          N
        none            N       U!    N     N         N          N
        few             N       N     N     N!        N          N
        enough          S       S     S     S!        S          S
        sample-without  U       U     U     U         U          U
        sample-few      U       U     U     U!        U          U
        sample-enough   S       S     S     S!        S          S
        stale-without   U       U     U     U         U          U
        stale-few       U       U     U     U!        U          U
        stale-enough    S       S     S     S!        S          S
        uncounted       U       U     U     U!        U          U",
    ),
    (
        Observable::Partly,
        "               no-visit found words not-there not-stated cannot-tell
        missing         U       S     U     U         U          U
        not-joined      U       S     U     U         U          U
        not-listed      U       U!    U     U         U          U
        none            U       U!    U     U         U          U
        few             U       U     U     U!        U          U
        enough          S       S     S     U!        S          S
        sample-without  U       S     U     U         U          U
        sample-few      U       S     U     U!        U          U
        sample-enough   S       S     S     U!        S          S
        stale-without   U       S     U     U         U          U
        stale-few       U       S     U     U!        U          U
        stale-enough    S       S     S     U!        S          S
        uncounted       U       S     U     U!        U          U",
    ),
    (
        Observable::Nowhere,
        "               no-visit found words not-there not-stated cannot-tell
        missing         O       O     O     O         O          O
        not-joined      O       O     O     O         O          O
        not-listed      O       O!    O     O         O          O
        none            O       O!    O     O         O          O
        few             O       O     O     O!        O          O
        enough          O       O     O     O!        O          O
        sample-without  O       O     O     O         O          O
        sample-few      O       O     O     O!        O          O
        sample-enough   O       O     O     O!        O          O
        stale-without   O       O     O     O         O          O
        stale-few       O       O     O     O!        O          O
        stale-enough    O       O     O     O!        O          O
        uncounted       O       O     O     O!        O          O",
    ),
];

fn letter(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "S",
        Verdict::NotSupported => "N",
        Verdict::Undetermined => "U",
        Verdict::NotObservable => "O",
    }
}

#[test]
fn every_cell_of_the_table() {
    let mut cells = 0;
    for (observable, table) in TABLE {
        let criterion = criterion(*observable, BOTH);
        for line in table.lines().skip(1) {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap();
            let (entry, expected) = row(name);
            for (column, cell) in columns().into_iter().zip(words) {
                let sightings: Vec<_> = column.into_iter().collect();
                let registers: Vec<_> = entry.into_iter().collect();
                let judged = judge(&criterion, asked(expected), &sightings, &registers);
                let mark = if judged.disagree { "!" } else { "" };
                let said = format!("{}{mark}", letter(judged.verdict));
                assert_eq!(said, cell, "{observable:?}, register {name}, site {column:?}: {}", judged.basis.code());
                assert_eq!(judged.partial, *observable == Observable::Partly);
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 4 * 13 * 6);
}

/// Where it shows, what it is read from, what the site and the register say, and the basis.
type Based = (Observable, Reads, Option<Sighting>, &'static str, &'static str);

#[test]
fn the_basis_says_which_side_or_what_kept_us() {
    let site = Reads { register: None, at_least: None, ..BOTH };
    let register = Reads { site: None, ..BOTH };
    let found = sighting(Outcome::Found, Reason::Proof);
    let missing = sighting(Outcome::NotFound, Reason::CoverageComplete);
    let open = sighting(Outcome::Undetermined, Reason::BudgetSpent);
    let enough = seen(RECENT, true, listed(10));
    let cases: &[Based] = &[
        (Observable::Site, site, Some(found), "missing", "site-says"),
        (Observable::Site, site, Some(missing), "missing", "site-says"),
        (Observable::Site, site, None, "missing", "not-visited"),
        (Observable::Site, site, Some(open), "missing", "budget-spent"),
        (Observable::Site, Reads::default(), Some(found), "enough", "not-examined"),
        (Observable::Site, BOTH, Some(missing), "enough", "disagreement"),
        (Observable::Register, register, Some(found), "enough", "register-says"),
        (Observable::Register, register, None, "few", "register-says"),
        (Observable::Register, register, None, "missing", "register-missing"),
        (Observable::Register, register, None, "not-joined", "register-not-joined"),
        (Observable::Register, register, None, "sample-few", "register-incomplete"),
        (Observable::Register, register, None, "stale-few", "register-stale"),
        (Observable::Register, register, None, "uncounted", "expected-unknown"),
        (Observable::Register, Reads::default(), None, "enough", "not-examined"),
        (Observable::Partly, BOTH, Some(found), "enough", "both-say"),
        (Observable::Partly, BOTH, Some(found), "not-listed", "disagreement"),
        (Observable::Partly, BOTH, Some(found), "missing", "site-says"),
        (Observable::Partly, BOTH, Some(open), "enough", "register-says"),
        (Observable::Partly, site, Some(missing), "missing", "part-not-seen"),
        (Observable::Partly, register, None, "few", "part-not-seen"),
        (Observable::Partly, register, None, "stale-few", "register-stale"),
        (Observable::Partly, BOTH, Some(open), "missing", "budget-spent"),
        (Observable::Partly, Reads::default(), Some(found), "enough", "not-examined"),
        (Observable::Nowhere, BOTH, Some(found), "enough", "out-of-sight"),
    ];
    for (observable, reads, site, name, basis) in cases {
        let (entry, expected) = row(name);
        let sightings: Vec<_> = site.iter().copied().collect();
        let registers: Vec<_> = entry.into_iter().collect();
        let judged = judge(&criterion(*observable, *reads), asked(expected), &sightings, &registers);
        assert_eq!(judged.basis.code(), *basis, "{observable:?} {name} {site:?}");
    }
    // What is listed without being counted is enough where no number is asked for.
    let any = Reads { at_least: None, ..register };
    let uncounted = Seen { entry: Entry::Listed { count: None }, ..enough };
    let judged = judge(&criterion(Observable::Register, any), asked(None), &[], &[uncounted]);
    assert_eq!(judged.verdict, Verdict::Supported);
}

#[test]
fn a_stale_register_is_told_whatever_it_says() {
    let criterion = criterion(Observable::Register, BOTH);
    for (name, stale) in [("enough", false), ("stale-enough", true), ("stale-few", true)] {
        let (entry, expected) = row(name);
        let judged = judge(&criterion, asked(expected), &[], &[entry.unwrap()]);
        assert_eq!(judged.register.unwrap().stale, stale, "{name}");
    }
    let edge = |days: i32| {
        let on = TODAY.checked_sub(jiff::Span::new().days(days)).unwrap();
        judge(&criterion, asked(Some(10)), &[], &[seen(on, true, listed(1))]).verdict
    };
    assert_eq!(edge(90), Verdict::NotSupported);
    assert_eq!(edge(91), Verdict::Undetermined);
}

#[test]
fn register_and_site_stand_side_by_side() {
    let reads = Reads { site: Some(Platform::Appio), ..BOTH };
    let not_stated = Sighting { platform: Platform::Appio, ..sighting(Outcome::NotFound, Reason::NotStated) };
    let judged = judge(
        &criterion(Observable::Register, reads),
        asked(Some(50)),
        &[not_stated],
        &[seen(RECENT, true, listed(13))],
    );
    assert_eq!(judged.verdict, Verdict::NotSupported);
    assert_eq!(judged.site.unwrap().says, Says::Unknown(Basis::Finding(Reason::NotStated)));
    assert_eq!(judged.register.unwrap().from.unwrap().entry, listed(13));
    assert!(!judged.disagree, "a site that does not name the services contradicts nothing");
}

#[test]
fn only_what_was_known_on_the_day_counts() {
    let criterion = criterion(Observable::Register, BOTH);
    let history = [
        seen(date(2021, 9, 29), true, listed(13)),
        seen(date(2021, 3, 31), true, listed(1)),
        seen(date(2026, 10, 1), true, listed(50)),
    ];
    let on = |as_of| judge(&criterion, Asked { as_of, ..asked(Some(10)) }, &[], &history);
    assert_eq!(on(date(2021, 3, 30)).basis, Basis::RegisterMissing);
    assert_eq!(on(date(2021, 4, 1)).verdict, Verdict::NotSupported);
    assert_eq!(on(date(2021, 10, 1)).register.unwrap().from.unwrap().entry, listed(13));
    assert_eq!(on(TODAY).register.unwrap().from.unwrap().entry, listed(50));
}

#[test]
fn a_look_that_could_not_tell_takes_back_what_was_missed_but_not_what_was_found() {
    let criterion = criterion(Observable::Site, Reads { register: None, at_least: None, ..BOTH });
    let on = |day, outcome, reason| Sighting { on: date(2026, 10, day), ..sighting(outcome, reason) };
    let found = on(1, Outcome::Found, Reason::Proof);
    let missed = on(2, Outcome::NotFound, Reason::CoverageComplete);
    let away = on(3, Outcome::Undetermined, Reason::Fetch(FetchOutcome::RobotsDenied));
    let words = on(3, Outcome::Mentioned, Reason::WordsOnly);
    let judged = |history: &[Sighting]| judge(&criterion, asked(None), history, &[]);
    let stands = judged(&[away, found]);
    assert_eq!(stands.verdict, Verdict::Supported);
    let site = stands.site.unwrap();
    assert_eq!((site.from, site.since), (Some(found), Some(away)), "with the day on which it was found");
    for (history, verdict) in [
        (&[missed, away][..], Verdict::Undetermined),
        (&[found, missed, away], Verdict::Undetermined),
        (&[found, missed], Verdict::NotSupported),
        // It was read and no way in was seen: that is not a look that could not tell.
        (&[found, words], Verdict::Undetermined),
        (&[away], Verdict::Undetermined),
    ] {
        let judged = judged(history);
        assert_eq!(judged.verdict, verdict, "{history:?}");
        assert_eq!(judged.site.unwrap().since, None, "{history:?}");
    }
}

#[test]
fn a_loss_that_is_to_be_confirmed_is_never_not_supported() {
    let criterion = criterion(Observable::Site, Reads { register: None, at_least: None, ..BOTH });
    let on = |day, outcome, reason| Sighting { on: date(2026, 10, day), ..sighting(outcome, reason) };
    let found = on(1, Outcome::Found, Reason::Proof);
    let missed = on(2, Outcome::NotFound, Reason::CoverageComplete);
    let again = on(4, Outcome::NotFound, Reason::CoverageComplete);
    let doubted = [missed, again].map(|one| Sighting { unconfirmed: true, ..one });
    let judged = |history: &[Sighting]| judge(&criterion, asked(None), history, &[]);
    for history in [&[found, doubted[0]][..], &[found, doubted[0], doubted[1]]] {
        let judged = judged(history);
        assert_eq!((judged.verdict, judged.basis), (Verdict::Undetermined, Basis::ToBeConfirmed), "{history:?}");
    }
    assert_eq!(judged(&[found, missed, again]).verdict, Verdict::NotSupported, "once it is confirmed");
    let due = Asked { due: Some(date(2026, 10, 3)), ..asked(None) };
    assert_eq!(judge(&criterion, due, &[found, doubted[0]], &[]).verdict, Verdict::Supported, "it was there in time");
}

/// What was counted on which days, and what that comes to.
type Dated<'a> = (&'a [(Date, u32)], Verdict, Basis);

#[test]
fn what_was_seen_on_another_day_tells_only_in_one_direction() {
    let criterion = criterion(Observable::Register, Reads { at_least: Some(AtLeast::Number(10)), ..BOTH });
    let due = date(2021, 12, 31);
    let (before, after) = (date(2021, 9, 29), date(2022, 3, 1));
    let cases: &[Dated<'_>] = &[
        (&[(before, 10)], Verdict::Supported, Basis::RegisterSays),
        (&[(before, 9)], Verdict::Undetermined, Basis::BeforeDue),
        (&[(due, 9)], Verdict::NotSupported, Basis::RegisterSays),
        (&[(due, 10)], Verdict::Supported, Basis::RegisterSays),
        (&[(after, 9)], Verdict::Undetermined, Basis::AfterDue),
        (&[(after, 10)], Verdict::Undetermined, Basis::AfterDue),
        (&[(before, 10), (after, 9)], Verdict::Supported, Basis::RegisterSays),
        (&[(before, 9), (after, 10)], Verdict::Undetermined, Basis::AfterDue),
        (&[(due, 9), (after, 10)], Verdict::NotSupported, Basis::RegisterSays),
        (&[(before, 10), (due, 9)], Verdict::Supported, Basis::RegisterSays),
        (&[], Verdict::Undetermined, Basis::RegisterMissing),
    ];
    for (history, verdict, basis) in cases {
        let history: Vec<_> = history.iter().map(|(on, count)| seen(*on, true, listed(*count))).collect();
        let judged = judge(&criterion, Asked { due: Some(due), ..asked(None) }, &[], &history);
        assert_eq!((judged.verdict, judged.basis), (*verdict, *basis), "{history:?}");
    }
}

#[test]
fn what_was_there_before_the_notice_is_told_with_its_day() {
    let window =
        |counts_from| Window { opens: date(2020, 2, 1), closes: date(2020, 9, 1), counts_from, source: "x".to_owned() };
    let begins = date(2020, 2, 1);
    let reads = Reads { register: Some(RegisterKind::Spid), at_least: None, ..BOTH };
    let partly = criterion(Observable::Partly, reads);
    let early = Sighting { on: date(2019, 12, 1), ..sighting(Outcome::Found, Reason::Proof) };
    let provider = Seen {
        register: RegisterKind::Spid,
        on: date(2019, 6, 1),
        complete: false,
        entry: Entry::Listed { count: None },
    };
    let before = |sightings: &[Sighting], seen: &[Seen]| already(&partly, &window(None), asked(None), sightings, seen);
    let both = before(&[early], &[provider]).unwrap();
    assert_eq!((both.on, both.by), (date(2019, 6, 1), Observable::Register));
    assert_eq!(before(&[early], &[]).unwrap().by, Observable::Site);
    assert_eq!(before(&[Sighting { on: begins, ..early }], &[]), None);
    assert_eq!(before(&[Sighting { outcome: Outcome::Mentioned, reason: Reason::WordsOnly, ..early }], &[]), None);
    assert_eq!(before(&[], &[]), None);
    // What was done before the window opened may count all the same.
    for (counts_from, counted) in [(None, false), (Some(date(2020, 1, 1)), false), (Some(date(2019, 12, 1)), true)] {
        let before = already(&partly, &window(counts_from), asked(None), &[early], &[]).unwrap();
        assert_eq!(before.counted, counted, "{counts_from:?}");
    }
    let nowhere = criterion(Observable::Nowhere, reads);
    assert_eq!(already(&nowhere, &window(None), asked(None), &[early], &[provider]), None);
}

fn any_sighting() -> impl Strategy<Value = Sighting> {
    let outcomes = proptest::sample::select(Outcome::ALL.to_vec());
    let reasons = Reason::OWN.into_iter().chain(FetchOutcome::ALL.iter().copied().map(Reason::Fetch));
    let reasons = proptest::sample::select(reasons.collect::<Vec<_>>());
    (proptest::sample::select(Platform::DECIDED.to_vec()), outcomes, reasons, any_day())
        .prop_map(|(platform, outcome, reason, on)| Sighting { platform, outcome, reason, on, unconfirmed: false })
}

fn any_day() -> impl Strategy<Value = Date> {
    (2021_i16..=2026, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let entry = prop_oneof![
        Just(Entry::NotListed),
        Just(Entry::NotJoined),
        proptest::option::of(0_u32..12).prop_map(|count| Entry::Listed { count }),
    ];
    let kind = proptest::sample::select(vec![RegisterKind::Appio, RegisterKind::Spid]);
    (kind, any_day(), any::<bool>(), entry).prop_map(|(register, on, complete, entry)| Seen {
        register,
        on,
        complete,
        entry,
    })
}

fn any_reads() -> impl Strategy<Value = Reads> {
    let site = proptest::option::of(proptest::sample::select(Platform::DECIDED.to_vec()));
    let register = proptest::option::of(proptest::sample::select(vec![RegisterKind::Appio, RegisterKind::Spid]));
    let at_least = prop_oneof![
        Just(None),
        (1_u32..12).prop_map(|number| Some(AtLeast::Number(number))),
        Just(Some(AtLeast::Sum(PaidFor::PaidFor)))
    ];
    (site, register, at_least).prop_map(|(site, register, at_least)| Reads { site, register, at_least })
}

fn any_asked() -> impl Strategy<Value = Asked> {
    (any_day(), proptest::option::of(any_day()), proptest::option::of(1_u32..12), 0_i32..1000)
        .prop_map(|(as_of, due, expected, stale_after)| Asked { as_of, due, expected, stale_after })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn no_verdict_says_more_than_what_it_rests_on(
        observable in proptest::sample::select(Observable::ALL.to_vec()),
        reads in any_reads(),
        asked in any_asked(),
        sightings in proptest::collection::vec(any_sighting(), 0..6),
        registers in proptest::collection::vec(any_seen(), 0..6),
    ) {
        let criterion = criterion(observable, reads);
        let judged = judge(&criterion, asked, &sightings, &registers);
        // Not observable stays so, and nothing else becomes it.
        prop_assert_eq!(judged.verdict == Verdict::NotObservable, observable == Observable::Nowhere);
        let site = judged.site.and_then(|look| look.from);
        let register = judged.register.and_then(|look| look.from);
        if judged.verdict == Verdict::NotSupported {
            match observable {
                Observable::Site => {
                    let site = site.unwrap();
                    prop_assert_eq!((site.outcome, site.reason), (Outcome::NotFound, Reason::CoverageComplete));
                }
                Observable::Register => {
                    let register = register.unwrap();
                    prop_assert!(register.complete && register.entry != Entry::NotJoined);
                    prop_assert!(asked.due.is_some() || !judged.register.unwrap().stale);
                }
                Observable::Partly | Observable::Nowhere => prop_assert!(false, "a part never speaks against the whole"),
            }
        }
        if judged.verdict == Verdict::Supported {
            let found = site.is_some_and(|one| one.outcome == Outcome::Found);
            let listed = register.is_some_and(|one| matches!(one.entry, Entry::Listed { count } if count != Some(0)));
            match observable {
                Observable::Site => prop_assert!(found),
                Observable::Register => prop_assert!(listed),
                Observable::Partly | Observable::Nowhere => prop_assert!(found || listed),
            }
        }
        // Undetermined findings and registers that cannot tell never come to an absence, whatever their number.
        let open: Vec<_> = sightings.iter().map(|one| Sighting { outcome: Outcome::Undetermined, ..*one }).collect();
        let samples: Vec<_> = registers.iter().map(|one| Seen { complete: false, ..*one }).collect();
        prop_assert_ne!(judge(&criterion, asked, &open, &samples).verdict, Verdict::NotSupported);
        // Only what was known on the day counts, in whatever order it is told.
        let known: Vec<_> = sightings.iter().copied().filter(|one| one.on <= asked.as_of).collect();
        let known_registers: Vec<_> = registers.iter().copied().filter(|one| one.on <= asked.as_of).collect();
        prop_assert_eq!(judge(&criterion, asked, &known, &known_registers), judged);
    }
}
