//! Rows out of a text, such that one bad row does not swallow the rest of the file.

use super::RowReason;

/// Longest row, in bytes.
const LONGEST: usize = 64 << 10;
/// Lines that one quoted cell may span. Without a limit one stray quotation mark would eat all rows after it.
const LINES: usize = 32;

/// A row as it stands in the text.
pub(super) struct Record<'a> {
    /// Where it begins, from 1.
    pub(super) line: u64,
    /// Its first line, for messages.
    pub(super) start: &'a str,
    /// The whole of it without the line end, or why it is none.
    pub(super) content: Result<&'a str, RowReason>,
}

/// Walks over the rows of a text.
pub(super) struct Records<'a> {
    rest: &'a str,
    line: u64,
    delimiter: Option<u8>,
}

impl<'a> Records<'a> {
    /// Without a delimiter every line is a row, whatever quotation marks it has.
    pub(super) fn new(text: &'a str, delimiter: Option<u8>) -> Self {
        Self { rest: text, line: 1, delimiter }
    }

    /// The next row that is not blank.
    pub(super) fn next_filled(&mut self) -> Option<Record<'a>> {
        loop {
            let record = self.next_record()?;
            if !record.content.as_ref().is_ok_and(|content| content.trim().is_empty()) {
                return Some(record);
            }
        }
    }

    fn next_record(&mut self) -> Option<Record<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let first = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let start = &self.rest[..first];
        let content = match self.delimiter {
            Some(delimiter) if start.contains('"') => record_end(self.rest.as_bytes(), delimiter),
            _ if first > LONGEST => Err(RowReason::TooLong),
            _ => Ok(first),
        }
        .map(|end| &self.rest[..end]);
        // After a bad row the next line is tried as a row of its own.
        let end = content.as_ref().map_or(first, |content| content.len());
        let lines = line_ends(&self.rest.as_bytes()[..end]);
        let line_end = match self.rest.as_bytes()[end..] {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        self.rest = &self.rest[end + line_end..];
        self.line += lines + 1;
        Some(Record { line, start, content })
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    let ends = bytes.iter().enumerate().filter(|(at, b)| match b {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    ends.count() as u64
}

/// Where the row at the start of `bytes` ends, by the quoting that the csv crate knows: a cell is quoted when it
/// begins with a quotation mark. Inside one line quotation marks may be out of order; a cell over several lines must
/// end properly, or it is a stray mark that runs into the next one.
fn record_end(bytes: &[u8], delimiter: u8) -> Result<usize, RowReason> {
    let mut quoted = false;
    let mut cell_start = true;
    let mut lines = 0;
    let mut lines_before = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if at > LONGEST {
            return Err(if quoted { RowReason::OpenQuote } else { RowReason::TooLong });
        }
        if quoted {
            match byte {
                b'"' if bytes.get(at + 1) == Some(&b'"') => at += 1,
                b'"' if lines > lines_before
                    && bytes.get(at + 1).is_some_and(|next| ![delimiter, b'\n', b'\r'].contains(next)) =>
                {
                    return Err(RowReason::OpenQuote);
                }
                b'"' => quoted = false,
                b'\n' => {
                    lines += 1;
                    if lines > LINES {
                        return Err(RowReason::OpenQuote);
                    }
                }
                _ => {}
            }
        } else {
            match byte {
                b'"' if cell_start => {
                    quoted = true;
                    lines_before = lines;
                }
                b'\n' | b'\r' => return Ok(at),
                _ => {}
            }
            cell_start = byte == delimiter;
        }
        at += 1;
    }
    if quoted { Err(RowReason::OpenQuote) } else { Ok(bytes.len()) }
}

/// The cells of one row, trimmed.
pub(super) fn cells(record: &str, delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(record.len().clamp(64, 8 << 10))
        .from_reader(record.as_bytes());
    // The bytes are UTF-8 and the row is one: reading it cannot fail. If it did, it would be a row without cells.
    let row = reader.records().next().and_then(Result::ok).unwrap_or_default();
    row.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The beginning of a text for a message: one line, no control characters.
pub(super) fn excerpt(text: &str, characters: usize) -> String {
    let mut cut: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(characters).collect();
    if text.trim().chars().nth(characters).is_some() {
        cut.push('…');
    }
    cut
}
