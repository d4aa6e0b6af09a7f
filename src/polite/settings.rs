//! How polite, in numbers.

use std::time::Duration;

/// The numbers of politeness. [`Settings::default`] is what the documentation promises; slower is always allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Our product token in robots.txt (RFC 9309 section 2.2.1): what the agent string begins with.
    pub token: String,
    /// Least time from the end of an answer to the next request on the same host.
    pub delay: Duration,
    /// The same before a part of a page that is being rendered; never longer than `delay`. `Crawl-delay` holds for
    /// both.
    pub part_delay: Duration,
    /// Least time between the starts of two requests on the same address (IPv6: the same /64). Zero lifts it.
    pub address_delay: Duration,
    /// Open requests on the same address; at least 1.
    pub address_concurrency: usize,
    /// The longest `Crawl-delay` that is kept to; a longer one counts as this (as `StormCrawler` does).
    pub crawl_delay_cap: Duration,
    /// The gap is at least this many times the last latency: a slow server is asked more slowly.
    pub latency_factor: u32,
    /// The longest gap that latency alone can cause.
    pub latency_cap: Duration,
    /// Requests for one URL, the first included.
    pub max_tries: u32,
    /// Redirects followed from one URL.
    pub max_redirects: usize,
    /// How long a robots.txt that was read counts; RFC 9309 (section 2.4) allows no more than 24 hours.
    pub robots_ttl: Duration,
    /// How long a robots.txt that could not be read is not asked for again.
    pub robots_fault_ttl: Duration,
    /// Rests after the first, second, third 429 or 503 in a row without `Retry-After`, and between the tries of a URL
    /// that answers with another 5xx. The last one is used for all that follow; empty means no rest.
    pub backoff: Vec<Duration>,
    /// Failed requests in a row after which a host is left alone.
    pub host_tries: u32,
    /// For how long it is then left alone: longer than a visit, so that the next run is the next try.
    pub host_rest: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token: "riscontro".to_owned(),
            delay: Duration::from_secs(1),
            part_delay: Duration::from_millis(250),
            address_delay: Duration::from_millis(500),
            address_concurrency: 2,
            crawl_delay_cap: Duration::from_secs(30),
            latency_factor: 2,
            latency_cap: Duration::from_secs(30),
            max_tries: 3,
            max_redirects: 10,
            robots_ttl: Duration::from_hours(24),
            robots_fault_ttl: Duration::from_hours(1),
            backoff: [30, 60, 120].map(Duration::from_secs).to_vec(),
            host_tries: 5,
            host_rest: Duration::from_hours(1),
        }
    }
}

impl Settings {
    /// The rest after the `count`th fault in a row (from 1).
    pub(super) fn backoff(&self, count: u32) -> Duration {
        let index = usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
        self.backoff.get(index).or(self.backoff.last()).copied().unwrap_or_default()
    }
}
