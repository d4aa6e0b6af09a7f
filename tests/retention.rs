//! Letting go of what is old, forgetting an address, copying a database while a run is at work, and checking one.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};

use flate2::read::MultiGzDecoder;
use support::{
    Riscontro, Web,
    comuni::{self, alike},
    database,
    sound::{assert_all_shown, assert_replays, evidence_files},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

const LINKS: &str = "SELECT chain || '/' || position || ' ' || link FROM evidence_record ORDER BY chain, position";

struct World {
    web: Web,
    riscontro: Riscontro,
    targets: String,
    db: String,
    file: PathBuf,
}

impl World {
    fn new(latency: Duration) -> Self {
        let (comuni, web) = alike::country(4, latency, |_| true);
        let riscontro = Riscontro::new(BINARY, &web).flag(&["--concurrency", "2"]);
        let list = riscontro.path("comuni.csv");
        fs::write(&list, comuni::targets_csv(&comuni)).unwrap();
        let (db, file) = (riscontro.database("a.db"), riscontro.path("a.db"));
        Self { web, targets: list.to_str().unwrap().to_owned(), db, file, riscontro }
    }

    fn visit(&self) {
        self.riscontro.run(&["run", "--targets", &self.targets, "--db", &self.db]).assert_code(0);
    }

    fn prune(&self, arguments: &[&str]) -> serde_json::Value {
        let mut all = vec!["prune", "--db", &self.db, "--format", "json"];
        all.extend(arguments);
        let ended = self.riscontro.local(&all);
        ended.assert_code(0);
        ended.json()
    }

    fn verify(&self) -> Vec<serde_json::Value> {
        self.riscontro.local(&["evidence", "verify", "--db", &self.db, "--format", "json"]).json_lines()
    }

    fn check(&self) -> support::run::Ended {
        self.riscontro.local(&["db", "check", "--db", &self.db])
    }
}

fn bytes(files: &[PathBuf]) -> u64 {
    files.iter().map(|file| fs::metadata(file).unwrap().len()).sum()
}

#[test]
fn old_evidence_goes_its_digests_stay_and_the_chain_still_verifies() {
    let world = World::new(Duration::ZERO);
    world.visit();
    world.visit();
    let alike = "SELECT count(*) FROM visit v JOIN visit h ON h.id = v.same_as WHERE v.run = 2 AND h.run = 1";
    assert_eq!(database::number(&world.file, alike), Some(4), "the second run saw what the first had seen");
    assert!(world.verify().iter().all(|chain| chain["sound"] == true));
    // The first run is made three years old: its first looks are no longer those that the histories rest on.
    database::change(&world.file, "UPDATE visit SET started = '2023' || substr(started, 5) WHERE run = 1");
    let (links, before) = (database::rows(&world.file, LINKS), evidence_files(&world.file));
    let size = bytes(&before);

    let dry = world.prune(&["--evidence-days", "365", "--dry-run"]);
    assert!(dry["records"].as_u64().unwrap() > 4 && dry["bytes"].as_u64().unwrap() > 1000, "{dry}");
    assert_eq!((evidence_files(&world.file), bytes(&before)), (before.clone(), size), "nothing was done");

    let done = world.prune(&["--evidence-days", "365"]);
    assert_eq!((&done["records"], &done["bytes"], &done["files"]), (&dry["records"], &dry["bytes"], &1.into()));
    assert!(bytes(&evidence_files(&world.file)) + done["bytes"].as_u64().unwrap() <= size, "the bytes are gone");
    assert!(!evidence_files(&world.file).contains(&before[0]), "the file was written anew under another name");
    assert_eq!(database::rows(&world.file, LINKS), links, "every digest is still there");
    let chains = world.verify();
    assert!(chains.iter().all(|chain| chain["sound"] == true), "{chains:?}");
    assert_eq!(chains[0]["gone"], done["records"], "{chains:?}");
    // The second run's pages are those of the first: what they refer to stayed.
    let revisits = "SELECT count(*) FROM evidence_record WHERE refers_to IS NOT NULL AND gone IS NULL";
    assert!(database::number(&world.file, revisits) > Some(0));
    assert_replays(&world.riscontro, &world.db, 4);
    let first = world.riscontro.local(&["evidence", "list", "--db", &world.db, "--run", "1"]);
    assert_eq!(first.assert_code(0).stdout, "", "nothing is kept of the first run");
    assert_eq!(world.prune(&["--evidence-days", "365"])["records"], 0, "once is enough");
    world.check().assert_code(0);

    // Nobody can say afterwards that something else had been there.
    database::change(
        &world.file,
        "UPDATE evidence_record SET link = replace(link, substr(link, 1, 8), '00000000') WHERE gone IS NOT NULL",
    );
    assert_eq!(world.verify()[0]["sound"], false);
}

/// `check --save` takes no lock: its file is there, and known, before the first visit of it is stored.
#[test]
fn a_file_that_is_being_written_is_left_alone() {
    let world = World::new(Duration::ZERO);
    world.visit();
    database::change(
        &world.file,
        "INSERT INTO evidence_chain (id, begun, records, root)
         SELECT 77, begun, 0, replace(hex(zeroblob(32)), 'x', '0') FROM evidence_chain",
    );
    database::change(
        &world.file,
        "INSERT INTO evidence_file (chain, number, name, bytes, closed) VALUES (77, 1, 'check-000077-0001.warc.gz', 0, 0)",
    );
    let folder = evidence_files(&world.file)[0].parent().unwrap().to_owned();
    let (written, left) = (folder.join("check-000077-0001.warc.gz"), folder.join("run-000001-0001-r9.warc.gz"));
    fs::write(&written, "not stored yet").unwrap();
    fs::write(&left, "what a cut left").unwrap();
    world.prune(&["--evidence-days", "365"]);
    assert!(written.exists(), "the visit that is being stored rests on it");
    assert!(!left.exists());
    world.check().assert_code(0);
}

#[test]
fn old_details_go_and_findings_and_histories_stay() {
    let world = World::new(Duration::ZERO);
    // Each run is stored in full, as runs are that see something else: nothing is found that a visit could refer to.
    for _ in 0..3 {
        world.visit();
        database::change(&world.file, "UPDATE visit SET digest = NULL");
    }
    let history = || world.riscontro.local(&["export", "observations", "--db", &world.db, "--format", "jsonl"]).stdout;
    let (told, findings) = (history(), database::number(&world.file, "SELECT count(*) FROM finding"));
    // The second run is neither the latest nor the first that saw what holds.
    database::change(&world.file, "UPDATE visit SET started = '2023' || substr(started, 5) WHERE run = 2");
    let done = world.prune(&["--detail-days", "365"]);
    assert_eq!((&done["details"], &done["records"]), (&4.into(), &0.into()), "{done}");
    let left = |run: i64| match run {
        1 => "SELECT count(*) FROM page p JOIN visit v ON v.id = p.visit WHERE v.run = 1",
        2 => "SELECT count(*) FROM page p JOIN visit v ON v.id = p.visit WHERE v.run = 2",
        _ => "SELECT count(*) FROM page p JOIN visit v ON v.id = p.visit WHERE v.run = 3",
    };
    let pages = [1, 2, 3].map(|run| database::number(&world.file, left(run)).unwrap());
    assert!(pages[0] > 0 && pages[1] == 0 && pages[2] > 0, "{pages:?}");
    assert_eq!(database::number(&world.file, "SELECT count(*) FROM finding"), findings);
    assert_eq!(history(), told);
    // Its evidence is still held against what is left of the visit.
    database::change(
        &world.file,
        "UPDATE visit SET started = (SELECT substr(r.dated, 1, 4) FROM evidence_record r WHERE r.visit = visit.id
                                     AND r.kind = 'metadata') || substr(started, 5) WHERE run = 2",
    );
    let chains = world.verify();
    assert!(chains.iter().all(|chain| chain["sound"] == true), "{chains:?}");
    world.check().assert_code(0);
}

