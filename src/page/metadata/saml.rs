//! SAML 2.0 metadata of one service provider, with the extensions of SPID (avvisi 19 and 29) and of CIE id.

use super::{Declaration, DeclaredKind, Fault, note, vat};
use crate::page::xml::{self, Element, Space};

/// What one contact says, and in which role.
#[derive(Debug, Default)]
struct Contact {
    role: Role,
    ipa: Vec<String>,
    fiscale: Vec<String>,
    vat: Vec<String>,
}

/// Whose codes a contact carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Role {
    /// The body's own.
    #[default]
    Body,
    /// The body's, in an aggregator's document.
    Aggregated,
    /// The aggregator's.
    Aggregator,
    /// Its supplier's, or somebody to write invoices to: CIE's `technical` contact carries the supplier's codes.
    Other,
}

impl Role {
    fn of(contact: &Element) -> Self {
        let kind = contact.attribute("entityType").unwrap_or_default();
        if kind.ends_with("aggregated") {
            return Self::Aggregated;
        }
        if kind.ends_with("aggregator") {
            return Self::Aggregator;
        }
        match contact.attribute("contactType").unwrap_or_default() {
            "other" | "administrative" => Self::Body,
            _ => Self::Other,
        }
    }
}

/// Reads metadata of one entity; a list of entities speaks of none of them.
pub(super) fn read(text: &str) -> Result<Declaration, Fault> {
    let mut declared = Declaration::default();
    let mut contacts: Vec<Contact> = Vec::new();
    let mut open = Contact::default();
    let mut provider = false;
    let (mut used, mut bound) = ([false; 2], [false; 2]);
    xml::walk(text, |way| {
        let (Some(root), Some(last)) = (way.first(), way.last()) else { return };
        if !root.is(Space::Metadata, "EntityDescriptor") {
            return;
        }
        for (at, space) in [Space::Spid, Space::Cie].into_iter().enumerate() {
            used[at] |= last.uses(space);
            bound[at] |= last.declares.contains(&space);
        }
        match way {
            [_] => last.attribute("entityID").unwrap_or_default().trim().clone_into(&mut declared.entity),
            [_, role] if role.is(Space::Metadata, "SPSSODescriptor") => provider = true,
            [_, role, service]
                if role.is(Space::Metadata, "SPSSODescriptor")
                    && service.is(Space::Metadata, "AssertionConsumerService") =>
            {
                declared.consumers += 1;
            }
            [_, organisation, name]
                if organisation.is(Space::Metadata, "Organization")
                    && name.is(Space::Metadata, "OrganizationName")
                    && !name.text().is_empty() =>
            {
                declared.organisation.get_or_insert_with(|| name.text().to_owned());
            }
            [_, contact] if contact.is(Space::Metadata, "ContactPerson") => {
                open.role = Role::of(contact);
                contacts.push(std::mem::take(&mut open));
            }
            [_, contact, .., code]
                if contact.is(Space::Metadata, "ContactPerson") && matches!(code.space, Space::Spid | Space::Cie) =>
            {
                match code.name.as_str() {
                    "IPACode" => note(&mut open.ipa, code.text()),
                    "FiscalCode" => note(&mut open.fiscale, code.text()),
                    "VATNumber" => note(&mut open.vat, vat(code.text())),
                    _ => {}
                }
            }
            _ => {}
        }
    })?;
    if !provider || declared.entity.is_empty() || declared.consumers == 0 {
        // An identity provider's metadata, or a torso.
        return Err(Fault::Malformed);
    }
    // Products declare both namespaces and use one.
    for (at, kind) in [DeclaredKind::SpidSp, DeclaredKind::CieSp].into_iter().enumerate() {
        if used[at] || (bound[at] && !used[1 - at]) {
            declared.kinds.push(kind);
        }
    }
    declared.aggregator = contacts.iter().any(|contact| matches!(contact.role, Role::Aggregator | Role::Aggregated));
    let wanted = if declared.aggregator { Role::Aggregated } else { Role::Body };
    for contact in contacts.iter().filter(|contact| contact.role == wanted) {
        contact.ipa.iter().for_each(|code| note(&mut declared.ipa, code));
        contact.fiscale.iter().for_each(|code| note(&mut declared.fiscale, code));
        contact.vat.iter().for_each(|code| note(&mut declared.vat, code));
    }
    Ok(declared)
}
