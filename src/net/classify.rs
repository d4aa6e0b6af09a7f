//! Errors to outcomes, by type and never by text.
//!
//! What the client hands back is a chain of wrapped errors from five libraries. Each fault that we tell apart has
//! a type or an accessor of its own somewhere in that chain; the walk below finds it.

use std::{error::Error as StdError, io};

use crate::model::FetchOutcome;

use super::{dial::NotPinned, tls};

/// What a failed exchange ends as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) outcome: FetchOutcome,
    pub(super) detail: String,
    /// The server closed the connection before any byte of an answer: on a connection that was idle, the request may be
    /// sent once more (RFC 9112, 9.3.1).
    pub(super) closed_early: bool,
    /// The server agreed on HTTP/2 and then did not speak it.
    pub(super) not_http2: bool,
}

impl Failure {
    fn new(outcome: FetchOutcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into(), closed_early: false, not_http2: false }
    }
}

/// Finds an error of a type in a chain.
///
/// `io::Error::source()` gives the source *of what it wraps*, stepping over the wrapped error itself, and the TLS layer
/// wraps twice: so the inside of every `io::Error` is walked too.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref::<T>() {
        return Some(found);
    }
    if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
        && let Some(found) = find::<T>(inner)
    {
        return Some(found);
    }
    error.source().and_then(find::<T>)
}

/// The kind of the innermost `io::Error` that says something.
fn io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    let outer = find::<io::Error>(error)?;
    match outer.kind() {
        io::ErrorKind::Other => outer.get_ref().and_then(|inner| io_kind(inner)).or(Some(io::ErrorKind::Other)),
        kind => Some(kind),
    }
}

/// Classifies the error of a request. `https` is the scheme that was asked for: on it, a connection that breaks before
/// it stands broke in the handshake.
pub(super) fn classify(error: &reqwest::Error, https: bool) -> Failure {
    if find::<NotPinned>(error).is_some() {
        return Failure::new(FetchOutcome::AddressRefused, "unpinned");
    }
    if let Some(fault) = find::<rustls::Error>(error) {
        let (outcome, detail) = tls::classify(fault);
        return Failure::new(outcome, detail);
    }
    let connecting = error.is_connect();
    if connecting && error.is_timeout() {
        return Failure::new(FetchOutcome::ConnectTimeout, "no connection within the limit");
    }
    let kind = io_kind(error);
    if connecting {
        return connecting_failure(kind, https);
    }
    if let Some(fault) = find::<h2::Error>(error) {
        return http2_failure(fault);
    }
    if let Some(fault) = find::<hyper::Error>(error)
        && let Some(failure) = http1_failure(fault)
    {
        return failure;
    }
    match kind {
        Some(io::ErrorKind::TimedOut) => Failure::new(FetchOutcome::Timeout, "the connection went silent"),
        Some(kind) if is_closing(kind) => closed(),
        Some(kind) => Failure::new(FetchOutcome::Closed, format!("the connection broke: {kind}")),
        None if error.is_builder() => Failure::new(FetchOutcome::Malformed, "the address cannot be sent"),
        None => Failure::new(FetchOutcome::Closed, "the connection broke"),
    }
}

fn closed() -> Failure {
    Failure { closed_early: true, ..Failure::new(FetchOutcome::Closed, "the server closed the connection") }
}

fn is_closing(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof
    )
}

fn connecting_failure(kind: Option<io::ErrorKind>, https: bool) -> Failure {
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => {
            Failure::new(FetchOutcome::Refused, "the server refused the connection")
        }
        Some(io::ErrorKind::TimedOut) => Failure::new(FetchOutcome::ConnectTimeout, "no connection within the limit"),
        Some(kind) if https && is_closing(kind) => {
            Failure::new(FetchOutcome::TlsFailed, "the server closed the connection during the TLS handshake")
        }
        Some(kind) if is_closing(kind) => Failure::new(FetchOutcome::Closed, "the server closed the connection"),
        Some(kind) => Failure::new(FetchOutcome::Unreachable, kind.to_string()),
        None => Failure::new(FetchOutcome::Unreachable, "no connection"),
    }
}

fn http2_failure(fault: &h2::Error) -> Failure {
    let asked_for_http1 = fault.reason() == Some(h2::Reason::HTTP_1_1_REQUIRED);
    if fault.is_io() {
        return closed();
    }
    if fault.is_remote() {
        let reason = fault.reason().unwrap_or(h2::Reason::NO_ERROR);
        let detail = format!("HTTP/2: the server ended the stream: {}", reason.description());
        return Failure { not_http2: asked_for_http1, ..Failure::new(FetchOutcome::Closed, detail) };
    }
    // What we ended ourselves: the bytes that came break the protocol.
    let reason = fault.reason().unwrap_or(h2::Reason::PROTOCOL_ERROR);
    let detail = format!("HTTP/2: the server broke the protocol: {}", reason.description());
    Failure { not_http2: true, ..Failure::new(FetchOutcome::Malformed, detail) }
}

fn http1_failure(fault: &hyper::Error) -> Option<Failure> {
    if fault.is_parse_too_large() {
        return Some(Failure::new(FetchOutcome::HeadersTooLarge, "more header lines or bytes than the limit"));
    }
    if fault.is_parse() {
        return Some(Failure::new(FetchOutcome::Malformed, "what came is not HTTP"));
    }
    if fault.is_incomplete_message() || fault.is_canceled() || fault.is_closed() {
        return Some(closed());
    }
    None
}
