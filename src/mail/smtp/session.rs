//! The verbs.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Security, Smtp,
    connection::{Connection, Reply},
};
use crate::{
    mail::{
        link::{Fault, Unasked},
        wire,
    },
    model::MailAddress,
    store::StoreError,
};

/// How long it is looked whether a server says more than it was asked: long enough for what it sent in one go.
const GLANCE: Duration = Duration::from_millis(2);

/// Letters over one connection; servers close it after so many themselves.
const LETTERS: u32 = 100;

/// Why a server cannot be spoken to. It says nothing of any letter.
#[derive(Debug)]
pub(crate) enum NoSession {
    /// It is not there, or not now.
    Unreachable(String),
    /// Its certificate, or no TLS where TLS is a must.
    Tls(String),
    /// It does not let us in.
    Login(String),
}

/// What became of one letter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// The server took it.
    Taken(String),
    /// Not now: certainly not taken.
    NotNow(String),
    /// The conversation had ended before this letter was begun; a new one may take it.
    Stale(String),
    /// Never: certainly not taken.
    Never(String),
    /// Everything was sent, and no answer came that says yes or no.
    Unknown(String),
    /// The server wants something of us before it takes any letter: a login.
    Locked(String),
    /// The letter is not ours any more; the final dot was not sent.
    Withdrawn,
}

/// A conversation that has come as far as letters.
pub(crate) struct Session {
    smtp: Smtp,
    connection: Connection,
    /// Largest letter that the server takes; none when it does not say or sets no limit.
    size: Option<u64>,
    says_size: bool,
    letters: u32,
    usable: bool,
}

impl Session {
    /// Connects, greets, protects the connection as the settings say, and logs in.
    pub(crate) async fn open(smtp: &Smtp) -> Result<Self, NoSession> {
        let settings = smtp.settings();
        let mut connection = Connection::open(smtp).await.map_err(of_fault)?;
        let limit = settings.timeouts.verb;
        let greeting = connection.reply(limit, "greeting").await.map_err(of_fault)?;
        if greeting.code != 220 {
            return Err(NoSession::Unreachable(greeting.told()));
        }
        let mut offers = greet(smtp, &mut connection).await?;
        if settings.security == Security::StartTls {
            if !offers.lines.iter().any(|line| line.eq_ignore_ascii_case("STARTTLS")) {
                return Err(NoSession::Tls("the server does not offer STARTTLS".to_owned()));
            }
            let reply = ask(&mut connection, "STARTTLS", smtp, "STARTTLS").await.map_err(of_fault)?;
            if reply.code != 220 {
                return Err(NoSession::Tls(reply.told()));
            }
            connection.start_tls(smtp).await.map_err(of_fault)?;
            // What was offered in clear counts no more (RFC 3207, 4.2).
            offers = greet(smtp, &mut connection).await?;
        }
        if settings.login.is_some() {
            log_in(smtp, &mut connection, &offers).await?;
        }
        let offered = |name: &str| {
            offers.lines.iter().find_map(|line| {
                let mut words = line.split_ascii_whitespace();
                words.next().filter(|word| word.eq_ignore_ascii_case(name)).map(|_| words.next().map(str::to_owned))
            })
        };
        let said = offered("SIZE");
        let size = said.clone().flatten().and_then(|size| size.parse().ok()).filter(|size| *size > 0);
        Ok(Self { smtp: smtp.clone(), connection, size, says_size: said.is_some(), letters: 0, usable: true })
    }

    /// Whether another letter may go over this connection.
    pub(crate) fn is_usable(&self) -> bool {
        self.usable && self.letters < LETTERS
    }

