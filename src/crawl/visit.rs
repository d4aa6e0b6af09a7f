//! The loop of one visit.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    Journal, Unwatched, Visitor, Watcher,
    answer::{hex, judged, same_site, stop_at, worth_reading},
    frontier::{Entry, Frontier},
    journal::Remembered,
    metadata::Metadata,
    reach::Attempts,
    read::{self, Text},
    start,
    state::{Came, State},
};
use crate::{
    detect::{self, Origin, PageView, Seen, Stamp, Subject},
    evidence::{self, Around, Capture, Gone, Kept, Reached},
    model::{
        Coverage, End, FetchOutcome, OutcomeClass, PageKind, PageLabel, PageRecord, Platform, Proves, Reach, Step,
        Target, Visit,
    },
    net::Method,
    page::Layout,
    polite::{Ask, Budget, Fetched, Gap},
    render::Manners,
};

/// Pages of services that are read: beyond them the list repeats itself.
const SERVICES_READ: u32 = 3;
/// Unread links that a visit reports.
const UNREAD_SHOWN: usize = 20;
/// Focus of the other language versions of a start page without a way in.
const ALTERNATE_FOCUS: u8 = 70;

impl Visitor {
    /// Looks at one comune's site once. Never fails: whatever goes wrong is part of the answer.
    pub async fn visit(&self, target: &Target) -> Visit {
        self.visit_watched(target, &Unwatched).await
    }

    /// The same, with what was exchanged: nothing of it unless the settings say that it is kept. What an earlier process
    /// had fetched of the visit is in its journal, and so is what this one fetches.
    pub async fn visit_keeping(
        &self,
        target: &Target,
        watcher: &dyn Watcher,
        journal: Option<Journal>,
    ) -> (Visit, Kept) {
        self.look(target, watcher, journal).await
    }

    /// The same, telling `watcher` about each step.
    pub async fn visit_watched(&self, target: &Target, watcher: &dyn Watcher) -> Visit {
        self.look(target, watcher, None).await.0
    }

    async fn look(&self, target: &Target, watcher: &dyn Watcher, journal: Option<Journal>) -> (Visit, Kept) {
        let now = self.clock.now();
        let started = journal.as_ref().and_then(Journal::since).map_or(now, |since| since.min(now));
        let deadline = self.clock.instant() + self.settings.max_time;
        let mut state = State {
            subject: Arc::new(Subject::new(&target.url, &target.comune)),
            budget: Budget::new(self.settings.max_requests, deadline),
            frontier: Frontier::default(),
            metadata: Metadata::default(),
            signals: Vec::new(),
            scripted: Vec::new(),
            vendors: Vec::new(),
            remarks: Vec::new(),
            pages: Vec::new(),
            path: Vec::new(),
            login: Attempts::default(),
            payment: Attempts::default(),
            services: Attempts::default(),
            services_read: 0,
            unnamed_payment: false,
            home: FetchOutcome::Budget,
            drawn: AtomicU32::new(0),
            parts: AtomicU32::new(0),
            aside: Vec::new(),
            login_hosts: HashSet::new(),
            capture: self.settings.evidence.then(Capture::default),
            journal,
        };
        if self.settings.own_site {
            state.remark("own-site");
        }
        if self.settings.proxied {
            state.remark("proxy");
        }
        self.start(target, &mut state, watcher).await;
        let mut open = state.open();
        while state.home.class() == OutcomeClass::Read && !open.is_empty() && self.affordable(&state) {
            let (wanted, services_read) = (open.clone(), state.services_read);
            let subject = Arc::clone(&state.subject);
            let next = state.frontier.pop(|entry| {
                // For the app alone one list of the comune's own is enough to say that the site does not state it.
                let enough = if wanted[..] == [Platform::Appio] {
                    entry.platforms.is_empty() && (services_read > 0 || !subject.is_own(&entry.url))
                } else {
                    entry.proves == Some(Proves::ServicesPage) && services_read >= SERVICES_READ
                };
                entry.serves(&wanted) && !enough
            });
            let Some(entry) = next.or_else(|| state.metadata.next(&open)) else { break };
            self.follow(&entry, &mut state, watcher).await;
            open = state.open();
        }
        self.finish(target, state, started, &open)
    }

