//! The rule catalogue: `selectors/` loaded, checked, compiled and run.
//!
//! A [`Catalogue`] is immutable and shared. It has a version and a digest; both go on every signal, so that a finding
//! can be judged again by the same rules. All patterns run in linear time (the engine has no backtracking) and are
//! limited in compiled size, because rules come from people and pages from strangers.

mod compile;
mod diagnostic;
mod examples;
mod fold;
mod lint;
mod load;
mod matcher;
mod providers;
pub mod schema;

use std::path::Path;

use url::Url;

pub use crate::model::{Diagnostic, Level};
pub use compile::Rule;
pub use examples::{ExampleFailure, ExampleReport};
pub use fold::fold;
pub use matcher::{Circumstances, Match};
pub use providers::SignOn;

use crate::page::{Document, metadata::Declaration};

/// A compiled catalogue.
#[derive(Debug)]
pub struct Catalogue {
    version: String,
    digest: String,
    program: compile::Program,
    trackers: Vec<String>,
    warnings: Vec<Diagnostic>,
}

impl Catalogue {
    /// The rules that are part of the binary.
    pub fn embedded() -> Result<Self, Vec<Diagnostic>> {
        Self::build(&load::embedded()?)
    }

    /// The rules of a folder, in place of those of the binary.
    pub fn from_folder(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        Self::build(&load::folder(folder)?)
    }

    fn build(loaded: &load::Loaded) -> Result<Self, Vec<Diagnostic>> {
        let findings = lint::lint(loaded);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|diagnostic| diagnostic.level == Level::Error);
        let (version, digest) = (loaded.version.clone(), loaded.digest.clone());
        let trackers =
            loaded.files.iter().flat_map(|file| &file.content.tracker).map(|tracker| tracker.host.clone()).collect();
        match compile::compile(loaded) {
            Ok(program) if errors.is_empty() => Ok(Self { version, digest, program, trackers, warnings }),
            Ok(_) => Err(errors),
            Err(mut more) => {
                more.extend(errors);
                more.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
                Err(more)
            }
        }
    }

    /// The version written in `selectors/catalogue.toml`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 over the names and bytes of all rule files, lower-case hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// True for an address of a host that only counts visitors, or of one below it.
    pub fn is_tracker(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.trackers.iter().any(|tracker| {
            host.strip_suffix(tracker.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    /// What is probably not meant in the rules.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// All rules, in the order of files and lines.
    pub fn rules(&self) -> &[Rule] {
        &self.program.rules
    }

    /// The rule of a match.
    pub fn rule(&self, found: &Match) -> &Rule {
        &self.program.rules[found.rule]
    }

    /// The rule of an id.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        self.program.rules.iter().find(|rule| rule.spec.id == id)
    }

    /// Runs all rules over a document. Returns the matches and the names of the page classes that it belongs to.
    pub fn judge(&self, document: &Document, around: Circumstances<'_>) -> (Vec<Match>, Vec<String>) {
        matcher::run(&self.program, document, around)
    }

    /// Runs the rules about redirects over an address that a server sends the citizen to.
    pub fn judge_redirect(&self, from: &Url, to: &Url) -> Vec<Match> {
        matcher::run_redirect(&self.program, from, to)
    }

    /// Runs the rules about metadata over a document that answered at `url`.
    pub fn judge_metadata(&self, url: &Url, declared: &Declaration) -> Vec<Match> {
        matcher::run_metadata(&self.program, url, declared)
    }

    /// Whether an address is a sign-on request to a known identity provider: it is never sent.
    pub fn sign_on(&self, url: &Url) -> Option<SignOn> {
        self.program.providers.recognise(url)
    }

    /// Runs the examples of every rule.
    pub fn test(&self) -> ExampleReport {
        examples::run(self)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot unwrap should fail")]

    use std::path::Path;

    use super::Catalogue;
    use crate::model::Strength;

    #[test]
    fn the_catalogue_of_the_binary_compiles_without_warnings() {
        let catalogue = Catalogue::embedded().unwrap_or_else(|found| {
            let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"));
        });
        assert!(catalogue.warnings().is_empty(), "{:?}", catalogue.warnings());
    }

    #[test]
    fn a_source_that_nobody_confirmed_proves_no_more_than_weak() {
        let rule = |strength: &str, source: &str| {
            format!(
                "[[rule]]\nid = \"a.b\"\nplatforms = [\"pagopa\"]\nproves = \"payment\"\nstrength = \"{strength}\"\n\
                 match = [{{ target = '^https?://pagamenti\\.it/' }}]\nwhy.it = \"x\"\nwhy.en = \"x\"\n\
                 source = \"{source}\"\nexamples.hit = ['<a href=\"https://pagamenti.it/\">x</a>']\n\
                 examples.miss = ['<p>x</p>']\n"
            )
        };
        let codes = |strength: &str, source: &str| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("catalogue.toml"), "version = \"1\"\n").unwrap();
            std::fs::write(folder.path().join("rules.toml"), rule(strength, source)).unwrap();
            let found = Catalogue::from_folder(folder.path()).err().unwrap_or_default();
            found.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>()
        };
        for source in ["unverified: product known", "Unverified host"] {
            assert_eq!(codes("strong", source), ["unverified"]);
            assert_eq!(codes("proof", source), ["unverified"]);
            assert_eq!(codes("weak", source), [""; 0]);
        }
        assert_eq!(codes("strong", "captured comune page, 2026"), [""; 0]);
        let catalogue = Catalogue::embedded().unwrap();
        let unverified: Vec<_> =
            catalogue.rules().iter().filter(|rule| rule.spec.source.to_lowercase().contains("unverified")).collect();
        assert!(unverified.len() >= 5, "the rows that nobody confirmed are marked");
        assert!(unverified.iter().all(|rule| rule.spec.strength <= Strength::Weak));
    }

    #[test]
    fn every_vendor_file_is_in_the_table_of_families() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("selectors");
        let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let rows: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let mut files: Vec<String> = std::fs::read_dir(folder.join("vendors"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        files.sort();
        for file in &files {
            assert_eq!(rows.iter().filter(|row| *row == file).count(), 1, "{file} stands once in selectors/README.md");
        }
        // Rows of files that are gone; the first table names the files above `vendors/`.
        let is_rules = |row: &&&str| Path::new(row).extension().is_some_and(|extension| extension == "toml");
        for row in rows.iter().filter(is_rules).filter(|row| !folder.join(row).exists()) {
            assert!(row.contains('*') || files.iter().any(|file| file == row), "{row} is no file of selectors/vendors");
        }
    }
}
