//! Whose turn it is: one queue for each host, one pace for each address.
//!
//! A [`Turn`] is the right to send one request now. Who holds it is alone on its host, and one of few on its address;
//! letting it go starts the gap to the next one. Nothing here sends anything.

mod address;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep_until, timeout_at},
};

use self::address::{Address, AddressKey};
use super::{Gap, retry_after::retry_after, settings::Settings, stop::Stop};
use crate::{
    clock::Clock,
    model::FetchOutcome,
    net::{Exchange, Route},
};

/// Objects kept before idle ones are looked for: about ten times the visits that are ever open at once.
const SWEEP_AT: usize = 4096;

/// A host that nobody has asked for this long after its gap is forgotten.
const IDLE: Duration = Duration::from_mins(1);

/// The queues.
pub(super) struct Pace {
    settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
    hosts: Mutex<Kept<String, Host>>,
    addresses: Mutex<Kept<AddressKey, Address>>,
}

/// Shared objects, and how many there may be before the idle ones are dropped.
struct Kept<K, V> {
    map: HashMap<K, Arc<V>>,
    sweep_at: usize,
}

struct Host {
    /// One permit: the right to be the host's only open request. First come, first served.
    turn: Arc<Semaphore>,
    state: Mutex<HostState>,
}

#[derive(Default)]
struct HostState {
    /// When the last answer ended.
    ended: Option<Instant>,
    /// The part of the gap that comes from latency.
    gap: Duration,
    /// The largest `Crawl-delay` seen for this host, capped.
    crawl_delay: Duration,
    rest: Option<Rest>,
    /// 429 and 503 in a row.
    throttled: u32,
    /// Failed requests in a row.
    failures: u32,
}

/// A time until which the host is not asked, and what is said meanwhile to those who cannot wait.
struct Rest {
    until: Instant,
    cause: Stop,
    /// The host has failed too often: nobody waits for it.
    given_up: bool,
}

/// The right to send one request on a host, now.
pub(super) struct Turn<'a> {
    pace: &'a Pace,
    host: Arc<Host>,
    sent: bool,
    /// The host's turn, and a place on the address when it is known.
    _permits: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
}

impl Pace {
    pub(super) fn new(settings: Arc<Settings>, clock: Arc<dyn Clock>) -> Self {
        Self { settings, clock, hosts: Mutex::default(), addresses: Mutex::default() }
    }

    /// Waits for a turn on a host, along a route. Returns at once, without waiting, when the wait would pass the
    /// deadline or when the host has been given up: nothing is gained by being told later.
    pub(super) async fn enter(
        &self,
        host: &str,
        route: &Route,
        (crawl_delay, gap): (Duration, Gap),
        deadline: Instant,
    ) -> Result<Turn<'_>, Stop> {
        let host = self.host(host);
        {
            let mut state = lock(&host.state);
            state.crawl_delay = state.crawl_delay.max(crawl_delay.min(self.settings.crawl_delay_cap));
            self.ready(&state, gap, deadline)?;
        }
        let turn = timeout_at(deadline.into(), Arc::clone(&host.turn).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(Stop::budget("time spent waiting for another request on the host")) };
        // Nobody else can move this host's times now, so one look is enough.
        let ready = self.ready(&lock(&host.state), gap, deadline)?;
        sleep_until(ready.into()).await;
        let open = self.enter_address(route, deadline).await?;
        Ok(Turn { pace: self, host, sent: false, _permits: (turn, open) })
    }

    async fn enter_address(&self, route: &Route, deadline: Instant) -> Result<Option<OwnedSemaphorePermit>, Stop> {
        // Behind a proxy the address is unknown: the host's own pace is all there is.
        let Route::Direct(addresses) = route else { return Ok(None) };
        let Some(address) = addresses.first().map(|address| self.address(address.ip())) else { return Ok(None) };
        let over = || Stop::budget("time spent waiting for the shared address");
        let open = timeout_at(deadline.into(), address.open()).await.map_err(|_| over())?.ok_or_else(over)?;
        // Rate after openness: whoever is granted a start starts at once.
        while let Err(wait) = address.start(self.clock.instant()) {
            let at = self.clock.instant() + wait;
            if at > deadline {
                return Err(over());
            }
            sleep_until(at.into()).await;
        }
        Ok(Some(open))
    }

    /// When the host may be asked next; an error when that is too late for the caller.
    fn ready(&self, state: &HostState, gap: Gap, deadline: Instant) -> Result<Instant, Stop> {
        let now = self.clock.instant();
        let mut ready = now;
        if let Some(rest) = state.rest.as_ref().filter(|rest| rest.until > now) {
            if rest.given_up || rest.until > deadline {
                return Err(rest.cause.clone());
            }
            ready = rest.until;
        }
        if let Some(ended) = state.ended {
            ready = ready.max(ended + self.gap(state, gap));
        }
        if ready > deadline {
            return Err(Stop::budget("the host's next turn is past the end of the visit"));
        }
        Ok(ready)
    }

    fn gap(&self, state: &HostState, gap: Gap) -> Duration {
        let least = match gap {
            Gap::Page => self.settings.delay.max(state.gap),
            // A slow server is still asked more slowly, if not as slowly as between two pages.
            Gap::Part => self.settings.part_delay.min(self.settings.delay).max(state.gap / 2),
        };
        least.max(state.crawl_delay)
    }

    fn host(&self, key: &str) -> Arc<Host> {
        let now = self.clock.instant();
        lock(&self.hosts).get(
            key.to_owned(),
            |host| !self.is_idle(host, now),
            || Host { turn: Arc::new(Semaphore::new(1)), state: Mutex::default() },
        )
    }

    fn address(&self, ip: IpAddr) -> Arc<Address> {
        let now = self.clock.instant();
        let make = || Address::new(&self.settings, &self.clock);
        lock(&self.addresses).get(AddressKey::of(ip), |address| !address.is_idle(now), make)
    }

    fn is_idle(&self, host: &Host, now: Instant) -> bool {
        let state = lock(&host.state);
        let memory = if state.failures > 0 { self.settings.host_rest } else { IDLE };
        let resting = state.rest.as_ref().is_some_and(|rest| rest.until > now);
        !resting && state.ended.is_none_or(|ended| ended + self.gap(&state, Gap::Page) + memory < now)
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> (usize, usize) {
        (lock(&self.hosts).map.len(), lock(&self.addresses).map.len())
    }
}

