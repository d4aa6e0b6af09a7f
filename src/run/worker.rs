//! The loop of a run.

use std::{
    collections::HashMap,
    future::pending,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    evidence::{Kept, WriteError},
    model::{Coverage, End, Finding, Outcome, Platform, Reach, Reason, Target, Visit},
    net::BoxFuture,
    store::{ChainInfo, RunId, RunPlan, RunState, RunTotals, Store, StoreError, Weighed},
};

use super::{Journals, KeepError, Keeper, LockError, Progress, RunLock, Tally};

/// Visits one site. Implemented by the crawl; by tests.
pub trait Visitor: Send + Sync + 'static {
    /// Looks at one site and says what was seen. Never fails: a fault is a visit that says so.
    fn visit<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Visit>;

    /// The same, with the evidence of it when there is any. What an earlier process had fetched of this visit may lie at
    /// `journal`; what this one fetches goes there.
    fn visit_keeping<'a>(
        &'a self,
        target: &'a Target,
        journal: Option<PathBuf>,
    ) -> BoxFuture<'a, (Visit, Option<Kept>)> {
        let _ = journal;
        Box::pin(async { (self.visit(target).await, None) })
    }
}

/// Where the evidence of a run goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepPlan {
    /// The folder; made when it is missing.
    pub folder: PathBuf,
    /// The name told to servers, for the record.
    pub agent: String,
}

/// A run to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The sites, and what makes two runs the same work.
    pub work: RunPlan,
    /// Visits at the same time. Most of them wait for their turn at a shared address, so this costs little.
    pub concurrency: usize,
    /// How long visits under way may go on after a stop was asked for.
    pub grace: Duration,
    /// Longest time of one visit, over its own budget: only a visit that does not keep its budget meets this limit.
    pub visit_limit: Duration,
    /// Rows of the list that gave no target; only passed on to the summary.
    pub skipped_rows: usize,
    /// Percentage of sites turning worse above which the run is suspect; 100 suspects none.
    pub suspect_share: u8,
    /// Where evidence is kept; `None` keeps none.
    pub evidence: Option<KeepPlan>,
    /// The folder of the answers of visits under way; without one a run that is cut short asks again for all of them.
    pub journals: Option<PathBuf>,
}

impl Plan {
    /// A plan with the usual limits: 32 visits at once, 10 s to end after a stop, 1 h for one visit, 10% turning worse.
    pub fn new(work: RunPlan) -> Self {
        Self {
            work,
            concurrency: 32,
            grace: Duration::from_secs(10),
            visit_limit: Duration::from_hours(1),
            skipped_rows: 0,
            suspect_share: 10,
            evidence: None,
            journals: None,
        }
    }
}

/// Why a run could not be done, or not to its end. What was stored before stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Another run is at work (exit code 75), or the lock could not be taken.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// A result could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Evidence could not be written.
    #[error("evidence: {0}")]
    Evidence(WriteError),
}

impl From<KeepError> for RunError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Store(error) => Self::Store(error),
            KeepError::Write(error) => Self::Evidence(error),
        }
    }
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// The run.
    pub run: RunId,
    /// True when a run that was cut short was taken up.
    pub resumed: bool,
    /// Finished, or interrupted by a stop.
    pub state: RunState,
    /// Sites that an earlier process had finished.
    pub already: usize,
    /// Sites finished now.
    pub finished: usize,
    /// Visits that broke in our own code, stored as undetermined. Each is a bug worth reporting.
    pub broken: usize,
    /// Rows of the list that gave no target.
    pub skipped_rows: usize,
    /// Time that this process took, monotonic.
    pub elapsed: Duration,
    /// The whole run in figures, earlier processes included.
    pub totals: RunTotals,
    /// How much turned worse in it, and whether its looks count.
    pub weighed: Weighed,
    /// The evidence of the run; `None` when none was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<ChainInfo>,
}

