//! Text to tree, under limits: html5ever fed in small pieces, building scraper's tree through a sink that knows how
//! deep and how big it has grown.
//!
//! html5ever has no limits of its own (its time is quadratic in depth; formatting elements left open are cloned into
//! each following block), and a parse cannot be stopped from outside. So between pieces we look at the depth, the size
//! and the processor time, and stop feeding when one is over: the tree keeps what was read so far.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use ego_tree::NodeId;
use html5ever::driver::{ParseOpts, Parser, parse_document, parse_fragment};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, LocalName, QualName, local_name, ns};
use scraper::{Html, HtmlTreeSink};

use super::budget::Budget;
use super::{Cut, Limits, element, tags};

/// Bytes of text fed between two looks at the limits; the size shrinks when pieces turn out to be costly.
const PIECE: usize = 4_096;
/// The smallest piece.
const PIECE_MIN: usize = 64;
/// Processor time of one piece above which the next is a quarter of the size.
const PIECE_COSTLY: Duration = Duration::from_millis(8);
/// Nodes and attributes that a tree may have in all: about 70 MB. The largest municipal pages have 30,000.
const UNITS: usize = 500_000;
/// Nodes and attributes a tree may have beyond the bytes of its source: every node that is written out takes at least
/// three bytes, so only clones made by the parser can pass this.
const UNITS_BEYOND_SOURCE: usize = 20_000;
/// `<noscript>` elements that are read, and `<base>` elements that are looked at.
const REMEMBERED: usize = 32;

/// A parsed page.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The tree.
    pub(super) html: Html,
    /// Why only a part was read.
    pub(super) cut: Vec<Cut>,
    /// Form owners as the parser gives them (`<form>` in a table does not contain its fields in the tree).
    pub(super) owners: HashMap<NodeId, NodeId>,
    /// `<base>` elements in document order.
    pub(super) bases: Vec<NodeId>,
}

/// Parses a page.
///
/// The tree is that of a browser with scripts, with one difference: the content of `<noscript>`, which such a browser
/// keeps as text, is parsed and hung below its `<noscript>`.
pub(super) fn parse(text: &str, limits: &Limits, budget: &Budget) -> Parsed {
    let capped = tags::cap(text, limits.attributes);
    let mut cut = Vec::new();
    if capped.cut {
        cut.push(Cut::Attributes);
    }
    let sink = Sink::new(Html::new_document(), limits);
    let (tree, stopped) = feed(parse_document(sink, ParseOpts::default()), &capped.text, budget);
    note(&mut cut, stopped);
    if tree.attributes_cut.get() {
        note(&mut cut, Some(Cut::Attributes));
    }
    let noscripts = tree.noscripts.into_inner();
    let mut parsed =
        Parsed { html: tree.inner.finish(), cut, owners: tree.owners.into_inner(), bases: tree.bases.into_inner() };
    for noscript in noscripts {
        graft(&mut parsed, noscript, limits, budget);
    }
    parsed
}

/// Adds a reason once.
pub(super) fn note(cut: &mut Vec<Cut>, reason: Option<Cut>) {
    if let Some(reason) = reason
        && !cut.contains(&reason)
    {
        cut.push(reason);
    }
}

/// Feeds the text piece by piece, and says why it stopped before the end.
fn feed(mut parser: Parser<Sink>, text: &str, budget: &Budget) -> (Sink, Option<Cut>) {
    let limit = budget.parse_limit();
    let mut rest = text;
    let mut size = PIECE;
    let mut before = budget.spent();
    let mut stopped = None;
    while !rest.is_empty() {
        let (piece, next) = rest.split_at(rest.floor_char_boundary(size.min(rest.len())));
        rest = next;
        parser.tokenizer.sink.sink.allow(piece.len());
        parser.process(StrTendril::from_slice(piece));
        let now = budget.spent();
        let sink = &parser.tokenizer.sink.sink;
        stopped = if sink.too_deep.get() {
            Some(Cut::Depth)
        } else if sink.too_big.get() {
            Some(Cut::Size)
        } else if now > limit && !rest.is_empty() {
            Some(Cut::Cpu)
        } else {
            None
        };
        if stopped.is_some() {
            break;
        }
        let cost = now.saturating_sub(before);
        before = now;
        size = if cost > PIECE_COSTLY { (size / 4).max(PIECE_MIN) } else { (size * 2).min(PIECE) };
    }
    (parser.finish(), stopped)
}

