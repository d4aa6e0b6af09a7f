//! What may be said of one requirement of a notice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FetchOutcome, Reason};

/// Where a requirement of a notice can be seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Observable {
    /// On the comune's website, as a whole.
    Site,
    /// In a public register, as a whole.
    Register,
    /// Only a part of it: what is seen speaks for it, what is not seen does not speak against it.
    Partly,
    /// Not at all: papers, accounts, what lies behind a login.
    Nowhere,
}

impl Observable {
    /// Every value, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Site, Self::Register, Self::Partly, Self::Nowhere];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Register => "register",
            Self::Partly => "partly",
            Self::Nowhere => "nowhere",
        }
    }
}

/// What findings and registers say of one requirement. Not the outcome of the official check, which belongs to whoever is
/// charged with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// What was seen speaks for it ("riscontrato").
    Supported,
    /// It would be seen where one looked, and is not there ("non riscontrato").
    NotSupported,
    /// Something kept us from knowing ("non determinabile"); never a synonym of absent.
    Undetermined,
    /// Nobody could see it from outside ("non osservabile").
    NotObservable,
}

impl Verdict {
    /// Every verdict, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Supported, Self::NotSupported, Self::Undetermined, Self::NotObservable];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NotSupported => "not-supported",
            Self::Undetermined => "undetermined",
            Self::NotObservable => "not-observable",
        }
    }
}

/// Why a verdict is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Basis {
    /// The finding on the website decides.
    SiteSays,
    /// The register decides.
    RegisterSays,
    /// Website and register both speak for it.
    BothSay,
    /// Nobody could see it from outside.
    OutOfSight,
    /// It could be seen, and riscontro does not read it.
    NotExamined,
    /// No visit up to the date in question.
    NotVisited,
    /// The register was not imported up to the date in question.
    RegisterMissing,
    /// The comune cannot be looked up in the register: its key is not known.
    RegisterNotJoined,
    /// The register holds a part of what there is: not being listed says nothing.
    RegisterIncomplete,
    /// The register is older than what it is asked for: not being listed says nothing.
    RegisterStale,
    /// How many services are asked for is not known, because the application's sum does not tell it.
    ExpectedUnknown,
    /// Seen only before the date asked for, and not there then: it may have come later.
    BeforeDue,
    /// Seen only after the date asked for: it does not tell how things stood on that date.
    AfterDue,
    /// Website and register contradict each other where either speaks of a part only.
    Disagreement,
    /// A part would be seen where one looked, and is not there; of the whole that says nothing.
    PartNotSeen,
    /// The finding on the website is itself open, or its outcome does not decide, for this reason.
    Finding(Reason),
}

impl Basis {
    /// The bases that are not reasons of a finding.
    pub const OWN: [Self; 15] = [
        Self::SiteSays,
        Self::RegisterSays,
        Self::BothSay,
        Self::OutOfSight,
        Self::NotExamined,
        Self::NotVisited,
        Self::RegisterMissing,
        Self::RegisterNotJoined,
        Self::RegisterIncomplete,
        Self::RegisterStale,
        Self::ExpectedUnknown,
        Self::BeforeDue,
        Self::AfterDue,
        Self::Disagreement,
        Self::PartNotSeen,
    ];

    /// The stable code: the basis's own, or the reason's of the finding.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SiteSays => "site-says",
            Self::RegisterSays => "register-says",
            Self::BothSay => "both-say",
            Self::OutOfSight => "out-of-sight",
            Self::NotExamined => "not-examined",
            Self::NotVisited => "not-visited",
            Self::RegisterMissing => "register-missing",
            Self::RegisterNotJoined => "register-not-joined",
            Self::RegisterIncomplete => "register-incomplete",
            Self::RegisterStale => "register-stale",
            Self::ExpectedUnknown => "expected-unknown",
            Self::BeforeDue => "before-due",
            Self::AfterDue => "after-due",
            Self::Disagreement => "disagreement",
            Self::PartNotSeen => "part-not-seen",
            Self::Finding(reason) => reason.code(),
        }
    }

    /// Finds the basis of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::OWN.into_iter().find(|basis| basis.code() == code).or_else(|| Reason::from_code(code).map(Self::Finding))
    }
}

impl Serialize for Basis {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl JsonSchema for Basis {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Basis".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let reasons = Reason::OWN.into_iter().chain(FetchOutcome::ALL.iter().copied().map(Reason::Fetch));
        let all: Vec<&str> = Self::OWN.into_iter().chain(reasons.map(Self::Finding)).map(Self::code).collect();
        schemars::json_schema!({"type": "string", "enum": all})
    }
}

impl<'de> Deserialize<'de> for Basis {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| serde::de::Error::custom(format!("unknown basis `{code}`")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Basis;
    use crate::model::{FetchOutcome, Reason};

    #[test]
    fn every_code_is_found_again_and_none_is_used_twice() {
        let reasons = Reason::OWN.into_iter().chain(FetchOutcome::ALL.iter().copied().map(Reason::Fetch));
        let all: Vec<Basis> = Basis::OWN.into_iter().chain(reasons.map(Basis::Finding)).collect();
        let codes: BTreeSet<&str> = all.iter().map(|basis| basis.code()).collect();
        assert_eq!(codes.len(), all.len());
        for basis in all {
            assert_eq!(Basis::from_code(basis.code()), Some(basis));
        }
        assert_eq!(Basis::from_code("passed"), None);
    }
}
