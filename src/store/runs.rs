//! Runs: begun, taken up again, finished, summed up.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::{Outcome, Platform, Reason, Target};

use super::{
    RunId, Store, StoreError,
    codes::{Columns, count, time_text},
    sql::{Connection, Row, Text, query, query_as, query_scalar},
    write::{catalogue_id, site_id},
};

/// What a run is about to do. Two plans with the same targets, catalogue, agent and settings are the same work, and
/// the later one takes up what the earlier one left.
#[derive(Debug, Clone)]
pub struct RunPlan {
    /// The sites, in order. No address twice.
    pub targets: Vec<Target>,
    /// Version of the rule catalogue.
    pub catalogue: String,
    /// SHA-256 of the rule catalogue, lower-case hexadecimal.
    pub catalogue_sha256: String,
    /// Version of this program.
    pub agent: String,
    /// The settings that change what a visit sees (budgets, delays, proxy, ...), for the record and for comparison.
    pub settings: serde_json::Value,
    /// True to begin anew even if the last run over the same list was not finished.
    pub fresh: bool,
}

impl RunPlan {
    /// [`targets_sha256`] of its list.
    pub fn targets_sha256(&self) -> String {
        targets_sha256(&self.targets)
    }
}

/// Digest of what decides the visits: addresses in order, and the codes that tie a signal to a comune. A corrected
/// name or population leaves the list the same.
pub fn targets_sha256(targets: &[Target]) -> String {
    let mut hash = Sha256::new();
    for target in targets {
        let comune = &target.comune;
        let codes = [&comune.codice_ipa, &comune.codice_istat, &comune.codice_catastale, &comune.codice_fiscale];
        hash.update(target.url.as_str());
        hash.update(if target.scheme_guessed { "\t?" } else { "\t!" });
        for code in codes {
            hash.update("\t");
            hash.update(code.as_deref().unwrap_or("-"));
        }
        hash.update("\n");
    }
    format!("{:x}", hash.finalize())
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Begun; if no process holds the lock, its process died.
    Running,
    /// Every site has a result.
    Finished,
    /// Stopped before the end, or left for another run.
    Interrupted,
}

/// A run that was begun or taken up again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStart {
    /// Its id.
    pub id: RunId,
    /// True when an unfinished run was taken up.
    pub resumed: bool,
    /// For each target whether its result is stored already.
    pub done: Vec<bool>,
}

/// A run's own record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunInfo {
    /// Its id.
    pub id: RunId,
    /// How far it is.
    pub state: RunState,
    /// When it was begun.
    pub started: Timestamp,
    /// When its last site was done.
    pub finished: Option<Timestamp>,
    /// Version of the rule catalogue.
    pub catalogue: String,
    /// SHA-256 of the rule catalogue.
    pub catalogue_sha256: String,
    /// Version of the program.
    pub agent: String,
    /// The settings it ran with.
    pub settings: serde_json::Value,
    /// Sites in its list.
    pub targets: u64,
}

/// How many findings of a run ended so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// The platform.
    pub platform: Platform,
    /// The outcome.
    pub outcome: Outcome,
    /// The reason.
    pub reason: Reason,
    /// Sites with this platform, outcome and reason.
    pub sites: u64,
}

/// A run in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunTotals {
    /// Sites in the list.
    pub targets: u64,
    /// Sites with a stored result.
    pub done: u64,
    /// Requests sent, robots.txt and redirects included.
    pub requests: u64,
    /// Pages asked for, as kept in the visits.
    pub pages: u64,
    /// Sites by platform and outcome; a pair that did not occur is missing.
    pub outcomes: BTreeMap<Platform, BTreeMap<Outcome, u64>>,
    /// Findings by platform, outcome and reason, the most frequent first.
    pub reasons: Vec<ReasonCount>,
}

impl Store {
    /// Begins a run, or takes up the last run over the same list when it was not finished and was made with the same
    /// catalogue, program and settings (unless `plan.fresh`).
    ///
    /// The caller holds the lock of the database: any other run that is still marked as running has died, and is
    /// marked as interrupted.
    pub async fn begin_run(&self, plan: &RunPlan) -> Result<RunStart, StoreError> {
        self.try_begin_run(plan).await.map_err(|error| self.error("beginning a run", error))
    }

