//! The tables of a document as sheets of a workbook, beside whatever else is in it.

use std::io;

use super::{Block, Document, Grid};
use crate::{
    config::Lang,
    report::{Cell, view::Value, xlsx::Workbook},
};

/// Longest name of a sheet (Excel specifications and limits).
const LONGEST_NAME: usize = 31;

/// Adds a sheet for each table of a document, and one at the end with what the document rests on.
pub fn sheets(document: &Document, book: &mut Workbook) -> io::Result<()> {
    let lang = document.lang;
    let tables = document.sections.iter().flat_map(|section| &section.blocks);
    let mut names: Vec<String> = Vec::new();
    for grid in tables.filter_map(|block| if let Block::Table(grid) = block { Some(grid) } else { None }) {
        let name = name(&grid.caption, &names);
        names.push(name.to_lowercase());
        let head: Vec<&str> = grid.head.iter().map(String::as_str).collect();
        let id = book.sheet(&name, &head)?;
        for row in &grid.rows {
            let cells: Vec<Cell<'_>> = row.iter().enumerate().map(|(at, value)| cell(grid, at, value, lang)).collect();
            book.row(id, &cells)?;
        }
    }
    let id = book.sheet(&name(lang.pick("Nota", "Note"), &names), &[])?;
    let head = [&document.title, &document.about].map(|line| (String::new(), line.clone()));
    let facts = document.basis.iter().flat_map(|fact| {
        fact.value.lines().iter().enumerate().map(|(number, line)| {
            let label = if number == 0 { fact.label } else { "" };
            (label.to_owned(), line.clone())
        })
    });
    for (label, line) in head.into_iter().chain(facts).chain([(String::new(), document.disclaimer.to_owned())]) {
        book.row(id, &[Cell::from(label), Cell::from(line)])?;
    }
    Ok(())
}

fn cell<'a>(grid: &Grid, column: usize, value: &'a Value, lang: Lang) -> Cell<'a> {
    match value {
        Value::Link(_, href) => Cell::Link(href.as_str().into()),
        Value::Lines(lines) => Cell::from(lines.join("\n")),
        Value::Text(text) if grid.numbers.contains(&column) => {
            let digits = text.replace(lang.pick('.', ','), "");
            digits.parse::<u64>().map_or_else(|_| Cell::from(text.as_str()), Cell::Number)
        }
        Value::Text(text) => Cell::from(text.as_str()),
    }
}

/// A name that spreadsheets take (no `[]:*?/\`, 31 characters, none twice).
fn name(caption: &str, taken: &[String]) -> String {
    let plain: String = caption.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(LONGEST_NAME - 3).collect();
    let plain = plain.trim().to_owned();
    let mut name = plain.clone();
    let mut number = 2;
    while taken.contains(&name.to_lowercase()) {
        name = format!("{plain} {number}");
        number += 1;
    }
    name
}
