//! The notices held against the open data, where somebody has put them beside the project: every sum is read back or told with
//! its reason. And the command that shows them.

#![expect(clippy::print_stdout, reason = "a measurement is shown, and what was not measured is said")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

#[path = "support/shared.rs"]
mod shared;

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use flate2::read::MultiGzDecoder;
use riscontro::{
    model::{Euro, Observable},
    notices::{Decoded, Hint, Notice, Notices, decode, schema::SumsKind},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

fn notices() -> Notices {
    Notices::embedded().unwrap_or_else(|found| panic!("{found:?}"))
}

/// The folder with the open data, where somebody has put them.
fn shared_data() -> Option<PathBuf> {
    let found = shared::folder("data", "padigitale2026-avvisi.csv");
    if found.is_none() {
        println!("no open data beside the project: nothing is measured on them");
    }
    found
}

/// An application as the open data tell it.
#[derive(Debug, Clone)]
struct Application {
    ipa: String,
    istat: String,
    title: String,
    sum: String,
    state: String,
}

/// Rows by column name. Nothing is a missing value here: `NA` is a province.
fn rows<R: std::io::Read>(from: R) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(from);
    reader.deserialize().map(Result::unwrap).collect()
}

fn applications(data: &Path, measure: &str) -> Vec<Application> {
    let path = data.join(format!("padigitale2026-candidature-{measure}-comuni.csv.gz"));
    rows(MultiGzDecoder::new(File::open(path).unwrap()))
        .into_iter()
        .map(|row| Application {
            ipa: row["codice_ipa"].to_lowercase(),
            istat: row["cod_comune"].clone(),
            title: row["avviso"].clone(),
            sum: row["importo_finanziamento"].clone(),
            state: row["stato_candidatura"].clone(),
        })
        .collect()
}

/// Residents by ISTAT code: as counted, unless that lies outside of the official class that the 1.4.1 sum tells.
fn residents(data: &Path) -> HashMap<String, u32> {
    let read = |row: HashMap<String, String>| {
        let class = row["fascia_avviso_141"].as_str();
        let lowest = match class.split_once('-') {
            Some((from, _)) => from.parse().ok(),
            None if class.starts_with("<=") => Some(1_u32),
            None => class.strip_prefix('>').and_then(|over| over.parse::<u32>().ok()).map(|over| over + 1),
        };
        let highest = class
            .split_once('-')
            .and_then(|(_, to)| to.parse().ok())
            .or(class.strip_prefix("<=").and_then(|to| to.parse().ok()));
        let counted: Option<u32> = row["popolazione"].parse().ok();
        // Counts mix years: near a bound the official class is right, inside it the count says more.
        let inside = counted.filter(|counted| {
            lowest.is_none_or(|lowest| *counted >= lowest) && highest.is_none_or(|highest: u32| *counted <= highest)
        });
        Some((row["codice_istat"].clone(), inside.or(lowest).or(counted)?))
    };
    rows(File::open(data.join("comuni.csv")).unwrap()).into_iter().filter_map(read).collect()
}

fn of<'a>(notices: &'a Notices, application: &Application) -> &'a Notice {
    notices.of_title(&application.title).unwrap_or_else(|| panic!("no notice is called `{}`", application.title))
}

#[test]
fn every_notice_for_comuni_of_the_open_data_is_there_with_its_window_and_sum() {
    let Some(data) = shared_data() else { return };
    let notices = notices();
    let mut seen = 0;
    for row in rows(File::open(data.join("padigitale2026-avvisi.csv")).unwrap()) {
        let ours = ["1.2 ", "1.4.1 ", "1.4.3 ", "1.4.4 "].iter().any(|measure| row["misura"].starts_with(measure));
        if !ours || row["soggetti_destinatari"] != "Comuni" {
            assert_eq!(notices.of_title(&row["titolo"]).map(|notice| &notice.id), None);
            continue;
        }
        let notice = notices.of_title(&row["titolo"]).unwrap_or_else(|| panic!("{} is not there", row["titolo"]));
        assert_eq!(notice.window.opens.to_string(), row["data_inizio_bando"], "{}", notice.id);
        assert_eq!(notice.window.closes.to_string(), row["data_fine_bando"], "{}", notice.id);
        let euro = notice.appropriation.as_ref().map(|one| one.euro);
        assert_eq!(euro, Euro::parse(&row["totale_importo_stanziato"]), "{}", notice.id);
        seen += 1;
    }
    assert_eq!(seen, 20);
    assert_eq!(notices.all().len(), seen + 1, "and the Fondo Innovazione");
}

