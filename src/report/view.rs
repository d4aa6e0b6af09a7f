//! What a person reads of one visit, in one language, before it is drawn as text or HTML.

use std::borrow::Cow;

use jiff::tz::Offset;
use url::Url;

use super::{
    clean,
    clean::short,
    words::{Words, span},
};
use crate::model::{Finding, Outcome, Reach, Reason, Signal, Step, Strength, Visit};

/// Characters of an address that are shown. JSON has them all.
const ADDRESS_LIMIT: usize = 160;
/// Characters of an authentication request inside an address that are shown.
const REQUEST_LIMIT: usize = 16;
/// Characters of an excerpt that are shown.
const EXCERPT_LIMIT: usize = 160;
/// Characters of a label that are shown.
const LABEL_LIMIT: usize = 120;

/// Advice taken from elsewhere (the rule catalogue); `None` falls back on the general advice of [`Words`].
pub type Remedy<'a> = &'a dyn Fn(&Finding) -> Option<String>;

/// No advice but the general one.
pub fn general(_: &Finding) -> Option<String> {
    None
}

/// One value of a [`Row`]. All text is clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// An address that can be opened: what is shown, and the whole of it.
    Link(String, String),
    /// Several short texts, one below the other.
    Lines(Vec<String>),
}

impl Value {
    /// The address of a link, in templates.
    pub fn href(&self) -> Option<&str> {
        match self {
            Self::Link(_, href) => Some(href),
            Self::Text(_) | Self::Lines(_) => None,
        }
    }

    /// What is shown, line by line.
    pub fn lines(&self) -> &[String] {
        match self {
            Self::Text(text) | Self::Link(text, _) => std::slice::from_ref(text),
            Self::Lines(lines) => lines,
        }
    }
}

/// A label and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The label, without a colon.
    pub label: &'static str,
    /// What it says.
    pub value: Value,
}

impl Row {
    fn text(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, value: Value::Text(text.into()) }
    }

    fn link(label: &'static str, url: &Url) -> Self {
        Self { label, value: link(url) }
    }
}

/// One platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingView {
    /// Name of the platform.
    pub name: &'static str,
    /// Stable code of the platform.
    pub code: &'static str,
    /// The outcome, for colours and classes.
    pub outcome: Outcome,
    /// The outcome in words.
    pub word: &'static str,
    /// The reason as a sentence.
    pub reason: String,
    /// Stable code of the reason.
    pub reason_code: &'static str,
    /// The evidence, one group for each signal shown.
    pub evidence: Vec<Vec<Row>>,
    /// What to do.
    pub advice: Option<String>,
}

impl FindingView {
    /// True when another platform says word for word the same and neither has evidence of its own: shown together.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.evidence.is_empty()
            && other.evidence.is_empty()
            && (self.word, &self.reason, &self.advice) == (other.word, &other.reason, &other.advice)
    }
}

/// One step of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// The address.
    pub url: Value,
    /// The rest.
    pub rows: Vec<Row>,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteView {
    /// Name of the comune, or the host when it is unknown.
    pub title: String,
    /// Codes and region, when known.
    pub about: String,
    /// The address.
    pub url: Value,
    /// Date of the visit, in words.
    pub visited: String,
    /// One for each platform.
    pub findings: Vec<FindingView>,
    /// What was looked at.
    pub coverage: Vec<Row>,
    /// Remarks, as sentences.
    pub remarks: Vec<String>,
    /// The path; empty unless asked for.
    pub path: Vec<StepView>,
    /// Links left unread; empty unless the path was asked for.
    pub left_unread: Vec<Value>,
}

