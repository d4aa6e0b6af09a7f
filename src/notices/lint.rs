//! What a file may say and must not.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    decode, fold,
    load::Loaded,
    schema::{AtLeast, Criterion, Notice, SumsKind},
};
use crate::model::{Bilingual, Diagnostic, Level, Observable, Platform};

/// Words of the official outcome; it belongs to whoever is charged with the check, so no text of ours uses them.
const OUTCOME_WORDS: [&str; 9] = [
    "superat",
    "fallit",
    "passed",
    "failed",
    "esito positivo",
    "esito negativo",
    "complian",
    "parzialmente positivo",
    "non conform",
];

/// Every mistake in the notices.
pub(super) fn lint(files: &[Loaded]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    let mut titles: BTreeMap<String, &str> = BTreeMap::new();
    for file in files {
        let mut say = |code, message: String| found.push(Diagnostic::error(code, file.name.as_str(), message));
        let notice = &file.notice;
        if let Some(other) = ids.insert(&notice.id, &file.name) {
            say("double-id", format!("id `{}` stands in {other} too", notice.id));
        }
        if notice.id.is_empty()
            || !notice.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        {
            say("bad-id", format!("id `{}`: lower-case letters, digits and hyphens", notice.id));
        }
        for title in &notice.titles {
            if let Some(other) = titles.insert(fold(title), &file.name) {
                say("double-title", format!("title `{title}` stands in {other} too"));
            }
        }
        if notice.window.opens > notice.window.closes {
            say("bad-window", format!("opens {} after it closes {}", notice.window.opens, notice.window.closes));
        }
        bands(notice, &mut say);
        phases(notice, &mut say);
        criteria(notice, &mut say);
        sources(notice, &mut say);
        texts(notice, &mut say);
        found.extend(overlapping_sums(file));
    }
    found
}

