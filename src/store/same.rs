//! Visits that saw the same as one before: what they saw is stored once.
//!
//! Such a visit refers to the one that holds the pages, findings and signals (`visit.same_as`), always to that one itself and
//! never to another that refers. Its own are when it was, what it cost, how it ended, and when each page came. It is read back
//! exactly as it was given; one of which that could not be done is stored in full.

use jiff::{SignedDuration, Timestamp};

use crate::{
    evidence::sha256,
    model::{Finding, PageRecord, Visit},
};

use super::{
    codes::json,
    sql::{Connection, query_scalar},
    write::Place,
};

/// What a visit saw, and when.
#[derive(Debug)]
pub(super) struct Seen {
    /// Of everything but its times, its requests and its end.
    pub(super) digest: String,
    /// Milliseconds from the start to the first page, from page to page, and from the last page to the end; a JSON list.
    pub(super) times: String,
}

impl Seen {
    /// None of a visit whose times cannot be told so: they are not whole milliseconds apart, or a signal is of another time
    /// than every page.
    pub(super) fn of(visit: &Visit) -> Result<Option<Self>, sqlx::Error> {
        let Some(times) = steps(visit) else { return Ok(None) };
        let mut findings = visit.findings.clone();
        // In place of its time, which page a signal has its time from: the same whenever that was.
        for signal in findings.iter_mut().flat_map(|finding| &mut finding.signals) {
            let Some(page) = page_of(&visit.pages, signal.fetched) else { return Ok(None) };
            let Ok(page) = i64::try_from(page) else { return Ok(None) };
            let Ok(mark) = Timestamp::from_millisecond(page) else { return Ok(None) };
            signal.fetched = mark;
        }
        let mut pages = visit.pages.clone();
        for page in &mut pages {
            page.fetched = Timestamp::UNIX_EPOCH;
        }
        let Visit { url, coverage, vendors, remarks, path, left_unread, .. } = visit;
        let seen = json(&(url, coverage, findings, vendors, remarks, pages, path, left_unread))?;
        Ok(Some(Self { digest: sha256(seen.as_bytes()), times: json(&times)? }))
    }

    /// The visit of the same site, about the same and by the same rules, that holds what was seen.
    pub(super) async fn holder(
        &self,
        connection: &mut Connection,
        place: Place,
        comune: Option<i64>,
    ) -> Result<Option<i64>, sqlx::Error> {
        // One or two have the digest; by their sites they are not to be looked for.
        query_scalar(
            "WITH same AS MATERIALIZED (SELECT id, site, comune, subject, catalogue FROM visit WHERE digest = $1)
             SELECT id FROM same WHERE site = $2 AND comune IS NOT DISTINCT FROM $3 AND subject = $4 AND catalogue = $5
             ORDER BY id DESC LIMIT 1",
        )
        .bind(&self.digest)
        .bind(place.site)
        .bind(comune)
        .bind(place.subject)
        .bind(place.catalogue)
        .fetch_optional(&mut *connection)
        .await
    }
}

/// The first page that came at a time.
fn page_of(pages: &[PageRecord], fetched: Timestamp) -> Option<usize> {
    pages.iter().position(|page| page.fetched == fetched)
}

/// The milliseconds from each time to the next.
fn steps(visit: &Visit) -> Option<Vec<i64>> {
    let mut last = visit.started;
    let times = visit.pages.iter().map(|page| page.fetched).chain([visit.finished]);
    times
        .map(|time| {
            let step = time.duration_since(last);
            last = time;
            let whole = step.subsec_nanos() % 1_000_000 == 0;
            whole.then(|| i64::try_from(step.as_millis()).ok()).flatten()
        })
        .collect()
}

/// Gives what another visit saw the times of one that refers to it, and says when that one ended. The pages may have been let
/// go.
pub(super) fn retime(
    started: Timestamp,
    times: &[i64],
    pages: &mut [PageRecord],
    findings: &mut [Finding],
) -> Result<Timestamp, sqlx::Error> {
    let wrong = |what: &str| sqlx::Error::Decode(format!("column times: {what}").into());
    let mut last = started;
    let mut told = Vec::with_capacity(times.len());
    for step in times {
        last = last.checked_add(SignedDuration::from_millis(*step)).map_err(|_| wrong("out of range"))?;
        told.push(last);
    }
    let finished = told.pop().ok_or_else(|| wrong("no time at all"))?;
    if pages.is_empty() {
        return Ok(finished);
    }
    if told.len() != pages.len() {
        return Err(wrong("not one for each page"));
    }
    for signal in findings.iter_mut().flat_map(|finding| &mut finding.signals) {
        let page = page_of(pages, signal.fetched).ok_or_else(|| wrong("a signal is of no page"))?;
        signal.fetched = told[page];
    }
    for (page, fetched) in pages.iter_mut().zip(told) {
        page.fetched = fetched;
    }
    Ok(finished)
}
