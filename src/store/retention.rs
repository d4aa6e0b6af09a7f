//! What is let go: bytes of evidence and details of visits that are old or too many, and whatever came from an address
//! that is to be forgotten. Digests, outcomes, coverage and days stay.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    ChainId, Store, StoreError, VisitId,
    codes::{Columns as _, count, time_text},
    error::Overtaken,
    sql::{Query, Row, query, query_scalar},
};

const DOING: &str = "letting go of what is old";

/// Visits whose evidence and details stay however old they are: the latest of each site, and those on which an answer that
/// holds was seen first and last.
macro_rules! protected {
    () => {
        "SELECT p.id FROM visit p WHERE NOT EXISTS
             (SELECT 1 FROM visit w WHERE w.site = p.site AND (w.started > p.started
                                                              OR (w.started = p.started AND w.id > p.id)))
         UNION
         SELECT p.id FROM visit p JOIN observation o ON o.subject = p.subject AND o.until IS NULL
             AND (p.started = o.first_seen OR p.started = o.last_confirmed)"
    };
}

/// Characters of a visit's details, and some for each row: about what they take in the database.
macro_rules! detail_bytes {
    () => {
        "length(v.path) + length(v.left_unread)
         + coalesce((SELECT sum(length(g.requested) + length(g.url) + coalesce(length(g.title), 0)
                                + coalesce(length(g.hops), 0) + coalesce(length(g.detail), 0) + 250)
                     FROM page g WHERE g.visit = v.id), 0)
         + coalesce((SELECT sum(length(s.url) + length(s.chain) + length(s.selector) + length(s.excerpt)
                                + coalesce(length(s.target), 0) + coalesce(length(s.label), 0) + 300)
                     FROM signal s JOIN finding f ON f.id = s.finding WHERE f.visit = v.id), 0)"
    };
}

/// How much is kept. Without either, all is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// What is older goes.
    pub since: Option<Timestamp>,
    /// The oldest go until the rest is no larger than this, in bytes.
    pub most: Option<u64>,
}

/// A record whose bytes are to go, and where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condemned {
    /// Its chain.
    pub chain: ChainId,
    /// Number of its file in the chain.
    pub number: u32,
    /// Name of that file.
    pub file: String,
    /// Its place in the chain.
    pub position: u64,
    /// Bytes of it in the file.
    pub bytes: u64,
}

/// A record that stays, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staying {
    /// Its place in the chain.
    pub position: u64,
    /// Bytes of the file before it.
    pub offset: u64,
    /// Bytes of it in the file.
    pub bytes: u64,
    /// It says what the file is, and nothing of a visit.
    pub about: bool,
}

/// Addresses to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forget {
    /// The address, or how it begins.
    pub url: String,
    /// Every address that begins so.
    pub beginning: bool,
}

impl Forget {
    /// The condition on a column of addresses; `$1` is the address.
    fn of(&self, exact: &'static str, beginning: &'static str) -> Query<Row> {
        query(if self.beginning { beginning } else { exact }).bind(&self.url)
    }
}

impl Keep {
    fn wants_nothing_gone(self) -> bool {
        self == Self::default()
    }

    /// Of visits, newest first with their sizes, those that are to go.
    fn beyond(self, newest_first: impl IntoIterator<Item = (VisitId, Timestamp, u64, bool)>) -> (Vec<VisitId>, u64) {
        let (mut kept, mut gone, mut freed) = (0_u64, Vec::new(), 0);
        for (visit, started, bytes, protected) in newest_first {
            let old = self.since.is_some_and(|since| started < since);
            let too_much = self.most.is_some_and(|most| kept.saturating_add(bytes) > most);
            if (old || too_much) && !protected {
                gone.push(visit);
                freed += bytes;
            } else {
                kept += bytes;
            }
        }
        (gone, freed)
    }
}

