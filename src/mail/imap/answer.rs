//! What a server says (RFC 3501, 7), as far as it is listened to.
//!
//! A response comes in parts: pieces of lines, and literals between them. It is taken apart without recursion, into what was
//! asked for; everything else a server may say at any time, and is passed over. The public crate for this grammar, `imap-proto`
//! 0.17, ends the process on a thousand opening parentheses and panics on `* OK [ALERT]è`: a server must not be able to.

/// A piece of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Of a line, without its break and without the `{size}` that announces a literal.
    Line(Vec<u8>),
    /// A literal.
    Literal(Vec<u8>),
}

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    No,
    Bad,
    /// The server takes leave.
    Bye,
    /// It knows already who we are.
    PreAuth,
}

impl Status {
    fn of(word: &str) -> Option<Self> {
        [("OK", Self::Ok), ("NO", Self::No), ("BAD", Self::Bad), ("BYE", Self::Bye), ("PREAUTH", Self::PreAuth)]
            .into_iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name))
            .map(|(_, status)| status)
    }
}

/// One response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// We may go on.
    Go,
    /// A command is done: its tag, how it went, what was said.
    Done(String, Status, String),
    /// The state of things.
    State(Status, String),
    /// What the server can.
    Can(Vec<String>),
    /// Messages of the folder.
    Exists(u32),
    /// Something of a message.
    Fetch(Fetched),
    /// What was not asked for.
    Other,
}

/// What is told of a message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fetched {
    /// Its number, which it keeps.
    pub(super) uid: Option<u32>,
    /// Its size in bytes, as the server counts it.
    pub(super) size: Option<u64>,
    /// Its bytes, or some of them: of headers, or of everything.
    pub(super) bytes: Option<(Section, Vec<u8>)>,
}

/// What bytes are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// `BODY[HEADER]`.
    Header,
    /// `BODY[]`.
    Whole,
}

/// Whether a line is one of those that hold text for people to their end. `{5}` there announces nothing.
pub(super) fn is_text(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&line[..line.len().min(80)]);
    let mut words = text.split(' ');
    match words.next() {
        Some("*") => words.next().is_some_and(|word| Status::of(word).is_some()),
        Some(_) | None => true,
    }
}

/// The size of the literal that a line announces, and the line without it.
pub(super) fn announced(line: &[u8]) -> Option<(u64, &[u8])> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(&inner[open + 1..]).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // A number that holds more digits than any size is still an announcement.
    Some((digits.parse().unwrap_or(u64::MAX), &line[..open]))
}

/// Reads one response; `None` for what is none.
pub(super) fn read(parts: Vec<Part>) -> Option<Answer> {
    let Some(Part::Line(first)) = parts.first() else { return None };
    let line = String::from_utf8_lossy(first).into_owned();
    if line == "+" || line.starts_with("+ ") {
        return Some(Answer::Go);
    }
    let (start, rest) = line.split_once(' ')?;
    let (word, text) = rest.split_once(' ').unwrap_or((rest, ""));
    if start != "*" {
        let plain = !start.is_empty() && start.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return Status::of(word)
            .filter(|_| plain)
            .map(|status| Answer::Done(start.to_owned(), status, text.to_owned()));
    }
    if let Some(status) = Status::of(word) {
        return Some(Answer::State(status, text.to_owned()));
    }
    if word.eq_ignore_ascii_case("CAPABILITY") {
        return Some(Answer::Can(text.split_ascii_whitespace().map(str::to_ascii_uppercase).collect()));
    }
    let Some(number) = number(word) else { return Some(Answer::Other) };
    let (word, _) = text.split_once(' ').unwrap_or((text, ""));
    if word.eq_ignore_ascii_case("EXISTS") {
        return Some(Answer::Exists(number));
    }
    if word.eq_ignore_ascii_case("FETCH") {
        return fetched(parts).map(Answer::Fetch);
    }
    Some(Answer::Other)
}

/// A number of 32 bits, digits only.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The number that a code in brackets says at the start of a text: `[UIDVALIDITY 7] ok`.
pub(super) fn code_number(text: &str, name: &str) -> Option<u32> {
    let (code, _) = text.strip_prefix('[')?.split_once(']')?;
    let (said, value) = code.split_once(' ')?;
    if said.eq_ignore_ascii_case(name) { number(value) } else { None }
}

/// Whether a text begins with this code: `[UNAVAILABLE] later`.
pub(super) fn has_code(text: &str, name: &str) -> bool {
    text.strip_prefix('[')
        .and_then(|text| text.split_once(']'))
        .and_then(|(code, _)| code.split(' ').next())
        .is_some_and(|said| said.eq_ignore_ascii_case(name))
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Word(String),
    Bytes(Vec<u8>),
}

