//! `riscontro applications`: the financed applications, their sums read back, and everything about one.

use std::{collections::BTreeSet, ops::ControlFlow};

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{
    Context, Exit, Failure, Format, Printed,
    cases::{self, AsOf, Listing, Query, State},
    comune, notices, workshop,
};
use crate::{
    config::Lang,
    model::ApplicationState,
    notices::{Notice, Notices},
    report::{
        clean,
        verdicts::{self, Layout, Told},
    },
    store::{CaseFacts, Store, Wanted},
};

/// List the financed applications of comuni, or tell all about one
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List applications, each sum read back against its notice
    List(List),
    /// Tell all about the applications with a CUP: money, requirements, findings, registers
    Show(Show),
}

#[derive(Debug, Args)]
struct List {
    /// Only applications to this notice, may be repeated
    #[arg(long, value_name = "ID")]
    notice: Vec<String>,
    /// Only those of this comune: name or code
    #[arg(long, value_name = "NAME|CODE")]
    comune: Option<String>,
    /// Only applications in these states: financed, waived, paid (default: all)
    #[arg(long, value_name = "A|R|E", value_delimiter = ',', ignore_case = true, hide_possible_values = true)]
    state: Vec<State>,
    /// Only those whose sum does not fit the notice
    #[arg(long)]
    misfits: bool,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Debug, Args)]
struct Show {
    /// CUP of the application
    #[arg(value_name = "CUP")]
    cup: String,
    #[command(flatten)]
    day: AsOf,
    #[command(flatten)]
    printed: Printed,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let notices = notices::notices(context)?;
    let store = workshop::store_for_reading(context).await?;
    match &arguments.what {
        What::List(asked) => list(asked, &notices, &store, context).await,
        What::Show(asked) => show(asked, &notices, &store, context).await,
    }
}

/// The notice of an application, by the title that the register gives it.
fn of_application<'a>(notices: &'a Notices, facts: &CaseFacts) -> Option<&'a Notice> {
    notices.of_title(&facts.application.as_ref()?.avviso)
}

async fn list(asked: &List, notices: &Notices, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for id in &asked.notice {
        ids.insert(&notices::find(notices, id, lang)?.id);
    }
    let mut states: Vec<ApplicationState> = asked.state.iter().filter_map(|state| state.application()).collect();
    if states.is_empty() {
        states = ApplicationState::ALL.to_vec();
    }
    let wanted = if let Some(subject) = &asked.comune {
        Wanted::Of(comune::meant(subject, store, lang).await?.catastale)
    } else {
        let titles = if ids.is_empty() {
            store.application_titles().await
        } else {
            notices::titles(notices, store, |one| ids.contains(one.id.as_str())).await
        };
        let titles = titles.map_err(of_store)?;
        Wanted::Applications { titles, states: states.clone() }
    };
    let notice = |facts: &CaseFacts| {
        let state = facts.application.as_ref().is_some_and(|one| states.contains(&one.state));
        of_application(notices, facts).filter(|one| state && (ids.is_empty() || ids.contains(one.id.as_str())))
    };
    let query = Query {
        wanted: vec![wanted],
        notice: &notice,
        notices: notices.all().iter().filter(|one| ids.contains(one.id.as_str())).collect(),
        verdicts: Vec::new(),
        misfits: asked.misfits,
        layout: Layout::Applications,
    };
    cases::list(query, &asked.listing, store, context).await?;
    Ok(Exit::Found)
}

async fn show(asked: &Show, notices: &Notices, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let as_of = asked.day.day(lang)?;
    let cup = asked.cup.trim().to_uppercase();
    let cases = told(&Wanted::Cup(cup), as_of, notices, store, context).await?;
    if cases.is_empty() {
        return Err(no_such_cup(&asked.cup, lang));
    }
    let mut text = String::new();
    let mut last: Option<String> = None;
    for told in &cases {
        match asked.printed.format {
            Format::Json => {
                let line = verdicts::line(told).map_err(|error| Failure::unwritable("json", &error, lang))?;
                text.push_str(&line);
            }
            Format::Text => {
                let comune = subject(told, lang);
                if last.as_ref() != Some(&comune) {
                    text.push_str(&format!("{comune}\n"));
                }
                text.push_str(&format!("\n{}", verdicts::case(told, lang)));
                last = Some(comune);
            }
        }
    }
    if asked.printed.format == Format::Text {
        let ages = context.settings.register_max_age;
        let registers = store.register_states(as_of, ages).await.map_err(|error| workshop::of_store(&error, lang))?;
        let of: Vec<&Notice> = cases.iter().map(|told| told.case.notice).collect();
        text.push_str(lang.pick("\nRegistri\n", "\nRegisters\n"));
        for line in verdicts::rests_on(Layout::Verdicts, &of, &registers, lang) {
            text.push_str(&format!("  {line}\n"));
        }
        text.push_str(&format!("\n{}\n", crate::report::words::verdicts::whose_outcome(lang)));
    }
    context.print(&text)?;
    Ok(Exit::Found)
}

/// No list has it.
pub(super) fn no_such_cup(cup: &str, lang: Lang) -> Failure {
    let what = lang.pick("nessuna candidatura ha questo CUP", "no application has this CUP");
    let why = lang.pick("negli elenchi importati, a questa data", "in the imported lists, up to this date");
    Failure::new(Exit::NoInput, what).at(cup.to_owned()).because(why)
}

/// The cases that are wanted, each judged by its own notice. For a handful: they are held in memory.
pub(super) async fn told<'a>(
    wanted: &Wanted,
    as_of: Date,
    notices: &'a Notices,
    store: &Store,
    context: &Context,
) -> Result<Vec<Told<'a>>, Failure> {
    let ages = context.settings.register_max_age;
    let dues: Vec<Date> = notices.all().iter().flat_map(|notice| &notice.phases).map(|phase| phase.due).collect();
    let mut all = Vec::new();
    let each = |facts: CaseFacts| {
        if let Some(notice) = of_application(notices, &facts) {
            all.push(Told::new(facts, notice, as_of, ages));
        }
        ControlFlow::Continue(())
    };
    store
        .for_each_case(wanted, as_of, &dues, each)
        .await
        .map_err(|error| workshop::of_store(&error, context.lang()))?;
    Ok(all)
}

fn subject(told: &Told<'_>, lang: Lang) -> String {
    let comune = &told.facts.comune;
    let sigla = comune.sigla.as_ref().map_or_else(String::new, |sigla| format!(" ({sigla})"));
    let code = comune.codice_ipa.as_deref().or(comune.catastale.as_deref());
    let code = code.unwrap_or(lang.pick("codice ignoto", "code unknown"));
    clean(&format!("{}{sigla}, {code}", comune.name)).into_owned()
}
