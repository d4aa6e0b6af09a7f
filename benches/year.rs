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
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

#[path = "../tests/support/mod.rs"]
mod support;

use support::{
    Riscontro,
    nights::{self, Holders, PAGES, Row},
    year::{self, Country},
};

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

/// The country's comuni as a register would name them.
fn comuni(country: &Country) -> Vec<Row> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let row = |number: usize| {
        let one = year::target(number);
        let whose = one.comune;
        (number + 1, text(whose.codice_ipa), text(whose.codice_catastale), text(whose.name), one.url.into())
    };
    (0..country.comuni).map(row).collect()
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
        nights::populate(&mut connection, &comuni(&country), true).await;
        let mut holders: Holders = vec![HashMap::new(); country.comuni];
        for night in 0..country.nights {
            nights::write(&mut connection, &country, &truth, night, &mut holders).await;
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
