//! Folders of data files that an operator names in place of those of the binary: `--selectors`, `--notices`.

use std::{fs, path::Path};

use crate::model::Diagnostic;

/// Largest file, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Reads every `*.toml` of a folder, at most 1 MiB each, in the order of their names; with `nested`, those of its folders too,
/// one level deep, named `FOLDER/FILE`. An empty folder is a mistake: whoever named it meant to have something in it.
pub fn toml_files(folder: &Path, nested: bool) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
    let (mut files, mut found) = (Vec::new(), Vec::new());
    collect(folder, "", nested, &mut files, &mut found);
    if files.is_empty() && found.is_empty() {
        found.push(unreadable(&folder.display().to_string(), "no *.toml file in this folder"));
    }
    if !found.is_empty() {
        return Err(found);
    }
    files.sort();
    Ok(files)
}

fn unreadable(file: &str, message: &str) -> Diagnostic {
    Diagnostic::error("unreadable", file, message)
}

fn collect(folder: &Path, prefix: &str, nested: bool, files: &mut Vec<(String, String)>, found: &mut Vec<Diagnostic>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return found.push(unreadable(&folder.display().to_string(), &error.to_string())),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            if nested {
                collect(&path, &format!("{name}/"), false, files, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            if entry.metadata().map_or(0, |metadata| metadata.len()) > FILE_LIMIT {
                found.push(unreadable(&name, "larger than 1 MiB"));
                continue;
            }
            match fs::read_to_string(&path) {
                Ok(text) => files.push((name, text)),
                Err(error) => found.push(unreadable(&name, &error.to_string())),
            }
        }
    }
}
