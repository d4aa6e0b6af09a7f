//! The bytes behind findings: kept before the findings are, sound whatever comes in between, enough to judge again.

#![expect(clippy::print_stdout, reason = "what evidence costs is worth seeing")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use flate2::bufread::GzDecoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use support::{
    Comune, Riscontro, Web,
    comuni::{self, alike},
    database,
    sound::{assert_all_shown, assert_replays, evidence_files},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

fn list(riscontro: &Riscontro, comuni: &[Comune]) -> String {
    let path = riscontro.path("comuni.csv");
    fs::write(&path, comuni::targets_csv(comuni)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Recomputes a root from files alone, as `docs/evidence.md` tells a third person to.
fn root(files: &[PathBuf]) -> String {
    let mut link = "0".repeat(64);
    for file in files {
        let bytes = fs::read(file).unwrap();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let before = rest;
            let mut record = Vec::new();
            GzDecoder::new(&mut rest).read_to_end(&mut record).unwrap();
            let said = format!("Riscontro-Previous: sha256:{link}\r\n");
            let end = record.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
            assert!(String::from_utf8_lossy(&record[..end + 2]).contains(&said), "{}", file.display());
            link = format!("{:x}", Sha256::digest(&before[..before.len() - rest.len()]));
        }
    }
    link
}

#[test]
fn the_made_up_web_is_kept_verified_and_judged_again_with_the_same_findings() {
    let comuni = comuni::all();
    let web = Web::of(comuni::sites(&comuni));
    let riscontro = Riscontro::new(BINARY, &web).flag(&["--max-time", "60"]);
    let (targets, db, file) = (list(&riscontro, &comuni), riscontro.database("a.db"), riscontro.path("a.db"));
    let run = riscontro.run(&["run", "--targets", &targets, "--db", &db, "--format", "json"]);
    run.assert_code(0);
    let summary = run.json();
    assert_all_shown(&riscontro, &db, &file);
    assert_replays(&riscontro, &db, comuni.len());
    // The outside witness: files alone, and a script of ten lines.
    let computed = root(&evidence_files(&file));
    assert_eq!(summary["evidence"]["root"], computed.as_str());
    let bytes: u64 = evidence_files(&file).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    let tables = fs::metadata(&file).unwrap().len();
    // The same web again: what did not change is not kept twice.
    riscontro.run(&["run", "--targets", &targets, "--db", &db, "--fresh"]).assert_code(0);
    let all: u64 = evidence_files(&file).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    let more = fs::metadata(&file).unwrap().len();
    let visits = comuni.len() as u64;
    println!("{visits} visits: {bytes} bytes of evidence ({} a visit), {tables} of database", bytes / visits);
    println!(
        "again: {} bytes of evidence ({} a visit), {} of database",
        all - bytes,
        (all - bytes) / visits,
        more - tables
    );
    assert!(all - bytes < bytes, "revisits keep no payload");
    let revisits = "SELECT count(*) FROM evidence_record WHERE kind = 'revisit'";
    assert!(database::number(&file, revisits) > Some(0));
    assert_all_shown(&riscontro, &db, &file);
    assert_replays(&riscontro, &db, comuni.len());
}

#[test]
fn every_report_tells_the_root_of_the_bytes_it_rests_on() {
    let (comuni, web) = alike::country(2, Duration::ZERO, |_| true);
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db, file) = (list(&riscontro, &comuni), riscontro.database("a.db"), riscontro.path("a.db"));
    let run = riscontro.run(&["run", "--targets", &targets, "--db", &db, "--format", "json"]);
    let of_run = run.assert_code(0).json()["evidence"]["root"].as_str().unwrap().to_owned();
    assert_eq!(of_run, root(&evidence_files(&file)));
    let observed = riscontro.local(&["export", "observations", "--format", "jsonl", "--db", &db]).json_lines();
    assert_eq!(observed.len(), 8);
    assert!(observed.iter().all(|row| row["evidence_root"] == of_run.as_str()), "{observed:#?}");
    let changed = riscontro.local(&["diff", "--from", "2020-01-01", "--format", "jsonl", "--db", &db]).json_lines();
    assert!(!changed.is_empty());
    for row in &changed {
        assert_eq!((&row["root_before"], row["root_after"].as_str()), (&Value::Null, Some(of_run.as_str())), "{row:#}");
    }
    // A single visit tells the root of its own chain, in every form; without evidence there is none to tell.
    let site = comuni[0].url();
    let saved = riscontro.run(&["check", &site, "--save", "--format", "json", "--db", &db]).json();
    let own: Vec<PathBuf> = evidence_files(&file)
        .into_iter()
        .filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("check-"))
        .collect();
    let of_check = root(&own);
    assert_eq!(saved["evidence"]["root"], of_check.as_str());
    for format in ["text", "html"] {
        let saved = riscontro.run(&["check", &site, "--save", "--format", format, "--lang", "en", "--db", &db]);
        let last = evidence_files(&file).into_iter().rfind(|file| file.to_str().unwrap().contains("check-")).unwrap();
        // One chain a call, one file a chain: the last file is this call's.
        assert!(saved.stdout.contains(&format!("root {}", root(&[last]))), "{saved}");
    }
    let bare = riscontro.run(&["check", &site, "--save", "--no-evidence", "--format", "json", "--db", &db]).json();
    assert_eq!(bare.get("evidence"), None);
    // What holds rests on the look that confirmed it last; that one kept nothing.
    let observed = riscontro.local(&["export", "observations", "--format", "csv", "--db", &db]);
    assert!(observed.stdout.lines().next().unwrap().ends_with("\"evidence_root\""), "{observed}");
}

