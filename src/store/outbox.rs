//! Letters that are to leave: queued with their final bytes, tried, sent, put off, given up.
//!
//! A letter is committed before anything of it goes out, and so is each step on its way. What a killed process leaves is read
//! from the row: `sending` and not `at_end` means that the final dot never went out, so that it may be sent again; `sending` and
//! `at_end` means that nobody knows.

mod dispatch;
mod receipts;

use jiff::Timestamp;

use crate::evidence::sha256;

use super::{
    RunId, Store, StoreError,
    codes::{Columns as _, time_text},
    sql::{Connection, Query, Row, query, query_as, query_scalar},
};

pub use dispatch::{
    Begun, Dispatch, DispatchEvent, DispatchFilter, DispatchId, DispatchState, NewDispatch, Queued, Recovered, Swept,
    TryEnd, Trying,
};
pub use receipts::{Noted, ReadUpTo, ReceiptFact, ReceiptKind};

const DOING: &str = "the outbox";

/// Letters that no suspect or discarded run holds.
macro_rules! free {
    () => {
        "(d.held_by IS NULL OR d.held_by IN (SELECT id FROM run WHERE trust IN ('clear', 'released')))"
    };
}

/// Letters that were sent before `$1` and have their bytes.
macro_rules! old {
    () => {
        "FROM dispatch WHERE state = 'sent' AND sent < $1 AND gone IS NULL AND length(bytes) > 0"
    };
}

macro_rules! columns {
    () => {
        "SELECT d.id, d.key, d.kind, d.recipient, d.subject, d.message_id, d.sha256,
                coalesce(d.gone, CAST(length(d.bytes) AS BIGINT)) AS size, d.gone IS NOT NULL AS gone, d.held_by,
                d.held_by IS NOT NULL AND d.held_by IN (SELECT id FROM run WHERE trust = 'suspect') AS held,
                d.state, d.attempts, d.queued, d.next_try, d.last_try, d.answer, d.sent, d.accepted, d.delivered,
                d.undelivered
         FROM dispatch d "
    };
}

impl Store {
    /// Queues a letter, unless one with its key is there. Committed when this returns.
    pub async fn queue_dispatch(&self, letter: &NewDispatch) -> Result<Queued, StoreError> {
        self.try_queue(letter).await.map_err(|error| self.error(DOING, error))
    }

    async fn try_queue(&self, letter: &NewDispatch) -> Result<Queued, sqlx::Error> {
        let now = time_text(self.clock.now());
        let mut transaction = self.writer.begin().await?;
        let queued = queue_within(&mut transaction, letter, &now).await?;
        transaction.commit().await?;
        Ok(queued)
    }

    /// Tidies up after processes that died, and after decisions about runs. The caller holds the right to send
    /// ([`super::Right::Mail`]): nobody is at any letter.
    ///
    /// With `resend`, letters of which nobody knows are queued again, with the same bytes and so the same Message-ID.
    pub async fn recover_dispatches(&self, resend: bool) -> Result<Recovered, StoreError> {
        let work = async {
            let now = time_text(self.clock.now());
            let mut transaction = self.writer.begin().await?;
            let left: Vec<(i64, bool)> =
                query_as("SELECT id, at_end FROM dispatch WHERE state = 'sending' ORDER BY id")
                    .fetch_all(&mut transaction)
                    .await?;
            let mut recovered = Recovered::default();
            for (id, at_end) in left {
                let (what, state) = if at_end {
                    recovered.unsure += 1;
                    ("cut-at-end", DispatchState::Unsure)
                } else {
                    recovered.queued += 1;
                    ("cut", DispatchState::Queued)
                };
                move_to(&mut transaction, id, state, &now).await?;
                event(&mut transaction, id, &now, what, None).await?;
            }
            let discarded: Vec<i64> = query_scalar(
                "SELECT id FROM dispatch WHERE state IN ('queued', 'deferred')
                 AND held_by IN (SELECT id FROM run WHERE trust = 'discarded') ORDER BY id",
            )
            .fetch_all(&mut transaction)
            .await?;
            for id in discarded {
                move_to(&mut transaction, id, DispatchState::Discarded, &now).await?;
                event(&mut transaction, id, &now, "run-discarded", None).await?;
            }
            if resend {
                let unsure: Vec<i64> = query_scalar("SELECT id FROM dispatch WHERE state = 'unsure' ORDER BY id")
                    .fetch_all(&mut transaction)
                    .await?;
                for id in unsure {
                    move_to(&mut transaction, id, DispatchState::Queued, &now).await?;
                    event(&mut transaction, id, &now, "resent-by-setting", None).await?;
                }
            }
            transaction.commit().await?;
            Ok(recovered)
        };
        work.await.map_err(|error| self.error(DOING, error))
    }

