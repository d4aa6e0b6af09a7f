//! Where rules come from: compiled into the binary, or a folder that the operator names.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};

use super::{
    diagnostic::{Diagnostic, Level, line_at},
    schema::RuleFile,
};

include!(concat!(env!("OUT_DIR"), "/selectors.rs"));

/// Largest rule file, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

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
    let mut files = Vec::new();
    let mut found = Vec::new();
    collect(folder, "", &mut files, &mut found);
    if !found.is_empty() {
        return Err(found);
    }
    if files.is_empty() {
        return Err(vec![unreadable(&folder.display().to_string(), "no *.toml file in this folder")]);
    }
    files.sort();
    parse(files)
}

fn unreadable(file: &str, message: &str) -> Diagnostic {
    Diagnostic {
        level: Level::Error,
        code: "unreadable",
        file: file.to_owned(),
        line: 1,
        rule: None,
        message: message.to_owned(),
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>, found: &mut Vec<Diagnostic>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return found.push(unreadable(&folder.display().to_string(), &error.to_string())),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            if prefix.is_empty() {
                collect(&path, &format!("{name}/"), files, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let size = entry.metadata().map_or(0, |metadata| metadata.len());
            if size > FILE_LIMIT {
                found.push(unreadable(&name, "larger than 1 MiB"));
                continue;
            }
            match fs::read_to_string(&path) {
                Ok(source) => files.push((name, source)),
                Err(error) => found.push(unreadable(&name, &error.to_string())),
            }
        }
    }
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
        let broken = |error: &toml::de::Error| Diagnostic {
            level: Level::Error,
            code: "bad-file",
            file: name.clone(),
            line: error.span().map_or(1, |span| line_at(&source, span.start)),
            rule: None,
            message: error.message().to_owned(),
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
        found.push(unreadable("catalogue.toml", "the catalogue has no version: `version = \"...\"` is missing"));
        return Err(found);
    };
    if !found.is_empty() {
        return Err(found);
    }
    let digest = format!("{:x}", digest.finalize());
    Ok(Loaded { version, digest, files })
}