    async fn try_begin_run(&self, plan: &RunPlan) -> Result<RunStart, sqlx::Error> {
        let digest = plan.targets_sha256();
        let settings = plan.settings.to_string();
        let mut transaction = self.writer.begin().await?;
        let catalogue = catalogue_id(&mut transaction, &plan.catalogue, &plan.catalogue_sha256).await?;
        // Only the last run over this list: an older unfinished one has been overtaken by a newer look.
        let last: Option<(i64, bool)> = query_as(
            "SELECT id, state <> 'finished' AND catalogue = $2 AND agent = $3 AND settings = $4
             FROM run WHERE targets_sha256 = $1 ORDER BY id DESC LIMIT 1",
        )
        .bind(&digest)
        .bind(catalogue)
        .bind(&plan.agent)
        .bind(&settings)
        .fetch_optional(&mut transaction)
        .await?;
        let start = match last {
            Some((id, true)) if !plan.fresh => take_up(&mut transaction, id, plan.targets.len()).await?,
            _ => {
                let id: i64 = query_scalar(
                    "INSERT INTO run (started, state, catalogue, agent, settings, targets, targets_sha256)
                     VALUES ($1, 'running', $2, $3, $4, $5, $6) RETURNING id",
                )
                .bind(time_text(self.clock.now()))
                .bind(catalogue)
                .bind(&plan.agent)
                .bind(&settings)
                .bind(count(plan.targets.len() as u64))
                .bind(&digest)
                .fetch_one(&mut transaction)
                .await?;
                insert_targets(&mut transaction, id, &plan.targets).await?;
                RunStart { id: RunId(id), resumed: false, done: vec![false; plan.targets.len()] }
            }
        };
        query("UPDATE run SET state = 'interrupted' WHERE state = 'running' AND id <> $1")
            .bind(start.id.0)
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(start)
    }

    /// Ends a run: finished when every site is done, interrupted otherwise. Says which.
    pub async fn finish_run(&self, run: RunId) -> Result<RunState, StoreError> {
        let finished: Option<bool> = query_scalar(
            "UPDATE run SET
                 state = CASE WHEN EXISTS (SELECT 1 FROM run_target WHERE run = $1 AND state = 'pending')
                              THEN 'interrupted' ELSE 'finished' END,
                 finished = CASE WHEN EXISTS (SELECT 1 FROM run_target WHERE run = $1 AND state = 'pending')
                                 THEN NULL ELSE $2 END
             WHERE id = $1 RETURNING finished IS NOT NULL",
        )
        .bind(run.0)
        .bind(time_text(self.clock.now()))
        .fetch_optional(&self.writer)
        .await
        .map_err(|error| self.error("ending a run", error))?;
        match finished {
            Some(true) => Ok(RunState::Finished),
            Some(false) => Ok(RunState::Interrupted),
            None => Err(StoreError::NoSuchRun { run }),
        }
    }

    /// The record of a run.
    pub async fn run_info(&self, run: RunId) -> Result<RunInfo, StoreError> {
        self.try_run_info(run)
            .await
            .map_err(|error| self.error("reading a run", error))?
            .ok_or(StoreError::NoSuchRun { run })
    }

    async fn try_run_info(&self, run: RunId) -> Result<Option<RunInfo>, sqlx::Error> {
        let row = query(
            "SELECT r.state, r.started, r.finished, r.agent, r.settings, r.targets, k.version, k.sha256
             FROM run r JOIN catalogue k ON k.id = r.catalogue WHERE r.id = $1",
        )
        .bind(run.0)
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let finished: Option<String> = row.try_get("finished")?;
        Ok(Some(RunInfo {
            id: run,
            state: row.code("state")?,
            started: row.time("started")?,
            finished: finished.map(|_| row.time("finished")).transpose()?,
            catalogue: row.try_get("version")?,
            catalogue_sha256: row.try_get("sha256")?,
            agent: row.try_get("agent")?,
            settings: row.json("settings")?,
            targets: row.number("targets")?,
        }))
    }