/// Most tokens of a response; what we ask for has a dozen, and flags come along unasked.
const MOST_TOKENS: usize = 4096;

fn tokens(parts: Vec<Part>) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for part in parts {
        match part {
            Part::Literal(bytes) => tokens.push(Token::Bytes(bytes)),
            Part::Line(line) => of_line(&line, &mut tokens)?,
        }
        if tokens.len() > MOST_TOKENS {
            return None;
        }
    }
    Some(tokens)
}

fn of_line(line: &[u8], tokens: &mut Vec<Token>) -> Option<()> {
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        at += 1;
        match byte {
            b' ' => {}
            b'(' => tokens.push(Token::Open),
            b')' => tokens.push(Token::Close),
            b'"' => {
                let mut bytes = Vec::new();
                loop {
                    let byte = *line.get(at)?;
                    at += 1;
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.push(*line.get(at)?);
                            at += 1;
                        }
                        _ => bytes.push(byte),
                    }
                }
                tokens.push(Token::Bytes(bytes));
            }
            _ => {
                let start = at - 1;
                // Blanks and parentheses may stand between the brackets of `BODY[HEADER.FIELDS (DATE)]`.
                let mut bracket = false;
                at = start;
                while let Some(&byte) = line.get(at) {
                    match byte {
                        b'[' => bracket = line[at..].contains(&b']'),
                        b']' => bracket = false,
                        b' ' | b'(' | b')' | b'"' if !bracket => break,
                        _ => {}
                    }
                    at += 1;
                }
                tokens.push(Token::Word(String::from_utf8_lossy(&line[start..at]).into_owned()));
            }
        }
        if tokens.len() > MOST_TOKENS {
            return None;
        }
    }
    Some(())
}

