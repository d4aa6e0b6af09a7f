//! The dialling of one request: pinned addresses in, the moment of connection out.
//!
//! The HTTP client is given a resolver that resolves nothing. It hands out the addresses that the guard passed for the
//! request under way, and fails for any other name, so that no connection can be opened to an address that was not
//! looked at: not by a second look-up, not by a redirect, not by a bug. The request under way is known by a task-local
//! value, because the client opens connections inside the task that sends the request.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use reqwest::dns::{Name, Resolve, Resolving};
use tokio::{sync::Notify, time::Instant};
use tower::{Layer, Service};

tokio::task_local! {
    /// The dialling of the request that this task sends.
    pub(super) static CURRENT: Arc<Dial>;
}

/// A connection was about to be opened to a name that no guard has looked at.
#[derive(Debug, thiserror::Error)]
#[error("no address is pinned for {0}")]
pub(super) struct NotPinned(String);

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// No connection is being opened: an idle one serves, or it has not begun yet.
    Idle,
    Connecting,
    Connected(Instant),
}

/// One request's pinned addresses, and how far its connection is.
#[derive(Debug)]
pub(super) struct Dial {
    host: String,
    addresses: Vec<SocketAddr>,
    stage: Mutex<Stage>,
    moved: Notify,
}

impl Dial {
    /// Pins `addresses` for `host` (as the client will ask for it: lower case, no port).
    pub(super) fn new(host: String, addresses: Vec<SocketAddr>) -> Arc<Self> {
        Arc::new(Self { host, addresses, stage: Mutex::new(Stage::Idle), moved: Notify::new() })
    }

    fn stage(&self) -> Stage {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, stage: Stage) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        self.moved.notify_one();
    }

    /// True when no connection was opened for this request: it went over one that was idle.
    pub(super) fn reused(&self) -> bool {
        matches!(self.stage(), Stage::Idle)
    }

    /// True while a connection is being opened for this request.
    pub(super) fn connecting(&self) -> bool {
        matches!(self.stage(), Stage::Connecting)
    }

    /// Ends when the server has been silent for `limit` since the connection stood (TCP and TLS), or since now when an
    /// idle connection serves. While a connection is being opened it does not end: that has a limit of its own.
    pub(super) async fn silence(&self, limit: Duration) {
        let mut until = Instant::now() + limit;
        loop {
            tokio::time::sleep_until(until).await;
            match self.stage() {
                Stage::Idle => return,
                Stage::Connecting => self.moved.notified().await,
                Stage::Connected(at) if at + limit <= Instant::now() => return,
                Stage::Connected(at) => until = at + limit,
            }
        }
    }
}

/// The client's resolver: it knows the pinned host of the request under way, and nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pins;

impl Resolve for Pins {
    fn resolve(&self, name: Name) -> Resolving {
        let pinned = CURRENT
            .try_with(|dial| (dial.host == name.as_str() && !dial.addresses.is_empty()).then(|| dial.addresses.clone()))
            .ok()
            .flatten();
        let name = name.as_str().to_owned();
        Box::pin(async move {
            match pinned {
                Some(addresses) => Ok(Box::new(addresses.into_iter()) as reqwest::dns::Addrs),
                None => Err(NotPinned(name).into()),
            }
        })
    }
}

/// Marks in the current [`Dial`] when a connection begins and when it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark;

impl<S> Layer<S> for Mark {
    type Service = Marked<S>;

    fn layer(&self, inner: S) -> Marked<S> {
        Marked { inner }
    }
}

/// A connector whose connections are marked.
#[derive(Debug, Clone)]
pub(super) struct Marked<S> {
    inner: S,
}

impl<S, R> Service<R> for Marked<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let dial = CURRENT.try_with(Arc::clone).ok();
        if let Some(dial) = &dial {
            dial.enter(Stage::Connecting);
        }
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let connected = connecting.await;
            if let Some(dial) = &dial {
                dial.enter(Stage::Connected(Instant::now()));
            }
            connected
        })
    }
}
