//! What lies beside the page: the manifest, how to check, and what makes the whole a web archive (WACZ 1.1.1,
//! <https://specs.webrecorder.net/wacz/1.1.1/>).

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{CaseFile, CaseVisit, FileEntry, stamp_file};
use crate::{
    VERSION,
    config::Lang,
    evidence::Taken,
    model::Visit,
    report::{json, mask, words::casefile::case_words},
    store::{ChainId, RunId, StampRow, Trust, VisitId},
};

/// Name and version of the manifest.
const SCHEMA: &str = "riscontro.casefile/1";

/// What a case file holds, for programs: every other file with size and digest, every record with its link.
#[derive(Debug, Serialize)]
pub struct Manifest<'a> {
    schema: &'static str,
    /// The program that wrote it.
    program: String,
    /// Whose it is, as the page has it.
    subject: &'a str,
    /// The day whose knowledge counts, when one was asked for.
    as_of: Option<Date>,
    /// What pages say is masked in the page and here.
    masked: bool,
    /// Path of the file of records; null when the pages were left out.
    archive: Option<&'a str>,
    visits: Vec<ManifestVisit<'a>>,
    files: &'a [FileEntry],
    records: &'a [Taken],
}

/// A visit of the manifest.
#[derive(Debug, Serialize)]
pub struct ManifestVisit<'a> {
    visit: VisitId,
    url: &'a str,
    started: Timestamp,
    finished: Timestamp,
    run: Option<RunId>,
    trust: Option<Trust>,
    chain: ChainId,
    /// Root of the chain as the database had it when this was written.
    root: &'a str,
    /// Time stamps of roots of the chain that cover its records.
    stamps: &'a [StampRow],
    /// Places of its first and last record in the chain.
    first: u64,
    last: u64,
    catalogue: &'a str,
    catalogue_sha256: &'a str,
    /// Ids of its own records, in the order of the chain.
    records: &'a [String],
}

impl<'a> Manifest<'a> {
    /// The manifest of a case file. `own` gives for each visit the ids of its records, in the order of its chain.
    pub fn new(
        file: &'a CaseFile<'_>,
        subject: &'a str,
        archive: Option<&'a str>,
        own: &'a [Vec<String>],
        files: &'a [FileEntry],
        records: &'a [Taken],
    ) -> Self {
        let none: &[String] = &[];
        let visits = file.visits.iter().enumerate().map(|(number, of)| {
            let CaseVisit { id, visit, run, trust, chain, root, stamps, records, .. } = of;
            ManifestVisit {
                visit: *id,
                url: visit.url.as_str(),
                started: visit.started,
                finished: visit.finished,
                run: *run,
                trust: *trust,
                chain: *chain,
                root,
                stamps,
                first: records.0,
                last: records.1,
                catalogue: &visit.catalogue,
                catalogue_sha256: &visit.catalogue_sha256,
                records: own.get(number).map_or(none, Vec::as_slice),
            }
        });
        Self {
            schema: SCHEMA,
            program: format!("riscontro/{VERSION}"),
            subject,
            as_of: file.as_of,
            masked: file.masked,
            archive,
            visits: visits.collect(),
            files,
            records,
        }
    }

    /// As JSON for people and programs, with a line break at the end.
    pub fn json(&self) -> String {
        pretty(self)
    }
}

/// Plain data with text keys: writing it to memory cannot fail.
fn pretty<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// `pages/pages.jsonl`: the pages that can be opened in the archive. Each visit hands over its pages with bytes. Addresses are
/// as they are, because the archive is looked up by them; titles are masked.
pub fn page_list<'a>(visits: impl Iterator<Item = (VisitId, &'a Visit, &'a [usize])>) -> String {
    #[derive(Serialize)]
    struct Head {
        format: &'static str,
        id: &'static str,
        title: &'static str,
    }
    #[derive(Serialize)]
    struct Line<'a> {
        id: String,
        url: &'a str,
        ts: String,
        title: Cow<'a, str>,
    }
    let head = Head { format: "json-pages-1.0", id: "pages", title: "riscontro" };
    let mut out = json::line(&head).unwrap_or_default();
    for (id, visit, kept) in visits {
        for (place, page) in visit.pages.iter().enumerate().filter(|(place, _)| kept.contains(place)) {
            let line = Line {
                id: format!("{id}-{place}"),
                url: page.url.as_str(),
                ts: page.fetched.to_string(),
                title: mask::text(page.title.as_deref().unwrap_or_default()),
            };
            out.push_str(&json::line(&line).unwrap_or_default());
        }
    }
    out
}

