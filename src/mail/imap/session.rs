//! The commands.

use std::{collections::BTreeMap, time::Duration};

use base64::{
    Engine as _,
    alphabet::Alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use tokio::time::Instant;

use super::{
    Imap, ImapTrouble, ImapTroubleKind,
    answer::{self, Answer, Part, Section, Status},
};
use crate::{
    mail::{
        link::{Fault, Link},
        receipt,
    },
    report::clean,
};

/// Longest line of an answer, in bytes: lists of flags are the longest.
const LONGEST_LINE: usize = 64 << 10;
/// Most pieces of an answer.
const MOST_PARTS: usize = 64;
/// Most answers to one command: one for each message of a very large folder.
const MOST_ANSWERS: usize = 2_000_000;
/// Bytes of the headers that are looked at before a message is asked for whole.
pub(super) const HEADERS: u64 = 64 << 10;
/// Characters of an answer that are kept.
const KEPT: usize = 300;

/// A folder that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mail) struct Opened {
    /// UIDVALIDITY.
    pub(in crate::mail) uid_validity: u32,
    /// UIDNEXT, where the server says it.
    pub(in crate::mail) uid_next: Option<u32>,
    /// Messages in it.
    pub(in crate::mail) messages: u32,
}

/// What came of asking for a message.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::mail) enum Got {
    /// Its bytes; one more than [`receipt::LIMIT`] when there are more.
    Bytes(Vec<u8>),
    /// It is not there any more.
    Gone,
    /// The server does not hand it out.
    Refused,
}

/// New messages of a folder.
#[derive(Debug, Default)]
pub(in crate::mail) struct Listed {
    /// UID and size in bytes, the oldest first.
    pub(in crate::mail) messages: BTreeMap<u32, u64>,
    /// There are more than were wanted.
    pub(in crate::mail) more: bool,
}

/// A conversation with a server that let us in.
pub(in crate::mail) struct Session<'a> {
    imap: &'a Imap,
    link: Link,
    /// Commands so far; each has its number.
    commands: u32,
    /// When it has to be over.
    end: Instant,
}

/// How a command ended: what was said.
type Ended = (Status, String);

impl<'a> Session<'a> {
    /// Connects, protects the connection, and logs in.
    pub(in crate::mail) async fn open(imap: &'a Imap) -> Result<Self, ImapTrouble> {
        let (address, limits) = (imap.address(), imap.settings.timeouts);
        let end = Instant::now() + limits.total;
        let mut link = Link::open(address.host(), address.port(), limits.connect).await?;
        if !address.is_clear() {
            link.start_tls(&imap.tls, address.host(), limits.connect).await?;
        }
        let mut session = Self { imap, link, commands: 0, end };
        let deadline = session.deadline(limits.verb);
        match session.answer(deadline, "greeting", 0).await? {
            Answer::State(Status::Ok, _) => {}
            // Somebody who is let in without a word would be believed to be the mailbox that was meant.
            Answer::State(Status::PreAuth, _) => {
                return Err(trouble(ImapTroubleKind::Odd, "the server did not ask who we are"));
            }
            Answer::State(Status::Bye, said) => return Err(trouble(ImapTroubleKind::Refused, &format!("BYE {said}"))),
            _ => return Err(Fault::Odd("no greeting".to_owned()).into()),
        }
        session.log_in().await?;
        Ok(session)
    }

    fn deadline(&self, limit: Duration) -> Instant {
        (Instant::now() + limit).min(self.end)
    }

    /// Whether its time is over.
    pub(in crate::mail) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// One answer, with literals of at most so many bytes in all.
    async fn answer(&mut self, deadline: Instant, what: &'static str, literals: u64) -> Result<Answer, Fault> {
        // A server that never pauses would never be late otherwise.
        if Instant::now() >= deadline {
            return Err(Fault::Silent(what));
        }
        let (mut parts, mut left) = (Vec::new(), literals);
        loop {
            let line = self.link.line(LONGEST_LINE, deadline, what).await?;
            let announced = if parts.is_empty() && answer::is_text(&line) { None } else { answer::announced(&line) };
            let Some((size, before)) = announced else {
                let told = clean::short(&String::from_utf8_lossy(&line), KEPT);
                parts.push(Part::Line(line));
                return answer::read(parts).ok_or(Fault::Odd(told));
            };
            if parts.len() >= MOST_PARTS {
                return Err(Fault::Odd("an answer without an end".to_owned()));
            }
            let fits = usize::try_from(size).ok().filter(|_| size <= left);
            let Some(bytes) = fits else {
                return Err(Fault::Odd(format!("{size} bytes announced, {left} asked for")));
            };
            parts.push(Part::Line(before.to_vec()));
            parts.push(Part::Literal(self.link.exactly(bytes, deadline, what).await?));
            left -= size;
        }
    }

