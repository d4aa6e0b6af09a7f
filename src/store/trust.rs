//! Runs whose looks count, and runs whose looks wait for a person.
//!
//! When much that was found turns worse in one run, the fault is more likely ours (a line, a resolver, a rule) than theirs.
//! Such a run is suspect: its visits stay, and no history takes notice of them until somebody releases the run or discards it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    RunId, RunState, Store, StoreError,
    codes::{Columns as _, count, time_text},
    observations::make_of_run,
    sql::{Connection, Row, query, query_scalar},
};

/// With fewer sites that had something, a share says nothing: one site's trouble is no mass failure.
const FEW_SITES: u64 = 20;
/// Fewer that turned worse are what a bad night among fifty sites brings by chance.
const FEW_WORSE: u64 = 10;

/// Whether a run's looks count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// They do.
    Clear,
    /// They wait for a person: too much turned worse at once.
    Suspect,
    /// A person said that they count.
    Released,
    /// A person said that they do not.
    Discarded,
}

impl Trust {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Suspect => "suspect",
            Self::Released => "released",
            Self::Discarded => "discarded",
        }
    }

    /// Whether histories take notice of the run.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Clear | Self::Released)
    }
}

/// What a person says of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Its looks count.
    Release,
    /// Its looks do not count.
    Discard,
}

/// How much turned worse in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// Sites on which something had been found at the look before.
    pub had: u64,
    /// Those on which some of it was missed now, or could not be looked for.
    pub worse: u64,
    /// Whether its looks count.
    pub trust: Trust,
}

/// A run as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunLine {
    /// The run.
    pub run: RunId,
    /// How far it is.
    pub state: RunState,
    /// When it was begun.
    pub started: Timestamp,
    /// Sites in its list.
    pub targets: u64,
    /// Sites with a result.
    pub done: u64,
    /// Whether its looks count.
    pub trust: Trust,
    /// Sites on which something had been found before; none while it was not weighed.
    pub had: Option<u64>,
    /// Those that turned worse.
    pub worse: Option<u64>,
    /// When a person released or discarded it.
    pub decided: Option<Timestamp>,
}

impl Store {
    /// Weighs a run that has ended, and holds its looks back when more than `share` percent of the sites that had something
    /// turned worse (at least 10 of at least 20). What a person decided stays.
    pub async fn weigh_run(&self, run: RunId, share: u8) -> Result<Weighed, StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            let weighed = weigh(&mut transaction, run.0, share).await?;
            transaction.commit().await?;
            Ok(weighed)
        };
        let weighed: Result<Option<Weighed>, sqlx::Error> = work.await;
        weighed.map_err(|error| self.error("weighing a run", error))?.ok_or(StoreError::NoSuchRun { run })
    }

    /// Weighs the runs that nobody could weigh because their process was killed. The caller holds the lock of the database;
    /// `but` is the run that it is at, if it is at one.
    pub async fn weigh_left_runs(&self, but: Option<RunId>, share: u8) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            let left: Vec<i64> =
                query_scalar("SELECT id FROM run WHERE had IS NULL AND id IS DISTINCT FROM $1 ORDER BY id")
                    .bind(but.map(|run| run.0))
                    .fetch_all(&mut transaction)
                    .await?;
            for run in left {
                weigh(&mut transaction, run, share).await?;
            }
            transaction.commit().await
        };
        work.await.map_err(|error| self.error("weighing a run", error))
    }

    /// Lets the looks of a run count, or not, and makes the histories of its sites anew. Gives what held before; a run that
    /// nothing was held back of and that is released stays as it is.
    ///
    /// The caller holds the lock of the database: making many histories takes longer than a run waits for the database.
    pub async fn decide_run(&self, run: RunId, decision: Decision) -> Result<Trust, StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            let before = query("SELECT trust FROM run WHERE id = $1").bind(run.0);
            let Some(row) = before.fetch_optional(&mut transaction).await? else { return Ok(None) };
            let before: Trust = row.code("trust")?;
            let now = match (decision, before) {
                (Decision::Discard, _) => Trust::Discarded,
                (Decision::Release, Trust::Clear) => Trust::Clear,
                (Decision::Release, _) => Trust::Released,
            };
            if now != before {
                query("UPDATE run SET trust = $2, decided = $3 WHERE id = $1")
                    .bind(run.0)
                    .bind(now.code())
                    .bind(time_text(self.clock.now()))
                    .execute(&mut transaction)
                    .await?;
            }
            if now.counts() != before.counts() {
                make_of_run(&mut transaction, run.0).await?;
            }
            transaction.commit().await?;
            Ok(Some(before))
        };
        let before: Result<Option<Trust>, sqlx::Error> = work.await;
        before.map_err(|error| self.error("deciding on a run", error))?.ok_or(StoreError::NoSuchRun { run })
    }

    /// The runs, newest first.
    pub async fn runs(&self) -> Result<Vec<RunLine>, StoreError> {
        let doing = "listing the runs";
        let rows = query(
            "SELECT r.*, (SELECT count(*) FROM run_target t WHERE t.run = r.id AND t.state = 'done') AS done
             FROM run r ORDER BY r.id DESC",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error(doing, error))?;
        rows.iter().map(line).collect::<Result<_, _>>().map_err(|error| self.error(doing, error))
    }
}

