//! One look at one comune's site.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Comune, Coverage, FetchOutcome, Finding, PageLabel, Platform};

/// What a page is, as far as the visit is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PageKind {
    /// Where the visit starts.
    Home,
    /// Where a citizen logs in.
    Login,
    /// Where a citizen pays.
    Payment,
    /// A list of services.
    Services,
    /// Anything else.
    Other,
}

impl PageKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Login => "login",
            Self::Payment => "payment",
            Self::Services => "services",
            Self::Other => "other",
        }
    }
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Every platform was decided.
    Decided,
    /// Nothing worth reading was left.
    Exhausted,
    /// The budget of requests was spent.
    Requests,
    /// The budget of time was spent.
    Time,
    /// The start page could not be read.
    Unreached,
    /// The visit was stopped from outside.
    Interrupted,
}

impl End {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Exhausted => "exhausted",
            Self::Requests => "requests",
            Self::Time => "time",
            Self::Unreached => "unreached",
            Self::Interrupted => "interrupted",
        }
    }
}

/// One request and its answer inside a chain of redirects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hop {
    /// The address asked for.
    #[schemars(with = "String")]
    pub url: Url,
    /// HTTP status, when an answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Where the answer sends on to, when it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub location: Option<Url>,
}

/// How a page was drawn in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rendering {
    /// SHA-256 of the document as it was drawn, lower-case hexadecimal: what the signals of a drawn page were read in.
    pub sha256: String,
    /// Bytes of it.
    pub bytes: u64,
    /// Requests sent for its parts, robots.txt included.
    pub requests: u32,
    /// Requests of the page that were answered empty (pictures, fonts, frames, counters of visitors).
    pub emptied: u32,
    /// Requests of the page that were refused (other methods than GET and HEAD, other schemes, over a limit).
    pub refused: u32,
    /// All its style sheets came: what is hidden is known from the layout.
    pub layout: bool,
    /// Why it is not the whole page (`time`, `requests`, `parts`, `size`, `stopped`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
}

/// One page, or one failed attempt at one, as kept in the store. Bytes are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageRecord {
    /// The address asked for.
    #[schemars(with = "String")]
    pub requested: Url,
    /// The address that answered, after redirects.
    #[schemars(with = "String")]
    pub url: Url,
    /// What it was read for.
    pub kind: PageKind,
    /// How the fetch ended.
    pub outcome: FetchOutcome,
    /// One line for a person on what exactly failed, in English (`nxdomain`, `no route to host`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// HTTP status of the last hop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Every hop, the last one included.
    pub hops: Vec<Hop>,
    /// Bytes of the decoded body.
    pub bytes: u64,
    /// SHA-256 of the decoded body, lower-case hexadecimal; empty when there is none.
    pub sha256: String,
    /// Server address, when one answered and no proxy stood between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// SHA-256 of the server's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// When the answer was complete.
    #[schemars(with = "String")]
    pub fetched: Timestamp,
    /// Charset that the body was read with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// Title of the page, at most 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How it was drawn, when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendered: Option<Rendering>,
}

/// One step of the path that a visit took, for `check --explain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The address asked for.
    #[schemars(with = "String")]
    pub url: Url,
    /// Why it was chosen: the id of the rule that led there, or `start`, `fallback`.
    pub chosen_by: String,
    /// Label of the link that led there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Place in the order of what was known when it was chosen (higher is sooner).
    pub score: i32,
    /// Clicks from the start page.
    pub depth: u8,
    /// How the fetch ended.
    pub outcome: FetchOutcome,
    /// It was drawn in a browser.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rendered: bool,
    /// What the page said of each platform.
    pub gave: Vec<(Platform, PageLabel)>,
}

/// One look at one comune's site at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Visit {
    /// The address the visit started from.
    #[schemars(with = "String")]
    pub url: Url,
    /// Whose site it is.
    pub comune: Comune,
    /// When it started.
    #[schemars(with = "String")]
    pub started: Timestamp,
    /// When it ended.
    #[schemars(with = "String")]
    pub finished: Timestamp,
    /// Requests sent, robots.txt and redirects included.
    pub requests: u32,
    /// How it ended.
    pub end: End,
    /// Version of the rule catalogue.
    pub catalogue: String,
    /// SHA-256 of the rule catalogue.
    pub catalogue_sha256: String,
    /// What the visit looked at.
    pub coverage: Coverage,
    /// One finding for each of [`Platform::DECIDED`].
    pub findings: Vec<Finding>,
    /// Vendors recognised, as rule ids.
    pub vendors: Vec<String>,
    /// Remarks a reader should know, as codes (`own-site`, `proxy`, `tls-expired`, `test-environment`).
    pub remarks: Vec<String>,
    /// Every page asked for, in order.
    pub pages: Vec<PageRecord>,
    /// The path taken.
    pub path: Vec<Step>,
    /// Links worth reading that were left, best first, at most twenty.
    #[schemars(with = "Vec<String>")]
    pub left_unread: Vec<Url>,
}
