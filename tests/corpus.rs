//! How well pages are read, measured by the project's own command: on the shared corpus of real pages where it lies beside
//! the project, and always on a few made-up ones.

#![expect(clippy::print_stdout, reason = "a measurement is shown, and what was not measured is said")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

#[path = "support/shared.rs"]
mod shared;

use std::{path::Path, process::Command};

use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// Least share of `offered` pages, and of `leads` pages, that must be recognised.
const RECALL: f64 = 0.80;

/// `rules measure --format json` on a folder.
fn measure(folder: &Path) -> Value {
    let output = Command::new(BINARY)
        .args(["rules", "measure", folder.to_str().unwrap(), "--format", "json"])
        .env_clear()
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    })
}

/// Pages of one platform by label (row) and answer (column), both in the order offered, leads, mentioned, absent.
fn confusion(measured: &Value, platform: &str) -> [[f64; 4]; 4] {
    let mut table = [[0.0; 4]; 4];
    for (row, cells) in table.iter_mut().enumerate() {
        for (column, cell) in cells.iter_mut().enumerate() {
            *cell = measured["platforms"][platform]["confusion"][row][column].as_f64().unwrap();
        }
    }
    table
}

fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 1.0 } else { part / whole }
}

/// Holds a measurement against what is promised, each difference by name.
#[track_caller]
fn assert_promises(measured: &Value) {
    for difference in measured["differences"].as_array().unwrap() {
        println!("{difference}");
    }
    for platform in ["spid", "cie", "pagopa", "appio"] {
        let table = confusion(measured, platform);
        let said: f64 = table.iter().map(|row| row[0]).sum();
        let precision = share(table[0][0], said);
        let offered = share(table[0][0], table[0].iter().sum());
        let leads = share(table[1][1], table[1].iter().sum());
        println!("{platform}: precision {precision:.2}, recall of offered {offered:.2}, of leads {leads:.2}");
        let wrong = table[2][0] + table[3][0];
        assert!(wrong == 0.0, "{platform}: {wrong} pages said to offer what they do not: {table:?}");
        assert!((precision - 1.0).abs() < f64::EPSILON, "{platform}: {table:?}");
        assert!(offered >= RECALL, "{platform}: recall of offered {offered:.2}: {table:?}");
        assert!(leads >= RECALL, "{platform}: recall of leads {leads:.2}: {table:?}");
    }
}

#[test]
fn the_shared_corpus_is_read_as_promised() {
    let Some(folder) = shared::folder("corpus", "labels.csv") else {
        println!(
            "NOT MEASURED: no corpus beside the project (../shared/corpus, or the folder that RISCONTRO_SHARED names)"
        );
        return;
    };
    let measured = measure(&folder);
    assert!(measured["pages"].as_u64() >= Some(50), "a corpus of {} pages", measured["pages"]);
    assert_promises(&measured);
}

#[test]
fn the_made_up_pages_are_read_as_labelled() {
    let measured = measure(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages"));
    assert_eq!(measured["pages"], 12, "every row of labels.csv has its page");
    assert_promises(&measured);
}

#[test]
fn a_measurement_can_fail() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("pages")).unwrap();
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    std::fs::copy(pages.join("pages/accesso.html"), folder.path().join("pages/accesso.html")).unwrap();
    let labels = "file,url,source_repo,spid,cie,pagopa,appio\naccesso.html,https://www.comune.esempio.it/,prova,absent,absent,absent,absent\n";
    std::fs::write(folder.path().join("labels.csv"), labels).unwrap();
    let measured = measure(folder.path());
    assert!(confusion(&measured, "spid")[3][0] > 0.0, "a wrong label must show: {measured}");
    assert_eq!(measured["differences"][0]["file"], "accesso.html");
}
