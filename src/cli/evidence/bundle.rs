//! Files to a folder or a ZIP that appears whole or not at all. The same files give the same bytes.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::Offset};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{
    cli::{Context, Exit, Failure},
    report::casefile::FileEntry,
};

/// Files that are put together, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    files: Vec<(String, Vec<u8>)>,
}

/// What is removed when this goes before it was put in its place.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = if self.0.is_dir() { fs::remove_dir_all(&self.0) } else { fs::remove_file(&self.0) };
    }
}

impl Bundle {
    /// Adds a file. Paths are ours: relative, with slashes, never what a page says.
    pub(super) fn add(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.files.push((path.to_owned(), content.into()));
    }

    /// What has been added so far.
    pub(super) fn entries(&self) -> Vec<FileEntry> {
        self.files.iter().map(|(path, content)| FileEntry::of(path, content)).collect()
    }

    /// True for a name that asks for one file.
    pub(super) fn is_file(target: &Path) -> bool {
        target.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip") || end.eq_ignore_ascii_case("wacz"))
    }

    /// Whether the target may be written: there is nothing yet, or it may be replaced.
    pub(super) fn may_write(target: &Path, force: bool, context: &Context) -> Result<(), Failure> {
        let lang = context.lang();
        let Ok(there) = fs::symlink_metadata(target) else { return Ok(()) };
        let refuse = |why: &str, hint: &str| {
            let failure = Failure::new(Exit::CannotCreate, lang.pick("fascicolo", "case file"));
            Err(failure.at(target.display().to_string()).because(why).hint(hint))
        };
        if !force {
            let why = lang.pick("esiste già", "it exists already");
            return refuse(why, lang.pick("`--force` lo sostituisce", "`--force` replaces it"));
        }
        // A folder goes with all that is in it: only one of ours may.
        let ours = || {
            let text = fs::read_to_string(target.join("manifest.json")).unwrap_or_default();
            text.contains("\"riscontro.casefile/")
                || fs::read_dir(target).is_ok_and(|mut inside| inside.next().is_none())
        };
        if Self::is_file(target) != there.is_file() || (there.is_dir() && !ours()) {
            let why = lang.pick("non è un fascicolo", "it is no case file");
            return refuse(why, lang.pick("indicate un altro nome", "give another name"));
        }
        Ok(())
    }

    /// Writes everything. `at` is the time that the files in a ZIP bear: that of what they hold.
    pub(super) fn write(&self, target: &Path, at: Timestamp, context: &Context) -> Result<u64, Failure> {
        let lang = context.lang();
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let fail = |error: io::Error| Failure::unwritable(target.display().to_string(), &error, lang);
        if Self::is_file(target) {
            let mut file = File::create_new(&part).map_err(|error| Failure::uncreatable(&part, &error, lang))?;
            let part = Part(part);
            let zip = self.zipped(at).map_err(fail)?;
            file.write_all(&zip).and_then(|()| file.sync_all()).map_err(fail)?;
            fs::rename(&part.0, target).map_err(fail)?;
            return Ok(zip.len() as u64);
        }
        fs::create_dir(&part).map_err(|error| Failure::uncreatable(&part, &error, lang))?;
        let part = Part(part);
        let bytes = self.lay_out(&part.0).map_err(fail)?;
        // Checked before: a case file, or an empty folder.
        if target.is_dir() {
            fs::remove_dir_all(target).map_err(fail)?;
        }
        fs::rename(&part.0, target).map_err(fail)?;
        Ok(bytes)
    }

    fn lay_out(&self, folder: &Path) -> io::Result<u64> {
        let mut bytes = 0;
        for (path, content) in &self.files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let mut file = File::create_new(&path)?;
            file.write_all(content)?;
            file.sync_all()?;
            bytes += content.len() as u64;
        }
        Ok(bytes)
    }

    fn zipped(&self, at: Timestamp) -> io::Result<Vec<u8>> {
        let date = Offset::UTC.to_datetime(at);
        let part = |value: i8| u8::try_from(value).unwrap_or_default();
        let year = u16::try_from(date.year()).unwrap_or_default();
        let (month, day) = (part(date.month()), part(date.day()));
        let (hour, minute, second) = (part(date.hour()), part(date.minute()), part(date.second()));
        // Years that a ZIP cannot say become its first one.
        let date = DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap_or_default();
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        for (path, content) in &self.files {
            // Records and indexes are read in place by other programs, and compressed already.
            let packed = [".gz", ".png"].iter().any(|end| path.ends_with(end));
            let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            let options = SimpleFileOptions::default()
                .compression_method(method)
                .last_modified_time(date)
                .unix_permissions(0o644);
            zip.start_file(path.as_str(), options)?;
            zip.write_all(content)?;
        }
        Ok(zip.finish()?.into_inner())
    }
}
