//! Histories beside visits: the same as the pure rule gives, whatever came in between.

use std::ops::ControlFlow;

use jiff::{Timestamp, ToSpan as _, civil::Date};

use crate::{
    history::{History, day},
    model::{CatalogueId, Comune, Confirm, Finding, Look, Outcome, Platform, Reason, Strength, Visit},
};

use super::{
    super::{sql::query_scalar, *},
    Engine, assert_file_sound, assert_sound, clock, on_both, open, open_file, outside, plan, time, url, visit, witness,
};

/// The night so many days after the first, 2 o'clock.
fn night(number: usize) -> Timestamp {
    let hours = i64::try_from(number).unwrap() * 24;
    time("2026-01-01T02:00:00Z").checked_add(hours.hours()).unwrap()
}

fn finding(platform: Platform, code: char) -> Finding {
    let (outcome, strength, reason) = match code {
        'F' => (Outcome::Found, Some(Strength::Proof), Reason::Proof),
        'f' => (Outcome::Found, Some(Strength::Strong), Reason::TwoStrong),
        'm' => (Outcome::Mentioned, Some(Strength::Weak), Reason::WordsOnly),
        'n' => (Outcome::NotFound, None, Reason::CoverageComplete),
        _ => (Outcome::Undetermined, None, Reason::BudgetSpent),
    };
    Finding { platform, outcome, strength, reason, signals: Vec::new() }
}

/// A visit in which SPID and CIE come to these answers.
pub(super) fn look(number: usize, at: Timestamp, codes: [char; 2]) -> Visit {
    let findings =
        [Platform::Spid, Platform::Cie].into_iter().zip(codes).map(|(platform, code)| finding(platform, code));
    Visit {
        started: at,
        finished: at,
        findings: findings.collect(),
        pages: Vec::new(),
        path: Vec::new(),
        ..visit(number)
    }
}

async fn histories(store: &Store, as_of: Date) -> Vec<HistoryOf> {
    histories_of(store, Period::until(as_of)).await
}

async fn histories_of(store: &Store, period: Period) -> Vec<HistoryOf> {
    let mut all = Vec::new();
    let each = |one| {
        all.push(one);
        ControlFlow::Continue(())
    };
    store.for_each_history(None, period, each).await.unwrap();
    all
}

const LATER: Date = jiff::civil::date(2027, 1, 1);

/// What of SPID holds, is doubted and is silent: `found`, `found?2`, `found!`.
async fn spid(store: &Store, as_of: Date) -> Vec<String> {
    let told = |one: &HistoryOf| {
        let history = &one.history;
        let mut text = history.standing().map_or("-", |one| one.outcome.code()).to_owned();
        if let Some(doubt) = history.doubt() {
            text.push_str(&format!("?{}", doubt.looks.len()));
        }
        if history.silence().is_some() {
            text.push('!');
        }
        text
    };
    histories(store, as_of).await.iter().filter(|one| one.platform == Platform::Spid).map(told).collect()
}

