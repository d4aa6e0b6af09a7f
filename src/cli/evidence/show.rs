//! `riscontro evidence show`.

use std::{
    io::{self, Write as _},
    path::Path,
};

use serde::Serialize;

use super::{Show, load, nothing};
use crate::{
    cli::{Context, Exit, Failure, Format, workshop},
    evidence,
    report::{self, clean, mask},
    store::{RecordRow, Records, Store, VisitId},
};

/// One record and its head.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    row: &'a RecordRow,
    fields: Vec<(String, String)>,
    head: Option<String>,
}

pub(super) async fn run(show: &Show, store: &Store, folder: &Path, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let rows = rows(show, store, context).await?;
    if show.body {
        let body = body(&rows, show, store, folder, context).await?;
        let mut out = io::stdout().lock();
        let written = out.write_all(&body).and_then(|()| out.flush());
        return written.map(|()| Exit::Found).map_err(|error| Failure::unwritable("standard output", &error, lang));
    }
    for row in &rows {
        let mut record = load::record(row, folder, context)?;
        let is_http = matches!(row.kind.as_str(), "request" | "response" | "revisit");
        let end = record.block.windows(4).position(|four| four == b"\r\n\r\n").filter(|_| is_http);
        let mut head = end.map(|end| String::from_utf8_lossy(&record.block[..end]).into_owned());
        let mut row = row.clone();
        if !show.raw {
            row.url = row.url.as_deref().map(mask::address);
            head = head.map(|head| masked_head(&head));
            for (name, value) in &mut record.fields {
                if name.ends_with("-URI") {
                    *value = mask::address(value);
                }
            }
        }
        let text = match show.printed.format {
            Format::Json => report::json::line(&Shown { row: &row, fields: record.fields, head })
                .map_err(|error| Failure::unwritable("json", &error, lang))?,
            Format::Text => text(&row, &record.fields, head.as_deref()),
        };
        context.print(&text)?;
    }
    Ok(Exit::Found)
}

/// The records of a page, or with a digest.
async fn rows(show: &Show, store: &Store, context: &Context) -> Result<Vec<RecordRow>, Failure> {
    let lang = context.lang();
    let page = show.what.split_once('/').and_then(|(visit, page)| Some((visit.parse().ok()?, page.parse().ok()?)));
    let digest = show.what.to_ascii_lowercase();
    let digest = digest.strip_prefix("sha256:").unwrap_or(&digest);
    let wanted = match page {
        Some((visit, _)) => Records::OfVisit(VisitId(visit)),
        None if digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Records::WithDigest(digest.to_owned())
        }
        None => {
            let why = lang.pick("né un'impronta SHA-256 né VISITA/PAGINA", "neither a SHA-256 digest nor VISIT/PAGE");
            let usage = Failure::new(Exit::Usage, lang.pick("uso", "usage"));
            return Err(usage.at(show.what.clone()).because(why));
        }
    };
    let mut rows = store.evidence_records(&wanted).await.map_err(|error| workshop::of_store(&error, lang))?;
    if let Some((_, page)) = page {
        rows.retain(|row| row.page == Some(page));
    }
    if rows.is_empty() { Err(nothing(show.what.clone(), lang)) } else { Ok(rows) }
}

/// The body as the rules read it: of the record with that digest, or the last that the page came to.
async fn body(
    rows: &[RecordRow],
    show: &Show,
    store: &Store,
    folder: &Path,
    context: &Context,
) -> Result<Vec<u8>, Failure> {
    let last = rows.iter().rfind(|row| row.body.is_some());
    let row = last.ok_or_else(|| nothing(show.what.clone(), context.lang()))?;
    if row.kind == "conversion" {
        return Ok(load::record(row, folder, context)?.block);
    }
    let (head, raw) = load::answer(row, store, folder, context).await?;
    Ok(evidence::decoded(head.status, &head.headers, &raw))
}

/// The head of a request or an answer, line by line. What we said of ourselves, and to whom one may write about it, stays.
fn masked_head(head: &str) -> String {
    let line = |line: &str| match line.split_once(": ") {
        Some(("user-agent", _)) => line.to_owned(),
        Some((name @ ("location" | "refresh" | "content-location"), to)) => format!("{name}: {}", mask::address(to)),
        Some(_) => mask::text(line).into_owned(),
        // The first line: method, address, version.
        None => {
            let words: Vec<String> = line.split(' ').map(masked_word).collect();
            words.join(" ")
        }
    };
    head.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
}

/// A word of the first line: an address without its host, or what needs no masking.
fn masked_word(word: &str) -> String {
    if !word.starts_with('/') {
        return word.to_owned();
    }
    let masked = mask::address(&format!("http://x{word}"));
    masked.strip_prefix("http://x").unwrap_or(&masked).to_owned()
}

fn text(row: &RecordRow, fields: &[(String, String)], head: Option<&str>) -> String {
    let mut out = format!("{}:{}  WARC-Type: {}\n", row.file, row.offset, row.kind);
    for (name, value) in fields {
        out.push_str(&format!("  {name}: {}\n", clean(value)));
    }
    out.push('\n');
    for line in head.into_iter().flat_map(str::lines) {
        out.push_str(&format!("    {}\n", clean(line)));
    }
    if head.is_some() {
        out.push('\n');
    }
    out
}