impl Store {
    async fn beyond(&self, statement: Query<Row>, keep: Keep) -> Result<(Vec<VisitId>, u64), StoreError> {
        if keep.wants_nothing_gone() {
            return Ok((Vec::new(), 0));
        }
        let rows = statement.fetch_all(&self.readers).await.map_err(|error| self.error(DOING, error))?;
        let read = |row: &Row| -> Result<_, sqlx::Error> {
            Ok((VisitId(row.try_get("id")?), row.time("started")?, row.number("bytes")?, row.try_get("protected")?))
        };
        let visits = rows.iter().map(read).collect::<Result<Vec<_>, _>>().map_err(|error| self.error(DOING, error))?;
        Ok(keep.beyond(visits))
    }

    /// The records of which the bytes go when only so much evidence is kept. An answer that later visits refer to stays as long
    /// as they do.
    pub async fn old_evidence(&self, keep: Keep) -> Result<Vec<Condemned>, StoreError> {
        let visits = query(concat!(
            "SELECT v.id, v.started, CAST(sum(r.bytes) AS BIGINT) AS bytes, v.id IN (",
            protected!(),
            ") AS protected
             FROM evidence_record r JOIN visit v ON v.id = r.visit WHERE r.gone IS NULL AND r.kind <> 'warcinfo'
             GROUP BY v.id, v.started ORDER BY v.started DESC, v.id DESC"
        ));
        let (visits, _) = self.beyond(visits, keep).await?;
        if visits.is_empty() {
            return Ok(Vec::new());
        }
        let visits = ids(&visits);
        let rows = query(
            "SELECT r.chain, r.file, f.name, r.position, r.bytes
             FROM evidence_record r JOIN evidence_file f ON f.chain = r.chain AND f.number = r.file
             WHERE r.gone IS NULL AND r.kind <> 'warcinfo'
               AND r.visit IN (SELECT CAST(value AS BIGINT) FROM json_each($1))
               AND NOT EXISTS (SELECT 1 FROM evidence_record k WHERE k.refers_to = r.name AND k.gone IS NULL
                                 AND (k.visit IS NULL
                                      OR k.visit NOT IN (SELECT CAST(value AS BIGINT) FROM json_each($1))))
             ORDER BY r.chain, r.position",
        )
        .bind(visits);
        self.condemned(rows).await
    }

