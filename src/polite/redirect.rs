//! Where an answer sends on to: `Location` and `Refresh`.

use std::{borrow::Cow, time::Duration};

use url::Url;

use crate::net::Exchange;

/// Longest `Location` that is looked at, in bytes.
const MAX_LOCATION: usize = 8 * 1024;

/// Longest wait of a `Refresh` that counts as a redirect: after more, a person would have read the page.
const MAX_REFRESH: u64 = 5;

/// True for the statuses whose `Location` is followed.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The target of a redirect, joined as a browser joins it; `Err` says what is wrong with it.
pub(super) fn location(exchange: &Exchange, base: &Url) -> Result<Url, String> {
    let mut lines = exchange.headers.iter().filter(|(name, _)| name == "location").map(|(_, value)| value.trim_ascii());
    let value = lines.next().ok_or("no Location")?;
    // Two unlike targets: whichever one is taken, an intermediary may take the other.
    if lines.any(|other| other != value) {
        return Err("several unlike Location headers".to_owned());
    }
    if value.is_empty() {
        return Err("empty Location".to_owned());
    }
    if value.len() > MAX_LOCATION {
        return Err(format!("Location of {} bytes", value.len()));
    }
    if value.iter().any(u8::is_ascii_control) {
        return Err("control bytes in Location".to_owned());
    }
    base.join(&text(value)).map_err(|error| format!("Location is no address: {error}"))
}

/// The target of a `Refresh` header that moves on within five seconds, and its wait. A refresh without an address, or
/// with one that is not http(s), is none: the page stands for itself.
pub(super) fn refresh(exchange: &Exchange, base: &Url) -> Option<(Duration, Url)> {
    let value = exchange.headers.iter().find(|(name, _)| name == "refresh").map(|(_, value)| value.trim_ascii())?;
    if value.len() > MAX_LOCATION || value.iter().any(u8::is_ascii_control) {
        return None;
    }
    let value = text(value);
    // The browsers' grammar: digits, an optional fraction that is ignored, `;` or `,` or a blank, `url=`, quotes.
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = value.split_at(digits);
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if number.is_empty() && value.len() == rest.len() {
        return None;
    }
    let seconds: u64 = if number.is_empty() { 0 } else { number.parse().ok()? };
    let target = rest.trim_start().strip_prefix([';', ',']).unwrap_or(rest).trim_start();
    let target = match target.get(..3) {
        Some(key) if key.eq_ignore_ascii_case("url") => {
            target[3..].trim_start().strip_prefix('=').map_or(target, str::trim_start)
        }
        _ => target,
    };
    let target = match target.chars().next() {
        Some(quote @ ('"' | '\'')) => target[1..].split(quote).next().unwrap_or_default(),
        _ => target,
    };
    if seconds > MAX_REFRESH || target.trim().is_empty() {
        return None;
    }
    let target = base.join(target.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some((Duration::from_secs(seconds), target))
}

/// Header bytes as text: UTF-8 where they are, else each byte a character, as browsers read them.
fn text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => text.into(),
        Err(_) => value.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use jiff::Timestamp;

    use super::*;
    use crate::model::FetchOutcome;

    fn answer(headers: &[(&str, &[u8])]) -> Exchange {
        let mut exchange = Exchange::failed(FetchOutcome::Ok, "", Timestamp::UNIX_EPOCH, Duration::ZERO);
        exchange.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
        exchange
    }

    #[test]
    fn locations() {
        let base = Url::parse("https://a.it/x/y?z").unwrap();
        let long = [b"/".as_slice(), &b"a".repeat(9000)].concat();
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"https://b.it/", Some("https://b.it/")),
            (b"/c", Some("https://a.it/c")),
            (b"c?d#e", Some("https://a.it/x/c?d#e")),
            (b"//b.it/c", Some("https://b.it/c")),
            (b"?q", Some("https://a.it/x/y?q")),
            (b"  /c  ", Some("https://a.it/c")),
            (b"/a b", Some("https://a.it/a%20b")),
            ("/città".as_bytes(), Some("https://a.it/citt%C3%A0")),
            (b"/citt\xE0", Some("https://a.it/citt%C3%A0")),
            (b"http:/b.it", Some("http://b.it/")),
            (b"javascript:void(0)", Some("javascript:void(0)")),
            (b"", None),
            (b"   ", None),
            (b"/a\x01b", None),
            (b"/a\tb", None),
            (b"/a\x7f", None),
            (b"http://", None),
            (b"http://[::1", None),
            (&long, None),
        ];
        for (value, wanted) in cases {
            let told = location(&answer(&[("location", value)]), &base).ok();
            assert_eq!(told.as_ref().map(Url::as_str), *wanted, "{}", String::from_utf8_lossy(value));
        }
        assert!(location(&answer(&[]), &base).is_err());
        assert!(location(&answer(&[("location", b"/a"), ("location", b"/b")]), &base).is_err());
        assert!(location(&answer(&[("location", b"/a"), ("location", b"/a")]), &base).is_ok());
    }

    /// Header value; seconds and target.
    type Refresh = (&'static [u8], Option<(u64, &'static str)>);

    #[test]
    fn refreshes() {
        let base = Url::parse("https://a.it/x").unwrap();
        let cases: &[Refresh] = &[
            (b"0; url=/y", Some((0, "https://a.it/y"))),
            (b"0;URL='/y'", Some((0, "https://a.it/y"))),
            (b"5, url = \"https://b.it/\"", Some((5, "https://b.it/"))),
            (b"3 /y", Some((3, "https://a.it/y"))),
            (b"0.5;url=/y", Some((0, "https://a.it/y"))),
            (b".5;url=/y", Some((0, "https://a.it/y"))),
            (b"6; url=/y", None),
            (b"99999999999999999999; url=/y", None),
            (b"0", None),
            (b"0; url=", None),
            (b"; url=/y", None),
            (b"url=/y", None),
            (b"", None),
            (b"0; url=javascript:alert(1)", None),
            (b"0; url=/a\x00", None),
            ("0; ù".as_bytes(), Some((0, "https://a.it/%C3%B9"))),
        ];
        for (value, wanted) in cases {
            let told = refresh(&answer(&[("refresh", value)]), &base);
            let told = told.as_ref().map(|(wait, url)| (wait.as_secs(), url.as_str()));
            assert_eq!(told, *wanted, "{}", String::from_utf8_lossy(value));
        }
    }
}
