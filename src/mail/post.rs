//! Sends what is due, one letter after the other.

use std::{fmt, path::PathBuf, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use mail_parser::{Address as Named, MessageParser};
use serde::Serialize;
use tokio::sync::watch;

use super::{
    Folder, Smtp, backoff, check, redirected,
    smtp::{Given, NoSession, Session},
};
use crate::{
    clock::Clock,
    config::Lang,
    model::{MailAddress, Mailbox},
    report::clean,
    run::{LockError, RunLock},
    store::{Begun, DispatchId, Recovered, Right, Store, StoreError, Swept, TryEnd, Trying},
};

/// Largest letter of certified mail, all recipients counted, in bytes (30 MB by the rules).
const CERTIFIED_LIMIT: usize = 30 << 20;
/// After so many conversations in a row that did not come as far as letters, no other is begun.
const ENOUGH: u32 = 2;

/// Where letters go.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a server.
    Smtp(Smtp),
    /// Into a folder.
    Folder(Folder),
    /// Nowhere: they stay queued.
    None,
}

impl Transport {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Folder(_) => "file",
            Self::None => "none",
        }
    }
}

/// To whom letters go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Recipients {
    /// To whom they are for.
    #[default]
    Own,
    /// Copies to this address, in this language, from this sender. The letters stay as they are, and stay due.
    All(MailAddress, Mailbox, Lang),
}

/// How letters are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// At most so many now.
    pub limit: Option<u32>,
    /// At most so many in any hour.
    pub hourly: Option<u32>,
    /// Letters of which nobody knows are sent again, with the same Message-ID.
    pub resend_unsure: bool,
    /// Certified mail, from this mailbox: other letters are not sent.
    pub certified: Option<MailAddress>,
    /// To whom.
    pub recipients: Recipients,
}

/// What kept the rest from being tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What kind of trouble.
    pub kind: TroubleKind,
    /// What the server or the system said, cleaned.
    pub detail: String,
}

/// Kinds of trouble, with stable codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleKind {
    /// The server is not there, or not now.
    Unreachable,
    /// Its certificate does not verify, or it offers no TLS.
    Tls,
    /// It does not let us in.
    Login,
    /// The folder cannot be written.
    Folder,
    /// A copy was not taken.
    Refused,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What processes that died had left.
    pub recovered: Recovered,
    /// Letters that were due.
    pub due: u64,
    /// Taken by the server, or written.
    pub sent: u64,
    /// Not now; they are tried again.
    pub deferred: u64,
    /// The server could not be spoken to; they are tried again.
    pub put_off: u64,
    /// Given up.
    pub failed: u64,
    /// Nobody knows.
    pub unsure: u64,
    /// Copies that were sent elsewhere.
    pub redirected: u64,
    /// The hourly limit kept the rest from being tried.
    pub limited: bool,
    /// Somebody asked to stop.
    pub stopped: bool,
    /// What kept the rest from being tried.
    pub trouble: Option<Trouble>,
    /// All letters, after it.
    pub all: Swept,
}

/// Nothing could be sent at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostError {
    /// Another process is sending, or the lock cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends the letters that are due. One process at a time does so on a database; others are told.
///
/// What was answered is committed after each letter. A stop is obeyed between two letters.
pub async fn post(
    store: &Store,
    transport: &Transport,
    clock: &Arc<dyn Clock>,
    stop: &watch::Receiver<bool>,
    options: &Options,
) -> Result<Summary, PostError> {
    let _lock = RunLock::take(store, Right::Mail).await?;
    let mut summary =
        Summary { recovered: store.recover_dispatches(options.resend_unsure).await?, ..Summary::default() };
    if !matches!(transport, Transport::None) {
        let due = store.due_dispatches(clock.now(), options.limit).await?;
        summary.due = due.len() as u64;
        let mut way = Way { store, transport, clock, options, session: None, silent: 0 };
        for id in due {
            if *stop.borrow() {
                summary.stopped = true;
                break;
            }
            if way.is_enough_for_now().await? {
                summary.limited = true;
                break;
            }
            match &options.recipients {
                Recipients::Own => way.one(id, &mut summary).await?,
                Recipients::All(to, from, lang) => way.copy(id, (to, from, *lang), &mut summary).await?,
            }
            if summary.trouble.is_some() {
                break;
            }
        }
        if let Some(session) = way.session {
            session.close().await;
        }
    }
    summary.all = store.swept_dispatches().await?;
    Ok(summary)
}

struct Way<'a> {
    store: &'a Store,
    transport: &'a Transport,
    clock: &'a Arc<dyn Clock>,
    options: &'a Options,
    session: Option<Session>,
    /// Conversations in a row that did not come as far as letters.
    silent: u32,
}

