//! How one page is read: the same for a visit and for stored bytes.

use url::Url;

use super::answer::{readable, says_nothing};
use crate::{
    detect::{self, Origin, PageView, Stamp, Subject},
    model::{FetchOutcome, Hop, OutcomeClass, PageKind, PageLabel, PageRecord, Platform, Proves, Signal},
    page::{Layout, Limits, Source, urlkey},
    render::{Cut, Departure},
    rules::{Catalogue, Circumstances},
};

/// A document that the rules are to read.
pub(super) struct Text {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) cut: bool,
    pub(super) layout: Layout,
}

/// Runs the rules.
pub(super) fn view(
    catalogue: &Catalogue,
    subject: &Subject,
    origin: Origin,
    text: &Text,
    stamp: &Stamp,
    limits: &Limits,
) -> PageView {
    let Text { url, status, headers, body, cut, layout } = text;
    let content_type = headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    let source = Source { url, content_type: content_type.as_deref(), body, cut: *cut, layout: *layout };
    let around = Circumstances { body, headers, status: *status };
    detect::view(catalogue, subject, origin, &source, around, stamp, limits)
}

/// What an answer whose body says something is before anybody has looked at it, and whether there is anything to look at.
pub(super) fn legible(
    outcome: FetchOutcome,
    kind: PageKind,
    content_type: Option<&str>,
    body: &[u8],
) -> (FetchOutcome, bool) {
    let html = readable(kind, content_type, body);
    if outcome.class() == OutcomeClass::Read && body.is_empty() {
        // An empty answer to a page request is a filter's, not a site's.
        (FetchOutcome::Blocked, false)
    } else if !html && outcome.class() == OutcomeClass::Read {
        (FetchOutcome::NotHtml, false)
    } else {
        (outcome, html)
    }
}

/// The redirects of one page: those of the servers, and what a script does to the address, which is one by other means. A
/// form that it sends is read in the page.
pub(super) fn redirects<'a>(
    hops: &'a [Hop],
    url: &'a Url,
    departures: &'a [Departure],
) -> impl Iterator<Item = (&'a Url, &'a Url)> {
    let sent = hops.iter().filter_map(|hop| Some((&hop.url, hop.location.as_ref()?)));
    sent.chain(departures.iter().filter(|departure| !departure.post).map(move |departure| (url, &departure.url)))
}

/// The document that a browser drew, with the headers of the answer that it was drawn from.
pub(super) fn drawn_headers(headers: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let mut headers: Vec<(String, Vec<u8>)> =
        headers.iter().filter(|(name, _)| name != "content-type").cloned().collect();
    headers.push(("content-type".to_owned(), b"text/html; charset=utf-8".to_vec()));
    headers
}

/// The departure of a drawn page that is recognised and not followed.
pub(super) fn stopped(
    departures: &[Departure],
    stop_at: impl Fn(&Url) -> Option<FetchOutcome>,
) -> Option<(FetchOutcome, Url)> {
    departures
        .iter()
        .filter(|departure| !departure.post)
        .find_map(|departure| Some((stop_at(&departure.url)?, departure.url.clone())))
}

/// How a drawn page ended that was not left for anywhere known, and whether a form that it sends is why it is cut.
pub(super) fn ended(view: &PageView, cut: Option<Cut>, departures: &[Departure]) -> (FetchOutcome, bool) {
    let outcome = drawn_outcome(view, cut);
    // Such a form is never sent. Unless a rule knows it as a login, what is behind it stays unknown.
    let known = |to: &Url| {
        let tells = |signal: &Signal| signal.proves == Proves::Login && signal.target.as_ref() == Some(to);
        view.signals.iter().any(tells)
    };
    let unknown = departures.iter().any(|departure| departure.post && !known(&departure.url));
    if unknown && outcome == FetchOutcome::Ok { (FetchOutcome::Cut, true) } else { (outcome, false) }
}

fn drawn_outcome(view: &PageView, cut: Option<Cut>) -> FetchOutcome {
    match view.verdict {
        // The rule is about what scripts have not drawn yet.
        Some(FetchOutcome::NeedsBrowser) | None => {}
        Some(verdict) => return verdict,
    }
    if says_nothing(view) {
        // Nothing yet, or nothing at all.
        if matches!(cut, Some(Cut::Time | Cut::Stopped)) {
            FetchOutcome::RenderTimeout
        } else {
            FetchOutcome::RenderEmpty
        }
    } else if cut.is_some() || !view.cut.is_empty() {
        FetchOutcome::Cut
    } else {
        FetchOutcome::Ok
    }
}

/// Keeps a signal once: the header of a site repeats itself on every page.
pub(super) fn keep(signals: &mut Vec<Signal>, signal: Signal) {
    let known = signals.iter_mut().find(|known| {
        known.rule == signal.rule
            && known.platform == signal.platform
            && known.target == signal.target
            && known.label == signal.label
    });
    match known {
        Some(known) if (signal.tied, signal.strength) > (known.tied, known.strength) => *known = signal,
        Some(_) => {}
        None => signals.push(signal),
    }
}

/// A payment page that was read and does not say through which platform it is paid.
pub(super) fn unnamed(view: Option<&PageView>, own: bool) -> bool {
    let named = view.is_some_and(|view| view.labels.contains(&(Platform::Pagopa, PageLabel::Offered)));
    let acts = view.is_some_and(|view| view.has_form || view.has_login);
    !named && (!own || acts)
}

/// True when a page that was asked for under another address turned out to be the start page.
pub(super) fn is_start(outcome: FetchOutcome, url: &Url, before: &[PageRecord]) -> bool {
    let key = urlkey::key(url);
    outcome.class() == OutcomeClass::Read
        && before.iter().any(|page| page.kind == PageKind::Home && urlkey::key(&page.url) == key)
}
