//! From registers and visits to a verdict for every application, through the built binary.

#![expect(clippy::print_stdout, reason = "what could not be tested is said")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{
    Office, shared,
    world::{APP_IO, NAMES, SPID_CIE, World, ago},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// The overall verdict, and each requirement with its basis.
fn said(line: &Value) -> (String, Vec<String>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |criterion: &Value| {
        format!("{} {} {}", text(&criterion["id"]), text(&criterion["verdict"]), text(&criterion["basis"]))
    };
    (text(&line["summary"]["verdict"]), line["criteria"].as_array().unwrap().iter().map(one).collect())
}

#[test]
fn a_run_over_a_notice_visits_who_has_a_live_application_and_the_verdicts_say_what_it_saw() {
    let world = World::new(BINARY);
    world.registers();
    let before = world.verdicts(&["--notice", SPID_CIE]);
    assert_eq!(before.keys().collect::<Vec<_>>(), ["Ala", "Bela", "Ela"], "a waived application is not live");
    for line in before.values() {
        assert_eq!(said(line).0, "undetermined");
        assert_eq!(said(line).1[0], "spid-login undetermined not-visited");
    }

    let run =
        world.riscontro.run(&["run", "--notice", SPID_CIE, "--db", &world.db, "--lang", "it", "--format", "json"]);
    run.assert_code(0);
    assert_eq!((run.json()["finished"].as_u64(), run.json()["skipped_rows"].as_u64()), (Some(2), Some(1)), "{run}");
    assert!(run.stderr.contains("1 comuni senza un indirizzo nei registri, saltati: Ela"), "{run}");
    let visited = |name: &str| {
        let host = world.comuni.iter().find(|one| one.name == name).unwrap().host();
        !world.web.log().of(&host).is_empty()
    };
    assert_eq!(NAMES.map(visited), [true, true, false, false, false], "{}", world.web.log().dump());

    let after = world.verdicts(&["--notice", SPID_CIE]);
    let (verdict, criteria) = said(&after["Ala"]);
    assert_eq!(verdict, "supported");
    assert_eq!(
        criteria,
        [
            "spid-login supported site-says",
            "cie-login supported site-says",
            "spid-certified supported site-says",
            "cie-federated supported site-says",
            "oidc-or-training undetermined not-examined",
            "papers not-observable out-of-sight",
            "publicity undetermined not-examined",
        ]
    );
    let found = &after["Ala"]["criteria"][0]["found"];
    assert!(found["page"].as_str().unwrap().starts_with("https://"), "{found}");
    assert_eq!(found["sha256"].as_str().unwrap().len(), 64, "{found}");
    assert!(found["rule"].is_string() && found["catalogue"].is_string(), "{found}");
    assert_eq!(said(&after["Bela"]).0, "not-supported");
    assert_eq!(
        said(&after["Bela"]).1[..2],
        ["spid-login not-supported site-says", "cie-login not-supported site-says"]
    );
    assert_eq!(said(&after["Bela"]).1[3], "cie-federated undetermined part-not-seen");
    assert_eq!(said(&after["Ela"]).0, "undetermined");

    // Yesterday nothing had been visited yet; before the decree there was no application.
    let yesterday = world.verdicts(&["--notice", SPID_CIE, "--as-of", &ago(1)]);
    assert_eq!(said(&yesterday["Ala"]).1[0], "spid-login undetermined not-visited");
    let early = world.verdicts(&["--notice", SPID_CIE, "--as-of", "2023-01-01", "--state", "A,R,E"]);
    assert_eq!(early.keys().collect::<Vec<_>>(), ["Ala", "Bela", "Cela", "Ela"]);
    for line in early.values() {
        let application = &line["application"];
        assert_eq!((application["state"].as_str(), application["wound_back"].as_bool()), (Some("A"), Some(true)));
    }
    assert!(world.verdicts(&["--notice", SPID_CIE, "--as-of", "2022-08-01"]).is_empty());

    // Filters.
    let names = |arguments: &[&str]| -> Vec<String> {
        world.verdicts(&[&["--notice", SPID_CIE], arguments].concat()).into_keys().collect()
    };
    assert_eq!(names(&["--state", "r"]), ["Cela"]);
    assert_eq!(names(&["--state", "none"]), ["Cela", "Dela"], "a waived application is none");
    assert_eq!(names(&["--outcome", "not-supported"]), ["Bela"]);
    assert_eq!(names(&["--outcome", "supported,undetermined", "--region", "piem"]), ["Ala", "Ela"]);
    let wrong = world.local(&["verdicts", "--notice", SPID_CIE, "--region", "Liguria"]);
    wrong.assert_code(2);
    assert!(wrong.stderr.contains("nessuna regione ha questo nome") && wrong.stderr.contains("Piemonte"), "{wrong}");
    for (typed, meant) in
        [("pad2026-143-appio", "pad2026-143-appio-2022-04"), ("pad2026-144-spid-cie-2022-05", SPID_CIE)]
    {
        let wrong = world.local(&["verdicts", "--notice", typed]);
        wrong.assert_code(2);
        assert!(wrong.stderr.contains(&format!("suggerimento: {meant}")), "{wrong}");
    }
    world.local(&["verdicts", "--notice", SPID_CIE, "--as-of", "2999-01-01"]).assert_code(2);
    world.local(&["verdicts", "--notice", SPID_CIE, "--format", "xlsx"]).assert_code(2);

    // Who has both logins and no application is visible, and a comune can be looked at by its name.
    world.riscontro.run(&["check", "Dela", "--save", "--db", &world.db]).assert_code(1);
    let dela = world.local(&["comune", "Dela"]);
    dela.assert_code(0);
    assert!(dela.stdout.contains("1.4.4-spid-cie: riscontrato\n      + spid-login, cie-login"), "{dela}");
    let table = world.local(&["verdicts", "--notice", SPID_CIE, "--state", "A,E,none"]);
    for part in [
        "Verdetti al ",
        "candidature PA digitale 2026 (1.4.4), dati del ",
        "In tutto 5: riscontrato 2, non riscontrato 1",
        "asseveratore",
    ] {
        assert!(table.stdout.contains(part), "{part}: {table}");
    }
    assert!(!table.stdout.contains("(1.4.3)"), "lists of other measures say nothing here: {table}");
    for word in ["superat", "conform", "positiv", "negativ"] {
        assert!(!table.stdout.to_lowercase().contains(word), "{word}: {table}");
    }
}

