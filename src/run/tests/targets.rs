//! Lists as people keep them.

#[path = "../../../tests/support/shared.rs"]
mod shared;

use std::path::Path;

use crate::model::Comune;

use super::super::*;

fn parse(text: &str) -> TargetList {
    parse_targets(Path::new("list.csv"), text.as_bytes()).unwrap()
}

fn fails(bytes: &[u8]) -> String {
    parse_targets(Path::new("list.csv"), bytes).unwrap_err().to_string()
}

fn addresses(list: &TargetList) -> Vec<&str> {
    list.targets.iter().map(|target| target.url.as_str()).collect()
}

fn problems(list: &TargetList) -> Vec<(u64, &str, bool)> {
    list.problems.iter().map(|problem| (problem.line, problem.reason.code(), problem.kept)).collect()
}

#[test]
fn our_own_format() {
    let list = parse(
        "codice_ipa,name,url,population,region\n\
         C_B300,Comune di Busto Prova,www.comune.bustoprova.va.it,83.849,Lombardia\n\
         3PS17TYB,\"Comune di \"\"Prova\"\", Isola\",https://comune.prova.tp.it/home,,Sicilia\n",
    );
    assert_eq!(problems(&list), []);
    assert_eq!(addresses(&list), ["https://www.comune.bustoprova.va.it/", "https://comune.prova.tp.it/home"]);
    assert_eq!(
        list.targets[0].comune,
        Comune {
            name: Some("Comune di Busto Prova".to_owned()),
            codice_ipa: Some("c_b300".to_owned()),
            codice_catastale: Some("B300".to_owned()),
            population: Some(83_849),
            region: Some("Lombardia".to_owned()),
            ..Comune::default()
        }
    );
    assert!(list.targets[0].scheme_guessed && !list.targets[1].scheme_guessed);
    assert_eq!(list.targets[1].comune.name.as_deref(), Some("Comune di \"Prova\", Isola"));
    assert_eq!(list.targets[1].comune.codice_catastale, None);
}

#[test]
fn other_delimiters_orders_and_names() {
    for delimiter in [",", ";", "\t"] {
        let text = [
            [
                "Regione",
                "Sito_istituzionale",
                "Codice_catastale_comune",
                "Denominazione ente",
                "x",
                "Codice_fiscale_ente",
                "codice_comune_istat",
            ],
            ["Umbria", "comune.prova.pg.it", "c745", "Prova", "?", "372420547", "54013"],
        ]
        .map(|row| row.join(delimiter))
        .join("\r\n");
        let list = parse(&text);
        assert_eq!(addresses(&list), ["https://comune.prova.pg.it/"]);
        let comune = &list.targets[0].comune;
        assert_eq!(comune.codice_catastale.as_deref(), Some("C745"));
        assert_eq!(comune.codice_fiscale.as_deref(), Some("00372420547"), "zeros that a spreadsheet took away");
        assert_eq!(comune.codice_istat.as_deref(), Some("054013"));
        assert_eq!(comune.name.as_deref(), Some("Prova"));
    }
}

#[test]
fn the_second_best_column_fills_in() {
    let list = parse("sito_istituzionale;domain_used\nnull;uno.it\ndue.it;pec.due.it\n;\n");
    assert_eq!(addresses(&list), ["https://uno.it/", "https://due.it/"]);
    assert_eq!(problems(&list), []);
}

#[test]
fn one_address_a_line() {
    let list =
        parse("https://www.comune.uno.it/a,b;c\n\n  comune.due.it  \n\"www.comune.tre.it\"\nsegreteria@example.com\n");
    assert_eq!(
        addresses(&list),
        ["https://www.comune.uno.it/a,b;c", "https://comune.due.it/", "https://www.comune.tre.it/"]
    );
    assert_eq!(problems(&list), [(5, "email", false)]);
    let list = parse("url\nhttps://www.comune.uno.it/a,b\n");
    assert_eq!(addresses(&list), ["https://www.comune.uno.it/a,b"]);
}

#[test]
fn bad_rows_are_reported_and_the_rest_goes_on() {
    let list = parse(
        "codice_ipa,name,url,population,region\n\
         c_a001,Uno,https://uno.example.it,100,Veneto\n\
         c_a002,Due,,100,Veneto\n\
         c_a003,Tre,segreteria@example.it,100,Veneto\n\
         c_a004,Quattro,ftp://quattro.example.it,100,Veneto\n\
         c_a005,Cinque\n\
         c_a006,Sei,https://sei.example.it,molti,Veneto\n\
         c_a007,Sette,UNO.example.it,100,Veneto\n\
         c_a008,Otto, Marittimo,https://otto.example.it,100,Veneto\n\
         c_a009,\"Nove,https://nove.example.it,100,Veneto\n\
         ,,,,\n\
         c_a010,Dieci,https://dieci.example.it,-5,Veneto,,\n\
         c_a011,Undici,non ha sito,1,Veneto\n\
         c_a012,Dodici \"la Bella\",https://dodici.example.it\n",
    );
    assert_eq!(
        addresses(&list),
        [
            "https://uno.example.it/",
            "https://sei.example.it/",
            "https://dieci.example.it/",
            "https://dodici.example.it/"
        ]
    );
    assert_eq!(
        problems(&list),
        [
            (3, "no-address", false),
            (4, "email", false),
            (5, "scheme", false),
            (6, "too-few-columns", false),
            (7, "population", true),
            (8, "duplicate", false),
            (9, "too-many-columns", false),
            (10, "open-quote", false),
            (12, "population", true),
            (13, "not-an-address", false),
        ]
    );
    assert_eq!(list.skipped, 8);
    assert_eq!(list.problems[5].reason, RowReason::Duplicate { line: 2 });
    assert!(list.problems[1].text.contains("segreteria@"));
    for problem in &list.problems {
        assert_ne!(problem.reason.to_string(), problem.reason.italian());
    }
}

