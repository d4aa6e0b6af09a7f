//! What single elements say of the page as a whole: language, title, metas, links of the head, scripts, forms, fields.

use ego_tree::NodeRef;
use scraper::Node;

use super::{Collector, FORM_TEXT, Walk};
use crate::page::blocks::content;
use crate::page::controls::LABEL;
use crate::page::element::Attributes;
use crate::page::text::{clip, fold};
use crate::page::tree::note;
use crate::page::{Cut, Script, Visibility};

/// Bytes of one inline script, and of all.
const CODE: usize = 256 * 1_024;
const ALL_CODE: usize = 1_024 * 1_024;
const SCRIPTS: usize = 1_000;
const METAS: usize = 300;
/// Characters of a `<meta>` value.
const META: usize = 2_000;
const ALTERNATES: usize = 100;
/// Characters of a language tag; the longest registered ones have 35.
const LANGUAGE: usize = 35;

impl<'a> Walk<'a, '_> {
    /// Reads what the element says of the page as a whole.
    pub(super) fn read(&mut self, node: NodeRef<'a, Node>, name: &str, attributes: &Attributes<'a>) {
        match name {
            "html" if self.out.lang.is_empty() => self.out.lang = clip(attributes.lang.trim(), LANGUAGE).to_lowercase(),
            "title" if self.out.title.is_empty() && self.visibility() != Visibility::Template => {
                self.out.title = fold(content(node), LABEL);
            }
            "meta" => self.read_meta(attributes),
            "link" => self.read_link(attributes),
            "script" => self.read_script(node, attributes),
            "form" => {
                let selector = self.selector();
                let visibility = self.visibility();
                if let Some(form) = self.forms.open(node.id(), attributes, &self.here, visibility, selector) {
                    self.collect(Collector::Form(form), FORM_TEXT);
                    if let Some(frame) = self.frames.last_mut() {
                        frame.form = Some(form);
                    }
                } else {
                    note(self.cut, Some(Cut::Controls));
                }
            }
            "input" | "select" | "textarea" | "button" => {
                let owner = self.owner(node.id(), attributes);
                let kind = match name {
                    "input" if attributes.kind.is_empty() => "text",
                    "input" | "button" if !attributes.kind.is_empty() => attributes.kind,
                    "button" => "submit",
                    other => other,
                };
                self.forms.field(owner, kind, attributes);
                if !attributes.placeholder.is_empty() {
                    self.collect_in_forms(attributes.placeholder);
                }
            }
            _ => {}
        }
    }

    fn read_meta(&mut self, attributes: &Attributes<'_>) {
        let name = [attributes.name, attributes.property, attributes.http_equiv, attributes.itemprop];
        let name = name.into_iter().map(str::trim).find(|name| !name.is_empty());
        if let Some(name) = name
            && self.out.metas.len() < METAS
        {
            self.out.metas.push((clip(name, LABEL).to_lowercase(), clip(attributes.content, META).to_owned()));
        }
    }

    fn read_link(&mut self, attributes: &Attributes<'_>) {
        let Some(href) = attributes.href else { return };
        let has = |rel: &str| attributes.rel.split_ascii_whitespace().take(16).any(|one| one.eq_ignore_ascii_case(rel));
        if ["stylesheet", "icon", "preload", "modulepreload", "apple-touch-icon"].into_iter().any(has) {
            self.asset(href);
        }
        if has("alternate")
            && !attributes.hreflang.is_empty()
            && self.out.alternates.len() < ALTERNATES
            && let Some(url) = self.here.resolve(href)
        {
            self.out.alternates.push((clip(attributes.hreflang.trim(), LANGUAGE).to_lowercase(), url));
        }
    }

    fn read_script(&mut self, node: NodeRef<'a, Node>, attributes: &Attributes<'_>) {
        if self.visibility() == Visibility::Template || self.out.scripts.len() >= SCRIPTS {
            return;
        }
        let kind = clip(attributes.kind.trim(), LABEL).to_ascii_lowercase();
        let source = attributes.src.trim();
        if !source.is_empty() {
            self.asset(source);
            if let Some(url) = self.here.resolve(source) {
                self.out.scripts.push(Script { src: Some(url), kind, code: String::new() });
            }
            return;
        }
        let code = content(node);
        let room = CODE.min(ALL_CODE - self.code);
        let code = &code[..code.floor_char_boundary(room.min(code.len()))];
        if !code.trim().is_empty() {
            self.code += code.len();
            self.out.scripts.push(Script { src: None, kind, code: code.to_owned() });
        }
    }
}
