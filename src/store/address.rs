//! Where a database is.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::StoreError;

/// Options of a server's address that are taken; others are refused, since a misspelt `sslmode` would go unnoticed.
const OPTIONS: [&str; 8] =
    ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port", "user", "options[search_path]"];

/// What a `--db` value names.
#[derive(Clone)]
pub enum Address {
    /// A file, by its absolute path.
    File(PathBuf),
    /// A database on a server.
    Server(Box<Server>),
}

/// A database on a PostgreSQL server, with how it is reached.
#[derive(Clone)]
pub struct Server {
    pub(super) options: PgConnectOptions,
    pub(super) name: String,
}

impl std::fmt::Debug for Address {
    /// Without user and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Address").field(&self.name()).finish()
    }
}

impl Address {
    /// Reads a `--db` value: `sqlite://FILE`, `sqlite:FILE`, a path as it is, or `postgres://USER@HOST:PORT/DATABASE`
    /// (also `postgresql://`).
    ///
    /// The part after `sqlite:` is taken literally, without percent-decoding. In-memory databases and options after `?`
    /// are refused: what is not on a disk cannot be resumed, and the options are ours to set. In the address of a server,
    /// what is not said is taken from the environment (`PGHOST`, `PGUSER`, ...) and the password from `PGPASSWORD` or
    /// `~/.pgpass`; `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `host` (a folder names a Unix socket), `port`, `user`
    /// and `options[search_path]` may stand after `?`. No error repeats the value where it could hold a password.
    pub fn parse(address: &str) -> Result<Self, StoreError> {
        let text = address.trim();
        let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        if matches!(scheme.as_deref(), Some("postgres" | "postgresql")) {
            return Ok(Self::Server(Box::new(server(text)?)));
        }
        database_path(text).map(Self::File)
    }

    /// For people: the path, or `postgres://HOST:PORT/DATABASE` without user and password.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Server(server) => server.name.clone(),
        }
    }

    /// Where something of a database is kept when nobody said where: `FILE.ENDING` beside a file; for a server a folder in
    /// `data`, with the server and the database in its name, because two databases must never write into one folder.
    pub fn beside(&self, ending: &str, data: &Path) -> PathBuf {
        match self {
            Self::File(path) => {
                let mut name = path.clone().into_os_string();
                name.push(".");
                name.push(ending);
                name.into()
            }
            Self::Server(server) => {
                let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' };
                let name: String = server.name.trim_start_matches("postgres://").chars().map(plain).collect();
                data.join(format!("{name}.{ending}"))
            }
        }
    }
}

fn server(text: &str) -> Result<Server, StoreError> {
    let bad = |why: &'static str| StoreError::BadAddress { address: "postgres://...".to_owned(), why };
    let url = Url::parse(text).map_err(|_| bad("it is not of the form postgres://USER@HOST:PORT/DATABASE"))?;
    for (key, _) in url.query_pairs() {
        if key == "password" {
            return Err(bad("a password stands before the host, in PGPASSWORD or in ~/.pgpass"));
        }
        if !OPTIONS.contains(&&*key) {
            return Err(bad("one of its options is not known"));
        }
    }
    // The error would name what was wrong in it, password included.
    let options: PgConnectOptions = text.parse().map_err(|_| bad("one of its parts cannot be read"))?;
    let database = options.get_database().filter(|name| !name.is_empty()).ok_or_else(|| bad("no database is named"))?;
    let host = match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => options.get_host().to_owned(),
    };
    let port = options.get_port();
    let name = if port == 5432 {
        format!("postgres://{host}/{database}")
    } else {
        format!("postgres://{host}:{port}/{database}")
    };
    Ok(Server { options, name })
}

/// The absolute path of the file that a `--db` value names.
fn database_path(text: &str) -> Result<PathBuf, StoreError> {
    let bad = |why: &'static str| StoreError::BadAddress { address: text.to_owned(), why };
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let file = if scheme.as_deref() == Some("sqlite") {
        let rest = &text["sqlite:".len()..];
        let file = rest.strip_prefix("//").unwrap_or(rest);
        if file.contains('?') {
            return Err(bad("options after `?` are not taken"));
        }
        file
    } else if text.contains("://") {
        return Err(bad("the scheme is neither sqlite nor postgres"));
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
    #![expect(clippy::unwrap_used, reason = "tests")]

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
            assert!(matches!(Address::parse(address), Err(StoreError::BadAddress { .. })), "{address}");
        }
    }

    #[test]
    fn a_server_is_named_without_user_and_password() {
        for (text, name) in [
            ("postgres://user:secret@host/db", "postgres://host/db"),
            ("PostgreSQL://user:secret@host:5433/db?sslmode=verify-full", "postgres://host:5433/db"),
            ("postgres:///db?host=/run/postgresql&user=secret", "postgres:///run/postgresql/db"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.name(), name);
            assert!(!format!("{address:?}").contains("secret"));
            assert!(!address.beside("evidence", Path::new("/data")).display().to_string().contains("secret"));
        }
    }

    #[test]
    fn a_servers_address_that_cannot_be_read_is_refused_without_repeating_it() {
        for address in [
            "postgres://user:secret@host/db?sslmod=require",
            "postgres://user:secret@host/db?sslmode=yes-secret",
            "postgres://user:secret@host/db?password=secret",
            "postgres://user:secret@host:99999999/db",
            "postgres://user:secret@host:secret",
        ] {
            let error = Address::parse(address).unwrap_err();
            assert!(matches!(error, StoreError::BadAddress { .. }), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        }
    }

    #[test]
    fn two_databases_never_share_their_evidence() {
        let folder = |text| Address::parse(text).unwrap().beside("evidence", Path::new("/data"));
        assert_eq!(folder("/var/r.db"), PathBuf::from("/var/r.db.evidence"));
        assert_eq!(folder("postgres://a.it/db"), PathBuf::from("/data/a.it_db.evidence"));
        assert_ne!(folder("postgres://a.it/db"), folder("postgres://a.it:5433/db"));
        assert_ne!(folder("postgres://a.it/db"), folder("postgres://a.it/bd"));
    }
}
