//! Documents for people, whatever they are about: a title, what they rest on, sections with text, tables and bars. Put together
//! once as values, then drawn as a page ([`html`]) or as text ([`text`]), so that both say the same.
//!
//! All text is cleaned when it is put in; the page is escaped by its template on top of that.

mod book;
mod html;
mod text;

use std::borrow::Cow;

use super::{clean, view::Value};
use crate::config::Lang;

pub use book::sheets;
pub use html::html;
pub use text::text;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its language.
    pub lang: Lang,
    /// What it is, and about whom.
    pub title: String,
    /// One line below the title.
    pub about: String,
    /// The sentence that says whose word the outcome is.
    pub disclaimer: &'static str,
    /// What it rests on and how it counts: the first thing to read.
    pub basis: Vec<Fact>,
    /// The rest.
    pub sections: Vec<Section>,
}

/// A label and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The label, without a colon.
    pub label: &'static str,
    /// What it says.
    pub value: Value,
}

impl Fact {
    /// One with text.
    pub fn text(label: &'static str, text: impl AsRef<str>) -> Self {
        Self { label, value: Value::Text(clean(text.as_ref()).into_owned()) }
    }

    /// One with several short texts.
    pub fn lines(label: &'static str, lines: impl IntoIterator<Item = String>) -> Self {
        Self { label, value: Value::Lines(lines.into_iter().map(|line| clean(&line).into_owned()).collect()) }
    }
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its anchor: letters, digits, hyphens; ours, never what a page says.
    pub id: Cow<'static, str>,
    /// Its head.
    pub title: String,
    /// What is in it.
    pub blocks: Vec<Block>,
}

impl Section {
    /// An empty one.
    pub fn new(id: impl Into<Cow<'static, str>>, title: impl AsRef<str>) -> Self {
        Self { id: id.into(), title: clean(title.as_ref()).into_owned(), blocks: Vec::new() }
    }

    /// Whether its head says what a caption says: nothing has to be read twice.
    pub fn says(&self, caption: &str) -> bool {
        self.title == caption
    }

    /// Adds a paragraph.
    pub fn say(&mut self, text: impl AsRef<str>) -> &mut Self {
        self.blocks.push(Block::Text(clean(text.as_ref()).into_owned()));
        self
    }

    /// Adds something else.
    pub fn add(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }
}

/// A section with one table of at most so many rows, or with the sentence that there is nothing.
pub fn listing<T, R>(
    (id, title, most): (&'static str, &'static str, usize),
    nothing: &str,
    head: impl IntoIterator<Item = &'static str>,
    all: &[T],
    row: impl Fn(&T) -> R,
) -> Section
where
    R: IntoIterator<Item = String>,
{
    let mut section = Section::new(id, title);
    if all.is_empty() {
        section.say(nothing);
        return section;
    }
    let mut grid = Grid::new(title, head);
    for one in all.iter().take(most) {
        grid.row(row(one));
    }
    grid.more = all.len().saturating_sub(most);
    section.add(Block::Table(grid));
    section
}

/// One thing in a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Labels and what they say.
    Facts(String, Vec<Fact>),
    /// A list.
    List(Vec<String>),
    /// A table.
    Table(Grid),
    /// Bars, one below the other.
    Bars(Bars),
}

/// A table with heads; the first cell of a row names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    /// What it shows.
    pub caption: String,
    /// Heads of the columns.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
    /// Columns of numbers, which stand to the right.
    pub numbers: Vec<usize>,
    /// Rows that were left out.
    pub more: usize,
}

impl Grid {
    /// An empty one.
    pub fn new<T: AsRef<str>>(caption: impl Into<String>, head: impl IntoIterator<Item = T>) -> Self {
        let head = head.into_iter().map(|title| clean(title.as_ref()).into_owned()).collect();
        Self { caption: caption.into(), head, ..Self::default() }
    }

    /// Adds a row of text.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> &mut Self {
        self.rows.push(cells.into_iter().map(|cell| Value::Text(clean(cell.as_ref()).into_owned())).collect());
        self
    }

    /// Says which columns are numbers.
    #[must_use]
    pub fn with_numbers(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.numbers = columns.into_iter().collect();
        self
    }
}

/// Shares as bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    /// What they show.
    pub caption: String,
    /// Name, part and whole of each.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// So many.
    pub part: u64,
    /// Of so many.
    pub whole: u64,
}

impl Bar {
    /// So many of so many.
    pub fn new(label: impl AsRef<str>, part: u64, whole: u64) -> Self {
        Self { label: clean(label.as_ref()).into_owned(), part, whole }
    }

    /// Tenths of a percent, rounded down; none of nothing.
    pub fn permille(&self) -> u64 {
        permille(self.part, self.whole)
    }

    /// See [`share`].
    pub fn said(&self, lang: Lang) -> String {
        share(self.part, self.whole, lang)
    }
}

/// `1.234 di 2.000 (61,7%)`.
pub fn share(part: u64, whole: u64, lang: Lang) -> String {
    if whole == 0 {
        return lang.pick("nessuno", "none").to_owned();
    }
    let permille = permille(part, whole);
    let (one, tenth) = (permille / 10, permille % 10);
    let (part, whole) = (super::words::number(lang, part), super::words::number(lang, whole));
    lang.pick(format!("{part} di {whole} ({one},{tenth}%)"), format!("{part} of {whole} ({one}.{tenth}%)"))
}

/// Tenths of a percent, rounded down; none of nothing.
fn permille(part: u64, whole: u64) -> u64 {
    part.saturating_mul(1000).checked_div(whole).unwrap_or(0)
}
