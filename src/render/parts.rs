//! What a page asks for besides itself, and what it gets.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
    time::Instant,
};

use chromiumoxide::cdp::browser_protocol::network::ResourceType;
use url::Url;

use super::{
    Manners, Settings,
    shelf::{Part, Shelf},
};
use crate::{
    clock::Clock,
    model::{FetchOutcome, OutcomeClass},
    net::Method,
    polite::{Ask, Budget, Gap},
};

/// Largest part that is kept, in decoded bytes: as large as a page.
const MAX_PART: usize = 8 << 20;

/// A picture of one size for all: an image that is the whole label of a button must not vanish from the layout.
const PICTURE: &[u8] = br#"<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"/>"#;

/// Headers of an answer that the browser is told. `Set-Cookie` is not: nothing is remembered.
const TOLD: [&str; 8] = [
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "cache-control",
    "content-language",
    "content-security-policy",
    "content-type",
];

/// One request of the page, as it concerns us.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The address.
    pub(super) url: String,
    /// GET, POST and the like.
    pub(super) method: String,
    /// What the page will use it for.
    pub(super) kind: ResourceType,
}

/// The answer to one request of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// These bytes.
    Part(Arc<Part>),
    /// Nothing leaves for it.
    Refused,
    /// It was asked for and did not come.
    Failed,
}

/// Answers the requests of one page.
pub(super) struct Parts<'a> {
    manners: Manners<'a>,
    shelf: &'a Shelf,
    clock: &'a dyn Clock,
    budget: Budget,
    room: AtomicUsize,
    limit: &'a Settings,
    /// What answered elsewhere: the browser is sent there, and asks once more.
    arrived: Mutex<HashMap<String, Arc<Part>>>,
    asked: AtomicU32,
    emptied: AtomicU32,
    refused: AtomicU32,
    /// A style sheet that the layout would need did not come.
    unstyled: AtomicBool,
    /// A part that may draw did not come.
    missing: AtomicBool,
    /// A limit was reached.
    over: AtomicBool,
}

