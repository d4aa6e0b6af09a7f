//! `riscontro report notice`: what changed, what is due, what contradicts, and every application.

use std::io::{self, Write as _};

use clap::{Args, ValueEnum};

use super::{paper::Press, scope::Scope};
use crate::{
    cli::{
        Context, Exit, Failure,
        cases::{self, AsOf, day},
        notices,
        output::{Destination, Output},
        workshop,
    },
    history,
    report::{
        csv, document, json,
        notice::{Asked, Builder},
        observations::ChangeRow,
        verdicts::{Sheet, Told},
        xlsx::{SheetId, Workbook},
    },
    store::HistoryOf,
};

/// Days within which a deadline is near.
pub(in crate::cli) const NEAR_DAYS: u32 = 60;

/// Report on notices: what changed, deadlines, contradictions, totals, the list of applications
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only this notice, may be repeated (default: every notice whose applications a register lists)
    #[arg(long, value_name = "ID")]
    notice: Vec<String>,
    /// Only comuni of this region, may be repeated
    #[arg(long, value_name = "NAME")]
    region: Vec<String>,
    /// List what changed since this day: that of the last report
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<String>,
    /// Days within which a deadline is near (default 60)
    #[arg(long, value_name = "DAYS")]
    near: Option<u32>,
    #[command(flatten)]
    day: AsOf,
    /// Form of the report: a page, text, the page on paper, every application as a table or workbook, for
    /// programs all but the single applications
    #[arg(
        long,
        value_name = "text|html|pdf|csv|xlsx|json",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Form,
    #[command(flatten)]
    to: Destination,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Html,
    Pdf,
    Csv,
    Xlsx,
    Json,
}

/// Where every case goes beside being counted.
enum Rows {
    None(Output),
    Csv(Box<csv::Writer<Output>>),
    Xlsx(Output, Box<Workbook>, SheetId),
}

impl Rows {
    fn open(asked: &Arguments, context: &Context) -> Result<Self, Failure> {
        let lang = context.lang();
        let dialect = asked.to.dialect(asked.format == Form::Csv, lang)?;
        if asked.format == Form::Xlsx {
            asked.to.file.for_workbook(lang)?;
        }
        let out = asked.to.open(context)?;
        let io = |error: io::Error| asked.to.failed(&error, lang);
        Ok(match asked.format {
            Form::Text | Form::Html | Form::Pdf | Form::Json => Self::None(out),
            Form::Csv => Self::Csv(Box::new(Sheet::Cases.table(out, dialect).map_err(io)?)),
            Form::Xlsx => {
                let mut book = Box::new(Workbook::new(lang));
                let id = Sheet::Cases.in_book(&mut book, lang).map_err(io)?;
                Self::Xlsx(out, book, id)
            }
        })
    }

    fn write(&mut self, told: &Told<'_>, context: &Context) -> io::Result<()> {
        match self {
            Self::None(_) => Ok(()),
            Self::Csv(writer) => Sheet::Cases.to_table(told, writer),
            Self::Xlsx(_, book, id) => Sheet::Cases.to_book(told, book, *id, context.lang()),
        }
    }
}

pub(super) async fn run(asked: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let press = (asked.format == Form::Pdf).then(|| Press::find(&asked.to.file, context)).transpose()?;
    let as_of = asked.day.day(lang)?;
    let since = asked.since.as_deref().map(|text| day("--since", text, lang)).transpose()?;
    if since.is_some_and(|since| since > as_of) {
        let why = lang.pick("viene dopo il giorno del rapporto", "comes after the day of the report");
        return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--since").because(why));
    }
    let notices = notices::notices(context)?;
    let store = workshop::store_for_reading(context).await?;
    let known = store.regions().await.map_err(of_store)?;
    let regions = cases::regions(&asked.region, &known, lang)?;
    let scope = Scope::new(&asked.notice, &regions, as_of, &notices, context)?;
    let registers = store.register_states(as_of, context.settings.register_max_age).await.map_err(of_store)?;
    let asked_for = Asked { as_of, since, near_days: asked.near.unwrap_or(NEAR_DAYS), regions };
    let mut rows = Rows::open(asked, context)?;
    let mut report = Builder::new(&scope.chosen, asked_for, registers, lang);
    if let Some(since) = since {
        let change = |told: &HistoryOf| {
            let before = told.history.as_known_on(since).state();
            history::change(&before, &told.history).map(|change| ChangeRow::of(told, &before, change))
        };
        scope.changes(since, &mut report, &store, change, context).await?;
    }
    let each = |told: &Told<'_>, report: &mut Builder<'_>| {
        report.case(told);
        rows.write(told, context)
    };
    scope.cases(&mut report, &store, each, context).await?;
    report.finish();
    let failed = |error: io::Error| asked.to.failed(&error, lang);
    let mut out = match rows {
        Rows::Csv(writer) => writer.finish().map_err(failed)?,
        Rows::Xlsx(mut out, mut book, _) => {
            document::sheets(&report.tables(), &mut book).map_err(failed)?;
            let saved = out.file().map_or(Ok(()), |file| book.save(file));
            saved.map_err(failed)?;
            out
        }
        Rows::None(mut out) => {
            let written = match (asked.format, &press) {
                (_, Some(press)) => press.pdf(&report.document(), context).await?,
                (Form::Html, _) => document::html(&report.document()).into_bytes(),
                (Form::Json, _) => json::line(&report).map_err(failed)?.into_bytes(),
                (Form::Text | Form::Pdf | Form::Csv | Form::Xlsx, _) => document::text(&report.document()).into_bytes(),
            };
            out.write_all(&written).map_err(failed)?;
            out
        }
    };
    out.flush().map_err(failed)?;
    out.finish()?;
    Ok(Exit::Found)
}
