//! A mail server of the test's own: real connections, a mailbox that is the witness, and faults at every stage.
//!
//! What it does at a stage is decided by a function of the test, which is told where the server is. The function may also wait,
//! so that a test can end the client at exactly that place.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{ca::Authority, site::TlsFault};

/// Where a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Connected, nothing said.
    Greeting,
    /// EHLO was heard.
    Ehlo,
    /// STARTTLS was heard.
    StartTls,
    /// AUTH was heard, whole.
    Auth,
    /// MAIL FROM was heard.
    Mail,
    /// RCPT TO was heard.
    Rcpt,
    /// DATA was heard.
    Data,
    /// Some of the letter was heard.
    Half,
    /// The final dot was heard; nothing is stored yet.
    Dot,
    /// It is stored; nothing was said yet.
    Stored,
    /// RSET was heard.
    Rset,
    /// QUIT was heard.
    Quit,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 12] = [
        Self::Greeting,
        Self::Ehlo,
        Self::StartTls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Half,
        Self::Dot,
        Self::Stored,
        Self::Rset,
        Self::Quit,
    ];
}

/// Where the server is.
#[derive(Debug, Clone)]
pub struct Moment {
    /// In the conversation.
    pub stage: Stage,
    /// Which connection this is, from 0.
    pub connection: usize,
    /// The recipient of the letter, once RCPT was heard.
    pub recipient: String,
    /// How often this stage came before, for this recipient (for all, where there is none yet).
    pub before: usize,
}

/// What the server does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// What a server does.
    Go,
    /// Closes without a word.
    Drop,
    /// Says what a server says, then closes.
    SayAndDrop,
    /// Says this in place of it; nothing is stored. `\r\n` is added.
    Say(String),
    /// Says this and closes.
    SayThenDrop(String),
    /// Says nothing for so long, then closes.
    Stall(Duration),
    /// Says what a server says, a byte each time.
    Trickle(Duration),
}

impl Act {
    /// One answer.
    pub fn say(text: &str) -> Self {
        Self::Say(text.to_owned())
    }
}

/// A letter in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// What was said after MAIL FROM.
    pub from: String,
    /// The address after RCPT TO.
    pub to: String,
    /// The message, without the added dots.
    pub bytes: Vec<u8>,
}

impl Mail {
    /// The values of a header, unfolded, as they stand there.
    pub fn header(&self, name: &str) -> Vec<String> {
        self.headers()
            .into_iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// Names and values of all headers, unfolded.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = String::from_utf8(self.bytes.clone()).expect("ASCII");
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let lines = head.split("\r\n");
        lines.map(|line| line.split_once(':').map(|(n, v)| (n.to_owned(), v.trim().to_owned())).expect(line)).collect()
    }
}

/// How the server protects its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Clear,
    /// TLS at once.
    Implicit,
    /// TLS after STARTTLS.
    StartTls,
}

type Plan = Arc<dyn Fn(&Moment) -> Act + Send + Sync>;

struct Shared {
    plan: Mutex<Plan>,
    protection: Protection,
    login: Option<(String, String)>,
    size: usize,
    tls: Arc<ServerConfig>,
    mailbox: Mutex<Vec<Mail>>,
    heard: Mutex<Vec<String>>,
    seen: Mutex<HashMap<(Stage, String), usize>>,
    connections: AtomicUsize,
    stopping: AtomicBool,
}

/// The server; gone with the value.
pub struct Smtpd {
    address: SocketAddr,
    authority: Arc<Authority>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Smtpd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtpd").field("address", &self.address).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds a conversation on each connection, each in a thread of its own, until the server is stopping.
pub fn serve<S: Send + Sync + 'static>(
    shared: &Arc<S>,
    stopping: fn(&S) -> &AtomicBool,
    talk: fn(Arc<S>, TcpStream) -> io::Result<()>,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let of_all = Arc::clone(shared);
    let thread = std::thread::spawn(move || {
        for stream in listener.incoming() {
            if stopping(&of_all).load(Ordering::Relaxed) {
                break;
            }
            let Ok(stream) = stream else { continue };
            let of_one = Arc::clone(&of_all);
            std::thread::spawn(move || {
                // Whatever breaks a conversation is what the test is about.
                let _ = talk(of_one, stream);
            });
        }
    });
    (address, thread)
}

impl Smtpd {
    /// A server without faults.
    pub fn new(protection: Protection) -> Self {
        Self::with(protection, None, 10 << 20, TlsFault::None)
    }

