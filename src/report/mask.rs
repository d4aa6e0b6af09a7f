//! What may name or reach a person, taken out of everything that leaves: e-mail addresses, telephone numbers, codici
//! fiscali, IBANs. The bytes as received stay in the evidence and nowhere else.
//!
//! Masked is what comes from pages: excerpts, labels, titles, addresses, header lines. What comes from the public registers
//! (the comune's own PEC, its fiscal code of eleven digits) is public data in fields of its own and never passes here. Where
//! a check character exists it is computed, so that a product key is no codice fiscale and a long number no IBAN. A number that
//! belongs to nobody in particular (numeri verdi, emergency numbers, VAT numbers, dates, protocol numbers) stays.

mod email;
mod fiscal;
mod iban;
mod phone;
#[cfg(test)]
mod tests;
mod whole;

use std::{borrow::Cow, ops::Range};

use url::Url;

pub use whole::{findings, signals, visit};

/// Stands for an e-mail address.
pub const EMAIL: &str = "[email]";
/// Stands for a telephone number.
pub const PHONE: &str = "[tel]";
/// Stands for a codice fiscale of a person.
pub const FISCAL: &str = "[cf]";
/// Stands for an IBAN.
pub const IBAN: &str = "[iban]";

/// Times the whole is gone over at most: what stood against something masked may begin a word now.
const ROUNDS: usize = 4;

/// The text without what names or reaches a person. Masking twice is masking once.
pub fn text(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        match once(&text, true) {
            Some(masked) => text = Cow::Owned(masked),
            None => break,
        }
    }
    text
}

/// Finds one kind of thing, and what stands for it.
type Pass = (fn(&str) -> Vec<Range<usize>>, &'static str);

/// One time over; `None` when nothing was there.
fn once(text: &str, phones: bool) -> Option<String> {
    let mut masked: Option<String> = None;
    let passes: [Pass; 4] = [(email::find, EMAIL), (iban::find, IBAN), (fiscal::find, FISCAL), (phone::find, PHONE)];
    for (find, token) in passes {
        if token == PHONE && !phones {
            continue;
        }
        let current = masked.as_deref().unwrap_or(text);
        let found = find(current);
        if !found.is_empty() {
            masked = Some(replaced(current, &found, token));
        }
    }
    masked
}

fn replaced(text: &str, places: &[Range<usize>], token: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for place in places {
        out.push_str(&text[at..place.start]);
        out.push_str(token);
        at = place.end;
    }
    out.push_str(&text[at..]);
    out
}

/// An address without what names or reaches a person. Numbers in it are taken for telephone numbers only where the address
/// says so (`tel:`, `?telefono=`): the digits of an address are mostly the name of a page, and evidence has to be found again.
pub fn url(url: &Url) -> Url {
    if matches!(url.scheme(), "tel" | "callto" | "sms" | "fax" | "whatsapp") {
        return Url::parse(&format!("{}:{PHONE}", url.scheme())).unwrap_or_else(|_| url.clone());
    }
    let mut masked = url.clone();
    // Whoever logs in by the address itself.
    if !url.username().is_empty() || url.password().is_some() {
        let _ = masked.set_username("");
        let _ = masked.set_password(None);
    }
    let path = if phone::is_messenger(url) { Some(format!("/{PHONE}")) } else { part(url.path()) };
    if let Some(path) = path {
        masked.set_path(&path);
    }
    if let Some(query) = url.query() {
        let pairs: Vec<Cow<'_, str>> = query.split('&').map(pair).collect();
        if pairs.iter().any(|pair| matches!(pair, Cow::Owned(_))) {
            masked.set_query(Some(&pairs.join("&")));
        }
    }
    if let Some(fragment) = url.fragment().and_then(part) {
        masked.set_fragment(Some(&fragment));
    }
    masked
}

/// An address that is kept as text; what is no address is masked as text.
pub fn address(address: &str) -> String {
    Url::parse(address).map_or_else(
        |_| text(address).into_owned(),
        |parsed| {
            let masked = url(&parsed);
            // As it was written, unless there was something to mask.
            if masked == parsed { address.to_owned() } else { masked.into() }
        },
    )
}

/// One part of an address; `None` when nothing was there.
fn part(text: &str) -> Option<String> {
    let mut masked = None;
    for _ in 0..ROUNDS {
        match once(masked.as_deref().unwrap_or(text), false) {
            Some(next) => masked = Some(next),
            None => break,
        }
    }
    masked
}

fn pair(pair: &str) -> Cow<'_, str> {
    if let Some((name, value)) = pair.split_once('=')
        && phone::is_field(name)
        && value.bytes().filter(u8::is_ascii_digit).count() >= 5
    {
        return Cow::Owned(format!("{name}={PHONE}"));
    }
    part(pair).map_or(Cow::Borrowed(pair), Cow::Owned)
}

/// True when the character before a place is no part of a word or number that goes on there.
fn begins(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_')
}

/// The same for the character behind a place.
fn ends(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(|behind| !behind.is_alphanumeric() && behind != '_')
}

/// Letters and digits from a place on, upper case, with single blanks or hyphens between them left out: as many as are
/// asked for, with the place behind the last.
fn spelled(text: &str, at: usize, count: usize) -> Option<(Vec<u8>, usize)> {
    let mut found = Vec::with_capacity(count);
    let mut gap = true;
    for (offset, c) in text[at..].char_indices() {
        if c.is_ascii_alphanumeric() {
            found.push(c.to_ascii_uppercase() as u8);
            gap = false;
            if found.len() == count {
                return Some((found, at + offset + 1));
            }
        } else if matches!(c, ' ' | '-' | '\u{a0}') && !gap {
            gap = true;
        } else {
            return None;
        }
    }
    None
}
