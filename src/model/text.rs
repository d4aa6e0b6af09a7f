//! Texts for people that are written in data files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text in the two languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Italian.
    pub it: String,
    /// English.
    pub en: String,
}
