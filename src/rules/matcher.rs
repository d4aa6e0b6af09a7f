//! Runs the rules over one document.

mod controls;
mod elements;
mod metadata;

use std::{borrow::Cow, cell::Cell};

use regex::bytes::Regex;
use url::Url;

pub(super) use metadata::run_metadata;

use super::{
    compile::{Compiled, Css, Pattern, Program, Scope},
    fold::fold,
};
use crate::page::{Document, request::Request};

/// Matches of one rule on one page that are kept: a menu of twelve providers is one fact.
const KEPT_PER_RULE: usize = 4;
/// The same for a rule whose matches are followed: seven desks with one label are seven places where the login may be, and
/// a place that is forgotten here is later taken for one that does not exist.
const LEADS_PER_RULE: usize = 24;
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
#[expect(clippy::struct_excessive_bools, reason = "four independent facts, each asked for by its name")]
#[derive(Debug, Clone)]
pub struct Match {
    /// Index of the rule in the catalogue.
    pub rule: usize,
    /// Kind of evidence: `control`, `element`, `form`, `redirect`, `metadata`, `page`.
    pub kind: &'static str,
    /// CSS path, or what else was looked at.
    pub selector: String,
    /// What was matched, white space folded, at most 300 characters.
    pub excerpt: String,
    /// Label of the control.
    pub label: Option<String>,
    /// Where it leads.
    pub target: Option<Url>,
    /// Tenant captures: name of the group and value, lower case; besides the groups that a rule may have, `vat` (a VAT
    /// number in metadata) and `issuer`, as written (a party of an authentication request, the entity of metadata).
    pub captures: Vec<(String, String)>,
    /// The element is hidden, or stands in `<noscript>`.
    pub hidden: bool,
    /// The control leads nowhere.
    pub inert: bool,
    /// The control calls a script whose effect is not known.
    pub scripted: bool,
    /// The control submits a form with POST: it is recognised, and never followed.
    pub posts: bool,
}

/// Everything computed once per page.
struct Page<'a> {
    program: &'a Program,
    document: &'a Document,
    around: Circumstances<'a>,
    url: String,
    title: String,
    text: String,
    /// Whether each pattern for the text matches, once it was looked for.
    texts: Vec<Cell<Option<bool>>>,
    words: Vec<bool>,
    classes: Vec<bool>,
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
        texts: vec![Cell::new(None); program.text_count],
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
    let request = asked(program, to);
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
            excerpt: excerpt(&request.as_ref().map_or_else(|| to.to_string(), Request::summary)),
            label: None,
            target: Some(to.clone()),
            captures: with_parties(captures, request.as_ref()),
            hidden: false,
            inert: false,
            scripted: false,
            posts: false,
        });
    }
    matches
}

/// The authentication request in an address: a SAML request to anybody, an OpenID Connect one to a known provider only,
/// because elsewhere `client_id` is any program's.
fn asked(program: &Program, to: &Url) -> Option<Request> {
    let query = to.query()?;
    let saml = query.as_bytes().windows(11).any(|window| window.eq_ignore_ascii_case(b"SAMLRequest"));
    (saml || program.providers.recognise(to).is_some()).then(|| Request::of_url(to)).flatten()
}

/// The parties of a request name a tenant too.
fn with_parties(mut captures: Vec<(String, String)>, request: Option<&Request>) -> Vec<(String, String)> {
    let parties = request.iter().flat_map(|request| &request.parties);
    captures.extend(parties.map(|party| ("issuer".to_owned(), excerpt(party))));
    captures
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
        if !condition.guarded {
            return Some(shown);
        }
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
            if !self.says(pattern) {
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

    /// Whether the text matches a pattern. Looked for only when a rule gets that far: most patterns begin with a word,
    /// and a word that is not there is found missing much faster than a set of all patterns runs.
    fn says(&self, pattern: &Pattern) -> bool {
        let known = &self.texts[pattern.index];
        if let Some(answer) = known.get() {
            return answer;
        }
        let answer = pattern.regex.is_match(self.text.as_bytes());
        known.set(Some(answer));
        answer
    }

    /// True when one of the rule's page or element exclusions holds.
    fn excluded(&self, rule: usize) -> bool {
        self.program.rules[rule].unless.iter().any(|condition| match condition.scope {
            Scope::Page => self.guard(condition).is_some(),
            Scope::Element => self.guard(condition).is_some() && self.select(condition).next().is_some(),
            Scope::Form => self.document.forms.iter().any(|form| self.form(condition, form).is_some()),
            Scope::Control | Scope::Redirect | Scope::Metadata => false,
        })
    }

    /// False when a word that the selector needs does not occur in the page at all.
    fn possible(&self, css: &Css) -> bool {
        css.words.iter().all(|word| self.words[*word])
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
                selector: shown.selector.into_owned(),
                excerpt: excerpt(&shown.text),
                label: None,
                target,
                captures: shown.captures,
                hidden: false,
                inert: false,
                scripted: false,
                posts: false,
            });
        }
    }
}

/// Slashes as JSON and scripts write them.
fn unescape(value: &str) -> String {
    value.replace("\\/", "/").replace("\\u002f", "/").replace("\\u002F", "/").replace("&amp;", "&")
}

fn kept(matches: &[Match], rule: usize) -> usize {
    matches.iter().filter(|known| known.rule == rule).count()
}

impl Page<'_> {
    /// True when no more matches of a rule on controls are kept.
    fn full(&self, matches: &[Match], rule: usize) -> bool {
        let followed = self.program.rules[rule].spec.focus > 0;
        kept(matches, rule) >= if followed { LEADS_PER_RULE } else { KEPT_PER_RULE }
    }
}

fn doubled(matches: &[Match], rule: usize, selector: &str) -> bool {
    matches.iter().any(|known| known.rule == rule && known.selector == selector)
}

/// What a page condition shows as its evidence.
struct Shown {
    kind: &'static str,
    selector: Cow<'static, str>,
    text: String,
    captures: Vec<(String, String)>,
}

impl Default for Shown {
    fn default() -> Self {
        Self { kind: "page", selector: Cow::Borrowed("url"), text: String::new(), captures: Vec::new() }
    }
}

impl Shown {
    /// The last field that says something is the one shown: conditions are checked from the page's address to its
    /// scripts, from the general to the particular.
    fn say(&mut self, selector: &str, text: &str) {
        self.selector = Cow::Owned(selector.to_owned());
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
