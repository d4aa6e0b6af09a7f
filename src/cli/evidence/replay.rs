//! `riscontro evidence replay`.

use std::path::Path;

use serde::Serialize;

use super::{Replay, a_run, a_visit, load, nothing};
use crate::{
    cli::{Context, Exit, Failure, Format, workshop},
    crawl,
    model::{Finding, Outcome, Platform, Reason, Signal, Strength},
    report::{self, clean, mask},
    rules::Catalogue,
    store::{Store, VisitId},
};

/// Name and version of the JSON format.
const SCHEMA: &str = "riscontro.replay/1";

/// What came of one visit.
#[derive(Debug, Serialize)]
struct Replayed {
    schema: &'static str,
    visit: VisitId,
    url: String,
    /// Version and digest of the catalogue of the visit, and of the one that ran now.
    catalogue: [String; 2],
    now: [String; 2],
    same: bool,
    differences: Vec<Difference>,
    /// Pages whose bytes are not kept.
    unread: usize,
}

/// What is different of one platform.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Difference {
    pub(in crate::cli) platform: Platform,
    pub(in crate::cli) was: Brief,
    pub(in crate::cli) is: Brief,
    pub(in crate::cli) lost: Vec<Signal>,
    pub(in crate::cli) new: Vec<Signal>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Brief {
    pub(in crate::cli) outcome: Outcome,
    pub(in crate::cli) strength: Option<Strength>,
    pub(in crate::cli) reason: Reason,
}

pub(super) async fn run(replay: &Replay, store: &Store, folder: &Path, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let catalogue = workshop::catalogue(context)?;
    let visits = if let Some(visit) = a_visit(replay.visit.as_deref(), lang)? {
        vec![visit]
    } else {
        let run = match a_run(replay.run.as_deref(), store, lang).await? {
            Some(run) => Some(run),
            None => store.latest_run().await.map_err(of_store)?,
        };
        store.visits_with_evidence(run, None).await.map_err(of_store)?
    };
    let (mut all, mut different, mut others) = (0_usize, 0_usize, 0_usize);
    for visit in visits {
        let Some(replayed) = again(visit, &catalogue, store, folder, context).await? else {
            return Err(nothing(visit.to_string(), lang));
        };
        all += 1;
        different += usize::from(!replayed.same);
        others += usize::from(replayed.catalogue != replayed.now);
        match replay.printed.format {
            Format::Json => {
                let line = report::json::line(&replayed);
                context.print(&line.map_err(|error| Failure::unwritable("json", &error, lang))?)?;
            }
            Format::Text if replayed.same => {}
            Format::Text => context.print(&text(&replayed, context))?,
        }
    }
    if replay.printed.format == Format::Text {
        let mut out = lang.pick(
            format!("{all} visite rilette, {different} con riscontri diversi\n"),
            format!("{all} visits read again, {different} with other findings\n"),
        );
        if others > 0 {
            out.push_str(&lang.pick(
                format!("{others} con un altro catalogo: ora {}\n", catalogue.version()),
                format!("{others} with another catalogue: now {}\n", catalogue.version()),
            ));
        }
        context.print(&out)?;
    }
    Ok(if different == 0 { Exit::Found } else { Exit::NotFound })
}

async fn again(
    id: VisitId,
    catalogue: &Catalogue,
    store: &Store,
    folder: &Path,
    context: &Context,
) -> Result<Option<Replayed>, Failure> {
    let Some((note, pages)) = load::visit(id, store, folder, context).await? else { return Ok(None) };
    let now = [catalogue.version().to_owned(), catalogue.digest().to_owned()];
    let then = [note.visit.catalogue.clone(), note.visit.catalogue_sha256.clone()];
    let again = crawl::replay(catalogue, &note, &pages);
    let differences: Vec<Difference> = note
        .visit
        .findings
        .iter()
        .zip(&again.findings)
        .filter_map(|(was, is)| difference(was, is, now == then))
        .collect();
    Ok(Some(Replayed {
        schema: SCHEMA,
        visit: id,
        url: note.visit.url.to_string(),
        catalogue: then,
        now,
        same: differences.is_empty(),
        differences,
        unread: pages.iter().filter(|page| page.is_none()).count(),
    }))
}

/// What differs between two findings on one platform. Of another catalogue the version on each signal is no difference.
pub(in crate::cli) fn difference(was: &Finding, is: &Finding, same_catalogue: bool) -> Option<Difference> {
    let brief =
        |finding: &Finding| Brief { outcome: finding.outcome, strength: finding.strength, reason: finding.reason };
    let equal = |a: &Signal, b: &Signal| {
        a == b || (!same_catalogue && *a == Signal { catalogue: a.catalogue.clone(), ..b.clone() })
    };
    let missing = |of: &Finding, from: &Finding| -> Vec<Signal> {
        let mut missing: Vec<Signal> =
            of.signals.iter().filter(|one| !from.signals.iter().any(|other| equal(one, other))).cloned().collect();
        mask::signals(&mut missing);
        missing
    };
    let (lost, new) = (missing(was, is), missing(is, was));
    let same = brief(was) == brief(is) && lost.is_empty() && new.is_empty();
    (!same).then(|| Difference { platform: was.platform, was: brief(was), is: brief(is), lost, new })
}

fn text(replayed: &Replayed, context: &Context) -> String {
    let lang = context.lang();
    let mut out = format!("{} {}  {}\n", lang.pick("visita", "visit"), replayed.visit, clean(&replayed.url));
    if replayed.catalogue != replayed.now {
        let ([was, _], [is, _]) = (&replayed.catalogue, &replayed.now);
        out.push_str(&format!("  {}: {} → {}\n", lang.pick("catalogo", "catalogue"), clean(was), clean(is)));
    }
    for one in &replayed.differences {
        out.push_str(&format!("  {}\n{}", changed(one, context), signals(one)));
    }
    out
}

/// Platform, and what it was and is.
pub(in crate::cli) fn changed(difference: &Difference, context: &Context) -> String {
    let words = context.words();
    let outcome =
        |brief: &Brief| format!("{} ({})", (words.outcome)(difference.platform, brief.outcome), brief.reason.code());
    format!("{}: {} → {}", difference.platform.name(), outcome(&difference.was), outcome(&difference.is))
}

/// A line for each signal that is gone or new.
pub(in crate::cli) fn signals(difference: &Difference) -> String {
    let mut out = String::new();
    for (sign, signals) in [('-', &difference.lost), ('+', &difference.new)] {
        for signal in signals {
            let (url, excerpt) = (clean(signal.url.as_str()), clean(&signal.excerpt));
            out.push_str(&format!("    {sign} {} {} {url}  {excerpt}\n", signal.rule, signal.strength.code()));
        }
    }
    out
}
