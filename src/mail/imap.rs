//! A mailbox on a server, read and left as it is (RFC 3501).
//!
//! The folder is opened with EXAMINE and messages are asked for with `BODY.PEEK`: no flag changes, nothing is moved or removed.
//! What was read is remembered by us (UIDVALIDITY and UID), not by a mark that a person's mail program sets as well. Answers are
//! bounded in size and time before they are looked at: the server is asked for no more bytes than we keep, and one that announces
//! more is left.

mod answer;
mod session;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use rustls::ClientConfig;
use serde::Serialize;

use super::link::{Fault, Secret, ServerError, trust};
use crate::config::ImapAddress;

pub(super) use session::{Got, Session, are_cut};

/// How long answers are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImapTimeouts {
    /// The connection, each address of the server, and TLS.
    pub connect: Duration,
    /// Each command with a short answer, whole.
    pub verb: Duration,
    /// The list of new messages, and each message, whole.
    pub message: Duration,
    /// Everything: what is not read by then is left for the next time.
    pub total: Duration,
}

impl Default for ImapTimeouts {
    fn default() -> Self {
        let minutes = Duration::from_mins;
        Self { connect: Duration::from_secs(30), verb: minutes(2), message: minutes(10), total: minutes(60) }
    }
}

/// The mailbox, and how its server is spoken to.
#[derive(Debug, Clone)]
pub struct ImapSettings {
    /// Where it is.
    pub address: ImapAddress,
    /// The password of its user.
    pub password: Secret,
    /// Files with further authorities, PEM.
    pub ca_certificates: Vec<PathBuf>,
    /// How long answers are waited for.
    pub timeouts: ImapTimeouts,
}

/// The way to one mailbox.
#[derive(Clone)]
pub struct Imap {
    settings: Arc<ImapSettings>,
    tls: Arc<ClientConfig>,
}

impl fmt::Debug for Imap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imap").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Imap {
    /// Reads the files of authorities; says nothing to the server yet. Mozilla's roots, as compiled in, are trusted as well.
    pub fn new(settings: ImapSettings) -> Result<Self, ServerError> {
        let tls = trust(&settings.ca_certificates, settings.address.host())?;
        Ok(Self { settings: Arc::new(settings), tls })
    }

    /// Where the mailbox is.
    pub fn address(&self) -> &ImapAddress {
        &self.settings.address
    }
}

/// Why a mailbox could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImapTrouble {
    /// What kind of trouble.
    pub kind: ImapTroubleKind,
    /// What the server or the system said, cleaned.
    pub detail: String,
}

/// Kinds of trouble, with stable codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImapTroubleKind {
    /// The server is not there, or closed the connection.
    Unreachable,
    /// No answer came in time.
    Silent,
    /// What came is no answer, or more than was asked for.
    Odd,
    /// The server refuses what was asked, or took leave.
    Refused,
    /// Its certificate does not verify.
    Tls,
    /// It does not let us in.
    Login,
    /// It has no such folder.
    NoFolder,
}

impl ImapTroubleKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Silent => "silent",
            Self::Odd => "odd",
            Self::Refused => "refused",
            Self::Tls => "tls",
            Self::Login => "login",
            Self::NoFolder => "no-folder",
        }
    }
}

impl From<Fault> for ImapTrouble {
    fn from(fault: Fault) -> Self {
        let kind = match fault {
            Fault::Broken(_) => ImapTroubleKind::Unreachable,
            Fault::Silent(_) => ImapTroubleKind::Silent,
            Fault::Odd(_) => ImapTroubleKind::Odd,
            Fault::Tls(_) => ImapTroubleKind::Tls,
        };
        Self { kind, detail: fault.to_string() }
    }
}
