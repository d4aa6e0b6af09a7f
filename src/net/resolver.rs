//! Names to addresses: the one place that asks the DNS.
//!
//! At most two questions per name (A, then AAAA), fully qualified so that no search list is tried; answers kept for their TTL,
//! failures for a while too; a bound on open questions; a bound on the whole wait. Failures are told apart by type.
//! What comes back is not judged here: see [`super::guard`].

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig},
    lookup::Lookup,
    net::{DnsError, NetError as DnsNetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RecordType},
    },
};
use tokio::sync::{Mutex as AsyncMutex, Semaphore};

use crate::clock::Clock;

/// Questions open at once: the two of a name are asked one after the other.
const OPEN: usize = 32;
/// An answer is kept at least this long, so that the requests of one page do not ask again when a TTL is 0.
const MIN_TTL: Duration = Duration::from_secs(5);
/// An answer is kept at most this long, whatever its TTL.
const MAX_TTL: Duration = Duration::from_hours(1);
/// "No such name" and "no address" are kept at least this long.
const MIN_NEGATIVE_TTL: Duration = Duration::from_mins(1);
/// A resolver's own failure is kept this long: short enough for a retry later in the visit.
const FAILURE_TTL: Duration = Duration::from_secs(30);
/// Once one family has answered with addresses, the other gets this much longer.
const SECOND_FAMILY: Duration = Duration::from_secs(1);
/// Addresses kept per family; a name with more is not more reachable.
const KEPT_PER_FAMILY: usize = 4;
/// Names remembered.
const CACHE_SIZE: usize = 32_768;

/// After this many silences in a row, and never an answer since the start, the wait shortens (see [`Patience`]).
const SILENCES_BEFORE_SHORT: u32 = 8;
/// After this many it shortens again.
const SILENCES_BEFORE_SHORTEST: u32 = 64;

/// Why a name gave no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The name does not exist.
    #[error("nxdomain")]
    NoSuchName,
    /// The name exists and has neither A nor AAAA.
    #[error("no-address")]
    NoAddress,
    /// The resolver answered that it cannot answer (SERVFAIL, REFUSED and the like).
    #[error("servfail")]
    ServerError,
    /// The resolver kept silent.
    #[error("resolver-timeout")]
    Silent,
    /// The resolver cannot be reached, or none is configured.
    #[error("resolver-unreachable")]
    Unreachable,
}

impl Failure {
    /// When two questions fail differently, the one that says more about the name counts.
    fn weight(self) -> u8 {
        match self {
            Self::NoSuchName => 4,
            Self::ServerError => 3,
            Self::Silent => 2,
            Self::Unreachable => 1,
            // One family empty says nothing when the other question was not answered.
            Self::NoAddress => 0,
        }
    }

    /// True when a resolver spoke.
    fn is_an_answer(self) -> bool {
        matches!(self, Self::NoSuchName | Self::NoAddress | Self::ServerError)
    }
}

type Answer = Result<Vec<IpAddr>, Failure>;

/// How long to wait for a resolver that has never been heard.
///
/// On a machine without internet each of thousands of names would wait for the whole limit. As long as *no* answer of any
/// kind has come since the start, the wait drops to 1 s after 8 silences in a row and to a quarter of a second after
/// 64. Every name is still asked, so a resolver that comes up is heard at once, and the first answer restores
/// the full wait for good.
#[derive(Debug, Default)]
struct Patience {
    silences: AtomicU32,
}

impl Patience {
    /// The value of `silences` once a resolver has spoken.
    const HEARD: u32 = u32::MAX;

    fn wait(&self, full: Duration) -> Duration {
        match self.silences.load(Ordering::Relaxed) {
            Self::HEARD | 0..SILENCES_BEFORE_SHORT => full,
            SILENCES_BEFORE_SHORT..SILENCES_BEFORE_SHORTEST => full.min(Duration::from_secs(1)),
            _ => full.min(Duration::from_millis(250)),
        }
    }

    fn note(&self, answer: &Answer) {
        let silent = matches!(answer, Err(Failure::Silent));
        let heard = answer.as_ref().err().is_none_or(|failure| failure.is_an_answer());
        let _ = self.silences.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |silences| match silences {
            _ if heard => Some(Self::HEARD),
            Self::HEARD => None,
            _ if silent => Some((silences + 1).min(Self::HEARD - 1)),
            _ => None,
        });
    }
}

#[derive(Debug, Clone)]
struct Remembered {
    answer: Answer,
    until: Instant,
}

