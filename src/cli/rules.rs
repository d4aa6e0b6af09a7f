//! `riscontro rules`: the catalogue looked at, checked, tried.

use clap::{Args, Subcommand};

use super::{
    Context, Exit, Failure, Format, Printed,
    measure::{self, MeasureError},
    workshop,
};
use crate::{
    config::Lang,
    report::{self, table::Table},
    rules::{Catalogue, Rule, schema::RuleFile},
};

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
    /// Measure the catalogue on a folder of labelled pages
    Measure(Measure),
    /// Print the JSON Schema of rule files
    Schema,
}

#[derive(Debug, Args)]
pub(super) struct Measure {
    /// Folder with labels.csv and pages/
    #[arg(value_name = "FOLDER")]
    pub(super) folder: std::path::PathBuf,
    #[command(flatten)]
    pub(super) printed: Printed,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Id of the rule, for example spid.sp-button
    #[arg(value_name = "ID")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) printed: Printed,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    if matches!(arguments.what, What::Schema) {
        context.print(&schema())?;
        return Ok(Exit::Found);
    }
    let catalogue = workshop::catalogue(context)?;
    match &arguments.what {
        What::List(printed) => list(&catalogue, printed.format, context),
        What::Lint(printed) => lint(&catalogue, printed.format, context),
        What::Test(printed) => test(&catalogue, printed.format, context),
        What::Explain(explain) => match catalogue.find(&explain.id) {
            Some(rule) => self::explain(rule, &catalogue, explain.printed.format, context),
            None => Err(no_such_rule(&explain.id, &catalogue, lang)),
        },
        What::Measure(measure) => self::measure(&catalogue, measure, context),
        What::Schema => Ok(Exit::Found),
    }
}

/// The JSON Schema of rule files, for editors.
pub(super) fn schema() -> String {
    let schema = schemars::schema_for!(RuleFile);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

fn no_such_rule(id: &str, catalogue: &Catalogue, lang: Lang) -> Failure {
    let near: Vec<&str> = catalogue
        .rules()
        .iter()
        .map(|rule| rule.spec.id.as_str())
        .filter(|known| known.contains(id) || known.split('.').any(|part| id.contains(part)))
        .take(6)
        .collect();
    let failure = Failure::new(Exit::Usage, lang.pick("nessuna regola ha questo nome", "no rule has this id")).at(id);
    if near.is_empty() { failure } else { failure.hint(near.join(", ")) }
}

fn platforms(rule: &Rule) -> String {
    let names: Vec<&str> = rule.spec.platforms.iter().map(|platform| platform.code()).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(",") }
}

