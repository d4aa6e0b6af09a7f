//! Nights on which nothing changed: small in the database, and told as if every visit had been stored in full.

use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::model::{Comune, End, Outcome, Reason, Visit};

use super::{
    super::{
        sql::{Pool, query, query_scalar},
        *,
    },
    Engine, assert_file_sound, assert_sound, clock, comune, file_writer, on_both, open, open_file, outside, plan, time,
    visit, witness,
};

/// Ten pages, four findings and eight signals, seen on a night: when each page came is of that night alone.
fn seen(number: usize, night: usize) -> Visit {
    let chance = |what: usize| i64::try_from((number * 131 + night * 17 + what * 7 + 3) * 7_919 % 997).unwrap();
    let mut given = visit(number);
    let hours = i64::try_from(night).unwrap() * 24;
    let mut last: Timestamp = time("2026-01-01T02:00:00.123Z").checked_add(hours.hours()).unwrap();
    last += SignedDuration::from_millis(chance(99) * 6_000);
    given.started = last;
    for (index, page) in given.pages.iter_mut().enumerate() {
        last += SignedDuration::from_millis(1_000 + chance(index));
        page.fetched = last;
    }
    given.finished = last + SignedDuration::from_millis(chance(50));
    given.requests = 14 + u32::try_from(night % 2).unwrap();
    let times: Vec<Timestamp> = given.pages.iter().map(|page| page.fetched).collect();
    for (index, signal) in given.findings.iter_mut().flat_map(|finding| &mut finding.signals).enumerate() {
        signal.fetched = times[index % times.len()];
    }
    given
}

/// SPID is missed: another thing is seen.
fn missed(mut visit: Visit) -> Visit {
    let spid = &mut visit.findings[0];
    (spid.outcome, spid.strength, spid.reason) = (Outcome::NotFound, None, Reason::CoverageComplete);
    spid.signals.clear();
    visit
}

async fn rows(outside: &Pool) -> (i64, i64, i64) {
    let count = async |statement: &'static str| query_scalar::<i64>(statement).fetch_one(outside).await.unwrap();
    (
        count("SELECT count(*) FROM page").await,
        count("SELECT count(*) FROM finding").await,
        count("SELECT count(*) FROM signal").await,
    )
}

async fn refers_to(outside: &Pool, id: VisitId) -> Option<i64> {
    query_scalar("SELECT same_as FROM visit WHERE id = $1").bind(id.0).fetch_one(outside).await.unwrap()
}

async fn what_was_seen_before_is_stored_once(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let witness = outside(&store).await;
    let mut kept = Vec::new();
    let mut save = async |given: Visit| {
        let id = store.save_visit(&given).await.unwrap();
        kept.push((id, given));
        (id, refers_to(&witness, id).await)
    };
    let (first, of) = save(seen(1, 0)).await;
    assert_eq!(of, None);
    let once = rows(&witness).await;
    assert_eq!(once, (10, 4, 8));
    for night in 1..4 {
        assert_eq!(save(seen(1, night)).await.1, Some(first.0), "always the one that holds the rows");
    }
    // What a visit cost and how it ended is its own.
    assert_eq!(save(Visit { requests: 99, end: End::Time, ..seen(1, 4) }).await.1, Some(first.0));
    assert_eq!(rows(&witness).await, once);

    // One digit of one page: all of it again. And back to what was seen before that.
    let mut other = seen(1, 5);
    other.pages[7].sha256.replace_range(..1, "0");
    assert_eq!(save(other).await.1, None);
    assert_eq!(rows(&witness).await, (20, 8, 16));
    assert_eq!(save(seen(1, 6)).await.1, Some(first.0));

    // Another comune, other rules, another site.
    let whose = Comune { codice_ipa: Some("c_other".to_owned()), ..comune(1) };
    assert_eq!(save(Visit { comune: whose, ..seen(1, 7) }).await.1, None);
    assert_eq!(save(Visit { catalogue: "2026.2".to_owned(), ..seen(1, 8) }).await.1, None);
    assert_eq!(save(Visit { url: "https://www.prova.it/".parse().unwrap(), ..seen(1, 9) }).await.1, None);

    // Times that cannot be told as milliseconds, or of no page.
    for change in [
        |visit: &mut Visit| visit.pages[3].fetched += SignedDuration::from_nanos(1),
        |visit: &mut Visit| visit.finished += SignedDuration::from_micros(1),
        |visit: &mut Visit| visit.findings[0].signals[0].fetched = visit.started,
    ] {
        let mut given = seen(1, 10);
        change(&mut given);
        assert_eq!(save(given).await.1, None);
    }
    // A clock that was set back while the visit lasted is told as it was.
    let mut given = seen(1, 11);
    given.finished = given.started - SignedDuration::from_secs(3_600);
    assert_eq!(save(given).await.1, Some(first.0));
    // The time of another page: the same times, and not the same visit.
    let mut given = seen(1, 12);
    given.findings[0].signals[0].fetched = given.pages[9].fetched;
    assert_eq!(save(given).await.1, None);

    for (id, given) in &kept {
        let stored = store.visit(*id).await.unwrap();
        assert_eq!(stored, Visit { comune: stored.comune.clone(), ..given.clone() });
    }
    let checked = store.check().await.unwrap();
    assert!(checked.iter().all(|check| check.faults == 0), "{checked:?}");
    assert_sound(&store).await;
}

