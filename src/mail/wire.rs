//! What may go over a wire: the last look at a message before it leaves, and the dots.

/// Longest line, without its break (RFC 5321, 4.5.3.1.6).
const LONGEST_LINE: usize = 998;

/// Why a message must not be given to a server as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsafe {
    /// A CR without LF, or a LF without CR: servers disagree on what ends a line, and so on what ends the message
    /// (<https://sec-consult.com/blog/detail/smtp-smuggling-spoofing-e-mails-worldwide/>).
    #[error("a line is not ended by CR and LF")]
    Break,
    /// NUL, or a byte above 127: not every server takes it.
    #[error("a byte that is not ASCII")]
    Byte,
    /// A line longer than 998 bytes.
    #[error("a line of more than 998 bytes")]
    Long,
    /// No empty line between headers and text, or nothing before it.
    #[error("no headers")]
    Headers,
}

/// Says whether a message may be given to any server as it is.
pub fn check(bytes: &[u8]) -> Result<(), Unsafe> {
    if bytes.iter().any(|byte| *byte == 0 || *byte > 127) {
        return Err(Unsafe::Byte);
    }
    let mut rest = bytes;
    let mut headers = false;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\r' || *byte == b'\n').ok_or(Unsafe::Break)?;
        if !rest[end..].starts_with(b"\r\n") {
            return Err(Unsafe::Break);
        }
        if end > LONGEST_LINE {
            return Err(Unsafe::Long);
        }
        headers |= end == 0 && rest.len() < bytes.len();
        rest = &rest[end + 2..];
    }
    if headers { Ok(()) } else { Err(Unsafe::Headers) }
}

/// The message with a dot before each line that begins with one (RFC 5321, 4.5.2), without the final dot. For messages that
/// [`check`] lets through.
pub(super) fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 64 + 2);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_of_ascii_go_out() {
        let long = format!("a: b\r\n\r\n{}\r\n", "x".repeat(999));
        for (message, expected) in [
            ("a: b\r\n\r\n", Ok(())),
            ("a: b\r\n\r\n.\r\n..\r\n", Ok(())),
            ("a: b\r\n\r\nx\n.\nMAIL FROM:<a@b.it>\r\n", Err(Unsafe::Break)),
            ("a: b\r\n\r\nx\r.\r\r\n", Err(Unsafe::Break)),
            ("a: b\r\n\r\nx\r\n.\n", Err(Unsafe::Break)),
            ("a: b\r\n\r\nx\r\r\n", Err(Unsafe::Break)),
            ("a: b\r\n\r\nx", Err(Unsafe::Break)),
            ("a: \0\r\n\r\n", Err(Unsafe::Byte)),
            ("a: è\r\n\r\n", Err(Unsafe::Byte)),
            (long.as_str(), Err(Unsafe::Long)),
            ("a: b\r\n", Err(Unsafe::Headers)),
            ("\r\nb\r\n", Err(Unsafe::Headers)),
            ("", Err(Unsafe::Headers)),
        ] {
            assert_eq!(check(message.as_bytes()), expected, "{message:?}");
        }
        assert_eq!(check(format!("a: b\r\n\r\n{}\r\n", "x".repeat(998)).as_bytes()), Ok(()));
    }

    #[test]
    fn a_line_that_begins_with_a_dot_gets_another() {
        let stuffed = stuffed(b"a: b\r\n\r\n.\r\n..x\r\nx.\r\n.");
        assert_eq!(String::from_utf8_lossy(&stuffed), "a: b\r\n\r\n..\r\n...x\r\nx.\r\n..");
    }
}
