//! Tree to the parts of a page that rules look at: one walk in document order, without recursion, its work per node
//! bounded by the node's own size.

mod head;

use std::collections::HashMap;

use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{Html, Node};
use url::Url;

use super::blocks::{Around, Edge, Words, around, background, edge, words};
use super::budget::Budget;
use super::controls::{self, Draft, LABEL, Place, Stretch};
use super::element::{self, Attributes};
use super::forms::{Forms, Owner};
use super::path::{Path, asset};
use super::target::Here;
use super::text::Folded;
use super::tree::note;
use super::{Control, Cut, Form, Layout, Limits, Region, Script, Visibility};

/// Characters of text that are kept: 1 MiB, far beyond what a person reads on one page.
const TEXT: usize = 1_024 * 1_024;
/// Characters of a form's text.
const FORM_TEXT: usize = 600;
const ASSETS: usize = 4_000;
/// Controls and forms around a piece of text that take it as their own; nobody nests more.
const COLLECTING: usize = 8;
/// Nodes between two looks at the processor time.
const STRIDE: usize = 128;

/// What was read from the tree.
#[derive(Debug)]
pub(super) struct Extracted {
    pub(super) lang: String,
    pub(super) title: String,
    pub(super) metas: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) controls: Vec<Control>,
    pub(super) forms: Vec<Form>,
    pub(super) scripts: Vec<Script>,
    pub(super) assets: Vec<(String, String)>,
    pub(super) alternates: Vec<(String, Url)>,
}

/// Reads the tree. Reasons for an incomplete reading are added to `cut`.
pub(super) fn extract(
    html: &Html,
    owners: &HashMap<NodeId, NodeId>,
    here: Here<'_>,
    layout: Layout,
    limits: &Limits,
    budget: &Budget,
    cut: &mut Vec<Cut>,
) -> Extracted {
    let mut walk = Walk {
        here,
        layout,
        owners,
        controls_limit: limits.controls,
        cut,
        frames: Vec::new(),
        collecting: Vec::new(),
        text: Folded::blocks(TEXT),
        drafts: Vec::new(),
        unplaced: Vec::new(),
        forms: Forms::default(),
        code: 0,
        out: Extracted {
            lang: String::new(),
            title: String::new(),
            metas: Vec::new(),
            text: String::new(),
            controls: Vec::new(),
            forms: Vec::new(),
            scripts: Vec::new(),
            assets: Vec::new(),
            alternates: Vec::new(),
        },
    };
    walk.run(html, budget);
    walk.finish()
}

/// An element the walk is inside of.
#[derive(Debug)]
struct Frame<'a> {
    node: NodeRef<'a, Node>,
    element: Option<&'a Element>,
    /// Its place among its parent's elements, from 1.
    nth: u32,
    /// Elements met inside so far.
    children: u32,
    visibility: Visibility,
    region: Region,
    in_content: bool,
    words: Words,
    /// How many frames stand around the innermost element that hides what is inside; 0 for none.
    hider: usize,
    edge: Edge,
    /// Where its text begins.
    start: usize,
    /// The last heading inside it or before it.
    heading: Option<Stretch>,
    /// How many controls waited for their block when the walk entered.
    unplaced: usize,
    /// The place of its form.
    form: Option<usize>,
    /// True when the last of `collecting` is its own.
    collects: bool,
}

/// Text gathered for a control or a form.
#[derive(Debug)]
struct Collecting {
    text: Folded,
    /// How many frames stand around it, itself included.
    depth: usize,
    owner: Collector,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Collector {
    Control(usize),
    Form(usize),
}

struct Walk<'a, 'o> {
    here: Here<'o>,
    layout: Layout,
    owners: &'o HashMap<NodeId, NodeId>,
    controls_limit: usize,
    cut: &'o mut Vec<Cut>,
    frames: Vec<Frame<'a>>,
    collecting: Vec<Collecting>,
    text: Folded,
    drafts: Vec<Draft<'a>>,
    /// Controls whose block has not been left yet.
    unplaced: Vec<usize>,
    forms: Forms<'a>,
    code: usize,
    out: Extracted,
}

impl<'a> Walk<'a, '_> {
    fn run(&mut self, html: &'a Html, budget: &Budget) {
        let mut next = html.tree.root().first_child();
        let mut steps = 0;
        loop {
            let Some(node) = next else {
                let Some(frame) = self.frames.pop() else { return };
                next = frame.node.next_sibling();
                self.leave(&frame);
                continue;
            };
            steps += 1;
            if steps % STRIDE == 0 && budget.is_spent() {
                note(self.cut, Some(Cut::Cpu));
                while let Some(frame) = self.frames.pop() {
                    self.leave(&frame);
                }
                return;
            }
            next = match node.value() {
                Node::Element(element) => {
                    self.enter(node, element);
                    node.first_child()
                }
                // The content of a template hangs below a fragment.
                Node::Fragment => {
                    self.enter_fragment(node);
                    node.first_child()
                }
                Node::Text(text) => {
                    self.words(text);
                    node.next_sibling()
                }
                _ => node.next_sibling(),
            };
        }
    }

