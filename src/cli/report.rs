//! `riscontro report`: documents for people, out of what is stored.

mod application;
pub(super) mod comune;
pub(super) mod national;
pub(super) mod notice;
pub(super) mod paper;
pub(super) mod scope;

use std::io::Write as _;

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, output::ToFile};

/// Write a report: on notices, to one comune, on one application, on the whole country
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

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.what {
        What::Notice(asked) => notice::run(asked, context).await,
        What::Comune(asked) => comune::run(asked, context).await,
        What::Application(asked) => application::run(asked, context).await,
        What::National(asked) => national::run(asked, context).await,
    }
}

/// Writes a report that is one document.
fn write(document: &[u8], to: &ToFile, context: &Context) -> Result<(), Failure> {
    let mut out = to.open(context)?;
    out.write_all(document).and_then(|()| out.flush()).map_err(|error| out.failed(&error))?;
    out.finish()
}
