//! One answer off the wire: its head, and as much of its body as the limits allow.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    Limits,
    classify::{self, Failure},
    dial::{CURRENT, Dial},
};
use crate::{clock::Clock, model::FetchOutcome};

/// Bytes read of a body whose first bytes say that it is no text: a document or film is recognised, not downloaded.
const NOT_TEXT: usize = 64 * 1024;

/// An HTTP answer as received.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) http2: bool,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) raw: Vec<u8>,
    /// Why the body is not whole.
    pub(super) cut: Option<String>,
    pub(super) address: Option<SocketAddr>,
    pub(super) certificate: Option<String>,
    pub(super) latency: Duration,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn failure(outcome: FetchOutcome, detail: impl Into<String>) -> Failure {
    Failure { outcome, detail: detail.into(), closed_early: false, not_http2: false }
}

/// Sends one request and reads its answer. A failure after the head is not a failure: the answer is cut there.
pub(super) async fn receive(
    client: &reqwest::Client,
    request: reqwest::Request,
    dial: &Arc<Dial>,
    limits: &Limits,
    max_body: usize,
    deadline: Instant,
    clock: &dyn Clock,
) -> Result<Answer, Failure> {
    let https = request.url().scheme() == "https";
    let begun = clock.instant();
    let sending = CURRENT.scope(Arc::clone(dial), async { client.execute(request).await });
    let response = tokio::select! {
        biased;
        response = sending => response.map_err(|error| classify::classify(&error, https))?,
        () = dial.silence(limits.first_byte) => {
            return Err(failure(FetchOutcome::FirstByteTimeout, "no complete head of an answer within the limit"));
        }
        () = sleep_until(deadline) => {
            if dial.connecting() {
                return Err(failure(FetchOutcome::ConnectTimeout, "no connection within the limit for the whole request"));
            }
            return Err(failure(FetchOutcome::Timeout, "no answer within the limit for the whole request"));
        }
    };
    let latency = clock.instant().saturating_duration_since(begun);
    check_head(&response, limits)?;
    let status = response.status().as_u16();
    let mut answer = Answer {
        http2: response.version() == reqwest::Version::HTTP_2,
        status,
        headers: response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        raw: Vec::new(),
        cut: None,
        address: response.remote_addr(),
        certificate: response
            .extensions()
            .get::<reqwest::tls::TlsInfo>()
            .and_then(reqwest::tls::TlsInfo::peer_certificate)
            .map(|der| format!("{:x}", Sha256::digest(der))),
        latency,
    };
    let limit = limits.max_raw.min(max_body);
    let limit = if answer.is_success() { limit } else { limit.min(limits.max_error_body) };
    read_body(response, &mut answer, limit, limits.archives, deadline).await?;
    if status == 206 && answer.cut.is_none() {
        answer.cut = Some("the server sent a part that was not asked for".to_owned());
    }
    Ok(answer)
}

/// Refuses heads that are too large, or that say two things at once.
fn check_head(response: &reqwest::Response, limits: &Limits) -> Result<(), Failure> {
    let headers = response.headers();
    // Four bytes a line: colon, blank, line end.
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers.len() > limits.max_header_lines || bytes > limits.max_header_bytes as usize {
        return Err(failure(FetchOutcome::HeadersTooLarge, "more header lines or bytes than the limit"));
    }
    if response.status().as_u16() == 101 {
        return Err(failure(FetchOutcome::Malformed, "the server switched to a protocol that was not asked for"));
    }
    if has_two_lengths(headers) {
        return Err(failure(FetchOutcome::Malformed, "the answer gives its length in two ways"));
    }
    Ok(())
}

/// A length and a transfer coding together are what request smuggling is made of (RFC 9112, 6.3).
fn has_two_lengths(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING)
}

/// Reads until the end or a limit. What breaks off keeps its beginning; a page of which nothing came has none to keep, and
/// is the fault itself: an empty page would be taken for something that a server meant to say.
async fn read_body(
    mut response: reqwest::Response,
    answer: &mut Answer,
    limit: usize,
    archives: bool,
    deadline: Instant,
) -> Result<(), Failure> {
    let encoded = answer.headers.iter().any(|(name, _)| name == "content-encoding");
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Err(_) if answer.is_success() && answer.raw.is_empty() => {
                return Err(failure(FetchOutcome::Timeout, "no body within the limit for the whole request"));
            }
            Err(_) => {
                answer.cut = Some("the body was not complete within the limit for the whole request".to_owned());
                return Ok(());
            }
            Ok(Err(error)) => {
                let fault = classify::classify(&error, false);
                let detail = format!("the body ended early: {}", fault.detail);
                if answer.is_success() && answer.raw.is_empty() {
                    // Made anew: a head was read, so this is no idle connection whose request may be repeated unseen.
                    return Err(failure(fault.outcome, detail));
                }
                answer.cut = Some(detail);
                return Ok(());
            }
            Ok(Ok(None)) => return Ok(()),
            Ok(Ok(Some(chunk))) => {
                // Never by the announced length: only what has come takes room.
                let room = limit - answer.raw.len();
                answer.raw.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    answer.cut = Some(format!("the body is larger than {limit} bytes"));
                    return Ok(());
                }
                if !encoded && !archives && answer.raw.len() > NOT_TEXT && is_not_text(&answer.raw) {
                    answer.raw.truncate(NOT_TEXT);
                    answer.cut = Some("not a page: only its beginning was read".to_owned());
                    return Ok(());
                }
            }
        }
    }
}

/// Recognises documents, archives, images, sound and film by their first bytes (WHATWG MIME Sniffing, 6 and 7).
fn is_not_text(raw: &[u8]) -> bool {
    const STARTS: [&[u8]; 16] = [
        b"%PDF-",
        b"PK\x03\x04",
        b"Rar!\x1a",
        b"7z\xbc\xaf",
        b"\x7fELF",
        b"MZ\x90\x00",
        b"\x89PNG\r\n",
        b"\xff\xd8\xff",
        b"GIF87a",
        b"GIF89a",
        b"RIFF",
        b"OggS\x00",
        b"ID3\x03",
        b"ID3\x04",
        b"\x1a\x45\xdf\xa3",
        b"\xd0\xcf\x11\xe0",
    ];
    STARTS.iter().any(|start| raw.starts_with(start)) || raw.get(4..8) == Some(b"ftyp")
}
