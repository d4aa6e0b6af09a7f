use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{super::*, notice};
use crate::model::{Basis, Euro, FetchOutcome, Observable, Outcome, Platform, Reason, Verdict};

const TODAY: Date = date(2026, 11, 1);
const SPID_CIE: &str = "pad2026-144-spid-cie-2022-04";
const APP_IO: &str = "pad2026-143-appio-2022-04";

fn sighting(platform: Platform, outcome: Outcome, reason: Reason) -> Sighting {
    Sighting { platform, outcome, reason, on: date(2026, 10, 20), unconfirmed: false }
}

fn found(platform: Platform) -> Sighting {
    sighting(platform, Outcome::Found, Reason::Proof)
}

fn known<'a>(euro: u64, residents: u32, sightings: &'a [Sighting], seen: &'a [Seen]) -> Known<'a> {
    Known { sum: Euro::of_cents(euro * 100), residents: Some(residents), sightings, seen }
}

fn app_io(on: Date, count: u32) -> Seen {
    Seen { register: schema::RegisterKind::Appio, on, complete: true, entry: Entry::Listed { count: Some(count) } }
}

#[test]
fn all_that_is_read_speaks_for_it_and_the_rest_is_counted_apart() {
    let notice = notice(SPID_CIE);
    let both = [found(Platform::Spid), found(Platform::Cie)];
    let case = assess(&notice, known(14_000, 38_222, &both, &[]), TODAY, |_| 400);
    let summary = case.summary;
    assert_eq!(summary.verdict, Verdict::Supported);
    let counts = (summary.supported, summary.not_examined, summary.not_observable, summary.criteria);
    assert_eq!(counts, (4, 2, 1, 7), "the protocol and the emblem are not read, the papers nobody can see");
    assert!(matches!(case.sum, Some(Decoded::Fits { .. })));
    // One login missing for sure is enough to say so, one that could not be looked at is not.
    let missing = sighting(Platform::Cie, Outcome::NotFound, Reason::CoverageComplete);
    let away = sighting(Platform::Cie, Outcome::Undetermined, Reason::Fetch(FetchOutcome::Dns));
    for (cie, verdict) in [(missing, Verdict::NotSupported), (away, Verdict::Undetermined)] {
        let sightings = [found(Platform::Spid), cie];
        assert_eq!(assess(&notice, known(14_000, 9_000, &sightings, &[]), TODAY, |_| 400).summary.verdict, verdict);
    }
}

#[test]
fn as_many_services_are_expected_as_the_sum_pays_for() {
    let notice = notice(APP_IO);
    // 50 services of 728 euro: Città di Castello.
    for (services, verdict, basis) in
        [(50, Verdict::Supported, Basis::RegisterSays), (49, Verdict::NotSupported, Basis::RegisterSays)]
    {
        let seen = [app_io(date(2026, 10, 1), services)];
        let case = assess(&notice, known(36_400, 38_222, &[], &seen), TODAY, |_| 400);
        let judged = &case.criteria[0].judgement;
        assert_eq!((judged.verdict, judged.basis), (verdict, basis), "{services}");
    }
    // A sum that fits nothing tells no number.
    let seen = [app_io(date(2026, 10, 1), 50)];
    let case = assess(&notice, known(36_401, 38_222, &[], &seen), TODAY, |_| 400);
    assert!(matches!(case.sum, Some(Decoded::Misfit { .. })));
    assert_eq!(case.criteria[0].judgement.basis, Basis::ExpectedUnknown);
}

#[test]
fn a_phase_is_looked_at_on_its_day() {
    let notice = notice("fondo-innovazione-2020");
    let seen = [app_io(date(2021, 3, 31), 1), app_io(date(2021, 9, 29), 12)];
    let case = assess(&notice, known(7_950, 38_222, &[], &seen), TODAY, |_| 400);
    let of = |id: &str| case.criteria.iter().find(|one| one.criterion.id == id).unwrap();
    assert_eq!(of("appio-first-service").due, Some(date(2021, 2, 28)));
    assert_eq!(
        of("appio-first-service").judgement.basis,
        Basis::AfterDue,
        "one service in March tells nothing of February"
    );
    assert_eq!(of("full-io").judgement.verdict, Verdict::Supported, "twelve in September are there in December");
    assert_eq!(case.sum.as_ref().unwrap().band(), Some("medio-basso"));
}

