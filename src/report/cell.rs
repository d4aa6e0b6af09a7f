//! Typed cells of tables for spreadsheets.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::model::Euro;

/// One cell: text stays text, a number a number, a day a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cell<'a> {
    /// Nothing is known, or nothing applies.
    #[default]
    Empty,
    /// Text, from wherever it comes: never a formula.
    Text(Cow<'a, str>),
    /// An address that a reader may open; text like any other where documents have no links.
    Link(Cow<'a, str>),
    /// A whole number.
    Number(u64),
    /// A sum.
    Money(Euro),
    /// A day.
    Day(Date),
    /// True or false.
    Flag(bool),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(Cow::Borrowed(text)) }
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(Cow::Owned(text)) }
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<u32> for Cell<'_> {
    fn from(number: u32) -> Self {
        Self::Number(u64::from(number))
    }
}

impl From<usize> for Cell<'_> {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl From<Euro> for Cell<'_> {
    fn from(sum: Euro) -> Self {
        Self::Money(sum)
    }
}

impl From<Date> for Cell<'_> {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl From<bool> for Cell<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl<'a> Cell<'a> {
    /// An address that a reader may open; nothing when there is none.
    pub fn link(url: Option<&'a String>) -> Self {
        url.filter(|url| !url.is_empty()).map_or(Self::Empty, |url| Self::Link(Cow::Borrowed(url)))
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl Cell<'_> {
    /// As text: days as `2026-11-22`, sums without thousands and with `point` before the cents, where there are any.
    pub fn text(&self, point: char) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Link(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Money(sum) if sum.cents() % 100 == 0 => Cow::Owned((sum.cents() / 100).to_string()),
            Self::Money(sum) => Cow::Owned(format!("{}{point}{:02}", sum.cents() / 100, sum.cents() % 100)),
            Self::Day(day) => Cow::Owned(day.to_string()),
            Self::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn cells_as_text() {
        let cents = |cents| Cell::from(Euro::of_cents(cents).unwrap());
        let cases: [(Cell<'_>, &str); 8] = [
            (Cell::from(None::<u32>), ""),
            (Cell::from(""), ""),
            (Cell::from("=1+1"), "=1+1"),
            (Cell::from(50_u32), "50"),
            (cents(1_400_000), "14000"),
            (cents(392_840), "3928,40"),
            (Cell::from(jiff::civil::date(2026, 3, 1)), "2026-03-01"),
            (Cell::from(true), "true"),
        ];
        for (cell, text) in cases {
            assert_eq!(cell.text(','), text);
        }
        assert_eq!(cents(5).text('.'), "0.05");
    }
}
