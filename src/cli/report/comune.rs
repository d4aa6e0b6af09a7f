//! `riscontro report comune`: what is told to one comune.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{paper::Press, write};
use crate::{
    cli::{
        Context, Exit, Failure, applications,
        cases::AsOf,
        comune::{histories, meant_on},
        notices,
        output::ToFile,
        workshop,
    },
    notices::Notices,
    registry::RegisterState,
    report::{
        comune::{ComuneReport, Looked},
        document,
        json::Rooted,
        verdicts::Told,
    },
    store::{ComuneFile, HistoryOf, Records, Store, VisitId, Wanted},
};

/// Report to one comune: what was seen and where, what was not and why, what to do, how to answer
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Name or code of the comune
    #[arg(value_name = "NAME|CODE")]
    subject: String,
    #[command(flatten)]
    day: AsOf,
    /// Form of the report: a page, text, the page on paper, everything for programs
    #[arg(
        long,
        value_name = "text|html|pdf|json",
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
    Json,
}

pub(super) async fn run(asked: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let press = (asked.format == Form::Pdf).then(|| Press::find(&asked.to, context)).transpose()?;
    let catalogue = workshop::catalogue(context)?;
    let notices = notices::notices(context)?;
    let store = workshop::store_for_reading(context).await?;
    let as_of = asked.day.day(lang)?;
    let file = meant_on(&asked.subject, asked.day.or_all(lang)?, &store, lang).await?;
    let gathered = Gathered::of(file, as_of, &notices, &store, context).await?;
    let report = gathered.report(context);
    let document = || report.document(context.words(), &workshop::remedy(&catalogue, lang));
    let written = match (asked.format, &press) {
        (_, Some(press)) => press.pdf(&document(), context).await?,
        (Form::Json, _) => report.json().map_err(|error| asked.to.failed(&error, lang))?.into_bytes(),
        (Form::Html, _) => document::html(&document()).into_bytes(),
        (Form::Text | Form::Pdf, _) => document::text(&document()).into_bytes(),
    };
    write(&written, &asked.to, context)?;
    Ok(Exit::Found)
}

/// All that is stored of one comune, for its report.
pub(in crate::cli) struct Gathered<'n> {
    pub(in crate::cli) file: Box<ComuneFile>,
    pub(in crate::cli) histories: Vec<HistoryOf>,
    pub(in crate::cli) cases: Vec<Told<'n>>,
    looks: Vec<Looked>,
    registers: Vec<RegisterState>,
    as_of: Date,
}

impl<'n> Gathered<'n> {
    /// Reads it.
    pub(in crate::cli) async fn of(
        file: Box<ComuneFile>,
        as_of: Date,
        notices: &'n Notices,
        store: &Store,
        context: &Context,
    ) -> Result<Self, Failure> {
        let of_store = |error| workshop::of_store(&error, context.lang());
        let wanted = Wanted::Of(file.catastale.clone());
        let cases = applications::told(&wanted, as_of, notices, store, context).await?;
        let histories = histories(&file.catastale, as_of, None, store, context.lang()).await?;
        let registers = store.register_states(as_of, context.settings.register_max_age).await.map_err(of_store)?;
        let mut looks = Vec::new();
        let visits: BTreeSet<i64> = file.findings.iter().map(|finding| finding.visit).collect();
        for id in visits.into_iter().map(VisitId) {
            let visit = store.visit(id).await.map_err(of_store)?;
            looks.push(Looked { visit, rooted: rooted(id, store, context).await? });
        }
        Ok(Self { file, histories, cases, looks, registers, as_of })
    }

    /// The report on it.
    pub(in crate::cli) fn report<'a>(&'a self, context: &'a Context) -> ComuneReport<'a> {
        let report = ComuneReport {
            file: &self.file,
            looks: self.looks.clone(),
            histories: &self.histories,
            cases: &self.cases,
            registers: &self.registers,
            as_of: self.as_of,
            contact: context.settings.contact.as_deref(),
        };
        report.masked()
    }
}

/// The chain that holds the bytes of a visit, and its root.
async fn rooted(id: VisitId, store: &Store, context: &Context) -> Result<Option<Rooted>, Failure> {
    let of_store = |error| workshop::of_store(&error, context.lang());
    let rows = store.evidence_records(&Records::OfVisit(id)).await.map_err(of_store)?;
    let Some(row) = rows.first() else { return Ok(None) };
    let chains = store.chains(None).await.map_err(of_store)?;
    let chain = chains.into_iter().find(|chain| chain.id == row.chain);
    Ok(chain.map(|chain| Rooted { visit: id.0, chain: chain.id.0, records: chain.records, root: chain.root }))
}
