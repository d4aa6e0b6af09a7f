//! The transport: one request out, one answer in, under every limit.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use url::{Host, Url};

use super::{
    BoxFuture, ConnectTo, Exchange, Method, Refusal, Request, Route, Transport,
    answer::{self, Answer},
    classify::Failure,
    decode,
    dial::{Dial, Mark, Pins},
    guard::{self, Destination},
    resolver::Resolver,
    tls::Tls,
};
use crate::{clock::Clock, model::FetchOutcome};

/// What bounds one request. The defaults are the project's promises; tests shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the whole resolution of one name. Default 5 s.
    pub resolve: Duration,
    /// For the connection: TCP and TLS, over all addresses of the route. Default 10 s.
    pub connect: Duration,
    /// From the standing connection to the complete head of the answer. Default 15 s.
    pub first_byte: Duration,
    /// For the whole request, body included. Default 30 s.
    pub whole: Duration,
    /// How long an idle connection is kept for the next request. Default 30 s.
    pub idle: Duration,
    /// Largest body as received, in bytes. Default 8 MiB.
    pub max_raw: usize,
    /// Largest body (received and decoded) of an answer that is not a 2xx, in bytes: enough to recognise what it is. Default
    /// 512 KiB.
    pub max_error_body: usize,
    /// Largest head, names and values together, in bytes. Default 64 KiB.
    pub max_header_bytes: u32,
    /// Most header lines. Default 128.
    pub max_header_lines: usize,
    /// Archives and documents are read to their end, up to the limits. Default false: of what is no page only enough to
    /// recognise it.
    pub archives: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(15),
            whole: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            max_raw: 8 * 1024 * 1024,
            max_error_body: 512 * 1024,
            max_header_bytes: 64 * 1024,
            max_header_lines: 128,
            archives: false,
        }
    }
}

/// Certificates of authorities that are trusted besides Mozilla's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaCertificates {
    /// A PEM file, one or more certificates.
    File(PathBuf),
    /// PEM text.
    Pem(Vec<u8>),
}

/// What a [`Client`] is built from.
#[derive(Debug, Clone, Default)]
pub struct ClientSettings {
    /// The `User-Agent`: `riscontro/VERSION (+CONTACT)`. Must be printable ASCII, not empty.
    pub agent: String,
    /// The limits.
    pub limits: Limits,
    /// The DNS server to ask, alone; `None` asks the system's. Its own address may be any, loopback included.
    pub resolver: Option<SocketAddr>,
    /// Authorities trusted besides Mozilla's.
    pub ca_certificates: Vec<CaCertificates>,
    /// The operator's exceptions to the guard; the first that matches wins.
    pub connect_to: Vec<ConnectTo>,
    /// An explicit proxy: `http`, `https` or `socks5`. Its own address may be any. It resolves names itself, so the guard sees
    /// URLs only and not what they resolve to. The proxies of the environment are never used.
    pub proxy: Option<Url>,
}

/// Why a [`Client`] cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// The agent string is not a header value.
    #[error("the agent name `{0}` is not printable ASCII")]
    Agent(String),
    /// A file of authorities cannot be read.
    #[error("cannot read the CA certificates in {path}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A file of authorities holds no usable certificate.
    #[error("no usable CA certificate in {name}: {reason}")]
    CaCertificate {
        /// The file, or `the settings`.
        name: String,
        /// The reason.
        reason: String,
    },
    /// The set of trusted roots cannot be used.
    #[error("the trusted roots cannot be used: {reason}")]
    Roots {
        /// The reason.
        reason: String,
    },
    /// The proxy is not an http, https or socks5 URL.
    #[error("`{0}` is not an http, https or socks5 proxy")]
    Proxy(String),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
}

/// The addresses that the idle connections of an authority may lead to.
struct Lately {
    addresses: Vec<SocketAddr>,
    at: Instant,
}

