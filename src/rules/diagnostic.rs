//! What is wrong with a rule file, and where.

use std::fmt;

use serde::Serialize;

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The catalogue cannot be used.
    Error,
    /// It can be used, and something in it is probably not meant.
    Warning,
}

/// One mistake in a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad.
    pub level: Level,
    /// Stable kebab-case code (`bad-pattern`, `missing-example`, ...).
    pub code: &'static str,
    /// The file, relative to the folder of rules.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The rule, when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{}:{}: {level}[{}]", self.file, self.line, self.code)?;
        if let Some(rule) = &self.rule {
            write!(f, " {rule}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Line (from 1) of a byte offset.
pub(super) fn line_at(source: &str, offset: usize) -> usize {
    let end = offset.min(source.len());
    source.get(..end).unwrap_or_default().matches('\n').count() + 1
}

/// Line of `needle` inside the part of a file that `span` covers; the first line of the part when it is not there. A
/// pattern is found as it was read or as a basic string writes it, with its backslashes doubled.
pub(super) fn line_of(source: &str, span: std::ops::Range<usize>, needle: &str) -> usize {
    let part = source.get(span.clone()).unwrap_or_default();
    let written = needle.replace('\\', "\\\\").replace('"', "\\\"");
    let inside = part.find(needle).or_else(|| part.find(&written)).unwrap_or(0);
    line_at(source, span.start + inside)
}