impl Turn<'_> {
    /// The request is being sent: from here on, letting go starts the gap.
    pub(super) fn sent(&mut self) {
        self.sent = true;
    }

    /// The answer, or the fault, is complete: works out how long the host is left alone.
    pub(super) fn finish(self, exchange: &Exchange) {
        let settings = &self.pace.settings;
        let now = self.pace.clock.instant();
        let mut state = lock(&self.host.state);
        let status = exchange.status;

        let gap = exchange.latency.saturating_mul(settings.latency_factor).min(settings.latency_cap);
        let well = status.is_some_and(|status| (200..300).contains(&status));
        // An error often comes fast: it must not make us faster.
        state.gap = if well { gap } else { state.gap.max(gap) };

        let told = exchange.header("retry-after").filter(|_| !well).and_then(|v| retry_after(v, self.pace.clock.now()));
        let throttled = matches!(status, Some(429 | 503));
        state.throttled = if throttled { state.throttled.saturating_add(1) } else { 0 };
        if told.is_some() || throttled {
            let wait = told.unwrap_or_else(|| settings.backoff(state.throttled));
            state.rest(now + wait, rest_cause(status, told), false);
        }

        let failed = status.is_none_or(|status| status == 429 || status >= 500);
        state.failures = if failed { state.failures.saturating_add(1) } else { 0 };
        if state.failures >= settings.host_tries {
            let detail = format!("{} failed requests in a row, the last: {}", state.failures, fault(exchange));
            state.rest(now + settings.host_rest, Stop::new(fault_outcome(exchange), detail), true);
        }
        // `ended` is set when the turn is dropped, right after this.
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Also reached when a visit is cut short in mid-request: the server may still be at it.
        if self.sent {
            lock(&self.host.state).ended = Some(self.pace.clock.instant());
        }
    }
}

impl HostState {
    /// Prolongs the rest; a shorter one never replaces a longer one.
    fn rest(&mut self, until: Instant, cause: Stop, given_up: bool) {
        if self.rest.as_ref().is_none_or(|rest| rest.until < until) {
            self.rest = Some(Rest { until, cause, given_up });
        }
    }
}

fn rest_cause(status: Option<u16>, told: Option<Duration>) -> Stop {
    let status_text = status.map_or_else(String::new, |status| format!("HTTP {status}, "));
    match told {
        Some(wait) => Stop::new(FetchOutcome::RateLimited, format!("{status_text}Retry-After: {} s", wait.as_secs())),
        None if status == Some(429) => Stop::new(FetchOutcome::RateLimited, "HTTP 429"),
        None => Stop::new(FetchOutcome::ServerError, format!("{status_text}backing off")),
    }
}

fn fault_outcome(exchange: &Exchange) -> FetchOutcome {
    match exchange.status {
        Some(429) => FetchOutcome::RateLimited,
        Some(_) => FetchOutcome::ServerError,
        None => exchange.outcome,
    }
}

fn fault(exchange: &Exchange) -> String {
    match (exchange.status, &exchange.detail) {
        (Some(status), _) => format!("HTTP {status}"),
        (None, Some(detail)) => format!("{}, {detail}", exchange.outcome),
        (None, None) => exchange.outcome.to_string(),
    }
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { map: HashMap::new(), sweep_at: SWEEP_AT }
    }
}

impl<K: std::hash::Hash + Eq, V> Kept<K, V> {
    fn get(&mut self, key: K, needed: impl Fn(&V) -> bool, make: impl FnOnce() -> V) -> Arc<V> {
        if self.map.len() >= self.sweep_at {
            // Handed out only under the lock that is held here, so a count of one means that nobody has it.
            self.map.retain(|_, value| Arc::strong_count(value) > 1 || needed(value));
            self.sweep_at = SWEEP_AT.max(self.map.len() * 2);
            self.map.shrink_to(self.sweep_at);
        }
        Arc::clone(self.map.entry(key).or_insert_with(|| Arc::new(make())))
    }
}

/// Locks plain data: nothing can panic while it is held, and stale politeness is better than none.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
