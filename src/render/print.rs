//! A document of ours on paper: the page that a reader would open, laid out by the browser and taken as PDF.
//!
//! The page is handed over as bytes. Its scripts are off, whatever it asks for is turned down, and a page that asks for
//! anything or leaves by itself is none of ours: it is not printed.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide::cdp::browser_protocol::{
    emulation::SetScriptExecutionDisabledParams,
    fetch::{self, EventRequestPaused, FailRequestParams, FulfillRequestParams, HeaderEntry, RequestPattern},
    inspector::{self, EventDetached, EventTargetCrashed},
    io::{CloseParams, ReadParams, StreamHandle},
    network::{ErrorReason, ResourceType},
    page::{self, EventLoadEventFired, NavigateParams, PrintToPdfParams, PrintToPdfTransferMode},
};
use tokio::time::{Instant, timeout_at};

use super::{
    Fault,
    link::{Incoming, Link},
};

/// Time for one document, from an open page to the last byte. Four thousand rows come to 270 sheets, and took 25 s on two busy
/// cores.
pub(super) const TIME: Duration = Duration::from_mins(3);
/// Time within which the page has loaded.
const LOADING: Duration = Duration::from_mins(1);
/// Largest page that is printed, in bytes.
const PAGE: usize = 32 << 20;
/// Largest PDF that is taken, in bytes.
const PDF: usize = 128 << 20;
/// Bytes that are asked for at a time.
const PIECE: i64 = 1 << 20;
/// Where the page seems to be; the name never resolves (RFC 6761).
const PLACE: &str = "http://documento.invalid/";

/// Prints a page that is handed over.
pub(super) async fn print(mut link: Link, frame: &str, html: &str) -> Result<Vec<u8>, Fault> {
    if html.len() > PAGE {
        return Err(Fault::Size);
    }
    let pattern = RequestPattern::builder().url_pattern("*").build();
    link.call(&fetch::EnableParams::builder().pattern(pattern).build()).await?;
    link.call(&page::EnableParams::default()).await?;
    link.call(&inspector::EnableParams::default()).await?;
    link.call(&SetScriptExecutionDisabledParams::new(true)).await?;
    load(&mut link, frame, html).await?;
    // Size and margins are those of the style sheet, page numbers too.
    let mut print = PrintToPdfParams::builder()
        .prefer_css_page_size(true)
        .print_background(true)
        .generate_tagged_pdf(true)
        .generate_document_outline(true)
        .build();
    print.transfer_mode = Some(PrintToPdfTransferMode::ReturnAsStream);
    let printed = link.call_within(TIME, &print).await?;
    let stream = printed.stream.ok_or_else(|| Fault::Crash("the browser gave no document".to_owned()))?;
    taken(&mut link, stream).await
}

/// Gives the browser the page, and waits until it is laid out.
async fn load(link: &mut Link, frame: &str, html: &str) -> Result<(), Fault> {
    let deadline = Instant::now() + LOADING;
    link.send(&NavigateParams::new(PLACE))?;
    let mut handed = false;
    loop {
        let incoming = timeout_at(deadline, link.next()).await.map_err(|_| Fault::Time)??;
        let Incoming::Event(name, said) = incoming else { continue };
        match &*name {
            EventRequestPaused::IDENTIFIER => {
                let paused: EventRequestPaused =
                    serde_json::from_value(said).map_err(|error| Fault::Crash(error.to_string()))?;
                let main = paused.resource_type == ResourceType::Document && paused.frame_id.inner() == frame;
                if main && !handed {
                    handed = true;
                    let mut answer = FulfillRequestParams::new(paused.request_id, 200);
                    answer.response_headers =
                        Some(vec![HeaderEntry::new("content-type".to_owned(), "text/html; charset=utf-8".to_owned())]);
                    answer.body = Some(STANDARD.encode(html).into());
                    link.send(&answer)?;
                    continue;
                }
                link.send(&FailRequestParams::new(paused.request_id, ErrorReason::BlockedByClient))?;
                // The browser asks for an icon by itself.
                if !paused.request.url.ends_with("/favicon.ico") {
                    return Err(Fault::Crash("the document asks for something".to_owned()));
                }
            }
            EventLoadEventFired::IDENTIFIER if handed => return Ok(()),
            EventTargetCrashed::IDENTIFIER => return Err(Fault::Crash("the page's process ended".to_owned())),
            EventDetached::IDENTIFIER => return Err(Fault::Crash("the page is gone".to_owned())),
            _ => {}
        }
    }
}

/// The bytes of a document, piece by piece.
async fn taken(link: &mut Link, stream: StreamHandle) -> Result<Vec<u8>, Fault> {
    let mut pdf = Vec::new();
    loop {
        let mut read = ReadParams::new(stream.clone());
        read.size = Some(PIECE);
        let piece = link.call(&read).await?;
        let broken = |_| Fault::Crash("the browser's document cannot be read".to_owned());
        if piece.base64_encoded == Some(true) {
            pdf.extend(STANDARD.decode(&piece.data).map_err(broken)?);
        } else {
            pdf.extend(piece.data.as_bytes());
        }
        if pdf.len() > PDF {
            return Err(Fault::Size);
        }
        if piece.eof {
            break;
        }
    }
    link.call(&CloseParams::new(stream)).await?;
    if pdf.starts_with(b"%PDF-") { Ok(pdf) } else { Err(Fault::Crash("the browser gave no PDF".to_owned())) }
}
