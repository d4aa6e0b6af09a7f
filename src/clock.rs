//! Time, passed in: nothing else in the crate asks the machine what time it is.

use std::time::Instant;

use jiff::Timestamp;

/// Where the time comes from. Wall time is for records, monotonic time for waiting and measuring.
pub trait Clock: Send + Sync + 'static {
    /// Wall time, UTC.
    fn now(&self) -> Timestamp;
    /// Monotonic time; follows tokio's clock, so that tests can move it.
    fn instant(&self) -> Instant;
}

/// The machine's clock. It ticks in whole milliseconds: nothing here is told apart by less, and a time is short to keep as what
/// has passed since another.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        let now = Timestamp::now();
        // What cannot be cut is of no year that a clock shows.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn instant(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}
