//! The built binary over the made-up comuni: what it says must be what is true of them.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![expect(clippy::print_stdout, reason = "the share that was found is worth seeing")]

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{
    Riscontro, Web,
    comuni::{self, Comune},
    run::finding,
};

/// Sites of the whole made-up country.
fn web() -> (Vec<Comune>, Web) {
    let comuni = comuni::all();
    let web = Web::of(comuni::sites(&comuni));
    (comuni, web)
}

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
    let (comuni, web) = web();
    let riscontro = Riscontro::new(env!("CARGO_BIN_EXE_riscontro"), &web).flag(&["--max-time", "60"]);
    let answers = answers(&riscontro, &comuni);
    assert_eq!(answers.len(), comuni.len(), "every comune has an answer");
    let mut wrong = Vec::new();
    let (mut true_found, mut seen_found) = (0, 0);
    for comune in &comuni {
        let site = &answers[&comune.url()];
        for (platform, expected) in comune.expected.each() {
            let Some((outcome, reason)) = finding(site, platform) else {
                wrong.push(format!("{} {platform}: no finding", comune.name));
                continue;
            };
            if expected == comuni::Expect::Found {
                true_found += 1;
                seen_found += i32::from(outcome == "found");
            }
            if !expected.accepts(outcome, reason) {
                wrong.push(format!(
                    "{} {platform}: {outcome} ({reason}), true is {expected:?}: {}",
                    comune.name, comune.note
                ));
            }
        }
    }
    println!("found {seen_found} of {true_found} that are there");
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
