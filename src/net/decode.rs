//! Content encodings, undone under limits.
//!
//! Bodies are hostile: a few kilobytes may inflate to gigabytes. Everything is streamed, and what is counted is the
//! *output*: it ends at the caller's limit, and past 1 MiB also when it is more than 200 times its input. What was
//! decoded before a limit or a fault is kept and marked, because the beginning of a page is often all that is needed;
//! what is not seen is never taken as absent.

use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Read},
    rc::Rc,
};

use brotli_decompressor::{BrotliDecoderParameter, Decompressor};
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;

#[cfg(test)]
mod tests;

/// Encodings on top of each other that are undone; servers use one, two by mistake.
const MAX_LAYERS: usize = 2;
/// Largest ratio of output to input ...
const MAX_RATIO: u64 = 200;
/// ... once the output is larger than this many bytes.
const RATIO_FREE: u64 = 1024 * 1024;
/// Largest zstd window, in bytes: what RFC 8878 (3.1.1.1.2) asks every decoder to support.
const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;
/// Bytes that one layer may hand to the next: a layer that feeds endless nothing to the next one is cut too.
const MAX_BETWEEN: u64 = 16 * 1024 * 1024;

/// A body after its encodings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The bytes, at most the limit.
    pub body: Vec<u8>,
    /// Why they are not all, or not sound.
    pub fault: Option<Fault>,
}

/// What went wrong while decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The decoded body is larger than the limit: its beginning is kept.
    #[error("the decoded body is larger than the limit")]
    TooLarge,
    /// The decoded body is more than 200 times its input: its beginning is kept.
    #[error("the body inflates to more than 200 times its size")]
    Ratio,
    /// The encoded data ends early, fails its checksum or is followed by something else: what was decoded is kept.
    #[error("the encoded body is cut or damaged")]
    Damaged,
    /// Nothing could be decoded.
    #[error("the body is not in the encoding it claims")]
    Undecodable,
    /// A content encoding that is not known.
    #[error("the content encoding is not known")]
    UnknownEncoding,
    /// More than two encodings on top of each other.
    #[error("more than two content encodings on top of each other")]
    TooManyLayers,
}

impl Fault {
    /// True when there is no body at all; otherwise its beginning is good.
    pub fn is_total(self) -> bool {
        matches!(self, Self::Undecodable | Self::UnknownEncoding | Self::TooManyLayers)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings of `Content-Encoding` header values, in the order in which they were applied (RFC 9110, 8.4).
fn codings<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Coding>, Fault> {
    let mut codings = Vec::new();
    for value in values {
        for token in value.split(|byte| *byte == b',') {
            let token = token.trim_ascii().to_ascii_lowercase();
            let coding = match token.as_slice() {
                b"" | b"identity" => continue,
                b"gzip" | b"x-gzip" => Coding::Gzip,
                b"deflate" => Coding::Deflate,
                b"br" => Coding::Brotli,
                b"zstd" => Coding::Zstd,
                _ => return Err(Fault::UnknownEncoding),
            };
            if codings.len() == MAX_LAYERS {
                return Err(Fault::TooManyLayers);
            }
            codings.push(coding);
        }
    }
    Ok(codings)
}

/// Undoes the content encodings of a body.
///
/// `encodings` are the values of the `Content-Encoding` lines, in order; `limit` is the most bytes of output. A body that
/// is empty, or whose first bytes show that it is not in the encoding it claims, is taken as it is (or as what its
/// bytes show): servers label wrongly more often than they lie.
///
/// Processor time is bounded by the limits, but the call blocks: run it off the async threads.
pub fn decode<'a>(raw: &[u8], encodings: impl IntoIterator<Item = &'a [u8]>, limit: usize) -> Decoded {
    let layers = match codings(encodings) {
        Ok(layers) => layers,
        Err(fault) => return Decoded { body: Vec::new(), fault: Some(fault) },
    };
    if layers.is_empty() || raw.is_empty() {
        return plain(raw, limit);
    }
    let Decoded { body, fault } = inflate(raw, &layers, limit);
    // Brotli has no magic number: that a body is not brotli shows only when nothing comes of it.
    if body.is_empty() && fault.is_some() {
        if layers.len() == 1 && looks_like_text(raw) {
            return plain(raw, limit);
        }
        return Decoded { body, fault: fault.map(|f| if f == Fault::Damaged { Fault::Undecodable } else { f }) };
    }
    Decoded { body, fault }
}

/// A body without encodings, cut at the limit.
fn plain(raw: &[u8], limit: usize) -> Decoded {
    let kept = raw.len().min(limit);
    Decoded { body: raw[..kept].to_vec(), fault: (kept < raw.len()).then_some(Fault::TooLarge) }
}

/// Marks the prefix of a text: no control bytes that text does not have.
fn looks_like_text(raw: &[u8]) -> bool {
    raw.iter().take(512).all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x20..=0xff))
        && raw.iter().any(|byte| *byte == b'<' || byte.is_ascii_alphanumeric())
}