/// How the parts of a page came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) requests: u32,
    pub(super) emptied: u32,
    pub(super) refused: u32,
    pub(super) unstyled: bool,
    pub(super) missing: bool,
    pub(super) over: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn new(
        manners: Manners<'a>,
        shelf: &'a Shelf,
        clock: &'a dyn Clock,
        limit: &'a Settings,
        deadline: Instant,
    ) -> Self {
        Self {
            manners,
            shelf,
            clock,
            budget: Budget::new(limit.requests, deadline),
            room: AtomicUsize::new(limit.bytes),
            limit,
            arrived: Mutex::default(),
            asked: AtomicU32::new(0),
            emptied: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            unstyled: AtomicBool::new(false),
            missing: AtomicBool::new(false),
            over: AtomicBool::new(false),
        }
    }

    pub(super) fn tally(&self) -> Tally {
        Tally {
            requests: self.budget.sent(),
            emptied: self.emptied.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            unstyled: self.unstyled.load(Ordering::Relaxed),
            missing: self.missing.load(Ordering::Relaxed),
            over: self.over.load(Ordering::Relaxed),
        }
    }

    /// Answers one request.
    pub(super) async fn answer(&self, wanted: &Wanted) -> Reply {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        // A page may loop; answers without a request of ours cost time as well.
        if asked >= self.limit.requests.saturating_mul(2) {
            self.over.store(true, Ordering::Relaxed);
            return self.refuse();
        }
        let url = Url::parse(&wanted.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        // Whatever a page tells a counter of visitors, by whatever method, nothing is drawn from the answer.
        if let Some(reply) = url.as_ref().and_then(|url| self.to_tracker(url, &wanted.kind)) {
            return reply;
        }
        let (Some(url), "GET" | "HEAD") = (url, wanted.method.as_str()) else { return self.withhold(&wanted.kind) };
        if let Some(reply) = self.without_asking(&wanted.kind) {
            return reply;
        }
        let arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner).remove(url.as_str());
        if let Some(part) = arrived.or_else(|| self.shelf.get(&url, self.clock.instant())) {
            return Reply::Part(part);
        }
        let reply = self.ask(&url, &wanted.method).await;
        if !matches!(reply, Reply::Part(_)) {
            let flag = if wanted.kind == ResourceType::Stylesheet { &self.unstyled } else { &self.missing };
            flag.store(true, Ordering::Relaxed);
        }
        reply
    }

    /// The answer to what is meant for a tracker; `None` for all else.
    fn to_tracker(&self, url: &Url, kind: &ResourceType) -> Option<Reply> {
        let content_type = match kind {
            ResourceType::Script => "text/javascript",
            ResourceType::Stylesheet => "text/css",
            ResourceType::Xhr | ResourceType::Fetch | ResourceType::Ping | ResourceType::Preflight => "text/plain",
            _ => return None,
        };
        (self.manners.is_tracker)(url).then(|| self.empty(content_type, b""))
    }

    /// The answer to what no server is asked for.
    fn without_asking(&self, kind: &ResourceType) -> Option<Reply> {
        match kind {
            ResourceType::Script | ResourceType::Stylesheet | ResourceType::Xhr | ResourceType::Fetch => None,
            ResourceType::Image => Some(self.empty("image/svg+xml", PICTURE)),
            // A frame is a page of its own: where a rule recognises it, the visit follows it as a link.
            ResourceType::Document => Some(self.empty("text/html; charset=utf-8", b"")),
            ResourceType::Font | ResourceType::Media | ResourceType::TextTrack | ResourceType::Manifest => {
                Some(self.empty("application/octet-stream", b""))
            }
            _ => Some(self.withhold(kind)),
        }
    }

    fn empty(&self, content_type: &str, body: &[u8]) -> Reply {
        self.emptied.fetch_add(1, Ordering::Relaxed);
        let headers = vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("access-control-allow-origin".to_owned(), "*".to_owned()),
        ];
        Reply::Part(Arc::new(Part { status: 200, headers, body: body.to_vec() }))
    }

    async fn ask(&self, url: &Url, method: &str) -> Reply {
        let room = self.room.load(Ordering::Relaxed);
        if room == 0 || self.budget.left() == 0 {
            self.over.store(true, Ordering::Relaxed);
            return self.refuse();
        }
        let ask = Ask {
            url,
            method: if method == "HEAD" { Method::Head } else { Method::Get },
            max_body: MAX_PART.min(room),
            stop_at: self.manners.stop_at,
            own_host: self.manners.own_host,
            gap: Gap::Part,
        };
        let fetched = self.manners.fetcher.fetch(&self.budget, ask).await;
        let Some(exchange) = fetched.exchange.filter(|_| fetched.stopped_at.is_none()) else { return Reply::Failed };
        // A part that is cut is no part: half a script draws something else.
        let (Some(status), true) = (exchange.status, exchange.outcome == FetchOutcome::Ok) else {
            return Reply::Failed;
        };
        let before = self
            .room
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| Some(room.saturating_sub(exchange.body.len())));
        if before.is_ok_and(|room| room < exchange.body.len()) {
            self.over.store(true, Ordering::Relaxed);
            return Reply::Failed;
        }
        let headers = exchange
            .headers
            .iter()
            .filter(|(name, _)| TOLD.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into_owned()))
            .collect();
        let part = Arc::new(Part { status, headers, body: exchange.body });
        if fetched.outcome.class() == OutcomeClass::Read {
            self.shelf.put(&fetched.url, &part, self.clock.instant());
        }
        if fetched.url == *url {
            return Reply::Part(part);
        }
        // Modules and style sheets resolve what they ask for against the address that answered.
        let location = fetched.url.to_string();
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).insert(location.clone(), part);
        Reply::Part(Arc::new(Part { status: 302, headers: vec![("location".to_owned(), location)], body: Vec::new() }))
    }

    /// Refuses a request that is not of a kind we answer. Unless nothing can be drawn from its answer, the page is then
    /// not whole: what it would have shown, a login among it, is unknown and not absent.
    fn withhold(&self, kind: &ResourceType) -> Reply {
        let silent = matches!(kind, ResourceType::Ping | ResourceType::Prefetch | ResourceType::CspViolationReport);
        if !silent {
            self.miss();
        }
        self.refuse()
    }

    /// Notes that something the page may draw from did not come.
    pub(super) fn miss(&self) {
        self.missing.store(true, Ordering::Relaxed);
    }

    fn refuse(&self) -> Reply {
        self.refused.fetch_add(1, Ordering::Relaxed);
        Reply::Refused
    }
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        self.manners.sent.fetch_add(self.budget.sent(), Ordering::Relaxed);
    }
}
