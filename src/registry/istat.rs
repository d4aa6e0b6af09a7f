//! The list of comuni: ISTAT's `Elenco-comuni-italiani.csv`, and tables made from it that add the population.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Content, QualityReport, Quirk, Reading, RegistryError, codes, table::Table};

/// A comune that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IstatComune {
    /// ISTAT code, six digits.
    pub codice_istat: String,
    /// Cadastral code, upper case.
    pub catastale: String,
    /// Name in Italian.
    pub name: String,
    /// Name in both languages, where there are two.
    pub full_name: Option<String>,
    /// Letters of the province; `NA` is Napoli.
    pub sigla: Option<String>,
    /// Region, as the list writes it.
    pub region: Option<String>,
    /// Residents, when the table has them.
    pub population: Option<u32>,
}

const ISTAT: &[&str] = &["codice_comune_formato_alfanumerico", "codice_istat", "pro_com_t"];
const CADASTRAL: &[&str] = &["codice_catastale_del_comune", "codice_catastale"];
const NAME: &[&str] = &["denominazione_in_italiano", "denominazione"];
const FULL: &[&str] = &["denominazione_italiana_e_straniera", "denominazione_completa"];
const SIGLA: &[&str] = &["sigla_automobilistica", "sigla_provincia", "sigla"];
const REGION: &[&str] = &["denominazione_regione", "regione"];
const POPULATION: &[&str] = &["popolazione", "popolazione_residente"];

pub(super) fn read(text: &str, quality: &mut QualityReport) -> Result<Reading, RegistryError> {
    let known = [ISTAT, CADASTRAL, NAME, FULL, SIGLA, REGION, POPULATION].concat();
    let table = Table::open(text, &known)?;
    table.need("Codice Comune formato alfanumerico", ISTAT)?;
    table.need("Codice Catastale del comune", CADASTRAL)?;
    table.need("Denominazione in italiano", NAME)?;
    let with_population = POPULATION.iter().any(|name| table.has(name));
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    table.each(quality, |row, quality| {
        let (istat, catastale) = (row.get(ISTAT).unwrap_or_default(), row.get(CADASTRAL).unwrap_or_default());
        let Some(name) = row.text(NAME) else { return quality.note(Quirk::NoCode, row.line, istat) };
        let Some(codice_istat) = codes::istat(istat, row.line, quality) else {
            return quality.note(Quirk::BadCode, row.line, istat);
        };
        let Some(catastale) = codes::cadastral(catastale) else {
            return quality.note(Quirk::BadCode, row.line, catastale);
        };
        if !seen.insert(catastale.clone()) {
            return quality.note(Quirk::Duplicate, row.line, &catastale);
        }
        quality.kept += 1;
        rows.push(IstatComune {
            codice_istat,
            catastale,
            full_name: row.text(FULL).filter(|full| *full != name),
            name,
            sigla: row.text(SIGLA),
            region: row.text(REGION),
            population: row.get(POPULATION).and_then(|text| text.parse().ok()).filter(|people| *people <= 10_000_000),
        });
    })?;
    // An extract would make the other comuni cease to exist.
    let whole = rows.len() > 7_000;
    let part = if with_population { "popolazione" } else { "" };
    Ok(Reading { part: part.to_owned(), whole, content: Content::Istat(rows) })
}
