//! The one place where a request leaves: after the opt-out list, the budget and both paces.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::time::timeout_at;
use url::Url;

use super::{Budget, Gap, authority::host_key, opt_out::OptOut, pace::Pace, settings::Settings, stop::Stop};
use crate::{
    clock::Clock,
    model::FetchOutcome,
    net::{Exchange, Request, Route, Transport},
};

pub(super) struct Gate {
    transport: Arc<dyn Transport>,
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) pace: Pace,
    opt_out: RwLock<Arc<OptOut>>,
}

impl Gate {
    pub(super) fn new(transport: Arc<dyn Transport>, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let settings = Arc::new(settings);
        let pace = Pace::new(Arc::clone(&settings), Arc::clone(&clock));
        Self { transport, settings, clock, pace, opt_out: RwLock::default() }
    }

    /// Replaces the opt-out list; counts for every request that has not left yet.
    pub(super) fn set_opt_out(&self, list: OptOut) {
        *self.opt_out.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(list);
    }

    /// Refuses hosts of the opt-out list, and addresses without a host.
    pub(super) fn admit(&self, url: &Url) -> Result<(), Stop> {
        let Some(host) = host_key(url).filter(|_| matches!(url.scheme(), "http" | "https")) else {
            return Err(Stop::new(FetchOutcome::SchemeRefused, url.scheme()));
        };
        let list = Arc::clone(&self.opt_out.read().unwrap_or_else(PoisonError::into_inner));
        if list.contains(&host) { Err(Stop::new(FetchOutcome::OptedOut, host)) } else { Ok(()) }
    }

    /// Asks the guard where an address leads.
    pub(super) async fn route(&self, budget: &Budget, url: &Url) -> Result<Route, Stop> {
        match timeout_at(budget.deadline().into(), self.transport.route(url)).await {
            Ok(route) => Ok(route?),
            Err(_) => Err(Stop::budget("time spent looking up the host")),
        }
    }

    /// Waits its turn and sends one request. An `Err` means that none was sent, or that time ended during it.
    pub(super) async fn send(
        &self,
        budget: &Budget,
        request: &Request,
        route: &Route,
        crawl_delay: Duration,
        gap: Gap,
    ) -> Result<Exchange, Stop> {
        self.admit(&request.url)?;
        // Whoever has no request left need not wait to learn it.
        if budget.left() == 0 {
            return Err(Stop::budget("no request left"));
        }
        let host = host_key(&request.url).unwrap_or_default();
        let mut turn = self.pace.enter(&host, route, (crawl_delay, gap), budget.deadline()).await?;
        // The list may have changed while we waited: a host is left alone from the next request on.
        self.admit(&request.url)?;
        if self.clock.instant() >= budget.deadline() {
            return Err(Stop::budget("time spent waiting"));
        }
        if !budget.take() {
            return Err(Stop::budget("no request left"));
        }
        turn.sent();
        match timeout_at(budget.deadline().into(), self.transport.exchange(request, route)).await {
            Ok(exchange) => {
                turn.finish(&exchange);
                Ok(exchange)
            }
            Err(_) => Err(Stop::budget("time ended during the request")),
        }
    }
}
