//! `riscontro export`: what is stored, as a table or as JSON lines.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};

use super::{Context, Exit, Failure, terminal::STDOUT, workshop};
use crate::{
    report::{
        FindingRow,
        csv::{self, Dialect},
        jsonl,
    },
    store::{FindingFilter, RunId},
};

/// Write what is stored as a table or as JSON lines
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    Findings(Findings),
}

/// Form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// A table.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// The latest findings of every site, or those of one run
#[derive(Debug, Args)]
pub(super) struct Findings {
    /// Form of the export
    #[arg(
        long,
        value_name = "csv|jsonl",
        default_value = "csv",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
    /// Only the findings of this run
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,
    /// File to write, in place of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Commas and no byte order mark, in place of what Italian spreadsheets expect
    #[arg(long)]
    pub(super) rfc4180: bool,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let What::Findings(findings) = &arguments.what;
    if findings.rfc4180 && findings.format == Format::Jsonl {
        let lang = context.lang();
        let why = lang.pick("vale solo per --format csv", "is for --format csv only");
        return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--rfc4180").because(why));
    }
    let rows = rows(findings.run.as_deref(), context).await?;
    match &findings.output {
        None => {
            let out = BufWriter::new(io::stdout().lock());
            write(out, findings, &rows).map_err(|error| Failure::unwritable(STDOUT, &error, context.lang()))?;
        }
        Some(path) => save(path, findings, &rows, context)?,
    }
    Ok(Exit::Found)
}

/// Writes beside the file first and renames when whole: a reader never sees half a table, and an older one stays
/// untouched when the disk is full.
fn save(path: &Path, findings: &Findings, rows: &[FindingRow], context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let file = File::create(&part).map_err(|error| Failure::uncreatable(path, &error, lang))?;
    let written = write(BufWriter::new(file), findings, rows).and_then(|out| {
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&part, path)
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        Failure::unwritable(path.display().to_string(), &error, lang)
    })
}

fn write<W: Write>(out: W, findings: &Findings, rows: &[FindingRow]) -> io::Result<W> {
    match findings.format {
        Format::Csv => {
            let dialect = if findings.rfc4180 { Dialect::Rfc4180 } else { Dialect::Italian };
            let mut writer = csv::Writer::new(out, dialect)?;
            rows.iter().try_for_each(|row| writer.row(row))?;
            writer.finish()
        }
        Format::Jsonl => {
            let mut writer = jsonl::Writer::new(out);
            rows.iter().try_for_each(|row| writer.row(row))?;
            writer.finish()
        }
    }
}

/// The latest finding of each site and platform, or those of one run.
async fn rows(run: Option<&str>, context: &Context) -> Result<Vec<FindingRow>, Failure> {
    let lang = context.lang();
    let run = match run.map(str::parse::<i64>) {
        None => None,
        Some(Ok(id)) => Some(RunId(id)),
        Some(Err(_)) => {
            let why = lang.pick("non è il numero di una visita d'insieme", "not the number of a run");
            return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--run").because(why));
        }
    };
    let store = workshop::store_for_reading(context).await?;
    let mut rows = Vec::new();
    store
        .for_each_latest_finding(FindingFilter { run, ..FindingFilter::default() }, |row| {
            rows.push(FindingRow::from(row));
            ControlFlow::Continue(())
        })
        .await
        .map_err(|error| workshop::of_store(&error, lang))?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;
    use crate::{
        cli::Terminal,
        config::{Environment, Flags, load},
    };

    #[test]
    fn a_table_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.csv");
        let environment = Environment::default();
        let settings = load(&environment, &Flags::default()).unwrap().settings;
        let context = Context::new(settings, Terminal::new(&environment, 0));
        let findings = Findings { format: Format::Csv, run: None, output: None, rfc4180: true };
        let rows = [FindingRow { name: "Ala".into(), ..FindingRow::default() }];
        save(&path, &findings, &rows, &context).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("\"Ala\""));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the part is left behind");

        let missing = folder.path().join("no/such/findings.csv");
        let failure = save(&missing, &findings, &rows, &context).unwrap_err();
        assert_eq!(failure.exit, Exit::CannotCreate);
        assert!(failure.lines[0].place.as_deref().unwrap().ends_with("no/such/findings.csv"));
    }
}
