//! A visit and what was exchanged during it, as records.

use std::collections::HashMap;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    capture::{Capture, Note, NotedPage, Reached, SCHEMA},
    http,
    warc::{BODY, CERTIFICATE, Kind, Record, id, sha256},
};
use crate::{
    model::Visit,
    net::{Exchange, decode},
};

/// The response record that holds a payload already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its id.
    pub id: String,
    /// Its date.
    pub date: Timestamp,
}

/// Payloads that the store has: by address and digest as received.
pub type Known = HashMap<(String, String), Earlier>;

/// A record that is about to be written, with what the index says of it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The record, without its place in the chain.
    pub record: Record,
    /// The address it is about.
    pub url: Option<Url>,
    /// Its date.
    pub date: Timestamp,
    /// Place of its page in the visit.
    pub page: Option<usize>,
    /// SHA-256 of the body as received.
    pub payload: Option<String>,
    /// SHA-256 of what the rules read in it.
    pub body: Option<String>,
}

/// Largest decoded body of a page, in bytes; of an answer that is no 2xx. As in a visit.
const MAX_BODY: (usize, usize) = (8 << 20, 512 << 10);

/// The body that a visit read in the bytes as received.
pub fn decoded(status: u16, headers: &[(String, Vec<u8>)], raw: &[u8]) -> Vec<u8> {
    let limit = if (200..300).contains(&status) { MAX_BODY.0 } else { MAX_BODY.1 };
    let encodings = headers.iter().filter(|(name, _)| name == "content-encoding").map(|(_, value)| value.as_slice());
    decode::decode(raw, encodings, limit).body
}

/// The digest of what the rules read of an answer: its decoded body, or, without one, the redirect that it is.
pub fn read_digest(status: u16, headers: &[(String, Vec<u8>)], raw: &[u8]) -> String {
    let body = decoded(status, headers, raw);
    if body.is_empty() { sha256(&http::redirect(Some(status), headers)) } else { sha256(&body) }
}

/// Makes the records of a visit. `tip` is the link of the chain that they will follow; it only makes ids differ.
pub fn compose(visit: &Visit, reached: Reached, capture: &Capture, known: &Known, tip: &str) -> Vec<Draft> {
    let seed = Sha256::new()
        .chain_update(tip)
        .chain_update(visit.url.as_str())
        .chain_update(visit.started.to_string())
        .chain_update(visit.finished.to_string())
        .finalize();
    let mut drafts: Vec<Draft> = Vec::new();
    let mut pages = Vec::new();
    for page in capture.kept(visit) {
        let place = page.around.page;
        let mut answers = Vec::new();
        for (url, exchange) in &page.hops {
            let (question, answer) = (id(&seed, drafts.len()), id(&seed, drafts.len() + 1));
            let Some(record) = answered(url, exchange, &answer, &question, known) else { continue };
            drafts.push(asked(url, exchange, &question, &answer, place));
            answers.push(answer);
            drafts.push(Draft { page: Some(place), ..record });
        }
        let drawn = page.drawn.as_ref().map(|page_drawn| {
            let name = id(&seed, drafts.len());
            let url = page.around.drawn_url.clone();
            let digest = sha256(page_drawn.html.as_bytes());
            let block = page_drawn.html.clone().into_bytes();
            let date = visit.pages.get(place).map_or(visit.finished, |record| record.fetched);
            let record = Record::new(Kind::Conversion, &name, date, "text/html; charset=utf-8", block)
                .with_some("WARC-Target-URI", url.as_ref().map(Url::as_str))
                .with_some("WARC-Refers-To", answers.last().map(|id| format!("<{id}>")).as_deref())
                .with("WARC-Payload-Digest", &format!("sha256:{digest}"))
                .with(BODY, &format!("sha256:{digest}"));
            drafts.push(Draft {
                record,
                url,
                date,
                page: Some(place),
                payload: Some(digest.clone()),
                body: Some(digest),
            });
            name
        });
        let picture = page.drawn.as_ref().and_then(|drawn| drawn.picture.as_ref()).map(|png| {
            let name = id(&seed, drafts.len());
            let shown = page.around.drawn_url.as_ref().map_or("", Url::as_str);
            // An address of its own: under the page's own address others would take it for the page.
            let url = Url::parse(&format!("urn:view:{shown}")).ok();
            let digest = sha256(png);
            let date = visit.pages.get(place).map_or(visit.finished, |record| record.fetched);
            let record = Record::new(Kind::Resource, &name, date, "image/png", png.clone())
                .with_some("WARC-Target-URI", url.as_ref().map(Url::as_str))
                .with_some("WARC-Concurrent-To", answers.last().map(|id| format!("<{id}>")).as_deref())
                .with("WARC-Payload-Digest", &format!("sha256:{digest}"));
            drafts.push(Draft { record, url, date, page: Some(place), payload: Some(digest), body: None });
            name
        });
        let (around, without_bodies) = (page.around.clone(), page.without_bodies());
        pages.push(NotedPage { around, answers, drawn, picture, without_bodies });
    }
    drafts.push(noted(visit, reached, pages, &id(&seed, drafts.len())));
    drafts
}

