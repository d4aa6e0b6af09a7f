//! Where notices come from: compiled into the binary, or a folder that the operator names.

use std::{collections::BTreeMap, path::Path};

use super::schema::Notice;
use crate::{
    config::toml_files,
    model::{Diagnostic, line_at},
};

include!(concat!(env!("OUT_DIR"), "/notices.rs"));

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

/// The notices that are part of the binary.
pub(super) fn embedded() -> Vec<Source> {
    NOTICES.iter().map(|(name, text)| Source { name: (*name).to_owned(), text: (*text).to_owned() }).collect()
}

/// The notices of a folder, in the order of their names.
pub(super) fn folder(folder: &Path) -> Result<Vec<Source>, Vec<Diagnostic>> {
    Ok(toml_files(folder, false)?.into_iter().map(|(name, text)| Source { name, text }).collect())
}

/// A mistake at its line.
fn bad(name: &str, text: &str, fault: &toml::de::Error) -> Diagnostic {
    let line = fault.span().map(|span| line_at(text, span.start));
    Diagnostic::error("bad-file", name, fault.message()).at(line)
}

/// Reads every file, and puts what one takes over from another (`like`) into it.
pub(super) fn parse(sources: Vec<Source>) -> Result<Vec<Loaded>, Vec<Diagnostic>> {
    let (mut tables, mut found) = (Vec::new(), Vec::new());
    for Source { name, text } in sources {
        match toml::from_str::<toml::Table>(&text) {
            Ok(table) => tables.push((name, text, table)),
            Err(fault) => found.push(bad(&name, &text, &fault)),
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
            None => toml::from_str::<Notice>(&text).map_err(|fault| bad(&name, &text, &fault)),
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
        return Err(Diagnostic::error("bad-like", name, format!("like = {like}: no notice has this id")));
    };
    if base.contains_key("like") {
        return Err(Diagnostic::error("bad-like", name, format!("like = {like}: that one is itself like another")));
    }
    let mut table = base.clone();
    table.extend(own.clone());
    table.remove("like");
    table.try_into().map_err(|fault: toml::de::Error| Diagnostic::error("bad-file", name, fault.message()))
}
