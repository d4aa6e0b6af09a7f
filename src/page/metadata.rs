//! What a service declares of itself: SAML metadata of a service provider, and the entity configuration of an OpenID
//! Federation relying party.
//!
//! Both say whose service it is (the IPA code of the body), which no address on a shared portal may tell. Signatures are
//! not verified: this is what the site declares, like everything else on it.

mod federation;
mod saml;

use serde::{Deserialize, Serialize};

pub use super::xml::Fault;

/// Largest document that is read, in bytes: metadata with a hundred certificates is far below it.
const LIMIT: usize = 1 << 20;

/// What a document declares its service to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeclaredKind {
    /// A SAML service provider of SPID: metadata with SPID's extensions.
    SpidSp,
    /// A SAML service provider of CIE: metadata with CIE's extensions.
    CieSp,
    /// An OpenID Federation relying party, which its authorities tell more of.
    OidcRp,
}

/// A declaration, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declaration {
    /// What the service is; more than one where one document serves two federations.
    pub kinds: Vec<DeclaredKind>,
    /// Identifier of the service: `entityID`, or `sub`.
    pub entity: String,
    /// IPA codes of the body, as written. In an aggregator's document these are the aggregated body's alone.
    pub ipa: Vec<String>,
    /// Fiscal codes of the body.
    pub fiscale: Vec<String>,
    /// VAT numbers of the body, without `IT`. A comune's may differ from its fiscal code.
    pub vat: Vec<String>,
    /// Name of the organisation.
    pub organisation: Option<String>,
    /// An aggregator signs for the body (SPID, avviso 19; `authority_hints` say the same in a federation).
    pub aggregator: bool,
    /// Addresses that take in answers: SAML `AssertionConsumerService`, OpenID Connect `redirect_uris`.
    pub consumers: usize,
    /// The authorities above it in an OpenID Federation.
    pub authorities: Vec<String>,
}

/// True for a body that begins as one of these documents does, whatever its label: servers send metadata as `text/html`.
pub fn sniff(body: &[u8]) -> bool {
    let head = &body[..body.len().min(4_096)];
    root_of(head).is_some_and(|root| root == b"EntityDescriptor") || looks_signed(body)
}

/// Reads a document that [`sniff`] recognised.
pub fn read(body: &[u8]) -> Result<Declaration, Fault> {
    if body.len() > LIMIT {
        return Err(Fault::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| Fault::Malformed)?;
    if looks_signed(body) { federation::read(text, LIMIT) } else { saml::read(text) }
}

/// The claims of an entity configuration as a statement that nobody signed, for the examples of rules.
pub fn unsigned(claims: &str) -> String {
    format!("eyJhbGciOiJub25lIn0.{}.", super::encoded::base64url(claims.as_bytes()))
}

/// Local name of the root element, past the declaration, comments and instructions. A document type ends the search.
fn root_of(head: &[u8]) -> Option<&[u8]> {
    let mut rest = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    loop {
        let end: &[u8] = if rest.starts_with(b"<?") {
            b"?>"
        } else if rest.starts_with(b"<!--") {
            b"-->"
        } else {
            break;
        };
        let at = rest.windows(end.len()).position(|window| window == end)?;
        rest = rest[at + end.len()..].trim_ascii_start();
    }
    // A document type is looked past by its name alone: what comes after it is refused when it is read.
    if rest.to_ascii_lowercase().starts_with(b"<!doctype") {
        let name = rest[9..].trim_ascii_start();
        return Some(local(name));
    }
    Some(local(rest.strip_prefix(b"<")?))
}

fn local(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'[')).unwrap_or(tag.len());
    let name = &tag[..end];
    name.iter().position(|b| *b == b':').map_or(name, |colon| &name[colon + 1..])
}

/// Three parts of base64url, the first a JSON object (`eyJ` is `{"`).
fn looks_signed(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    body.starts_with(b"eyJ")
        && body.split(|b| *b == b'.').count() == 3
        && body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'='))
}

/// Adds a code once, trimmed, unless it is empty.
fn note(list: &mut Vec<String>, code: &str) {
    let code = code.trim();
    if !code.is_empty() && !list.iter().any(|known| known == code) {
        list.push(code.to_owned());
    }
}

/// A VAT number without its country.
fn vat(number: &str) -> &str {
    let number = number.trim();
    number.strip_prefix("IT").or_else(|| number.strip_prefix("it")).unwrap_or(number)
}

#[cfg(test)]
mod tests;
