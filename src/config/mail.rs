//! How letters leave.

use std::path::PathBuf;

use super::ReceiptsPlace;
use crate::model::{MailAddress, Mailbox};

/// Where letters go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTransport {
    /// To a mail server.
    Smtp,
    /// Into a folder.
    File,
    /// Nowhere.
    None,
}

impl MailTransport {
    /// The names used in files.
    pub const NAMES: &'static [&'static str] = &["smtp", "file", "none"];

    /// The name used in files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::File => "file",
            Self::None => "none",
        }
    }
}

/// How the connection with the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MailTls {
    /// From the first byte.
    #[default]
    Implicit,
    /// After `STARTTLS`, which the server has to offer.
    StartTls,
    /// Not at all; on this machine only.
    None,
    /// Not at all, over a network: everybody on the way reads letters and password.
    Insecure,
}

impl MailTls {
    /// The names used in files. The last is long on purpose.
    pub const NAMES: &'static [&'static str] = &["implicit", "starttls", "none", "insecure-clear-text"];

    /// The name used in files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::StartTls => "starttls",
            Self::None => "none",
            Self::Insecure => "insecure-clear-text",
        }
    }
}

/// How letters leave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailSettings {
    /// Where they go; without a word, to the server when one is named, else into the folder.
    pub transport: Option<MailTransport>,
    /// The mail server.
    pub host: Option<String>,
    /// Its port; the usual one when not said.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub tls: MailTls,
    /// Files with further authorities to trust, PEM.
    pub ca_certificates: Vec<PathBuf>,
    /// The name to log in with.
    pub login: Option<String>,
    /// The file that holds the password, on one line.
    pub password_file: Option<PathBuf>,
    /// The sender.
    pub from: Option<Mailbox>,
    /// Where answers go.
    pub reply_to: Option<Mailbox>,
    /// The folder of letters; beside the database when not said.
    pub folder: Option<PathBuf>,
    /// The mailbox is one of certified mail.
    pub certified: bool,
    /// Where receipts of certified mail are read from.
    pub receipts: Option<ReceiptsPlace>,
    /// The file that holds the password of that mailbox, on one line.
    pub receipts_password_file: Option<PathBuf>,
    /// Letters of which nobody knows whether they were taken are sent again.
    pub resend_unsure: bool,
    /// Letters that one command sends; 0 for all.
    pub limit: u32,
    /// Letters that leave in an hour; 0 for all.
    pub hourly: u32,
    /// MiB that a letter may have with its attachments.
    pub max_mib: u32,
    /// Who is told that something waits for a person.
    pub operator: Option<MailAddress>,
}

impl MailSettings {
    /// Where letters go.
    pub fn transport(&self) -> MailTransport {
        let by_host = if self.host.is_some() { MailTransport::Smtp } else { MailTransport::File };
        self.transport.unwrap_or(by_host)
    }
}
