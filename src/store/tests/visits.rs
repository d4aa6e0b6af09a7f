//! A visit goes in and comes out.

use sqlx::Row;

use crate::model::{Comune, End, Outcome, PageRecord, Reason, Rendering, Visit};

use super::{
    super::{sql::query_scalar, *},
    Engine, assert_file_sound, assert_sound, clock, comune, file_writer, on_both, open, open_file, outside, plan, time,
    url, visit, witness,
};

async fn a_visit_comes_back_equal_also_after_reopening(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let given = visit(7);
    let id = store.save_visit(&given).await.unwrap();
    assert_eq!(store.visit(id).await.unwrap(), given);
    store.close().await;
    let store = open(&place).await;
    assert_eq!(store.visit(id).await.unwrap(), given);
    assert!(matches!(store.visit(VisitId(99)).await, Err(StoreError::NoSuchVisit { visit: VisitId(99) })));
    assert_sound(&store).await;
}

async fn the_bare_minimum_comes_back_equal(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let mut given = visit(1);
    given.comune = Comune::default();
    given.end = End::Unreached;
    given.findings.clear();
    given.pages = vec![PageRecord {
        detail: None,
        status: None,
        hops: Vec::new(),
        address: None,
        certificate: None,
        charset: None,
        title: None,
        rendered: Some(Rendering {
            sha256: "ab".repeat(32),
            bytes: 12,
            requests: 3,
            emptied: 2,
            refused: 1,
            layout: true,
            cut: Some("time".to_owned()),
        }),
        sha256: String::new(),
        bytes: 0,
        ..given.pages[0].clone()
    }];
    given.path.clear();
    given.vendors.clear();
    given.remarks.clear();
    given.left_unread.clear();
    let id = store.save_visit(&given).await.unwrap();
    assert_eq!(store.visit(id).await.unwrap(), given);
}

async fn the_character_that_servers_do_not_take_ends_no_visit(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let mut given = visit(1);
    given.pages[0].title = Some("a\0b".to_owned());
    given.findings[0].signals[0].excerpt = "\0".to_owned();
    given.path[0].label = Some("\0".to_owned());
    let id = store.save_visit(&given).await.unwrap();
    given.pages[0].title = Some("a\u{fffd}b".to_owned());
    given.findings[0].signals[0].excerpt = "\u{fffd}".to_owned();
    given.path[0].label = Some("\u{fffd}".to_owned());
    assert_eq!(store.visit(id).await.unwrap(), given);
}

async fn every_code_of_the_model_can_be_stored_and_read(engine: Engine) {
    use crate::model::{FetchOutcome, PageKind, Platform, Proves, Strength};
    let place = engine.place().await;
    let store = open(&place).await;
    let mut given: Visit = visit(1);
    let page = given.pages[0].clone();
    given.pages = FetchOutcome::ALL.iter().map(|&outcome| PageRecord { outcome, ..page.clone() }).collect();
    let kinds = [PageKind::Home, PageKind::Login, PageKind::Payment, PageKind::Services, PageKind::Other];
    for (page, kind) in given.pages.iter_mut().zip(kinds) {
        page.kind = kind;
    }
    let signal = given.findings[0].signals[0].clone();
    let proves = [
        Proves::Login,
        Proves::Payment,
        Proves::Service,
        Proves::LoginPage,
        Proves::PaymentPage,
        Proves::ServicesPage,
        Proves::Mention,
        Proves::Vendor,
        Proves::StaffLogin,
        Proves::TestEnvironment,
        Proves::Blocked,
        Proves::Challenge,
        Proves::Maintenance,
        Proves::Parked,
        Proves::Soft404,
        Proves::ScriptShell,
    ];
    given.findings[0].signals = proves
        .into_iter()
        .zip([Strength::Counter, Strength::Weak, Strength::Strong, Strength::Proof].into_iter().cycle())
        .map(|(proves, strength)| crate::model::Signal { proves, strength, platform: None, ..signal.clone() })
        .collect();
    given.findings[3].platform = Platform::Eidas;
    let reasons: Vec<Reason> =
        Reason::OWN.into_iter().chain(FetchOutcome::ALL.iter().copied().map(Reason::Fetch)).collect();
    let ends = [End::Decided, End::Exhausted, End::Requests, End::Time, End::Unreached, End::Interrupted];
    for (index, reason) in reasons.into_iter().enumerate() {
        given.end = ends[index % ends.len()];
        given.findings[1].reason = reason;
        given.findings[1].outcome = Outcome::ALL[index % 4];
        let id = store.save_visit(&given).await.unwrap();
        assert_eq!(store.visit(id).await.unwrap(), given);
    }
}

