//! `riscontro nightly`: everything that a night does, in its order, with one summary and one exit code.
//!
//! What fails in one part keeps the others from nothing that they can do without it: letters that are queued leave although a
//! run could not begin. Only a stop ends the night at once.

mod due;
mod summary;

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    Context, Exit, Failure, Format, Printed,
    letters::{Desk, Told},
    notices,
    outbox::receipts,
    prune,
    report::scope::Scope,
    run::{Visited, Work, exit_of},
    send, workshop,
};
use crate::{
    config::NightSites,
    history::day,
    mail::{Recipients, Summary},
    notices::Notices,
    report::{
        json,
        notice::{Asked, Builder, Counts},
        words::register_state,
    },
    run::{Pruned, RunSummary},
    store::{RunId, Store, Trust},
};

/// Name and version of the JSON format.
const SCHEMA: &str = "riscontro.nightly/1";

/// All that a night does: due visits, verdicts, reports to subscribers, letters, letting go of what is old
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Visit at most so many of the sites that are due (0: all; default: the settings)
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Only tell what would be done
    #[arg(long, conflicts_with = "redirect_to")]
    dry_run: bool,
    /// Send copies of all letters to this address; the letters themselves stay due
    #[arg(long, value_name = "ADDRESS")]
    redirect_to: Option<String>,
    #[command(flatten)]
    printed: Printed,
}

/// What a night did.
#[derive(Debug, Default, Serialize)]
struct Night {
    schema: &'static str,
    dry_run: bool,
    started: Timestamp,
    elapsed_seconds: f64,
    /// The exit code.
    exit: u8,
    /// True when somebody asked to stop.
    stopped: bool,
    visits: Visits,
    /// Applications by what is seen of them, as of this night; none while no register lists any.
    verdicts: Option<Counts>,
    /// What subscribers are told; none when it could not be found out.
    reports: Option<Told>,
    mail: Option<Mail>,
    /// Receipts of certified mail; none where the settings do not say where they are.
    receipts: Option<receipts::Told>,
    /// What was let go; none without limits in the settings.
    pruned: Option<Pruned>,
    /// What failed.
    faults: Vec<Fault>,
}

/// The visits of a night.
#[derive(Debug, Default, Serialize)]
struct Visits {
    /// Which sites: `applications`, `all`, `none`.
    sites: &'static str,
    /// Sites that the registers give.
    known: usize,
    /// Comuni without an address in the registers.
    without_address: usize,
    /// Sites that were due.
    due: usize,
    /// Registers that are older than they should be, for people.
    stale_registers: Vec<String>,
    /// The run; none when nothing was due, or it did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunSummary>,
}

/// What became of the letters.
#[derive(Debug, Serialize)]
struct Mail {
    transport: &'static str,
    #[serde(flatten)]
    summary: Summary,
}

/// What failed in which part.
#[derive(Debug, Serialize)]
struct Fault {
    /// `visits`, `verdicts`, `reports`, `mail`, `receipts`, `prune`.
    part: &'static str,
    /// The exit code of a command that did this alone.
    exit: u8,
    /// For people.
    message: String,
    #[serde(skip)]
    code: Exit,
}

impl Night {
    /// What a part came to; a failure is noted.
    fn note<T>(&mut self, part: &'static str, done: Result<T, Failure>, context: &Context) -> Option<T> {
        match done {
            Ok(done) => Some(done),
            Err(failure) => {
                let message = failure.render(context.lang()).trim_end().to_owned();
                self.faults.push(Fault { part, exit: failure.exit.code(), message, code: failure.exit });
                None
            }
        }
    }

    /// A stop, then what failed for good, then what waits for a person, then what is tried again by itself.
    fn ends(&self) -> Exit {
        let letters = self.mail.as_ref().map(|mail| send::exit_of(&mail.summary));
        let run = self.visits.run.as_ref().map(exit_of);
        let told = self.reports.as_ref().is_some_and(|told| !told.held.is_empty() || !told.untold.is_empty());
        let receipts = self.receipts.as_ref().map(receipts::Told::exit);
        let all = || self.faults.iter().map(|fault| fault.code).chain(letters).chain(receipts).chain(run);
        let later =
            |exit: &Exit| matches!(exit, Exit::Found | Exit::Suspect | Exit::TemporaryFailure | Exit::Interrupted);
        if self.stopped || all().any(|exit| exit == Exit::Interrupted) {
            Exit::Interrupted
        } else if let Some(fault) = all().find(|exit| !later(exit)) {
            fault
        } else if told || all().any(|exit| exit == Exit::Suspect) {
            Exit::Suspect
        } else if all().any(|exit| exit == Exit::TemporaryFailure) {
            Exit::TemporaryFailure
        } else {
            Exit::Found
        }
    }
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    // Settings and files that cannot be used are told before anything begins.
    let lang = context.lang();
    let notices = notices::notices(context)?;
    let catalogue = workshop::catalogue(context)?;
    let recipients = match &arguments.redirect_to {
        Some(address) => {
            Recipients::All(send::an_address(address, "--redirect-to", lang)?, send::sender(context)?, lang)
        }
        None => Recipients::Own,
    };
    let transport = send::transport(context)?;
    let place = context.settings.mail.receipts.as_ref();
    let source = place.map(|place| receipts::source(place, context)).transpose()?;
    let dry = arguments.dry_run;
    let store = if dry { workshop::store_for_reading(context).await? } else { workshop::store(context).await? };
    let began = store.clock().instant();
    let started = workshop::now();
    let mut night = Night { schema: SCHEMA, dry_run: dry, started, ..Night::default() };

