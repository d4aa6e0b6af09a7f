//! CSS paths, so that a finding can name its element.

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
#[derive(Debug, Default)]
pub(super) struct Path {
    steps: Vec<String>,
    length: usize,
    done: bool,
}

impl Path {
    /// Adds the next element upwards, which is the `nth` element (from 1) among its siblings. Returns true when the
    /// path is complete.
    pub(super) fn step(&mut self, element: &Element, nth: u32) -> bool {
        if self.done {
            return true;
        }
        let id = element.attrs.iter().find(|(name, _)| &*name.local == "id").map_or("", |(_, value)| value);
        let step = if is_identifier(id) {
            self.done = true;
            format!("#{id}")
        } else {
            step(element, nth, self.steps.is_empty())
        };
        if self.length + step.len() + 3 > LONGEST {
            self.done = true;
        } else {
            self.length += step.len() + 3;
            self.steps.push(step);
        }
        self.done
    }

    /// The path, outermost element first.
    pub(super) fn finish(mut self) -> String {
        self.steps.reverse();
        self.steps.join(" > ")
    }
}

fn step(element: &Element, nth: u32, is_last: bool) -> String {
    let name = element.name();
    let plain = name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if matches!(name, "html" | "body" | "head") {
        return name.to_owned();
    }
    let mut step = if plain { name.to_owned() } else { "*".to_owned() };
    if is_last {
        let class = element.attrs.iter().find(|(name, _)| &*name.local == "class").map_or("", |(_, value)| value);
        for class in class.split_ascii_whitespace().take(16).filter(|class| is_identifier(class)).take(CLASSES) {
            step.push('.');
            step.push_str(class);
        }
    }
    step.push_str(":nth-child(");
    step.push_str(&nth.to_string());
    step.push(')');
    step
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
    let mut path = Path::default();
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