    /// The letters that are due at a time, the longest waiting first; at most `limit`.
    pub async fn due_dispatches(&self, now: Timestamp, limit: Option<u32>) -> Result<Vec<DispatchId>, StoreError> {
        let ids: Result<Vec<i64>, _> = query_scalar(concat!(
            "SELECT d.id FROM dispatch d WHERE d.state IN ('queued', 'deferred') AND d.next_try <= $1 AND ",
            free!(),
            " ORDER BY d.next_try, d.id LIMIT $2"
        ))
        .bind(time_text(now))
        .bind(limit.map_or(i64::MAX, i64::from))
        .fetch_all(&self.readers)
        .await;
        Ok(ids.map_err(|error| self.error(DOING, error))?.into_iter().map(DispatchId).collect())
    }

    /// Begins a try of a letter that is due. Committed when this returns.
    pub async fn begin_try(&self, id: DispatchId) -> Result<Begun, StoreError> {
        self.try_begin(id).await.map_err(|error| self.error(DOING, error))
    }

    async fn try_begin(&self, id: DispatchId) -> Result<Begun, sqlx::Error> {
        let now = time_text(self.clock.now());
        let mut transaction = self.writer.begin().await?;
        let row = query(concat!(
            "UPDATE dispatch AS d SET state = 'sending', attempts = d.attempts + 1, last_try = $2, next_try = NULL, at_end = FALSE
             WHERE d.id = $1 AND d.state IN ('queued', 'deferred') AND d.next_try <= $2 AND ",
            free!(),
            " RETURNING recipient, message_id, bytes, sha256, attempts, refusals, refused_since"
        ))
        .bind(id.0)
        .bind(&now)
        .fetch_optional(&mut transaction)
        .await?;
        let Some(row) = row else { return Ok(Begun::Gone) };
        let trying = Trying {
            id,
            recipient: row.try_get("recipient")?,
            message_id: row.try_get("message_id")?,
            bytes: row.try_get("bytes")?,
            attempt: row.number("attempts")?,
            refusals: row.number("refusals")?,
            refused_since: time_option(&row, "refused_since")?,
        };
        let known: String = row.try_get("sha256")?;
        let whole = sha256(&trying.bytes) == known;
        if !whole {
            const WHY: &str = "the stored bytes are not those that were queued";
            move_to(&mut transaction, id.0, DispatchState::Failed, &now).await?;
            answer(&mut transaction, id.0, WHY).await?;
            event(&mut transaction, id.0, &now, "damaged", Some(WHY)).await?;
        }
        transaction.commit().await?;
        Ok(if whole { Begun::Trying(trying) } else { Begun::Damaged(id) })
    }

    /// Notes, before the final dot goes out, that it is about to. Committed when this returns. False when the letter is not
    /// ours any more: then the dot must not be sent.
    pub async fn note_end_of_data(&self, trying: &Trying) -> Result<bool, StoreError> {
        query("UPDATE dispatch SET at_end = TRUE WHERE id = $1 AND state = 'sending' AND attempts = $2")
            .bind(trying.id.0)
            .bind(i64::from(trying.attempt))
            .execute(&self.writer)
            .await
            .map(|rows| rows == 1)
            .map_err(|error| self.error(DOING, error))
    }

    /// Says how a try ended, with the answer that ended it. False when the letter was not ours any more; nothing is
    /// changed then.
    pub async fn end_try(&self, trying: &Trying, end: TryEnd, said: &str) -> Result<bool, StoreError> {
        self.try_end_try(trying, end, said).await.map_err(|error| self.error(DOING, error))
    }

