//! Roots stamped by an authority: openssl gives the stamps and is the witness of them.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{fs, time::Duration};

use support::{
    Riscontro,
    authority::TimeStamps,
    comuni::{self, alike},
    database,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

#[test]
#[ignore = "needs openssl"]
fn a_run_has_its_root_stamped_and_openssl_vouches_for_it() {
    let (comuni, web) = alike::country(2, Duration::ZERO, |_| true);
    let authority = TimeStamps::start();
    let flags = authority.flags();
    let riscontro =
        Riscontro::new(BINARY, &web).flag(&[&flags[0], &flags[1]]).env("RISCONTRO_STAMP_AUTHORITY", &authority.url());
    let targets = riscontro.path("comuni.csv");
    fs::write(&targets, comuni::targets_csv(&comuni)).unwrap();
    let (targets, db, file) = (targets.to_str().unwrap(), riscontro.database("a.db"), riscontro.path("a.db"));

    let run = riscontro.run(&["run", "--targets", targets, "--db", &db, "--format", "json"]);
    let summary = run.assert_code(0).json();
    let root = summary["evidence"]["root"].as_str().unwrap().to_owned();
    assert_eq!(summary["stamp"]["root"], root.as_str());
    // One question, with the digest of the root and nothing else of ours; nothing was posted to a site.
    let asked = authority.received();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].0.starts_with("POST /tsa HTTP/1.1") && asked[0].1.len() == 69, "{asked:?}");
    assert!(web.log().methods().iter().all(|method| method == "GET" || method == "HEAD"));

    // The answer leaves in the case file, and openssl takes it for the root and for nothing else.
    let folder = riscontro.path("fascicolo");
    let site = comuni[0].url();
    riscontro.local(&["evidence", "export", &site, "--db", &db, "--out", folder.to_str().unwrap()]).assert_code(0);
    let answers: Vec<_> = fs::read_dir(folder.join("stamps")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(answers.len(), 1);
    assert!(authority.vouches(&answers[0], &root));
    assert!(!authority.vouches(&answers[0], &"ab".repeat(32)));
    let told = fs::read_to_string(folder.join("VERIFICA.txt")).unwrap();
    assert!(told.contains(&format!("openssl ts -verify -digest {root} -in stamps/")), "{told}");

    // Nothing is asked for twice; what is altered afterwards is told.
    riscontro.run(&["evidence", "stamp", "--db", &db]).assert_code(0);
    assert_eq!(authority.received().len(), 1);
    let verified = riscontro.local(&["evidence", "verify", "--db", &db]);
    assert!(verified.assert_code(0).stdout.contains("marcata"), "{verified}");
    database::change(&file, "UPDATE stamp SET stamped = '2020-01-01T00:00:00.000000000Z'");
    riscontro.local(&["evidence", "verify", "--db", &db]).assert_code(65);
    database::change(&file, "UPDATE stamp SET answer = 'MAA='");
    riscontro.local(&["evidence", "verify", "--db", &db]).assert_code(65);
}

#[test]
#[ignore = "needs openssl"]
fn an_authority_that_is_away_stops_nothing_and_is_asked_again() {
    let (comuni, web) = alike::country(1, Duration::ZERO, |_| true);
    let authority = TimeStamps::start();
    let flags = authority.flags();
    let nobody = Riscontro::new(BINARY, &web).env("RISCONTRO_STAMP_AUTHORITY", "http://marche.test:9/tsa");
    let nobody = nobody.flag(&["--connect-to", "marche.test:9:127.0.0.1:9"]);
    let targets = nobody.path("comuni.csv");
    fs::write(&targets, comuni::targets_csv(&comuni)).unwrap();
    let (targets, db) = (targets.to_str().unwrap(), nobody.database("a.db"));
    let run = nobody.run(&["run", "--targets", targets, "--db", &db]);
    assert!(run.assert_code(0).stderr.contains("senza marca: 1"), "{run}");
    nobody.run(&["evidence", "stamp", "--db", &db]).assert_code(69);
    // What another service answers is no stamp.
    let other = Riscontro::new(BINARY, &web).env("RISCONTRO_STAMP_AUTHORITY", &comuni[0].url());
    other.run(&["evidence", "stamp", "--db", &db]).assert_code(69);
    Riscontro::new(BINARY, &web).run(&["evidence", "stamp", "--db", &db]).assert_code(78);

    let there =
        Riscontro::new(BINARY, &web).flag(&[&flags[0], &flags[1]]).env("RISCONTRO_STAMP_AUTHORITY", &authority.url());
    let stamped = there.run(&["evidence", "stamp", "--db", &db, "--format", "json"]);
    let stamp = stamped.assert_code(0).json();
    assert_eq!(stamp["authority"], authority.url().as_str());
    let listed = there.local(&["evidence", "stamp", "--list", "--db", &db, "--format", "json"]);
    assert_eq!(listed.assert_code(0).json(), stamp);
}
