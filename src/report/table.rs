//! Small tables as text: columns as wide as their widest cell.

use super::{clean, text::width};

/// A table; cells are cleaned when they are added.
#[derive(Debug, Clone, Default)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with the heads of its columns.
    pub fn new<T: AsRef<str>>(head: impl IntoIterator<Item = T>) -> Self {
        Self { head: cells(head), rows: Vec::new() }
    }

    /// Adds a row; cells that are missing are empty, cells beyond the head are kept.
    pub fn row<T: AsRef<str>>(&mut self, row: impl IntoIterator<Item = T>) -> &mut Self {
        self.rows.push(cells(row));
        self
    }

    /// True when there is nothing below the head.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text: the head, where it has one, and a line, the rows; two blanks between columns, none at the end of a line.
    pub fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).chain([self.head.len()]).max().unwrap_or(0);
        let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let all = self.rows.iter().chain([&self.head]);
                all.map(|row| width(&cell(row, column))).max().unwrap_or(0)
            })
            .collect();
        let mut out = String::new();
        let mut line = |row: &[String]| {
            let mut text = String::new();
            for (column, width_of) in widths.iter().enumerate() {
                let cell = cell(row, column);
                let gap = width_of - width(&cell) + 2;
                text.push_str(&cell);
                text.push_str(&" ".repeat(gap));
            }
            out.push_str(text.trim_end());
            out.push('\n');
        };
        if !self.head.is_empty() {
            line(&self.head);
            line(&widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>());
        }
        for row in &self.rows {
            line(row);
        }
        out
    }
}

fn cells<T: AsRef<str>>(row: impl IntoIterator<Item = T>) -> Vec<String> {
    row.into_iter().map(|cell| clean(cell.as_ref()).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["Regola", "Forza"]);
        table.row(["spid.sp-button", "prova"]).row(["è", "forte\u{1b}[2J", "oltre"]).row(["x"]);
        let lines = [
            "Regola          Forza",
            "──────────────  ─────────  ─────",
            "spid.sp-button  prova",
            "è               forte�[2J  oltre",
            "x",
        ];
        let expected = lines.join("\n") + "\n";
        assert_eq!(table.render(), expected);
    }
}
