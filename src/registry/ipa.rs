//! The IPA in its three forms: `enti` (today), `amministrazioni.txt` (until about 2020), and extracts with the domain
//! that was checked.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{
    Content, QualityReport, Quirk, Reading, RegistryError, SiteError, codes, names, normalise_site,
    table::{Row, Table},
};

/// A body that the IPA files with the comuni.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpaBody {
    /// IPA code, lower case.
    pub codice_ipa: String,
    /// IPA code as published.
    pub published: String,
    /// Name of the body.
    pub name: String,
    /// True when the name is that of a comune; consortia and agencies are filed with the comuni too.
    pub comune_by_name: bool,
    /// Where it sits.
    pub seat: Option<String>,
    /// ISTAT code of the seat, in the numbering of the register.
    pub codice_istat: Option<String>,
    /// Cadastral code of the seat.
    pub catastale: Option<String>,
    /// Fiscal code, eleven digits.
    pub codice_fiscale: Option<String>,
    /// Letters of the province; `NA` is Napoli.
    pub sigla: Option<String>,
    /// Certified mail.
    pub pec: Option<String>,
    /// The site as published.
    pub website: Option<String>,
    /// The site as an address.
    pub url: Option<String>,
}

const CODE: &[&str] = &["codice_ipa", "cod_amm"];
const NAME: &[&str] = &["denominazione_ente", "denominazione", "des_amm"];
const CATEGORY: &[&str] = &["codice_categoria"];
const KIND: &[&str] = &["tipologia_istat"];
const FISCAL: &[&str] = &["codice_fiscale_ente", "cf", "codice_fiscale"];
const ISTAT: &[&str] = &["codice_comune_istat"];
const CADASTRAL: &[&str] = &["codice_catastale_comune"];
const SITE: &[&str] = &["sito_istituzionale", "domain_used"];
const SIGLA: &[&str] = &["provincia"];
const SEAT: &[&str] = &["comune"];

pub(super) fn read(text: &str, quality: &mut QualityReport) -> Result<Reading, RegistryError> {
    let known = [CODE, NAME, CATEGORY, KIND, FISCAL, ISTAT, CADASTRAL, SITE].concat();
    let table = Table::open(text, &known)?;
    table.need("Codice_IPA", CODE)?;
    table.need("Denominazione_ente", NAME)?;
    let part = if table.has("cod_amm") {
        "amministrazioni"
    } else if table.has("domain_used") {
        "domini"
    } else {
        "enti"
    };
    let with_fiscal = FISCAL.iter().any(|name| table.has(name));
    let mut rows: Vec<IpaBody> = Vec::new();
    let mut seen = HashSet::new();
    let mut sites: HashMap<String, usize> = HashMap::new();
    table.each(quality, |row, quality| {
        let category = row.get(CATEGORY).is_none_or(|code| code.eq_ignore_ascii_case("L6"));
        let kind = row.get(KIND).is_none_or(|kind| names::fold(kind).starts_with("comuni e loro consorzi"));
        if !category || !kind {
            return quality.note(
                Quirk::OtherCategory,
                row.line,
                row.get(CATEGORY).or(row.get(KIND)).unwrap_or_default(),
            );
        }
        let Some(published) = row.get(CODE) else {
            return quality.note(Quirk::NoCode, row.line, row.get(NAME).unwrap_or_default());
        };
        let Some(codice_ipa) = codes::ipa(published, row.line, quality) else {
            return quality.note(Quirk::BadCode, row.line, published);
        };
        let Some(name) = row.text(NAME) else { return quality.note(Quirk::NoCode, row.line, published) };
        if !seen.insert(codice_ipa.clone()) {
            return quality.note(Quirk::Duplicate, row.line, published);
        }
        let comune_by_name = names::of_body(&name).is_some();
        if !comune_by_name {
            quality.note(Quirk::NotComune, row.line, &name);
        } else if codes::of_regular(&codice_ipa).is_none() {
            quality.note(Quirk::OddCode, row.line, published);
        }
        let codice_fiscale = row.get(FISCAL).and_then(|code| codes::fiscal(code, row.line, quality));
        if with_fiscal && codice_fiscale.is_none() {
            quality.note(Quirk::NoFiscal, row.line, published);
        }
        let url = site(row, quality);
        if let Some(url) = &url {
            let count = sites.entry(url.clone()).or_default();
            *count += 1;
            if *count > 1 {
                quality.note(Quirk::SharedSite, row.line, url);
            }
        }
        quality.kept += 1;
        rows.push(IpaBody {
            codice_ipa,
            published: published.to_owned(),
            name,
            comune_by_name,
            seat: row.text(SEAT),
            codice_istat: row.get(ISTAT).and_then(|code| codes::istat(code, row.line, quality)),
            catastale: row.get(CADASTRAL).and_then(codes::cadastral),
            codice_fiscale,
            sigla: row.text(SIGLA).map(|sigla| sigla.to_uppercase()),
            pec: pec(row),
            website: row.text(SITE),
            url,
        });
    })?;
    let whole = rows.len() > 7_000;
    Ok(Reading { part: part.to_owned(), whole, content: Content::Ipa(rows) })
}

/// The first address that is marked as certified mail.
fn pec(row: &Row<'_>) -> Option<String> {
    (1..=5).find_map(|number| {
        let kind = row.get(&[&format!("tipo_mail{number}")])?;
        let mail = row.get(&[&format!("mail{number}")])?;
        (kind.eq_ignore_ascii_case("pec") && mail.contains('@')).then(|| mail.to_lowercase())
    })
}

/// The address of the site, and what had to be done to it.
fn site(row: &Row<'_>, quality: &mut QualityReport) -> Option<String> {
    let Some(text) = row.get(SITE) else {
        quality.note(Quirk::NoSite, row.line, "");
        return None;
    };
    match normalise_site(text) {
        Ok((url, _)) => {
            // A missing scheme or end slash is how the register writes addresses; the rest is a slip.
            let shown = url.as_str().trim_end_matches('/');
            let bare = shown.split_once("://").map_or(shown, |(_, rest)| rest);
            let given = text.trim_end_matches('/').to_lowercase();
            if given != bare.to_lowercase() && given != shown.to_lowercase() {
                quality.note(Quirk::SiteRepaired, row.line, text);
            }
            Some(url.to_string())
        }
        Err(error) => {
            let quirk = match error {
                SiteError::Empty => Quirk::NoSite,
                SiteError::Email => Quirk::SiteEmail,
                _ => Quirk::SiteUnusable,
            };
            quality.note(quirk, row.line, text);
            None
        }
    }
}
