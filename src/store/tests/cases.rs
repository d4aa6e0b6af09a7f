//! What verdicts rest on: few looks of many, and all that matter.

use std::ops::ControlFlow;

use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::{
    super::{sql::query, *},
    Engine,
    observations::look,
    on_both, open, outside, plan, time, url,
};
use crate::{
    history::day,
    model::{Bilingual, Comune, Observable, Outcome, Platform, Visit},
    notices::{
        Asked, Criterion, Sighting, already, judge,
        schema::{Reads, Window},
    },
};

const HOME: &str = "https://www.comune.casanova.na.it/";

/// So many hours after the first night.
fn hour(number: usize) -> Timestamp {
    time("2026-01-01T02:00:00Z").checked_add(i64::try_from(number).unwrap().hours()).unwrap()
}

/// What is handed out of the comune as known on a day, with the days on which something was due.
async fn handed_out(store: &Store, as_of: Date, dues: &[Date]) -> Vec<Sighting> {
    let mut told = Vec::new();
    let each = |facts: CaseFacts| {
        told.extend(facts.found.iter().map(|found| found.sighting));
        ControlFlow::Continue(())
    };
    store.for_each_case(&Wanted::Comune("X001".to_owned()), as_of, dues, each).await.unwrap();
    told
}

fn criterion(platform: Platform) -> Criterion {
    let text = || Bilingual { it: "x".to_owned(), en: "x".to_owned() };
    Criterion {
        id: "x".to_owned(),
        what: text(),
        phase: None,
        advice: false,
        observable: Observable::Site,
        reads: Reads { site: Some(platform), register: None, at_least: None },
        limit: Some(text()),
        source: "x".to_owned(),
    }
}

/// On whatever day one asks, and whatever day something was due: the looks that are handed out come to the same judgement as all
/// of them do.
async fn the_looks_that_are_handed_out_judge_like_all_of_them(engine: Engine) {
    // SPID and CIE, day after day. In capitals: a second visit of the day, of an address alone.
    let walks = [
        ("nnunFuufFnnnunn", "uuuuunnmnuumuuu"),
        ("FFuuFnnnnnuuFuu", "mnnuFuuuuuuuuuu"),
        ("uunnuFnFnmmnnnu", "FnuunnnnFmunnuF"),
    ];
    let mut told_less = 0;
    for (number, (spid, cie)) in walks.into_iter().enumerate() {
        let place = engine.place().await;
        let store = open(&place).await;
        super::registers::filled(&store).await;
        let mut days: Vec<Date> = vec![jiff::civil::date(2025, 12, 31)];
        for (night, codes) in spid.chars().zip(cie.chars()).enumerate() {
            let comune = Comune { codice_ipa: Some("c_x001".to_owned()), ..Comune::default() };
            let given = |at, [one, other]: [char; 2]| Visit { url: url(HOME), ..look(1, at, [one, other]) };
            store.save_visit(&Visit { comune, ..given(hour(night * 24), [codes.0, codes.1]) }).await.unwrap();
            if night % 4 == number {
                let alone = Visit { comune: Comune::default(), ..given(hour(night * 24 + 3), [codes.1, codes.0]) };
                store.save_visit(&alone).await.unwrap();
            }
            days.push(day(hour(night * 24)));
        }
        for as_of in &days {
            let all = handed_out(&store, *as_of, &days).await;
            for due in days.iter().copied().map(Some).chain([None]) {
                let some = handed_out(&store, *as_of, due.as_slice()).await;
                told_less += all.len() - some.len();
                for platform in [Platform::Spid, Platform::Cie] {
                    let (criterion, asked) =
                        (criterion(platform), Asked { as_of: *as_of, due, expected: None, stale_after: 90 });
                    let by = |looks: &[Sighting]| judge(&criterion, asked, looks, &[]);
                    assert_eq!(by(&some), by(&all), "walk {number}, {platform:?} on {as_of}, due {due:?}: {some:#?}");
                    let opens = days[days.len() / 2];
                    let window = Window { opens, closes: opens, counts_from: None, source: "x".to_owned() };
                    let early = |looks: &[Sighting]| already(&criterion, &window, asked, looks, &[]);
                    assert_eq!(early(&some), early(&all));
                }
            }
        }
    }
    assert!(told_less > 5_000, "all were handed out: {told_less}");
}

async fn of_a_year_that_never_changed_a_handful_of_looks_is_handed_out(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    super::registers::filled(&store).await;
    for night in 0..40 {
        let comune = Comune { codice_ipa: Some("c_x001".to_owned()), ..Comune::default() };
        let code = if night % 2 == 0 { 'F' } else { 'u' };
        store.save_visit(&Visit { comune, ..look(1, hour(night * 24), [code, 'n']) }).await.unwrap();
    }
    let told = handed_out(&store, day(hour(39 * 24)), &[day(hour(20 * 24))]).await;
    let of = |platform: Platform| -> Vec<_> {
        let looks = told.iter().filter(|one| one.platform == platform);
        looks.map(|one| (one.outcome, day(hour(0)).until(one.on).unwrap().get_days())).collect()
    };
    let (found, missed) = (Outcome::Found, Outcome::NotFound);
    assert_eq!(of(Platform::Spid), [(found, 0), (found, 20), (found, 38), (Outcome::Undetermined, 39)]);
    assert_eq!(of(Platform::Cie), [(missed, 20), (missed, 39)], "what was never found has neither a first nor a last");
}

/// A night that is held as suspect says nothing, first or last.
async fn looks_of_a_run_that_does_not_count_are_not_handed_out(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    super::registers::filled(&store).await;
    for (night, code) in ['F', 'n', 'u'].into_iter().enumerate() {
        let start = store.begin_run(&RunPlan { fresh: true, ..plan(1) }).await.unwrap();
        let comune = Comune { codice_ipa: Some("c_x001".to_owned()), ..Comune::default() };
        let at = hour(night * 24);
        store.record_visit(start.id, 0, &Visit { comune, ..look(0, at, [code, code]) }).await.unwrap();
        store.finish_run(start.id).await.unwrap();
    }
    let as_of = day(hour(48));
    assert_eq!(handed_out(&store, as_of, &[]).await.len(), 6);
    let outside = outside(&store).await;
    query("UPDATE run SET trust = 'suspect' WHERE id IN (1, 3)").execute(&outside).await.unwrap();
    let told = handed_out(&store, as_of, &[as_of, day(hour(0))]).await;
    let told: Vec<_> = told.iter().map(|one| (one.outcome, one.on)).collect();
    assert_eq!(told, [(Outcome::NotFound, day(hour(24))); 2]);
}

on_both! {
    the_looks_that_are_handed_out_judge_like_all_of_them,
    of_a_year_that_never_changed_a_handful_of_looks_is_handed_out,
    looks_of_a_run_that_does_not_count_are_not_handed_out,
}
