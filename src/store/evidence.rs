//! Which bytes are kept of what was seen: chains, files and records of [`crate::evidence`].

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    evidence::{Batch, Earlier, Expected, ExpectedFile, ExpectedRecord, Kind, Known, Tip},
    model::Visit,
};

use super::{
    RunId, Store, StoreError, VisitId,
    codes::{Columns, count, time_text},
    error::Overtaken,
    sql::{Connection, Row, query, query_scalar},
};

/// Names one chain of records. Never used twice within a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ChainId(pub i64);

impl std::fmt::Display for ChainId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A chain as it was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainStart {
    /// The chain.
    pub id: ChainId,
    /// How far it is written.
    pub tip: Tip,
    /// Its last file: number, name, bytes that were committed.
    pub last: Option<(u32, String, u64)>,
}

/// A chain in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainInfo {
    /// The chain.
    pub id: ChainId,
    /// Its run; `None` for a visit stored by `check --save`.
    pub run: Option<RunId>,
    /// When it was begun.
    pub begun: Timestamp,
    /// Records.
    pub records: u64,
    /// Digest of the last one.
    pub root: String,
    /// Files.
    pub files: u64,
    /// Bytes of all files.
    pub bytes: u64,
}

/// A record as the index has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordRow {
    /// Its chain.
    pub chain: ChainId,
    /// Its place there, from 0.
    pub position: u64,
    /// Its file.
    pub file: String,
    /// Bytes of the file before it.
    pub offset: u64,
    /// Bytes of it in the file.
    pub bytes: u64,
    /// The `WARC-Type`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The address it is about.
    pub url: Option<String>,
    /// Its date.
    pub dated: Timestamp,
    /// SHA-256 of its bytes in the file.
    pub link: String,
    /// SHA-256 of the body as received.
    pub payload: Option<String>,
    /// SHA-256 of what the rules read in it.
    pub body: Option<String>,
    /// Id of the record that holds the payload of a revisit.
    pub refers_to: Option<String>,
    /// The visit.
    pub visit: Option<VisitId>,
    /// Place of its page in the visit.
    pub page: Option<usize>,
}

/// Which records are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// Those of a visit.
    OfVisit(VisitId),
    /// Those with this payload, or read as this body; all 64 digits.
    WithDigest(String),
}

macro_rules! records_where {
    ($which:literal) => {
        concat!(
            "SELECT r.chain, r.position, f.name AS file, r.start, r.bytes, r.kind, r.name, r.url, r.dated, r.link, r.payload,
            r.body, r.refers_to, r.visit, r.page
             FROM evidence_record r JOIN evidence_file f ON f.chain = r.chain AND f.number = r.file WHERE ",
            $which
        )
    };
}

impl Store {
    /// The chain of a run, made when it has none yet; a new one where there is no run.
    pub async fn begin_chain(&self, run: Option<RunId>) -> Result<ChainStart, StoreError> {
        self.try_begin_chain(run).await.map_err(|error| self.error("beginning the evidence", error))
    }

    async fn try_begin_chain(&self, run: Option<RunId>) -> Result<ChainStart, sqlx::Error> {
        let mut transaction = self.writer.begin().await?;
        let known = query("SELECT id, records, root FROM evidence_chain WHERE run = $1")
            .bind(run.map(|run| run.0))
            .fetch_optional(&mut transaction)
            .await?;
        let (id, tip) = if let Some(row) = known {
            (row.try_get("id")?, Tip { records: row.number("records")?, link: row.try_get("root")? })
        } else {
            let tip = Tip::default();
            let id: i64 = query_scalar(
                "INSERT INTO evidence_chain (run, begun, records, root) VALUES ($1, $2, 0, $3) RETURNING id",
            )
            .bind(run.map(|run| run.0))
            .bind(time_text(self.clock.now()))
            .bind(&tip.link)
            .fetch_one(&mut transaction)
            .await?;
            (id, tip)
        };
        let last = query("SELECT number, name, bytes FROM evidence_file WHERE chain = $1 ORDER BY number DESC LIMIT 1")
            .bind(id)
            .fetch_optional(&mut transaction)
            .await?;
        let last = last
            .map(|row| Ok::<_, sqlx::Error>((row.number("number")?, row.try_get("name")?, row.number("bytes")?)))
            .transpose()?;
        query("UPDATE evidence_file SET closed = FALSE WHERE chain = $1 AND number = $2")
            .bind(id)
            .bind(last.as_ref().map(|(number, ..): &(u32, String, u64)| i64::from(*number)))
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(ChainStart { id: ChainId(id), tip, last })
    }