/// The [`Transport`] that goes over the network.
///
/// One connection per host is kept idle for the next request. It was pinned when it was opened; when a later route for
/// the same host has no address in common with it, the request goes over a connection of its own instead. A request is
/// repeated in two cases only, once and within its limits: when the connection it went over had been idle and was
/// closed before any byte of an answer (RFC 9112, 9.3.1), and when the server agreed on HTTP/2 and then did not speak it.
pub struct Client {
    pooled: reqwest::Client,
    single: reqwest::Client,
    proxied: Option<reqwest::Client>,
    proxy: Option<Url>,
    resolver: Resolver,
    connect_to: Vec<ConnectTo>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    lately: Mutex<HashMap<String, Lately>>,
    agent: HeaderValue,
}

/// The body of a [`Client::post`], and its media type.
struct Posted<'a> {
    kind: &'static str,
    body: &'a [u8],
}

/// How one request will be put on the wire.
struct Plan<'a> {
    client: &'a reqwest::Client,
    url: Url,
    host_header: Option<HeaderValue>,
    host: String,
    addresses: Vec<SocketAddr>,
}

impl Client {
    /// Builds a client. Reads the CA files; does no network I/O.
    pub fn new(settings: ClientSettings, clock: Arc<dyn Clock>) -> Result<Self, NetError> {
        let ClientSettings { agent, limits, resolver, ca_certificates, connect_to, proxy } = settings;
        let agent = HeaderValue::from_str(&agent)
            .ok()
            .filter(|value| !value.is_empty() && value.to_str().is_ok())
            .ok_or(NetError::Agent(agent))?;
        let mut roots = Vec::new();
        for source in ca_certificates {
            roots.push(match source {
                CaCertificates::Pem(pem) => ("the settings".to_owned(), pem),
                CaCertificates::File(path) => match std::fs::read(&path) {
                    Ok(pem) => (path.display().to_string(), pem),
                    Err(source) => return Err(NetError::CaFile { path, source }),
                },
            });
        }
        let tls = Tls::new(&roots, Arc::clone(&clock))?;
        let build = |protocols: &[&[u8]], idle: usize, proxy: Option<reqwest::Proxy>| {
            let builder = reqwest::Client::builder().no_proxy();
            let builder = match proxy {
                Some(proxy) => builder.proxy(proxy),
                None => builder,
            };
            builder
                .user_agent(agent.clone())
                .default_headers(headers())
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .retry(reqwest::retry::never())
                .tls_backend_preconfigured(tls.offering(protocols))
                .tls_info(true)
                .dns_resolver(Pins)
                .connector_layer(Mark)
                .connect_timeout(limits.connect)
                .pool_idle_timeout(limits.idle)
                .pool_max_idle_per_host(idle)
                .http1_max_headers(limits.max_header_lines)
                // As browsers do; none of it can split a header.
                .http1_ignore_invalid_headers_in_responses(true)
                .http1_allow_obsolete_multiline_headers_in_responses(true)
                .http1_allow_spaces_after_header_name_in_responses(true)
                // A list larger than this breaks the stream without saying why; what is between is measured by us.
                .http2_max_header_list_size(limits.max_header_bytes.saturating_mul(4))
                .build()
                .map_err(NetError::Client)
        };
        let both: &[&[u8]] = &[b"h2", b"http/1.1"];
        let proxied = match &proxy {
            Some(url) => Some(build(both, 1, Some(explicit_proxy(url)?))?),
            None => None,
        };
        Ok(Self {
            pooled: build(both, 1, None)?,
            single: build(&[b"http/1.1"], 0, None)?,
            proxied,
            proxy,
            resolver: Resolver::new(resolver, limits.resolve, Arc::clone(&clock)),
            connect_to,
            limits,
            clock,
            lately: Mutex::new(HashMap::new()),
            agent,
        })
    }

    async fn find_route(&self, url: &Url) -> Result<Route, Refusal> {
        match guard::destination(url, &self.connect_to)? {
            Destination::Named(target) => Ok(Route::Direct(vec![target])),
            _ if self.proxied.is_some() => Ok(Route::Proxy),
            Destination::Literal(address) => Ok(Route::Direct(vec![address])),
            Destination::Name(name, port) => {
                let answers = self
                    .resolver
                    .addresses(&name)
                    .await
                    .map_err(|failure| Refusal { outcome: FetchOutcome::Dns, detail: failure.to_string() })?;
                guard::check_answers(&answers)?;
                Ok(Route::Direct(answers.into_iter().map(|ip| SocketAddr::new(ip, port)).collect()))
            }
        }
    }