#[test]
fn evidence_is_listed_shown_and_handed_out() {
    let (comuni, web) = alike::country(2, Duration::ZERO, |_| true);
    let riscontro = Riscontro::new(BINARY, &web);
    let db = riscontro.database("a.db");
    let site = comuni[0].url();
    riscontro.run(&["check", &site, "--save", "--db", &db]);
    riscontro.run(&["check", &comuni[1].url(), "--save", "--no-evidence", "--db", &db]);
    let rows = riscontro.local(&["evidence", "list", "--db", &db, "--format", "json"]).json_lines();
    assert!(rows.iter().all(|row| row["visit"] == 1), "{rows:#?}");
    let home = rows.iter().find(|row| row["kind"] == "response" && row["url"] == site).unwrap();
    let digest = home["body"].as_str().unwrap();
    let body = riscontro.local(&["evidence", "show", digest, "--body", "--db", &db]);
    assert_eq!(format!("{:x}", Sha256::digest(body.stdout.as_bytes())), digest);
    let shown = riscontro.local(&["evidence", "show", "1/0", "--db", &db]);
    for part in ["GET / HTTP/1.1", "user-agent: riscontro/", "HTTP/1.1 200 OK", "WARC-IP-Address: 127.0.0.1", digest] {
        assert!(shown.stdout.contains(part), "{part} is missing: {shown}");
    }
    for lang in ["it", "en"] {
        let listed = riscontro.local(&["evidence", "list", "--visit", "1", "--lang", lang, "--db", &db]);
        assert!(listed.assert_code(0).stdout.contains(&site), "{listed}");
        riscontro.local(&["evidence", "replay", "--visit", "1", "--lang", lang, "--db", &db]).assert_code(0);
    }
    riscontro.local(&["evidence", "list", "--visit", "2", "--db", &db]).assert_code(66);
    riscontro.local(&["evidence", "show", "nonsense", "--db", &db]).assert_code(2);
    riscontro.local(&["evidence", "verify", "--run", "9", "--db", &db]).assert_code(2);
}

