//! The financed applications of PA digitale 2026, in both shapes of the CSV and as JSON.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::ApplicationState;

use super::{
    Content, QualityReport, Quirk, Reading, RegistryError, codes,
    table::{Row, Table},
};

/// One financed application of a comune.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationRow {
    /// IPA code, lower case.
    pub codice_ipa: String,
    /// Name of the comune, as published.
    pub comune: String,
    /// ISTAT code, in the older numbering; `None` where published as `N/D`.
    pub codice_istat: Option<String>,
    /// Letters of the province; Napoli's are put back where they were lost.
    pub sigla: Option<String>,
    /// Region, as published.
    pub region: Option<String>,
    /// Sum, in euro cents.
    pub cents: i64,
    /// Title of the notice, single blanks.
    pub avviso: String,
    /// Measure: `1.2`, `1.4.1`, `1.4.3`, `1.4.4`.
    pub measure: String,
    /// When it was sent; RFC 3339 in UTC.
    pub submitted: Option<String>,
    /// Date of the decree that finances it.
    pub funded: Option<Date>,
    /// CUP, fifteen characters. An application that was waived and sent again keeps it.
    pub cup: Option<String>,
    /// Number of the intake window.
    pub window: Option<i64>,
    /// Number in the protocol.
    pub protocol: Option<String>,
    /// The decree, as published.
    pub decree: Option<String>,
    /// `A` financed, `R` waived, `E` paid.
    pub state: String,
    /// Since when; `None` in the older shape.
    pub state_date: Option<Date>,
}

const KNOWN: &[&str] = &[
    "codice_ipa",
    "ente",
    "comune",
    "cod_comune",
    "importo_finanziamento",
    "avviso",
    "codice_cup",
    "stato_candidatura",
    "misura",
    "tipologia_ente",
];

pub(super) fn read(text: &str, quality: &mut QualityReport) -> Result<Reading, RegistryError> {
    let json;
    let text = if text.trim_start().starts_with(['[', '{']) {
        json = super::table::of_json(text)?;
        &json
    } else {
        text
    };
    let table = Table::open(text, KNOWN)?;
    for column in ["codice_ipa", "importo_finanziamento", "avviso", "stato_candidatura", "misura", "tipologia_ente"] {
        table.need(column, &[column])?;
    }
    let mut rows = Vec::new();
    let mut cups: HashSet<String> = HashSet::new();
    let mut measures = BTreeSet::new();
    table.each(quality, |row, quality| {
        if let Some(application) = application(row, quality) {
            let cup = application.cup.as_ref().map(|cup| format!("{cup} {}", goal(&application.avviso)));
            if cup.is_some_and(|cup| !cups.insert(cup)) {
                quality.note(Quirk::RepeatedCup, row.line, application.cup.as_deref().unwrap_or_default());
            }
            measures.insert(application.measure.clone());
            quality.kept += 1;
            rows.push(application);
        }
    })?;
    let part = measures.into_iter().collect::<Vec<_>>().join("+");
    // A comune that is not listed has no financed application: true of any file that holds a measure as published, and
    // not to be told from an extract. So nothing is said of those that are missing.
    Ok(Reading { part, whole: false, content: Content::Candidature(rows) })
}

/// What was known of an application on a day, told by a later list: nothing before its decree, and a state only from its own date
/// on. A list without dates of states (the older shape) cannot be wound back further than to its decrees.
pub fn wound_back(
    state: ApplicationState,
    state_date: Option<Date>,
    funded: Option<Date>,
    as_of: Date,
) -> Option<(ApplicationState, Option<Date>)> {
    let funded = funded.filter(|day| *day <= as_of)?;
    let later = state_date.is_some_and(|day| day > as_of);
    Some(if later { (ApplicationState::Financed, Some(funded)) } else { (state, state_date) })
}

/// What a notice is for, where several aims share a measure: App IO and pagoPA (which may share a CUP), SPID/CIE and the
/// civil status archive. Empty for the others.
fn goal(avviso: &str) -> &'static str {
    let folded = super::names::fold(avviso);
    let says = |word: &str| folded.split(' ').any(|one| one == word);
    if folded.contains("app io") {
        "appio"
    } else if says("pagopa") {
        "pagopa"
    } else if says("anpr") || says("ansc") {
        "anpr-ansc"
    } else if says("spid") || says("cie") {
        "spid-cie"
    } else {
        ""
    }
}