    /// Says a command and hands everything that comes before its end to `each`. `next` is what the server may ask for once.
    async fn ask(
        &mut self,
        command: &str,
        next: Option<&str>,
        (what, limit, literals): (&'static str, Duration, u64),
        mut each: impl FnMut(Answer),
    ) -> Result<Ended, ImapTrouble> {
        let deadline = self.deadline(limit);
        self.commands += 1;
        let tag = format!("A{}", self.commands);
        self.link.send(format!("{tag} {command}\r\n").as_bytes(), limit).await?;
        let mut next = next;
        for _ in 0..MOST_ANSWERS {
            match self.answer(deadline, what, literals).await? {
                Answer::Done(said, status, text) if said == tag => return Ok((status, text)),
                Answer::Done(..) => return Err(Fault::Odd(format!("an answer to another command ({what})")).into()),
                Answer::Go => match next.take() {
                    Some(next) => self.link.send(format!("{next}\r\n").as_bytes(), limit).await?,
                    None => return Err(Fault::Odd(format!("the server waits for something ({what})")).into()),
                },
                Answer::State(Status::Bye, said) => {
                    return Err(trouble(ImapTroubleKind::Refused, &format!("BYE {said}")));
                }
                answer => each(answer),
            }
        }
        Err(Fault::Odd(format!("answers without an end ({what})")).into())
    }

    fn short(&self, what: &'static str) -> (&'static str, Duration, u64) {
        (what, self.imap.settings.timeouts.verb, 0)
    }

    async fn log_in(&mut self) -> Result<(), ImapTrouble> {
        let mut can = Vec::new();
        let note = |answer| {
            if let Answer::Can(words) = answer {
                can = words;
            }
        };
        let (status, said) = self.ask("CAPABILITY", None, self.short("CAPABILITY"), note).await?;
        if status != Status::Ok {
            return Err(refused("CAPABILITY", status, &said));
        }
        let has = |name: &str| can.iter().any(|one| one == name);
        let (user, password) = (self.imap.address().user(), self.imap.settings.password.expose());
        let token = STANDARD.encode(format!("\0{user}\0{password}"));
        let (status, said) = if has("AUTH=PLAIN") {
            self.ask("AUTHENTICATE PLAIN", Some(&token), self.short("AUTHENTICATE"), |_| {}).await?
        } else if has("LOGINDISABLED") {
            return Err(trouble(ImapTroubleKind::Login, "the server offers neither AUTH=PLAIN nor LOGIN"));
        } else if let (Some(user), Some(password)) = (quoted(user), quoted(password)) {
            self.ask(&format!("LOGIN {user} {password}"), None, self.short("LOGIN"), |_| {}).await?
        } else {
            return Err(trouble(
                ImapTroubleKind::Login,
                "user or password are not ASCII, and the server knows LOGIN only",
            ));
        };
        // A server may repeat what it was told.
        let said = said.replace(password, "***").replace(&token, "***");
        match status {
            Status::Ok => Ok(()),
            // The server's own fault, or too many at once (RFC 5530).
            _ if ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"].iter().any(|code| answer::has_code(&said, code)) => {
                Err(refused("login", status, &said))
            }
            _ => Err(trouble(ImapTroubleKind::Login, &said)),
        }
    }

    /// Opens the folder, for reading only.
    pub(in crate::mail) async fn examine(&mut self) -> Result<Opened, ImapTrouble> {
        let (mut validity, mut uid_next, mut messages) = (None, None, 0);
        let folder = quoted(&modified_utf7(self.imap.address().folder()));
        let command = format!("EXAMINE {}", folder.unwrap_or_default());
        let note = |answer| match answer {
            Answer::Exists(number) => messages = number,
            Answer::State(Status::Ok, said) => {
                validity = answer::code_number(&said, "UIDVALIDITY").or(validity);
                uid_next = answer::code_number(&said, "UIDNEXT").or(uid_next);
            }
            _ => {}
        };
        match self.ask(&command, None, self.short("EXAMINE"), note).await? {
            (Status::Ok, _) => {}
            (Status::No, said) => return Err(trouble(ImapTroubleKind::NoFolder, &said)),
            (status, said) => return Err(refused("EXAMINE", status, &said)),
        }
        match validity.filter(|validity| *validity > 0) {
            Some(uid_validity) => Ok(Opened { uid_validity, uid_next, messages }),
            None => Err(Fault::Odd("the server's messages have no lasting numbers (UIDVALIDITY)".to_owned()).into()),
        }
    }

