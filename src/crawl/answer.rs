//! What an answer is: a page, a refusal, or the redirect where a visit stops.

use url::Url;

use crate::{
    detect::{PageView, Subject},
    model::{FetchOutcome, OutcomeClass, PageKind},
    page::metadata,
    rules::Catalogue,
};

/// Bytes of text below which a page with scripts is taken for the frame of what they draw.
const FEW_WORDS: usize = 200;

/// Redirects that are proof, or the last thing we may see: they are recognised and not followed.
pub(super) fn stop_at(catalogue: &Catalogue, subject: &Subject, url: &Url) -> Option<FetchOutcome> {
    if catalogue.sign_on(url).is_some() {
        return Some(FetchOutcome::ProviderRedirect);
    }
    let host = url.host_str().unwrap_or_default();
    if host == "checkout.pagopa.it" && url.path().len() > 1 {
        return Some(FetchOutcome::PaymentRedirect);
    }
    let request = url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case("SAMLRequest"));
    // A request for somebody's identity goes no further, unless to a gateway that shows the choice of identity.
    let gateway = subject.is_own(url) || !catalogue.judge_redirect(url, url).is_empty();
    (request && !gateway).then_some(FetchOutcome::ProviderRedirect)
}

/// Outcomes whose body says something: pages, and the pages that servers put in their place.
pub(super) fn worth_reading(outcome: FetchOutcome) -> bool {
    outcome.class() == OutcomeClass::Read
        || matches!(outcome, FetchOutcome::Forbidden | FetchOutcome::ServerError | FetchOutcome::RateLimited)
}

/// The outcome after the rules have looked at the page.
pub(super) fn judged(outcome: FetchOutcome, view: &PageView) -> FetchOutcome {
    match (outcome.class(), view.verdict) {
        // Of a beginning only what is there counts: that it says nothing is the cut's doing.
        (OutcomeClass::Read, Some(verdict)) if outcome == FetchOutcome::Cut && !names_a_refusal(verdict) => outcome,
        (OutcomeClass::Read, None) if outcome == FetchOutcome::Ok && says_nothing(view) => FetchOutcome::NeedsBrowser,
        (OutcomeClass::Read, None) if outcome == FetchOutcome::Ok && !view.cut.is_empty() => FetchOutcome::Cut,
        // A refusal is named better by the page it comes with; it never becomes a page.
        (class, Some(verdict)) if class == OutcomeClass::Read || names_a_refusal(verdict) => verdict,
        _ => outcome,
    }
}

/// A page without a word, or with a few words beside scripts ("Caricamento..."), and without a link worth following or
/// a sign: whatever status it came with, it is no ground for an absence.
pub(super) fn says_nothing(view: &PageView) -> bool {
    let few = if view.has_scripts { FEW_WORDS } else { 1 };
    view.text_bytes < few && view.leads.is_empty() && view.signals.is_empty()
}

const fn names_a_refusal(verdict: FetchOutcome) -> bool {
    matches!(verdict, FetchOutcome::Blocked | FetchOutcome::Challenge | FetchOutcome::Maintenance)
}

/// What the rules can read. Metadata is read where it was asked for; a login that turns out to be metadata is no login
/// page, and must not count as one.
pub(super) fn readable(kind: PageKind, content_type: Option<&str>, body: &[u8]) -> bool {
    if metadata::sniff(body) { kind == PageKind::Other } else { looks_like_html(content_type, body) }
}

/// Servers label pages badly: what begins like markup is a page.
fn looks_like_html(content_type: Option<&str>, body: &[u8]) -> bool {
    let kind = content_type.unwrap_or_default().to_ascii_lowercase();
    let head = &body[..body.len().min(1_024)];
    if head.starts_with(b"%PDF") || head.starts_with(b"PK\x03\x04") || head.starts_with(b"\x89PNG") {
        return false;
    }
    if kind.contains("html") || kind.is_empty() {
        return true;
    }
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let markup = text.contains("<html") || text.contains("<!doctype html") || text.contains("<body");
    markup && !kind.starts_with("image/") && !kind.contains("pdf")
}

pub(super) fn same_site(a: &Url, b: &Url) -> bool {
    let domain = |url: &Url| url.host_str().and_then(psl::domain_str).map(str::to_owned);
    a.host() == b.host() || (domain(a).is_some() && domain(a) == domain(b))
}

pub(super) fn hex(digest: &impl std::fmt::LowerHex) -> String {
    format!("{digest:x}")
}
