//! Sites and answers as values: what a test says of its world.

use std::{
    collections::BTreeMap,
    fmt,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// What is wrong with a host's certificate or its TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsFault {
    /// Nothing: a chain up to the tests' authority.
    #[default]
    None,
    /// Past its end date.
    Expired,
    /// Its start date lies in the future.
    NotYetValid,
    /// It names another host.
    WrongName,
    /// It vouches for itself.
    SelfSigned,
    /// Issued by an intermediate authority whose certificate is not sent.
    MissingIntermediate,
    /// The server answers the hello with the alert of servers that know old protocols only.
    Legacy,
    /// What listens there does not speak TLS at all.
    NotTls,
    /// The connection is closed right after the hello.
    Hangup,
}

/// How the body of an answer is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Delivery {
    /// All at once.
    #[default]
    Whole,
    /// In pieces of so many bytes, with a pause before each.
    Drip(usize, Duration),
    /// So many bytes, then the connection breaks.
    CutAfter(usize),
    /// Again and again, without end.
    Endless,
}

/// One answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status; 0 closes the connection without an answer.
    pub status: u16,
    /// Header lines in this order.
    pub headers: Vec<(String, String)>,
    /// The body as sent on the wire.
    pub body: Vec<u8>,
    /// Pause before the head of the answer.
    pub delay: Duration,
    /// How the body is sent.
    pub delivery: Delivery,
}

impl Answer {
    /// An answer with a body and no header of its own.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delay: Duration::ZERO, delivery: Delivery::Whole }
    }

    /// 200, HTML in UTF-8 and labelled so.
    pub fn html(body: impl Into<String>) -> Self {
        Self::new(200, body.into()).header("content-type", "text/html; charset=utf-8")
    }

    /// 200, plain text.
    pub fn text(body: impl Into<String>) -> Self {
        Self::new(200, body.into()).header("content-type", "text/plain; charset=utf-8")
    }

    /// 200, HTML in windows-1252: with the label in the header, or with none anywhere.
    pub fn windows_1252(text: &str, labelled: bool) -> Self {
        let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
        assert!(!lost, "the text has letters that windows-1252 has not");
        let content_type = if labelled { "text/html; charset=windows-1252" } else { "text/html" };
        Self::new(200, bytes.into_owned()).header("content-type", content_type)
    }

    /// A redirect with this status (301, 302, 303, 307, 308).
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::new(status, Vec::new()).header("location", location)
    }

    /// 404 with a small page.
    pub fn not_found() -> Self {
        let mut answer =
            Self::html("<!doctype html><html lang=it><title>404</title><h1>Pagina non trovata</h1></html>");
        answer.status = 404;
        answer
    }

    /// The connection is closed without an answer.
    pub fn dropped() -> Self {
        Self::new(0, Vec::new())
    }

    /// The same answer with another status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// One more header line.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Asks to come back later: `Retry-After` as given (seconds or a date).
    pub fn retry_after(self, value: &str) -> Self {
        self.header("retry-after", value)
    }

    /// The body compressed, and labelled so.
    pub fn gzip(mut self) -> Self {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&self.body).unwrap();
        self.body = encoder.finish().unwrap();
        self.header("content-encoding", "gzip")
    }

    /// HTML that inflates to so many mebibytes of spaces.
    pub fn gzip_bomb(mebibytes: usize) -> Self {
        Self::new(200, vec![b' '; mebibytes << 20]).header("content-type", "text/html; charset=utf-8").gzip()
    }

    /// A pause before the head of the answer.
    pub fn delay(mut self, pause: Duration) -> Self {
        self.delay = pause;
        self
    }

    /// The body in pieces of `size` bytes, with a pause before each.
    pub fn drip(mut self, size: usize, pause: Duration) -> Self {
        self.delivery = Delivery::Drip(size, pause);
        self
    }

    /// The connection breaks after so many bytes of the body; the announced length is that of the whole.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.delivery = Delivery::CutAfter(bytes);
        self
    }

    /// The body again and again, until the client goes away.
    pub fn endless(mut self) -> Self {
        self.delivery = Delivery::Endless;
        self
    }
}

type Dynamic = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

/// The answers of one path, one for each time it is asked; the last one stays.
#[derive(Clone)]
enum Route {
    Sequence(Vec<Answer>, Arc<AtomicUsize>),
    Dynamic(Dynamic),
}

impl Route {
    fn answer(&self, target: &str) -> Answer {
        match self {
            Self::Sequence(answers, asked) => {
                let turn = asked.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
                answers[turn].clone()
            }
            Self::Dynamic(make) => make(target),
        }
    }
}

/// What the plain http port of a host does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlainHttp {
    /// Sends everyone to https, as most comuni do.
    #[default]
    RedirectToHttps,
    /// Serves the same pages as https.
    Same,
}

