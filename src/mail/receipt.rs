//! Receipts of certified mail (PEC), read from the messages that they are.
//!
//! The rules are the technical annex of the decree of 2 November 2005: the headers `X-Ricevuta` and `X-Riferimento-Message-ID`
//! say what it is and of which letter, the attachment `daticert.xml` says it again with recipient, reason and time. The two
//! have to agree. **The provider's signature is not verified**: a receipt is worth what the mailbox is worth that it lies in.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::Offset,
};
use mail_parser::{HeaderName, Message, MessageParser, MimeHeaders as _, PartType};

use crate::{
    evidence::sha256,
    page::xml::walk,
    report::clean,
    store::{ReceiptFact, ReceiptKind},
};

/// Largest message that is read, in bytes: a complete receipt brings the letter along, 30 MiB in base64.
pub const LIMIT: u64 = 48 << 20;
/// Largest `daticert.xml`; real ones have two thousand bytes.
const DATA_LIMIT: usize = 256 << 10;
/// Most parts of a message, those of messages inside it included.
const PARTS: usize = 300;
/// Characters of a reason that are kept.
const REASON: usize = 300;

/// What a message turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A receipt that says something of a letter.
    Receipt(ReceiptFact),
    /// Another message.
    Other,
    /// It would be a receipt, and cannot be believed; why.
    Wrong(&'static str),
}

/// Reads one message.
pub fn read(bytes: &[u8]) -> Read {
    if bytes.len() as u64 > LIMIT {
        return Read::Wrong("too-large");
    }
    // Each level and each part has such a line; what nests deeper is taken apart by nobody.
    if bytes.windows(13).filter(|some| some.eq_ignore_ascii_case(b"content-type:")).take(PARTS + 1).count() > PARTS {
        return Read::Wrong("too-many-parts");
    }
    let Some(message) = MessageParser::default().parse(bytes) else { return Read::Other };
    let receipts = header(&message, "X-Ricevuta");
    let transport = header(&message, "X-Trasporto");
    let named = match (receipts.as_slice(), transport.as_slice()) {
        ([], [transport]) if transport.eq_ignore_ascii_case("errore") => return anomaly(&message, bytes),
        ([], _) => return Read::Other,
        ([one], _) => one,
        _ => return Read::Wrong("two-kinds"),
    };
    let Some(kind) = kind(named) else {
        // Providers among themselves, or something new.
        return if named.eq_ignore_ascii_case("presa-in-carico") { Read::Other } else { Read::Wrong("unknown-kind") };
    };
    let references = header(&message, "X-Riferimento-Message-ID");
    let [reference] = references.as_slice() else { return Read::Wrong("no-reference") };
    let Some(message_id) = id(reference) else { return Read::Wrong("no-reference") };
    let Some(data) = data(&message) else { return Read::Wrong("no-data") };
    let Some(data) = Data::read(&data) else { return Read::Wrong("bad-data") };
    if !data.kind.eq_ignore_ascii_case(named) {
        return Read::Wrong("contradiction");
    }
    if data.message_id.as_deref().and_then(id).is_some_and(|said| said != message_id) {
        return Read::Wrong("contradiction");
    }
    let kind = match (kind, data.error.as_str()) {
        (ReceiptKind::NotAccepted | ReceiptKind::NotDelivered, "virus") => ReceiptKind::Virus,
        (kind, _) => kind,
    };
    // The acceptance names all recipients; our letters have one.
    let recipient = data.delivered_to.or_else(|| (data.recipients.len() == 1).then(|| data.recipients[0].clone()));
    let detail = match (data.reason.is_empty(), data.error.as_str()) {
        (false, _) => Some(clean::short(&data.reason, REASON)),
        (true, "" | "nessuno") => None,
        (true, error) => Some(clean::short(error, REASON)),
    };
    Read::Receipt(ReceiptFact { kind, message_id, recipient, at: data.at, detail, sha256: digest(bytes) })
}

/// Whether a message with these headers is more than [`Read::Other`], so that the rest of it has to be read as well.
pub fn is_named(headers: &[u8]) -> bool {
    let Some(message) = MessageParser::default().parse_headers(headers) else { return false };
    !header(&message, "X-Ricevuta").is_empty()
        || header(&message, "X-Trasporto").iter().any(|value| value.eq_ignore_ascii_case("errore"))
}

/// The digest of a message however its lines are ended: servers hand out CR LF where a Maildir has LF.
fn digest(bytes: &[u8]) -> String {
    let mut plain = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                plain.extend_from_slice(line);
                plain.push(b'\n');
            }
            None => plain.extend_from_slice(line),
        }
    }
    sha256(&plain)
}