    /// True while the visit may ask for one more page.
    fn affordable(&self, state: &State) -> bool {
        state.budget.left() > 0 && self.clock.instant() < state.budget.deadline()
    }

    /// Tries the start page under the names it may have.
    async fn start(&self, target: &Target, state: &mut State, watcher: &dyn Watcher) {
        let mut tried: Vec<(Url, FetchOutcome)> = Vec::new();
        for url in start::candidates(target) {
            if !start::worth(&url, &tried) || !self.affordable(state) {
                continue;
            }
            let entry = Entry::start(url.clone(), tried.is_empty());
            let came = self.ask(&entry, PageKind::Home, state).await;
            tried.push((url, came.outcome));
            let outcome = came.outcome;
            self.take(&entry, came, state, watcher);
            if !start::may_fall_back(outcome) {
                break;
            }
        }
        // The attempt that got furthest tells why; among equals the first, which is the address that was asked about.
        let furthest = tried.iter().rev().max_by_key(|(_, outcome)| start::rank(*outcome));
        state.home = furthest.map_or(FetchOutcome::Budget, |(_, outcome)| *outcome);
        if state.home.class() == OutcomeClass::Read {
            for (_, outcome) in tried.iter().filter(|(_, outcome)| outcome.is_tls()) {
                state.remark(outcome.code());
            }
        }
    }

    /// Reads one waiting link.
    async fn follow(&self, entry: &Entry, state: &mut State, watcher: &dyn Watcher) {
        let kind = match entry.proves {
            Some(Proves::LoginPage | Proves::Login) => PageKind::Login,
            Some(Proves::PaymentPage | Proves::Payment) => PageKind::Payment,
            Some(Proves::ServicesPage) => PageKind::Services,
            _ => PageKind::Other,
        };
        let came = self.ask(entry, kind, state).await;
        // A link that ends on the start page is a dead one: retired services send back there.
        if !state.is_start(&came) {
            state.count_attempt(entry, kind, &came);
        }
        self.take(entry, came, state, watcher);
    }

    /// Fetches and reads one page.
    async fn ask(&self, entry: &Entry, kind: PageKind, state: &State) -> Came {
        let catalogue = Arc::clone(&self.catalogue);
        let subject = Arc::clone(&state.subject);
        let stop_at = move |url: &Url| stop_at(&catalogue, &subject, url);
        let own_host = self.settings.own_site.then(|| entry.url.host_str()).flatten();
        let own_host = own_host.filter(|_| state.subject.is_own(&entry.url));
        let ask = Ask {
            url: &entry.url,
            method: Method::Get,
            max_body: self.settings.max_body,
            stop_at: Some(&stop_at),
            own_host,
            gap: Gap::Page,
        };
        let (fetched, at) = self.fetched(ask, state).await;
        let came = self.read(entry, kind, fetched, at, state).await;
        let manners = Manners {
            fetcher: &self.fetcher,
            stop_at: Some(&stop_at),
            own_host,
            is_tracker: &|url| self.catalogue.is_tracker(url),
            sent: &state.parts,
        };
        self.draw(entry, kind, came, state, manners).await
    }

    /// The answer, and when it came: out of the journal, where an earlier process had it already.
    async fn fetched(&self, ask: Ask<'_>, state: &State) -> (Fetched, Timestamp) {
        if let Some(Remembered { fetched, at, sent }) =
            state.journal.as_ref().and_then(|journal| journal.recall(ask.url))
        {
            // What was spent then is spent.
            while state.budget.sent() < sent && state.budget.take() {}
            return (fetched, at);
        }
        let fetched = self.fetcher.fetch(&state.budget, ask).await;
        let at = self.clock.now();
        if let Some(journal) = &state.journal {
            journal.remember(ask.url, &fetched, at, state.budget.sent()).await;
        }
        (fetched, at)
    }

