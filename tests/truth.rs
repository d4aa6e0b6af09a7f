//! The built binary over the made-up comuni: what it says must be what is true of them, and it must cost little.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![expect(clippy::print_stdout, reason = "the figures are worth seeing")]

mod support;

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;
use support::{
    Comune, Expect, Riscontro, Web, comuni,
    measure::{self, Measured},
    run::finding,
    table::Table,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// Each site's answer by the address it was asked about.
fn answers(riscontro: &Riscontro, comuni: &[Comune]) -> BTreeMap<String, Value> {
    let targets = riscontro.path("comuni.csv");
    std::fs::write(&targets, comuni::targets_csv(comuni)).unwrap();
    let database = riscontro.database("truth.db");
    let run = riscontro.run(&["run", "--targets", targets.to_str().unwrap(), "--db", &database, "--format", "json"]);
    run.assert_code(0);
    let rows = riscontro.local(&["export", "findings", "--format", "jsonl", "--db", &database]);
    rows.assert_code(0);
    let mut sites: BTreeMap<String, Value> = BTreeMap::new();
    for row in rows.json_lines() {
        let url = row["url"].as_str().unwrap().to_owned();
        let site = sites.entry(url).or_insert_with(|| serde_json::json!({"findings": []}));
        site["findings"].as_array_mut().unwrap().push(row);
    }
    sites
}

#[test]
fn every_made_up_comune_gets_the_answer_that_is_true_of_it() {
    let comuni = comuni::all();
    let web = Web::of(comuni::sites(&comuni));
    let riscontro = Riscontro::new(BINARY, &web).flag(&["--max-time", "60"]);
    let answers = answers(&riscontro, &comuni);
    assert_eq!(answers.len(), comuni.len(), "every comune has an answer");
    let mut wrong = Vec::new();
    for comune in &comuni {
        for (platform, expected) in comune.expected.each() {
            let (outcome, reason) = finding(&answers[&comune.url()], platform).unwrap();
            if !expected.accepts(outcome, reason) {
                wrong.push(told(comune, platform, outcome, reason, expected));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
    // The outside witness: what the local web saw.
    let log = web.log();
    log.assert_no_strays();
    for method in log.methods() {
        assert!(matches!(method.as_str(), "GET" | "HEAD"), "{method} was sent");
    }
    for host in log.hosts() {
        assert!(log.max_open(&host) <= 1, "{host} had {} requests open at once", log.max_open(&host));
        let first = log.first(&host).expect("a host in the log has a first request");
        assert_eq!(first.target, "/robots.txt", "{host} was asked for a page before its robots.txt");
    }
}

fn told(comune: &Comune, platform: &str, outcome: &str, reason: &str, expected: Expect) -> String {
    format!("{} {platform}: {outcome} ({reason}), true is {expected:?}: {}", comune.name, comune.note)
}

/// Fails unless these visits are right, find at least 95 of 100 of what is there, and cost little by the log of the
/// local web: until something is found, and over whole visits that decide SPID, CIE and pagoPA.
#[track_caller]
fn assert_good(measured: &[Measured]) {
    let table = Table(measured);
    println!("{table}");
    let strays: Vec<&String> = measured.iter().flat_map(|one| &one.strays).collect();
    assert!(strays.is_empty(), "requests to hosts nobody should ask: {strays:#?}");
    assert_eq!(table.wrong_found(None), Vec::<String>::new());
    assert_eq!(table.wrong_absent(None), Vec::<String>::new());
    let (there, found) = table.found(None);
    assert!(found * 100 >= there * 95, "found {found} of {there}");
    let unmeasured = measured.iter().flat_map(|one| &one.answers).filter(|one| one.outcome == "found");
    assert!(unmeasured.clone().all(|one| one.until.is_some()), "every `found` has its evidence in the log");
    for (what, spread) in [("until found", table.until(None)), ("visits to decided sites", table.visits(true))] {
        assert!(spread.count >= 60, "{what}: {spread:?}");
        assert!(spread.median <= 6 && spread.p90 <= 12, "{what}: {spread:?}");
    }
}

#[test]
fn what_is_there_is_found_in_few_requests() {
    assert_good(&measure::everyone(Path::new(BINARY), &comuni::all(), false));
}

/// What is true when scripts run.
#[test]
#[ignore = "needs Chromium"]
fn every_scripted_comune_gets_the_answer_that_a_browser_shows() {
    let comuni: Vec<Comune> = comuni::all().into_iter().filter(|comune| comune.rendered.is_some()).collect();
    assert!(comuni.len() >= 8);
    let mut wrong = Vec::new();
    for one in measure::everyone(Path::new(BINARY), &comuni, true) {
        let rendered = one.comune.rendered.unwrap();
        for (platform, expected) in rendered.each() {
            let answered = one.answer(platform);
            if !expected.accepts(&answered.outcome, &answered.reason) {
                wrong.push(told(&one.comune, platform, &answered.outcome, &answered.reason, expected));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
}

/// Twelve scripts a page, and everything is there without them: the browser is not even started.
#[test]
#[ignore = "needs Chromium"]
fn a_plain_site_with_many_scripts_needs_no_browser() {
    let plain = comuni::named("Tantiscript");
    assert_eq!(measure::alone(Path::new(BINARY), &plain, true).rendered, 0);
}

#[test]
fn spreads_are_nearest_rank() {
    use support::table::Spread;
    assert_eq!(Spread::of([5, 1, 4, 2, 3]), Spread { count: 5, median: 3, p90: 5, max: 5 });
    assert_eq!(Spread::of(1..=10), Spread { count: 10, median: 5, p90: 9, max: 10 });
    assert_eq!(Spread::of([]), Spread::default());
}