#[test]
fn services_that_are_paid_for_are_held_against_the_register() {
    let world = World::new(BINARY);
    world.registers();
    let lines = world.verdicts(&["--notice", APP_IO]);
    assert_eq!(said(&lines["Ala"]).1[0], "services-visible supported register-says");
    assert_eq!(lines["Ala"]["sum"]["reading"]["services"], 3);
    // Two of three; the file is an extract, so it may be that another body has the third.
    assert_eq!(said(&lines["Bela"]).1[0], "services-visible undetermined register-incomplete");
    assert_eq!(said(&lines["Ela"]).1[0], "services-visible undetermined register-incomplete");
    assert_eq!(lines["Ela"]["sum"]["state"], "misfit");

    // An application of a body that no register knows: nobody could look it up, which is not the same as missing.
    let unknown = "codice_ipa,tipologia_ente,comune,cod_comune,importo_finanziamento,avviso,data_finanziamento,codice_cup,stato_candidatura,misura\n\
        c_zzzz,Comuni,Fuori,N/D,729.0,1.4.3 - app IO - Comuni - Aprile 2022,2022-08-12,APP9,A,1.4.3 Adozione\n";
    world.import("candidature", "other.csv", unknown, &ago(3));
    let line = &world.verdicts(&["--notice", APP_IO])["Fuori"];
    assert_eq!(said(line).1[0], "services-visible undetermined register-not-joined");
    world.import("candidature", "143.csv", &std::fs::read_to_string(world.riscontro.path("143.csv")).unwrap(), &ago(2));

    let misfits = world.local(&["applications", "list", "--misfits"]);
    misfits.assert_code(0);
    assert!(misfits.stdout.contains("la somma non torna: nessuna fascia la paga"), "{misfits}");
    assert!(misfits.stdout.contains("Candidature: 1\n"), "{misfits}");
    let ala = world.local(&["applications", "list", "--comune", "ala"]);
    for part in [
        "fino a 5.000 abitanti, 3 servizi",
        "1.4.3-appio: finanziate o pagate 1 (729 euro)",
        "1.4.4-spid-cie: finanziate o pagate 1 (14.000 euro)",
    ] {
        assert!(ala.stdout.contains(part), "{part}: {ala}");
    }
    assert_eq!(lines["Ala"]["list_stale"], false);
    let show = world.local(&["applications", "show", "app2"]);
    show.assert_code(0);
    for part in [
        "Bela (TO), c_",
        "729 euro",
        "servizi su App IO: 2 servizi, finanziati 3 (dati del ",
        "estratto",
        "sito, App IO: nessuna visita",
    ] {
        assert!(show.stdout.contains(part), "{part}: {show}");
    }
    assert!(show.stdout.contains("\nRegistri\n  candidature PA digitale 2026 (1.4.3), dati del "), "{show}");
    world.local(&["applications", "show", "NONE"]).assert_code(66);
}