    /// A server that wants a login, takes letters of this size, and whose certificate has this fault.
    pub fn with(protection: Protection, login: Option<(&str, &str)>, size: usize, fault: TlsFault) -> Self {
        let authority = Arc::new(Authority::new(HashMap::from([("localhost".to_owned(), fault)])));
        let tls = config(&authority);
        let shared = Arc::new(Shared {
            plan: Mutex::new(Arc::new(|_| Act::Go)),
            protection,
            login: login.map(|(user, password)| (user.to_owned(), password.to_owned())),
            size,
            tls,
            mailbox: Mutex::default(),
            heard: Mutex::default(),
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        });
        let (address, thread) =
            serve(&shared, |shared| &shared.stopping, |shared, stream| Talk::begin(shared, stream).and_then(Talk::run));
        Self { address, authority, shared, thread: Some(thread) }
    }

    /// From now on, what it does at each stage.
    pub fn plan(&self, plan: impl Fn(&Moment) -> Act + Send + Sync + 'static) {
        *lock(&self.shared.plan) = Arc::new(plan);
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The certificate of its authority, PEM.
    pub fn ca(&self) -> &Path {
        self.authority.path()
    }

    /// What it stored: the witness.
    pub fn mailbox(&self) -> Vec<Mail> {
        lock(&self.shared.mailbox).clone()
    }

    /// Every line that it was told outside of letters.
    pub fn heard(&self) -> Vec<String> {
        lock(&self.shared.heard).clone()
    }

    /// Connections that were made.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Smtpd {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// TLS with the certificates of an authority.
pub fn config(authority: &Arc<Authority>) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(authority) as _);
    Arc::new(tls)
}

