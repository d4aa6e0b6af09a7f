//! Receipts noted: one by one, from wherever they were read, and all the new ones of a mailbox.

use serde::Serialize;
use tokio::sync::watch;

use super::{
    imap::{self, Got, Imap, ImapTrouble, Session},
    receipt::{self, Read},
};
use crate::store::{DispatchId, Noted, ReadUpTo, ReceiptKind, Store, StoreError};

/// Messages whose headers are asked for at once, and after which it is noted how far we are.
const GROUP: usize = 100;

/// What came of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What the receipt says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<&'static str>,
    /// What came of it: `new`, `known`, `no-such-letter`, `other-recipient`, `no-receipt`, `unreadable`, or why it is not believed.
    pub result: &'static str,
    /// The letter that it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<DispatchId>,
    /// The Message-ID that it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

impl Outcome {
    /// What is no receipt, or not to be had.
    pub const fn plain(result: &'static str) -> Self {
        Self { says: None, result, letter: None, message_id: None }
    }

    /// Whether a person should look at it.
    pub fn waits(&self) -> bool {
        match self.result {
            "known" | "no-such-letter" | "no-receipt" | "gone" => false,
            "new" => !matches!(self.says, Some("accepted" | "delivered")),
            _ => true,
        }
    }
}

/// How many messages came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Messages that were looked at.
    pub looked_at: u64,
    /// Receipts noted now.
    pub noted: u64,
    /// Receipts noted before.
    pub known: u64,
    /// Receipts of letters that are not ours.
    pub unknown: u64,
    /// Other messages.
    pub no_receipt: u64,
    /// Messages that were not read: too large, not handed out, or gone.
    pub skipped: u64,
    /// Receipts that are not believed.
    pub not_believed: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, outcome: &Outcome) {
        self.looked_at += 1;
        *match outcome.result {
            "new" => &mut self.noted,
            "known" => &mut self.known,
            "no-such-letter" => &mut self.unknown,
            "no-receipt" => &mut self.no_receipt,
            "too-large" | "unreadable" | "gone" => &mut self.skipped,
            _ => &mut self.not_believed,
        } += 1;
    }
}

/// Notes what a message says, if it is a receipt.
pub async fn note_receipt(store: &Store, read: Read) -> Result<Outcome, StoreError> {
    let fact = match read {
        Read::Other => return Ok(Outcome::plain("no-receipt")),
        Read::Wrong(why) => return Ok(Outcome::plain(why)),
        Read::Receipt(fact) => fact,
    };
    let (result, letter) = match store.note_receipt(&fact).await? {
        Noted::New(id) => ("new", Some(id)),
        Noted::Known(id) => ("known", Some(id)),
        Noted::NoSuchLetter => ("no-such-letter", None),
        Noted::OtherRecipient(id) => ("other-recipient", Some(id)),
    };
    Ok(Outcome { says: Some(ReceiptKind::code(fact.kind)), result, letter, message_id: Some(fact.message_id) })
}

/// What to read of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collect {
    /// Messages that are looked at; the rest is left for the next time.
    pub most: usize,
    /// From the beginning, whatever was read before.
    pub again: bool,
}

impl Default for Collect {
    /// What is new, at most twenty thousand messages: two receipts for each comune of the country.
    fn default() -> Self {
        Self { most: 20_000, again: false }
    }
}

/// One message of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// Its number on the server.
    pub uid: u32,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of reading a mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collection {
    /// The messages that are receipts, or could not be read.
    pub messages: Vec<Collected>,
    /// How many messages came to what.
    pub counts: Counts,
    /// There are more, for the next time.
    pub more: bool,
    /// The server numbers its messages anew, so that it was read from its beginning.
    pub renumbered: bool,
    /// Somebody asked to stop.
    pub stopped: bool,
    /// Why it was not read, or not to its end. What was noted before stays noted.
    pub trouble: Option<ImapTrouble>,
}

enum End {
    Trouble(ImapTrouble),
    Store(StoreError),
}

