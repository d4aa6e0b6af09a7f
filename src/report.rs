//! Values to documents: text for people, HTML, JSON, tables. In Italian and in English.
//!
//! What a person reads of a visit is put together once, in [`view`], and then drawn as text or as HTML, so that both
//! say the same. Everything that comes from a page passes [`clean()`] first.

pub mod application;
pub mod casefile;
mod cell;
pub mod changes;
pub mod clean;
pub mod comune;
pub mod csv;
pub mod document;
pub mod html;
pub mod inspect;
pub mod json;
pub mod jsonl;
pub mod known;
pub mod letter;
pub mod mask;
pub mod national;
pub mod notice;
pub mod observations;
mod row;
#[cfg(test)]
mod samples;
pub mod summary;
pub mod table;
pub mod text;
pub mod verdicts;
pub mod view;
pub mod words;
pub mod xlsx;

pub use cell::Cell;
pub use clean::clean;
pub use row::FindingRow;
pub use words::{Words, words};