impl SiteView {
    /// Puts together what is read of a visit; `explain` adds the path.
    pub fn new(visit: &Visit, words: &Words, remedy: Remedy<'_>, explain: bool) -> Self {
        let host = visit.url.host_str().unwrap_or(visit.url.as_str());
        let comune = &visit.comune;
        let about: Vec<String> =
            [&comune.codice_ipa, &comune.region].into_iter().flatten().map(|text| short(text, LABEL_LIMIT)).collect();
        Self {
            title: comune.name.as_deref().map_or_else(|| host.to_owned(), |name| short(name, LABEL_LIMIT)),
            about: about.join(", "),
            url: link(&visit.url),
            visited: format!("{} {}", words.visit_of, words.when(visit.started)),
            findings: visit.findings.iter().map(|finding| finding_view(visit, finding, words, remedy)).collect(),
            coverage: coverage(visit, words),
            remarks: visit.remarks.iter().map(|code| words.remark_text(code)).collect(),
            path: if explain { visit.path.iter().map(|step| step_view(step, words)).collect() } else { Vec::new() },
            left_unread: if explain { visit.left_unread.iter().map(link).collect() } else { Vec::new() },
        }
    }
}

pub(super) fn link(url: &Url) -> Value {
    let shown = short(&without_requests(url), ADDRESS_LIMIT);
    // Only these two open in a reader's browser; anything else stays text.
    if matches!(url.scheme(), "http" | "https") {
        Value::Link(shown, clean(url.as_str()).into_owned())
    } else {
        Value::Text(shown)
    }
}

/// An address as it is shown: of an authentication request, which fills lines with letters, the beginning is enough. The
/// link and the JSON keep the whole.
fn without_requests(url: &Url) -> Cow<'_, str> {
    let long = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let packed =
            ["samlrequest", "samlresponse", "signature", "request"].contains(&name.to_ascii_lowercase().as_str());
        (packed && value.len() > REQUEST_LIMIT).then(|| format!("{name}={}", short(value, REQUEST_LIMIT)))
    };
    let Some(query) = url.query().filter(|query| query.split('&').any(|pair| long(pair).is_some())) else {
        return Cow::Borrowed(url.as_str());
    };
    let pairs: Vec<String> = query.split('&').map(|pair| long(pair).unwrap_or_else(|| pair.to_owned())).collect();
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    Cow::Owned(format!("{bare}?{}", pairs.join("&")))
}

/// The signals that are shown: those that decided, or the best of what there is.
fn shown(finding: &Finding) -> Vec<&Signal> {
    let mut signals: Vec<&Signal> = finding.signals.iter().collect();
    signals.sort_by_key(|signal| std::cmp::Reverse(signal.strength));
    let Some(first) = signals.iter().copied().find(|signal| signal.strength != Strength::Counter) else {
        return signals.into_iter().take(1).collect();
    };
    let second = match finding.reason {
        Reason::TwoStrong => signals.iter().copied().find(|signal| signal.kind != first.kind),
        Reason::Contradicted => signals.iter().copied().find(|signal| signal.strength == Strength::Counter),
        _ => None,
    };
    std::iter::once(first).chain(second).collect()
}

fn finding_view(visit: &Visit, finding: &Finding, words: &Words, remedy: Remedy<'_>) -> FindingView {
    let advice = match finding.outcome {
        Outcome::Found => None,
        _ => remedy(finding)
            .map(|text| clean(&text).into_owned())
            .or_else(|| (words.advice)(finding.platform, finding.outcome, finding.reason).map(str::to_owned)),
    };
    FindingView {
        name: finding.platform.name(),
        code: finding.platform.code(),
        outcome: finding.outcome,
        word: (words.outcome)(finding.platform, finding.outcome),
        reason: (words.reason)(finding.platform, finding.reason),
        reason_code: finding.reason.code(),
        evidence: shown(finding).into_iter().map(|signal| evidence(visit, signal, words)).collect(),
        advice,
    }
}

fn evidence(visit: &Visit, signal: &Signal, words: &Words) -> Vec<Row> {
    let mut rows = vec![Row::link(words.page, &signal.url)];
    match signal.label.as_deref().map(clean).filter(|label| !label.trim().is_empty()) {
        Some(label) => rows.push(Row::text(words.control, quoted(&short(&label, LABEL_LIMIT), words))),
        None if !signal.excerpt.is_empty() => {
            rows.push(Row::text(words.excerpt, quoted(&short(&signal.excerpt, EXCERPT_LIMIT), words)));
        }
        None => {}
    }
    if let Some(target) = &signal.target {
        rows.push(Row::link(words.leads_to, target));
    }
    if !signal.chain.is_empty() {
        rows.push(Row::text(words.via, way(visit, signal)));
    }
    let strength = (words.strength)(signal.strength);
    rows.push(Row::text(words.rule, format!("{} ({strength})", clean(&signal.rule))));
    let time = Offset::UTC.to_datetime(signal.fetched);
    let digest: String = signal.sha256.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    let at = format!("{:02}:{:02}:{:02} UTC", time.hour(), time.minute(), time.second());
    rows.push(Row::text(words.bytes, format!("sha256 {digest}…, {at}")));
    rows
}