/// One host and what it serves.
///
/// A host that begins with `www.` also answers under its bare name, with a redirect. Without a robots file of its own
/// it has none (404).
#[derive(Clone)]
pub struct Site {
    /// The host name, lower case.
    pub host: String,
    /// What is wrong with its https.
    pub tls: TlsFault,
    /// What its http port does.
    pub plain: PlainHttp,
    /// False when only HTTP/1.1 is offered over https.
    pub http2: bool,
    /// Bytes written instead of any HTTP, over https and http.
    pub raw: Option<Vec<u8>>,
    /// A pause before every answer, robots included.
    pub latency: Duration,
    routes: BTreeMap<String, Route>,
    prefixes: Vec<(String, Route)>,
    fallback: Answer,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("host", &self.host)
            .field("tls", &self.tls)
            .field("routes", &self.routes.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Site {
    /// An empty site: everything is 404.
    pub fn new(host: &str) -> Self {
        assert_eq!(host, host.to_ascii_lowercase(), "host names are written in lower case");
        Self {
            host: host.to_owned(),
            tls: TlsFault::None,
            plain: PlainHttp::default(),
            http2: true,
            raw: None,
            latency: Duration::ZERO,
            routes: BTreeMap::new(),
            prefixes: Vec::new(),
            fallback: Answer::not_found(),
        }
    }

    /// The robots file.
    pub fn robots(self, text: &str) -> Self {
        self.answer("/robots.txt", Answer::text(text))
    }

    /// The robots file as any answer: an error, a redirect, a slow one.
    pub fn robots_answer(self, answer: Answer) -> Self {
        self.answer("/robots.txt", answer)
    }

    /// A page in HTML.
    pub fn page(self, target: &str, html: impl Into<String>) -> Self {
        self.answer(target, Answer::html(html))
    }

    /// A redirect (302).
    pub fn redirect(self, target: &str, location: &str) -> Self {
        self.answer(target, Answer::redirect(302, location))
    }

    /// An answer with this status, these headers and this body.
    pub fn status(self, target: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let answer = Answer::new(status, body);
        self.answer(target, headers.iter().fold(answer, |answer, (name, value)| answer.header(name, value)))
    }

    /// A page that comes after a pause.
    pub fn slow(self, target: &str, pause: Duration, html: impl Into<String>) -> Self {
        self.answer(target, Answer::html(html).delay(pause))
    }

    /// Any answer. `target` is a path, or a path with its query: the latter wins.
    pub fn answer(self, target: &str, answer: Answer) -> Self {
        self.sequence(target, vec![answer])
    }

    /// One answer after the other, each time the target is asked; the last one stays.
    pub fn sequence(mut self, target: &str, answers: Vec<Answer>) -> Self {
        assert!(target.starts_with('/') && !answers.is_empty(), "a target starts with / and has an answer");
        self.routes.insert(target.to_owned(), Route::Sequence(answers, Arc::default()));
        self
    }

    /// Answers made from the target, for every path below a prefix: traps that never end.
    pub fn prefix(mut self, prefix: &str, make: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        self.prefixes.push((prefix.to_owned(), Route::Dynamic(Arc::new(make))));
        self
    }

    /// What every other path answers, instead of 404. The robots file stays 404 unless it is given.
    pub fn otherwise(mut self, answer: Answer) -> Self {
        self.fallback = answer;
        self
    }

    /// A fault of its https.
    pub fn tls(mut self, fault: TlsFault) -> Self {
        self.tls = fault;
        self
    }

    /// The same pages over plain http.
    pub fn plain_http(mut self) -> Self {
        self.plain = PlainHttp::Same;
        self
    }

    /// Only HTTP/1.1 over https.
    pub fn http1_only(mut self) -> Self {
        self.http2 = false;
        self
    }

    /// These bytes instead of any HTTP answer, then the connection is closed.
    pub fn raw(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw = Some(bytes.into());
        self.http2 = false;
        self
    }

    /// A pause before every answer, robots included.
    pub fn latency(mut self, pause: Duration) -> Self {
        self.latency = pause;
        self
    }

    /// What this site says to a request.
    pub(super) fn reply(&self, target: &str) -> Answer {
        let path = target.split('?').next().unwrap_or_default();
        let route = self
            .routes
            .get(target)
            .or_else(|| self.routes.get(path))
            .or_else(|| self.prefixes.iter().find(|(prefix, _)| path.starts_with(prefix)).map(|(_, route)| route));
        match route {
            Some(route) => route.answer(target),
            None if path == "/robots.txt" => Answer::not_found(),
            None => self.fallback.clone(),
        }
    }

    /// The same site with all its sequences at their beginning: clones of a site share nothing of what was asked.
    pub(super) fn unasked(mut self) -> Self {
        for route in self.routes.values_mut() {
            if let Route::Sequence(_, asked) = route {
                *asked = Arc::default();
            }
        }
        self
    }

    /// Adds the routes of another description of the same host: portals are shared by many comuni.
    pub(super) fn merge(&mut self, other: Self) {
        assert_eq!(self.tls, other.tls, "{}: two descriptions of one host disagree on its TLS", self.host);
        for (target, route) in other.routes {
            self.routes.entry(target).or_insert(route);
        }
        self.prefixes.extend(other.prefixes);
    }
}
