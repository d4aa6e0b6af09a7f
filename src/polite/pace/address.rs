//! The pace of one server address, which many comuni of one vendor may share.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use governor::{
    Quota, RateLimiter,
    clock::Clock as _,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{IDLE, lock};
use crate::{clock::Clock, polite::settings::Settings};

/// What counts as one address: an IPv4 address, or an IPv6 /64, of which one machine owns all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum AddressKey {
    V4(Ipv4Addr),
    V6Net([u16; 4]),
}

impl AddressKey {
    pub(super) fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6Net(net64(address)),
        }
    }
}

fn net64(address: Ipv6Addr) -> [u16; 4] {
    let [a, b, c, d, ..] = address.segments();
    [a, b, c, d]
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>;

/// One limiter in each object rather than one keyed store: idle objects can be dropped, stores only grow.
pub(super) struct Address {
    open: Arc<Semaphore>,
    /// `None` when the setting lifts the pace.
    limiter: Option<Limiter>,
    delay: Duration,
    used: Mutex<Instant>,
}

impl Address {
    pub(super) fn new(settings: &Settings, clock: &Arc<dyn Clock>) -> Self {
        let ticks = || Ticks { clock: Arc::clone(clock), since: clock.instant() };
        Self {
            open: Arc::new(Semaphore::new(settings.address_concurrency.max(1))),
            limiter: Quota::with_period(settings.address_delay)
                .map(|quota| RateLimiter::direct_with_clock(quota, ticks())),
            delay: settings.address_delay,
            used: Mutex::new(clock.instant()),
        }
    }

    /// Waits, first come first served, to be one of the few open requests.
    pub(super) async fn open(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed, so this is never `None`.
        Arc::clone(&self.open).acquire_owned().await.ok()
    }

    /// Starts a request now, or says how long it is too early.
    pub(super) fn start(&self, now: Instant) -> Result<(), Duration> {
        if let Some(limiter) = &self.limiter {
            limiter.check().map_err(|early| early.wait_time_from(limiter.clock().now()))?;
        }
        *lock(&self.used) = now;
        Ok(())
    }

    /// True when a fresh object would behave the same.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        *lock(&self.used) + self.delay + IDLE < now
    }
}

/// The crate's clock in the form that governor wants, so that tests which move time move the limiter too.
struct Ticks {
    clock: Arc<dyn Clock>,
    since: Instant,
}

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.clock.instant().saturating_duration_since(self.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one_address() {
        let key = |text: &str| AddressKey::of(text.parse().expect("an address"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }
}