/// Bands start at zero, follow one another, end open, and pay what the kind of sums says.
fn bands(notice: &Notice, say: &mut impl FnMut(&'static str, String)) {
    if notice.bands.is_empty() {
        say("no-band", "a notice has at least one band".to_owned());
    }
    let mut ids = BTreeSet::new();
    let mut next = Some(0_u32);
    for band in &notice.bands {
        if !ids.insert(&band.id) {
            say("double-id", format!("band `{}` stands twice", band.id));
        }
        match next {
            Some(next) if band.from > next => {
                say(
                    "band-gap",
                    format!("band `{}` starts at {}, residents from {next} are in no band", band.id, band.from),
                );
            }
            Some(next) if band.from < next => {
                say("band-overlap", format!("band `{}` starts at {}, inside the one before it", band.id, band.from));
            }
            None => say("band-overlap", format!("band `{}` comes after one without an end", band.id)),
            Some(_) => {}
        }
        if band.to.is_some_and(|to| to < band.from) {
            say("band-empty", format!("band `{}` ends before it starts", band.id));
        }
        next = band.to.map(|to| to.saturating_add(1));
        let paid = band.base.is_some() || band.unit.is_some();
        if paid != (notice.sums.kind == SumsKind::Known) {
            say("band-sum", format!("band `{}`: sums are known and a band has none, or the other way round", band.id));
        }
        let cents = [band.base, band.unit].into_iter().flatten().any(|sum| sum.cents() == 0);
        let limits = band.unit.is_none() && (band.min.is_some() || band.max.is_some());
        let turned = matches!((band.min, band.max), (Some(min), Some(max)) if min > max);
        if cents || limits || turned || (band.unit.is_some() && band.max.is_none()) {
            say("band-sum", format!("band `{}`: a sum of zero, or limits that do not fit its unit", band.id));
        }
    }
    if !notice.bands.is_empty() && next.is_some() {
        say("band-gap", "the last band has an end: larger comuni are in no band".to_owned());
    }
}

/// Phases make the whole sum, in order; adjustments name bands that exist.
fn phases(notice: &Notice, say: &mut impl FnMut(&'static str, String)) {
    let mut ids = BTreeSet::new();
    for id in notice.phases.iter().map(|phase| &phase.id).chain(notice.adjustments.iter().map(|one| &one.id)) {
        if !ids.insert(id) {
            say("double-id", format!("phase or adjustment `{id}` stands twice"));
        }
    }
    let sum: u64 = notice.phases.iter().map(|phase| u64::from(phase.share)).sum();
    if !notice.phases.is_empty() && sum != 100 {
        say("phases-sum", format!("the shares of the phases make {sum}, not 100"));
    }
    if !notice.phases.is_sorted_by_key(|phase| phase.due) {
        say("phases-order", "phases stand in the order of their days".to_owned());
    }
    for adjustment in &notice.adjustments {
        if adjustment.share == 0 || adjustment.share >= 100 {
            say("bad-share", format!("adjustment `{}`: a share is between 1 and 99", adjustment.id));
        }
        for band in adjustment.bands.iter().filter(|band| notice.bands.iter().all(|known| known.id != **band)) {
            say("unknown-band", format!("adjustment `{}` names band `{band}`, which is not there", adjustment.id));
        }
    }
}

/// Each requirement can be seen where it says, and says what stays open.
fn criteria(notice: &Notice, say: &mut impl FnMut(&'static str, String)) {
    if notice.criteria.is_empty() {
        say("no-criterion", "a notice asks for something".to_owned());
    }
    let mut ids = BTreeSet::new();
    for criterion in &notice.criteria {
        let id = &criterion.id;
        if !ids.insert(id) {
            say("double-id", format!("criterion `{id}` stands twice"));
        }
        match &criterion.phase {
            Some(phase) if notice.phases.iter().all(|known| known.id != *phase) => {
                say("unknown-phase", format!("criterion `{id}` names phase `{phase}`, which is not there"));
            }
            None if !notice.phases.is_empty() => say("unknown-phase", format!("criterion `{id}` names no phase")),
            _ => {}
        }
        if let Some(fault) = reads(criterion, notice) {
            say("bad-reads", format!("criterion `{id}`: {fault}"));
        }
        if criterion.limit.is_none() && criterion.observable != Observable::Site {
            say(
                "no-limit",
                format!("criterion `{id}` is not seen as a whole on the site and does not say what stays open"),
            );
        }
    }
}

fn reads(criterion: &Criterion, notice: &Notice) -> Option<&'static str> {
    let reads = &criterion.reads;
    let services = notice.bands.iter().all(|band| band.unit.is_some());
    match criterion.observable {
        Observable::Nowhere if !reads.is_empty() => Some("seen nowhere, and yet read from somewhere"),
        Observable::Site if reads.site.is_none() && reads.register.is_some() => {
            Some("seen on the site, and read from a register alone")
        }
        Observable::Register if reads.register.is_none() && reads.site.is_some() => {
            Some("seen in a register, and read from the site alone")
        }
        // A website that does not name the app's services says nothing about them: it would never be anything but open.
        Observable::Site if reads.site == Some(Platform::Appio) => {
            Some("App IO is seen in its register, not on a site")
        }
        _ if reads.site == Some(Platform::Eidas) => Some("eidas is never decided"),
        _ if reads.at_least.is_some() && reads.register.is_none() => Some("a number without a register"),
        _ if matches!(reads.at_least, Some(AtLeast::Number(0))) => Some("at least none is no requirement"),
        _ if matches!(reads.at_least, Some(AtLeast::Sum(_))) && !services => {
            Some("the sum pays for no number of services")
        }
        _ => None,
    }
}

/// Every figure says where it comes from; one that nobody confirmed is not called confirmed.
fn sources(notice: &Notice, say: &mut impl FnMut(&'static str, String)) {
    let all = [("window", &notice.window.source), ("sums", &notice.sums.source)]
        .into_iter()
        .chain(notice.appropriation.iter().map(|one| ("appropriation", &one.source)))
        .chain(notice.phases.iter().map(|one| ("phase", &one.source)))
        .chain(notice.adjustments.iter().map(|one| ("adjustment", &one.source)))
        .chain(notice.terms.iter().map(|one| ("term", &one.source)))
        .chain(notice.limits.iter().map(|one| ("limit", &one.source)))
        .chain(notice.notes.iter().map(|one| ("note", &one.source)))
        .chain(notice.criteria.iter().map(|one| ("criterion", &one.source)));
    for (part, source) in all {
        if source.trim().is_empty() {
            say("no-source", format!("a {part} without a source"));
        }
    }
    if notice.sums.confirmed && notice.sums.source.to_lowercase().starts_with("unverified") {
        say("unverified", "sums whose source nobody confirmed are marked `confirmed = false`".to_owned());
    }
}

/// Texts are there in both languages and leave the words of the official outcome to others.
fn texts(notice: &Notice, say: &mut impl FnMut(&'static str, String)) {
    let all = [&notice.name, &notice.sums.population]
        .into_iter()
        .chain(notice.adjustments.iter().map(|one| &one.what))
        .chain(notice.terms.iter().map(|one| &one.what))
        .chain(notice.limits.iter().map(|one| &one.what))
        .chain(notice.notes.iter().map(|one| &one.what))
        .chain(notice.criteria.iter().flat_map(|one| std::iter::once(&one.what).chain(&one.limit)));
    for Bilingual { it, en } in all {
        for text in [it, en] {
            let lower = text.to_lowercase();
            if text.trim().is_empty() {
                say("empty-text", "a text is empty in one of the languages".to_owned());
            }
            if let Some(word) = OUTCOME_WORDS.iter().find(|word| lower.contains(**word)) {
                say("outcome-word", format!("`{word}` belongs to the official outcome: {text}"));
            }
        }
    }
}

/// Two bands that can pay the same sum are told: such a sum needs the number of residents to be read.
fn overlapping_sums(file: &Loaded) -> Option<Diagnostic> {
    let mut payers: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    for (band, sum, _) in decode::whole_sums(&file.notice) {
        payers.entry(sum.cents()).or_default().insert(band);
    }
    let shared = payers.values().filter(|bands| bands.len() > 1).count();
    let said = file.notice.notes.iter().any(|note| note.what.en.contains("same sum"));
    (shared > 0 && !said).then(|| Diagnostic {
        level: Level::Warning,
        code: "shared-sums",
        file: file.name.clone(),
        line: None,
        rule: None,
        message: format!("{shared} sums can be those of two bands, and no note tells (`same sum`)"),
    })
}