    async fn try_end_try(&self, trying: &Trying, end: TryEnd, said: &str) -> Result<bool, sqlx::Error> {
        let now = time_text(self.clock.now());
        let (state, next) = match end {
            TryEnd::Sent => (DispatchState::Sent, None),
            TryEnd::Deferred(next) | TryEnd::PutOff(next) => (DispatchState::Deferred, Some(time_text(next))),
            TryEnd::Failed => (DispatchState::Failed, None),
            TryEnd::Unsure => (DispatchState::Unsure, None),
        };
        let mut transaction = self.writer.begin().await?;
        let rows = query(
            "UPDATE dispatch SET state = $3, at_end = FALSE, next_try = $4, answer = $5,
                 sent = CASE WHEN $3 = 'sent' THEN $6 ELSE NULL END,
                 refusals = refusals + CASE WHEN $7 THEN 1 ELSE 0 END,
                 refused_since = CASE WHEN $7 THEN coalesce(refused_since, $6) ELSE refused_since END
             WHERE id = $1 AND state = 'sending' AND attempts = $2",
        )
        .bind(trying.id.0)
        .bind(i64::from(trying.attempt))
        .bind(state.code())
        .bind(next)
        .bind(said)
        .bind(&now)
        .bind(matches!(end, TryEnd::Deferred(_)))
        .execute(&mut transaction)
        .await?;
        if rows == 1 {
            let what = if matches!(end, TryEnd::PutOff(_)) { "put-off" } else { state.code() };
            event(&mut transaction, trying.id.0, &now, what, Some(said)).await?;
            transaction.commit().await?;
        }
        Ok(rows == 1)
    }

    /// A person wants a letter to be tried again now: one that was given up, discarded, put off, or of which nobody knows.
    /// The same bytes go out. `None` when there is no such letter; false when it is in no such state.
    pub async fn resend_dispatch(&self, id: DispatchId) -> Result<Option<bool>, StoreError> {
        self.decide(id, &["deferred", "failed", "unsure", "discarded"], DispatchState::Queued, "resent").await
    }

    /// A person does not want a letter to leave. As [`Self::resend_dispatch`]; what is being sent or was sent stays.
    pub async fn discard_dispatch(&self, id: DispatchId) -> Result<Option<bool>, StoreError> {
        self.decide(id, &["queued", "deferred", "failed", "unsure"], DispatchState::Discarded, "discarded").await
    }

    async fn decide(
        &self,
        id: DispatchId,
        from: &[&str],
        to: DispatchState,
        what: &str,
    ) -> Result<Option<bool>, StoreError> {
        let work = async {
            let now = time_text(self.clock.now());
            let mut transaction = self.writer.begin().await?;
            let state: Option<String> = query_scalar("SELECT state FROM dispatch WHERE id = $1")
                .bind(id.0)
                .fetch_optional(&mut transaction)
                .await?;
            let Some(state) = state else { return Ok(None) };
            if !from.contains(&state.as_str()) {
                return Ok(Some(false));
            }
            move_to(&mut transaction, id.0, to, &now).await?;
            event(&mut transaction, id.0, &now, what, None).await?;
            transaction.commit().await?;
            Ok(Some(true))
        };
        work.await.map_err(|error| self.error(DOING, error))
    }