    /// Turns what was fetched into what it says.
    async fn read(&self, entry: &Entry, kind: PageKind, fetched: Fetched, at: Timestamp, state: &State) -> Came {
        let mut origin = entry.origin;
        let mut chain = entry.chain.clone();
        if entry.depth > 0 {
            chain.push(entry.url.clone());
        }
        for hop in &fetched.hops {
            let Some(location) = &hop.location else { continue };
            origin.tenant_on_the_way |= !state.subject.is_own(location) && state.subject.named_by(location);
            if fetched.stopped_at.as_ref() != Some(location) && chain.last() != Some(location) {
                chain.push(location.clone());
            }
        }
        // The comune's own address names it always; only a foreign address that names it says something.
        origin.tenant_on_the_way |= !state.subject.is_own(&entry.url) && state.subject.named_by(&entry.url);
        let body = fetched.exchange.as_ref().map_or(&[][..], |exchange| &exchange.body);
        let sha256 = if body.is_empty() { String::new() } else { hex(&Sha256::digest(body)) };
        // A redirect has no body: what proves it is where it leads.
        let evidence = match &fetched.exchange {
            Some(exchange) if body.is_empty() => {
                hex(&Sha256::digest(evidence::redirect(exchange.status, &exchange.headers)))
            }
            _ => sha256.clone(),
        };
        let stamp = Stamp { sha256: evidence, fetched: at, chain };
        let mut outcome = fetched.outcome;
        let mut view = None;
        if let Some(exchange) = fetched.exchange.as_ref().filter(|_| worth_reading(outcome)) {
            let html;
            (outcome, html) = read::legible(outcome, kind, exchange.header("content-type"), body);
            if html {
                let text = Text {
                    url: fetched.url.clone(),
                    status: exchange.status.unwrap_or(200),
                    headers: exchange.headers.clone(),
                    body: body.to_vec(),
                    cut: fetched.outcome == FetchOutcome::Cut,
                    layout: Layout::Markup,
                };
                if let Some(seen) = self.view(text, origin, &stamp, &state.subject).await {
                    outcome = judged(outcome, &seen);
                    view = Some(seen);
                } else {
                    outcome = FetchOutcome::Undecodable;
                }
            }
        }
        let exchange = fetched.exchange.as_ref();
        let record = PageRecord {
            requested: entry.url.clone(),
            url: fetched.url.clone(),
            kind,
            outcome,
            detail: fetched.detail.clone(),
            status: exchange.and_then(|exchange| exchange.status),
            hops: fetched.hops.clone(),
            bytes: body.len() as u64,
            sha256,
            address: exchange.and_then(|exchange| exchange.address).map(|address| address.ip().to_string()),
            certificate: exchange.and_then(|exchange| exchange.certificate.clone()),
            fetched: stamp.fetched,
            charset: view.as_ref().map(|view| view.charset.to_owned()),
            title: view.as_ref().map(|view| view.title.clone()).filter(|title| !title.is_empty()),
            rendered: None,
        };
        let unknown_provider = outcome == FetchOutcome::ProviderRedirect
            && fetched.stopped_at.as_ref().is_some_and(|url| self.catalogue.sign_on(url).is_none());
        Came { fetched, outcome, view, record, origin, stamp, unknown_provider, departures: Vec::new(), drawn: None }
    }

    /// Runs the rules on a blocking thread. `None` when the thread died, which a page must not be able to cause.
    pub(super) async fn view(
        &self,
        text: Text,
        origin: Origin,
        stamp: &Stamp,
        subject: &Arc<Subject>,
    ) -> Option<PageView> {
        let catalogue = Arc::clone(&self.catalogue);
        let subject = Arc::clone(subject);
        let stamp = stamp.clone();
        let limits = self.settings.limits;
        let look = move || read::view(&catalogue, &subject, origin, &text, &stamp, &limits);
        tokio::task::spawn_blocking(look).await.ok()
    }