/// All that a store says, as text.
async fn told(store: &Store, runs: &[RunId]) -> Vec<String> {
    let mut all = Vec::new();
    for run in runs {
        for id in store.visits_of_run(*run).await.unwrap() {
            all.push(format!("{:?}", store.visit(id).await.unwrap()));
        }
        all.push(format!("{:?}", store.run_totals(*run).await.unwrap()));
    }
    let trust = |line: &RunLine| format!("{:?} {:?} {:?} {:?}", line.run, line.trust, line.had, line.worse);
    all.extend(store.runs().await.unwrap().iter().map(trust));
    for run in runs.iter().copied().map(Some).chain([None]) {
        let filter = FindingFilter { run, ..FindingFilter::default() };
        let each = |row: FindingRow| {
            all.push(format!("{row:?}"));
            ControlFlow::Continue(())
        };
        store.for_each_latest_finding(filter, each).await.unwrap();
    }
    for day in (1..14).map(|day| jiff::civil::date(2026, 1, day)) {
        let each = |one: HistoryOf| {
            all.push(format!("{day} {:?} {:?} {:?}", one.whose, one.platform, one.history));
            ControlFlow::Continue(())
        };
        store.for_each_history(None, Period::until(day), each).await.unwrap();
        for number in 0..4 {
            let looked = store.comune_file_on(&format!("X{number:03}"), day).await.unwrap();
            all.push(format!("{looked:?}"));
            let each = |facts: CaseFacts| {
                all.push(format!("{:?}", facts.found));
                ControlFlow::Continue(())
            };
            let wanted = Wanted::Comune(format!("X{number:03}"));
            store.for_each_case(&wanted, day, &[jiff::civil::date(2026, 1, 5)], each).await.unwrap();
        }
    }
    let judged = store.visits_to_judge(None, Some("https://www.comune.prova1.it/")).await.unwrap();
    all.push(format!("{judged:?}"));
    for check in store.check().await.unwrap() {
        all.push(format!("{check:?}"));
    }
    all
}

async fn everything_is_told_as_if_all_were_stored_in_full(engine: Engine) {
    let (first, second) = (engine.place().await, engine.place().await);
    let (once, full) = (open(&first).await, open(&second).await);
    let outside = outside(&full).await;
    let mut told_of = Vec::new();
    for (store, in_full) in [(&once, false), (&full, true)] {
        super::registers::filled(store).await;
        let mut runs = Vec::new();
        for night in 0..11 {
            let start = store.begin_run(&RunPlan { fresh: true, ..plan(24) }).await.unwrap();
            for place in 0..24 {
                // Most nights as ever; some lose what was found for a night or for good, one loses it for most at once.
                let given = seen(place, night);
                let dice = (place * 7 + night * 5) % 11;
                let given = match dice {
                    0 => missed(given),
                    1 => Visit { remarks: vec!["proxy".to_owned()], ..given },
                    2 => Visit { finished: given.finished + SignedDuration::from_nanos(1), ..given },
                    _ if night == 6 && place % 3 > 0 || place == 1 && night > 2 => missed(given),
                    _ => given,
                };
                store.record_visit(start.id, place, &given).await.unwrap();
                if in_full {
                    // Nothing is found that could be referred to.
                    query("UPDATE visit SET digest = NULL").execute(&outside).await.unwrap();
                }
            }
            store.finish_run(start.id).await.unwrap();
            store.weigh_run(start.id, 10).await.unwrap();
            runs.push(start.id);
        }
        let mut all = told(store, &runs).await;
        let suspect = store.runs().await.unwrap().iter().filter(|line| line.trust == Trust::Suspect).count();
        assert_eq!(suspect, 1);
        store.decide_run(runs[6], Decision::Release).await.unwrap();
        all.extend(told(store, &runs).await);
        told_of.push(all);
    }
    assert!(told_of[0].len() > 2_000, "{}", told_of[0].len());
    for (once, full) in told_of[0].iter().zip(&told_of[1]) {
        assert_eq!(once, full);
    }
    assert_eq!(told_of[0].len(), told_of[1].len());
    let small = rows(&super::outside(&once).await).await.0;
    let large = rows(&outside).await.0;
    assert!(large == 24 * 11 * 10 && small < large / 2, "{small} of {large} pages");
}

