//! SPID service providers: their metadata, one document or an archive of many, and lists of entities in JSON.
//!
//! No list of all providers is published, so what is not here is unknown, never absent.

use serde::{Deserialize, Serialize};

use crate::page::metadata::{self, DeclaredKind};

use super::{Content, QualityReport, Quirk, Reading, RegistryError, codes, table::bounded, unpack};

/// One service provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpidProvider {
    /// The `entityID`.
    pub entity: String,
    /// IPA code of the body, lower case.
    pub codice_ipa: Option<String>,
    /// Fiscal code of the body.
    pub codice_fiscale: Option<String>,
    /// Name of the body.
    pub organisation: Option<String>,
    /// True when it is registered through an aggregator.
    pub aggregated: bool,
}

/// Longest document of metadata, in bytes.
const LONGEST: usize = 1 << 20;

pub(super) fn read(bytes: &[u8], quality: &mut QualityReport) -> Result<Reading, RegistryError> {
    let mut rows: Vec<SpidProvider> = Vec::new();
    let mut one = None;
    if bytes.get(257..262) == Some(b"ustar") {
        for (place, file) in (1_u64..).zip(documents(bytes)?) {
            quality.rows += 1;
            match provider(file, place, quality) {
                Ok(provider) => keep(provider, place, &mut rows, quality),
                Err(error) => quality.note(Quirk::Unreadable, place, &error.to_string()),
            }
        }
    } else if bytes.trim_ascii_start().starts_with(b"<") {
        unpack::text(bytes)?;
        quality.rows = 1;
        let provider = provider(bytes, 1, quality)?;
        one = Some(provider.entity.clone());
        keep(provider, 1, &mut rows, quality);
    } else {
        entities(&unpack::text(bytes)?, quality, &mut rows)?;
    }
    Ok(Reading { part: one.unwrap_or_default(), whole: false, content: Content::Spid(rows) })
}

fn keep(provider: SpidProvider, place: u64, rows: &mut Vec<SpidProvider>, quality: &mut QualityReport) {
    if rows.iter().any(|row| row.entity == provider.entity) {
        return quality.note(Quirk::Duplicate, place, &provider.entity);
    }
    quality.kept += 1;
    rows.push(provider);
}

fn provider(bytes: &[u8], place: u64, quality: &mut QualityReport) -> Result<SpidProvider, RegistryError> {
    let fail = |detail: &dyn std::fmt::Display| RegistryError::Xml(detail.to_string());
    if bytes.len() > LONGEST {
        return Err(fail(&"larger than 1 MiB"));
    }
    let declared = metadata::read(bytes).map_err(|fault| fail(&fault))?;
    if !declared.kinds.contains(&DeclaredKind::SpidSp) && declared.kinds.contains(&DeclaredKind::CieSp) {
        return Err(fail(&"metadata of CIE, not of SPID"));
    }
    let first = |codes: &[String]| codes.iter().map(|code| code.trim().to_owned()).find(|code| !code.is_empty());
    let codice_ipa = first(&declared.ipa).and_then(|code| codes::ipa(&code, place, quality));
    if codice_ipa.is_none() {
        quality.note(Quirk::NoIpa, place, &declared.entity);
    }
    Ok(SpidProvider {
        codice_ipa,
        codice_fiscale: first(&declared.fiscale).and_then(|code| codes::fiscal(&code, place, quality)),
        organisation: declared.organisation,
        aggregated: declared.aggregator,
        entity: declared.entity,
    })
}

/// The registry's own JSON: a list of entities, or an object that holds one, with the field names seen there.
fn entities(text: &str, quality: &mut QualityReport, rows: &mut Vec<SpidProvider>) -> Result<(), RegistryError> {
    #[derive(Deserialize)]
    struct Entity {
        #[serde(rename = "entity_id", alias = "entityID")]
        id: String,
        #[serde(default, alias = "ipa_code")]
        ipa_entity_code: Option<String>,
        #[serde(default, alias = "entity_name")]
        organization_name: Option<String>,
        #[serde(default, rename = "entity_type")]
        kind: Option<String>,
    }
    let fail = |error: serde_json::Error| RegistryError::Json(error.to_string());
    let value: serde_json::Value = serde_json::from_str(text).map_err(fail)?;
    let list = match value {
        serde_json::Value::Object(mut object) => {
            let key = ["entities", "items", "data"].into_iter().find(|key| object.contains_key(*key));
            match key.and_then(|key| object.remove(key)) {
                Some(list) => list,
                None => serde_json::Value::Array(vec![serde_json::Value::Object(object)]),
            }
        }
        other => other,
    };
    let list: Vec<Entity> = serde_json::from_value(list).map_err(fail)?;
    for (place, entity) in (1_u64..).zip(list) {
        quality.rows += 1;
        bounded([Some(&entity.id), entity.ipa_entity_code.as_ref(), entity.organization_name.as_ref()])?;
        let kind = entity.kind.unwrap_or_default().to_lowercase();
        if kind.contains("idp") || kind.contains("identity") {
            quality.note(Quirk::OtherCategory, place, &entity.id);
            continue;
        }
        let codice_ipa = entity.ipa_entity_code.and_then(|code| codes::ipa(code.trim(), place, quality));
        if codice_ipa.is_none() {
            quality.note(Quirk::NoIpa, place, &entity.id);
        }
        let provider = SpidProvider {
            entity: entity.id,
            codice_ipa,
            codice_fiscale: None,
            organisation: entity.organization_name,
            aggregated: false,
        };
        keep(provider, place, rows, quality);
    }
    Ok(())
}

/// The XML documents of a tar archive (POSIX ustar): headers of 512 bytes, sizes in octal, contents padded to 512.
fn documents(bytes: &[u8]) -> Result<Vec<&[u8]>, RegistryError> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(header) = rest.get(..512) {
        if header.iter().all(|byte| *byte == 0) {
            return Ok(found);
        }
        let field = |range: std::ops::Range<usize>| {
            let text = header[range].split(|byte| *byte == 0).next().unwrap_or_default();
            std::str::from_utf8(text).unwrap_or_default().trim().to_owned()
        };
        let size = usize::from_str_radix(&field(124..136), 8).map_err(|_| RegistryError::Damaged)?;
        let content = rest.get(512..512 + size.min(unpack::MAX_INFLATED)).ok_or(RegistryError::Damaged)?;
        if matches!(header[156], b'0' | 0) && field(0..100).to_lowercase().ends_with(".xml") {
            found.push(content);
        }
        rest = rest.get(512 + size.div_ceil(512) * 512..).unwrap_or_default();
    }
    // An archive ends with empty blocks: without them the rest of it is missing.
    Err(RegistryError::Damaged)
}