    /// Gives one letter to the server. `before_dot` is asked when everything but the final dot was sent; without its yes the dot
    /// is not sent.
    pub(crate) async fn give(
        &mut self,
        to: &MailAddress,
        bytes: &[u8],
        before_dot: &impl AsyncFn() -> Result<bool, StoreError>,
    ) -> Result<Given, StoreError> {
        let reused = self.letters > 0;
        self.letters += 1;
        // Until the server has said so, we are not at a place where another letter could begin.
        self.usable = false;
        if let Some(size) = self.size.filter(|size| *size < bytes.len() as u64) {
            self.usable = true;
            return Ok(Given::Never(format!("{} bytes, and the server takes no more than {size}", bytes.len())));
        }
        // Servers close a conversation after some letters, or some time.
        match self.begin(bytes.len()).await {
            Ok(None) => {}
            Ok(Some(Given::NotNow(told))) if reused && told.starts_with("421") => return Ok(Given::Stale(told)),
            Ok(Some(given)) => return Ok(given),
            Err(fault) if reused => return Ok(Given::Stale(fault.to_string())),
            Err(fault) => return Ok(Given::NotNow(fault.to_string())),
        }
        match self.prepare(to, bytes).await {
            Ok(None) => {}
            Ok(Some(given)) => return Ok(given),
            Err(fault) => return Ok(Given::NotNow(fault.to_string())),
        }
        if !before_dot().await? {
            return Ok(Given::Withdrawn);
        }
        Ok(self.finish().await)
    }

    /// The sender; an answer other than yes ends it.
    async fn begin(&mut self, bytes: usize) -> Result<Option<Given>, Fault> {
        let size = if self.says_size { format!(" SIZE={bytes}") } else { String::new() };
        let from = format!("MAIL FROM:<{}>{size}", self.smtp.settings().from);
        let reply = ask(&mut self.connection, &from, &self.smtp, "MAIL").await?;
        if reply.code == 250 { Ok(None) } else { self.refused(&reply, "MAIL").await.map(Some) }
    }

    /// Everything else before the final dot.
    async fn prepare(&mut self, to: &MailAddress, bytes: &[u8]) -> Result<Option<Given>, Fault> {
        let settings = self.smtp.settings().clone();
        let to = format!("RCPT TO:<{to}>");
        for (verb, what, good) in [(to.as_str(), "RCPT", &[250, 251][..]), ("DATA", "DATA", &[354][..])] {
            let reply = ask(&mut self.connection, verb, &self.smtp, what).await?;
            if !good.contains(&reply.code) {
                return self.refused(&reply, what).await.map(Some);
            }
        }
        self.connection.send(&wire::stuffed(bytes), settings.timeouts.block).await?;
        match self.connection.unasked(GLANCE).await {
            Unasked::Nothing => Ok(None),
            // Noticed here it is certain; noticed after the dot nobody would know.
            Unasked::Closed => Err(Fault::Broken("the server closed it".to_owned())),
            Unasked::Words => {
                // An answer in the middle of the letter; the server will not take it any more.
                let reply = self.connection.reply(settings.timeouts.verb, "letter").await?;
                let told = reply.told();
                Ok(Some(if reply.code >= 500 { Given::Never(told) } else { Given::NotNow(told) }))
            }
        }
    }

    /// An answer that is not the one that was wanted, before anything of the letter was sent.
    async fn refused(&mut self, reply: &Reply, what: &'static str) -> Result<Given, Fault> {
        let told = reply.told();
        let given = match reply.code {
            421 => return Ok(Given::NotNow(told)),
            // The settings lack something; that is not the letter's fault.
            530 | 534 | 535 | 538 => return Ok(Given::Locked(told)),
            400..500 => Given::NotNow(told),
            500..600 => Given::Never(told),
            _ => return Err(Fault::Odd(format!("{told} ({what})"))),
        };
        // Back to where a letter can begin. A server that does not say so is left.
        if let Ok(reply) = ask(&mut self.connection, "RSET", &self.smtp, "RSET").await {
            self.usable = reply.code == 250;
        }
        Ok(given)
    }

