//! Many visits: which sites, in which order, how many at once, and what is kept when the process dies.
//!
//! [`read_targets`] makes a list of sites out of a file as people keep them; [`run`] visits them, a bounded number at
//! a time, and stores each result before it counts the site as done. One run at a time works on a database
//! ([`RunLock`]). A run that was cut short is taken up where it was left.

mod journals;
mod keep;
mod lock;
mod progress;
mod retention;
mod stamping;
mod targets;
mod worker;

#[cfg(test)]
mod tests;

pub use crate::registry::{SiteError, normalise_site};
use journals::Journals;
pub use keep::{KeepError, Keeper};
pub use lock::{LockError, RunLock};
pub use progress::{NoProgress, Progress, Tally};
pub use retention::{Prune, Pruned, prune};
pub use stamping::{Stamping, stamp_roots};
pub use targets::{RowProblem, RowReason, TargetList, TargetsError, parse_targets, read_targets};
pub use worker::{KeepPlan, Plan, RunError, RunSummary, Visitor, run};

pub use crate::store::RunPlan;
