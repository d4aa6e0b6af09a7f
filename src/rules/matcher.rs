//! Runs the rules over one document.

use regex::bytes::Regex;
use scraper::ElementRef;
use url::Url;

use super::{
    compile::{Compiled, Css, Place, Program, Scope},
    fold::fold,
    providers::SignOn,
    schema::{Inert, ProviderKind},
};
use crate::page::{Control, ControlKind, Destination, Document, Form, Visibility};

/// Matches of one rule on one page that are kept: a menu of twelve providers is one fact.
const KEPT_PER_RULE: usize = 4;
/// Longest excerpt, in characters.
const EXCERPT: usize = 300;

/// What surrounds the document: a pure value.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The decoded body, to know which words occur at all.
    pub body: &'a [u8],
    /// Response headers, names lower case.
    pub headers: &'a [(String, Vec<u8>)],
    /// HTTP status.
    pub status: u16,
}

/// One match of one rule.
#[derive(Debug, Clone)]
pub struct Match {
    /// Index of the rule in the catalogue.
    pub rule: usize,
    /// Kind of evidence: `control`, `element`, `form`, `redirect`, `page`.
    pub kind: &'static str,
    /// CSS path, or what else was looked at.
    pub selector: String,
    /// What was matched, white space folded, at most 300 characters.
    pub excerpt: String,
    /// Label of the control.
    pub label: Option<String>,
    /// Where it leads.
    pub target: Option<Url>,
    /// Tenant captures: name of the group and value, lower case.
    pub captures: Vec<(String, String)>,
    /// The element is hidden, or stands in `<noscript>`.
    pub hidden: bool,
    /// The control leads nowhere.
    pub inert: bool,
    /// The control calls a script whose effect is not known.
    pub scripted: bool,
}

/// Everything computed once per page.
struct Page<'a> {
    program: &'a Program,
    document: &'a Document,
    around: Circumstances<'a>,
    url: String,
    title: String,
    text: String,
    texts: regex::bytes::SetMatches,
    words: Vec<bool>,
    classes: Vec<bool>,
}

/// One control, folded when it is looked at.
struct Seen<'a> {
    control: &'a Control,
    label: String,
    target: String,
    sign_on: Option<SignOn>,
    labels: regex::bytes::SetMatches,
    targets: regex::bytes::SetMatches,
}

/// Runs every rule over a document.
pub(super) fn run(program: &Program, document: &Document, around: Circumstances<'_>) -> (Vec<Match>, Vec<String>) {
    let mut words = vec![false; program.word_count];
    for found in program.words.find_overlapping_iter(around.body) {
        words[found.pattern().as_usize()] = true;
    }
    let text = fold(&document.text);
    let mut page = Page {
        program,
        document,
        around,
        url: document.url.as_str().to_ascii_lowercase(),
        title: fold(&document.title),
        texts: program.texts.matches(text.as_bytes()),
        text,
        words,
        classes: vec![false; program.classes.len()],
    };
    for (index, class) in program.classes.iter().enumerate() {
        page.classes[index] = class.matches.iter().any(|condition| page.guard(condition).is_some());
    }
    let mut matches = Vec::new();
    page.controls(&mut matches);
    page.elements(&mut matches);
    page.forms(&mut matches);
    page.pages(&mut matches);
    let classes =
        page.classes.iter().zip(&program.classes).filter(|(is, _)| **is).map(|(_, c)| c.spec.name.clone()).collect();
    (matches, classes)
}

/// Runs the rules about redirects over one address that a server redirects to (or a form posts to).
pub(super) fn run_redirect(program: &Program, from: &Url, to: &Url) -> Vec<Match> {
    let target = to.as_str().to_ascii_lowercase();
    let source = from.as_str().to_ascii_lowercase();
    let mut matches: Vec<Match> = Vec::new();
    for &(r, c) in &program.redirects {
        let condition = &program.rules[r].matches[c];
        if matches.iter().any(|known| known.rule == r) {
            continue;
        }
        if condition.page_url.as_ref().is_some_and(|pattern| !pattern.is_match(source.as_bytes())) {
            continue;
        }
        let mut captures = Vec::new();
        if !condition.redirect.as_ref().is_some_and(|pattern| matches_into(pattern, &target, &mut captures)) {
            continue;
        }
        if let Some(kinds) = &condition.provider {
            let known = program.providers.recognise(to);
            if !known.is_some_and(|sign_on| kinds.contains(&sign_on.kind)) {
                continue;
            }
        }
        matches.push(Match {
            rule: r,
            kind: Scope::Redirect.kind(),
            selector: "redirect".to_owned(),
            excerpt: excerpt(to.as_str()),
            label: None,
            target: Some(to.clone()),
            captures,
            hidden: false,
            inert: false,
            scripted: false,
        });
    }
    matches
}

