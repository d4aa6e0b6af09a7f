//! `riscontro export`: what is stored, as a table or as JSON lines.

use std::{io, ops::ControlFlow};

use clap::{Args, Subcommand, ValueEnum};

use super::{
    Context, Exit, Failure,
    cases::AsOf,
    output::{Destination, Output},
    rejudge::ByRules,
    workshop,
};
use crate::{
    report::{
        FindingRow,
        csv::{self, Dialect},
        jsonl,
        observations::ObservationRow,
    },
    store::{FindingFilter, HistoryOf, Period, RunId},
};

/// Write what is stored as a table or as JSON lines
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    Findings(Findings),
    Observations(Observations),
}

/// Form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// A table.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// The latest findings of every site, or those of one run
#[derive(Debug, Args)]
pub(super) struct Findings {
    /// Form of the export
    #[arg(
        long,
        value_name = "csv|jsonl",
        default_value = "csv",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
    /// Only the findings of this run
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,
    #[command(flatten)]
    pub(super) to: Destination,
}

/// What held on a day, since when and how often looked at, or the whole history
#[derive(Debug, Args)]
pub(super) struct Observations {
    /// Form of the export
    #[arg(
        long,
        value_name = "csv|jsonl",
        default_value = "csv",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
    /// What ended as well, and not only what holds
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) day: AsOf,
    #[command(flatten)]
    pub(super) by: ByRules,
    #[command(flatten)]
    pub(super) to: Destination,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let findings = match &arguments.what {
        What::Findings(findings) => findings,
        What::Observations(observations) => return observed(observations, context).await,
    };
    let dialect = findings.to.dialect(findings.format == Format::Csv, context.lang())?;
    let rows = rows(findings.run.as_deref(), context).await?;
    let mut out = findings.to.open(context)?;
    write(&mut out, findings.format, dialect, &rows).map_err(|error| out.failed(&error))?;
    out.finish()?;
    Ok(Exit::Found)
}

fn write(out: &mut Output, format: Format, dialect: Dialect, rows: &[FindingRow]) -> io::Result<()> {
    match format {
        Format::Csv => {
            let mut writer = csv::Writer::new(out, dialect, &FindingRow::COLUMNS)?;
            rows.iter().try_for_each(|row| writer.row(&row.cells()))?;
            writer.finish().map(|_| ())
        }
        Format::Jsonl => {
            let mut writer = jsonl::Writer::new(out);
            rows.iter().try_for_each(|row| writer.row(row))?;
            writer.finish().map(|_| ())
        }
    }
}

/// The histories as rows, as they come.
async fn observed(wanted: &Observations, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let dialect = wanted.to.dialect(wanted.format == Format::Csv, lang)?;
    let as_of = wanted.day.day(lang)?;
    let store = workshop::store_for_reading(context).await?;
    let by = wanted.by.meant(&store, context).await?.map(|one| one.id);
    let mut out = wanted.to.open(context)?;
    let mut broken = None;
    match wanted.format {
        Format::Csv => {
            let head = csv::Writer::new(&mut out, dialect, &ObservationRow::COLUMNS);
            let mut writer = match head {
                Ok(writer) => writer,
                Err(error) => return Err(Failure::unwritable("csv", &error, lang)),
            };
            let each = |told: HistoryOf| {
                let rows = ObservationRow::of(&told, wanted.all);
                stop_at(rows.iter().try_for_each(|row| writer.row(&row.cells())), &mut broken)
            };
            let read = store.for_each_history_by(by, None, Period::on(as_of), each).await;
            read.map_err(|error| workshop::of_store(&error, lang))?;
            broken = broken.or_else(|| writer.finish().err());
        }
        Format::Jsonl => {
            let mut writer = jsonl::Writer::new(&mut out);
            let each = |told: HistoryOf| {
                let rows = ObservationRow::of(&told, wanted.all);
                stop_at(rows.iter().try_for_each(|row| writer.row(row)), &mut broken)
            };
            let read = store.for_each_history_by(by, None, Period::on(as_of), each).await;
            read.map_err(|error| workshop::of_store(&error, lang))?;
            broken = broken.or_else(|| writer.finish().err());
        }
    }
    if let Some(error) = broken {
        return Err(out.failed(&error));
    }
    out.finish()?;
    Ok(Exit::Found)
}

/// Goes on while what was written was written.
fn stop_at(written: io::Result<()>, broken: &mut Option<io::Error>) -> ControlFlow<()> {
    match written {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            *broken = Some(error);
            ControlFlow::Break(())
        }
    }
}

/// The latest finding of each site and platform, or those of one run.
async fn rows(run: Option<&str>, context: &Context) -> Result<Vec<FindingRow>, Failure> {
    let lang = context.lang();
    let run = match run.map(str::parse::<i64>) {
        None => None,
        Some(Ok(id)) => Some(RunId(id)),
        Some(Err(_)) => {
            let why = lang.pick("non è il numero di una visita d'insieme", "not the number of a run");
            return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--run").because(why));
        }
    };
    let store = workshop::store_for_reading(context).await?;
    let mut rows = Vec::new();
    store
        .for_each_latest_finding(FindingFilter { run, ..FindingFilter::default() }, |row| {
            rows.push(FindingRow::from(row));
            ControlFlow::Continue(())
        })
        .await
        .map_err(|error| workshop::of_store(&error, lang))?;
    Ok(rows)
}
