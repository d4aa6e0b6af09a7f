//! Codici fiscali of persons (decree of 23 December 1976): sixteen characters, the last one computed from the others.

use std::ops::Range;

use super::{begins, ends, spelled};

/// Letters that stand for digits 0 to 9 where two persons would have the same code (omocodia).
const FOR_DIGITS: &[u8; 10] = b"LMNPQRSTUV";
/// Letters for the months.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// What a character in an odd place counts, 0 to 9 and then A to Z.
const ODD: [u8; 36] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10,
    22, 25, 24, 23,
];

/// Where they stand, in order.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for (start, c) in text.char_indices() {
        if start < at || !c.is_ascii_alphabetic() || !begins(text, start) {
            continue;
        }
        if let Some((code, end)) = spelled(text, start, 16)
            && ends(text, end)
            && is_person(&code)
        {
            found.push(start..end);
            at = end;
        }
    }
    found
}

fn digit(c: u8) -> Option<u8> {
    if c.is_ascii_digit() {
        return Some(c - b'0');
    }
    FOR_DIGITS.iter().position(|letter| *letter == c).and_then(|place| u8::try_from(place).ok())
}

/// True for sixteen upper-case characters that are the code of a person.
fn is_person(code: &[u8]) -> bool {
    let letters = [0, 1, 2, 3, 4, 5, 11, 15].iter().all(|place| code[*place].is_ascii_uppercase());
    let digits = [6, 7, 9, 10, 12, 13, 14].iter().all(|place| digit(code[*place]).is_some());
    if !letters || !digits || !MONTHS.contains(&code[8]) {
        return false;
    }
    let day = digit(code[9]).unwrap_or_default() * 10 + digit(code[10]).unwrap_or_default();
    // Forty more for women.
    matches!(day, 1..=31 | 41..=71) && code[15] == check(&code[..15])
}

/// The last character, out of the fifteen before it.
pub(super) fn check(code: &[u8]) -> u8 {
    let value = |c: u8| if c.is_ascii_digit() { c - b'0' } else { c - b'A' };
    let sum: u32 = code
        .iter()
        .enumerate()
        .map(|(place, c)| {
            if place % 2 == 1 {
                return u32::from(value(*c));
            }
            let index = if c.is_ascii_digit() { value(*c) } else { value(*c) + 10 };
            u32::from(ODD[usize::from(index)])
        })
        .sum();
    b'A' + u8::try_from(sum % 26).unwrap_or_default()
}
