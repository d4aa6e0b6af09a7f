//! Letters into a folder, as files that any mail program opens.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::compose::short_digest;

/// A folder of letters. A letter has one name whatever happens, so that a second time writes the same file again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder, made when the first letter comes.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The name of the file of a letter.
    pub fn name(message_id: &str) -> String {
        format!("{}.eml", short_digest(message_id))
    }

    /// Writes a letter, whole or not at all, and on the disk when this returns. Gives the file.
    pub(super) fn put(&self, message_id: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.0)?;
        let path = self.0.join(Self::name(message_id));
        let part = path.with_extension("part");
        let written = (|| {
            let mut file = File::create(&part)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&part, &path)?;
            // The name is the folder's.
            File::open(&self.0)?.sync_all()
        })();
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written.map(|()| path)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_letter_is_one_file_whatever_happens() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path().join("a/b"));
        let path = folder.put("<1@x>", b"one").unwrap();
        assert_eq!(folder.put("<1@x>", b"two").unwrap(), path);
        folder.put("<../../etc/passwd@x>", b"three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        fs::write(home.path().join("file"), "").unwrap();
        assert!(Folder::new(home.path().join("file/c")).put("<1@x>", b"").is_err());
    }
}
