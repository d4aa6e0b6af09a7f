//! A chain gone over from its first record to its root.

use std::path::{Path, PathBuf};

use super::{
    compose::read_digest,
    http,
    member::{Damage, Member, Members},
    warc::{BODY, Kind, PREVIOUS, sha256},
    writer::START,
};

/// A file that a chain should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedFile {
    /// Its name in the folder.
    pub name: String,
    /// Bytes of it that were committed.
    pub bytes: u64,
    /// Nothing will be added: bytes behind those are no crash's.
    pub closed: bool,
}

/// A record that a chain should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedRecord {
    /// The record's file, as a place in [`Expected::files`].
    pub file: usize,
    /// Bytes of the file before it.
    pub offset: u64,
    /// Bytes of it in the file.
    pub length: u64,
    /// SHA-256 of those bytes.
    pub link: String,
    /// SHA-256 of the body as received.
    pub payload: Option<String>,
    /// SHA-256 of what the rules read in it.
    pub body: Option<String>,
}

/// What the store says of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its files, in order.
    pub files: Vec<ExpectedFile>,
    /// Its records, in order.
    pub records: Vec<ExpectedRecord>,
    /// Link of the last record.
    pub root: String,
}

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the file.
    pub file: String,
    /// Bytes of the file before it.
    pub offset: u64,
    /// Place of the record in the chain, from 0.
    pub record: usize,
}

/// What is wrong there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file cannot be read as records.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// Records are missing: the file ends here.
    #[error("records are missing from here on")]
    Missing,
    /// There are more records, or more bytes, than were committed to the chain.
    #[error("there is more here than the chain has")]
    Extra,
    /// The bytes are not those that were written.
    #[error("the bytes of the record are not those that were written")]
    Link,
    /// The record does not follow the one before it.
    #[error("the record does not follow the one before it")]
    Previous,
    /// A digest that the record states is not that of its content.
    #[error("the {0} digest is not that of the content")]
    Digest(&'static str),
    /// The index says something else of the record.
    #[error("the database says something else of the record: {0}")]
    Index(&'static str),
    /// The last link is not the root that the store has.
    #[error("the root is {0}, not the one in the database")]
    Root(String),
}

/// Something is wrong: the first place where it is.
#[derive(Debug, thiserror::Error)]
#[error("{}, byte {}, record {}: {fault}", place.file, place.offset, place.record)]
pub struct Wrong {
    /// Where.
    pub place: Place,
    /// What.
    pub fault: Fault,
}

/// Goes over the records of a chain one by one. Bounded memory beside the list of what is expected.
#[derive(Debug)]
pub struct Verifier {
    folder: PathBuf,
    expected: Expected,
    file: usize,
    members: Option<Members>,
    record: usize,
    link: String,
    /// Bytes behind what was committed of the files read so far: what a crash leaves.
    tails: u64,
}

impl Verifier {
    /// Begins with the first record of a chain whose files lie in `folder`.
    pub fn new(folder: &Path, expected: Expected) -> Self {
        let folder = folder.to_path_buf();
        Self { folder, expected, file: 0, members: None, record: 0, link: START.to_owned(), tails: 0 }
    }

    /// Link of the last record that was read: the root, once all are.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Records that were read and found sound.
    pub const fn records(&self) -> usize {
        self.record
    }

    /// Bytes behind what was committed, in the files read so far. A crash leaves them; they belong to no chain.
    pub const fn tails(&self) -> u64 {
        self.tails
    }

    /// The next sound record, its place in the chain before it; `None` after the last, when the root is right too.
    pub fn read(&mut self) -> Result<Option<(usize, Member)>, Wrong> {
        let (place, found) = loop {
            let Some(file) = self.expected.files.get(self.file) else {
                return self.finish().map(|()| None);
            };
            let place = Place {
                file: file.name.clone(),
                offset: self.members.as_ref().map_or(0, Members::offset),
                record: self.record,
            };
            let wrong = |fault: Fault| Wrong { place: place.clone(), fault };
            if self.members.is_none() && file.bytes > 0 {
                let path = self.folder.join(&file.name);
                let there = std::fs::metadata(&path).map_err(|error| wrong(Damage::Io(error).into()))?.len();
                let behind = there.saturating_sub(file.bytes);
                if behind > 0 && file.closed {
                    let place = Place { offset: file.bytes, ..place };
                    return Err(Wrong { place, fault: Fault::Extra });
                }
                self.tails += behind;
                self.members = Some(Members::open(&path, file.bytes).map_err(|error| wrong(Damage::Io(error).into()))?);
            }
            match self.members.as_mut().map(Members::read).transpose().map_err(|damage| wrong(damage.into()))?.flatten()
            {
                Some(member) => break (place.clone(), member),
                None if self.expected.records.get(self.record).is_some_and(|next| next.file == self.file) => {
                    return Err(wrong(Fault::Missing));
                }
                None => (self.file, self.members) = (self.file + 1, None),
            }
        };
        self.check(&found).map_err(|fault| Wrong { place, fault })?;
        self.link.clone_from(&found.link);
        self.record += 1;
        Ok(Some((self.record - 1, found)))
    }

    /// What a record must be: the bytes that were written, in their place, true to the digests that it states.
    fn check(&self, member: &Member) -> Result<(), Fault> {
        let expected = self.expected.records.get(self.record).ok_or(Fault::Extra)?;
        if member.link != expected.link {
            return Err(Fault::Link);
        }
        if (self.file, member.offset, member.length) != (expected.file, expected.offset, expected.length) {
            return Err(Fault::Index("its place"));
        }
        let record = &member.record;
        if record.digest(PREVIOUS) != Some(&self.link) {
            return Err(Fault::Previous);
        }
        if record.digest("WARC-Block-Digest") != Some(&sha256(&record.block)) {
            return Err(Fault::Digest("block"));
        }
        let stated = [("WARC-Payload-Digest", &expected.payload), (BODY, &expected.body)];
        if stated.iter().any(|(name, known)| record.digest(name) != known.as_deref()) {
            return Err(Fault::Index("its digests"));
        }
        match record.kind {
            Kind::Response => {
                let (head, at) = http::parse(&record.block).map_err(Damage::Record)?;
                let raw = &record.block[at..];
                if record.digest("WARC-Payload-Digest") != Some(&sha256(raw)) {
                    return Err(Fault::Digest("payload"));
                }
                if record.digest(BODY) != Some(&read_digest(head.status, &head.headers, raw)) {
                    return Err(Fault::Digest("body"));
                }
            }
            Kind::Resource if record.digest("WARC-Payload-Digest") != Some(&sha256(&record.block)) => {
                return Err(Fault::Digest("payload"));
            }
            Kind::Conversion if record.digest(BODY) != Some(&sha256(&record.block)) => {
                return Err(Fault::Digest("body"));
            }
            // What a revisit refers to is digested where it stands.
            Kind::Conversion | Kind::Resource | Kind::Warcinfo | Kind::Request | Kind::Revisit | Kind::Metadata => {}
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Wrong> {
        let fault = if self.record < self.expected.records.len() {
            Fault::Missing
        } else if self.link == self.expected.root {
            return Ok(());
        } else {
            Fault::Root(self.link.clone())
        };
        let file = self.expected.files.last().map(|file| file.name.clone()).unwrap_or_default();
        Err(Wrong { place: Place { file, offset: 0, record: self.record }, fault })
    }
}
