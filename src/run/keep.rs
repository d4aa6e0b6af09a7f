//! Evidence on its way to the disk: before the store hears of a visit, the bytes behind it are flushed.

use std::path::{Path, PathBuf};

use crate::{
    evidence::{self, Batch, Kept, Tip, WriteError, Writer},
    model::Visit,
    store::{ChainId, RunId, Store, StoreError, VisitId},
};

/// Evidence could not be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// A file could not be written.
    #[error("evidence: {0}")]
    Write(#[from] WriteError),
    /// The database could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the evidence of one run, or of one `check --save`.
///
/// The order holds whatever happens in between: the database knows a file before it is made, records are flushed
/// before the visit that they belong to is committed. A crash leaves at most a tail behind what was committed, which
/// the next start cuts off.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    chain: ChainId,
    name: String,
    /// Number of the last file of the chain.
    number: u32,
    /// Away while it writes; gone for good after a write that failed.
    writer: Option<Writer>,
}

impl Keeper {
    /// Begins, or takes up, the chain of a run; a new one where there is no run. Cuts off what crashes have left in
    /// the folder. `agent` is the name told to servers.
    pub async fn begin(store: &Store, folder: &Path, run: Option<RunId>, agent: &str) -> Result<Self, KeepError> {
        let start = store.begin_chain(run).await?;
        let mut writer = Writer::new(folder, start.tip, agent)?;
        for (name, bytes) in store.open_evidence_files().await? {
            let cut = evidence::cut_tail(&folder.join(&name), bytes)?;
            if cut > 0 {
                tracing::info!(file = name, bytes = cut, "cut off evidence of a visit that was never stored");
            }
        }
        let number = start.last.as_ref().map_or(0, |(number, ..)| *number);
        if let Some((number, name, bytes)) = &start.last
            && !writer.go_on(*number, name, *bytes)?
        {
            tracing::warn!(file = name, "the evidence file is not as it was left; a new one goes on");
        }
        let name = match run {
            Some(run) => format!("run-{:06}", run.0),
            None => format!("check-{:06}", start.id.0),
        };
        Ok(Self { store: store.clone(), chain: start.id, name, number, writer: Some(writer) })
    }

    /// The chain.
    pub const fn chain(&self) -> ChainId {
        self.chain
    }

    /// How far the chain is written.
    pub fn tip(&self) -> Tip {
        self.writer.as_ref().map(|writer| writer.tip().clone()).unwrap_or_default()
    }

    /// Flushes the evidence of one visit. Gives the visit back with what the store has to know.
    async fn write(&mut self, visit: Visit, kept: Kept) -> Result<(Visit, Batch), KeepError> {
        let lost = || WriteError { path: PathBuf::new(), source: std::io::Error::other("an earlier write failed") };
        let mut writer = self.writer.take().ok_or_else(lost)?;
        if writer.wants_file() {
            self.number += 1;
            let name = format!("{}-{:04}.warc.gz", self.name, self.number);
            self.store.add_evidence_file(self.chain, self.number, &name).await?;
            writer.begin_file(self.number, &name)?;
        }
        let wanted: Vec<(String, String)> =
            kept.capture.payloads(&visit).map(|(url, digest)| (url.to_string(), digest)).collect();
        let known = self.store.known_payloads(&wanted).await?;
        let now = self.store.clock().now();
        let work = move || {
            let drafts = evidence::compose(&visit, kept.reached, &kept.capture, &known, &writer.tip().link);
            let batch = writer.append(drafts, now);
            (writer, visit, batch)
        };
        let (writer, visit, batch) = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| WriteError { path: PathBuf::new(), source: std::io::Error::other(error) })?;
        let batch = batch?;
        self.writer = Some(writer);
        Ok((visit, batch))
    }

    /// Stores a visit of a run after its evidence.
    pub async fn record(
        &mut self,
        run: RunId,
        position: usize,
        visit: Visit,
        kept: Kept,
    ) -> Result<(Visit, VisitId), KeepError> {
        let (visit, batch) = self.write(visit, kept).await?;
        let id = self.store.record_visit_kept(run, position, &visit, self.chain, &batch).await?;
        Ok((visit, id))
    }

    /// Stores a visit that is part of no run after its evidence.
    pub async fn save(&mut self, visit: Visit, kept: Kept) -> Result<(Visit, VisitId), KeepError> {
        let (visit, batch) = self.write(visit, kept).await?;
        let id = self.store.save_visit_kept(&visit, self.chain, &batch).await?;
        Ok((visit, id))
    }

    /// Nothing more is added.
    pub async fn close(self) -> Result<(), KeepError> {
        Ok(self.store.close_chain(self.chain).await?)
    }
}
