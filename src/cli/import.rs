//! `riscontro import`: a public register out of a file into the database.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{Context, Exit, Failure, Format, workshop};
use crate::{
    config::Lang,
    registry::{self, Extract, QualityReport, Register, RegistryError},
    report::{self, clean},
    store::{ImportDone, Imported},
};

/// The register to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    Ipa,
    Istat,
    Anpr,
    Candidature,
    Avvisi,
    Appio,
    Spid,
}

impl From<Which> for Register {
    fn from(which: Which) -> Self {
        match which {
            Which::Ipa => Self::Ipa,
            Which::Istat => Self::Istat,
            Which::Anpr => Self::Anpr,
            Which::Candidature => Self::Candidature,
            Which::Avvisi => Self::Avvisi,
            Which::Appio => Self::Appio,
            Which::Spid => Self::Spid,
        }
    }
}

/// Import a public register from a file: a dated snapshot, all of it or nothing
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Which register
    #[arg(value_name = "ipa|istat|anpr|candidature|avvisi|appio|spid", hide_possible_values = true)]
    register: Which,
    /// The file as published (CSV, JSON, XML), also compressed with gzip
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Date that the register is of (default: the date in the file's name, or of its last change)
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// File to write the data-quality report to, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The file is an extract: what it does not list is unknown
    #[arg(long)]
    partial: bool,
    /// How to print
    #[arg(
        long,
        value_name = "text|json",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Format,
}

/// Where the date of a snapshot comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum DateFrom {
    Given,
    FileName,
    FileTime,
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
    let path = &arguments.file;
    let bytes = load(path, lang)?;
    let (dated, dated_by) = date_of(arguments, context)?;
    let register = Register::from(arguments.register);
    let mut extract = registry::read(register, &bytes).map_err(|error| refused(path, &error, lang))?;
    drop(bytes);
    extract.whole &= !arguments.partial;
    let store = workshop::store(context).await?;
    // The name is enough to know the file again; the folder is nobody's business.
    let source = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let done = store
        .import_register(&extract, dated, dated_by != DateFrom::Given, &source)
        .await
        .map_err(|error| workshop::of_store(&error, lang))?;
    store.close().await;
    let told = told(&extract, &done, dated_by, source);
    if dated_by == DateFrom::FileTime {
        let why = "no date was given and the file's name has none: the date of its last change was taken";
        tracing::warn!(file = %path.display(), dated = %told.dated, "{why}");
    }
    if let Some(report) = &arguments.report {
        let text = report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?;
        fs::write(report, text).map_err(|error| Failure::uncreatable(report, &error, lang))?;
    }
    let text = match arguments.format {
        Format::Json => report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => text(&told, lang),
    };
    context.print(&text)?;
    Ok(Exit::Found)
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

/// The bytes of a file, one more than is taken at most: the reader says that it is too large.
fn load(path: &Path, lang: Lang) -> Result<Vec<u8>, Failure> {
    let fail = |error: std::io::Error| Failure::unreadable(path, &error, lang);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fail)?;
    file.take(registry::MAX_INFLATED as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

fn refused(path: &Path, error: &RegistryError, lang: Lang) -> Failure {
    Failure::new(Exit::Data, lang.pick("registro non importato", "register not imported"))
        .at(path.display().to_string())
        .because(lang.pick(error.italian(), error.to_string()))
}

fn date_of(arguments: &Arguments, context: &Context) -> Result<(Date, DateFrom), Failure> {
    let lang = context.lang();
    let today = workshop::clock().now().to_zoned(TimeZone::UTC).date();
    if let Some(date) = arguments.date {
        if date > today {
            return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage"))
                .at("--date")
                .because(lang.pick("è nel futuro", "lies in the future")));
        }
        return Ok((date, DateFrom::Given));
    }
    let name = arguments.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(date) = date_in(&name).filter(|date| *date <= today) {
        return Ok((date, DateFrom::FileName));
    }
    let changed = fs::metadata(&arguments.file).and_then(|metadata| metadata.modified());
    let changed = changed.map_err(|error| Failure::unreadable(&arguments.file, &error, lang))?;
    let date = Timestamp::try_from(changed).map_or(today, |time| time.to_zoned(TimeZone::UTC).date());
    Ok((date.min(today), DateFrom::FileTime))
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
