//! An index over records as web archives read it: sorted keys, one line for each answer (CDXJ,
//! <https://specs.webrecorder.net/cdxj/0.1.0/>).

use jiff::{Timestamp, tz::Offset};
use serde::Serialize;
use url::Url;

use super::{
    http,
    warc::{Kind, Record},
};

/// What the line says behind key and time, in the order in which other programs write it.
#[derive(Debug, Serialize)]
struct Fields<'a> {
    url: &'a str,
    mime: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    length: String,
    offset: String,
    filename: &'a str,
}

/// The line of a record at a place of a file, without a line break; `None` for records that are no answer to anybody.
///
/// The document that a browser drew is not indexed: it has the address of the answer that it was drawn from, and would stand
/// in its place.
pub fn line(record: &Record, date: Timestamp, filename: &str, offset: u64, length: u64) -> Option<String> {
    let url = record.field("WARC-Target-URI")?;
    let (mime, status) = match record.kind {
        Kind::Response | Kind::Revisit => {
            let (head, _) = http::parse(&record.block).ok()?;
            let mime = match record.kind {
                Kind::Revisit => "warc/revisit".to_owned(),
                _ => mime(head.header("content-type")),
            };
            (mime, Some(head.status.to_string()))
        }
        Kind::Warcinfo | Kind::Request | Kind::Conversion | Kind::Metadata => return None,
        Kind::Resource => (mime(record.field("Content-Type")), Some("200".to_owned())),
    };
    let fields = Fields {
        url,
        mime: &mime,
        status,
        digest: record.field("WARC-Payload-Digest"),
        length: length.to_string(),
        offset: offset.to_string(),
        filename,
    };
    let json = serde_json::to_string(&fields).ok()?;
    Some(format!("{} {} {json}", key(url), stamp(date)))
}

/// The media type alone, lower case; `unk` when there is none, as other programs write it.
fn mime(content_type: Option<&str>) -> String {
    let mime = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    if mime.is_empty() || mime.contains(char::is_whitespace) { "unk".to_owned() } else { mime }
}

/// A time to the second, UTC, fourteen digits.
pub fn stamp(date: Timestamp) -> String {
    let date = Offset::UTC.to_datetime(date);
    let (year, month, day) = (date.year(), date.month(), date.day());
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", date.hour(), date.minute(), date.second())
}

/// The key under which an address is looked up (SURT): the host backwards, then path and query, all of it folded so that
/// spellings of one address meet. What is no web address is its own key.
pub fn key(url: &str) -> String {
    let Ok(parsed) = Url::parse(url) else { return url.to_owned() };
    let Some(host) = parsed.host_str().filter(|_| matches!(parsed.scheme(), "http" | "https")) else {
        return url.to_owned();
    };
    let host = host.trim_matches('.').to_ascii_lowercase();
    let bare = host
        .strip_prefix("www")
        .and_then(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix('.'));
    let mut key = bare.unwrap_or(&host).split('.').rev().collect::<Vec<_>>().join(",");
    if let Some(port) = parsed.port() {
        key.push_str(&format!(":{port}"));
    }
    key.push(')');
    let path: Vec<&str> = parsed.path().split('/').filter(|part| !part.is_empty()).collect();
    let path = path.join("/").to_ascii_lowercase();
    key.push('/');
    key.push_str(&path);
    if let Some(query) = parsed.query().filter(|query| !query.is_empty()) {
        let query = query.to_ascii_lowercase();
        let mut pairs: Vec<(&str, Option<&str>)> = query
            .split('&')
            .filter(|pair| !is_session(pair))
            .map(|pair| pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value))))
            .collect();
        pairs.sort_unstable();
        let pairs: Vec<String> = pairs
            .into_iter()
            .map(|(name, value)| value.map_or_else(|| name.to_owned(), |v| format!("{name}={v}")))
            .collect();
        if !pairs.is_empty() {
            key.push('?');
            key.push_str(&pairs.join("&"));
        }
    }
    key
}

/// A session id, as the common indexers know them: 32 letters and digits.
fn is_session(pair: &str) -> bool {
    let Some((name, value)) = pair.split_once('=') else { return false };
    matches!(name, "jsessionid" | "phpsessid" | "sid")
        && value.len() == 32
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::{super::warc::id, *};

    /// What the Python package `surt` 0.3.1 makes of the same addresses.
    #[test]
    fn keys_are_those_of_other_programs() {
        let cases = [
            ("https://www.comune.ala.to.it/", "it,to,ala,comune)/"),
            ("https://WWW2.Comune.ala.to.it/Accedi/", "it,to,ala,comune)/accedi"),
            ("http://comune.ala.to.it:8080/a//b/../C?b=2&a=1&B=0", "it,to,ala,comune:8080)/a/c?a=1&b=0&b=2"),
            ("https://comune.ala.to.it/a%20b?x=%C3%A8", "it,to,ala,comune)/a%20b?x=%c3%a8"),
            ("https://comune.ala.to.it/?", "it,to,ala,comune)/"),
            ("https://comune.ala.to.it/?a&b=", "it,to,ala,comune)/?a&b="),
            ("https://comune.ala.to.it/p;x=0123?c=d", "it,to,ala,comune)/p;x=0123?c=d"),
            ("https://comune.ala.to.it/?PHPSESSID=0123456789abcdef0123456789abcdef&z=1", "it,to,ala,comune)/?z=1"),
            ("https://wwwcomune.it/#top", "it,wwwcomune)/"),
            ("urn:view:https://x.it", "urn:view:https://x.it"),
        ];
        for (url, expected) in cases {
            assert_eq!(key(url), expected, "{url}");
        }
    }

    #[test]
    fn a_line_says_where_an_answer_is() {
        let date: Timestamp = "2026-11-22T02:00:00.5Z".parse().unwrap();
        let block = b"HTTP/1.1 200 OK\r\ncontent-type: Text/HTML; charset=utf-8\r\n\r\nx".to_vec();
        let record = Record::new(Kind::Response, &id(b"seed", 1), date, "application/http;msgtype=response", block)
            .with("WARC-Target-URI", "https://www.comune.x.it/")
            .with("WARC-Payload-Digest", "sha256:00");
        let expected = "it,x,comune)/ 20261122020000 {\"url\":\"https://www.comune.x.it/\",\"mime\":\"text/html\",\
                        \"status\":\"200\",\"digest\":\"sha256:00\",\"length\":\"90\",\"offset\":\"12\",\
                        \"filename\":\"a.warc.gz\"}";
        assert_eq!(line(&record, date, "a.warc.gz", 12, 90).unwrap(), expected);
        let drawn = Record { kind: Kind::Conversion, ..record };
        assert_eq!(line(&drawn, date, "a.warc.gz", 0, 1), None);
    }
}
