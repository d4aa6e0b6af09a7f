//! One visit as text for a terminal or a file: eighty columns, readable without colour.

use super::{
    view::{FindingView, Remedy, Row, SiteView, Value},
    words::Words,
};
use crate::model::{Outcome, Visit};

/// Columns that a line fills at most; addresses are never broken and may be longer.
pub const WIDTH: usize = 80;

/// How the text is drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Bold and colours by terminal escapes.
    pub colour: bool,
    /// The path of the visit as well.
    pub explain: bool,
}

/// The report on one visit; ends with a line break.
pub fn site(visit: &Visit, words: &Words, style: Style, remedy: Remedy<'_>) -> String {
    let view = SiteView::new(visit, words, remedy, style.explain);
    let mut page = Page { text: String::new(), colour: style.colour };
    page.head(&view);
    for group in view.findings.chunk_by(FindingView::says_the_same) {
        page.findings(group, words);
    }
    page.heading(words.looked_at);
    page.rows(&view.coverage, 2);
    if !view.remarks.is_empty() {
        page.heading(words.remarks);
        for remark in &view.remarks {
            page.wrapped("  - ", "    ", remark);
        }
    }
    page.path(&view, words);
    page.line("");
    page.wrapped("", "", words.disclaimer);
    page.text
}

const BOLD: &str = "1";

/// Outcomes are told apart by words; the colour only helps.
const fn colour_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Found => "1;32",
        Outcome::Mentioned | Outcome::Undetermined => "1;33",
        Outcome::NotFound => "1;31",
    }
}

pub(super) struct Page {
    pub(super) text: String,
    pub(super) colour: bool,
}

impl Page {
    pub(super) fn paint(&self, text: &str, code: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.line("");
        let text = self.paint(text, BOLD);
        self.line(&text);
    }

    fn head(&mut self, view: &SiteView) {
        let title = self.paint(&view.title, BOLD);
        if view.about.is_empty() {
            self.line(&title);
        } else {
            self.line(&format!("{title} ({})", view.about));
        }
        for line in view.url.lines() {
            self.line(line);
        }
        self.line(&view.visited);
        self.line("");
        let width = view.findings.iter().map(|finding| width(finding.name)).max().unwrap_or(0);
        for finding in &view.findings {
            let gap = " ".repeat(width - self::width(finding.name) + 3);
            let word = self.paint(finding.word, colour_of(finding.outcome));
            self.line(&format!("  {}{gap}{word}", finding.name));
        }
    }

    /// One platform, or several that say word for word the same.
    fn findings(&mut self, group: &[FindingView], words: &Words) {
        let Some(finding) = group.first() else { return };
        let names: Vec<&str> = group.iter().map(|finding| finding.name).collect();
        let name = self.paint(&names.join(", "), BOLD);
        let word = self.paint(finding.word, colour_of(finding.outcome));
        self.line("");
        self.line(&format!("{name} · {word}"));
        let row = |label, text: &str| Row { label, value: Value::Text(text.to_owned()) };
        let mut rows = vec![row(words.why, &finding.reason)];
        rows.extend(finding.evidence.iter().flatten().cloned());
        rows.extend(finding.advice.iter().map(|advice| row(words.advice_label, advice)));
        self.rows(&rows, 2);
    }

    fn path(&mut self, view: &SiteView, words: &Words) {
        if !view.path.is_empty() {
            self.heading(words.path);
            for (index, step) in view.path.iter().enumerate() {
                for line in step.url.lines() {
                    self.line(&format!("{:>3}. {line}", index + 1));
                }
                self.rows(&step.rows, 5);
            }
        }
        if !view.left_unread.is_empty() {
            self.heading(words.left_unread);
            for link in &view.left_unread {
                for line in link.lines() {
                    self.line(&format!("  - {line}"));
                }
            }
        }
    }

    /// Rows with their labels in one column.
    pub(super) fn rows(&mut self, rows: &[Row], indent: usize) {
        let column = rows.iter().map(|row| width(row.label)).max().unwrap_or(0) + 2;
        let pad = " ".repeat(indent);
        let rest = " ".repeat(indent + column);
        for row in rows {
            let gap = " ".repeat(column - width(row.label));
            let mut first = format!("{pad}{}{gap}", row.label);
            for line in row.value.lines() {
                if matches!(row.value, Value::Link(..)) {
                    self.line(&format!("{first}{line}"));
                } else {
                    self.wrapped(&first, &rest, line);
                }
                first.clone_from(&rest);
            }
        }
    }

    /// Text broken at blanks; a word that is longer than the line stands alone and whole.
    pub(super) fn wrapped(&mut self, first: &str, rest: &str, text: &str) {
        let mut line = first.to_owned();
        let mut fresh = true;
        for word in text.split_whitespace() {
            if !fresh && width(&line) + 1 + width(word) > WIDTH {
                self.line(line.trim_end());
                rest.clone_into(&mut line);
                fresh = true;
            }
            if !fresh {
                line.push(' ');
            }
            line.push_str(word);
            fresh = false;
        }
        self.line(line.trim_end());
    }
}

/// Columns of a text. The texts are European, and invisible characters are gone: one character, one column.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Lang,
        report::{clean::is_hostile, samples, view::general, words::words},
    };

    fn plain(visit: &Visit, lang: Lang, explain: bool) -> String {
        site(visit, words(lang), Style { colour: false, explain }, &general)
    }

    #[test]
    fn snapshots() {
        for (name, visit) in samples::all() {
            for lang in Lang::ALL {
                insta::assert_snapshot!(format!("{name}.{lang}"), plain(&visit, lang, false));
            }
        }
    }

    #[test]
    fn explained() {
        for lang in Lang::ALL {
            insta::assert_snapshot!(format!("explained.{lang}"), plain(&samples::not_found(), lang, true));
        }
    }

    #[test]
    fn lines_keep_to_the_width_unless_they_hold_an_address() {
        for (name, visit) in samples::all() {
            for lang in Lang::ALL {
                for line in plain(&visit, lang, true).lines() {
                    let long = line.split_whitespace().any(|word| width(word) > 40);
                    assert!(width(line) <= WIDTH || long || line.contains("://"), "{name}: {line}");
                    assert_eq!(line, line.trim_end(), "{name}: blanks at the end");
                }
            }
        }
    }

    #[test]
    fn nothing_from_a_page_reaches_the_terminal_as_a_command() {
        for lang in Lang::ALL {
            let text = plain(&samples::hostile(), lang, true);
            assert!(!text.contains(|c: char| is_hostile(c) && c != '\n'), "{text}");
            assert!(!text.lines().any(|line| line.starts_with("riscontro:")), "a line was forged");
        }
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let visit = samples::not_found();
        let colour = site(&visit, words(Lang::It), Style { colour: true, explain: true }, &general);
        assert!(colour.contains("\u{1b}[1;32mriscontrato\u{1b}[0m"));
        let mut bare = String::new();
        let mut rest = colour.as_str();
        while let Some((before, after)) = rest.split_once("\u{1b}[") {
            bare.push_str(before);
            rest = after.split_once('m').map_or("", |(_, after)| after);
        }
        bare.push_str(rest);
        assert_eq!(bare, plain(&visit, Lang::It, true));
    }

    #[test]
    fn the_catalogues_advice_comes_before_the_general_one() {
        let remedy = |_: &crate::model::Finding| Some("Fare così.".to_owned());
        let text = site(&samples::not_found(), words(Lang::It), Style::default(), &remedy);
        assert!(text.contains("Fare così."));
    }
}
