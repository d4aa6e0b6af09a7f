//! Processor time of the thread that reads a page.

use std::time::Duration;

use cpu_time::ThreadTime;

/// The share of the limit, in hundredths, that parsing may use; the rest is kept for reading the tree, so that a page
/// whose parse was stopped still shows its beginning.
const PARSE_SHARE: u32 = 65;

/// Counts the thread's own processor time: wall time would punish a busy machine.
#[derive(Debug)]
pub(super) struct Budget {
    start: Option<ThreadTime>,
    limit: Duration,
}

impl Budget {
    /// Starts counting. On a system without a thread clock nothing is ever spent; the limits on depth and size remain.
    pub(super) fn start(limit: Duration) -> Self {
        Self { start: ThreadTime::try_now().ok(), limit }
    }

    /// Processor time since the start.
    pub(super) fn spent(&self) -> Duration {
        self.start.as_ref().and_then(|start| start.try_elapsed().ok()).unwrap_or_default()
    }

    /// Processor time that parsing may use.
    pub(super) fn parse_limit(&self) -> Duration {
        self.limit * PARSE_SHARE / 100
    }

    /// True when the whole limit is spent.
    pub(super) fn is_spent(&self) -> bool {
        self.spent() > self.limit
    }
}