    /// Turns a URL and its route into what the HTTP client is given. Looks at every address once more: a route is plain
    /// data, and this is the last place before the socket.
    async fn plan(&self, url: &Url, route: &Route) -> Result<Plan<'_>, Refusal> {
        let refused = |detail: &str| Refusal { outcome: FetchOutcome::AddressRefused, detail: detail.to_owned() };
        let mut sent = url.clone();
        sent.set_fragment(None);
        // Cannot fail for URLs with a host; without one the guard refuses below.
        let _ = sent.set_username("");
        let _ = sent.set_password(None);
        if let Some(name) = sent.domain().and_then(|name| name.strip_suffix('.')).map(str::to_owned) {
            sent.set_host(Some(&name)).map_err(|_| refused("bad-name"))?;
        }
        let addresses = match route {
            Route::Proxy => return self.plan_proxied(sent).await,
            Route::Direct(addresses) => addresses.clone(),
        };
        let destination = guard::destination(url, &self.connect_to)?;
        if addresses.is_empty() || !addresses.iter().all(|address| guard::may_dial(*address, &self.connect_to)) {
            return Err(refused("unpinned"));
        }
        let (host, literal) = match sent.host() {
            Some(Host::Domain(name)) => (name.to_owned(), None),
            Some(Host::Ipv4(address)) => (String::new(), Some(IpAddr::V4(address))),
            Some(Host::Ipv6(address)) => (String::new(), Some(IpAddr::V6(address))),
            None => return Err(refused("bad-name")),
        };
        let mut host_header = None;
        let port = sent.port_or_known_default().unwrap_or(0);
        let target = addresses[0];
        if let Some(literal) = literal {
            // The client dials literals without asking anyone: the URL itself has to say the pinned address.
            if addresses.len() > 1 || (matches!(destination, Destination::Literal(a) if a != target)) {
                return Err(refused("unpinned"));
            }
            if literal != target.ip() && sent.scheme() == "https" {
                // The certificate would be checked for the other address.
                return Err(refused("literal-over-tls"));
            }
            if target != SocketAddr::new(literal, port) {
                host_header = authority(&sent);
                sent.set_ip_host(target.ip()).map_err(|()| refused("bad-name"))?;
                sent.set_port(Some(target.port())).map_err(|()| refused("bad-name"))?;
            }
        } else if sent.port().is_some() && target.port() != port {
            // A port that stands in the URL overrides the pinned one: the URL has to carry the pinned one.
            host_header = authority(&sent);
            sent.set_port(Some(target.port())).map_err(|()| refused("bad-name"))?;
        }
        // HTTP/2 would send the rewritten authority: such requests, and those that must not meet an idle connection
        // of another route, go over HTTP/1.1 on a connection of their own.
        let alone = host_header.is_some() || !self.same_as_lately(&sent, &addresses);
        let client = if alone { &self.single } else { &self.pooled };
        Ok(Plan { client, url: sent, host_header, host, addresses })
    }

    async fn plan_proxied(&self, sent: Url) -> Result<Plan<'_>, Refusal> {
        guard::check_url(&sent)?;
        let (Some(client), Some(proxy)) = (&self.proxied, &self.proxy) else {
            return Err(Refusal { outcome: FetchOutcome::AddressRefused, detail: "unpinned".to_owned() });
        };
        let host = proxy.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        // Parsed again, because in a `socks5` URL an address is a mere name to the URL parser.
        let addresses: Vec<IpAddr> = match Host::parse(&host) {
            // Dialled as it stands.
            Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => Vec::new(),
            Ok(_) if host == "localhost" => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            Ok(_) => self
                .resolver
                .addresses(&host)
                .await
                .map_err(|failure| Refusal { outcome: FetchOutcome::Dns, detail: format!("proxy: {failure}") })?,
        };
        let port = proxy.port_or_known_default().unwrap_or(1080);
        let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        Ok(Plan { client, url: sent, host_header: None, host, addresses })
    }

    /// False when an idle connection for this authority may lead to none of these addresses.
    fn same_as_lately(&self, url: &Url, addresses: &[SocketAddr]) -> bool {
        const PRUNE_AT: usize = 4096;
        let key = format!("{}//{}", url.scheme(), url.authority());
        let now = self.clock.instant();
        // Twice the idle time: a connection may have been in use when it was last noted.
        let fresh =
            |lately: &Lately| now.saturating_duration_since(lately.at) < 2 * self.limits.idle + self.limits.whole;
        let mut map = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= PRUNE_AT {
            map.retain(|_, lately| fresh(lately));
        }
        if let Some(lately) = map.get(&key)
            && fresh(lately)
            && !lately.addresses.iter().any(|address| addresses.contains(address))
        {
            return false;
        }
        map.insert(key, Lately { addresses: addresses.to_vec(), at: now });
        true
    }

    async fn attempt(
        &self,
        plan: &Plan<'_>,
        client: &reqwest::Client,
        (request, posted): (&Request, Option<&Posted<'_>>),
        deadline: tokio::time::Instant,
    ) -> (Arc<Dial>, Result<Answer, Failure>) {
        let dial = Dial::new(plan.host.clone(), plan.addresses.clone());
        let method = match (request.method, posted) {
            (_, Some(_)) => reqwest::Method::POST,
            (Method::Get, None) => reqwest::Method::GET,
            (Method::Head, None) => reqwest::Method::HEAD,
        };
        let mut wire = reqwest::Request::new(method, plan.url.clone());
        if let Some(posted) = posted {
            *wire.body_mut() = Some(posted.body.to_vec().into());
            wire.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(posted.kind));
        }
        for (name, value) in &request.headers {
            // Conditional requests and the like; what identifies or steers a connection is not the caller's to set.
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
                && !matches!(name.as_str(), "host" | "cookie" | "authorization" | "proxy-authorization" | "user-agent")
            {
                wire.headers_mut().insert(name, value);
            }
        }
        if let Some(value) = &plan.host_header {
            wire.headers_mut().insert(HOST, value.clone());
        }
        let answer = answer::receive(client, wire, &dial, &self.limits, request.max_body, deadline, &*self.clock).await;
        (dial, answer)
    }

    /// The header lines of a request, for the record.
    fn sent(&self, request: &Request) -> Vec<(String, Vec<u8>)> {
        let own = authority(&request.url).map(|host| (HOST, host)).into_iter();
        let own = own
            .chain([(USER_AGENT, self.agent.clone())])
            .chain(headers().into_iter().filter_map(|(name, value)| Some((name?, value))));
        let own = own.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
        let extra = request.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone().into_bytes()));
        own.chain(extra).collect()
    }

    /// Posts a body to a service that the operator named (an authority of time stamps), under the guard and the limits of
    /// every request. Not part of [`Transport`], so that nothing that visits sites can post.
    pub async fn post(&self, url: &Url, kind: &'static str, body: &[u8], max_body: usize) -> Exchange {
        let (started, begun) = (self.clock.now(), self.clock.instant());
        let request = Request { url: url.clone(), method: Method::Get, max_body, headers: Vec::new() };
        match self.find_route(url).await {
            Ok(route) => self.send(&request, Some(&Posted { kind, body }), &route).await,
            Err(refusal) => {
                let elapsed = self.clock.instant().saturating_duration_since(begun);
                Exchange::failed(refusal.outcome, refusal.detail, started, elapsed)
            }
        }
    }

    async fn send(&self, request: &Request, posted: Option<&Posted<'_>>, route: &Route) -> Exchange {
        let started = self.clock.now();
        let begun = self.clock.instant();
        let since = |clock: &dyn Clock| clock.instant().saturating_duration_since(begun);
        let plan = match self.plan(&request.url, route).await {
            Ok(plan) => plan,
            Err(refusal) => return Exchange::failed(refusal.outcome, refusal.detail, started, since(&*self.clock)),
        };
        let deadline = tokio::time::Instant::now() + self.limits.whole;
        let (dial, mut answer) = self.attempt(&plan, plan.client, (request, posted), deadline).await;
        if let Err(failure) = &answer
            && ((failure.closed_early && dial.reused()) || failure.not_http2)
            && *route != Route::Proxy
        {
            tracing::debug!(url = %plan.url, reason = %failure.detail, "sent once more on a new connection");
            answer = self.attempt(&plan, &self.single, (request, posted), deadline).await.1;
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return Exchange::failed(failure.outcome, failure.detail, started, since(&*self.clock)),
        };
        let direct = *route != Route::Proxy;
        let head = request.method == Method::Head;
        let (answer, body, fault) = undo_encodings(answer, request.max_body, head, &self.limits).await;
        let outcome = match (&answer.cut, fault) {
            (_, Some(fault)) if fault.is_total() => FetchOutcome::Undecodable,
            (None, None) => FetchOutcome::Ok,
            _ => FetchOutcome::Cut,
        };
        let Answer { http2, status, headers, raw, cut, address, certificate, latency } = answer;
        Exchange {
            sent: self.sent(request),
            http2,
            outcome,
            detail: match fault {
                Some(fault) if fault.is_total() || cut.is_none() => Some(fault.to_string()),
                _ => cut,
            },
            status: Some(status),
            headers,
            raw,
            body,
            address: address.filter(|_| direct),
            certificate,
            started,
            latency,
            elapsed: since(&*self.clock),
        }
    }
}

