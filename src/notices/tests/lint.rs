use super::{
    super::{Level, Notices},
    notices,
};
use crate::model::Observable;

/// A notice without mistakes.
const GOOD: &str = r#"
id = "prova-2030"
name.it = "Prova"
name.en = "Trial"
measure = "prova"
titles = ["Avviso di prova"]
publisher = "Ente"
fund = "Fondo"
[window]
opens = "2030-01-01"
closes = "2030-02-01"
source = "x"
[sums]
kind = "known"
population.it = "ISTAT"
population.en = "ISTAT"
source = "x"
[[band]]
id = "a"
from = 0
to = 10
unit = 7
max = 3
[[band]]
id = "b"
from = 11
base = 100
unit = 9
max = 3
[[phase]]
id = "I"
share = 40
due = "2030-03-01"
source = "x"
[[phase]]
id = "II"
share = 60
due = "2030-04-01"
source = "x"
[[adjustment]]
id = "less"
share = 70
on_top = false
bands = ["a"]
what.it = "Meno"
what.en = "Less"
source = "x"
[[criterion]]
id = "login"
phase = "I"
what.it = "Accesso"
what.en = "Login"
observable = "site"
reads.site = "spid"
source = "x"
[[criterion]]
id = "services"
phase = "II"
what.it = "Servizi"
what.en = "Services"
observable = "register"
reads = { register = "appio", at_least = "paid-for" }
limit.it = "Solo il numero."
limit.en = "The number only."
source = "x"
"#;

fn load(files: &[(&str, &str)]) -> Result<Notices, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    Notices::from_folder(folder.path()).map_err(|found| {
        let mut codes: Vec<String> = found.iter().map(|one| one.code.to_owned()).collect();
        codes.dedup();
        codes
    })
}

#[test]
fn the_notices_of_the_binary_have_no_mistakes_and_no_warnings() {
    let notices = notices();
    assert!(notices.warnings().is_empty(), "{:?}", notices.warnings());
    assert_eq!(notices.all().len(), 21);
    assert_eq!(notices.digest().len(), 64);
}

#[test]
fn a_good_file_is_taken() {
    let notices = load(&[("prova.toml", GOOD)]).unwrap();
    assert_eq!(notices.all()[0].id, "prova-2030");
    assert!(notices.warnings().is_empty());
}

#[test]
fn each_mistake_has_its_code() {
    let cases = [
        ("from = 11", "from = 12", "band-gap"),
        ("from = 11", "from = 10", "band-overlap"),
        ("from = 0", "from = 1", "band-gap"),
        ("to = 10\n", "", "band-overlap"),
        ("from = 11\n", "from = 11\nto = 99\n", "band-gap"),
        ("unit = 9\nmax = 3", "unit = 9", "band-sum"),
        ("unit = 7\nmax = 3", "", "band-sum"),
        ("kind = \"known\"", "kind = \"undisclosed\"", "band-sum"),
        ("base = 100", "base = 0", "band-sum"),
        ("share = 60", "share = 50", "phases-sum"),
        ("due = \"2030-04-01\"", "due = \"2030-02-01\"", "phases-order"),
        ("share = 70", "share = 100", "bad-share"),
        ("bands = [\"a\"]", "bands = [\"z\"]", "unknown-band"),
        ("phase = \"II\"\n", "phase = \"III\"\n", "unknown-phase"),
        ("phase = \"II\"\n", "", "unknown-phase"),
        ("reads.site = \"spid\"", "reads.register = \"spid\"", "bad-reads"),
        ("reads.site = \"spid\"", "reads.site = \"appio\"", "bad-reads"),
        ("reads.site = \"spid\"", "reads.site = \"eidas\"", "bad-reads"),
        ("reads.site = \"spid\"", "reads = { site = \"spid\", at_least = 1 }", "bad-reads"),
        ("at_least = \"paid-for\"", "at_least = 0", "bad-reads"),
        ("unit = 7\nmax = 3", "base = 7", "bad-reads"),
        ("observable = \"register\"", "observable = \"nowhere\"", "bad-reads"),
        ("limit.it = \"Solo il numero.\"\nlimit.en = \"The number only.\"\n", "", "no-limit"),
        ("source = \"x\"\n[sums]", "source = \" \"\n[sums]", "no-source"),
        (
            "population.en = \"ISTAT\"\nsource = \"x\"",
            "population.en = \"ISTAT\"\nsource = \"Unverified: x\"",
            "unverified",
        ),
        ("what.en = \"Login\"", "what.en = \"\"", "empty-text"),
        ("what.en = \"Login\"", "what.en = \"Login passed\"", "outcome-word"),
        ("id = \"login\"", "id = \"services\"", "double-id"),
        ("id = \"prova-2030\"", "id = \"Prova 2030\"", "bad-id"),
        ("opens = \"2030-01-01\"", "opens = \"2030-02-02\"", "bad-window"),
        ("opens = \"2030-01-01\"", "opens = \"2030-02-30\"", "bad-file"),
        ("publisher = \"Ente\"", "publischer = \"Ente\"", "bad-file"),
        ("reads.site = \"spid\"", "reads.site = \"telegraph\"", "bad-file"),
        ("base = 100", "base = 100.001", "bad-file"),
        ("publisher = \"Ente\"", "publisher = \"Ente", "bad-file"),
    ];
    for (right, wrong, code) in cases {
        assert_eq!(GOOD.matches(right).count(), 1, "{right}: the case must change one place");
        let found = load(&[("prova.toml", &GOOD.replace(right, wrong))]).err().unwrap_or_default();
        assert!(found.iter().any(|one| one == code), "{right} -> {wrong}: {found:?}, not {code}");
    }
}

