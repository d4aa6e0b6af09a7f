//! Histories kept beside the visits that they follow from: what held from when to when, as changes.
//!
//! The tables `observation`, `doubt` and `silence` are derived: they are what [`History::of`] gives for the visits that
//! count. A visit brings its own history up to date in the transaction that stores it, by adding one day where it is later
//! than all days before, else by making the history anew.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    history::{Day, History, Rejudged, day},
    model::{
        CatalogueId, Confirm, Doubt, Ended, Ending, Fate, Finding, Look, Observation, Platform, Silence, Strength,
        Visit,
    },
};

use super::{
    Store, StoreError,
    codes::{Columns as _, json, time_text},
    sql::{Connection, Row, query, query_scalar},
};

impl Store {
    /// Sets after how many looks a loss counts. When that is another measure than before, every history is made anew from its
    /// visits, which takes as long as reading all of them; says whether it was.
    pub async fn confirm_by(&self, confirm: Confirm) -> Result<bool, StoreError> {
        let doing = "setting when a loss is confirmed";
        let work = async {
            let mut transaction = self.writer.begin().await?;
            if rule(&mut transaction).await? == confirm {
                transaction.rollback().await?;
                return Ok(false);
            }
            query("UPDATE history_rule SET looks = $1, hours = $2")
                .bind(i64::from(confirm.looks))
                .bind(i64::from(confirm.hours))
                .execute(&mut transaction)
                .await?;
            make_all(&mut transaction, confirm).await?;
            transaction.commit().await?;
            Ok(true)
        };
        work.await.map_err(|error| self.error(doing, error))
    }
}

/// After how many looks a loss counts.
pub(super) async fn rule(connection: &mut Connection) -> Result<Confirm, sqlx::Error> {
    let row = query("SELECT looks, hours FROM history_rule").fetch_one(&mut *connection).await?;
    Ok(Confirm { looks: row.number("looks")?, hours: row.number("hours")? })
}

/// Makes the histories of a database whose visits are older than these tables.
pub(super) async fn make_missing(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let missing: bool = query_scalar("SELECT NOT built FROM history_rule").fetch_one(&mut *connection).await?;
    if missing {
        let confirm = rule(connection).await?;
        make_all(connection, confirm).await?;
        query("UPDATE history_rule SET built = TRUE").execute(&mut *connection).await?;
    }
    Ok(())
}

async fn make_all(connection: &mut Connection, confirm: Confirm) -> Result<(), sqlx::Error> {
    let subjects: Vec<i64> = query_scalar("SELECT id FROM subject ORDER BY id").fetch_all(&mut *connection).await?;
    for subject in subjects {
        make(connection, subject, confirm).await?;
    }
    Ok(())
}

/// Makes the histories of the subjects that a run visited anew: its looks have begun to count, or no longer do.
pub(super) async fn make_of_run(connection: &mut Connection, run: i64) -> Result<(), sqlx::Error> {
    let confirm = rule(connection).await?;
    let subjects: Vec<i64> =
        query_scalar("SELECT DISTINCT subject FROM visit WHERE run = $1 AND subject IS NOT NULL ORDER BY subject")
            .bind(run)
            .fetch_all(&mut *connection)
            .await?;
    for subject in subjects {
        make(connection, subject, confirm).await?;
    }
    Ok(())
}

/// Whom a visit is about. A site that has come to be somebody's brings its visits along; then the second value is true, and
/// the history has to be made anew.
pub(super) async fn subject_of(
    connection: &mut Connection,
    comune: Option<i64>,
    site: i64,
) -> Result<(i64, bool), sqlx::Error> {
    let whose: Option<i64> = match comune {
        Some(comune) => Some(comune),
        None => query_scalar("SELECT comune FROM site WHERE id = $1").bind(site).fetch_one(&mut *connection).await?,
    };
    let nobodys: Option<i64> =
        query_scalar("SELECT id FROM subject WHERE site = $1").bind(site).fetch_optional(&mut *connection).await?;
    let Some(comune) = whose else {
        if let Some(subject) = nobodys {
            return Ok((subject, false));
        }
        let subject = query_scalar("INSERT INTO subject (site) VALUES ($1) RETURNING id").bind(site);
        return Ok((subject.fetch_one(&mut *connection).await?, false));
    };
    let known: Option<i64> =
        query_scalar("SELECT id FROM subject WHERE comune = $1").bind(comune).fetch_optional(&mut *connection).await?;
    let subject = if let Some(subject) = known {
        subject
    } else {
        let subject = query_scalar("INSERT INTO subject (comune) VALUES ($1) RETURNING id").bind(comune);
        subject.fetch_one(&mut *connection).await?
    };
    let Some(nobodys) = nobodys else { return Ok((subject, false)) };
    query("UPDATE visit SET subject = $1 WHERE subject = $2")
        .bind(subject)
        .bind(nobodys)
        .execute(&mut *connection)
        .await?;
    query("DELETE FROM subject WHERE id = $1").bind(nobodys).execute(&mut *connection).await?;
    Ok((subject, true))
}

