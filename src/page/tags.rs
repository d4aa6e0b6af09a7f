//! Caps the attributes of each tag before the parser sees them.
//!
//! html5ever compares each attribute with all that came before it on the same tag, so a tag with 100,000 attributes
//! costs seconds. This is one linear pass over the text that knows tags, quotes, comments and raw text as the tokenizer
//! does; it borrows when there is nothing to cut, which is always, outside tests and attacks. If it is ever wrong about
//! where a tag begins, the parse's own limit on processor time still holds.

use std::borrow::Cow;

/// Attributes kept on formatting tags: the parser clones these elements, attributes included, once for each block that
/// they are left open across.
const FORMATTING_ATTRIBUTES: usize = 64;

/// The result of [`cap`].
#[derive(Debug)]
pub(super) struct Capped<'a> {
    /// The text with the surplus attributes left out.
    pub(super) text: Cow<'a, str>,
    /// True when something was left out.
    pub(super) cut: bool,
}

/// Leaves out what stands after the first `limit` attributes of a tag. Values are not shortened: a long one costs no
/// more than its length.
pub(super) fn cap(text: &str, limit: usize) -> Capped<'_> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0, limit, copied: 0, out: String::new() };
    scanner.run();
    if scanner.copied == 0 {
        return Capped { text: Cow::Borrowed(text), cut: false };
    }
    scanner.out.push_str(&text[scanner.copied..]);
    Capped { text: Cow::Owned(scanner.out), cut: true }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    limit: usize,
    /// Everything before this is in `out` (or left out); 0 as long as nothing was left out.
    copied: usize,
    out: String,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        while let Some(open) = find(self.bytes, self.at, b'<') {
            self.at = open;
            match self.bytes.get(open + 1) {
                Some(byte) if byte.is_ascii_alphabetic() => {
                    // `<script/>` opens a script all the same: html has no self-closing elements.
                    let name = self.tag(open + 1);
                    self.raw_text(name);
                }
                Some(b'/') if self.bytes.get(open + 2).is_some_and(u8::is_ascii_alphabetic) => {
                    self.tag(open + 2);
                }
                Some(b'!') => self.declaration(open + 2),
                Some(b'/' | b'?') => self.at = find(self.bytes, open, b'>').map_or(self.bytes.len(), |end| end + 1),
                _ => self.at = open + 1,
            }
        }
    }

    /// Passes a tag whose name starts at `from`, leaving out the surplus. Returns its name.
    fn tag(&mut self, from: usize) -> &'a str {
        let bytes = self.bytes;
        let mut at = from;
        while bytes.get(at).is_some_and(|byte| !is_space(*byte) && !matches!(byte, b'/' | b'>')) {
            at += 1;
        }
        let name = &self.text[from..at];
        let limit = if is_formatting(name) { self.limit.min(FORMATTING_ATTRIBUTES) } else { self.limit };
        let mut count = 0;
        let mut surplus = None;
        loop {
            while bytes.get(at).is_some_and(|byte| is_space(*byte) || *byte == b'/') {
                at += 1;
            }
            match bytes.get(at) {
                None | Some(b'>') => break,
                Some(_) => {
                    if count == limit {
                        surplus = Some(at);
                    }
                    count += 1;
                    at = attribute_end(bytes, at);
                }
            }
        }
        if let Some(start) = surplus {
            self.out.push_str(&self.text[self.copied..start]);
            // The slash of `/>` counts in svg.
            self.copied = if bytes.get(at) == Some(&b'>') && bytes[at - 1] == b'/' { at - 1 } else { at };
        }
        self.at = (at + 1).min(bytes.len());
        name
    }

    /// Passes what follows `<!`: a comment, a CDATA section, or anything else up to the next `>`.
    fn declaration(&mut self, from: usize) {
        self.at = if self.bytes[from..].starts_with(b"--") {
            comment_end(self.bytes, from + 2)
        } else {
            // CDATA counts only inside svg and math; elsewhere the same characters are a comment up to the next `>`.
            // Taking the nearer end never hides a tag from this pass.
            find(self.bytes, from, b'>').map_or(self.bytes.len(), |end| end + 1)
        };
    }

    /// Passes the content of an element whose content is not markup.
    fn raw_text(&mut self, name: &str) {
        if name.eq_ignore_ascii_case("plaintext") {
            self.at = self.bytes.len();
        } else if name.eq_ignore_ascii_case("script") {
            self.script();
        } else if RAW_TEXT.iter().any(|raw| name.eq_ignore_ascii_case(raw)) {
            self.at = self.end_tag(self.at, name).unwrap_or(self.bytes.len());
        }
    }

    /// Passes a script. Inside `<!-- <script>` an end tag closes the inner one only ("script data double escaped").
    fn script(&mut self) {
        let bytes = self.bytes;
        let (mut escaped, mut doubly) = (false, false);
        while let Some(step) = bytes[self.at..].iter().position(|byte| matches!(byte, b'<' | b'-')) {
            self.at += step;
            let rest = &bytes[self.at..];
            if rest.starts_with(b"-->") {
                (escaped, doubly) = (false, false);
                self.at += 3;
            } else if rest.starts_with(b"<!--") && !escaped {
                escaped = true;
                // The dashes may be those of a `-->` at once.
                self.at += 2;
            } else if is_tag(rest, b"</", "script") {
                if !doubly {
                    return;
                }
                doubly = false;
                self.at += 2;
            } else {
                doubly |= escaped && is_tag(rest, b"<", "script");
                self.at += 1;
            }
        }
        self.at = bytes.len();
    }

    /// Where the end tag `</name` starts, from `from` on.
    fn end_tag(&self, mut from: usize, name: &str) -> Option<usize> {
        loop {
            let open = find(self.bytes, from, b'<')?;
            if is_tag(&self.bytes[open..], b"</", name) {
                return Some(open);
            }
            from = open + 1;
        }
    }
}

