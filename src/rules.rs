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

pub use compile::Rule;
pub use diagnostic::{Diagnostic, Level};
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

    /// Hosts that only count visitors, their subdomains included.
    pub fn trackers(&self) -> &[String] {
        &self.trackers
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
    use super::Catalogue;

    #[test]
    fn the_catalogue_of_the_binary_compiles_without_warnings() {
        let catalogue = Catalogue::embedded().unwrap_or_else(|found| {
            let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"));
        });
        assert!(catalogue.warnings().is_empty(), "{:?}", catalogue.warnings());
    }
}
