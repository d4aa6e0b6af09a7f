//! What elements do to the text inside and around them.

use ego_tree::NodeRef;
use html5ever::ns;
use scraper::Node;
use scraper::node::Element;

/// How the text directly inside an element is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Read by everybody.
    Shown,
    /// Part of labels only (`<title>` of an svg).
    Label,
    /// Not for readers (scripts, styles, fallbacks).
    None,
}

/// The text directly inside an element whose content is not markup.
pub(super) fn content(node: NodeRef<'_, Node>) -> &str {
    let text = node.first_child().map(|child| child.value());
    match text {
        Some(Node::Text(text)) => text,
        _ => "",
    }
}

/// How the text of an element is taken, given that around it.
pub(super) fn words(element: &Element, is_html: bool, outer: Words) -> Words {
    if outer == Words::None {
        return Words::None;
    }
    let name = element.name();
    if !is_html {
        return match name {
            "title" | "desc" if element.name.ns == ns!(svg) => Words::Label,
            "script" | "style" | "metadata" => Words::None,
            _ => outer,
        };
    }
    match name {
        "script" | "style" | "title" | "noembed" | "noframes" | "iframe" | "canvas" | "audio" | "video"
        | "datalist" | "rp" => Words::None,
        _ => outer,
    }
}

/// How an element stands to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// Its text goes on where theirs ends.
    Glued,
    /// On the same line, with room between.
    Apart,
    /// On lines of its own.
    Block,
}

/// How an element of html stands to its neighbours.
pub(super) fn edge(name: &str, class: &str) -> Edge {
    if is_block(name) {
        Edge::Block
    } else if stands_apart(name, class) {
        Edge::Apart
    } else {
        Edge::Glued
    }
}

/// Elements that begin on a line of their own.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Elements within a line that are not glued to their neighbours.
fn stands_apart(name: &str, class: &str) -> bool {
    // Texts for screen readers are drawn nowhere, so not beside their neighbours either.
    let unseen = class.contains("visually-hidden") || class.contains("sr-only");
    unseen
        || is_custom(name)
        || matches!(
            name,
            "br" | "wbr" | "button" | "input" | "select" | "textarea" | "img" | "iframe" | "object" | "label"
        )
}

/// How much the text of an element says about the controls inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// A unit of its own: an item, a paragraph, a card.
    Unit,
    /// A box that may hold anything.
    Box,
    /// A part of a line.
    Line,
}

/// What kind of surrounding an element is.
pub(super) fn around(element: &Element) -> Around {
    let name = element.name();
    if matches!(
        name,
        "li" | "td" | "th" | "p" | "dd" | "dt" | "figure" | "article" | "section" | "form" | "fieldset" | "details"
    ) {
        return Around::Unit;
    }
    let class = element.attrs.iter().find(|(name, _)| &*name.local == "class").map_or("", |(_, value)| value);
    let card = |class: &str| class == "card" || class.starts_with("card-wrapper");
    if is_custom(name) {
        // Cards of component libraries: `mat-card`.
        return if name.ends_with("-card") { Around::Unit } else { Around::Box };
    }
    if name == "div" && class.split_ascii_whitespace().take(32).any(card) {
        return Around::Unit;
    }
    if is_block(name) { Around::Box } else { Around::Line }
}

/// True for the name of a custom element.
fn is_custom(name: &str) -> bool {
    name.contains('-')
}

/// The address in `background-image:url(...)` of an inline style.
pub(super) fn background(style: &str) -> Option<&str> {
    if !style.contains("url(") {
        return None;
    }
    let (before, after) = style.split_once("url(")?;
    if !before.contains("background") && !before.contains("mask") {
        return None;
    }
    let address = after.split(')').next().unwrap_or_default();
    Some(address.trim().trim_matches(['"', '\'']).trim()).filter(|address| !address.is_empty())
}
