//! `riscontro import`: a public register out of a file, or out of the web, into the database.

mod remote;

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use url::Url;

use super::{Context, Exit, Failure, Format, Printed, workshop};
use crate::{
    config::Lang,
    registry::{self, Extract, QualityReport, Register, RegistryError},
    report::{self, clean},
    store::{ImportDone, Imported, SnapshotInfo},
};

/// Import a public register from a file or an https address: a dated snapshot, all of it or nothing
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Which register
    #[arg(value_name = "ipa|istat|anpr|candidature|avvisi|appio|spid", hide_possible_values = true, value_parser = registers())]
    register: Register,
    /// The file as published (CSV, JSON, XML, xlsx), also packed with gzip or zip; or its https address
    #[arg(value_name = "FILE|URL")]
    file: String,
    /// Date that the register is of (default: the date in the name, or of the last change)
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// File to write the data-quality report to, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The file is an extract: what it does not list is unknown
    #[arg(long)]
    partial: bool,
    #[command(flatten)]
    printed: Printed,
}

/// The codes of the registers, as clap checks them.
fn registers() -> impl TypedValueParser<Value = Register> {
    let codes = PossibleValuesParser::new(Register::ALL.map(Register::code));
    codes.try_map(|code| Register::of_code(&code).ok_or("not a register"))
}

/// Where the date of a snapshot comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum DateFrom {
    Given,
    FileName,
    FileTime,
    /// The server's `Last-Modified`.
    LastModified,
    Today,
}

/// A file to import, from wherever it came.
struct Input {
    bytes: Vec<u8>,
    /// What the snapshot keeps as its source: the name of a file, as the folder is nobody's business, or the address after
    /// redirects.
    source: String,
    dated: Date,
    dated_by: DateFrom,
}

/// What is told of an import, the same in the report file.
#[derive(Debug, Serialize)]
struct Told<'a> {
    schema: &'static str,
    register: Register,
    part: &'a str,
    dated: Date,
    dated_by: DateFrom,
    source: String,
    sha256: &'a str,
    whole: bool,
    did: Imported,
    quality: QualityReport,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let input = match remote::address(&arguments.file, lang)? {
        Some(url) => of_web(&url, arguments, context).await?,
        None => of_file(Path::new(&arguments.file), arguments, context)?,
    };
    let Input { bytes, source, dated, dated_by } = input;
    let mut extract =
        registry::read(arguments.register, &bytes).map_err(|error| refused(&arguments.file, &error, lang))?;
    drop(bytes);
    extract.whole &= !arguments.partial;
    let store = workshop::store(context).await?;
    let of_store = |error| workshop::of_store(&error, lang);
    let guessed = dated_by != DateFrom::Given;
    if !arguments.partial
        && let Some(last) = store.outgrown(&extract, dated, guessed).await.map_err(of_store)?
    {
        return Err(shrunken(&arguments.file, &extract, &last, lang));
    }
    let done = store.import_register(&extract, dated, guessed, &source).await.map_err(of_store)?;
    store.close().await;
    let told = told(&extract, &done, dated_by, source);
    if let Some(why) = match dated_by {
        DateFrom::FileTime => {
            Some("no date was given and the file's name has none: the date of its last change was taken")
        }
        DateFrom::Today => Some("no date was given, and neither the address nor the server has one: today was taken"),
        DateFrom::Given | DateFrom::FileName | DateFrom::LastModified => None,
    } {
        tracing::warn!(file = %arguments.file, dated = %told.dated, "{why}");
    }
    if let Some(report) = &arguments.report {
        let text = report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?;
        fs::write(report, text).map_err(|error| Failure::uncreatable(report, &error, lang))?;
    }
    let text = match arguments.printed.format {
        Format::Json => report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => text(&told, lang),
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

/// A table with so much less than the last one is not the register grown smaller: a download that broke off at the end
/// of a line looks just like this.
fn shrunken(file: &str, extract: &Extract, last: &SnapshotInfo, lang: Lang) -> Failure {
    let (now, then, day) = (extract.quality.kept, last.kept, last.dated);
    let failure = Failure::new(Exit::Data, lang.pick("registro non importato", "register not imported"));
    failure
        .at(clean(file))
        .because(lang.pick(
            format!("{now} righe, mentre quello del {day} ne ha {then}: è tronco, o è un estratto"),
            format!("{now} rows, and that of {day} has {then}: it is cut, or an extract"),
        ))
        .hint(lang.pick("con `--partial` si importa come estratto", "`--partial` imports it as an extract"))
}

fn told<'a>(extract: &'a Extract, done: &ImportDone, dated_by: DateFrom, source: String) -> Told<'a> {
    let mut quality = extract.quality.clone();
    quality.joins.clone_from(&done.joins);
    Told {
        schema: "riscontro.import/1",
        register: extract.register,
        part: &extract.part,
        dated: done.dated,
        dated_by,
        source,
        sha256: &extract.sha256,
        whole: extract.whole,
        did: done.did,
        quality,
    }
}

async fn of_web(url: &Url, arguments: &Arguments, context: &Context) -> Result<Input, Failure> {
    let today = today();
    let given = given(arguments, today, context.lang())?;
    let remote = remote::fetch(url, context).await?;
    let named = [url, &remote.url].into_iter().find_map(|url| date_in(url.path()));
    let (dated, dated_by) = given
        .map(|date| (date, DateFrom::Given))
        .or(named.filter(|date| *date <= today).map(|date| (date, DateFrom::FileName)))
        .or(remote.modified.filter(|date| *date <= today).map(|date| (date, DateFrom::LastModified)))
        .unwrap_or((today, DateFrom::Today));
    Ok(Input { bytes: remote.bytes, source: remote.url.to_string(), dated, dated_by })
}

