//! Text with its white space folded, collected under a cap.

/// What stands between the text so far and the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Block,
}

/// A growing text: runs of white space become one space, the ends of blocks one line break.
#[derive(Debug)]
pub(super) struct Folded {
    text: String,
    gap: Gap,
    /// Characters left until the cap.
    room: usize,
    /// The character between blocks.
    block: char,
    full: bool,
}

impl Folded {
    /// A text of at most `cap` characters in which blocks are separated by line breaks.
    pub(super) fn blocks(cap: usize) -> Self {
        Self { text: String::new(), gap: Gap::None, room: cap, block: '\n', full: false }
    }

    /// A text of at most `cap` characters on one line.
    pub(super) fn line(cap: usize) -> Self {
        Self { block: ' ', ..Self::blocks(cap) }
    }

    /// Adds a piece of text. White space at its ends counts: `a` and `b` side by side are `ab`.
    pub(super) fn push(&mut self, raw: &str) {
        let mut rest = raw;
        loop {
            let word = rest.trim_start();
            if word.len() < rest.len() {
                self.space();
            }
            if word.is_empty() || self.full {
                return;
            }
            let end = word.find(char::is_whitespace).unwrap_or(word.len());
            self.word(&word[..end]);
            rest = &word[end..];
        }
    }

    /// Adds a text that stands apart from its neighbours (the description of an image).
    pub(super) fn push_apart(&mut self, raw: &str) {
        self.space();
        self.push(raw);
        self.space();
    }

    /// What comes next is not glued to what came before.
    pub(super) fn space(&mut self) {
        self.gap = self.gap.max(Gap::Space);
    }

    /// What comes next is another block.
    pub(super) fn block(&mut self) {
        self.gap = Gap::Block;
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// True when the cap was reached and something was left out.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// The text so far.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn word(&mut self, word: &str) {
        let ascii = word.is_ascii();
        if !ascii && word.contains(is_invisible) {
            for part in word.split(is_invisible).filter(|part| !part.is_empty()) {
                self.word(part);
            }
            return;
        }
        let gap = if self.text.is_empty() { Gap::None } else { self.gap };
        if gap != Gap::None {
            if self.room == 0 {
                self.full = true;
                return;
            }
            self.text.push(if gap == Gap::Block { self.block } else { ' ' });
            self.room -= 1;
        }
        self.gap = Gap::None;
        let length = if ascii { word.len() } else { word.chars().count() };
        if length <= self.room {
            self.text.push_str(word);
            self.room -= length;
        } else {
            self.text.extend(word.chars().take(self.room));
            self.room = 0;
            self.full = true;
        }
    }
}

/// Characters that take no room and would split a word for whoever searches it: soft hyphen, zero-width ones.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// One text on one line, folded and capped.
pub(super) fn fold(raw: &str, cap: usize) -> String {
    let mut folded = Folded::line(cap);
    folded.push(raw);
    folded.finish()
}

/// The first `cap` characters of a text, as they are.
pub(super) fn clip(text: &str, cap: usize) -> &str {
    if text.len() <= cap {
        return text;
    }
    text.char_indices().nth(cap).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_folded_across_pieces() {
        let mut text = Folded::blocks(100);
        text.push("  Entra \u{a0}\n con");
        text.push(" SPID ");
        text.block();
        text.push("\t");
        text.push("oggi");
        text.push("giorno");
        assert_eq!(text.as_str(), "Entra con SPID\noggigiorno");
        assert!(!text.is_full());
    }

    #[test]
    fn the_cap_counts_characters_and_never_splits_one() {
        let mut text = Folded::line(7);
        text.push("città è");
        assert_eq!((text.as_str(), text.is_full()), ("città è", false));
        let mut text = Folded::line(5);
        text.push("utilità pubblica");
        assert_eq!((text.as_str(), text.is_full()), ("utili", true));
        text.push("more");
        assert_eq!(text.as_str(), "utili");
        let mut text = Folded::line(4);
        text.push("abcd e");
        assert_eq!((text.as_str(), text.is_full()), ("abcd", true));
    }

    #[test]
    fn soft_hyphens_and_zero_width_characters_do_not_split_words() {
        assert_eq!(fold("pago\u{ad}PA \u{200b} S\u{200b}PID\u{feff}", 50), "pagoPA SPID");
    }

    #[test]
    fn clip_counts_characters() {
        assert_eq!(clip("àèì", 2), "àè");
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("", 3), "");
    }
}
