//! Text that comes from pages, made safe to show.
//!
//! A title or a label may hold terminal escapes, line breaks that forge another line, or marks that turn the reading
//! direction round. None of these reaches a terminal, a log or a document.

use std::borrow::Cow;

/// What stands in for a control character: the reader sees that something was there.
const REPLACEMENT: char = '\u{fffd}';

/// True for characters that a reader never sees as such but that change what is shown: controls (C0, C1, DEL), marks
/// of reading direction, characters without width, line and paragraph separators, tags.
pub const fn is_hostile(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line that is safe to show: breaks and tabs become blanks, other controls become U+FFFD, invisible marks go.
///
/// The argument of a terminal escape stays as harmless text (`�[31m`): hiding it would hide that a page tried.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let safe = |c: char| match c {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Some(REPLACEMENT),
        c if is_hostile(c) => None,
        c => Some(c),
    };
    Cow::Owned(text.chars().filter_map(safe).collect())
}

/// [`clean`], and at most `limit` characters with an ellipsis as the last.
pub fn short(text: &str, limit: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= limit {
        return text.into_owned();
    }
    let mut out: String = text.chars().take(limit.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_is_left() {
        for code in 0..=0x10_ffff_u32 {
            let Some(c) = char::from_u32(code) else { continue };
            let text = format!("a{c}b");
            let shown = clean(&text);
            assert!(!shown.contains(is_hostile), "U+{code:04X}");
            assert!(shown.starts_with('a') && shown.ends_with('b'));
        }
    }

    #[test]
    fn known_attacks() {
        let cases = [
            ("\u{1b}[31mrosso\u{1b}[0m", "\u{fffd}[31mrosso\u{fffd}[0m"),
            ("\u{9b}2J", "\u{fffd}2J"),
            ("\u{1b}]0;title\u{7}", "\u{fffd}]0;title\u{fffd}"),
            ("one\nriscontro: forged", "one riscontro: forged"),
            ("a\r\nb\tc", "a  b c"),
            ("spid\u{202e}eic", "spideic"),
            ("\u{2066}x\u{2069}\u{200b}\u{feff}", "x"),
            ("a\u{2028}b", "a b"),
            ("perché «Entra» 日本", "perché «Entra» 日本"),
        ];
        for (text, shown) in cases {
            assert_eq!(clean(text), shown);
        }
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(short("àèìòù", 5), "àèìòù");
        assert_eq!(short("àèìòùx", 5), "àèìò…");
        assert_eq!(short("abc def", 5), "abc…");
    }
}
