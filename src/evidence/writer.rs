//! The files of one chain: appended to, flushed, rolled, taken up again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{
    compose::Draft,
    member::compress,
    warc::{Kind, PREVIOUS, Record, id},
};

/// A file grows to this many bytes before the next one is begun; the visit that crosses the line is finished in it.
pub const ROLL: u64 = 256 << 20;

/// The link before the first record.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl WriteError {
    fn of(path: &Path, source: io::Error) -> Self {
        Self { path: path.to_path_buf(), source }
    }
}

/// How far a chain is known to be written: what the store says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// Records.
    pub records: u64,
    /// Link of the last one, [`START`] before the first: the root of the chain when no more come.
    pub link: String,
}

impl Default for Tip {
    fn default() -> Self {
        Self { records: 0, link: START.to_owned() }
    }
}

/// A record that stands in a file.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its place in the chain, from 0.
    pub position: u64,
    /// Bytes of the file before it.
    pub offset: u64,
    /// Bytes of it in the file.
    pub length: u64,
    /// SHA-256 of those bytes.
    pub link: String,
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// The address it is about.
    pub url: Option<String>,
    /// Its date.
    pub date: Timestamp,
    /// Place of its page in the visit.
    pub page: Option<usize>,
    /// SHA-256 of the body as received.
    pub payload: Option<String>,
    /// SHA-256 of what the rules read in it.
    pub body: Option<String>,
    /// Id of the record whose payload it has.
    pub refers_to: Option<String>,
}

/// What one visit added to a chain, flushed to the disk: the store commits it together with the visit.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Number of the file within the chain.
    pub file: u32,
    /// Bytes of the file, these records included.
    pub file_bytes: u64,
    /// The chain after them.
    pub tip: Tip,
    /// The records.
    pub records: Vec<Written>,
}

/// The file that is being written.
#[derive(Debug)]
struct Open {
    number: u32,
    path: PathBuf,
    file: File,
    bytes: u64,
}

/// Appends to the files of one chain. One writer at a time: the file is locked while it is open.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    agent: String,
    tip: Tip,
    open: Option<Open>,
    limit: u64,
}

impl Writer {
    /// A writer into a folder (made when it is missing) that goes on after `tip`. `agent` is the name told to servers.
    pub fn new(folder: &Path, tip: Tip, agent: &str) -> Result<Self, WriteError> {
        fs::create_dir_all(folder).map_err(|source| WriteError::of(folder, source))?;
        let agent = agent.to_owned();
        Ok(Self { folder: folder.to_path_buf(), agent, tip, open: None, limit: ROLL })
    }

    /// The same with smaller files, for tests.
    #[must_use]
    pub fn rolling_at(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// The link that the next record follows.
    pub fn tip(&self) -> &Tip {
        &self.tip
    }

    /// True when [`Self::begin_file`] or [`Self::go_on`] has to come before the next [`Self::append`].
    pub fn wants_file(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.bytes >= self.limit)
    }

