//! Details that go, words that are forgotten, and a database that is checked.

use crate::evidence::{Batch, Kind, Tip, Written};

use super::{super::*, Engine, assert_sound, on_both, open, time, visit};

on_both!(
    old_details_go_and_what_must_hold_still_does,
    words_of_an_address_are_forgotten,
    an_answer_is_not_let_go_and_repeated_at_the_same_time
);

/// A record of a chain with one file; a revisit says which answer it repeats.
fn record(position: u64, repeats: Option<&str>) -> Written {
    Written {
        position,
        offset: 100 * position,
        length: 100,
        link: format!("{position:064x}"),
        id: format!("urn:uuid:{position}"),
        kind: if repeats.is_some() { Kind::Revisit } else { Kind::Response },
        url: Some("https://www.comune.test/".to_owned()),
        date: time("2026-01-01T02:00:00Z"),
        page: Some(0),
        payload: Some("ab".repeat(32)),
        body: None,
        refers_to: repeats.map(str::to_owned),
    }
}

fn batch(record: Written) -> Batch {
    let tip = Tip { records: record.position + 1, link: record.link.clone() };
    Batch { file: 1, file_bytes: 100 * tip.records, tip, records: vec![record] }
}

async fn an_answer_is_not_let_go_and_repeated_at_the_same_time(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let (one, other) = (store.begin_chain(None).await.unwrap().id, store.begin_chain(None).await.unwrap().id);
    store.add_evidence_file(one, 1, "one.warc.gz").await.unwrap();
    store.add_evidence_file(other, 1, "other.warc.gz").await.unwrap();
    let answer = record(0, None);
    let seen = store.save_visit_kept(&visit(1), one, &batch(answer.clone())).await.unwrap();
    assert_eq!(store.newest_visit().await.unwrap(), Some(seen));
    // A prune has decided, then a visit repeats the answer, then the prune wants to remove it.
    let repeat = record(0, Some(&answer.id));
    let later = store.save_visit_kept(&visit(1), other, &batch(repeat)).await.unwrap();
    let anew = store.replace_evidence_file((one, 1), ("one-r1.warc.gz", 0), &[], Some(seen)).await;
    assert!(matches!(anew, Err(StoreError::Overtaken { .. })), "{anew:?}");
    assert_eq!(store.evidence_records(&Records::OfVisit(seen)).await.unwrap().len(), 1);
    // A prune that has seen the visit means what it does; after it nothing repeats the answer.
    store.replace_evidence_file((one, 1), ("one-r1.warc.gz", 0), &[], Some(later)).await.unwrap();
    let again = Written { refers_to: Some(answer.id.clone()), ..record(1, Some("")) };
    let refused = store.save_visit_kept(&visit(1), other, &batch(again)).await;
    assert!(matches!(refused, Err(StoreError::Overtaken { .. })), "{refused:?}");
    assert_eq!(store.newest_visit().await.unwrap(), Some(later));
}

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
