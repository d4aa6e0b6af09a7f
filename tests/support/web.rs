//! The two listeners of the local web, and the service behind them.

use std::{
    collections::HashMap,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::{
    Method, Request, Response,
    body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint},
    header,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::mpsc,
};
use tokio_rustls::LazyConfigAcceptor;

use super::{
    ca::Authority,
    log::{Entry, Log},
    site::{Answer, Delivery, PlainHttp, Site, TlsFault},
};

/// A running local web. It lives on threads of its own, so that plain tests and async tests use it alike, and ends
/// when it is dropped.
pub struct Web {
    http: SocketAddr,
    https: SocketAddr,
    authority: Arc<Authority>,
    log: Log,
    hosts: Vec<String>,
    runtime: Option<Runtime>,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("http", &self.http).field("https", &self.https).finish_non_exhaustive()
    }
}

/// The sites of a web that is not started yet.
#[derive(Debug, Default)]
pub struct Builder {
    sites: HashMap<String, Site>,
}

impl Builder {
    /// Adds a site. A second description of the same host adds its routes to the first.
    pub fn site(mut self, site: Site) -> Self {
        let site = site.unasked();
        match self.sites.get_mut(&site.host) {
            Some(known) => known.merge(site),
            None => drop(self.sites.insert(site.host.clone(), site)),
        }
        self
    }

    /// Adds many sites.
    pub fn sites(self, sites: impl IntoIterator<Item = Site>) -> Self {
        sites.into_iter().fold(self, Self::site)
    }

    /// Binds two free ports on 127.0.0.1 and serves.
    pub fn start(self) -> Web {
        let faults = self.sites.values().map(|site| (site.host.clone(), site.tls)).collect();
        let authority = Arc::new(Authority::new(faults));
        let mut hosts: Vec<String> = self.sites.keys().cloned().collect();
        hosts.extend(self.sites.keys().filter_map(|host| host.strip_prefix("www.")).map(str::to_owned));
        hosts.sort();
        let log = Log::default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("local-web")
            .enable_all()
            .build()
            .unwrap();
        let state = Arc::new(State {
            sites: self.sites,
            log: log.clone(),
            authority: Arc::clone(&authority),
            tls: [tls_config(&authority, true), tls_config(&authority, false)],
        });
        let http = listen(&runtime, &state, "http");
        let https = listen(&runtime, &state, "https");
        Web { http, https, authority, log, hosts, runtime: Some(runtime) }
    }
}

impl Web {
    /// A web without sites, to add them.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A web of these sites.
    pub fn of(sites: impl IntoIterator<Item = Site>) -> Self {
        Self::builder().sites(sites).start()
    }

    /// Where plain http is served.
    pub const fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where https is served.
    pub const fn https(&self) -> SocketAddr {
        self.https
    }

    /// The root certificate as a PEM file.
    pub fn ca_file(&self) -> &Path {
        self.authority.path()
    }

    /// The authority, for a client of the test's own.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// What arrived.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// The flags that send every name on ports 80 and 443 here, and trust this web's authority.
    pub fn flags(&self) -> Vec<String> {
        vec![
            "--connect-to".to_owned(),
            format!(":80:127.0.0.1:{}", self.http.port()),
            "--connect-to".to_owned(),
            format!(":443:127.0.0.1:{}", self.https.port()),
            "--ca-certificate".to_owned(),
            self.ca_file().display().to_string(),
        ]
    }

    /// The same for the hosts of this web only, name by name: every other name is left to the resolver, so that a test
    /// with a name server of its own can have names that fail.
    pub fn flags_by_host(&self) -> Vec<String> {
        let mut flags = vec!["--ca-certificate".to_owned(), self.ca_file().display().to_string()];
        for host in &self.hosts {
            for (port, address) in [(80, self.http), (443, self.https)] {
                flags.extend(["--connect-to".to_owned(), format!("{host}:{port}:127.0.0.1:{}", address.port())]);
            }
        }
        flags
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct State {
    sites: HashMap<String, Site>,
    log: Log,
    authority: Arc<Authority>,
    /// With HTTP/2 offered, and without.
    tls: [Arc<ServerConfig>; 2],
}

impl State {
    /// The site of a host, and true when it was asked by the bare name of a `www.` host.
    fn find(&self, host: &str) -> Option<(&Site, bool)> {
        self.sites
            .get(host)
            .map(|site| (site, false))
            .or_else(|| self.sites.get(&format!("www.{host}")).map(|site| (site, true)))
    }
}

fn tls_config(authority: &Arc<Authority>, http2: bool) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(authority) as _);
    config.alpn_protocols = if http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    Arc::new(config)
}