fn of_file(path: &Path, arguments: &Arguments, context: &Context) -> Result<Input, Failure> {
    let lang = context.lang();
    let bytes = load(path, lang)?;
    let source = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let today = today();
    let (dated, dated_by) = match (given(arguments, today, lang)?, date_in(&source).filter(|date| *date <= today)) {
        (Some(date), _) => (date, DateFrom::Given),
        (None, Some(date)) => (date, DateFrom::FileName),
        (None, None) => {
            let changed = fs::metadata(path).and_then(|metadata| metadata.modified());
            let changed = changed.map_err(|error| Failure::unreadable(path, &error, lang))?;
            let date = Timestamp::try_from(changed).map_or(today, |time| time.to_zoned(TimeZone::UTC).date());
            (date.min(today), DateFrom::FileTime)
        }
    };
    Ok(Input { bytes, source, dated, dated_by })
}

/// The bytes of a file, one more than is taken at most: the reader says that it is too large.
fn load(path: &Path, lang: Lang) -> Result<Vec<u8>, Failure> {
    let fail = |error: std::io::Error| Failure::unreadable(path, &error, lang);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fail)?;
    file.take(registry::MAX_INFLATED as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

fn refused(file: &str, error: &RegistryError, lang: Lang) -> Failure {
    Failure::new(Exit::Data, lang.pick("registro non importato", "register not imported"))
        .at(clean(file))
        .because(lang.pick(error.italian(), error.to_string()))
}

fn today() -> Date {
    workshop::clock().now().to_zoned(TimeZone::UTC).date()
}

/// The date that was given, which must not lie in the future.
fn given(arguments: &Arguments, today: Date, lang: Lang) -> Result<Option<Date>, Failure> {
    match arguments.date {
        Some(date) if date > today => Err(Failure::new(Exit::Usage, lang.pick("uso", "usage"))
            .at("--date")
            .because(lang.pick("è nel futuro", "lies in the future"))),
        date => Ok(date),
    }
}

/// A date `YYYY-MM-DD` anywhere in a name.
fn date_in(name: &str) -> Option<Date> {
    (0..name.len()).find_map(|at| {
        let text = name.get(at..at + 10)?;
        let shape = text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        if shape { text.parse().ok() } else { None }
    })
}

fn text(told: &Told<'_>, lang: Lang) -> String {
    let quality = &told.quality;
    let part = if told.part.is_empty() { String::new() } else { format!(" ({})", clean(told.part)) };
    let did = match told.did {
        Imported::Added => lang.pick("importato", "imported"),
        Imported::Replaced => lang.pick(
            "importato al posto del precedente di pari data",
            "imported in place of the earlier one of that date",
        ),
        Imported::Unchanged => lang.pick("già presente, nulla è cambiato", "already there, nothing changed"),
    };
    let mut out =
        format!("{}{part}, {} {}: {did}\n", told.register.code(), lang.pick("aggiornato al", "as of"), told.dated);
    let rows = [
        (lang.pick("righe lette", "rows read"), quality.rows),
        (lang.pick("righe usate", "rows used"), quality.kept),
        (lang.pick("righe rifiutate", "rows refused"), quality.refused()),
    ];
    for (label, value) in rows {
        out.push_str(&format!("  {label:<18} {value:>7}\n"));
    }
    for join in &quality.joins {
        let to = match join.to {
            "ipa" => lang.pick("collegate all'IPA", "joined to IPA"),
            _ => lang.pick("collegate a comuni", "joined to comuni"),
        };
        out.push_str(&format!("  {to:<18} {:>7} {} {}\n", join.joined, lang.pick("su", "of"), join.of));
    }
    for (quirk, issue) in &quality.issues {
        let kind = match quirk.kind() {
            registry::QuirkKind::Repaired => lang.pick("corretto", "repaired"),
            registry::QuirkKind::Refused => lang.pick("rifiutato", "refused"),
            registry::QuirkKind::Noted => lang.pick("notato", "noted"),
        };
        out.push_str(&format!("  {kind:<10} {:>7}  {}\n", issue.count, lang.pick(quirk.italian(), quirk.english())));
        let examples: Vec<String> = issue
            .examples
            .iter()
            .take(3)
            .map(|example| format!("{} {}: {}", lang.pick("riga", "line"), example.line, clean(&example.text)))
            .collect();
        if !examples.is_empty() {
            out.push_str(&format!("                      {}\n", examples.join("; ")));
        }
    }
    if !told.whole {
        out.push_str(lang.pick(
            "  Ciò che il file non elenca è ignoto, non assente.\n",
            "  What the file does not list is unknown, not absent.\n",
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_found_in_a_file_name() {
        let date = |text: &str| text.parse::<Date>().ok();
        assert_eq!(date_in("io-visible-services-compact-2021-03-31.json.gz"), date("2021-03-31"));
        assert_eq!(date_in("12021-03-31.csv"), date("2021-03-31"), "digits before are no part of it");
        for none in ["enti.csv", "2018.tsv", "2021-13-31.json", "è-2021-3-31", ""] {
            assert_eq!(date_in(none), None, "{none}");
        }
    }
}
