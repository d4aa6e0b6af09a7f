//! Bytes to and from the server: limits, time, TLS.

use std::{io, sync::Arc, time::Duration};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Security, Smtp};
use crate::report::clean;

/// Longest line of an answer; RFC 5321 allows 512.
const LONGEST_LINE: usize = 4096;
/// Most lines of an answer.
const MOST_LINES: usize = 128;
/// Characters of an answer that are kept.
const KEPT: usize = 300;

/// Why a conversation cannot go on.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The connection was not made, broke, or was closed.
    Broken(String),
    /// No answer in time.
    Silent(&'static str),
    /// What came is no answer, or none that was asked for.
    Odd(String),
    /// TLS failed: the certificate, or no TLS at all.
    Tls(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(why) => write!(f, "the connection broke: {why}"),
            Self::Silent(what) => write!(f, "no answer in time ({what})"),
            Self::Odd(what) => write!(f, "not an answer to what was asked: {what}"),
            Self::Tls(why) => write!(f, "TLS: {why}"),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        // rustls hands its own errors out as those of the stream.
        let is_tls = error.get_ref().is_some_and(|inner| inner.downcast_ref::<rustls::Error>().is_some());
        if is_tls { Self::Tls(error.to_string()) } else { Self::Broken(error.to_string()) }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Its number.
    pub(crate) code: u16,
    /// Its lines, without numbers.
    pub(crate) lines: Vec<String>,
}

impl Reply {
    /// The answer in one clean line.
    pub(crate) fn told(&self) -> String {
        clean::short(&format!("{} {}", self.code, self.lines.join(" ")), KEPT)
    }
}

enum Stream {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// Between the two.
    None,
}

/// A connection to the server.
pub(crate) struct Connection {
    stream: Stream,
    /// What was received and not looked at yet.
    pending: Vec<u8>,
}

impl Connection {
    /// Connects, with TLS where it begins at once. The server is named by the operator, so addresses inside are no offence:
    /// the guard is about what pages name.
    pub(crate) async fn open(smtp: &Smtp) -> Result<Self, Fault> {
        let settings = smtp.settings();
        let limit = settings.timeouts.connect;
        let lookup = tokio::net::lookup_host((settings.host.as_str(), settings.port));
        let addresses = timeout(limit, lookup).await.map_err(|_| Fault::Silent("name"))??;
        let mut last = Fault::Broken("the name of the server has no address".to_owned());
        for address in addresses.take(8) {
            match timeout(limit, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    let mut connection = Self { stream: Stream::Clear(stream), pending: Vec::new() };
                    if settings.security == Security::Implicit {
                        connection.start_tls(smtp).await?;
                    }
                    return Ok(connection);
                }
                Ok(Err(error)) => last = error.into(),
                Err(_) => last = Fault::Silent("connection"),
            }
        }
        Err(last)
    }

    /// Goes on under TLS. Whatever was received before is not believed (RFC 3207, 5: it may have been put in by others).
    pub(crate) async fn start_tls(&mut self, smtp: &Smtp) -> Result<(), Fault> {
        let settings = smtp.settings();
        if !self.pending.is_empty() {
            return Err(Fault::Odd("more than the answer came before TLS".to_owned()));
        }
        let Stream::Clear(stream) = std::mem::replace(&mut self.stream, Stream::None) else {
            return Err(Fault::Tls("it is on already".to_owned()));
        };
        let name = ServerName::try_from(settings.host.clone()).map_err(|error| Fault::Tls(error.to_string()))?;
        let connecting = TlsConnector::from(Arc::clone(&smtp.tls)).connect(name, stream);
        match timeout(settings.timeouts.connect, connecting).await {
            Ok(Ok(stream)) => {
                self.stream = Stream::Tls(Box::new(stream));
                Ok(())
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Fault::Silent("TLS")),
        }
    }

    /// Where we are, for EHLO: an address literal is a name that always holds (RFC 5321, 4.1.4).
    pub(crate) fn literal(&self) -> String {
        let stream = match &self.stream {
            Stream::Clear(stream) => Some(stream),
            Stream::Tls(stream) => Some(stream.get_ref().0),
            Stream::None => None,
        };
        match stream.and_then(|stream| stream.local_addr().ok()).map(|address| address.ip()) {
            Some(std::net::IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
            Some(std::net::IpAddr::V4(ip)) => format!("[{ip}]"),
            None => "[127.0.0.1]".to_owned(),
        }
    }

    /// Sends bytes; each 64 KiB in a time of their own.
    pub(crate) async fn send(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Fault> {
        for block in bytes.chunks(64 << 10) {
            let work = async {
                match &mut self.stream {
                    Stream::Clear(stream) => stream.write_all(block).await,
                    Stream::Tls(stream) => stream.write_all(block).await,
                    Stream::None => Err(io::ErrorKind::NotConnected.into()),
                }
            };
            timeout(limit, work).await.map_err(|_| Fault::Silent("sending"))??;
        }
        let flush = async {
            match &mut self.stream {
                Stream::Clear(stream) => stream.flush().await,
                Stream::Tls(stream) => stream.flush().await,
                Stream::None => Err(io::ErrorKind::NotConnected.into()),
            }
        };
        timeout(limit, flush).await.map_err(|_| Fault::Silent("sending"))??;
        Ok(())
    }

    async fn receive(&mut self) -> Result<usize, io::Error> {
        let mut some = [0; 4096];
        let read = match &mut self.stream {
            Stream::Clear(stream) => stream.read(&mut some).await?,
            Stream::Tls(stream) => stream.read(&mut some).await?,
            Stream::None => 0,
        };
        self.pending.extend_from_slice(&some[..read]);
        Ok(read)
    }

    /// One answer, all its lines, within a time.
    pub(crate) async fn reply(&mut self, limit: Duration, what: &'static str) -> Result<Reply, Fault> {
        let deadline = Instant::now() + limit;
        let mut reply: Option<Reply> = None;
        for _ in 0..MOST_LINES {
            let line = self.line(deadline, what).await?;
            let (code, last, text) = parsed(&line).ok_or_else(|| Fault::Odd(clean::short(&line, KEPT)))?;
            let reply = reply.get_or_insert(Reply { code, lines: Vec::new() });
            if reply.code != code {
                return Err(Fault::Odd(clean::short(&line, KEPT)));
            }
            reply.lines.push(text.to_owned());
            if last {
                return Ok(reply.clone());
            }
        }
        Err(Fault::Odd("an answer without an end".to_owned()))
    }

    async fn line(&mut self, deadline: Instant, what: &'static str) -> Result<String, Fault> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.pending.len() > LONGEST_LINE {
                return Err(Fault::Odd("a line without an end".to_owned()));
            }
            match timeout_at(deadline, self.receive()).await {
                Err(_) => return Err(Fault::Silent(what)),
                Ok(Ok(0)) => return Err(Fault::Broken("the server closed it".to_owned())),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// What arrives within a time though nobody asked for it.
    pub(crate) async fn unasked(&mut self, within: Duration) -> Unasked {
        if self.pending.is_empty() {
            match timeout(within, self.receive()).await {
                Err(_) => return Unasked::Nothing,
                Ok(Ok(0) | Err(_)) => return Unasked::Closed,
                Ok(Ok(_)) => {}
            }
        }
        Unasked::Words
    }
}

/// What a server did unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// Nothing, as it should be.
    Nothing,
    /// It said something.
    Words,
    /// It closed the connection.
    Closed,
}

/// Number, whether it is the last line, and text.
fn parsed(line: &str) -> Option<(u16, bool, &str)> {
    let code = line.get(..3)?;
    if !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let code: u16 = code.parse().ok().filter(|code| (200..600).contains(code))?;
    match line.as_bytes().get(3) {
        None => Some((code, true, "")),
        Some(b' ') => Some((code, true, &line[4..])),
        Some(b'-') => Some((code, false, &line[4..])),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_three_digits() {
        assert_eq!(parsed("250 ok"), Some((250, true, "ok")));
        assert_eq!(parsed("250-SIZE 5"), Some((250, false, "SIZE 5")));
        assert_eq!(parsed("354"), Some((354, true, "")));
        for odd in ["", "25", "25x", "2500", "999 x", "100 x", "HTTP/1.1 400", "+250", "250\u{e8}", "è50"] {
            assert_eq!(parsed(odd), None, "{odd}");
        }
    }
}
