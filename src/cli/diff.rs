//! `riscontro diff`: what is another on the later of two days.

use std::{
    io::{self, Write as _},
    ops::ControlFlow,
};

use clap::{Args, ValueEnum};

use super::{
    Context, Exit, Failure,
    cases::{day, regions},
    output::{Destination, Output},
    rejudge::ByRules,
    workshop,
};
use crate::{
    history,
    report::{
        csv, json,
        observations::{ChangeRow, Overview},
    },
    store::{HistoryOf, Period},
};

/// Compare two days: what was found, what was lost, what is to be confirmed, what cannot be told
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The first day, as it was known at its end
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: String,
    /// The second day (default: today)
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<String>,
    /// Only comuni of this region, may be repeated
    #[arg(long, value_name = "NAME")]
    region: Vec<String>,
    /// Form of the list
    #[arg(
        long,
        value_name = "table|csv|jsonl",
        default_value = "table",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Form,
    #[command(flatten)]
    by: ByRules,
    #[command(flatten)]
    to_file: Destination,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Csv,
    Jsonl,
}

/// A list on its way out.
enum Sink {
    Table(Output, Box<Overview>),
    Csv(Box<csv::Writer<Output>>),
    Jsonl(Output),
}

impl Sink {
    fn write(&mut self, row: &ChangeRow) -> io::Result<()> {
        match self {
            Self::Table(_, overview) => {
                overview.row(row);
                Ok(())
            }
            Self::Csv(writer) => writer.row(&row.cells()),
            Self::Jsonl(out) => out.write_all(json::line(row)?.as_bytes()),
        }
    }

    fn close(self) -> io::Result<Output> {
        match self {
            Self::Table(mut out, overview) => out.write_all(overview.render().as_bytes()).map(|()| out),
            Self::Csv(writer) => writer.finish(),
            Self::Jsonl(out) => Ok(out),
        }
    }
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let from = day("--from", &arguments.from, lang)?;
    let to = arguments.to.as_deref().map_or_else(|| Ok(workshop::today()), |text| day("--to", text, lang))?;
    if from > to {
        let why = lang.pick("il primo giorno viene dopo il secondo", "the first day comes after the second");
        return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(format!("--from {from}")).because(why));
    }
    let dialect = arguments.to_file.dialect(arguments.format == Form::Csv, lang)?;
    let store = workshop::store_for_reading(context).await?;
    let of_store = |error| workshop::of_store(&error, lang);
    let known = store.watched_regions().await.map_err(of_store)?;
    let regions = regions(&arguments.region, &known, lang)?;
    let by = arguments.by.meant(&store, context).await?;
    let out = arguments.to_file.open(context)?;
    let unwritable = |error: io::Error| arguments.to_file.failed(&error, lang);
    let mut sink = match arguments.format {
        Form::Table => Sink::Table(out, Box::new(Overview::new(lang))),
        Form::Jsonl => Sink::Jsonl(out),
        Form::Csv => Sink::Csv(Box::new(csv::Writer::new(out, dialect, &ChangeRow::COLUMNS).map_err(unwritable)?)),
    };
    let mut broken = None;
    let each = |told: HistoryOf| {
        if !regions.is_empty() && !told.whose.region.as_ref().is_some_and(|region| regions.contains(region)) {
            return ControlFlow::Continue(());
        }
        let before = told.history.as_known_on(from).state();
        let Some(change) = history::change(&before, &told.history) else { return ControlFlow::Continue(()) };
        match sink.write(&ChangeRow::of(&told, &before, change)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    store.for_each_history_by(by.map(|one| one.id), None, Period::between(from, to), each).await.map_err(of_store)?;
    if let Some(error) = broken {
        return Err(unwritable(error));
    }
    sink.close().map_err(unwritable)?.finish()?;
    Ok(Exit::Found)
}
