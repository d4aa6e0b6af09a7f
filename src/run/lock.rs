//! One run per database at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use crate::store::{Held, Hold, Right, Store, StoreError};

/// Why the lock was not given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another run is at work on this database. The command ends with exit code 75 (`EX_TEMPFAIL` of sysexits).
    #[error("{at}: another run is at work on this database{}", holder.as_deref().map(|holder| format!(" ({holder})")).unwrap_or_default())]
    Held {
        /// The lock file, or the database on its server.
        at: String,
        /// What the other run wrote about itself: process id and start.
        holder: Option<String>,
    },
    /// The server could not be asked.
    #[error(transparent)]
    Server(#[from] StoreError),
    /// The lock file could not be made or locked.
    #[error("{}: cannot take the lock: {source}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The right to run on one database, for as long as it lives.
///
/// For a file it is a lock of the system on `DB.lock` beside it: it goes with the process, however that ends, so nothing has
/// to be cleaned up after a kill. The file stays; what is written in it is for people, and proves nothing. On a server it is a
/// lock of a session, which goes with the connection.
#[derive(Debug)]
pub struct RunLock {
    _held: Either,
}

#[derive(Debug)]
#[expect(dead_code, reason = "held, not read")]
enum Either {
    File(File),
    Server(Hold),
}

impl RunLock {
    /// Takes the lock of a database at once, or says who has it. Never waits for another run.
    pub async fn acquire(store: &Store) -> Result<Self, LockError> {
        Self::take(store, Right::Run).await
    }

    /// The same for another right: each has a lock of its own.
    pub async fn take(store: &Store, right: Right) -> Result<Self, LockError> {
        let now = store.clock().now();
        let held = match store.hold(right, now).await? {
            Held::File(file) => Either::File(lock_file(&file, right, now)?),
            Held::Ours(hold) => Either::Server(hold),
            Held::Others(holder) => return Err(LockError::Held { at: store.name().to_owned(), holder }),
        };
        Ok(Self { _held: held })
    }
}

/// The folder of the database must exist.
fn lock_file(database: &Path, right: Right, now: Timestamp) -> Result<File, LockError> {
    let path = lock_path(database, right);
    let fail = |source| LockError::Io { path: path.clone(), source };
    // Not truncated on opening: until the lock is ours, the content is another run's.
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Read for the message only; 200 bytes are more than we ever write.
            let read = (&file).take(200).read_to_string(&mut holder);
            let holder = holder.trim();
            let holder =
                (read.is_ok() && !holder.is_empty() && !holder.contains(char::is_control)).then(|| holder.to_owned());
            return Err(LockError::Held { at: path.display().to_string(), holder });
        }
        Err(TryLockError::Error(source)) => return Err(fail(source)),
    }
    let content = format!("process {}, since {now:.0}\n", std::process::id());
    file.set_len(0).map_err(fail)?;
    file.rewind().map_err(fail)?;
    file.write_all(content.as_bytes()).map_err(fail)?;
    Ok(file)
}

/// `DB.lock` beside the real file: a database reached through a link has the same lock.
fn lock_path(database: &Path, right: Right) -> PathBuf {
    let database = database.canonicalize().unwrap_or_else(|_| database.to_path_buf());
    let mut name = database.into_os_string();
    name.push(right.ending());
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T02:00:00.5Z".parse().unwrap()
    }

    #[test]
    fn the_second_is_told_who_is_first_and_gets_it_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("r.db");
        let first = lock_file(&database, Right::Run, now()).unwrap();
        let Err(LockError::Held { at, holder }) = lock_file(&database, Right::Run, now()) else { panic!("two locks") };
        assert_eq!(at, folder.path().canonicalize().unwrap_or_default().join("r.db.lock").display().to_string());
        assert_eq!(holder, Some(format!("process {}, since 2026-11-22T02:00:00Z", std::process::id())));
        lock_file(&database, Right::Mail, now()).unwrap();
        drop(first);
        lock_file(&database, Right::Run, now()).unwrap();
    }

    #[test]
    fn other_databases_are_not_locked_and_links_are_the_same_database() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("r.db");
        std::fs::write(&database, "").unwrap();
        let _first = lock_file(&database, Right::Run, now()).unwrap();
        lock_file(&folder.path().join("other.db"), Right::Run, now()).unwrap();
        #[cfg(unix)]
        {
            let link = folder.path().join("link.db");
            std::os::unix::fs::symlink(&database, &link).unwrap();
            assert!(matches!(lock_file(&link, Right::Run, now()), Err(LockError::Held { .. })));
        }
    }

    #[test]
    fn a_stale_file_is_no_lock_and_a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("r.db");
        std::fs::write(folder.path().join("r.db.lock"), "process 1, since 1970-01-01T00:00:00Z, and much longer\n")
            .unwrap();
        let _lock = lock_file(&database, Right::Run, now()).unwrap();
        let content = std::fs::read_to_string(lock_path(&database, Right::Run)).unwrap();
        assert_eq!(content, format!("process {}, since 2026-11-22T02:00:00Z\n", std::process::id()));
        let missing = lock_file(&folder.path().join("no").join("r.db"), Right::Run, now());
        assert!(matches!(missing, Err(LockError::Io { .. })));
    }
}