#[test]
fn every_sum_of_the_open_data_is_read_back_or_told() {
    let Some(data) = shared_data() else { return };
    let (notices, residents) = (notices(), residents(&data));
    // By measure: fits, fits another band than the residents', two readings, fits none, parts not known.
    let mut counts: BTreeMap<String, [usize; 5]> = BTreeMap::new();
    let mut without_residents = 0;
    for file in ["12", "141", "143", "144"] {
        for application in applications(&data, file) {
            let notice = of(&notices, &application);
            let sum = Euro::parse(&application.sum).unwrap();
            let hint = residents.get(&application.istat).map(|residents| Hint::Residents(*residents));
            let bare = decode(notice, sum, None);
            without_residents += usize::from(matches!(bare, Decoded::Ambiguous { .. }));
            let decoded = decode(notice, sum, hint);
            let column = match &decoded {
                Decoded::Fits { agrees: Some(false), .. } => 1,
                Decoded::Fits { .. } => 0,
                Decoded::Ambiguous { .. } => 2,
                Decoded::Misfit { .. } | Decoded::Unconfirmed => 3,
                Decoded::Undisclosed => 4,
            };
            counts.entry(notice.measure.clone()).or_default()[column] += 1;
            if (1..=3).contains(&column) {
                println!("{} {} {}: {sum} euro, {hint:?}: {decoded:?}", notice.id, application.ipa, application.state);
            }
        }
    }
    println!("{counts:?}; {without_residents} sums have two readings without the number of residents");
    let of = |measure: &str| counts[measure];
    let total = |measure: &str| of(measure).iter().sum::<usize>();
    assert_eq!(
        ["1.2", "1.4.1", "1.4.3-appio", "1.4.3-pagopa", "1.4.4-spid-cie", "1.4.4-anpr-ansc"].map(total),
        [7482, 6602, 7158, 8218, 7130, 3863]
    );
    assert_eq!(of("1.2")[4], 7482);
    for measure in ["1.4.1", "1.4.3-appio", "1.4.3-pagopa", "1.4.4-spid-cie", "1.4.4-anpr-ansc"] {
        assert_eq!(of(measure)[3], 0, "{measure}: a sum fits no band");
        assert_eq!(of(measure)[4], 0, "{measure}");
    }
    assert_eq!(["1.4.1", "1.4.3-appio", "1.4.4-spid-cie", "1.4.4-anpr-ansc"].map(|measure| of(measure)[2]), [0; 4]);
    assert!(of("1.4.3-pagopa")[2] <= 1, "without its residents a comune may keep two readings: {counts:?}");
    assert!(["1.4.1", "1.4.3-appio", "1.4.3-pagopa"].iter().all(|measure| of(measure)[1] < 10), "{counts:?}");
}

/// Measure, sum in euro, state, services.
type Row = (String, u64, String, Option<u32>);

#[test]
fn the_known_cases_hold_straight_from_the_open_data() {
    let Some(data) = shared_data() else { return };
    let (notices, residents) = (notices(), residents(&data));
    let all: Vec<Application> = ["12", "141", "143", "144"].iter().flat_map(|file| applications(&data, file)).collect();
    let of_comune = |ipa: &str| {
        let mut found: Vec<Row> = all
            .iter()
            .filter(|one| one.ipa == ipa)
            .map(|one| {
                let notice = of(&notices, one);
                let sum = Euro::parse(&one.sum).unwrap();
                let hint = residents.get(&one.istat).map(|residents| Hint::Residents(*residents));
                let services = decode(notice, sum, hint).services();
                (notice.measure.clone(), sum.cents() / 100, one.state.clone(), services)
            })
            .filter(|(measure, ..)| measure != "1.4.4-anpr-ansc")
            .collect();
        found.sort();
        found
    };
    let expected = |rows: &[(&str, u64, &str, Option<u32>)]| -> Vec<Row> {
        rows.iter()
            .map(|(measure, sum, state, services)| ((*measure).into(), *sum, (*state).into(), *services))
            .collect()
    };

    let castello = of_comune("c_c745");
    assert_eq!(
        castello,
        expected(&[
            ("1.2", 241_530, "A", None),
            ("1.4.1", 280_932, "A", Some(5)),
            ("1.4.3-appio", 36_400, "A", Some(50)),
            ("1.4.3-pagopa", 43_704, "A", Some(24)),
        ])
    );
    assert_eq!(castello.iter().map(|(_, sum, ..)| sum).sum::<u64>(), 602_566);

    let seveso = of_comune("c_i709");
    assert_eq!(
        seveso,
        expected(&[
            ("1.2", 252_118, "A", None),
            ("1.4.1", 280_932, "A", Some(5)),
            ("1.4.3-appio", 29_120, "A", Some(40)),
            ("1.4.3-pagopa", 63_735, "A", Some(35)),
            ("1.4.3-pagopa", 72_840, "R", Some(40)),
            ("1.4.4-spid-cie", 14_000, "E", None),
        ])
    );
    assert_eq!(72_840 + 14_000, 86_840);

    let busto = of_comune("c_b300");
    assert!(busto.contains(&("1.4.3-appio".into(), 4_368, "A".into(), Some(6))), "{busto:?}");
    assert_eq!(
        busto.iter().filter(|(_, sum, ..)| *sum == 80_124).count(),
        2,
        "waived, and applied for again: {busto:?}"
    );

    let casoria = of_comune("c_b990");
    assert!(casoria.contains(&("1.4.3-pagopa".into(), 52_809, "A".into(), Some(29))), "{casoria:?}");
    assert!(casoria.contains(&("1.4.3-appio".into(), 31_304, "A".into(), Some(43))), "{casoria:?}");
}

