//! Flat rows for tables.

use std::ops::ControlFlow;

use crate::model::{Outcome, Platform, Reason, Strength};

use super::{super::*, Engine, on_both, open, plan, time, visit};

async fn rows(store: &Store, filter: FindingFilter) -> Vec<FindingRow> {
    let mut rows = Vec::new();
    store
        .for_each_latest_finding(filter, |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    rows
}

async fn the_latest_visit_speaks_for_its_site(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let start = store.begin_run(&plan(2)).await.unwrap();
    store.record_visit(start.id, 1, &visit(1)).await.unwrap();
    store.record_visit(start.id, 0, &visit(0)).await.unwrap();
    let mut later = visit(1);
    // The clock was set back: later is what came later, not what says so.
    later.started = time("2020-01-01T00:00:00Z");
    later.findings[0].outcome = Outcome::NotFound;
    store.save_visit(&later).await.unwrap();
    let all = rows(&store, FindingFilter::default()).await;
    assert_eq!(all.len(), 8);
    assert_eq!(all[0].url, "https://www.comune.prova0.it/", "in the order of the list");
    assert_eq!(all[0].platform, Platform::Spid);
    assert_eq!(all[4].outcome, Outcome::NotFound);
    let of_run = rows(&store, FindingFilter { run: Some(start.id), ..FindingFilter::default() }).await;
    assert_eq!(of_run.len(), 8);
    assert_eq!(of_run[4].outcome, Outcome::Found);
    let one = FindingFilter { platform: Some(Platform::Spid), outcome: Some(Outcome::Found), run: None };
    assert_eq!(rows(&store, one).await.len(), 1);
    let missing = store
        .for_each_latest_finding(FindingFilter { run: Some(RunId(9)), ..one }, |_| ControlFlow::Continue(()))
        .await;
    assert!(matches!(missing, Err(StoreError::NoSuchRun { run: RunId(9) })));
}

async fn a_row_has_the_strongest_signal_and_the_promised_columns(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let mut given = visit(3);
    given.findings[0].signals[0].rule = "spid.first".to_owned();
    store.save_visit(&given).await.unwrap();
    let all = rows(&store, FindingFilter::default()).await;
    let row = &all[0];
    assert_eq!(row.codice_ipa.as_deref(), Some("c_x003"));
    assert_eq!(row.rule.as_deref(), Some("spid.first"));
    assert_eq!(row.strength, Some(Strength::Proof));
    assert_eq!(row.visited, time("2026-11-22T02:00:00Z"));
    assert_eq!(row.label.as_deref(), Some("Entra con SPID"));
    assert_eq!(row.sha256.as_deref(), Some("cd".repeat(32).as_str()));
    let bare = &all[2];
    assert_eq!((bare.reason, &bare.rule, &bare.sha256), (Reason::CoverageComplete, &None, &None));
    let mut table = csv::Writer::from_writer(Vec::new());
    table.serialize(row).unwrap();
    let text = String::from_utf8(table.into_inner().unwrap()).unwrap();
    assert_eq!(
        text.lines().next().unwrap(),
        "codice_ipa,name,url,visited,platform,outcome,strength,reason,rule,evidence_url,label,target,excerpt,sha256,\
         catalogue,evidence_root"
    );
    assert!(text.contains(",2026-11-22T02:00:00Z,spid,found,proof,proof,spid.first,"), "{text}");
}

async fn batches_join_without_gap_or_double_and_can_be_left(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let start = store.begin_run(&plan(600)).await.unwrap();
    for place in 0..600 {
        let mut small = visit(place);
        small.pages.clear();
        small.path.clear();
        store.record_visit(start.id, place, &small).await.unwrap();
    }
    for run in [None, Some(start.id)] {
        let filter = FindingFilter { run, ..FindingFilter::default() };
        let all = rows(&store, filter).await;
        assert_eq!(all.len(), 2_400);
        let mut keys: Vec<_> = all.iter().map(|row| (row.url.clone(), row.platform)).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 2_400);
        let mut seen = 0;
        store
            .for_each_latest_finding(filter, |_| {
                seen += 1;
                if seen == 1_005 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .await
            .unwrap();
        assert_eq!(seen, 1_005);
    }
}

on_both! {
    the_latest_visit_speaks_for_its_site,
    a_row_has_the_strongest_signal_and_the_promised_columns,
    batches_join_without_gap_or_double_and_can_be_left,
}
