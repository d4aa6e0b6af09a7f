//! What every command works with.

use super::{Failure, Stop, Terminal};
use crate::{
    config::{Lang, Settings},
    report::{Words, words},
};

/// Settings, output and the wish to stop.
#[derive(Debug, Clone)]
pub struct Context {
    /// The effective settings.
    pub settings: Settings,
    /// Where to print.
    pub terminal: Terminal,
    /// Whether the user asked to stop.
    pub stop: Stop,
}

impl Context {
    /// A context in which nobody asks to stop.
    pub fn new(settings: Settings, terminal: Terminal) -> Self {
        Self { settings, terminal, stop: Stop::never() }
    }

    /// Language of everything that a person reads.
    pub const fn lang(&self) -> Lang {
        self.settings.lang
    }

    /// The phrases of that language.
    pub fn words(&self) -> &'static Words {
        words(self.lang())
    }

    /// Writes data to standard output.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        self.terminal.print(text, self.lang())
    }
}
