//! Spreadsheets (xlsx), one sheet at a time, as the tables that they stand for. Cells are taken as they come, so that a
//! sheet that claims a million columns costs nothing.

use std::{io::Cursor, panic::AssertUnwindSafe};

use calamine::{DataRef, Reader as _, Xlsx};

use super::{
    RegistryError,
    unpack::{LONGEST_LINE, MAX_INFLATED},
};

/// Rows of a sheet that are read; the largest register has 25,000.
const MOST_ROWS: u32 = 200_000;
/// Columns of a sheet that are read.
const MOST_COLUMNS: u32 = 512;
/// Sheets that are looked at.
const MOST_SHEETS: usize = 16;

/// A spreadsheet whose parts are known to be bounded.
pub(super) struct Workbook<'a>(Xlsx<Cursor<&'a [u8]>>);

impl<'a> Workbook<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, RegistryError> {
        guarded(|| Xlsx::new(Cursor::new(bytes)).map(Self).map_err(|_| RegistryError::Spreadsheet))
    }

    /// Names of the sheets, in order.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.sheet_names().into_iter().take(MOST_SHEETS).collect()
    }

    /// A sheet as CSV; row 7 of the sheet is line 7 of the text.
    pub(super) fn table(&mut self, name: &str) -> Result<String, RegistryError> {
        guarded(AssertUnwindSafe(|| self.cells(name)))
    }

    fn cells(&mut self, name: &str) -> Result<String, RegistryError> {
        let mut cells = self.0.worksheet_cells_reader(name).map_err(|_| RegistryError::Spreadsheet)?;
        let mut text = Text::default();
        while let Some(cell) = cells.next_cell().map_err(|_| RegistryError::Spreadsheet)? {
            let (row, column) = cell.get_position();
            let value = value(cell.get_value());
            if value.is_empty() {
                continue;
            }
            if row >= MOST_ROWS || column >= MOST_COLUMNS {
                return Err(RegistryError::SheetRange);
            }
            text.put(row, column, value)?;
        }
        text.finish()
    }
}

/// The reader of spreadsheets is somebody else's, and what it reads is a stranger's: a panic of it is a file that cannot
/// be read.
fn guarded<T>(work: impl FnOnce() -> Result<T, RegistryError> + std::panic::UnwindSafe) -> Result<T, RegistryError> {
    std::panic::catch_unwind(work).unwrap_or(Err(RegistryError::Spreadsheet))
}

/// The text that grows row by row.
#[derive(Default)]
struct Text {
    out: String,
    row: u32,
    width: usize,
    cells: Vec<String>,
    bytes: usize,
}

impl Text {
    fn put(&mut self, row: u32, column: u32, value: String) -> Result<(), RegistryError> {
        // Rows and cells come in order; what does not is no spreadsheet that a program wrote.
        if row < self.row {
            return Err(RegistryError::Spreadsheet);
        }
        while self.row < row {
            self.end_row()?;
        }
        self.bytes += value.len();
        if self.bytes > LONGEST_LINE {
            return Err(RegistryError::LongLine { line: u64::from(row) + 1 });
        }
        let column = column as usize;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = value;
        Ok(())
    }

    /// Writes the row. The first one with cells says how wide the table is: empty cells at the end are not written down.
    fn end_row(&mut self) -> Result<(), RegistryError> {
        if !self.cells.is_empty() {
            self.width = if self.width == 0 { self.cells.len() } else { self.width };
            if self.cells.len() < self.width {
                self.cells.resize(self.width, String::new());
            }
            for (place, cell) in self.cells.iter().enumerate() {
                if place > 0 {
                    self.out.push(',');
                }
                self.out.push('"');
                self.out.push_str(&cell.replace('"', "\"\""));
                self.out.push('"');
            }
            self.cells.clear();
            self.bytes = 0;
        }
        self.out.push('\n');
        self.row += 1;
        if self.out.len() > MAX_INFLATED { Err(RegistryError::TooLarge) } else { Ok(()) }
    }

    fn finish(mut self) -> Result<String, RegistryError> {
        self.end_row()?;
        Ok(self.out)
    }
}

/// A cell as the registers write it in text: whole numbers without a point, days as `2024-12-31`.
fn value(cell: &DataRef<'_>) -> String {
    let line = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    match cell {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => line(text),
        DataRef::SharedString(text) => line(text),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}") }
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}
