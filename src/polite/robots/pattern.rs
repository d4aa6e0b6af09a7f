//! One rule's path, and how it is held against an address.
//!
//! Both sides are brought to the same octets first (RFC 9309 section 2.2.2): percent letters are decoded, so that
//! `/caf%c3%a9`, `/caf%C3%A9` and `/café` are one, `/%7Ejoe` is `/~joe`, and a reserved octet is the same written out
//! or percent-encoded (the RFC encodes both before it compares). What is structure stays structure: `%2F` is not `/`
//! and `%3F` is not `?` as long as a path is meant. Inside a query these two carry no structure, and the RFC's own
//! example (`?baz=https://foo.bar` is `?baz=https%3A%2F%2Ffoo.bar`) wants them equal.
//!
//! In a rule `*` stands for any octets and a final `$` for the end; elsewhere `$` is itself. `%2A` and `%24` are the
//! octets, never the operators.

use url::Url;

/// Comparisons that one decision may cost, over all rules of a file. An honest file of thousands of rules stays far
/// below; one that does not is not worth more than some tens of milliseconds.
pub(super) const MAX_STEPS: u32 = 50_000_000;

/// `*` in a rule.
const STAR: u16 = 0x100;
/// Added to `/` or `?` written as percent letters.
const ENCODED: u16 = 0x200;
/// Added to `/` or `?` inside the query of an address: equal to both writings.
const EITHER: u16 = 0x400;

/// The path of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    units: Box<[u16]>,
    anchored: bool,
    octets: u32,
}

/// Path and query of an address, ready to be compared.
pub(super) struct Subject(Vec<u16>);

impl Pattern {
    /// Reads a rule's value; `None` when it can never match: empty, or beginning with neither `/` nor `*`.
    pub(super) fn new(value: &[u8]) -> Option<Self> {
        if !matches!(value.first(), Some(b'/' | b'*')) {
            return None;
        }
        let (value, anchored) = value.strip_suffix(b"$").map_or((value, false), |value| (value, true));
        let mut units = Vec::with_capacity(value.len());
        let mut octets = u32::from(anchored);
        for (octet, encoded) in octets_of(value) {
            units.push(match octet {
                b'*' if !encoded => STAR,
                b'/' | b'?' if encoded => ENCODED | u16::from(octet),
                _ => u16::from(octet),
            });
            octets += compared_length(octet, encoded);
        }
        Some(Self { units: units.into(), anchored, octets })
    }

    /// How specific it is: octets of its compared form, `*` and `$` included.
    pub(super) fn octets(&self) -> u32 {
        self.octets
    }

    /// Memory in bytes.
    pub(super) fn weight(&self) -> usize {
        self.units.len() * 2
    }

    /// Does it match from the beginning of the path? `None` when the steps ran out.
    ///
    /// Greedy: only the latest `*` is ever tried again, so the cost is at most rule times address however many `*`
    /// there are.
    pub(super) fn matches(&self, subject: &Subject, steps: &mut u32) -> Option<bool> {
        let (pattern, text) = (&self.units, &subject.0);
        let (mut at, mut position) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            *steps = steps.checked_sub(1)?;
            match (pattern.get(at), text.get(position)) {
                (None, _) if !self.anchored => return Some(true),
                (None, None) => return Some(true),
                (Some(&STAR), _) => {
                    at += 1;
                    if at == pattern.len() {
                        return Some(true);
                    }
                    retry = Some((at, position));
                    continue;
                }
                // The address ended inside the rule: a later start leaves even less of it.
                (Some(_), None) => return Some(false),
                (Some(&unit), Some(&octet)) if same(unit, octet) => {
                    (at, position) = (at + 1, position + 1);
                    continue;
                }
                _ => {}
            }
            let Some((star, start)) = retry else { return Some(false) };
            (at, position) = (star, start + 1);
            retry = Some((star, start + 1));
        }
    }
}

impl Subject {
    /// Path and query as the URL parser wrote them; the fragment is not sent and does not count.
    pub(super) fn new(url: &Url) -> Self {
        let mut units: Vec<u16> = octets_of(url.path().as_bytes())
            .map(|(octet, encoded)| match octet {
                b'/' | b'?' if encoded => ENCODED | u16::from(octet),
                _ => u16::from(octet),
            })
            .collect();
        if let Some(query) = url.query() {
            units.push(u16::from(b'?'));
            units.extend(octets_of(query.as_bytes()).map(|(octet, _)| match octet {
                b'/' | b'?' => EITHER | u16::from(octet),
                _ => u16::from(octet),
            }));
        }
        Self(units)
    }
}

fn same(rule: u16, address: u16) -> bool {
    rule == address || address == EITHER | (rule & 0xFF)
}

/// Octets of a text, percent letters decoded, each with whether it was written as such. A `%` without two hexadecimal
/// digits is itself.
fn octets_of(text: &[u8]) -> impl Iterator<Item = (u8, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (&first, tail) = rest.split_first()?;
        if let (b'%', [high, low, after @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (hexadecimal(*high), hexadecimal(*low))
        {
            rest = after;
            return Some((high << 4 | low, true));
        }
        rest = tail;
        Some((first, false))
    })
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Octets that one octet takes in the normal form: three as percent letters, one as itself.
fn compared_length(octet: u8, encoded: bool) -> u32 {
    let unreserved = octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    let reserved = b":/?#[]@!$&'()*+,;=".contains(&octet);
    if unreserved || (reserved && !encoded) { 1 } else { 3 }
}
