//! A letter to the bytes that leave.

use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use lettre::{
    Address, Message,
    message::{
        Body, MultiPart, SinglePart,
        header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use super::{Unsafe, check, encode};
use crate::{
    VERSION,
    evidence::sha256,
    model::{MailAddress, Mailbox},
    report::clean,
};

/// Characters of a subject that are kept.
const SUBJECT: usize = 300;
/// Characters of a file name that are kept.
const FILE_NAME: usize = 100;
/// Characters of a header that must stand as it is, such as `List-Unsubscribe`.
const STRUCTURED: usize = 900;

/// Headers that are ours to write.
const OURS: [&str; 14] = [
    "from",
    "to",
    "cc",
    "bcc",
    "sender",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "return-path",
];

/// What is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// The subject; any text, cleaned and cut at 300 characters.
    pub subject: String,
    /// The text that everybody can read.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
    /// Further headers by name, such as `List-Unsubscribe`. A name of ours or one that is no name is refused; a value
    /// may be any text.
    pub headers: Vec<(String, String)>,
}

/// A file that goes with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name; any text, made into a name that every system takes.
    pub name: String,
    /// Its kind (`text/csv; charset=utf-8`); one that is none counts as `application/octet-stream`.
    pub mime: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// From whom, to whom, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The sender.
    pub from: Mailbox,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<Mailbox>,
    /// The one recipient.
    pub to: MailAddress,
    /// The Message-ID, see [`message_id`].
    pub message_id: String,
    /// The date that the letter bears.
    pub date: Timestamp,
}

/// Why no letter could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// A further header that is not one, or is ours.
    #[error("`{0}` is no header that a letter may bring along")]
    Header(String),
    /// The Message-ID is none.
    #[error("no Message-ID")]
    MessageId,
    /// The library refused it.
    #[error("the letter could not be put together: {0}")]
    Library(String),
    /// What came out may not go over a wire. A fault of ours.
    #[error("the letter could not be put together: {0}")]
    Unsafe(#[from] Unsafe),
}

/// The Message-ID of a letter: one for each key and sender's domain, so that a letter that is made again is the same letter.
pub fn message_id(key: &str, from: &MailAddress) -> String {
    format!("<{}@{}>", short_digest(&format!("{key}\n{from}")), from.domain())
}

/// 128 bits of a digest, as 32 hexadecimal digits: enough that no two texts share it.
pub(super) fn short_digest(text: &str) -> String {
    let mut digest = sha256(text.as_bytes());
    digest.truncate(32);
    digest
}

