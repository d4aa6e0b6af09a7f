//! Workbooks for spreadsheets: typed cells, a frozen head, filters. Text is written as text, so nothing is ever taken for a
//! formula; a link is only what is said to be one and is an http or https address.

use std::io::{self, Seek, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook as Book, Worksheet, XlsxError};
use url::Url;

use super::{Cell, clean};
use crate::config::Lang;

/// Most characters of a cell that spreadsheets take (Excel specifications and limits).
const LONGEST: usize = 32_767;
/// Most rows of a sheet, its head included (the same).
const MOST_ROWS: u32 = 1_048_576;
/// Widest column that is set, in characters; longer cells are cut on the screen only.
const WIDEST: usize = 60;
/// Rows by which the width of columns is chosen.
const MEASURED: u32 = 200;

/// A workbook in the making. Rows go to temporary files as they come: memory does not grow with their number.
pub struct Workbook {
    book: Book,
    sheets: Vec<Sheet>,
    head: Format,
    day: Format,
    money: Format,
    lang: Lang,
}

/// What is known of a sheet while it grows.
#[derive(Debug)]
struct Sheet {
    rows: u32,
    widths: Vec<usize>,
}

/// Names one sheet of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetId(usize);

impl std::fmt::Debug for Workbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook").field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

fn io_error(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

impl Workbook {
    /// An empty workbook.
    pub fn new(lang: Lang) -> Self {
        Self {
            book: Book::new(),
            sheets: Vec::new(),
            head: Format::new().set_bold(),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            money: Format::new().set_num_format("#,##0.00"),
            lang,
        }
    }

    /// Adds a sheet with a head, which stays in sight and filters.
    pub fn sheet(&mut self, name: &str, head: &[&str]) -> io::Result<SheetId> {
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(io_error)?;
        sheet.set_name(name).map_err(io_error)?;
        if !head.is_empty() {
            sheet.set_freeze_panes(1, 0).map_err(io_error)?;
            for (column, title) in (0_u16..).zip(head) {
                sheet.write_string_with_format(0, column, *title, &self.head).map_err(io_error)?;
            }
        }
        // Room for the button of the filter.
        let widths = head.iter().map(|title| title.chars().count() + 3).collect();
        self.sheets.push(Sheet { rows: u32::from(!head.is_empty()), widths });
        Ok(SheetId(self.sheets.len() - 1))
    }

    /// Writes the next row of a sheet.
    pub fn row(&mut self, id: SheetId, cells: &[Cell<'_>]) -> io::Result<()> {
        let Self { book, sheets, day, money, lang, .. } = self;
        let Some(sheet) = sheets.get_mut(id.0) else { return Ok(()) };
        if sheet.rows >= MOST_ROWS {
            return Err(io::Error::other(format!("more than {MOST_ROWS} rows in a sheet")));
        }
        let page = book.worksheet_from_index(id.0).map_err(io_error)?;
        for (column, cell) in (0_u16..).zip(cells) {
            write(page, sheet.rows, column, cell, (day, money, *lang)).map_err(io_error)?;
        }
        if sheet.rows <= MEASURED {
            sheet.widths.resize(sheet.widths.len().max(cells.len()), 0);
            for (width, cell) in sheet.widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.text('.').chars().count() + 1);
            }
        }
        sheet.rows += 1;
        Ok(())
    }

    /// Writes the workbook.
    pub fn save<W: Write + Seek + Send>(mut self, out: W) -> io::Result<()> {
        for (at, sheet) in self.sheets.iter().enumerate() {
            let page = self.book.worksheet_from_index(at).map_err(io_error)?;
            for (column, width) in (0_u16..).zip(&sheet.widths) {
                let width = u16::try_from((*width).min(WIDEST)).unwrap_or(u16::MAX);
                page.set_column_width(column, width).map_err(io_error)?;
            }
            if let (Some(last), Some(row)) = (sheet.widths.len().checked_sub(1), sheet.rows.checked_sub(1)) {
                page.autofilter(0, 0, row, u16::try_from(last).unwrap_or(u16::MAX)).map_err(io_error)?;
            }
        }
        self.book.save_to_writer(out).map_err(io_error)
    }
}

fn write(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell<'_>,
    (day_format, money, lang): (&Format, &Format, Lang),
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            let shown: String = clean(text).chars().take(LONGEST).collect();
            page.write_string(row, column, shown)?;
        }
        Cell::Link(url) => {
            let shown = clean(url);
            let opens = Url::parse(&shown).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            // What a spreadsheet does not take as a link (too long, too many in a sheet) is text.
            if !opens || page.write_url(row, column, rust_xlsxwriter::Url::new(shown.as_ref())).is_err() {
                page.write_string(row, column, shown.chars().take(LONGEST).collect::<String>())?;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets have no other numbers")]
        Cell::Number(number) => {
            page.write_number(row, column, *number as f64)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets have no other numbers")]
        Cell::Money(sum) => {
            page.write_number_with_format(row, column, sum.cents() as f64 / 100.0, money)?;
        }
        Cell::Day(day) => {
            let parts = (u16::try_from(day.year()), u8::try_from(day.month()), u8::try_from(day.day()));
            let shown = match parts {
                (Ok(year), Ok(month), Ok(of_month)) => ExcelDateTime::from_ymd(year, month, of_month).ok(),
                _ => None,
            };
            // Days before 1900 are none for a spreadsheet: they stay text.
            match shown {
                Some(shown) => page.write_datetime_with_format(row, column, &shown, day_format)?,
                None => page.write_string(row, column, day.to_string())?,
            };
        }
        Cell::Flag(flag) => {
            let words = lang.pick(["no", "sì"], ["no", "yes"]);
            page.write_string(row, column, words[usize::from(*flag)])?;
        }
    }
    Ok(())
}