fn kind(named: &str) -> Option<ReceiptKind> {
    Some(match named.to_ascii_lowercase().as_str() {
        "accettazione" => ReceiptKind::Accepted,
        "non-accettazione" => ReceiptKind::NotAccepted,
        "avvenuta-consegna" => ReceiptKind::Delivered,
        "errore-consegna" | "mancata-consegna" => ReceiptKind::NotDelivered,
        "preavviso-errore-consegna" => ReceiptKind::NotDeliveredYet,
        "rilevazione-virus" => ReceiptKind::Virus,
        _ => return None,
    })
}

/// An envelope of anomaly: a message that is no certified mail was put into one. It says something of a letter when the message
/// inside answers it, as a server's report does.
fn anomaly(message: &Message<'_>, bytes: &[u8]) -> Read {
    let mut ids = header(message, "X-Riferimento-Message-ID");
    for part in message.parts.iter().filter_map(|part| part.message()) {
        for name in ["In-Reply-To", "References"] {
            ids.extend(header(part, name).iter().flat_map(|value| value.split_whitespace()).map(str::to_owned));
        }
    }
    let Some(message_id) = ids.iter().take(50).find_map(|text| id(text)) else { return Read::Other };
    let detail = message.subject().map(|subject| clean::short(subject, REASON));
    let kind = ReceiptKind::Anomaly;
    Read::Receipt(ReceiptFact { kind, message_id, recipient: None, at: None, detail, sha256: digest(bytes) })
}

/// The values of a header of the message itself, each in one line.
fn header(message: &Message<'_>, name: &str) -> Vec<String> {
    let Some(root) = message.parts.first() else { return Vec::new() };
    let is = |header: &HeaderName<'_>| header.as_str().eq_ignore_ascii_case(name);
    let raw = |header: &mail_parser::Header<'_>| {
        let (start, end) = (usize::try_from(header.offset_start).ok()?, usize::try_from(header.offset_end).ok()?);
        let value = String::from_utf8_lossy(message.raw_message.get(start..end)?).into_owned();
        Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    root.headers.iter().filter(|header| is(&header.name)).filter_map(raw).collect()
}

/// A Message-ID with its brackets; `None` when the text is none.
fn id(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    let plain = inner.contains('@') && inner.len() <= 998 && inner.bytes().all(|b| b.is_ascii_graphic());
    (plain && !inner.contains(['<', '>'])).then(|| format!("<{inner}>"))
}

/// The first `daticert.xml` of the message itself: what is in messages inside it is somebody else's.
fn data(message: &Message<'_>) -> Option<Vec<u8>> {
    message.parts.iter().find_map(|part| {
        let named = part.attachment_name().is_some_and(|name| name.eq_ignore_ascii_case("daticert.xml"));
        let bytes = match &part.body {
            PartType::Text(text) | PartType::Html(text) => text.as_bytes(),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.as_ref(),
            PartType::Message(_) | PartType::Multipart(_) => return None,
        };
        named.then(|| bytes.to_vec())
    })
}

/// What `daticert.xml` says.
#[derive(Debug, Default)]
struct Data {
    kind: String,
    error: String,
    message_id: Option<String>,
    recipients: Vec<String>,
    delivered_to: Option<String>,
    reason: String,
    at: Option<Timestamp>,
}

impl Data {
    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > DATA_LIMIT {
            return None;
        }
        // Written in UTF-8 or in Latin letters; what is read of it is ASCII.
        let text = String::from_utf8_lossy(bytes);
        let mut data = Self::default();
        let (mut day, mut hour, mut root) = (None, None, false);
        walk(&text, |way| {
            let names: Vec<&str> = way.iter().map(|element| element.name.as_str()).collect();
            let Some(own) = way.last() else { return };
            match names.as_slice() {
                ["postacert"] => {
                    root = true;
                    own.attribute("tipo").unwrap_or_default().clone_into(&mut data.kind);
                    data.error = own.attribute("errore").unwrap_or_default().to_ascii_lowercase();
                }
                ["postacert", "intestazione", "destinatari"] if data.recipients.len() < 100 => {
                    data.recipients.push(own.text().to_owned());
                }
                ["postacert", "dati", "consegna"] => data.delivered_to = Some(own.text().to_owned()),
                ["postacert", "dati", "msgid"] => data.message_id = Some(own.text().to_owned()),
                ["postacert", "dati", "errore-esteso"] => own.text().clone_into(&mut data.reason),
                ["postacert", "dati", "data", "giorno"] => day = Date::strptime("%d/%m/%Y", own.text()).ok(),
                ["postacert", "dati", "data", "ora"] => hour = Time::strptime("%H:%M:%S", own.text()).ok(),
                ["postacert", "dati", "data"] => {
                    let zone = own.attribute("zona").and_then(zone).unwrap_or(Offset::UTC);
                    data.at = day.zip(hour).and_then(|(day, hour)| zone.to_timestamp(day.to_datetime(hour)).ok());
                }
                _ => {}
            }
        })
        .ok()?;
        root.then_some(data)
    }
}

/// `+0100`.
fn zone(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}