    fn enter_fragment(&mut self, node: NodeRef<'a, Node>) {
        let outer = self.frames.last();
        let frame = Frame {
            node,
            element: None,
            nth: 1,
            children: 0,
            visibility: outer.map_or(Visibility::Visible, |outer| outer.visibility),
            region: outer.map_or(Region::Main, |outer| outer.region),
            in_content: outer.is_some_and(|outer| outer.in_content),
            words: Words::Shown,
            hider: outer.map_or(0, |outer| outer.hider),
            edge: Edge::Glued,
            start: self.text.len(),
            heading: outer.and_then(|outer| outer.heading),
            unplaced: self.unplaced.len(),
            form: outer.and_then(|outer| outer.form),
            collects: false,
        };
        self.frames.push(frame);
    }

    fn enter(&mut self, node: NodeRef<'a, Node>, element: &'a Element) {
        let attributes = Attributes::of(element);
        let is_html = element::is_html(element);
        let name = element.name();
        let own = element::own_visibility(element, &attributes, self.layout);
        let depth = self.frames.len() + 1;
        let nth = self.frames.last_mut().map_or(1, |outer| {
            outer.children += 1;
            outer.children
        });
        let outer = self.frames.last();
        let visibility = element::inherit(outer.map_or(Visibility::Visible, |outer| outer.visibility), own);
        let in_content = outer.is_some_and(|outer| outer.in_content);
        let region = outer.map_or(Region::Main, |outer| outer.region);
        let frame = Frame {
            node,
            element: Some(element),
            nth,
            children: 0,
            visibility,
            region: element::region(region, in_content, element, &attributes),
            in_content: in_content || (is_html && matches!(name, "main" | "article" | "section")),
            words: words(element, is_html, outer.map_or(Words::Shown, |outer| outer.words)),
            hider: if own == Visibility::Visible { outer.map_or(0, |outer| outer.hider) } else { depth },
            edge: if is_html { edge(name, attributes.class) } else { Edge::Glued },
            start: self.text.len(),
            heading: outer.and_then(|outer| outer.heading),
            unplaced: self.unplaced.len(),
            form: outer.and_then(|outer| outer.form),
            collects: false,
        };
        self.pass_edge(frame.edge, visibility);
        self.frames.push(frame);
        if is_html {
            self.read(node, name, &attributes);
        }
        self.read_images(name, &attributes);
        self.read_control(node.id(), element, &attributes);
    }

    /// Images count as assets of the page, and as marks on the controls around them.
    fn read_images(&mut self, name: &str, attributes: &Attributes<'a>) {
        let first = |srcset: &'a str| srcset.split(',').next().unwrap_or_default().split_whitespace().next();
        let address = match name {
            "img" | "source" => {
                // Lazy loaders put a blank image into `src`.
                let source = if attributes.src.starts_with("data:") { "" } else { attributes.src };
                let mut candidates =
                    [source, attributes.data_src, first(attributes.srcset).unwrap_or_default()].into_iter();
                candidates.find(|address| !address.trim().is_empty()).unwrap_or_default()
            }
            "use" | "image" => attributes.href.unwrap_or(attributes.src),
            "object" => attributes.data_src,
            "embed" => attributes.src,
            "input" if attributes.kind.trim().eq_ignore_ascii_case("image") => attributes.src,
            _ => "",
        };
        if matches!(name, "img" | "area" | "input") && !attributes.alt.is_empty() {
            self.collect_apart(attributes.alt);
        }
        if !address.is_empty() {
            self.image(address);
        }
        if let Some(address) = background(attributes.style) {
            self.image(address);
        }
    }