/// How the page was reached: paths on the visit's own host, host and path elsewhere.
pub(super) fn way(visit: &Visit, signal: &Signal) -> String {
    let mut stops: Vec<String> = signal
        .chain
        .iter()
        .chain([&signal.url])
        .map(|url| {
            let own = url.host_str() == visit.url.host_str();
            let host = if own { "" } else { url.host_str().unwrap_or_default() };
            short(&format!("{host}{}", url.path()), 80)
        })
        .collect();
    stops.dedup();
    stops.join(" → ")
}

pub(super) fn quoted(text: &str, words: &Words) -> String {
    words.lang.pick(format!("«{text}»"), format!("\u{201c}{text}\u{201d}"))
}

fn coverage(visit: &Visit, words: &Words) -> Vec<Row> {
    let coverage = &visit.coverage;
    let total: u32 = coverage.pages.values().sum();
    let kinds: Vec<String> = coverage
        .pages
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(kind, count)| (words.kind)(*kind, *count))
        .collect();
    let pages = if kinds.is_empty() { words.none.to_owned() } else { format!("{total} ({})", kinds.join(", ")) };
    let reach = |label, reach: Reach| Row::text(label, (words.reach)(reach));
    let mut rows = vec![
        Row::text(words.pages_read, pages),
        reach(words.login_page, coverage.login_page),
        reach(words.payment_page, coverage.payment_page),
    ];
    if !coverage.refusals.is_empty() {
        let lines = coverage.refusals.iter().map(|(code, count)| format!("{count} × {}", words.remark_of_fetch(code)));
        rows.push(Row { label: words.refusals, value: Value::Lines(lines.collect()) });
    }
    if coverage.unread > 0 {
        rows.push(Row::text(words.unread, coverage.unread.to_string()));
    }
    rows.push(Row::text(words.coverage, if coverage.complete { words.complete } else { words.incomplete }));
    let requests = format!("{} {} {}", visit.requests, words.within, span(visit.started, visit.finished));
    rows.push(Row::text(words.requests, requests));
    rows.push(Row::text(words.ended, (words.end)(visit.end)));
    if !visit.vendors.is_empty() {
        let vendors: Vec<_> = visit.vendors.iter().map(|vendor| short(vendor, LABEL_LIMIT)).collect();
        rows.push(Row::text(words.vendors, vendors.join(", ")));
    }
    let digest: String = visit.catalogue_sha256.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    rows.push(Row::text(words.catalogue, format!("{} (sha256 {digest}…)", clean(&visit.catalogue))));
    rows
}

fn step_view(step: &Step, words: &Words) -> StepView {
    let chosen = (words.choice)(&step.chosen_by).map_or_else(|| clean(&step.chosen_by).into_owned(), str::to_owned);
    let clicks = words.clicks[usize::from(step.depth != 1)];
    let mut rows = vec![Row::text(words.chosen_by, format!("{chosen} ({}; {} {clicks})", step.score, step.depth))];
    if let Some(label) = &step.label {
        rows.push(Row::text(words.link, quoted(&short(label, LABEL_LIMIT), words)));
    }
    let mut result = (words.fetch)(step.outcome).to_owned();
    if step.rendered {
        result = format!("{result} ({})", words.drawn);
    }
    rows.push(Row::text(words.result, result));
    let gave: Vec<String> =
        step.gave.iter().map(|(platform, label)| format!("{}: {}", platform.name(), (words.label)(*label))).collect();
    rows.push(Row {
        label: words.gave,
        value: if gave.is_empty() { Value::Text(words.gave_nothing.to_owned()) } else { Value::Lines(gave) },
    });
    StepView { url: link(&step.url), rows }
}
