//! A file of records: one gzip member for each, so that any of them can be read alone.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use super::warc::Record;

/// Largest record that is read, in bytes after decompression: a body of 8 MiB and room for what is said of it.
pub const MAX_RECORD: u64 = 32 << 20;

/// What is wrong with a file, and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The bytes are no gzip member, or one that is cut or fails its checksum.
    #[error("the compressed bytes are damaged: {0}")]
    Gzip(io::Error),
    /// A record is larger than any that is written.
    #[error("the record is larger than {MAX_RECORD} bytes")]
    TooLarge,
    /// The record is none.
    #[error("not a sound record: {0}")]
    Record(&'static str),
}

/// A record as a gzip member. The same record always gives the same bytes.
pub fn compress(record: &Record) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&record.to_bytes())?;
    encoder.finish()
}

/// One record and where it stands.
#[derive(Debug)]
pub struct Member {
    /// Bytes of the file before it.
    pub offset: u64,
    /// Bytes of it in the file.
    pub length: u64,
    /// SHA-256 of those bytes, lower-case hexadecimal: its link of the chain.
    pub link: String,
    /// The record.
    pub record: Record,
}

/// Counts and digests what is read through it.
struct Tap<R> {
    inner: R,
    count: u64,
    hash: Sha256,
}

impl<R: BufRead> Read for Tap<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.fill_buf()?;
        let count = given.len().min(buffer.len());
        buffer[..count].copy_from_slice(&given[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Tap<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // The buffer is filled already: nothing is read here, and nothing can fail.
        if let Ok(buffer) = self.inner.fill_buf() {
            self.hash.update(&buffer[..amount.min(buffer.len())]);
        }
        self.count += amount as u64;
        self.inner.consume(amount);
    }
}

/// Reads the records of a file one after the other, in bounded memory.
#[derive(Debug)]
pub struct Members {
    file: BufReader<File>,
    offset: u64,
    left: u64,
}

impl Members {
    /// Opens a file at its beginning; reads at most `length` bytes of it.
    pub fn open(path: &Path, length: u64) -> io::Result<Self> {
        Ok(Self { file: BufReader::new(File::open(path)?), offset: 0, left: length })
    }

    /// Where the next record begins.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next record; `None` at the end.
    pub fn read(&mut self) -> Result<Option<Member>, Damage> {
        let mut tap = Tap { inner: (&mut self.file).take(self.left), count: 0, hash: Sha256::new() };
        if tap.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let mut decoder = GzDecoder::new(tap).take(MAX_RECORD + 1);
        decoder.read_to_end(&mut bytes).map_err(Damage::Gzip)?;
        if bytes.len() as u64 > MAX_RECORD {
            return Err(Damage::TooLarge);
        }
        let tap = decoder.into_inner().into_inner();
        let (length, link) = (tap.count, format!("{:x}", tap.hash.finalize()));
        let record = Record::parse(bytes).map_err(Damage::Record)?;
        let offset = self.offset;
        self.offset += length;
        self.left = self.left.saturating_sub(length);
        Ok(Some(Member { offset, length, link, record }))
    }
}

/// The bytes of the one record at a place of a file, as they stand there, and the record. They may be written elsewhere: their
/// digest is the record's link.
pub fn raw_at(path: &Path, offset: u64, length: u64) -> Result<(Vec<u8>, Record), Damage> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    // What the index says of the length is not more to be trusted than the file.
    file.take(length.min(MAX_RECORD)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(Damage::Record("there is none at its place"));
    }
    let mut rest = &bytes[..];
    let mut block = Vec::new();
    GzDecoder::new(&mut rest).take(MAX_RECORD + 1).read_to_end(&mut block).map_err(Damage::Gzip)?;
    if block.len() as u64 > MAX_RECORD {
        return Err(Damage::TooLarge);
    }
    if !rest.is_empty() {
        return Err(Damage::Record("there is more at its place"));
    }
    let record = Record::parse(block).map_err(Damage::Record)?;
    Ok((bytes, record))
}

/// Reads the one record at a place of a file.
pub fn read_at(path: &Path, offset: u64, length: u64) -> Result<Member, Damage> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut members = Members { file: BufReader::new(file), offset, left: length };
    members.read()?.ok_or(Damage::Record("there is none at its place"))
}
