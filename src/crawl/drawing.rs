//! When a page is drawn in the browser, and what is made of it.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
};

use super::{
    Visitor,
    answer::hex,
    frontier::Entry,
    read::{self, Text},
    state::{Came, State},
    visit::onward,
};
use crate::{
    detect::{Lead, PageView, Subject},
    evidence::Drawn,
    model::{FetchOutcome, OutcomeClass, PageKind, Platform, Proves, Rendering},
    page::Layout,
    render::{Fault, Given, Manners, Rendered},
};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout_at;

/// Pages that one visit draws: the start page, a login, a payment, and one more.
const DRAWN: u32 = 4;

/// Whether a page, as it came, leaves open what only its scripts can answer. `open` tells the platforms that more pages
/// could decide.
pub(super) fn wants_browser(
    kind: PageKind,
    outcome: FetchOutcome,
    view: Option<&PageView>,
    open: impl FnOnce() -> Vec<Platform>,
) -> bool {
    if outcome == FetchOutcome::NeedsBrowser {
        return true;
    }
    let Some(view) = view.filter(|view| outcome == FetchOutcome::Ok && view.has_scripts) else { return false };
    let login = |lead: &Lead| matches!(lead.proves, Proves::LoginPage | Proves::Login);
    // The login link of a start page is part of its header, which some products write by script.
    let header = kind == PageKind::Home && view.hollow && !view.leads.iter().any(login);
    if header || view.awaits_scripts(kind) {
        return true;
    }
    if view.undrawn.is_empty() {
        return false;
    }
    let open = open();
    view.undrawn.iter().any(|platform| open.contains(platform))
}

impl Visitor {
    /// Draws a page where it has to be drawn; gives back what came where not.
    pub(super) async fn draw(
        &self,
        entry: &Entry,
        kind: PageKind,
        came: Came,
        state: &State,
        manners: Manners<'_>,
    ) -> Came {
        let Some(renderer) = &self.renderer else { return came };
        let signals = came.view.as_ref().map(|view| &view.signals[..]).unwrap_or_default();
        let wanted = wants_browser(kind, came.outcome, came.view.as_ref(), || state.open_beside(signals));
        let late = self.clock.instant() >= state.budget.deadline();
        // Metadata is asked for on a guess: what else is there is worth no browser.
        let guess = state.metadata.asked(&entry.url);
        if !wanted || guess || late || state.drawn.load(Ordering::Relaxed) >= DRAWN {
            return came;
        }
        let Some(exchange) = &came.fetched.exchange else { return came };
        state.drawn.fetch_add(1, Ordering::Relaxed);
        let given = Given { url: &came.fetched.url, headers: &exchange.headers, body: &exchange.body };
        // Waiting for a place among the pages that are drawn is part of the visit's time.
        let end = state.budget.deadline().into();
        let outline = |page: &Rendered| self.places(page, &came, Arc::clone(&state.subject));
        let drawing = async {
            if self.settings.evidence && self.settings.pictures {
                renderer.render_pictured(given, manners, &outline).await
            } else {
                renderer.render(given, manners).await
            }
        };
        match timeout_at(end, drawing).await.unwrap_or(Err(Fault::Time)) {
            Ok(page) => self.drawn(entry, came, page, state, manners).await,
            Err(fault) => failed(came, &fault),
        }
    }

    /// The places on a drawn page that rules recognise, for its picture; the strongest first.
    fn places<'a>(
        &'a self,
        page: &Rendered,
        came: &Came,
        subject: Arc<Subject>,
    ) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + 'a>> {
        let text = drawn_text(page, came);
        let (origin, stamp) = (came.origin, came.stamp.clone());
        Box::pin(async move {
            let Some(mut view) = self.view(text, origin, &stamp, &subject).await else { return Vec::new() };
            view.signals.sort_by_key(|signal| std::cmp::Reverse(signal.strength));
            view.signals.into_iter().map(|signal| signal.selector).filter(|place| !place.is_empty()).collect()
        })
    }

    /// What a drawn page says, in place of what its bytes said.
    async fn drawn(&self, entry: &Entry, mut came: Came, page: Rendered, state: &State, manners: Manners<'_>) -> Came {
        let text = drawn_text(&page, &came);
        let Rendered { url, html, cut, layout, departures, requests, emptied, refused, picture } = page;
        let sha256 = hex(&Sha256::digest(html.as_bytes()));
        let bytes = html.len() as u64;
        came.stamp.sha256.clone_from(&sha256);
        came.record.rendered = Some(Rendering {
            sha256,
            bytes,
            requests,
            emptied,
            refused,
            layout,
            cut: cut.map(|cut| cut.code().to_owned()),
        });
        let picture = picture.map(|picture| picture.png);
        came.drawn = self.settings.evidence.then_some((url, Drawn { html, picture }));
        let seen = self.view(text, came.origin, &came.stamp, &state.subject).await;
        let Some(mut seen) = seen else {
            came.outcome = FetchOutcome::RenderFailed;
            came.record.outcome = came.outcome;
            return came;
        };
        let stopped = read::stopped(&departures, |url| manners.stop_at.and_then(|stop_at| stop_at(url)));
        if let Some((outcome, to)) = stopped {
            came.unknown_provider = outcome == FetchOutcome::ProviderRedirect && self.catalogue.sign_on(&to).is_none();
            came.fetched.stopped_at = Some(to);
            came.outcome = outcome;
        } else {
            // From the start page this is the rest of the way to it, whatever may be there.
            let proves = entry.proves.unwrap_or(Proves::ServicesPage);
            let gone = departures.iter().filter(|departure| !departure.post);
            seen.leads.extend(gone.map(|to| onward(&to.url, proves, entry, came.origin)));
            let form;
            (came.outcome, form) = read::ended(&seen, cut, &departures);
            if form {
                came.record.detail = Some("rendering: the page sends a form by itself".to_owned());
            }
        }
        came.record.outcome = came.outcome;
        if !seen.title.is_empty() {
            came.record.title = Some(seen.title.clone());
        }
        came.departures = departures;
        came.view = Some(seen);
        came
    }
}

/// A drawn page as the rules read it.
fn drawn_text(page: &Rendered, came: &Came) -> Text {
    let exchange = came.fetched.exchange.as_ref();
    Text {
        url: page.url.clone(),
        status: exchange.and_then(|exchange| exchange.status).unwrap_or(200),
        headers: read::drawn_headers(exchange.map(|exchange| &exchange.headers[..]).unwrap_or_default()),
        body: page.html.clone().into_bytes(),
        cut: page.cut.is_some(),
        layout: if page.layout { Layout::Known } else { Layout::Partly },
    }
}

/// A page that could not be drawn. What its bytes say stands; one that says nothing without scripts has a reason now.
fn failed(mut came: Came, fault: &Fault) -> Came {
    if came.outcome.class() != OutcomeClass::Read {
        came.outcome = if *fault == Fault::Time { FetchOutcome::RenderTimeout } else { FetchOutcome::RenderFailed };
        came.record.outcome = came.outcome;
    }
    came.record.detail = Some(format!("rendering: {fault}"));
    came
}

#[cfg(test)]
mod tests;
