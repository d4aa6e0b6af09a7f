//! A visit's pages read again from stored bytes, in the order and circumstances of the visit, by any catalogue.
//!
//! The rules run through the same functions as in a visit. What a visit knows besides the bytes (how a page was reached,
//! where its redirects led, which places were reached) is taken from the record of the visit; so a catalogue that would
//! have led elsewhere is judged on the pages that were read then.

use url::Url;

use super::{
    answer::{judged, stop_at, worth_reading},
    read::{self, Text},
};
use crate::{
    detect::{self, Lead, Origin, PageView, Seen, Stamp, Subject},
    evidence::{self, Note, NotedPage},
    model::{FetchOutcome, Finding, OutcomeClass, PageKind, PageRecord, Platform, Proves},
    page::{Layout, Limits},
    render::{Cut, Departure},
    rules::Catalogue,
};

/// The stored bytes of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// Status of the last hop.
    pub status: u16,
    /// Its header lines, names lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Its body as received.
    pub raw: Vec<u8>,
    /// The document as a browser drew it, when it did.
    pub drawn: Option<Vec<u8>>,
}

/// What stored bytes say.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    /// One finding for each of [`Platform::DECIDED`].
    pub findings: Vec<Finding>,
    /// Pages, by their place in the visit, that ended otherwise than in the visit.
    pub otherwise: Vec<(usize, FetchOutcome)>,
}

/// Reads the pages of a visit again. `pages` gives the bytes of each page of the note, in its order; a page whose bytes
/// are gone says nothing.
pub fn replay(catalogue: &Catalogue, note: &Note, pages: &[Option<StoredPage>]) -> Again {
    let mut subject = Subject::new(&note.visit.url, &note.visit.comune);
    let mut seen = Seen {
        signals: Vec::new(),
        home: note.reached.home,
        login: note.reached.login,
        payment: note.reached.payment,
        services: note.reached.services,
        scripted: Vec::new(),
        unnamed_payment: false,
        interrupted: false,
    };
    let mut otherwise = Vec::new();
    for (noted, page) in note.pages.iter().zip(pages) {
        let (Some(record), Some(page)) = (note.visit.pages.get(noted.around.page), page) else { continue };
        let departures: Vec<Departure> =
            noted.around.departures.iter().map(|gone| Departure { url: gone.url.clone(), post: gone.post }).collect();
        let sha256 = match &page.drawn {
            Some(html) => evidence::sha256(html),
            None => evidence::read_digest(page.status, &page.headers, &page.raw),
        };
        let stamp = Stamp { sha256, fetched: record.fetched, chain: noted.around.chain.clone() };
        let (outcome, view) = look(catalogue, &subject, &stamp, (noted, record, page), &departures);
        if outcome != record.outcome {
            otherwise.push((noted.around.page, outcome));
        }
        let read = outcome.class() == OutcomeClass::Read;
        let before = note.visit.pages.get(..noted.around.page).unwrap_or_default();
        if record.kind == PageKind::Payment
            && read
            && outcome != FetchOutcome::Cut
            && !read::is_start(outcome, &record.url, before)
        {
            seen.unnamed_payment |= read::unnamed(view.as_ref(), subject.is_own(&record.url));
        }
        if record.kind == PageKind::Home && read {
            subject.own(&record.url);
        }
        let mut origin = Origin::from(noted.around.origin);
        for (from, to) in read::redirects(&record.hops, &record.url, &departures) {
            for (signal, known_portal) in detect::redirect_signals(catalogue, &subject, origin, from, to, &stamp) {
                origin.known_portal |= known_portal;
                read::keep(&mut seen.signals, signal);
            }
        }
        if let Some(view) = view.filter(|_| read) {
            for signal in view.signals {
                read::keep(&mut seen.signals, signal);
            }
            seen.scripted.extend(view.scripted);
        }
    }
    let findings = Platform::DECIDED.into_iter().map(|platform| detect::decide(platform, &seen)).collect();
    Again { findings, otherwise }
}

/// One page as a visit looks at it: first its markup, then, where it was drawn, the drawn document in its place.
fn look(
    catalogue: &Catalogue,
    subject: &Subject,
    stamp: &Stamp,
    (noted, record, page): (&NotedPage, &PageRecord, &StoredPage),
    departures: &[Departure],
) -> (FetchOutcome, Option<PageView>) {
    let arrived = noted.around.arrived;
    let origin = Origin::from(noted.around.origin);
    let limits = Limits::default();
    if let (Some(html), Some(rendering)) = (&page.drawn, &record.rendered) {
        let cut = rendering.cut.as_deref().map(cut_of);
        let text = Text {
            url: noted.around.drawn_url.clone().unwrap_or_else(|| record.url.clone()),
            status: page.status,
            headers: read::drawn_headers(&page.headers),
            body: html.clone(),
            cut: cut.is_some(),
            layout: if rendering.layout { Layout::Known } else { Layout::Partly },
        };
        let mut view = read::view(catalogue, subject, origin, &text, stamp, &limits);
        if let Some((outcome, _)) = read::stopped(departures, |url| stop_at(catalogue, subject, url)) {
            return (outcome, Some(view));
        }
        view.leads.extend(departures.iter().filter(|departure| !departure.post).map(|departure| gone(&departure.url)));
        return (read::ended(&view, cut, departures).0, Some(view));
    }
    if !worth_reading(arrived) {
        return (arrived, None);
    }
    let body = evidence::decoded(page.status, &page.headers, &page.raw);
    let content_type = page.headers.iter().find(|(name, _)| name == "content-type");
    let content_type = content_type.and_then(|(_, value)| std::str::from_utf8(value).ok()).map(str::trim);
    let (outcome, html) = read::legible(arrived, record.kind, content_type, &body);
    if !html {
        return (outcome, None);
    }
    let (url, headers) = (record.url.clone(), page.headers.clone());
    let cut = arrived == FetchOutcome::Cut;
    let text = Text { url, status: page.status, headers, body, cut, layout: Layout::Markup };
    let view = read::view(catalogue, subject, origin, &text, stamp, &limits);
    let outcome = judged(outcome, &view);
    // Where drawing failed the visit knew another reason, and nothing more of the page.
    let failed = matches!(record.outcome, FetchOutcome::RenderFailed | FetchOutcome::RenderTimeout);
    (if failed && outcome == FetchOutcome::NeedsBrowser { record.outcome } else { outcome }, Some(view))
}

/// A drawn page that goes on by itself has a way on.
fn gone(url: &Url) -> Lead {
    Lead {
        url: url.clone(),
        proves: Proves::ServicesPage,
        platforms: Vec::new(),
        focus: 0,
        rule: String::new(),
        label: None,
        known_portal: false,
        tenant: false,
        other_tenant: false,
    }
}

fn cut_of(code: &str) -> Cut {
    let all = [Cut::Stopped, Cut::Size, Cut::Time, Cut::Requests, Cut::Parts];
    // A word of a later version means some cut; which one only tells an empty page's reason.
    all.into_iter().find(|cut| cut.code() == code).unwrap_or(Cut::Parts)
}