/// Shortens to the excerpt's limit and folds white space, on character bounds.
fn excerpt(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
        if short.len() > EXCERPT * 4 {
            break;
        }
    }
    match short.char_indices().nth(EXCERPT) {
        Some((at, _)) => short[..at].to_owned(),
        None => short,
    }
}

/// The captured groups are added when the pattern matches.
fn matches_into(pattern: &Regex, text: &str, captures: &mut Vec<(String, String)>) -> bool {
    if pattern.captures_len() == 1 {
        return pattern.is_match(text.as_bytes());
    }
    let Some(groups) = pattern.captures(text.as_bytes()) else {
        return false;
    };
    for name in pattern.capture_names().flatten() {
        if let Some(value) = groups.name(name) {
            captures.push((name.to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        }
    }
    true
}

fn holds(pattern: Option<&Regex>, text: &str, captures: &mut Vec<(String, String)>) -> bool {
    pattern.is_none_or(|pattern| matches_into(pattern, text, captures))
}

/// The text around the first match of a pattern.
fn around_match(pattern: &Regex, text: &str) -> String {
    let Some(found) = pattern.find(text.as_bytes()) else {
        return String::new();
    };
    let start = text[..floor(text, found.start())].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
    excerpt(&text[start..])
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl Page<'_> {
    /// The page fields of a condition. `None` when one does not hold; else what to show for it.
    fn guard(&self, condition: &Compiled) -> Option<Shown> {
        let mut shown = Shown::default();
        if condition.class.is_some_and(|class| !self.classes[class]) {
            return None;
        }
        if condition.status.as_ref().is_some_and(|list| !list.contains(&self.around.status)) {
            return None;
        }
        if condition.shorter.is_some_and(|limit| self.text.len() >= limit) {
            return None;
        }
        if let Some(pattern) = &condition.page_url {
            if !matches_into(pattern, &self.url, &mut shown.captures) {
                return None;
            }
            shown.say("url", self.document.url.as_str());
        }
        if let Some(pattern) = &condition.title {
            if !matches_into(pattern, &self.title, &mut shown.captures) {
                return None;
            }
            shown.say("title", &self.document.title);
        }
        if let Some((name, pattern)) = &condition.header {
            let (_, value) = self.around.headers.iter().find(|(key, value)| key == name && pattern.is_match(value))?;
            shown.say(&format!("header:{name}"), &String::from_utf8_lossy(value));
        }
        if let Some((name, pattern)) = &condition.meta {
            let (_, value) = self
                .document
                .metas
                .iter()
                .find(|(key, value)| key == name && pattern.is_match(fold(value).as_bytes()))?;
            shown.say(&format!("meta[name=\"{name}\"]"), value);
        }
        if let Some(pattern) = &condition.page_text {
            if !self.texts.matched(pattern.index) {
                return None;
            }
            matches_into(&pattern.regex, &self.text, &mut shown.captures);
            shown.say("text", &around_match(&pattern.regex, &self.text));
        }
        if let Some(pattern) = &condition.page_text_exact {
            if !pattern.is_match(self.document.text.as_bytes()) {
                return None;
            }
            shown.say("text", &around_match(pattern, &self.document.text));
        }
        if let Some(pattern) = &condition.script {
            let script = self
                .document
                .scripts
                .iter()
                .find(|script| !script.code.is_empty() && pattern.is_match(script.code.as_bytes()))?;
            matches_into(pattern, &script.code, &mut shown.captures);
            let found = pattern.find(script.code.as_bytes()).map(|found| found.as_bytes().to_vec()).unwrap_or_default();
            shown.say("script", &String::from_utf8_lossy(&found));
        }
        if let Some(pattern) = &condition.asset {
            let mut names: Vec<&str> = Vec::new();
            for (address, path) in &self.document.assets {
                if let Some(found) = pattern.find(address.as_bytes()) {
                    let name = &address[floor(address, found.start())..floor(address, found.end())];
                    if !names.contains(&name) {
                        names.push(name);
                        if names.len() == 1 {
                            shown.say(path, address);
                        }
                    }
                }
            }
            if names.len() < condition.min {
                return None;
            }
        }
        Some(shown)
    }

    /// True when one of the rule's page or element exclusions holds.
    fn excluded(&self, rule: usize) -> bool {
        self.program.rules[rule].unless.iter().any(|condition| match condition.scope {
            Scope::Page => self.guard(condition).is_some(),
            Scope::Element => self.guard(condition).is_some() && self.select(condition).next().is_some(),
            Scope::Form => self.document.forms.iter().any(|form| self.form(condition, form).is_some()),
            Scope::Control | Scope::Redirect => false,
        })
    }

    fn controls(&self, matches: &mut Vec<Match>) {
        let program = self.program;
        for control in &self.document.controls {
            if control.visibility == Visibility::Template {
                continue;
            }
            let seen = self.see(control);
            let mut places: Vec<Place> = Vec::new();
            for index in &seen.labels {
                places.extend(&program.by_label[index]);
            }
            for index in &seen.targets {
                places.extend(&program.by_target[index]);
            }
            if let Some(by_name) = program.by_data_element.get(&control.data_element) {
                places.extend(by_name);
            }
            places.extend(&program.by_scan);
            for (r, c) in places {
                if kept(matches, r) >= KEPT_PER_RULE || doubled(matches, r, &control.selector) {
                    continue;
                }
                let condition = &program.rules[r].matches[c];
                let Some(shown) = self.guard(condition) else { continue };
                let mut captures = shown.captures;
                if !self.control(condition, &seen, &mut captures) || self.excluded(r) {
                    continue;
                }
                let undone = program.rules[r].unless.iter().any(|condition| {
                    condition.scope == Scope::Control
                        && self.guard(condition).is_some()
                        && self.control(condition, &seen, &mut Vec::new())
                });
                if undone {
                    continue;
                }
                matches.push(Match {
                    rule: r,
                    kind: if seen.sign_on.is_some() { "redirect" } else { Scope::Control.kind() },
                    selector: control.selector.clone(),
                    excerpt: excerpt(if control.label.is_empty() { &control.hint } else { &control.label }),
                    label: Some(control.label.clone()).filter(|label| !label.is_empty()),
                    target: match &control.destination {
                        Destination::Url(url) => Some(url.clone()),
                        _ => None,
                    },
                    captures,
                    hidden: control.visibility != Visibility::Visible,
                    inert: matches!(control.destination, Destination::Nowhere | Destination::InPage(_)),
                    scripted: matches!(control.destination, Destination::Script(_)),
                });
            }
        }
    }

    fn see<'c>(&self, control: &'c Control) -> Seen<'c> {
        let mut label = fold(&control.label);
        if !control.hint.is_empty() && control.hint != control.label {
            label.push_str(if label.is_empty() { "" } else { " | " });
            label.push_str(&fold(&control.hint));
        }
        let (target, sign_on) = match &control.destination {
            Destination::Url(url) => (url.as_str().to_ascii_lowercase(), self.program.providers.recognise(url)),
            Destination::Other(raw) => (raw.to_ascii_lowercase(), None),
            _ => (String::new(), None),
        };
        Seen {
            control,
            labels: self.program.labels.matches(label.as_bytes()),
            targets: self.program.targets.matches(target.as_bytes()),
            label,
            target,
            sign_on,
        }
    }

    /// The control fields of a condition.
    fn control(&self, condition: &Compiled, seen: &Seen<'_>, captures: &mut Vec<(String, String)>) -> bool {
        let control = seen.control;
        let inert = match control.destination {
            Destination::Nowhere => true,
            // An anchor of the same page is a way within the page, not to somewhere else.
            Destination::InPage(_) => condition.inert == Inert::No || condition.inert == Inert::Buttons,
            _ => false,
        };
        let allowed = match condition.inert {
            Inert::No => !inert,
            Inert::Buttons => {
                !inert || (control.kind == ControlKind::Button && control.destination == Destination::Nowhere)
            }
            Inert::Any => true,
        };
        if !allowed {
            return false;
        }
        if condition.regions.as_ref().is_some_and(|regions| !regions.contains(&control.region)) {
            return false;
        }
        if condition.data_element.as_ref().is_some_and(|name| *name != control.data_element) {
            return false;
        }
        if let Some(pattern) = &condition.label {
            if !seen.labels.matched(pattern.index) {
                return false;
            }
            matches_into(&pattern.regex, &seen.label, captures);
        }
        if let Some(pattern) = &condition.target {
            if !seen.targets.matched(pattern.index) {
                return false;
            }
            matches_into(&pattern.regex, &seen.target, captures);
        }
        if let Some(pattern) = &condition.image
            && !control.images.iter().any(|image| pattern.is_match(image.as_bytes()))
        {
            return false;
        }
        if let Some(kinds) = &condition.provider
            && !seen.sign_on.as_ref().is_some_and(|sign_on| kinds.contains(&sign_on.kind))
        {
            return false;
        }
        if let Some(kinds) = &condition.entity
            && condition.css.is_empty()
            && !self.program.providers.entity_parameter(&seen.target).is_some_and(|kind| kinds.contains(&kind))
        {
            return false;
        }
        if let Some(pattern) = &condition.calls {
            match &control.destination {
                Destination::Script(code) if pattern.is_match(code.as_bytes()) => {}
                _ => return false,
            }
        }
        if !condition.css.is_empty() {
            let Some(element) = self.document.html.tree.get(control.node).and_then(ElementRef::wrap) else {
                return false;
            };
            if !condition.css.iter().any(|css| self.possible(css) && css.selector.matches(&element)) {
                return false;
            }
            if let Some((name, pattern)) = &condition.attribute
                && !element.attr(name).is_some_and(|value| matches_into(pattern, &fold(value), captures))
            {
                return false;
            }
        }
        holds(condition.context.as_ref(), &fold(&control.context), captures)
    }

    /// False when a word that the selector needs does not occur in the page at all.
    fn possible(&self, css: &Css) -> bool {
        css.words.iter().all(|word| self.words[*word])
    }

    /// The elements that the element fields of a condition hold for, hidden ones included, templates not.
    fn select<'p>(&'p self, condition: &'p Compiled) -> impl Iterator<Item = (ElementRef<'p>, Visibility)> + 'p {
        condition
            .css
            .iter()
            .filter(|css| self.possible(css))
            .flat_map(|css| self.document.html.select(&css.selector))
            .filter(move |element| self.element(condition, *element))
            .filter_map(|element| {
                let visibility = self.document.element_visibility(element.id());
                (visibility != Visibility::Template).then_some((element, visibility))
            })
    }

    fn element(&self, condition: &Compiled, element: ElementRef<'_>) -> bool {
        if let Some((name, pattern)) = &condition.attribute
            && !element.attr(name).is_some_and(|value| pattern.is_match(fold(value).as_bytes()))
        {
            return false;
        }
        if let Some(pattern) = &condition.text {
            let mut text = String::new();
            for piece in element.text() {
                text.push_str(piece);
                if text.len() > 4_096 {
                    break;
                }
            }
            if !pattern.is_match(fold(&text).as_bytes()) {
                return false;
            }
        }
        let providers = &self.program.providers;
        condition.entity.as_ref().is_none_or(|kinds: &Vec<ProviderKind>| {
            element.value().attrs().any(|(name, value)| {
                let kind = match name {
                    "href" | "action" | "formaction" => providers.entity_parameter(value),
                    _ => providers.entity(value),
                };
                kind.is_some_and(|kind| kinds.contains(&kind))
            })
        })
    }

    fn elements(&self, matches: &mut Vec<Match>) {
        for &(r, c) in &self.program.elements {
            let condition = &self.program.rules[r].matches[c];
            if !condition.css.iter().any(|css| self.possible(css)) {
                continue;
            }
            let Some(shown) = self.guard(condition) else { continue };
            let hits: Vec<(ElementRef<'_>, Visibility)> =
                self.select(condition).take(condition.min.max(KEPT_PER_RULE)).collect();
            if hits.len() < condition.min || hits.is_empty() || self.excluded(r) {
                continue;
            }
            for (element, visibility) in hits.into_iter().take(KEPT_PER_RULE) {
                let selector = self.document.css_path(element.id());
                if kept(matches, r) >= KEPT_PER_RULE || doubled(matches, r, &selector) {
                    continue;
                }
                let mut captures = shown.captures.clone();
                if let Some((name, pattern)) = &condition.attribute {
                    matches_into(pattern, &fold(element.attr(name).unwrap_or_default()), &mut captures);
                }
                let text: String = element.text().take(40).collect::<Vec<_>>().join(" ");
                let text = if text.trim().is_empty() { opening_tag(element) } else { text };
                matches.push(Match {
                    rule: r,
                    kind: Scope::Element.kind(),
                    selector,
                    excerpt: excerpt(&text),
                    label: None,
                    target: None,
                    captures,
                    hidden: visibility != Visibility::Visible,
                    inert: false,
                    scripted: false,
                });
            }
        }
    }

    /// The form fields of a condition: what was captured, when they hold.
    fn form(&self, condition: &Compiled, form: &Form) -> Option<Vec<(String, String)>> {
        let mut captures = self.guard(condition)?.captures;
        if form.visibility == Visibility::Template {
            return None;
        }
        if condition.form_action.is_some() || condition.provider.is_some() {
            let Destination::Url(action) = &form.destination else { return None };
            if !holds(condition.form_action.as_ref(), &action.as_str().to_ascii_lowercase(), &mut captures) {
                return None;
            }
            if let Some(kinds) = &condition.provider
                && !self.program.providers.endpoint(action).is_some_and(|kind| kinds.contains(&kind))
            {
                return None;
            }
        }
        if let Some(pattern) = &condition.form_field
            && !form.fields.iter().any(|(name, ..)| pattern.is_match(name.as_bytes()))
        {
            return None;
        }
        holds(condition.form_text.as_ref(), &fold(&form.text), &mut captures).then_some(captures)
    }

    fn forms(&self, matches: &mut Vec<Match>) {
        for &(r, c) in &self.program.forms {
            let condition = &self.program.rules[r].matches[c];
            for form in &self.document.forms {
                if kept(matches, r) >= KEPT_PER_RULE || doubled(matches, r, &form.selector) {
                    continue;
                }
                let Some(captures) = self.form(condition, form) else { continue };
                if self.excluded(r) {
                    break;
                }
                matches.push(Match {
                    rule: r,
                    kind: Scope::Form.kind(),
                    selector: form.selector.clone(),
                    excerpt: excerpt(&form.text),
                    label: None,
                    target: match &form.destination {
                        Destination::Url(url) => Some(url.clone()),
                        _ => None,
                    },
                    captures,
                    hidden: form.visibility != Visibility::Visible,
                    inert: false,
                    scripted: false,
                });
            }
        }
    }

    fn pages(&self, matches: &mut Vec<Match>) {
        for &(r, c) in &self.program.pages {
            let condition = &self.program.rules[r].matches[c];
            if kept(matches, r) > 0 {
                continue;
            }
            let Some(shown) = self.guard(condition) else { continue };
            if self.excluded(r) {
                continue;
            }
            let target = shown
                .captures
                .iter()
                .find(|(name, _)| name == "url")
                .and_then(|(_, value)| self.document.base.join(&unescape(value)).ok())
                .filter(|url| matches!(url.scheme(), "http" | "https"));
            matches.push(Match {
                rule: r,
                kind: shown.kind,
                selector: shown.selector,
                excerpt: excerpt(&shown.text),
                label: None,
                target,
                captures: shown.captures,
                hidden: false,
                inert: false,
                scripted: false,
            });
        }
    }
}