async fn what_is_had_in_common_goes_together(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let witness = outside(&store).await;
    // One thing on nights 1 to 3 and 10, another on the first, on the last and on all others.
    let given = |night: usize| {
        let given = seen(1, night);
        if matches!(night, 1..=3 | 10) { given } else { Visit { remarks: vec!["proxy".to_owned()], ..given } }
    };
    let mut nights = Vec::new();
    for night in 0..12 {
        nights.push(store.save_visit(&given(night)).await.unwrap());
    }
    assert_eq!(refers_to(&witness, nights[10]).await, Some(nights[1].0));
    assert_eq!(refers_to(&witness, nights[11]).await, Some(nights[0].0));
    let since = |day: i8| Keep { since: Some(time(&format!("2026-01-{day:02}T00:00:00Z"))), most: None };
    // What the last night saw is protected, whoever holds it; the other is as old as the last that saw it.
    assert!(store.old_details(since(11)).await.unwrap().0.is_empty());
    let (old, bytes) = store.old_details(since(12)).await.unwrap();
    assert_eq!(old, [nights[1], nights[2], nights[3], nights[10]]);
    assert!(bytes > 3_000, "{bytes}");
    assert_eq!(store.old_details(Keep { since: None, most: Some(0) }).await.unwrap(), (old.clone(), bytes));
    // One that was stored since the list was made keeps what it refers to.
    let since_then = store.save_visit(&seen(1, 12)).await.unwrap();
    store.drop_details(&old).await.unwrap();
    assert_eq!(store.visit(since_then).await.unwrap(), seen(1, 12));
    assert_eq!(store.visit(nights[2]).await.unwrap(), given(2));
    query("DELETE FROM visit WHERE id = $1").bind(since_then.0).execute(&witness).await.unwrap();
    store.drop_details(&old).await.unwrap();
    for (night, id) in nights.iter().enumerate() {
        let gone = matches!(night, 1..=3 | 10);
        let stored = store.visit(*id).await.unwrap();
        assert_eq!((stored.pages.is_empty(), store.is_pared(*id).await.unwrap()), (gone, gone), "{night}");
        let given = given(night);
        assert_eq!((stored.started, stored.finished), (given.started, given.finished));
        assert_eq!(stored.coverage, given.coverage);
        assert_eq!(stored.findings[0].outcome, given.findings[0].outcome);
        if !gone {
            assert_eq!(stored, given);
        }
    }
    assert!(store.old_details(since(12)).await.unwrap().0.is_empty());
    // What is pared holds nothing for a later visit.
    let again = store.save_visit(&seen(1, 13)).await.unwrap();
    assert_eq!(refers_to(&witness, again).await, None);
    assert_eq!(store.visit(again).await.unwrap(), seen(1, 13));
    let checked = store.check().await.unwrap();
    assert!(checked.iter().all(|check| check.faults == 0), "{checked:?}");
}

async fn forgotten_words_are_forgotten_of_all(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let mut ids = Vec::new();
    for night in 0..2 {
        ids.push(store.save_visit(&seen(1, night)).await.unwrap());
    }
    let url = seen(1, 0).findings[0].signals[0].url.to_string();
    store.forget_details(&Forget { url, beginning: false }).await.unwrap();
    let excerpts = |visit: &Visit| visit.findings.iter().flat_map(|one| &one.signals).all(|one| one.excerpt.is_empty());
    for id in ids {
        assert!(excerpts(&store.visit(id).await.unwrap()));
    }
    let again = store.save_visit(&seen(1, 2)).await.unwrap();
    assert_eq!(store.visit(again).await.unwrap(), seen(1, 2), "what is seen again is kept again");
}

async fn references_that_do_not_hold_are_told(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let mut ids = Vec::new();
    for night in 0..3 {
        ids.push(store.save_visit(&seen(1, night)).await.unwrap().0);
    }
    let other = store.save_visit(&seen(2, 0)).await.unwrap();
    let outside = outside(&store).await;
    let refused = query("DELETE FROM visit WHERE id = $1").bind(ids[0]).execute(&outside).await;
    assert!(refused.is_err(), "two others refer to it");
    query("UPDATE visit SET same_as = $2 WHERE id = $1").bind(ids[2]).bind(ids[1]).execute(&outside).await.unwrap();
    query("UPDATE visit SET same_as = $2, times = '[1]' WHERE id = $1")
        .bind(ids[1])
        .bind(other.0)
        .execute(&outside)
        .await
        .unwrap();
    let checked = store.check().await.unwrap();
    let faults = checked.iter().find(|check| check.what == "same-is-held").unwrap();
    assert_eq!(faults.faults, 2, "{checked:?}");
    assert!(matches!(store.visit(VisitId(ids[1])).await, Err(StoreError::Unreadable { .. })));
}