#[test]
fn the_fondo_innovazione_has_its_four_bands_and_two_phases() {
    let notices = notices();
    let fondo = notices.find("fondo-innovazione-2020").unwrap();
    let bands: Vec<_> =
        fondo.bands.iter().map(|band| (band.name.as_deref().unwrap(), band.base.unwrap().cents())).collect();
    assert_eq!(bands, [("Basso", 390_000), ("Medio Basso", 795_000), ("Medio Alto", 1_185_000), ("Alto", 5_000_000)]);
    let phases: Vec<_> = fondo.phases.iter().map(|phase| (phase.share, phase.due.to_string())).collect();
    assert_eq!(phases, [(20, "2021-02-28".to_owned()), (80, "2021-12-31".to_owned())]);
    assert_eq!(fondo.window.closes.to_string(), "2021-01-15");
    let busto = Euro::parse("11850").unwrap();
    assert_eq!(decode(fondo, busto, Some(Hint::Residents(82_951))).band(), Some("medio-alto"));
    assert!(fondo.limits.iter().any(|limit| limit.what.it.contains("accordi regionali")));
}

#[test]
fn spid_and_cie_are_told_from_the_civil_status_archive() {
    let notices = notices();
    let measure = |title: &str| notices.of_title(title).map(|notice| notice.measure.as_str());
    assert_eq!(measure("1.4.4 Adozione SPID CIE  - Comuni - Aprile 2022"), Some("1.4.4-spid-cie"));
    assert_eq!(measure("1.4.4 Adozione ANPR ANSC - Comuni - luglio 2024"), Some("1.4.4-anpr-ansc"));
    assert_eq!(measure("1.4.4 Adozione identità digitale"), None);
    assert!(notices.all().iter().filter(|one| one.measure == "1.2").all(|one| one.sums.kind == SumsKind::Undisclosed));
    // Each measure that a site speaks of has something to see.
    for notice in
        notices.all().iter().filter(|notice| notice.measure.starts_with("1.4.3") || notice.measure == "1.4.4-spid-cie")
    {
        assert!(notice.criteria.iter().any(|one| one.observable != Observable::Nowhere && !one.reads.is_empty()));
    }
}

fn riscontro(arguments: &[&str]) -> Output {
    Command::new(BINARY).args(arguments).env_clear().output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn notices_are_listed_shown_and_checked_in_both_languages() {
    let list = riscontro(&["notices", "list", "--lang", "it"]);
    assert!(list.status.success());
    assert!(said(&list).contains("fondo-innovazione-2020") && said(&list).contains("21 avvisi"), "{}", said(&list));
    // The witness that every file is in the binary is the folder.
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/notices")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            assert!(said(&list).contains(path.file_stem().unwrap().to_str().unwrap()), "{}", path.display());
        }
    }
    let it = said(&riscontro(&["notices", "show", "pad2026-143-pagopa-2022-04", "--lang", "it"]));
    assert!(it.contains("1.821") && it.contains("[non osservabile]") && it.contains("[sul sito]"), "{it}");
    let en = said(&riscontro(&["notices", "show", "pad2026-143-pagopa-2022-04", "--lang", "en"]));
    assert!(en.contains("1,821") && en.contains("[not observable]") && en.contains("[on the site]"), "{en}");
    let json = said(&riscontro(&["notices", "show", "fondo-innovazione-2020", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["band"][2]["base"], 11850);
    assert_eq!(json["criterion"][2]["reads"]["at_least"], 1);
    let lines = said(&riscontro(&["notices", "list", "--format", "json"]));
    assert_eq!(lines.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count(), 21);
    assert!(riscontro(&["notices", "lint"]).status.success());

    let unknown = riscontro(&["notices", "show", "fondo", "--lang", "en"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("hint: fondo-innovazione-2020"));
}

#[test]
fn a_folder_takes_the_place_of_the_notices_of_the_binary() {
    let folder = tempfile::tempdir().unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/notices/pad2026-144-spid-cie-2022-04.toml");
    let text = std::fs::read_to_string(source).unwrap().replace("pad2026-144-spid-cie-2022-04", "mio-avviso");
    let file = folder.path().join("mio.toml");
    std::fs::write(&file, &text).unwrap();
    let folder = folder.path().to_str().unwrap();
    let list = riscontro(&["notices", "list", "--notices", folder, "--lang", "en"]);
    assert!(said(&list).contains("mio-avviso") && said(&list).contains("1 notices"), "{}", said(&list));

    std::fs::write(&file, text.replace("from = 0", "from = 5")).unwrap();
    let broken = riscontro(&["notices", "lint", "--notices", folder, "--lang", "en"]);
    assert_eq!(broken.status.code(), Some(65));
    let told = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert!(told.contains("mio.toml") && told.contains("[band-gap]"), "{told}");
}