#[test]
fn tables_and_workbooks_hold_text_as_text_and_numbers_as_numbers() {
    use calamine::{Data, Reader as _, Xlsx, open_workbook};

    let world = World::new(BINARY);
    world.registers();
    // A name that would be a formula, in a newer list.
    let name = "=HYPERLINK(\"http://evil.example\",\"Ala\")";
    let istat = format!(
        "codice_istat;denominazione;codice_catastale;sigla_provincia;regione;popolazione\n{};\"{}\";{};TO;Piemonte;1037\n",
        world.comuni[0].istat(),
        name.replace('"', "\"\""),
        world.comuni[0].catastale()
    );
    world.import("istat", "istat2.csv", &istat, &ago(5));

    let csv = world.local(&["verdicts", "--notice", APP_IO, "--format", "csv"]);
    let text = csv.stdout.strip_prefix('\u{feff}').unwrap();
    let mut rows = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    let head: Vec<String> = rows.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(head[..4], ["notice", "region", "sigla", "comune"]);
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let at = |column: &str| head.iter().position(|one| one == column).unwrap();
    assert_eq!(rows.len(), 3 * 4, "a row for each requirement");
    assert!(rows.iter().any(|row| row[at("comune")].starts_with("'=HYPERLINK")), "{text}");
    let first =
        rows.iter().find(|row| &row[at("cup")] == "APP1" && &row[at("criterion")] == "services-visible").unwrap();
    for (column, value) in
        [("euro", "729"), ("services", "3"), ("verdict", "supported"), ("register_count", "3"), ("state", "A")]
    {
        assert_eq!(&first[at(column)], value, "{column}");
    }

    let file = world.riscontro.path("v.xlsx");
    world.local(&["verdicts", "--notice", APP_IO, "--format", "xlsx", "-o", file.to_str().unwrap()]).assert_code(0);
    let mut book: Xlsx<_> = open_workbook(&file).unwrap();
    assert_eq!(book.sheet_names(), ["Candidature", "Requisiti", "Nota"]);
    let cases = book.worksheet_range("Candidature").unwrap();
    let head: Vec<String> = cases.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let at = |title: &str| head.iter().position(|one| one == title).unwrap();
    let first = cases.rows().find(|row| row[at("CUP")] == Data::String("APP1".to_owned())).unwrap();
    assert_eq!(first[at("Comune")], Data::String(name.to_owned()), "text, as it is");
    assert_eq!(first[at("Euro")], Data::Float(729.0));
    assert_eq!(first[at("Servizi finanziati")], Data::Float(3.0));
    assert!(matches!(first[at("Decreto del")], Data::DateTime(_)), "{:?}", first[at("Decreto del")]);
    assert_eq!(first[at("Verdetto")], Data::String("riscontrato".to_owned()));
    assert!(book.worksheet_formula("Candidature").unwrap().is_empty(), "no cell is a formula");
    assert_eq!(book.worksheet_range("Requisiti").unwrap().height(), 1 + 3 * 4);
    let note = book.worksheet_range("Nota").unwrap();
    assert!(note.rows().any(|row| row[0].to_string().contains("asseveratore")));
}

