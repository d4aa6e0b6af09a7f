//! `riscontro report national`: each platform by region and over time.

use std::ops::ControlFlow;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{paper::Press, write};
use crate::{
    cli::{Context, Exit, Failure, cases::AsOf, output::ToFile, workshop},
    report::{document, json, national::Picture, xlsx::Workbook},
    store::{HistoryOf, Period, Store},
};

/// Report on the whole country: where each platform was found, by region and over time
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    day: AsOf,
    /// Form of the report: a page, text, the page on paper, a workbook, everything for programs
    #[arg(
        long,
        value_name = "text|html|pdf|xlsx|json",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Form,
    #[command(flatten)]
    to: ToFile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Html,
    Pdf,
    Xlsx,
    Json,
}

pub(super) async fn run(asked: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    if asked.format == Form::Xlsx {
        asked.to.for_workbook(lang)?;
    }
    let press = (asked.format == Form::Pdf).then(|| Press::find(&asked.to, context)).transpose()?;
    let as_of = asked.day.day(lang)?;
    let store = workshop::store_for_reading(context).await?;
    let picture = picture(as_of, &store, |_| {}, context).await?;
    let failed = |error: std::io::Error| asked.to.failed(&error, lang);
    let written = match (asked.format, &press) {
        (_, Some(press)) => press.pdf(&picture.document(), context).await?,
        (Form::Json, _) => json::line(&picture).map_err(failed)?.into_bytes(),
        (Form::Html, _) => document::html(&picture.document()).into_bytes(),
        (Form::Text | Form::Pdf, _) => document::text(&picture.document()).into_bytes(),
        (Form::Xlsx, _) => {
            let mut out = asked.to.open(context)?;
            let mut book = Workbook::new(lang);
            document::sheets(&picture.document(), &mut book).map_err(failed)?;
            out.file().map_or(Ok(()), |file| book.save(file)).map_err(failed)?;
            out.finish()?;
            return Ok(Exit::Found);
        }
    };
    write(&written, &asked.to, context)?;
    Ok(Exit::Found)
}

/// The picture; each history that it is made of goes through `seen` as well.
pub(in crate::cli) async fn picture(
    as_of: Date,
    store: &Store,
    mut seen: impl FnMut(&HistoryOf) + Send,
    context: &Context,
) -> Result<Picture, Failure> {
    let of_store = |error| workshop::of_store(&error, context.lang());
    let registers = store.register_states(as_of, context.settings.register_max_age).await.map_err(of_store)?;
    let comuni = store.comuni_by_region().await.map_err(of_store)?;
    let mut picture = Picture::new(as_of, comuni, registers, context.lang());
    let each = |told: HistoryOf| {
        picture.add(&told);
        seen(&told);
        ControlFlow::Continue(())
    };
    store.for_each_history(None, Period::on(as_of), each).await.map_err(of_store)?;
    Ok(picture)
}