/// `* 1 FETCH (UID 5 RFC822.SIZE 300 BODY[] {300}...)`.
fn fetched(parts: Vec<Part>) -> Option<Fetched> {
    let mut tokens = tokens(parts)?.into_iter().skip(3);
    if tokens.next()? != Token::Open {
        return None;
    }
    let mut fetched = Fetched::default();
    loop {
        let name = match tokens.next()? {
            Token::Close => return tokens.next().is_none().then_some(fetched),
            Token::Word(name) => name.to_ascii_uppercase(),
            Token::Open | Token::Bytes(_) => return None,
        };
        let value = tokens.next()?;
        let section = name.strip_prefix("BODY[").and_then(|rest| rest.split_once(']')).map(|(section, _)| section);
        match (name.as_str(), value) {
            ("UID", Token::Word(value)) => fetched.uid = Some(number(&value).filter(|uid| *uid > 0)?),
            // More than 32 bits: newer servers count so far.
            ("RFC822.SIZE", Token::Word(value)) => {
                fetched.size = Some(value.parse().ok().filter(|_| value.bytes().all(|byte| byte.is_ascii_digit()))?);
            }
            ("UID" | "RFC822.SIZE", _) | (_, Token::Close) => return None,
            (_, Token::Bytes(bytes)) => match section {
                Some("") => fetched.bytes = Some((Section::Whole, bytes)),
                Some("HEADER") => fetched.bytes = Some((Section::Header, bytes)),
                _ => {}
            },
            (_, Token::Word(_)) => {}
            (_, Token::Open) => {
                let mut depth = 1_usize;
                while depth > 0 {
                    match tokens.next()? {
                        Token::Open => depth += 1,
                        Token::Close => depth -= 1,
                        Token::Word(_) | Token::Bytes(_) => {}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(line: &str) -> Option<Answer> {
        read(vec![Part::Line(line.as_bytes().to_vec())])
    }

    #[expect(clippy::unnecessary_wraps, reason = "what it is compared with may be none")]
    fn fetch(uid: Option<u32>, size: Option<u64>, bytes: Option<(Section, &[u8])>) -> Option<Answer> {
        let bytes = bytes.map(|(section, bytes)| (section, bytes.to_vec()));
        Some(Answer::Fetch(Fetched { uid, size, bytes }))
    }

    #[test]
    fn what_servers_say_is_read() {
        assert_eq!(one("+ go ahead"), Some(Answer::Go));
        assert_eq!(one("+"), Some(Answer::Go));
        assert_eq!(one("A7 OK done"), Some(Answer::Done("A7".into(), Status::Ok, "done".into())));
        assert_eq!(one("A7 NO"), Some(Answer::Done("A7".into(), Status::No, String::new())));
        assert_eq!(one("* bye è finita"), Some(Answer::State(Status::Bye, "è finita".into())));
        assert_eq!(
            one("* CAPABILITY IMAP4rev1 Auth=plain"),
            Some(Answer::Can(vec!["IMAP4REV1".into(), "AUTH=PLAIN".into()]))
        );
        assert_eq!(one("* 12 EXISTS"), Some(Answer::Exists(12)));
        for other in
            ["* 3 RECENT", "* FLAGS (\\Seen)", "* LIST () \"/\" INBOX", "* 4 EXPUNGE", "* X", "* 99999999999 EXISTS"]
        {
            assert_eq!(one(other), Some(Answer::Other), "{other}");
        }
        for none in ["", "x", "* ", "HTTP/1.1 400 Bad Request", "A1 MAYBE", "ciao a tutti", "A.1 OK x"] {
            assert!(matches!(one(none), None | Some(Answer::Other)), "{none}");
        }
        assert_eq!(one("HTTP/1.1 400 Bad Request"), None);
        assert_eq!(code_number("[UIDVALIDITY 7] ok", "uidvalidity"), Some(7));
        assert_eq!(code_number("[UIDVALIDITY 7", "UIDVALIDITY"), None);
        assert_eq!(code_number("[UIDVALIDITY +7]", "UIDVALIDITY"), None);
        assert!(has_code("[UNAVAILABLE] x", "UNAVAILABLE") && !has_code("UNAVAILABLE", "UNAVAILABLE"));
    }

    #[test]
    fn messages_are_read_in_any_order_and_with_what_was_not_asked_for() {
        assert_eq!(one("* 1 FETCH (UID 5 RFC822.SIZE 300)"), fetch(Some(5), Some(300), None));
        assert_eq!(
            one("* 1 FETCH (FLAGS (\\Seen $x[ (a (b))) rfc822.size 5000000000 MODSEQ (7) uid 4294967295)"),
            fetch(Some(u32::MAX), Some(5_000_000_000), None)
        );
        assert_eq!(
            one("* 1 FETCH (UID 5 BODY[] \"a\\\"\\\\b\")"),
            fetch(Some(5), None, Some((Section::Whole, b"a\"\\b")))
        );
        assert_eq!(one("* 1 FETCH (UID 5 BODY[] NIL)"), fetch(Some(5), None, None));
        let parts = vec![
            Part::Line(b"* 1 FETCH (BODY[HEADER.FIELDS (A B)] ".to_vec()),
            Part::Literal(b"no".to_vec()),
            Part::Line(b" BODY[HEADER]<0> ".to_vec()),
            Part::Literal(b"a: b)\r\n".to_vec()),
            Part::Line(b" UID 5)".to_vec()),
        ];
        assert_eq!(read(parts), fetch(Some(5), None, Some((Section::Header, b"a: b)\r\n"))));
        for bent in [
            "* 1 FETCH",
            "* 1 FETCH (",
            "* 1 FETCH (UID)",
            "* 1 FETCH (UID 0)",
            "* 1 FETCH (UID (5))",
            "* 1 FETCH (UID -5)",
            "* 1 FETCH (UID 5) x",
            "* 1 FETCH (UID 5",
            "* 1 FETCH (FLAGS (a)",
            "* 1 FETCH (BODY[] \"a)",
            "* 1 FETCH (RFC822.SIZE 99999999999999999999999)",
            "* 1 FETCH UID 5",
        ] {
            assert_eq!(one(bent), None, "{bent}");
        }
        assert_eq!(one(&format!("* 1 FETCH (FLAGS {}", "(".repeat(1_000_000))), None);
    }

    #[test]
    fn announcements_are_numbers_at_the_end() {
        assert_eq!(announced(b"x BODY[] {12}"), Some((12, &b"x BODY[] "[..])));
        assert_eq!(announced(b"{99999999999999999999999999}"), Some((u64::MAX, &b""[..])));
        for none in ["x {12} ", "x {}", "x {-1}", "x {1 2}", "12}", "x {12+}", ""] {
            assert_eq!(announced(none.as_bytes()), None, "{none}");
        }
        assert!(is_text(b"* OK look {5}") && is_text(b"A1 NO {5}") && is_text(b"+ {5}"));
        assert!(!is_text(b"* 1 FETCH (BODY[] {5}") && !is_text(b"* LIST () {5}"));
    }

    proptest! {
        #[test]
        fn nothing_breaks_the_reader(lines in proptest::collection::vec("[* A-Z0-9()\\[\\]{}\"\\\\è]{0,60}", 1..4), literal in any::<Vec<u8>>()) {
            let mut parts = Vec::new();
            for line in lines {
                let _ = announced(line.as_bytes());
                let _ = is_text(line.as_bytes());
                parts.push(Part::Line(format!("* 1 FETCH ({line}").into_bytes()));
                parts.push(Part::Literal(literal.clone()));
                let _ = one(&line);
            }
            let _ = read(parts);
        }
    }
}
