//! The report on all notices over all registers of the country and a year of nightly visits: processor and wall seconds and peak
//! memory of each form, and of the letter that a subscriber gets. The real registers where they lie beside the project, else made-up ones of that size.
//!
//! `cargo bench --bench notice_report`, with `-- --made-up` for the latter in any case; `RISCONTRO_NIGHTS` makes the year shorter.
//! What is promised: under 10 s and 300 MiB on two cores.

#![allow(clippy::print_stdout, reason = "a bench speaks to a person")]
#![allow(clippy::unwrap_used, reason = "a bench may stop where its world is not as it should be")]

use std::{collections::HashMap, process::ExitCode, time::Duration};

use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

#[path = "../tests/support/mod.rs"]
mod support;

use support::{
    Riscontro,
    nights::{self, Holders, Row},
    office,
    process::Used,
    year::{self, Country},
};

/// What is promised: seconds, MiB.
const PROMISE: (f64, f64) = (10.0, 300.0);
const PATIENCE: Duration = Duration::from_mins(30);

/// Imports the registers and writes the nights; gives how many comuni were visited.
fn country(riscontro: &Riscontro, db: &str, nights: usize) -> usize {
    let made_up = std::env::args().any(|argument| argument == "--made-up");
    let (inputs, real) = office::national(riscontro.home(), made_up).unwrap();
    for (register, path, date) in inputs {
        let file = path.display().to_string();
        riscontro.local(&["import", register, &file, "--date", date, "--db", db]).assert_code(0);
    }
    let path = riscontro.path("bench.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        sqlx::query("PRAGMA synchronous = OFF").execute(&mut connection).await.unwrap();
        let known = "SELECT coalesce(codice_ipa, ''), catastale, name, url FROM known_comune
                     WHERE is_current AND url IS NOT NULL GROUP BY url ORDER BY catastale";
        let known: Vec<(String, String, String, String)> =
            sqlx::query_as(known).fetch_all(&mut connection).await.unwrap();
        let rows: Vec<Row> =
            (1..).zip(known).map(|(number, (ipa, code, name, url))| (number, ipa, code, name, url)).collect();
        let country = Country { comuni: rows.len(), nights, failure: nights * 2 / 3 };
        nights::populate(&mut connection, &rows, false).await;
        let truth: Vec<_> = (0..country.comuni).map(|comune| country.truth(comune)).collect();
        let mut holders: Holders = vec![HashMap::new(); country.comuni];
        for night in 0..nights {
            nights::write(&mut connection, &country, &truth, night, &mut holders).await;
        }
        connection.close().await.unwrap();
        let store = year::open(&path).await;
        store.confirm_by(riscontro::model::Confirm::default()).await.unwrap();
        store.close().await;
        let which = if real { "the real registers" } else { "made-up registers" };
        println!("{} comuni with a site, {nights} nights, {which}", country.comuni);
        country.comuni
    })
}

#[allow(clippy::disallowed_methods, reason = "the size of a bench is told by the environment")]
fn main() -> ExitCode {
    let nights = std::env::var("RISCONTRO_NIGHTS").ok().and_then(|text| text.parse().ok()).unwrap_or(365);
    let riscontro = Riscontro::bare(env!("CARGO_BIN_EXE_riscontro")).patience(PATIENCE);
    let db = riscontro.database("bench.db");
    country(&riscontro, &db, nights);
    let since = year::date(nights - nights.min(8));
    let measured = |what: &str, arguments: &[&str]| {
        let (ended, used) = Used::by(riscontro.spawn(&[arguments, &["--db", &db]].concat()), PATIENCE);
        ended.assert_code(0);
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        let (processor, memory) = (used.ticks as f64 / 100.0, used.peak as f64 / f64::from(1 << 20));
        let wall = ended.took.as_secs_f64();
        println!("{processor:>6.2} s of processor {wall:>6.2} s {memory:>5.0} MiB  {what}");
        processor < PROMISE.0 && memory < PROMISE.1
    };
    let mut kept = true;
    for form in ["html", "text", "csv", "xlsx", "json"] {
        let path = riscontro.path(&format!("report.{form}")).display().to_string();
        kept &= measured(form, &["report", "notice", "--since", &since, "--format", form, "--output", &path]);
    }
    let night = riscontro.path("night.toml");
    std::fs::write(&night, "night_sites = \"none\"\n").unwrap();
    let night = night.display().to_string();
    riscontro.local(&["subscribe", "add", "--to", "a@ente.example", "--attach", "xlsx", "--db", &db]).assert_code(0);
    measured("a night that tells one subscriber, workbook attached", &["nightly", "--config", &night]);
    println!("promised for a report: {} s, {} MiB", PROMISE.0, PROMISE.1);
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
