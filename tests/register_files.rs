//! Files that are not what they should be, through the built binary: each is refused with its reason, in both languages, and
//! the database stays as it was to the last byte. And the packings that are read: zip and xlsx.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    io::{Cursor, Write as _},
    time::{Duration, SystemTime},
};

use flate2::{Compression, write::GzEncoder};
use support::{Office, database};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// A list of so many made-up comuni, the first of them with an accent.
fn istat(comuni: usize) -> String {
    let mut text =
        "codice_istat,denominazione,codice_catastale,sigla_provincia,regione,popolazione\n063001,Nardò,X000,NA,Campania,40100\n"
            .to_owned();
    for number in 1..comuni {
        text.push_str(&format!(
            "{:06},Comune {number},X{number:03},BG,Lombardia,{}\n",
            16_000 + number,
            1_000 + number
        ));
    }
    text
}

const IPA: &str = "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Sito_istituzionale\n\
    c_x000,Comune di Nardò,00000000011,L6,www.comune.nardo.example\n";
const APPIO: &str = r#"[{"o":"Nardò","fc":"00000000011","s":[{"i":"A","n":"TARI"},{"i":"B","n":"IMU"}]}]"#;
const CANDIDATURE: &str = "codice_ipa,tipologia_ente,comune,cod_comune,importo_finanziamento,avviso,codice_cup,stato_candidatura,misura\n\
    c_x000,Comuni,Nardò,063001,14000.0,1.4.4 SPID CIE - Comuni,J1,E,1.4.4 x\n";
const ANPR: &str = "\"ID\",\"DATAISTITUZIONE\",\"DATACESSAZIONE\",\"CODISTAT\",\"CODCATASTALE\",\"DENOMINAZIONE_IT\",\"STATO\"\n\
    \"1\",\"1866-11-19\",\"9999-12-31\",\"063001\",\"X000\",\"NARDÒ\",\"A\"\n";
const AVVISI: &str = "titolo,misura,data_inizio_bando,data_fine_bando,stato,totale_importo_stanziato,soggetti_destinatari\n\
    1.4.4 SPID CIE,1.4.4 Adozione,2022-04-04,2022-09-02,TERMINATO,100.0,Comuni\n";