/// The looks of a visit, by platform.
fn looks(visit: &Visit, rules: CatalogueId) -> impl Iterator<Item = (Platform, Look)> {
    let decided = |finding: &&Finding| Platform::DECIDED.contains(&finding.platform);
    visit.findings.iter().filter(decided).map(move |finding| {
        let Finding { platform, outcome, strength, reason, .. } = *finding;
        (platform, Look { at: visit.started, outcome, strength, reason, rules: Some(rules) })
    })
}

/// Whose history, and by which rules: those of each day, or one catalogue throughout.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series {
    pub(super) subject: i64,
    pub(super) catalogue: Option<i64>,
}

/// Brings the histories of a subject up to date with a visit that was just stored.
pub(super) async fn follow(
    connection: &mut Connection,
    subject: i64,
    visit: &Visit,
    catalogue: i64,
) -> Result<(), sqlx::Error> {
    let confirm = rule(connection).await?;
    let kept: bool =
        query_scalar("SELECT series FROM catalogue WHERE id = $1").bind(catalogue).fetch_one(&mut *connection).await?;
    let mut every = vec![Series { subject, catalogue: None }];
    every.extend(kept.then_some(Series { subject, catalogue: Some(catalogue) }));
    for series in every {
        let mut lasts = lasting(connection, series).await?;
        // What these rules say of earlier bytes tells whether they or the site are behind a change.
        let asks = |one: &Kept| {
            let other = one.history.standing().is_some_and(|one| one.rules != Some(CatalogueId(catalogue)));
            kept && (other || one.history.doubt().is_some())
        };
        let later = |one: &Kept| one.history.last_look().is_none_or(|last| day(last) < day(visit.started));
        if !lasts.values().all(|one| later(one) && !asks(one)) {
            return make(connection, subject, confirm).await;
        }
        for (platform, look) in looks(visit, CatalogueId(catalogue)) {
            let kept = lasts.entry(platform).or_default();
            let before = kept.history.clone();
            kept.history.add(Day::of(look), confirm);
            kept.write(connection, (series, platform), &before).await?;
        }
    }
    Ok(())
}

/// Makes the histories of a subject anew from the visits that count.
pub(super) async fn make(connection: &mut Connection, subject: i64, confirm: Confirm) -> Result<(), sqlx::Error> {
    for table in [
        "DELETE FROM observation WHERE subject = $1",
        "DELETE FROM doubt WHERE subject = $1",
        "DELETE FROM silence WHERE subject = $1",
    ] {
        query(table).bind(subject).execute(&mut *connection).await?;
    }
    let own = query(
        "SELECT v.started, v.catalogue, f.platform, f.outcome, f.strength, f.reason
         FROM visit v JOIN finding f ON f.visit = coalesce(v.same_as, v.id)
         WHERE v.subject = $1
           AND NOT EXISTS (SELECT 1 FROM run r WHERE r.id = v.run AND r.trust IN ('suspect', 'discarded'))
         ORDER BY v.started, v.id",
    )
    .bind(subject)
    .fetch_all(&mut *connection)
    .await?;
    let again = query(
        "SELECT v.started, j.catalogue, j.platform, j.outcome, j.strength, j.reason
         FROM visit v JOIN judgement j ON j.visit = v.id
         WHERE v.subject = $1
           AND NOT EXISTS (SELECT 1 FROM run r WHERE r.id = v.run AND r.trust IN ('suspect', 'discarded'))
         ORDER BY v.started, v.id",
    )
    .bind(subject)
    .fetch_all(&mut *connection)
    .await?;
    let own: Vec<(Platform, Look)> = own.iter().map(a_look).collect::<Result<_, _>>()?;
    let again: Vec<(Platform, Look)> = again.iter().map(a_look).collect::<Result<_, _>>()?;
    let of = |looks: &[(Platform, Look)], platform: Platform| -> Vec<Look> {
        looks.iter().filter(|(of, _)| *of == platform).map(|(_, look)| *look).collect()
    };
    for platform in Platform::DECIDED {
        let rejudged: Rejudged =
            of(&again, platform).into_iter().filter_map(|look| Some(((look.at, look.rules?), look.outcome))).collect();
        let history = History::of_rejudged(&of(&own, platform), &rejudged, confirm);
        write_whole(connection, (Series { subject, catalogue: None }, platform), history).await?;
    }
    let series: Vec<i64> =
        query_scalar("SELECT id FROM catalogue WHERE series ORDER BY id").fetch_all(&mut *connection).await?;
    for catalogue in series {
        let with = |look: &&(Platform, Look)| look.1.rules == Some(CatalogueId(catalogue));
        let all: Vec<(Platform, Look)> = own.iter().chain(&again).filter(with).copied().collect();
        for platform in Platform::DECIDED {
            let history = History::of(&of(&all, platform), confirm);
            write_whole(connection, (Series { subject, catalogue: Some(catalogue) }, platform), history).await?;
        }
    }
    Ok(())
}

