//! The binary as an office uses it: one database, registers imported into it.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

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
