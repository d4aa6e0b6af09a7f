//! `riscontro.verdict/1`: one object a line for each application. The schema is `docs/verdict.schema.json`, made from these
//! types.

use std::io;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::Told;
use crate::{
    model::Observable,
    notices::{Before, Decoded, Judgement, Summary},
    report::json,
    store::{ApplicationFacts, ComuneFacts, Found},
};

/// Name and version of the format: fields may be added under the same version, none changes its meaning.
pub const SCHEMA: &str = "riscontro.verdict/1";

/// One application against its notice, or one comune without an application.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "riscontro.verdict/1")]
pub struct Line<'a> {
    /// Always `riscontro.verdict/1`.
    #[schemars(extend("const" = "riscontro.verdict/1"))]
    schema: &'static str,
    /// Id of the notice.
    notice: &'a str,
    /// The day whose knowledge counts.
    #[schemars(with = "String")]
    as_of: Date,
    /// Whose application it is.
    comune: &'a ComuneFacts,
    /// The application; null for a comune without one.
    application: Option<&'a ApplicationFacts>,
    /// The list that the application was read from is older than it should be.
    list_stale: bool,
    /// Its sum, read back.
    sum: Option<&'a Decoded>,
    /// All requirements together.
    summary: &'a Summary,
    /// Each requirement, in the order of the notice.
    criteria: Vec<Requirement<'a>>,
}

/// One requirement, judged.
#[derive(Debug, Serialize, JsonSchema)]
struct Requirement<'a> {
    /// Id inside the notice.
    id: &'a str,
    /// The phase it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'a str>,
    /// The day by which it had to be met.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    due: Option<Date>,
    /// Where it can be seen from outside.
    observable: Observable,
    /// True for what is only recommended.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(default)]
    advice: bool,
    /// The verdict, and the website and the register behind it.
    #[serde(flatten)]
    judgement: &'a Judgement,
    /// It was there before the notice opened.
    already: Option<Before>,
    /// Where the finding can be looked up.
    found: Option<&'a Found>,
}

/// One case as a line of JSON, line break included.
pub fn line(told: &Told<'_>) -> io::Result<String> {
    json::line(&Line::new(told))
}

impl<'a> Line<'a> {
    /// The document of a case.
    pub fn new(told: &'a Told<'_>) -> Self {
        let criteria = told.case.criteria.iter().map(|one| Requirement {
            id: &one.criterion.id,
            phase: one.criterion.phase.as_deref(),
            due: one.due,
            observable: one.criterion.observable,
            advice: one.criterion.advice,
            judgement: &one.judgement,
            already: one.already,
            found: told.found(one),
        });
        Self {
            schema: SCHEMA,
            notice: &told.case.notice.id,
            as_of: told.as_of,
            comune: &told.facts.comune,
            application: told.facts.application.as_ref(),
            list_stale: told.list_stale,
            sum: told.case.sum.as_ref(),
            summary: &told.case.summary,
            criteria: criteria.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verdict.schema.json");

    #[test]
    fn the_published_schema_is_the_one_of_the_types() {
        let made = json::schema_of::<Line<'static>>();
        if std::env::var_os("RISCONTRO_BLESS").is_some() {
            std::fs::write(PUBLISHED, &made).unwrap();
        }
        assert_eq!(std::fs::read_to_string(PUBLISHED).unwrap(), made, "run this test once with RISCONTRO_BLESS=1");
    }
}
