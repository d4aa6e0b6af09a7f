//! What `verdicts` and `applications` share: choosing cases, judging them, writing them in one of four forms.

use std::{
    io::{self, Write as _},
    ops::ControlFlow,
};

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{
    Context, Exit, Failure,
    output::{Destination, Output},
    workshop,
};
use crate::{
    config::Lang,
    model::{ApplicationState, Verdict},
    notices::{Decoded, Notice},
    registry::names::fold,
    report::{
        Cell, csv,
        verdicts::{self, Layout, Overview, Sheet, Told, Totals},
        xlsx::{SheetId, Workbook},
    },
    store::{CaseFacts, Store, Wanted},
};

/// The day whose knowledge counts.
#[derive(Debug, Args)]
pub(super) struct AsOf {
    /// Use only what was known on this day (default: today)
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
}

impl AsOf {
    /// The day that was asked for; without one all that there is.
    pub(super) fn or_all(&self, lang: Lang) -> Result<Date, Failure> {
        self.as_of.as_deref().map_or(Ok(Date::MAX), |text| day("--as-of", text, lang))
    }

    /// As it was typed.
    pub(super) fn text(&self) -> Option<String> {
        self.as_of.clone()
    }

    /// The day; refused when it has not come yet.
    pub(super) fn day(&self, lang: Lang) -> Result<Date, Failure> {
        self.as_of.as_deref().map_or_else(|| Ok(workshop::today()), |text| day("--as-of", text, lang))
    }
}

/// A day that was typed for a flag; none that is still to come.
pub(super) fn day(flag: &str, text: &str, lang: Lang) -> Result<Date, Failure> {
    let wrong =
        |why: &str| Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(format!("{flag} {text}")).because(why));
    match text.parse::<Date>() {
        Ok(day) if day <= workshop::today() => Ok(day),
        Ok(_) => wrong(lang.pick("quel giorno deve ancora venire", "that day has not come yet")),
        Err(_) => wrong(lang.pick("non è una data AAAA-MM-GG", "not a date YYYY-MM-DD")),
    }
}

/// Which cases, and in which form.
#[derive(Debug, Args)]
pub(super) struct Listing {
    /// Only comuni of this region, may be repeated
    #[arg(long, value_name = "NAME")]
    region: Vec<String>,
    #[command(flatten)]
    pub(super) day: AsOf,
    /// Form of the list
    #[arg(
        long,
        value_name = "table|csv|jsonl|xlsx",
        default_value = "table",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Form,
    #[command(flatten)]
    to: Destination,
}

/// Form of a list of cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Csv,
    Jsonl,
    Xlsx,
}

/// A state of an application, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum State {
    #[value(name = "A")]
    Financed,
    #[value(name = "R")]
    Waived,
    #[value(name = "E")]
    Paid,
    #[value(name = "none")]
    None,
}

impl State {
    /// The state; none for comuni without an application.
    pub(super) const fn application(self) -> Option<ApplicationState> {
        match self {
            Self::Financed => Some(ApplicationState::Financed),
            Self::Waived => Some(ApplicationState::Waived),
            Self::Paid => Some(ApplicationState::Paid),
            Self::None => None,
        }
    }
}

/// What is asked of the store, and what of its answer is kept.
pub(super) struct Query<'a> {
    /// Where cases come from, one after the other.
    pub(super) wanted: Vec<Wanted>,
    /// The notice that a case is judged by; none leaves it out.
    pub(super) notice: &'a (dyn Fn(&CaseFacts) -> Option<&'a Notice> + Sync),
    /// All notices that may come up.
    pub(super) notices: Vec<&'a Notice>,
    /// Only these verdicts; none means all.
    pub(super) verdicts: Vec<Verdict>,
    /// Only sums that do not fit.
    pub(super) misfits: bool,
    /// What the list is about.
    pub(super) layout: Layout,
}

