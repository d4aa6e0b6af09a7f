//! `riscontro db check`: whether the database is whole and says what must hold.

use std::{fs, path::Path};

use serde::Serialize;

use super::super::{Context, Exit, Failure, Format, Printed, workshop};
use crate::{
    config::Lang,
    report::{self, clean},
    store::Checked,
};

/// Name and version of the JSON format.
const SCHEMA: &str = "riscontro.db-check/1";

#[derive(Debug, Serialize)]
struct Told {
    schema: &'static str,
    database: String,
    sound: bool,
    checks: Vec<Checked>,
}

pub(super) async fn run(printed: &Printed, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let folder = workshop::evidence_lies(context)?;
    let store = workshop::store_for_reading(context).await?;
    let of_store = |error| workshop::of_store(&error, lang);
    let mut checks = store.check().await.map_err(of_store)?;
    checks.push(files(&folder, &store.evidence_file_names().await.map_err(of_store)?));
    let sound = checks.iter().all(|check| check.faults == 0);
    let told = Told { schema: SCHEMA, database: store.name().to_owned(), sound, checks };
    store.close().await;
    let text = match printed.format {
        Format::Json => report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => text(&told, lang),
    };
    context.print(&text)?;
    Ok(if sound { Exit::Found } else { Exit::Data })
}

/// Files of evidence that are not there, or shorter than they were.
fn files(folder: &Path, names: &[(String, u64)]) -> Checked {
    let short = |(name, bytes): &&(String, u64)| {
        *bytes > 0 && fs::metadata(folder.join(name)).map_or(true, |file| file.len() < *bytes)
    };
    let missing: Vec<&(String, u64)> = names.iter().filter(short).collect();
    Checked {
        what: "evidence-files",
        faults: missing.len() as u64,
        first: missing.iter().take(10).map(|(name, _)| folder.join(name).display().to_string()).collect(),
    }
}

fn name(what: &str, lang: Lang) -> &str {
    match what {
        "engine" => lang.pick("file della banca dati", "file of the database"),
        "references" => lang.pick("rimandi fra tabelle", "references between tables"),
        "done-is-stored" => lang.pick("siti finiti e visite conservate", "sites done and visits stored"),
        "found-has-signals" => lang.pick("riscontri e loro segni", "what was found and its signals"),
        "same-is-held" => {
            lang.pick("visite uguali e chi ne tiene i dettagli", "visits alike and the one that holds what they saw")
        }
        "signals-have-bytes" => {
            lang.pick("segni e byte in cui furono letti", "signals and the bytes they were read in")
        }
        "chains-are-whole" => lang.pick("catene e radici delle prove", "chains and roots of evidence"),
        "answers-hold-in-order" => lang.pick("ordine della storia", "order of the histories"),
        "visits-are-about-somebody" => lang.pick("visite e di chi sono", "visits and whom they are about"),
        "evidence-files" => lang.pick("file delle prove", "files of evidence"),
        other => other,
    }
}

fn text(told: &Told, lang: Lang) -> String {
    let mut out = format!("{}\n", clean(&told.database));
    for check in &told.checks {
        let result = match check.faults {
            0 => lang.pick("in ordine", "sound").to_owned(),
            1 => lang.pick("1 GUASTO", "1 FAULT").to_owned(),
            faults => lang.pick(format!("{faults} GUASTI"), format!("{faults} FAULTS")),
        };
        out.push_str(&format!("  {:<42} {result}\n", name(check.what, lang)));
        for line in &check.first {
            out.push_str(&format!("    {}\n", clean(line)));
        }
    }
    out
}
