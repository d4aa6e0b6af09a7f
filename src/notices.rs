//! Notices (avvisi) as data, and what may be said of their requirements; pure.
//!
//! `notices/` holds one file for each notice: its window, population bands, sums, dates and requirements, each with the
//! source of its figures. [`Notices`] is that folder, read and checked. [`decode`] reads the sum of an application back into a
//! band and a number of services; [`judge`] turns findings and register entries into a [`Verdict`](crate::model::Verdict)
//! for one requirement.

mod case;
mod decode;
mod judge;
mod lint;
mod load;
pub mod schema;
#[cfg(test)]
mod tests;

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::model::{Diagnostic, Level};

pub use case::{Assessed, Case, Known, Summary, assess};
pub use decode::{Decoded, Hint, Misfit, Reading, decode};
pub use judge::{Asked, Before, Entry, Judgement, Look, Says, Seen, Sighting, already, judge};
pub use schema::{Band, Criterion, Notice};

/// Every notice that is known, in the order of their ids.
#[derive(Debug)]
pub struct Notices {
    digest: String,
    all: Vec<Notice>,
    warnings: Vec<Diagnostic>,
}

impl Notices {
    /// The notices that are part of the binary.
    pub fn embedded() -> Result<Self, Vec<Diagnostic>> {
        Self::build(load::embedded())
    }

    /// The notices of a folder (`*.toml` directly in it), in place of those of the binary.
    pub fn from_folder(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        Self::build(load::folder(folder)?)
    }

    fn build(sources: Vec<load::Source>) -> Result<Self, Vec<Diagnostic>> {
        let mut digest = Sha256::new();
        for source in &sources {
            digest.update(source.name.as_bytes());
            digest.update([0]);
            digest.update(source.text.as_bytes());
            digest.update([0]);
        }
        let digest = format!("{:x}", digest.finalize());
        let mut files = load::parse(sources)?;
        files.sort_by(|a, b| a.notice.id.cmp(&b.notice.id));
        let (errors, warnings): (Vec<_>, Vec<_>) =
            lint::lint(&files).into_iter().partition(|diagnostic| diagnostic.level == Level::Error);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self { digest, all: files.into_iter().map(|file| file.notice).collect(), warnings })
    }

    /// SHA-256 over the names and bytes of all files, lower-case hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// All notices.
    pub fn all(&self) -> &[Notice] {
        &self.all
    }

    /// What is probably not meant in the files.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The notice of an id.
    pub fn find(&self, id: &str) -> Option<&Notice> {
        self.all.iter().find(|notice| notice.id == id)
    }

    /// The notice that a register calls by this title; case and repeated blanks do not count. No notice is guessed from a
    /// title that only resembles one: `1.4.4 ... SPID CIE` and `1.4.4 ... ANPR ANSC` resemble each other.
    pub fn of_title(&self, title: &str) -> Option<&Notice> {
        let folded = fold(title);
        self.all.iter().find(|notice| notice.titles.iter().any(|known| fold(known) == folded))
    }
}

/// A title without case and repeated blanks.
fn fold(title: &str) -> String {
    title.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}