/// `datapackage.json`: the files of the archive. `at` is the time of what it holds.
pub fn data_package(title: &str, main: &str, at: Timestamp, files: &[FileEntry]) -> String {
    #[derive(Serialize)]
    struct Package<'a> {
        profile: &'static str,
        wacz_version: &'static str,
        title: &'a str,
        created: String,
        software: String,
        #[serde(rename = "mainPageUrl")]
        main_page: &'a str,
        #[serde(rename = "mainPageDate")]
        main_date: String,
        resources: Vec<Resource<'a>>,
    }
    #[derive(Serialize)]
    struct Resource<'a> {
        name: String,
        path: &'a str,
        hash: String,
        bytes: u64,
    }
    let resources = files.iter().map(|file| Resource {
        name: file.path.replace('/', "-").to_ascii_lowercase(),
        path: &file.path,
        hash: format!("sha256:{}", file.sha256),
        bytes: file.bytes,
    });
    pretty(&Package {
        profile: "data-package",
        wacz_version: "1.1.1",
        title,
        created: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        software: format!("riscontro {VERSION}"),
        main_page: main,
        main_date: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        resources: resources.collect(),
    })
}

/// `datapackage-digest.json`: the digest of the list of files.
pub fn digest_of(package: &str) -> String {
    #[derive(Serialize)]
    struct Digest {
        path: &'static str,
        hash: String,
    }
    let hash = format!("sha256:{}", crate::evidence::sha256(package.as_bytes()));
    pretty(&Digest { path: "datapackage.json", hash })
}

/// A time stamp, and the command that checks it.
fn stamped(stamp: &StampRow, lang: Lang) -> String {
    let StampRow { records, root, authority, stamped, serial, .. } = stamp;
    let (file, authority) = (stamp_file(stamp), crate::report::clean(authority));
    let said = lang.pick(
        format!("  radice dopo {records} registrazioni marcata {stamped} da {authority}, numero {serial}; con il certificato dell'autorità:"),
        format!("  root after {records} records stamped {stamped} by {authority}, number {serial}; with the authority's certificate:"),
    );
    format!("{said}\n    openssl ts -verify -digest {root} -in {file} -CAfile CA.pem\n")
}

/// Name and content of the text that tells how to check.
pub fn check_text(file: &CaseFile<'_>, lang: Lang) -> (&'static str, String) {
    let case = case_words(lang);
    let mut text = format!("{}\n\n", case.check);
    let steps = case.steps.iter().enumerate().filter(|(number, _)| file.pages || !matches!(number, 1 | 2));
    for (number, (_, step)) in steps.enumerate() {
        text.push_str(&format!("{}. {step}\n", number + 1));
    }
    text.push('\n');
    for visit in file.visits {
        let (first, last) = visit.records;
        let [from, to] = case.records;
        text.push_str(&format!(
            "{} {}: {} {}, {from} {first} {to} {last}, {}\n  {}\n",
            case.number,
            visit.id,
            case.chain.to_lowercase(),
            visit.chain,
            case.root.to_lowercase(),
            visit.root
        ));
        for stamp in &visit.stamps {
            text.push_str(&stamped(stamp, lang));
        }
    }
    text.push_str(&format!("\n{}\n", lang.pick(
        "Il collegamento di una registrazione è lo SHA-256 dei suoi byte nel file (il membro gzip, dal primo byte \
         all'ultimo); ogni registrazione nomina nel campo Riscontro-Previous il collegamento di quella prima. La radice è \
         il collegamento dell'ultima. Qui ci sono le registrazioni delle visite elencate, byte per byte quelle della \
         catena; le altre, che servono per arrivare alla radice, sono presso chi ha fatto la visita.",
        "The link of a record is the SHA-256 of its bytes in the file (the gzip member, from its first byte to its last); \
         each record names in its field Riscontro-Previous the link of the one before it. The root is the link of the last. \
         Here are the records of the visits listed, byte for byte those of the chain; the others, which lead on to the \
         root, are with whoever made the visit.",
    )));
    (case.check_file, text)
}
