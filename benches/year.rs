//! A year of nightly runs over the whole country, of which it is known what was true: how large the database becomes, how long
//! it takes to look back, and whether a loss is told that was none.
//!
//! `cargo bench --bench year`. The nights are written straight into the tables, without pages, a visit that saw the same as one
//! before as the store would write it, and the histories made from them as when an older database is opened; what a night costs
//! with its pages is measured apart, through the store.
//! `RISCONTRO_COMUNI` and `RISCONTRO_NIGHTS` make it smaller.

#![allow(clippy::print_stdout, reason = "a bench speaks to a person")]
#![allow(clippy::unwrap_used, reason = "a bench may stop where its world is not as it should be")]

use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

use riscontro::model::Outcome;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

#[path = "../tests/support/mod.rs"]
mod support;

use support::{
    Riscontro,
    year::{self, Country},
};

/// Pages of a visit in the night that is measured with all it stores.
const PAGES: usize = 10;
/// Comuni of that night: enough to tell what one costs.
const SAMPLE: usize = 2_000;
/// Nights after the first of it.
const SAME: usize = 8;

#[allow(clippy::disallowed_methods, reason = "the size of a bench is told by the environment")]
fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[allow(clippy::cast_precision_loss, reason = "sizes of files, for people")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

fn size(path: &Path) -> u64 {
    let of = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    of(path) + of(&path.with_extension("db-wal"))
}

/// Of each comune, the visit that holds what was seen, by what it was.
type Holders = Vec<HashMap<String, usize>>;

/// The night's visits in a few statements, from one JSON text: number, start, a letter for each platform, id, the id of the
/// visit that saw the same before, and how long each of ten pages and the end took.
async fn write(
    connection: &mut SqliteConnection,
    country: &Country,
    truth: &[Vec<[bool; 4]>],
    night: usize,
    holders: &mut Holders,
) {
    let letter = |outcome: &Outcome| match outcome {
        Outcome::Found => 'f',
        Outcome::Undetermined => 'u',
        Outcome::Mentioned | Outcome::NotFound => 'n',
    };
    let rows: Vec<(usize, String, String, usize, Option<usize>, String)> = (0..country.comuni)
        .map(|comune| {
            let seen = country.seen(comune, night, truth[comune][night]);
            let at = year::starts(comune, night).strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string();
            let letters: String = seen.iter().map(letter).collect();
            let id = night * country.comuni + comune + 1;
            let same = holders[comune].get(&letters).copied();
            if same.is_none() {
                holders[comune].insert(letters.clone(), id);
            }
            let times: Vec<usize> = (0..=PAGES).map(|page| 1_000 + (id * 131 + page * 7_919) % 997).collect();
            (comune + 1, at, letters, id, same, serde_json::to_string(&times).unwrap())
        })
        .collect();
    let rows = serde_json::to_string(&rows).unwrap();
    let run = i64::try_from(night + 1).unwrap();
    let mut transaction = connection.begin().await.unwrap();
    for statement in [
        "INSERT INTO run (id, started, finished, state, catalogue, agent, settings, targets, targets_sha256, had, worse)
         SELECT ?1, min(value ->> 1), max(value ->> 1), 'finished', 1, '0.1.0', '{}', count(*), '', 0, 0 FROM json_each(?2)",
        "INSERT INTO run_target (run, position, site, state)
         SELECT ?1, (value ->> 0) - 1, value ->> 0, 'done' FROM json_each(?2)",
        "INSERT INTO visit (id, site, comune, run, position, started, finished, requests, ended, catalogue, coverage,
                            vendors, remarks, path, left_unread, subject, same_as, times)
         SELECT value ->> 3, value ->> 0, value ->> 0, ?1, (value ->> 0) - 1, value ->> 1,
                iif(value ->> 4 IS NULL, value ->> 1, NULL), 14, 'exhausted', 1, iif(value ->> 4 IS NULL, '{}', NULL),
                iif(value ->> 4 IS NULL, '[]', NULL), iif(value ->> 4 IS NULL, '[]', NULL),
                iif(value ->> 4 IS NULL, '[]', NULL), iif(value ->> 4 IS NULL, '[]', NULL), value ->> 0, value ->> 4,
                iif(value ->> 4 IS NULL, NULL, value ->> 5)
         FROM json_each(?2)",
        "INSERT INTO finding (visit, platform, outcome, strength, reason)
         SELECT j.value ->> 3, p.value,
                CASE substr(j.value ->> 2, p.key + 1, 1)
                     WHEN 'f' THEN 'found' WHEN 'u' THEN 'undetermined' ELSE 'not-found' END,
                iif(substr(j.value ->> 2, p.key + 1, 1) = 'f', 'proof', NULL),
                CASE substr(j.value ->> 2, p.key + 1, 1)
                     WHEN 'f' THEN 'proof' WHEN 'u' THEN 'connect-timeout' ELSE 'coverage-complete' END
         FROM json_each(?2) j CROSS JOIN json_each('[\"spid\",\"cie\",\"pagopa\",\"appio\"]') p
         WHERE j.value ->> 4 IS NULL AND ?1 > 0",
    ] {
        sqlx::query(statement).bind(run).bind(&rows).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// Comuni, sites and subjects of the same numbers, and the comuni as the registers would name them.
async fn populate(connection: &mut SqliteConnection, country: &Country) {
    let rows: Vec<(usize, String, String, String, String)> = (0..country.comuni)
        .map(|number| {
            let one = year::target(number);
            let text = |value: Option<String>| value.unwrap_or_default();
            let whose = one.comune;
            (number + 1, text(whose.codice_ipa), text(whose.codice_catastale), text(whose.name), one.url.into())
        })
        .collect();
    let rows = serde_json::to_string(&rows).unwrap();
    let mut transaction = connection.begin().await.unwrap();
    for statement in [
        "INSERT INTO catalogue (id, version, sha256) SELECT 1, '2026.1', '' WHERE ?1 <> ''",
        "INSERT INTO comune (id, codice_ipa, codice_catastale, name, region)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, 'Lazio' FROM json_each(?1)",
        "INSERT INTO site (id, url, scheme_guessed, comune) SELECT value ->> 0, value ->> 4, 0, value ->> 0 FROM json_each(?1)",
        "INSERT INTO subject (id, comune) SELECT value ->> 0, value ->> 0 FROM json_each(?1)",
        // Another measure than the one that is set afterwards, which makes every history.
        "UPDATE history_rule SET looks = 4 WHERE ?1 <> ''",
        "INSERT INTO known_comune (catastale, name, region, is_current, codice_ipa, url)
         SELECT value ->> 2, value ->> 3, 'Lazio', 1, value ->> 1, value ->> 4 FROM json_each(?1)",
    ] {
        sqlx::query(statement).bind(&rows).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// The histories, made from the visits as for a database of before.
async fn make(path: &Path, country: &Country) -> (Duration, Duration) {
    let store = year::open(path).await;
    let began = Instant::now();
    assert!(store.confirm_by(riscontro::model::Confirm::default()).await.unwrap(), "the measure is another");
    let made = began.elapsed();
    let began = Instant::now();
    let run = riscontro::store::RunId(i64::try_from(country.failure + 1).unwrap());
    let weighed = store.weigh_run(run, 10).await.unwrap();
    let held = began.elapsed();
    println!("mass failure: {} of {} turned worse, {}", weighed.worse, weighed.had, weighed.trust.code());
    store.close().await;
    (made, held)
}

/// What the first night and what a night with nothing changed add to the file, for each visit.
async fn growth(path: &Path) -> (u64, u64) {
    let country = Country { comuni: SAMPLE, nights: SAME + 1, failure: usize::MAX };
    let seen = [Outcome::Found, Outcome::Found, Outcome::NotFound, Outcome::NotFound];
    let mut sizes = Vec::new();
    for night in 0..=SAME {
        let store = year::open(path).await;
        let start = store.begin_run(&country.plan()).await.unwrap();
        for comune in 0..SAMPLE {
            let visit = year::visit(comune, year::starts(comune, night), seen, PAGES);
            store.record_visit(start.id, comune, &visit).await.unwrap();
        }
        store.finish_run(start.id).await.unwrap();
        // Closing folds the log into the file.
        store.close().await;
        sizes.push(std::fs::metadata(path).unwrap().len());
    }
    // The first night makes the comuni and the observations as well.
    let (first, last) = (sizes[0], sizes[SAME]);
    (first / SAMPLE as u64, (last - first) / SAME as u64 / SAMPLE as u64)
}

fn main() {
    let country = Country {
        comuni: number("RISCONTRO_COMUNI", 7_896),
        nights: number("RISCONTRO_NIGHTS", 365),
        failure: number("RISCONTRO_NIGHTS", 365) * 2 / 3,
    };
    let riscontro = Riscontro::bare(env!("CARGO_BIN_EXE_riscontro")).patience(Duration::from_mins(20));
    let path = riscontro.path("year.db");
    let db = riscontro.database("year.db");
    let truth: Vec<_> = (0..country.comuni).map(|comune| country.truth(comune)).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let began = Instant::now();
    let (made, held) = runtime.block_on(async {
        year::open(&path).await.close().await;
        let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        sqlx::query("PRAGMA synchronous = OFF").execute(&mut connection).await.unwrap();
        populate(&mut connection, &country).await;
        let mut holders: Holders = vec![HashMap::new(); country.comuni];
        for night in 0..country.nights {
            write(&mut connection, &country, &truth, night, &mut holders).await;
        }
        connection.close().await.unwrap();
        println!("{} comuni, {} nights, written in {:.0?}", country.comuni, country.nights, began.elapsed());
        make(&path, &country).await
    });
    println!("histories made anew in {made:.1?}; the mass failure held back in {held:.1?}");
    println!("database without pages: {:.0} MiB", mib(size(&path)));

    let middle = year::date(country.nights / 2);
    let (last, code) = (year::date(country.nights - 1), year::catastale(country.comuni / 2));
    let timed = |what: &str, arguments: &[&str]| {
        let ended = riscontro.local(&[arguments, &["--db", &db]].concat());
        ended.assert_code(0);
        println!("{what}: {:.2?}, {} lines", ended.took, ended.stdout.lines().count());
        ended
    };
    timed("comune", &["comune", &code]);
    timed("diff of a week", &["diff", "--from", &year::date(country.nights - 8), "--to", &last, "--format", "csv"]);
    timed("diff of half a year", &["diff", "--from", &middle, "--to", &last, "--format", "csv"]);
    timed("diff of two past days", &["diff", "--from", &year::date(0), "--to", &middle, "--format", "csv"]);
    timed("export observations", &["export", "observations", "--format", "jsonl"]);
    timed("export observations --as-of", &["export", "observations", "--format", "jsonl", "--as-of", &middle]);
    let all = timed("export observations --all", &["export", "observations", "--all", "--format", "jsonl"]);

    let (mut losses, mut wrong) = (0, 0);
    let number = |row: &serde_json::Value| {
        let code = row["catastale"].as_str().unwrap();
        usize::from(code.as_bytes()[0] - b'A') * 1_000 + code[1..].parse::<usize>().unwrap()
    };
    let nights: HashMap<String, usize> = (0..country.nights).map(|at| (year::date(at), at)).collect();
    for row in all.json_lines().iter().filter(|row| row["ended"] == "loss-confirmed") {
        let platform = ["spid", "cie", "pagopa", "appio"].iter().position(|one| row["platform"] == *one).unwrap();
        let night = nights[&row["until_known"].as_str().unwrap()[..10]];
        losses += 1;
        wrong += usize::from(truth[number(row)][night][platform]);
    }
    println!("losses told: {losses}, of which false: {wrong}");
    assert!(losses > 0 && wrong == 0, "a loss was told that was none");

    let (first, each) = runtime.block_on(growth(&riscontro.path("night.db")));
    println!(
        "a visit with {PAGES} pages: {first} bytes; one that saw the same: {each} bytes, {:.2} MiB a night for the country",
        mib(each * 7_896)
    );
}
