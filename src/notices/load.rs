//! Where notices come from: compiled into the binary, or a folder that the operator names.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    diagnostic::{Diagnostic, Level},
    schema::Notice,
};

include!(concat!(env!("OUT_DIR"), "/notices.rs"));

/// Largest file, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// One file, as it is.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

/// One file, read, with what it takes over put in.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) name: String,
    pub(super) notice: Notice,
}

pub(super) fn error(code: &'static str, file: &str, line: Option<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic { level: Level::Error, code, file: file.to_owned(), line, message: message.into() }
}

/// The notices that are part of the binary.
pub(super) fn embedded() -> Vec<Source> {
    NOTICES.iter().map(|(name, text)| Source { name: (*name).to_owned(), text: (*text).to_owned() }).collect()
}

/// The notices of a folder, in the order of their names.
pub(super) fn folder(folder: &Path) -> Result<Vec<Source>, Vec<Diagnostic>> {
    let shown = folder.display().to_string();
    let unreadable = |name: &str, message: String| error("unreadable", name, None, message);
    let entries = fs::read_dir(folder).map_err(|fault| vec![unreadable(&shown, fault.to_string())])?;
    let (mut files, mut found) = (Vec::new(), Vec::new());
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() || path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.metadata().map_or(0, |metadata| metadata.len()) > FILE_LIMIT {
            found.push(unreadable(&name, "larger than 1 MiB".to_owned()));
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(text) => files.push(Source { name, text }),
            Err(fault) => found.push(unreadable(&name, fault.to_string())),
        }
    }
    if files.is_empty() && found.is_empty() {
        found.push(unreadable(&shown, "no *.toml file in this folder".to_owned()));
    }
    if !found.is_empty() {
        return Err(found);
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// The line (from 1) of a mistake.
fn line(text: &str, fault: &toml::de::Error) -> Option<usize> {
    let start = fault.span()?.start.min(text.len());
    Some(text.get(..start)?.matches('\n').count() + 1)
}

/// Reads every file, and puts what one takes over from another (`like`) into it.
pub(super) fn parse(sources: Vec<Source>) -> Result<Vec<Loaded>, Vec<Diagnostic>> {
    let (mut tables, mut found) = (Vec::new(), Vec::new());
    for Source { name, text } in sources {
        match toml::from_str::<toml::Table>(&text) {
            Ok(table) => tables.push((name, text, table)),
            Err(fault) => found.push(error("bad-file", &name, line(&text, &fault), fault.message())),
        }
    }
    let by_id: BTreeMap<String, toml::Table> = tables
        .iter()
        .filter_map(|(_, _, table)| Some((table.get("id")?.as_str()?.to_owned(), table.clone())))
        .collect();
    let mut files = Vec::new();
    for (name, text, own) in tables {
        let read = match own.get("like") {
            // From the text, as only that knows lines.
            None => toml::from_str::<Notice>(&text)
                .map_err(|fault| error("bad-file", &name, line(&text, &fault), fault.message())),
            Some(like) => merged(&name, like, &own, &by_id),
        };
        match read {
            Ok(notice) => files.push(Loaded { name, notice }),
            Err(fault) => found.push(fault),
        }
    }
    if found.is_empty() { Ok(files) } else { Err(found) }
}

/// The file's own keys over those of the notice that it is like. One step only: whoever reads a file has one other to open.
fn merged(
    name: &str,
    like: &toml::Value,
    own: &toml::Table,
    by_id: &BTreeMap<String, toml::Table>,
) -> Result<Notice, Diagnostic> {
    let Some(base) = like.as_str().and_then(|id| by_id.get(id)) else {
        return Err(error("bad-like", name, None, format!("like = {like}: no notice has this id")));
    };
    if base.contains_key("like") {
        return Err(error("bad-like", name, None, format!("like = {like}: that one is itself like another")));
    }
    let mut table = base.clone();
    table.extend(own.clone());
    table.remove("like");
    table.try_into().map_err(|fault: toml::de::Error| error("bad-file", name, None, fault.message()))
}
