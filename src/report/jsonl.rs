//! JSON Lines: one object a line, values untouched.

use std::io::{self, Write};

use serde::Serialize;

use super::json;

/// Writes rows as they come.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
}

impl<W: Write> Writer<W> {
    /// A writer onto `out`; nothing is written before the first row.
    pub const fn new(out: W) -> Self {
        Self { out }
    }

    /// Writes one row.
    pub fn row<T: Serialize>(&mut self, row: &T) -> io::Result<()> {
        self.out.write_all(json::line(row)?.as_bytes())
    }

    /// Writes what is still held back, and gives `out` back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
