//! `riscontro.verdict/1`: one object a line for each application.

use std::io;

use jiff::civil::Date;
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

/// One case, as programs read it.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    schema: &'static str,
    notice: &'a str,
    as_of: Date,
    comune: &'a ComuneFacts,
    application: Option<&'a ApplicationFacts>,
    sum: Option<&'a Decoded>,
    summary: &'a Summary,
    criteria: Vec<Requirement<'a>>,
}

#[derive(Debug, Serialize)]
struct Requirement<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Date>,
    observable: Observable,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    advice: bool,
    #[serde(flatten)]
    judgement: &'a Judgement,
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
            sum: told.case.sum.as_ref(),
            summary: &told.case.summary,
            criteria: criteria.collect(),
        }
    }
}
