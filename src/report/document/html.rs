//! A document as one self-contained, accessible page: no script, nothing loaded from elsewhere, charts as SVG with their
//! figures beside them.

use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::{Bar, Bars, Block, Document, Grid, Section};
use crate::{
    VERSION,
    config::Lang,
    report::{view::Value, words::number},
};

/// The style of all documents, and what wide tables and charts need.
const STYLE: &str = concat!(include_str!("../templates/site.css"), include_str!("../templates/document.css"));

/// Units of the drawing that the longest bar has.
const LONGEST: u64 = 260;
/// Longest cell of a column that is not broken into lines: a day, a CUP, an outcome.
const SHORT: usize = 15;
/// Height of one bar with the gap below it, in units.
const STEP: usize = 24;

#[derive(Template)]
#[template(path = "document.html")]
struct Page<'a> {
    document: &'a Document,
    lang: Lang,
    contents: &'static str,
    basis: &'static str,
    made_by: &'static str,
    style: &'static str,
    style_digest: String,
    version: &'static str,
}

/// The page.
pub fn html(document: &Document) -> String {
    let lang = document.lang;
    let page = Page {
        document,
        lang,
        contents: lang.pick("Indice", "Contents"),
        basis: lang.pick("Su che cosa si basa e come conta", "What it rests on and how it counts"),
        made_by: lang.pick("Fatto con riscontro", "Made with riscontro"),
        style: STYLE,
        style_digest: STANDARD.encode(Sha256::digest(STYLE.as_bytes())),
        version: VERSION,
    };
    // Writing into memory cannot fail, and the template has no fallible filter.
    page.render().unwrap_or_default()
}

impl Page<'_> {
    /// What a reader is told who does not see the drawing.
    fn described(&self, bars: &Bars) -> String {
        let one = |bar: &Bar| format!("{}: {}", bar.label, bar.said(self.lang));
        bars.bars.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    fn said(&self, bar: &Bar) -> String {
        bar.said(self.lang)
    }

    /// The class of a column.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn class(classes: &[&'static str], column: &usize) -> &'static str {
        classes.get(*column).copied().unwrap_or("words")
    }

    /// How many rows are not shown.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn more(&self, rows: &usize) -> String {
        let rows = number(self.lang, *rows as u64);
        self.lang.pick(
            format!("Altre {rows} righe: sono tutte nella tabella (CSV o XLSX)."),
            format!("{rows} more rows: all of them are in the table (CSV or XLSX)."),
        )
    }
}

impl Bars {
    fn height(&self) -> usize {
        self.bars.len() * STEP
    }

    /// The bars, each with where it begins from above.
    fn placed(&self) -> impl Iterator<Item = (usize, &Bar)> {
        self.bars.iter().enumerate().map(|(index, bar)| (index * STEP, bar))
    }
}

impl Bar {
    fn length(&self) -> u64 {
        (self.permille() * LONGEST / 1000).min(LONGEST)
    }
}

impl Grid {
    /// The classes of the columns.
    fn classes(&self) -> Vec<&'static str> {
        let class = |column: usize| {
            let short = |row: &Vec<Value>| match row.get(column) {
                Some(Value::Text(text)) => text.chars().count() <= SHORT,
                Some(_) => false,
                None => true,
            };
            if self.numbers.contains(&column) {
                "number"
            } else if self.rows.iter().all(short) {
                "short"
            } else {
                "words"
            }
        };
        (0..self.head.len()).map(class).collect()
    }
}

impl Section {
    fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}