fn a_look(row: &Row) -> Result<(Platform, Look), sqlx::Error> {
    let look = Look {
        at: row.time("started")?,
        outcome: row.code("outcome")?,
        strength: row.code_option("strength")?,
        reason: row.reason("reason")?,
        rules: Some(CatalogueId(row.try_get("catalogue")?)),
    };
    Ok((row.code("platform")?, look))
}

async fn write_whole(
    connection: &mut Connection,
    whose: (Series, Platform),
    history: History,
) -> Result<(), sqlx::Error> {
    let kept = Kept { history, ..Kept::default() };
    kept.write(connection, whose, &History::default()).await
}

/// A history, or its end, with the rows that hold it.
#[derive(Debug, Default)]
struct Kept {
    history: History,
    observations: Vec<i64>,
    doubts: Vec<i64>,
    silences: Vec<i64>,
}

/// What of a subject's history still lasts.
async fn lasting(connection: &mut Connection, series: Series) -> Result<BTreeMap<Platform, Kept>, sqlx::Error> {
    let mut all: BTreeMap<Platform, Kept> = BTreeMap::new();
    let rows =
        query("SELECT * FROM observation WHERE subject = $1 AND catalogue IS NOT DISTINCT FROM $2 AND until IS NULL")
            .bind(series.subject)
            .bind(series.catalogue)
            .fetch_all(&mut *connection)
            .await?;
    for row in &rows {
        let kept = all.entry(row.code("platform")?).or_default();
        kept.observations.push(row.try_get("id")?);
        kept.history.observations.push(observation(row)?);
    }
    let rows = query("SELECT * FROM doubt WHERE subject = $1 AND catalogue IS NOT DISTINCT FROM $2 AND ended IS NULL")
        .bind(series.subject)
        .bind(series.catalogue)
        .fetch_all(&mut *connection)
        .await?;
    for row in &rows {
        let kept = all.entry(row.code("platform")?).or_default();
        kept.doubts.push(row.try_get("id")?);
        kept.history.doubts.push(doubt(row)?);
    }
    let rows =
        query("SELECT * FROM silence WHERE subject = $1 AND catalogue IS NOT DISTINCT FROM $2 AND ended IS NULL")
            .bind(series.subject)
            .bind(series.catalogue)
            .fetch_all(&mut *connection)
            .await?;
    for row in &rows {
        let kept = all.entry(row.code("platform")?).or_default();
        kept.silences.push(row.try_get("id")?);
        kept.history.silences.push(silence(row)?);
    }
    Ok(all)
}

fn time_option(row: &Row, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    row.try_get::<Option<&str>>(column)?.is_some().then(|| row.time(column)).transpose()
}

pub(super) fn observation(row: &Row) -> Result<Observation, sqlx::Error> {
    let end = match (time_option(row, "until")?, time_option(row, "until_known")?, row.code_option::<Ended>("ended")?) {
        (Some(until), Some(known), Some(why)) => Some(Ending { until, known, why }),
        _ => None,
    };
    Ok(Observation {
        outcome: row.code("outcome")?,
        strength: row.code_option("strength")?,
        reason: row.reason("reason")?,
        first_seen: row.time("first_seen")?,
        known: row.time("known")?,
        last_confirmed: row.time("last_confirmed")?,
        rules: row.try_get::<Option<i64>>("rules")?.map(CatalogueId),
        end,
    })
}

pub(super) fn doubt(row: &Row) -> Result<Doubt, sqlx::Error> {
    Ok(Doubt {
        outcome: row.code("outcome")?,
        reason: row.reason("reason")?,
        looks: row.json("looks")?,
        rules: time_option(row, "rules_since")?.zip(row.try_get::<Option<i64>>("rules")?.map(CatalogueId)),
        end: time_option(row, "ended")?.zip(row.code_option::<Fate>("fate")?),
    })
}

