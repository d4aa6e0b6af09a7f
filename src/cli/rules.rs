//! `riscontro rules`: the catalogue looked at, checked, tried.

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, Format};

/// List, check, try and explain the detection rules
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// List every rule
    List(Printed),
    /// Check the rule files: file and line of each mistake
    Lint(Printed),
    /// Run the examples of every rule
    Test(Printed),
    /// Tell all about one rule
    Explain(Explain),
    /// Print the JSON Schema of rule files
    Schema,
}

#[derive(Debug, Args)]
pub(super) struct Printed {
    /// How to print
    #[arg(
        long,
        value_name = "text|json",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Id of the rule, for example spid.sp-button
    #[arg(value_name = "ID")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) printed: Printed,
}

/// To be connected to `rules`; tables are drawn with [`crate::report::table::Table`].
pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let (command, format, id) = match &arguments.what {
        What::List(printed) => ("rules list", Some(printed.format), None),
        What::Lint(printed) => ("rules lint", Some(printed.format), None),
        What::Test(printed) => ("rules test", Some(printed.format), None),
        What::Explain(explain) => ("rules explain", Some(explain.printed.format), Some(explain.id.as_str())),
        What::Schema => ("rules schema", None, None),
    };
    tracing::debug!(?format, id, "{command}");
    Err(Failure::not_wired(command, context.lang()))
}
