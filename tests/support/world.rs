//! Five made-up comuni with registers that name them, applications and websites: the world in which verdicts and reports are
//! tested.

use std::{collections::BTreeMap, path::PathBuf};

use jiff::{ToSpan as _, tz::TimeZone};
use riscontro::clock::{Clock as _, SystemClock};
use serde_json::Value;

use super::{
    Comune, Riscontro, Web,
    comuni::{
        self,
        markup::{cie_button, home, login_link, login_page, own_site, password_page, spid_button},
    },
    run::Ended,
};

/// The notice on SPID and CIE.
pub const SPID_CIE: &str = "pad2026-144-spid-cie-2022-04";
/// The notice on App IO.
pub const APP_IO: &str = "pad2026-143-appio-2022-04";

/// A day so many days ago, UTC.
pub fn ago(days: i64) -> String {
    let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
    today.checked_sub(days.days()).unwrap().to_string()
}

/// Both logins; none at all on a page that was read; waived; both and no application; an application and no address.
pub const NAMES: [&str; 5] = ["Ala", "Bela", "Cela", "Dela", "Ela"];

/// Comuni of these names and their websites: one named Bela has no way in on a login page that is read, the others have both.
pub fn country(names: &[&'static str]) -> (Vec<Comune>, Web) {
    let comuni: Vec<Comune> =
        (1..).zip(names).map(|(number, name)| Comune::new(number, name, "to", "Piemonte")).collect();
    let web = websites(&comuni, &["Bela"]);
    (comuni, web)
}

/// Their websites; those of the names in `without` have no way in on a login page that is read, the others have both.
fn websites(comuni: &[Comune], without: &[&str]) -> Web {
    let site = |comune: &Comune| {
        let page = match comune.name {
            name if without.contains(&name) => password_page(comune, ""),
            _ => login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login")),
        };
        comuni::login::endpoints(own_site(comune))
            .page("/", home(comune, &login_link("/accedi"), ""))
            .page("/accedi", page)
    };
    Web::of(comuni.iter().map(site))
}

/// The world.
#[derive(Debug)]
pub struct World {
    /// The comuni.
    pub comuni: Vec<Comune>,
    /// Their websites.
    pub web: Web,
    /// The binary.
    pub riscontro: Riscontro,
    /// The address of its database.
    pub db: String,
}

impl World {
    /// With nothing imported yet.
    pub fn new(binary: &str) -> Self {
        let (comuni, web) = country(&NAMES);
        let riscontro = Riscontro::new(binary, &web);
        let db = riscontro.database("a.db");
        Self { comuni, web, riscontro, db }
    }

    /// The same world with other websites: those of the names in `without` have no way in.
    pub fn with_ways_in(self, without: &[&str]) -> Self {
        let web = websites(&self.comuni, without);
        let flags = web.flags();
        let kept = self.riscontro.network_flags().iter().skip(flags.len());
        let flags: Vec<String> = flags.iter().chain(kept).cloned().collect();
        Self { riscontro: self.riscontro.network(flags), web, ..self }
    }

    /// The file of its database.
    pub fn file(&self) -> PathBuf {
        self.riscontro.path("a.db")
    }

    /// A command that visits, on its database, in Italian.
    #[track_caller]
    pub fn visiting(&self, arguments: &[&str]) -> Ended {
        self.riscontro.run(&[arguments, &["--db", &self.db, "--lang", "it"]].concat())
    }

    /// A command on its database, in Italian when no other language is asked for.
    #[track_caller]
    pub fn local(&self, arguments: &[&str]) -> Ended {
        let lang: &[&str] = if arguments.contains(&"--lang") { &[] } else { &["--lang", "it"] };
        self.riscontro.local(&[arguments, &["--db", &self.db], lang].concat())
    }

    /// Imports a register.
    #[track_caller]
    pub fn import(&self, register: &str, name: &str, text: &str, date: &str) {
        let path = self.riscontro.path(name);
        std::fs::write(&path, text).unwrap();
        self.local(&["import", register, path.to_str().unwrap(), "--date", date]).assert_code(0);
    }

    /// All registers as of ten days ago.
    pub fn registers(&self) {
        let day = ago(10);
        let each = |head: &str, row: &dyn Fn(&Comune) -> String| -> String {
            self.comuni.iter().fold(head.to_owned(), |all, comune| all + &row(comune) + "\n")
        };
        let istat = each("codice_istat,denominazione,codice_catastale,sigla_provincia,regione,popolazione\n", &|one| {
            format!("{},{},{},TO,Piemonte,{}", one.istat(), one.name, one.catastale(), one.population)
        });
        self.import("istat", "istat.csv", &istat, &day);
        let ipa = each(
            "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Codice_comune_ISTAT,Sito_istituzionale\n",
            &|one| {
                let site = if one.name == "Ela" { String::new() } else { one.host() };
                format!("{},Comune di {},{},L6,{},{site}", one.ipa(), one.name, one.fiscale(), one.istat())
            },
        );
        self.import("ipa", "ipa.csv", &ipa, &day);
        let head = "codice_ipa,tipologia_ente,comune,cod_comune,importo_finanziamento,avviso,data_finanziamento,codice_cup,stato_candidatura,data_stato_candidatura,misura\n";
        let spid = each(head, &|one| {
            let (state, since) = match one.name {
                "Ala" => ("E", "2025-03-01"),
                "Cela" => ("R", "2023-05-01"),
                "Dela" => return String::new(),
                _ => ("A", "2022-08-02"),
            };
            format!(
                "{},Comuni,{},{},14000.0,1.4.4 Adozione SPID CIE  - Comuni - Aprile 2022,2022-08-02,SPID{},{state},{since},1.4.4 Adozione",
                one.ipa(),
                one.name,
                one.istat(),
                one.number
            )
        });
        self.import("candidature", "144.csv", &spid.replace("\n\n", "\n"), &day);
        // 729 euro are three services of a small comune; 100 euro fit nothing.
        let app = each(head, &|one| {
            let sum = match one.name {
                "Ala" | "Bela" => "729.0",
                "Ela" => "100.0",
                _ => return String::new(),
            };
            format!(
                "{},Comuni,{},{},{sum},1.4.3 - app IO - Comuni - Aprile 2022,2022-08-12,APP{},A,2022-08-12,1.4.3 Adozione",
                one.ipa(),
                one.name,
                one.istat(),
                one.number
            )
        });
        self.import("candidature", "143.csv", &app.replace("\n\n\n", "\n").replace("\n\n", "\n"), &day);
        let of = |name: &str| self.comuni.iter().find(|one| one.name == name).unwrap().fiscale();
        // Ids are unique over the whole register.
        let services = |of: &str, count: usize| -> Vec<Value> {
            (0..count).map(|at| serde_json::json!({"i": format!("{of}{at}"), "n": format!("Servizio {at}")})).collect()
        };
        let appio = serde_json::json!([
            {"o": "Ala", "fc": of("Ala"), "s": services("Ala", 3)},
            {"o": "Bela", "fc": of("Bela"), "s": services("Bela", 2)},
        ]);
        // A handful of bodies is an extract for the reader: what is not listed stays unknown.
        self.import("appio", "appio.json", &appio.to_string(), &day);
    }

    /// Verdicts by name of the comune.
    #[track_caller]
    pub fn verdicts(&self, arguments: &[&str]) -> BTreeMap<String, Value> {
        let ended = self.local(&[&["verdicts", "--format", "jsonl"], arguments].concat());
        ended.assert_code(0);
        let lines = ended.json_lines();
        let schema = serde_json::from_str(include_str!("../../docs/verdict.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        for line in &lines {
            let errors: Vec<String> = schema.iter_errors(line).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{line}");
        }
        lines.into_iter().map(|line| (line["comune"]["name"].as_str().unwrap().to_owned(), line)).collect()
    }
}
