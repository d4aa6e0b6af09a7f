//! Text in headers: as it is where that is safe, else as encoded words (RFC 2047) that hold all of it.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::report::clean;

/// Longest line that is aimed at (RFC 5322, 2.1.1).
const LINE: usize = 76;
/// Bytes of text in one encoded word: with its frame it has at most 75 characters (RFC 2047, 2).
const WORD: usize = 45;
/// Longest part without a blank that is written as it is.
const ATOM: usize = 60;

/// A text for a header such as Subject, folded. What a reader shows is `clean::clean` of the text.
pub(super) fn text(name: &str, text: &str) -> String {
    let text = clean::clean(text);
    let text = text.trim();
    if is_plain(text) { folded(name, text) } else { words(name, text) }
}

/// The name before an address, with the address. A name is a quoted text where it is plain.
pub(super) fn mailbox(header: &str, name: Option<&str>, address: &str) -> String {
    let name = name.map(|name| clean::short(name, 100)).filter(|name| !name.trim().is_empty());
    let Some(name) = name else { return address.to_owned() };
    let name = name.trim();
    let quotable = |c: char| c.is_ascii_alphanumeric() || " .,'-&/+:()".contains(c);
    if name.len() <= ATOM && name.chars().all(quotable) && !name.contains("  ") {
        return folded(header, &format!("\"{name}\" <{address}>"));
    }
    format!("{}\r\n <{address}>", words(header, name))
}

/// Printable ASCII, no part too long for a line, nothing that a reader would take for an encoded word.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && !text.contains("=?")
        && !text.contains("  ")
        && text.split(' ').all(|part| part.len() <= ATOM)
}

/// Broken at blanks. A line is never only a blank: the text has no two of them in a row.
pub(super) fn folded(name: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut length = name.len() + 2;
    for (number, part) in text.split(' ').enumerate() {
        if number > 0 {
            if length + 1 + part.len() > LINE {
                out.push_str("\r\n");
                length = 0;
            }
            out.push(' ');
            length += 1;
        }
        out.push_str(part);
        length += part.len();
    }
    out
}

fn words(name: &str, text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    // The first line begins with the header's name.
    let mut room = WORD.saturating_sub(name.len()).max(8);
    let flush = |word: &mut String, out: &mut String| {
        if !word.is_empty() {
            if !out.is_empty() {
                out.push_str("\r\n ");
            }
            let _ = write!(out, "=?utf-8?B?{}?=", STANDARD.encode(word.as_bytes()));
            word.clear();
        }
    };
    for c in text.chars() {
        if word.len() + c.len_utf8() > room {
            flush(&mut word, &mut out);
            room = WORD;
        }
        word.push(c);
    }
    flush(&mut word, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(value: &str) -> Vec<usize> {
        format!("Subject: {value}").split("\r\n").map(str::len).collect()
    }

    #[test]
    fn plain_text_stays_readable_and_is_folded_at_blanks() {
        assert_eq!(text("Subject", "Tre novita"), "Tre novita");
        let long = "parola ".repeat(40);
        let value = text("Subject", &long);
        assert!(lines(&value).iter().all(|length| *length <= 78), "{value}");
        assert_eq!(value.replace("\r\n", ""), long.trim());
    }

    #[test]
    fn what_is_not_plain_becomes_words_that_hold_all_of_it() {
        for given in ["Città", "=?utf-8?B?eA==?=", "a  b", &"x".repeat(10_000), "\u{1f3db} \u{1f3db}"] {
            let value = text("Subject", given);
            assert!(lines(&value).iter().all(|length| *length <= 78), "{value}");
            let decoded: Vec<u8> = value
                .split("\r\n ")
                .flat_map(|word| {
                    let inner = word.strip_prefix("=?utf-8?B?").and_then(|word| word.strip_suffix("?="));
                    STANDARD.decode(inner.unwrap_or("!")).unwrap_or_default()
                })
                .collect();
            assert_eq!(String::from_utf8_lossy(&decoded), given);
        }
    }

    #[test]
    fn nothing_of_a_text_ends_its_header() {
        for given in ["a\r\nBcc: x@y.it", "a\nb", "a\rb", "a\u{2028}b", "a\0b", "a\u{202e}b", "\r\n\r\nbody"] {
            for value in [text("Subject", given), mailbox("From", Some(given), "a@b.it")] {
                let rest = value.replace("\r\n ", "");
                assert!(!rest.contains(['\r', '\n', '\0']) && rest.is_ascii(), "{given:?}: {value:?}");
            }
        }
        assert_eq!(mailbox("From", Some(" \r\n"), "a@b.it"), "a@b.it");
        assert_eq!(mailbox("From", Some("Ente, ufficio"), "a@b.it"), "\"Ente, ufficio\" <a@b.it>");
        assert!(mailbox("From", Some("x\" <y@z.it>, \""), "a@b.it").starts_with("=?utf-8?B?"));
    }
}
