//! How the program ends, as a number.

use crate::model::{Outcome, Visit};

/// The exit codes. 64 to 78 are those of `sysexits.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for `check`: every platform was found.
    Found,
    /// `check`: a platform was not found, or only mentioned.
    NotFound,
    /// The command line is wrong.
    Usage,
    /// `check`: nothing was missed, but a platform is undetermined.
    Undetermined,
    /// `run`: the run is suspect and waits for `run release` or `run discard`.
    Suspect,
    /// The input is there and is wrong.
    Data,
    /// The input cannot be read.
    NoInput,
    /// Something that is needed is not available.
    Unavailable,
    /// A fault of the program.
    Internal,
    /// No space is left on the disk.
    Full,
    /// An output file cannot be made.
    CannotCreate,
    /// Reading or writing failed on the way.
    Io,
    /// Try again later: another run holds the lock.
    TemporaryFailure,
    /// No permission.
    Permission,
    /// The settings are wrong or incomplete.
    Config,
    /// Stopped by the user (128 + SIGINT).
    Interrupted,
    /// Whoever read standard output went away (128 + SIGPIPE, as shells say it).
    Pipe,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Found => 0,
            Self::NotFound => 1,
            Self::Usage => 2,
            Self::Undetermined => 3,
            Self::Suspect => 4,
            Self::Data => 65,
            Self::NoInput => 66,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::Full => 71,
            Self::CannotCreate => 73,
            Self::Io => 74,
            Self::TemporaryFailure => 75,
            Self::Permission => 77,
            Self::Config => 78,
            Self::Interrupted => 130,
            Self::Pipe => 141,
        }
    }

    /// The code for what visits found: something not found (or only mentioned) comes before something undetermined,
    /// because it is the stronger statement; only when all is found it is 0.
    pub fn of_visits<'a>(visits: impl IntoIterator<Item = &'a Visit>) -> Self {
        let outcomes = visits.into_iter().flat_map(|visit| visit.findings.iter().map(|finding| finding.outcome));
        outcomes.fold(Self::Found, |exit, outcome| match (exit, outcome) {
            (Self::NotFound, _) | (_, Outcome::NotFound | Outcome::Mentioned) => Self::NotFound,
            (_, Outcome::Undetermined) => Self::Undetermined,
            (exit, Outcome::Found) => exit,
        })
    }
}
