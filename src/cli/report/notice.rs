//! `riscontro report notice`: what changed, what is due, what contradicts, and every application.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    ops::ControlFlow,
};

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use crate::{
    cli::{
        Context, Exit, Failure,
        cases::{self, AsOf, day},
        notices,
        output::{Destination, Output},
        workshop,
    },
    history,
    model::{ApplicationState, Platform},
    notices::{Notice, Notices},
    registry::names::fold,
    report::{
        csv, document, json,
        notice::{Asked, Builder},
        observations::ChangeRow,
        verdicts::{Sheet, Told},
        xlsx::{SheetId, Workbook},
    },
    store::{CaseFacts, HistoryOf, Store, Wanted},
};

/// Days within which a deadline is near.
const NEAR_DAYS: u32 = 60;

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
    /// Form of the report: a page, text, every application as a table or workbook, for programs all but
    /// the single applications
    #[arg(
        long,
        value_name = "text|html|csv|xlsx|json",
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
            Form::Text | Form::Html | Form::Json => Self::None(out),
            Form::Csv => {
                let columns: Vec<&str> = Sheet::Cases.columns().iter().map(|column| column.code).collect();
                Self::Csv(Box::new(csv::Writer::new(out, dialect, &columns).map_err(io)?))
            }
            Form::Xlsx => {
                let mut book = Box::new(Workbook::new(lang));
                let columns = Sheet::Cases.columns();
                let titles: Vec<&str> = columns.iter().map(|column| column.title(lang)).collect();
                let id = book.sheet(lang.pick("Candidature", "Applications"), &titles).map_err(io)?;
                Self::Xlsx(out, book, id)
            }
        })
    }

    fn write(&mut self, told: &Told<'_>, context: &Context) -> io::Result<()> {
        match self {
            Self::None(_) => Ok(()),
            Self::Csv(writer) => Sheet::Cases.rows(told, None).iter().try_for_each(|row| writer.row(row)),
            Self::Xlsx(_, book, id) => {
                Sheet::Cases.rows(told, Some(context.lang())).iter().try_for_each(|row| book.row(*id, row))
            }
        }
    }
}

pub(super) async fn run(asked: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let as_of = asked.day.day(lang)?;
    let since = asked.since.as_deref().map(|text| day("--since", text, lang)).transpose()?;
    if since.is_some_and(|since| since > as_of) {
        let why = lang.pick("viene dopo il giorno del rapporto", "comes after the day of the report");
        return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--since").because(why));
    }
    let notices = notices::notices(context)?;
    let chosen = chosen(&asked.notice, &notices, context)?;
    let store = workshop::store_for_reading(context).await?;
    let known = store.regions().await.map_err(of_store)?;
    let regions = cases::regions(&asked.region, &known, lang)?;
    let registers = store.register_states(as_of, context.settings.register_max_age).await.map_err(of_store)?;
    let asked_for = Asked {
        as_of,
        since,
        near_days: asked.near.unwrap_or(NEAR_DAYS),
        regions: known.into_iter().filter(|region| regions.contains(&fold(region))).collect(),
    };
    let mut rows = Rows::open(asked, context)?;
    let mut report = Builder::new(&chosen, asked_for, registers, lang);
    gather(
        &mut report,
        &chosen,
        &notices,
        &store,
        (as_of, since),
        |told, report| {
            let here = |region: &String| regions.contains(&fold(region));
            if regions.is_empty() || told.facts.comune.region.as_ref().is_some_and(here) {
                report.case(told);
                rows.write(told, context)?;
            }
            Ok(())
        },
        context,
    )
    .await?;
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
            let text = match asked.format {
                Form::Html => document::html(&report.document()),
                Form::Json => json::line(&report).map_err(failed)?,
                Form::Text | Form::Csv | Form::Xlsx => document::text(&report.document()),
            };
            out.write_all(text.as_bytes()).map_err(failed)?;
            out
        }
    };
    out.flush().map_err(failed)?;
    out.finish()?;
    Ok(Exit::Found)
}

/// The notices that are meant; without any, those whose applications a register lists.
fn chosen<'a>(ids: &[String], notices: &'a Notices, context: &Context) -> Result<Vec<&'a Notice>, Failure> {
    if ids.is_empty() {
        return Ok(notices.all().iter().filter(|notice| !notice.titles.is_empty()).collect());
    }
    let mut chosen: Vec<&Notice> = Vec::new();
    for id in ids {
        let notice = notices::find(notices, id, context.lang())?;
        if !chosen.iter().any(|known| known.id == notice.id) {
            chosen.push(notice);
        }
    }
    Ok(chosen)
}

/// Hands a report what changed, and then every case of its notices.
async fn gather<'a>(
    report: &mut Builder<'a>,
    chosen: &[&'a Notice],
    notices: &'a Notices,
    store: &Store,
    (as_of, since): (Date, Option<Date>),
    mut each: impl FnMut(&Told<'_>, &mut Builder<'a>) -> io::Result<()> + Send,
    context: &Context,
) -> Result<(), Failure> {
    let of_store = |error| workshop::of_store(&error, context.lang());
    let platforms: BTreeSet<Platform> =
        chosen.iter().flat_map(|notice| &notice.criteria).filter_map(|criterion| criterion.reads.site).collect();
    if let Some(since) = since {
        let change = |told: HistoryOf| {
            let before = told.history.as_known_on(since);
            if let (true, Some(change)) = (platforms.contains(&told.platform), history::change(&before, &told.history))
            {
                report.change(ChangeRow::of(&told, &before, change));
            }
            ControlFlow::Continue(())
        };
        store.for_each_history(None, as_of, change).await.map_err(of_store)?;
    }
    let ids: BTreeSet<&str> = chosen.iter().map(|notice| notice.id.as_str()).collect();
    let titles = notices::titles(notices, store, |one| ids.contains(one.id.as_str())).await.map_err(of_store)?;
    let states = ApplicationState::ALL.into_iter().filter(|state| state.is_live()).collect();
    // Notices whose applications no register lists concern every comune.
    let open: Vec<&Notice> = chosen.iter().copied().filter(|notice| notice.titles.is_empty()).collect();
    let mut wanted = vec![Wanted::Applications { titles, states }];
    wanted.extend((!open.is_empty()).then(|| Wanted::Comuni { without: Vec::new() }));
    let dues: Vec<Date> = chosen.iter().flat_map(|notice| &notice.phases).map(|phase| phase.due).collect();
    let ages = context.settings.register_max_age;
    let mut broken: Option<io::Error> = None;
    for wanted in &wanted {
        let case = |facts: CaseFacts| {
            let of: Vec<&'a Notice> = match &facts.application {
                Some(application) => notices.of_title(&application.avviso).into_iter().collect(),
                None => open.iter().copied().filter(|notice| allowed(notice, &facts)).collect(),
            };
            for notice in of {
                let told = Told::new(facts.clone(), notice, as_of, ages);
                if let Err(error) = each(&told, report) {
                    broken = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        store.for_each_case(wanted, as_of, &dues, case).await.map_err(of_store)?;
    }
    broken.map_or(Ok(()), |error| Err(Failure::unwritable("report", &error, context.lang())))
}

/// Whether a comune without an application could have had one.
fn allowed(notice: &Notice, facts: &CaseFacts) -> bool {
    !notice.excludes(facts.comune.region.as_deref(), facts.comune.sigla.as_deref())
}