fn inflate(raw: &[u8], layers: &[Coding], limit: usize) -> Decoded {
    let consumed = Rc::new(Cell::new(0));
    let mut reader: Box<dyn Read + '_> = Box::new(Counted { inner: raw, count: Rc::clone(&consumed) });
    for coding in layers.iter().rev() {
        // Small buffers: what a decoder has in hand counts as consumed.
        let mut input = BufReader::with_capacity(4096, reader.take(MAX_BETWEEN));
        let next: io::Result<Box<dyn Read + '_>> = layer(*coding, &mut input).map(|kind| open(kind, input));
        reader = match next {
            Ok(reader) => reader,
            Err(_) => return Decoded { body: Vec::new(), fault: Some(Fault::Damaged) },
        };
    }

    let mut body = Vec::new();
    let mut chunk = vec![0_u8; 32 * 1024];
    let fault = loop {
        match reader.read(&mut chunk) {
            Ok(0) => break None,
            Ok(read) => {
                let room = limit - body.len();
                body.extend_from_slice(&chunk[..read.min(room)]);
                if read > room {
                    break Some(Fault::TooLarge);
                }
                let produced = body.len() as u64;
                if produced > RATIO_FREE && produced > consumed.get() * MAX_RATIO {
                    break Some(Fault::Ratio);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break Some(Fault::Damaged),
        }
    };
    Decoded { body, fault }
}

/// What a layer really is, by its label and its first bytes.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Plain,
    Gzip,
    Zlib,
    RawDeflate,
    Brotli,
    Zstd,
}

fn layer(label: Coding, input: &mut impl BufRead) -> io::Result<Kind> {
    let start = input.fill_buf()?;
    let magic = match start {
        [0x1f, 0x8b, ..] => Some(Kind::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Zstd),
        _ => None,
    };
    Ok(match (label, magic) {
        (_, Some(kind)) => kind,
        (Coding::Gzip | Coding::Zstd, None) => Kind::Plain,
        (Coding::Brotli, None) => Kind::Brotli,
        // The standard says zlib (RFC 9110, 8.4.1.2); servers have sent bare deflate for as long as there are
        // browsers that take both.
        (Coding::Deflate, None) => match start {
            [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0 => {
                Kind::Zlib
            }
            [b'<', ..] => Kind::Plain,
            _ => Kind::RawDeflate,
        },
    })
}

fn open<'a>(kind: Kind, input: BufReader<io::Take<Box<dyn Read + 'a>>>) -> Box<dyn Read + 'a> {
    match kind {
        Kind::Plain => Box::new(input),
        Kind::Gzip => Box::new(MultiGzDecoder::new(input)),
        Kind::Zlib => Box::new(ZlibDecoder::new(input)),
        Kind::RawDeflate => Box::new(DeflateDecoder::new(input)),
        Kind::Brotli => {
            let mut decoder = Decompressor::new(input, 4096);
            // Without this a header of four bytes could ask for a window of a gigabyte; in HTTP 16 MiB is the most
            // (RFC 7932, 9.1).
            decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
            Box::new(decoder)
        }
        Kind::Zstd => Box::new(Zstd::Waiting(input)),
    }
}

/// zstd frames one after the other (RFC 8878, 3.1), with their checksums looked at.
enum Zstd<R: BufRead> {
    Waiting(R),
    Frame(Box<StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>),
    Ended,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(self, Self::Ended) {
                Self::Ended => return Ok(0),
                Self::Waiting(mut input) => {
                    if input.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    let frame =
                        StreamingDecoder::new_with_max_window_size(input, ZSTD_WINDOW).map_err(io::Error::other)?;
                    *self = Self::Frame(Box::new(frame));
                }
                Self::Frame(mut frame) => {
                    let read = frame.read(buffer)?;
                    if read > 0 {
                        *self = Self::Frame(frame);
                        return Ok(read);
                    }
                    let (input, decoder) = frame.into_parts();
                    let (wanted, found) = (decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
                    if wanted.is_some() && wanted != found {
                        return Err(io::Error::from(io::ErrorKind::InvalidData));
                    }
                    *self = Self::Waiting(input);
                }
            }
        }
    }
}

/// Counts the bytes of the body that the first layer has taken.
struct Counted<'a> {
    inner: &'a [u8],
    count: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}