    fn image(&mut self, address: &str) {
        self.asset(address);
        for collecting in self.collecting.iter().rev().take(COLLECTING) {
            if let Collector::Control(control) = collecting.owner
                && let Some(draft) = self.drafts.get_mut(control)
            {
                draft.image(address);
            }
        }
    }

    fn read_control(&mut self, node: NodeId, element: &'a Element, attributes: &Attributes<'a>) {
        let submits = matches!(element.name(), "button" | "input");
        let owner = if submits { self.owner(node, attributes) } else { Owner::None };
        let Some(mut candidate) = controls::candidate(element, attributes, owner, &self.here) else { return };
        let around = self.collecting.iter().rev().find_map(|collecting| match collecting.owner {
            Collector::Control(control) => Some(control),
            Collector::Form(_) => None,
        });
        if let Some(outer) = around.and_then(|control| self.drafts.get_mut(control)) {
            let Some(apart) = outer.merge(candidate, attributes) else {
                self.value(element, attributes);
                return;
            };
            candidate = apart;
        }
        if self.drafts.len() >= self.controls_limit {
            note(self.cut, Some(Cut::Controls));
            self.value(element, attributes);
            return;
        }
        let Some(frame) = self.frames.last() else { return };
        let place = Place {
            node,
            region: frame.region,
            visibility: frame.visibility,
            selector: self.selector(),
            at: self.text.len(),
            heading: frame.heading,
        };
        let control = self.drafts.len();
        self.drafts.push(Draft::new(candidate, attributes, place));
        self.unplaced.push(control);
        self.collect(Collector::Control(control), LABEL);
        // Said before the control was there to hear it.
        let name = element.name();
        if matches!(name, "input" | "area") && !attributes.alt.is_empty() {
            self.collect_apart(attributes.alt);
        }
        if name == "input" {
            self.image_of_last(attributes.src);
        }
        if let Some(address) = background(attributes.style) {
            self.image_of_last(address);
        }
        self.value(element, attributes);
    }

    fn image_of_last(&mut self, address: &str) {
        if let Some(draft) = self.drafts.last_mut() {
            draft.image(address);
        }
    }

    /// The words on `<input type=submit value="...">`.
    fn value(&mut self, element: &Element, attributes: &Attributes<'_>) {
        if element.name() == "input" && !attributes.value.is_empty() {
            self.words(attributes.value);
        }
    }

    /// Takes a piece of text: into the page's text when it is seen, and into what is being collected.
    fn words(&mut self, raw: &str) {
        let Some(frame) = self.frames.last() else { return };
        if frame.words == Words::None {
            return;
        }
        if frame.visibility == Visibility::Visible && frame.words == Words::Shown {
            self.text.push(raw);
        }
        let hider = frame.hider;
        for collecting in self.collecting.iter_mut().rev().take(COLLECTING) {
            // What hides a control whole does not take its label; what is hidden inside it does.
            if hider <= collecting.depth && !collecting.text.is_full() {
                collecting.text.push(raw);
            }
        }
    }

    /// Takes the description of an image into what is being collected.
    fn collect_apart(&mut self, raw: &str) {
        let Some(frame) = self.frames.last() else { return };
        for collecting in self.collecting.iter_mut().rev().take(COLLECTING) {
            if frame.hider <= collecting.depth && !collecting.text.is_full() {
                collecting.text.push_apart(raw);
            }
        }
    }

    fn collect_in_forms(&mut self, raw: &str) {
        for collecting in self.collecting.iter_mut().rev().take(COLLECTING) {
            if matches!(collecting.owner, Collector::Form(_)) && !collecting.text.is_full() {
                collecting.text.push_apart(raw);
            }
        }
    }

    fn collect(&mut self, owner: Collector, cap: usize) {
        // A form that is itself a control collects twice; the frame says that at least one ends with it.
        self.collecting.push(Collecting { text: Folded::line(cap), depth: self.frames.len(), owner });
        if let Some(frame) = self.frames.last_mut() {
            frame.collects = true;
        }
    }

    /// Separates what comes from what was, where an element begins or ends.
    fn pass_edge(&mut self, edge: Edge, visibility: Visibility) {
        match edge {
            Edge::Glued => return,
            Edge::Apart if visibility == Visibility::Visible => self.text.space(),
            Edge::Block if visibility == Visibility::Visible => self.text.block(),
            Edge::Apart | Edge::Block => {}
        }
        for collecting in self.collecting.iter_mut().rev().take(COLLECTING) {
            collecting.text.space();
        }
    }