    /// Notes something that happened to a letter without changing how far it is.
    pub async fn note_dispatch(&self, id: DispatchId, what: &str, detail: &str) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            event(&mut transaction, id.0, &time_text(self.clock.now()), what, Some(detail)).await?;
            transaction.commit().await
        };
        work.await.map_err(|error| self.error(DOING, error))
    }

    /// Letters, newest first.
    pub async fn dispatches(&self, filter: &DispatchFilter) -> Result<Vec<Dispatch>, StoreError> {
        let states: Vec<&str> = filter.states.iter().map(|state| state.code()).collect();
        let rows = query(concat!(
            columns!(),
            "WHERE ($1 = '[]' OR d.state IN (SELECT value FROM json_each($1))) AND ($2 IS NULL OR d.recipient = $2)
             ORDER BY d.id DESC LIMIT $3"
        ))
        .bind(serde_json::json!(states).to_string())
        .bind(&filter.recipient)
        .bind(filter.limit.map_or(i64::MAX, i64::from));
        self.read_dispatches(rows).await
    }

    /// One letter.
    pub async fn dispatch(&self, id: DispatchId) -> Result<Option<Dispatch>, StoreError> {
        Ok(self.read_dispatches(query(concat!(columns!(), "WHERE d.id = $1")).bind(id.0)).await?.pop())
    }

    async fn read_dispatches(&self, rows: Query<Row>) -> Result<Vec<Dispatch>, StoreError> {
        let rows = rows.fetch_all(&self.readers).await.map_err(|error| self.error(DOING, error))?;
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| self.error(DOING, error))
    }

    /// What happened to a letter, in order.
    pub async fn dispatch_events(&self, id: DispatchId) -> Result<Vec<DispatchEvent>, StoreError> {
        let rows = query("SELECT at, what, detail FROM dispatch_event WHERE dispatch = $1 ORDER BY id")
            .bind(id.0)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| self.error(DOING, error))?;
        let read = |row: &Row| -> Result<_, sqlx::Error> {
            Ok(DispatchEvent { at: row.time("at")?, what: row.try_get("what")?, detail: row.try_get("detail")? })
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| self.error(DOING, error))
    }

    /// The bytes of a letter, unless they were let go.
    pub async fn dispatch_bytes(&self, id: DispatchId) -> Result<Option<Vec<u8>>, StoreError> {
        query_scalar("SELECT bytes FROM dispatch WHERE id = $1 AND gone IS NULL")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| self.error(DOING, error))
    }

    /// How many letters were sent before a moment and still have their bytes, and how many bytes.
    pub async fn old_letters(&self, before: Timestamp) -> Result<(u64, u64), StoreError> {
        let counted = query_as(concat!("SELECT count(*), CAST(coalesce(sum(length(bytes)), 0) AS BIGINT) ", old!()))
            .bind(time_text(before))
            .fetch_one(&self.readers)
            .await;
        let (letters, bytes): (i64, i64) = counted.map_err(|error| self.error(DOING, error))?;
        Ok((letters.unsigned_abs(), bytes.unsigned_abs()))
    }

    /// Lets go of the bytes of letters that were sent before a moment. Those that wait for a person keep theirs: they may be sent
    /// again.
    pub async fn let_go_of_letters(&self, before: Timestamp) -> Result<(), StoreError> {
        let work = async {
            let (before, now) = (time_text(before), time_text(self.clock.now()));
            let mut transaction = self.writer.begin().await?;
            query(concat!("INSERT INTO dispatch_event (dispatch, at, what) SELECT id, $2, 'let-go' ", old!()))
                .bind(&before)
                .bind(&now)
                .execute(&mut transaction)
                .await?;
            query(concat!("UPDATE dispatch SET gone = length(bytes), bytes = $2 WHERE id IN (SELECT id ", old!(), ")"))
                .bind(&before)
                .bind([].as_slice())
                .execute(&mut transaction)
                .await?;
            transaction.commit().await
        };
        work.await.map_err(|error| self.error(DOING, error))
    }

    /// How many letters are in which state.
    pub async fn swept_dispatches(&self) -> Result<Swept, StoreError> {
        let row = query(
            "SELECT count(CASE WHEN state IN ('queued', 'deferred', 'sending') THEN 1 END) AS waiting,
                    count(CASE WHEN state IN ('queued', 'deferred')
                                AND held_by IN (SELECT id FROM run WHERE trust = 'suspect') THEN 1 END) AS held,
                    count(CASE WHEN state = 'sent' THEN 1 END) AS sent,
                    count(CASE WHEN state = 'failed' THEN 1 END) AS failed,
                    count(CASE WHEN state = 'unsure' THEN 1 END) AS unsure
             FROM dispatch",
        )
        .fetch_one(&self.readers)
        .await
        .map_err(|error| self.error(DOING, error))?;
        let read = || -> Result<_, sqlx::Error> {
            Ok(Swept {
                waiting: row.number("waiting")?,
                held: row.number("held")?,
                sent: row.number("sent")?,
                failed: row.number("failed")?,
                unsure: row.number("unsure")?,
            })
        };
        read().map_err(|error| self.error(DOING, error))
    }

    /// How many letters were sent at a time or after it.
    pub async fn sent_since(&self, time: Timestamp) -> Result<u64, StoreError> {
        query_scalar::<i64>("SELECT count(*) FROM dispatch WHERE sent >= $1")
            .bind(time_text(time))
            .fetch_one(&self.readers)
            .await
            .map(|sent| u64::try_from(sent).unwrap_or(0))
            .map_err(|error| self.error(DOING, error))
    }
}