#[test]
fn an_altered_file_and_an_altered_database_are_told_with_their_place() {
    let (comuni, web) = alike::country(3, Duration::ZERO, |_| true);
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db, file) = (list(&riscontro, &comuni), riscontro.database("a.db"), riscontro.path("a.db"));
    riscontro.run(&["run", "--targets", &targets, "--db", &db]).assert_code(0);
    let [path] = &evidence_files(&file)[..] else { panic!("one file") };
    let good = fs::read(path).unwrap();
    let third = database::rows(&file, "SELECT CAST(start AS TEXT) FROM evidence_record WHERE position = 3");
    let at: usize = third[0][0].parse().unwrap();
    let mut bad = good.clone();
    bad[at + 9] ^= 1; // the gzip header's name of the system: the content stays the same
    fs::write(path, &bad).unwrap();
    let verify = riscontro.local(&["evidence", "verify", "--db", &db, "--lang", "en"]);
    verify.assert_code(65);
    assert!(verify.stdout.contains(&format!("byte {at}, record 3")), "{verify}");
    let json = riscontro.local(&["evidence", "verify", "--db", &db, "--format", "json"]).json();
    assert_eq!((&json["sound"], json["wrong"]["offset"].as_u64()), (&Value::Bool(false), Some(at as u64)));
    fs::write(path, &good).unwrap();
    riscontro.local(&["evidence", "verify", "--db", &db]).assert_code(0);
    let turn =
        "UPDATE finding SET outcome = 'not-found' WHERE id = (SELECT min(id) FROM finding WHERE outcome = 'found')";
    database::change(&file, turn);
    let verify = riscontro.local(&["evidence", "verify", "--db", &db, "--lang", "it"]);
    assert!(verify.assert_code(65).stdout.contains("ALTERATA"), "{verify}");
    fs::remove_file(path).unwrap();
    riscontro.local(&["evidence", "verify", "--db", &db]).assert_code(65);
    riscontro.local(&["evidence", "replay", "--db", &db]).assert_code(65);
}

/// Rules that differ: the same bytes, another catalogue, and the difference is told.
#[test]
fn another_catalogue_is_said_and_what_flips_is_told() {
    let (comuni, web) = alike::country(2, Duration::ZERO, |_| true);
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db) = (list(&riscontro, &comuni), riscontro.database("a.db"));
    riscontro.run(&["run", "--targets", &targets, "--db", &db]).assert_code(0);
    let folder = riscontro.path("selectors");
    copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/selectors")), &folder);
    let cie = folder.join("cie.toml");
    let text = fs::read_to_string(&cie).unwrap();
    let weaker = text
        .replace("strength = \"strong\"", "strength = \"weak\"")
        .replace("strength = \"proof\"", "strength = \"weak\"");
    assert_ne!(text, weaker);
    fs::write(&cie, weaker).unwrap();
    let replay =
        riscontro.local(&["evidence", "replay", "--db", &db, "--selectors", folder.to_str().unwrap(), "--lang", "en"]);
    replay.assert_code(1);
    assert!(replay.stdout.contains("2 visits read again, 2 with other findings"), "{replay}");
    assert!(replay.stdout.contains("2 with another catalogue"), "{replay}");
    assert!(replay.stdout.contains("CIE"), "{replay}");
    assert!(!replay.stdout.contains("SPID:"), "the other rules say the same: {replay}");
}

/// The rules of the project with every sign of CIE made weak; gives the folder.
fn without_cie(riscontro: &Riscontro) -> String {
    let folder = riscontro.path("other-rules");
    copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/selectors")), &folder);
    let cie = folder.join("cie.toml");
    let weaker = fs::read_to_string(&cie)
        .unwrap()
        .replace("strength = \"strong\"", "strength = \"weak\"")
        .replace("strength = \"proof\"", "strength = \"weak\"");
    fs::write(&cie, weaker).unwrap();
    folder.to_str().unwrap().to_owned()
}