    /// The messages after one, the oldest first, at most `most`.
    pub(in crate::mail) async fn list(&mut self, after: u32, most: usize) -> Result<Listed, ImapTrouble> {
        let mut listed = Listed::default();
        let Some(first) = after.checked_add(1) else { return Ok(listed) };
        let limits = ("list", self.imap.settings.timeouts.message, 0);
        let note = |answer| {
            let Answer::Fetch(fetched) = answer else { return };
            // `*` is the last message, also when that is an older one.
            let Some((uid, size)) = fetched.uid.zip(fetched.size).filter(|(uid, _)| *uid > after) else { return };
            listed.messages.insert(uid, size);
            if listed.messages.len() > most {
                listed.messages.pop_last();
                listed.more = true;
            }
        };
        match self.ask(&format!("UID FETCH {first}:* (UID RFC822.SIZE)"), None, limits, note).await? {
            (Status::Ok, _) => Ok(listed),
            (status, said) => Err(refused("FETCH", status, &said)),
        }
    }

    /// The first [`HEADERS`] bytes of the headers of messages, of those that the server hands out.
    pub(in crate::mail) async fn headers(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Vec<u8>>, ImapTrouble> {
        let mut headers = BTreeMap::new();
        let all: Vec<String> = uids.iter().map(u32::to_string).collect();
        let command = format!("UID FETCH {} (UID BODY.PEEK[HEADER]<0.{HEADERS}>)", all.join(","));
        let note = |answer| {
            if let Answer::Fetch(fetched) = answer
                && let (Some(uid), Some((Section::Header, bytes))) = (fetched.uid, fetched.bytes)
                && uids.contains(&uid)
            {
                headers.insert(uid, bytes);
            }
        };
        let limits = ("headers", self.imap.settings.timeouts.message, HEADERS);
        match self.ask(&command, None, limits, note).await? {
            // Some of them may be gone; each of those is asked for by itself.
            (Status::Ok | Status::No, _) => Ok(headers),
            (status, said) => Err(refused("FETCH", status, &said)),
        }
    }

    /// One message, without its being marked as seen.
    pub(in crate::mail) async fn message(&mut self, wanted: u32) -> Result<Got, ImapTrouble> {
        let most = receipt::LIMIT + 1;
        let mut got = Got::Gone;
        let command = format!("UID FETCH {wanted} (UID BODY.PEEK[]<0.{most}>)");
        let note = |answer| {
            if let Answer::Fetch(fetched) = answer
                && let (Some(uid), Some((Section::Whole, bytes))) = (fetched.uid, fetched.bytes)
                && uid == wanted
            {
                got = Got::Bytes(bytes);
            }
        };
        match self.ask(&command, None, ("message", self.imap.settings.timeouts.message, most), note).await? {
            (Status::Ok, _) => Ok(got),
            (Status::No, _) => Ok(Got::Refused),
            (status, said) => Err(refused("FETCH", status, &said)),
        }
    }

    /// Takes leave. The answer changes nothing, and is not waited for.
    pub(in crate::mail) async fn close(mut self) {
        let _ = self.link.send(b"Z LOGOUT\r\n", Duration::from_secs(5)).await;
    }
}

/// Whether headers were cut at [`HEADERS`].
pub(in crate::mail) fn are_cut(headers: &[u8]) -> bool {
    headers.len() as u64 >= HEADERS
}

fn trouble(kind: ImapTroubleKind, said: &str) -> ImapTrouble {
    ImapTrouble { kind, detail: clean::short(said, KEPT) }
}

fn refused(what: &str, status: Status, said: &str) -> ImapTrouble {
    let word = if status == Status::No { "NO" } else { "BAD" };
    trouble(ImapTroubleKind::Refused, &format!("{what}: {word} {said}"))
}

/// A text between quotes (RFC 3501, 4.3); `None` when it cannot stand there.
fn quoted(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return None;
    }
    Some(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// The name of a folder as IMAP writes it (RFC 3501, 5.1.3): what is not ASCII in a base64 of its own.
fn modified_utf7(name: &str) -> String {
    let alphabet = Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
    let Ok(alphabet) = alphabet else { return name.to_owned() };
    let engine = GeneralPurpose::new(&alphabet, GeneralPurposeConfig::new().with_encode_padding(false));
    let (mut out, mut wide) = (String::new(), Vec::new());
    let flush = |wide: &mut Vec<u8>, out: &mut String| {
        if !wide.is_empty() {
            out.push_str(&format!("&{}-", engine.encode(&wide)));
            wide.clear();
        }
    };
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut wide, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            wide.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut wide, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_are_written_as_the_rules_say() {
        for (name, written) in [
            ("INBOX.Posta inviata", "INBOX.Posta inviata"),
            ("A&B", "A&-B"),
            ("Già lette", "Gi&AOA- lette"),
            // The example of RFC 3501.
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(modified_utf7(name), written);
        }
        assert_eq!(quoted("a\"b\\c").as_deref(), Some("\"a\\\"b\\\\c\""));
        assert_eq!((quoted("a\r\nb"), quoted("è")), (None, None));
    }
}
