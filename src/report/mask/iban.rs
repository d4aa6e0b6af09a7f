//! IBANs (ISO 13616): country, two check digits, an account; the whole is 1 modulo 97.

use std::ops::Range;

use super::{begins, ends, spelled};

/// Countries and the length of their numbers: the SEPA area, as of 2026, and where else residents keep accounts.
const LENGTHS: [(&[u8; 2], usize); 46] = [
    (b"AD", 24),
    (b"AL", 28),
    (b"AT", 20),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"CH", 21),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"EE", 20),
    (b"ES", 24),
    (b"FI", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IS", 26),
    (b"IT", 27),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MT", 31),
    (b"NL", 18),
    (b"NO", 15),
    (b"PL", 28),
    (b"PT", 25),
    (b"RO", 24),
    (b"RS", 22),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"UA", 29),
    (b"VA", 22),
];

/// Where they stand, in order.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for (start, c) in text.char_indices() {
        if start < at || !c.is_ascii_alphabetic() || !begins(text, start) {
            continue;
        }
        let Some((head, _)) = spelled(text, start, 4) else { continue };
        let country = LENGTHS.iter().find(|(country, _)| head.starts_with(*country));
        let Some((_, length)) = country.filter(|_| head[2..].iter().all(u8::is_ascii_digit)) else { continue };
        if let Some((number, end)) = spelled(text, start, *length)
            && ends(text, end)
            && is_sound(&number)
        {
            found.push(start..end);
            at = end;
        }
    }
    found
}

/// The check of ISO 7064: the first four characters moved to the end, letters as 10 to 35, modulo 97.
fn is_sound(number: &[u8]) -> bool {
    let (head, rest) = number.split_at(4);
    let rest = rest.iter().chain(head).fold(0_u32, |sum, c| {
        if c.is_ascii_digit() {
            (sum * 10 + u32::from(c - b'0')) % 97
        } else {
            (sum * 100 + u32::from(c - b'A') + 10) % 97
        }
    });
    rest == 1
}