fn line(row: &Row) -> Result<RunLine, sqlx::Error> {
    let decided: Option<&str> = row.try_get("decided")?;
    Ok(RunLine {
        run: RunId(row.try_get("id")?),
        state: row.code("state")?,
        started: row.time("started")?,
        targets: row.number("targets")?,
        done: row.number("done")?,
        trust: row.code("trust")?,
        had: row.number_option("had")?,
        worse: row.number_option("worse")?,
        decided: decided.is_some().then(|| row.time("decided")).transpose()?,
    })
}

async fn weigh(connection: &mut Connection, run: i64, share: u8) -> Result<Option<Weighed>, sqlx::Error> {
    let Some(row) = query("SELECT trust FROM run WHERE id = $1").bind(run).fetch_optional(&mut *connection).await?
    else {
        return Ok(None);
    };
    let before: Trust = row.code("trust")?;
    // Against the look before that counts: what has been away for a week did not turn worse tonight.
    let row = query(
        "WITH look AS (
             SELECT v.id AS visit, coalesce(v.same_as, v.id) AS holder, (
                 SELECT coalesce(p.same_as, p.id) FROM visit p
                 WHERE p.subject = v.subject AND p.id < v.id AND p.run IS DISTINCT FROM v.run
                   AND NOT EXISTS (SELECT 1 FROM run r WHERE r.id = p.run AND r.trust IN ('suspect', 'discarded'))
                 ORDER BY substr(p.started, 1, 10) DESC, p.started DESC, p.id DESC LIMIT 1) AS before
             FROM visit v WHERE v.run = $1)
         SELECT count(DISTINCT l.visit) AS had,
                count(DISTINCT CASE WHEN n.outcome IS DISTINCT FROM 'found' THEN l.visit END) AS worse
         FROM look l JOIN finding b ON b.visit = l.before AND b.outcome = 'found'
         LEFT JOIN finding n ON n.visit = l.holder AND n.platform = b.platform",
    )
    .bind(run)
    .fetch_one(&mut *connection)
    .await?;
    let (had, worse): (u64, u64) = (row.number("had")?, row.number("worse")?);
    let many = had >= FEW_SITES
        && worse >= FEW_WORSE
        && worse.saturating_mul(100) > had.saturating_mul(u64::from(share))
        && share < 100;
    let trust = match before {
        Trust::Released | Trust::Discarded => before,
        Trust::Clear | Trust::Suspect if many => Trust::Suspect,
        Trust::Clear | Trust::Suspect => Trust::Clear,
    };
    query("UPDATE run SET trust = $2, had = $3, worse = $4 WHERE id = $1")
        .bind(run)
        .bind(trust.code())
        .bind(count(had))
        .bind(count(worse))
        .execute(&mut *connection)
        .await?;
    if trust.counts() != before.counts() {
        make_of_run(connection, run).await?;
    }
    Ok(Some(Weighed { had, worse, trust }))
}
