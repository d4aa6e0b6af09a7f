//! Details that go, words that are forgotten, and a database that is checked.

use super::{super::*, Engine, assert_sound, on_both, open, time, visit};

on_both!(old_details_go_and_what_must_hold_still_does, words_of_an_address_are_forgotten);

async fn old_details_go_and_what_must_hold_still_does(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let mut nights = Vec::new();
    for day in 1..=4 {
        let mut visit = super::visit(1);
        visit.started = time(&format!("2026-01-{day:02}T02:00:00Z"));
        visit.finished = visit.started;
        nights.push(store.save_visit(&visit).await.unwrap());
    }
    let since = Some(time("2026-06-01T00:00:00Z"));
    let (old, bytes) = store.old_details(Keep { since, most: None }).await.unwrap();
    // The first night and the last are those that the histories rest on.
    let mut old_ones = old.clone();
    old_ones.sort_by_key(|id| id.0);
    assert_eq!(old_ones, [nights[1], nights[2]]);
    assert!(bytes > 500, "{bytes}");
    assert_eq!(store.old_details(Keep { since: None, most: Some(0) }).await.unwrap().0, old);
    assert_eq!(store.old_details(Keep { since: None, most: Some(1 << 30) }).await.unwrap().0, []);
    store.drop_details(&old).await.unwrap();
    for (id, pared) in nights.iter().zip([false, true, true, false]) {
        let stored = store.visit(*id).await.unwrap();
        assert_eq!((stored.pages.is_empty(), store.is_pared(*id).await.unwrap()), (pared, pared));
        assert_eq!(stored.findings.len(), visit(1).findings.len());
        assert_eq!(stored.coverage, visit(1).coverage);
    }
    assert!(store.old_details(Keep { since, most: None }).await.unwrap().0.is_empty());
    assert!(store.old_evidence(Keep { since, most: Some(0) }).await.unwrap().is_empty());
    assert!(store.evidence_file_names().await.unwrap().is_empty());
    let checked = store.check().await.unwrap();
    assert!(checked.len() > 5 && checked.iter().all(|check| check.faults == 0), "{checked:?}");
    assert_sound(&store).await;
}

async fn words_of_an_address_are_forgotten(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let id = store.save_visit(&visit(1)).await.unwrap();
    let signals = |visit: &crate::model::Visit| -> Vec<crate::model::Signal> {
        visit.findings.iter().flat_map(|finding| finding.signals.clone()).collect()
    };
    let url = signals(&visit(1))[0].url.clone();
    let exact = Forget { url: url.to_string(), beginning: false };
    let beginning = Forget { url: url[..url::Position::BeforePath].to_owned(), beginning: true };
    assert!(store.evidence_to_forget(&exact).await.unwrap().is_empty());
    assert!(store.evidence_to_forget(&beginning).await.unwrap().is_empty());
    let other = Forget { url: format!("{url}x"), beginning: true };
    assert_eq!(store.details_to_forget(&other).await.unwrap(), 0);
    assert!(store.details_to_forget(&exact).await.unwrap() > 0);
    store.forget_details(&exact).await.unwrap();
    assert_eq!(store.details_to_forget(&exact).await.unwrap(), 0);
    store.forget_details(&beginning).await.unwrap();
    assert_eq!(store.details_to_forget(&beginning).await.unwrap(), 0);
    let stored = store.visit(id).await.unwrap();
    let (was, is) = (signals(&visit(1)), signals(&stored));
    assert_eq!(was.len(), is.len());
    let of_it = is.iter().filter(|signal| signal.url == url);
    assert!(of_it.clone().count() > 0 && of_it.clone().all(|signal| signal.excerpt.is_empty()));
    assert!(was.iter().zip(&is).all(|(was, is)| (&was.rule, &was.sha256, &was.url) == (&is.rule, &is.sha256, &is.url)));
}
