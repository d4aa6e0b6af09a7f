//! `riscontro notices`: the notices looked at and checked.

use clap::{Args, Subcommand};

use super::{Context, Exit, Failure, Format, Printed, workshop};
use crate::{
    config::Lang,
    model::{Bilingual, Euro},
    notices::{Band, Notice, Notices},
    report::{self, table::Table, words},
    store::{Store, StoreError},
};

/// List, show and check the notices (avvisi)
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List every notice
    List(Printed),
    /// Tell all about one notice, and what of it can be seen from outside
    Show(Show),
    /// Check the files of the notices
    Lint(Printed),
    /// Print the JSON Schema of the files
    Schema,
}

#[derive(Debug, Args)]
struct Show {
    /// Id of the notice, for example fondo-innovazione-2020
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    printed: Printed,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    if matches!(arguments.what, What::Schema) {
        context.print(&schema())?;
        return Ok(Exit::Found);
    }
    let notices = notices(context)?;
    let text = match &arguments.what {
        What::List(printed) => list(&notices, printed.format, context)?,
        What::Lint(printed) => lint(&notices, printed.format, context)?,
        What::Show(show) => {
            let notice = find(&notices, &show.id, lang)?;
            match show.printed.format {
                Format::Json => json(notice, context)?,
                Format::Text => describe(notice, lang),
            }
        }
        What::Schema => String::new(),
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

/// The notices of the binary, or of the folder that the settings name.
pub(super) fn notices(context: &Context) -> Result<Notices, Failure> {
    let loaded = match &context.settings.notices {
        Some(folder) => Notices::from_folder(folder),
        None => Notices::embedded(),
    };
    loaded.map_err(|found| workshop::of_diagnostics(&found, context.lang().pick("avvisi", "notices")))
}

/// How the imported lists write the titles of some notices.
pub(super) async fn titles(
    notices: &Notices,
    store: &Store,
    wanted: impl Fn(&Notice) -> bool,
) -> Result<Vec<String>, StoreError> {
    let mut titles = store.application_titles().await?;
    titles.retain(|title| notices.of_title(title).is_some_and(&wanted));
    Ok(titles)
}

/// The JSON Schema of the files, for editors. A file that is like another says only what differs, so an editor asks for no
/// more than its id; `notices lint` asks for the rest.
fn schema() -> String {
    let mut schema = schemars::schema_for!(Notice).to_value();
    schema["required"] = serde_json::json!(["id"]);
    schema["properties"]["like"] = serde_json::json!({
        "type": "string",
        "description": "Id of a notice: what this file does not say is taken over from it, by top-level keys.",
    });
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// The notice of an id; of a wrong one, those that it may mean are told.
pub(super) fn find<'a>(notices: &'a Notices, id: &str, lang: Lang) -> Result<&'a Notice, Failure> {
    notices.find(id).ok_or_else(|| no_such_notice(id, notices, lang))
}

fn no_such_notice(id: &str, notices: &Notices, lang: Lang) -> Failure {
    // What begins like it first, then what is nearest; beyond a third of other letters nothing was meant.
    let typed: String = id.chars().take(64).collect();
    let mut near: Vec<(bool, usize, &str)> = notices
        .all()
        .iter()
        .map(|notice| (!notice.id.starts_with(&typed), strsim::levenshtein(&typed, &notice.id), notice.id.as_str()))
        .filter(|(other, far, known)| !other || *far <= known.len() / 3)
        .collect();
    near.sort_unstable();
    let near: Vec<&str> = near.into_iter().map(|(_, _, known)| known).take(6).collect();
    let failure = Failure::new(Exit::Usage, lang.pick("nessun avviso ha questo nome", "no notice has this id")).at(id);
    if near.is_empty() { failure } else { failure.hint(near.join(", ")) }
}

fn list(notices: &Notices, format: Format, context: &Context) -> Result<String, Failure> {
    let lang = context.lang();
    if format == Format::Json {
        return notices.all().iter().map(|notice| json(notice, context)).collect();
    }
    let head = lang.pick(["avviso", "misura", "dal", "al", "criteri"], ["notice", "measure", "from", "to", "criteria"]);
    let mut table = Table::new(head);
    for notice in notices.all() {
        let (opens, closes) = (notice.window.opens.to_string(), notice.window.closes.to_string());
        let criteria = notice.criteria.len().to_string();
        table.row([notice.id.as_str(), &notice.measure, &opens, &closes, &criteria]);
    }
    Ok(format!("{}\n{}\n", table.render(), summary(notices, lang)))
}

fn summary(notices: &Notices, lang: Lang) -> String {
    let (count, digest) = (notices.all().len(), notices.digest());
    lang.pick(format!("{count} avvisi, sha256 {digest}"), format!("{count} notices, sha256 {digest}"))
}

/// Notices with mistakes were refused before this; what is left are warnings.
fn lint(notices: &Notices, format: Format, context: &Context) -> Result<String, Failure> {
    let mut text = String::new();
    for warning in notices.warnings() {
        match format {
            Format::Text => text.push_str(&format!("{warning}\n")),
            Format::Json => text.push_str(&json(warning, context)?),
        }
    }
    if format == Format::Text {
        text.push_str(&summary(notices, context.lang()));
        text.push_str(context.lang().pick(": nessun errore\n", ": no mistakes\n"));
    }
    Ok(text)
}

fn json<T: serde::Serialize>(value: &T, context: &Context) -> Result<String, Failure> {
    report::json::line(value).map_err(|error| Failure::unwritable("json", &error, context.lang()))
}

fn pick(text: &Bilingual, lang: Lang) -> &str {
    lang.pick(&text.it, &text.en)
}

fn bands(notice: &Notice, lang: Lang) -> String {
    let head = lang.pick(
        ["abitanti", "fascia", "fisso", "per servizio", "servizi"],
        ["inhabitants", "band", "fixed", "per service", "services"],
    );
    let mut table = Table::new(head);
    let sum = |sum: Option<Euro>| sum.map_or_else(|| "-".to_owned(), |sum| words::euro(lang, sum));
    for band in &notice.bands {
        let Band { from, to, .. } = band;
        let residents = match to {
            Some(to) => format!("{from} - {to}"),
            None => lang.pick(format!("da {from}"), format!("from {from}")),
        };
        let services = match (band.min, band.max) {
            (Some(min), Some(max)) => format!("{min} - {max}"),
            (None, Some(max)) => format!("0 - {max}"),
            _ => "-".to_owned(),
        };
        let name = band.name.as_deref().unwrap_or("-");
        table.row([residents.as_str(), name, &sum(band.base), &sum(band.unit), &services]);
    }
    table.render()
}

/// Everything about one notice, for people.
fn describe(notice: &Notice, lang: Lang) -> String {
    let mut text = format!("{}\n{}\n\n", notice.id, pick(&notice.name, lang));
    let mut row = |label: &str, value: &str| text.push_str(&format!("  {label:<14} {value}\n"));
    let source = lang.pick("fonte", "source");
    row(lang.pick("ente", "publisher"), &notice.publisher);
    row(lang.pick("fondo", "fund"), &notice.fund);
    let window = &notice.window;
    row(lang.pick("domande", "applications"), &format!("{} - {}", window.opens, window.closes));
    if let Some(from) = window.counts_from {
        row(lang.pick("conta dal", "counts from"), &from.to_string());
    }
    row(source, &window.source);
    if let Some(appropriation) = &notice.appropriation {
        row(lang.pick("stanziati", "set aside"), &format!("{} euro", words::euro(lang, appropriation.euro)));
        row(source, &appropriation.source);
    }
    row(lang.pick("popolazione", "population"), pick(&notice.sums.population, lang));
    row(source, &notice.sums.source);
    if !notice.sums.confirmed {
        row("", lang.pick("somme non confermate", "sums not confirmed"));
    }
    text.push_str(&format!("\n{}\n", bands(notice, lang)));
    let mut item = |head: &str, body: &str, from: &str| {
        text.push_str(&format!("- {head}{body}\n    {source}: {from}\n"));
    };
    for phase in &notice.phases {
        let head = lang.pick(format!("fase {}: ", phase.id), format!("phase {}: ", phase.id));
        item(&head, &format!("{}%, {}", phase.share, phase.due), &phase.source);
    }
    for adjustment in &notice.adjustments {
        item("", pick(&adjustment.what, lang), &adjustment.source);
    }
    for term in &notice.terms {
        let days = term.days.map(|days| lang.pick(format!(": {days} giorni"), format!(": {days} days")));
        let date = term.date.map(|date| format!(": {date}"));
        let when = days.or(date).unwrap_or_default();
        item("", &format!("{}{when}", pick(&term.what, lang)), &term.source);
    }
    for statement in notice.limits.iter().chain(&notice.notes) {
        item("", pick(&statement.what, lang), &statement.source);
    }
    text.push_str(lang.pick(
        "\nChe cosa chiede, e che cosa si vede da fuori\n",
        "\nWhat it asks for, and what can be seen from outside\n",
    ));
    for criterion in &notice.criteria {
        let seen = words::observable(lang, criterion.observable);
        let phase =
            criterion.phase.as_deref().map(|phase| lang.pick(format!(" (fase {phase})"), format!(" (phase {phase})")));
        text.push_str(&format!("\n{}{} [{seen}]\n", criterion.id, phase.unwrap_or_default()));
        text.push_str(&format!("  {}\n", pick(&criterion.what, lang)));
        if let Some(limit) = &criterion.limit {
            text.push_str(&format!("  {}\n", pick(limit, lang)));
        }
        text.push_str(&format!("  {source}: {}\n", criterion.source));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `riscontro notices schema > notices/schema.json` makes the file anew.
    #[test]
    fn the_published_schema_is_the_one_that_the_types_make() {
        let published = concat!(env!("CARGO_MANIFEST_DIR"), "/notices/schema.json");
        assert_eq!(std::fs::read_to_string(published).unwrap_or_default(), super::schema());
    }

    #[test]
    fn every_notice_is_told_in_both_languages() {
        let notices = Notices::embedded().unwrap_or_else(|found| panic!("{found:?}"));
        for notice in notices.all() {
            let (it, en) = (describe(notice, Lang::It), describe(notice, Lang::En));
            assert!(it.contains("Che cosa chiede") && en.contains("What it asks for"), "{}", notice.id);
            for criterion in &notice.criteria {
                assert!(it.contains(&criterion.what.it) && en.contains(&criterion.what.en), "{}", criterion.id);
            }
        }
    }
}
