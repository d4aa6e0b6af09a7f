//! `riscontro db backup`: the database and its evidence as they are at one moment, while a run goes on.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Serialize;
use url::Url;

use super::super::{Context, Exit, Failure, Format, workshop};
use crate::{
    report::{self, clean},
    store::{Address, Store},
};

/// Name and version of the JSON format.
const SCHEMA: &str = "riscontro.backup/1";

#[derive(Debug, Serialize)]
struct Told {
    schema: &'static str,
    database: String,
    bytes: u64,
    /// The folder of the files of evidence, their number and bytes; none without evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Copied>,
}

#[derive(Debug, Serialize)]
struct Copied {
    folder: String,
    files: usize,
    bytes: u64,
}

pub(super) async fn run(arguments: &super::Backup, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let to = std::path::absolute(&arguments.to).map_err(|error| Failure::uncreatable(&arguments.to, &error, lang))?;
    let evidence = suffixed(&to, ".evidence");
    for path in [&to, &evidence] {
        if path.exists() {
            return Err(Failure::uncreatable(path, &io::ErrorKind::AlreadyExists.into(), lang));
        }
    }
    let folder = workshop::evidence_lies(context)?;
    let store = workshop::store_for_reading(context).await?;
    // What is half made never has the name that was asked for.
    let part = suffixed(&to, ".part");
    let parts = suffixed(&to, ".evidence.part");
    for path in [&part, &parts] {
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
    let copied = store.copy_to(&part).await.map_err(|error| workshop::of_store(&error, lang))?;
    let names = if copied {
        // The list of the copy itself: the files have grown since.
        let address = part.display().to_string();
        let copy = Store::open_for_reading(&address, workshop::clock()).await;
        let copy = copy.map_err(|error| workshop::of_store(&error, lang))?;
        let names = copy.evidence_file_names().await;
        copy.close().await;
        names
    } else {
        // Read before the server's copy: what is listed is there for certain, and `db check` tells of what came after.
        let names = store.evidence_file_names().await;
        dump(&context.settings.db, &part, context)?;
        names
    };
    let mut names = names.map_err(|error| workshop::of_store(&error, lang))?;
    names.retain(|(_, bytes)| *bytes > 0);
    store.close().await;
    let mut told = Told { schema: SCHEMA, database: to.display().to_string(), bytes: size(&part), evidence: None };
    if !arguments.without_evidence && !names.is_empty() {
        let bytes =
            copy_files(&folder, &parts, &names).map_err(|(path, error)| Failure::uncreatable(&path, &error, lang))?;
        fs::rename(&parts, &evidence).map_err(|error| Failure::uncreatable(&evidence, &error, lang))?;
        told.evidence = Some(Copied { folder: evidence.display().to_string(), files: names.len(), bytes });
    }
    fs::rename(&part, &to).map_err(|error| Failure::uncreatable(&to, &error, lang))?;
    let text = match arguments.printed.format {
        Format::Json => report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => text(&told, context),
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

fn suffixed(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// The first bytes of each file, as many as the database knows of: files of evidence only grow.
fn copy_files(from: &Path, to: &Path, names: &[(String, u64)]) -> Result<u64, (PathBuf, io::Error)> {
    fs::create_dir_all(to).map_err(|error| (to.to_path_buf(), error))?;
    let mut all = 0;
    for (name, bytes) in names {
        let copy = || {
            let mut target = File::create_new(to.join(name))?;
            let copied = io::copy(&mut File::open(from.join(name))?.take(*bytes), &mut target)?;
            target.sync_all()?;
            if copied == *bytes { Ok(copied) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        };
        all += copy().map_err(|error| (from.join(name), error))?;
    }
    Ok(all)
}

/// A server's database is copied by the server's own program.
fn dump(address: &str, to: &Path, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let what = lang.pick("copia della banca dati", "copy of the database");
    let name = Address::parse(address).map_or_else(|_| String::new(), |address| address.name());
    let failed = |exit, why: String| Failure::new(exit, what).at(name.clone()).because(why);
    let mut url = Url::parse(address.trim()).map_err(|error| failed(Exit::Usage, error.to_string()))?;
    let mut command = Command::new("pg_dump");
    // On the command line every user of the machine could read it.
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", percent_encoding::percent_decode_str(password).decode_utf8_lossy().as_ref());
    }
    let _ = url.set_password(None);
    command.args(["--no-password", "--format=custom", "--file"]).arg(to).arg("--dbname").arg(url.as_str());
    let ended = command.stdin(Stdio::null()).output().map_err(|error| {
        failed(Exit::Unavailable, format!("pg_dump: {}", Failure::io(&error, lang)))
            .hint(lang.pick("è nel pacchetto postgresql-client", "it is in the package postgresql-client"))
    })?;
    if ended.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&ended.stderr);
    Err(failed(Exit::Io, format!("pg_dump: {}", clean(told.trim()))))
}

fn text(told: &Told, context: &Context) -> String {
    let lang = context.lang();
    let mut out = format!("{}  {} byte\n", clean(&told.database), told.bytes);
    if let Some(Copied { folder, files, bytes }) = &told.evidence {
        out.push_str(&lang.pick(
            format!("{}  {files} file di prove, {bytes} byte\n", clean(folder)),
            format!("{}  {files} files of evidence, {bytes} bytes\n", clean(folder)),
        ));
    }
    out
}