/// Judges what the query asks for and writes the list.
pub(super) async fn list(query: Query<'_>, listing: &Listing, store: &Store, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let as_of = listing.day.day(lang)?;
    let known = store.regions().await.map_err(of_store)?;
    let regions = regions(&listing.region, &known, lang)?;
    let ages = context.settings.register_max_age;
    let registers = store.register_states(as_of, ages).await.map_err(of_store)?;
    let head = verdicts::heading(query.layout, &query.notices, as_of, &registers, lang);
    let dues: Vec<Date> = query.notices.iter().flat_map(|notice| &notice.phases).map(|phase| phase.due).collect();
    let mut sink = Sink::open(listing, query.layout, context)?;
    sink.begin(&head)?;
    let mut totals = Totals::default();
    let mut broken: Option<io::Error> = None;
    for wanted in &query.wanted {
        let each = |facts: CaseFacts| {
            if !regions.is_empty() && !facts.comune.region.as_ref().is_some_and(|region| regions.contains(region)) {
                return ControlFlow::Continue(());
            }
            let Some(notice) = (query.notice)(&facts) else {
                totals.without_notice += 1;
                return ControlFlow::Continue(());
            };
            let comune = &facts.comune;
            if facts.application.is_none() && notice.excludes(comune.region.as_deref(), comune.sigla.as_deref()) {
                totals.excluded += 1;
                return ControlFlow::Continue(());
            }
            let told = Told::new(facts, notice, as_of, ages);
            let kept = (query.verdicts.is_empty() || query.verdicts.contains(&told.case.summary.verdict))
                && (!query.misfits || matches!(told.case.sum, Some(Decoded::Misfit { .. })));
            if kept {
                totals.add(&told);
                if let Err(error) = sink.write(&told) {
                    broken = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        store.for_each_case(wanted, as_of, &dues, each).await.map_err(of_store)?;
    }
    match broken {
        Some(error) => Err(sink.out().failed(&error)),
        None => sink.close(&head, &totals),
    }
}

/// The regions that are meant, as they are known. A name of which no region begins is a mistake, not an empty list.
pub(super) fn regions(typed: &[String], known: &[String], lang: Lang) -> Result<Vec<String>, Failure> {
    let mut meant = Vec::new();
    for name in typed {
        let wanted = fold(name);
        let before = meant.len();
        meant.extend(known.iter().filter(|region| fold(region).starts_with(&wanted)).cloned());
        if meant.len() == before || wanted.is_empty() {
            let why = lang.pick("nessuna regione ha questo nome", "no region has this name");
            let failure =
                Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(format!("--region {name}")).because(why);
            return Err(if known.is_empty() { failure } else { failure.hint(known.join(", ")) });
        }
    }
    meant.sort();
    meant.dedup();
    Ok(meant)
}

/// A list on its way out.
struct Sink {
    form: Writing,
    lang: Lang,
    layout: Layout,
    sheet: Sheet,
}

enum Writing {
    Table(Output, Overview),
    Csv(Box<csv::Writer<Output>>),
    Jsonl(Output),
    Xlsx { out: Output, book: Box<Workbook>, cases: SheetId, requirements: SheetId },
}

impl Sink {
    fn open(listing: &Listing, layout: Layout, context: &Context) -> Result<Self, Failure> {
        let lang = context.lang();
        let to = &listing.to;
        let dialect = to.dialect(listing.format == Form::Csv, lang)?;
        if listing.format == Form::Xlsx {
            to.file.for_workbook(lang)?;
        }
        let out = to.open(context)?;
        let sheet = match layout {
            Layout::Verdicts => Sheet::Requirements,
            Layout::Applications => Sheet::Cases,
        };
        let io = |error: io::Error| to.failed(&error, lang);
        let form = match listing.format {
            Form::Table => Writing::Table(out, Overview::new(layout, lang)),
            Form::Jsonl => Writing::Jsonl(out),
            Form::Csv => Writing::Csv(Box::new(sheet.table(out, dialect).map_err(io)?)),
            Form::Xlsx => {
                let mut book = Box::new(Workbook::new(lang));
                let cases = Sheet::Cases.in_book(&mut book, lang).map_err(io)?;
                let requirements = Sheet::Requirements.in_book(&mut book, lang).map_err(io)?;
                Writing::Xlsx { out, book, cases, requirements }
            }
        };
        Ok(Self { form, lang, layout, sheet })
    }

    fn out(&self) -> &Output {
        match &self.form {
            Writing::Table(out, _) | Writing::Jsonl(out) | Writing::Xlsx { out, .. } => out,
            Writing::Csv(writer) => writer.get_ref(),
        }
    }

    /// What stands above a list for people.
    fn begin(&mut self, head: &[String]) -> Result<(), Failure> {
        let Writing::Table(out, _) = &mut self.form else { return Ok(()) };
        let text = head.join("\n") + "\n\n";
        out.write_all(text.as_bytes()).map_err(|error| out.failed(&error))
    }

    fn write(&mut self, told: &Told<'_>) -> io::Result<()> {
        match &mut self.form {
            Writing::Table(_, overview) => {
                overview.row(told);
                Ok(())
            }
            Writing::Jsonl(out) => out.write_all(verdicts::line(told)?.as_bytes()),
            Writing::Csv(writer) => self.sheet.to_table(told, writer),
            Writing::Xlsx { book, cases, requirements, .. } => {
                Sheet::Cases.to_book(told, book, *cases, self.lang)?;
                Sheet::Requirements.to_book(told, book, *requirements, self.lang)
            }
        }
    }

    fn close(self, head: &[String], totals: &Totals) -> Result<(), Failure> {
        let lang = self.lang;
        let mut out = match self.form {
            Writing::Table(mut out, overview) => {
                let text = overview.render(totals);
                out.write_all(text.as_bytes()).map_err(|error| out.failed(&error))?;
                out
            }
            Writing::Jsonl(out) => out,
            Writing::Csv(writer) => writer.finish().map_err(|error| Failure::unwritable("csv", &error, lang))?,
            Writing::Xlsx { mut out, mut book, .. } => {
                let saved = notes(&mut book, self.layout, head, totals, lang).and_then(|()| match out.file() {
                    Some(file) => book.save(file),
                    None => Ok(()),
                });
                saved.map_err(|error| out.failed(&error))?;
                out
            }
        };
        out.flush().map_err(|error| out.failed(&error))?;
        out.finish()
    }
}

/// The last sheet: what the list is about, what it rests on, how it counts.
fn notes(book: &mut Workbook, layout: Layout, head: &[String], totals: &Totals, lang: Lang) -> io::Result<()> {
    let id = book.sheet(lang.pick("Nota", "Note"), &[])?;
    for line in head.iter().cloned().chain(verdicts::counted(layout, totals, lang)) {
        book.row(id, &[Cell::from(line)])?;
    }
    Ok(())
}
