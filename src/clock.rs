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

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        Timestamp::now()
    }

    fn instant(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}
