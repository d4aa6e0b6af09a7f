//! Bytes to document: charset, parse under hard limits, and the parts of a page that rules look at.
//!
//! Pure: no clock but the thread's own processor time, no network. [`scraper::Html`] cannot cross threads, so a
//! [`Document`] lives and dies inside one blocking closure; what leaves it is plain data.

mod blocks;
mod budget;
pub mod charset;
mod controls;
mod document;
mod element;
mod encoded;
mod extract;
mod forms;
mod js;
pub mod metadata;
mod path;
mod prescan;
pub mod request;
mod tags;
mod target;
mod text;
pub mod traps;
mod tree;
pub mod urlkey;
pub(crate) mod xml;

#[cfg(test)]
mod hostile;

use ego_tree::NodeId;
use url::Url;

pub use document::parse;

/// How it is known what a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// From the markup alone: attributes, inline styles, the classes of well-known frameworks.
    #[default]
    Markup,
    /// A browser drew the page without all its style sheets: what it marked as hidden is, and what the markup hides.
    Partly,
    /// A browser drew the page: what it marked as hidden (`data-riscontro="hidden"`) is, and nothing else.
    Known,
}

/// What a page is read from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The address that answered: links are resolved against it (or against `<base>`).
    pub url: &'a Url,
    /// The `Content-Type` header, when there was one.
    pub content_type: Option<&'a str>,
    /// The decoded body.
    pub body: &'a [u8],
    /// True when the body is only the beginning of what the server has.
    pub cut: bool,
    /// How it is known what a reader sees.
    pub layout: Layout,
}

impl<'a> Source<'a> {
    /// A whole page in UTF-8 that no browser drew.
    pub const fn utf8(url: &'a Url, body: &'a [u8]) -> Self {
        Self { url, content_type: Some("text/html; charset=utf-8"), body, cut: false, layout: Layout::Markup }
    }
}

/// How far a page is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Deepest element that is read; the parse ends there. Browsers use 512.
    pub depth: usize,
    /// Attributes of one tag that reach the parser.
    pub attributes: usize,
    /// Controls (links, buttons, forms) that are read.
    pub controls: usize,
    /// Processor time for parse and extraction together.
    pub cpu: std::time::Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 512, attributes: 512, controls: 2_000, cpu: std::time::Duration::from_secs(1) }
    }
}

/// Why a page was read only in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The body itself was only a beginning.
    Body,
    /// Elements nested deeper than the limit.
    Depth,
    /// A tag with more attributes than the limit (the rest of that tag's attributes is dropped, the page goes on).
    Attributes,
    /// More controls than the limit.
    Controls,
    /// More elements, text or assets than are read (see [`parse`]): the page grew far beyond its own bytes.
    Size,
    /// The processor time was spent.
    Cpu,
}

/// Whether a reader sees an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// As far as the markup tells, yes.
    Visible,
    /// The element or an ancestor is hidden (`hidden`, `display:none`, `visibility:hidden`, `aria-hidden` with no text).
    Hidden,
    /// Inside `<template>`: not part of the page until a script copies it.
    Template,
    /// Inside `<noscript>`: seen only by browsers without scripts.
    NoScript,
}

/// In which part of the page an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// `<header>` or its like.
    Header,
    /// `<nav>` outside the header.
    Nav,
    /// Everything else.
    Main,
    /// `<footer>` or its like.
    Footer,
}

/// What kind of control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlKind {
    /// `<a>` or `<area>`.
    Link,
    /// `<button>`, `<input type=submit|button|image>`, `role=button`.
    Button,
    /// Any other element with an `onclick` or a `data-` target (tiles, cards).
    Tile,
    /// `<iframe>` or `<frame>`.
    Frame,
    /// `<meta http-equiv=refresh>`.
    Refresh,
}

