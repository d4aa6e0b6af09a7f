//! Where a snippet of page script leads, when it says so in a literal: `location.href='/servizi'`,
//! `window.open("https://...")`. Nothing is run and nothing is guessed: an address put together from parts is not known.

/// What a snippet does, as far as its text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// It goes to this address (as written, escapes undone).
    Goes(String),
    /// It does nothing that leads anywhere: `void(0)`, `return false;`, `history.back()`.
    Nothing,
    /// Something else happens.
    Unknown,
}

/// Bytes of a snippet that are looked at; real ones have a few hundred.
const LOOKED_AT: usize = 8 * 1_024;

/// Reads a snippet: the value of `onclick`, or what follows `javascript:`.
pub(super) fn effect(code: &str) -> Effect {
    let code = &code[..code.floor_char_boundary(LOOKED_AT.min(code.len()))];
    if let Some(target) = literal_target(code) {
        return Effect::Goes(target);
    }
    if code.split([';', '\n']).all(leads_nowhere) { Effect::Nothing } else { Effect::Unknown }
}

/// The first literal address that the code goes to.
fn literal_target(code: &str) -> Option<String> {
    let mut from = 0;
    loop {
        let (at, after) = next_word(code, from)?;
        from = after;
        let before = code[..at].trim_end();
        let rest = code[after..].trim_start();
        let target = match &code[at..after] {
            "location" => location(rest),
            "open" => {
                // `open(` of a window; any other object may have an `open` of its own.
                let owner = before.strip_suffix('.').map(str::trim_end);
                let is_window = owner.is_none_or(|owner| {
                    ["window", "self", "top", "parent"].iter().any(|name| ends_with_word(owner, name))
                });
                if is_window { rest.strip_prefix('(').and_then(argument) } else { None }
            }
            _ => None,
        };
        if target.is_some() {
            return target;
        }
    }
}

/// What follows `location`: an assignment or one of its methods.
fn location(rest: &str) -> Option<String> {
    let Some(member) = rest.strip_prefix('.') else { return assigned(rest) };
    let member = member.trim_start();
    if let Some(rest) = member.strip_prefix("href") {
        return assigned(rest.trim_start());
    }
    let call = member.strip_prefix("assign").or_else(|| member.strip_prefix("replace"))?;
    call.trim_start().strip_prefix('(').and_then(argument)
}

/// The literal after `=` (not `==`).
fn assigned(rest: &str) -> Option<String> {
    let value = rest.strip_prefix('=').filter(|value| !value.starts_with('='))?;
    argument(value)
}

/// A string literal that is the whole argument: what follows it may end the argument, not go on with `+`.
fn argument(rest: &str) -> Option<String> {
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"' | '`'))?;
    let mut literal = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => literal.push(escaped(&mut characters)?),
            '$' if quote == '`' && rest[at..].starts_with("${") => return None,
            _ if character == quote => {
                let after = rest[at + 1..].trim_start();
                return (!after.starts_with(['+', '.', '?', '['])).then_some(literal);
            }
            _ => literal.push(character),
        }
    }
    None
}

/// The character of an escape sequence whose backslash has been read.
fn escaped(characters: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    let digits = match characters.next()?.1 {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        'x' => 2,
        'u' => 4,
        other => return Some(other),
    };
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + characters.next()?.1.to_digit(16)?;
    }
    char::from_u32(code)
}

/// The next identifier from `from` on, as start and end.
fn next_word(code: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + code[from..].find(is_word)?;
    let end = code[start..].find(|character| !is_word(character)).map_or(code.len(), |end| start + end);
    Some((start, end))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|before| !before.ends_with(is_word))
}

/// True for a statement after which the reader is where they were.
fn leads_nowhere(statement: &str) -> bool {
    let statement = statement.trim().strip_prefix("javascript:").unwrap_or(statement.trim());
    let mut plain: String = statement.chars().filter(|character| !character.is_whitespace()).collect();
    plain.make_ascii_lowercase();
    matches!(
        plain.as_str(),
        "" | "void(0)"
            | "void0"
            | "void(null)"
            | "void()"
            | "return"
            | "returnfalse"
            | "returntrue"
            | "false"
            | "true"
            | "null"
            | "undefined"
            | "0"
            | "//"
            | "event.preventdefault()"
            | "event.stoppropagation()"
            | "this.blur()"
            | "history.back()"
            | "history.go(-1)"
            | "window.history.back()"
            | "window.history.go(-1)"
            | "window.print()"
            | "print()"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_addresses_are_found() {
        for (code, target) in [
            ("location.href='/servizi'", "/servizi"),
            ("window.location.href = \"https://a.it/x\"; return false;", "https://a.it/x"),
            ("window.location='a.html'", "a.html"),
            ("document.location = 'a.html'", "a.html"),
            ("self.location.assign('/x?a=1&b=2')", "/x?a=1&b=2"),
            ("top.location.replace( '/x' )", "/x"),
            ("window.open('https://spid.a.it','_blank','width=1')", "https://spid.a.it"),
            ("open('/x')", "/x"),
            ("javascript:location.href='/x'", "/x"),
            ("if (ok) { location.href = `\\/it\\/login`; }", "/it/login"),
            ("location = '\\u002fx\\x2fy'", "/x/y"),
            ("ga('send'); location.href='/dopo'", "/dopo"),
        ] {
            assert_eq!(effect(code), Effect::Goes(target.to_owned()), "{code}");
        }
    }

    #[test]
    fn what_is_not_written_out_is_not_guessed() {
        for code in [
            "V01('PAG11')",
            "location.href = base + '/x'",
            "location.href = '/x/' + id",
            "location.href = `/x/${id}`",
            "if (location.href == '/x') f()",
            "__doPostBack('ctl00$x','')",
            "dialog.open('/x')",
            "reopen('/x')",
            "mylocation = '/x'",
            "window.open(this.href)",
            "location.reload()",
            "location.href='/x",
            "$('#datepicker').focus();",
        ] {
            assert_eq!(effect(code), Effect::Unknown, "{code}");
        }
    }

    #[test]
    fn snippets_that_do_nothing() {
        for code in [
            "",
            ";",
            "void(0)",
            " void( 0 ); ",
            "return false;",
            "event.preventDefault(); return false",
            "history.back()",
        ] {
            assert_eq!(effect(code), Effect::Nothing, "{code}");
        }
    }
}
