//! Where a database is.

use std::path::{Path, PathBuf};

use super::StoreError;

/// The absolute path of the file that a `--db` value names: `sqlite://FILE`, `sqlite:FILE`, or a path as it is.
///
/// The part after `sqlite:` is taken literally, without percent-decoding. In-memory databases and options after `?`
/// are refused: what is not on a disk cannot be resumed, and the options are ours to set. `postgres://` is refused
/// as not in this version.
pub fn database_path(address: &str) -> Result<PathBuf, StoreError> {
    let text = address.trim();
    let bad = |why: &'static str| StoreError::BadAddress { address: address.to_owned(), why };
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if matches!(scheme.as_deref(), Some("postgres" | "postgresql")) {
        return Err(StoreError::Unsupported { address: "postgres://...".to_owned() });
    }
    let file = if scheme.as_deref() == Some("sqlite") {
        let rest = &text["sqlite:".len()..];
        let file = rest.strip_prefix("//").unwrap_or(rest);
        if file.contains('?') {
            return Err(bad("options after `?` are not taken"));
        }
        file
    } else if text.contains("://") {
        return Err(bad("the scheme is not sqlite"));
    } else {
        text
    };
    if file.is_empty() {
        return Err(bad("no file is named"));
    }
    if file == ":memory:" || file.contains('\0') {
        return Err(bad("it must be a file"));
    }
    let path = std::path::absolute(Path::new(file))
        .map_err(|source| StoreError::Folder { path: PathBuf::from(file), source })?;
    if path.file_name().is_none() || file.ends_with('/') {
        return Err(bad("it names a folder"));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_spellings_of_one_file() {
        let plain = database_path("/var/lib/r/a b.db").ok();
        assert_eq!(plain, Some(PathBuf::from("/var/lib/r/a b.db")));
        assert_eq!(database_path("sqlite:///var/lib/r/a b.db").ok(), plain);
        assert_eq!(database_path("SQLite:/var/lib/r/a b.db").ok(), plain);
        let relative = database_path("sqlite://r.db").ok();
        assert!(relative.is_some_and(|path| path.is_absolute() && path.ends_with("r.db")));
        // SQLite itself would read these as options or as an address.
        assert!(database_path("/tmp/50%?.db").is_ok_and(|path| path.ends_with("50%?.db")));
    }

    #[test]
    fn what_is_not_a_file_is_refused() {
        for address in ["", "sqlite://", ":memory:", "sqlite::memory:", "sqlite://a.db?mode=ro", "mysql://x/y", "/tmp/"]
        {
            assert!(matches!(database_path(address), Err(StoreError::BadAddress { .. })), "{address}");
        }
    }

    #[test]
    fn postgres_is_named_as_missing_without_repeating_its_password() {
        let error = database_path("postgres://user:secret@host/db");
        assert!(matches!(error, Err(StoreError::Unsupported { .. })));
        assert!(!error.err().map(|error| error.to_string()).unwrap_or_default().contains("secret"));
    }
}