/// The measure of an application with its aim, as the notices name it: `1.4.1`, `1.4.3-appio`, `1.4.4-anpr-ansc`. For
/// adding up what belongs together; which notice it is, only its whole title tells.
pub fn aim(measure: &str, avviso: &str) -> String {
    match goal(avviso) {
        goal if !goal.is_empty() && matches!(measure, "1.4.3" | "1.4.4") => format!("{measure}-{goal}"),
        _ => measure.to_owned(),
    }
}

fn application(row: &Row<'_>, quality: &mut QualityReport) -> Option<ApplicationRow> {
    let line = row.line;
    if !row
        .get(&["tipologia_ente"])
        .is_some_and(|kind| matches!(super::names::fold(kind).as_str(), "comune" | "comuni"))
    {
        quality.note(Quirk::OtherBody, line, row.get(&["tipologia_ente"]).unwrap_or_default());
        return None;
    }
    let Some(published) = row.get(&["codice_ipa"]) else {
        quality.note(Quirk::NoCode, line, row.get(&["ente"]).unwrap_or_default());
        return None;
    };
    let Some(codice_ipa) = codes::ipa(published, line, quality) else {
        quality.note(Quirk::BadCode, line, published);
        return None;
    };
    let amount = row.get(&["importo_finanziamento"]).unwrap_or_default();
    let Some(cents) = codes::cents(amount) else {
        quality.note(Quirk::BadAmount, line, amount);
        return None;
    };
    let state = row.get(&["stato_candidatura"]).unwrap_or_default();
    if !matches!(state, "A" | "R" | "E") {
        quality.note(Quirk::BadState, line, state);
        return None;
    }
    let (Some(avviso), Some(measure)) =
        (row.get(&["avviso"]), row.get(&["misura"]).and_then(|text| text.split(' ').next()))
    else {
        quality.note(Quirk::NoCode, line, published);
        return None;
    };
    let dated = |column: &'static str, quality: &mut QualityReport| {
        let Some(text) = row.get(&[column]) else { return Some(None) };
        let date = codes::date(text);
        if date.is_none() {
            quality.note(Quirk::BadDate, line, text);
        }
        date.map(Some)
    };
    let funded = dated("data_finanziamento", quality)?;
    let state_date = dated("data_stato_candidatura", quality)?;
    let codice_istat = row.get(&["cod_comune"]).and_then(|code| codes::istat(code, line, quality));
    if codice_istat.is_none() {
        quality.note(Quirk::NoIstat, line, published);
    }
    let cup = row.text(&["codice_cup"]).map(|cup| cup.to_uppercase());
    if cup.is_none() {
        quality.note(Quirk::NoCup, line, published);
    }
    if goal(avviso) == "anpr-ansc" {
        quality.note(Quirk::OtherGoal, line, avviso);
    }
    let mut sigla = row.text(&["provincia"]).map(|sigla| sigla.to_uppercase());
    if sigla.is_none() && row.get(&["cod_provincia"]).is_some_and(|code| code.trim_start_matches('0') == "63") {
        quality.note(Quirk::Province, line, published);
        sigla = Some("NA".to_owned());
    }
    Some(ApplicationRow {
        codice_ipa,
        comune: row.text(&["comune", "ente"]).unwrap_or_default(),
        codice_istat,
        sigla,
        region: row.text(&["regione"]),
        cents,
        avviso: avviso.split_whitespace().collect::<Vec<_>>().join(" "),
        measure: measure.to_owned(),
        submitted: row.get(&["data_invio_candidatura"]).and_then(codes::moment),
        funded,
        cup,
        window: row.get(&["numero_finestra_temporale"]).and_then(number),
        protocol: row.get(&["numero_di_protocollo"]).map(|text| text.strip_suffix(".0").unwrap_or(text).to_owned()),
        decree: row.text(&["decreto_finanziamento"]),
        state: state.to_owned(),
        state_date,
    })
}

/// `1`, or `1.0` in the older shape.
fn number(text: &str) -> Option<i64> {
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}