/// The final bytes: lines of at most 998 characters with CRLF, all of it ASCII, so that no server has to be able to do
/// anything. With Message-ID, Date, and `Auto-Submitted: auto-generated` (RFC 3834), so that no machine answers.
/// The same letter and envelope give the same bytes.
pub fn compose(letter: &Letter, envelope: &Envelope) -> Result<Vec<u8>, ComposeError> {
    let id = &envelope.message_id;
    let inner = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).filter(|id| id.len() <= 250);
    if !inner.is_some_and(|id| id.contains('@') && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')) {
        return Err(ComposeError::MessageId);
    }
    let library = |error: &dyn std::fmt::Display| ComposeError::Library(error.to_string());
    let address = |address: &MailAddress| -> Result<Address, ComposeError> {
        address.as_str().parse().map_err(|error| library(&error))
    };
    let seconds = u64::try_from(envelope.date.as_second()).unwrap_or(0);
    let message = Message::builder()
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .from(lettre::message::Mailbox::new(None, address(&envelope.from.address)?))
        .to(lettre::message::Mailbox::new(None, address(&envelope.to)?))
        .message_id(Some(id.clone()));
    let boundary = |part: &str| {
        // `=_` cannot come out of quoted-printable or base64, so no text of the letter can be the boundary.
        format!("=_{}", &short_digest(&format!("{id} {part}"))[..24])
    };
    let text = part(&letter.text, "text/plain; charset=utf-8");
    let html = letter.html.as_ref().map(|html| part(html, "text/html; charset=utf-8"));
    let attached = !letter.attachments.is_empty();
    let alternative =
        |html| MultiPart::alternative().boundary(boundary("alternative")).singlepart(text.clone()).singlepart(html);
    let built = match html {
        None if !attached => message.singlepart(text),
        Some(html) if !attached => message.multipart(alternative(html)),
        html => {
            let mixed = MultiPart::mixed().boundary(boundary("mixed"));
            let mixed = match html {
                Some(html) => mixed.multipart(alternative(html)),
                None => mixed.singlepart(text),
            };
            message
                .multipart(letter.attachments.iter().fold(mixed, |mixed, file| mixed.singlepart(attached_part(file))))
        }
    };
    let mut built = built.map_err(|error| library(&error))?;
    let headers = built.headers_mut();
    let mut set = |name: &str, value: String| -> Result<(), ComposeError> {
        let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| ComposeError::Header(name.to_owned()))?;
        headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(name, String::new(), value));
        Ok(())
    };
    let named = |header, mailbox: &Mailbox| encode::mailbox(header, mailbox.name.as_deref(), mailbox.address.as_str());
    set("From", named("From", &envelope.from))?;
    if let Some(reply_to) = &envelope.reply_to {
        set("Reply-To", named("Reply-To", reply_to))?;
    }
    set("Subject", encode::text("Subject", &clean::short(&letter.subject, SUBJECT)))?;
    set("Auto-Submitted", "auto-generated".to_owned())?;
    set("X-Mailer", format!("riscontro/{VERSION}"))?;
    for (name, value) in &letter.headers {
        let is_name = !name.is_empty()
            && name.len() <= 60
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !OURS.contains(&name.to_ascii_lowercase().as_str());
        if !is_name {
            return Err(ComposeError::Header(clean::short(name, 60)));
        }
        set(name, header_value(name, value))?;
    }
    let mut bytes = built.formatted();
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    check(&bytes)?;
    Ok(bytes)
}

/// An address in angle brackets stands as it is, because readers follow it; anything else is text.
fn header_value(name: &str, value: &str) -> String {
    let listed = name.to_ascii_lowercase().starts_with("list-");
    let plain = value.bytes().all(|b| (b'!'..=b'~').contains(&b) || b == b' ') && !value.contains("  ");
    if listed && plain && value.len() <= STRUCTURED { encode::folded(name, value) } else { encode::text(name, value) }
}

/// Text with breaks that are all the same, and without controls that a reader could be hurt by.
fn part(text: &str, kind: &str) -> SinglePart {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    // The library would put each CR in by itself, and move all that follows: quadratic in lines.
    let text = text.replace('\n', "\r\n");
    let kind = ContentType::parse(kind).unwrap_or(ContentType::TEXT_PLAIN);
    match Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable) {
        Ok(body) => SinglePart::builder().content_type(kind).body(body),
        // Quoted-printable takes every text.
        Err(bytes) => SinglePart::builder().content_type(kind).body(bytes),
    }
}

fn attached_part(file: &Attachment) -> SinglePart {
    // A parsed kind could still hold a quoted text with anything in it.
    let plain = file.mime.is_ascii() && !file.mime.contains(|c: char| c.is_control()) && file.mime.len() <= 100;
    let kind = ContentType::parse(if plain { &file.mime } else { "" });
    let kind = kind.or_else(|_| ContentType::parse("application/octet-stream")).unwrap_or(ContentType::TEXT_PLAIN);
    let disposition = ContentDisposition::attachment(&file_name(&file.name));
    let builder = SinglePart::builder().header(disposition).content_type(kind);
    match Body::new_with_encoding(file.bytes.clone(), ContentTransferEncoding::Base64) {
        Ok(body) => builder.body(body),
        Err(bytes) => builder.body(bytes),
    }
}

/// A name that every system takes: no folders, no characters that shells or file systems know, no hidden file.
pub(super) fn file_name(name: &str) -> String {
    let name = clean::short(name, FILE_NAME);
    let safe = |c: char| if "/\\:*?\"<>|;'`$%\u{fffd}".contains(c) || c.is_control() { '_' } else { c };
    let name: String = name.chars().map(safe).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if name.is_empty() { "allegato".to_owned() } else { name.to_owned() }
}
