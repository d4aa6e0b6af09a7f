//! `riscontro run list|release|discard`: runs, and what a person says of those that are held.

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, Format, Printed, run::of_run, workshop};
use crate::{
    history::day,
    report::{self, json, table::Table, words},
    run::RunLock,
    store::{Decision, RunId, RunLine, RunState, Store, Trust},
};

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// List the runs, newest first, with those whose looks wait for a person
    List(Printed),
    /// Let the looks of a suspect run count
    Release(Decide),
    /// Leave the looks of a run out of every history; its visits are kept
    Discard(Decide),
}

/// One run.
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// Number of the run, as `run list` tells it
    #[arg(value_name = "RUN")]
    run: i64,
    #[command(flatten)]
    printed: Printed,
}

pub(super) async fn run(what: &What, context: &Context) -> Result<Exit, Failure> {
    match what {
        What::List(printed) => list(printed, context).await,
        What::Release(decide) => decided(decide, Decision::Release, context).await,
        What::Discard(decide) => decided(decide, Decision::Discard, context).await,
    }
}

async fn lines(store: &Store, context: &Context) -> Result<Vec<RunLine>, Failure> {
    store.runs().await.map_err(|error| workshop::of_store(&error, context.lang()))
}

async fn list(printed: &Printed, context: &Context) -> Result<Exit, Failure> {
    let store = workshop::store_for_reading(context).await?;
    let lines = lines(&store, context).await?;
    context.print(&told(&lines, printed.format, context)?)?;
    Ok(Exit::Found)
}

async fn decided(decide: &Decide, decision: Decision, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let store = workshop::store(context).await?;
    // Making many histories anew takes longer than a run at work would wait for the database.
    let _lock = RunLock::acquire(&store).await.map_err(|error| of_run(&error.into(), lang))?;
    let run = RunId(decide.run);
    store.decide_run(run, decision).await.map_err(|error| workshop::of_store(&error, lang))?;
    let mut lines = lines(&store, context).await?;
    lines.retain(|line| line.run == run);
    store.close().await;
    context.print(&told(&lines, decide.printed.format, context)?)?;
    Ok(Exit::Found)
}

fn told(lines: &[RunLine], format: Format, context: &Context) -> Result<String, Failure> {
    let lang = context.lang();
    if format == Format::Json {
        let all: Result<String, _> = lines.iter().map(json::line).collect();
        return all.map_err(|error| Failure::unwritable("json", &error, lang));
    }
    let mut table = Table::new(lang.pick(
        ["Visita d'insieme", "Del", "Stato", "Siti", "Peggiorati", "Conta"],
        ["Run", "Of", "State", "Sites", "Worse", "Counts"],
    ));
    for line in lines {
        let state = match line.state {
            RunState::Finished => lang.pick("finita", "finished"),
            RunState::Running => lang.pick("in corso", "running"),
            RunState::Interrupted => lang.pick("interrotta", "interrupted"),
        };
        let worse = match (line.worse, line.had) {
            (Some(worse), Some(had)) => format!("{worse}/{had}"),
            _ => "–".to_owned(),
        };
        table.row([
            line.run.to_string(),
            day(line.started).to_string(),
            state.to_owned(),
            format!("{}/{}", line.done, line.targets),
            worse,
            words::history::trust(lang, line.trust).to_owned(),
        ]);
    }
    let mut out = table.render();
    if lines.iter().any(|line| line.trust == Trust::Suspect) {
        out.push_str(&format!("\n{}\n", report::summary::what_to_do(lang)));
    }
    Ok(out)
}
