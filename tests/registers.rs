//! Registers through the built binary: made-up files always, and the real ones where they lie beside the project.

#![expect(clippy::print_stdout, reason = "what was measured, or not, is said")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{path::PathBuf, time::Instant};

use serde_json::Value;
use support::{Office, database, shared};

const ISTAT: &str = "codice_istat,denominazione,codice_catastale,sigla_provincia,regione,popolazione\n\
    063001,Casanova,X001,NA,Campania,40100\n016004,Castro,X004,BG,Lombardia,1300\n075005,Castro,X005,LE,Puglia,2400\n";

#[test]
fn an_import_says_what_it_did_and_a_comune_what_is_known() {
    let office = Office::new(env!("CARGO_BIN_EXE_riscontro"));
    let istat = office.write("comuni-2024-01-01.csv", ISTAT);
    let report = office.folder.path().join("report.json");
    let (code, out, err) = office.run(&["import", "istat", &istat, "--report", report.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("istat (popolazione), aggiornato al 2024-01-01: importato\n"), "{out}");
    assert!(out.contains("Ciò che il file non elenca è ignoto, non assente."), "{out}");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!((&report["quality"]["kept"], &report["dated_by"]), (&3.into(), &"file-name".into()));
    let (_, out, _) = office.run(&["import", "istat", &istat]);
    assert!(out.contains("già presente, nulla è cambiato"), "{out}");

    let (code, out, _) = office.run(&["comune", "casanova", "--max-age", "1"]);
    assert_eq!(code, 0);
    for part in ["Casanova (NA)", "vicino al limite di fascia 40000", "codice IPA         ignoto", "vecchi di "] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (code, _, err) = office.run(&["comune", "Castro"]);
    assert_eq!(code, 66);
    assert!(err.contains("Castro (BG) X004, Castro (LE) X005"), "{err}");
    let (code, _, err) = office.run(&["comune", "Cassanova"]);
    assert_eq!(code, 66);
    assert!(err.contains("forse: Casanova (NA) X001"), "{err}");
}

/// Register, file, date.
const REAL: [(&str, &str, &str); 15] = [
    ("istat", "istat-elenco-comuni-italiani-2024.csv.gz", "2024-12-04"),
    ("istat", "comuni.csv", "2026-05-29"),
    ("anpr", "anpr-archivio-comuni-2023.csv.gz", "2023-10-03"),
    ("ipa", "ipa-amministrazioni-comuni-2018.tsv", "2018-07-26"),
    ("ipa", "ipa-comuni-domini-2026.csv", "2026-07-01"),
    ("candidature", "padigitale2026-candidature-144-comuni.csv.gz", "2025-03-27"),
    ("candidature", "padigitale2026-candidature-143-comuni.csv.gz", "2023-10-24"),
    ("candidature", "padigitale2026-candidature-141-comuni.csv.gz", "2025-01-09"),
    ("candidature", "padigitale2026-candidature-12-comuni.csv.gz", "2023-03-04"),
    ("avvisi", "padigitale2026-avvisi.csv", "2026-08-22"),
    ("appio", "io-visible-services-compact-2021-03-31.json.gz", "2021-03-31"),
    ("appio", "io-visible-services-compact-2021-04-13.json.gz", "2021-04-13"),
    ("appio", "io-visible-services-compact-2021-07-20.json.gz", "2021-07-20"),
    ("appio", "io-visible-services-compact-2021-09-29.json.gz", "2021-09-29"),
    ("spid", "spid-sp-metadata-sample.tar.gz", "2025-09-19"),
];

/// Comuni with at least one and with at least ten services on a day.
const THRESHOLDS: &str = "SELECT s.dated, CAST(sum(n >= 1) AS TEXT), CAST(sum(n >= 10) AS TEXT) FROM (
        SELECT snapshot, comune, sum(services) AS n FROM appio_body WHERE comune IS NOT NULL GROUP BY 1, 2) b
    JOIN register_snapshot s ON s.id = b.snapshot GROUP BY s.id ORDER BY s.dated";

#[test]
fn the_real_registers_join_as_well_as_is_known_to_be_possible() {
    let Some(folder) = shared::folder("data", "padigitale2026-avvisi.csv") else {
        println!(
            "NOT MEASURED: no registers beside the project (../shared/data, or the folder RISCONTRO_SHARED names)"
        );
        return;
    };
    let office = Office::new(env!("CARGO_BIN_EXE_riscontro"));
    let started = Instant::now();
    let mut joined = Vec::new();
    for (register, file, date) in REAL {
        let path = folder.join(file);
        let told = office.json(&["import", register, path.to_str().unwrap(), "--date", date]);
        println!("{file}: {} rows, joined {}", told["quality"]["rows"], told["quality"]["joins"]);
        joined.push(told);
    }
    println!("all imported in {:?}", started.elapsed());
    // What is known to join, by measure: 1.4.4, 1.4.3, 1.4.1, 1.2; rows without a partner at most in that proportion.
    for (told, (least, of)) in joined[5..9].iter().zip([(6_895, 6_909), (6_614, 6_633), (6_585, 6_599), (7_136, 7_154)])
    {
        for join in told["quality"]["joins"].as_array().unwrap() {
            let (have, all) = (join["joined"].as_u64().unwrap(), join["of"].as_u64().unwrap());
            assert!(have * of >= all * least, "{}: {join}", told["part"]);
        }
    }
    let both = "SELECT CAST(count(*) AS TEXT) FROM known_comune WHERE is_current AND codice_fiscale IS NOT NULL";
    let with_fiscal: u32 = database::rows(&office.database(), both)[0][0].parse().unwrap();
    assert!(with_fiscal >= 7_692, "{with_fiscal}");
    let thresholds = database::rows(&office.database(), THRESHOLDS);
    println!("comuni with a fiscal code: {with_fiscal}; App IO: {thresholds:?}");
    for (at, date, one, ten) in [(0, "2021-03-31", 2_906, 227), (3, "2021-09-29", 5_454, 1_508)] {
        assert_eq!(thresholds[at][0], date);
        assert!(thresholds[at][1].parse::<u32>().unwrap() >= one, "{thresholds:?}");
        assert!(thresholds[at][2].parse::<u32>().unwrap() >= ten, "{thresholds:?}");
    }

    let castello = office.json(&["comune", "Città di Castello"]);
    assert_eq!(castello["catastale"], "C745", "the whole name counts before its parts");
}
