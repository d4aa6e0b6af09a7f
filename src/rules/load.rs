//! Where rules come from: compiled into the binary, or a folder that the operator names.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::schema::RuleFile;
use crate::{
    config::toml_files,
    model::{Diagnostic, line_at},
};

include!(concat!(env!("OUT_DIR"), "/selectors.rs"));

/// One file, read.
#[derive(Debug)]
pub(super) struct LoadedFile {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) content: RuleFile,
}

/// A catalogue, read and not yet compiled.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) version: String,
    pub(super) digest: String,
    pub(super) files: Vec<LoadedFile>,
}

/// Reads the rules that are part of the binary.
pub(super) fn embedded() -> Result<Loaded, Vec<Diagnostic>> {
    parse(SELECTORS.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned())).collect())
}

/// Reads the rules of a folder: `*.toml` in it and in its sub-folders, in the order of their names.
pub(super) fn folder(folder: &Path) -> Result<Loaded, Vec<Diagnostic>> {
    parse(toml_files(folder, true)?)
}

/// The version is `catalogue.toml`'s; the digest covers the names and bytes of all files, in order.
fn parse(sources: Vec<(String, String)>) -> Result<Loaded, Vec<Diagnostic>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Header {
        version: String,
    }
    let mut digest = Sha256::new();
    let mut version = None;
    let mut files = Vec::new();
    let mut found = Vec::new();
    for (name, source) in sources {
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update(source.as_bytes());
        digest.update([0]);
        let broken = |error: &toml::de::Error| {
            let line = error.span().map_or(1, |span| line_at(&source, span.start));
            Diagnostic::error("bad-file", name.as_str(), error.message()).at(Some(line))
        };
        if name == "catalogue.toml" {
            match toml::from_str::<Header>(&source) {
                Ok(header) => version = Some(header.version),
                Err(error) => found.push(broken(&error)),
            }
            continue;
        }
        match toml::from_str::<RuleFile>(&source) {
            Ok(content) => files.push(LoadedFile { name, source, content }),
            Err(error) => found.push(broken(&error)),
        }
    }
    let Some(version) = version else {
        let message = "the catalogue has no version: `version = \"...\"` is missing";
        found.push(Diagnostic::error("unreadable", "catalogue.toml", message));
        return Err(found);
    };
    if !found.is_empty() {
        return Err(found);
    }
    let digest = format!("{:x}", digest.finalize());
    Ok(Loaded { version, digest, files })
}
