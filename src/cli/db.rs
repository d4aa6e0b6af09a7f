//! `riscontro db`: the database looked at and brought up to date.

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, Format};

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

#[derive(Debug, Args)]
pub(super) struct Printed {
    /// How to print
    #[arg(
        long,
        value_name = "text|json",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
}

/// To be connected to `store`.
#[expect(clippy::unused_async, reason = "the database is asked without blocking")]
pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let (command, printed) = match &arguments.what {
        What::Status(printed) => ("db status", printed),
        What::Migrate(printed) => ("db migrate", printed),
    };
    tracing::debug!(format = ?printed.format, "{command}");
    Err(Failure::not_wired(command, context.lang()))
}
