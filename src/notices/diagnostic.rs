//! What is wrong with a notice's file.

use std::fmt;

use serde::Serialize;

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The notices cannot be used.
    Error,
    /// They can be used, and something in them is probably not meant.
    Warning,
}

/// One mistake in a notice's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad.
    pub level: Level,
    /// Stable kebab-case code (`band-gap`, `phases-sum`, ...).
    pub code: &'static str,
    /// The file, relative to the folder of notices.
    pub file: String,
    /// Line, from 1, where it is known: mistakes in what a file takes over from another have none of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl Diagnostic {
    /// `FILE` or `FILE:LINE`.
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{}: {level}[{}]: {}", self.place(), self.code, self.message)
    }
}