fn asked(url: &Url, exchange: &Exchange, own: &str, answer: &str, page: usize) -> Draft {
    let block = http::request(url, &exchange.sent);
    let record = Record::new(Kind::Request, own, exchange.started, "application/http;msgtype=request", block)
        .with("WARC-Target-URI", url.as_str())
        .with_some("WARC-IP-Address", exchange.address.map(|address| address.ip().to_string()).as_deref())
        .with("WARC-Concurrent-To", &format!("<{answer}>"));
    Draft { record, url: Some(url.clone()), date: exchange.started, page: Some(page), payload: None, body: None }
}

fn answered(url: &Url, exchange: &Exchange, own: &str, question: &str, known: &Known) -> Option<Draft> {
    let head = http::response(exchange)?;
    let payload = sha256(&exchange.raw);
    let body = read_digest(exchange.status.unwrap_or_default(), &exchange.headers, &exchange.raw);
    let earlier = known.get(&(url.to_string(), payload.clone())).filter(|_| !exchange.raw.is_empty());
    let (kind, block) = match earlier {
        Some(_) => (Kind::Revisit, head),
        None => (Kind::Response, [&head[..], &exchange.raw].concat()),
    };
    let mut record = Record::new(kind, own, exchange.started, "application/http;msgtype=response", block)
        .with("WARC-Target-URI", url.as_str())
        .with_some("WARC-IP-Address", exchange.address.map(|address| address.ip().to_string()).as_deref())
        .with("WARC-Concurrent-To", &format!("<{question}>"))
        .with("WARC-Payload-Digest", &format!("sha256:{payload}"))
        .with_some("WARC-Truncated", http::truncated(exchange))
        .with_some("WARC-Protocol", exchange.http2.then_some("h2"))
        .with_some(CERTIFICATE, exchange.certificate.as_ref().map(|digest| format!("sha256:{digest}")).as_deref())
        .with(BODY, &format!("sha256:{body}"));
    if let Some(earlier) = earlier {
        record = record
            .with("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest")
            .with("WARC-Refers-To", &format!("<{}>", earlier.id))
            .with("WARC-Refers-To-Target-URI", url.as_str())
            .with("WARC-Refers-To-Date", &earlier.date.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string());
    }
    Some(Draft {
        record,
        url: Some(url.clone()),
        date: exchange.started,
        page: None,
        payload: Some(payload),
        body: Some(body),
    })
}

/// The last record of a visit: what was made of the others.
fn noted(visit: &Visit, reached: Reached, pages: Vec<NotedPage>, own: &str) -> Draft {
    let note = Note { schema: SCHEMA.to_owned(), visit: visit.clone(), reached, pages };
    // Plain data with text keys: writing it to memory cannot fail.
    let block = serde_json::to_vec(&note).unwrap_or_default();
    let record = Record::new(Kind::Metadata, own, visit.finished, "application/json", block)
        .with("WARC-Target-URI", visit.url.as_str());
    Draft { record, url: Some(visit.url.clone()), date: visit.finished, page: None, payload: None, body: None }
}
