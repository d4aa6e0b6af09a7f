//! What one rule saw on one page.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Platform;

/// How much one signal is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Speaks against the platform ("SPID non abilitato").
    Counter,
    /// Words, logos, controls that lead nowhere: never decides.
    Weak,
    /// Decides together with a second strong signal of another kind.
    Strong,
    /// Decides alone.
    Proof,
}

impl Strength {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Weak => "weak",
            Self::Strong => "strong",
            Self::Proof => "proof",
        }
    }
}

/// What a rule's match shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Proves {
    /// The page itself carries the way in to a login with the platform.
    Login,
    /// The page itself carries the way to pay through the platform.
    Payment,
    /// The page states which of the comune's services are on the app, or is the app's page of this comune.
    Service,
    /// The page links to where the login probably is.
    LoginPage,
    /// The page links to where the payment probably is.
    PaymentPage,
    /// The page links to where services are listed: worth following, says nothing by itself.
    ServicesPage,
    /// Words, logos, information links.
    Mention,
    /// A product of a known vendor.
    Vendor,
    /// A login for the staff or the site's editors: never the citizen's.
    StaffLogin,
    /// A test or demonstration environment on a live page.
    TestEnvironment,
    /// A bot filter or firewall page.
    Blocked,
    /// A challenge page that wants a browser or a person.
    Challenge,
    /// A page that says the site is under maintenance.
    Maintenance,
    /// A parked domain or hosting default page.
    Parked,
    /// A page that says "not found" with status 200.
    #[serde(rename = "soft-404")]
    Soft404,
    /// A shell that is empty until a script runs.
    ScriptShell,
}

impl Proves {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Payment => "payment",
            Self::Service => "service",
            Self::LoginPage => "login-page",
            Self::PaymentPage => "payment-page",
            Self::ServicesPage => "services-page",
            Self::Mention => "mention",
            Self::Vendor => "vendor",
            Self::StaffLogin => "staff-login",
            Self::TestEnvironment => "test-environment",
            Self::Blocked => "blocked",
            Self::Challenge => "challenge",
            Self::Maintenance => "maintenance",
            Self::Parked => "parked",
            Self::Soft404 => "soft-404",
            Self::ScriptShell => "script-shell",
        }
    }

    /// True when the page that carries the match is itself the way in.
    pub const fn is_offer(self) -> bool {
        matches!(self, Self::Login | Self::Payment | Self::Service)
    }

    /// True when the match leads to where the way in probably is.
    pub const fn is_lead(self) -> bool {
        matches!(self, Self::LoginPage | Self::PaymentPage)
    }
}

/// What one page alone says of one platform; the answer of `riscontro inspect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PageLabel {
    /// Nothing that a reader sees.
    Absent,
    /// Words, logos or information links only.
    Mentioned,
    /// It links to where the way in probably is.
    Leads,
    /// The page itself carries the way in.
    Offered,
}

impl PageLabel {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Mentioned => "mentioned",
            Self::Leads => "leads",
            Self::Offered => "offered",
        }
    }
}

impl fmt::Display for PageLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One match of one rule on one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    /// Id of the rule.
    pub rule: String,
    /// Version of the catalogue that the rule was taken from.
    pub catalogue: String,
    /// The platform it speaks of; `None` for vendors, blocks and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// What the match shows.
    pub proves: Proves,
    /// How much it is worth here (a rule's strength, lowered where the match is hidden or inert).
    pub strength: Strength,
    /// Kind of evidence (`control`, `redirect`, `asset`, ...): two strong signals decide only when their kinds differ.
    pub kind: String,
    /// The page that carries the match.
    #[schemars(with = "String")]
    pub url: Url,
    /// How the page was reached from the visit's start, redirects included; empty for the start page itself.
    #[schemars(with = "Vec<String>")]
    pub chain: Vec<Url>,
    /// CSS path of the element, or `header:NAME`, `url`, `script`, `redirect`.
    pub selector: String,
    /// What was matched, at most 300 characters, white space folded.
    pub excerpt: String,
    /// Label of the control, when the match is a control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where the match leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub target: Option<Url>,
    /// The tenant named by the match, as captured (`idDominio=00224000125`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Whether the match is tied to this comune (own host, or a tenant equal to one of its codes).
    pub tied: bool,
    /// SHA-256 of the body that the match was read from, lower-case hexadecimal; for a redirect without a body, of the
    /// status and `Location` of its answer.
    pub sha256: String,
    /// When that body was received.
    #[schemars(with = "String")]
    pub fetched: Timestamp,
}
