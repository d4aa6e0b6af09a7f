//! Who may be asked for what: one robots.txt for each authority, fetched once, kept a day.
//!
//! What an answer means (RFC 9309 section 2.3.1, strict where it leaves a choice):
//!
//! | Answer | Meaning |
//! |---|---|
//! | 2xx | the rules in it; a body cut by our own limit counts up to there, one cut by the connection does not |
//! | 301, 302, 303, 307, 308 | followed, at most five times, each hop through guard, opt-out list and pace |
//! | 4xx except 429 | no rules: open |
//! | 429, 5xx, other statuses | shut |
//! | more redirects, a loop, a redirect that is refused or leads nowhere | shut (the RFC would allow "open") |
//! | timeouts, broken answers | shut |
//! | no connection at all (name, route, TLS) | shut, with that fault as the reason: a page would meet it too |
//!
//! Answers that open or rule count for [`Settings::robots_ttl`](super::Settings::robots_ttl), those that shut for
//! [`Settings::robots_fault_ttl`](super::Settings::robots_fault_ttl).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::time::timeout_at;
use url::Url;

use super::{
    Budget, Gap, StopAt,
    authority::{Authority, sendable},
    gate::Gate,
    redirect,
    robots::{MAX_BYTES, Robots},
    stop::Stop,
    unsafe_address::word_of_change,
};
use crate::{
    model::FetchOutcome,
    net::{Exchange, Method, Request},
};

/// Redirects followed from one robots.txt: the least that RFC 9309 (section 2.3.1.2) asks for.
const MAX_REDIRECTS: usize = 5;

/// Authorities kept: more than the comuni, their `www.` and both schemes that are ever looked at within a day.
const MAX_ENTRIES: usize = 20_000;

/// Memory of the rules kept, in bytes, whatever strangers write.
const MAX_WEIGHT: usize = 64 << 20;

/// What an authority lets us do.
#[derive(Debug)]
pub(super) enum Access {
    /// What these rules say. Only the groups that concern us are kept.
    Rules(Robots),
    /// Everything: there is no robots.txt.
    Open,
    /// Nothing, for this reason.
    Shut(Stop),
}

#[derive(Clone)]
struct Cached {
    access: Arc<Access>,
    until: Instant,
}

/// One authority. The lock is held while its robots.txt is fetched: those who come meanwhile wait for that one fetch,
/// and when its visit is cut short the next of them takes over.
type Entry = tokio::sync::Mutex<Option<Cached>>;

#[derive(Default)]
pub(super) struct RobotsCache {
    entries: Mutex<HashMap<Authority, Arc<Entry>>>,
    /// Bytes stored since the last sweep, plus what that left.
    weight: Mutex<usize>,
}

/// How one fetch ended.
struct Reading {
    access: Access,
    /// The last authority asked, when the answer came from its `/robots.txt` and so is its own too.
    also_for: Option<Authority>,
    /// An answer taken from another authority's entry must not outlive it.
    until: Option<Instant>,
}

impl RobotsCache {
    /// What the authority of `url` allows, asking it when nothing fresh is known. An `Err` is about this visit (its
    /// budget, the opt-out list, a resting host) and is not kept.
    pub(super) async fn access(
        &self,
        gate: &Gate,
        budget: &Budget,
        url: &Url,
        stop_at: Option<StopAt<'_>>,
    ) -> Result<Arc<Access>, Stop> {
        let refused = || Stop::new(FetchOutcome::SchemeRefused, url.scheme());
        let authority = Authority::of(url).ok_or_else(refused)?;
        let entry = self.entry(gate, &authority);
        let Ok(mut slot) = timeout_at(budget.deadline().into(), entry.lock()).await else {
            return Err(Stop::budget("time spent waiting for robots.txt"));
        };
        let now = gate.clock.instant();
        if let Some(cached) = slot.as_ref().filter(|cached| cached.until > now) {
            return Ok(Arc::clone(&cached.access));
        }
        *slot = None;
        let reading = self.read(gate, budget, &authority, stop_at).await?;
        let ttl = match reading.access {
            Access::Shut(_) => gate.settings.robots_fault_ttl,
            Access::Rules(_) | Access::Open => gate.settings.robots_ttl,
        };
        // Counted from the end of the fetch, so never longer than a day.
        let until = gate.clock.instant() + ttl;
        let until = reading.until.map_or(until, |limit| until.min(limit));
        let cached = Cached { access: Arc::new(reading.access), until };
        self.weigh(&cached.access);
        *slot = Some(cached.clone());
        let access = Arc::clone(&cached.access);
        // The usual case: `http://comune` and `https://comune` send on to `https://www.comune`, whose file this is.
        if let Some(other) = reading.also_for.filter(|other| *other != authority) {
            let entry = self.entry(gate, &other);
            // Not waited for: whoever holds it is asking by itself, and may be waiting for us.
            if let Ok(mut slot) = entry.try_lock() {
                *slot = Some(cached);
            }
        }
        Ok(access)
    }