    /// Makes a file known before it is made; the one before it gets no more records.
    pub async fn add_evidence_file(&self, chain: ChainId, number: u32, name: &str) -> Result<(), StoreError> {
        let add = async {
            let mut transaction = self.writer.begin().await?;
            query("UPDATE evidence_file SET closed = TRUE WHERE chain = $1")
                .bind(chain.0)
                .execute(&mut transaction)
                .await?;
            query("INSERT INTO evidence_file (chain, number, name, bytes, closed) VALUES ($1, $2, $3, 0, FALSE)")
                .bind(chain.0)
                .bind(i64::from(number))
                .bind(name)
                .execute(&mut transaction)
                .await?;
            transaction.commit().await
        };
        add.await.map_err(|error| self.error("beginning a file of evidence", error))
    }

    /// Nothing more is added to the files of a chain.
    pub async fn close_chain(&self, chain: ChainId) -> Result<(), StoreError> {
        query("UPDATE evidence_file SET closed = TRUE WHERE chain = $1 AND NOT closed")
            .bind(chain.0)
            .execute(&self.writer)
            .await
            .map_err(|error| self.error("closing the evidence", error))?;
        Ok(())
    }

    /// Files that may have a tail that was never committed: name and bytes that were.
    pub async fn open_evidence_files(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = query("SELECT name, bytes FROM evidence_file WHERE NOT closed")
            .fetch_all(&self.readers)
            .await
            .map_err(|error| self.error("reading the evidence", error))?;
        let read = |row: &Row| Ok((row.try_get("name")?, row.number("bytes")?));
        rows.iter()
            .map(read)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|error| self.error("reading the evidence", error))
    }

    /// The response records that hold these payloads (address, digest as received) already.
    pub async fn known_payloads(&self, wanted: &[(String, String)]) -> Result<Known, StoreError> {
        let mut known = Known::new();
        for (url, payload) in wanted {
            let row = query(
                "SELECT name, dated FROM evidence_record
                 WHERE payload = $1 AND kind = 'response' AND url = $2 AND gone IS NULL
                 ORDER BY chain, position LIMIT 1",
            )
            .bind(payload)
            .bind(url)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| self.error("reading the evidence", error))?;
            let Some(row) = row else { continue };
            let earlier = (|| Ok(Earlier { id: row.try_get("name")?, date: row.time("dated")? }))();
            let earlier = earlier.map_err(|error| self.error("reading the evidence", error))?;
            known.insert((url.clone(), payload.clone()), earlier);
        }
        Ok(known)
    }

    /// [`Store::record_visit`] with the evidence of the visit, in one transaction. The bytes are on the disk already.
    pub async fn record_visit_kept(
        &self,
        run: RunId,
        position: usize,
        visit: &Visit,
        chain: ChainId,
        batch: &Batch,
    ) -> Result<VisitId, StoreError> {
        self.try_record_visit(run, position, visit, Some((chain, batch)))
            .await
            .map_err(|error| self.error("storing a visit", error))?
            .ok_or(StoreError::NotPending { run, position })
    }

    /// [`Store::save_visit`] with the evidence of the visit, in one transaction. The bytes are on the disk already.
    pub async fn save_visit_kept(&self, visit: &Visit, chain: ChainId, batch: &Batch) -> Result<VisitId, StoreError> {
        self.try_save_visit(visit, Some((chain, batch))).await.map_err(|error| self.error("storing a visit", error))
    }

    /// Every chain, or that of a run, oldest first.
    pub async fn chains(&self, run: Option<RunId>) -> Result<Vec<ChainInfo>, StoreError> {
        let rows = query(
            "SELECT c.id, c.run, c.begun, c.records, c.root, count(f.number) AS files, CAST(coalesce(sum(f.bytes), 0) AS BIGINT) AS bytes
             FROM evidence_chain c LEFT JOIN evidence_file f ON f.chain = c.id
             WHERE $1 IS NULL OR c.run = $1 GROUP BY c.id ORDER BY c.id",
        )
        .bind(run.map(|run| run.0))
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error("reading the evidence", error))?;
        let read = |row: &Row| {
            Ok(ChainInfo {
                id: ChainId(row.try_get("id")?),
                run: row.try_get::<Option<i64>>("run")?.map(RunId),
                begun: row.time("begun")?,
                records: row.number("records")?,
                root: row.try_get("root")?,
                files: row.number("files")?,
                bytes: row.number("bytes")?,
            })
        };
        rows.iter()
            .map(read)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|error| self.error("reading the evidence", error))
    }

    /// What a chain should hold, and the visit of each record. Some 200 bytes for each record.
    pub async fn expected_evidence(&self, chain: ChainId) -> Result<(Expected, Vec<Option<VisitId>>), StoreError> {
        self.try_expected(chain).await.map_err(|error| self.error("reading the evidence", error))
    }

    async fn try_expected(&self, chain: ChainId) -> Result<(Expected, Vec<Option<VisitId>>), sqlx::Error> {
        let mut transaction = self.readers.begin_reading().await?;
        let root: String = query_scalar("SELECT root FROM evidence_chain WHERE id = $1")
            .bind(chain.0)
            .fetch_one(&mut transaction)
            .await?;
        let rows = query("SELECT number, name, bytes, closed FROM evidence_file WHERE chain = $1 ORDER BY number")
            .bind(chain.0)
            .fetch_all(&mut transaction)
            .await?;
        let (mut numbers, mut files): (Vec<i64>, Vec<ExpectedFile>) = (Vec::new(), Vec::new());
        for row in &rows {
            numbers.push(row.try_get("number")?);
            files.push(ExpectedFile {
                name: row.try_get("name")?,
                bytes: row.number("bytes")?,
                closed: row.try_get("closed")?,
            });
        }
        let rows = query(
            "SELECT file, start, bytes, link, payload, body, visit, gone IS NOT NULL AS gone FROM evidence_record WHERE chain = $1
             ORDER BY position",
        )
        .bind(chain.0)
        .fetch_all(&mut transaction)
        .await?;
        let (mut records, mut visits) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in &rows {
            let number: i64 = row.try_get("file")?;
            records.push(ExpectedRecord {
                // The foreign key holds that there is such a file.
                file: numbers.iter().position(|known| *known == number).unwrap_or(usize::MAX),
                offset: row.number("start")?,
                length: row.number("bytes")?,
                link: row.try_get("link")?,
                payload: row.try_get("payload")?,
                body: row.try_get("body")?,
                gone: row.try_get("gone")?,
            });
            visits.push(row.try_get::<Option<i64>>("visit")?.map(VisitId));
        }
        Ok((Expected { files, records, root }, visits))
    }

    /// Records, in the order in which they were written.
    pub async fn evidence_records(&self, wanted: &Records) -> Result<Vec<RecordRow>, StoreError> {
        let rows = match wanted {
            Records::OfVisit(visit) => {
                query(records_where!("r.visit = $1 AND r.gone IS NULL ORDER BY r.chain, r.position")).bind(visit.0)
            }
            Records::WithDigest(digest) => {
                query(records_where!("(r.payload = $1 OR r.body = $1) AND r.gone IS NULL ORDER BY r.chain, r.position"))
                    .bind(digest)
            }
        };
        let rows = rows.fetch_all(&self.readers).await;
        let rows = rows.map_err(|error| self.error("reading the evidence", error))?;
        rows.iter().map(record).collect::<Result<_, _>>().map_err(|error| self.error("reading the evidence", error))
    }

    /// The record that holds the payload of a revisit.
    pub async fn evidence_behind(&self, revisit: &RecordRow) -> Result<Option<RecordRow>, StoreError> {
        let row =
            query(records_where!("r.payload = $1 AND r.kind = 'response' AND r.name = $2 AND r.gone IS NULL LIMIT 1"))
                .bind(&revisit.payload)
                .bind(&revisit.refers_to)
                .fetch_optional(&self.readers)
                .await;
        let row = row.map_err(|error| self.error("reading the evidence", error))?;
        row.as_ref().map(record).transpose().map_err(|error| self.error("reading the evidence", error))
    }

    /// The visits of which bytes are kept: all, those of a run, or those of a comune (by name, code or site).
    pub async fn visits_with_evidence(
        &self,
        run: Option<RunId>,
        comune: Option<&str>,
    ) -> Result<Vec<VisitId>, StoreError> {
        let ids: Vec<i64> = query_scalar(
            "SELECT v.id FROM visit v JOIN site s ON s.id = v.site LEFT JOIN comune c ON c.id = v.comune
             WHERE EXISTS (SELECT 1 FROM evidence_record r WHERE r.visit = v.id AND r.kind = 'metadata' AND r.gone IS NULL)
               AND ($1 IS NULL OR v.run = $1)
               AND ($2 IS NULL OR coalesce(v.url, s.url) = $2 OR lower(c.codice_ipa) = $3 OR c.codice_istat = $2
                    OR lower(c.codice_catastale) = $3 OR c.codice_fiscale = $2
                    OR lower(c.name) IN ($3, 'comune di ' || $3))
             ORDER BY v.id",
        )
        .bind(run.map(|run| run.0))
        .bind(comune)
        .bind(comune.map(str::to_ascii_lowercase))
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error("reading the evidence", error))?;
        Ok(ids.into_iter().map(VisitId).collect())
    }
}

