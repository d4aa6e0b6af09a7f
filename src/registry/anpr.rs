//! ANPR's archive of comuni, alive and ceased: names and codes over time.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Content, QualityReport, Quirk, Reading, RegistryError, codes, table::Table};

/// One name and code of a comune, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnprRow {
    /// ANPR's own number of the row.
    pub id: String,
    /// From.
    pub instituted: Option<Date>,
    /// Until; `None` while it lasts.
    pub ceased: Option<Date>,
    /// ISTAT code of that time, six digits.
    pub codice_istat: Option<String>,
    /// Cadastral code, upper case.
    pub catastale: String,
    /// Name, in capitals as published.
    pub name: String,
    /// Name in the other language.
    pub other_name: Option<String>,
    /// Letters of the province.
    pub sigla: Option<String>,
}

pub(super) fn read(text: &str, quality: &mut QualityReport) -> Result<Reading, RegistryError> {
    let known = ["id", "dataistituzione", "datacessazione", "codistat", "codcatastale", "denominazione_it", "stato"];
    let table = Table::open(text, &known)?;
    for column in ["ID", "DATACESSAZIONE", "CODISTAT", "CODCATASTALE", "DENOMINAZIONE_IT"] {
        let title = super::table::title(column);
        table.need(column, &[title.as_str()])?;
    }
    let mut rows = Vec::new();
    table.each(quality, |row, quality| {
        let (Some(id), Some(name)) = (row.text(&["id"]), row.text(&["denominazione_it"])) else {
            return quality.note(Quirk::NoCode, row.line, row.get(&["codcatastale"]).unwrap_or_default());
        };
        let catastale = row.get(&["codcatastale"]).unwrap_or_default();
        let Some(catastale) = codes::cadastral(catastale) else {
            // Comuni that were gone before there was a cadastral code (`ND`).
            let quirk = if catastale == "ND" { Quirk::OtherCategory } else { Quirk::BadCode };
            return quality.note(quirk, row.line, &name);
        };
        let Some(ceased) = row.get(&["datacessazione"]).and_then(codes::date) else {
            return quality.note(Quirk::BadDate, row.line, &name);
        };
        quality.kept += 1;
        rows.push(AnprRow {
            id,
            instituted: row.get(&["dataistituzione"]).and_then(codes::date),
            ceased: (ceased.year() < 9999).then_some(ceased),
            codice_istat: row.get(&["codistat"]).and_then(|code| codes::istat(code, row.line, quality)),
            catastale,
            name,
            other_name: row.text(&["altradenominazione"]),
            sigla: row.text(&["siglaprovincia"]),
        });
    })?;
    let whole = rows.len() > 10_000;
    Ok(Reading { part: String::new(), whole, content: Content::Anpr(rows) })
}
