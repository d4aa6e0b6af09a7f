//! Manners: robots first, one request at a time per host, a pace per shared address, back-off, few tries.
//!
//! The [`Fetcher`] is the only way to the web for the rest of the crate. It walks redirects itself, so that each hop
//! passes the guard, the robots rules of its own host, the opt-out list and both paces.

mod authority;
mod fetcher;
mod gate;
mod opt_out;
mod pace;
mod redirect;
mod retry_after;
pub mod robots;
mod robots_cache;
mod settings;
mod stop;
#[cfg(test)]
mod testing;
mod unsafe_address;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use url::Url;

pub use self::{
    authority::host_key,
    fetcher::Fetcher,
    opt_out::{OptOut, OptOutError},
    settings::Settings,
};
use crate::{
    model::{FetchOutcome, Hop},
    net::{Exchange, Method},
};

/// What one visit may still spend. Every request counts: pages, redirects, robots.txt, retries.
#[derive(Debug)]
pub struct Budget {
    left: AtomicU32,
    sent: AtomicU32,
    deadline: Instant,
}

impl Budget {
    /// A budget of requests, to be spent before `deadline` (monotonic; waiting for a shared address counts too).
    pub fn new(requests: u32, deadline: Instant) -> Self {
        Self { left: AtomicU32::new(requests), sent: AtomicU32::new(0), deadline }
    }

    /// Takes one request, or says that there is none left.
    pub fn take(&self) -> bool {
        let taken = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if taken {
            self.sent.fetch_add(1, Ordering::SeqCst);
        }
        taken
    }

    /// Requests left.
    pub fn left(&self) -> u32 {
        self.left.load(Ordering::SeqCst)
    }

    /// Requests taken so far.
    pub fn sent(&self) -> u32 {
        self.sent.load(Ordering::SeqCst)
    }

    /// When the time is over.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }
}

/// Looks at the address of a redirect before it is followed. `Some` ends the fetch there with that outcome
/// (`provider-redirect`, `payment-redirect`): the request is never sent.
pub type StopAt<'a> = &'a (dyn Fn(&Url) -> Option<FetchOutcome> + Send + Sync);

/// How long a host is left alone before a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gap {
    /// As long as between two pages: [`Settings::delay`].
    #[default]
    Page,
    /// The scripts and style sheets of a page that is being drawn, which a citizen's browser asks for all at once: one
    /// after the other, [`Settings::part_delay`] apart.
    Part,
}

/// One wish for a page.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The address.
    pub url: &'a Url,
    /// GET or HEAD.
    pub method: Method,
    /// Largest decoded body kept, in bytes.
    pub max_body: usize,
    /// Redirects that are recognised and not followed.
    pub stop_at: Option<StopAt<'a>>,
    /// The host whose owner runs this visit: its robots rules are read and paced but not obeyed (`--own-site`).
    pub own_host: Option<&'a str>,
    /// The gap that is kept before it.
    pub gap: Gap,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The address of the last hop that was asked.
    pub url: Url,
    /// Every hop, the last one included; empty when not even the first was sent.
    pub hops: Vec<Hop>,
    /// How it ended, statuses and stops included.
    pub outcome: FetchOutcome,
    /// One line for a person, in English.
    pub detail: Option<String>,
    /// The redirect target that was recognised and not followed.
    pub stopped_at: Option<Url>,
    /// The last hop's answer, when there was one.
    pub exchange: Option<Exchange>,
    /// The answers of the hops before it, in order, without their decoded bodies.
    pub earlier: Vec<Exchange>,
}
