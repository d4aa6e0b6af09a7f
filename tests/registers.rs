//! Registers through the built binary: made-up files always, and the real ones where they lie beside the project.

#![expect(clippy::print_stdout, reason = "what was measured, or not, is said")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::time::Instant;

use serde_json::Value;
use support::{Office, database, office::REAL, shared};

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

    // The cases that the project began with.
    let castello = office.json(&["comune", "Città di Castello"]);
    assert_eq!(castello["catastale"], "C745", "the whole name counts before its parts");
    assert_eq!(castello["live_cents"], 61_659_600);
    assert_eq!(castello["live_cents_without_anpr_ansc"], 60_256_600);
    let sums: Vec<(&str, i64)> = castello["sums"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| (sum["measure"].as_str().unwrap(), sum["live_cents"].as_i64().unwrap()))
        .collect();
    let expected = [
        ("1.2", 24_153_000),
        ("1.4.1", 28_093_200),
        ("1.4.3-appio", 3_640_000),
        ("1.4.3-pagopa", 4_370_400),
        ("1.4.4-anpr-ansc", 1_403_000),
    ];
    assert_eq!(sums, expected, "and no SPID/CIE application");
    let read: Vec<(&str, u64)> = castello["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| Some((one["notice"].as_str()?, one["sum"]["reading"]["services"].as_u64()?)))
        .filter(|(notice, _)| notice.contains("-143-"))
        .collect();
    assert_eq!(read.iter().map(|(_, services)| *services).collect::<std::collections::BTreeSet<_>>(), [24, 50].into());
    for (notice, services) in read {
        assert_eq!(services, if notice.contains("pagopa") { 24 } else { 50 }, "{notice}");
    }
    assert_eq!((&castello["appio"][3]["dated"], &castello["appio"][3]["services"]), (&"2021-09-29".into(), &13.into()));
    let (code, out, _) = office.run(&["comune", "Città di Castello"]);
    assert_eq!(code, 0);
    for part in ["1.4.4-anpr-ansc", "616.596", "senza ANPR/ANSC", "602.566", "24 servizi", "50 servizi", "comuni.csv"] {
        assert!(out.contains(part), "{part}: {out}");
    }

    let seveso = office.json(&["comune", "c_i709"]);
    let first: Vec<i64> = seveso["applications"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["funded"] == "2022-08-02")
        .map(|one| one["euro"].as_i64().unwrap())
        .collect();
    assert_eq!(first.iter().sum::<i64>(), 86_840, "{seveso:#}");
    assert!(first.contains(&72_840) && first.contains(&14_000), "{first:?}");
    assert_eq!(seveso["appio"][3]["services"], 0, "known by its fiscal code, in no whole list");

    // Fondo Innovazione, by the residents of the registers.
    let notices = riscontro::notices::Notices::embedded().unwrap();
    let fund = notices.find("fondo-innovazione-2020").unwrap();
    for (name, band, euro) in [
        ("Busto Arsizio", "Medio Alto", 11_850),
        ("Casoria", "Medio Alto", 11_850),
        ("Seveso", "Medio Basso", 7_950),
        ("Città di Castello", "Medio Basso", 7_950),
    ] {
        let comune = office.json(&["comune", name]);
        let residents = u32::try_from(comune["population"].as_u64().unwrap()).unwrap();
        let own: Vec<_> = fund
            .bands
            .iter()
            .filter(|band| band.from <= residents && band.to.is_none_or(|to| residents <= to))
            .collect();
        assert_eq!(own.len(), 1, "{name}");
        let paid = own[0].base.unwrap().cents() / 100;
        assert_eq!((own[0].name.as_deref(), paid, &comune["near_bound"]), (Some(band), euro, &Value::Null), "{name}");
    }
    let bands: Vec<(Option<&str>, u64)> =
        fund.bands.iter().map(|band| (band.name.as_deref(), band.base.unwrap().cents() / 100)).collect();
    let table = [("Basso", 3_900), ("Medio Basso", 7_950), ("Medio Alto", 11_850), ("Alto", 50_000)];
    assert_eq!(bands, table.map(|(name, euro)| (Some(name), euro)), "as Casoria published it");

    let before = database::dump(&office.database());
    for (register, file, date) in REAL {
        let told = office.json(&["import", register, folder.join(file).to_str().unwrap(), "--date", date]);
        assert_eq!(told["did"], "unchanged", "{file}");
    }
    assert!(database::dump(&office.database()) == before, "twice is the same database");
    database::assert_whole(&office.database());
}