fn list(catalogue: &Catalogue, format: Format, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let text = match format {
        Format::Json => {
            let mut lines = String::new();
            for rule in catalogue.rules() {
                lines.push_str(&json(&value(rule, catalogue), context)?);
            }
            lines
        }
        Format::Text => {
            let head = lang.pick(
                ["regola", "piattaforme", "prova", "forza", "file"],
                ["rule", "platforms", "proves", "strength", "file"],
            );
            let mut table = Table::new(head);
            for rule in catalogue.rules() {
                let place = format!("{}:{}", rule.file, rule.line);
                table.row([
                    rule.spec.id.as_str(),
                    &platforms(rule),
                    rule.spec.proves.code(),
                    rule.spec.strength.code(),
                    &place,
                ]);
            }
            format!("{}\n{}\n", table.render(), summary(catalogue, lang))
        }
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

fn summary(catalogue: &Catalogue, lang: Lang) -> String {
    let (count, version, digest) = (catalogue.rules().len(), catalogue.version(), catalogue.digest());
    lang.pick(
        format!("{count} regole, catalogo {version}, sha256 {digest}"),
        format!("{count} rules, catalogue {version}, sha256 {digest}"),
    )
}

/// A catalogue with mistakes was refused before this; what is left are warnings.
fn lint(catalogue: &Catalogue, format: Format, context: &Context) -> Result<Exit, Failure> {
    let mut text = String::new();
    for warning in catalogue.warnings() {
        match format {
            Format::Text => text.push_str(&format!("{warning}\n")),
            Format::Json => text.push_str(&json(warning, context)?),
        }
    }
    if format == Format::Text {
        text.push_str(&summary(catalogue, context.lang()));
        text.push_str(context.lang().pick(": nessun errore\n", ": no mistakes\n"));
    }
    context.print(&text)?;
    Ok(Exit::Found)
}

fn test(catalogue: &Catalogue, format: Format, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let report = catalogue.test();
    let mut text = String::new();
    match format {
        Format::Json => text.push_str(&json(&report, context)?),
        Format::Text => {
            for failure in &report.failures {
                text.push_str(&format!(
                    "{}:{}: {}, {} {}: {}\n",
                    failure.file, failure.line, failure.rule, failure.list, failure.number, failure.message
                ));
            }
            let (rules, examples, failed) = (report.rules, report.examples, report.failures.len());
            text.push_str(&lang.pick(
                format!("{rules} regole, {examples} esempi, {failed} sbagliati\n"),
                format!("{rules} rules, {examples} examples, {failed} wrong\n"),
            ));
        }
    }
    context.print(&text)?;
    Ok(if report.failures.is_empty() { Exit::Found } else { Exit::Data })
}

fn value(rule: &Rule, catalogue: &Catalogue) -> serde_json::Value {
    let spec = &rule.spec;
    serde_json::json!({
        "id": spec.id,
        "catalogue": catalogue.version(),
        "file": rule.file,
        "line": rule.line,
        "platforms": spec.platforms,
        "proves": spec.proves,
        "strength": spec.strength,
        "focus": spec.focus,
        "why": spec.why,
        "remedy": spec.remedy,
        "source": spec.source,
        "examples": {"hit": spec.examples.hit.len(), "miss": spec.examples.miss.len()},
    })
}

fn explain(rule: &Rule, catalogue: &Catalogue, format: Format, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let spec = &rule.spec;
    if format == Format::Json {
        context.print(&json(&value(rule, catalogue), context)?)?;
        return Ok(Exit::Found);
    }
    let mut text = format!("{}  ({}:{}, {})\n", spec.id, rule.file, rule.line, catalogue.version());
    let words = context.words();
    let mut row = |label: &str, value: &str| {
        let mut lines = value.lines();
        text.push_str(&format!("  {label:<12} {}\n", lines.next().unwrap_or_default()));
        for line in lines {
            text.push_str(&format!("  {:<12} {line}\n", ""));
        }
    };
    row(lang.pick("piattaforme", "platforms"), &platforms(rule));
    row(lang.pick("mostra", "shows"), (words.proves)(spec.proves));
    row(lang.pick("forza", "strength"), (words.strength)(spec.strength));
    if spec.focus > 0 {
        row(lang.pick("da seguire", "followed"), &format!("{}/100", spec.focus));
    }
    row(lang.pick("perché", "why"), &lang.pick(spec.why.it.clone(), spec.why.en.clone()));
    if let Some(remedy) = &spec.remedy {
        row(lang.pick("che fare", "remedy"), &lang.pick(remedy.it.clone(), remedy.en.clone()));
    }
    row(lang.pick("fonte", "source"), &spec.source);
    for (label, examples) in [
        (lang.pick("riconosce", "matches"), &spec.examples.hit),
        (lang.pick("non questo", "not this"), &spec.examples.miss),
    ] {
        for example in examples {
            row(label, &example.to_string());
        }
    }
    context.print(&text)?;
    Ok(Exit::Found)
}

fn measure(catalogue: &Catalogue, arguments: &Measure, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let measured = measure::measure(catalogue, &arguments.folder).map_err(|error| match &error {
        MeasureError::Read { path, source } => Failure::unreadable(path.as_ref(), source, lang),
        MeasureError::Labels { path, message } => {
            let what = lang.pick("pagine etichettate", "labelled pages");
            Failure::new(Exit::Data, what).at(path.clone()).because(message.clone())
        }
    })?;
    let text = match arguments.printed.format {
        Format::Json => json(&measured, context)?,
        Format::Text => measured.text(lang),
    };
    context.print(&text)?;
    let wrong: u32 = measured.platforms.values().map(measure::Counts::wrong_offers).sum();
    Ok(if wrong == 0 { Exit::Found } else { Exit::Data })
}

fn json<T: serde::Serialize>(value: &T, context: &Context) -> Result<String, Failure> {
    report::json::line(value).map_err(|error| Failure::unwritable("json", &error, context.lang()))
}

#[cfg(test)]
mod tests {
    /// `riscontro rules schema > selectors/schema.json` makes the file anew.
    #[test]
    fn the_published_schema_is_the_one_that_the_types_make() {
        assert_eq!(include_str!("../../selectors/schema.json"), super::schema());
    }
}
