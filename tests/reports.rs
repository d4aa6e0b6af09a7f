//! Reports, through the built binary: what they count is what the lists hold, and the change comes first.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{collections::BTreeMap, fs, time::Duration};

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use scraper::{Html, Selector};
use serde_json::Value;
use support::{
    database, process,
    run::Ended,
    world::{SPID_CIE, World, ago},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// The world with its registers, and visited.
fn visited() -> World {
    let world = World::new(BINARY);
    world.registers();
    world.riscontro.run(&["run", "--notice", SPID_CIE, "--db", &world.db]).assert_code(0);
    world
}

fn select<'a>(tree: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    tree.select(&Selector::parse(selector).unwrap()).collect()
}

/// What `report` writes into a file of this form.
#[track_caller]
fn file(world: &World, name: &str, arguments: &[&str]) -> Vec<u8> {
    let path = world.riscontro.path(name);
    let form = name.rsplit('.').next().unwrap();
    let to = ["--format", form, "--output", path.to_str().unwrap()];
    world.local(&[arguments, &to].concat()).assert_code(0);
    fs::read(path).unwrap()
}

#[test]
fn a_report_on_a_notice_counts_what_the_list_of_verdicts_holds_and_puts_the_change_first() {
    let world = visited();
    let report = ["report", "notice", "--notice", SPID_CIE, "--since", &ago(1)];
    let json: Value = serde_json::from_slice(&file(&world, "r.json", &report)).unwrap();
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    let listed = world.verdicts(&["--notice", SPID_CIE]);
    for line in listed.values() {
        *counted.entry(line["summary"]["verdict"].as_str().unwrap()).or_default() += 1;
    }
    for (verdict, count) in &counted {
        assert_eq!(json["notices"][0]["verdicts"][verdict], *count, "{json:#}");
        assert_eq!(json["regions"]["Piemonte"][verdict], *count, "{json:#}");
    }
    assert_eq!(json["notices"][0]["live_cents"], 3 * 1_400_000);
    // Ala, Bela and Ela applied; Ela has no address, the two others were visited and read.
    let sites = &json["sites"];
    assert_eq!(["comuni", "with_address", "visited", "read"].map(|part| sites[part].as_u64().unwrap()), [3, 2, 2, 2]);
    let changes: Vec<_> = json["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            (text("name"), text("platform"), text("change"))
        })
        .collect();
    let found = |platform: &str| ("Ala".to_owned(), platform.to_owned(), "found".to_owned());
    assert_eq!(changes, [found("spid"), found("cie")], "a first look that finds nothing is no change");
    assert_eq!(json["roots"].as_array().unwrap().len(), 1);
    assert_eq!(json["registers"].as_array().unwrap().len(), 5, "the dates of what it rests on");

    for lang in ["it", "en"] {
        let page = String::from_utf8(file(&world, "r.html", &[&report[..], &["--lang", lang]].concat()[..])).unwrap();
        let tree = Html::parse_document(&page);
        assert_eq!(select(&tree, "html")[0].attr("lang"), Some(lang));
        let heads: Vec<_> = select(&tree, "section > h2").iter().filter_map(|head| head.attr("id")).collect();
        assert_eq!(heads, ["basis", "changes", "near", "disagreements", "totals", "list"]);
        let basis = select(&tree, "section[aria-labelledby=basis] td");
        let basis: String = basis.iter().flat_map(scraper::ElementRef::text).collect();
        for part in [&ago(0)[..4], json["roots"][0].as_str().unwrap(), json["catalogues"][0].as_str().unwrap()] {
            assert!(basis.contains(part), "{part}: {basis}");
        }
        for forbidden in ["script", "link", "img", "iframe", "form", "object", "[style]", "[onclick]"] {
            assert!(select(&tree, forbidden).is_empty(), "{forbidden}");
        }
        assert!(!page.contains("NaN") && !page.contains("{{"));
    }
    let text = world.local(&report);
    for part in ["Riscontri per avviso", "comparso: 2", "In tutto", "asseveratore", "66,6%"] {
        assert!(text.assert_code(0).stdout.contains(part), "{part}: {text}");
    }
    for word in ["superat", "conform", "positiv", "negativ"] {
        assert!(!text.stdout.to_lowercase().contains(word), "{word}: {text}");
    }
    // Without an earlier day nothing is said to have changed, and that is said.
    let bare = world.local(&["report", "notice", "--notice", SPID_CIE]);
    assert!(bare.assert_code(0).stdout.contains("nessuna data precedente"), "{bare}");
}