async fn the_tables_say_what_the_rule_says(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    // A walk without chance, which meets every rule; some nights have several looks, some none.
    let codes: Vec<char> = "FFnnuFnnnnnFmmmmnFFunununufFnnnn".chars().collect();
    let mut looks: Vec<(usize, Platform, Look)> = Vec::new();
    for number in 0..3 {
        for step in 0..120_usize {
            let at = night(step / 2 + step / 7).checked_add(i64::try_from(step % 2).unwrap().hours()).unwrap();
            let pick = |by: usize| codes[(step * by + number * 5 + step / 9) % codes.len()];
            let given = look(number, at, [pick(1), pick(3)]);
            for one in &given.findings {
                let Finding { platform, outcome, strength, reason, .. } = *one;
                looks.push((number, platform, Look { at, outcome, strength, reason, rules: Some(CatalogueId(1)) }));
            }
            store.save_visit(&given).await.unwrap();
        }
    }
    let told = histories(&store, LATER).await;
    assert_eq!(told.len(), 6);
    let mut ended = 0;
    for one in &told {
        let number: usize = one.whose.codice_ipa.as_deref().unwrap()[3..].parse().unwrap();
        let own = |until: Date| -> Vec<Look> {
            looks
                .iter()
                .filter(|(of, platform, look)| *of == number && *platform == one.platform && day(look.at) <= until)
                .map(|(_, _, look)| *look)
                .collect()
        };
        assert_eq!(one.history, History::of(&own(LATER), Confirm::default()));
        ended += one.history.observations.len();
    }
    assert!(ended > 20, "the walk must meet changes: {ended}");
    // Any day of the past: what its looks come to, and no more.
    for back in (0..80).step_by(3) {
        let as_of = day(night(back));
        for one in histories(&store, as_of).await {
            let number: usize = one.whose.codice_ipa.as_deref().unwrap()[3..].parse().unwrap();
            let own: Vec<Look> = looks
                .iter()
                .filter(|(of, platform, look)| *of == number && *platform == one.platform && day(look.at) <= as_of)
                .map(|(_, _, look)| *look)
                .collect();
            let expected = History::of(&own, Confirm::default());
            assert_eq!(
                one.history.standing().map(|one| (one.outcome, one.first_seen, one.last_confirmed)),
                expected.standing().map(|one| (one.outcome, one.first_seen, one.last_confirmed)),
                "{as_of}"
            );
            assert_eq!(one.history.doubt().map(|one| &one.looks), expected.doubt().map(|one| &one.looks), "{as_of}");
            assert_eq!(one.history.silence(), expected.silence(), "{as_of}");
            assert_eq!(one.history.observations.len(), expected.observations.len(), "{as_of}");
        }
    }
    // Of a period: what held on its days, without what was over before.
    let (mut whole, mut part) = (0, 0);
    for from in (0..80).step_by(9) {
        let to = day(night(from + 8));
        let of_period = histories_of(&store, Period::between(day(night(from)), to)).await;
        for (one, all) in of_period.iter().zip(histories(&store, to).await) {
            assert_eq!((&one.whose, one.platform), (&all.whose, all.platform));
            assert_eq!(one.history.observations, all.history.observations);
            for on in (from..=from + 8).map(|on| day(night(on))) {
                assert_eq!(one.history.as_known_on(on).state(), all.history.as_known_on(on).state(), "{on}");
            }
            whole += all.history.doubts.len() + all.history.silences.len();
            part += one.history.doubts.len() + one.history.silences.len();
        }
    }
    assert!(part * 2 < whole, "what was over is left out: {part} of {whole}");
    assert_sound(&store).await;
}

async fn a_look_that_comes_late_is_put_where_it_belongs(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    for (on, code) in [(0, 'F'), (1, 'n'), (2, 'n'), (5, 'n')] {
        store.save_visit(&look(1, night(on), [code, 'u'])).await.unwrap();
    }
    assert_eq!(spid(&store, LATER).await, ["not-found"]);
    // Found on the third day after all: the loss was none, and two of its looks no longer count.
    store.save_visit(&look(1, night(3), ['F', 'u'])).await.unwrap();
    assert_eq!(spid(&store, LATER).await, ["found?1"]);
}

async fn a_site_that_becomes_somebodys_brings_its_history(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let alone = Visit { comune: Comune::default(), ..look(1, night(0), ['F', 'n']) };
    store.save_visit(&alone).await.unwrap();
    let whose = histories(&store, LATER).await.remove(0).whose;
    assert_eq!((whose.name, whose.url.as_deref()), (None, Some("https://www.comune.prova1.it/")));
    store.save_visit(&look(1, night(1), ['n', 'n'])).await.unwrap();
    assert_eq!(spid(&store, LATER).await, ["found?1"], "one history, of the comune");
    // Another site of the same comune: the loss of the old one's is still to be confirmed.
    let moved = Visit { url: url("https://www.nuovo.prova1.it/"), ..look(1, night(2), ['n', 'n']) };
    store.save_visit(&moved).await.unwrap();
    store.save_visit(&Visit { comune: Comune::default(), started: night(3), ..moved }).await.unwrap();
    assert_eq!(spid(&store, LATER).await, ["found?3"]);
    assert_sound(&store).await;
}

