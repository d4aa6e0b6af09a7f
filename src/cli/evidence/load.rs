//! Stored bytes, brought back from the files that the database names.

use std::path::Path;

use crate::{
    cli::{Context, Exit, Failure, workshop},
    crawl::StoredPage,
    evidence::{self, Note, Record},
    store::{RecordRow, Records, Store, VisitId},
};

/// One record, whose bytes are those that were written.
pub(super) fn record(row: &RecordRow, folder: &Path, context: &Context) -> Result<Record, Failure> {
    let wrong = |why: String| {
        let place = format!("{}:{}", folder.join(&row.file).display(), row.offset);
        Failure::new(Exit::Data, context.lang().pick("prove", "evidence")).at(place).because(why)
    };
    let member =
        evidence::read_at(&folder.join(&row.file), row.offset, row.bytes).map_err(|error| wrong(error.to_string()))?;
    if member.link == row.link { Ok(member.record) } else { Err(wrong(evidence::Fault::Link.to_string())) }
}

/// The bytes of one record as they stand in the file, and what they say.
pub(super) fn raw(row: &RecordRow, folder: &Path, context: &Context) -> Result<(Vec<u8>, Record), Failure> {
    let wrong = |why: String| {
        let place = format!("{}:{}", folder.join(&row.file).display(), row.offset);
        Failure::new(Exit::Data, context.lang().pick("prove", "evidence")).at(place).because(why)
    };
    let (bytes, record) =
        evidence::raw_at(&folder.join(&row.file), row.offset, row.bytes).map_err(|error| wrong(error.to_string()))?;
    if evidence::sha256(&bytes) == row.link {
        Ok((bytes, record))
    } else {
        Err(wrong(evidence::Fault::Link.to_string()))
    }
}

/// An answer: its head and its body as received, wherever that is stored.
pub(super) async fn answer(
    row: &RecordRow,
    store: &Store,
    folder: &Path,
    context: &Context,
) -> Result<(evidence::Head, Vec<u8>), Failure> {
    let lang = context.lang();
    let wrong = |why: &str| Failure::new(Exit::Data, lang.pick("prove", "evidence")).at(row.id.clone()).because(why);
    let split = |mut record: Record| {
        let (head, at) = evidence::parse_head(&record.block).map_err(wrong)?;
        record.block.drain(..at);
        Ok::<_, Failure>((head, record.block))
    };
    let (head, raw) = split(record(row, folder, context)?)?;
    if row.refers_to.is_none() {
        return Ok((head, raw));
    }
    let behind = store.evidence_behind(row).await.map_err(|error| workshop::of_store(&error, lang))?;
    let behind = behind.ok_or_else(|| wrong("the record that it refers to is not there"))?;
    Ok((head, split(record(&behind, folder, context)?)?.1))
}

/// A visit as it was recorded with its bytes, and the bytes of its pages. `None` when nothing is kept of it.
pub(in crate::cli) async fn visit(
    id: VisitId,
    store: &Store,
    folder: &Path,
    context: &Context,
) -> Result<Option<(Note, Vec<Option<StoredPage>>)>, Failure> {
    let lang = context.lang();
    let rows = store.evidence_records(&Records::OfVisit(id)).await.map_err(|error| workshop::of_store(&error, lang))?;
    let Some(said) = rows.iter().find(|row| row.kind == "metadata") else { return Ok(None) };
    let note: Note = serde_json::from_slice(&record(said, folder, context)?.block).map_err(|error| {
        Failure::new(Exit::Data, lang.pick("prove", "evidence")).at(said.id.clone()).because(error.to_string())
    })?;
    let named = |id: &String| rows.iter().find(|row| row.id == *id);
    let mut pages = Vec::with_capacity(note.pages.len());
    for noted in &note.pages {
        let Some(last) = noted.answers.last().and_then(named).filter(|_| !noted.without_bodies) else {
            pages.push(None);
            continue;
        };
        let (head, raw) = answer(last, store, folder, context).await?;
        let drawn = match noted.drawn.as_ref().and_then(named) {
            Some(row) => Some(record(row, folder, context)?.block),
            None => None,
        };
        pages.push(Some(StoredPage { status: head.status, headers: head.headers, raw, drawn }));
    }
    Ok(Some((note, pages)))
}