/// The tables of a database of before 0009, with the rows of one of today in which no visit refers to another.
async fn of_schema_8(folder: &tempfile::TempDir, today: &std::path::Path) -> std::path::PathBuf {
    let path = folder.path().join("old.db");
    std::fs::write(&path, "").unwrap();
    let mut old = witness(&path).await;
    super::super::open::migrations_up_to(8).run_direct(None, &mut old, false).await.unwrap();
    sqlx::query("ATTACH ?1 AS today").bind(today.to_str().unwrap()).execute(&mut old).await.unwrap();
    for table in ["comune", "site", "subject", "catalogue", "run", "run_target", "visit", "page", "finding", "signal"] {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?1, 'main')")
            .bind(table)
            .fetch_all(&mut old)
            .await
            .unwrap();
        let url = "coalesce(url, (SELECT s.url FROM today.site s WHERE s.id = visit.site))";
        let from = |name: &String| if table == "visit" && name == "url" { url } else { name.as_str() }.to_owned();
        let read: Vec<String> = columns.iter().map(from).collect();
        let copy =
            format!("INSERT INTO main.{table} ({}) SELECT {} FROM today.{table}", columns.join(", "), read.join(", "));
        sqlx::query(sqlx::AssertSqlSafe(copy)).execute(&mut old).await.unwrap();
    }
    path
}

#[tokio::test]
async fn a_database_of_before_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let start = store.begin_run(&plan(3)).await.unwrap();
    for place in 0..2 {
        store.record_visit(start.id, place, &seen(place, 0)).await.unwrap();
    }
    let mut given = vec![seen(0, 0), seen(1, 0), visit(7), Visit { comune: Comune::default(), ..seen(8, 0) }];
    for one in &given[2..] {
        store.save_visit(one).await.unwrap();
    }
    let today = store.file().unwrap().to_path_buf();
    store.close().await;
    let old = of_schema_8(&folder, &today).await;
    let store = Store::open(old.to_str().unwrap(), clock()).await.unwrap();
    // What is there has no digest: the next night is stored in full once more, the one after is small.
    let witness = outside(&store).await;
    for (night, refers) in [(1, None), (2, Some(5))] {
        let id = store.save_visit(&seen(0, night)).await.unwrap();
        assert_eq!(refers_to(&witness, id).await, refers);
        given.push(seen(0, night));
    }
    for (id, given) in (1..).zip(&given) {
        assert_eq!(store.visit(VisitId(id)).await.unwrap(), *given);
    }
    assert_eq!(store.visits_of_run(start.id).await.unwrap().len(), 2);
    assert!(store.check().await.unwrap().iter().all(|check| check.faults == 0));
    assert_file_sound(store.file().unwrap()).await;
}

/// What the promise of two megabytes a night for 7,896 comuni comes to.
const MOST: i64 = 260;

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figure is for reading too")]
async fn a_visit_that_saw_nothing_new_takes_260_bytes_of_the_file() {
    const SITES: usize = 2_000;
    const NIGHTS: usize = 9;
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    sqlx::query("PRAGMA synchronous = OFF").execute(file_writer(&store)).await.unwrap();
    let mut witness = witness(store.file().unwrap()).await;
    let mut sizes: Vec<i64> = Vec::new();
    for night in 0..NIGHTS {
        let start = store.begin_run(&RunPlan { fresh: true, ..plan(SITES) }).await.unwrap();
        for place in 0..SITES {
            store.record_visit(start.id, place, &seen(place, night)).await.unwrap();
        }
        store.finish_run(start.id).await.unwrap();
        let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        sizes.push(sqlx::query_scalar(size).fetch_one(&mut witness).await.unwrap());
        if night == 0 {
            // Numbers as after a year of the whole country: they are longer.
            let later = "UPDATE sqlite_sequence SET seq = CASE name WHEN 'visit' THEN 2900000 ELSE 365 END
                         WHERE name IN ('visit', 'run')";
            sqlx::query(later).execute(&mut witness).await.unwrap();
        }
    }
    let each = (sizes[NIGHTS - 1] - sizes[0]) / i64::try_from(SITES * (NIGHTS - 1)).unwrap();
    println!("{each} bytes a visit; in full {}", sizes[0] / i64::try_from(SITES).unwrap());
    assert!(each <= MOST, "{each} bytes a visit: {sizes:?}");
    let full: i64 =
        sqlx::query_scalar("SELECT count(*) FROM visit WHERE same_as IS NULL").fetch_one(&mut witness).await.unwrap();
    assert_eq!(usize::try_from(full).unwrap(), SITES, "the first night and no other");
}

on_both! {
    what_was_seen_before_is_stored_once,
    everything_is_told_as_if_all_were_stored_in_full,
    what_is_had_in_common_goes_together,
    forgotten_words_are_forgotten_of_all,
    references_that_do_not_hold_are_told,
}