async fn another_measure_makes_every_history_anew(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    for (on, code) in [(0, 'F'), (1, 'n'), (2, 'n')] {
        store.save_visit(&look(1, night(on), [code, 'n'])).await.unwrap();
    }
    assert!(!store.confirm_by(Confirm::default()).await.unwrap());
    assert_eq!(spid(&store, LATER).await, ["found?2"]);
    assert!(store.confirm_by(Confirm { looks: 2, hours: 24 }).await.unwrap());
    assert_eq!(spid(&store, LATER).await, ["not-found"]);
    assert!(store.confirm_by(Confirm::default()).await.unwrap());
    assert_eq!(spid(&store, LATER).await, ["found?2"]);
}

async fn sorted(store: &Store, as_of: Date) -> Vec<String> {
    let mut all = spid(store, as_of).await;
    all.sort_unstable();
    all
}

/// A run over so many sites; `code` says what each finds.
async fn sweep(store: &Store, sites: usize, on: usize, code: impl Fn(usize) -> char) -> (RunId, Weighed) {
    let start = store.begin_run(&RunPlan { fresh: true, ..plan(sites) }).await.unwrap();
    for place in 0..sites {
        store.record_visit(start.id, place, &look(place, night(on), [code(place), 'n'])).await.unwrap();
    }
    store.finish_run(start.id).await.unwrap();
    (start.id, store.weigh_run(start.id, 10).await.unwrap())
}

async fn a_mass_failure_is_held_until_a_person_decides(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let (_, weighed) = sweep(&store, 30, 0, |_| 'F').await;
    assert_eq!(weighed, Weighed { had: 0, worse: 0, trust: Trust::Clear });
    // A tenth is no mass failure, more is.
    let (_, weighed) = sweep(&store, 30, 1, |place| if place < 3 { 'n' } else { 'F' }).await;
    assert_eq!(weighed, Weighed { had: 30, worse: 3, trust: Trust::Clear });
    let (bad, weighed) = sweep(&store, 30, 2, |place| if place < 10 { 'u' } else { 'n' }).await;
    assert_eq!(weighed, Weighed { had: 27, worse: 27, trust: Trust::Suspect });
    let mut expected = vec!["found?1"; 3];
    expected.extend(["found"; 27]);
    expected.sort_unstable();
    assert_eq!(sorted(&store, LATER).await, expected, "nothing of the bad night is in the histories");
    // The next night is measured against the last that counted: the fault is still there.
    let (worse, weighed) = sweep(&store, 30, 3, |_| 'n').await;
    assert_eq!((weighed.had, weighed.worse, weighed.trust), (27, 27, Trust::Suspect));
    let (_, weighed) = sweep(&store, 30, 4, |place| if place < 3 { 'n' } else { 'F' }).await;
    assert_eq!((weighed.worse, weighed.trust), (0, Trust::Clear));
    // Released, its looks count from their own day on; discarded, they never were.
    assert_eq!(store.decide_run(bad, Decision::Release).await.unwrap(), Trust::Suspect);
    let past = sorted(&store, day(night(2))).await;
    assert_eq!(
        (past.iter().filter(|one| *one == "found!").count(), past.iter().filter(|one| *one == "found?1").count()),
        (7, 20)
    );
    assert_eq!(store.decide_run(worse, Decision::Discard).await.unwrap(), Trust::Suspect);
    assert_eq!(store.decide_run(bad, Decision::Discard).await.unwrap(), Trust::Released);
    assert_eq!(sorted(&store, day(night(2))).await, expected);
    // What a person decided stays decided.
    assert_eq!(store.weigh_run(bad, 100).await.unwrap().trust, Trust::Discarded);
    assert!(matches!(store.decide_run(RunId(99), Decision::Release).await, Err(StoreError::NoSuchRun { .. })));
    let trusts: Vec<Trust> = store.runs().await.unwrap().iter().map(|line| line.trust).collect();
    assert_eq!(trusts, [Trust::Clear, Trust::Discarded, Trust::Discarded, Trust::Clear, Trust::Clear]);
    let witness = outside(&store).await;
    let visits: i64 = query_scalar("SELECT count(*) FROM visit").fetch_one(&witness).await.unwrap();
    assert_eq!(visits, 150, "every visit is kept");
    assert_sound(&store).await;
}

