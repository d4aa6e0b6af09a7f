//! The binary as an office uses it: one database, registers imported into it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::{made_up, shared};

/// A database of the test's own, and the binary on it.
#[derive(Debug)]
pub struct Office {
    binary: PathBuf,
    /// Where its files are.
    pub folder: tempfile::TempDir,
}

impl Office {
    /// An empty one for this binary.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        Self { binary: binary.into(), folder: tempfile::tempdir().unwrap() }
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("r.db")
    }

    /// Exit code, standard output and standard error of a command, in Italian.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run_in("it", arguments)
    }

    /// The same in a language.
    pub fn run_in(&self, lang: &str, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(&self.binary)
            .args(["--db", &format!("sqlite://{}", self.database().display()), "--lang", lang, "-q"])
            .args(arguments)
            .env_clear()
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// What a command prints as JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let (code, out, err) = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(code, 0, "{arguments:?}: {err}");
        serde_json::from_str(&out).unwrap()
    }

    /// A file in the office's folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// One file: register, path, date.
pub type Input = (&'static str, PathBuf, &'static str);

/// Registers of the whole country: the real ones where they lie beside the project (true), else made up in a folder.
pub fn national(folder: &Path, made_up_only: bool) -> std::io::Result<(Vec<Input>, bool)> {
    let real = if made_up_only { None } else { shared::folder("data", "padigitale2026-avvisi.csv") };
    match real {
        Some(real) => {
            Ok((REAL.iter().map(|(register, file, date)| (*register, real.join(file), *date)).collect(), true))
        }
        None => made_up::registers(folder).map(|inputs| (inputs, false)),
    }
}

/// The real registers: which one, file, date.
pub const REAL: [(&str, &str, &str); 15] = [
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