#[test]
fn a_comune_comes_before_an_agency_on_its_site() {
    let list = parse(
        "codice_ipa,name,url\nfarm_x,Farmacia,www.comune.prova.si.it\nc_g752,Comune,https://www.comune.prova.si.it/\n\
         c_zzz,Casa,comune.altro.it\n",
    );
    assert_eq!(list.targets.len(), 2);
    assert_eq!(list.targets[0].comune.codice_ipa.as_deref(), Some("c_g752"));
    assert_eq!(problems(&list), [(2, "duplicate", false)]);
    assert_eq!(list.problems[0].reason, RowReason::Duplicate { line: 3 });
}

#[test]
fn encodings() {
    let text = "name;url\nForlì così è;www.comune.prova.it\n";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let latin = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [text.as_bytes().to_vec(), marked, latin, utf16] {
        let list = parse_targets(Path::new("x"), &bytes).unwrap();
        assert_eq!(list.targets[0].comune.name.as_deref(), Some("Forlì così è"));
    }
}

#[test]
fn quoted_cells_span_lines_and_lines_are_counted() {
    let list = parse(
        "url,\"nome\r\ndel comune\",name\r\nuno.it,x,\"Uno\r\nsu due righe\"\r\n\r\nfoo bar,x,Due\r\ntre.it,x,Tre",
    );
    assert_eq!(addresses(&list), ["https://uno.it/", "https://tre.it/"]);
    assert_eq!(list.targets[0].comune.name.as_deref(), Some("Uno\r\nsu due righe"));
    assert_eq!(problems(&list), [(6, "not-an-address", false)]);
}

#[test]
fn long_rows_and_stray_quotes_cost_one_row() {
    let long = "x".repeat(70_000);
    let stray = "\"mai chiuso,y\n".to_owned() + &"uno.it,a\n".repeat(3);
    let list = parse(&format!("url,name\n{long},a\ndue.it,b\n{stray}\"tre.it\",\"c\"\n"));
    assert_eq!(addresses(&list), ["https://due.it/", "https://uno.it/", "https://tre.it/"]);
    assert_eq!(
        problems(&list),
        [(2, "row-too-long", false), (4, "open-quote", false), (6, "duplicate", false), (7, "duplicate", false)]
    );
    assert!(list.problems[0].text.chars().count() <= 81);
}

#[test]
fn many_bad_rows_are_counted_and_not_all_kept() {
    let list = parse(&format!("url\nuno.it\n{}", "niente\n".repeat(5_000)));
    assert_eq!((list.targets.len(), list.problems.len(), list.skipped), (1, 1_000, 5_000));
}

#[test]
fn files_that_are_no_list() {
    assert!(fails(b"").contains("list.csv: no row"));
    assert!(fails(b"\n  \n\r\n").contains("no row"));
    assert!(fails(b"url\n").contains("no row"));
    assert!(fails(b"PK\x03\x04\0\0").contains("not a text file"));
    let error = fails(b"\nnome,indirizzo\nUno,via Roma\n");
    assert!(error.contains("line 2") && error.contains("nome, indirizzo"), "{error}");
    assert!(fails(b"www.comune.prova.it,Prova\n").contains("no column"));
    let many = (0..100_002).map(|number| format!("c{number}.it")).collect::<Vec<_>>().join("\n");
    assert!(fails(many.as_bytes()).contains("100,000"));
    let missing = read_targets(Path::new("/nowhere/list.csv")).unwrap_err();
    assert!(matches!(missing, TargetsError::Read { .. }));
    assert!(missing.to_string().starts_with("/nowhere/list.csv: "));
    assert!(matches!(read_targets(Path::new("/")).unwrap_err(), TargetsError::Read { .. }));
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that looks at nothing must say so")]
fn the_public_registers_are_read_whole() {
    let Some(data) = shared::folder("data", "ipa-comuni-domini-2026.csv") else {
        eprintln!("SKIPPED: no ../shared and no RISCONTRO_SHARED: the public registers are not here");
        return;
    };
    let list = read_targets(&data.join("ipa-comuni-domini-2026.csv")).unwrap();
    assert_eq!(list.targets.len() + list.skipped, 8_008);
    assert!(list.problems.iter().all(|problem| problem.reason.code() == "duplicate"), "{:?}", problems(&list));
    let names = list.targets.iter().filter(|target| target.comune.name.is_some()).count();
    assert_eq!(names, list.targets.len());
    let comuni = list.targets.iter().filter(|target| target.comune.codice_catastale.is_some()).count();
    assert!(comuni > 7_690, "{comuni}");

    let list = read_targets(&data.join("ipa-amministrazioni-comuni-2018.tsv")).unwrap();
    assert_eq!(list.targets.len() + list.skipped, 8_111);
    let other: Vec<_> = list
        .problems
        .iter()
        .filter(|problem| !matches!(problem.reason.code(), "duplicate" | "no-address"))
        .map(|problem| (problem.reason.code(), problem.text.as_str()))
        .collect();
    assert_eq!(other.len(), 2, "two e-mail addresses: {other:?}");
}