    /// The newest run, when it was left unfinished: when it was begun, and the digest of its list
    /// ([`targets_sha256`]).
    pub async fn left_run(&self) -> Result<Option<(Timestamp, String)>, StoreError> {
        let doing = "reading a run";
        let row = query("SELECT started, targets_sha256, state FROM run ORDER BY id DESC LIMIT 1")
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| self.error(doing, error))?;
        let read = |row: &Row| -> Result<_, sqlx::Error> {
            let unfinished = row.code::<RunState>("state")? != RunState::Finished;
            Ok(unfinished.then_some((row.time("started")?, row.try_get("targets_sha256")?)))
        };
        row.as_ref().map_or(Ok(None), read).map_err(|error| self.error(doing, error))
    }

    /// The last look at each address that visits start from, of those that began before a time.
    pub async fn last_looks(&self, before: Timestamp) -> Result<HashMap<String, Timestamp>, StoreError> {
        let doing = "reading the last visits";
        // SQLite walks each site's visits backwards and stops at the first; PostgreSQL reads all of them once.
        let rows = query(Text::each(
            "SELECT s.url, (SELECT v.started FROM visit v WHERE v.site = s.id AND v.started < $1
                            ORDER BY v.id DESC LIMIT 1) AS started FROM site s",
            "SELECT s.url, v.started FROM site s
             JOIN (SELECT site, max(started) AS started FROM visit WHERE started < $1 GROUP BY site) v ON v.site = s.id",
        ))
        .bind(time_text(before))
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error(doing, error))?;
        let mut looks = HashMap::new();
        for row in &rows {
            let mut read = || -> Result<(), sqlx::Error> {
                let there: Option<&str> = row.try_get("started")?;
                if there.is_some() {
                    looks.insert(row.try_get("url")?, row.time("started")?);
                }
                Ok(())
            };
            read().map_err(|error| self.error(doing, error))?;
        }
        Ok(looks)
    }

    /// The newest run, when there is one.
    pub async fn latest_run(&self) -> Result<Option<RunId>, StoreError> {
        let id: Option<i64> = query_scalar("SELECT max(id) FROM run")
            .fetch_one(&self.readers)
            .await
            .map_err(|error| self.error("looking for the newest run", error))?;
        Ok(id.map(RunId))
    }

    /// A run in figures: of all its visits, whichever process made them.
    pub async fn run_totals(&self, run: RunId) -> Result<RunTotals, StoreError> {
        self.try_run_totals(run).await.map_err(|error| self.error("summing up a run", error))
    }

    async fn try_run_totals(&self, run: RunId) -> Result<RunTotals, sqlx::Error> {
        let mut transaction = self.readers.begin_reading().await?;
        let counts = query(
            "SELECT (SELECT count(*) FROM run_target WHERE run = $1) AS targets,
                    (SELECT count(*) FROM visit WHERE run = $1) AS done,
                    (SELECT CAST(coalesce(sum(requests), 0) AS BIGINT) FROM visit WHERE run = $1) AS requests,
                    (SELECT count(*) FROM visit v JOIN page p ON p.visit = coalesce(v.same_as, v.id)
                     WHERE v.run = $1) AS pages",
        )
        .bind(run.0)
        .fetch_one(&mut transaction)
        .await?;
        let rows = query(
            "SELECT f.platform, f.outcome, f.reason, count(*) AS sites
             FROM visit v JOIN finding f ON f.visit = coalesce(v.same_as, v.id) WHERE v.run = $1
             GROUP BY f.platform, f.outcome, f.reason ORDER BY sites DESC, f.platform, f.outcome, f.reason",
        )
        .bind(run.0)
        .fetch_all(&mut transaction)
        .await?;
        let mut outcomes: BTreeMap<Platform, BTreeMap<Outcome, u64>> = BTreeMap::new();
        let mut reasons = Vec::with_capacity(rows.len());
        for row in &rows {
            let entry = ReasonCount {
                platform: row.code("platform")?,
                outcome: row.code("outcome")?,
                reason: row.reason("reason")?,
                sites: row.number("sites")?,
            };
            *outcomes.entry(entry.platform).or_default().entry(entry.outcome).or_default() += entry.sites;
            reasons.push(entry);
        }
        Ok(RunTotals {
            targets: counts.number("targets")?,
            done: counts.number("done")?,
            requests: counts.number("requests")?,
            pages: counts.number("pages")?,
            outcomes,
            reasons,
        })
    }
}

async fn take_up(connection: &mut Connection, run: i64, targets: usize) -> Result<RunStart, sqlx::Error> {
    query("UPDATE run SET state = 'running' WHERE id = $1").bind(run).execute(&mut *connection).await?;
    let places: Vec<i64> = query_scalar("SELECT position FROM run_target WHERE run = $1 AND state = 'done'")
        .bind(run)
        .fetch_all(&mut *connection)
        .await?;
    let mut done = vec![false; targets];
    for place in places {
        if let Some(mark) = usize::try_from(place).ok().and_then(|place| done.get_mut(place)) {
            *mark = true;
        }
    }
    Ok(RunStart { id: RunId(run), resumed: true, done })
}

async fn insert_targets(connection: &mut Connection, run: i64, targets: &[Target]) -> Result<(), sqlx::Error> {
    for (target, position) in targets.iter().zip(0_i64..) {
        let site = site_id(connection, target).await?;
        query("INSERT INTO run_target (run, position, site, state) VALUES ($1, $2, $3, 'pending')")
            .bind(run)
            .bind(position)
            .bind(site)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
