//! `riscontro report application`: one application with all its evidence, as a case file.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{Context, Exit, Failure, Printed, applications, cases::AsOf, evidence, notices, workshop},
    report::{application, document, verdicts},
    store::Wanted,
};

/// Write the case file of one application: its requirements, findings and registers, and the evidence of its comune
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// CUP of the application
    #[arg(value_name = "CUP")]
    cup: String,
    /// Folder, or file with the ending .zip or .wacz (default: a ZIP in this folder, named after the comune and the day)
    #[arg(long, short, value_name = "FOLDER|FILE.zip")]
    out: Option<PathBuf>,
    #[command(flatten)]
    day: AsOf,
    /// Replace a case file that is there already
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    printed: Printed,
}

pub(super) async fn run(asked: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let folder = workshop::evidence_lies(context)?;
    let notices = notices::notices(context)?;
    let store = workshop::store_for_reading(context).await?;
    let as_of = asked.day.day(lang)?;
    let cup = asked.cup.trim().to_uppercase();
    let cases = applications::told(&Wanted::Cup(cup), as_of, &notices, &store, context).await?;
    let registers = store.register_states(as_of, context.settings.register_max_age).await;
    let registers = registers.map_err(|error| workshop::of_store(&error, lang))?;
    let Some(first) = cases.first() else { return Err(applications::no_such_cup(&asked.cup, lang)) };
    let Some(subject) = first.facts.comune.catastale.clone().or_else(|| first.facts.comune.codice_ipa.clone()) else {
        let why = lang.pick("nessun registro sa di quale comune è", "no register knows which comune it is of");
        return Err(Failure::new(Exit::NoInput, "CUP").at(asked.cup.clone()).because(why));
    };
    // A sum that was waived and granted again is several applications with one CUP.
    let mut extra = Vec::new();
    for (number, told) in cases.iter().enumerate() {
        let number = if number == 0 { String::new() } else { format!("-{}", number + 1) };
        let page = document::html(&application::document(told, &registers, context.words()));
        let name = lang.pick("candidatura", "application");
        extra.push((format!("{name}{number}.html"), page));
        let line = verdicts::line(told).map_err(|error| Failure::unwritable("json", &error, lang))?;
        extra.push((format!("{name}{number}.json"), line));
    }
    let export = evidence::Export::of(subject, asked.out.clone(), asked.day.text(), asked.force, asked.printed);
    evidence::export::run(&export, extra, &store, &folder, context).await
}
