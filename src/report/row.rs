//! One row of `export findings`.

use serde::{Deserialize, Serialize};

use super::{Cell, mask};

/// One finding of one visit with its best evidence, as text; what is unknown is empty, what names a person is masked. The order of the fields is the
/// order of the columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRow {
    /// Code in the index of public administrations.
    pub codice_ipa: String,
    /// Name of the comune.
    pub name: String,
    /// Address of the site.
    pub url: String,
    /// When the visit started, RFC 3339, UTC.
    pub visited: String,
    /// Code of the platform.
    pub platform: String,
    /// Code of the outcome.
    pub outcome: String,
    /// Code of the strongest signal's strength.
    pub strength: String,
    /// Code of the reason.
    pub reason: String,
    /// Id of the best signal's rule.
    pub rule: String,
    /// The page that carries the match.
    pub evidence_url: String,
    /// Label of the control.
    pub label: String,
    /// Where it leads.
    pub target: String,
    /// What was matched.
    pub excerpt: String,
    /// SHA-256 of the page's bytes.
    pub sha256: String,
    /// Version of the catalogue.
    pub catalogue: String,
    /// Root of the chain of evidence that the page's bytes are in.
    pub evidence_root: String,
}

impl FindingRow {
    /// Names of the columns, in order; the JSON names are the same.
    pub const COLUMNS: [&'static str; 16] = [
        "codice_ipa",
        "name",
        "url",
        "visited",
        "platform",
        "outcome",
        "strength",
        "reason",
        "rule",
        "evidence_url",
        "label",
        "target",
        "excerpt",
        "sha256",
        "catalogue",
        "evidence_root",
    ];

    /// The cells, in the order of [`Self::COLUMNS`].
    pub fn cells(&self) -> [Cell<'_>; 16] {
        let texts = [
            &self.codice_ipa,
            &self.name,
            &self.url,
            &self.visited,
            &self.platform,
            &self.outcome,
            &self.strength,
            &self.reason,
            &self.rule,
            &self.evidence_url,
            &self.label,
            &self.target,
            &self.excerpt,
            &self.sha256,
            &self.catalogue,
            &self.evidence_root,
        ];
        texts.map(|text| Cell::from(text.as_str()))
    }
}

impl From<crate::store::FindingRow> for FindingRow {
    fn from(row: crate::store::FindingRow) -> Self {
        Self {
            codice_ipa: row.codice_ipa.unwrap_or_default(),
            name: row.name.unwrap_or_default(),
            url: row.url,
            visited: row.visited.to_string(),
            platform: row.platform.code().to_owned(),
            outcome: row.outcome.code().to_owned(),
            strength: row.strength.map(|strength| strength.code().to_owned()).unwrap_or_default(),
            reason: row.reason.code().to_owned(),
            rule: row.rule.unwrap_or_default(),
            evidence_url: mask::address(&row.evidence_url.unwrap_or_default()),
            label: mask::text(&row.label.unwrap_or_default()).into_owned(),
            target: mask::address(&row.target.unwrap_or_default()),
            excerpt: mask::text(&row.excerpt.unwrap_or_default()).into_owned(),
            sha256: row.sha256.unwrap_or_default(),
            catalogue: row.catalogue,
            evidence_root: row.evidence_root.unwrap_or_default(),
        }
    }
}