    /// The records that come from addresses to be forgotten, and what was noted of the visits that asked for them.
    pub async fn evidence_to_forget(&self, forget: &Forget) -> Result<Vec<Condemned>, StoreError> {
        macro_rules! records {
            ($r:literal, $p:literal) => {
                concat!(
                    "SELECT r.chain, r.file, f.name, r.position, r.bytes
                     FROM evidence_record r JOIN evidence_file f ON f.chain = r.chain AND f.number = r.file
                     WHERE r.gone IS NULL AND r.kind <> 'warcinfo' AND (",
                    $r,
                    "
                        OR (r.kind = 'metadata'
                            AND r.visit IN (SELECT r.visit FROM evidence_record r WHERE ",
                    $r,
                    "
                                            UNION SELECT p.visit FROM page p WHERE ",
                    $p,
                    "
                                            UNION SELECT v.id FROM visit v JOIN page p ON p.visit = v.same_as WHERE ",
                    $p,
                    ")))
                     ORDER BY r.chain, r.position"
                )
            };
        }
        self.condemned(forget.of(
            records!("r.url = $1", "(p.url = $1 OR p.requested = $1)"),
            records!(
                "substr(r.url, 1, length($1)) = $1",
                "(substr(p.url, 1, length($1)) = $1 OR substr(p.requested, 1, length($1)) = $1)"
            ),
        ))
        .await
    }

    async fn condemned(&self, statement: Query<Row>) -> Result<Vec<Condemned>, StoreError> {
        let rows = statement.fetch_all(&self.readers).await.map_err(|error| self.error(DOING, error))?;
        let read = |row: &Row| -> Result<_, sqlx::Error> {
            Ok(Condemned {
                chain: ChainId(row.try_get("chain")?),
                number: row.number("file")?,
                file: row.try_get("name")?,
                position: row.number("position")?,
                bytes: row.number("bytes")?,
            })
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| self.error(DOING, error))
    }

    /// The records of a file whose bytes are there, in order.
    pub async fn file_records(&self, chain: ChainId, number: u32) -> Result<Vec<Staying>, StoreError> {
        let rows = query(
            "SELECT position, start, bytes, kind = 'warcinfo' AS about FROM evidence_record
             WHERE chain = $1 AND file = $2 AND gone IS NULL ORDER BY position",
        )
        .bind(chain.0)
        .bind(i64::from(number))
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error(DOING, error))?;
        let read = |row: &Row| -> Result<_, sqlx::Error> {
            Ok(Staying {
                position: row.number("position")?,
                offset: row.number("start")?,
                bytes: row.number("bytes")?,
                about: row.try_get("about")?,
            })
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| self.error(DOING, error))
    }

    /// A file has been written anew under another name, with these records (at their new offsets) and no others. From here on
    /// the old one belongs to nothing.
    ///
    /// `seen` is the newest visit of the time at which it was decided what goes. When a later one repeats an answer that
    /// goes, nothing is changed: [`StoreError::Overtaken`].
    pub async fn replace_evidence_file(
        &self,
        (chain, number): (ChainId, u32),
        (name, bytes): (&str, u64),
        staying: &[Staying],
        seen: Option<VisitId>,
    ) -> Result<(), StoreError> {
        let now = time_text(self.clock.now());
        let work = async {
            let mut transaction = self.writer.begin().await?;
            query("UPDATE evidence_file SET name = $3, bytes = $4 WHERE chain = $1 AND number = $2")
                .bind(chain.0)
                .bind(i64::from(number))
                .bind(name)
                .bind(count(bytes))
                .execute(&mut transaction)
                .await?;
            let positions: Vec<u64> = staying.iter().map(|record| record.position).collect();
            query(
                "UPDATE evidence_record SET gone = $3 WHERE chain = $1 AND file = $2 AND gone IS NULL
                 AND position NOT IN (SELECT CAST(value AS BIGINT) FROM json_each($4))",
            )
            .bind(chain.0)
            .bind(i64::from(number))
            .bind(&now)
            .bind(serde_json::json!(positions).to_string())
            .execute(&mut transaction)
            .await?;
            // A visit that was stored meanwhile may repeat one of them.
            let missed: Option<i64> = query_scalar(
                "SELECT r.position FROM evidence_record r JOIN evidence_record k
                     ON k.refers_to = r.name AND k.payload = r.payload AND k.gone IS NULL AND k.visit > $4
                 WHERE r.chain = $1 AND r.file = $2 AND r.gone = $3 AND r.kind = 'response' LIMIT 1",
            )
            .bind(chain.0)
            .bind(i64::from(number))
            .bind(&now)
            .bind(seen.map_or(0, |seen| seen.0))
            .fetch_optional(&mut transaction)
            .await?;
            if missed.is_some() {
                return Err(Overtaken.into());
            }
            for record in staying {
                query("UPDATE evidence_record SET start = $3 WHERE chain = $1 AND position = $2")
                    .bind(chain.0)
                    .bind(count(record.position))
                    .bind(count(record.offset))
                    .execute(&mut transaction)
                    .await?;
            }
            transaction.commit().await
        };
        work.await.map_err(|error| self.error(DOING, error))
    }

    /// The visit that was stored last.
    pub async fn newest_visit(&self) -> Result<Option<VisitId>, StoreError> {
        let newest: Option<i64> = query_scalar("SELECT max(id) FROM visit")
            .fetch_one(&self.readers)
            .await
            .map_err(|error| self.error(DOING, error))?;
        Ok(newest.map(VisitId))
    }

    /// All files of evidence that are known, with the bytes of each that were committed: none of one that is just being
    /// begun, or of which everything was let go.
    pub async fn evidence_file_names(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = query("SELECT name, bytes FROM evidence_file ORDER BY chain, number")
            .fetch_all(&self.readers)
            .await
            .map_err(|error| self.error(DOING, error))?;
        let read = |row: &Row| -> Result<_, sqlx::Error> { Ok((row.try_get("name")?, row.number("bytes")?)) };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| self.error(DOING, error))
    }

    /// The visits whose details go when only so much is kept, and about how many bytes that frees in the database. Those that saw
    /// the same have their details in common: they go together, when the last of them may.
    pub async fn old_details(&self, keep: Keep) -> Result<(Vec<VisitId>, u64), StoreError> {
        let statement = query(concat!(
            "SELECT v.id, (SELECT max(m.started) FROM visit m WHERE m.id = v.id OR m.same_as = v.id) AS started, CAST(",
            detail_bytes!(),
            " AS BIGINT) AS bytes, v.id IN (SELECT coalesce(k.same_as, k.id) FROM visit k WHERE k.id IN (",
            protected!(),
            ")) AS protected
             FROM visit v WHERE v.same_as IS NULL AND v.pared IS NULL ORDER BY 2 DESC, v.id DESC"
        ));
        let (holders, bytes) = self.beyond(statement, keep).await?;
        if holders.is_empty() {
            return Ok((holders, bytes));
        }
        let with = query_scalar(
            "WITH gone AS MATERIALIZED (SELECT key AS place, CAST(value AS BIGINT) AS id FROM json_each($1))
             SELECT v.id FROM gone g JOIN visit v ON v.id = g.id OR v.same_as = g.id ORDER BY g.place, v.id",
        );
        let with = with.bind(ids(&holders)).fetch_all(&self.readers).await.map_err(|error| self.error(DOING, error))?;
        Ok((with.into_iter().map(VisitId).collect(), bytes))
    }

    /// Removes the pages, signals, ways and unread links of visits that have been listed with all that have them in common. Their
    /// findings and coverage stay. What a visit that was stored since then refers to stays whole.
    pub async fn drop_details(&self, visits: &[VisitId]) -> Result<(), StoreError> {
        const AT_ONCE: usize = 500; // so that a run is not kept waiting
        // Whatever came after the list was made has a higher number than all in it.
        let Some(newest) = visits.iter().max() else { return Ok(()) };
        let work = async {
            for some in visits.chunks(AT_ONCE) {
                let now = time_text(self.clock.now());
                let mut transaction = self.writer.begin().await?;
                let holders: Vec<i64> = query_scalar(
                    "SELECT v.id FROM visit v
                     WHERE v.same_as IS NULL AND v.id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))
                       AND NOT EXISTS (SELECT 1 FROM visit m WHERE m.same_as = v.id AND m.id > $2)",
                )
                .bind(ids(some))
                .bind(newest.0)
                .fetch_all(&mut transaction)
                .await?;
                let holders = serde_json::json!(holders).to_string();
                for statement in [
                    "DELETE FROM page WHERE visit IN (SELECT CAST(value AS BIGINT) FROM json_each($1))",
                    "DELETE FROM signal WHERE finding IN
                         (SELECT f.id FROM finding f WHERE f.visit IN (SELECT CAST(value AS BIGINT) FROM json_each($1)))",
                ] {
                    query(statement).bind(&holders).execute(&mut transaction).await?;
                }
                // Without a digest: a later visit that sees the same is stored in full.
                query(
                    "UPDATE visit SET path = '[]', left_unread = '[]', digest = NULL, pared = $2
                     WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))",
                )
                .bind(&holders)
                .bind(&now)
                .execute(&mut transaction)
                .await?;
                transaction.commit().await?;
            }
            Ok(())
        };
        work.await.map_err(|error| self.error(DOING, error))
    }

    /// How many pages and signals of the database say something that was read at addresses to be forgotten.
    pub async fn details_to_forget(&self, forget: &Forget) -> Result<u64, StoreError> {
        let row = forget
            .of(
                "SELECT (SELECT count(*) FROM signal WHERE url = $1 AND excerpt <> '')
                      + (SELECT count(*) FROM page WHERE (url = $1 OR requested = $1) AND title IS NOT NULL) AS found",
                "SELECT (SELECT count(*) FROM signal WHERE substr(url, 1, length($1)) = $1 AND excerpt <> '')
                      + (SELECT count(*) FROM page WHERE (substr(url, 1, length($1)) = $1
                                                          OR substr(requested, 1, length($1)) = $1)
                                                     AND title IS NOT NULL) AS found",
            )
            .fetch_one(&self.readers)
            .await
            .map_err(|error| self.error(DOING, error))?;
        row.number("found").map_err(|error| self.error(DOING, error))
    }

    /// Removes what pages at addresses to be forgotten said: titles, excerpts, labels. Rules, outcomes, digests and the addresses
    /// themselves stay.
    pub async fn forget_details(&self, forget: &Forget) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            // Without a digest: a later visit that sees the words again is stored in full.
            forget
                .of(
                    "UPDATE visit SET digest = NULL WHERE digest IS NOT NULL AND id IN
                         (SELECT f.visit FROM signal s JOIN finding f ON f.id = s.finding WHERE s.url = $1
                          UNION SELECT p.visit FROM page p WHERE p.url = $1 OR p.requested = $1)",
                    "UPDATE visit SET digest = NULL WHERE digest IS NOT NULL AND id IN
                         (SELECT f.visit FROM signal s JOIN finding f ON f.id = s.finding
                          WHERE substr(s.url, 1, length($1)) = $1
                          UNION SELECT p.visit FROM page p
                          WHERE substr(p.url, 1, length($1)) = $1 OR substr(p.requested, 1, length($1)) = $1)",
                )
                .execute(&mut transaction)
                .await?;
            forget
                .of(
                    "UPDATE signal SET excerpt = '', label = NULL WHERE url = $1",
                    "UPDATE signal SET excerpt = '', label = NULL WHERE substr(url, 1, length($1)) = $1",
                )
                .execute(&mut transaction)
                .await?;
            forget
                .of(
                    "UPDATE page SET title = NULL WHERE url = $1 OR requested = $1",
                    "UPDATE page SET title = NULL WHERE substr(url, 1, length($1)) = $1
                                                     OR substr(requested, 1, length($1)) = $1",
                )
                .execute(&mut transaction)
                .await?;
            transaction.commit().await
        };
        work.await.map_err(|error| self.error(DOING, error))
    }

    /// Whether the details of a visit were removed.
    pub async fn is_pared(&self, visit: VisitId) -> Result<bool, StoreError> {
        query_scalar(
            "SELECT h.pared IS NOT NULL FROM visit v JOIN visit h ON h.id = coalesce(v.same_as, v.id) WHERE v.id = $1",
        )
        .bind(visit.0)
        .fetch_optional(&self.readers)
        .await
        .map(|pared| pared.unwrap_or(false))
        .map_err(|error| self.error(DOING, error))
    }
}

fn ids(visits: &[VisitId]) -> String {
    let ids: Vec<i64> = visits.iter().map(|visit| visit.0).collect();
    serde_json::json!(ids).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_what_is_protected_stays() {
        let day = |day: i64| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * day);
        let visits = || {
            [(5, 50, false), (4, 40, false), (3, 30, true), (2, 20, false), (1, 10, false)]
                .map(|(id, bytes, protected)| (VisitId(id), day(id), bytes, protected))
        };
        let gone = |keep: Keep| keep.beyond(visits()).0.into_iter().map(|visit| visit.0).collect::<Vec<_>>();
        assert!(gone(Keep::default()).is_empty());
        assert_eq!(gone(Keep { since: Some(day(4)), most: None }), [2, 1]);
        assert_eq!(gone(Keep { since: None, most: Some(120) }), [2, 1], "30 protected ones count too");
        assert_eq!(gone(Keep { since: None, most: Some(140) }), [1]);
        assert_eq!(gone(Keep { since: None, most: Some(0) }), [5, 4, 2, 1]);
        assert_eq!(gone(Keep { since: Some(day(9)), most: Some(9000) }), [5, 4, 2, 1]);
    }
}