    /// The dot, and what the server says to it. Whatever goes wrong from here on, nobody knows.
    async fn finish(&mut self) -> Given {
        let limits = self.smtp.settings().timeouts;
        if let Err(fault) = self.connection.send(b".\r\n", limits.block).await {
            return Given::Unknown(fault.to_string());
        }
        let reply = match self.connection.reply(limits.end, "end of letter").await {
            Ok(reply) => reply,
            Err(fault) => return Given::Unknown(fault.to_string()),
        };
        let told = reply.told();
        if self.connection.unasked(GLANCE).await == Unasked::Words {
            // Two answers to one question: the second has to say the same, or neither can be believed.
            return match self.connection.reply(limits.verb, "end of letter").await {
                Ok(second) if second.code == 250 && reply.code == 250 => Given::Taken(told),
                Ok(second) => Given::Unknown(format!("{told} / {}", second.told())),
                Err(fault) => Given::Unknown(format!("{told} / {fault}")),
            };
        }
        match reply.code {
            250 => {
                self.usable = true;
                Given::Taken(told)
            }
            421 => Given::NotNow(told),
            400..500 => {
                self.usable = true;
                Given::NotNow(told)
            }
            500..600 => {
                self.usable = true;
                Given::Never(told)
            }
            _ => Given::Unknown(told),
        }
    }

    /// Takes leave. The answer changes nothing, and is not waited for long.
    pub(crate) async fn close(mut self) {
        if self.usable && self.connection.send(b"QUIT\r\n", Duration::from_secs(5)).await.is_ok() {
            let _ = self.connection.reply(Duration::from_secs(5), "QUIT").await;
        }
    }
}

/// Says a line and waits for its answer. Verbs are made of words of ours, of addresses that hold no break, and of base64.
async fn ask(connection: &mut Connection, line: &str, smtp: &Smtp, what: &'static str) -> Result<Reply, Fault> {
    match connection.unasked(Duration::ZERO).await {
        Unasked::Nothing => {}
        Unasked::Words => return Err(Fault::Odd(format!("something before {what}"))),
        Unasked::Closed => return Err(Fault::Broken("the server closed it".to_owned())),
    }
    let limits = smtp.settings().timeouts;
    connection.send(format!("{line}\r\n").as_bytes(), limits.verb).await?;
    connection.reply(if what == "DATA" { limits.data } else { limits.verb }, what).await
}

/// EHLO, and what the server offers. A server that knows only HELO can neither protect nor log in; we ask for EHLO.
async fn greet(smtp: &Smtp, connection: &mut Connection) -> Result<Reply, NoSession> {
    let hello = format!("EHLO {}", connection.literal());
    let offers = ask(connection, &hello, smtp, "EHLO").await.map_err(of_fault)?;
    if offers.code == 250 { Ok(offers) } else { Err(NoSession::Unreachable(offers.told())) }
}

async fn log_in(smtp: &Smtp, connection: &mut Connection, offers: &Reply) -> Result<(), NoSession> {
    let Some(login) = &smtp.settings().login else { return Ok(()) };
    let ways: Vec<String> = offers
        .lines
        .iter()
        .filter_map(|line| line.to_ascii_uppercase().replace('=', " ").strip_prefix("AUTH ").map(str::to_owned))
        .flat_map(|ways| ways.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let has = |way: &str| ways.iter().any(|one| one == way);
    let (user, password) = (&login.user, login.password.expose());
    let reply = if has("PLAIN") {
        let token = STANDARD.encode(format!("\0{user}\0{password}"));
        ask(connection, &format!("AUTH PLAIN {token}"), smtp, "AUTH").await.map_err(of_fault)?
    } else if has("LOGIN") {
        let mut reply = ask(connection, "AUTH LOGIN", smtp, "AUTH").await.map_err(of_fault)?;
        for part in [user.as_str(), password] {
            if reply.code != 334 {
                break;
            }
            reply = ask(connection, &STANDARD.encode(part), smtp, "AUTH").await.map_err(of_fault)?;
        }
        reply
    } else {
        return Err(NoSession::Login("the server offers neither AUTH PLAIN nor AUTH LOGIN".to_owned()));
    };
    match reply.code {
        235 => Ok(()),
        400..500 => Err(NoSession::Unreachable(reply.told())),
        _ => Err(NoSession::Login(reply.told())),
    }
}

fn of_fault(fault: Fault) -> NoSession {
    match fault {
        Fault::Tls(why) => NoSession::Tls(why),
        other => NoSession::Unreachable(other.to_string()),
    }
}
