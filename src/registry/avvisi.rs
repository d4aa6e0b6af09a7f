//! The notices of PA digitale 2026, as published in `avvisi.csv`.

use std::collections::HashSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Content, QualityReport, Quirk, Reading, RegistryError, codes, table::Table};

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvvisoRow {
    /// Title, single blanks.
    pub title: String,
    /// Measure: `1.4.3`.
    pub measure: String,
    /// Opens.
    pub opens: Option<Date>,
    /// Closes.
    pub closes: Option<Date>,
    /// State as published (`TERMINATO`).
    pub state: Option<String>,
    /// Money set aside, in euro cents.
    pub cents: Option<i64>,
    /// For whom, as published, parts by `;`.
    pub bodies: Option<String>,
}

pub(super) fn read(text: &str, quality: &mut QualityReport) -> Result<Reading, RegistryError> {
    let json;
    let text = if text.trim_start().starts_with(['[', '{']) {
        json = super::table::of_json(text)?;
        &json
    } else {
        text
    };
    let table =
        Table::open(text, &["titolo", "misura", "data_inizio_bando", "data_fine_bando", "soggetti_destinatari"])?;
    for column in ["titolo", "misura", "data_inizio_bando", "data_fine_bando"] {
        table.need(column, &[column])?;
    }
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    table.each(quality, |row, quality| {
        let (Some(title), Some(measure)) =
            (row.get(&["titolo"]), row.get(&["misura"]).and_then(|text| text.split(' ').next()))
        else {
            return quality.note(Quirk::NoCode, row.line, row.get(&["titolo"]).unwrap_or_default());
        };
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let opens = row.get(&["data_inizio_bando"]).and_then(codes::date);
        if opens.is_none() {
            return quality.note(Quirk::BadDate, row.line, &title);
        }
        if !seen.insert(title.to_lowercase()) {
            return quality.note(Quirk::Duplicate, row.line, &title);
        }
        quality.kept += 1;
        rows.push(AvvisoRow {
            title,
            measure: measure.to_owned(),
            opens,
            closes: row.get(&["data_fine_bando"]).and_then(codes::date),
            state: row.text(&["stato"]),
            cents: row.get(&["totale_importo_stanziato"]).and_then(codes::cents),
            bodies: row.text(&["soggetti_destinatari"]),
        });
    })?;
    Ok(Reading { part: String::new(), whole: false, content: Content::Avvisi(rows) })
}
