//! Whom a visit is about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// One municipality with the codes by which others name it. Codes are text: they start with zeros.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comune {
    /// Official name, `None` when only an address was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Code in the index of public administrations, lower case (`c_b300`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codice_ipa: Option<String>,
    /// ISTAT code, six digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codice_istat: Option<String>,
    /// Cadastral code, one letter and three digits, upper case (`B300`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codice_catastale: Option<String>,
    /// Fiscal code, eleven digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codice_fiscale: Option<String>,
    /// Residents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<u32>,
    /// Region, as the source writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl Comune {
    /// The cadastral code: the one given, or the one inside a regular IPA code (`c_b300` gives `B300`).
    pub fn catastale(&self) -> Option<String> {
        if let Some(code) = &self.codice_catastale {
            return Some(code.to_ascii_uppercase());
        }
        let code = self.codice_ipa.as_deref()?.to_ascii_lowercase();
        let code = code.strip_prefix("c_")?;
        let regular = code.len() == 4
            && code.starts_with(|c: char| c.is_ascii_lowercase())
            && code[1..].bytes().all(|b| b.is_ascii_digit());
        regular.then(|| code.to_ascii_uppercase())
    }
}

/// A site to visit: where it starts, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The address as normalised from what was given; scheme and `www.` fallbacks start from here.
    pub url: Url,
    /// True when the given text named no scheme: `https` is tried first, then `http`.
    pub scheme_guessed: bool,
    /// Whose site it is.
    pub comune: Comune,
}
