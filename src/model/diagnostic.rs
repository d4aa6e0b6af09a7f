//! What is wrong with a file of data that people write: rules, notices.

use std::fmt;

use serde::Serialize;

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The data cannot be used.
    Error,
    /// They can be used, and something in them is probably not meant.
    Warning,
}

/// One mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad.
    pub level: Level,
    /// Stable kebab-case code (`bad-pattern`, `band-gap`, ...).
    pub code: &'static str,
    /// The file, relative to its folder.
    pub file: String,
    /// Line, from 1, where it is known: a mistake in what a file takes over from another has none of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The rule, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl Diagnostic {
    /// An error in a file as a whole.
    pub fn error(code: &'static str, file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { level: Level::Error, code, file: file.into(), line: None, rule: None, message: message.into() }
    }

    /// The same at a line.
    #[must_use]
    pub fn at(self, line: Option<usize>) -> Self {
        Self { line, ..self }
    }

    /// `FILE` or `FILE:LINE`.
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }

    /// What is wrong, with the rule before it and the code behind it.
    pub fn reason(&self) -> String {
        match &self.rule {
            Some(rule) => format!("{rule}: {} [{}]", self.message, self.code),
            None => format!("{} [{}]", self.message, self.code),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{}: {level}[{}]", self.place(), self.code)?;
        if let Some(rule) = &self.rule {
            write!(f, " {rule}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Line (from 1) of a byte offset.
pub fn line_at(source: &str, offset: usize) -> usize {
    let end = offset.min(source.len());
    source.get(..end).unwrap_or_default().matches('\n').count() + 1
}
