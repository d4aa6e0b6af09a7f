//! Runs: taken up again or begun anew, and summed up.

use crate::model::{Outcome, Platform, Reason, Visit};

use super::{
    super::{sql::query_scalar, *},
    Engine, assert_sound, on_both, open, outside, plan, target, time, visit,
};

async fn an_unfinished_run_over_the_same_list_is_taken_up(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let first = store.begin_run(&plan(4)).await.unwrap();
    assert_eq!((first.resumed, first.done.as_slice()), (false, [false; 4].as_slice()));
    store.record_visit(first.id, 2, &visit(2)).await.unwrap();
    drop(store);
    let store = open(&place).await;
    let again = store.begin_run(&plan(4)).await.unwrap();
    assert_eq!(again, RunStart { id: first.id, resumed: true, done: vec![false, false, true, false] });
    assert_eq!(store.finish_run(first.id).await.unwrap(), RunState::Interrupted, "three sites are missing");
    // What a person corrects in names leaves the list the same.
    let mut corrected = plan(4);
    corrected.targets[0].comune.name = Some("Prova".to_owned());
    corrected.targets[0].comune.population = None;
    assert!(store.begin_run(&corrected).await.unwrap().resumed);
    for place in [0, 1, 3] {
        store.record_visit(first.id, place, &visit(place)).await.unwrap();
    }
    assert_eq!(store.finish_run(first.id).await.unwrap(), RunState::Finished);
    assert!(store.run_info(first.id).await.unwrap().finished.is_some());
    assert!(!store.begin_run(&plan(4)).await.unwrap().resumed, "a finished run is over");
    assert_sound(&store).await;
}

async fn another_list_catalogue_program_or_setting_is_another_run(engine: Engine) {
    type Change = fn(&mut RunPlan);
    let changes: [(&str, Change); 8] = [
        ("fewer", |plan| drop(plan.targets.pop())),
        ("another order", |plan| plan.targets.swap(0, 1)),
        ("another code", |plan| plan.targets[0].comune.codice_fiscale = None),
        ("scheme", |plan| plan.targets[0].scheme_guessed = false),
        ("catalogue", |plan| plan.catalogue_sha256 = "00".repeat(32)),
        ("program", |plan| plan.agent = "0.2.0".to_owned()),
        ("settings", |plan| plan.settings = serde_json::json!({"max_requests": 41})),
        ("fresh", |plan| plan.fresh = true),
    ];
    for (name, change) in changes {
        let place = engine.place().await;
        let store = open(&place).await;
        let first = store.begin_run(&plan(3)).await.unwrap();
        let mut other = plan(3);
        change(&mut other);
        let second = store.begin_run(&other).await.unwrap();
        assert!(!second.resumed, "{name}");
        assert_ne!(second.id, first.id, "{name}");
        assert_eq!(store.run_info(first.id).await.unwrap().state, RunState::Interrupted, "{name}");
        assert_eq!(store.run_info(second.id).await.unwrap().state, RunState::Running, "{name}");
        assert_eq!(store.latest_run().await.unwrap(), Some(second.id));
    }
}

async fn a_run_that_was_overtaken_is_not_taken_up(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let old = store.begin_run(&plan(2)).await.unwrap();
    let fresh = store.begin_run(&RunPlan { fresh: true, ..plan(2) }).await.unwrap();
    for place in 0..2 {
        store.record_visit(fresh.id, place, &visit(place)).await.unwrap();
    }
    store.finish_run(fresh.id).await.unwrap();
    let next = store.begin_run(&plan(2)).await.unwrap();
    assert!(!next.resumed);
    assert!(next.id > fresh.id && fresh.id > old.id);
}

async fn one_place_takes_one_result(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let start = store.begin_run(&plan(2)).await.unwrap();
    let id = store.record_visit(start.id, 0, &visit(0)).await.unwrap();
    for (run, place) in [(start.id, 0), (start.id, 2), (RunId(77), 0)] {
        let late = store.record_visit(run, place, &visit(1)).await;
        assert!(matches!(late, Err(StoreError::NotPending { .. })), "{late:?}");
    }
    assert_eq!(store.visits_of_run(start.id).await.unwrap(), [id]);
    let witness = outside(&store).await;
    let visits: i64 = query_scalar("SELECT count(*) FROM visit").fetch_one(&witness).await.unwrap();
    assert_eq!(visits, 1);
    assert!(matches!(store.finish_run(RunId(77)).await, Err(StoreError::NoSuchRun { .. })));
}