async fn few_sites_are_no_mass(engine: Engine) {
    for (sites, worse, trust) in
        [(19, 19, Trust::Clear), (20, 9, Trust::Clear), (20, 10, Trust::Suspect), (101, 10, Trust::Clear)]
    {
        let place = engine.place().await;
        let store = open(&place).await;
        sweep(&store, sites, 0, |_| 'F').await;
        let (_, weighed) = sweep(&store, sites, 1, |place| if place < worse { 'n' } else { 'F' }).await;
        assert_eq!(weighed, Weighed { had: sites as u64, worse: worse as u64, trust });
    }
}

async fn a_run_that_was_killed_is_weighed_by_the_next(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    sweep(&store, 30, 0, |_| 'F').await;
    let killed = store.begin_run(&RunPlan { fresh: true, ..plan(30) }).await.unwrap().id;
    for place in 0..25 {
        store.record_visit(killed, place, &look(place, night(1), ['u', 'u'])).await.unwrap();
    }
    let next = store.begin_run(&RunPlan { fresh: true, ..plan(30) }).await.unwrap().id;
    store.weigh_left_runs(Some(next), 10).await.unwrap();
    let trust =
        |runs: Vec<RunLine>, run| runs.into_iter().find(|line| line.run == run).map(|line| (line.trust, line.worse));
    assert_eq!(trust(store.runs().await.unwrap(), killed), Some((Trust::Suspect, Some(25))));
    assert_eq!(trust(store.runs().await.unwrap(), next), Some((Trust::Clear, None)), "its turn is to come");
    assert_eq!(spid(&store, LATER).await, ["found"; 30]);
}

/// The tables as they were before this one's migration, filled with the rows of a database of today.
async fn of_schema_3(folder: &tempfile::TempDir, today: &std::path::Path) -> std::path::PathBuf {
    let path = folder.path().join("old.db");
    std::fs::write(&path, "").unwrap();
    let mut old = witness(&path).await;
    let migrator = super::super::open::migrations_up_to(3);
    migrator.run_direct(None, &mut old, false).await.unwrap();
    sqlx::query("ATTACH ?1 AS today").bind(today.to_str().unwrap()).execute(&mut old).await.unwrap();
    for table in ["comune", "site", "catalogue", "run", "run_target", "visit", "finding"] {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?1, 'main')")
            .bind(table)
            .fetch_all(&mut old)
            .await
            .unwrap();
        // What a visit has in common with another was stored with each.
        let read = |name: &String| match (table, name.as_str()) {
            ("visit", "url") => "s.url".to_owned(),
            ("visit", "finished") => "v.started".to_owned(),
            ("visit", "coverage" | "vendors" | "remarks" | "path" | "left_unread") => format!("h.{name}"),
            ("finding", "id") => "NULL".to_owned(),
            ("finding", "visit") => "v.id".to_owned(),
            _ => format!("t.{name}"),
        };
        let read: Vec<String> = columns.iter().map(read).collect();
        let from = match table {
            "visit" => {
                "visit t JOIN today.visit v ON v.id = t.id JOIN today.site s ON s.id = t.site
                 JOIN today.visit h ON h.id = coalesce(t.same_as, t.id)"
            }
            "finding" => "visit v JOIN today.finding t ON t.visit = coalesce(v.same_as, v.id) ORDER BY v.id, t.id",
            _ => "TABLE t",
        };
        let from = from.replace("TABLE", table);
        let columns = columns.join(", ");
        let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {} FROM today.{from}", read.join(", "));
        sqlx::query(sqlx::AssertSqlSafe(copy)).execute(&mut old).await.unwrap();
    }
    path
}

