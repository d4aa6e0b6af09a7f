//! The only way to the web for the rest of the crate.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use tokio::time::sleep_until;
use url::Url;

use super::{
    Ask, Budget, Fetched,
    authority::{host_key, host_key_of, sendable},
    gate::Gate,
    opt_out::OptOut,
    redirect,
    robots_cache::{Access, RobotsCache},
    settings::Settings,
    stop::Stop,
    unsafe_address::word_of_change,
};
use crate::{
    clock::Clock,
    model::{FetchOutcome, Hop},
    net::{Exchange, Request, Transport},
};

/// Fetches pages politely: robots.txt before the first request of a host and again for each redirect, one open request
/// for each host, a pace for each shared address, few tries, no cookies, GET and HEAD only.
///
/// Clones share everything. Dropping a [`Fetcher::fetch`] in the middle is safe: its turn is given back and the gap
/// starts.
#[derive(Clone)]
pub struct Fetcher {
    gate: Arc<Gate>,
    robots: Arc<RobotsCache>,
}

/// What one URL came to, retries included.
struct Tried {
    /// The last answer or fault, when a request was sent at all.
    exchange: Option<Exchange>,
    /// Why there was no (further) try.
    stop: Option<Stop>,
}

/// Where an answer leads.
enum Next {
    /// Nowhere: the fetch ends here.
    End(FetchOutcome, Option<String>),
    /// To another address, by redirect or refresh.
    Hop(Url),
}

impl Fetcher {
    /// A fetcher over one transport. The opt-out list is empty until [`Fetcher::set_opt_out`].
    pub fn new(transport: Arc<dyn Transport>, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        Self { gate: Arc::new(Gate::new(transport, settings, clock)), robots: Arc::default() }
    }

    /// Replaces the list of hosts that asked to be left alone. Counts from the next request on, also in the middle of
    /// a run; a request that is open is not cut.
    pub fn set_opt_out(&self, list: OptOut) {
        self.gate.set_opt_out(list);
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.gate.settings
    }

    /// The sitemaps that the robots.txt of this address's authority names; empty when it has not been read yet.
    pub fn sitemaps(&self, url: &Url) -> Vec<Url> {
        match self.robots.known(&self.gate, url).as_deref() {
            Some(Access::Rules(robots)) => robots.sitemaps().to_vec(),
            _ => Vec::new(),
        }
    }

    /// Fetches one page, redirects included. Never fails: how it ended is [`Fetched::outcome`].
    ///
    /// Ends without a request for addresses that change something (`forbidden`, detail `unsafe-address: ...`), for
    /// hosts of the opt-out list, for what guard or robots.txt refuse, and when the budget is spent. What comes back
    /// then still holds the hops that were made before.
    pub async fn fetch(&self, budget: &Budget, ask: Ask<'_>) -> Fetched {
        let mut fetched = Fetched {
            url: sendable(ask.url),
            hops: Vec::new(),
            outcome: FetchOutcome::Budget,
            detail: None,
            stopped_at: None,
            exchange: None,
            earlier: Vec::new(),
        };
        let mut url = fetched.url.clone();
        loop {
            let Tried { exchange, stop } = self.hop(budget, &ask, &url).await;
            let Some(exchange) = exchange else {
                let stop = stop.unwrap_or_else(|| Stop::budget("not asked"));
                fetched.outcome = stop.outcome;
                fetched.detail =
                    Some(if fetched.hops.is_empty() { stop.detail } else { format!("{url}: {}", stop.detail) });
                return fetched;
            };
            let next = match stop {
                Some(stop) => Next::End(stop.outcome, Some(stop.detail)),
                None => next(&exchange, &url),
            };
            let location = match &next {
                Next::Hop(target) => Some(target.clone()),
                Next::End(..) => None,
            };
            fetched.url = url.clone();
            fetched.hops.push(Hop { url: url.clone(), status: exchange.status, location });
            if let Some(mut before) = fetched.exchange.replace(exchange) {
                before.body = Vec::new();
                fetched.earlier.push(before);
            }
            let (outcome, detail) = match next {
                Next::End(outcome, detail) => (outcome, detail),
                Next::Hop(target) => {
                    let to = sendable(&target);
                    if let Some(outcome) = ask.stop_at.and_then(|stop_at| stop_at(&target)) {
                        fetched.stopped_at = Some(target);
                        (outcome, None)
                    } else if fetched.hops.iter().any(|hop| hop.url == to) {
                        (FetchOutcome::RedirectLoop, Some(format!("back to {to}")))
                    } else if fetched.hops.len() > self.gate.settings.max_redirects {
                        (
                            FetchOutcome::TooManyRedirects,
                            Some(format!("more than {}", self.gate.settings.max_redirects)),
                        )
                    } else {
                        url = to;
                        continue;
                    }
                }
            };
            (fetched.outcome, fetched.detail) = (outcome, detail);
            return fetched;
        }
    }

