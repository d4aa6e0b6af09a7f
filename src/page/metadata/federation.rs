//! The entity configuration of an OpenID Federation member (OpenID Federation 1.0; technical rules of SPID and CIE with
//! OpenID Connect): a signed statement about itself, read without verifying the signature.

use serde_json::{Map, Value};

use super::{Declaration, DeclaredKind, Fault, note, vat};
use crate::page::encoded::{DECODED, claims};

/// Trust marks and authorities that are read.
const MARKS: usize = 16;

/// Reads the statement of a relying party about itself.
pub(super) fn read(text: &str, limit: usize) -> Result<Declaration, Fault> {
    let statement = claims(text, limit).ok_or(Fault::Malformed)?;
    let said = |name: &str| statement.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    let entity = said("sub");
    let metadata = statement.get("metadata").and_then(Value::as_object).ok_or(Fault::Malformed)?;
    let party = metadata.get("openid_relying_party").and_then(Value::as_object).ok_or(Fault::Malformed)?;
    if entity.is_empty() || entity != said("iss") {
        // A statement about somebody else is for who builds chains of trust.
        return Err(Fault::Malformed);
    }
    let list = |value: Option<&Value>| -> Vec<String> {
        let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(Value::as_str).take(MARKS).map(str::to_owned).collect()
    };
    let mut declared = Declaration {
        kinds: vec![DeclaredKind::OidcRp],
        entity: entity.to_owned(),
        consumers: list(party.get("redirect_uris")).len(),
        authorities: list(statement.get("authority_hints")),
        ..Declaration::default()
    };
    for part in metadata.values().filter_map(Value::as_object) {
        codes(part, &mut declared);
    }
    let marks = statement.get("trust_marks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for mark in marks.iter().take(MARKS).filter_map(Value::as_object) {
        trust_mark(mark, entity, &mut declared);
    }
    Ok(declared)
}

/// The codes in a trust mark that is about this entity as a relying party: an intermediary's mark names the aggregator,
/// another entity's mark was copied here.
fn trust_mark(mark: &Map<String, Value>, entity: &str, declared: &mut Declaration) {
    let Some(inside) = mark.get("trust_mark").and_then(Value::as_str).and_then(|text| claims(text, DECODED)) else {
        return;
    };
    let about = |name: &str| inside.get(name).or_else(|| mark.get(name)).and_then(Value::as_str).unwrap_or_default();
    let kind = ["trust_mark_type", "trust_mark_id", "id"].into_iter().map(about).find(|kind| !kind.is_empty());
    let intermediary = kind.is_some_and(|kind| kind.contains("/intermedia"));
    if intermediary || about("sub").trim_end_matches('/') != entity.trim_end_matches('/') {
        return;
    }
    codes(&inside, declared);
    if let Some(code) = inside.get("id_code").and_then(Value::as_object) {
        codes(code, declared);
    }
}

fn codes(part: &Map<String, Value>, declared: &mut Declaration) {
    let said = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
    note(&mut declared.ipa, said("ipa_code"));
    note(&mut declared.fiscale, said("fiscal_number"));
    note(&mut declared.vat, vat(said("vat_number")));
    // ETSI EN 319 412-1, 5.1.4, as SPID's certificates write it: `PA:IT-c_z999`, `VATIT-...`, `CF:IT-...`.
    let identifier = said("organization_identifier").trim();
    if let Some(code) = identifier.strip_prefix("PA:IT-") {
        note(&mut declared.ipa, code);
    } else if let Some(code) = identifier.strip_prefix("CF:IT-") {
        note(&mut declared.fiscale, code);
    } else if let Some(code) = identifier.strip_prefix("VATIT-") {
        note(&mut declared.vat, code);
    }
    let name = ["organization_name", "organization_name#it"].into_iter().map(said).find(|name| !name.trim().is_empty());
    if let Some(name) = name {
        declared.organisation.get_or_insert_with(|| crate::page::text::clip(name.trim(), 200).to_owned());
    }
}
