//! A mailbox on a server of the test's own: real connections, messages that the test puts there, faults at every stage.
//!
//! What it does at a stage is decided by a function of the test. Everything that it is told is kept: that nothing was asked for
//! that changes a mailbox is read from there.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::ServerConfig;

use super::{
    ca::Authority,
    run::Riscontro,
    site::TlsFault,
    smtp::{self, Stream},
};

/// The mailbox's user.
pub const USER: &str = "verifiche@pec.ente.example";
/// Its password.
pub const PASSWORD: &str = "segreto \"canarino\" è\\";

/// A file with a password, as a person makes it, in the home of the binary.
pub fn password(riscontro: &Riscontro, text: &str) -> String {
    let path = riscontro.path("password");
    fs::write(&path, format!("{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Where a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Connected, nothing said.
    Greeting,
    /// CAPABILITY was heard.
    Capability,
    /// Name and password were heard.
    Login,
    /// EXAMINE was heard.
    Examine,
    /// The list of new messages is wanted.
    List,
    /// Headers are wanted.
    Headers,
    /// A message is wanted.
    Message,
}

/// What the server does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// What a server does.
    Go,
    /// Closes without a word.
    Drop,
    /// Says this in place of it; `{tag}` is the command's.
    Say(String),
    /// Says half of what it should, and closes.
    Half,
    /// Says half of what it should, and then nothing.
    HalfThenStall,
    /// Says nothing.
    Stall,
    /// Says what it should, a byte each time.
    Trickle(Duration),
    /// Says this without end.
    Flood(String),
}

impl Act {
    /// One answer.
    pub fn say(text: &str) -> Self {
        Self::Say(text.to_owned())
    }
}

type Plan = Arc<dyn Fn(Stage) -> Act + Send + Sync>;

struct Shared {
    plan: Mutex<Plan>,
    capabilities: Mutex<String>,
    messages: Mutex<BTreeMap<u32, Vec<u8>>>,
    validity: Mutex<u32>,
    heard: Mutex<Vec<String>>,
    tls: Option<Arc<ServerConfig>>,
    stopping: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The server.
pub struct Imapd {
    address: SocketAddr,
    authority: Option<Arc<Authority>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Imapd {
    /// A server in clear.
    pub fn clear() -> Self {
        Self::with(None)
    }

    /// A server under TLS, whose certificate has this fault.
    pub fn tls(fault: TlsFault) -> Self {
        Self::with(Some(Arc::new(Authority::new(HashMap::from([("localhost".to_owned(), fault)])))))
    }

    fn with(authority: Option<Arc<Authority>>) -> Self {
        let shared = Arc::new(Shared {
            plan: Mutex::new(Arc::new(|_| Act::Go)),
            capabilities: Mutex::new("IMAP4rev1 AUTH=PLAIN IDLE".to_owned()),
            messages: Mutex::default(),
            validity: Mutex::new(1_700_000_000),
            heard: Mutex::default(),
            tls: authority.as_ref().map(smtp::config),
            stopping: AtomicBool::new(false),
        });
        let (address, thread) = smtp::serve(
            &shared,
            |shared| &shared.stopping,
            |shared, stream| Talk::begin(shared, stream).and_then(Talk::run),
        );
        Self { address, authority, shared, thread: Some(thread) }
    }

    /// From now on, what it does at each stage.
    pub fn plan(&self, plan: impl Fn(Stage) -> Act + Send + Sync + 'static) {
        *lock(&self.shared.plan) = Arc::new(plan);
    }

    /// From now on, what it says that it can.
    pub fn can(&self, capabilities: &str) {
        capabilities.clone_into(&mut lock(&self.shared.capabilities));
    }

    /// Puts a message there.
    pub fn put(&self, uid: u32, message: impl Into<Vec<u8>>) {
        lock(&self.shared.messages).insert(uid, message.into());
    }

    /// Takes one away.
    pub fn remove(&self, uid: u32) {
        lock(&self.shared.messages).remove(&uid);
    }

    /// Its address as `outbox receipts` wants it.
    pub fn address(&self) -> String {
        let (scheme, port) = (if self.authority.is_some() { "imaps" } else { "imap" }, self.address.port());
        format!("{scheme}://{USER}@localhost:{port}/INBOX")
    }

    /// The certificate of its authority, PEM.
    pub fn ca(&self) -> &Path {
        self.authority.as_ref().expect("a server under TLS").path()
    }

    /// Every line that it was told, and nothing any more from now on.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.shared.heard))
    }
}

impl Drop for Imapd {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Talk {
    shared: Arc<Shared>,
    stream: Stream,
    pending: Vec<u8>,
}

impl Talk {
    fn begin(shared: Arc<Shared>, stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        let stream = match &shared.tls {
            Some(tls) => Stream::protected(stream, tls)?,
            None => Stream::Clear(stream),
        };
        Ok(Self { shared, stream, pending: Vec::new() })
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
                lock(&self.shared.heard).push(line.clone());
                return Ok(line);
            }
            let mut some = [0; 4096];
            let read = self.stream.read(&mut some)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.pending.extend_from_slice(&some[..read]);
        }
    }

    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Waits until the other side has gone.
    fn stall(&mut self) -> io::Result<()> {
        while self.line().is_ok() {}
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    fn at(&mut self, stage: Stage, tag: &str, usual: &[u8]) -> io::Result<()> {
        let over = || Err(io::ErrorKind::ConnectionAborted.into());
        let plan = Arc::clone(&lock(&self.shared.plan));
        match plan(stage) {
            Act::Go => self.say(usual),
            Act::Drop => over(),
            Act::Say(text) => self.say(text.replace("{tag}", tag).as_bytes()),
            Act::Half => {
                self.say(&usual[..usual.len() / 2])?;
                over()
            }
            Act::HalfThenStall => {
                self.say(&usual[..usual.len() / 2])?;
                self.stall()
            }
            Act::Stall => self.stall(),
            Act::Trickle(pause) => {
                for byte in usual {
                    self.say(&[*byte])?;
                    std::thread::sleep(pause);
                }
                Ok(())
            }
            Act::Flood(text) => {
                let block = text.repeat((16 << 10) / text.len() + 1);
                while !self.shared.stopping.load(Ordering::Relaxed) {
                    self.say(block.as_bytes())?;
                }
                over()
            }
        }
    }

    fn run(mut self) -> io::Result<()> {
        self.at(Stage::Greeting, "*", b"* OK pronto\r\n")?;
        loop {
            let line = self.line()?;
            let words: Vec<&str> = line.split(' ').collect();
            let (tag, command) = (words[0], words[1..].join(" "));
            let done = format!("{tag} OK fatto\r\n");
            if command == "CAPABILITY" {
                let said = format!("* CAPABILITY {}\r\n{done}", lock(&self.shared.capabilities));
                self.at(Stage::Capability, tag, said.as_bytes())?;
            } else if command == "AUTHENTICATE PLAIN" {
                self.say(b"+ \r\n")?;
                let token = self.line()?;
                self.login(tag, token == STANDARD.encode(format!("\0{USER}\0{PASSWORD}")))?;
            } else if let Some(said) = command.strip_prefix("LOGIN ") {
                let said = said == format!("\"{USER}\" \"segreto\"");
                self.login(tag, said)?;
            } else if let Some(folder) = command.strip_prefix("EXAMINE ") {
                let (number, next) = {
                    let messages = lock(&self.shared.messages);
                    (messages.len(), messages.last_key_value().map_or(1, |(uid, _)| uid + 1))
                };
                let said = if folder == "\"INBOX\"" {
                    format!(
                        "* FLAGS (\\Seen \\Answered)\r\n* OK [PERMANENTFLAGS ()] x\r\n* {number} EXISTS\r\n* 0 RECENT\r\n\
                         * OK [UIDVALIDITY {}] x\r\n* OK [UIDNEXT {next}] x\r\n{tag} OK [READ-ONLY] fatto\r\n",
                        lock(&self.shared.validity)
                    )
                } else {
                    format!("{tag} NO [NONEXISTENT] non c'\u{e8}\r\n")
                };
                self.at(Stage::Examine, tag, said.as_bytes())?;
            } else if let Some(wanted) = command.strip_prefix("UID FETCH ") {
                let (stage, mut said) = self.fetched(wanted)?;
                said.extend_from_slice(done.as_bytes());
                self.at(stage, tag, &said)?;
            } else if command == "LOGOUT" {
                return self.say(format!("* BYE ciao\r\n{done}").as_bytes());
            } else {
                self.say(format!("{tag} BAD che cosa?\r\n").as_bytes())?;
            }
        }
    }

    fn login(&mut self, tag: &str, good: bool) -> io::Result<()> {
        let said = if good { "OK fatto" } else { "NO [AUTHENTICATIONFAILED] chi siete?" };
        self.at(Stage::Login, tag, format!("{tag} {said}\r\n").as_bytes())
    }

    fn fetched(&mut self, wanted: &str) -> io::Result<(Stage, Vec<u8>)> {
        let odd = || io::Error::other(format!("not one of our commands: {wanted}"));
        let (set, items) = wanted.split_once(' ').ok_or_else(odd)?;
        let messages = lock(&self.shared.messages).clone();
        let chosen: Vec<u32> = match set.split_once(':') {
            Some((first, "*")) => {
                let first: u32 = first.parse().map_err(|_| odd())?;
                // `*` is the last one in any case.
                let last = messages.last_key_value().map(|(uid, _)| *uid);
                messages.keys().copied().filter(|uid| *uid >= first || Some(*uid) == last).collect()
            }
            Some(_) => return Err(odd()),
            None => {
                set.split(',').filter_map(|uid| uid.parse().ok()).filter(|uid| messages.contains_key(uid)).collect()
            }
        };
        let mut said = Vec::new();
        let mut stage = Stage::List;
        for (number, uid) in chosen.into_iter().enumerate() {
            let message = &messages[&uid];
            let part = match items {
                "(UID RFC822.SIZE)" => {
                    said.extend(
                        format!("* {} FETCH (UID {uid} RFC822.SIZE {})\r\n", number + 1, message.len()).bytes(),
                    );
                    continue;
                }
                "(UID BODY.PEEK[HEADER]<0.65536>)" => {
                    stage = Stage::Headers;
                    let end =
                        message.windows(4).position(|some| some == b"\r\n\r\n").map_or(message.len(), |at| at + 4);
                    (&message[..end.min(65_536)], "BODY[HEADER]<0>")
                }
                "(UID BODY.PEEK[]<0.50331649>)" => {
                    stage = Stage::Message;
                    (&message[..message.len().min(50_331_649)], "BODY[]<0>")
                }
                _ => return Err(odd()),
            };
            said.extend(format!("* {} FETCH ({} {{{}}}\r\n", number + 1, part.1, part.0.len()).bytes());
            said.extend_from_slice(part.0);
            said.extend(format!(" UID {uid} FLAGS (\\Recent))\r\n").bytes());
        }
        if said.is_empty() {
            stage = if items.contains("HEADER") { Stage::Headers } else { stage };
        }
        Ok((stage, said))
    }
}