    /// What is known without asking.
    pub(super) fn known(&self, gate: &Gate, url: &Url) -> Option<Arc<Access>> {
        let authority = Authority::of(url)?;
        self.peek(gate, &authority).map(|cached| cached.access)
    }

    fn peek(&self, gate: &Gate, authority: &Authority) -> Option<Cached> {
        let entry = Arc::clone(lock(&self.entries).get(authority)?);
        let slot = entry.try_lock().ok()?;
        slot.clone().filter(|cached| cached.until > gate.clock.instant())
    }

    async fn read(
        &self,
        gate: &Gate,
        budget: &Budget,
        authority: &Authority,
        stop_at: Option<StopAt<'_>>,
    ) -> Result<Reading, Stop> {
        let shut = |detail: String| Ok(Reading::new(Access::Shut(Stop::robots(detail))));
        let Some(mut url) = authority.robots_url() else { return shut("no address for robots.txt".to_owned()) };
        let mut seen: Vec<Url> = Vec::new();
        loop {
            let first = seen.is_empty();
            if !first {
                if let Err(stop) = gate.admit(&url) {
                    return shut(format!("robots.txt redirects to {url}: {}", stop.outcome));
                }
                if word_of_change(&url).is_some() || stop_at.is_some_and(|stop_at| stop_at(&url).is_some()) {
                    return shut(format!("robots.txt redirects to {url}"));
                }
                if let Some(cached) = Authority::of(&url)
                    .filter(|other| other.robots_url().as_ref() == Some(&url) && other != authority)
                    .and_then(|other| self.peek(gate, &other))
                {
                    return Ok(Reading::copied(&cached, &url));
                }
            }
            let exchange = match Self::ask(gate, budget, &url).await {
                Ok(exchange) => exchange,
                Err(stop) if !is_refusal(stop.outcome) => return Err(stop),
                Err(stop) if first => return Ok(Reading::new(Access::Shut(stop))),
                Err(stop) => return shut(format!("robots.txt redirects to {url}: {}, {}", stop.outcome, stop.detail)),
            };
            match exchange.status {
                Some(status) if redirect::is_redirect(status) => {
                    let target = match redirect::location(&exchange, &url) {
                        Ok(target) => sendable(&target),
                        Err(wrong) => return shut(format!("robots.txt: HTTP {status}, {wrong}")),
                    };
                    seen.push(url);
                    if seen.contains(&target) {
                        return shut("robots.txt redirects in a circle".to_owned());
                    }
                    if seen.len() > MAX_REDIRECTS {
                        return shut(format!("robots.txt redirects more than {MAX_REDIRECTS} times"));
                    }
                    url = target;
                }
                _ => {
                    let access = classify(gate, &exchange, first);
                    let also_for = Authority::of(&url)
                        .filter(|other| other.robots_url().as_ref() == Some(&url))
                        .filter(|_| !matches!(access, Access::Shut(_)));
                    return Ok(Reading { access, also_for, until: None });
                }
            }
        }
    }

    /// One hop; asked once more when the connection was closed in its face, as a kept one may be.
    async fn ask(gate: &Gate, budget: &Budget, url: &Url) -> Result<Exchange, Stop> {
        let route = gate.route(budget, url).await?;
        // One byte more than is read, to tell a file of exactly the limit from a longer one.
        let request = Request { url: url.clone(), method: Method::Get, max_body: MAX_BYTES + 1, headers: Vec::new() };
        let exchange = gate.send(budget, &request, &route, Duration::ZERO, Gap::Page).await?;
        if exchange.outcome == FetchOutcome::Closed && exchange.status.is_none() {
            return gate.send(budget, &request, &route, Duration::ZERO, Gap::Page).await;
        }
        Ok(exchange)
    }

    fn entry(&self, gate: &Gate, authority: &Authority) -> Arc<Entry> {
        let mut entries = lock(&self.entries);
        let mut weight = lock(&self.weight);
        if entries.len() >= MAX_ENTRIES || *weight > MAX_WEIGHT {
            *weight = sweep(&mut entries, gate.clock.instant());
        }
        Arc::clone(entries.entry(authority.clone()).or_default())
    }

    fn weigh(&self, access: &Access) {
        *lock(&self.weight) += weight(access);
    }
}

impl Reading {
    fn new(access: Access) -> Self {
        Self { access, also_for: None, until: None }
    }