#[test]
fn the_open_data_give_a_verdict_for_every_application() {
    let Some(folder) = shared::folder("data", "padigitale2026-avvisi.csv") else {
        println!(
            "NOT MEASURED: no registers beside the project (../shared/data, or the folder RISCONTRO_SHARED names)"
        );
        return;
    };
    let office = Office::new(BINARY);
    let import = |register: &str, file: &str, date: &str| {
        let path = folder.join(file);
        let (code, _, err) = office.run(&["import", register, path.to_str().unwrap(), "--date", date]);
        assert_eq!(code, 0, "{file}: {err}");
    };
    import("istat", "comuni.csv", "2026-05-29");
    import("ipa", "ipa-amministrazioni-comuni-2018.tsv", "2018-07-26");
    import("ipa", "ipa-comuni-domini-2026.csv", "2026-07-01");
    for (measure, date) in [("144", "2025-03-27"), ("143", "2023-10-24"), ("141", "2025-01-09"), ("12", "2023-03-04")] {
        import("candidature", &format!("padigitale2026-candidature-{measure}-comuni.csv.gz"), date);
    }
    import("appio", "io-visible-services-compact-2021-09-29.json.gz", "2021-09-29");
    let lines = |arguments: &[&str]| -> Vec<Value> {
        let (code, out, err) = office.run(&[arguments, &["--format", "jsonl"]].concat());
        assert_eq!(code, 0, "{arguments:?}: {err}");
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let all = lines(&["applications", "list"]);
    let stored = support::database::number(&office.database(), "SELECT count(*) FROM application").unwrap();
    assert_eq!(i64::try_from(all.len()).unwrap(), stored, "every application has its notice");
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    for line in &all {
        *verdicts.entry(said(line).0).or_default() += 1;
        // Nobody visited anything and the register is old: nothing may be called missing.
        assert_ne!(line["summary"]["verdict"], "not-supported", "{line}");
    }
    println!("{} applications: {verdicts:?}", all.len());

    // Full IO, ten services by the last day of 2021, as far as September tells it: outside of the excluded regions.
    let fund = lines(&["verdicts", "--notice", "fondo-innovazione-2020"]);
    let full = |line: &&Value| {
        line["criteria"].as_array().unwrap().iter().any(|one| one["id"] == "full-io" && one["verdict"] == "supported")
    };
    let ten = fund.iter().filter(full).count();
    println!("{} comuni outside of the excluded regions, {ten} with ten services in time", fund.len());
    assert!(fund.len() > 5_000 && ten > 800, "{} {ten}", fund.len());
    assert!(fund.iter().all(|line| line["comune"]["region"] != "Puglia" && line["comune"]["sigla"] != "TN"));

    // Città di Castello has no application for SPID and CIE, which is said, with what is seen instead.
    let (_, out, _) = office.run(&["comune", "Città di Castello"]);
    assert!(out.contains("Senza candidatura in corso") && out.contains("1.4.4-spid-cie: non determinabile"), "{out}");
}
