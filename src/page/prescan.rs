//! The WHATWG "prescan a byte stream to determine its encoding" algorithm.
//! Source: <https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding>.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The encoding that `<meta>` or the XML declaration of these first bytes names; `None` when there is none.
pub(super) fn prescan(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, b'?', 0, b'x', 0, ..] => return Some(UTF_16LE),
        [0, b'<', 0, b'?', 0, b'x', ..] => return Some(UTF_16BE),
        _ => {}
    }
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") {
            // `<!-->` is a whole comment: the two dashes may be the same.
            at = find(bytes, at + 2, b"-->").map_or(bytes.len(), |end| end + 3);
        } else if starts_ignoring_case(rest, b"<meta")
            && rest.get(5).is_some_and(|byte| is_space(*byte) || *byte == b'/')
        {
            let mut cursor = Cursor { bytes, at: at + 5 };
            if let Some(encoding) = meta(&mut cursor) {
                return Some(encoding);
            }
            at = cursor.at + 1;
        } else if rest.len() > 1
            && rest[0] == b'<'
            && (rest[1].is_ascii_alphabetic() || (rest[1] == b'/' && rest.get(2).is_some_and(u8::is_ascii_alphabetic)))
        {
            let mut cursor = Cursor { bytes, at };
            while cursor.peek().is_some_and(|byte| !is_space(byte) && byte != b'>') {
                cursor.at += 1;
            }
            while cursor.attribute().is_some() {}
            at = cursor.at + 1;
        } else if rest.starts_with(b"<!") || rest.starts_with(b"</") || rest.starts_with(b"<?") {
            at = find(bytes, at, b">").map_or(bytes.len(), |end| end + 1);
        } else {
            at += 1;
        }
    }
    xml_declaration(bytes)
}

/// Reads the attributes of a `<meta>` whose name has been passed.
fn meta(cursor: &mut Cursor<'_>) -> Option<&'static Encoding> {
    let (mut seen_equiv, mut seen_content, mut seen_charset) = (false, false, false);
    let mut got_pragma = false;
    let mut need_pragma = None;
    let mut charset = None;
    while let Some((name, value)) = cursor.attribute() {
        match name.as_slice() {
            b"http-equiv" if !seen_equiv => {
                seen_equiv = true;
                got_pragma = value == b"content-type";
            }
            b"content" if !seen_content => {
                seen_content = true;
                if charset.is_none()
                    && let Some(encoding) = from_content(&value)
                {
                    charset = Some(encoding);
                    need_pragma = Some(true);
                }
            }
            b"charset" if !seen_charset => {
                seen_charset = true;
                charset = Encoding::for_label_no_replacement(&value);
                need_pragma = Some(false);
            }
            _ => {}
        }
    }
    // A tag that the window cuts off is not heard.
    cursor.peek()?;
    if need_pragma? && !got_pragma {
        return None;
    }
    charset.map(declared)
}

/// What a declaration inside the bytes can mean: it was read byte by byte, so it cannot be UTF-16.
fn declared(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16BE || encoding == UTF_16LE {
        UTF_8
    } else if encoding.name() == "x-user-defined" {
        WINDOWS_1252
    } else {
        encoding
    }
}

/// "Extract a character encoding from a meta element": the `charset=` of a `content` attribute (lower case).
fn from_content(content: &[u8]) -> Option<&'static Encoding> {
    let mut at = 0;
    loop {
        at = find(content, at, b"charset")? + 7;
        let mut value = skip_spaces(content, at);
        if content.get(value) != Some(&b'=') {
            continue;
        }
        value = skip_spaces(content, value + 1);
        let rest = &content[value..];
        let quote = *rest.first()?;
        let label = if matches!(quote, b'"' | b'\'') {
            let end = rest[1..].iter().position(|byte| *byte == quote)?;
            &rest[1..=end]
        } else {
            let end = rest.iter().position(|byte| is_space(*byte) || *byte == b';').unwrap_or(rest.len());
            &rest[..end]
        };
        return Encoding::for_label_no_replacement(label);
    }
}

/// "Get an XML encoding": `<?xml ... encoding="...">` at the very start.
fn xml_declaration(bytes: &[u8]) -> Option<&'static Encoding> {
    let rest = bytes.strip_prefix(b"<?xml")?;
    let rest = &rest[..find(rest, 0, b">")?];
    let mut at = skip_spaces(rest, find(rest, 0, b"encoding")? + 8);
    if rest.get(at) != Some(&b'=') {
        return None;
    }
    at = skip_spaces(rest, at + 1);
    let quote = *rest.get(at).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let value = &rest[at + 1..];
    let end = value.iter().position(|byte| *byte == quote)?;
    Encoding::for_label_no_replacement(&value[..end]).map(declared)
}

/// A place in the bytes.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// "Get an attribute": name and value in lower case; `None` at the end of the tag or of the bytes.
    fn attribute(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        while self.peek().is_some_and(|byte| is_space(byte) || byte == b'/') {
            self.at += 1;
        }
        if self.peek()? == b'>' {
            return None;
        }
        let mut name = Vec::new();
        loop {
            match self.peek()? {
                b'=' if !name.is_empty() => break,
                byte if is_space(byte) => {
                    self.at = skip_spaces(self.bytes, self.at);
                    if self.peek()? != b'=' {
                        return Some((name, Vec::new()));
                    }
                    break;
                }
                b'/' | b'>' => return Some((name, Vec::new())),
                byte => name.push(byte.to_ascii_lowercase()),
            }
            self.at += 1;
        }
        self.at = skip_spaces(self.bytes, self.at + 1);
        let mut value = Vec::new();
        match self.peek()? {
            quote @ (b'"' | b'\'') => loop {
                self.at += 1;
                let byte = self.peek()?;
                if byte == quote {
                    self.at += 1;
                    return Some((name, value));
                }
                value.push(byte.to_ascii_lowercase());
            },
            _ => loop {
                match self.peek()? {
                    byte if is_space(byte) || byte == b'>' => return Some((name, value)),
                    byte => value.push(byte.to_ascii_lowercase()),
                }
                self.at += 1;
            },
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    at
}

fn find(bytes: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    let found = bytes.get(from..)?.windows(needle.len()).position(|window| window == needle)?;
    Some(from + found)
}

fn starts_ignoring_case(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