    /// One URL: may it be asked for, and what does it answer?
    async fn hop(&self, budget: &Budget, ask: &Ask<'_>, url: &Url) -> Tried {
        let none = |stop| Tried { exchange: None, stop: Some(stop) };
        if let Some(word) = word_of_change(url) {
            return none(Stop::new(FetchOutcome::Forbidden, format!("unsafe-address: {word}")));
        }
        let admitted = async {
            self.gate.admit(url)?;
            let route = self.gate.route(budget, url).await?;
            let crawl_delay = self.allowed(budget, ask, url).await?;
            Ok((route, crawl_delay))
        };
        let (route, crawl_delay) = match admitted.await {
            Ok(admitted) => admitted,
            Err(stop) => return none(stop),
        };
        let request = Request { url: url.clone(), method: ask.method, max_body: ask.max_body, headers: Vec::new() };
        let mut last: Option<Exchange> = None;
        for tried in 1.. {
            let exchange = match self.gate.send(budget, &request, &route, crawl_delay, ask.gap).await {
                Ok(exchange) => exchange,
                // What the server did answer says more than that there is no budget to ask again.
                Err(stop) if stop.outcome == FetchOutcome::Budget && last.is_some() => break,
                Err(stop) => return Tried { exchange: last, stop: Some(stop) },
            };
            let again = tried < self.gate.settings.max_tries && may_try_again(&exchange, tried);
            let status = exchange.status;
            last = Some(exchange);
            if !again {
                break;
            }
            // 429 and 503 rest the whole host, and the next turn waits for that; other faults are this URL's own.
            if status.is_some_and(|status| status >= 500 && status != 503) {
                let at = self.gate.clock.instant() + self.gate.settings.backoff(tried);
                if at > budget.deadline() {
                    break;
                }
                sleep_until(at.into()).await;
            }
        }
        Tried { exchange: last, stop: None }
    }

    /// Asks robots.txt. Gives back the delay that it wants.
    async fn allowed(&self, budget: &Budget, ask: &Ask<'_>, url: &Url) -> Result<Duration, Stop> {
        let access = self.robots.access(&self.gate, budget, url, ask.stop_at).await?;
        let own = ask.own_host.and_then(host_key_of).is_some_and(|own| host_key(url) == Some(own));
        match &*access {
            Access::Open => Ok(Duration::ZERO),
            // An owner may look past a broken robots.txt, but nobody past a dead server.
            Access::Shut(stop) if own && stop.outcome == FetchOutcome::RobotsUnavailable => Ok(Duration::ZERO),
            Access::Shut(stop) => Err(stop.clone()),
            Access::Rules(robots) => {
                let token = &self.gate.settings.token;
                let decision = robots.check(token, url);
                if decision.allowed || own {
                    return Ok(robots.crawl_delay(token).unwrap_or_default());
                }
                let line = decision.line.map_or_else(String::new, |(number, text)| format!(", line {number}: {text}"));
                Err(Stop::new(FetchOutcome::RobotsDenied, format!("robots.txt{line}")))
            }
        }
    }
}

/// Is another try worth a request? Only where the fault may pass by itself.
fn may_try_again(exchange: &Exchange, tried: u32) -> bool {
    use FetchOutcome::{Closed, ConnectTimeout, FirstByteTimeout, Refused, Timeout, Unreachable};
    match exchange.status {
        // Not implemented, and no such HTTP version: it will not be any better in a minute.
        Some(501 | 505) => false,
        Some(status) => status == 429 || (500..600).contains(&status),
        None => {
            let passing = matches!(
                exchange.outcome,
                Closed | ConnectTimeout | FirstByteTimeout | Refused | Timeout | Unreachable
            );
            passing && tried == 1
        }
    }
}

fn next(exchange: &Exchange, url: &Url) -> Next {
    let end = |outcome, detail: &str| {
        let detail = (!detail.is_empty()).then(|| detail.to_owned()).or_else(|| exchange.detail.clone());
        Next::End(outcome, detail)
    };
    let Some(status) = exchange.status else { return end(exchange.outcome, "") };
    let text = format!("HTTP {status}");
    match status {
        200..=299 => {
            let read = matches!(exchange.outcome, FetchOutcome::Ok | FetchOutcome::Cut);
            match redirect::refresh(exchange, url).filter(|_| read) {
                // A page that reloads itself after a moment is a page; one that does so at once is none.
                Some((wait, target)) if !wait.is_zero() && sendable(&target) == *url => end(exchange.outcome, ""),
                Some((_, target)) => Next::Hop(target),
                None => end(exchange.outcome, ""),
            }
        }
        _ if redirect::is_redirect(status) => match redirect::location(exchange, url) {
            Ok(target) => Next::Hop(target),
            Err(wrong) => end(FetchOutcome::BadRedirect, &format!("{text}, {wrong}")),
        },
        404 | 410 => end(FetchOutcome::NotFound, &text),
        429 => end(FetchOutcome::RateLimited, &text),
        400..=499 => end(FetchOutcome::Forbidden, &text),
        500..=599 => end(FetchOutcome::ServerError, &text),
        // 1xx as a last word, 300, 304 to a plain GET, 305, 306, and numbers that mean nothing.
        _ => end(FetchOutcome::Malformed, &text),
    }
}
