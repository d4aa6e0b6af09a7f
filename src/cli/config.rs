//! `riscontro config`: the settings looked at. Works also when they are wrong.

use std::fmt::Write as _;

use clap::{Args, Subcommand};

use super::{Exit, Failure, Format, Printed, Terminal};
use crate::{
    config::{Environment, Flags, Lang, example, load, show_json, show_text},
    report::json,
};

/// Show, check or start a configuration
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Print the effective settings and where each comes from; passwords are hidden
    Show(Printed),
    /// Tell every mistake in the settings
    Check(Printed),
    /// Print a commented file to start from
    Example,
}

pub(super) fn run(
    arguments: &Arguments,
    environment: &Environment,
    flags: &Flags,
    lang: Lang,
) -> Result<Exit, Failure> {
    let terminal = Terminal::new(environment, -1);
    let printed = match &arguments.what {
        What::Example => {
            terminal.print(&example(lang), lang)?;
            return Ok(Exit::Found);
        }
        What::Show(printed) | What::Check(printed) => printed,
    };
    let loaded = load(environment, flags).map_err(|error| Failure::of_settings(&error, lang))?;
    let lang = loaded.settings.lang;
    let file = loaded.file.as_ref().map(|path| path.display().to_string());
    let value = match (&arguments.what, printed.format) {
        (What::Show(_), Format::Text) => return terminal.print(&show_text(&loaded, lang), lang).map(|()| Exit::Found),
        (What::Show(_), Format::Json) => show_json(&loaded),
        (_, Format::Json) => serde_json::json!({
            "schema": "riscontro.config-check/1",
            "file": file,
            "unknown_variables": loaded.unknown_variables,
        }),
        (_, Format::Text) => {
            let file = file.unwrap_or_else(|| lang.pick("nessun file", "no file").to_owned());
            let mut text = lang.pick(format!("In ordine ({file}).\n"), format!("In order ({file}).\n"));
            for variable in &loaded.unknown_variables {
                let remark = lang.pick("variabile che non corrisponde a nulla", "variable that names no setting");
                let _ = writeln!(text, "{remark}: {variable}");
            }
            return terminal.print(&text, lang).map(|()| Exit::Found);
        }
    };
    let line = json::line(&value).map_err(|error| Failure::unwritable("json", &error, lang))?;
    terminal.print(&line, lang).map(|()| Exit::Found)
}