async fn a_comune_is_one_row_and_learns(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let first = store.save_visit(&visit(5)).await.unwrap();
    let mut later = visit(5);
    later.comune = Comune { codice_ipa: Some("C_X005".to_owned()), population: Some(1234), ..Comune::default() };
    store.save_visit(&later).await.unwrap();
    let known = store.visit(first).await.unwrap().comune;
    assert_eq!(known, Comune { population: Some(1234), ..comune(5) }, "given facts replace, missing ones leave");
    // Without an IPA code, the same facts are the same comune, and other facts are another.
    for (name, rows) in [("Castro", 2), ("Castro", 2), ("Livo", 3)] {
        let mut unnamed = visit(6);
        unnamed.comune = Comune { name: Some(name.to_owned()), ..Comune::default() };
        store.save_visit(&unnamed).await.unwrap();
        let witness = outside(&store).await;
        let count: i64 = query_scalar("SELECT count(*) FROM comune").fetch_one(&witness).await.unwrap();
        assert_eq!(count, rows);
    }
}

#[tokio::test]
async fn the_file_reads_well_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let start = store.begin_run(&plan(3)).await.unwrap();
    store.record_visit(start.id, 1, &visit(1)).await.unwrap();
    let mut witness = witness(store.file().unwrap()).await;
    let row = sqlx::query(
        "SELECT v.started, v.ended, f.outcome, f.reason, s.url, c.name FROM visit v
         JOIN finding f ON f.visit = v.id JOIN site s ON s.id = v.site JOIN comune c ON c.id = v.comune
         WHERE f.platform = 'appio'",
    )
    .fetch_one(&mut witness)
    .await
    .unwrap();
    assert_eq!(row.get::<String, _>("started"), "2026-11-22T02:00:00.000000001Z");
    assert_eq!(row.get::<String, _>("ended"), "exhausted");
    assert_eq!(row.get::<String, _>("outcome"), "undetermined");
    assert_eq!(row.get::<String, _>("reason"), "tls-expired");
    assert_eq!(row.get::<String, _>("url"), "https://www.comune.prova1.it/");
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut witness).await.unwrap();
    assert_eq!(mode, "wal");
    // The promise of the schema's README.
    let bare: Vec<String> = sqlx::query_scalar(
        "SELECT m.name || '.' || k.\"from\" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) k
         WHERE m.type = 'table' AND k.seq = 0 AND NOT EXISTS (
             SELECT 1 FROM pragma_index_list(m.name) i JOIN pragma_index_info(i.name) n
             WHERE n.seqno = 0 AND n.name = k.\"from\")",
    )
    .fetch_all(&mut witness)
    .await
    .unwrap();
    assert_eq!(bare, Vec::<String>::new(), "foreign keys without an index");
    let loose: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0
         AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx_%'",
    )
    .fetch_all(&mut witness)
    .await
    .unwrap();
    assert_eq!(loose, Vec::<String>::new(), "tables that are not strict");
    // Deleting a visit takes all of it along.
    sqlx::query("PRAGMA foreign_keys = ON").execute(&mut witness).await.unwrap();
    sqlx::query("DELETE FROM visit").execute(&mut witness).await.unwrap();
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM page) + (SELECT count(*) FROM finding) + (SELECT count(*) FROM signal)",
    )
    .fetch_one(&mut witness)
    .await
    .unwrap();
    assert_eq!(left, 0);
    drop(witness);
    assert_file_sound(store.file().unwrap()).await;
}