/// The case of Città di Castello: both logins were there when the notice opened, so it could not apply.
#[test]
fn who_had_it_all_before_the_notice_is_visible_without_an_application() {
    let notice = notice(SPID_CIE);
    let early = |platform, on| Sighting { on, ..found(platform) };
    let both = [early(Platform::Spid, date(2019, 5, 1)), early(Platform::Cie, date(2021, 6, 1))];
    let without =
        |sightings| assess(&notice, Known { sum: None, residents: Some(38_222), sightings, seen: &[] }, TODAY, |_| 400);
    let case = without(&both);
    assert!(case.sum.is_none());
    let already = case.summary.already.unwrap();
    assert_eq!((already.on, already.counted), (date(2021, 6, 1), true), "the notice counts works since February 2020");
    assert_eq!(without(&both[..1]).summary.already, None, "one login is not both");
    let old = both.map(|one| Sighting { on: date(2019, 5, 1), ..one });
    assert!(!without(&old).summary.already.unwrap().counted);
}

#[test]
fn what_nobody_reads_is_undetermined_and_what_nobody_can_see_stays_so() {
    let all = [found(Platform::Spid), found(Platform::Cie), found(Platform::Pagopa), found(Platform::Appio)];
    for notice in super::notices().all() {
        let case = assess(notice, known(14_000, 9_000, &all, &[app_io(date(2026, 10, 1), 200)]), TODAY, |_| 400);
        let nowhere = |one: &Assessed<'_>| one.criterion.observable == Observable::Nowhere;
        for one in &case.criteria {
            assert_eq!(
                one.judgement.verdict == Verdict::NotObservable,
                nowhere(one),
                "{} {}",
                notice.id,
                one.criterion.id
            );
        }
        let summary = case.summary;
        let parts = summary.supported + summary.not_supported + summary.undetermined;
        assert_eq!(parts + summary.not_examined + summary.not_observable, summary.criteria, "{}", notice.id);
        // What is read of 1.4.1 is only recommended.
        if notice.measure == "1.2" || notice.measure == "1.4.1" {
            assert!(matches!(summary.verdict, Verdict::Undetermined | Verdict::NotObservable), "{}", notice.id);
            assert_eq!(summary.already, None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn together_the_requirements_say_no_more_than_each(
        outcomes in proptest::collection::vec(proptest::sample::select(Outcome::ALL.to_vec()), 4),
        services in proptest::option::of(0_u32..60),
        euro in 0_u64..50_000,
    ) {
        let sightings: Vec<_> = Platform::DECIDED
            .into_iter()
            .zip(outcomes)
            .map(|(platform, outcome)| sighting(platform, outcome, Reason::CoverageComplete))
            .collect();
        let seen: Vec<_> = services.map(|count| app_io(date(2026, 10, 1), count)).into_iter().collect();
        for notice in super::notices().all() {
            let case = assess(notice, known(euro, 9_000, &sightings, &seen), TODAY, |_| 400);
            let asked = || case.criteria.iter().filter(|one| !one.criterion.advice);
            let any = |verdict| asked().any(|one| one.judgement.verdict == verdict);
            match case.summary.verdict {
                Verdict::NotSupported => prop_assert!(any(Verdict::NotSupported)),
                Verdict::Supported => prop_assert!(any(Verdict::Supported) && !any(Verdict::NotSupported)),
                Verdict::Undetermined => prop_assert!(any(Verdict::Undetermined) && !any(Verdict::NotSupported)),
                Verdict::NotObservable => {
                    prop_assert!(asked().all(|one| one.criterion.observable == Observable::Nowhere));
                }
            }
        }
    }
}
