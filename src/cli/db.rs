//! `riscontro db`: the database looked at and brought up to date.

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, Format, Printed, workshop};
use crate::report::{self, clean};

/// Look at the database, bring it up to date
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
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let (store, printed) = match &arguments.what {
        What::Status(printed) => (workshop::store_for_reading(context).await?, printed),
        What::Migrate(printed) => (workshop::store(context).await?, printed),
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
