//! Why a command could not do its work: one clear line, perhaps a hint, and an exit code.

use std::{fmt::Write as _, io, path::Path};

use super::Exit;
use crate::{
    config::{ConfigError, Lang},
    report::clean,
};

/// One mistake: what was being done, where, why it failed, what to do. In the user's language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// What was being done, or what is wrong.
    pub what: String,
    /// File, line, flag or address.
    pub place: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// What would be right.
    pub hint: Option<String>,
}

/// Ends a command. Printed as `riscontro: <what>: <where>: <why>`, with the hint on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// One line for each mistake; none when there is nothing to say.
    pub lines: Vec<Line>,
}

impl Failure {
    /// A failure with one line.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, lines: vec![Line { what: what.into(), ..Line::default() }] }
    }

    fn last(mut self, change: impl FnOnce(&mut Line)) -> Self {
        if let Some(line) = self.lines.last_mut() {
            change(line);
        }
        self
    }

    /// Says where.
    #[must_use]
    pub fn at(self, place: impl Into<String>) -> Self {
        self.last(|line| line.place = Some(place.into()))
    }

    /// Says why.
    #[must_use]
    pub fn because(self, why: impl Into<String>) -> Self {
        self.last(|line| line.why = Some(why.into()))
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        self.last(|line| line.hint = Some(hint.into()))
    }

    /// Whoever read standard output is gone: nobody to tell anything.
    pub const fn pipe() -> Self {
        Self { exit: Exit::Pipe, lines: Vec::new() }
    }

    /// Another run holds the lock; `holder` says which, when known.
    pub fn locked(place: impl Into<String>, holder: Option<String>, lang: Lang) -> Self {
        let what =
            lang.pick("un'altra visita è in corso su questa banca dati", "another run is under way on this database");
        let failure = Self::new(Exit::TemporaryFailure, what).at(place);
        match holder {
            Some(holder) => failure.because(holder),
            None => failure,
        }
    }

    /// The settings are wrong: one line for each mistake. Usage when every mistake was typed as a flag.
    pub fn of_settings(error: &ConfigError, lang: Lang) -> Self {
        let ConfigError::Invalid(problems) = error;
        let exit = if problems.iter().all(crate::config::Problem::is_usage) { Exit::Usage } else { Exit::Config };
        let what = lang.pick("impostazioni", "settings");
        let lines = problems.iter().map(|problem| Line {
            what: what.to_owned(),
            place: Some(problem.origin.describe(lang)),
            why: Some(problem.message(lang)),
            hint: problem.hint(lang),
        });
        Self { exit, lines: lines.collect() }
    }

    /// A file that should be read cannot be.
    pub fn unreadable(path: &Path, error: &io::Error, lang: Lang) -> Self {
        let exit = match error.kind() {
            io::ErrorKind::PermissionDenied => Exit::Permission,
            _ => Exit::NoInput,
        };
        let what = lang.pick("non si può leggere", "cannot read");
        Self::new(exit, what).at(path.display().to_string()).because(Self::io(error, lang))
    }

    /// A file that should be made cannot be.
    pub fn uncreatable(path: &Path, error: &io::Error, lang: Lang) -> Self {
        let exit = match error.kind() {
            io::ErrorKind::PermissionDenied => Exit::Permission,
            _ if Self::is_full(error) => Exit::Full,
            _ => Exit::CannotCreate,
        };
        let what = lang.pick("non si può creare", "cannot create");
        Self::new(exit, what).at(path.display().to_string()).because(Self::io(error, lang))
    }

    /// Writing broke off. A reader of standard output that went away is no failure to tell.
    pub fn unwritable(place: impl Into<String>, error: &io::Error, lang: Lang) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::pipe();
        }
        let what = lang.pick("non si riesce a scrivere", "cannot write");
        let exit = if Self::is_full(error) { Exit::Full } else { Exit::Io };
        Self::new(exit, what).at(place).because(Self::io(error, lang))
    }

    /// No space left, on the disk or within the user's share of it.
    pub fn is_full(error: &io::Error) -> bool {
        matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    /// The machine's reason in the user's language, as far as there are words for it.
    pub fn io(error: &io::Error, lang: Lang) -> String {
        let known = match error.kind() {
            io::ErrorKind::NotFound => lang.pick("il file o la cartella non c'è", "no such file or folder"),
            io::ErrorKind::PermissionDenied => lang.pick("permesso negato", "permission denied"),
            io::ErrorKind::AlreadyExists => lang.pick("esiste già", "it exists already"),
            io::ErrorKind::IsADirectory => lang.pick("è una cartella", "it is a folder"),
            io::ErrorKind::NotADirectory => {
                lang.pick("una parte del percorso non è una cartella", "a part of the path is no folder")
            }
            io::ErrorKind::StorageFull => lang.pick("il disco è pieno", "the disk is full"),
            io::ErrorKind::ReadOnlyFilesystem => lang.pick("il disco è in sola lettura", "the disk is read-only"),
            io::ErrorKind::InvalidData => {
                lang.pick("il contenuto non è quello atteso", "the content is not what it should be")
            }
            io::ErrorKind::UnexpectedEof => lang.pick("il file finisce prima del dovuto", "the file ends too early"),
            _ => return error.to_string(),
        };
        known.to_owned()
    }

    /// The lines to print, each with its break; empty when there is nothing to say.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let parts = [Some(&line.what), line.place.as_ref(), line.why.as_ref()];
            let text = parts.into_iter().flatten().map(|part| clean(part)).collect::<Vec<_>>().join(": ");
            let _ = writeln!(out, "riscontro: {text}");
            if let Some(hint) = &line.hint {
                let _ = writeln!(out, "  {}: {}", lang.pick("suggerimento", "hint"), clean(hint));
            }
        }
        out
    }
}
