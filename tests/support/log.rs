//! What arrived at the local web: the witness from outside for everything the product promises about its requests.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Position in the order of arrival, from 0.
    pub sequence: usize,
    /// Which connection it came over; numbers are shared by http and https.
    pub connection: u64,
    /// When its head was complete.
    pub start: Instant,
    /// When the last byte of the answer was handed to the connection; `None` while it is open.
    pub end: Option<Instant>,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Host asked for, lower case, without port.
    pub host: String,
    /// Path and query.
    pub target: String,
    /// Method as sent.
    pub method: String,
    /// The `User-Agent` header, empty when absent.
    pub agent: String,
    /// All request headers, names lower case, in the order received.
    pub headers: Vec<(String, String)>,
    /// Status of the answer; 0 when the connection was closed without one.
    pub status: u16,
    /// True when no site of the web has this host: nobody should have come here.
    pub stray: bool,
}

impl Entry {
    /// The address asked for.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme, self.host, self.target)
    }

    /// The path without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// True for the robots file and nothing else.
    pub fn is_robots(&self) -> bool {
        self.path() == "/robots.txt"
    }
}

/// One connection as it arrived, also when no request ever came over it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its number.
    pub id: u64,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The name asked for in the TLS hello.
    pub server_name: Option<String>,
    /// Why the TLS handshake failed, when it did.
    pub fault: Option<String>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<Entry>,
    connections: BTreeMap<u64, Connection>,
}

/// The request log. Clones see the same log.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Inner>>);

impl Log {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A test that failed while holding the lock has already said so: the log itself is still whole.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn connected(&self, scheme: &'static str) -> u64 {
        let mut inner = self.lock();
        let id = inner.connections.len() as u64;
        inner.connections.insert(id, Connection { id, scheme, server_name: None, fault: None });
        id
    }

    pub(super) fn greeted(&self, id: u64, name: Option<&str>) {
        if let Some(connection) = self.lock().connections.get_mut(&id) {
            connection.server_name = name.map(str::to_owned);
        }
    }

    pub(super) fn handshake_failed(&self, id: u64, fault: String) {
        if let Some(connection) = self.lock().connections.get_mut(&id) {
            connection.fault = Some(fault);
        }
    }

    pub(super) fn arrived(&self, mut entry: Entry) -> usize {
        let mut inner = self.lock();
        entry.sequence = inner.entries.len();
        inner.entries.push(entry);
        inner.entries.len() - 1
    }

    pub(super) fn answered(&self, sequence: usize, status: u16) {
        self.lock().entries[sequence].status = status;
    }

    pub(super) fn finished(&self, sequence: usize) {
        self.lock().entries[sequence].end.get_or_insert_with(Instant::now);
    }

    /// Everything so far, in the order of arrival.
    pub fn all(&self) -> Vec<Entry> {
        self.lock().entries.clone()
    }

    /// Every connection so far, also those that never carried a request.
    pub fn connections(&self) -> Vec<Connection> {
        self.lock().connections.values().cloned().collect()
    }

    /// Everything asked of one host.
    pub fn of(&self, host: &str) -> Vec<Entry> {
        self.all().into_iter().filter(|entry| entry.host == host).collect()
    }

    /// What was asked of one host besides its robots file.
    pub fn pages(&self, host: &str) -> Vec<Entry> {
        self.of(host).into_iter().filter(|entry| !entry.is_robots()).collect()
    }

    /// The paths (with query) asked of one host besides its robots file, in order.
    pub fn paths(&self, host: &str) -> Vec<String> {
        self.pages(host).into_iter().map(|entry| entry.target).collect()
    }

    /// The first request to one host.
    pub fn first(&self, host: &str) -> Option<Entry> {
        self.of(host).into_iter().next()
    }

    /// How often one path (with query) was asked of one host.
    pub fn count(&self, host: &str, target: &str) -> usize {
        self.of(host).iter().filter(|entry| entry.target == target).count()
    }

    /// The hosts asked, sorted, each once.
    pub fn hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = self.all().into_iter().map(|entry| entry.host).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }

    /// The methods seen, sorted, each once.
    pub fn methods(&self) -> Vec<String> {
        let mut methods: Vec<String> = self.all().into_iter().map(|entry| entry.method).collect();
        methods.sort();
        methods.dedup();
        methods
    }

    /// Requests to hosts that this web does not have.
    pub fn strays(&self) -> Vec<Entry> {
        self.all().into_iter().filter(|entry| entry.stray).collect()
    }

    /// Largest number of requests that were open to one host at the same moment.
    pub fn max_open(&self, host: &str) -> usize {
        most_open(&self.of(host))
    }

    /// Largest number of requests that were open at the same moment, to all hosts together.
    pub fn max_open_total(&self) -> usize {
        most_open(&self.all())
    }

    /// Requests that are open now.
    pub fn open_now(&self) -> usize {
        self.lock().entries.iter().filter(|entry| entry.end.is_none()).count()
    }

    /// Time between the starts of each request to one host and the next.
    pub fn gaps(&self, host: &str) -> Vec<Duration> {
        gaps(&self.of(host))
    }

    /// Time between the starts of each request and the next, over all hosts: they share one address.
    pub fn gaps_total(&self) -> Vec<Duration> {
        gaps(&self.all())
    }

    /// One line a request, for the message of a failed assertion.
    pub fn dump(&self) -> String {
        let entries = self.all();
        let Some(zero) = entries.first().map(|entry| entry.start) else { return "no request arrived".to_owned() };
        let line = |entry: &Entry| {
            let at = entry.start.duration_since(zero).as_millis();
            let stray = if entry.stray { "  STRAY" } else { "" };
            format!("{at:>6} ms  {} {} {}{stray}", entry.status, entry.method, entry.url())
        };
        entries.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Fails with the whole log when a request went to a host that this web does not have.
    #[track_caller]
    pub fn assert_no_strays(&self) {
        let strays: Vec<String> = self.strays().iter().map(Entry::url).collect();
        assert!(strays.is_empty(), "requests to hosts nobody should ask: {strays:#?}\n{}", self.dump());
    }

    /// Forgets everything; connections keep counting.
    pub fn clear(&self) {
        self.lock().entries.clear();
    }
}

fn most_open(entries: &[Entry]) -> usize {
    let mut edges: Vec<(Instant, i32)> = Vec::with_capacity(entries.len() * 2);
    for entry in entries {
        edges.push((entry.start, 1));
        if let Some(end) = entry.end {
            edges.push((end, -1));
        }
    }
    // At equal instants an end comes before a start: that is not an overlap.
    edges.sort_by_key(|&(at, step)| (at, step));
    let (mut open, mut most) = (0_i32, 0_i32);
    for (_, step) in edges {
        open += step;
        most = most.max(open);
    }
    usize::try_from(most).unwrap_or_default()
}

fn gaps(entries: &[Entry]) -> Vec<Duration> {
    entries.windows(2).map(|pair| pair[1].start.duration_since(pair[0].start)).collect()
}
