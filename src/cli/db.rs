//! `riscontro db`: the database looked at, checked, copied and brought up to date.

mod backup;
mod check;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, Format, Printed, workshop};
use crate::report::{self, clean};

/// Look at the database, check it, copy it, bring it up to date
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Tell where the database is, its version and what it holds
    Status(Printed),
    /// Bring the tables to the version of this program
    Migrate(Printed),
    /// Check that the database is whole and says what must hold; reads all of it
    Check(Printed),
    Backup(Backup),
}

/// Copy the database and its evidence as they are now, also while a run is at work
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The new file; the evidence goes to a folder `FILE.evidence` beside it
    #[arg(value_name = "FILE")]
    to: PathBuf,
    /// Leave the files of evidence out
    #[arg(long)]
    without_evidence: bool,
    #[command(flatten)]
    printed: Printed,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let (store, printed) = match &arguments.what {
        What::Status(printed) => (workshop::store_for_reading(context).await?, printed),
        What::Migrate(printed) => (workshop::store(context).await?, printed),
        What::Check(printed) => return check::run(printed, context).await,
        What::Backup(arguments) => return backup::run(arguments, context).await,
    };
    let status = store.status().await.map_err(|error| workshop::of_store(&error, lang))?;
    let text = match printed.format {
        Format::Json => report::json::line(&status).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => {
            let head = lang.pick(
                ["banca dati", "schema", "siti", "visite", "visite d'insieme", "byte"],
                ["database", "schema", "sites", "visits", "runs", "bytes"],
            );
            let values = [
                status.path.clone(),
                status.schema.to_string(),
                status.sites.to_string(),
                status.visits.to_string(),
                status.runs.to_string(),
                status.bytes.to_string(),
            ];
            head.iter().zip(values).map(|(label, value)| format!("{label:<18} {}\n", clean(&value))).collect()
        }
    };
    context.print(&text)?;
    Ok(Exit::Found)
}
