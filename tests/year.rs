//! Sixty nights over fifty comuni: no loss is told that was none, and any day of the past is told as it was known on it.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{
    Riscontro, database,
    run::Ended,
    year::{self, Country},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");
const COUNTRY: Country = Country { comuni: 50, nights: 60, failure: 40 };
const PLATFORMS: [&str; 4] = ["spid", "cie", "pagopa", "appio"];

struct World {
    riscontro: Riscontro,
    db: String,
    truth: Vec<Vec<[bool; 4]>>,
    suspect: Vec<usize>,
}

impl World {
    fn new() -> Self {
        let riscontro = Riscontro::bare(BINARY);
        let db = riscontro.database("a.db");
        let truth: Vec<_> = (0..COUNTRY.comuni).map(|comune| COUNTRY.truth(comune)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let suspect = runtime.block_on(async {
            let store = year::open(&riscontro.path("a.db")).await;
            let mut suspect = Vec::new();
            for night in 0..COUNTRY.nights {
                let (run, weighed) = COUNTRY.night(&store, &truth, night, 0).await;
                if !weighed.trust.counts() {
                    suspect.push(night);
                    assert_eq!(run.0, i64::try_from(night).unwrap() + 1);
                }
            }
            store.close().await;
            suspect
        });
        Self { riscontro, db, truth, suspect }
    }

    #[track_caller]
    fn local(&self, arguments: &[&str]) -> Ended {
        self.riscontro.local(&[arguments, &["--db", &self.db, "--lang", "it"]].concat())
    }

    #[track_caller]
    fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let ended = self.local(arguments);
        ended.assert_code(0);
        ended.json_lines()
    }
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

/// The comune and the platform of a row, as numbers.
fn whose(row: &Value) -> (usize, usize) {
    let code = text(row, "catastale");
    let comune = (0..COUNTRY.comuni).find(|comune| year::catastale(*comune) == code).unwrap();
    (comune, PLATFORMS.iter().position(|platform| *platform == text(row, "platform")).unwrap())
}

fn night_of(day: &str) -> usize {
    (0..COUNTRY.nights).find(|night| day.starts_with(&year::date(*night))).unwrap()
}

#[test]
fn a_year_in_small() {
    let world = World::new();
    assert_eq!(world.suspect, [COUNTRY.failure], "the mass failure and nothing else is suspect");

    // Every loss that is told was a loss, on every night for which it is told; and there are some.
    let all = world.rows(&["export", "observations", "--all", "--format", "jsonl"]);
    let mut losses = 0;
    for row in all.iter().filter(|row| row["ended"] == "loss-confirmed") {
        let (comune, platform) = whose(row);
        let nights = night_of(text(row, "until"))..=night_of(text(row, "until_known"));
        for night in nights {
            // A night on which it could not be seen says nothing; one on which it was seen ends the doubt.
            let truth = world.truth[comune][night];
            let seen = COUNTRY.seen(comune, night, truth)[platform];
            assert!(night == COUNTRY.failure || seen != riscontro::model::Outcome::Found, "{row}");
        }
        let until = night_of(text(row, "until_known"));
        assert!(!world.truth[comune][until][platform], "a loss that was none: {row}");
        losses += 1;
    }
    assert!(losses > 5, "{losses}");

    // What holds at the end is what is true, but for what is still to be confirmed or could not be seen.
    let held = world.rows(&["export", "observations", "--format", "jsonl"]);
    assert_eq!(held.len(), COUNTRY.comuni * 4);
    let mut open = 0;
    for row in &held {
        let (comune, platform) = whose(row);
        let there = world.truth[comune][COUNTRY.nights - 1][platform];
        if row["missed_since"].is_null() && row["undetermined_since"].is_null() {
            let recent = night_of(text(row, "last_confirmed")) == COUNTRY.nights - 1;
            let misread = COUNTRY.seen(comune, COUNTRY.nights - 1, world.truth[comune][COUNTRY.nights - 1])[platform];
            let expected = misread == riscontro::model::Outcome::Found;
            assert!(recent && (row["outcome"] == "found") == expected, "{row}");
            assert!(there || !expected);
        } else {
            open += 1;
        }
    }
    assert!(open > 0, "the last night must have left something open");

    past_days(&world);
    two_days(&world);
    a_person_decides(&world);
}

/// What an export of a past day says is what was exported on that day.
fn past_days(world: &World) {
    for night in [0, 7, 39, 41, 55] {
        let riscontro = Riscontro::bare(BINARY);
        let until = Country { nights: night + 1, ..COUNTRY };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = year::open(&riscontro.path("then.db")).await;
            for night in 0..until.nights {
                until.night(&store, &world.truth, night, 0).await;
            }
            store.close().await;
        });
        let then = riscontro.local(&[
            "export",
            "observations",
            "--all",
            "--format",
            "jsonl",
            "--db",
            &riscontro.database("then.db"),
        ]);
        let now = world.local(&["export", "observations", "--all", "--format", "jsonl", "--as-of", &year::date(night)]);
        then.assert_code(0);
        assert_eq!(then.stdout, now.stdout, "night {night}");
    }
}