#[test]
fn an_address_is_forgotten_and_the_rest_still_proved() {
    let world = World::new(Duration::ZERO);
    world.visit();
    world.visit();
    let url = "https://www.comune.bela.to.it/accedi";
    let said = |file: &Path| {
        evidence_files(file).iter().any(|file| {
            let mut text = Vec::new();
            MultiGzDecoder::new(fs::File::open(file).unwrap()).read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).contains(url)
        })
    };
    let excerpts = "SELECT count(*) FROM signal WHERE url = 'https://www.comune.bela.to.it/accedi' AND excerpt <> ''";
    assert!(said(&world.file) && database::number(&world.file, excerpts) > Some(0));
    let done = world.prune(&["--url", url]);
    assert!(done["records"].as_u64() > Some(3) && done["details"].as_u64() > Some(0), "{done}");
    let mut left = Vec::new();
    for file in evidence_files(&world.file) {
        MultiGzDecoder::new(fs::File::open(file).unwrap()).read_to_end(&mut left).unwrap();
    }
    let left = String::from_utf8_lossy(&left);
    assert!(!left.contains(&format!("WARC-Target-URI: {url}\r\n")), "none of its records is left");
    assert_eq!(database::number(&world.file, excerpts), Some(0));
    let chains = world.verify();
    assert!(chains.iter().all(|chain| chain["sound"] == true), "{chains:?}");
    assert_replays(&world.riscontro, &world.db, 3);
    world.check().assert_code(0);
    assert_eq!(world.prune(&["--url", "https://www.comune.bela.to.it/acc*"])["records"], 0, "it is forgotten already");
    for wrong in ["https:*", "accedi", "*"] {
        assert_eq!(world.riscontro.local(&["prune", "--db", &world.db, "--url", wrong]).code(), Some(2), "{wrong}");
    }
    assert_eq!(world.riscontro.local(&["prune", "--db", &world.db]).code(), Some(2), "no limit is no order");
}

