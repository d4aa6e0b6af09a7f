//! Where a control leads: `href`, `onclick`, `data-` attributes and form actions read as a browser would.

use url::Url;

use super::js::{self, Effect};
use super::{Destination, text};

/// Characters of script or of a raw target that are kept.
const KEPT: usize = 300;
/// Characters of an address that are resolved; longer ones are `data:` and the like.
const LONGEST: usize = 8_192;

/// The two addresses of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here<'a> {
    /// The address that answered.
    pub(super) url: &'a Url,
    /// What relative links are resolved against.
    pub(super) base: &'a Url,
}

impl Here<'_> {
    /// Reads the address of a link, a frame or a form.
    pub(super) fn address(&self, raw: &str) -> Destination {
        let raw = raw.trim_matches(|character: char| character <= ' ');
        if raw.is_empty() || raw == "#" || raw == "#!" {
            return Destination::Nowhere;
        }
        if let Some(name) = raw.strip_prefix('#') {
            return Destination::InPage(text::clip(name, KEPT).to_owned());
        }
        if let Some(code) = javascript(raw) {
            return self.script(&code);
        }
        if raw.len() > LONGEST {
            return Destination::Other(text::clip(raw, KEPT).to_owned());
        }
        let Ok(url) = self.base.join(raw) else {
            return Destination::Other(text::clip(raw, KEPT).to_owned());
        };
        if !matches!(url.scheme(), "http" | "https") {
            return if raw.eq_ignore_ascii_case("about:blank") {
                Destination::Nowhere
            } else {
                Destination::Other(text::clip(raw, KEPT).to_owned())
            };
        }
        match url.fragment() {
            Some(name) if !name.is_empty() && is_same_page(&url, self.url) => Destination::InPage(name.to_owned()),
            _ => Destination::Url(url),
        }
    }

    /// Reads a snippet of script.
    pub(super) fn script(&self, code: &str) -> Destination {
        let code = code.trim();
        match js::effect(code) {
            // Only one step: an address that is script again is not followed.
            Effect::Goes(target) if javascript(&target).is_some() => Destination::Script(clip(code)),
            Effect::Goes(target) => self.address(&target),
            Effect::Nothing => Destination::Nowhere,
            Effect::Unknown => Destination::Script(clip(code)),
        }
    }

    /// An address that a `data-` attribute or a title holds, when the value looks like one.
    pub(super) fn data(&self, raw: &str) -> Option<Destination> {
        let raw = raw.trim();
        let absolute = is_absolute(raw);
        let relative = raw.starts_with(['/', '?']) || raw.starts_with("./") || raw.starts_with("../");
        let page = [".html", ".htm", ".php", ".asp", ".aspx", ".jsp", ".do"].iter().any(|end| raw.ends_with(end));
        if !(absolute || relative || page) || raw.contains(char::is_whitespace) {
            return None;
        }
        match self.address(raw) {
            url @ Destination::Url(_) => Some(url),
            _ => None,
        }
    }

    /// The address that a title holds in full.
    pub(super) fn title(&self, title: &str) -> Option<Destination> {
        let title = title.trim();
        if is_absolute(title) { self.data(title) } else { None }
    }

    /// Where a form is sent: to its own page when it does not say.
    pub(super) fn action(&self, action: Option<&str>) -> Destination {
        match action.map(str::trim) {
            None | Some("" | "#") => Destination::Url(self.url.clone()),
            Some(action) => self.address(action),
        }
    }

    /// The address itself, when it is http or https.
    pub(super) fn resolve(&self, raw: &str) -> Option<Url> {
        let raw = raw.trim_matches(|character: char| character <= ' ');
        if raw.is_empty() || raw.len() > LONGEST {
            return None;
        }
        self.base.join(raw).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
    }
}

/// `url` of `<meta http-equiv=refresh content="5; url=...">`; `None` when it only reloads the page.
pub(super) fn refresh_url(content: &str) -> Option<&str> {
    let rest =
        content.trim_start().trim_start_matches(|character: char| character.is_ascii_digit() || character == '.');
    let rest = rest.trim_start().trim_start_matches([';', ',']).trim_start();
    let named = rest
        .get(..3)
        .filter(|name| name.eq_ignore_ascii_case("url"))
        .and_then(|_| rest[3..].trim_start().strip_prefix('=').map(str::trim_start));
    let target = named.unwrap_or(rest);
    let target = match target.chars().next()? {
        quote @ ('"' | '\'') => target[1..].split(quote).next().unwrap_or_default(),
        _ => target,
    };
    Some(target.trim()).filter(|target| !target.is_empty())
}

/// True for a destination that says nothing of where the control leads.
pub(super) fn is_vague(destination: &Destination) -> bool {
    matches!(destination, Destination::Nowhere)
}

fn clip(code: &str) -> String {
    text::clip(code, KEPT).to_owned()
}

fn is_absolute(raw: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| raw.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// The code of a `javascript:` address, with percent escapes undone; browsers pass over tabs and line breaks in it.
fn javascript(raw: &str) -> Option<String> {
    const SCHEME: &str = "javascript:";
    let mut wanted = SCHEME.bytes();
    let mut next = wanted.next();
    for (at, byte) in raw.bytes().enumerate() {
        if matches!(byte, b'\t' | b'\n' | b'\r') {
            continue;
        }
        match next {
            Some(expected) if byte.to_ascii_lowercase() == expected => next = wanted.next(),
            Some(_) => return None,
            None => return Some(unescape(&raw[at..])),
        }
    }
    next.is_none().then(String::new)
}

/// Undoes percent escapes; those that do not make UTF-8 stay.
fn unescape(raw: &str) -> String {
    if !raw.contains('%') {
        return raw.to_owned();
    }
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%')
            .then(|| raw.get(at + 1..at + 3))
            .flatten()
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| raw.to_owned())
}

/// True when two addresses differ in nothing but the fragment.
fn is_same_page(one: &Url, other: &Url) -> bool {
    one.as_str().split('#').next() == other.as_str().split('#').next()
}

#[cfg(test)]
mod tests;