/// What `diff` tells is the difference between what is exported for its two days.
fn two_days(world: &World) {
    let (from, to) = (year::date(10), year::date(50));
    let state = |day: &str| -> BTreeMap<(usize, usize), String> {
        world
            .rows(&["export", "observations", "--format", "jsonl", "--as-of", day])
            .iter()
            .map(|row| (whose(row), text(row, "outcome").to_owned()))
            .collect()
    };
    let (before, after) = (state(&from), state(&to));
    let told = world.rows(&["diff", "--from", &from, "--to", &to, "--format", "jsonl"]);
    let of = |change: &str| -> Vec<(usize, usize)> {
        let mut all: Vec<_> = told.iter().filter(|row| row["change"] == change).map(whose).collect();
        all.sort_unstable();
        all
    };
    let expected = |was: &str, is: &str| -> Vec<(usize, usize)> {
        after.iter().filter(|(key, now)| *now == is && before[*key] == was).map(|(key, _)| *key).collect()
    };
    assert_eq!(of("lost"), expected("found", "not-found"));
    assert_eq!(of("found"), expected("not-found", "found"));
    for change in ["lost", "found", "to-be-confirmed", "undetermined"] {
        assert!(!of(change).is_empty(), "{change} does not occur: the test is blind to it");
    }
    let umbria = world.rows(&["diff", "--from", &from, "--to", &to, "--format", "jsonl", "--region", "umb"]);
    assert!(umbria.iter().all(|row| row["region"] == "Umbria") && !umbria.is_empty());
    assert!(umbria.len() < told.len());
    let table = world.local(&["diff", "--from", &from, "--to", &to]);
    table.assert_code(0);
    assert!(table.stdout.contains(&format!("non più riscontrato: {}", of("lost").len())), "{table}");
    let csv = world.local(&["diff", "--from", &from, "--to", &to, "--format", "csv", "--rfc4180"]);
    let rows = csv::Reader::from_reader(csv.stdout.as_bytes()).records().map(Result::unwrap).count();
    assert_eq!(rows, told.len());
    let none = world.local(&["diff", "--from", &from, "--to", &from]);
    assert!(none.stdout.contains("Nessun cambiamento"), "{none}");
    world.local(&["diff", "--from", &to, "--to", &from]).assert_code(2);
    world.local(&["diff", "--from", "ieri"]).assert_code(2);
    world.local(&["diff", "--from", &from, "--region", "Atlantide"]).assert_code(2);
}

/// A suspect run is listed, released and discarded; the histories follow, the visits stay.
fn a_person_decides(world: &World) {
    let run = (COUNTRY.failure + 1).to_string();
    let day = year::date(COUNTRY.failure);
    let doubts = || {
        let rows = world.rows(&["export", "observations", "--format", "jsonl", "--as-of", &day]);
        rows.iter().filter(|row| !row["missed_since"].is_null() || !row["undetermined_since"].is_null()).count()
    };
    let listed = world.local(&["run", "list"]);
    listed.assert_code(0);
    assert!(listed.stdout.contains("sospetta") && listed.stdout.contains("run release"), "{listed}");
    let held = doubts();
    let released = world.rows(&["run", "release", &run, "--format", "json"]);
    assert_eq!((text(&released[0], "trust"), released.len()), ("released", 1));
    assert!(doubts() > held + 40, "its looks count: {held}, {}", doubts());
    let discarded = world.local(&["run", "discard", &run]);
    discarded.assert_code(0);
    assert!(discarded.stdout.contains("scartata"), "{discarded}");
    assert_eq!(doubts(), held);
    let file = world.riscontro.path("a.db");
    assert_eq!(database::number(&file, "SELECT count(*) FROM visit"), Some(3_000));
    database::assert_whole(&file);
    world.local(&["run", "release", "4711"]).assert_code(2);
    world.local(&["run", "release", "x"]).assert_code(2);
    world.local(&["run", "release"]).assert_code(2);
}