/// A connection, protected or not.
pub enum Stream {
    /// Not protected.
    Clear(TcpStream),
    /// Under TLS.
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Stream {
    /// Under TLS from here on.
    pub fn protected(stream: TcpStream, config: &Arc<ServerConfig>) -> io::Result<Self> {
        let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        Ok(Self::Tls(Box::new(StreamOwned::new(connection, stream))))
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Clear(stream) => stream.read(bytes),
            Self::Tls(stream) => stream.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Clear(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Clear(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// One conversation.
struct Talk {
    shared: Arc<Shared>,
    stream: Stream,
    pending: Vec<u8>,
    connection: usize,
    from: String,
    to: String,
}

/// Whether the conversation goes on, and whether the act leaves the server's own deed to it.
enum Then {
    Deed,
    NoDeed,
    Over,
}

impl Talk {
    fn begin(shared: Arc<Shared>, stream: TcpStream) -> io::Result<Self> {
        let connection = shared.connections.fetch_add(1, Ordering::Relaxed);
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        let stream = match shared.protection {
            Protection::Implicit => Stream::protected(stream, &shared.tls)?,
            Protection::Clear | Protection::StartTls => Stream::Clear(stream),
        };
        Ok(Self { shared, stream, pending: Vec::new(), connection, from: String::new(), to: String::new() })
    }

    /// Asks the plan, and says what it wants said, else `usual`.
    fn at(&mut self, stage: Stage, usual: &str) -> io::Result<Then> {
        let before = {
            let mut seen = lock(&self.shared.seen);
            let count = seen.entry((stage, self.to.clone())).or_default();
            *count += 1;
            *count - 1
        };
        let plan = Arc::clone(&lock(&self.shared.plan));
        let moment = Moment { stage, connection: self.connection, recipient: self.to.clone(), before };
        Ok(match plan(&moment) {
            Act::Go => {
                self.say(usual)?;
                Then::Deed
            }
            Act::Drop => Then::Over,
            Act::SayAndDrop => {
                self.say(usual)?;
                Then::Over
            }
            Act::Say(text) => {
                self.say(&text)?;
                Then::NoDeed
            }
            Act::SayThenDrop(text) => {
                self.say(&text)?;
                Then::Over
            }
            Act::Stall(time) => {
                std::thread::sleep(time);
                Then::Over
            }
            Act::Trickle(pause) => {
                for byte in format!("{usual}\r\n").bytes() {
                    self.stream.write_all(&[byte])?;
                    self.stream.flush()?;
                    std::thread::sleep(pause);
                }
                Then::Deed
            }
        })
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.stream.write_all(format!("{text}\r\n").as_bytes())?;
        self.stream.flush()
    }

    fn more(&mut self) -> io::Result<()> {
        let mut some = [0; 16384];
        let read = self.stream.read(&mut some)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.pending.extend_from_slice(&some[..read]);
        Ok(())
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
                lock(&self.shared.heard).push(line.clone());
                return Ok(line);
            }
            self.more()?;
        }
    }

    fn offers(&self) -> String {
        let mut offers = vec!["localhost".to_owned(), format!("SIZE {}", self.shared.size)];
        if self.shared.protection == Protection::StartTls && matches!(self.stream, Stream::Clear(_)) {
            offers.push("STARTTLS".to_owned());
        } else if self.shared.login.is_some() {
            offers.push("AUTH LOGIN PLAIN".to_owned());
        }
        let last = offers.len() - 1;
        let line = |(place, text): (usize, String)| format!("250{}{text}", if place == last { ' ' } else { '-' });
        offers.into_iter().enumerate().map(line).collect::<Vec<_>>().join("\r\n")
    }

    fn run(mut self) -> io::Result<()> {
        if !matches!(self.at(Stage::Greeting, "220 localhost ESMTP")?, Then::Deed) {
            return Ok(());
        }
        loop {
            let line = self.line()?;
            let verb = line.split_ascii_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let then = match verb.as_str() {
                "EHLO" => {
                    let offers = self.offers();
                    self.at(Stage::Ehlo, &offers)?
                }
                "STARTTLS" => match self.at(Stage::StartTls, "220 go ahead")? {
                    Then::Deed => {
                        let Stream::Clear(stream) = self.stream else { return Ok(()) };
                        self.stream = Stream::protected(stream, &self.shared.tls)?;
                        Then::Deed
                    }
                    then => then,
                },
                "AUTH" => {
                    let good = self.login(&line)?;
                    self.at(Stage::Auth, if good { "235 welcome" } else { "535 who are you" })?
                }
                "MAIL" => {
                    line["MAIL FROM:".len()..].clone_into(&mut self.from);
                    self.to.clear();
                    let locked = self.shared.login.is_some() && !self.logged_in();
                    self.at(Stage::Mail, if locked { "530 log in first" } else { "250 sender ok" })?
                }
                "RCPT" => {
                    line["RCPT TO:".len()..].trim_matches(['<', '>']).clone_into(&mut self.to);
                    self.at(Stage::Rcpt, "250 recipient ok")?
                }
                "DATA" => match self.at(Stage::Data, "354 go on")? {
                    Then::Deed => self.letter()?,
                    then => then,
                },
                "RSET" => self.at(Stage::Rset, "250 forgotten")?,
                "QUIT" => {
                    self.at(Stage::Quit, "221 bye")?;
                    Then::Over
                }
                _ => {
                    self.say("500 what")?;
                    Then::NoDeed
                }
            };
            if matches!(then, Then::Over) {
                return Ok(());
            }
        }
    }

    fn logged_in(&self) -> bool {
        lock(&self.shared.seen).contains_key(&(Stage::Auth, String::new()))
    }

    fn login(&mut self, line: &str) -> io::Result<bool> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let text = |token: &str| String::from_utf8_lossy(&STANDARD.decode(token).unwrap_or_default()).into_owned();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let said = match words.as_slice() {
            [_, "PLAIN", token] => text(token),
            [_, "LOGIN"] => {
                let mut said = String::new();
                for question in ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"] {
                    self.say(&format!("334 {question}"))?;
                    said = format!("{said}\0{}", text(&self.line()?));
                }
                said
            }
            _ => String::new(),
        };
        Ok(self.shared.login.as_ref().is_some_and(|(user, password)| said == format!("\0{user}\0{password}")))
    }

    /// The letter, up to CR LF dot CR LF and nothing that only looks like it.
    fn letter(&mut self) -> io::Result<Then> {
        const END: &[u8] = b"\r\n.\r\n";
        let (mut half, mut looked) = (false, 0);
        let end = loop {
            if !half && !self.pending.is_empty() {
                half = true;
                if !matches!(self.at(Stage::Half, "")?, Then::Deed) {
                    return Ok(Then::Over);
                }
            }
            if let Some(end) = self.pending[looked..].windows(END.len()).position(|some| some == END) {
                break looked + end;
            }
            looked = self.pending.len().saturating_sub(END.len());
            self.more()?;
        };
        let letter: Vec<u8> = self.pending.drain(..end + END.len()).collect();
        let letter = &letter[..end + 2];
        match self.at(Stage::Dot, "")? {
            Then::Deed => {}
            then => return Ok(then),
        }
        let mut bytes = Vec::with_capacity(letter.len());
        for line in letter.split_inclusive(|byte| *byte == b'\n') {
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        lock(&self.shared.mailbox).push(Mail { from: self.from.clone(), to: self.to.clone(), bytes });
        self.at(Stage::Stored, "250 stored")
    }
}
