//! Records taken out of their chains into one file that stands alone.
//!
//! They are taken byte for byte, so that each keeps its link: whoever holds the whole chain can tell that they are of it, and
//! whoever does not can still follow the links inside each visit. Only the first record is the file's own.

use std::io;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    cdxj,
    member::compress,
    warc::{Kind, Record, id, sha256},
};

/// A record as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Bytes of the file before it.
    pub offset: u64,
    /// Bytes of it in the file.
    pub bytes: u64,
    /// SHA-256 of those bytes: its link in its chain.
    pub link: String,
    /// The `WARC-Type`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
}

/// A file of records that is being put together, in memory: what one visit keeps is bounded, and a case file holds few visits.
#[derive(Debug)]
pub struct Extract {
    name: String,
    bytes: Vec<u8>,
    taken: Vec<Taken>,
    index: Vec<String>,
}

impl Extract {
    /// Begins a file with the record that says what it is. Everything in it is given, so that the same file can be made again:
    /// `date` is that of what it holds, not the clock's.
    pub fn new(name: &str, date: Timestamp, about: &str) -> io::Result<Self> {
        let about = about.replace(['\r', '\n'], " ");
        let block = format!(
            "software: riscontro/{}\r\ndescription: {about}\r\nformat: WARC File Format 1.1\r\n\
             conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n",
            crate::VERSION
        );
        let own = id(sha256(format!("{name}\n{date}\n{block}").as_bytes()).as_bytes(), 0);
        let record = Record::new(Kind::Warcinfo, &own, date, "application/warc-fields", block.into_bytes())
            .with("WARC-Filename", name);
        let bytes = compress(&record)?;
        let first = Taken {
            offset: 0,
            bytes: bytes.len() as u64,
            link: sha256(&bytes),
            kind: record.kind.code(),
            id: record.id().unwrap_or_default().to_owned(),
        };
        Ok(Self { name: name.to_owned(), bytes, taken: vec![first], index: Vec::new() })
    }

    /// Adds a record: its bytes as they stood in its chain, and what they say.
    pub fn add(&mut self, bytes: &[u8], record: &Record, date: Timestamp) {
        let (offset, length) = (self.bytes.len() as u64, bytes.len() as u64);
        self.index.extend(cdxj::line(record, date, &self.name, offset, length));
        self.taken.push(Taken {
            offset,
            bytes: length,
            link: sha256(bytes),
            kind: record.kind.code(),
            id: record.id().unwrap_or_default().to_owned(),
        });
        self.bytes.extend_from_slice(bytes);
    }

    /// The file, the records in it, and the lines of its index in order, each with its line break.
    pub fn finish(mut self) -> (Vec<u8>, Vec<Taken>, String) {
        self.index.sort_unstable();
        let index = self.index.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        (self.bytes, self.taken, index)
    }
}
