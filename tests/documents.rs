//! What is written for people, as their own programs take it: pages in a browser, tables in a spreadsheet, paper. Most of
//! it needs a program that `cargo test` cannot ask for: `tests/run` installs them and runs these.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]
#![cfg(feature = "render")]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use quick_xml::{Reader, events::Event};
use riscontro::{
    config::Lang,
    model::Euro,
    report::{Cell, clean, csv, document, xlsx::Workbook},
};
use support::{
    browser::{Browser, Did, SCAN},
    papers::{self, Ink, KINDS},
    payloads::{CELLS, MARKUP},
    run::Ended,
    world::{SPID_CIE, World, ago},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

fn place(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

/// As a reader compares it: blanks are one blank, what cannot be seen is not there.
fn folded(text: &str) -> String {
    clean(text).replace('\u{fffd}', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is in a page as it stands, in both languages: the reviewed text of each kind of report, and the page with the same words.
#[test]
fn reports_as_they_are_read() {
    for lang in Lang::ALL {
        let ink = Ink::plain();
        let reports = [
            ("notice", papers::notice_report(&ink, 6, lang)),
            ("comune", papers::comune_report(&ink, lang)),
            ("application", papers::application(&ink, lang)),
            ("national", papers::national(&ink, 4, lang)),
        ];
        for (name, report) in reports {
            insta::assert_snapshot!(format!("{name}.{lang}.text"), document::text(&report));
            let page = document::html(&report);
            let (head, rest) = page.split_once("<style>").unwrap();
            let (_, body) = rest.split_once("</style>").unwrap();
            let digest = head.split("sha256-").nth(1).unwrap().split('\'').next().unwrap();
            let page =
                format!("{head}<style></style>{body}").replace(digest, "DIGEST").replace(riscontro::VERSION, "VERSION");
            insta::assert_snapshot!(format!("{name}.{lang}.html"), page);
        }
    }
}

/// The rules of WCAG 2.1 AA that a program can look at, by axe-core; and a page as narrow as on a small telephone, or magnified
/// four times (1.4.10), that is not to be pushed from side to side.
#[test]
#[ignore = "needs Chromium and axe-core"]
fn pages_can_be_read_by_everybody() {
    let axe = place("RISCONTRO_AXE")
        .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/target/axe/node_modules/axe-core/axe.min.js").into());
    let axe = fs::read_to_string(&axe).unwrap_or_else(|error| panic!("{}: {error}", axe.display()));
    let run = "axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] } })
        .then(told => ({ passes: told.passes.length, violations: told.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary).slice(0, 3).join(' | ')) }))";
    // Whoever wants to see them too.
    let pictures = place("RISCONTRO_PICTURES");
    let mut browser = Browser::start();
    let mut wrong = Vec::new();
    for lang in Lang::ALL {
        for kind in KINDS {
            let page = papers::page(kind, &Ink::plain(), 8, lang);
            for width in [1280, 360, 320] {
                if width == 360 && pictures.is_none() {
                    continue;
                }
                browser.width(width);
                browser.open(&page);
                let wider = browser.evaluate("document.scrollingElement.scrollWidth - innerWidth");
                if wider.as_i64().unwrap() > 0 {
                    wrong.push(format!("{kind}.{lang} is {wider} pixels wider than {width}"));
                }
                if let Some(folder) = pictures.as_ref().filter(|_| width != 320) {
                    fs::write(folder.join(format!("{kind}.{lang}.{width}.png")), browser.picture()).unwrap();
                }
                // Narrow pages have boxes that scroll, wide ones none.
                if width == 360 || (width == 1280 && lang == Lang::En) {
                    continue;
                }
                browser.evaluate(&axe);
                let told = browser.evaluate(run);
                assert!(told["passes"].as_u64().unwrap() >= 15, "{kind}: {told}");
                let found = told["violations"].as_array().unwrap();
                wrong.extend(found.iter().map(|one| format!("{kind}.{lang} at {width}: {}", one.as_str().unwrap())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // That it can find something.
    browser.open("<!doctype html><html><title></title><img src=data:,><p style='color:#999;background:#aaa'>grigio</p><div style='width:900px'>x</div>");
    browser.evaluate(&axe);
    let told = browser.evaluate(run).to_string();
    for rule in ["image-alt", "html-has-lang", "document-title", "color-contrast"] {
        assert!(told.contains(rule), "{rule}: {told}");
    }
    assert!(browser.evaluate("document.scrollingElement.scrollWidth - innerWidth").as_i64().unwrap() > 0);
}

/// Every payload as it is, in a page with the policy of our own pages.
fn unescaped(payload: &str, policy: &str) -> String {
    format!(
        "<!doctype html><html lang=it><head><meta charset=utf-8>{policy}<title>x</title></head><body><main><h1>x</h1>\
         <a href=\"{payload}\">x</a><input value=\"{payload}\"><input value='{payload}'><input value={payload}><p>{payload}</p></main></body></html>"
    )
}

/// What a page did, and what is in it.
fn watched(browser: &mut Browser, page: &str) -> (Did, serde_json::Value) {
    browser.open(page);
    let first = browser.did();
    let scan = browser.evaluate(SCAN);
    (first, scan)
}

/// Without the policy that our pages have for themselves, so that nothing but the escaping stands in the way.
#[test]
#[ignore = "needs Chromium"]
fn no_payload_becomes_anything_but_text_in_a_page() {
    assert!(MARKUP.len() >= 200, "{}", MARKUP.len());
    let mut browser = Browser::start();
    browser.policy(false);
    let (mut pages, mut wrong) = (0, Vec::new());
    for kind in KINDS {
        let mut there = vec![false; MARKUP.len()];
        // The first page holds long lists, the others bring another payload each to the places that there are once.
        for round in 0..80 {
            if there.iter().all(|one| *one) {
                break;
            }
            let many = if round == 0 { MARKUP.len() } else { 60 };
            let page = papers::page(kind, &Ink::of(MARKUP, round * 37), many, Lang::ALL[round % 2]);
            pages += 1;
            let (did, scan) = watched(&mut browser, &page);
            if !did.nothing() || scan["strange"] != serde_json::json!([]) {
                wrong.push(format!("{kind}, round {round}: {did:?} {}", scan["strange"]));
            }
            // As an editor does with a page that is pasted.
            if round % 4 == 0 {
                browser.evaluate("document.body.innerHTML = document.body.innerHTML, 0");
                let copied = browser.did();
                if !copied.nothing() {
                    wrong.push(format!("{kind}, round {round}, copied: {copied:?}"));
                }
            }
            let text = folded(scan["text"].as_str().unwrap());
            for (payload, there) in MARKUP.iter().zip(&mut there) {
                *there |= text.contains(&folded(payload));
            }
        }
        let missing: Vec<_> = MARKUP.iter().zip(there).filter(|(_, there)| !there).map(|(one, _)| one).collect();
        assert!(missing.is_empty(), "{kind} never showed {missing:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pages >= 12, "{pages}");

    // Some of them not escaped: most are noticed (what becomes markup only elsewhere is not), and each way of noticing
    // notices something.
    let mut total = Did::default();
    let mut strange = 0;
    let mut unnoticed = Vec::new();
    let chosen = |at: usize, one: &str| at.is_multiple_of(5) || one.contains("alert") || one.contains("<iframe");
    let some = || MARKUP.iter().enumerate().filter(|(at, one)| chosen(*at, one)).map(|(_, one)| *one);
    for payload in some() {
        let (did, scan) = watched(&mut browser, &unescaped(payload, ""));
        let odd = scan["strange"].as_array().unwrap();
        // The page itself has some of other kinds.
        let own = ["<input>", "input[value]", "0 style", "1 meta", "0 footer"];
        let relative = |one: &str| {
            one.starts_with("a[href=")
                && !["javascript:", "data:", "vbscript:"].iter().any(|scheme| one.contains(scheme))
        };
        let odd =
            odd.iter().map(|one| one.as_str().unwrap()).filter(|one| !own.contains(one) && !relative(one)).count();
        total.dialogs += did.dialogs;
        total.runs += did.runs;
        total.frames += did.frames;
        total.requests.extend(did.requests.clone());
        strange += usize::from(odd > 0);
        if did.nothing() && odd == 0 {
            unnoticed.push(payload);
        }
    }
    assert!(unnoticed.len() <= 10, "{unnoticed:?}");
    assert!(total.dialogs >= 2 && total.runs >= 15 && total.frames >= 5, "{total:?}");
    assert!(total.requests.len() >= 10 && strange >= 35, "{} {strange}", total.requests.len());

    // Our policy is a wall of its own: were a payload not escaped, it would run nothing and load nothing.
    browser.policy(true);
    let page = document::html(&papers::application(&Ink::plain(), Lang::It));
    let policy = page.split_once("<meta http-equiv").unwrap().1.split_once('>').unwrap().0;
    let policy = format!("<meta http-equiv{policy}>");
    let mut through = Vec::new();
    for payload in some() {
        let (did, _) = watched(&mut browser, &unescaped(payload, &policy));
        let loaded = did.requests.iter().any(|one| !one.starts_with('→'));
        if did.dialogs + did.runs > 0 || loaded {
            through.push(format!("{payload}: {did:?}"));
        }
    }
    assert!(through.is_empty(), "{}", through.join("\n"));
}

/// A cell as a spreadsheet took it.
#[derive(Debug, Clone, Default)]
struct Taken {
    formula: bool,
    kind: String,
    value: String,
    text: String,
}

/// The cells of every sheet that `LibreOffice` found in a file.
fn taken(fods: &str) -> Vec<Taken> {
    fn say(cell: &mut Option<Taken>, text: &str) {
        if let Some(cell) = cell {
            cell.text.push_str(text);
        }
    }
    let mut reader = Reader::from_str(fods);
    let (mut cells, mut open): (Vec<Taken>, Option<Taken>) = (Vec::new(), None);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return cells,
            Event::Start(tag) if tag.name().as_ref() == "table:table-cell" => {
                let mut cell = Taken::default();
                for attribute in tag.attributes().flatten() {
                    let value = attribute.value.to_string();
                    match attribute.key.as_ref() {
                        "table:formula" => cell.formula = true,
                        "office:value-type" => cell.kind = value,
                        "office:value" => cell.value = value,
                        _ => {}
                    }
                }
                open = Some(cell);
            }
            Event::End(tag) if tag.name().as_ref() == "table:table-cell" => cells.extend(open.take()),
            // Blanks that would be lost, and breaks of lines.
            Event::Empty(tag) if matches!(tag.name().as_ref(), "text:s" | "text:ta" | "text:line-break") => {
                say(&mut open, " ");
            }
            Event::End(tag) if tag.name().as_ref() == "text:p" => say(&mut open, " "),
            Event::Text(text) => {
                say(&mut open, text.as_ref());
            }
            Event::GeneralRef(name) => {
                let known = match name.as_ref() {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => name.resolve_char_ref().unwrap(),
                };
                say(&mut open, &known.map(String::from).unwrap_or_default());
            }
            _ => {}
        }
    }
}

/// Opens files in `LibreOffice` as somebody would who answers every question of its import with the most dangerous choice:
/// every separator, special numbers recognised, formulas evaluated.
fn opened(folder: &Path, files: &[PathBuf]) -> BTreeMap<String, Vec<Taken>> {
    let profile = folder.join("profile");
    let out = folder.join("out");
    let (tables, books): (Vec<&PathBuf>, Vec<&PathBuf>) =
        files.iter().partition(|file| file.extension().is_some_and(|ending| ending == "csv"));
    for (files, filter) in
        [(tables, Some("--infilter=CSV:44/59/9,34,76,1,,1040,false,true,false,false,false,0,true")), (books, None)]
    {
        if files.is_empty() {
            continue;
        }
        let ended = Command::new("soffice")
            .arg("--headless")
            .arg(format!("-env:UserInstallation=file://{}", profile.display()))
            .args(filter)
            .args(["--convert-to", "fods", "--outdir"])
            .arg(&out)
            .args(files)
            .output()
            .unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    files
        .iter()
        .map(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let sheets = fs::read_to_string(out.join(format!("{name}.fods"))).unwrap();
            (name, taken(&sheets))
        })
        .collect()
}

/// Every payload by every writer of tables.
fn written(folder: &Path) -> Vec<PathBuf> {
    let row = |payload: &'static str| {
        [
            Cell::from(payload),
            Cell::Link(payload.into()),
            Cell::Number(729),
            Cell::Money(Euro::of_cents(72_950).unwrap()),
            Cell::from("-5"),
            Cell::Day("2026-03-01".parse().unwrap()),
        ]
    };
    let head = ["testo", "link", "numero", "euro", "segno", "giorno"];
    let mut files = Vec::new();
    for (name, dialect) in [("italiano", csv::Dialect::Italian), ("rfc4180", csv::Dialect::Rfc4180)] {
        let mut writer = csv::Writer::new(Vec::new(), dialect, &head).unwrap();
        for payload in CELLS {
            writer.row(&row(payload)).unwrap();
        }
        files.push(folder.join(format!("{name}.csv")));
        fs::write(files.last().unwrap(), writer.finish().unwrap()).unwrap();
    }
    let mut book = Workbook::new(Lang::It);
    let sheet = book.sheet("Prova", &head).unwrap();
    for payload in CELLS {
        book.row(sheet, &row(payload)).unwrap();
    }
    files.push(folder.join("cartella.xlsx"));
    book.save(fs::File::create(files.last().unwrap()).unwrap()).unwrap();
    files
}

/// Registers in which payloads are names, codes and decrees.
fn named(world: &World, payloads: &[&str]) {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let istat = |number: usize| format!("{:06}", 900_000 + number);
    let mut comuni = "codice_istat,denominazione,codice_catastale,sigla_provincia,regione,popolazione\n".to_owned();
    let mut applications = "codice_ipa,tipologia_ente,comune,cod_comune,importo_finanziamento,avviso,data_finanziamento,codice_cup,numero_decreto,stato_candidatura,data_stato_candidatura,misura\n".to_owned();
    // A register with a zero byte is no text, and refused as a whole.
    for (number, payload) in payloads.iter().filter(|payload| !payload.contains('\0')).enumerate() {
        let (istat, name) = (istat(number), quoted(payload));
        comuni += &format!("{istat},{name},Y{number:03},TO,{name},1000\n");
        applications += &format!(
            "c_y{number:03},Comuni,{name},{istat},14000.0,1.4.4 Adozione SPID CIE  - Comuni - Aprile 2022,2022-08-02,{name},{name},A,2022-08-02,1.4.4 Adozione\n"
        );
    }
    world.import("istat", "istat.csv", &comuni, &ago(10));
    world.import("candidature", "144.csv", &applications, &ago(10));
}

/// The same by the whole program: registers in, pages out.
#[test]
#[ignore = "needs Chromium"]
fn what_registers_say_stays_text_from_the_import_to_the_page() {
    let world = World::new(BINARY);
    named(&world, MARKUP);
    let mut browser = Browser::start();
    browser.policy(false);
    let mut page = |arguments: &[&str]| {
        let path = world.riscontro.path("pagina.html");
        world.local(&[arguments, &["--format", "html", "--output", path.to_str().unwrap()]].concat()).assert_code(0);
        let (did, scan) = watched(&mut browser, &fs::read_to_string(path).unwrap());
        assert!(
            did.nothing() && scan["strange"] == serde_json::json!([]),
            "{arguments:?}: {did:?} {}",
            scan["strange"]
        );
        folded(scan["text"].as_str().unwrap())
    };
    for report in [&["report", "notice", "--notice", SPID_CIE][..], &["report", "national"]] {
        let text = page(report);
        let shown = MARKUP.iter().filter(|payload| text.contains(&folded(payload))).count();
        assert!(shown >= 200, "{report:?} shows {shown}");
    }
    for code in ["Y000", "Y040", "Y080", "Y120", "Y160", "Y200"] {
        page(&["report", "comune", code]);
    }
}

/// Every command that writes a table, on registers in which payloads are names, codes and decrees.
fn commanded() -> (World, Vec<PathBuf>) {
    let world = World::new(BINARY);
    named(&world, CELLS);
    let mut files = Vec::new();
    for (name, command) in [
        ("candidature", &["applications", "list"][..]),
        ("verdetti", &["verdicts", "--notice", SPID_CIE]),
        ("rapporto", &["report", "notice", "--notice", SPID_CIE]),
    ] {
        for (kind, more) in [
            ("it.csv", &["--format", "csv"][..]),
            ("en.csv", &["--format", "csv", "--rfc4180"]),
            ("libro.xlsx", &["--format", "xlsx"]),
        ] {
            let path = world.riscontro.path(&format!("{name}-{kind}"));
            world.local(&[command, more, &["--output", path.to_str().unwrap()]].concat()).assert_code(0);
            files.push(path);
        }
    }
    (world, files)
}

#[test]
#[ignore = "needs LibreOffice"]
fn no_payload_is_computed_in_a_spreadsheet() {
    assert!(CELLS.len() >= 90, "{}", CELLS.len());
    let (world, mut files) = commanded();
    let folder = world.riscontro.home().to_owned();
    files.extend(written(&folder));
    // What would be computed, is: the same payloads as they are, in a table that somebody else wrote.
    let naked = folder.join("nuda.csv");
    let quoted = |text: &str| format!("\"{}\"\r\n", text.replace('"', "\"\""));
    fs::write(&naked, CELLS.iter().map(|payload| quoted(payload)).collect::<String>()).unwrap();
    files.push(naked);
    let mut read = opened(&folder, &files);
    let computed = read.remove("nuda").unwrap().iter().filter(|cell| cell.formula).count();
    assert!(computed >= 20, "{computed}");

    assert_eq!(read.len(), 12);
    for (name, cells) in &read {
        let computed: Vec<_> = cells.iter().filter(|cell| cell.formula).collect();
        assert!(computed.is_empty(), "{name}: {computed:?}");
        assert!(cells.len() > CELLS.len() * 5, "{name} has {} cells", cells.len());
        // Each payload is there to be read: at most an apostrophe stands before it.
        let texts: Vec<String> = cells.iter().map(|cell| folded(&cell.text)).collect();
        for payload in CELLS {
            let wanted = folded(payload);
            let there = |text: &String| {
                *text == wanted
                    || *text == format!("'{wanted}")
                    || folded(text.trim_start_matches('\'')) == folded(wanted.trim_start_matches('\''))
            };
            let by_command = !["italiano", "rfc4180", "cartella"].contains(&name.as_str());
            // Importing registers trims names; what is left of them is compared.
            assert!(by_command || texts.iter().any(there), "{name}: {payload:?} is not to be read");
        }
    }
    for (name, kinds) in [
        ("italiano", ["float", "float", "float", "date"]),
        ("rfc4180", ["float", "string", "float", "date"]),
        ("cartella", ["float", "float", "string", "date"]),
    ] {
        let last = &read[name][read[name].len() - 4..];
        assert_eq!(last.iter().map(|cell| cell.kind.as_str()).collect::<Vec<_>>(), kinds, "{name}: {last:?}");
        assert_eq!(last[0].value, "729", "{name}");
    }
    // Sums have the comma of the country, or the point of programs, which an Italian spreadsheet takes for text.
    assert_eq!(
        (
            read["italiano"].iter().rev().nth(2).unwrap().value.as_str(),
            read["cartella"].iter().rev().nth(2).unwrap().value.as_str()
        ),
        ("729.5", "729.5")
    );
}

/// What a program said of a PDF.
fn said_of(program: &str, arguments: &[&str], pdf: &Path) -> String {
    let ended =
        Command::new(program).args(arguments).arg(pdf).args((program == "pdftotext").then_some("-")).output().unwrap();
    assert!(ended.status.success(), "{program}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
#[ignore = "needs Chromium and poppler"]
fn a_report_on_paper_says_what_the_page_says_and_can_be_read_aloud() {
    let world = World::new(BINARY);
    world.registers();
    world.riscontro.run(&["run", "--notice", SPID_CIE, "--db", &world.db]).assert_code(0);
    let on_paper = |name: &str, arguments: &[&str]| {
        let path = world.riscontro.path(name);
        world.local(&[arguments, &["--format", "pdf", "--output", path.to_str().unwrap()]].concat()).assert_code(0);
        path
    };
    for (name, arguments, lang, title, sentence) in [
        (
            "n.pdf",
            &["report", "notice", "--since", &ago(1)][..],
            "it",
            "Riscontri per avviso · riscontro",
            "Che cosa è cambiato",
        ),
        (
            "c.pdf",
            &["report", "comune", "Bela", "--lang", "en"],
            "en",
            "Findings on the website: Bela (TO) · riscontro",
            "How to answer or contest",
        ),
        (
            "i.pdf",
            &["report", "national"],
            "it",
            "Il quadro nazionale · riscontro",
            "comuni esistenti secondo i registri importati",
        ),
    ] {
        let pdf = on_paper(name, arguments);
        let about = said_of("pdfinfo", &[], &pdf);
        let field =
            |label: &str| about.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_default().trim().to_owned();
        assert_eq!(
            (field("Title:"), field("Tagged:"), field("JavaScript:")),
            (title.to_owned(), "yes".to_owned(), "no".to_owned()),
            "{about}"
        );
        assert!(field("Page size:").contains("A4"), "{about}");
        let pages: usize = field("Pages:").parse().unwrap();
        assert!((1..=20).contains(&pages), "{about}");
        assert!(
            fs::read(&pdf).unwrap().windows(9).any(|bytes| bytes == format!("/Lang ({lang}").as_bytes()),
            "no language"
        );
        let structure = said_of("pdfinfo", &["-struct"], &pdf);
        for part in ["H1", "H2", "Table", "TH", "TD", "Caption"] {
            assert!(
                structure.lines().any(|line| line.trim().split([' ', '(', ':']).next() == Some(part)),
                "{part}: {structure}"
            );
        }
        let text = folded(&said_of("pdftotext", &[], &pdf)).replace(" / ", "/");
        for part in [sentence, &format!("1/{pages}"), &format!("{pages}/{pages}")] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    // Its way is a file, and without a browser it says so before it reads anything.
    world.local(&["report", "comune", "Ala", "--format", "pdf"]).assert_code(2);
    let path = world.riscontro.path("x.pdf");
    let without: Ended =
        world.local(&["report", "comune", "Ala", "--format", "pdf", "--output", path.to_str().unwrap(), "--no-render"]);
    assert!(without.assert_code(69).stderr.contains("--format html"), "{without}");
    assert!(!path.exists());
}