#[tokio::test]
async fn writes_are_flushed_at_every_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let (synchronous, keys): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT synchronous FROM pragma_synchronous), (SELECT foreign_keys FROM pragma_foreign_keys)",
    )
    .fetch_one(file_writer(&store))
    .await
    .unwrap();
    assert_eq!((synchronous, keys), (2, 1), "FULL, and foreign keys on");
    assert_eq!(file_writer(&store).options().get_max_connections(), 1);
}

#[tokio::test]
async fn a_store_for_reading_reads_while_another_writes() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("r.db");
    let address = address.to_str().unwrap();
    assert!(matches!(Store::open_for_reading(address, clock()).await, Err(StoreError::Missing { .. })));
    assert!(!folder.path().join("r.db").exists(), "looking makes nothing");
    let store = open_file(&folder).await;
    let id = store.save_visit(&visit(1)).await.unwrap();
    let reader = Store::open_for_reading(address, clock()).await.unwrap();
    assert_eq!(reader.visit(id).await.unwrap(), visit(1));
    let later = store.save_visit(&visit(2)).await.unwrap();
    assert_eq!(reader.visit(later).await.unwrap().url, url("https://www.comune.prova2.it/"));
    assert!(matches!(reader.save_visit(&visit(3)).await, Err(StoreError::ReadOnly { .. })));
    assert!(time("2026-11-22T02:00:00Z") < visit(1).finished);
}

/// Not a promise but a measure: `cargo test --lib -- store::tests::visits::size --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measure, not a check"]
#[expect(clippy::print_stdout, reason = "a measure is for reading")]
async fn size_of_a_national_run() {
    const SITES: usize = 7_896;
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let begin = std::time::Instant::now();
    let start = store.begin_run(&plan(SITES)).await.unwrap();
    println!("begun in {:?}", begin.elapsed());
    let begin = std::time::Instant::now();
    for place in 0..SITES {
        store.record_visit(start.id, place, &visit(place)).await.unwrap();
    }
    println!("{SITES} visits stored in {:?}", begin.elapsed());
    let begin = std::time::Instant::now();
    store.run_totals(start.id).await.unwrap();
    println!("summed up in {:?}", begin.elapsed());
    let begin = std::time::Instant::now();
    let mut rows = 0;
    store
        .for_each_latest_finding(FindingFilter::default(), |_| {
            rows += 1;
            std::ops::ControlFlow::Continue(())
        })
        .await
        .unwrap();
    println!("{rows} rows of the latest visits in {:?}", begin.elapsed());
    let mut witness = witness(store.file().unwrap()).await;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut witness).await.unwrap();
    let bytes = std::fs::metadata(store.file().unwrap()).unwrap().len();
    println!("file {bytes} bytes, {} a visit", bytes / SITES as u64);
    let tables: Vec<(String, i64)> = sqlx::query_as(
        "SELECT name, sum(pgsize) FROM dbstat GROUP BY name HAVING sum(pgsize) > 100000 ORDER BY 2 DESC",
    )
    .fetch_all(&mut witness)
    .await
    .unwrap_or_default();
    for (name, bytes) in tables {
        println!("{name:>24} {:>6} a visit", bytes / 7_896);
    }
}

on_both! {
    a_visit_comes_back_equal_also_after_reopening,
    the_bare_minimum_comes_back_equal,
    the_character_that_servers_do_not_take_ends_no_visit,
    every_code_of_the_model_can_be_stored_and_read,
    a_comune_is_one_row_and_learns,
}