    /// Called with a frame that has just been taken off.
    fn leave(&mut self, frame: &Frame<'a>) {
        let end = self.text.len();
        let depth = self.frames.len() + 1;
        while frame.collects && self.collecting.last().is_some_and(|collecting| collecting.depth == depth) {
            let Some(collecting) = self.collecting.pop() else { break };
            let text = collecting.text.finish();
            match collecting.owner {
                Collector::Control(control) => {
                    if let Some(draft) = self.drafts.get_mut(control) {
                        draft.close(text, end);
                    }
                }
                Collector::Form(form) => {
                    if let Some(form) = self.forms.list.get_mut(form) {
                        form.text = text;
                    }
                }
            }
        }
        let Some(element) = frame.element.filter(|element| element::is_html(element)) else { return };
        let name = element.name();
        self.pass_edge(frame.edge, frame.visibility);
        // A heading speaks for what follows it in its parent, and further out where the parent only wraps it.
        let own = frame.heading.filter(|heading| heading.0 >= frame.start && heading.1 == end);
        let is_heading = matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") && frame.start < end;
        let waiting = self.unplaced.len() > frame.unplaced;
        if !(waiting || is_heading || own.is_some()) {
            return;
        }
        let kind = around(element);
        let wraps = matches!(name, "div" | "header" | "hgroup" | "a") && kind != Around::Unit;
        let heading = if is_heading { Some((frame.start, end)) } else { own.filter(|_| wraps) };
        if let (Some(heading), Some(parent)) = (heading, self.frames.last_mut()) {
            parent.heading = Some(heading);
        }
        if waiting && kind != Around::Line {
            self.place(frame, end, kind);
        }
    }

    /// Tells the controls inside what stands around them: the first box that says more than they do, and the unit they
    /// are in.
    fn place(&mut self, frame: &Frame<'a>, end: usize, kind: Around) {
        let text = self.text.as_str().get(frame.start..end).unwrap_or_default().trim();
        let name = frame.element.map_or("", |element| element.name());
        // A paragraph or a cell that holds nothing but the control says nothing more than the control does.
        let thin = matches!(name, "p" | "td" | "th" | "dd" | "dt" | "figure");
        let mut kept = frame.unplaced;
        for at in frame.unplaced..self.unplaced.len() {
            let control = self.unplaced[at];
            let Some(draft) = self.drafts.get_mut(control) else { continue };
            let own = self.text.as_str().get(draft.own.0..draft.own.1).unwrap_or_default().trim();
            let says_more = text.len() > own.len();
            if says_more && draft.near.is_none() {
                draft.near = Some((frame.start, end));
            }
            if kind == Around::Unit && (says_more || !thin) {
                draft.unit = Some((frame.start, end));
            } else {
                self.unplaced[kept] = control;
                kept += 1;
            }
        }
        self.unplaced.truncate(kept);
    }

    fn visibility(&self) -> Visibility {
        self.frames.last().map_or(Visibility::Visible, |frame| frame.visibility)
    }

    fn owner(&self, node: NodeId, attributes: &Attributes<'a>) -> Owner<'a> {
        let around = self.frames.last().and_then(|frame| frame.form);
        self.forms.owner(attributes, self.owners.get(&node), around)
    }

    /// The CSS path of the element the walk is in.
    fn selector(&self) -> String {
        let mut path = Path::new();
        for frame in self.frames.iter().rev() {
            if frame.element.is_some_and(|element| path.step(element, frame.nth)) {
                break;
            }
        }
        path.finish()
    }

    fn asset(&mut self, address: &str) {
        // What stands in a template is no part of the page until a script copies it.
        let shown = self.frames.last().is_none_or(|frame| frame.visibility != Visibility::Template);
        if !shown {
            return;
        }
        if self.out.assets.len() >= ASSETS {
            note(self.cut, Some(Cut::Size));
        } else if let Some(address) = asset(address) {
            let selector = self.selector();
            self.out.assets.push((address, selector));
        }
    }

    fn finish(mut self) -> Extracted {
        if self.text.is_full() {
            note(self.cut, Some(Cut::Size));
        }
        self.forms.settle();
        let text = self.text.finish();
        let forms = &self.forms;
        self.out.controls = self.drafts.into_iter().filter_map(|draft| draft.finish(&text, forms)).collect();
        self.out.forms = self.forms.list;
        self.out.text = text;
        self.out
    }
}

#[cfg(test)]
mod tests;