/// Parses the text inside a `<noscript>` and puts the result in its place.
fn graft(parsed: &mut Parsed, noscript: NodeId, limits: &Limits, budget: &Budget) {
    let Some(node) = parsed.html.tree.get(noscript) else { return };
    let depth = node.ancestors().take(limits.depth).count();
    let Some(child) = node.first_child() else { return };
    let Some(text) = child.value().as_text().map(|text| text.text.clone()) else { return };
    if budget.spent() > budget.parse_limit() {
        note(&mut parsed.cut, Some(Cut::Cpu));
        return;
    }
    let child = child.id();
    let capped = tags::cap(&text, limits.attributes);
    note(&mut parsed.cut, capped.cut.then_some(Cut::Attributes));
    let inside = Limits { depth: limits.depth.saturating_sub(depth), ..*limits };
    let context = QualName::new(None, ns!(html), local_name!("body"));
    let parser = parse_fragment(
        Sink::new(Html::new_fragment(), &inside),
        ParseOpts::default(),
        context,
        Vec::new(),
        // Without scripts a <noscript> inside a <noscript> is an element like any other.
        false,
    );
    let (sink, stopped) = feed(parser, &capped.text, budget);
    note(&mut parsed.cut, stopped);
    let tree = &mut parsed.html.tree;
    let fragment = tree.extend_tree(sink.inner.finish().tree).id();
    let root = tree.get(fragment).and_then(|fragment| fragment.first_child()).map(|root| root.id());
    if let Some(mut child) = tree.get_mut(child) {
        child.detach();
    }
    if let Some(root) = root {
        if let Some(mut noscript) = tree.get_mut(noscript) {
            noscript.reparent_from_id_append(root);
        }
        // An element without parent is not found by selectors.
        if let Some(mut root) = tree.get_mut(root) {
            root.detach();
        }
    }
}

/// A node as the tree builder holds it: its place in the tree, and in our list of depths.
#[derive(Debug, Clone, Copy)]
struct Handle {
    id: NodeId,
    at: usize,
}

/// scraper's sink, with a measure of depth and size.
#[derive(Debug)]
struct Sink {
    inner: HtmlTreeSink,
    /// Depth of each node by [`Handle::at`], as estimated when it was put into the tree.
    depths: RefCell<Vec<u32>>,
    depth_limit: usize,
    attribute_limit: usize,
    too_deep: Cell<bool>,
    too_big: Cell<bool>,
    attributes_cut: Cell<bool>,
    /// Nodes and attributes made so far.
    units: Cell<usize>,
    /// Nodes and attributes allowed for the bytes fed so far.
    allowed: Cell<usize>,
    /// Attributes that came with a second `<html>` or `<body>`.
    merged: Cell<usize>,
    owners: RefCell<HashMap<NodeId, NodeId>>,
    noscripts: RefCell<Vec<NodeId>>,
    bases: RefCell<Vec<NodeId>>,
}

impl Sink {
    fn new(html: Html, limits: &Limits) -> Self {
        Self {
            inner: HtmlTreeSink::new(html),
            depths: RefCell::new(vec![0]),
            depth_limit: limits.depth,
            attribute_limit: limits.attributes,
            too_deep: Cell::new(false),
            too_big: Cell::new(false),
            attributes_cut: Cell::new(false),
            units: Cell::new(0),
            allowed: Cell::new(UNITS_BEYOND_SOURCE),
            merged: Cell::new(0),
            owners: RefCell::default(),
            noscripts: RefCell::default(),
            bases: RefCell::default(),
        }
    }

    fn allow(&self, bytes: usize) {
        self.allowed.set((self.allowed.get() + bytes).min(UNITS));
    }

    /// Gives a new node its place in the list of depths.
    fn handle(&self, id: NodeId) -> Handle {
        let mut depths = self.depths.borrow_mut();
        depths.push(0);
        Handle { id, at: depths.len() - 1 }
    }

    fn depth(&self, handle: &Handle) -> u32 {
        self.depths.borrow().get(handle.at).copied().unwrap_or(0)
    }

    fn set_depth(&self, handle: &Handle, depth: u32) {
        if let Some(place) = self.depths.borrow_mut().get_mut(handle.at) {
            *place = depth;
        }
    }

