//! The public registers, by name.

use serde::{Deserialize, Serialize};

/// A public register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Register {
    /// The index of public administrations.
    Ipa,
    /// The list of comuni (ISTAT).
    Istat,
    /// The archive of comuni, alive and ceased (ANPR).
    Anpr,
    /// The financed applications of PA digitale 2026.
    Candidature,
    /// The notices of PA digitale 2026.
    Avvisi,
    /// The services visible in the App IO.
    Appio,
    /// SPID service providers, by their metadata.
    Spid,
}

impl Register {
    /// All of them, in the order in which they are best imported.
    pub const ALL: [Self; 7] =
        [Self::Istat, Self::Anpr, Self::Ipa, Self::Candidature, Self::Avvisi, Self::Appio, Self::Spid];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ipa => "ipa",
            Self::Istat => "istat",
            Self::Anpr => "anpr",
            Self::Candidature => "candidature",
            Self::Avvisi => "avvisi",
            Self::Appio => "appio",
            Self::Spid => "spid",
        }
    }

    /// The register with this code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|register| register.code() == code)
    }
}
