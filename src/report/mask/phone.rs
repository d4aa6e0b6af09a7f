//! Telephone numbers as they are written in Italy.
//!
//! Digits alone say little, so form decides: an international prefix; an area code of two to four digits and a number behind
//! it; ten digits of a mobile; or a word before it that says what it is. Dates, sums, VAT numbers and protocol numbers have
//! other forms. Numbers that belong to a service and to nobody in particular (800, 803, 1xx, 11x) are left.

use std::ops::Range;

use url::Url;

/// A group of digits and what stands between it and the next.
struct Group {
    place: Range<usize>,
}

/// Where they stand, in order.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let groups = groups(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        match number(text, &groups, at) {
            Some((place, used)) => {
                found.push(place);
                at += used;
            }
            None => at += 1,
        }
    }
    found
}

/// The runs of digits of a text.
fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_digit() {
            match groups.last_mut() {
                Some(last) if last.place.end == at => last.place.end = at + 1,
                _ => groups.push(Group { place: at..at + 1 }),
            }
        }
    }
    groups
}

/// What may stand between the groups of one number.
fn joins(between: &str) -> bool {
    let count = between.chars().count();
    (1..=3).contains(&count)
        && between.chars().all(|c| matches!(c, ' ' | '\u{a0}' | '.' | '/' | '-' | '\u{2013}' | '(' | ')'))
}

/// How the digits before a place are announced.
#[derive(PartialEq, Clone, Copy)]
enum Said {
    /// Not at all.
    Not,
    /// By a word.
    Word,
    /// By a prefix of a country; the number of its digits among those of the first group.
    Prefix,
}

/// A number that begins with a group, and how many groups it takes.
fn number(text: &str, groups: &[Group], at: usize) -> Option<(Range<usize>, usize)> {
    let first = &groups[at].place;
    let before = &text[..first.start];
    let plus = before.ends_with('+') || before.ends_with("%2B") || before.ends_with("%2b");
    let digits = &text[first.clone()];
    let prefix = plus || (digits.len() > 4 && digits.starts_with("0039")) || digits == "0039";
    let said = if prefix {
        Said::Prefix
    } else if is_announced(before) {
        Said::Word
    } else {
        Said::Not
    };
    let start = if plus { first.start - if before.ends_with('+') { 1 } else { 3 } } else { first.start };
    let opened = text[..start].ends_with('(');
    let edge = if opened { start - 1 } else { start };
    let head = &text[..edge];
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '&' | '#');
    let stands_alone = match said {
        Said::Word => true,
        Said::Prefix => !head.ends_with(inside),
        // Digits behind a comma, a hyphen or a slash are the rest of something; behind a full stop they begin a sentence.
        Said::Not => match head.strip_suffix('.') {
            Some(sentence) => sentence.ends_with(char::is_alphabetic),
            None => !head.ends_with(|c| inside(c) || matches!(c, ',' | '-' | '/' | '+')),
        },
    };
    if !stands_alone {
        return None;
    }
    // The longest that has the form of a number.
    let mut all = String::new();
    let mut lengths = Vec::new();
    let mut best = None;
    for (used, group) in groups[at..].iter().take(8).enumerate() {
        if used > 0 && !joins(&text[groups[at + used - 1].place.end..group.place.start]) {
            break;
        }
        all.push_str(&text[group.place.clone()]);
        lengths.push(group.place.len());
        let end = group.place.end;
        if all.len() > 16 {
            break;
        }
        if ends_there(text, end) && (said == Said::Prefix || !is_date(&lengths)) && has_form(&all, &lengths, said, plus)
        {
            best = Some((end, used + 1));
        }
    }
    let (end, used) = best?;
    let closes = opened && !text[start..end].contains(')') && text[end..].starts_with(')');
    let start = if opened && (closes || text[start..end].contains(')')) { start - 1 } else { start };
    Some((start..if closes { end + 1 } else { end }, used))
}