/// One slot per name: whoever holds it asks, the others wait for the answer instead of asking too.
type Slot = Arc<AsyncMutex<Option<Remembered>>>;

/// The resolver: the operator's server, or the system's.
pub(super) struct Resolver {
    inner: Option<TokioResolver>,
    clock: Arc<dyn Clock>,
    /// For the whole resolution of one name.
    wait: Duration,
    open: Semaphore,
    patience: Patience,
    cache: Mutex<HashMap<String, Slot>>,
}

impl Resolver {
    /// A resolver that asks `server` alone, or the system's servers. Without a usable system configuration it is built all the
    /// same and answers [`Failure::Unreachable`]: a machine without a network still writes its report.
    pub(super) fn new(server: Option<SocketAddr>, wait: Duration, clock: Arc<dyn Clock>) -> Self {
        let builder = match server {
            Some(address) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = address.port();
                    connection
                });
                let server = NameServerConfig::new(address.ip(), true, connections.to_vec());
                let config = ResolverConfig::from_name_servers(vec![server]);
                let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
                // The operator named one source of truth; the machine's hosts file is not it.
                builder.options_mut().use_hosts_file = ResolveHosts::Never;
                Some(builder)
            }
            None => TokioResolver::builder_tokio().ok(),
        };
        let inner = builder.and_then(|mut builder| {
            let options = builder.options_mut();
            // One server at a time: two questions per name. Three repetitions inside the wait, each to the server that
            // has failed least: a lost packet costs a second, and an answer that took a resolver long to find is
            // waiting in its cache when it is asked again.
            options.num_concurrent_reqs = 1;
            options.attempts = 3;
            options.timeout = wait.mul_f64(0.24);
            options.max_active_requests = OPEN;
            // Remembered here, per name and with failures.
            options.cache_size = 0;
            builder.build().ok()
        });
        Self {
            inner,
            clock,
            wait,
            open: Semaphore::new(OPEN),
            patience: Patience::default(),
            cache: Mutex::new(HashMap::new()),
        }
    }

    /// The addresses of a name (no final dot), IPv4 first, at most four of each family.
    pub(super) async fn addresses(&self, name: &str) -> Answer {
        let slot = self.slot(name);
        let mut slot = slot.lock().await;
        if let Some(remembered) = slot.as_ref()
            && remembered.until > self.clock.instant()
        {
            return remembered.answer.clone();
        }
        let (answer, ttl) = self.ask(name).await;
        self.patience.note(&answer);
        tracing::debug!(name, ?answer, "resolved");
        *slot = Some(Remembered { answer: answer.clone(), until: self.clock.instant() + ttl });
        answer
    }

    fn slot(&self, name: &str) -> Slot {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHE_SIZE && !cache.contains_key(name) {
            let now = self.clock.instant();
            // A slot that is held is being asked for: it stays.
            cache.retain(|_, slot| {
                slot.try_lock().is_err() || slot.try_lock().is_ok_and(|s| s.as_ref().is_some_and(|r| r.until > now))
            });
            if cache.len() >= CACHE_SIZE {
                cache.clear();
            }
        }
        Arc::clone(cache.entry(name.to_owned()).or_default())
    }

    async fn ask(&self, name: &str) -> (Answer, Duration) {
        let Some(resolver) = &self.inner else {
            return (Err(Failure::Unreachable), FAILURE_TTL);
        };
        let Ok(mut name) = Name::from_utf8(name) else {
            return (Err(Failure::NoSuchName), MIN_NEGATIVE_TTL);
        };
        name.set_fqdn(true);
        let Ok(_open) = self.open.acquire().await else {
            return (Err(Failure::Unreachable), FAILURE_TTL);
        };
        let deadline = tokio::time::Instant::now() + self.patience.wait(self.wait);

        let v4 = question(resolver, &name, RecordType::A, deadline).await;
        // "No such name" holds for every type (RFC 8020), and a silent resolver is not asked a second thing.
        if matches!(v4.0, Err(Failure::NoSuchName | Failure::Silent | Failure::Unreachable)) {
            return v4;
        }
        let until = match v4.0 {
            Ok(_) => deadline.min(tokio::time::Instant::now() + SECOND_FAMILY),
            Err(_) => deadline,
        };
        let v6 = question(resolver, &name, RecordType::AAAA, until).await;
        combine(v4, v6)
    }
}

async fn question(
    resolver: &TokioResolver,
    name: &Name,
    kind: RecordType,
    until: tokio::time::Instant,
) -> (Answer, Duration) {
    match tokio::time::timeout_at(until, resolver.lookup(name.clone(), kind)).await {
        Ok(answer) => read(answer),
        Err(_) => (Err(Failure::Silent), FAILURE_TTL),
    }
}