async fn a_list_with_one_address_twice_is_refused_by_nothing_but_stays_two_places(engine: Engine) {
    // Reading a list drops doubles; the store does not depend on it.
    let place = engine.place().await;
    let store = open(&place).await;
    let mut twice = plan(1);
    twice.targets.push(target(0));
    let start = store.begin_run(&twice).await.unwrap();
    store.record_visit(start.id, 0, &visit(0)).await.unwrap();
    store.record_visit(start.id, 1, &visit(0)).await.unwrap();
    assert_eq!(store.finish_run(start.id).await.unwrap(), RunState::Finished);
}

async fn totals_are_of_all_visits_of_the_run_and_of_no_other(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    store.save_visit(&visit(0)).await.unwrap();
    let start = store.begin_run(&plan(3)).await.unwrap();
    let mut odd = visit(1);
    odd.findings[0].outcome = Outcome::Undetermined;
    odd.findings[0].reason = Reason::BudgetSpent;
    store.record_visit(start.id, 0, &visit(0)).await.unwrap();
    store.record_visit(start.id, 1, &odd).await.unwrap();
    let totals = store.run_totals(start.id).await.unwrap();
    assert_eq!((totals.targets, totals.done, totals.requests, totals.pages), (3, 2, 28, 20));
    assert_eq!(totals.outcomes[&Platform::Spid][&Outcome::Found], 1);
    assert_eq!(totals.outcomes[&Platform::Spid][&Outcome::Undetermined], 1);
    assert_eq!(totals.outcomes[&Platform::Pagopa][&Outcome::NotFound], 2);
    assert!(totals.reasons.contains(&ReasonCount {
        platform: Platform::Spid,
        outcome: Outcome::Undetermined,
        reason: Reason::BudgetSpent,
        sites: 1
    }));
    assert_eq!(totals.reasons.iter().map(|reason| reason.sites).sum::<u64>(), 8);
    assert!(serde_json::to_string(&totals).unwrap().contains(r#""pagopa":{"not-found":2}"#));
}

async fn the_last_look_of_each_site_and_the_run_that_was_left_are_known(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    assert_eq!(store.left_run().await.unwrap(), None);
    let first = store.begin_run(&plan(3)).await.unwrap();
    let (started, digest) = store.left_run().await.unwrap().unwrap();
    assert_eq!((started, digest), (store.run_info(first.id).await.unwrap().started, plan(3).targets_sha256()));
    let at = |number: usize, day: u8| {
        let started = time(&format!("2026-11-{day:02}T02:00:00Z"));
        Visit { started, finished: started, ..visit(number) }
    };
    for (place, visit) in [at(0, 20), at(1, 20)].iter().enumerate() {
        store.record_visit(first.id, place, visit).await.unwrap();
    }
    store.save_visit(&at(0, 22)).await.unwrap();
    let looks = |day: u8| {
        let store = store.clone();
        async move {
            let looks = store.last_looks(time(&format!("2026-11-{day:02}T12:00:00Z"))).await.unwrap();
            let mut looks: Vec<(String, String)> =
                looks.into_iter().map(|(url, at)| (url, at.to_string()[8..10].to_owned())).collect();
            looks.sort();
            looks
        }
    };
    let of = |number: usize, day: &str| (target(number).url.to_string(), day.to_owned());
    assert_eq!(looks(23).await, [of(0, "22"), of(1, "20")], "the third was never seen");
    assert_eq!(looks(21).await, [of(0, "20"), of(1, "20")]);
    assert_eq!(looks(19).await, []);
    store.record_visit(first.id, 2, &at(2, 22)).await.unwrap();
    store.finish_run(first.id).await.unwrap();
    assert_eq!(store.left_run().await.unwrap(), None, "it was finished");
    assert_sound(&store).await;
}

on_both! {
    the_last_look_of_each_site_and_the_run_that_was_left_are_known,
    an_unfinished_run_over_the_same_list_is_taken_up,
    another_list_catalogue_program_or_setting_is_another_run,
    a_run_that_was_overtaken_is_not_taken_up,
    one_place_takes_one_result,
    a_list_with_one_address_twice_is_refused_by_nothing_but_stays_two_places,
    totals_are_of_all_visits_of_the_run_and_of_no_other,
}