    let visited = visit(arguments, &notices, &store, &mut night.visits, dry, context).await;
    let run = night.note("visits", visited, context).flatten();
    night.stopped = context.stop.is_requested();
    if !night.stopped {
        if let Some(verdicts) = context.stop.unless(Box::pin(verdicts(&notices, &store, context))).await {
            night.verdicts = night.note("verdicts", verdicts, context).flatten();
        }
        let desk = Desk { store: &store, notices: &notices, catalogue: &catalogue, run, dry, context };
        let told = desk.tell().await;
        night.reports = night.note("reports", told, context);
    }
    if !dry && !context.stop.is_requested() {
        let sent = send::drain(&store, &transport, None, recipients, context).await;
        let summary = night.note("mail", sent, context);
        night.mail = summary.map(|summary| Mail { transport: transport.code(), summary });
    }
    if let Some(source) = source.filter(|_| !dry && !context.stop.is_requested()) {
        let read = receipts::read(&source, &store, false, context).await;
        night.receipts = night.note("receipts", read, context);
    }
    if !dry && !context.stop.is_requested() {
        let pruned = prune::by_settings(&store, context).await;
        night.pruned = night.note("prune", pruned, context).flatten();
    }
    night.stopped = context.stop.is_requested();
    let elapsed: Duration = store.clock().instant().saturating_duration_since(began);
    night.elapsed_seconds = elapsed.as_secs_f64();
    store.close().await;
    let exit = night.ends();
    night.exit = exit.code();
    let text = match arguments.printed.format {
        Format::Json => json::line(&night).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => summary::text(&night, context),
    };
    context.print(&text)?;
    for fault in &night.faults {
        super::terminal::complain(&format!("{}\n", fault.message));
    }
    Ok(exit)
}

/// Visits what is due; the run, when there was one.
async fn visit(
    arguments: &Arguments,
    notices: &Notices,
    store: &Store,
    visits: &mut Visits,
    dry: bool,
    context: &Context,
) -> Result<Option<RunId>, Failure> {
    visits.sites = context.settings.night.sites.code();
    if context.settings.night.sites == NightSites::None {
        return Ok(None);
    }
    let limit = arguments.limit.unwrap_or(context.settings.night.limit);
    let ages = context.settings.register_max_age;
    let registers = store.register_states(workshop::today(), ages).await;
    let registers = registers.map_err(|error| workshop::of_store(&error, context.lang()))?;
    let stale = registers.iter().filter(|state| state.stale);
    visits.stale_registers = stale.map(|state| register_state(context.lang(), state)).collect();
    let due = due::sites(limit, notices, store, context).await?;
    (visits.known, visits.without_address, visits.due) = (due.known, due.list.skipped, due.list.targets.len());
    if due.list.targets.is_empty() || dry {
        return Ok(None);
    }
    let Visited { summary, .. } = Work::new(due.list, false, context)?.run(store, context).await?;
    let run = summary.run;
    visits.run = Some(summary);
    Ok(Some(run))
}

/// How many applications have which verdict.
async fn verdicts(notices: &Notices, store: &Store, context: &Context) -> Result<Option<Counts>, Failure> {
    let as_of = day(workshop::now());
    let scope = Scope::new(&[], &[], as_of, notices, context)?;
    let asked = Asked { as_of, since: None, near_days: 0, regions: Vec::new() };
    let mut report = Builder::new(&scope.chosen, asked, Vec::new(), context.lang());
    let each = |told: &crate::report::verdicts::Told<'_>, report: &mut Builder<'_>| {
        report.case(told);
        Ok(())
    };
    scope.cases(&mut report, store, each, context).await?;
    let counts = report.verdicts();
    Ok((counts.all() > 0).then_some(counts))
}

/// Whether the looks of the night's run wait for a person.
fn is_held(night: &Night) -> bool {
    night.visits.run.as_ref().is_some_and(|run| run.weighed.trust == Trust::Suspect)
}
