//! `rules measure`: the catalogue against a folder of labelled pages.
//!
//! The folder holds `labels.csv` (`file, url, source_repo, spid, cie, pagopa, appio`, other columns are free) and
//! `pages/`. The answer counts, per platform and source, how many `offered` pages were recognised (recall), how many
//! of those said to be `offered` are (precision), and every page where label and answer differ.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Serialize;
use url::Url;

use super::saved;
use crate::{
    config::Lang,
    model::{PageLabel, Platform},
    report::{clean, table::Table},
    rules::Catalogue,
};

/// Where a page without an address is taken to stand.
const PLACE: &str = "https://pagina.example/";

/// Labels in the order of the confusion table.
const LABELS: [PageLabel; 4] = [PageLabel::Offered, PageLabel::Leads, PageLabel::Mentioned, PageLabel::Absent];

/// What went wrong with the folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// A file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The table of labels is not one.
    #[error("{path}: {message}")]
    Labels {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
}

/// One page where label and answer differ.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// Its source.
    pub source: String,
    /// The platform.
    pub platform: Platform,
    /// What the label says.
    pub label: PageLabel,
    /// What the rules say.
    pub answer: PageLabel,
    /// The rules behind the answer.
    pub rules: Vec<String>,
}

/// Counts of one platform, or of one platform in one source.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// `confusion[label][answer]`, in the order offered, leads, mentioned, absent.
    pub confusion: [[u32; 4]; 4],
}

impl Counts {
    /// Of the pages said to be `offered`, the share that are; `None` when none is.
    pub fn precision(&self) -> Option<f64> {
        share(self.confusion[0][0], self.confusion.iter().map(|row| row[0]).sum())
    }

    /// Of the pages labelled so, the share with that answer; `None` when there is none.
    pub fn recall(&self, label: PageLabel) -> Option<f64> {
        let row = LABELS.iter().position(|known| *known == label)?;
        share(self.confusion[row][row], self.confusion[row].iter().sum())
    }

    /// Pages said to be `offered` whose label is `mentioned` or `absent`.
    pub fn wrong_offers(&self) -> u32 {
        self.confusion[2][0] + self.confusion[3][0]
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// The whole measurement.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Measurement {
    /// Version of the catalogue.
    pub catalogue: String,
    /// Pages measured.
    pub pages: u32,
    /// Counts per platform.
    pub platforms: BTreeMap<Platform, Counts>,
    /// Counts per platform and source.
    pub sources: BTreeMap<String, BTreeMap<Platform, Counts>>,
    /// Every difference.
    pub differences: Vec<Difference>,
}

impl Measurement {
    /// The measurement for people: shares, confusion, every difference by name.
    pub fn text(&self, lang: Lang) -> String {
        let head = lang.pick(
            ["piattaforma", "fonte", "pagine", "precisione", "richiamo", "richiamo leads"],
            ["platform", "source", "pages", "precision", "recall", "recall of leads"],
        );
        let mut table = Table::new(head);
        let mut add = |platform: Platform, source: &str, counts: &Counts| {
            let pages: u32 = counts.confusion.iter().flatten().sum();
            table.row([
                platform.code(),
                source,
                &pages.to_string(),
                &shown(counts.precision()),
                &shown(counts.recall(PageLabel::Offered)),
                &shown(counts.recall(PageLabel::Leads)),
            ]);
        };
        for (platform, counts) in &self.platforms {
            add(*platform, lang.pick("tutte", "all"), counts);
        }
        for (source, platforms) in &self.sources {
            for (platform, counts) in platforms {
                add(*platform, source, counts);
            }
        }
        let mut text = format!("{} {}\n\n{}", lang.pick("Catalogo", "Catalogue"), self.catalogue, table.render());
        for (platform, counts) in &self.platforms {
            let corner = format!("{} {}", platform.code(), lang.pick("etichetta ↓ risposta →", "label ↓ answer →"));
            let mut table = Table::new([corner].into_iter().chain(LABELS.iter().map(ToString::to_string)));
            for (label, row) in LABELS.iter().zip(&counts.confusion) {
                table.row([label.to_string()].into_iter().chain(row.iter().map(ToString::to_string)));
            }
            text.push('\n');
            text.push_str(&table.render());
        }
        text.push_str(&lang.pick(
            format!("\nPagine {}, differenze {}\n", self.pages, self.differences.len()),
            format!("\nPages {}, differences {}\n", self.pages, self.differences.len()),
        ));
        for found in &self.differences {
            let rules = found.rules.join(", ");
            text.push_str(&format!(
                "  {} {}: {} → {} ({rules})\n",
                clean(&found.file),
                found.platform,
                found.label,
                found.answer
            ));
        }
        text
    }
}

fn shown(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{share:.2}"))
}

/// Runs the catalogue over a folder.
pub fn measure(catalogue: &Catalogue, folder: &Path) -> Result<Measurement, MeasureError> {
    let table = folder.join("labels.csv");
    let broken = |message: String| MeasureError::Labels { path: table.display().to_string(), message };
    let text = read(&table)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_slice());
    let header = reader.headers().map_err(|error| broken(error.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|known| known == name);
    let file = column("file").ok_or_else(|| broken("no column `file`".to_owned()))?;
    let mut measurement = Measurement { catalogue: catalogue.version().to_owned(), ..Measurement::default() };
    for row in reader.records() {
        let row = row.map_err(|error| broken(error.to_string()))?;
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
        let name = cell(Some(file));
        let source = cell(column("source_repo"));
        let path = folder.join("pages").join(name);
        let body = read(&path)?;
        let place =
            Url::parse(cell(column("url"))).or_else(|_| Url::parse(PLACE)).map_err(|e| broken(e.to_string()))?;
        let view = saved::look(catalogue, &place, &body, None, false);
        measurement.pages += 1;
        for platform in Platform::DECIDED {
            let Some(label) = parse(cell(column(platform.code()))) else { continue };
            let answer = view.labels.iter().find(|(p, _)| *p == platform).map_or(PageLabel::Absent, |(_, l)| *l);
            for counts in [
                measurement.platforms.entry(platform).or_default(),
                measurement.sources.entry(source.to_owned()).or_default().entry(platform).or_default(),
            ] {
                counts.confusion[place_of(label)][place_of(answer)] += 1;
            }
            if label != answer {
                let mut rules: Vec<String> = view
                    .signals
                    .iter()
                    .filter(|signal| signal.platform == Some(platform))
                    .map(|signal| signal.rule.clone())
                    .collect();
                rules.dedup();
                measurement.differences.push(Difference {
                    file: name.to_owned(),
                    source: source.to_owned(),
                    platform,
                    label,
                    answer,
                    rules,
                });
            }
        }
    }
    Ok(measurement)
}

fn place_of(label: PageLabel) -> usize {
    LABELS.iter().position(|known| *known == label).unwrap_or(3)
}

fn parse(label: &str) -> Option<PageLabel> {
    LABELS.into_iter().find(|known| known.code() == label)
}

fn read(path: &Path) -> Result<Vec<u8>, MeasureError> {
    fs::read(path).map_err(|source| MeasureError::Read { path: path.display().to_string(), source })
}