/// What became of a letter on its way.
enum Went {
    Given(Given),
    Nowhere(Trouble),
}

impl Way<'_> {
    async fn is_enough_for_now(&self) -> Result<bool, StoreError> {
        let Some(most) = self.options.hourly else { return Ok(false) };
        let hour_ago = self.clock.now().checked_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
        Ok(self.store.sent_since(hour_ago).await? >= u64::from(most))
    }

    async fn one(&mut self, id: DispatchId, summary: &mut Summary) -> Result<(), StoreError> {
        let trying = match self.store.begin_try(id).await? {
            Begun::Trying(trying) => trying,
            Begun::Gone => return Ok(()),
            Begun::Damaged(_) => {
                summary.failed += 1;
                return Ok(());
            }
        };
        let refused = self.unfit(&trying);
        let went = match (refused, trying.recipient.parse::<MailAddress>()) {
            (Some(why), _) => Went::Given(Given::Never(why)),
            (None, Err(error)) => {
                Went::Given(Given::Never(format!("{}: {error}", clean::short(&trying.recipient, 80))))
            }
            (None, Ok(to)) => {
                let store = self.store;
                self.go(&to, &trying.message_id, &trying.bytes, &async || store.note_end_of_data(&trying).await).await?
            }
        };
        let now = self.clock.now();
        let put_off = || TryEnd::PutOff(backoff::next(now, trying.attempt.saturating_sub(1), &trying.message_id));
        let (end, said) = match went {
            Went::Given(Given::Withdrawn) => return Ok(()),
            Went::Given(Given::Taken(said)) => (TryEnd::Sent, said),
            Went::Given(Given::Unknown(said)) => (TryEnd::Unsure, said),
            Went::Given(Given::Never(said)) => (TryEnd::Failed, said),
            Went::Given(Given::NotNow(said) | Given::Stale(said)) => {
                let next = backoff::after_refusal(now, trying.refusals, trying.refused_since, &trying.message_id);
                (next.map_or(TryEnd::Failed, TryEnd::Deferred), said)
            }
            Went::Given(Given::Locked(said)) => {
                summary.trouble = Some(Trouble { kind: TroubleKind::Login, detail: said.clone() });
                (put_off(), said)
            }
            Went::Nowhere(trouble) => {
                let said = trouble.detail.clone();
                if trouble.kind != TroubleKind::Unreachable || self.silent >= ENOUGH {
                    summary.trouble = Some(trouble);
                }
                (put_off(), said)
            }
        };
        let said = clean::short(&said, 400);
        if self.store.end_try(&trying, end, &said).await? {
            match end {
                TryEnd::Sent => summary.sent += 1,
                TryEnd::Deferred(_) => summary.deferred += 1,
                TryEnd::PutOff(_) => summary.put_off += 1,
                TryEnd::Failed => summary.failed += 1,
                TryEnd::Unsure => summary.unsure += 1,
            }
            tracing::info!(dispatch = %id, recipient = trying.recipient, ?end, answer = said, "a letter was tried");
        }
        Ok(())
    }

    /// Why a letter must not go out as it is, whatever the server would say.
    fn unfit(&self, trying: &Trying) -> Option<String> {
        if let Err(fault) = check(&trying.bytes) {
            return Some(fault.to_string());
        }
        let owner = self.options.certified.as_ref()?;
        if trying.bytes.len() > CERTIFIED_LIMIT {
            return Some(format!("{} bytes; certified mail takes 30 MiB", trying.bytes.len()));
        }
        let message = MessageParser::default().parse_headers(&trying.bytes)?;
        let only = |named: Option<&Named<'_>>, address: &str| {
            let all: Vec<&str> = named.into_iter().flat_map(Named::iter).filter_map(|one| one.address()).collect();
            all.len() == 1 && all[0].eq_ignore_ascii_case(address)
        };
        if !only(message.from(), owner.as_str()) {
            return Some(format!("certified mail leaves from its own mailbox, {owner}"));
        }
        if !only(message.to(), &trying.recipient) || message.cc().is_some() || message.bcc().is_some() {
            return Some("certified mail has one recipient each".to_owned());
        }
        None
    }

    async fn copy(
        &mut self,
        id: DispatchId,
        (to, from, lang): (&MailAddress, &Mailbox, Lang),
        summary: &mut Summary,
    ) -> Result<(), StoreError> {
        let Some(letter) = self.store.dispatch(id).await? else { return Ok(()) };
        let Some(bytes) = self.store.dispatch_bytes(id).await? else { return Ok(()) };
        let went = match redirected(&bytes, from, &letter.recipient, to, lang) {
            Ok((message_id, copy)) => self.go(to, &message_id, &copy, &async || Ok(true)).await?,
            Err(error) => Went::Given(Given::Never(error.to_string())),
        };
        match went {
            Went::Given(Given::Taken(said)) => {
                self.store.note_dispatch(id, "redirected", &format!("{to}: {said}")).await?;
                summary.redirected += 1;
            }
            Went::Nowhere(trouble) => summary.trouble = Some(trouble),
            Went::Given(
                Given::NotNow(said)
                | Given::Stale(said)
                | Given::Never(said)
                | Given::Unknown(said)
                | Given::Locked(said),
            ) => {
                summary.trouble = Some(Trouble { kind: TroubleKind::Refused, detail: clean::short(&said, 400) });
            }
            Went::Given(Given::Withdrawn) => {}
        }
        Ok(())
    }

    async fn go(
        &mut self,
        to: &MailAddress,
        message_id: &str,
        bytes: &[u8],
        before_dot: &impl AsyncFn() -> Result<bool, StoreError>,
    ) -> Result<Went, StoreError> {
        let smtp = match self.transport {
            Transport::Smtp(smtp) => smtp,
            Transport::Folder(folder) => return Ok(in_folder(folder, message_id, bytes).await),
            Transport::None => return Ok(Went::Given(Given::Withdrawn)),
        };
        loop {
            let session = match self.session.take().filter(Session::is_usable) {
                Some(session) => Ok(session),
                None => Session::open(smtp).await,
            };
            let mut session = match session {
                Ok(session) => session,
                Err(fault) => {
                    self.silent += 1;
                    return Ok(Went::Nowhere(fault.into()));
                }
            };
            self.silent = 0;
            let given = session.give(to, bytes, before_dot).await?;
            if session.is_usable() {
                self.session = Some(session);
            } else {
                session.close().await;
            }
            // A conversation that has just begun is never stale, so this ends.
            if !matches!(given, Given::Stale(_)) {
                return Ok(Went::Given(given));
            }
        }
    }
}

