//! Letting go of what is old: bytes of evidence, details of visits, and whatever came from an address to be forgotten.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use jiff::Timestamp;
use serde::Serialize;

use super::KeepError;
use crate::{
    evidence,
    store::{ChainId, Condemned, Forget, Keep, Staying, Store, VisitId},
};

/// What is to be let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prune {
    /// What is older, or more, than is to be kept.
    Old {
        /// Of evidence.
        evidence: Keep,
        /// Of the details of visits: pages, signals, ways, unread links.
        details: Keep,
        /// Of letters, those that were sent before this lose their bytes.
        letters: Option<Timestamp>,
    },
    /// What came from some addresses.
    Forget(Forget),
}

/// What was let go, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Pruned {
    /// Records of evidence whose bytes go; their digests stay.
    pub records: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Files that are written anew or removed.
    pub files: usize,
    /// Visits whose details go, or pages and signals whose words do.
    pub details: u64,
    /// About how many bytes that frees in the database.
    pub detail_bytes: u64,
    /// Letters whose bytes go; digest, subject and days stay.
    pub letters: u64,
    /// Bytes of them.
    pub letter_bytes: u64,
}

/// Lets go, or with `dry` only says what would. The caller holds the lock of the database, so that no run writes meanwhile. A
/// `check --save` may: what it stores and what goes are held against each other in the transactions of both.
///
/// Each file of evidence is written anew beside the old one, then the store hears of it, then the old one is removed. A cut at
/// any moment leaves a file that nobody knows; the next call removes it.
pub async fn prune(store: &Store, folder: &Path, what: &Prune, dry: bool) -> Result<Pruned, KeepError> {
    let seen = store.newest_visit().await?;
    let (condemned, visits, details, detail_bytes) = match what {
        Prune::Old { evidence, details, .. } => {
            let (visits, bytes) = store.old_details(*details).await?;
            let count = visits.len() as u64;
            (store.old_evidence(*evidence).await?, visits, count, bytes)
        }
        Prune::Forget(forget) => {
            (store.evidence_to_forget(forget).await?, Vec::new(), store.details_to_forget(forget).await?, 0)
        }
    };
    let mut files: BTreeMap<(ChainId, u32), (String, BTreeSet<u64>)> = BTreeMap::new();
    let sent_before = match what {
        Prune::Old { letters, .. } => *letters,
        Prune::Forget(_) => None,
    };
    let (letters, letter_bytes) = match sent_before {
        Some(before) => store.old_letters(before).await?,
        None => (0, 0),
    };
    let mut pruned = Pruned { details, detail_bytes, letters, letter_bytes, ..Pruned::default() };
    for Condemned { chain, number, file, position, bytes } in condemned {
        pruned.records += 1;
        pruned.bytes += bytes;
        files.entry((chain, number)).or_insert_with(|| (file, BTreeSet::new())).1.insert(position);
    }
    pruned.files = files.len();
    if dry {
        return Ok(pruned);
    }
    if let Prune::Forget(forget) = what {
        store.forget_details(forget).await?;
    }
    store.drop_details(&visits).await?;
    if let Some(before) = sent_before {
        store.let_go_of_letters(before).await?;
    }
    for (file, (name, condemned)) in files {
        anew(store, folder, file, &name, (&condemned, seen)).await?;
    }
    let known: Vec<String> = store.evidence_file_names().await?.into_iter().map(|(name, _)| name).collect();
    for name in evidence::remove_others(folder, &known)? {
        tracing::debug!(name, "removed a file of evidence that was written anew");
    }
    Ok(pruned)
}

/// Writes one file anew without some of its records.
async fn anew(
    store: &Store,
    folder: &Path,
    (chain, number): (ChainId, u32),
    name: &str,
    (condemned, seen): (&BTreeSet<u64>, Option<VisitId>),
) -> Result<(), KeepError> {
    let mut staying = store.file_records(chain, number).await?;
    staying.retain(|record| !condemned.contains(&record.position));
    if staying.iter().all(|record| record.about) {
        staying.clear();
    }
    let next = next_name(name);
    let places: Vec<(u64, u64)> = staying.iter().map(|record| (record.offset, record.bytes)).collect();
    let bytes = if places.is_empty() {
        0
    } else {
        let (folder, from, to) = (folder.to_path_buf(), name.to_owned(), next.clone());
        let work = move || evidence::compact(&folder, &from, &to, &places);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| evidence::WriteError { path: name.into(), source: std::io::Error::other(error) })??
    };
    let mut offset = 0;
    let moved: Vec<Staying> = staying
        .iter()
        .map(|record| {
            let moved = Staying { offset, ..*record };
            offset += record.bytes;
            moved
        })
        .collect();
    store.replace_evidence_file((chain, number), (&next, bytes), &moved, seen).await?;
    Ok(())
}

/// `run-000001-0001.warc.gz`, `run-000001-0001-r1.warc.gz`, `run-000001-0001-r2.warc.gz`, ...
fn next_name(name: &str) -> String {
    let stem = name.strip_suffix(".warc.gz").unwrap_or(name);
    let (stem, number) = stem
        .rsplit_once("-r")
        .and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?)))
        .unwrap_or((stem, 0));
    format!("{stem}-r{}.warc.gz", number.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_a_file_is_written_anew_it_has_another_name() {
        let first = next_name("run-000001-0001.warc.gz");
        assert_eq!(first, "run-000001-0001-r1.warc.gz");
        assert_eq!(next_name(&first), "run-000001-0001-r2.warc.gz");
        assert_eq!(next_name("check-000009-0002-r9.warc.gz"), "check-000009-0002-r10.warc.gz");
    }
}
