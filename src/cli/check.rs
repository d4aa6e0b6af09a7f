//! `riscontro check`: look at a few sites now, one after the other, and print what is found.

use clap::{Args, ValueEnum};

use super::{Context, Exit, Failure};
use crate::{
    model::{Finding, Visit},
    report::{
        html, json,
        text::{self, Style},
    },
};

/// How `check` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object a line for each site.
    Json,
    /// One self-contained page for all sites.
    Html,
}

/// Look at sites now and print what is found
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Addresses of sites, or names or codes of comuni known to the database
    #[arg(required = true, value_name = "URL|comune")]
    pub(super) subjects: Vec<String>,
    /// How to print
    #[arg(
        long,
        value_name = "text|json|html",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
    /// Store the visits in the database as well
    #[arg(long)]
    pub(super) save: bool,
    /// The site is yours: look past its robots.txt, which is said on the report
    #[arg(long)]
    pub(super) own_site: bool,
    /// Tell the path as well: why each page was chosen, what it gave, what was left unread
    #[arg(long)]
    pub(super) explain: bool,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let mut visits = Vec::with_capacity(arguments.subjects.len());
    for subject in &arguments.subjects {
        let spinner = context.terminal.spinner();
        spinner.say(subject);
        let visit = visit(subject, arguments, context).await?;
        drop(spinner);
        if let Some(text) = rendered(&visit, visits.is_empty(), arguments, context)? {
            context.print(&text)?;
        }
        visits.push(visit);
        if context.stop.is_requested() {
            break;
        }
    }
    if arguments.format == Format::Html {
        context.print(&html::page(&visits, context.words(), arguments.explain, &remedy))?;
    }
    Ok(Exit::of_visits(&visits))
}

/// What is printed as soon as a visit is over; a page is printed only when all are.
fn rendered(visit: &Visit, first: bool, arguments: &Arguments, context: &Context) -> Result<Option<String>, Failure> {
    match arguments.format {
        Format::Text => {
            let style = Style { colour: context.terminal.colour(), explain: arguments.explain };
            let text = text::site(visit, context.words(), style, &remedy);
            Ok(Some(if first { text } else { format!("\n{}\n\n{text}", "─".repeat(text::WIDTH)) }))
        }
        Format::Json => json::site(visit, arguments.explain)
            .map(Some)
            .map_err(|error| Failure::unwritable("json", &error, context.lang())),
        Format::Html => Ok(None),
    }
}

/// To be connected to the rule catalogue: the remedy of the rule that speaks of this finding.
fn remedy(_: &Finding) -> Option<String> {
    None
}

/// To be connected to `run::targets` (subject to target), `crawl` (the visit) and `store` (`--save`).
#[expect(clippy::unused_async, reason = "a visit waits for the network")]
async fn visit(_subject: &str, _arguments: &Arguments, context: &Context) -> Result<Visit, Failure> {
    Err(Failure::not_wired("check", context.lang()))
}
