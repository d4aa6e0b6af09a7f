//! `riscontro diff`: what is another on the later of two days.

use std::{
    io::{self, Write as _},
    ops::ControlFlow,
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{Context, Exit, Failure, cases::regions, output::Output, workshop};
use crate::{
    config::Lang,
    history,
    registry::names::fold,
    report::{
        csv::{self, Dialect},
        json,
        observations::{ChangeRow, Overview},
    },
    store::HistoryOf,
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
    /// File to write, in place of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Commas and no byte order mark, in place of what Italian spreadsheets expect
    #[arg(long)]
    rfc4180: bool,
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

fn wrong(at: String, why: &str, lang: Lang) -> Failure {
    Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(at).because(why)
}

/// A day that was typed; none that is still to come.
fn date(flag: &str, text: &str, lang: Lang) -> Result<Date, Failure> {
    let at = format!("{flag} {text}");
    match text.parse::<Date>() {
        Ok(day) if day <= workshop::today() => Ok(day),
        Ok(_) => Err(wrong(at, lang.pick("quel giorno deve ancora venire", "that day has not come yet"), lang)),
        Err(_) => Err(wrong(at, lang.pick("non è una data AAAA-MM-GG", "not a date YYYY-MM-DD"), lang)),
    }
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let from = date("--from", &arguments.from, lang)?;
    let to = arguments.to.as_deref().map_or_else(|| Ok(workshop::today()), |text| date("--to", text, lang))?;
    if from > to {
        let why = lang.pick("il primo giorno viene dopo il secondo", "the first day comes after the second");
        return Err(wrong(format!("--from {from}"), why, lang));
    }
    if arguments.rfc4180 && arguments.format != Form::Csv {
        let why = lang.pick("vale solo per --format csv", "is for --format csv only");
        return Err(wrong("--rfc4180".to_owned(), why, lang));
    }
    let store = workshop::store_for_reading(context).await?;
    let of_store = |error| workshop::of_store(&error, lang);
    let known = store.watched_regions().await.map_err(of_store)?;
    let regions = regions(&arguments.region, &known, lang)?;
    let out = Output::open(arguments.output.as_deref(), context)?;
    let name =
        || arguments.output.as_ref().map_or_else(|| super::terminal::STDOUT.to_owned(), |p| p.display().to_string());
    let unwritable = |error: io::Error| Failure::unwritable(name(), &error, lang);
    let mut sink = match arguments.format {
        Form::Table => Sink::Table(out, Box::new(Overview::new(lang))),
        Form::Jsonl => Sink::Jsonl(out),
        Form::Csv => {
            let dialect = if arguments.rfc4180 { Dialect::Rfc4180 } else { Dialect::Italian };
            Sink::Csv(Box::new(csv::Writer::new(out, dialect, &ChangeRow::COLUMNS).map_err(unwritable)?))
        }
    };
    let mut broken = None;
    let each = |told: HistoryOf| {
        let here = |region: &String| regions.contains(&fold(region));
        if !regions.is_empty() && !told.whose.region.as_ref().is_some_and(here) {
            return ControlFlow::Continue(());
        }
        let before = told.history.as_known_on(from);
        let Some(change) = history::change(&before, &told.history) else { return ControlFlow::Continue(()) };
        match sink.write(&ChangeRow::of(&told, &before, change)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    store.for_each_history(None, to, each).await.map_err(of_store)?;
    if let Some(error) = broken {
        return Err(unwritable(error));
    }
    sink.close().map_err(unwritable)?.finish()?;
    Ok(Exit::Found)
}