fn record(row: &Row) -> Result<RecordRow, sqlx::Error> {
    Ok(RecordRow {
        chain: ChainId(row.try_get("chain")?),
        position: row.number("position")?,
        file: row.try_get("file")?,
        offset: row.number("start")?,
        bytes: row.number("bytes")?,
        kind: row.try_get("kind")?,
        id: row.try_get("name")?,
        url: row.try_get("url")?,
        dated: row.time("dated")?,
        link: row.try_get("link")?,
        payload: row.try_get("payload")?,
        body: row.try_get("body")?,
        refers_to: row.try_get("refers_to")?,
        visit: row.try_get::<Option<i64>>("visit")?.map(VisitId),
        page: row.number_option("page")?,
    })
}

/// Writes down what a visit added to a chain.
pub(super) async fn insert_batch(
    connection: &mut Connection,
    visit: VisitId,
    chain: ChainId,
    batch: &Batch,
) -> Result<(), sqlx::Error> {
    query("UPDATE evidence_file SET bytes = $3 WHERE chain = $1 AND number = $2")
        .bind(chain.0)
        .bind(i64::from(batch.file))
        .bind(count(batch.file_bytes))
        .execute(&mut *connection)
        .await?;
    query("UPDATE evidence_chain SET records = $2, root = $3 WHERE id = $1")
        .bind(chain.0)
        .bind(count(batch.tip.records))
        .bind(&batch.tip.link)
        .execute(&mut *connection)
        .await?;
    for record in &batch.records {
        query(
            "INSERT INTO evidence_record (chain, position, file, start, bytes, kind, name, url, dated, link, payload,
                                          body, refers_to, visit, page)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(chain.0)
        .bind(count(record.position))
        .bind(i64::from(batch.file))
        .bind(count(record.offset))
        .bind(count(record.length))
        .bind(record.kind.code())
        .bind(&record.id)
        .bind(&record.url)
        .bind(time_text(record.date))
        .bind(&record.link)
        .bind(&record.payload)
        .bind(&record.body)
        .bind(&record.refers_to)
        .bind(visit.0)
        .bind(record.page.map(|page| count(page as u64)))
        .execute(&mut *connection)
        .await?;
        // What it repeats was looked up before this transaction, and may have been let go since.
        if let (Kind::Revisit, Some(behind)) = (record.kind, &record.refers_to) {
            let there: Option<i64> = query_scalar(
                "SELECT position FROM evidence_record
                 WHERE payload = $1 AND kind = 'response' AND name = $2 AND gone IS NULL LIMIT 1",
            )
            .bind(&record.payload)
            .bind(behind)
            .fetch_optional(&mut *connection)
            .await?;
            there.ok_or(Overtaken)?;
        }
    }
    Ok(())
}