/// Undoes the content encodings, off the async threads when there are any.
async fn undo_encodings(
    mut answer: Answer,
    max_body: usize,
    head: bool,
    limits: &Limits,
) -> (Answer, Vec<u8>, Option<decode::Fault>) {
    let limit = if answer.is_success() { max_body } else { max_body.min(limits.max_error_body) };
    if head || answer.raw.is_empty() {
        return (answer, Vec::new(), None);
    }
    let encodings: Vec<Vec<u8>> =
        answer.headers.iter().filter(|(name, _)| name == "content-encoding").map(|(_, value)| value.clone()).collect();
    if encodings.is_empty() {
        let decoded = decode::decode(&answer.raw, [], limit);
        return (answer, decoded.body, decoded.fault);
    }
    let raw = Arc::new(std::mem::take(&mut answer.raw));
    let shared = Arc::clone(&raw);
    let work = move || decode::decode(&shared, encodings.iter().map(Vec::as_slice), limit);
    // A decoder that panics on hostile bytes loses its answer, not the program.
    let decoded = tokio::task::spawn_blocking(work).await;
    answer.raw = Arc::unwrap_or_clone(raw);
    match decoded {
        Ok(decoded) => (answer, decoded.body, decoded.fault),
        Err(_) => (answer, Vec::new(), Some(decode::Fault::Undecodable)),
    }
}

