//! What a letter is to the store.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::RunId;

/// Names one letter. Never used twice within a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DispatchId(pub i64);

impl fmt::Display for DispatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DispatchState {
    /// Not tried yet, or to be tried again from the beginning.
    Queued,
    /// A process is at it, or died at it.
    Sending,
    /// The server that it was given to answered that it took it.
    Sent,
    /// "Not now": it is tried again later.
    Deferred,
    /// It is not tried again by itself: the server refused it for good, or for too long.
    Failed,
    /// The connection broke when everything had been sent and no answer was there: it may have been taken or not.
    Unsure,
    /// A person, or the discarded run that it rested on, said that it is not to leave.
    Discarded,
}

impl DispatchState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Sending, Self::Sent, Self::Deferred, Self::Failed, Self::Unsure, Self::Discarded];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Failed => "failed",
            Self::Unsure => "unsure",
            Self::Discarded => "discarded",
        }
    }

    /// The state of a code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A letter to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDispatch {
    /// What it says to whom: the same key is queued once, whatever the bytes.
    pub key: String,
    /// What kind of letter it is, a code.
    pub kind: String,
    /// The one address that it goes to.
    pub recipient: String,
    /// Its subject, for lists.
    pub subject: String,
    /// Its Message-ID with the angle brackets; no two letters have the same.
    pub message_id: String,
    /// The message as it leaves, with CRLF at the end of each line.
    pub bytes: Vec<u8>,
    /// The run that it rests on: as long as that is suspect it does not leave, and never once it is discarded.
    pub held_by: Option<RunId>,
}

/// What came of queueing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// It will leave.
    Queued(DispatchId),
    /// A letter with this key was queued before. Nothing was changed.
    AlreadyThere(DispatchId),
}

/// A letter, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispatch {
    /// Its id.
    pub id: DispatchId,
    /// What it says to whom.
    pub key: String,
    /// What kind of letter it is.
    pub kind: String,
    /// The address that it goes to.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Bytes of it.
    pub size: u64,
    /// They were let go; what the letter was stays.
    pub gone: bool,
    /// The run that it rests on.
    pub held_by: Option<RunId>,
    /// True while that run is suspect.
    pub held: bool,
    /// How far it is.
    pub state: DispatchState,
    /// How often it was begun.
    pub attempts: u32,
    /// When it was queued.
    pub queued: Timestamp,
    /// When it is tried next, if it is.
    pub next_try: Option<Timestamp>,
    /// When it was last begun.
    pub last_try: Option<Timestamp>,
    /// What was last answered, cleaned.
    pub answer: Option<String>,
    /// When the server took it.
    pub sent: Option<Timestamp>,
    /// Certified mail: when its provider took it, by the receipt.
    pub accepted: Option<Timestamp>,
    /// Certified mail: when it was delivered, by the receipt.
    pub delivered: Option<Timestamp>,
    /// Certified mail: when it was said that it could not be delivered.
    pub undelivered: Option<Timestamp>,
}

/// One thing that happened to a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DispatchEvent {
    /// When.
    pub at: Timestamp,
    /// What, a code: the state that it came to, or what a person or a receipt said.
    pub what: String,
    /// The words of the server or the receipt, cleaned.
    pub detail: Option<String>,
}

/// Which letters are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DispatchFilter {
    /// Of these states; all when empty.
    pub states: Vec<DispatchState>,
    /// To this address.
    pub recipient: Option<String>,
    /// At most so many, the newest.
    pub limit: Option<u32>,
}

/// A letter that is being tried. Whoever holds it is the one who may say how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trying {
    /// Its id.
    pub id: DispatchId,
    /// The address that it goes to.
    pub recipient: String,
    /// Its Message-ID.
    pub message_id: String,
    /// The message.
    pub bytes: Vec<u8>,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// "Not now" answers in a row before it.
    pub refusals: u32,
    /// When the first of them came.
    pub refused_since: Option<Timestamp>,
}

/// What came of beginning a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It may go out.
    Trying(Trying),
    /// It is not due any more: another process or a person was faster.
    Gone,
    /// Its bytes are not those that were queued. It is given up.
    Damaged(DispatchId),
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryEnd {
    /// The server took it.
    Sent,
    /// The server said "not now", or the connection broke before the end.
    Deferred(Timestamp),
    /// Nothing was said about the letter, because the server could not be spoken to. It counts as no refusal.
    PutOff(Timestamp),
    /// It is given up.
    Failed,
    /// Everything was sent and no answer came.
    Unsure,
}

/// What was found of a process that died.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// Letters of which the final dot never went out: they are queued again.
    pub queued: u64,
    /// Letters of which it may have.
    pub unsure: u64,
}

/// Letters by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Waiting to be tried, those included that are not due yet.
    pub waiting: u64,
    /// Of these, held by a suspect run.
    pub held: u64,
    /// Sent.
    pub sent: u64,
    /// Given up.
    pub failed: u64,
    /// Nobody knows.
    pub unsure: u64,
}