/// Where a control leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To this address (http or https, fragment kept), from `href`, `action`, `formaction`, `onclick`, `data-*`.
    Url(Url),
    /// To a place on the same page (`#submit-request`), with the fragment's name.
    InPage(String),
    /// Nowhere: no target, `#`, `javascript:void(0)` and the like.
    Nowhere,
    /// A script is called whose effect is not known (`onclick="V01('PAG11')"`); the code, at most 300 characters.
    Script(String),
    /// Another scheme (`mailto:`, `tel:`, `ioit:` ...); the raw target.
    Other(String),
}

/// Something a citizen can press.
#[derive(Debug, Clone)]
pub struct Control {
    /// The element in the tree, for CSS conditions.
    pub node: NodeId,
    /// What kind.
    pub kind: ControlKind,
    /// What a reader sees on it: text, `value`, and the `alt` of images inside; white space folded, at most 300 characters.
    pub label: String,
    /// What is said beside the text: `title`, `aria-label`; at most 300 characters.
    pub hint: String,
    /// Where it leads.
    pub destination: Destination,
    /// `data-element` with stray curly quotes removed, lower case; empty when absent.
    pub data_element: String,
    /// `src` of images inside (also `xlink:href` of `<use>`), as written.
    pub images: Vec<String>,
    /// The part of the page.
    pub region: Region,
    /// Whether it is seen.
    pub visibility: Visibility,
    /// True when it submits a form with POST: recognised, never sent.
    pub post: bool,
    /// Names of the fields of its form (hidden ones included), when it submits one; at most 50.
    pub fields: Vec<String>,
    /// Text of the nearest block around it (card, paragraph, section with its heading), at most 400 characters.
    pub context: String,
    /// CSS path of the element, for evidence.
    pub selector: String,
}

/// A form of the page.
#[derive(Debug, Clone)]
pub struct Form {
    /// The element in the tree.
    pub node: NodeId,
    /// Where it is sent.
    pub destination: Destination,
    /// True for POST.
    pub post: bool,
    /// Field names with type and value of hidden ones: `(name, type, value)`. A value has at most 300 characters, an
    /// authentication request at most 87,000.
    pub fields: Vec<(String, String, String)>,
    /// Labels, placeholders and text inside, white space folded, at most 600 characters.
    pub text: String,
    /// Whether it is seen.
    pub visibility: Visibility,
    /// CSS path of the element.
    pub selector: String,
}

/// An inline script, or an external one.
#[derive(Debug, Clone)]
pub struct Script {
    /// `src`, resolved; `None` for inline scripts.
    pub src: Option<Url>,
    /// `type` attribute, lower case.
    pub kind: String,
    /// The code of an inline script, at most 256 KiB.
    pub code: String,
}

/// A page as rules see it.
#[derive(Debug)]
pub struct Document {
    /// The tree, for CSS conditions.
    pub html: scraper::Html,
    /// The address that answered.
    pub url: Url,
    /// What relative links are resolved against.
    pub base: Url,
    /// The charset used, by its label in the Encoding standard.
    pub charset: &'static str,
    /// Every reason why the page was read only in part; empty for a whole page.
    pub cut: Vec<Cut>,
    /// How it is known what a reader sees.
    pub layout: Layout,
    /// `lang` of the root element, lower case.
    pub lang: String,
    /// `<title>`, white space folded.
    pub title: String,
    /// `<meta>` as `(name or property or http-equiv, content)`, names lower case.
    pub metas: Vec<(String, String)>,
    /// What a reader sees, block by block, white space folded (text of controls included; scripts, styles, templates,
    /// hidden parts and comments are not).
    pub text: String,
    /// Links, buttons, tiles, frames, refreshes, in document order.
    pub controls: Vec<Control>,
    /// Forms.
    pub forms: Vec<Form>,
    /// Scripts.
    pub scripts: Vec<Script>,
    /// Addresses of images, style sheets and external scripts, as written, lower case; `(address, css path)`.
    pub assets: Vec<(String, String)>,
    /// Page in other languages: `link[rel=alternate][hreflang]` as `(hreflang, address)`.
    pub alternates: Vec<(String, Url)>,
}