const SPID: &str = r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:spid="https://spid.gov.it/saml-extensions" entityID="https://sp.example"><md:SPSSODescriptor><md:AssertionConsumerService Location="https://sp.example/acs"/></md:SPSSODescriptor><md:ContactPerson contactType="other"><md:Extensions><spid:IPACode>c_x000</spid:IPACode><spid:Public/></md:Extensions></md:ContactPerson></md:EntityDescriptor>"#;
const LAUGHS: &str = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
    <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="&b;"/>"#;
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Errore</title></head><body>Manutenzione</body></html>";

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in files {
        writer.start_file(*name, packed).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A tar archive of one file, with or without the empty blocks at its end.
fn tar(content: &[u8], ended: bool) -> Vec<u8> {
    let mut out = vec![0_u8; 512];
    out[..5].copy_from_slice(b"a.xml");
    out[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    out[156] = b'0';
    out[257..262].copy_from_slice(b"ustar");
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(512) + if ended { 1024 } else { 0 }, 0);
    out
}

/// A spreadsheet whose sheets have this XML in `sheetData`; style 1 is a date.
fn xlsx(sheets: &[(&str, &str)], shared: &str) -> Vec<u8> {
    const MAIN: &str = r#"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main""#;
    const RELS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let names: String = (1..)
        .zip(sheets)
        .map(|(id, (name, _))| format!(r#"<sheet name="{name}" sheetId="{id}" r:id="rId{id}"/>"#))
        .collect();
    let mut links: String = (1..=sheets.len())
        .map(|id| format!(r#"<Relationship Id="rId{id}" Type="{RELS}/worksheet" Target="worksheets/sheet{id}.xml"/>"#))
        .collect();
    links.push_str(&format!(r#"<Relationship Id="rId98" Type="{RELS}/sharedStrings" Target="sharedStrings.xml"/>"#));
    links.push_str(&format!(r#"<Relationship Id="rId99" Type="{RELS}/styles" Target="styles.xml"/>"#));
    let mut files = vec![
        (
            "[Content_Types].xml".to_owned(),
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_owned(),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(r#"<workbook {MAIN} xmlns:r="{RELS}"><sheets>{names}</sheets></workbook>"#),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(r#"<Relationships xmlns="{PACKAGE}">{links}</Relationships>"#),
        ),
        ("xl/sharedStrings.xml".to_owned(), format!(r#"<?xml version="1.0"?>{shared}"#)),
        (
            "xl/styles.xml".to_owned(),
            format!(
                r#"<styleSheet {MAIN}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
            ),
        ),
    ];
    for (id, (_, data)) in (1..).zip(sheets) {
        files.push((
            format!("xl/worksheets/sheet{id}.xml"),
            format!(r#"<worksheet {MAIN}><dimension ref="A1:XFD1048576"/><sheetData>{data}</sheetData></worksheet>"#),
        ));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zip(&files)
}

/// Cells of one row, as text written in place.
fn row(number: u32, cells: &[&str]) -> String {
    let cells: String = (b'A'..)
        .zip(cells)
        .map(|(letter, text)| {
            format!(r#"<c r="{}{number}" t="inlineStr"><is><t>{text}</t></is></c>"#, char::from(letter))
        })
        .collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}

/// An office with one file of each register.
fn filled() -> Office {
    let office = Office::new(BINARY);
    for (register, name, text) in [
        ("istat", "istat.csv", istat(200).as_str()),
        ("anpr", "anpr.csv", ANPR),
        ("ipa", "ipa.csv", IPA),
        ("candidature", "candidature.csv", CANDIDATURE),
        ("avvisi", "avvisi.csv", AVVISI),
        ("appio", "appio.json", APPIO),
        ("spid", "spid.xml", SPID),
    ] {
        let file = office.write(name, text);
        assert_eq!(office.json(&["import", register, &file, "--date", "2024-01-01"])["did"], "added", "{register}");
    }
    office
}

#[test]
fn bad_files_are_refused_with_their_reason_and_nothing_is_half_imported() {
    let office = filled();
    let list = istat(200);
    let half = |text: &str| text.as_bytes()[..text.len() / 2].to_vec();
    let broken = list.replace('ò', "Ã²");
    let utf16: Vec<u8> = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let long_line = [list.as_bytes(), &vec![b'a'; 100 << 20]].concat();
    let long_json = format!("[{{\"titolo\":\"{}\"}}]", "a".repeat(100 << 20));
    let long_name = APPIO.replace("TARI", &"a".repeat(70_000));
    let many: Vec<String> = (0..1_001).map(|number| format!("{number}.csv")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let far = r#"<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>"#;
    let shared = "<sst><si><t>x</t></si></sst>";
    let entity = r#"<!DOCTYPE sst [<!ENTITY a "x">]><sst><si><t>&a;</t></si></sst>"#;
    let page_of_swapped = list.replacen("codice_istat,denominazione", "denominazione,codice_istat", 1);
    let packed = zip(&[("dati.csv", list.as_bytes())]);
    let cases: Vec<(&str, &str, Vec<u8>, &str, &str)> = vec![
        ("istat", "cut.csv", list.as_bytes()[..list.len() - 20].to_vec(), "è tronco", "it is cut"),
        (
            "istat",
            "cut.csv.gz",
            {
                let all = gz(list.as_bytes());
                all[..all.len() - 30].to_vec()
            },
            "tronco o danneggiato",
            "cut or damaged",
        ),
        (
            "istat",
            "flipped.csv.gz",
            {
                let mut all = gz(list.as_bytes());
                let at = all.len() - 6;
                all[at] ^= 1;
                all
            },
            "tronco o danneggiato",
            "cut or damaged",
        ),
        ("istat", "cut.zip", packed[..packed.len() / 2].to_vec(), "tronco o danneggiato", "cut or damaged"),
        (
            "istat",
            "short.csv",
            istat(150).into_bytes(),
            "150 righe, mentre quello del 2024-01-01 ne ha 200",
            "150 rows, and that of 2024-01-01 has 200",
        ),
        ("istat", "page.csv", PAGE.into(), "una pagina web", "a web page"),
        ("istat", "page.csv.gz", gz(PAGE.as_bytes()), "una pagina web", "a web page"),
        (
            "istat",
            "accents.csv",
            broken.into_bytes(),
            "lettere accentate sono rovinate (riga 2)",
            "accented letters are broken (line 2)",
        ),
        ("istat", "utf16.csv", utf16, "non è un file di testo", "not a text file"),
        ("istat", "swapped.csv", page_of_swapped.into_bytes(), "scambiate", "swapped"),
        ("istat", "other.csv", b"a;b\n1;2\n".to_vec(), "manca la colonna", "no column"),
        ("istat", "empty.csv", Vec::new(), "alcuna riga", "no row"),
        ("istat", "header.csv", list.lines().next().unwrap().into(), "alcuna riga", "no row"),
        ("istat", "line.csv", long_line, "supera 1 MiB", "longer than 1 MiB"),
        ("istat", "quote.csv", list.replacen("Comune 3", "\"Comune 3", 1).into_bytes(), "è tronco", "it is cut"),
        ("istat", "bomb.csv.gz", gz(&vec![b'0'; 64 << 20]), "più di 200 volte", "more than 200 times"),
        ("istat", "bomb.zip", zip(&[("dati.csv", &vec![b'0'; 64 << 20])]), "più di 200 volte", "more than 200 times"),
        (
            "istat",
            "two.zip",
            zip(&[("a/uno.csv", list.as_bytes()), ("due.json", b"[]")]),
            "a/uno.csv, due.json",
            "a/uno.csv, due.json",
        ),
        ("istat", "none.zip", zip(&[("foto.jpg", b"x"), (".csv", b"x")]), "senza alcun file", "without a CSV"),
        ("istat", "nested.zip", zip(&[("dati.csv", &packed)]), "non si legge", "not read"),
        ("istat", "many.zip", zip(&many), "più di 1000", "more than 1000"),
        ("istat", "xz.csv.xz", b"\xfd7zXZ\0aaaaaaa".to_vec(), "non si legge", "not read"),
        ("istat", "old.xls", b"\xd0\xcf\x11\xe0aaaaaaaaa".to_vec(), "non si legge", "not read"),
        ("istat", "far.xlsx", xlsx(&[("A", far)], shared), "oltre 200000 righe", "beyond 200000 rows"),
        ("istat", "entity.xlsx", xlsx(&[("A", &row(1, &["x"]))], entity), "a document type", "a document type"),
        (
            "istat",
            "bomb.xlsx",
            xlsx(&[("A", &" ".repeat(40 << 20))], shared),
            "più di 200 volte",
            "more than 200 times",
        ),
        ("istat", "broken.xlsx", zip(&[("xl/workbook.xml", b"<workbook")]), "foglio di calcolo", "spreadsheet"),
        ("istat", "other.xlsx", xlsx(&[("A", &row(1, &["a", "b"]))], shared), "manca la colonna", "no column"),
        ("appio", "appio.xlsx", xlsx(&[("A", &row(1, &["a", "b"]))], shared), "non si legge", "not read"),
        ("anpr", "cut.csv", ANPR.as_bytes()[..ANPR.len() - 9].to_vec(), "è tronco", "it is cut"),
        (
            "ipa",
            "swapped.csv",
            IPA.replacen("Codice_IPA,Denominazione_ente", "Denominazione_ente,Codice_IPA", 1).into_bytes(),
            "scambiate",
            "swapped",
        ),
        ("ipa", "page.csv", format!("\u{feff}\n{PAGE}").into_bytes(), "una pagina web", "a web page"),
        (
            "candidature",
            "swapped.csv",
            CANDIDATURE.replacen("importo_finanziamento,avviso", "avviso,importo_finanziamento", 1).into_bytes(),
            "scambiate",
            "swapped",
        ),
        ("candidature", "cut.json", b"[{\"codice_ipa\":\"c_x000\",\"ente".to_vec(), "JSON", "JSON"),
        ("candidature", "cut.csv", CANDIDATURE.trim_end().into(), "è tronco", "it is cut"),
        ("avvisi", "line.json", long_json.into_bytes(), "supera 1 MiB", "longer than 1 MiB"),
        (
            "avvisi",
            "swapped.csv",
            AVVISI.replacen("misura,data_inizio_bando", "data_inizio_bando,misura", 1).into_bytes(),
            "scambiate",
            "swapped",
        ),
        ("appio", "cut.json", half(APPIO), "JSON", "JSON"),
        ("appio", "page.json", PAGE.into(), "una pagina web", "a web page"),
        ("appio", "deep.json", "[".repeat(100_000).into_bytes(), "JSON", "JSON"),
        ("appio", "long.json", long_name.into_bytes(), "a text longer than 64 KiB", "a text longer than 64 KiB"),
        (
            "appio",
            "swapped.json",
            APPIO.replace("\"o\"", "\"x\"").replace("\"fc\"", "\"o\"").replace("\"x\"", "\"fc\"").into_bytes(),
            "scambiate",
            "swapped",
        ),
        ("spid", "entities.xml", LAUGHS.into(), "XML", "XML"),
        ("spid", "cut.xml", half(SPID), "XML", "XML"),
        ("spid", "page.xml", PAGE.into(), "una pagina web", "a web page"),
        (
            "spid",
            "page.xhtml",
            b"<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>".to_vec(),
            "XML",
            "XML",
        ),
        ("spid", "cut.tar", tar(SPID.as_bytes(), false), "tronco o danneggiato", "cut or damaged"),
        ("spid", "entities.tar", tar(LAUGHS.as_bytes(), true), "scambiate, o è un altro file", "another file"),
    ];
    let bytes = std::fs::read(office.database()).unwrap();
    let before = database::dump(&office.database());
    assert!(before.len() > 600, "the witness sees the rows: {}", before.len());
    let mut faults = Vec::new();
    for (register, name, content, italian, english) in &cases {
        let file = office.write(name, content);
        let report = office.folder.path().join("report.json");
        for (lang, why) in [("it", italian), ("en", english)] {
            let arguments = ["import", register, &file, "--date", "2025-01-01", "--report", report.to_str().unwrap()];
            let (code, out, err) = office.run_in(lang, &arguments);
            let said = err.lines().filter(|line| line.starts_with("riscontro: ")).count();
            // What is said stays short, whatever the file holds.
            if (code, out.as_str(), said) != (65, "", 1) || !err.contains(why) || err.len() > 1_000 {
                let err: String = err.chars().take(1_000).collect();
                faults.push(format!("{register} {name}, {lang}, `{why}`: {code} {out} {err}"));
            }
        }
        assert!(!report.exists(), "{name}: nothing was imported, so there is nothing to report");
        std::fs::remove_file(file).unwrap();
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(office.run(&["import", "istat", "missing.csv"]).0, 66);
    assert_eq!(office.run(&["import", "istat", "istat.csv", "--date", "2999-01-01"]).0, 66);
    let good = office.folder.path().join("istat.csv");
    assert_eq!(office.run(&["import", "istat", good.to_str().unwrap(), "--date", "2999-01-01"]).0, 2);
    assert_eq!(database::dump(&office.database()), before);
    assert_eq!(std::fs::read(office.database()).unwrap(), bytes, "not one byte");
    database::assert_whole(&office.database());
}

#[test]
fn a_last_row_that_may_be_cut_is_left_out_and_the_file_is_not_whole() {
    let office = Office::new(BINARY);
    let file = office.write("istat.csv", istat(200).trim_end());
    let told = office.json(&["import", "istat", &file, "--date", "2024-01-01"]);
    assert_eq!((&told["quality"]["kept"], &told["quality"]["issues"]["open-end"]["count"]), (&199.into(), &1.into()));
    // A closed quotation mark is an end.
    let quoted = ANPR.trim_end();
    let told = office.json(&["import", "anpr", &office.write("anpr.csv", quoted), "--date", "2024-01-01"]);
    assert_eq!(told["quality"]["kept"], 1);
    let services: Vec<String> = (0..1_500).map(|number| format!(r#"{{"o":"x","fc":"{number:011}","s":[]}}"#)).collect();
    let list = office.write("appio.json", format!("[{}]", services.join(",")));
    assert_eq!(office.json(&["import", "appio", &list, "--date", "2024-01-01"])["whole"], true);
    let partial = office.json(&["import", "appio", &list, "--date", "2024-02-01", "--partial"]);
    assert_eq!(partial["whole"], false);
}

#[test]
fn a_smaller_file_is_taken_as_an_extract_when_that_is_said_and_an_older_one_as_it_is() {
    let office = Office::new(BINARY);
    let import = |rows: usize, date: &str, more: &[&str]| {
        let file = office.write("istat.csv", istat(rows));
        office.run(&[&["import", "istat", &file, "--date", date], more].concat())
    };
    assert_eq!(import(200, "2024-01-01", &[]).0, 0);
    assert_eq!(import(179, "2024-02-01", &[]).0, 65);
    assert_eq!(import(180, "2024-02-01", &[]).0, 0, "a tenth less is growth the other way");
    assert_eq!(import(150, "2023-01-01", &[]).0, 0, "there was less before");
    assert_eq!(import(20, "2024-03-01", &["--partial"]).0, 0);
    assert_eq!(import(10, "2024-04-01", &[]).0, 0, "an extract is no measure");
}

/// It was called cut: its date is a guess that changes with the day, and a later, larger file had come meanwhile.
#[test]
fn a_small_file_read_again_after_a_larger_one_is_the_snapshot_that_it_was() {
    let office = Office::new(BINARY);
    let small = office.write("small.csv", istat(120));
    let changed = |days: u64| {
        let file = std::fs::File::options().append(true).open(&small).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400)).unwrap();
    };
    changed(19_800);
    assert_eq!(office.json(&["import", "istat", &small])["dated"], "2024-03-18");
    let large = office.write("large.csv", istat(200));
    office.json(&["import", "istat", &large, "--date", "2024-06-01"]);
    let before = database::dump(&office.database());
    changed(20_000);
    assert_eq!(office.json(&["import", "istat", &small])["did"], "unchanged");
    assert_eq!(database::dump(&office.database()), before);
    // Whoever names a day says that the register shrank by then, which needs saying aloud.
    assert_eq!(office.run(&["import", "istat", &small, "--date", "2024-10-04"]).0, 65);
}

#[test]
fn registers_are_read_out_of_zip_archives_and_spreadsheets() {
    let office = Office::new(BINARY);
    let list = istat(3);
    let zipped = zip(&[("LEGGIMI.txt", b"licenza"), ("__MACOSX/._x.csv", b"x"), ("dati/istat.csv", list.as_bytes())]);
    let told = office.json(&["import", "istat", &office.write("a.zip", zipped), "--date", "2024-01-01"]);
    assert_eq!(told["quality"]["kept"], 3);

    // A title page first; a code without its zeros, as spreadsheets have it; a shared text; a gap; an empty last cell.
    let header = row(
        1,
        &[
            "Codice Comune formato alfanumerico",
            "Denominazione in italiano",
            "Codice Catastale del comune",
            "Sigla automobilistica",
            "Popolazione",
        ],
    );
    let data = format!(
        "{header}{}{}",
        r#"<row r="2"><c r="A2"><v>63001</v></c><c r="B2" t="s"><v>0</v></c><c r="C2" t="inlineStr"><is><t>X000</t></is></c><c r="D2" t="str"><v>NA</v></c><c r="E2"><v>40100</v></c></row>"#,
        r#"<row r="9"><c r="A9" t="inlineStr"><is><t>001001</t></is></c><c r="B9" t="inlineStr"><is><t>None</t></is></c><c r="C9" t="inlineStr"><is><t>X001</t></is></c></row>"#
    );
    let book = xlsx(
        &[("Legenda", &row(1, &["Che cosa contiene"])), ("Dati", &data)],
        "<sst><si><t>Nardò &amp; C</t></si></sst>",
    );
    let file = office.write("istat.xlsx", &book);
    let told = office.json(&["import", "istat", &file, "--date", "2024-02-01"]);
    assert_eq!(
        (&told["quality"]["kept"], &told["quality"]["issues"]["leading-zeros"]["examples"][0]["line"]),
        (&2.into(), &2.into())
    );
    let rows = database::rows(
        &office.database(),
        "SELECT codice_istat, name, coalesce(sigla, '-'), CAST(population AS TEXT) FROM istat_comune i
         JOIN register_snapshot s ON s.id = i.snapshot WHERE s.dated = '2024-02-01' ORDER BY catastale",
    );
    assert_eq!(rows, [["063001", "Nardò & C", "NA", "40100"], ["001001", "None", "-", ""]]);
    let within = zip(&[("istat.xlsx", &book)]);
    let told = office.json(&["import", "istat", &office.write("b.zip", within), "--date", "2024-03-01"]);
    assert_eq!(told["quality"]["kept"], 2);

    let dated = format!(
        "{}{}",
        row(1, &["titolo", "misura", "data_inizio_bando", "data_fine_bando"]),
        r#"<row r="2"><c r="A2" t="inlineStr"><is><t>1.4.4 SPID CIE</t></is></c><c r="B2" t="inlineStr"><is><t>1.4.4 x</t></is></c><c r="C2" s="1"><v>44655</v></c><c r="D2" s="1"><v>44806</v></c></row>"#
    );
    office.json(&[
        "import",
        "avvisi",
        &office.write("avvisi.xlsx", xlsx(&[("A", &dated)], "<sst/>")),
        "--date",
        "2024-01-01",
    ]);
    assert_eq!(
        database::rows(&office.database(), "SELECT title, opens, closes FROM avviso"),
        [["1.4.4 SPID CIE", "2022-04-04", "2022-09-02"]]
    );
}
