//! One conversation with a mail server, verb by verb (RFC 5321).
//!
//! What decides is which side of the final dot something went wrong on. Before it the letter was certainly not taken, and may be
//! sent again. After it nobody knows until the answer is there. So the dot is held back until the caller has noted, durably,
//! that it is about to go out.
//!
//! Every answer is asked for by its number: 354 after DATA, 250 after the dot. Anything that arrives unasked means that we and
//! the server are not at the same place any more; the connection is given up.

mod connection;
mod session;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use rustls::ClientConfig;

use super::link::{Secret, ServerError, trust};
use crate::model::MailAddress;

pub(super) use session::{Given, NoSession, Session};

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// TLS after `STARTTLS`; a server that does not offer it is not spoken to.
    StartTls,
    /// None. Everybody on the way can read and change the letters, and the password.
    Clear,
}

impl Security {
    /// The port where servers listen for it.
    pub const fn port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::StartTls => 587,
            Self::Clear => 25,
        }
    }
}

/// Who we are to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// How long each answer is waited for, whole: a server that sends a byte now and then gains nothing by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// The connection, each address of the server, and TLS.
    pub connect: Duration,
    /// The greeting, and each verb but those below.
    pub verb: Duration,
    /// The answer to DATA.
    pub data: Duration,
    /// Each 64 KiB of the letter.
    pub block: Duration,
    /// The answer after the final dot: the server may be looking for viruses.
    pub end: Duration,
}

impl Default for Timeouts {
    /// Those of RFC 5321, 4.5.3.2.
    fn default() -> Self {
        let minutes = Duration::from_mins;
        Self {
            connect: Duration::from_secs(30),
            verb: minutes(5),
            data: minutes(2),
            block: minutes(3),
            end: minutes(10),
        }
    }
}

/// The server, and how it is spoken to.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Its name, which its certificate must bear, or its address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Files with further authorities, PEM.
    pub ca_certificates: Vec<PathBuf>,
    /// Who we are; nothing is said without.
    pub login: Option<Login>,
    /// The sender of the envelope: where the server reports what it cannot deliver.
    pub from: MailAddress,
    /// How long answers are waited for.
    pub timeouts: Timeouts,
}

/// The way to one mail server.
#[derive(Clone)]
pub struct Smtp {
    settings: Arc<SmtpSettings>,
    tls: Arc<ClientConfig>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Smtp {
    /// Reads the files of authorities; says nothing to the server yet. Mozilla's roots, as compiled in, are trusted as well.
    pub fn new(settings: SmtpSettings) -> Result<Self, ServerError> {
        let tls = trust(&settings.ca_certificates, &settings.host)?;
        Ok(Self { settings: Arc::new(settings), tls })
    }

    /// The server and its port, for people.
    pub fn name(&self) -> String {
        format!("{}:{}", self.settings.host, self.settings.port)
    }

    pub(super) fn settings(&self) -> &SmtpSettings {
        &self.settings
    }
}