    /// Takes in what a page said.
    fn take(&self, entry: &Entry, came: Came, state: &mut State, watcher: &dyn Watcher) {
        let Came { fetched, outcome, view, record, mut origin, stamp, departures, drawn, .. } = came;
        let way = origin.into();
        for url in fetched.hops.iter().map(|hop| &hop.url).chain([&fetched.url]) {
            state.frontier.mark(url);
        }
        if entry.depth == 0 && outcome.class() == OutcomeClass::Read {
            let mut subject = (*state.subject).clone();
            subject.own(&fetched.url);
            state.subject = Arc::new(subject);
            if fetched.url.scheme() == "http" {
                state.remark("plain-http");
            }
        }
        let mut speaks = view.as_ref().is_some_and(|view| !view.signals.is_empty() || !view.scripted.is_empty());
        for (from, to) in read::redirects(&fetched.hops, &fetched.url, &departures) {
            let found = detect::redirect_signals(&self.catalogue, &state.subject, origin, from, to, &stamp);
            for (signal, known_portal) in found {
                speaks = true;
                origin.known_portal |= known_portal;
                state.signal(signal);
            }
            let named = detect::redirect_metadata(&self.catalogue, from, to);
            state.metadata.add(&named, entry.depth + 1, origin, &stamp.chain);
        }
        if let Some(view) = view.as_ref().filter(|_| outcome.class() == OutcomeClass::Read) {
            self.learn(entry, &fetched.url, origin, view, &stamp, state);
        }
        let gave = view.as_ref().map(|view| view.labels.clone()).unwrap_or_default();
        let step = Step {
            url: entry.url.clone(),
            chosen_by: entry.rule.clone(),
            label: entry.label.clone(),
            score: entry.score(),
            depth: entry.depth,
            outcome,
            rendered: record.rendered.is_some(),
            gave: gave.into_iter().filter(|(_, label)| *label > PageLabel::Absent).collect(),
        };
        watcher.step(&step);
        state.path.push(step);
        let around = Around {
            page: state.pages.len(),
            arrived: fetched.outcome,
            sha256: stamp.sha256,
            chain: stamp.chain,
            origin: way,
            stopped_at: fetched.stopped_at,
            drawn_url: drawn.as_ref().map(|(url, _)| url.clone()),
            departures: departures.iter().map(Gone::from).collect(),
        };
        state.pages.push(record);
        if let (Some(capture), Some(last)) = (&mut state.capture, fetched.exchange) {
            let answers = fetched.earlier.into_iter().chain([last]);
            let hops = fetched.hops.into_iter().map(|hop| hop.url).zip(answers).collect();
            if !capture.add(around, speaks, hops, drawn.map(|(_, drawn)| drawn)) {
                state.remark("evidence-cut");
            }
        }
    }

    /// Learns from a page that was read: signals, vendors, links.
    fn learn(&self, entry: &Entry, url: &Url, origin: Origin, view: &PageView, stamp: &Stamp, state: &mut State) {
        for signal in &view.signals {
            state.signal(signal.clone());
        }
        state.scripted.extend(&view.scripted);
        for vendor in &view.vendors {
            if !state.vendors.contains(vendor) {
                state.vendors.push(vendor.clone());
            }
        }
        let depth = entry.depth + 1;
        state.metadata.add(&view.metadata, depth, origin, &stamp.chain);
        let own = state.subject.is_own(url);
        if let (Some(next), Some(proves)) = (&view.onward, entry.proves) {
            // The page only sends on: what the link to it promised is there, and no click leads there.
            let lead = onward(next, proves, entry, origin);
            state.frontier.push(
                &lead,
                entry.depth,
                Origin { linked: own || origin.linked, ..origin },
                stamp.chain.clone(),
            );
        }
        // A portal's menu, told by nothing but its host: the way in may be behind it, unless it is on this page, or, for
        // a login, on another of this host. A form that is no login says nothing of where the login is.
        if view.has_login {
            state.login_hosts.extend(url.host_str().map(str::to_owned));
        } else {
            let open = |lead: &&detect::Lead| !view.has_form || lead.proves == Proves::LoginPage;
            state.aside.extend(view.aside.iter().filter(open).cloned());
        }
        for lead in &view.leads {
            // A button on the last page is pressed too: only that shows where it leads.
            if depth > self.settings.max_depth + u8::from(lead.proves.is_offer()) {
                state.frontier.forgo(lead);
                continue;
            }
            let onward = Origin {
                linked: own || origin.linked,
                known_portal: lead.known_portal || (origin.known_portal && same_site(url, &lead.url)),
                tenant_on_the_way: (origin.tenant_on_the_way && !own)
                    || lead.tenant
                    || (!state.subject.is_own(&lead.url) && state.subject.named_by(&lead.url)),
                other_tenant: lead.other_tenant || (origin.other_tenant && !own),
            };
            // From a foreign page only its own site, the comune's, and known portals are worth the comune's budget.
            let within = own
                || state.subject.is_own(&lead.url)
                || same_site(url, &lead.url)
                || lead.known_portal
                || lead.proves == Proves::Login;
            if within {
                state.frontier.push(lead, depth, onward, stamp.chain.clone());
            } else {
                state.frontier.forgo(lead);
            }
        }
        let has_way_in = view.leads.iter().any(|lead| lead.proves.is_lead() || lead.proves.is_offer());
        if entry.depth == 0 && !has_way_in {
            // In bilingual sites the login may exist in one language only.
            for alternate in view.alternates.iter().filter(|alternate| state.subject.is_own(alternate)).take(2) {
                let lead = detect::Lead {
                    url: alternate.clone(),
                    proves: Proves::ServicesPage,
                    platforms: Vec::new(),
                    focus: ALTERNATE_FOCUS,
                    rule: "alternate-language".to_owned(),
                    label: None,
                    known_portal: false,
                    tenant: false,
                    other_tenant: false,
                };
                state.frontier.push(&lead, depth, origin, stamp.chain.clone());
            }
        }
    }

