//! Where in a rule file something stands.

use crate::model::line_at;

/// Line of `needle` inside the part of a file that `span` covers; the first line of the part when it is not there. A
/// pattern is found as it was read or as a basic string writes it, with its backslashes doubled.
pub(super) fn line_of(source: &str, span: std::ops::Range<usize>, needle: &str) -> usize {
    let part = source.get(span.clone()).unwrap_or_default();
    let written = needle.replace('\\', "\\\\").replace('"', "\\\"");
    let inside = part.find(needle).or_else(|| part.find(&written)).unwrap_or(0);
    line_at(source, span.start + inside)
}
