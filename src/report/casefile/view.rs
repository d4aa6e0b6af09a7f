//! What a person reads of a case file, before it is drawn.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, Unit};

use super::{CaseFile, CaseVisit};
use crate::{
    VERSION,
    history::History,
    model::{Outcome, OutcomeClass, Platform, Signal, Visit},
    report::{
        clean,
        clean::short,
        observations::ObservationRow,
        view::{Row, SiteView, Value, general, link, quoted, way},
        words::{
            self, Words,
            casefile::{CaseWords, case_words},
        },
    },
    store::{HistoryOf, StampRow, Trust},
};

/// Characters of an excerpt that are shown: more than on a report, this is the file to look things up in.
const EXCERPT_LIMIT: usize = 400;
/// Characters of a label that are shown.
const LABEL_LIMIT: usize = 160;

/// What holds of one platform.
pub(super) struct StandingView {
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    pub(super) word: &'static str,
    pub(super) reason: String,
    pub(super) first_seen: String,
    pub(super) last_confirmed: String,
    pub(super) note: String,
}

/// One answer and its time.
pub(super) struct HistoryView {
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    pub(super) word: &'static str,
    pub(super) first_seen: String,
    pub(super) last_confirmed: String,
    pub(super) until: String,
    pub(super) ended: &'static str,
}

/// One platform of a visit with all that was seen of it.
pub(super) struct PlatformView {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    pub(super) word: &'static str,
    pub(super) reason: String,
    pub(super) groups: Vec<Group>,
}

/// What is said of one signal.
pub(super) struct Group {
    pub(super) caption: String,
    pub(super) rows: Vec<Row>,
}

/// One page that was asked for.
pub(super) struct PageView {
    pub(super) url: Value,
    pub(super) kind: String,
    pub(super) result: String,
    pub(super) received: String,
    pub(super) sha256: String,
    pub(super) kept: &'static str,
}

/// A picture, ready to be shown.
pub(super) struct PictureView {
    pub(super) url: String,
    pub(super) file: String,
    pub(super) sha256: String,
    pub(super) data: String,
}

/// One visit.
pub(super) struct VisitView {
    pub(super) id: i64,
    pub(super) when: String,
    pub(super) why: Vec<String>,
    pub(super) site: SiteView,
    pub(super) platforms: Vec<PlatformView>,
    pub(super) pictures: Vec<PictureView>,
    pub(super) pages: Vec<PageView>,
    pub(super) unseen: Vec<String>,
    pub(super) provenance: Vec<Row>,
}

fn row(label: &'static str, value: impl Into<String>) -> Row {
    Row { label, value: Value::Text(value.into()) }
}

/// A time to the second, as programs write it: it is there to be compared.
fn second(at: Timestamp) -> String {
    at.round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Trunc)).unwrap_or(at).to_string()
}

/// The codes of the comune, as far as known.
pub(super) fn about(visit: &Visit) -> String {
    let comune = &visit.comune;
    let codes =
        [&comune.codice_ipa, &comune.codice_istat, &comune.codice_catastale, &comune.codice_fiscale, &comune.region];
    codes.into_iter().flatten().map(|code| short(code, LABEL_LIMIT)).collect::<Vec<_>>().join(", ")
}

/// What holds of each platform, and whether the latest visit had to speak for the history.
pub(super) fn standing(file: &CaseFile<'_>, words: &Words) -> (Vec<StandingView>, bool) {
    let case = case_words(words.lang);
    let mut from_visit = false;
    let views = Platform::DECIDED.into_iter().filter_map(|platform| {
        let told = file.histories.iter().find(|told| told.platform == platform);
        let row = told.and_then(|told| ObservationRow::of(told, false).pop());
        if let (Some(row), Some(told)) = (row, told) {
            return Some(StandingView {
                name: platform.name(),
                outcome: row.outcome,
                word: (words.outcome)(platform, row.outcome),
                reason: (words.reason)(platform, row.reason),
                first_seen: row.first_seen.map(second).unwrap_or_default(),
                last_confirmed: row.last_confirmed.map(second).unwrap_or_default(),
                note: note(&told.history, platform, words, case),
            });
        }
        let finding = file.visits.first()?.visit.findings.iter().find(|finding| finding.platform == platform)?;
        from_visit = true;
        Some(StandingView {
            name: platform.name(),
            outcome: finding.outcome,
            word: (words.outcome)(platform, finding.outcome),
            reason: (words.reason)(platform, finding.reason),
            first_seen: String::new(),
            last_confirmed: String::new(),
            note: String::new(),
        })
    });
    (views.collect(), from_visit)
}

