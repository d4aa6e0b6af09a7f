//! Standard output and standard error: data on one, the rest on the other, and neither in the way of the progress bar.

use std::io::{self, IsTerminal as _, Write as _};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Failure;
use crate::{
    config::{Environment, Lang},
    report::clean::short,
};

/// Name of standard output in mistakes.
pub(super) const STDOUT: &str = "stdout";

/// Where a command prints. Clones share one progress display.
#[derive(Debug, Clone)]
pub struct Terminal {
    progress: MultiProgress,
    colour: bool,
}

impl Terminal {
    /// Progress only on a terminal and unless quiet; colour only on a terminal and without `NO_COLOR`
    /// (<https://no-color.org>).
    pub fn new(environment: &Environment, verbosity: i8) -> Self {
        let dumb = environment.get("TERM") == Some("dumb");
        let shown = io::stderr().is_terminal() && verbosity >= 0 && !dumb;
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let colour = io::stdout().is_terminal() && environment.get("NO_COLOR").is_none() && !dumb;
        Self { progress: MultiProgress::with_draw_target(target), colour }
    }

    /// Whether text may be coloured.
    pub const fn colour(&self) -> bool {
        self.colour
    }

    /// The display that progress bars are added to; hidden where none is wanted.
    pub const fn progress(&self) -> &MultiProgress {
        &self.progress
    }

    /// Writes data to standard output, at once and whole.
    pub fn print(&self, text: &str, lang: Lang) -> Result<(), Failure> {
        let written = self.progress.suspend(|| {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        });
        written.map_err(|error| Failure::unwritable(STDOUT, &error, lang))
    }

    /// A sign that work goes on, for commands that visit one site after the other.
    pub fn spinner(&self) -> Spinner {
        let style =
            ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.progress.add(ProgressBar::new_spinner().with_style(style));
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Spinner(bar)
    }
}

/// A line on the terminal that changes while something is done; gone when dropped.
#[derive(Debug)]
pub struct Spinner(ProgressBar);

impl Spinner {
    /// Says what is being done; text from outside is cleaned.
    pub fn say(&self, text: &str) {
        self.0.set_message(short(text, 200));
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Writes to standard error; if that is gone there is nobody left to tell.
pub(super) fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