/// Visits every site of a plan that has no result yet, and stores each result on its own.
///
/// * `stop` turning true lets no visit begin any more; those under way have [`Plan::grace`], then they are dropped and
///   stay without result. If the sender goes away, nothing ever stops the run from outside.
/// * Dropping the future, or killing the process, loses the visits under way and nothing else.
/// * A visit that panics is stored as interrupted, with every platform undetermined; the run goes on.
/// * Sites are visited in an order that is shuffled, but always the same for the same list: lists are sorted by region
///   or name, and neighbours tend to have the same supplier, whose address they would all wait for.
pub async fn run<V: Visitor>(
    store: &Store,
    visitor: Arc<V>,
    plan: &Plan,
    progress: &mut dyn Progress,
    mut stop: watch::Receiver<bool>,
) -> Result<RunSummary, RunError> {
    let _lock = RunLock::acquire(store).await?;
    let start = store.begin_run(&plan.work).await?;
    store.weigh_left_runs(Some(start.id), plan.suspect_share).await?;
    let mut keeper = match &plan.evidence {
        Some(KeepPlan { folder, agent }) => Some(Keeper::begin(store, folder, Some(start.id), agent).await?),
        None => None,
    };
    let journals = Journals::begin(plan.journals.as_deref(), start.id, &start.done);
    let mut queue = order(&plan.work.targets, &start.done).into_iter();
    let began = store.clock().instant();
    let mut tally = Tally {
        targets: plan.work.targets.len(),
        already: start.done.iter().filter(|done| **done).count(),
        finished: 0,
        running: 0,
        elapsed: Duration::ZERO,
    };
    progress.begun(&tally, start.resumed);

    let mut broken = 0;
    let mut running = JoinSet::new();
    // Which place a task works on: a task that panics cannot say it itself.
    let mut places: HashMap<tokio::task::Id, (usize, Timestamp)> = HashMap::new();
    let mut deadline: Option<Instant> = None;
    loop {
        while deadline.is_none() && !*stop.borrow() && running.len() < plan.concurrency.max(1) {
            let Some((position, target)) =
                queue.next().and_then(|position| Some((position, plan.work.targets.get(position)?)))
            else {
                break;
            };
            let task =
                running.spawn(visit(Arc::clone(&visitor), target.clone(), journals.of(position), plan.visit_limit));
            places.insert(task.id(), (position, store.clock().now()));
            tally.running = running.len();
            progress.started(target, &tally);
        }
        let joined = tokio::select! {
            biased;
            () = asked_to_stop(&mut stop), if deadline.is_none() => {
                tally.elapsed = store.clock().instant().saturating_duration_since(began);
                progress.stopping(&tally);
                deadline = Some(store.clock().instant() + plan.grace);
                continue;
            }
            () = until(deadline), if deadline.is_some() => break,
            joined = running.join_next_with_id() => joined,
        };
        let Some(joined) = joined else { break };
        let (id, result) = match joined {
            Ok((id, result)) => (id, result),
            Err(error) => {
                tracing::error!(%error, "a visit broke in our own code");
                (error.id(), Err("internal-error"))
            }
        };
        let Some((position, started)) = places.remove(&id) else { continue };
        let Some(target) = plan.work.targets.get(position) else { continue };
        let (visit, kept) = result.unwrap_or_else(|remark| {
            broken += 1;
            (interrupted(target, &plan.work, (started, store.clock().now()), remark), None)
        });
        let visit = if let (Some(keeper), Some(kept)) = (&mut keeper, kept) {
            keeper.record(start.id, position, visit, kept).await?.0
        } else {
            store.record_visit(start.id, position, &visit).await?;
            visit
        };
        journals.done(position);
        tally.finished += 1;
        tally.running = running.len();
        tally.elapsed = store.clock().instant().saturating_duration_since(began);
        progress.finished(target, &visit, &tally);
    }
    // Visits that are still under way are given up, and so is what they saw: half a visit is not a result.
    running.shutdown().await;
    if let Some(keeper) = keeper {
        keeper.close().await?;
    }
    journals.end();
    let state = store.finish_run(start.id).await?;
    let weighed = store.weigh_run(start.id, plan.suspect_share).await?;
    Ok(RunSummary {
        run: start.id,
        resumed: start.resumed,
        state,
        already: tally.already,
        finished: tally.finished,
        broken,
        skipped_rows: plan.skipped_rows,
        elapsed: store.clock().instant().saturating_duration_since(began),
        totals: store.run_totals(start.id).await?,
        weighed,
        evidence: store.chains(Some(start.id)).await?.pop().filter(|chain| chain.records > 0),
    })
}

/// One visit within its outermost limit; an error is the remark that explains it.
async fn visit<V: Visitor>(
    visitor: Arc<V>,
    target: Target,
    journal: Option<PathBuf>,
    limit: Duration,
) -> Result<(Visit, Option<Kept>), &'static str> {
    tokio::time::timeout(limit, visitor.visit_keeping(&target, journal)).await.map_err(|_| "visit-limit")
}

/// Returns when a stop is asked for; never, when nobody can ask any more.
async fn asked_to_stop(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        pending::<()>().await;
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => pending().await,
    }
}

/// The places without a result, shuffled by a digest of the address: stable, and blind to the order of the list.
fn order(targets: &[Target], done: &[bool]) -> Vec<usize> {
    let mut places: Vec<usize> =
        (0..targets.len()).filter(|place| !done.get(*place).copied().unwrap_or(false)).collect();
    places.sort_by_cached_key(|place| Sha256::digest(targets[*place].url.as_str()));
    places
}

/// What is stored when a visit did not come back: it was tried, and nothing is known.
fn interrupted(target: &Target, work: &RunPlan, (started, finished): (Timestamp, Timestamp), remark: &str) -> Visit {
    Visit {
        url: target.url.clone(),
        comune: target.comune.clone(),
        started,
        finished,
        requests: 0,
        end: End::Interrupted,
        catalogue: work.catalogue.clone(),
        catalogue_sha256: work.catalogue_sha256.clone(),
        coverage: Coverage {
            pages: std::collections::BTreeMap::new(),
            login_page: Reach::NotSeen,
            payment_page: Reach::NotSeen,
            refusals: std::collections::BTreeMap::new(),
            unread: 0,
            complete: false,
        },
        findings: Platform::DECIDED
            .into_iter()
            .map(|platform| Finding {
                platform,
                outcome: Outcome::Undetermined,
                strength: None,
                reason: Reason::Interrupted,
                signals: Vec::new(),
            })
            .collect(),
        vendors: Vec::new(),
        remarks: vec![remark.to_owned()],
        pages: Vec::new(),
        path: Vec::new(),
        left_unread: Vec::new(),
    }
}
