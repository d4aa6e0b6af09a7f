//! The services visible in the App IO: every shape that the list has had.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{Content, QualityReport, Quirk, Reading, RegistryError, codes, names, table::bounded};

/// From so many bodies on, a list is taken for the whole register: the smallest on record has three times as many.
/// Below, what is not listed is unknown.
pub const WHOLE_APP_IO: usize = 1_000;

/// A body with its visible services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppIoBody {
    /// Fiscal code, eleven digits.
    pub codice_fiscale: String,
    /// Name, typed by whoever registered it: not to be trusted.
    pub name: String,
    /// Its services.
    pub services: Vec<AppIoService>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppIoService {
    /// Identifier.
    pub id: String,
    /// Name, free text before the catalogue of 2023.
    pub name: String,
    /// Quality mark, where the list has it.
    pub quality: Option<bool>,
}

/// As published: everything but the five names is optional, and unknown fields come and go.
#[derive(Deserialize)]
struct Organisation {
    fc: String,
    o: String,
    s: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    i: String,
    n: String,
    #[serde(default)]
    q: Option<u8>,
}

pub(super) fn read(text: &str, quality: &mut QualityReport) -> Result<Reading, RegistryError> {
    let listed: Vec<Organisation> =
        serde_json::from_str(text).map_err(|error| RegistryError::Json(error.to_string()))?;
    let mut rows: Vec<AppIoBody> = Vec::new();
    let mut bodies: HashSet<String> = HashSet::new();
    let mut ids: HashSet<String> = HashSet::new();
    let mut by_name: HashMap<String, String> = HashMap::new();
    for (place, organisation) in (1_u64..).zip(listed) {
        quality.rows += 1;
        bounded([Some(&organisation.fc), Some(&organisation.o)])?;
        bounded(organisation.s.iter().flat_map(|service| [Some(&service.i), Some(&service.n)]))?;
        let Some(codice_fiscale) = codes::fiscal(&organisation.fc, place, quality) else {
            quality.note(Quirk::BadCode, place, &organisation.fc);
            continue;
        };
        if is_for_tests(&codice_fiscale) {
            quality.note(Quirk::TestCode, place, &codice_fiscale);
            continue;
        }
        if !bodies.insert(codice_fiscale.clone()) {
            quality.note(Quirk::Duplicate, place, &codice_fiscale);
            continue;
        }
        if by_name.insert(names::fold(&organisation.o), codice_fiscale.clone()).is_some() {
            quality.note(Quirk::RepeatedName, place, &organisation.o);
        }
        let mut services = Vec::new();
        for service in organisation.s {
            if ids.insert(service.i.clone()) {
                services.push(AppIoService {
                    id: service.i,
                    name: service.n,
                    quality: service.q.map(|mark| mark != 0),
                });
            } else {
                quality.note(Quirk::Duplicate, place, &service.i);
            }
        }
        if services.is_empty() {
            quality.note(Quirk::NoService, place, &codice_fiscale);
        }
        quality.kept += 1;
        rows.push(AppIoBody { codice_fiscale, name: organisation.o, services });
    }
    let whole = rows.len() >= WHOLE_APP_IO;
    Ok(Reading { part: String::new(), whole, content: Content::Appio(rows) })
}

/// Codes that PagoPA uses for tests, and its own: `00000000000` to `00000000006`, `15376371009`.
fn is_for_tests(code: &str) -> bool {
    code == "15376371009"
        || code.strip_prefix("0000000000").is_some_and(|last| matches!(last, "0" | "1" | "2" | "3" | "4" | "5" | "6"))
}