/// Slashes as JSON and scripts write them.
fn unescape(value: &str) -> String {
    value.replace("\\/", "/").replace("\\u002f", "/").replace("\\u002F", "/").replace("&amp;", "&")
}

fn opening_tag(element: ElementRef<'_>) -> String {
    let mut tag = format!("<{}", element.value().name());
    for (name, value) in element.value().attrs().take(6) {
        tag.push_str(&format!(" {name}=\"{value}\""));
    }
    tag.push('>');
    tag
}

fn kept(matches: &[Match], rule: usize) -> usize {
    matches.iter().filter(|known| known.rule == rule).count()
}

fn doubled(matches: &[Match], rule: usize, selector: &str) -> bool {
    matches.iter().any(|known| known.rule == rule && known.selector == selector)
}

/// What a page condition shows as its evidence.
struct Shown {
    kind: &'static str,
    selector: String,
    text: String,
    captures: Vec<(String, String)>,
}

impl Default for Shown {
    fn default() -> Self {
        Self { kind: "page", selector: "url".to_owned(), text: String::new(), captures: Vec::new() }
    }
}

impl Shown {
    /// The last field that says something is the one shown: conditions are checked from the page's address to its
    /// scripts, from the general to the particular.
    fn say(&mut self, selector: &str, text: &str) {
        selector.clone_into(&mut self.selector);
        text.clone_into(&mut self.text);
        self.kind = match selector {
            "text" => "text",
            "title" => "title",
            "script" => "script",
            "url" => "url",
            _ if selector.starts_with("header:") => "header",
            _ if selector.starts_with("meta") => "meta",
            _ => "asset",
        };
    }
}
