//! `riscontro report`: documents for people, out of what is stored.

mod application;
mod comune;
mod national;
mod notice;

use std::io::Write as _;

use clap::{Args, Subcommand, ValueEnum};

use super::{Context, Exit, Failure, output::Destination};
use crate::config::Lang;

/// Write a report: on notices for verifiers, to one comune, on the whole country
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Notice(notice::Arguments),
    Comune(comune::Arguments),
    Application(application::Arguments),
    National(national::Arguments),
}

/// Form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Html,
    Csv,
    Xlsx,
    Json,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.what {
        What::Notice(asked) => notice::run(asked, context).await,
        What::Comune(asked) => comune::run(asked, context).await,
        What::Application(asked) => application::run(asked, context).await,
        What::National(asked) => national::run(asked, context).await,
    }
}

/// Refuses the forms that a report which is no list does not have.
fn no_table(form: Form, lang: Lang) -> Result<(), Failure> {
    if matches!(form, Form::Csv | Form::Xlsx) {
        let why = lang.pick("questo rapporto non è un elenco", "this report is no list");
        return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--format").because(why));
    }
    Ok(())
}

/// Writes a report that is one text.
fn write(text: &str, to: &Destination, context: &Context) -> Result<(), Failure> {
    // Asking for a kind of CSV is a mistake here.
    to.dialect(false, context.lang())?;
    let mut out = to.open(context)?;
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| out.failed(&error))?;
    out.finish()
}
