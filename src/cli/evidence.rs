//! `riscontro evidence`: the bytes behind findings, listed, shown, checked, read again and handed out.

mod bundle;
pub(super) mod export;
mod list;
pub(super) mod load;
pub(super) mod replay;
mod show;
pub(super) mod stamp;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, Printed, workshop};
use crate::{
    config::Lang,
    store::{RunId, Store, VisitId},
};

/// List, show, check, read again and hand out the bytes behind findings
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    List(List),
    Show(Show),
    Verify(Verify),
    Stamp(Stamp),
    Replay(Replay),
    Export(Export),
}

/// List the stored answers, visit by visit
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only this visit
    #[arg(long, value_name = "ID")]
    pub(super) visit: Option<String>,
    /// Only this run
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,
    /// Only this comune: name, code or address
    #[arg(long, value_name = "NAME|CODE|URL")]
    pub(super) comune: Option<String>,
    #[command(flatten)]
    pub(super) printed: Printed,
}

/// Show one stored answer: heads, digests, place in the files
#[derive(Debug, Args)]
pub(super) struct Show {
    /// SHA-256 of a body, or VISIT/PAGE as `evidence list` gives them
    #[arg(value_name = "DIGEST|VISIT/PAGE")]
    pub(super) what: String,
    /// Write nothing but the body as it was read, byte for byte
    #[arg(long)]
    pub(super) body: bool,
    /// Heads and addresses as they are, e-mail addresses and the like not masked
    #[arg(long)]
    pub(super) raw: bool,
    #[command(flatten)]
    pub(super) printed: Printed,
}

/// Recompute every digest, chain and root; name the first place that is wrong
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Only this run
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,
    #[command(flatten)]
    pub(super) printed: Printed,
}

/// Have the roots stamped by the authority of the settings (RFC 3161), and list the stamps
#[derive(Debug, Args)]
pub(super) struct Stamp {
    /// Only this run
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,
    /// Ask nobody: only list the stamps there are
    #[arg(long)]
    pub(super) list: bool,
    #[command(flatten)]
    pub(super) printed: Printed,
}

/// Run today's rules on the stored bytes and compare the findings
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Only this run (default: the latest)
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,
    /// Only this visit
    #[arg(long, value_name = "ID", conflicts_with = "run")]
    pub(super) visit: Option<String>,
    #[command(flatten)]
    pub(super) printed: Printed,
}

/// Write the case file of a comune: the records, an index, a readable page, digests of everything
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Name or code of the comune, address of its site, or number of one visit
    #[arg(value_name = "NAME|CODE|URL|VISIT")]
    pub(super) subject: String,
    /// Folder, or file with the ending .zip or .wacz (default: a ZIP in this folder, named after the comune and the day)
    #[arg(long, short, value_name = "FOLDER|FILE.zip")]
    pub(super) out: Option<PathBuf>,
    /// Use only what was known on this day (default: today)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) as_of: Option<String>,
    /// Do not mask e-mail addresses, telephone numbers, codici fiscali and IBANs in the readable page
    #[arg(long)]
    pub(super) raw: bool,
    /// Leave out the pages as received, which hold whatever personal data the site publishes
    #[arg(long)]
    pub(super) without_pages: bool,
    /// Replace a case file that is there already
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) printed: Printed,
}

impl Export {
    /// What another command asks for: masked, with the pages.
    pub(super) fn of(
        subject: String,
        out: Option<PathBuf>,
        as_of: Option<String>,
        force: bool,
        printed: Printed,
    ) -> Self {
        Self { subject, out, as_of, raw: false, without_pages: false, force, printed }
    }
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let folder = workshop::evidence_lies(context)?;
    let store = match &arguments.what {
        What::Stamp(stamp) if !stamp.list => workshop::store(context).await?,
        _ => workshop::store_for_reading(context).await?,
    };
    match &arguments.what {
        What::List(list) => list::run(list, &store, context).await,
        What::Show(show) => show::run(show, &store, &folder, context).await,
        What::Stamp(stamp) => stamp::run(stamp, &store, context).await,
        What::Verify(verify) => verify::run(verify, &store, &folder, context).await,
        What::Replay(replay) => replay::run(replay, &store, &folder, context).await,
        What::Export(export) => export::run(export, Vec::new(), &store, &folder, context).await,
    }
}

/// A number that names something in the database.
fn number(text: Option<&str>, flag: &str, lang: Lang) -> Result<Option<i64>, Failure> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        let why = lang.pick("non è un numero", "not a number");
        Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(flag).because(why)
    })
}

/// A run that is there.
async fn a_run(text: Option<&str>, store: &Store, lang: Lang) -> Result<Option<RunId>, Failure> {
    let Some(id) = number(text, "--run", lang)? else { return Ok(None) };
    store.run_info(RunId(id)).await.map_err(|error| workshop::of_store(&error, lang))?;
    Ok(Some(RunId(id)))
}

/// A visit, whether or not it is there.
fn a_visit(text: Option<&str>, lang: Lang) -> Result<Option<VisitId>, Failure> {
    Ok(number(text, "--visit", lang)?.map(VisitId))
}

/// Nothing is kept of what was asked for.
fn nothing(place: impl Into<String>, lang: Lang) -> Failure {
    let why = lang.pick("nessun byte conservato", "no bytes are kept");
    Failure::new(Exit::NoInput, lang.pick("prove", "evidence")).at(place).because(why)
}