fn listen(runtime: &Runtime, state: &Arc<State>, scheme: &'static str) -> SocketAddr {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let state = Arc::clone(state);
    runtime.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            let state = Arc::clone(&state);
            let connection = state.log.connected(scheme);
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                if scheme == "https" {
                    accept_tls(stream, state, connection).await;
                } else {
                    accept_plain(stream, state, connection).await;
                }
            });
        }
    });
    address
}

async fn accept_tls(stream: TcpStream, state: Arc<State>, connection: u64) {
    let mut acceptor = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream);
    let mut start = match (&mut acceptor).await {
        Ok(start) => start,
        Err(error) => return state.log.handshake_failed(connection, error.to_string()),
    };
    let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
    state.log.greeted(connection, name.as_deref());
    let name = name.unwrap_or_default();
    match state.authority.fault(&name) {
        // A fatal alert `protocol_version`: what servers that stop at TLS 1.0 or 1.1 say (RFC 8446, 6.2).
        TlsFault::Legacy => {
            let _ = start.io.write_all(&[0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]).await;
            let _ = start.io.shutdown().await;
            return;
        }
        TlsFault::NotTls => {
            let _ = start.io.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await;
            let _ = start.io.shutdown().await;
            return;
        }
        TlsFault::Hangup => return,
        _ => {}
    }
    let site = state.find(&name).map(|(site, _)| site);
    let config = Arc::clone(&state.tls[usize::from(site.is_some_and(|site| !site.http2))]);
    let raw = site.and_then(|site| site.raw.clone());
    match start.into_stream(config).await {
        Ok(mut stream) => match raw {
            Some(bytes) => send_raw(&mut stream, &bytes).await,
            None => serve(stream, state, "https", connection).await,
        },
        Err(error) => state.log.handshake_failed(connection, error.to_string()),
    }
}

async fn accept_plain(mut stream: TcpStream, state: Arc<State>, connection: u64) {
    // Only where some site answers raw bytes must the host be known before HTTP begins.
    if state.sites.values().any(|site| site.raw.is_some() && site.plain == PlainHttp::Same)
        && let Some(host) = peek_host(&stream).await
        && let Some((site, _)) = state.find(&host)
        && site.plain == PlainHttp::Same
        && let Some(bytes) = site.raw.clone()
    {
        return send_raw(&mut stream, &bytes).await;
    }
    serve(stream, state, "http", connection).await;
}

