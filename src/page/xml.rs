//! XML that strangers send, walked under limits: no tree, no recursion, no document type.
//!
//! Metadata and authentication requests are small and shallow. Whatever is not is refused whole: half a declaration
//! declares nothing.

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::ResolveResult,
};

/// Deepest element; metadata has about ten levels.
const DEPTH: usize = 64;
/// Elements of one document.
const ELEMENTS: usize = 50_000;
/// Attributes of one element.
const ATTRIBUTES: usize = 64;
/// Bytes kept of a text or of an attribute's value: codes, names and addresses are shorter.
const VALUE: usize = 2_048;

/// Why a document is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More bytes than the limit of its kind.
    #[error("larger than what is read of such a document")]
    TooLarge,
    /// It has a document type, which could define entities.
    #[error("it has a document type, which such documents never need")]
    Doctype,
    /// More levels, elements, attributes or namespaces than the limits.
    #[error("deeper or wider than such documents are")]
    Shape,
    /// Not well-formed, or not what it should be.
    #[error("not a document of this kind")]
    Malformed,
}

/// The namespaces that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// SAML 2.0 metadata.
    Metadata,
    /// SAML 2.0 protocol.
    Protocol,
    /// SAML 2.0 assertions.
    Assertion,
    /// SPID's extensions of SAML (avviso SPID 29).
    Spid,
    /// CIE's extensions of SAML (technical manual of CIE id).
    Cie,
    /// Any other, or none.
    Other,
}

impl Space {
    fn of(uri: &str) -> Self {
        match uri.trim() {
            "urn:oasis:names:tc:SAML:2.0:metadata" => Self::Metadata,
            "urn:oasis:names:tc:SAML:2.0:protocol" => Self::Protocol,
            "urn:oasis:names:tc:SAML:2.0:assertion" => Self::Assertion,
            "https://spid.gov.it/saml-extensions" => Self::Spid,
            "https://www.cartaidentita.interno.gov.it/saml-extensions" => Self::Cie,
            _ => Self::Other,
        }
    }
}

/// One element with its attributes.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) space: Space,
    pub(crate) name: String,
    /// Namespace, local name, value; declarations of namespaces are not among them.
    attributes: Vec<(Space, String, String)>,
    /// The namespaces that it declares.
    pub(crate) declares: Vec<Space>,
    text: String,
}

impl Element {
    pub(crate) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }

    /// The value of an attribute, by its local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(_, known, _)| known == name).map(|(.., value)| value.as_str())
    }

    /// True when it or one of its attributes belongs to a namespace.
    pub(crate) fn uses(&self, space: Space) -> bool {
        self.space == space || self.attributes.iter().any(|(own, ..)| *own == space)
    }

    /// Its own text, without that of its children, trimmed.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    fn say(&mut self, text: &str) {
        let room = VALUE.saturating_sub(self.text.len());
        self.text.push_str(super::text::clip(text, room));
    }
}

/// Walks a document and calls `closed` at the end of each element with the way to it: the root first, itself last.
///
/// The whole document has to be well-formed; what `closed` was told of one that is not is worth nothing.
pub(crate) fn walk(text: &str, mut closed: impl FnMut(&[Element])) -> Result<(), Fault> {
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut way: Vec<Element> = Vec::new();
    let mut elements = 0_usize;
    loop {
        match reader.read_event().map_err(|error| fault(&error))? {
            Event::Start(start) => {
                elements += 1;
                if way.len() == DEPTH || elements > ELEMENTS {
                    return Err(Fault::Shape);
                }
                if way.is_empty() && elements > 1 {
                    return Err(Fault::Malformed);
                }
                way.push(element(&reader, &start)?);
            }
            Event::End(_) => {
                closed(&way);
                if way.pop().is_none() {
                    return Err(Fault::Malformed);
                }
            }
            Event::Text(text) => {
                if let Some(last) = way.last_mut() {
                    last.say(&text);
                }
            }
            Event::CData(text) => {
                if let Some(last) = way.last_mut() {
                    last.say(&text);
                }
            }
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    Ok(None) => predefined(&reference).ok_or(Fault::Malformed)?,
                    Err(_) => return Err(Fault::Malformed),
                };
                if let Some(last) = way.last_mut() {
                    last.say(known.encode_utf8(&mut [0; 4]));
                }
            }
            Event::DocType(_) => return Err(Fault::Doctype),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if way.is_empty() && elements > 0 => return Ok(()),
            Event::Eof | Event::Empty(_) => return Err(Fault::Malformed),
        }
    }
}

fn fault(error: &quick_xml::Error) -> Fault {
    match error {
        quick_xml::Error::Namespace(_) => Fault::Shape,
        _ => Fault::Malformed,
    }
}

/// The five entities that need no declaration (XML 1.0, 4.6).
fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, Fault> {
    let names = reader.resolver();
    let space = |resolved: &ResolveResult<'_>| match resolved {
        ResolveResult::Bound(uri) => Space::of(uri.0),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => Space::Other,
    };
    let (resolved, name) = names.resolve_element(start.name());
    let mut element = Element {
        space: space(&resolved),
        name: super::text::clip(name.as_ref(), VALUE).to_owned(),
        attributes: Vec::new(),
        declares: Vec::new(),
        text: String::new(),
    };
    // The check for doubles compares each attribute with all before it.
    for (count, attribute) in start.attributes().with_checks(false).enumerate() {
        let attribute = attribute.map_err(|_| Fault::Malformed)?;
        if count == ATTRIBUTES {
            return Err(Fault::Shape);
        }
        if attribute.key.as_namespace_binding().is_some() {
            element.declares.push(Space::of(&attribute.value));
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Fault::Malformed)?;
        let (resolved, name) = names.resolve_attribute(attribute.key);
        let name = super::text::clip(name.as_ref(), VALUE).to_owned();
        element.attributes.push((space(&resolved), name, super::text::clip(&value, VALUE).to_owned()));
    }
    Ok(element)
}