/// Queues a letter together with what else its transaction does.
pub(super) async fn queue_within(
    transaction: &mut Connection,
    letter: &NewDispatch,
    now: &str,
) -> Result<Queued, sqlx::Error> {
    let there: Option<i64> = query_scalar("SELECT id FROM dispatch WHERE key = $1")
        .bind(&letter.key)
        .fetch_optional(&mut *transaction)
        .await?;
    if let Some(id) = there {
        return Ok(Queued::AlreadyThere(DispatchId(id)));
    }
    let id: i64 = query_scalar(
        "INSERT INTO dispatch
             (key, kind, recipient, subject, message_id, bytes, sha256, held_by, state, queued, next_try)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $9) RETURNING id",
    )
    .bind(&letter.key)
    .bind(&letter.kind)
    .bind(&letter.recipient)
    .bind(&letter.subject)
    .bind(&letter.message_id)
    .bind(letter.bytes.as_slice())
    .bind(sha256(&letter.bytes))
    .bind(letter.held_by.map(|run| run.0))
    .bind(now)
    .fetch_one(transaction)
    .await?;
    Ok(Queued::Queued(DispatchId(id)))
}

/// Leads a letter to a state in which nobody is at it. One that is queued is due at once and has its full time again.
async fn move_to(transaction: &mut Connection, id: i64, state: DispatchState, now: &str) -> Result<(), sqlx::Error> {
    query(
        "UPDATE dispatch SET state = $2, at_end = FALSE,
             next_try = CASE WHEN $2 = 'queued' THEN $3 ELSE NULL END,
             sent = CASE WHEN $2 = 'sent' THEN coalesce(sent, $3) ELSE NULL END,
             refusals = CASE WHEN $2 = 'queued' AND state <> 'sending' THEN 0 ELSE refusals END,
             refused_since = CASE WHEN $2 = 'queued' AND state <> 'sending' THEN NULL ELSE refused_since END
         WHERE id = $1",
    )
    .bind(id)
    .bind(state.code())
    .bind(now)
    .execute(transaction)
    .await
    .map(drop)
}

async fn answer(transaction: &mut Connection, id: i64, said: &str) -> Result<(), sqlx::Error> {
    query("UPDATE dispatch SET answer = $2 WHERE id = $1").bind(id).bind(said).execute(transaction).await.map(drop)
}

async fn event(
    transaction: &mut Connection,
    id: i64,
    at: &str,
    what: &str,
    detail: Option<&str>,
) -> Result<(), sqlx::Error> {
    query("INSERT INTO dispatch_event (dispatch, at, what, detail) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(at)
        .bind(what)
        .bind(detail)
        .execute(transaction)
        .await
        .map(drop)
}

fn time_option(row: &Row, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    let there: Option<&str> = row.try_get(column)?;
    there.map(|_| row.time(column)).transpose()
}

fn read(row: &Row) -> Result<Dispatch, sqlx::Error> {
    Ok(Dispatch {
        id: DispatchId(row.try_get("id")?),
        key: row.try_get("key")?,
        kind: row.try_get("kind")?,
        recipient: row.try_get("recipient")?,
        subject: row.try_get("subject")?,
        message_id: row.try_get("message_id")?,
        sha256: row.try_get("sha256")?,
        size: row.number("size")?,
        gone: row.try_get("gone")?,
        held_by: row.try_get::<Option<i64>>("held_by")?.map(RunId),
        held: row.try_get("held")?,
        state: row.code("state")?,
        attempts: row.number("attempts")?,
        queued: row.time("queued")?,
        next_try: time_option(row, "next_try")?,
        last_try: time_option(row, "last_try")?,
        answer: row.try_get("answer")?,
        sent: time_option(row, "sent")?,
        accepted: time_option(row, "accepted")?,
        delivered: time_option(row, "delivered")?,
        undelivered: time_option(row, "undelivered")?,
    })
}