#[test]
fn a_copy_made_during_a_run_is_whole_with_its_evidence() {
    let world = World::new(Duration::from_millis(60));
    let running = world.riscontro.spawn(&["run", "--targets", &world.targets, "--db", &world.db]);
    let stored = || database::number(&world.file, "SELECT count(*) FROM visit").unwrap_or(0);
    assert!((0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        stored() > 0
    }));
    let copy = world.riscontro.path("copy.db");
    let arguments = ["db", "backup", copy.to_str().unwrap(), "--db", &world.db];
    world.riscontro.local(&arguments).assert_code(0);
    assert!(database::number(&world.file, "SELECT count(*) FROM run WHERE state = 'finished'") == Some(0), "meanwhile");
    running.wait(Duration::from_mins(1)).assert_code(0);
    database::assert_whole(&copy);
    let db = format!("sqlite://{}", copy.display());
    assert_all_shown(&world.riscontro, &db, &copy);
    let visits = database::number(&copy, "SELECT count(*) FROM visit").unwrap();
    assert!((1..4).contains(&visits), "{visits}");
    world.riscontro.local(&["db", "check", "--db", &db]).assert_code(0);
    assert_eq!(world.riscontro.local(&arguments).code(), Some(73), "what is there is not written over");
    // The copy is a database like any other: the run goes on in it.
    world.web.log().dump();
    world.riscontro.run(&["run", "--targets", &world.targets, "--db", &db]).assert_code(0);
    assert_eq!(database::number(&copy, "SELECT count(*) FROM visit"), Some(4));
    assert_all_shown(&world.riscontro, &db, &copy);
}

#[test]
fn a_database_that_says_what_cannot_be_is_told_with_the_place() {
    let world = World::new(Duration::ZERO);
    world.visit();
    world.check().assert_code(0);
    database::change(&world.file, "DELETE FROM signal WHERE finding = (SELECT min(finding) FROM signal)");
    database::change(&world.file, "UPDATE evidence_chain SET records = records + 1");
    let told = world.check();
    told.assert_code(65);
    assert_eq!(told.stdout.matches("1 GUASTO").count(), 2, "{told}");
    assert!(told.stdout.contains("visit 1, ") && told.stdout.contains("chain 1"), "{told}");
    fs::remove_file(&evidence_files(&world.file)[0]).unwrap();
    let told = world.check();
    assert!(told.stdout.contains("run-000001-0001.warc.gz"), "{told}");
}
