//! E-mail addresses, also as pages hide them from simple programs.

use std::ops::Range;

/// How the sign between name and host is written.
const SIGNS: [&str; 10] =
    ["@", "%40", "&#64;", "&#x40;", "&commat;", "[at]", "(at)", "[chiocciola]", "(chiocciola)", "\u{ff20}"];

/// What stands behind a dot in names of files and never in an address.
const FILES: [&str; 14] =
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "mjs", "map", "woff", "html"];

/// Where they stand, in order, none inside another.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    if !text.contains(['@', '%', '&', '[', '(', '\u{ff20}']) {
        return found;
    }
    // Signs are ASCII but for one that has no other case: places in the folded text are places in the text.
    let folded = text.to_ascii_lowercase();
    let mut at = 0;
    while at < folded.len() {
        let next = SIGNS.iter().filter_map(|sign| folded[at..].find(sign).map(|place| (at + place, sign.len()))).min();
        let Some((sign, length)) = next else { break };
        let after = found.last().map_or(0, |last| last.end);
        match address(text, after, sign, sign + length) {
            Some(place) => {
                at = place.end;
                found.push(place);
            }
            None => at = sign + length,
        }
    }
    found
}

/// The address around a sign that ends at `behind`; nothing before `after` belongs to it.
fn address(text: &str, after: usize, sign: usize, behind: usize) -> Option<Range<usize>> {
    let spelled = text[sign..].starts_with(['[', '(']);
    let trim = |c: char| spelled && c == ' ';
    let before = text[after..sign].trim_end_matches(trim);
    let name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
    let local = before.len() - before.trim_end_matches(name).len();
    let start = after + before.len() - local;
    let start = start + text[start..after + before.len()].len()
        - text[start..after + before.len()].trim_start_matches(['.', '\'', '-', '%']).len();
    if start == after + before.len() {
        return None;
    }
    let rest = &text[behind..];
    let host_start = behind + rest.len() - rest.trim_start_matches(trim).len();
    let host = &text[host_start..];
    let host = &host[..host.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(host.len())];
    let host = longest(host)?;
    Some(start..host_start + host.len())
}

/// The longest beginning that is a host: labels, and a last one of letters.
fn longest(host: &str) -> Option<&str> {
    let mut end = None;
    let mut at = 0;
    for (number, label) in host.split('.').enumerate() {
        if label.is_empty() {
            break;
        }
        let letters = label.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum::<usize>();
        if number > 0 && letters >= 2 && !FILES.contains(&label.to_lowercase().as_str()) {
            end = Some(at + if letters == label.len() { label.len() } else { letters });
        }
        if number > 0 && FILES.contains(&label.to_lowercase().as_str()) {
            return None;
        }
        at += label.len() + 1;
    }
    end.map(|end| &host[..end])
}