impl From<ImapTrouble> for End {
    fn from(trouble: ImapTrouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Notes the new receipts of a mailbox, the oldest first, and how far it was read. Nothing in the mailbox changes. A message is
/// asked for whole only when its headers name a receipt. Trouble with the server is a part of the answer.
pub async fn collect(
    imap: &Imap,
    store: &Store,
    wanted: &Collect,
    stop: &watch::Receiver<bool>,
) -> Result<Collection, StoreError> {
    let mut collection = Collection::default();
    match all(imap, store, wanted, stop, &mut collection).await {
        Ok(()) => {}
        Err(End::Trouble(trouble)) => collection.trouble = Some(trouble),
        Err(End::Store(error)) => return Err(error),
    }
    Ok(collection)
}

async fn all(
    imap: &Imap,
    store: &Store,
    wanted: &Collect,
    stop: &watch::Receiver<bool>,
    collection: &mut Collection,
) -> Result<(), End> {
    let mailbox = imap.address().to_string();
    let mut session = Session::open(imap).await?;
    let opened = session.examine().await?;
    let known = store.receipts_read(&mailbox).await?;
    collection.renumbered = known.is_some_and(|known| known.uid_validity != opened.uid_validity);
    let after = known.filter(|known| known.uid_validity == opened.uid_validity && !wanted.again);
    let after = after.map_or(0, |known| known.last_uid);
    let nothing_new = opened.messages == 0 || opened.uid_next.is_some_and(|next| next <= after.saturating_add(1));
    if !nothing_new {
        let listed = session.list(after, wanted.most).await?;
        collection.more = listed.more;
        let messages: Vec<(u32, u64)> = listed.messages.into_iter().collect();
        for group in messages.chunks(GROUP) {
            let mut last = None;
            let read = one_group(&mut session, store, group, stop, collection, &mut last).await;
            if let Some(last_uid) = last {
                let read = ReadUpTo { uid_validity: opened.uid_validity, last_uid };
                store.note_receipts_read(&mailbox, read).await?;
            }
            read?;
            if collection.stopped || session.is_over() {
                collection.more |= last != messages.last().map(|(uid, _)| *uid);
                break;
            }
        }
    }
    session.close().await;
    Ok(())
}

async fn one_group(
    session: &mut Session<'_>,
    store: &Store,
    group: &[(u32, u64)],
    stop: &watch::Receiver<bool>,
    collection: &mut Collection,
    last: &mut Option<u32>,
) -> Result<(), End> {
    let uids: Vec<u32> = group.iter().map(|(uid, _)| *uid).collect();
    let mut headers = session.headers(&uids).await?;
    for (uid, size) in group {
        if *stop.borrow() {
            collection.stopped = true;
            return Ok(());
        }
        if session.is_over() {
            return Ok(());
        }
        let outcome = one(session, store, (*uid, *size), headers.remove(uid)).await?;
        collection.counts.add(&outcome);
        if outcome.result != "no-receipt" {
            collection.messages.push(Collected { uid: *uid, outcome });
        }
        *last = Some(*uid);
    }
    Ok(())
}

async fn one(
    session: &mut Session<'_>,
    store: &Store,
    (uid, size): (u32, u64),
    headers: Option<Vec<u8>>,
) -> Result<Outcome, End> {
    // A message that breaks a reader breaks its own thread only.
    if let Some(headers) = headers.filter(|headers| !imap::are_cut(headers))
        && let Ok(false) = tokio::task::spawn_blocking(move || receipt::is_named(&headers)).await
    {
        return Ok(Outcome::plain("no-receipt"));
    }
    if size > receipt::LIMIT {
        return Ok(Outcome::plain("too-large"));
    }
    let bytes = match session.message(uid).await? {
        Got::Bytes(bytes) => bytes,
        Got::Gone => return Ok(Outcome::plain("gone")),
        Got::Refused => return Ok(Outcome::plain("unreadable")),
    };
    match tokio::task::spawn_blocking(move || receipt::read(&bytes)).await {
        Ok(read) => Ok(note_receipt(store, read).await?),
        Err(_) => Ok(Outcome::plain("unreadable")),
    }
}
