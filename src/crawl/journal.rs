//! What a visit has fetched so far, on the disk: a run that is cut short does not ask the same pages twice.
//!
//! The journal of a visit is a file of its own, beside the database. It holds answers, no results: a visit that is taken
//! up goes the same way again, and where it would ask for a page whose answer is here, it takes that. It is not flushed
//! (after a power cut the pages are asked for again, which is allowed), and goes when the visit is stored.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    model::{FetchOutcome, Hop},
    net::Exchange,
    polite::Fetched,
};

/// How old an answer may be that is taken instead of a request.
const FRESH: Duration = Duration::from_hours(1);
/// Bytes of one journal that are read or written: more than [`crate::evidence::HELD`], which one visit holds anyway.
const LIMIT: u64 = 64 << 20;
/// Bytes before a frame's content: lengths of its head and of its bodies, and the digest of both.
const PREFIX: usize = 8 + 8 + 32;

/// Answers of one visit, see the module.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    answers: Mutex<HashMap<Url, Remembered>>,
    /// `None` once it cannot be written, or is full.
    file: Arc<Mutex<Option<File>>>,
    since: Option<Timestamp>,
}

/// An answer out of a journal.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) fetched: Fetched,
    /// When it was read.
    pub(super) at: Timestamp,
    /// Requests that the visit had sent by then.
    pub(super) sent: u32,
}

/// [`Fetched`] without its bodies, and how long they are.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    asked: Url,
    at: Timestamp,
    sent: u32,
    url: Url,
    hops: Vec<Hop>,
    outcome: FetchOutcome,
    detail: Option<String>,
    stopped_at: Option<Url>,
    /// All answers, the last one last.
    answers: Vec<Exchange>,
    /// Lengths of each answer's bytes: as received, decoded.
    lengths: Vec<(u64, u64)>,
}

impl Journal {
    /// The journal at a path, with what an earlier process left there. Never fails: what cannot be read is fetched, and
    /// a journal that cannot be written is none.
    pub fn open(path: &Path, now: Timestamp) -> Self {
        let left = File::open(path).map(|file| read_all(file, now)).unwrap_or_default();
        let since = left.values().filter_map(|remembered| first(&remembered.fetched)).min();
        // Begun anew: whatever the cut left at the end of the file, what follows can be read.
        let file = begin(path, &left).map_err(|error| tell(path, &error)).ok();
        Self { path: path.to_path_buf(), answers: Mutex::new(left), file: Arc::new(Mutex::new(file)), since }
    }

    /// When the first of its answers was asked for.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// The answer for an address, once.
    pub(super) fn recall(&self, asked: &Url) -> Option<Remembered> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).remove(asked)
    }

    /// Writes an answer down. One without any HTTP answer is left out: asked again, it may be better.
    pub(super) async fn remember(&self, asked: &Url, fetched: &Fetched, at: Timestamp, sent: u32) {
        if fetched.exchange.is_none() {
            return;
        }
        let frame = frame(asked, fetched, at, sent);
        let (path, file) = (self.path.clone(), Arc::clone(&self.file));
        let write = move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(open) = file.as_mut() else { return };
            let written = open.metadata().and_then(|metadata| {
                if metadata.len() + frame.len() as u64 > LIMIT {
                    return Err(io::Error::other("the journal of this visit is full"));
                }
                open.write_all(&frame)
            });
            if let Err(error) = written {
                tell(&path, &error);
                *file = None;
            }
        };
        // A lost task means no journal, nothing worse.
        let _ = tokio::task::spawn_blocking(write).await;
    }
}

fn tell(path: &Path, error: &io::Error) {
    tracing::debug!(path = %path.display(), %error, "no journal of this visit");
}

/// When an answer's first request was sent.
fn first(fetched: &Fetched) -> Option<Timestamp> {
    fetched.earlier.first().or(fetched.exchange.as_ref()).map(|exchange| exchange.started)
}

