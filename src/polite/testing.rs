//! A web in memory for the tests of this room: scripted answers, and a log of who was asked when. What these tests
//! promise is order and time, under a clock that they move; what goes over the wire is proved with real sockets
//! elsewhere.

#![expect(clippy::unwrap_used, reason = "support of tests")]

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{Ask, Budget, Fetched, Fetcher, Gap, Settings, authority::host_key};
use crate::{
    clock::Clock,
    model::FetchOutcome,
    net::{BoxFuture, Exchange, Method, Refusal, Request, Route, Transport},
};

/// Wall and monotonic time, both led by tokio's paused clock.
pub(super) struct TestClock {
    zero: Instant,
}

impl TestClock {
    fn new() -> Self {
        Self { zero: tokio::time::Instant::now().into_std() }
    }

    fn elapsed(&self) -> Duration {
        self.instant() - self.zero
    }
}

/// Wall time at the start of each test.
pub(super) const DAWN: Timestamp = Timestamp::constant(1_795_348_800, 0);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        DAWN + SignedDuration::try_from(self.elapsed()).unwrap()
    }

    fn instant(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

/// One scripted answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    outcome: FetchOutcome,
    status: Option<u16>,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    latency: Duration,
}

pub(super) fn status(status: u16) -> Answer {
    let latency = Duration::from_millis(100);
    Answer { outcome: FetchOutcome::Ok, status: Some(status), headers: Vec::new(), body: Vec::new(), latency }
}

pub(super) fn ok(body: impl AsRef<[u8]>) -> Answer {
    Answer { body: body.as_ref().to_vec(), ..status(200) }
}

pub(super) fn fault(outcome: FetchOutcome) -> Answer {
    Answer { outcome, status: None, ..status(0) }
}

pub(super) fn moved(code: u16, to: &str) -> Answer {
    status(code).header("location", to)
}

impl Answer {
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub(super) fn status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The scripted status.
    pub(super) fn code(&self) -> Option<u16> {
        self.status
    }

    pub(super) fn taking(self, milliseconds: u64) -> Self {
        Self { latency: Duration::from_millis(milliseconds), ..self }
    }

    pub(super) fn ending(self, outcome: FetchOutcome) -> Self {
        Self { outcome, ..self }
    }
}

/// One request as the server saw it; times since the start of the test.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) url: String,
    pub(super) host: String,
    pub(super) method: Method,
    pub(super) address: Option<SocketAddr>,
    pub(super) start: Duration,
    /// `None` when it was still open, or was dropped.
    pub(super) end: Option<Duration>,
}

type Script = Box<dyn Fn(&Request, usize) -> Answer + Send + Sync>;

pub(super) struct Web {
    pub(super) clock: Arc<TestClock>,
    script: Script,
    routes: Mutex<HashMap<String, Result<Route, Refusal>>>,
    seen: Mutex<Vec<Seen>>,
}

impl Web {
    /// A web whose answers a closure gives: to a request, and how often its URL was asked before.
    pub(super) fn new(script: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::new(TestClock::new()),
            script: Box::new(script),
            routes: Mutex::default(),
            seen: Mutex::default(),
        })
    }

    /// A web of fixed answers. Anything else is an empty 200, and any other robots.txt a 404.
    pub(super) fn pages(pages: Vec<(&str, Answer)>) -> Arc<Self> {
        let pages: HashMap<String, Answer> = pages.into_iter().map(|(url, answer)| (at(url).into(), answer)).collect();
        Self::new(move |request, _| pages.get(request.url.as_str()).cloned().unwrap_or_else(|| plain(request)))
    }

    pub(super) fn fetcher(self: &Arc<Self>, settings: Settings) -> Fetcher {
        let transport: Arc<dyn Transport> = Arc::clone(self) as Arc<dyn Transport>;
        Fetcher::new(transport, settings, Arc::clone(&self.clock) as Arc<dyn Clock>)
    }

    /// Where a host leads, in place of an address of its own.
    pub(super) fn route_to(&self, host: &str, route: Result<Route, Refusal>) {
        self.routes.lock().unwrap().insert(host.to_owned(), route);
    }

    pub(super) fn shares(&self, host: &str, address: &str) {
        self.route_to(host, Ok(Route::Direct(vec![address.parse().unwrap()])));
    }

    pub(super) fn refuses(&self, host: &str, outcome: FetchOutcome) {
        self.route_to(host, Err(Refusal { outcome, detail: "refused by the test".to_owned() }));
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// URLs asked for, in order.
    pub(super) fn urls(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.url).collect()
    }

    /// Requests that are not for a robots.txt.
    pub(super) fn page_requests(&self) -> usize {
        self.urls().iter().filter(|url| !url.ends_with("/robots.txt")).count()
    }

    /// Time since the start of the test.
    pub(super) fn clock_elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// A budget that no test spends by accident.
    pub(super) fn budget(&self) -> Budget {
        self.budget_of(1000, Duration::from_hours(1000))
    }

    pub(super) fn budget_of(&self, requests: u32, time: Duration) -> Budget {
        Budget::new(requests, self.clock.instant() + time)
    }
}

/// What a page is asked for with.
pub(super) fn ask(url: &Url) -> Ask<'_> {
    Ask { url, method: Method::Get, max_body: 1 << 20, stop_at: None, own_host: None, gap: Gap::Page }
}

pub(super) fn at(url: &str) -> Url {
    Url::parse(url).unwrap()
}

/// One page, with a budget of its own.
pub(super) async fn get(web: &Web, fetcher: &Fetcher, url: &str) -> Fetched {
    fetcher.fetch(&web.budget(), ask(&at(url))).await
}

pub(super) fn is_robots(request: &Request) -> bool {
    request.url.path() == "/robots.txt"
}

/// No robots.txt, and an empty page anywhere.
pub(super) fn plain(request: &Request) -> Answer {
    if is_robots(request) { status(404) } else { ok("") }
}

impl Transport for Web {
    fn route<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Route, Refusal>> {
        Box::pin(async move {
            let host = host_key(url).unwrap();
            let mut routes = self.routes.lock().unwrap();
            let next = u32::try_from(routes.len()).unwrap() + 0xCB00_7100;
            let own = || Ok(Route::Direct(vec![SocketAddr::new(std::net::Ipv4Addr::from(next).into(), 443)]));
            routes.entry(host).or_insert_with(own).clone()
        })
    }

    fn exchange<'a>(&'a self, request: &'a Request, route: &'a Route) -> BoxFuture<'a, Exchange> {
        Box::pin(async move {
            let address = match route {
                Route::Direct(addresses) => addresses.first().copied(),
                Route::Proxy => None,
            };
            let (index, answer) = {
                let mut seen = self.seen.lock().unwrap();
                let before = seen.iter().filter(|seen| seen.url == request.url.as_str()).count();
                seen.push(Seen {
                    url: request.url.to_string(),
                    host: host_key(&request.url).unwrap(),
                    method: request.method,
                    address,
                    start: self.clock.elapsed(),
                    end: None,
                });
                (seen.len() - 1, (self.script)(request, before))
            };
            tokio::time::sleep(answer.latency).await;
            self.seen.lock().unwrap()[index].end = Some(self.clock.elapsed());
            Exchange {
                status: answer.status,
                headers: answer.headers,
                raw: answer.body.clone(),
                body: answer.body,
                address,
                ..Exchange::failed(answer.outcome, "scripted", self.clock.now(), answer.latency)
            }
        })
    }
}