/// What must be known beside an answer: that it is being missed, or that looks cannot tell.
fn note(history: &History, platform: Platform, words: &Words, case: &CaseWords) -> String {
    let mut notes = Vec::new();
    if let Some(since) = history.doubt().and_then(crate::model::Doubt::since) {
        notes.push(format!("{} {}", case.missed_since, second(since)));
    }
    if let Some(silence) = history.silence() {
        let reason = (words.reason)(platform, silence.reason);
        notes.push(format!("{} {}: {reason}", case.silent_since, second(silence.since)));
    }
    notes.join("; ")
}

/// Every answer there was.
pub(super) fn history(histories: &[HistoryOf], words: &Words) -> Vec<HistoryView> {
    let case = case_words(words.lang);
    let rows = histories.iter().flat_map(|told| ObservationRow::of(told, true));
    rows.map(|row| HistoryView {
        name: row.platform.name(),
        outcome: row.outcome,
        word: (words.outcome)(row.platform, row.outcome),
        first_seen: row.first_seen.map(second).unwrap_or_default(),
        last_confirmed: row.last_confirmed.map(second).unwrap_or_default(),
        until: row.until.map_or_else(|| case.still.to_owned(), second),
        ended: row.ended.map_or("", |code| words::history::ended(words.lang, code)),
    })
    .collect()
}

impl VisitView {
    pub(super) fn new(of: &CaseVisit, words: &Words) -> Self {
        let case = case_words(words.lang);
        let visit = &of.visit;
        let platforms = visit.findings.iter().map(|finding| PlatformView {
            code: finding.platform.code(),
            name: finding.platform.name(),
            outcome: finding.outcome,
            word: (words.outcome)(finding.platform, finding.outcome),
            reason: (words.reason)(finding.platform, finding.reason),
            groups: finding
                .signals
                .iter()
                .enumerate()
                .map(|(number, signal)| Group {
                    caption: format!("{} {}: {}", case.evidence, number + 1, (words.proves)(signal.proves)),
                    rows: evidence(visit, signal, words, case),
                })
                .collect(),
        });
        Self {
            id: of.id.0,
            when: words.when(visit.started),
            why: why(of, case),
            site: SiteView::new(visit, words, &general, true),
            platforms: platforms.collect(),
            pictures: of.pictures.iter().map(|picture| shown(visit, picture)).collect(),
            pages: pages(of, words, case),
            unseen: unseen(visit, words),
            provenance: provenance(of, case, words),
        }
    }
}

fn why(of: &CaseVisit, case: &CaseWords) -> Vec<String> {
    let mut why = vec![if of.latest { case.latest } else { "" }.to_owned()];
    if !of.confirmed.is_empty() {
        let names: Vec<&str> = of.confirmed.iter().map(|platform| platform.name()).collect();
        why.push(format!("{} {}.", case.confirmed, names.join(", ")));
    } else if !of.latest {
        why.push(case.asked.to_owned());
    }
    match of.trust {
        Some(Trust::Suspect) => why.push(case.held.to_owned()),
        Some(Trust::Discarded) => why.push(case.discarded.to_owned()),
        Some(Trust::Clear | Trust::Released) | None => {}
    }
    why.retain(|sentence| !sentence.is_empty());
    why
}