/// True when no number goes on behind a place: no letter, no digits behind a comma, a dot, a slash or a hyphen, but for an
/// extension of one or two.
fn ends_there(text: &str, end: usize) -> bool {
    let rest = &text[end..];
    match rest.chars().next() {
        Some(c) if c.is_alphanumeric() || matches!(c, '_' | '%' | '€') => false,
        Some('/' | '-') => rest[1..].bytes().take_while(u8::is_ascii_digit).count() <= 2,
        Some(',' | '.') => !rest[1..].starts_with(|c: char| c.is_ascii_digit()),
        Some(_) | None => true,
    }
}

/// A day: 02/11/2026, 02-11-26.
fn is_date(lengths: &[usize]) -> bool {
    matches!(lengths, [1 | 2, 1 | 2, 2 | 4, ..] | [4, 1 | 2, 1 | 2])
}

/// Whether digits, written in groups of these lengths, are a telephone number.
fn has_form(digits: &str, lengths: &[usize], said: Said, plus: bool) -> bool {
    let (digits, lengths) = match said {
        Said::Prefix => {
            let (bare, cut) = if let Some(bare) = digits.strip_prefix("0039") {
                (bare, 4)
            } else if let Some(bare) = digits.strip_prefix("39") {
                (bare, 2)
            } else {
                // Another country: its own form is not known here.
                return plus && (9..=15).contains(&digits.len());
            };
            let (first, rest) = lengths.split_first().map_or((0, &[][..]), |(first, rest)| (*first, rest));
            if first < cut {
                return false;
            }
            let lengths: Vec<usize> =
                std::iter::once(first - cut).filter(|left| *left > 0).chain(rest.iter().copied()).collect();
            (bare, lengths)
        }
        Said::Word | Said::Not => (digits, lengths.to_vec()),
    };
    let service = ["800", "803", "840", "848", "892", "895", "899", "1"];
    if service.iter().any(|start| digits.starts_with(start)) {
        return false;
    }
    if said != Said::Not {
        return (6..=11).contains(&digits.len()) && digits.starts_with(['0', '3', '4', '5', '6', '7', '8', '9']);
    }
    let total = digits.len();
    let second = digits.as_bytes().get(1).copied().unwrap_or_default();
    if digits.starts_with('3') {
        let grouped = matches!(lengths.as_slice(), [10] | [3, ..]);
        return total == 10 && second != b'0' && grouped && lengths.iter().skip(1).all(|length| *length >= 2)
            || (total == 9 && lengths.len() > 1 && lengths[0] == 3 && lengths[1..].iter().all(|length| *length >= 2));
    }
    if !digits.starts_with('0') || second == b'0' {
        return false;
    }
    match lengths.as_slice() {
        // Eleven digits in a row are the number of a body.
        [9 | 10] => true,
        [2..=4, number] => (5..=8).contains(number) && (8..=11).contains(&total),
        [2..=4, rest @ ..] => {
            rest.len() >= 2 && rest.iter().all(|length| (2..=4).contains(length)) && (8..=11).contains(&total)
        }
        _ => false,
    }
}

/// Words before a number that say what it is.
fn is_announced(before: &str) -> bool {
    const WORDS: [&str; 12] = [
        "tel",
        "telefono",
        "telefonico",
        "telefonare",
        "cell",
        "cellulare",
        "fax",
        "mobile",
        "phone",
        "whatsapp",
        "tel:",
        "telephone",
    ];
    let end = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    let gap = before[end.len()..].chars().count();
    let end = end
        .strip_suffix(" n")
        .or_else(|| end.strip_suffix(" al"))
        .map_or(end, |end| end.trim_end_matches(['.', ' ', ':']));
    let word: String =
        end.chars().rev().take_while(|c| c.is_alphabetic()).collect::<Vec<_>>().into_iter().rev().collect();
    gap <= 6 && WORDS.contains(&word.to_lowercase().as_str())
}

/// True for a name of a form field that holds a telephone number.
pub(super) fn is_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["tel", "telefono", "phone", "cell", "cellulare", "mobile", "fax", "msisdn", "numero_telefono", "telephone"]
        .contains(&name.as_str())
}

/// True for an address of a messenger whose path is a number.
pub(super) fn is_messenger(url: &Url) -> bool {
    matches!(url.host_str(), Some("wa.me" | "www.wa.me" | "t.me"))
        && url.path().trim_start_matches(['/', '+']).bytes().take_while(u8::is_ascii_digit).count() >= 8
}
