//! What a run did: text for people, JSON for programs.

use std::{fmt::Write as _, io};

use serde::Serialize;

use super::{
    json,
    table::Table,
    words::{Words, duration},
};
use crate::{
    config::Lang,
    model::{Outcome, Platform},
    run::RunSummary,
    store::{StampRow, Trust},
};

/// Name and version of the JSON format.
pub const SCHEMA: &str = "riscontro.run/1";
/// Reasons that the text lists.
const REASONS: usize = 12;

/// The summary as one line of JSON.
pub fn json(summary: &RunSummary, stamp: Option<&StampRow>) -> io::Result<String> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        elapsed_seconds: f64,
        #[serde(flatten)]
        summary: &'a RunSummary,
        #[serde(skip_serializing_if = "Option::is_none")]
        stamp: Option<&'a StampRow>,
    }
    json::line(&Document { schema: SCHEMA, elapsed_seconds: summary.elapsed.as_secs_f64(), summary, stamp })
}

/// The summary for people: how many sites, what was found, why not.
/// `stamp` is the time stamp of its root.
pub fn text(summary: &RunSummary, stamp: Option<&StampRow>, words: &Words, database: &str) -> String {
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
    if summary.weighed.trust == Trust::Suspect {
        let (worse, had) = (summary.weighed.worse, summary.weighed.had);
        let what = words.lang.pick(
            format!("Visita sospetta: peggiorati {worse} siti su {had} che avevano qualcosa."),
            format!("A suspect run: of {had} sites that had something, {worse} turned worse."),
        );
        let _ = writeln!(out, "\n{what} {}", what_to_do(words.lang));
    }
    let _ = writeln!(out, "\n{}", (phrases.foot)(summary, &duration(summary.elapsed), database));
    if let Some(StampRow { stamped, authority, serial, .. }) = stamp {
        let authority = super::clean(authority);
        let _ = writeln!(
            out,
            "{}",
            words.lang.pick(
                format!("Radice marcata {stamped} da {authority}, numero {serial}"),
                format!("Root stamped {stamped} by {authority}, number {serial}"),
            )
        );
    }
    out
}

/// What a person has to do about a run that is held.
pub fn what_to_do(lang: Lang) -> &'static str {
    lang.pick(
        "Le sue visite sono conservate ma non contano finché qualcuno non decide: `riscontro run release N` le ammette, \
         `riscontro run discard N` le scarta.",
        "Its visits are kept and do not count until somebody decides: `riscontro run release N` lets them count, \
         `riscontro run discard N` leaves them out.",
    )
}