/// The host and port of a URL as a `Host` header has them.
fn authority(url: &Url) -> Option<HeaderValue> {
    let host = url.host_str()?;
    let text = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    HeaderValue::from_str(&text).ok()
}

/// What every request says besides its agent. Italian first: many sites answer in the language that is asked for; German
/// and French because South Tyrol and the Aosta Valley publish in them.
fn headers() -> HeaderMap {
    HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml;q=0.9,*/*;q=0.5")),
        (ACCEPT_LANGUAGE, HeaderValue::from_static("it,de;q=0.6,fr;q=0.5,en;q=0.3")),
        (ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, br")),
    ])
}

fn explicit_proxy(url: &Url) -> Result<reqwest::Proxy, NetError> {
    let shown = || {
        // Without its password: this text ends in messages.
        let mut shown = url.clone();
        let _ = shown.set_password(None);
        NetError::Proxy(shown.to_string())
    };
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") || url.host_str().is_none_or(str::is_empty) {
        return Err(shown());
    }
    // `socks5` would have us resolve names; the proxy does it (`socks5h`).
    let text = match url.as_str().strip_prefix("socks5://") {
        Some(rest) => format!("socks5h://{rest}"),
        None => url.to_string(),
    };
    reqwest::Proxy::all(text).map_err(|_| shown())
}

impl Transport for Client {
    fn route<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Route, Refusal>> {
        Box::pin(self.find_route(url))
    }

    fn exchange<'a>(&'a self, request: &'a Request, route: &'a Route) -> BoxFuture<'a, Exchange> {
        Box::pin(self.send(request, None, route))
    }
}