    fn finish(&self, target: &Target, mut state: State, started: Timestamp, open: &[Platform]) -> (Visit, Kept) {
        state.forgo_asides();
        let reached = state.home.class() == OutcomeClass::Read;
        let waiting = state.frontier.rest();
        let login = state.login.reach(state.frontier.unread(&[Proves::LoginPage, Proves::Login]));
        let payment = state.payment.reach(state.frontier.unread(&[Proves::PaymentPage, Proves::Payment]));
        // One list of services that was read speaks for the others.
        let lists: &[Proves] = if state.services_read == 0 { &[Proves::ServicesPage] } else { &[] };
        let services = state.services.reach(state.frontier.unread(lists));
        let seen = Seen { login, payment, services, interrupted: false, ..state.seen() };
        let findings: Vec<_> = Platform::DECIDED.into_iter().map(|platform| detect::decide(platform, &seen)).collect();
        let end = if !reached {
            End::Unreached
        } else if open.is_empty() {
            End::Decided
        } else if state.budget.left() == 0 {
            End::Requests
        } else if self.clock.instant() >= state.budget.deadline() {
            End::Time
        } else {
            End::Exhausted
        };
        let mut pages: BTreeMap<PageKind, u32> = BTreeMap::new();
        let mut refusals: BTreeMap<String, u32> = BTreeMap::new();
        for page in &state.pages {
            if state.metadata.asked(&page.requested) && page.outcome.class() != OutcomeClass::Read {
                continue;
            }
            match page.outcome.class() {
                OutcomeClass::Read => *pages.entry(page.kind).or_default() += 1,
                OutcomeClass::Stopped => {}
                OutcomeClass::Gone | OutcomeClass::Unknown => {
                    *refusals.entry(page.outcome.code().to_owned()).or_default() += 1;
                }
            }
        }
        let mut remarks = state.remarks;
        if state.signals.iter().any(|signal| signal.proves == Proves::TestEnvironment) {
            remarks.push("test-environment".to_owned());
        }
        let coverage = Coverage {
            complete: reached
                && [login, payment].iter().all(|reach| matches!(reach, Reach::Read))
                && waiting.is_empty(),
            pages,
            login_page: login,
            payment_page: payment,
            refusals,
            unread: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
        };
        let reached = Reached { home: state.home, login, payment, services };
        let kept = Kept { reached, capture: state.capture.unwrap_or_default() };
        let visit = Visit {
            url: target.url.clone(),
            comune: target.comune.clone(),
            started,
            finished: self.clock.now(),
            requests: state.budget.sent() + state.parts.load(Ordering::Relaxed),
            end,
            catalogue: self.catalogue.version().to_owned(),
            catalogue_sha256: self.catalogue.digest().to_owned(),
            coverage,
            findings,
            vendors: state.vendors,
            remarks,
            left_unread: waiting
                .iter()
                .map(|entry| &entry.url)
                .chain(state.frontier.forgone())
                .take(UNREAD_SHOWN)
                .cloned()
                .collect(),
            pages: state.pages,
            path: state.path,
        };
        (visit, kept)
    }
}

/// Where a page sends its reader by itself, worth what the link to that page was worth.
pub(super) fn onward(next: &Url, proves: Proves, entry: &Entry, origin: Origin) -> detect::Lead {
    detect::Lead {
        url: next.clone(),
        proves,
        platforms: entry.platforms.clone(),
        focus: entry.focus,
        rule: entry.rule.clone(),
        label: entry.label.clone(),
        known_portal: origin.known_portal,
        tenant: origin.tenant_on_the_way,
        other_tenant: origin.other_tenant,
    }
}
