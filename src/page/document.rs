//! A whole page, from bytes.

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::budget::Budget;
use super::element::{self, Attributes};
use super::path::css_path;
use super::target::Here;
use super::tree::note;
use super::{Control, Cut, Document, Limits, Source, Visibility, charset, extract, tree};

/// Reads a page.
///
/// Never fails and never hangs: a page that is too deep, too big, or too costly is read as far as the limits allow, and
/// [`Document::cut`] says so. Beside [`Limits`] there are fixed bounds, far above any real page: 500,000 nodes and
/// attributes (and no more than the page's own bytes plus 20,000), 1 MiB of visible text, 4,000 assets
/// ([`Cut::Size`]); 500 forms ([`Cut::Controls`]); 1 MiB of inline scripts, 300 metas, 100 alternates (silently).
///
/// Costs processor time, up to [`Limits::cpu`]: call it on a thread that may block.
pub fn parse(source: &Source<'_>, limits: &Limits) -> Document {
    let budget = Budget::start(limits.cpu);
    let decoded = charset::decode(source.body, source.content_type, source.cut);
    let parsed = tree::parse(&decoded.text, limits, &budget);
    let mut cut = Vec::new();
    note(&mut cut, source.cut.then_some(Cut::Body));
    for reason in parsed.cut {
        note(&mut cut, Some(reason));
    }
    let html = parsed.html;
    let base = base(&html, &parsed.bases, source.url);
    let here = Here { url: source.url, base: &base };
    let out = extract::extract(&html, &parsed.owners, here, source.layout, limits, &budget, &mut cut);
    Document {
        html,
        url: source.url.clone(),
        base,
        charset: decoded.charset,
        cut,
        layout: source.layout,
        lang: out.lang,
        title: out.title,
        metas: out.metas,
        text: out.text,
        controls: out.controls,
        forms: out.forms,
        scripts: out.scripts,
        assets: out.assets,
        alternates: out.alternates,
    }
}

/// What links are resolved against: the first `<base href>`, when it is http or https.
fn base(html: &Html, bases: &[NodeId], url: &Url) -> Url {
    let hrefs = bases.iter().filter_map(|node| {
        let node = html.tree.get(*node)?;
        // In a template, or taken out of the tree by the parser: not part of the page.
        let outermost = node.ancestors().last()?;
        if !outermost.value().is_document() || node.ancestors().any(|node| node.value().is_fragment()) {
            return None;
        }
        Attributes::of(node.value().as_element()?).href
    });
    hrefs
        .take(1)
        .find_map(|href| url.join(href.trim()).ok())
        .filter(|base| matches!(base.scheme(), "http" | "https"))
        .unwrap_or_else(|| url.clone())
}

impl Document {
    /// True when nothing was left out.
    pub fn is_whole(&self) -> bool {
        self.cut.is_empty()
    }

    /// The controls that a reader sees.
    pub fn visible_controls(&self) -> impl Iterator<Item = &Control> {
        self.controls.iter().filter(|control| control.visibility == Visibility::Visible)
    }

    /// The elements that match a selector, those of `<template>` and `<noscript>` included: ask
    /// [`Document::element_visibility`]. In the order the parser made them, which is document order but for broken
    /// tables and `<noscript>` (last).
    pub fn select<'a>(&'a self, selector: &'a Selector) -> impl Iterator<Item = ElementRef<'a>> {
        self.html.select(selector)
    }

    /// Whether a reader sees an element, by the same rules as for controls. Looks at the ancestors, which are at most
    /// a little more than [`Limits::depth`]; for text or unknown nodes, at those around it.
    pub fn element_visibility(&self, node: NodeId) -> Visibility {
        let Some(node) = self.html.tree.get(node) else { return Visibility::Hidden };
        let mut visibility = Visibility::Visible;
        let mut attached = false;
        for node in std::iter::once(node).chain(node.ancestors()) {
            attached = node.value().is_document();
            if let Some(element) = node.value().as_element() {
                let own = element::own_visibility(element, &Attributes::of(element), self.layout);
                // From the inside out: an outer reason replaces an inner one.
                visibility = element::inherit(own, visibility);
            }
        }
        // What the parser took out of the tree again is not on the page.
        if attached { visibility } else { Visibility::Hidden }
    }

    /// True when an element that is there to be filled is empty: a custom element; a part named like one that
    /// applications draw into (`app`, `root`) or that every page has (`header`, `menu`, `login`); a part of the header
    /// that only its id gives a meaning to.
    pub fn is_hollow(&self) -> bool {
        const NAMES: [&str; 16] = [
            "app",
            "root",
            "header",
            "navbar",
            "nav",
            "menu",
            "toolbar",
            "topbar",
            "login",
            "accesso",
            "user",
            "utente",
            "account",
            "area-personale",
            "content",
            "main",
        ];
        self.html.tree.nodes().any(|node| {
            let Some(element) = node.value().as_element().filter(|element| element::is_html(element)) else {
                return false;
            };
            let name = element.name();
            let custom = name.contains('-');
            let part = matches!(name, "div" | "header" | "nav" | "main" | "section" | "aside" | "span");
            if !custom && !part {
                return false;
            }
            let empty = node.children().all(|child| match child.value() {
                scraper::Node::Text(text) => text.trim().is_empty(),
                scraper::Node::Comment(_) => true,
                _ => false,
            });
            let attributes = Attributes::of(element);
            let in_header = || {
                node.ancestors().filter_map(|outer| outer.value().as_element()).any(|outer| {
                    let classes = Attributes::of(outer).class;
                    outer.name() == "header" || classes.split_ascii_whitespace().any(|one| one.starts_with("it-header"))
                })
            };
            let named = || {
                attributes
                    .class
                    .split_ascii_whitespace()
                    .chain([attributes.id, name])
                    .flat_map(|token| [token, token.rsplit(['-', '_']).next().unwrap_or_default()])
                    .any(|token| NAMES.iter().any(|name| token.eq_ignore_ascii_case(name)))
            };
            empty && (custom || named() || (!attributes.id.is_empty() && in_header()))
        })
    }

    /// CSS path of an element, for evidence: at most 300 characters, from the nearest ancestor with an id, otherwise
    /// from `html`; a path that would be longer loses its beginning. Empty when the node is no element.
    pub fn css_path(&self, node: NodeId) -> String {
        css_path(&self.html.tree, node)
    }

    /// The control of an element, when it is one.
    pub fn control(&self, node: NodeId) -> Option<&Control> {
        self.controls.iter().find(|control| control.node == node)
    }
}

#[cfg(test)]
mod tests;
