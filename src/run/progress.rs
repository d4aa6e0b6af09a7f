//! What a run tells while it works.

use std::time::Duration;

use crate::model::{Target, Visit};

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Sites in the list.
    pub targets: usize,
    /// Sites that an earlier process had finished.
    pub already: usize,
    /// Sites that this process has finished.
    pub finished: usize,
    /// Visits under way.
    pub running: usize,
    /// Time since this process began to visit, monotonic.
    pub elapsed: Duration,
}

impl Tally {
    /// Sites without a result, those under way included.
    pub fn pending(&self) -> usize {
        self.targets.saturating_sub(self.already).saturating_sub(self.finished)
    }

    /// Finished sites per minute in this process; `None` before the first.
    pub fn per_minute(&self) -> Option<f64> {
        let seconds = self.elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "counts of sites are far below 2^52")]
        let finished = self.finished as f64;
        (self.finished > 0 && seconds > 0.0).then(|| finished * 60.0 / seconds)
    }

    /// Time that the rest takes if it goes on like this; `None` before the first site is finished. An estimate: the
    /// last sites of a run may all wait for one shared address.
    pub fn remaining(&self) -> Option<Duration> {
        #[expect(clippy::cast_precision_loss, reason = "counts of sites are far below 2^52")]
        let pending = self.pending() as f64;
        self.per_minute().and_then(|rate| Duration::try_from_secs_f64(pending * 60.0 / rate).ok())
    }
}

/// Watches a run. Called from the run's own task, between its steps: an implementation must return quickly.
pub trait Progress: Send {
    /// The run begins, or goes on where an earlier one was cut (`tally.already`).
    fn begun(&mut self, tally: &Tally, resumed: bool) {
        let _ = (tally, resumed);
    }

    /// A visit begins.
    fn started(&mut self, target: &Target, tally: &Tally) {
        let _ = (target, tally);
    }

    /// A visit's result has been stored.
    fn finished(&mut self, target: &Target, visit: &Visit, tally: &Tally) {
        let _ = (target, visit, tally);
    }

    /// A stop was asked for: no visit begins any more, those under way have a moment to end.
    fn stopping(&mut self, tally: &Tally) {
        let _ = tally;
    }
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_rest_are_of_this_process() {
        let tally = Tally { targets: 100, already: 40, finished: 20, running: 8, elapsed: Duration::from_mins(1) };
        assert_eq!(tally.pending(), 40);
        assert_eq!(tally.per_minute(), Some(20.0));
        assert_eq!(tally.remaining(), Some(Duration::from_mins(2)));
        let none = Tally { finished: 0, ..tally };
        assert_eq!((none.per_minute(), none.remaining()), (None, None));
        let at_once = Tally { elapsed: Duration::ZERO, ..tally };
        assert_eq!(at_once.remaining(), None);
    }
}