pub(super) fn silence(row: &Row) -> Result<Silence, sqlx::Error> {
    Ok(Silence {
        reason: row.reason("reason")?,
        since: row.time("since")?,
        last: row.time("last")?,
        end: time_option(row, "ended")?,
    })
}

impl Kept {
    /// Writes what is not as it was before.
    async fn write(
        &self,
        connection: &mut Connection,
        whose: (Series, Platform),
        before: &History,
    ) -> Result<(), sqlx::Error> {
        // What ends comes before what begins: one answer holds at a time.
        for (at, one) in self.history.observations.iter().enumerate() {
            if before.observations.get(at) != Some(one) {
                write_observation(connection, self.observations.get(at).copied(), whose, one).await?;
            }
        }
        for (at, one) in self.history.doubts.iter().enumerate() {
            if before.doubts.get(at) != Some(one) {
                write_doubt(connection, self.doubts.get(at).copied(), whose, one).await?;
            }
        }
        for (at, one) in self.history.silences.iter().enumerate() {
            if before.silences.get(at) != Some(one) {
                write_silence(connection, self.silences.get(at).copied(), whose, one).await?;
            }
        }
        Ok(())
    }
}

/// Rows without an id are new.
async fn write_observation(
    connection: &mut Connection,
    id: Option<i64>,
    (series, platform): (Series, Platform),
    one: &Observation,
) -> Result<(), sqlx::Error> {
    let statement = match id {
        Some(id) => query(
            "UPDATE observation SET last_confirmed = $2, strength = $3, reason = $4, until = $5, until_known = $6,
                    ended = $7, rules = $8
             WHERE id = $1",
        )
        .bind(id)
        .bind(time_text(one.last_confirmed)),
        None => query(
            "INSERT INTO observation (subject, platform, catalogue, outcome, first_seen, known, last_confirmed, strength,
                                      reason, until, until_known, ended, rules)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(series.subject)
        .bind(platform.code())
        .bind(series.catalogue)
        .bind(one.outcome.code())
        .bind(time_text(one.first_seen))
        .bind(time_text(one.known))
        .bind(time_text(one.last_confirmed)),
    };
    statement
        .bind(one.strength.map(Strength::code))
        .bind(one.reason.code())
        .bind(one.end.map(|end| time_text(end.until)))
        .bind(one.end.map(|end| time_text(end.known)))
        .bind(one.end.map(|end| end.why.code()))
        .bind(one.rules.map(|rules| rules.0))
        .execute(&mut *connection)
        .await?;
    Ok(())
}

async fn write_doubt(
    connection: &mut Connection,
    id: Option<i64>,
    (series, platform): (Series, Platform),
    one: &Doubt,
) -> Result<(), sqlx::Error> {
    let statement = match id {
        Some(id) => query(
            "UPDATE doubt SET outcome = $2, reason = $3, looks = $4, ended = $5, fate = $6, rules = $7,
                        rules_since = $8
                 WHERE id = $1",
        )
        .bind(id),
        None => query(
            "INSERT INTO doubt (subject, platform, catalogue, since, outcome, reason, looks, ended, fate, rules,
                                rules_since)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(series.subject)
        .bind(platform.code())
        .bind(series.catalogue)
        .bind(time_text(one.since().unwrap_or(Timestamp::UNIX_EPOCH))),
    };
    statement
        .bind(one.outcome.code())
        .bind(one.reason.code())
        .bind(json(&one.looks)?)
        .bind(one.end.map(|(at, _)| time_text(at)))
        .bind(one.end.map(|(_, fate)| fate.code()))
        .bind(one.rules.map(|(_, rules)| rules.0))
        .bind(one.rules.map(|(at, _)| time_text(at)))
        .execute(&mut *connection)
        .await?;
    Ok(())
}

async fn write_silence(
    connection: &mut Connection,
    id: Option<i64>,
    (series, platform): (Series, Platform),
    one: &Silence,
) -> Result<(), sqlx::Error> {
    let statement = match id {
        Some(id) => query("UPDATE silence SET reason = $2, last = $3, ended = $4 WHERE id = $1").bind(id),
        None => query(
            "INSERT INTO silence (subject, platform, catalogue, since, reason, last, ended)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(series.subject)
        .bind(platform.code())
        .bind(series.catalogue)
        .bind(time_text(one.since)),
    };
    statement
        .bind(one.reason.code())
        .bind(time_text(one.last))
        .bind(one.end.map(time_text))
        .execute(&mut *connection)
        .await?;
    Ok(())
}
