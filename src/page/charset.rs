//! Bytes to text, in the order browsers use: byte order mark, `Content-Type` header, `<meta>` in the first 1,024 bytes,
//! then a guess.
//!
//! A label that names an encoding is obeyed even when the bytes look like another one, because that is what a citizen's
//! browser shows. Where browsers guess, this guesses too, with two differences that can only win back accents:
//! valid UTF-8 without a label is read as UTF-8, and a `<meta>` that stands after the first 1,024 bytes is heard when
//! the bytes are not UTF-8.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::prescan;

/// Bytes that the `<meta>` prescan looks at (WHATWG HTML, "prescan a byte stream to determine its encoding").
const PRESCAN: usize = 1_024;
/// Bytes searched for a `<meta>` that came too late for the prescan.
const LATE_META: usize = 64 * 1_024;
/// Bytes after the first accent that the detector sees; more does not change its mind and costs time.
const DETECT: usize = 128 * 1_024;

/// How the encoding of a page was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A byte order mark.
    Mark,
    /// The `charset` parameter of the `Content-Type` header.
    Header,
    /// `<meta charset>`, `<meta http-equiv=content-type>` or an XML declaration.
    Meta,
    /// No label, and the bytes are valid UTF-8.
    Utf8,
    /// No label: the browsers' guess.
    Guess,
}

/// A page's text.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text; borrowed when the bytes were UTF-8 already.
    pub text: Cow<'a, str>,
    /// Label of the encoding in the Encoding standard.
    pub charset: &'static str,
    /// Where the encoding comes from.
    pub origin: Origin,
}

/// Decodes a body. `cut` says that the body is only a beginning, so a half character at its end is dropped.
pub fn decode<'a>(body: &'a [u8], content_type: Option<&str>, cut: bool) -> Decoded<'a> {
    let (encoding, origin) = choose(body, content_type, cut);
    let (mut text, _) = encoding.decode_with_bom_removal(body);
    if cut && text.ends_with('\u{fffd}') {
        let kept = text.trim_end_matches('\u{fffd}').len();
        match &mut text {
            Cow::Borrowed(text) => *text = &text[..kept],
            Cow::Owned(text) => text.truncate(kept),
        }
    }
    Decoded { text, charset: encoding.name(), origin }
}

/// Chooses the encoding of a body.
fn choose(body: &[u8], content_type: Option<&str>, cut: bool) -> (&'static Encoding, Origin) {
    if let Some((encoding, _)) = Encoding::for_bom(body) {
        return (encoding, Origin::Mark);
    }
    if let Some(encoding) = content_type.and_then(header_charset) {
        return (encoding, Origin::Header);
    }
    if let Some(encoding) = prescan::prescan(&body[..body.len().min(PRESCAN)]) {
        return (encoding, Origin::Meta);
    }
    if is_utf8(body, cut) {
        return (UTF_8, Origin::Utf8);
    }
    // Past the prescan browsers hear a <meta> while they parse. The bytes are not UTF-8, so a label that says so lies.
    match prescan::prescan(&body[..body.len().min(LATE_META)]) {
        Some(encoding) if encoding != UTF_8 => (encoding, Origin::Meta),
        _ => (guess(body, cut), Origin::Guess),
    }
}

/// The encoding of a `Content-Type` header's `charset` parameter; `None` when absent or not a known label.
fn header_charset(content_type: &str) -> Option<&'static Encoding> {
    let mut parameters = content_type.split(';').skip(1);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    })?;
    let label = value.trim().trim_matches(['"', '\'']);
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// True for valid UTF-8. A sequence broken off at the very end is forgiven when the body is known to be cut, or when
/// another multi-byte sequence stands before it (a lone last byte is more likely an accent of windows-1252).
fn is_utf8(body: &[u8], cut: bool) -> bool {
    match std::str::from_utf8(body) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && (cut || !body[..error.valid_up_to()].is_ascii()),
    }
}

/// The browsers' detector, told that the page is Italian.
fn guess(body: &[u8], cut: bool) -> &'static Encoding {
    let first = Encoding::ascii_valid_up_to(body);
    let start = first.saturating_sub(256);
    let end = body.len().min(first.saturating_add(DETECT));
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&body[start..end], !cut && end == body.len());
    let encoding = detector.guess(Some(b"it"), Utf8Detection::Deny);
    // UTF-16 without a mark and the like are not guessed; what is left is a single-byte or an East Asian encoding.
    if encoding.is_ascii_compatible() { encoding } else { WINDOWS_1252 }
}

#[cfg(test)]
mod tests;
