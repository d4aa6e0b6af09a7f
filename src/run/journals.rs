//! Where visits under way keep their answers, so that a run that is cut short need not ask for them again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::store::RunId;

/// The journals of one run: a file for each visit under way, gone when the visit is stored.
#[derive(Debug)]
pub(super) struct Journals {
    folder: Option<PathBuf>,
    prefix: String,
}

impl Journals {
    /// Those of a run. Removed is what other runs have left (one at a time is at work here, and theirs are over), and what a
    /// kill left of places that are done.
    pub(super) fn begin(folder: Option<&Path>, run: RunId, done: &[bool]) -> Self {
        let prefix = format!("run-{:06}-", run.0);
        for entry in folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let place = name.strip_prefix(&prefix).and_then(|place| place.parse::<usize>().ok());
            let open = place.is_some_and(|place| done.get(place) == Some(&false));
            if name.starts_with("run-") && !open {
                remove(&entry.path());
            }
        }
        Self { folder: folder.map(Path::to_path_buf), prefix }
    }

    /// The journal of one place of the run.
    pub(super) fn of(&self, position: usize) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(format!("{}{position:06}", self.prefix)))
    }

    /// The visit is stored.
    pub(super) fn done(&self, position: usize) {
        if let Some(path) = self.of(position) {
            remove(&path);
        }
    }

    /// The folder goes too, when it is empty.
    pub(super) fn end(&self) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// One that stays is removed by a later run, and is of no use to anybody before.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "the journal of a visit stays");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_of_no_use_any_more_goes_and_nothing_else() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let open = "run-000007-000001";
        let others = ["run-000007-000000", "run-000007-000001.new", "run-000007-000009", "run-000006-000001"];
        for name in others.iter().chain(&[open, "notes.txt"]) {
            fs::write(folder.path().join(name), "")?;
        }
        let journals = Journals::begin(Some(folder.path()), RunId(7), &[true, false]);
        let left = || -> std::io::Result<BTreeSet<_>> {
            fs::read_dir(folder.path())?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
        };
        assert_eq!(left()?, BTreeSet::from([open.to_owned(), "notes.txt".to_owned()]));
        assert_eq!(journals.of(1), Some(folder.path().join(open)));
        journals.done(1);
        journals.end();
        assert_eq!(left()?, BTreeSet::from(["notes.txt".to_owned()]));
        Ok(())
    }
}