    /// Called when `child` has been put into the tree, at `depth` as far as the estimates tell.
    fn placed(&self, child: &Handle, depth: u32) {
        let mut depth = depth;
        if depth as usize > self.depth_limit {
            // Estimates of nodes below a moved one are stale: count.
            let html = self.inner.0.borrow();
            let Some(node) = html.tree.get(child.id).filter(|node| node.value().is_element()) else { return };
            let ancestors = node.ancestors();
            let elements = ancestors.filter(|node| node.value().is_element()).take(self.depth_limit).count();
            depth = u32::try_from(elements + 1).unwrap_or(u32::MAX);
            if elements >= self.depth_limit {
                self.too_deep.set(true);
            }
        }
        self.set_depth(child, depth);
    }

    fn count(&self, units: usize) {
        self.units.set(self.units.get() + units);
        if self.units.get() > self.allowed.get() {
            self.too_big.set(true);
        }
    }
}

/// The same child for scraper's sink.
fn unwrap(child: NodeOrText<Handle>) -> (NodeOrText<NodeId>, Option<Handle>) {
    match child {
        NodeOrText::AppendNode(handle) => (NodeOrText::AppendNode(handle.id), Some(handle)),
        NodeOrText::AppendText(text) => (NodeOrText::AppendText(text), None),
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Self {
        self
    }

    /// Errors are not kept: a hostile page makes millions.
    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { id: self.inner.get_document(), at: 0 }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> Ref<'a, QualName> {
        self.inner.elem_name(&target.id)
    }

    fn create_element(&self, name: QualName, mut attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        self.count(1 + attributes.len());
        if self.too_big.get() {
            // The rest of this piece may still clone elements by the thousand.
            attributes.clear();
        }
        for attribute in &mut attributes {
            element::straighten(attribute);
        }
        let is_html = name.ns == ns!(html);
        let local: LocalName = name.local.clone();
        let handle = self.handle(self.inner.create_element(name, attributes, flags));
        if is_html && local == local_name!("template") {
            // The place of its contents, see `get_template_contents`.
            self.depths.borrow_mut().push(0);
        } else if is_html && local == local_name!("noscript") {
            remember(&self.noscripts, handle.id);
        } else if is_html && local == local_name!("base") {
            remember(&self.bases, handle.id);
        }
        handle
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.count(1);
        self.handle(self.inner.create_comment(text))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.count(1);
        self.handle(self.inner.create_pi(target, data))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let (child, handle) = unwrap(child);
        self.inner.append(&parent.id, child);
        if let Some(handle) = handle {
            self.placed(&handle, self.depth(parent) + 1);
        }
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let (child, handle) = unwrap(child);
        self.inner.append_based_on_parent_node(&element.id, &previous.id, child);
        if let Some(handle) = handle {
            self.placed(&handle, self.depth(element).max(self.depth(previous) + 1));
        }
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let (child, handle) = unwrap(child);
        self.inner.append_before_sibling(&sibling.id, child);
        if let Some(handle) = handle {
            self.placed(&handle, self.depth(sibling));
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        self.inner.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        let contents = Handle { id: self.inner.get_template_contents(&target.id), at: target.at + 1 };
        // The fragment between a template and its content is no element.
        self.set_depth(&contents, self.depth(target));
        contents
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.inner.set_quirks_mode(mode);
    }

    fn add_attrs_if_missing(&self, target: &Handle, mut attributes: Vec<Attribute>) {
        self.merged.set(self.merged.get() + attributes.len());
        if self.merged.get() > self.attribute_limit {
            self.attributes_cut.set(true);
            return;
        }
        self.count(attributes.len());
        for attribute in &mut attributes {
            element::straighten(attribute);
        }
        self.inner.add_attrs_if_missing(&target.id, attributes);
    }

    fn associate_with_form(&self, target: &Handle, form: &Handle, _nodes: (&Handle, Option<&Handle>)) {
        self.owners.borrow_mut().insert(target.id, form.id);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.inner.remove_from_parent(&target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        self.inner.reparent_children(&node.id, &new_parent.id);
    }
}

/// Keeps a node in a short list.
fn remember(list: &RefCell<Vec<NodeId>>, id: NodeId) {
    let mut list = list.borrow_mut();
    if list.len() < REMEMBERED {
        list.push(id);
    }
}

#[cfg(test)]
mod tests;
