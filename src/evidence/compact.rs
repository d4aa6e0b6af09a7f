//! A file written anew with some of its records: the bytes of each are as they were, so its link holds.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use super::writer::WriteError;

/// Writes the records at these places (offset and length, in order) of one file of a folder into another, flushed to the disk,
/// and says how long that is. The other must not be known to the store yet; what a crash left of it is written over.
pub fn compact(folder: &Path, from: &str, to: &str, records: &[(u64, u64)]) -> Result<u64, WriteError> {
    let (from, to) = (folder.join(from), folder.join(to));
    let mut source = File::open(&from).map_err(|source| WriteError { path: from.clone(), source })?;
    let fail = |source| WriteError { path: to.clone(), source };
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&to).map_err(fail)?;
    let mut written = 0;
    for (offset, length) in records {
        let mut copy = || {
            source.seek(SeekFrom::Start(*offset))?;
            let copied = io::copy(&mut (&mut source).take(*length), &mut file)?;
            if copied == *length { Ok(copied) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        };
        written += copy().map_err(fail)?;
    }
    file.flush().and_then(|()| file.sync_all()).map_err(fail)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fail)?;
    Ok(written)
}

/// Removes the files of a folder that look like evidence and are not among those that there should be: what a cut has left
/// of letting go. Says which.
pub fn remove_others(folder: &Path, known: &[String]) -> Result<Vec<String>, WriteError> {
    let fail = |source| WriteError { path: folder.to_path_buf(), source };
    let mut removed = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(removed),
        Err(error) => return Err(fail(error)),
    };
    for entry in entries {
        let name = entry.map_err(fail)?.file_name().to_string_lossy().into_owned();
        let ours = name.starts_with("run-") || name.starts_with("check-");
        if ours && name.ends_with(".warc.gz") && !known.contains(&name) {
            let path = folder.join(&name);
            fs::remove_file(&path).map_err(|source| WriteError { path, source })?;
            removed.push(name);
        }
    }
    removed.sort();
    Ok(removed)
}
