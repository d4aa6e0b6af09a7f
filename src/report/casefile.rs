//! The case file of one comune: a page for people, and what goes beside the records so that others can check them.
//!
//! Made of values alone and without a clock: the same visits give the same bytes. Whether what pages say is masked
//! ([`super::mask`]) is decided by who hands the visits over, and said on the page.

mod package;
#[cfg(test)]
mod tests;
mod view;

use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use package::{Manifest, ManifestVisit, check_text, data_package, digest_of, page_list};

use self::view::{HistoryView, StandingView, VisitView};
use super::{
    view::Value,
    words::{
        Words,
        casefile::{CaseWords, case_words},
    },
};
use crate::{
    VERSION,
    model::{Platform, Visit},
    store::{ChainId, HistoryOf, RunId, StampRow, Trust, VisitId},
};

/// The script with which a third person checks a case file.
pub const CHECK_SCRIPT: &str = include_str!("templates/verify.py");

/// The style of all documents, and what wide tables and pictures need.
const STYLE: &str = concat!(include_str!("templates/site.css"), include_str!("templates/casefile.css"));

/// One visit of a case file.
#[derive(Debug, Clone)]
pub struct CaseVisit {
    /// The visit's number.
    pub id: VisitId,
    /// What it saw, masked or not.
    pub visit: Visit,
    /// Its run; none for a single visit.
    pub run: Option<RunId>,
    /// Whether the looks of its run count; none without a run.
    pub trust: Option<Trust>,
    /// The chain of its records.
    pub chain: ChainId,
    /// The root of that chain.
    pub root: String,
    /// The time stamps of the chain's roots that cover its records.
    pub stamps: Vec<StampRow>,
    /// Places of its first and last record in the chain.
    pub records: (u64, u64),
    /// The name told to servers.
    pub agent: String,
    /// It is the latest visit.
    pub latest: bool,
    /// The platforms whose standing answer it was the last to confirm.
    pub confirmed: Vec<Platform>,
    /// Places of the pages of which the bytes are kept.
    pub kept: Vec<usize>,
    /// Pictures of drawn pages.
    pub pictures: Vec<Picture>,
}

/// A picture of a drawn page.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Place of the page in the visit.
    pub page: usize,
    /// Name of the file in the case file.
    pub file: String,
    /// The picture, PNG.
    pub bytes: Vec<u8>,
}

/// Name in a case file of the answer that is a time stamp: of a chain, after so many records.
pub fn stamp_file(stamp: &StampRow) -> String {
    format!("stamps/{}-{}.tsr", stamp.chain, stamp.records)
}

/// A file of a case file, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// Its path in the case file.
    pub path: String,
    /// Bytes of it.
    pub bytes: u64,
    /// SHA-256 of them.
    pub sha256: String,
}

impl FileEntry {
    /// The entry of a file with this content.
    pub fn of(path: &str, content: &[u8]) -> Self {
        Self { path: path.to_owned(), bytes: content.len() as u64, sha256: crate::evidence::sha256(content) }
    }
}

/// What a case file says.
#[derive(Debug, Clone, Copy)]
pub struct CaseFile<'a> {
    /// The visits, latest first; never empty.
    pub visits: &'a [CaseVisit],
    /// What held from when to when.
    pub histories: &'a [HistoryOf],
    /// The day whose knowledge counts, when one was asked for.
    pub as_of: Option<Date>,
    /// What pages say is masked.
    pub masked: bool,
    /// The pages as received are in it.
    pub pages: bool,
}

#[derive(Template)]
#[template(path = "casefile.html")]
struct Page<'a> {
    words: &'a Words,
    case: &'static CaseWords,
    title: String,
    about: String,
    url: Value,
    notes: Vec<String>,
    standing: Vec<StandingView>,
    standing_from_visit: bool,
    visits: Vec<VisitView>,
    history: Vec<HistoryView>,
    files: &'a [FileEntry],
    steps: Vec<&'static str>,
    style: &'static str,
    style_digest: String,
    version: &'static str,
}

/// The page for people. `files` are those that it names with their digests: all that were made before it.
pub fn page(file: &CaseFile<'_>, files: &[FileEntry], words: &Words) -> String {
    let case = case_words(words.lang);
    let Some(first) = file.visits.first() else { return String::new() };
    let site = super::view::SiteView::new(&first.visit, words, &super::view::general, false);
    let (standing, standing_from_visit) = view::standing(file, words);
    let mut notes = vec![if file.pages { case.raw_pages } else { case.without_pages }.to_owned()];
    notes.push(if file.masked { case.masked } else { case.unmasked }.to_owned());
    notes.extend(file.as_of.map(|day| format!("{} {day}.", case.as_of)));
    // Without the records there is nothing for the programs that read them.
    let steps = case.steps.iter().enumerate().filter(|(number, _)| file.pages || !matches!(number, 1 | 2));
    let page = Page {
        words,
        case,
        title: site.title,
        about: view::about(&first.visit),
        url: site.url,
        notes,
        standing,
        standing_from_visit,
        visits: file.visits.iter().map(|visit| VisitView::new(visit, words)).collect(),
        history: view::history(file.histories, words),
        files,
        steps: steps.map(|(_, step)| *step).collect(),
        style: STYLE,
        style_digest: STANDARD.encode(Sha256::digest(STYLE.as_bytes())),
        version: VERSION,
    };
    // Writing into memory cannot fail, and the template has no fallible filter.
    page.render().unwrap_or_default()
}
