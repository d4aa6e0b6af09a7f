//! Time stamps of roots: which there are, which roots have none.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    ChainId, RunId, Store, StoreError,
    codes::{Columns as _, count, time_text},
    sql::{Row, query},
};

/// A root that can be stamped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unstamped {
    /// Its chain.
    pub chain: ChainId,
    /// The run of that; `None` for `check --save`.
    pub run: Option<RunId>,
    /// Records of the chain.
    pub records: u64,
    /// Digest of the last one.
    pub root: String,
}

/// A stamp that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StampRow {
    /// The chain.
    pub chain: ChainId,
    /// Records of the chain when its root was this.
    pub records: u64,
    /// What was stamped.
    pub root: String,
    /// Address of the authority.
    pub authority: String,
    /// When, by the authority's clock.
    pub stamped: Timestamp,
    /// The authority's policy.
    pub policy: String,
    /// The stamp's number there, hexadecimal.
    pub serial: String,
    /// The answer as received.
    #[serde(skip)]
    pub answer: Vec<u8>,
}

impl Store {
    /// The roots without a stamp, oldest first: of chains to which nothing is being added, or the one of a run whatever its
    /// state. At most `limit`.
    pub async fn unstamped(&self, run: Option<RunId>, limit: usize) -> Result<Vec<Unstamped>, StoreError> {
        let rows = query(
            "SELECT c.id, c.run, c.records, c.root FROM evidence_chain c
             WHERE c.records > 0 AND NOT EXISTS (SELECT 1 FROM stamp s WHERE s.chain = c.id AND s.root = c.root)
               AND (c.run = $1 OR ($1 IS NULL AND NOT EXISTS
                    (SELECT 1 FROM evidence_file f WHERE f.chain = c.id AND NOT f.closed)))
             ORDER BY c.id LIMIT $2",
        )
        .bind(run.map(|run| run.0))
        .bind(count(limit as u64))
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error("reading the stamps", error))?;
        let one = |row: &Row| {
            Ok(Unstamped {
                chain: ChainId(row.try_get("id")?),
                run: row.try_get::<Option<i64>>("run")?.map(RunId),
                records: row.number("records")?,
                root: row.try_get("root")?,
            })
        };
        rows.iter()
            .map(one)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|error| self.error("reading the stamps", error))
    }

    /// Keeps a stamp; a second one of the same root is not kept.
    pub async fn add_stamp(&self, stamp: &StampRow) -> Result<(), StoreError> {
        query(
            "INSERT INTO stamp (chain, records, root, authority, stamped, policy, serial, answer)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (chain, root) DO NOTHING",
        )
        .bind(stamp.chain.0)
        .bind(count(stamp.records))
        .bind(&stamp.root)
        .bind(&stamp.authority)
        .bind(time_text(stamp.stamped))
        .bind(&stamp.policy)
        .bind(&stamp.serial)
        .bind(STANDARD.encode(&stamp.answer))
        .execute(&self.writer)
        .await
        .map_err(|error| self.error("storing a stamp", error))?;
        Ok(())
    }

    /// The stamps of a chain, in the order of the chain.
    pub async fn stamps(&self, chain: ChainId) -> Result<Vec<StampRow>, StoreError> {
        let rows = query("SELECT * FROM stamp WHERE chain = $1 ORDER BY records, id")
            .bind(chain.0)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| self.error("reading the stamps", error))?;
        let one = |row: &Row| {
            Ok(StampRow {
                chain: ChainId(row.try_get("chain")?),
                records: row.number("records")?,
                root: row.try_get("root")?,
                authority: row.try_get("authority")?,
                stamped: row.time("stamped")?,
                policy: row.try_get("policy")?,
                serial: row.try_get("serial")?,
                answer: STANDARD
                    .decode(row.try_get::<&str>("answer")?)
                    .map_err(|error| sqlx::Error::Decode(error.into()))?,
            })
        };
        rows.iter()
            .map(one)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|error| self.error("reading the stamps", error))
    }
}
