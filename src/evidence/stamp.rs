//! Time stamps of roots by an authority (RFC 3161): the question, and what its answer says.
//!
//! What is stamped is the root itself, which is the SHA-256 of the last record's bytes: `openssl ts -verify -digest ROOT` or
//! `-data` with these bytes checks a stamp offline, with the certificate of the authority. Here an answer is only held
//! against the question (digest, nonce, granted or not): whether the signature is worth something depends on whom the
//! reader trusts.

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use sha2::{Digest as _, Sha256};
use x509_parser::asn1_rs::{Any, Class, FromDer as _, Oid, Tag};

/// Media type of the question (RFC 3161, 3.4).
pub const QUERY_TYPE: &str = "application/timestamp-query";

/// Largest answer that is read, in bytes. Real ones are of 1 to 10 KiB, certificates included.
pub const MAX_ANSWER: usize = 256 * 1024;

/// The question for a SHA-256 up to the digest: version 1, the algorithm with its NULL parameter. Every length is fixed, so
/// that there is one way to write it in DER.
const HEAD: [u8; 24] = [
    0x30, 0x43, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
    0x01, 0x05, 0x00, 0x04, 0x20,
];
/// The nonce's tag and length.
const NONCE: [u8; 2] = [0x02, 0x08];
/// Certificates are asked for: without them a stamp cannot be checked later.
const CERTIFICATES: [u8; 3] = [0x01, 0x01, 0xff];

/// What an authority certified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When, by the authority's clock.
    pub time: Timestamp,
    /// Under which policy: an object identifier with dots.
    pub policy: String,
    /// The stamp's number at the authority, hexadecimal.
    pub serial: String,
}

/// Why an answer is no stamp of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// A root is 64 hexadecimal digits.
    #[error("the root is not a SHA-256")]
    Root,
    /// It is not the answer of an authority, or is written in another way than DER.
    #[error("the answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// The authority refused.
    #[error("refused by the authority, status {status}: {text}")]
    Refused {
        /// `PKIStatus` (RFC 3161, 2.4.2).
        status: u64,
        /// What the authority says of it; outside data.
        text: String,
    },
    /// It is a stamp of something else.
    #[error("the stamp is of another digest")]
    OtherDigest,
    /// It is the answer to another question.
    #[error("the stamp answers another question")]
    OtherNonce,
}

/// A question, to be posted as [`QUERY_TYPE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    root: [u8; 32],
    nonce: [u8; 8],
}

impl Query {
    /// Asks for a stamp of a root. The nonce is made of the root and the time: it has to be another for each question, not
    /// secret.
    pub fn new(root: &str, now: Timestamp) -> Result<Self, StampError> {
        let root = bytes_of(root)?;
        let digest = Sha256::new().chain_update(root).chain_update(now.as_nanosecond().to_be_bytes()).finalize();
        let mut nonce = [0; 8];
        nonce.copy_from_slice(&digest[..8]);
        // Positive, and never shorter than eight bytes.
        nonce[0] = (nonce[0] & 0x3f) | 0x40;
        Ok(Self { root, nonce })
    }

    /// The question in DER.
    pub fn der(&self) -> Vec<u8> {
        [&HEAD[..], &self.root, &NONCE, &self.nonce, &CERTIFICATES].concat()
    }

    /// What an answer to this question says.
    pub fn answered(&self, answer: &[u8]) -> Result<Stamp, StampError> {
        let read = read(answer)?;
        if read.digest != self.root {
            return Err(StampError::OtherDigest);
        }
        if read.nonce != self.nonce {
            return Err(StampError::OtherNonce);
        }
        Ok(read.stamp)
    }
}

/// What a stored answer says, which is a stamp of this root.
pub fn stamp_of(answer: &[u8], root: &str) -> Result<Stamp, StampError> {
    let root = bytes_of(root)?;
    let read = read(answer)?;
    if read.digest == root { Ok(read.stamp) } else { Err(StampError::OtherDigest) }
}

struct Read<'a> {
    digest: &'a [u8],
    nonce: &'a [u8],
    stamp: Stamp,
}