    /// The answer of another authority, reached by redirect.
    fn copied(cached: &Cached, url: &Url) -> Self {
        let access = match &*cached.access {
            Access::Rules(robots) => Access::Rules(robots.clone()),
            Access::Open => Access::Open,
            Access::Shut(stop) => Access::Shut(Stop::robots(format!("robots.txt redirects to {url}: {}", stop.detail))),
        };
        Self { access, also_for: None, until: Some(cached.until) }
    }
}

fn classify(gate: &Gate, exchange: &Exchange, first: bool) -> Access {
    let detail = exchange.detail.as_deref().unwrap_or_default();
    let shut = |what: String| Access::Shut(Stop::robots(format!("robots.txt: {what}")));
    let Some(status) = exchange.status else {
        // Of a redirect's target nothing follows for the pages of the host that was asked.
        return if first && is_connecting(exchange.outcome) {
            Access::Shut(Stop::new(exchange.outcome, detail))
        } else {
            shut(format!("{} {detail}", exchange.outcome).trim_end().to_owned())
        };
    };
    match status {
        200..=299 => {
            let whole = exchange.outcome == FetchOutcome::Ok;
            let cut_by_us = exchange.outcome == FetchOutcome::Cut && exchange.body.len() >= MAX_BYTES;
            if !whole && !cut_by_us {
                return shut(format!("HTTP {status}, {} {detail}", exchange.outcome).trim_end().to_owned());
            }
            let mut robots = Robots::parse(&exchange.body);
            robots.keep_only(&gate.settings.token);
            Access::Rules(robots)
        }
        429 => shut("HTTP 429".to_owned()),
        400..=499 => Access::Open,
        _ => shut(format!("HTTP {status}")),
    }
}

/// Faults before any answer could come, which a page of the same host would meet as well.
fn is_connecting(outcome: FetchOutcome) -> bool {
    use FetchOutcome::{ConnectTimeout, Dns, Refused, Unreachable};
    outcome.is_tls() || is_refusal(outcome) || matches!(outcome, Dns | Refused | Unreachable | ConnectTimeout)
}

/// What the guard and the resolver say, as against the budget and the pace.
fn is_refusal(outcome: FetchOutcome) -> bool {
    use FetchOutcome::{AddressRefused, Dns, PortRefused, SchemeRefused};
    matches!(outcome, AddressRefused | Dns | PortRefused | SchemeRefused)
}

fn weight(access: &Access) -> usize {
    match access {
        Access::Rules(robots) => robots.weight(),
        Access::Open | Access::Shut(_) => 256,
    }
}

/// Drops what is no longer fresh, then what will be stale soonest, until an eighth of the room is free. Entries in use
/// stay. Says what the rest weighs.
fn sweep(entries: &mut HashMap<Authority, Arc<Entry>>, now: Instant) -> usize {
    let fresh = |entry: &Arc<Entry>| {
        if Arc::strong_count(entry) > 1 {
            return Some((None, 0));
        }
        let slot = entry.try_lock().ok()?;
        let cached = slot.as_ref().filter(|cached| cached.until > now)?;
        Some((Some(cached.until), weight(&cached.access)))
    };
    entries.retain(|_, entry| fresh(entry).is_some());
    let mut order: Vec<(Instant, usize, Authority)> = entries
        .iter()
        .filter_map(|(authority, entry)| {
            let (until, weight) = fresh(entry)?;
            Some((until?, weight, authority.clone()))
        })
        .collect();
    order.sort_by_key(|(until, ..)| *until);
    let mut total: usize = order.iter().map(|(_, weight, _)| weight).sum();
    for (_, weight, authority) in order {
        if entries.len() <= MAX_ENTRIES / 8 * 7 && total <= MAX_WEIGHT / 8 * 7 {
            break;
        }
        entries.remove(&authority);
        total -= weight;
    }
    total
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_sweep_keeps_what_is_used_and_what_is_freshest() {
        let now = tokio::time::Instant::now().into_std();
        let authority = |n: usize| Authority::of(&Url::parse(&format!("https://h{n}.it/")).unwrap()).unwrap();
        let entry = |seconds: u64| {
            let until = now + Duration::from_secs(seconds);
            Arc::new(Entry::new(Some(Cached { access: Arc::new(Access::Open), until })))
        };
        let mut entries: HashMap<_, _> = (0..MAX_ENTRIES).map(|n| (authority(n), entry(n as u64))).collect();
        let used = Arc::clone(&entries[&authority(0)]);
        let left = sweep(&mut entries, now);
        assert_eq!(entries.len(), MAX_ENTRIES / 8 * 7);
        assert!(entries.contains_key(&authority(0)), "in use");
        assert!(!entries.contains_key(&authority(1)));
        assert!(entries.contains_key(&authority(MAX_ENTRIES - 1)));
        assert!(left > 0);
        drop(used);
    }
}
