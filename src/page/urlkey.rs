//! When two addresses are the same page.
//!
//! The key is made for remembering what was seen; the address that is sent stays as the site wrote it. It is a URL
//! itself, and the key of that URL is the same key.

use std::fmt::Write as _;

use url::Url;

/// Differences that name the same page on most sites but not on all: to be folded only after two pages were seen to be
/// equal (same digest).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fold {
    /// `www.` in front of the host.
    pub www: bool,
    /// `index.html`, `default.aspx` and the like at the end of the path.
    pub index: bool,
    /// The slash at the end of the path.
    pub slash: bool,
}

impl Fold {
    /// Everything.
    pub const ALL: Self = Self { www: true, index: true, slash: true };
}

/// The key of an address for "seen".
///
/// Folded: scheme (http is https), user info, fragment, the final dot of the host, session ids in path and query,
/// parameters that only track or print, the order of differently named parameters, the spelling of percent escapes,
/// doubled slashes. Kept: `www.`, the last slash, `index.html`, letter case of the path, values as they are.
pub fn key(url: &Url) -> String {
    key_folding(url, Fold::default())
}

/// The key with more differences folded; for pages that are known to be equal.
pub fn key_folding(url: &Url, fold: Fold) -> String {
    let mut key = once(url, fold);
    // Cutting one thing can bring the next to light (`/.;sid=1/`): repeat until nothing changes, which each round
    // makes likelier because the key only shrinks.
    for _ in 0..8 {
        let Ok(again) = Url::parse(&key) else { break };
        let next = once(&again, fold);
        if next == key {
            break;
        }
        key = next;
    }
    key
}

fn once(url: &Url, fold: Fold) -> String {
    let Some(host) = url.host_str() else { return url.as_str().to_owned() };
    let mut host = host.trim_end_matches('.');
    if fold.www {
        host = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host);
    }
    // The scheme is folded to http, unless the port is the other scheme's own: then it says something.
    let (scheme, port) = match (url.scheme(), url.port()) {
        ("https", Some(80)) => ("https", Some(80)),
        ("http" | "https", port) => ("http", port),
        (other, port) => (other, port),
    };
    let mut key = format!("{scheme}://{host}");
    if let Some(port) = port {
        let _ = write!(key, ":{port}");
    }
    key.push_str(&path(url.path(), fold));
    let query = query(url.query().unwrap_or_default());
    if !query.is_empty() {
        key.push('?');
        key.push_str(&query);
    }
    key
}

/// The path, with sessions cut and escapes spelled one way.
fn path(raw: &str, fold: Fold) -> String {
    let unescaped = unreserved(raw);
    let mut parts: Vec<String> = Vec::new();
    let mut segments = unescaped.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        if segments.peek().is_none() {
            // The last one: a file, or nothing after the last slash.
            parts.push(without_session(segment));
            break;
        }
        // `/sid/0123...ef/`
        if segment.eq_ignore_ascii_case("sid") && segments.peek().is_some_and(|next| next.len() == 32 && is_hex(next)) {
            segments.next();
            if segments.peek().is_none() {
                parts.push(String::new());
            }
            continue;
        }
        let segment = without_session(segment);
        if !segment.is_empty() {
            parts.push(segment);
        }
    }
    if let Some(last) = parts.last_mut() {
        if is_cookieless(last) || (fold.index && is_index(last)) {
            last.clear();
        }
        if fold.slash && last.is_empty() && parts.len() > 1 {
            parts.pop();
        }
    }
    parts.iter().fold(String::new(), |path, part| path + "/" + part)
}

/// A path segment without `;jsessionid=...` and `;sid=...`, and without what ASP.NET puts in its place: `(S(...))`.
fn without_session(segment: &str) -> String {
    if is_cookieless(segment) {
        return String::new();
    }
    let mut parts = segment.split(';');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for parameter in parts {
        let name = parameter.split('=').next().unwrap_or_default();
        let session = ["jsessionid", "sid", "phpsessid", "sessionid"].iter().any(|one| name.eq_ignore_ascii_case(one));
        if !session {
            kept.push(';');
            kept.push_str(parameter);
        }
    }
    kept
}

/// `(S(abc))`, `(A(...)S(...))`: ASP.NET's session in the path.
fn is_cookieless(segment: &str) -> bool {
    let inside = segment.strip_prefix('(').and_then(|rest| rest.strip_suffix("))"));
    inside.is_some_and(|inside| {
        let mut bytes = inside.bytes();
        matches!(bytes.next(), Some(b'A' | b'S' | b'F' | b'X')) && bytes.next() == Some(b'(')
    })
}

fn is_index(segment: &str) -> bool {
    ["index.html", "index.htm", "index.php", "index.asp", "index.aspx", "index.jsp", "default.aspx", "default.asp"]
        .iter()
        .any(|index| segment.eq_ignore_ascii_case(index))
}

/// The query without what does not choose the page, sorted by name; parameters of one name keep their order.
fn query(raw: &str) -> String {
    let mut parts: Vec<(String, &str)> = raw.split('&').filter_map(parameter).collect();
    parts.sort_by(|one, other| one.0.cmp(&other.0));
    let mut query = String::with_capacity(raw.len());
    for (name, rest) in parts {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&name);
        query.push_str(rest);
    }
    query
}

/// Name and rest (`=value`, or nothing) of a parameter that chooses the page.
fn parameter(part: &str) -> Option<(String, &str)> {
    if part.is_empty() {
        return None;
    }
    let (name, rest) = part.split_at(part.find('=').unwrap_or(part.len()));
    let value = rest.strip_prefix('=').unwrap_or_default();
    let name = unreserved(name);
    (!is_noise(&name, value)).then_some((name, rest))
}

/// The names of the query's parameters that choose the page; equal names once.
pub(super) fn names(url: &Url) -> Vec<String> {
    let mut names: Vec<String> =
        url.query().unwrap_or_default().split('&').filter_map(parameter).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    names
}

/// True for a parameter that tracks, prints, defeats caches or carries a session.
fn is_noise(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "gclid" | "gclsrc" | "dclid" | "gbraid" | "wbraid" | "fbclid" | "msclkid" | "yclid" | "twclid" | "igshid"
        | "_ga" | "_gl" | "phpsessid" | "jsessionid" | "cfid" | "cftoken" | "print" | "p_p_state" | "p_p_mode"
        | "p_auth" | "sendto_form" => true,
        "sid" | "sessionid" => value.len() >= 16 && is_hex(value),
        "_" | "ts" | "rand" => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
        other => other.starts_with("utm_") || other.starts_with("mc_") || other.starts_with("aspsessionid"),
    }
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Escapes of letters, digits, `-`, `.`, `_` and `~` undone, the others in upper case (RFC 3986, section 6.2.2).
fn unreserved(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let escape = rest.get(at + 1..at + 3).filter(|digits| is_hex(digits));
        let byte = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                out.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            Some(byte) => {
                let _ = write!(out, "%{byte:02X}");
                rest = &rest[at + 3..];
            }
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
