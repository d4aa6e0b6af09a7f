//! `riscontro prune`: lets go of what is older, or more, than is to be kept.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Context, Exit, Failure, Format, Printed, run::of_run, workshop};
use crate::{
    config::Retention,
    report,
    run::{self, Prune, Pruned, RunLock},
    store::{Forget, Keep, Store},
};

/// Name and version of the JSON format.
const SCHEMA: &str = "riscontro.prune/1";

/// Remove old evidence, old details of visits and old letters; digests, findings and histories stay
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Remove the bytes of evidence older than this (0: none; default: the settings)
    #[arg(long, value_name = "DAYS", conflicts_with = "url")]
    evidence_days: Option<u32>,
    /// Leave this much evidence, removing the oldest (0: all; default: the settings)
    #[arg(long, value_name = "MIB", conflicts_with = "url")]
    evidence_mib: Option<u32>,
    /// Remove the details (pages, signals, ways) of visits older than this (0: none; default: the settings)
    #[arg(long, value_name = "DAYS", conflicts_with = "url")]
    detail_days: Option<u32>,
    /// Leave this much of details, removing the oldest (0: all; default: the settings)
    #[arg(long, value_name = "MIB", conflicts_with = "url")]
    detail_mib: Option<u32>,
    /// Remove the bytes of letters that were sent longer ago than this (0: none; default: the settings)
    #[arg(long, value_name = "DAYS", conflicts_with = "url")]
    letter_days: Option<u32>,
    /// Forget what came from this address, or with `*` at the end from all that begin so
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Only tell what would be removed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    printed: Printed,
}

#[derive(Debug, Serialize)]
struct Told {
    schema: &'static str,
    dry_run: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    forget: Option<Forget>,
    #[serde(flatten)]
    pruned: Pruned,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let what = what(arguments, context)?;
    let folder = workshop::evidence_lies(context)?;
    let store =
        if arguments.dry_run { workshop::store_for_reading(context).await? } else { workshop::store(context).await? };
    let _lock = if arguments.dry_run {
        None
    } else {
        Some(RunLock::acquire(&store).await.map_err(|error| of_run(&error.into(), lang))?)
    };
    let pruned = run::prune(&store, &folder, &what, arguments.dry_run).await;
    let pruned = pruned.map_err(|error| workshop::of_keep(&error, lang))?;
    store.close().await;
    let forget = match what {
        Prune::Forget(forget) => Some(forget),
        Prune::Old { .. } => None,
    };
    let told = Told { schema: SCHEMA, dry_run: arguments.dry_run, forget, pruned };
    let text = match arguments.printed.format {
        Format::Json => report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => text(&told, context),
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

fn what(arguments: &Arguments, context: &Context) -> Result<Prune, Failure> {
    let lang = context.lang();
    let refuse = |at: &str, why: &str| Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(at).because(why);
    if let Some(given) = &arguments.url {
        let (url, beginning) = match given.strip_suffix('*') {
            Some(url) => (url, true),
            None => (given.as_str(), false),
        };
        // The stored addresses are in the form that parsing gives, and `https:` alone would be everything.
        let parsed = url::Url::parse(url).ok().filter(url::Url::has_host);
        let parsed = parsed
            .ok_or_else(|| refuse("--url", lang.pick("non è un indirizzo completo", "not a complete address")))?;
        let url = if beginning { url.to_owned() } else { parsed.to_string() };
        return Ok(Prune::Forget(Forget { url, beginning }));
    }
    let set = context.settings.retention;
    let limits = Retention {
        evidence_days: arguments.evidence_days.unwrap_or(set.evidence_days),
        evidence_mib: arguments.evidence_mib.unwrap_or(set.evidence_mib),
        detail_days: arguments.detail_days.unwrap_or(set.detail_days),
        detail_mib: arguments.detail_mib.unwrap_or(set.detail_mib),
        letter_days: arguments.letter_days.unwrap_or(set.letter_days),
    };
    old(limits).ok_or_else(|| {
        let why = lang.pick("nessun limite è dato: tutto resta", "no limit is given: everything stays");
        refuse("prune", why).hint(lang.pick(
            "`--evidence-days 730`, oppure `evidence_days` nelle impostazioni",
            "`--evidence-days 730`, or `evidence_days` in the settings",
        ))
    })
}

/// What is over the limits; `None` without any limit.
fn old(limits: Retention) -> Option<Prune> {
    let now = workshop::now();
    (limits != Retention::default()).then(|| Prune::Old {
        evidence: keep(limits.evidence_days, limits.evidence_mib, now),
        details: keep(limits.detail_days, limits.detail_mib, now),
        letters: keep(limits.letter_days, 0, now).since,
    })
}

/// Lets go of what is over the limits of the settings, for the command of the night; `None` where they set none.
pub(super) async fn by_settings(store: &Store, context: &Context) -> Result<Option<Pruned>, Failure> {
    let lang = context.lang();
    let Some(what) = old(context.settings.retention) else { return Ok(None) };
    let folder = workshop::evidence_lies(context)?;
    let _lock = RunLock::acquire(store).await.map_err(|error| of_run(&error.into(), lang))?;
    let pruned = run::prune(store, &folder, &what, false).await;
    pruned.map(Some).map_err(|error| workshop::of_keep(&error, lang))
}

fn keep(days: u32, mib: u32, now: Timestamp) -> Keep {
    let age = SignedDuration::from_hours(24 * i64::from(days));
    Keep {
        // Longer ago than time is told: nothing is that old.
        since: (days > 0).then(|| now.checked_sub(age).unwrap_or(Timestamp::MIN)),
        most: (mib > 0).then(|| u64::from(mib) << 20),
    }
}

fn text(told: &Told, context: &Context) -> String {
    let lang = context.lang();
    let Pruned { records, bytes, files, details, detail_bytes, letters, letter_bytes } = told.pruned;
    let mut out = match (told.dry_run, &told.forget) {
        (true, _) => lang.pick("Verrebbero tolti:\n", "Would be removed:\n"),
        (false, None) => lang.pick("Tolti:\n", "Removed:\n"),
        (false, Some(_)) => lang.pick("Dimenticati:\n", "Forgotten:\n"),
    }
    .to_owned();
    out.push_str(&lang.pick(
        format!("  prove: {records} registrazioni, {bytes} byte, in {files} file; restano le impronte\n"),
        format!("  evidence: {records} records, {bytes} bytes, in {files} files; the digests stay\n"),
    ));
    if told.forget.is_none() {
        out.push_str(&lang.pick(
            format!("  lettere inviate: {letters}, {letter_bytes} byte; restano oggetto, impronta e date\n"),
            format!("  letters that were sent: {letters}, {letter_bytes} bytes; subject, digest and days stay\n"),
        ));
    }
    out.push_str(&if told.forget.is_some() {
        lang.pick(
            format!("  banca dati: titoli ed estratti di {details} righe; restano regole, esiti e indirizzi\n"),
            format!("  database: titles and excerpts of {details} rows; rules, outcomes and addresses stay\n"),
        )
    } else {
        lang.pick(
            format!(
                "  banca dati: i dettagli di {details} visite, circa {detail_bytes} byte; restano esiti e storia\n"
            ),
            format!(
                "  database: the details of {details} visits, about {detail_bytes} bytes; outcomes and history stay\n"
            ),
        )
    });
    out
}