/// Elements whose content the parser takes as text (`noscript` because pages are parsed as by a browser with scripts).
const RAW_TEXT: [&str; 8] = ["style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"];

/// Elements that the parser clones ("the list of active formatting elements").
fn is_formatting(name: &str) -> bool {
    const NAMES: [&str; 14] =
        ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
    NAMES.iter().any(|formatting| name.eq_ignore_ascii_case(formatting))
}

/// True when `bytes` start with the tag `prefix` + `name`, followed by what can follow a tag's name.
fn is_tag(bytes: &[u8], prefix: &[u8], name: &str) -> bool {
    let Some(rest) = bytes.strip_prefix(prefix) else { return false };
    rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        && rest.get(name.len()).is_none_or(|byte| is_space(*byte) || matches!(byte, b'/' | b'>'))
}

/// The end of a comment whose text starts at `from` (right after `<!--`).
fn comment_end(bytes: &[u8], from: usize) -> usize {
    // `<!-->` and `<!--->` are whole comments.
    for whole in [&b">"[..], b"->"] {
        if bytes[from..].starts_with(whole) {
            return from + whole.len();
        }
    }
    let mut at = from;
    while let Some(dash) = find(bytes, at, b'-') {
        for end in [&b"-->"[..], b"--!>"] {
            if bytes[dash..].starts_with(end) {
                return dash + end.len();
            }
        }
        at = dash + 1;
    }
    bytes.len()
}

/// The end of the attribute that starts at `at`, its value included.
fn attribute_end(bytes: &[u8], mut at: usize) -> usize {
    // The first character belongs to the name, whatever it is (a stray `=` too).
    at += 1;
    while bytes.get(at).is_some_and(|byte| !is_space(*byte) && !matches!(byte, b'/' | b'>' | b'=')) {
        at += 1;
    }
    let name_end = at;
    while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    if bytes.get(at) != Some(&b'=') {
        return name_end;
    }
    at += 1;
    while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(at) {
        return find(bytes, at + 1, *quote).map_or(bytes.len(), |end| end + 1);
    }
    while bytes.get(at).is_some_and(|byte| !is_space(*byte) && *byte != b'>') {
        at += 1;
    }
    at
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn find(bytes: &[u8], from: usize, needle: u8) -> Option<usize> {
    let rest = bytes.get(from..)?;
    Some(from + rest.iter().position(|byte| *byte == needle)?)
}

#[cfg(test)]
mod tests;
