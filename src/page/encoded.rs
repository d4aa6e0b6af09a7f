//! Base64 and inflation of what comes inside addresses, forms and signed statements, under limits.

use std::io::Read;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_NO_PAD, URL_SAFE_PAD_INDIFFERENT},
};
use flate2::read::DeflateDecoder;

/// Bytes of a decoded request or part of a signed statement.
pub(super) const DECODED: usize = 64 << 10;
/// The same in base64.
pub(super) const ENCODED: usize = DECODED / 3 * 4 + 4;

/// Base64 of either alphabet, padded or not, with the white space of forms and the blanks that a form-decoded `+` leaves
/// (RFC 4648; SAML 2.0 bindings, 3.5.4).
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    if text.len() > ENCODED * 2 {
        return None;
    }
    let plain: String = text
        .chars()
        .filter_map(|c| match c {
            '\r' | '\n' | '\t' => None,
            ' ' | '-' => Some('+'),
            '_' => Some('/'),
            c => Some(c),
        })
        .collect();
    (plain.len() <= ENCODED).then(|| STANDARD_PAD_INDIFFERENT.decode(plain).ok()).flatten()
}

/// The base64 of signed statements (RFC 7515, section 2).
pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Raw deflate, as far as it goes below the limit; `None` past it or when it is broken.
pub(super) fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let limit = u64::try_from(DECODED).unwrap_or(u64::MAX) + 1;
    DeflateDecoder::new(bytes).take(limit).read_to_end(&mut out).ok()?;
    (out.len() <= DECODED).then_some(out)
}

/// The claims of a signed statement (RFC 7519), unverified: what it declares, not that it is true.
///
/// `serde_json` refuses what is nested deeper than 128 levels.
pub(super) fn claims(statement: &str, limit: usize) -> Option<serde_json::Map<String, serde_json::Value>> {
    let statement = statement.trim();
    if statement.len() > limit {
        return None;
    }
    let mut parts = statement.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_PAD_INDIFFERENT.decode(payload).ok()?).ok()
}
