//! From the bytes of a file to its text, under limits.

use std::{borrow::Cow, io::Read as _};

use encoding_rs::{Encoding, WINDOWS_1252};
use flate2::read::MultiGzDecoder;

use super::RegistryError;

/// Most bytes of a file, packed and unpacked. The largest register, the whole IPA with all columns, has 15 MB.
pub const MAX_INFLATED: usize = 128 << 20;
/// Largest ratio of unpacked to packed bytes, past the first MiB. Real registers have up to 12.
pub const MAX_RATIO: usize = 200;
/// Longest line of a table, in bytes; JSON comes in one line and is exempt.
pub const LONGEST_LINE: usize = 1 << 20;

/// Undoes gzip, told by its first bytes. Zip is [`archive`](super::archive)'s; other packings are refused by name.
pub(super) fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, RegistryError> {
    if bytes.len() > MAX_INFLATED {
        return Err(RegistryError::TooLarge);
    }
    if [&b"\xfd7zXZ"[..], b"BZh", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0", b"Rar!"]
        .iter()
        .any(|m| bytes.starts_with(m))
    {
        return Err(RegistryError::Packing);
    }
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(Cow::Borrowed(bytes));
    }
    let by_ratio = bytes.len().saturating_mul(MAX_RATIO).max(1 << 20);
    let limit = by_ratio.min(MAX_INFLATED);
    let mut out = Vec::new();
    // One byte more than allowed tells "at the limit" from "past it".
    MultiGzDecoder::new(bytes).take(limit as u64 + 1).read_to_end(&mut out).map_err(|_| RegistryError::Damaged)?;
    if out.len() > limit {
        return Err(if limit == MAX_INFLATED { RegistryError::TooLarge } else { RegistryError::Ratio });
    }
    Ok(Cow::Owned(out))
}

/// Bytes to text: by their mark, else UTF-8, else windows-1252 (of which ISO 8859-1 text is a part). Spreadsheets on
/// Italian desktops still save it, and no list with accents in it is valid UTF-8 by chance.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        },
    }
}

/// The text of a register; what is none, or is a web page, is refused.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, RegistryError> {
    let text = decode(bytes);
    if text.contains('\0') {
        return Err(RegistryError::NotText);
    }
    let start = text.trim_start().as_bytes();
    let html = |tag: &[u8]| start.len() >= tag.len() && start[..tag.len()].eq_ignore_ascii_case(tag);
    if html(b"<!doctype html") || html(b"<html") || html(b"<head") || html(b"<!--") {
        return Err(RegistryError::WebPage);
    }
    Ok(text)
}

/// Refuses a table whose accents are broken: UTF-8 read as windows-1252 shows `Ã` before the second half of à è é ì ò ù,
/// which no name of a comune has. Names typed by strangers (App IO) may be broken one by one and are not held to this.
pub(super) fn whole_accents(text: &str) -> Result<(), RegistryError> {
    let broken = ["Ã\u{a0}", "Ã¨", "Ã©", "Ã¬", "Ã²", "Ã¹", "\u{fffd}"];
    match broken.iter().filter_map(|pair| text.find(pair)).min() {
        Some(at) => Err(RegistryError::Encoding { line: line_of(text, at) }),
        None => Ok(()),
    }
}

/// The line, from 1, in which a byte stands.
pub(super) fn line_of(text: &str, at: usize) -> u64 {
    text[..at].matches('\n').count() as u64 + 1
}
