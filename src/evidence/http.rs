//! HTTP heads as text: what stands in request and response records.

use url::Url;

use crate::{model::FetchOutcome, net::Exchange};

/// Hop-by-hop header that no longer holds of what is kept: the transport has put the body together. It is kept under
/// another name, so that other programs do not look for chunks that are not there.
const CHUNKED: &str = "transfer-encoding";
/// That name.
const WAS_CHUNKED: &str = "x-archive-orig-transfer-encoding";

/// The head of an answer, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// Header lines in order, names lower case, values as received.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// The first header of a name (given in lower case), when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        std::str::from_utf8(value).ok().map(str::trim)
    }
}

fn lines(bytes: &mut Vec<u8>, headers: &[(String, Vec<u8>)]) {
    for (name, value) in headers {
        let name = if name == CHUNKED { WAS_CHUNKED } else { name };
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        // The transport lets none of these through; a head that could grow a line would be no evidence.
        bytes.extend(value.iter().map(|byte| if matches!(byte, b'\r' | b'\n' | 0) { b' ' } else { *byte }));
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
}

/// The head of a request for an address.
pub(super) fn request(url: &Url, sent: &[(String, Vec<u8>)]) -> Vec<u8> {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut bytes = format!("GET {}{query} HTTP/1.1\r\n", url.path()).into_bytes();
    lines(&mut bytes, sent);
    bytes
}

/// The head of an answer. `None` when none came.
pub(super) fn response(exchange: &Exchange) -> Option<Vec<u8>> {
    let status = exchange.status?;
    // The reason phrase is not kept by the transport, and says nothing (RFC 9110, 15).
    let phrase = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut bytes = format!("HTTP/1.1 {status} {}\r\n", phrase.unwrap_or_default()).into_bytes();
    lines(&mut bytes, &exchange.headers);
    Some(bytes)
}

/// Reads the head of an answer back; with it, where the body begins.
pub fn parse(block: &[u8]) -> Result<(Head, usize), &'static str> {
    let end = block.windows(4).position(|four| four == b"\r\n\r\n").ok_or("the head of the answer has no end")?;
    let mut lines = block[..end].split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let status = lines.next().and_then(|line| std::str::from_utf8(line).ok()?.split(' ').nth(1)?.parse().ok());
    let status = status.ok_or("the answer has no status")?;
    let mut headers = Vec::new();
    for line in lines {
        let colon = line.windows(2).position(|two| two == b": ").ok_or("the answer has a header without a name")?;
        let name = std::str::from_utf8(&line[..colon]).map_err(|_| "the answer has a header without a name")?;
        let name = if name == WAS_CHUNKED { CHUNKED } else { name };
        headers.push((name.to_owned(), line[colon + 2..].to_vec()));
    }
    Ok((Head { status, headers }, end + 4))
}

/// What proves a redirect, as it is digested: the status and the `Location` as received. Not the whole head, whose date
/// differs from one answer to the next.
pub fn redirect(status: Option<u16>, headers: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = format!("{}\n", status.unwrap_or_default()).into_bytes();
    for (_, value) in headers.iter().filter(|(name, _)| name == "location" || name == "refresh") {
        bytes.extend_from_slice(value);
        bytes.push(b'\n');
    }
    bytes
}

/// Why a kept body is not the whole body, in the words of the WARC standard.
pub(super) fn truncated(exchange: &Exchange) -> Option<&'static str> {
    (exchange.outcome == FetchOutcome::Cut).then_some("unspecified")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;

    #[test]
    fn heads_are_read_back_as_they_were() {
        let headers = [
            ("content-type", &b"text/html"[..]),
            ("transfer-encoding", b"chunked"),
            ("x-odd", b"a: b \xe0"),
            ("set-cookie", b""),
        ];
        let headers: Vec<(String, Vec<u8>)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
        let exchange = Exchange {
            status: Some(404),
            headers: headers.clone(),
            ..Exchange::failed(FetchOutcome::Ok, "", Timestamp::UNIX_EPOCH, Duration::ZERO)
        };
        let mut block = response(&exchange).unwrap();
        assert!(block.starts_with(b"HTTP/1.1 404 Not Found\r\n"));
        assert!(!block.windows(19).any(|part| part == b"\ntransfer-encoding:"), "there are no chunks in the block");
        block.extend_from_slice(b"\r\n\r\nbody");
        let (head, at) = parse(&block).unwrap();
        assert_eq!(head, Head { status: 404, headers });
        assert_eq!(&block[at..], b"\r\n\r\nbody");
        for broken in [&b""[..], b"HTTP/1.1 200 OK", b"HTTP/1.1 x\r\n\r\n", b"HTTP/1.1 200\r\nnothing\r\n\r\n"] {
            assert!(parse(broken).is_err());
        }
        assert_eq!(redirect(Some(302), &[("location".into(), b"/a".to_vec())]), b"302\n/a\n");
    }
}