/// A new file with what is still good of the old one.
fn begin(path: &Path, left: &HashMap<Url, Remembered>) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&beside)?;
    let mut old: Vec<_> = left.iter().collect();
    old.sort_by_key(|(_, remembered)| (remembered.sent, remembered.at));
    for (asked, Remembered { fetched, at, sent }) in old {
        file.write_all(&frame(asked, fetched, *at, *sent))?;
    }
    fs::rename(&beside, path)?;
    Ok(file)
}

fn frame(asked: &Url, fetched: &Fetched, at: Timestamp, sent: u32) -> Vec<u8> {
    let exchanges: Vec<&Exchange> = fetched.earlier.iter().chain(&fetched.exchange).collect();
    let head = Head {
        asked: asked.clone(),
        at,
        sent,
        url: fetched.url.clone(),
        hops: fetched.hops.clone(),
        outcome: fetched.outcome,
        detail: fetched.detail.clone(),
        stopped_at: fetched.stopped_at.clone(),
        answers: exchanges
            .iter()
            .map(|exchange| Exchange { raw: Vec::new(), body: Vec::new(), ..(*exchange).clone() })
            .collect(),
        lengths: exchanges.iter().map(|exchange| (exchange.raw.len() as u64, exchange.body.len() as u64)).collect(),
    };
    // Of plain fields; were it not to become text, the frame would not be read.
    let mut content = serde_json::to_vec(&head).unwrap_or_default();
    let head = content.len() as u64;
    for exchange in exchanges {
        content.extend_from_slice(&exchange.raw);
        content.extend_from_slice(&exchange.body);
    }
    let mut frame = Vec::with_capacity(PREFIX + content.len());
    frame.extend_from_slice(&head.to_le_bytes());
    frame.extend_from_slice(&(content.len() as u64 - head).to_le_bytes());
    frame.extend_from_slice(&Sha256::digest(&content));
    frame.extend_from_slice(&content);
    frame
}

/// The answers of a file, up to the first frame that is not whole.
fn read_all(mut file: impl Read, now: Timestamp) -> HashMap<Url, Remembered> {
    let mut answers = HashMap::new();
    let mut left = LIMIT;
    while let Some((asked, remembered)) = read_one(&mut file, &mut left) {
        let age = now.duration_since(remembered.at);
        if !age.is_negative() && age.unsigned_abs() <= FRESH {
            answers.insert(asked, remembered);
        }
    }
    answers
}

fn read_one(file: &mut impl Read, left: &mut u64) -> Option<(Url, Remembered)> {
    let mut prefix = [0; PREFIX];
    file.read_exact(&mut prefix).ok()?;
    let (head, rest) = prefix.split_first_chunk::<8>()?;
    let (bodies, digest) = rest.split_first_chunk::<8>()?;
    let (head, bodies) = (u64::from_le_bytes(*head), u64::from_le_bytes(*bodies));
    let length = head.checked_add(bodies)?;
    *left = left.checked_sub(length)?;
    let mut content = Vec::new();
    file.take(length).read_to_end(&mut content).ok()?;
    if content.len() as u64 != length || Sha256::digest(&content)[..] != *digest {
        return None;
    }
    let (head, mut bodies) = content.split_at_checked(usize::try_from(head).ok()?)?;
    let Head { asked, at, sent, url, hops, outcome, detail, stopped_at, answers, lengths } =
        serde_json::from_slice(head).ok()?;
    let mut earlier = Vec::with_capacity(answers.len());
    for (mut exchange, (raw, body)) in answers.into_iter().zip(lengths) {
        let (first, rest) = bodies.split_at_checked(usize::try_from(raw).ok()?)?;
        let (second, rest) = rest.split_at_checked(usize::try_from(body).ok()?)?;
        (exchange.raw, exchange.body) = (first.to_vec(), second.to_vec());
        bodies = rest;
        earlier.push(exchange);
    }
    let exchange = earlier.pop();
    let fetched = Fetched { url, hops, outcome, detail, stopped_at, exchange, earlier };
    Some((asked, Remembered { fetched, at, sent }))
}

#[cfg(test)]
mod tests;
