//! Tables with named columns, as the registers publish them.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};

use super::{
    QualityReport, Quirk, RegistryError,
    unpack::{LONGEST_LINE, line_of, whole_accents},
};

/// Longest row, in bytes. A row beyond it is several, held together by a quotation mark.
const LONGEST_ROW: usize = 64 << 10;

/// One row of a table.
pub(super) struct Row<'a> {
    /// Line of the file where it begins, from 1.
    pub(super) line: u64,
    cells: &'a StringRecord,
    columns: &'a HashMap<String, usize>,
}

impl<'a> Row<'a> {
    /// The first of these columns that has a value, without blanks around it.
    ///
    /// Nothing is an empty cell, `null` and `N/D`. `NA` is Napoli, `None` is a comune in Piemonte: words that programs
    /// take for missing values are values here.
    pub(super) fn get(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| {
            let cell = self.cells.get(*self.columns.get(*name)?)?.trim();
            (!is_missing(cell)).then_some(cell)
        })
    }

    /// The same, owned.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.get(names).map(str::to_owned)
    }
}

fn is_missing(cell: &str) -> bool {
    cell.is_empty() || cell == "null" || cell.eq_ignore_ascii_case("n/d")
}

/// A title in the form in which readers ask for it: lower case, everything else than letters and digits one `_`.
pub(super) fn title(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// A table whose header was understood.
pub(super) struct Table<'t> {
    text: &'t str,
    delimiter: u8,
    columns: HashMap<String, usize>,
    titles: Vec<String>,
}

impl<'t> Table<'t> {
    /// Finds the delimiter (comma, semicolon, tab) that makes most of the `known` titles appear.
    pub(super) fn open(text: &'t str, known: &[&str]) -> Result<Self, RegistryError> {
        whole_accents(text)?;
        let mut start = 0;
        for line in text.split('\n') {
            if line.len() > LONGEST_LINE {
                return Err(RegistryError::LongLine { line: line_of(text, start) });
            }
            start += line.len() + 1;
        }
        let mut best: Option<(usize, Self)> = None;
        for delimiter in *b",;\t" {
            let mut header = StringRecord::new();
            if !matches!(reader(text, delimiter).read_record(&mut header), Ok(true)) {
                continue;
            }
            let titles: Vec<String> = header.iter().map(title).collect();
            let hits = known.iter().filter(|name| titles.iter().any(|title| title == *name)).count();
            if best.as_ref().is_none_or(|(most, _)| hits > *most) {
                // Of two columns with one title the first counts.
                let mut columns = HashMap::new();
                for (place, title) in titles.iter().enumerate() {
                    columns.entry(title.clone()).or_insert(place);
                }
                best = Some((hits, Self { text, delimiter, columns, titles }));
            }
        }
        best.map(|(_, table)| table).ok_or(RegistryError::Empty)
    }

    /// True when the table has a column of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// Fails unless one of these columns is there; `as_called` is the name that the reader is told.
    pub(super) fn need(&self, as_called: &'static str, names: &[&str]) -> Result<(), RegistryError> {
        if names.iter().any(|name| self.has(name)) {
            return Ok(());
        }
        let found = self.titles.iter().take(12).map(|title| title.chars().take(40).collect()).collect();
        Err(RegistryError::NoColumn { column: as_called, found })
    }

    /// How the last row ends. Without a line break after it nothing tells a short last cell from one that was cut.
    fn ending(&self, row: &str, cells: usize) -> Ending {
        let quoted = self.delimiter != b'\t';
        if quoted && row.matches('"').count() % 2 == 1 {
            return Ending::Cut;
        }
        if row.ends_with(['\n', '\r']) || (quoted && row.ends_with('"')) {
            return Ending::Closed;
        }
        if cells < self.titles.len() { Ending::Cut } else { Ending::Open }
    }

    /// Hands out the rows that have as many cells as the header, and counts all of them.
    pub(super) fn each(
        &self,
        quality: &mut QualityReport,
        mut work: impl FnMut(&Row<'_>, &mut QualityReport),
    ) -> Result<(), RegistryError> {
        let mut reader = reader(self.text, self.delimiter);
        let mut cells = StringRecord::new();
        let mut header = true;
        loop {
            let begins = reader.position().line();
            let at = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
            match reader.read_record(&mut cells) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(_) => return Err(RegistryError::NotText),
            }
            if std::mem::take(&mut header) {
                continue;
            }
            let line = cells.position().map_or(begins, csv::Position::line);
            let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
            if end.saturating_sub(at) > LONGEST_ROW {
                return Err(RegistryError::OpenQuote { line });
            }
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            quality.rows += 1;
            let first = cells.get(0).unwrap_or_default();
            if end >= self.text.len() {
                match self.ending(self.text.get(at..).unwrap_or_default(), cells.len()) {
                    Ending::Cut => return Err(RegistryError::Cut { line }),
                    Ending::Open => {
                        quality.note(Quirk::OpenEnd, line, first);
                        continue;
                    }
                    Ending::Closed => {}
                }
            }
            match cells.len().cmp(&self.titles.len()) {
                std::cmp::Ordering::Less => quality.note(Quirk::TooFewColumns, line, first),
                std::cmp::Ordering::Greater => quality.note(Quirk::TooManyColumns, line, first),
                std::cmp::Ordering::Equal => work(&Row { line, cells: &cells, columns: &self.columns }, quality),
            }
        }
    }
}

/// How the last row of a file ends.
enum Ending {
    /// With a line break, or a closed quotation mark.
    Closed,
    /// With all its cells, but the last one may go on.
    Open,
    /// In the middle.
    Cut,
}

/// A list of flat JSON objects as the same table in CSV, so that both forms are read by the same rules.
pub(super) fn of_json(text: &str) -> Result<String, RegistryError> {
    use serde_json::{Map, Value};
    let fail = |detail: String| RegistryError::Json(detail);
    let list: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
    let titles: std::collections::BTreeSet<&String> = list.iter().flat_map(Map::keys).collect();
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut write = |cells: Vec<String>| out.write_record(cells).map_err(|error| fail(error.to_string()));
    write(titles.iter().map(|title| (*title).clone()).collect())?;
    for object in &list {
        let cells = titles.iter().map(|title| match object.get(*title) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        });
        write(cells.collect())?;
    }
    let bytes = out.into_inner().map_err(|error| fail(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| fail(error.to_string()))
}

/// Refuses a list with a text in it that no register has: what holds for the rows of a table holds for JSON.
pub(super) fn bounded<'a>(texts: impl IntoIterator<Item = Option<&'a String>>) -> Result<(), RegistryError> {
    if texts.into_iter().flatten().any(|text| text.len() > LONGEST_ROW) {
        return Err(RegistryError::Json("a text longer than 64 KiB".to_owned()));
    }
    Ok(())
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        // The tab-separated form has no quoting: a quotation mark is part of a name.
        .quoting(delimiter != b'\t')
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes())
}
