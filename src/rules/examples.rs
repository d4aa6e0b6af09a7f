//! Every rule carries short pages on which it must and must not match; here they are run.

use url::Url;

use super::{
    Catalogue, Circumstances,
    schema::{Example, FullExample},
};
use crate::page::{self, Limits, Source, metadata};

/// The page that examples without an address stand on.
const PLACE: &str = "https://www.comune.esempio.it/";

/// One example that did not behave.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ExampleFailure {
    /// The rule.
    pub rule: String,
    /// The file it stands in.
    pub file: String,
    /// Line of the rule.
    pub line: usize,
    /// `hit` or `miss`.
    pub list: &'static str,
    /// Number in its list, from 1.
    pub number: usize,
    /// What happened.
    pub message: String,
}

/// What came of all examples.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct ExampleReport {
    /// Rules tested.
    pub rules: usize,
    /// Examples run.
    pub examples: usize,
    /// Examples that did not behave.
    pub failures: Vec<ExampleFailure>,
}

/// Runs all examples.
pub(super) fn run(catalogue: &Catalogue) -> ExampleReport {
    let mut report = ExampleReport::default();
    for (index, rule) in catalogue.rules().iter().enumerate() {
        report.rules += 1;
        for (list, examples, wanted) in
            [("hit", &rule.spec.examples.hit, true), ("miss", &rule.spec.examples.miss, false)]
        {
            for (number, example) in examples.iter().enumerate() {
                report.examples += 1;
                let message = match matches(catalogue, index, example) {
                    Ok(matched) if matched == wanted => continue,
                    Ok(true) => "the rule matches, and should not".to_owned(),
                    Ok(false) => "the rule does not match, and should".to_owned(),
                    Err(message) => message,
                };
                report.failures.push(ExampleFailure {
                    rule: rule.spec.id.clone(),
                    file: rule.file.clone(),
                    line: rule.line,
                    list,
                    number: number + 1,
                    message,
                });
            }
        }
    }
    report
}

fn matches(catalogue: &Catalogue, rule: usize, example: &Example) -> Result<bool, String> {
    let full = match example {
        Example::Html(html) => &FullExample { html: html.clone(), ..FullExample::default() },
        Example::Full(full) => full,
    };
    let place = full.url.as_deref().unwrap_or(PLACE);
    let url = Url::parse(place).map_err(|error| format!("`{place}`: {error}"))?;
    if let Some(redirect) = &full.redirect {
        let to = url.join(redirect).map_err(|error| format!("`{redirect}`: {error}"))?;
        return Ok(catalogue.judge_redirect(&url, &to).iter().any(|found| found.rule == rule));
    }
    if let Some(text) = &full.metadata {
        let body = if text.trim_start().starts_with('{') { metadata::unsigned(text) } else { text.clone() };
        // What is no metadata (an identity provider's, say) matches nothing.
        let declared = metadata::read(body.as_bytes()).ok();
        return Ok(declared
            .is_some_and(|declared| catalogue.judge_metadata(&url, &declared).iter().any(|found| found.rule == rule)));
    }
    let mut headers = Vec::new();
    for line in &full.headers {
        let (name, value) = line.split_once(':').ok_or_else(|| format!("`{line}` is not `name: value`"))?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().as_bytes().to_vec()));
    }
    let source = Source::utf8(&url, full.html.as_bytes());
    let document = page::parse(&source, &Limits::default());
    let around = Circumstances { body: full.html.as_bytes(), headers: &headers, status: full.status.unwrap_or(200) };
    Ok(catalogue.judge(&document, around).0.iter().any(|found| found.rule == rule))
}
