//! CSS paths, so that a finding can name its element.

use std::fmt::Write as _;

use ego_tree::{NodeId, Tree};
use scraper::Node;
use scraper::node::Element;

use super::text::clip;

/// Longest path in characters. A longer one loses its beginning: it still selects the element, perhaps not it alone.
const LONGEST: usize = 300;
/// Siblings that are counted when a path is asked for on demand.
const SIBLINGS: usize = 10_000;
/// Classes that the last step names, for the reader.
const CLASSES: usize = 2;
/// Longest name, id or class that is used.
const LONGEST_NAME: usize = 60;

/// Builds a path from the element upwards.
#[derive(Debug)]
pub(super) struct Path<'a> {
    steps: Vec<(&'a Element, u32)>,
    /// The id that the path starts from.
    id: &'a str,
    /// Characters so far, estimated from above.
    length: usize,
    done: bool,
}

impl<'a> Path<'a> {
    pub(super) fn new() -> Self {
        Self { steps: Vec::with_capacity(16), id: "", length: 0, done: false }
    }

    /// Adds the next element upwards, which is the `nth` element (from 1) among its siblings. Returns true when the
    /// path is complete.
    pub(super) fn step(&mut self, element: &'a Element, nth: u32) -> bool {
        if self.done {
            return true;
        }
        let id = attribute(element, "id");
        let named = is_identifier(id);
        let classes = if self.steps.is_empty() { classes(element).map(|class| class.len() + 1).sum() } else { 0 };
        // ` > ` before, `:nth-child(` and `)` with up to ten digits after.
        let length = if named { id.len() + 4 } else { element.name().len().min(LONGEST_NAME) + classes + 25 };
        self.length += length;
        if self.length > LONGEST {
            self.done = true;
        } else if named {
            self.id = id;
            self.done = true;
        } else {
            self.steps.push((element, nth));
        }
        self.done
    }

    /// The path, outermost element first.
    pub(super) fn finish(self) -> String {
        let mut path = String::with_capacity(self.length);
        if !self.id.is_empty() {
            path.push('#');
            path.push_str(self.id);
        }
        for (at, (element, nth)) in self.steps.iter().enumerate().rev() {
            if !path.is_empty() {
                path.push_str(" > ");
            }
            write_step(&mut path, element, *nth, at == 0);
        }
        path
    }
}

fn write_step(path: &mut String, element: &Element, nth: u32, is_last: bool) {
    let name = element.name();
    if matches!(name, "html" | "body" | "head") {
        path.push_str(name);
        return;
    }
    let plain = name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    path.push_str(if plain { name } else { "*" });
    if is_last {
        for class in classes(element) {
            path.push('.');
            path.push_str(class);
        }
    }
    let _ = write!(path, ":nth-child({nth})");
}

/// The first classes that can be written as they are.
fn classes(element: &Element) -> impl Iterator<Item = &str> {
    attribute(element, "class").split_ascii_whitespace().take(16).filter(|class| is_identifier(class)).take(CLASSES)
}

fn attribute<'a>(element: &'a Element, name: &str) -> &'a str {
    element.attrs.iter().find(|(other, _)| &*other.local == name).map_or("", |(_, value)| value)
}

/// True for what can stand behind `#` or `.` without escapes.
fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    starts
        && name.len() <= LONGEST_NAME
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// The path of any element of a tree; empty when the node is none.
pub(super) fn css_path(tree: &Tree<Node>, node: NodeId) -> String {
    let mut path = Path::new();
    let mut at = tree.get(node);
    while let Some(node) = at {
        if let Some(element) = node.value().as_element() {
            let before = node.prev_siblings().take(SIBLINGS).filter(|node| node.value().is_element()).count();
            if path.step(element, u32::try_from(before + 1).unwrap_or(u32::MAX)) {
                break;
            }
        }
        at = node.parent();
    }
    path.finish()
}

/// The address of an asset as it is kept: lower case, without surrounding space; `None` for inline data.
pub(super) fn asset(address: &str) -> Option<String> {
    let address = address.trim();
    let inline = address.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    (!address.is_empty() && !inline).then(|| clip(address, 2_048).to_lowercase())
}
