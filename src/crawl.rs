//! One visit: from the address of a comune to one finding per platform, with as few requests as possible.
//!
//! A visit is a loop over pages with a purpose. The frontier holds the links that a rule says lead to a login, a
//! payment or a list of services, the most promising first; the visit stops when every platform is found, when nothing
//! worth reading is left, or when its budget is spent. What was not reached is part of the answer.

mod answer;
mod drawing;
mod frontier;
mod journal;
mod metadata;
mod reach;
mod read;
mod replay;
mod start;
mod state;
mod visit;

use std::{sync::Arc, time::Duration};

pub use journal::Journal;
pub use replay::{Again, StoredPage, replay};

use crate::{clock::Clock, model::Step, page::Limits, polite::Fetcher, render::Renderer, rules::Catalogue};

/// Requests that one visit may send, robots.txt, redirects and retries included.
pub const MAX_REQUESTS: u32 = 40;
/// Time that one visit may take, waiting for its turn included.
pub const MAX_TIME: Duration = Duration::from_mins(10);
/// Clicks from the start page: in practice logins and payments live within four.
pub const MAX_DEPTH: u8 = 4;

/// How far a visit goes.
#[expect(clippy::struct_excessive_bools, reason = "switches that have nothing to do with each other")]
#[derive(Debug, Clone)]
pub struct Settings {
    /// Requests, see [`MAX_REQUESTS`].
    pub max_requests: u32,
    /// Time, see [`MAX_TIME`].
    pub max_time: Duration,
    /// Clicks, see [`MAX_DEPTH`].
    pub max_depth: u8,
    /// Largest decoded body that is kept, in bytes.
    pub max_body: usize,
    /// How far a page is read.
    pub limits: Limits,
    /// The owner runs this visit: robots.txt of the site under check is read and not obeyed, and the visit says so.
    pub own_site: bool,
    /// A proxy stands between, so server addresses are unknown; said as a remark.
    pub proxied: bool,
    /// What is exchanged is held until the end of the visit, to be kept as evidence.
    pub evidence: bool,
    /// Of pages that a browser draws a picture is kept with the evidence.
    pub pictures: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_requests: MAX_REQUESTS,
            max_time: MAX_TIME,
            max_depth: MAX_DEPTH,
            max_body: 8 << 20,
            limits: Limits::default(),
            own_site: false,
            proxied: false,
            evidence: false,
            pictures: true,
        }
    }
}

/// Told about each step as it is taken, for progress on a terminal.
pub trait Watcher: Send + Sync {
    /// One page was asked for, and this came of it.
    fn step(&self, step: &Step);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn step(&self, _: &Step) {}
}

/// Visits comuni.
#[derive(Clone)]
pub struct Visitor {
    fetcher: Fetcher,
    catalogue: Arc<Catalogue>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    renderer: Option<Renderer>,
}

impl Visitor {
    /// A visitor that asks through `fetcher` and judges by `catalogue`.
    pub fn new(fetcher: Fetcher, catalogue: Arc<Catalogue>, clock: Arc<dyn Clock>, settings: Settings) -> Self {
        Self { fetcher, catalogue, clock, settings, renderer: None }
    }

    /// The same, with a browser for pages that scripts draw. Without one they end as `needs-browser`.
    #[must_use]
    pub fn with_renderer(self, renderer: Renderer) -> Self {
        Self { renderer: Some(renderer), ..self }
    }

    /// Ends the browser, if one was started, and waits until it is gone.
    pub async fn close(&self) {
        if let Some(renderer) = &self.renderer {
            renderer.close().await;
        }
    }
}