#[test]
fn tables_of_a_report_hold_every_application_with_typed_cells() {
    let world = visited();
    let report = ["report", "notice", "--since", &ago(1)];
    let csv = String::from_utf8(file(&world, "r.csv", &report)).unwrap();
    assert!(csv.starts_with('\u{feff}') && csv.lines().next().unwrap().contains("\";\""));
    // Three applications to SPID/CIE and three to App IO are live.
    assert_eq!(csv.lines().count(), 1 + 6);
    file(&world, "r.xlsx", &report);
    let mut book: Xlsx<_> = open_workbook(world.riscontro.path("r.xlsx")).unwrap();
    let names = book.sheet_names();
    assert_eq!(names[0], "Candidature");
    assert_eq!(names.last().unwrap(), "Nota");
    let twice: Vec<_> =
        names.iter().filter(|name| name.starts_with("riscontrato") || name.starts_with("non ")).collect();
    assert_eq!(twice, Vec::<&String>::new(), "every application is in one sheet");
    let sheet = book.worksheet_range("Candidature").unwrap();
    assert_eq!(sheet.height(), 1 + 6);
    let column =
        |title: &str| (0..sheet.width()).find(|at| sheet.get((0, *at)) == Some(&Data::String(title.into()))).unwrap();
    let euro = sheet.get((1, column("Euro"))).unwrap();
    assert!(matches!(euro, Data::Float(_)), "{euro:?}");
    let day = sheet.get((1, column("Decreto del"))).unwrap();
    assert!(matches!(day, Data::DateTime(_)), "{day:?}");
    let changes = book.worksheet_range("Che cosa è cambiato").unwrap();
    assert_eq!(changes.height(), 1 + 2);
    world.local(&["report", "notice", "--format", "xlsx"]).assert_code(2);
    world.local(&["report", "notice", "--since", "2999-01-01"]).assert_code(2);
    let later: Ended = world.local(&["report", "notice", "--since", &ago(0), "--as-of", &ago(2)]);
    later.assert_code(2);
}

#[test]
fn a_comune_is_told_as_it_was_known_on_a_day() {
    let world = visited();
    let known = |arguments: &[&str]| -> usize {
        let told = world.local(&[&["comune", "Ala", "--format", "json"], arguments].concat());
        told.assert_code(0).json()["history"].as_array().unwrap().len()
    };
    // The registers are of ten days ago, the visit is of today.
    assert_eq!((known(&["--as-of", &ago(1)]), known(&[])), (0, 4));
}

