//! Typed settings: defaults, then the file, then the environment, then the flags; the later one wins.
//!
//! Every value of every layer is checked, also those that a later layer overrides, and all mistakes are reported at
//! once, each with where it stands (`file:line`, variable or flag) and what would be right. Defaults are constants of
//! [`defaults`], which `--help` re-uses. Proxies named by the environment (`HTTP_PROXY` and its like) are not obeyed:
//! only [`Key::Proxy`] decides.

mod connect_to;
pub mod defaults;
mod environment;
mod example;
mod file;
mod folder;
mod key;
mod lang;
mod layers;
mod mail;
mod max_age;
mod night;
mod parse;
mod problem;
mod receipts;
mod show;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use url::Url;

use crate::model::Confirm;

pub use connect_to::{ConnectTo, ConnectToError};
pub use environment::Environment;
pub use example::example;
pub use folder::toml_files;
pub use key::{Key, Kind};
pub use lang::Lang;
pub use layers::{Flags, Loaded, load};
pub use mail::{MailSettings, MailTls, MailTransport};
pub use max_age::MaxAges;
pub use night::{NightSettings, NightSites};
pub use problem::{Expected, Fault, Origin, Problem, mask};
pub use receipts::{ImapAddress, ReceiptsPlace};
pub use show::{show_json, show_text};

/// How log lines are written to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One readable line for each event.
    #[default]
    Text,
    /// One JSON object for each event.
    Json,
}

impl LogFormat {
    /// The name used in flags and files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Where the bytes behind findings are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum EvidencePlace {
    /// In the folder `NAME.evidence` beside the database file `NAME`.
    #[default]
    Beside,
    /// In this folder.
    Folder(PathBuf),
    /// Nowhere.
    Never,
}

/// What `prune` leaves; 0 sets no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Days that evidence is kept.
    pub evidence_days: u32,
    /// MiB of evidence that are kept.
    pub evidence_mib: u32,
    /// Days that the details of visits are kept.
    pub detail_days: u32,
    /// MiB of details that are kept.
    pub detail_mib: u32,
    /// Days that the bytes of letters are kept, counted from when they were sent.
    pub letter_days: u32,
}

/// The effective settings of one run of the program.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Address of the database: `sqlite://FILE` or `postgres://USER@HOST/DATABASE`.
    pub db: String,
    /// Where the program keeps its data: the user's folder, empty (the present one) without a home folder.
    pub data: std::path::PathBuf,
    /// Language of everything that a person reads.
    pub lang: Lang,
    /// Who runs this agent and can be written to: an e-mail address or a web page. Part of the agent name.
    pub contact: Option<String>,
    /// Smallest gap between two requests to one host.
    pub delay: Duration,
    /// Smallest gap between the starts of two requests to one IP address.
    pub address_delay: Duration,
    /// Requests that one visit may send, robots.txt and redirects included.
    pub max_requests: u32,
    /// Longest time that one visit may take.
    pub max_time: Duration,
    /// Sites visited at the same time.
    pub concurrency: usize,
    /// The proxy through which every request goes.
    pub proxy: Option<Url>,
    /// Hosts and ports that are dialled at an address of the operator's choice.
    pub connect_to: Vec<ConnectTo>,
    /// Files with certificates of further authorities, PEM.
    pub ca_certificates: Vec<PathBuf>,
    /// The DNS server to ask, in place of the machine's own.
    pub resolver: Option<SocketAddr>,
    /// Folder whose rule files replace the built-in ones.
    pub selectors: Option<PathBuf>,
    /// Folder whose notices replace the built-in ones.
    pub notices: Option<PathBuf>,
    /// Pages that scripts draw are drawn in a browser, where there is one.
    pub render: bool,
    /// Pictures of pages that scripts draw are kept with the evidence.
    pub pictures: bool,
    /// The browser, in place of the system's.
    pub chromium: Option<PathBuf>,
    /// Where the bytes behind findings are kept.
    pub evidence: EvidencePlace,
    /// The authority that stamps the roots of the evidence.
    pub stamp_authority: Option<Url>,
    /// Hosts that asked not to be visited, lower case, subdomains included.
    pub opt_out: Vec<String>,
    /// Days after which each register counts as old.
    pub register_max_age: MaxAges,
    /// When a loss counts as confirmed.
    pub confirm: Confirm,
    /// Percentage of sites turning worse in one run above which the run is suspect; 100 suspects none.
    pub suspect_share: u8,
    /// What `prune` leaves.
    pub retention: Retention,
    /// How letters leave.
    pub mail: MailSettings,
    /// What a night does.
    pub night: NightSettings,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// -1 errors only, 0 warnings, 1 information, 2 debug, 3 everything.
    pub verbosity: i8,
}

/// The settings are not usable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Every mistake that was found, in the order of the layers.
    #[error("{} mistake(s) in the settings", .0.len())]
    Invalid(Vec<Problem>),
}
