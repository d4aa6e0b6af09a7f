//! What a visit says of one platform.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FetchOutcome, PageKind, Platform, Signal, Strength};

/// The answer on one platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A way in was seen and tied to this comune ("riscontrato").
    Found,
    /// Words only, no way in.
    Mentioned,
    /// The places where it would be were reached and read, and it is not there ("non riscontrato").
    NotFound,
    /// Something kept us from knowing ("non determinabile"); never a synonym of absent.
    Undetermined,
}

impl Outcome {
    /// Every outcome, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Found, Self::Mentioned, Self::NotFound, Self::Undetermined];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Mentioned => "mentioned",
            Self::NotFound => "not-found",
            Self::Undetermined => "undetermined",
        }
    }
}

/// Why an outcome is what it is. Either how it was decided, or what kept us from deciding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// One signal that decides alone.
    Proof,
    /// Two strong signals of different kinds.
    TwoStrong,
    /// Only words, logos or controls that lead nowhere.
    WordsOnly,
    /// Login or payment page reached and read, nothing there.
    CoverageComplete,
    /// The app's services are not stated on the website, which proves nothing about the app.
    NotStated,
    /// One strong signal, and nothing second to confirm it.
    OneStrong,
    /// A strong signal that could not be tied to this comune.
    TenantUnproven,
    /// A test or demonstration environment on the live site.
    TestEnvironment,
    /// The page says that the platform is not enabled, against other signs.
    Contradicted,
    /// No way to a login page was seen, so none was read.
    LoginPageNotSeen,
    /// No way to a payment page was seen, so none was read.
    PaymentPageNotSeen,
    /// A payment page was read that does not say through which platform it is paid.
    PlatformNotNamed,
    /// Pages that could hold the answer were left unread when the visit's budget was spent.
    BudgetSpent,
    /// A link that could lead to the answer is not followed, however long the visit lasts.
    LeftUnread,
    /// A control without a target that only a script could bind.
    ScriptedControl,
    /// The visit was stopped from outside.
    Interrupted,
    /// A fetch that mattered ended so.
    Fetch(FetchOutcome),
}

impl Reason {
    /// The reasons that are not fetch outcomes.
    pub const OWN: [Self; 16] = [
        Self::Proof,
        Self::TwoStrong,
        Self::WordsOnly,
        Self::CoverageComplete,
        Self::NotStated,
        Self::OneStrong,
        Self::TenantUnproven,
        Self::TestEnvironment,
        Self::Contradicted,
        Self::LoginPageNotSeen,
        Self::PaymentPageNotSeen,
        Self::PlatformNotNamed,
        Self::BudgetSpent,
        Self::LeftUnread,
        Self::ScriptedControl,
        Self::Interrupted,
    ];

    /// The stable code: the reason's own, or the fetch outcome's.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::TwoStrong => "two-strong",
            Self::WordsOnly => "words-only",
            Self::CoverageComplete => "coverage-complete",
            Self::NotStated => "not-stated",
            Self::OneStrong => "one-strong",
            Self::TenantUnproven => "tenant-unproven",
            Self::TestEnvironment => "test-environment",
            Self::Contradicted => "contradicted",
            Self::LoginPageNotSeen => "login-page-not-seen",
            Self::PaymentPageNotSeen => "payment-page-not-seen",
            Self::PlatformNotNamed => "platform-not-named",
            Self::BudgetSpent => "budget-spent",
            Self::LeftUnread => "left-unread",
            Self::ScriptedControl => "scripted-control",
            Self::Interrupted => "interrupted",
            Self::Fetch(outcome) => outcome.code(),
        }
    }

    /// Finds the reason of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::OWN
            .into_iter()
            .find(|reason| reason.code() == code)
            .or_else(|| FetchOutcome::from_code(code).map(Self::Fetch))
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| serde::de::Error::custom(format!("unknown reason `{code}`")))
    }
}

impl JsonSchema for Reason {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Reason".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let codes: Vec<&str> = Self::OWN
            .iter()
            .map(|reason| reason.code())
            .chain(FetchOutcome::ALL.iter().map(|outcome| outcome.code()))
            .collect();
        schemars::json_schema!({"type": "string", "enum": codes})
    }
}

/// What a visit says of one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The platform.
    pub platform: Platform,
    /// The answer.
    pub outcome: Outcome,
    /// The strongest signal behind it, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<Strength>,
    /// Why.
    pub reason: Reason,
    /// The signals, strongest first; at most twenty.
    pub signals: Vec<Signal>,
}

/// Whether a place where an answer would be was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", content = "outcome")]
pub enum Reach {
    /// Reached and read.
    Read,
    /// A link to it was seen, but reading it ended so.
    Failed(FetchOutcome),
    /// A link to it was seen and was still waiting when the visit ended.
    Unread,
    /// A link to it was seen and is never followed: too deep, in a trap, one of many alike, on another's site.
    LeftUnread,
    /// No link to it was seen.
    NotSeen,
}

/// What a visit looked at, and what it could not look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Pages read, by kind.
    pub pages: BTreeMap<PageKind, u32>,
    /// The page where a citizen chooses how to log in.
    pub login_page: Reach,
    /// The page where a citizen pays.
    pub payment_page: Reach,
    /// Fetches that gave no page, by outcome code.
    pub refusals: BTreeMap<String, u32>,
    /// Links that were worth reading and were left unread.
    pub unread: u32,
    /// True when nothing that could hold an answer was left unread or unreadable.
    pub complete: bool,
}
