//! What has to hold of a database and its evidence, whatever came in between.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{Riscontro, database};

/// The evidence files beside a database, in the order of their names.
pub fn evidence_files(database: &Path) -> Vec<PathBuf> {
    let mut folder = database.as_os_str().to_owned();
    folder.push(".evidence");
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Every signal of every finding has been read in bytes that are kept for its visit, by the index.
#[track_caller]
pub fn assert_indexed(file: &Path) {
    let unproved = "SELECT count(*) FROM visit v JOIN finding f ON f.visit = coalesce(v.same_as, v.id)
                    JOIN signal g ON g.finding = f.id WHERE NOT EXISTS
                    (SELECT 1 FROM evidence_record r WHERE r.visit = v.id AND r.body = g.sha256)";
    assert_eq!(database::number(file, unproved), Some(0), "a signal without the bytes it was read in");
    let without = "SELECT count(*) FROM visit v WHERE NOT EXISTS
                   (SELECT 1 FROM evidence_record r WHERE r.visit = v.id AND r.kind = 'metadata')";
    assert_eq!(database::number(file, without), Some(0), "a visit without evidence");
}

/// The same, and the bytes are there, each with its digest in a sound chain.
#[track_caller]
pub fn assert_all_shown(riscontro: &Riscontro, db: &str, file: &Path) {
    assert_indexed(file);
    let verify = riscontro.local(&["evidence", "verify", "--db", db, "--format", "json"]);
    verify.assert_code(0);
    for chain in verify.json_lines() {
        assert_eq!(chain["sound"], true, "{chain}");
    }
}

/// Judged again from the bytes alone, so many visits say the same.
#[track_caller]
pub fn assert_replays(riscontro: &Riscontro, db: &str, visits: usize) {
    let replay = riscontro.local(&["evidence", "replay", "--db", db, "--format", "json"]);
    let lines = replay.json_lines();
    let other: Vec<&Value> = lines.iter().filter(|line| line["same"] != true || line["unread"] != 0).collect();
    assert!(other.is_empty(), "{} of {} visits say something else: {other:#?}", other.len(), lines.len());
    assert_eq!(lines.len(), visits);
    replay.assert_code(0);
}

/// What the findings say, without times: two runs over the same web must agree on it.
pub fn findings(riscontro: &Riscontro, db: &str) -> BTreeSet<String> {
    let export = riscontro.local(&["export", "findings", "--format", "jsonl", "--db", db]);
    export.assert_code(0);
    let rows = export.json_lines();
    let text = |row: &Value| {
        let mut row = row.clone();
        // Of its own for each run.
        row["visited"] = Value::Null;
        row["evidence_root"] = Value::Null;
        row.to_string()
    };
    let set: BTreeSet<String> = rows.iter().map(text).collect();
    assert_eq!(set.len(), rows.len(), "no finding is there twice");
    set
}
