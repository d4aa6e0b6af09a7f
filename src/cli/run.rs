//! `riscontro run`: visit many sites, store what is found, go on where the last run ended.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Exit, Failure, Format};
use crate::config::{Settings, defaults};

/// Visit many sites and store what is found; goes on where it was stopped
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Table of sites: `codice_ipa,name,url,population,region`; only `url` is needed
    #[arg(long, value_name = "CSV")]
    pub(super) targets: Option<PathBuf>,
    /// Visit at most this many sites
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
    /// Begin anew: visit the finished sites as well
    #[arg(long)]
    pub(super) fresh: bool,
    /// How to print the summary
    #[arg(
        long,
        value_name = "text|json",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
}

/// Refuses a run over many sites that nobody could be written to about. `sites` is how many will be visited.
pub(super) fn refuse_without_contact(sites: usize, settings: &Settings) -> Result<(), Failure> {
    if sites <= defaults::SITES_WITHOUT_CONTACT || settings.contact.is_some() {
        return Ok(());
    }
    let limit = defaults::SITES_WITHOUT_CONTACT;
    let lang = settings.lang;
    let what = lang.pick("manca il contatto", "the contact is missing");
    let why = lang.pick(
        format!("per visitare {sites} siti (più di {limit}) occorre dire ai loro gestori a chi scrivere"),
        format!("to visit {sites} sites (more than {limit}) their owners must be told whom to write to"),
    );
    let hint = lang.pick(
        "`--contact verifiche@ente.example`, oppure `contact` nelle impostazioni",
        "`--contact checks@agency.example`, or `contact` in the settings",
    );
    Err(Failure::new(Exit::Config, what).at("--contact").because(why).hint(hint))
}

/// To be connected to `run::targets`, `run::lock`, `run::worker` and `run::progress`; [`refuse_without_contact`] comes
/// after the targets are read and before the lock is taken.
#[expect(clippy::unused_async, reason = "a run waits for the network")]
pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    tracing::debug!(?arguments, "run");
    refuse_without_contact(arguments.limit.unwrap_or(0), &context.settings)?;
    Err(Failure::not_wired("run", context.lang()))
}
