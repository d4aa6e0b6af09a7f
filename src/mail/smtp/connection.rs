//! Answers of a server (RFC 5321, 4.2).

use std::time::Duration;

use tokio::time::Instant;

use super::{Security, Smtp};
use crate::{
    mail::link::{Fault, Link, Unasked},
    report::clean,
};

/// Longest line of an answer; RFC 5321 allows 512.
const LONGEST_LINE: usize = 4096;
/// Most lines of an answer.
const MOST_LINES: usize = 128;
/// Characters of an answer that are kept.
const KEPT: usize = 300;

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

/// A connection to the server.
pub(crate) struct Connection(Link);

impl Connection {
    /// Connects, with TLS where it begins at once.
    pub(crate) async fn open(smtp: &Smtp) -> Result<Self, Fault> {
        let settings = smtp.settings();
        let link = Link::open(&settings.host, settings.port, settings.timeouts.connect).await?;
        let mut connection = Self(link);
        if settings.security == Security::Implicit {
            connection.start_tls(smtp).await?;
        }
        Ok(connection)
    }

    /// Goes on under TLS.
    pub(crate) async fn start_tls(&mut self, smtp: &Smtp) -> Result<(), Fault> {
        let settings = smtp.settings();
        self.0.start_tls(&smtp.tls, &settings.host, settings.timeouts.connect).await
    }

    /// Where we are, for EHLO: an address literal is a name that always holds (RFC 5321, 4.1.4).
    pub(crate) fn literal(&self) -> String {
        match self.0.local() {
            Some(std::net::IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
            Some(std::net::IpAddr::V4(ip)) => format!("[{ip}]"),
            None => "[127.0.0.1]".to_owned(),
        }
    }

    /// Sends bytes; each 64 KiB in a time of their own.
    pub(crate) async fn send(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Fault> {
        self.0.send(bytes, limit).await
    }

    /// One answer, all its lines, within a time.
    pub(crate) async fn reply(&mut self, limit: Duration, what: &'static str) -> Result<Reply, Fault> {
        let deadline = Instant::now() + limit;
        let mut reply: Option<Reply> = None;
        for _ in 0..MOST_LINES {
            let line = self.0.line(LONGEST_LINE, deadline, what).await?;
            let line = String::from_utf8_lossy(&line);
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

    /// What arrives within a time though nobody asked for it.
    pub(crate) async fn unasked(&mut self, within: Duration) -> Unasked {
        self.0.unasked(within).await
    }
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
