//! What a run did: text for people, JSON for programs.

use std::{fmt::Write as _, io, path::Path};

use serde::Serialize;

use super::{
    json,
    table::Table,
    words::{Words, duration},
};
use crate::{
    model::{Outcome, Platform},
    run::RunSummary,
};

/// Name and version of the JSON format.
pub const SCHEMA: &str = "riscontro.run/1";
/// Reasons that the text lists.
const REASONS: usize = 12;

/// The summary as one line of JSON.
pub fn json(summary: &RunSummary) -> io::Result<String> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        elapsed_seconds: f64,
        #[serde(flatten)]
        summary: &'a RunSummary,
    }
    json::line(&Document { schema: SCHEMA, elapsed_seconds: summary.elapsed.as_secs_f64(), summary })
}

/// The summary for people: how many sites, what was found, why not.
pub fn text(summary: &RunSummary, words: &Words, database: &Path) -> String {
    let phrases = &words.run;
    let totals = &summary.totals;
    let mut out = String::new();
    let _ = writeln!(out, "{}", (phrases.head)(summary));
    let mut table = Table::new(
        [phrases.platform.to_owned()]
            .into_iter()
            .chain(Outcome::ALL.iter().map(|outcome| (words.outcome)(Platform::Spid, *outcome).to_owned())),
    );
    for platform in Platform::DECIDED {
        let counts = totals.outcomes.get(&platform);
        let count = |outcome: &Outcome| counts.and_then(|counts| counts.get(outcome)).copied().unwrap_or(0).to_string();
        table.row([platform.name().to_owned()].into_iter().chain(Outcome::ALL.iter().map(count)));
    }
    let _ = write!(out, "\n{}", table.render());
    if !totals.reasons.is_empty() {
        let mut table = Table::new([phrases.platform, phrases.outcome, phrases.reason, phrases.sites]);
        for row in totals.reasons.iter().take(REASONS) {
            table.row([
                row.platform.name(),
                (words.outcome)(row.platform, row.outcome),
                row.reason.code(),
                &row.sites.to_string(),
            ]);
        }
        let _ = write!(out, "\n{}", table.render());
    }
    let _ = writeln!(out, "\n{}", (phrases.foot)(summary, &duration(summary.elapsed), &database.display().to_string()));
    out
}
