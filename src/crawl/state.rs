//! What a visit has gathered so far, and what it can still decide.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::AtomicU32},
};

use url::Url;

use super::{
    Journal,
    frontier::{Entry, Frontier},
    metadata::Metadata,
    reach::Attempts,
    read,
};
use crate::{
    detect::{self, COUNTS, Lead, Origin, PageView, Seen, Stamp, Subject},
    evidence::{Capture, Drawn},
    model::{FetchOutcome, Outcome, OutcomeClass, PageKind, PageRecord, Platform, Proves, Reach, Signal, Step},
    polite::{Budget, Fetched},
    render::Departure,
};

/// What a visit gathers on its way.
pub(super) struct State {
    pub(super) subject: Arc<Subject>,
    pub(super) budget: Budget,
    pub(super) frontier: Frontier,
    pub(super) metadata: Metadata,
    pub(super) signals: Vec<Signal>,
    pub(super) scripted: Vec<Platform>,
    pub(super) vendors: Vec<String>,
    pub(super) remarks: Vec<String>,
    pub(super) pages: Vec<PageRecord>,
    pub(super) path: Vec<Step>,
    pub(super) login: Attempts,
    pub(super) payment: Attempts,
    pub(super) services: Attempts,
    pub(super) services_read: u32,
    pub(super) unnamed_payment: bool,
    pub(super) home: FetchOutcome,
    /// Pages drawn in a browser, and the requests for their parts.
    pub(super) drawn: AtomicU32,
    pub(super) parts: AtomicU32,
    /// Links of portals' menus that nothing but their host recognises, from pages without what they promise.
    pub(super) aside: Vec<Lead>,
    /// What was exchanged, when it is kept.
    pub(super) capture: Option<Capture>,
    /// Answers, for a process that takes this visit up.
    pub(super) journal: Option<Journal>,
    /// Hosts with a page that was read and where one logs in.
    pub(super) login_hosts: HashSet<String>,
}

/// One page as it came.
pub(super) struct Came {
    pub(super) fetched: Fetched,
    pub(super) outcome: FetchOutcome,
    pub(super) view: Option<PageView>,
    pub(super) record: PageRecord,
    pub(super) origin: Origin,
    pub(super) stamp: Stamp,
    /// The fetch stopped before a sign-on request to a provider that no rule knows.
    pub(super) unknown_provider: bool,
    /// Where the page, drawn in a browser, tried to go by itself.
    pub(super) departures: Vec<Departure>,
    /// The drawn document with its picture, and its address, when it is kept.
    pub(super) drawn: Option<(Url, Drawn)>,
}

impl State {
    pub(super) fn remark(&mut self, code: &str) {
        if !self.remarks.iter().any(|known| known == code) {
            self.remarks.push(code.to_owned());
        }
    }

    /// Keeps a signal once: the header of a site repeats itself on every page.
    pub(super) fn signal(&mut self, signal: Signal) {
        read::keep(&mut self.signals, signal);
    }

    pub(super) fn seen(&self) -> Seen {
        Seen {
            signals: self.signals.clone(),
            home: self.home,
            login: Reach::NotSeen,
            payment: Reach::NotSeen,
            services: Reach::NotSeen,
            scripted: self.scripted.clone(),
            unnamed_payment: self.unnamed_payment,
            interrupted: false,
        }
    }

    /// The platforms that more pages could still decide.
    pub(super) fn open(&self) -> Vec<Platform> {
        self.open_beside(&[])
    }

    /// The same, once these signals of a page count too.
    pub(super) fn open_beside(&self, signals: &[Signal]) -> Vec<Platform> {
        let mut seen = self.seen();
        seen.signals.extend_from_slice(signals);
        Platform::DECIDED
            .into_iter()
            .filter(|platform| detect::decide(*platform, &seen).outcome != Outcome::Found)
            .collect()
    }

    /// Leaves the menus of portals unread for good, once it is known where else on their hosts one logs in.
    pub(super) fn forgo_asides(&mut self) {
        let entered = |lead: &&Lead| lead.url.host_str().is_some_and(|host| self.login_hosts.contains(host));
        let open = self.aside.iter().filter(|lead| lead.proves != Proves::LoginPage || !entered(lead));
        self.frontier.forgo_all(open);
    }

    /// True when a page that was asked for under another address turned out to be the start page.
    pub(super) fn is_start(&self, came: &Came) -> bool {
        read::is_start(came.outcome, &came.fetched.url, &self.pages)
    }

    /// Notes whether a place where an answer would be was reached by this attempt.
    pub(super) fn count_attempt(&mut self, entry: &Entry, kind: PageKind, came: &Came) {
        if kind == PageKind::Login && shows_login(came.outcome) {
            let hops = came.fetched.hops.iter().map(|hop| &hop.url);
            hops.chain([&came.fetched.url]).for_each(|url| self.metadata.login_at(url));
        }
        let attempts = match kind {
            PageKind::Login => &mut self.login,
            PageKind::Payment => &mut self.payment,
            PageKind::Services => &mut self.services,
            PageKind::Home | PageKind::Other => return,
        };
        // Lists of services are told by their own rules; no doubt is in their focus.
        let focus = if kind == PageKind::Services { COUNTS } else { entry.focus };
        match came.outcome.class() {
            OutcomeClass::Read if came.outcome == FetchOutcome::Cut => attempts.fail(entry.focus, FetchOutcome::Cut),
            OutcomeClass::Read => {
                let view = came.view.as_ref();
                let cut = view.is_some_and(|view| !view.cut.is_empty());
                if cut {
                    attempts.fail(entry.focus, FetchOutcome::Cut);
                } else if view.is_some_and(|view| view.awaits_scripts(kind)) {
                    // There is no browser, or it failed, or it has drawn its share of this visit.
                    attempts.fail(entry.focus, FetchOutcome::NeedsBrowser);
                } else if view.is_some_and(|view| view.answers_in_a_frame(kind)) {
                    attempts.fail(entry.focus, FetchOutcome::Cut);
                } else {
                    attempts.read(focus);
                }
                if kind == PageKind::Payment {
                    self.unnamed_payment |= read::unnamed(view, self.subject.is_own(&came.fetched.url));
                }
                if kind == PageKind::Services {
                    self.services_read += 1;
                }
            }
            // A login that goes to a known provider was seen; a payment behind a login was not.
            OutcomeClass::Stopped if came.outcome == stop_of(kind) && !came.unknown_provider => attempts.read(focus),
            OutcomeClass::Stopped | OutcomeClass::Gone | OutcomeClass::Unknown => {
                attempts.fail(entry.focus, came.outcome);
            }
        }
    }
}

/// The host answered a request for its login: with a page, with a redirect to a provider, or with what a script would
/// have filled.
fn shows_login(outcome: FetchOutcome) -> bool {
    matches!(outcome.class(), OutcomeClass::Read | OutcomeClass::Stopped)
        || matches!(
            outcome,
            FetchOutcome::NeedsBrowser
                | FetchOutcome::RenderEmpty
                | FetchOutcome::RenderFailed
                | FetchOutcome::RenderTimeout
        )
}

/// The redirect that ends a way to a place of this kind.
const fn stop_of(kind: PageKind) -> FetchOutcome {
    match kind {
        PageKind::Payment => FetchOutcome::PaymentRedirect,
        PageKind::Home | PageKind::Login | PageKind::Services | PageKind::Other => FetchOutcome::ProviderRedirect,
    }
}
