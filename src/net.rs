//! What every outgoing connection obeys.
//!
//! One [`Transport`] sends one request and brings back one [`Exchange`]: it never follows a redirect, never tries a
//! failure again, never waits its turn. Those belong to [`crate::polite`]. What it does guarantee is that no address
//! outside the public Internet is dialled (unless the operator named it), that limits hold, and that each failure is
//! one of the closed list of [`FetchOutcome`] codes, told apart by error type.
//!
//! - [`guard`]: which addresses may be dialled; pure.
//! - [`ConnectTo`]: the operator's exceptions to it.
//! - `resolver`: names to addresses.
//! - `tls`: what is accepted, and why the rest is refused.
//! - `dial`: the pinned addresses and the moment of connection.
//! - [`Client`]: the [`Transport`] that goes over the network; `answer` reads the wire, [`decode`] undoes the encodings.
//! - `classify`: errors to outcomes.

use std::{future::Future, net::SocketAddr, pin::Pin, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::FetchOutcome;

mod answer;
mod classify;
mod client;
pub mod decode;
mod dial;
pub mod guard;
mod resolver;
#[cfg(test)]
mod tests;
mod tls;

pub use crate::config::{ConnectTo, ConnectToError};
pub(crate) use tls::roots;

pub use client::{CaCertificates, Client, ClientSettings, Limits, NetError};

/// A boxed future, so that transports can be passed in as trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The two methods this agent ever sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
}

/// Where a request will be sent: decided before it waits its turn, and pinned for the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// To these addresses, in this order; all of them passed the guard.
    Direct(Vec<SocketAddr>),
    /// Through the proxy that the operator named: it resolves the name, so the address is unknown to us.
    Proxy,
}

/// Why an address is not dialled, or has no address at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// One of `dns`, `address-refused`, `scheme-refused`, `port-refused`.
    pub outcome: FetchOutcome,
    /// The name of the rule that refused (`private`, `loopback`, `nat64`, `nxdomain`, ...), for people.
    pub detail: String,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The address asked for.
    pub url: Url,
    /// GET or HEAD.
    pub method: Method,
    /// Largest decoded body that is kept, in bytes; more is [`FetchOutcome::Cut`].
    pub max_body: usize,
    /// Extra headers (conditional requests); never cookies, never credentials.
    pub headers: Vec<(&'static str, String)>,
}

/// What came back from one request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// [`FetchOutcome::Ok`] or [`FetchOutcome::Cut`] whenever an HTTP answer came, whatever its status.
    pub outcome: FetchOutcome,
    /// One line for a person on what exactly happened, in English.
    pub detail: Option<String>,
    /// Header lines of the request as they were made up, names lower case; empty when none was sent.
    pub sent: Vec<(String, Vec<u8>)>,
    /// The answer came over HTTP/2: its head has no lines of text.
    pub http2: bool,
    /// HTTP status.
    pub status: Option<u16>,
    /// Header lines in the order received, names lower case, values as received.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body as received (still compressed), at most the limit; what evidence stores. Bytes go beside, not into, what
    /// is serialized.
    #[serde(skip)]
    pub raw: Vec<u8>,
    /// The body after its content encodings, at most `max_body`.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// The address that answered; `None` behind a proxy or without an answer.
    pub address: Option<SocketAddr>,
    /// SHA-256 of the server's certificate, lower-case hexadecimal.
    pub certificate: Option<String>,
    /// When the request was sent.
    pub started: Timestamp,
    /// From sending to the first byte of the answer, or to the failure.
    pub latency: Duration,
    /// From sending to the end.
    pub elapsed: Duration,
}

impl Exchange {
    /// An exchange that never became an HTTP answer.
    pub fn failed(outcome: FetchOutcome, detail: impl Into<String>, started: Timestamp, elapsed: Duration) -> Self {
        Self {
            outcome,
            detail: Some(detail.into()),
            sent: Vec::new(),
            http2: false,
            status: None,
            headers: Vec::new(),
            raw: Vec::new(),
            body: Vec::new(),
            address: None,
            certificate: None,
            started,
            latency: elapsed,
            elapsed,
        }
    }

    /// The first header of a name (given in lower case), when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .and_then(|(_, value)| std::str::from_utf8(value).ok())
            .map(str::trim)
    }
}

/// Sends single requests.
pub trait Transport: Send + Sync + 'static {
    /// Decides where a URL leads: scheme, port and host pass the guard, names are resolved, each address is looked at.
    fn route<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Route, Refusal>>;

    /// Sends one request along a route and reads the answer within the limits. Never fails: a failure is an outcome.
    fn exchange<'a>(&'a self, request: &'a Request, route: &'a Route) -> BoxFuture<'a, Exchange>;
}
