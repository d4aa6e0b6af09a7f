//! The platforms whose presence is checked.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of the enabling platforms (piattaforme abilitanti) named by the notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Login with the public digital identity system.
    Spid,
    /// Login with the electronic identity card ("Entra con CIE"); never the issuing of the card.
    Cie,
    /// Online payment through the pagoPA platform.
    Pagopa,
    /// Services of the comune in the app IO.
    Appio,
    /// Login with a foreign European identity: reported as information, never decided.
    Eidas,
}

impl Platform {
    /// The platforms on which every visit must come to an [`Outcome`](super::Outcome), in the order of reports.
    pub const DECIDED: [Self; 4] = [Self::Spid, Self::Cie, Self::Pagopa, Self::Appio];

    /// The stable code used in JSON, tables and rule files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Spid => "spid",
            Self::Cie => "cie",
            Self::Pagopa => "pagopa",
            Self::Appio => "appio",
            Self::Eidas => "eidas",
        }
    }

    /// The name as its owner writes it, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spid => "SPID",
            Self::Cie => "CIE",
            Self::Pagopa => "pagoPA",
            Self::Appio => "App IO",
            Self::Eidas => "eIDAS",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::DECIDED
            .into_iter()
            .chain([Self::Eidas])
            .find(|platform| platform.code() == text)
            .ok_or_else(|| format!("unknown platform `{text}`"))
    }
}