#[test]
fn a_comune_is_told_what_was_seen_where_and_how_to_answer() {
    let world = visited();
    let json: Value = serde_json::from_slice(&file(&world, "bela.json", &["report", "comune", "Bela"])).unwrap();
    let standing: Vec<_> = json["standing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["platform"].as_str().unwrap(), row["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(standing[..2], [("spid", "not-found"), ("cie", "not-found")], "{json:#}");
    let root = json["sites"][0]["evidence"]["root"].as_str().unwrap();
    assert_eq!(json["contact"], Value::Null);
    for (name, said) in [("Ala", "/spid/login"), ("Bela", "Che cosa fare")] {
        let page = String::from_utf8(file(&world, "r.html", &["report", "comune", name])).unwrap();
        let tree = Html::parse_document(&page);
        let heads: Vec<_> = select(&tree, "section > h2").iter().filter_map(|head| head.attr("id")).collect();
        let wanted = ["basis", "standing", "spid", "cie", "pagopa", "appio", "applications", "looked-at", "answer"];
        assert_eq!(heads, wanted);
        let text: String = tree.root_element().text().collect();
        for part in [name, root, "Come rispondere o contestare", "asseveratore"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.to_lowercase().contains(&said.to_lowercase()), "{said}: {text}");
    }
    let written = world.local(&["report", "comune", "Ala", "--contact", "verifiche@ente.example", "--lang", "en"]);
    assert!(written.assert_code(0).stdout.contains("Write to verifiche@ente.example"), "{written}");
    let early = world.local(&["report", "comune", "Ala", "--as-of", &ago(2)]);
    assert!(early.assert_code(0).stdout.contains("nessuna visita"), "{early}");
    world.local(&["report", "comune", "Nessuno"]).assert_code(66);
    world.local(&["report", "comune", "Ala", "--format", "xlsx"]).assert_code(2);
}

#[test]
fn the_national_picture_counts_comuni_by_region_and_month() {
    let world = visited();
    let json: Value = serde_json::from_slice(&file(&world, "n.json", &["report", "national"])).unwrap();
    assert_eq!(json["comuni"]["Piemonte"], 5);
    assert_eq!((&json["standing"]["spid"]["found"], &json["standing"]["spid"]["not-found"]), (&1.into(), &1.into()));
    let months = json["over_time"].as_object().unwrap();
    assert_eq!(months.len(), 13);
    assert_eq!((&months[&ago(0)]["spid"], months.values().filter(|of| of["spid"] == 1).count()), (&1.into(), 1));
    let page = String::from_utf8(file(&world, "n.html", &["report", "national"])).unwrap();
    let tree = Html::parse_document(&page);
    let charts = select(&tree, "svg[role=img]");
    assert_eq!(charts.len(), 9, "one for the country, one a platform by region and over time");
    assert!(charts.iter().all(|chart| chart.attr("aria-label").unwrap().contains(" di 5 (")), "figures as text");
    let text = world.local(&["report", "national", "--lang", "en"]);
    assert!(text.assert_code(0).stdout.contains("1 of 5 (20.0%)"), "{text}");
    file(&world, "n.xlsx", &["report", "national"]);
    world.local(&["report", "national", "--format", "csv"]).assert_code(2);
}

#[test]
fn a_case_file_of_an_application_has_its_requirements_and_the_evidence() {
    let world = visited();
    let folder = world.riscontro.path("fascicolo");
    let to = folder.to_str().unwrap();
    world.local(&["report", "application", "spid1", "--out", to]).assert_code(0);
    let page = fs::read_to_string(folder.join("candidatura.html")).unwrap();
    let text: String = Html::parse_document(&page).root_element().text().collect();
    for part in ["Candidatura: Ala (TO)", "SPID1", "14.000 euro", "spid-login", "SHA-256", "Radice delle prove"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let line: Value = serde_json::from_slice(&fs::read(folder.join("candidatura.json")).unwrap()).unwrap();
    assert_eq!(line["summary"]["verdict"], "supported");
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let listed: Vec<_> = manifest["files"].as_array().unwrap().iter().filter_map(|one| one["path"].as_str()).collect();
    for name in ["candidatura.html", "candidatura.json", "archive/riscontro.warc.gz", "index.html"] {
        assert!(listed.contains(&name) && folder.join(name).is_file(), "{name}: {listed:?}");
    }
    world.local(&["report", "application", "NIENTE"]).assert_code(66);
}

#[test]
fn a_report_that_is_asked_to_stop_ends_where_it_is_and_leaves_no_file() {
    let world = World::new(BINARY);
    world.registers();
    let riscontro = &world.riscontro;
    let path = riscontro.path("report.html");
    let to = path.to_str().unwrap();
    // It waits for the database for ten seconds, then says that it is busy: unless it is asked before.
    let ended = database::alone(&riscontro.path("a.db"), || {
        let report = ["report", "notice", "--format", "html", "--output", to, "--db", &world.db];
        let running = riscontro.spawn(&report);
        while !process::can_be_asked_to_stop(running.id()) {
            std::thread::sleep(Duration::from_millis(5));
        }
        process::signal(running.id(), "TERM");
        running.wait(Duration::from_secs(40))
    });
    ended.assert_code(130);
    let left: Vec<_> = fs::read_dir(riscontro.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("report")), "{left:?}");
}