    /// Takes a file up again after its first `bytes`: what stands behind them was never committed, and is cut off. False
    /// when the file is not there or shorter than it was: then a new one goes on with the chain.
    pub fn go_on(&mut self, number: u32, name: &str, bytes: u64) -> Result<bool, WriteError> {
        let path = self.folder.join(name);
        let fail = |source| WriteError::of(&path, source);
        let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(fail(error)),
        };
        if file.metadata().map_err(fail)?.len() < bytes {
            return Ok(false);
        }
        lock(&file).map_err(fail)?;
        file.set_len(bytes).map_err(fail)?;
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        self.open = Some(Open { number, path, file, bytes });
        Ok(true)
    }

    /// Begins a file. The store knows its name already, so that no crash leaves one that nobody knows.
    pub fn begin_file(&mut self, number: u32, name: &str) -> Result<(), WriteError> {
        let path = self.folder.join(name);
        let fail = |source| WriteError::of(&path, source);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(fail)?;
        lock(&file).map_err(fail)?;
        file.set_len(0).map_err(fail)?;
        file.sync_all().map_err(fail)?;
        // The name of a new file is durable once its folder is.
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(fail)?;
        self.open = Some(Open { number, path, file, bytes: 0 });
        Ok(())
    }

    /// Appends the records of one visit and flushes them to the disk. After an error the writer is of no more use: what
    /// it left behind is cut off by whoever takes the chain up.
    pub fn append(&mut self, drafts: Vec<Draft>, now: Timestamp) -> Result<Batch, WriteError> {
        let limit = self.limit;
        let Some(open) = self.open.as_mut().filter(|open| open.bytes < limit) else {
            return Err(WriteError::of(&self.folder, io::Error::other("no file was begun")));
        };
        let fail = |source| WriteError::of(&open.path, source);
        let mut drafts = drafts;
        if open.bytes == 0 {
            drafts.insert(0, first(&open.path, &self.agent, &self.tip, now));
        }
        let (mut bytes, mut records, mut tip) = (Vec::new(), Vec::with_capacity(drafts.len()), self.tip.clone());
        for Draft { record, url, date, page, payload, body } in drafts {
            let record = record.with(PREVIOUS, &format!("sha256:{}", tip.link));
            let member = compress(&record).map_err(fail)?;
            let link = super::sha256(&member);
            records.push(Written {
                position: tip.records,
                offset: open.bytes + bytes.len() as u64,
                length: member.len() as u64,
                link: link.clone(),
                id: record.id().unwrap_or_default().to_owned(),
                kind: record.kind,
                url: url.map(String::from),
                date,
                page,
                payload,
                body,
                refers_to: referred(&record),
            });
            tip = Tip { records: tip.records + 1, link };
            bytes.extend_from_slice(&member);
        }
        open.file.write_all(&bytes).map_err(fail)?;
        open.file.sync_data().map_err(fail)?;
        open.bytes += bytes.len() as u64;
        self.tip = tip;
        Ok(Batch { file: open.number, file_bytes: open.bytes, tip: self.tip.clone(), records })
    }
}

/// The record that a revisit refers to. Other records use the field for something else.
fn referred(record: &Record) -> Option<String> {
    let refers = record.field("WARC-Refers-To").filter(|_| record.kind == Kind::Revisit)?;
    Some(refers.trim_matches(['<', '>']).to_owned())
}

fn lock(file: &File) -> io::Result<()> {
    file.try_lock().map_err(|error| match error {
        fs::TryLockError::Error(error) => error,
        fs::TryLockError::WouldBlock => io::Error::new(io::ErrorKind::WouldBlock, "another program is writing it"),
    })
}

/// Cuts off what was never committed of a file that nobody is writing. Gives back how many bytes that were.
pub fn cut_tail(path: &Path, bytes: u64) -> Result<u64, WriteError> {
    let fail = |source| WriteError::of(path, source);
    let file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(fail(error)),
    };
    let there = file.metadata().map_err(fail)?.len();
    if there <= bytes || file.try_lock().is_err() {
        return Ok(0);
    }
    file.set_len(bytes).map_err(fail)?;
    file.sync_all().map_err(fail)?;
    Ok(there - bytes)
}

/// The record that says where a file comes from.
fn first(path: &Path, agent: &str, tip: &Tip, now: Timestamp) -> Draft {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let block = format!(
        "software: riscontro/{}\r\nhttp-header-user-agent: {agent}\r\nrobots: obey\r\n\
         format: WARC File Format 1.1\r\n\
         conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n",
        crate::VERSION
    );
    let seed = format!("{}{now}{name}{}", tip.link, std::process::id());
    let record =
        Record::new(Kind::Warcinfo, &id(seed.as_bytes(), 0), now, "application/warc-fields", block.into_bytes())
            .with("WARC-Filename", &name);
    Draft { record, url: None, date: now, page: None, payload: None, body: None }
}