/// The host of a plain request that has arrived but is not read yet.
async fn peek_host(stream: &TcpStream) -> Option<String> {
    let mut buffer = vec![0_u8; 8192];
    loop {
        let size = stream.peek(&mut buffer).await.ok().filter(|&size| size > 0)?;
        let head = String::from_utf8_lossy(&buffer[..size]).to_ascii_lowercase();
        if head.contains("\r\n\r\n") || size == buffer.len() {
            let host = head.lines().find_map(|line| line.strip_prefix("host:"))?;
            return Some(host.trim().split(':').next().unwrap_or_default().to_owned());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn send_raw<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) {
    use tokio::io::AsyncReadExt as _;
    let mut request = [0_u8; 4096];
    let _ = stream.read(&mut request).await;
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
}

async fn serve<S>(stream: S, state: Arc<State>, scheme: &'static str, connection: u64)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| respond(Arc::clone(&state), scheme, connection, request));
    // An error here is a client that went away or an answer that was meant to break: both are in the log.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

/// The connection ends without an answer, as the site wants it.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Dropped {}

async fn respond(
    state: Arc<State>,
    scheme: &'static str,
    connection: u64,
    request: Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let host = host_of(&request);
    let target = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let found = state.find(&host);
    let sequence = state.log.arrived(Entry {
        sequence: 0,
        connection,
        start: Instant::now(),
        end: None,
        scheme,
        host: host.clone(),
        target: target.clone(),
        method: request.method().to_string(),
        agent: text_of(request.headers().get(header::USER_AGENT)),
        headers: request.headers().iter().map(|(name, value)| (name.to_string(), text_of(Some(value)))).collect(),
        status: 0,
        stray: found.is_none(),
    });
    let open = Open { log: state.log.clone(), sequence };
    let answer = match found {
        None => Answer::text(format!("{host}: no such site here")).status(421),
        Some(_) if request.method() != Method::GET && request.method() != Method::HEAD => {
            Answer::text("only GET and HEAD").status(405)
        }
        Some((site, _)) if scheme == "http" && site.plain == PlainHttp::RedirectToHttps => {
            Answer::redirect(301, &format!("https://{host}{target}"))
        }
        Some((site, true)) => Answer::redirect(301, &format!("{scheme}://{}{target}", site.host)),
        Some((site, false)) => {
            let mut answer = site.reply(&target);
            answer.delay += site.latency;
            answer
        }
    };
    tokio::time::sleep(answer.delay).await;
    if answer.status == 0 {
        return Err(Dropped);
    }
    state.log.answered(sequence, answer.status);
    Ok(build(answer, request.method() == Method::HEAD, open))
}

fn host_of(request: &Request<Incoming>) -> String {
    let authority = request.uri().authority().map(ToString::to_string);
    let host = authority.unwrap_or_else(|| text_of(request.headers().get(header::HOST)));
    host.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

fn text_of(value: Option<&header::HeaderValue>) -> String {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

fn build(answer: Answer, head: bool, open: Open) -> Response<Body> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, header::HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    if matches!(answer.delivery, Delivery::CutAfter(_)) || head {
        response = response.header(header::CONTENT_LENGTH, answer.body.len());
    }
    let bytes = Bytes::from(answer.body);
    let body = match answer.delivery {
        _ if head => Body::Whole(None, open),
        Delivery::Whole => Body::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()), open),
        Delivery::Drip(size, pause) => Body::pieces(open, async move |pipe| {
            for piece in bytes.chunks(size.max(1)) {
                tokio::time::sleep(pause).await;
                if pipe.send(Ok(bytes.slice_ref(piece))).await.is_err() {
                    return;
                }
            }
        }),
        Delivery::CutAfter(size) => Body::pieces(open, async move |pipe| {
            let _ = pipe.send(Ok(bytes.slice(..size.min(bytes.len())))).await;
            // What was sent must leave before the break: an error at once would take it along.
            tokio::time::sleep(Duration::from_millis(50)).await;
            let _ = pipe.send(Err(io::Error::other("cut on purpose"))).await;
        }),
        Delivery::Endless => Body::pieces(open, async move |pipe| while pipe.send(Ok(bytes.clone())).await.is_ok() {}),
    };
    response.body(body).unwrap()
}

/// Marks a request as ended, whichever way it ends.
struct Open {
    log: Log,
    sequence: usize,
}

impl Open {
    fn finish(&self) {
        self.log.finished(self.sequence);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.finish();
    }
}

enum Body {
    Whole(Option<Bytes>, Open),
    Pieces(mpsc::Receiver<io::Result<Bytes>>, Open),
}

impl Body {
    fn pieces<F>(open: Open, send: impl FnOnce(mpsc::Sender<io::Result<Bytes>>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(send(sender));
        Self::Pieces(receiver, open)
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Whole(bytes, open) => {
                // Ended before the bytes leave: a client that reads them and asks again at once is no overlap.
                open.finish();
                Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes))))
            }
            Self::Pieces(receiver, open) => receiver.poll_recv(cx).map(|piece| {
                if piece.is_none() {
                    open.finish();
                }
                piece.map(|piece| piece.map(Frame::data))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None, _))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes, _) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Pieces(..) => SizeHint::default(),
        }
    }
}