/// Joins the answers of the two families.
fn combine((v4, v4_ttl): (Answer, Duration), (v6, v6_ttl): (Answer, Duration)) -> (Answer, Duration) {
    match (v4, v6) {
        (Ok(mut addresses), Ok(more)) => {
            addresses.extend(more);
            (Ok(addresses), v4_ttl.min(v6_ttl))
        }
        (Ok(addresses), Err(_)) => (Ok(addresses), v4_ttl),
        (Err(_), Ok(addresses)) => (Ok(addresses), v6_ttl),
        (Err(one), Err(other)) if one.weight() >= other.weight() => (Err(one), v4_ttl),
        (Err(_), Err(other)) => (Err(other), v6_ttl),
    }
}

/// One answer as addresses and the time it may be kept.
fn read(answer: Result<Lookup, DnsNetError>) -> (Answer, Duration) {
    match answer {
        Ok(lookup) => {
            let addresses: Vec<IpAddr> =
                lookup.answers().iter().filter_map(|record| record.data.ip_addr()).take(KEPT_PER_FAMILY).collect();
            let ttl = lookup.answers().iter().map(|record| record.ttl).min().unwrap_or(0);
            if addresses.is_empty() {
                (Err(Failure::NoAddress), MIN_NEGATIVE_TTL)
            } else {
                (Ok(addresses), Duration::from_secs(u64::from(ttl)).clamp(MIN_TTL, MAX_TTL))
            }
        }
        Err(error) => {
            let (failure, ttl) = classify(&error);
            (Err(failure), ttl)
        }
    }
}

fn classify(error: &DnsNetError) -> (Failure, Duration) {
    match error {
        DnsNetError::Dns(DnsError::NoRecordsFound(none)) => {
            let ttl = Duration::from_secs(u64::from(none.negative_ttl.unwrap_or(0))).clamp(MIN_NEGATIVE_TTL, MAX_TTL);
            match none.response_code {
                ResponseCode::NXDomain => (Failure::NoSuchName, ttl),
                ResponseCode::NoError => (Failure::NoAddress, ttl),
                _ => (Failure::ServerError, FAILURE_TTL),
            }
        }
        // A broken answer is an answer: the resolver is there.
        DnsNetError::Dns(_)
        | DnsNetError::Proto(_)
        | DnsNetError::Truncated
        | DnsNetError::QueryCaseMismatch
        | DnsNetError::ForeignClassRecord { .. } => (Failure::ServerError, FAILURE_TTL),
        DnsNetError::Timeout | DnsNetError::Busy => (Failure::Silent, FAILURE_TTL),
        _ => (Failure::Unreachable, FAILURE_TTL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_shortens_only_while_nothing_was_ever_heard() {
        let patience = Patience::default();
        let full = Duration::from_secs(5);
        for _ in 0..SILENCES_BEFORE_SHORT {
            assert_eq!(patience.wait(full), full);
            patience.note(&Err(Failure::Silent));
        }
        assert_eq!(patience.wait(full), Duration::from_secs(1));
        patience.note(&Err(Failure::Unreachable));
        assert_eq!(patience.wait(full), Duration::from_secs(1), "no answer, no silence: nothing learnt");
        for _ in 0..SILENCES_BEFORE_SHORTEST {
            patience.note(&Err(Failure::Silent));
        }
        assert_eq!(patience.wait(full), Duration::from_millis(250));
        patience.note(&Err(Failure::NoSuchName));
        assert_eq!(patience.wait(full), full, "a denial is an answer");
        for _ in 0..100 {
            patience.note(&Err(Failure::Silent));
        }
        assert_eq!(patience.wait(full), full, "it was heard once: silence is news about the name now");
    }

    #[test]
    fn the_failure_that_says_more_wins() {
        let ttl = Duration::from_secs(1);
        let both = |a: Failure, b: Failure| combine((Err(a), ttl), (Err(b), ttl)).0;
        assert_eq!(both(Failure::NoSuchName, Failure::Silent), Err(Failure::NoSuchName));
        assert_eq!(both(Failure::NoAddress, Failure::ServerError), Err(Failure::ServerError));
        assert_eq!(both(Failure::NoAddress, Failure::Silent), Err(Failure::Silent));
        assert_eq!(both(Failure::NoAddress, Failure::NoAddress), Err(Failure::NoAddress));
    }
}