#[tokio::test]
async fn a_database_of_before_gets_its_histories_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    for on in 0..6 {
        sweep(&store, 3, on, |place| if place == 1 && on > 0 { 'n' } else { 'F' }).await;
    }
    let alone = Visit { comune: Comune::default(), ..look(7, night(0), ['m', 'n']) };
    store.save_visit(&alone).await.unwrap();
    let expected = histories(&store, LATER).await;
    let today = store.file().unwrap().to_path_buf();
    store.close().await;
    let old = of_schema_3(&folder, &today).await;
    let refused = Store::open_for_reading(old.to_str().unwrap(), clock()).await;
    assert!(matches!(refused, Err(StoreError::OlderSchema { found: 3, .. })), "{refused:?}");
    let store = Store::open(old.to_str().unwrap(), clock()).await.unwrap();
    assert_eq!(histories(&store, LATER).await, expected);
    assert_eq!(spid(&store, LATER).await, ["mentioned", "found", "not-found", "found"]);
    // Runs of before are not judged after the fact.
    store.weigh_left_runs(None, 1).await.unwrap();
    assert!(store.runs().await.unwrap().iter().all(|line| line.trust == Trust::Clear));
    assert_file_sound(store.file().unwrap()).await;
}

#[tokio::test]
async fn a_migration_of_a_lower_number_is_made_up_for() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let path = store.file().unwrap().to_path_buf();
    store.close().await;
    // As if 0002 had been written after this database was made.
    let mut outside = witness(&path).await;
    sqlx::query("ALTER TABLE page DROP COLUMN rendered").execute(&mut outside).await.unwrap();
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 2").execute(&mut outside).await.unwrap();
    let store = open_file(&folder).await;
    let id = store.save_visit(&visit(1)).await.unwrap();
    assert_eq!(store.visit(id).await.unwrap(), visit(1));
}

async fn verdicts_are_told_what_is_still_to_be_confirmed(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    super::registers::filled(&store).await;
    for (on, code) in "Fnnun".chars().enumerate() {
        store.save_visit(&look(1, night(on), [code, 'n'])).await.unwrap();
    }
    let told = async |as_of: usize, platform: Platform| {
        let mut told = Vec::new();
        let each = |facts: CaseFacts| {
            let of = facts.found.iter().map(|found| found.sighting).filter(|one| one.platform == platform);
            told.extend(of.map(|one| (one.outcome, one.unconfirmed)));
            ControlFlow::Continue(())
        };
        let wanted = Wanted::Comune("X001".to_owned());
        store.for_each_case(&wanted, day(night(as_of)), &[], each).await.unwrap();
        told
    };
    let (found, away) = ((Outcome::Found, false), (Outcome::Undetermined, false));
    let missed = |unconfirmed| (Outcome::NotFound, unconfirmed);
    assert_eq!(told(2, Platform::Spid).await, [found, missed(true)]);
    assert_eq!(told(3, Platform::Spid).await, [found, missed(true), away]);
    // The third day that missed it, 72 hours after the first.
    assert_eq!(told(4, Platform::Spid).await, [found, missed(false)]);
    assert_eq!(told(4, Platform::Cie).await, [missed(false)], "what was never found was never lost");
}

on_both! {
    the_tables_say_what_the_rule_says,
    a_look_that_comes_late_is_put_where_it_belongs,
    a_site_that_becomes_somebodys_brings_its_history,
    another_measure_makes_every_history_anew,
    a_mass_failure_is_held_until_a_person_decides,
    few_sites_are_no_mass,
    a_run_that_was_killed_is_weighed_by_the_next,
    verdicts_are_told_what_is_still_to_be_confirmed,
}