/// Other rules over the same bytes: who flips is told with the signals, kept beside what was said then, and told apart from it.
#[test]
fn evidence_is_judged_again_beside_what_was_said_then() {
    let (comuni, web) = alike::country(3, Duration::ZERO, |_| true);
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db, file) = (list(&riscontro, &comuni[..2]), riscontro.database("a.db"), riscontro.path("a.db"));
    riscontro.run(&["run", "--targets", &targets, "--db", &db]).assert_code(0);
    riscontro.run(&["check", &comuni[2].url(), "--save", "--no-evidence", "--db", &db]);
    let said =
        || database::rows(&file, "SELECT f.visit || f.platform || f.outcome || f.reason FROM finding f ORDER BY f.id");
    let before = said();
    let rules = without_cie(&riscontro);
    let rejudge = |more: &[&str]| riscontro.local(&[&["rejudge", "--catalogue", &rules, "--db", &db], more].concat());

    let trial = rejudge(&["--dry-run", "--lang", "en"]);
    trial.assert_code(0);
    for part in [
        "2 visits judged again",
        "2 with another answer",
        "1 visits without bytes",
        "nothing was stored",
        "CIE",
        "    - cie.",
    ] {
        assert!(trial.stdout.contains(part), "{part} is missing: {trial}");
    }
    assert_eq!(database::number(&file, "SELECT count(*) FROM judgement"), Some(0));

    let lines = rejudge(&["--format", "json"]).json_lines();
    let (totals, flips) = lines.split_last().unwrap();
    assert_eq!(totals["totals"]["flipped"], 2, "{totals}");
    assert_eq!(totals["totals"]["stored"], true, "{totals}");
    assert_eq!(flips.len(), 2);
    for flip in flips {
        assert_eq!((&flip["platform"], &flip["was"]["outcome"]), (&"cie".into(), &"found".into()), "{flip}");
        assert_ne!(flip["is"]["outcome"], "found", "{flip}");
        assert!(
            flip["lost"].as_array().unwrap().iter().all(|one| one["url"].as_str().unwrap().starts_with("https://"))
        );
        assert_ne!(flip["catalogue"][0], flip["catalogue"][1], "{flip}");
    }
    assert_eq!(database::number(&file, "SELECT count(*) FROM judgement"), Some(8), "two visits, four platforms");
    assert_eq!(said(), before, "what was said then stays");
    database::assert_whole(&file);

    // By the rules of each day it is there, by the others it is not; nobody is told that anything was lost.
    let observed = |more: &[&str]| {
        let all = [&["export", "observations", "--format", "jsonl", "--db", &db], more].concat();
        let rows = riscontro.local(&all).json_lines();
        rows.iter().filter(|row| row["platform"] == "cie").map(|row| row["outcome"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(observed(&[]), ["found", "found", "found"]);
    let digest = totals["catalogue"][1].as_str().unwrap();
    let by_others = observed(&["--catalogue", &digest[..12]]);
    assert_eq!(by_others.len(), 2, "only who was judged by them: {by_others:?}");
    assert!(by_others.iter().all(|outcome| outcome != "found"), "{by_others:?}");
    riscontro.local(&["export", "observations", "--catalogue", "ffffffff", "--db", &db]).assert_code(66);
    let diff = riscontro.local(&["diff", "--from", "2026-01-01", "--format", "jsonl", "--db", &db]).json_lines();
    assert!(diff.iter().all(|row| row["change"] != "lost" && row["change"] != "rules-changed"), "{diff:#?}");

    // Again with the same rules: nothing changes.
    let content =
        || database::rows(&file, "SELECT id || coalesce(catalogue, '-') || outcome || first_seen FROM observation");
    let kept = content();
    let again = rejudge(&["--lang", "en"]);
    assert!(again.assert_code(0).stdout.contains("Nothing new to store"), "{again}");
    assert_eq!(content(), kept);

    // Bytes that are not what was written are no evidence: the visit is left out, and that is told.
    let warc = evidence_files(&file).into_iter().next().unwrap();
    let mut bytes = fs::read(&warc).unwrap();
    let metadata = "SELECT start + bytes / 2 FROM evidence_record WHERE kind = 'metadata' AND visit = 2";
    let place = usize::try_from(database::number(&file, metadata).unwrap()).unwrap();
    bytes[place] ^= 1;
    fs::write(&warc, bytes).unwrap();
    let damaged = rejudge(&["--format", "json"]);
    damaged.assert_code(65);
    assert_eq!(damaged.json_lines().last().unwrap()["totals"]["unreadable"], 1, "{damaged}");
}

/// Real pages, kept as a visit keeps them: judged again from the bytes, each says the same.
#[test]
fn every_captured_page_is_judged_again_with_the_same_findings() {
    let made_up = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages"));
    let mut folders = vec![made_up.to_owned()];
    match support::shared::folder("corpus", "labels.csv") {
        Some(folder) => folders.push(folder),
        None => println!("NOT MEASURED: no corpus beside the project"),
    }
    for folder in folders {
        let mut pages: Vec<PathBuf> =
            fs::read_dir(folder.join("pages")).unwrap().map(|entry| entry.unwrap().path()).collect();
        pages.sort();
        let comuni: Vec<Comune> = (1..=u32::try_from(pages.len()).unwrap())
            .map(|number| Comune::new(number, format!("Pagina{number}").leak(), "to", "Piemonte"))
            .collect();
        let site = |(comune, page): (&Comune, &PathBuf)| {
            let html = String::from_utf8_lossy(&fs::read(page).unwrap()).into_owned();
            support::Site::new(&comune.host()).page("/", html)
        };
        let web = Web::of(comuni.iter().zip(&pages).map(site));
        let riscontro = Riscontro::new(BINARY, &web).flag(&["--max-requests", "4"]);
        let (targets, db, file) = (list(&riscontro, &comuni), riscontro.database("a.db"), riscontro.path("a.db"));
        riscontro.run(&["run", "--targets", &targets, "--db", &db]).assert_code(0);
        assert_replays(&riscontro, &db, pages.len());
        let signals = database::number(&file, "SELECT count(*) FROM signal").unwrap();
        println!("{}: {} pages, {signals} signals, all the same", folder.display(), pages.len());
        assert!(signals > 0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_stops_the_run_and_stores_nothing_without_evidence() {
    let (comuni, web) = alike::country(2, Duration::ZERO, |_| true);
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db, file) = (list(&riscontro, &comuni), riscontro.database("a.db"), riscontro.path("a.db"));
    let blocked = riscontro.path("no-folder");
    fs::write(&blocked, "a file stands here").unwrap();
    let refused = riscontro.run(&["run", "--targets", &targets, "--db", &db, "--evidence", blocked.to_str().unwrap()]);
    refused.assert_code(74);
    assert!(refused.stderr.contains("no-folder"), "{refused}");
    assert_eq!(database::number(&file, "SELECT count(*) FROM visit"), Some(0));
    let without = riscontro.run(&["run", "--targets", &targets, "--db", &db, "--no-evidence", "--format", "json"]);
    without.assert_code(0);
    assert_eq!(without.json()["evidence"], Value::Null);
    assert!(evidence_files(&file).is_empty());
}

/// `tests/run` installs warcio and runs this.
#[test]
#[ignore = "needs warcio"]
#[expect(clippy::disallowed_methods, reason = "where the machine keeps the other program is no setting of ours")]
fn warcio_finds_no_fault() {
    let comuni = comuni::all();
    let web = Web::of(comuni::sites(&comuni));
    let riscontro = Riscontro::new(BINARY, &web).flag(&["--max-time", "60"]);
    let (targets, db, file) = (list(&riscontro, &comuni), riscontro.database("a.db"), riscontro.path("a.db"));
    for flag in ["--fresh", "--fresh"] {
        riscontro.run(&["run", "--targets", &targets, "--db", &db, flag]).assert_code(0);
    }
    let warcio = std::env::var("RISCONTRO_WARCIO").unwrap_or_else(|_| "warcio".to_owned());
    let check = Command::new(&warcio).arg("check").arg("-v").args(evidence_files(&file)).output().unwrap();
    let told = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "{told}\n{}", String::from_utf8_lossy(&check.stderr));
    assert!(!told.contains("failed") && !told.contains("exception"), "{told}");
    let passed = told.matches("digest pass").count() + told.matches("not checked (revisit)").count();
    let records = database::number(&file, "SELECT count(*) FROM evidence_record").unwrap();
    assert_eq!(i64::try_from(passed).unwrap(), records, "every record was seen, with its digest");
    let index = Command::new(&warcio).arg("index").args(evidence_files(&file)).output().unwrap();
    let lines = String::from_utf8_lossy(&index.stdout).lines().count();
    assert_eq!(i64::try_from(lines).unwrap(), records);
}
