//! Visits judged again: kept beside what was said then, told apart in every history.

use std::ops::ControlFlow;

use jiff::civil::{Date, date};

use crate::{
    history::{Change, change},
    model::{Ended, Finding, Outcome, Platform, Reason, Strength, Visit},
};

use super::{super::*, Engine, assert_sound, observations::look, on_both, open, time};

const LATER: Date = date(2027, 1, 1);

/// A visit of a night of January, by these rules, in which SPID comes to this answer and CIE is always found.
fn night(on: i8, rules: &str, spid: char) -> Visit {
    let at = time(&format!("2026-01-{on:02}T02:00:00Z"));
    Visit { catalogue: rules.to_owned(), catalogue_sha256: rules.repeat(64), ..look(1, at, [spid, 'F']) }
}

fn says(outcome: Outcome) -> Vec<Finding> {
    let (strength, reason) = match outcome {
        Outcome::Found => (Some(Strength::Proof), Reason::Proof),
        _ => (None, Reason::CoverageComplete),
    };
    vec![Finding { platform: Platform::Spid, outcome, strength, reason, signals: Vec::new() }]
}

async fn spid(store: &Store, rules: Option<&CatalogueInfo>, as_of: Date) -> HistoryOf {
    let mut all = Vec::new();
    let each = |one| {
        all.push(one);
        ControlFlow::Continue(())
    };
    store.for_each_history_by(rules.map(|one| one.id), None, Period::until(as_of), each).await.unwrap();
    all.into_iter().find(|one| one.platform == Platform::Spid).unwrap()
}

fn ends(told: &HistoryOf) -> Vec<(Outcome, Option<Ended>)> {
    told.history.observations.iter().map(|one| (one.outcome, one.end.map(|end| end.why))).collect()
}

on_both!(what_rules_change_is_no_loss_until_the_old_bytes_say_so);

async fn what_rules_change_is_no_loss_until_the_old_bytes_say_so(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    for (on, rules, code) in [(1, "a", 'F'), (2, "a", 'F'), (3, "b", 'n'), (4, "b", 'n'), (5, "b", 'n')] {
        store.save_visit(&night(on, rules, code)).await.unwrap();
    }
    let doubted = spid(&store, None, LATER).await;
    assert!(doubted.history.doubt().unwrap().rules.is_some());
    assert_eq!(
        change(&doubted.history.as_known_on(date(2026, 1, 2)).state(), &doubted.history),
        Some(Change::RulesChanged)
    );
    store.save_visit(&night(6, "b", 'n')).await.unwrap();
    let by_rules = [(Outcome::Found, Some(Ended::RulesChanged)), (Outcome::NotFound, None)];
    assert_eq!(ends(&spid(&store, None, LATER).await), by_rules);

    // The new rules over the bytes of the first two nights: first they miss it there too, then, mended, they see it.
    let visits = store.visits_to_judge(None, None).await.unwrap();
    let (subject, old) = (visits[0].subject, [visits[0].visit, visits[1].visit]);
    let judge = |rules: &'static str, outcome| {
        let (store, judged) = (store.clone(), old.map(|visit| (visit, says(outcome))));
        async move { store.judge_again((rules, &rules.repeat(64)), subject, &judged).await.unwrap() }
    };
    assert!(judge("b", Outcome::NotFound).await);
    assert!(!judge("b", Outcome::NotFound).await, "the same again is nothing new");
    assert_eq!(ends(&spid(&store, None, LATER).await), by_rules);
    let catalogues = store.catalogues().await.unwrap();
    let b = catalogues.iter().find(|one| one.version == "b").unwrap();
    assert!(b.series && b.is_meant("b") && b.is_meant("bbbb") && !b.is_meant("bbb") && !b.is_meant("a"));
    assert_eq!(ends(&spid(&store, Some(b), LATER).await), [(Outcome::NotFound, None)], "it was never there for them");
    assert!(judge("b", Outcome::Found).await);
    let lost = [(Outcome::Found, Some(Ended::LossConfirmed)), (Outcome::NotFound, None)];
    assert_eq!(ends(&spid(&store, None, LATER).await), lost, "it was the site after all");
    assert_eq!(ends(&spid(&store, Some(b), LATER).await), lost);
    let past = spid(&store, Some(b), date(2026, 1, 2)).await;
    let standing = past.history.standing().unwrap();
    assert_eq!((standing.outcome, standing.last_confirmed), (Outcome::Found, time("2026-01-02T02:00:00Z")));

    // Whoever comes later is in the histories by its rules, and only there; what was found then is as it was.
    store.save_visit(&night(8, "b", 'F')).await.unwrap();
    store.save_visit(&night(9, "a", 'F')).await.unwrap();
    assert_eq!(
        spid(&store, Some(b), LATER).await.history.standing().unwrap().last_confirmed,
        time("2026-01-08T02:00:00Z")
    );
    let both = spid(&store, None, LATER).await;
    assert_eq!(both.history.standing().unwrap().last_confirmed, time("2026-01-09T02:00:00Z"));
    assert_eq!(store.visit(old[0]).await.unwrap().findings[0].outcome, Outcome::Found);
    assert_sound(&store).await;
}
