//! `riscontro.site/1`: one object a line for each site. The schema is `docs/site.schema.json`, made from these types.

use std::{fmt::Write as _, io};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use super::clean::is_hostile;
use crate::config::Lang;
use crate::model::{Comune, Coverage, End, Finding, PageRecord, Step, Visit};

/// Name and version of the format: fields may be added under the same version, none changes its meaning.
pub const SCHEMA: &str = "riscontro.site/1";

/// What one visit to one site found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "riscontro.site/1")]
pub struct Site<'a> {
    /// Always `riscontro.site/1`.
    #[schemars(extend("const" = "riscontro.site/1"))]
    schema: &'static str,
    /// The address the visit started from.
    #[schemars(with = "String")]
    url: &'a Url,
    /// Whose site it is, as far as known.
    comune: &'a Comune,
    /// The visit itself.
    visit: Numbers<'a>,
    /// What the visit looked at, and what it could not look at.
    coverage: &'a Coverage,
    /// One finding for each of spid, cie, pagopa, appio.
    findings: &'a [Finding],
    /// Vendors recognised, as rule ids.
    vendors: &'a [String],
    /// Remarks that a reader should know, as codes.
    remarks: &'a [String],
    /// Every page asked for, in order, with how it ended.
    page_records: &'a [PageRecord],
    /// The path taken, step by step; only with `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a [Step]>,
    /// Links worth reading that were left, best first; only with `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>")]
    left_unread: Option<&'a [Url]>,
    /// Where the bytes behind the findings are kept; only with `--save`.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a Rooted>,
}

/// Where a visit and the bytes behind it are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rooted {
    /// The visit's number in the database.
    pub visit: i64,
    /// The chain of its records.
    pub chain: i64,
    /// Records of the chain up to the last one of this visit.
    pub records: u64,
    /// The root of these records: the digest of the last of them. What is added later has a root of its own.
    pub root: String,
}

impl Rooted {
    /// One line for people.
    pub fn line(&self, lang: Lang) -> String {
        format!("{}: {}", lang.pick("Prove", "Evidence"), self.said(lang))
    }

    /// The same behind a label.
    pub fn said(&self, lang: Lang) -> String {
        let Self { visit, chain, records, root } = self;
        lang.pick(
            format!("visita {visit}, catena {chain}, {records} registrazioni, radice {root}"),
            format!("visit {visit}, chain {chain}, {records} records, root {root}"),
        )
    }
}

/// The visit in numbers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Visit")]
struct Numbers<'a> {
    /// When it started, RFC 3339, UTC.
    #[schemars(with = "String")]
    started: Timestamp,
    /// When it ended, RFC 3339, UTC.
    #[schemars(with = "String")]
    finished: Timestamp,
    /// Requests sent, robots.txt and redirects included.
    requests: u32,
    /// Pages read.
    pages: u32,
    /// How it ended.
    end: End,
    /// Version of the rule catalogue.
    catalogue: &'a str,
    /// SHA-256 of the rule catalogue.
    catalogue_sha256: &'a str,
}

impl<'a> Site<'a> {
    /// The document of a visit; `explain` adds the path.
    pub fn new(visit: &'a Visit, explain: bool, evidence: Option<&'a Rooted>) -> Self {
        Self {
            schema: SCHEMA,
            url: &visit.url,
            comune: &visit.comune,
            visit: Numbers {
                started: visit.started,
                finished: visit.finished,
                requests: visit.requests,
                pages: visit.coverage.pages.values().sum(),
                end: visit.end,
                catalogue: &visit.catalogue,
                catalogue_sha256: &visit.catalogue_sha256,
            },
            coverage: &visit.coverage,
            findings: &visit.findings,
            vendors: &visit.vendors,
            remarks: &visit.remarks,
            page_records: &visit.pages,
            path: explain.then_some(&visit.path),
            left_unread: explain.then_some(&visit.left_unread),
            evidence,
        }
    }
}

/// The document of a visit as one line, line break included.
pub fn site(visit: &Visit, explain: bool, evidence: Option<&Rooted>) -> io::Result<String> {
    line(&Site::new(visit, explain, evidence))
}

/// The JSON Schema of the document, as `docs/site.schema.json` holds it.
pub fn schema() -> String {
    schema_of::<Site<'static>>()
}

/// The JSON Schema of a type, as text that ends with a line break.
pub fn schema_of<T: JsonSchema>() -> String {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(T)).unwrap_or_default();
    text.push('\n');
    text
}

/// A value as one line of JSON. Characters that could move a terminal's cursor or turn its reading direction are
/// escaped: whoever parses the line gets them back as they were, whoever prints it does not run them.
pub fn line<T: Serialize>(value: &T) -> io::Result<String> {
    let text = serde_json::to_string(value)?;
    let mut out = String::with_capacity(text.len() + 1);
    // Outside of strings JSON is plain ASCII, and serde_json has escaped C0 inside of them.
    for c in text.chars() {
        if is_hostile(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;
    use crate::report::samples;

    const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/site.schema.json");

    #[test]
    fn the_published_schema_is_the_one_of_the_types() {
        if std::env::var_os("RISCONTRO_BLESS").is_some() {
            std::fs::write(PUBLISHED, schema()).unwrap();
        }
        let published = std::fs::read_to_string(PUBLISHED).unwrap();
        assert_eq!(published, schema(), "run this test once with RISCONTRO_BLESS=1");
    }

    #[test]
    fn every_sample_keeps_to_the_schema() {
        let schema = serde_json::from_str(&std::fs::read_to_string(PUBLISHED).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for (name, visit) in samples::all() {
            for explain in [false, true] {
                let value: serde_json::Value = serde_json::from_str(&site(&visit, explain, None).unwrap()).unwrap();
                let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
                assert_eq!(errors, Vec::<String>::new(), "{name}");
                assert_eq!(value.get("path").is_some(), explain);
            }
        }
        let mut broken: serde_json::Value =
            serde_json::from_str(&site(&samples::found(), false, None).unwrap()).unwrap();
        broken["findings"][0]["outcome"] = "passed".into();
        assert!(!validator.is_valid(&broken), "the schema says nothing");
        broken = serde_json::from_str(&site(&samples::found(), false, None).unwrap()).unwrap();
        broken["schema"] = "riscontro.site/2".into();
        assert!(!validator.is_valid(&broken), "the schema takes any version");
    }

    #[test]
    fn snapshots() {
        for (name, visit) in samples::all() {
            let value: serde_json::Value =
                serde_json::from_str(&site(&visit, name == "not-found", None).unwrap()).unwrap();
            insta::assert_json_snapshot!(name, value);
        }
    }

    #[test]
    fn one_line_without_commands_that_comes_back_as_it_was() {
        let visit = samples::hostile();
        let text = site(&visit, true, None).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        assert!(!text.trim_end().contains(is_hostile));
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        let findings: Vec<crate::model::Finding> = serde_json::from_value(back["findings"].clone()).unwrap();
        assert_eq!(findings, visit.findings);
    }

    #[test]
    fn characters_beyond_the_basic_plane_are_escaped_as_pairs() {
        assert_eq!(line(&"a\u{e0041}\u{9b}😀").unwrap(), "\"a\\udb40\\udc41\\u009b😀\"\n");
    }
}