/// Everything that is known of one match.
fn evidence(visit: &Visit, signal: &Signal, words: &Words, case: &CaseWords) -> Vec<Row> {
    let mut rows = vec![Row { label: words.page, value: link(&signal.url) }];
    if let Some(label) = signal.label.as_deref().map(clean).filter(|label| !label.trim().is_empty()) {
        rows.push(row(words.control, quoted(&short(&label, LABEL_LIMIT), words)));
    }
    if !signal.excerpt.is_empty() {
        rows.push(row(words.excerpt, quoted(&short(&signal.excerpt, EXCERPT_LIMIT), words)));
    }
    if let Some(target) = &signal.target {
        rows.push(Row { label: words.leads_to, value: link(target) });
    }
    if !signal.chain.is_empty() {
        rows.push(row(words.via, way(visit, signal)));
    }
    if !signal.selector.is_empty() {
        rows.push(row(case.place, short(&signal.selector, LABEL_LIMIT)));
    }
    let strength = (words.strength)(signal.strength);
    rows.push(row(words.rule, format!("{} ({strength}), {}", clean(&signal.rule), clean(&signal.catalogue))));
    rows.push(row(case.tied, case.yes_no[usize::from(!signal.tied)]));
    rows.push(row(case.received, signal.fetched.to_string()));
    rows.push(row(case.digest, clean(&signal.sha256)));
    rows
}

fn shown(visit: &Visit, picture: &super::Picture) -> PictureView {
    let url = visit.pages.get(picture.page).map_or("", |page| page.url.as_str());
    PictureView {
        url: short(url, LABEL_LIMIT),
        file: picture.file.clone(),
        sha256: crate::evidence::sha256(&picture.bytes),
        data: STANDARD.encode(&picture.bytes),
    }
}

fn pages(of: &CaseVisit, words: &Words, case: &CaseWords) -> Vec<PageView> {
    let page = |(place, page): (usize, &crate::model::PageRecord)| {
        let status = page.status.map_or_else(String::new, |status| format!(" ({} {status})", case.status));
        let drawn = if page.rendered.is_some() { format!(", {}", words.drawn) } else { String::new() };
        let detail =
            page.detail.as_deref().map_or_else(String::new, |detail| format!(": {}", short(detail, LABEL_LIMIT)));
        // The word for one page begins with the number.
        let kind = (words.kind)(page.kind, 1);
        PageView {
            url: link(&page.url),
            kind: kind.split_once(' ').map_or(kind.clone(), |(_, kind)| kind.to_owned()),
            result: format!("{}{status}{drawn}{detail}", (words.fetch)(page.outcome)),
            received: second(page.fetched),
            sha256: page.rendered.as_ref().map_or(&page.sha256, |drawn| &drawn.sha256).clone(),
            kept: case.yes_no[usize::from(!of.kept.contains(&place))],
        }
    };
    of.visit.pages.iter().enumerate().map(page).collect()
}

/// What the visit could not tell, and the pages that did not come.
fn unseen(visit: &Visit, words: &Words) -> Vec<String> {
    let unsure = visit.findings.iter().filter(|finding| finding.outcome != Outcome::Found);
    let mut lines: Vec<String> = unsure
        .map(|finding| {
            let word = (words.outcome)(finding.platform, finding.outcome);
            format!("{}, {word}: {}", finding.platform.name(), (words.reason)(finding.platform, finding.reason))
        })
        .collect();
    let unread = visit.pages.iter().filter(|page| page.outcome.class() == OutcomeClass::Unknown);
    lines.extend(
        unread.map(|page| format!("{}: {}", short(page.url.as_str(), LABEL_LIMIT), (words.fetch)(page.outcome))),
    );
    lines
}

fn provenance(of: &CaseVisit, case: &CaseWords, words: &Words) -> Vec<Row> {
    let visit = &of.visit;
    let run = of.run.map_or_else(|| case.no_run.to_owned(), |run| run.to_string());
    let trust = of.trust.map_or_else(String::new, |trust| format!(" ({})", words::history::trust(words.lang, trust)));
    let (first, last) = of.records;
    let stamp = |stamp: &StampRow| {
        let (at, authority) = (stamp.stamped, clean(&stamp.authority));
        let file = super::stamp_file(stamp);
        row(case.stamp, format!("{at}, {authority}, {}; {file}", stamp.root))
    };
    let mut rows = vec![
        row(case.number, of.id.to_string()),
        row(case.run, format!("{run}{trust}")),
        row(case.chain, format!("{}, {} {first} {} {last}", of.chain, case.records[0], case.records[1])),
        row(case.root, of.root.clone()),
        row(words.catalogue, format!("{} (sha256 {})", clean(&visit.catalogue), clean(&visit.catalogue_sha256))),
        row(case.agent, clean(&of.agent)),
        row(case.program, format!("riscontro {VERSION}")),
    ];
    rows.extend(of.stamps.iter().map(stamp));
    rows
}
