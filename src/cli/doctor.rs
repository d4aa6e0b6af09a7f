//! `riscontro doctor`: is everything in place, and what would the guard or a robots.txt say.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, Format};

/// Tell whether everything is in place; ask the address guard or a robots.txt
#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    /// How to print
    #[arg(
        long,
        value_name = "text|json",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
    #[command(subcommand)]
    pub(super) what: Option<What>,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    Guard(Guard),
    Robots(Robots),
}

/// Tell whether an address would be dialled, given what its name resolves to
#[derive(Debug, Args)]
pub(super) struct Guard {
    /// The address
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// What the name resolves to, in place of asking the resolver; may be repeated
    #[arg(long, value_name = "IP", num_args = 1..)]
    pub(super) answer: Vec<IpAddr>,
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

/// Tell what a robots.txt says of addresses
#[derive(Debug, Args)]
pub(super) struct Robots {
    /// The robots.txt, - for standard input
    #[arg(value_name = "FILE|-")]
    pub(super) file: PathBuf,
    /// Addresses or paths
    #[arg(value_name = "URL", required = true)]
    pub(super) urls: Vec<String>,
    /// Product name of the agent (default: riscontro)
    #[arg(long, value_name = "AGENT", default_value = "riscontro", hide_default_value = true)]
    pub(super) agent: String,
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

/// To be connected to `net` (guard), `polite` (robots), `store`, `rules` and the settings (the rest).
#[expect(clippy::unused_async, reason = "the resolver and the database are asked without blocking")]
pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let command = match &arguments.what {
        None => "doctor",
        Some(What::Guard(_)) => "doctor guard",
        Some(What::Robots(_)) => "doctor robots",
    };
    tracing::debug!(?arguments, "doctor");
    Err(Failure::not_wired(command, context.lang()))
}
