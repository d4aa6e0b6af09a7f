//! One WARC/1.1 record: written, and read back from bytes that nobody vouches for.
//!
//! The format is ISO 28500:2017 (<https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/>).

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// Largest header of a record that is read, in bytes.
const MAX_HEADER: usize = 64 * 1024;
/// Most fields of a header that are read.
const MAX_FIELDS: usize = 64;

/// The field that quotes the link of the record before: what makes a chain of the records.
pub const PREVIOUS: &str = "Riscontro-Previous";
/// The field with the digest of what the rules read: the body after its content encodings.
pub const BODY: &str = "Riscontro-Body-Digest";
/// The field with the digest of the server's certificate.
pub const CERTIFICATE: &str = "Riscontro-Certificate-Digest";

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Where the file comes from.
    Warcinfo,
    /// The head of a request.
    Request,
    /// An answer: head and body.
    Response,
    /// The head of an answer whose body is that of an earlier record.
    Revisit,
    /// The document as a browser drew it.
    Conversion,
    /// A picture of it.
    Resource,
    /// What a visit made of its pages.
    Metadata,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Warcinfo,
        Self::Request,
        Self::Response,
        Self::Revisit,
        Self::Conversion,
        Self::Resource,
        Self::Metadata,
    ];

    /// The `WARC-Type`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Warcinfo => "warcinfo",
            Self::Request => "request",
            Self::Response => "response",
            Self::Revisit => "revisit",
            Self::Conversion => "conversion",
            Self::Resource => "resource",
            Self::Metadata => "metadata",
        }
    }

    /// The kind of a `WARC-Type`.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The SHA-256 of bytes, lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// A record: its fields in order (without `Content-Length`) and its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it holds.
    pub kind: Kind,
    /// The header fields besides `WARC-Type` and `Content-Length`, in order.
    pub fields: Vec<(String, String)>,
    /// The content block.
    pub block: Vec<u8>,
}

impl Record {
    /// A record with what every record has: id, date, type of content and the digest of its block.
    pub fn new(kind: Kind, id: &str, date: Timestamp, content_type: &str, block: Vec<u8>) -> Self {
        let fields = [
            ("WARC-Record-ID", format!("<{id}>")),
            ("WARC-Date", date.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()),
            ("Content-Type", content_type.to_owned()),
            ("WARC-Block-Digest", format!("sha256:{}", sha256(&block))),
        ];
        Self { kind, fields: fields.map(|(name, value)| (name.to_owned(), value)).to_vec(), block }
    }

    /// The same with one more field. Line ends in the value become blanks.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.replace(['\r', '\n'], " ")));
        self
    }

    /// The same with one more field, when there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The first field of a name, without regard to case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A digest field's value without its `sha256:`.
    pub fn digest(&self, name: &str) -> Option<&str> {
        self.field(name)?.strip_prefix("sha256:")
    }

    /// The id, without its angle brackets.
    pub fn id(&self) -> Option<&str> {
        self.field("WARC-Record-ID")?.strip_prefix('<')?.strip_suffix('>')
    }

    /// The record as it stands in a file, before compression.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut head = format!("WARC/1.1\r\nWARC-Type: {}\r\n", self.kind.code());
        for (name, value) in &self.fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", self.block.len()));
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.block);
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes
    }

    /// Reads a record back. The error says what is wrong with it.
    pub fn parse(mut bytes: Vec<u8>) -> Result<Self, &'static str> {
        let window = &bytes[..bytes.len().min(MAX_HEADER)];
        let end = window.windows(4).position(|four| four == b"\r\n\r\n").ok_or("its header has no end")?;
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "its header is not UTF-8")?;
        let mut lines = head.split("\r\n");
        if lines.next() != Some("WARC/1.1") {
            return Err("it does not begin with WARC/1.1");
        }
        let (mut kind, mut length, mut fields) = (None, None, Vec::new());
        for line in lines {
            let (name, value) = line.split_once(": ").ok_or("its header has a line without a name")?;
            match name {
                "WARC-Type" => kind = Some(Kind::from_code(value).ok_or("its type is unknown")?),
                "Content-Length" => length = Some(value.parse::<usize>().map_err(|_| "its length is no number")?),
                _ if fields.len() >= MAX_FIELDS => return Err("its header has too many fields"),
                _ => fields.push((name.to_owned(), value.to_owned())),
            }
        }
        let kind = kind.ok_or("it has no type")?;
        let length = length.ok_or("it has no length")?;
        let block = end + 4;
        if length.checked_add(block + 4) != Some(bytes.len()) {
            return Err("its length is not that of its content");
        }
        if !bytes.ends_with(b"\r\n\r\n") {
            return Err("it does not end as records do");
        }
        bytes.truncate(block + length);
        bytes.drain(..block);
        Ok(Self { kind, fields, block: bytes })
    }
}

/// An id made out of what it names (a UUID of version 8, RFC 9562), so that no random numbers are needed.
pub(super) fn id(seed: &[u8], number: usize) -> String {
    let digest = Sha256::new().chain_update(seed).chain_update(number.to_le_bytes()).finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn record() -> Record {
        let date = "2026-11-22T02:00:00.5Z".parse().unwrap();
        Record::new(
            Kind::Response,
            &id(b"seed", 3),
            date,
            "application/http;msgtype=response",
            b"HTTP/1.1\r\n\r\nx".to_vec(),
        )
        .with("WARC-Target-URI", "https://www.comune.x.it/\r\nevil: 1")
        .with_some(CERTIFICATE, None)
    }

    #[test]
    fn what_is_written_is_read_back_and_no_value_makes_a_second_line() {
        let read = Record::parse(record().to_bytes()).unwrap();
        assert_eq!(read, record());
        assert_eq!(read.field("warc-target-uri"), Some("https://www.comune.x.it/  evil: 1"));
        assert_eq!(read.field("WARC-Date"), Some("2026-11-22T02:00:00.500000000Z"));
        assert_eq!(read.digest("WARC-Block-Digest"), Some(sha256(b"HTTP/1.1\r\n\r\nx").as_str()));
        assert_eq!(read.id().map(str::len), Some(45));
    }

    #[test]
    fn what_is_no_record_says_why() {
        let good = String::from_utf8(record().to_bytes()).unwrap();
        let broken = [
            (String::new(), "its header has no end"),
            ("x".repeat(100_000), "its header has no end"),
            (good.replace("WARC/1.1", "WARC/1.0"), "it does not begin with WARC/1.1"),
            (good.replace(": response", ": reponse"), "its type is unknown"),
            (good.replace("Length: 13", "Length: 12"), "its length is not that of its content"),
            (good.replace("Length: 13", "Length: 18446744073709551615"), "its length is not that of its content"),
            (good.replace("Length: 13", "Length: -1"), "its length is no number"),
            (good.replace("Content-Length: 13\r\n", ""), "it has no length"),
            (good.replace("Content-Length", "A: b\r\n".repeat(70).as_str()), "its header has too many fields"),
            (format!("{}xxxx", good.trim_end()), "it does not end as records do"),
        ];
        for (text, why) in broken {
            assert_eq!(Record::parse(text.clone().into_bytes()).unwrap_err(), why, "{text:.300}");
        }
    }
}