async fn in_folder(folder: &Folder, message_id: &str, bytes: &[u8]) -> Went {
    let (folder, message_id, bytes) = (folder.clone(), message_id.to_owned(), bytes.to_vec());
    let written: Result<std::io::Result<PathBuf>, _> =
        tokio::task::spawn_blocking(move || folder.put(&message_id, &bytes)).await;
    match written {
        Ok(Ok(path)) => Went::Given(Given::Taken(path.display().to_string())),
        Ok(Err(error)) => Went::Nowhere(Trouble { kind: TroubleKind::Folder, detail: error.to_string() }),
        Err(error) => Went::Nowhere(Trouble { kind: TroubleKind::Folder, detail: error.to_string() }),
    }
}

impl From<NoSession> for Trouble {
    fn from(fault: NoSession) -> Self {
        let (kind, detail) = match fault {
            NoSession::Unreachable(detail) => (TroubleKind::Unreachable, detail),
            NoSession::Tls(detail) => (TroubleKind::Tls, detail),
            NoSession::Login(detail) => (TroubleKind::Login, detail),
        };
        Self { kind, detail: clean::short(&detail, 400) }
    }
}

/// One letter that is not kept, given at once: for trying out the settings. What the server said to it, or why not.
pub async fn test(transport: &Transport, to: &MailAddress, message_id: &str, bytes: &[u8]) -> Result<String, Trouble> {
    let refused = |kind, detail: String| Trouble { kind, detail: clean::short(&detail, 400) };
    match transport {
        Transport::None => Err(refused(TroubleKind::Refused, "mail_transport = none".to_owned())),
        Transport::Folder(folder) => match in_folder(folder, message_id, bytes).await {
            Went::Given(Given::Taken(said)) => Ok(said),
            Went::Nowhere(trouble) => Err(trouble),
            Went::Given(_) => Err(refused(TroubleKind::Folder, String::new())),
        },
        Transport::Smtp(smtp) => {
            let mut session = Session::open(smtp).await?;
            let given = session.give(to, bytes, &async || Ok(true)).await;
            session.close().await;
            match given {
                Ok(Given::Taken(said)) => Ok(said),
                Ok(Given::Locked(said)) => Err(refused(TroubleKind::Login, said)),
                Ok(Given::NotNow(said) | Given::Stale(said) | Given::Never(said) | Given::Unknown(said)) => {
                    Err(refused(TroubleKind::Refused, said))
                }
                Ok(Given::Withdrawn) => Err(refused(TroubleKind::Refused, String::new())),
                Err(error) => Err(refused(TroubleKind::Refused, error.to_string())),
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}