fn read(answer: &[u8]) -> Result<Read<'_>, StampError> {
    let unreadable = StampError::Unreadable;
    // TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }
    let response = inside(one(answer)?)?;
    let status = inside(*response.first().ok_or(unreadable("no status"))?)?;
    let code = status.first().filter(|any| any.tag == Tag::Integer).ok_or(unreadable("no status"))?;
    let code = code.data.iter().fold(0_u64, |sum, byte| sum.wrapping_shl(8) | u64::from(*byte));
    // 0 granted, 1 granted with changes.
    let (true, Some(token)) = (code <= 1, response.get(1)) else {
        let texts = status.get(1).map(|texts| inside(*texts)).transpose()?.unwrap_or_default();
        let text: Vec<_> = texts.iter().map(|text| String::from_utf8_lossy(text.data)).collect();
        return Err(StampError::Refused { status: code, text: text.join("; ") });
    };
    // ContentInfo ::= SEQUENCE { id-signedData, [0] SignedData }; the third of SignedData is what was signed,
    // SEQUENCE { id-ct-TSTInfo, [0] OCTET STRING }.
    let token = inside(*token)?;
    let signed = inside(one(token.get(1).ok_or(unreadable("no token"))?.data)?)?;
    let content = inside(*signed.get(2).ok_or(unreadable("no signed content"))?)?;
    let octets = one(content.get(1).ok_or(unreadable("no signed content"))?.data)?;
    if octets.tag != Tag::OctetString {
        return Err(unreadable("the signed content is in pieces"));
    }
    // TSTInfo ::= SEQUENCE { version, policy, messageImprint, serialNumber, genTime, ... nonce INTEGER OPTIONAL ... }
    let info = inside(one(octets.data)?)?;
    let [_, policy, imprint, serial, time, rest @ ..] = &info[..] else {
        return Err(unreadable("what was signed is no time stamp"));
    };
    let digest = inside(*imprint)?.get(1).map(|digest| digest.data).ok_or(unreadable("no digest"))?;
    let nonce = rest.iter().find(|any| any.class == Class::Universal && any.tag == Tag::Integer);
    let (Tag::Oid, Tag::Integer, Tag::GeneralizedTime) = (policy.tag, serial.tag, time.tag) else {
        return Err(unreadable("what was signed is no time stamp"));
    };
    let stamp = Stamp {
        time: generalized(time.data).ok_or(unreadable("its time"))?,
        policy: Oid::new(policy.data.into()).to_id_string(),
        serial: serial.data.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    Ok(Read { digest, nonce: nonce.map_or(&[], |nonce| nonce.data), stamp })
}

/// One value of DER.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    tag: Tag,
    class: Class,
    data: &'a [u8],
}

/// The first value; what follows it is left.
fn one(bytes: &[u8]) -> Result<Part<'_>, StampError> {
    next(bytes).map(|(part, _)| part)
}

fn next(bytes: &[u8]) -> Result<(Part<'_>, &[u8]), StampError> {
    let (rest, any) = Any::from_der(bytes).map_err(|_| StampError::Unreadable("not DER"))?;
    Ok((Part { tag: any.tag(), class: any.class(), data: any.data }, rest))
}

/// The values inside a value. Only as deep as we ask, so nothing in an answer can nest us to death.
fn inside(part: Part<'_>) -> Result<Vec<Part<'_>>, StampError> {
    let (mut parts, mut rest) = (Vec::new(), part.data);
    while !rest.is_empty() {
        let (part, left) = next(rest)?;
        parts.push(part);
        rest = left;
    }
    Ok(parts)
}

/// `YYYYMMDDhhmmss[.f...]Z` (RFC 3161, 2.4.2).
fn generalized(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let time = DateTime::strptime("%Y%m%d%H%M%S%.f", text).ok()?;
    Offset::UTC.to_timestamp(time).ok()
}

fn bytes_of(root: &str) -> Result<[u8; 32], StampError> {
    let mut bytes = [0; 32];
    if root.len() != 64 || !root.is_ascii() {
        return Err(StampError::Root);
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&root[2 * at..2 * at + 2], 16).map_err(|_| StampError::Root)?;
    }
    Ok(bytes)
}

#[cfg(test)]
#[path = "tests/stamp.rs"]
mod tests;