#[test]
fn a_file_takes_over_what_it_does_not_say() {
    let second = "id = \"prova-2031\"\nlike = \"prova-2030\"\ntitles = [\"Avviso di dopo\"]\n";
    let notices = load(&[("a.toml", second), ("b.toml", GOOD)]).unwrap();
    let (first, later) = (notices.find("prova-2030").unwrap(), notices.find("prova-2031").unwrap());
    assert_eq!(later.bands, first.bands);
    assert_eq!(later.titles, ["Avviso di dopo"]);
    assert_eq!(notices.of_title("avviso  DI dopo ").unwrap().id, "prova-2031");
    for (text, code) in [
        ("id = \"x\"\nlike = \"prova-2030\"\n", "double-title"),
        ("id = \"x\"\nlike = \"nobody\"\ntitles = []\n", "bad-like"),
        ("id = \"x\"\nlike = \"prova-2031\"\ntitles = []\n", "bad-like"),
        ("id = \"prova-2031\"\nlike = \"prova-2030\"\ntitles = []\n", "double-id"),
        ("id = \"x\"\nlike = \"prova-2030\"\ntitles = []\nextra = 1\n", "bad-file"),
    ] {
        let found = load(&[("a.toml", second), ("b.toml", GOOD), ("c.toml", text)]).err().unwrap_or_default();
        assert!(found.iter().any(|one| one == code), "{text}: {found:?}");
    }
}

#[test]
fn bad_folders_are_told() {
    assert_eq!(load(&[]).err().unwrap(), ["unreadable"]);
    let missing = Notices::from_folder(std::path::Path::new("/nonexistent/notices")).unwrap_err();
    assert_eq!((missing[0].code, missing[0].level), ("unreadable", Level::Error));
    let big = format!("{GOOD}#{}", "x".repeat(1 << 20));
    assert_eq!(load(&[("a.toml", &big)]).err().unwrap(), ["unreadable"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toml"), [0xff, 0xfe, 0x00]).unwrap();
    assert_eq!(Notices::from_folder(folder.path()).unwrap_err()[0].code, "unreadable");
}

#[test]
fn a_mistake_in_a_file_of_its_own_has_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toml"), "id = \"a\"\n\nname = 3\n").unwrap();
    let found = Notices::from_folder(folder.path()).unwrap_err();
    assert_eq!(found[0].place(), "a.toml:3");
}

/// What a verifier may never be told: that the site alone shows what only papers, accounts or transactions can.
#[test]
fn what_no_site_can_show_is_marked_so() {
    for (notice, criterion) in [
        ("pad2026-143-pagopa-2022-04", "one-transaction-each"),
        ("pad2026-143-pagopa-2024-06", "one-transaction-each"),
        ("fondo-innovazione-2020", "full-pagopa"),
        ("pad2026-12-cloud-2025-07", "services-moved"),
        ("pad2026-144-anpr-ansc-2025-07", "ansc-adoption"),
    ] {
        let notice = super::notice(notice);
        let criterion = notice.criteria.iter().find(|one| one.id == criterion).unwrap();
        assert_eq!(criterion.observable, Observable::Nowhere);
    }
    for notice in notices().all().iter().filter(|notice| notice.measure == "1.2" || notice.measure.ends_with("ansc")) {
        assert!(notice.criteria.iter().all(|one| one.observable == Observable::Nowhere), "{}", notice.id);
    }
}
