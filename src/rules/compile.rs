//! Rules as written to rules as run: patterns compiled once, gathered in sets, and indexed by what triggers them.

use std::collections::{BTreeMap, HashMap};

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use scraper::Selector;

use super::{
    diagnostic::line_of,
    load::{Loaded, LoadedFile},
    providers::Providers,
    schema::{Condition, Inert, PageClass, ProviderKind, RegionName, RuleSpec},
};
use crate::{
    model::{Diagnostic, Level, line_at},
    page::{Region, metadata::DeclaredKind},
};

/// Largest compiled pattern, in bytes: a pattern that needs more is refused at load.
const PATTERN_SIZE: usize = 1 << 20;
/// Largest compiled set of patterns.
const SET_SIZE: usize = 64 << 20;

/// What a condition looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Control,
    Element,
    Form,
    Redirect,
    Metadata,
    Page,
}

impl Scope {
    /// The kind of evidence that a match of this scope is.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Element => "element",
            Self::Form => "form",
            Self::Redirect => "redirect",
            Self::Metadata => "metadata",
            Self::Page => "page",
        }
    }
}

/// A pattern inside a set, with its own automaton for the captures.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) index: usize,
    pub(super) regex: Regex,
}

/// A condition, compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) scope: Scope,
    /// It has page fields.
    pub(super) guarded: bool,
    pub(super) label: Option<Pattern>,
    pub(super) target: Option<Pattern>,
    pub(super) leads_to: Option<usize>,
    pub(super) image: Option<Regex>,
    pub(super) context: Option<Regex>,
    pub(super) data_element: Option<String>,
    pub(super) calls: Option<Regex>,
    pub(super) regions: Option<Vec<Region>>,
    pub(super) inert: Inert,
    pub(super) provider: Option<Vec<ProviderKind>>,
    pub(super) entity: Option<Vec<ProviderKind>>,
    pub(super) css: Vec<Css>,
    pub(super) attribute: Option<(String, Regex)>,
    pub(super) text: Option<Regex>,
    pub(super) min: usize,
    pub(super) form_action: Option<Regex>,
    pub(super) form_field: Option<Regex>,
    pub(super) form_text: Option<Regex>,
    pub(super) redirect: Option<Regex>,
    pub(super) metadata: Option<DeclaredKind>,
    pub(super) authority: Option<Regex>,
    pub(super) page_text: Option<Pattern>,
    pub(super) page_text_exact: Option<Regex>,
    pub(super) title: Option<Regex>,
    pub(super) meta: Option<(String, Regex)>,
    pub(super) page_url: Option<Regex>,
    pub(super) header: Option<(String, Regex)>,
    pub(super) script: Option<Regex>,
    pub(super) asset: Option<Regex>,
    pub(super) class: Option<usize>,
    pub(super) status: Option<Vec<u16>>,
    pub(super) shorter: Option<usize>,
}

/// One alternative of a selector list, with the words that a page must contain for it to match at all.
#[derive(Debug)]
pub(super) struct Css {
    pub(super) selector: Selector,
    pub(super) words: Vec<usize>,
}

impl Compiled {
    /// True when the address of a page is all that is asked: then the address of a link tells it as well.
    fn address_only(&self) -> bool {
        self.page_url.is_some()
            && self.page_text.is_none()
            && self.page_text_exact.is_none()
            && self.title.is_none()
            && self.meta.is_none()
            && self.header.is_none()
            && self.script.is_none()
            && self.asset.is_none()
            && self.status.is_none()
            && self.shorter.is_none()
    }
}

/// A rule, compiled.
#[derive(Debug)]
pub struct Rule {
    /// As written.
    pub spec: RuleSpec,
    /// The file it stands in.
    pub file: String,
    /// Line of the file, from 1.
    pub line: usize,
    pub(super) matches: Vec<Compiled>,
    pub(super) unless: Vec<Compiled>,
}

/// A class of pages, compiled.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) spec: PageClass,
    pub(super) matches: Vec<Compiled>,
    /// The conditions that an address alone can tell.
    pub(super) addresses: Vec<Regex>,
}

/// Where a condition stands: rule, then condition.
pub(super) type Place = (usize, usize);

/// Everything that is run over a page.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) rules: Vec<Rule>,
    pub(super) classes: Vec<Class>,
    pub(super) providers: Providers,
    pub(super) labels: RegexSet,
    pub(super) targets: RegexSet,
    /// Patterns for the text of a page, numbered, so that each is looked for once a page at most.
    pub(super) text_count: usize,
    pub(super) words: aho_corasick::AhoCorasick,
    pub(super) word_count: usize,
    /// Conditions on controls by what triggers them.
    pub(super) by_label: Vec<Vec<Place>>,
    pub(super) by_target: Vec<Vec<Place>>,
    pub(super) by_data_element: HashMap<String, Vec<Place>>,
    pub(super) by_scan: Vec<Place>,
    /// The other conditions.
    pub(super) elements: Vec<Place>,
    pub(super) forms: Vec<Place>,
    pub(super) redirects: Vec<Place>,
    pub(super) metadata: Vec<Place>,
    pub(super) pages: Vec<Place>,
}

#[derive(Default)]
struct Pools {
    labels: Vec<String>,
    targets: Vec<String>,
    texts: Vec<String>,
    words: BTreeMap<String, usize>,
    classes: HashMap<String, usize>,
}

/// Where a condition was written, for its diagnostics.
struct At<'a> {
    file: &'a LoadedFile,
    span: std::ops::Range<usize>,
    rule: Option<&'a str>,
}

impl At<'_> {
    fn error(&self, code: &'static str, needle: &str, message: String) -> Diagnostic {
        Diagnostic {
            level: Level::Error,
            code,
            file: self.file.name.clone(),
            line: Some(line_of(&self.file.source, self.span.clone(), needle)),
            rule: self.rule.map(str::to_owned),
            message,
        }
    }
}

fn regex(pattern: &str, fold_case: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(fold_case).unicode(false).size_limit(PATTERN_SIZE).build()
}

fn set(patterns: &[String]) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(patterns)
        .case_insensitive(true)
        .unicode(false)
        .size_limit(SET_SIZE)
        .dfa_size_limit(SET_SIZE)
        .build()
}

/// True when a pattern asks for a capital letter, outside escapes such as `\W` and the names of groups.
fn has_capitals(pattern: &str) -> bool {
    let mut previous = ' ';
    pattern.replace("(?P<", "(?<").chars().any(|c| {
        let capital = c.is_ascii_uppercase() && previous != '\\';
        previous = c;
        capital
    })
}

/// The words of one selector that every page it can match must contain: names of classes, ids, attributes and
/// attribute values, four letters or longer, outside `:not(...)`.
fn selector_words(selector: &str) -> Vec<String> {
    let positive = match selector.find(":not(") {
        Some(at) => &selector[..at],
        None => selector,
    };
    positive
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .filter(|word| word.len() >= 4 && word.bytes().any(|b| b.is_ascii_alphabetic()))
        .map(str::to_ascii_lowercase)
        .collect()
}

impl Pools {
    fn word(&mut self, word: String) -> usize {
        let next = self.words.len();
        *self.words.entry(word).or_insert(next)
    }

    fn compile(&mut self, spec: &Condition, at: &At<'_>, found: &mut Vec<Diagnostic>) -> Option<Compiled> {
        let before = found.len();
        let mut one = |pattern: &Option<String>, fold_case: bool| -> Option<Regex> {
            let pattern = pattern.as_ref()?;
            match regex(pattern, fold_case) {
                Ok(compiled) => Some(compiled),
                Err(error) => {
                    found.push(at.error("bad-pattern", pattern, one_line(&error.to_string())));
                    None
                }
            }
        };
        let label = one(&spec.label, true);
        let target = one(&spec.target, true);
        let image = one(&spec.image, true);
        let context = one(&spec.context, true);
        let calls = one(&spec.calls, true);
        let text = one(&spec.text, true);
        let form_action = one(&spec.form_action, true);
        let form_field = one(&spec.form_field, true);
        let form_text = one(&spec.form_text, true);
        let redirect = one(&spec.redirect, true);
        let authority = one(&spec.authority, true);
        // The text is folded, so a pattern in lower case needs no other: its literals stay literals, which are found fast.
        let page_text = one(&spec.page_text, spec.page_text.as_deref().is_some_and(has_capitals));
        let page_text_exact = one(&spec.page_text_exact, false);
        let title = one(&spec.title, true);
        let page_url = one(&spec.page_url, true);
        let script = one(&spec.script, false);
        let asset = one(&spec.asset, true);
        let mut named = |value: &Option<super::schema::Named>| {
            value.as_ref().and_then(|v| Some((v.name.to_ascii_lowercase(), one(&Some(v.matches.clone()), true)?)))
        };
        let attribute = named(&spec.attribute);
        let meta = named(&spec.meta);
        let header = named(&spec.header);
        let mut css = Vec::new();
        if let Some(list) = &spec.css {
            for alternative in split_list(list) {
                match Selector::parse(&alternative) {
                    Ok(selector) => {
                        let words = selector_words(&alternative).into_iter().map(|word| self.word(word)).collect();
                        css.push(Css { selector, words });
                    }
                    Err(error) => found.push(at.error("bad-selector", list, format!("`{alternative}`: {error}"))),
                }
            }
        }
        let mut known_class = |name: &Option<String>| {
            let name = name.as_ref()?;
            let known = self.classes.get(name).copied();
            if known.is_none() {
                found.push(at.error("unknown-class", name, format!("no page class is called `{name}`")));
            }
            known
        };
        let class = known_class(&spec.class);
        let leads_to = known_class(&spec.leads_to);
        let scope = match scope(spec) {
            Ok(scope) => scope,
            Err(message) => {
                found.push(at.error("mixed-condition", "", message.to_owned()));
                return None;
            }
        };
        if found.len() > before {
            return None;
        }
        let mut pooled = |source: &Option<String>, compiled: Option<Regex>, pool: fn(&mut Self) -> &mut Vec<String>| {
            compiled.map(|regex| {
                let pool = pool(self);
                pool.push(source.clone().unwrap_or_default());
                Pattern { index: pool.len() - 1, regex }
            })
        };
        Some(Compiled {
            scope,
            guarded: has_page_fields(spec),
            label: pooled(&spec.label, label, |pools| &mut pools.labels),
            target: pooled(&spec.target, target, |pools| &mut pools.targets),
            page_text: pooled(&spec.page_text, page_text, |pools| &mut pools.texts),
            leads_to,
            image,
            context,
            data_element: spec.data_element.clone(),
            calls,
            regions: spec.region.as_ref().map(|names| names.iter().map(|name| (*name).into()).collect()),
            inert: spec.inert.unwrap_or(Inert::No),
            provider: spec.provider.clone(),
            entity: spec.entity.clone(),
            css,
            attribute,
            text,
            min: spec.min.unwrap_or(1),
            form_action,
            form_field,
            form_text,
            redirect,
            metadata: spec.metadata,
            authority,
            page_text_exact,
            title,
            meta,
            page_url,
            header,
            script,
            asset,
            class,
            status: spec.status.clone(),
            shorter: spec.shorter,
        })
    }
}

impl From<RegionName> for Region {
    fn from(name: RegionName) -> Self {
        match name {
            RegionName::Header => Self::Header,
            RegionName::Nav => Self::Nav,
            RegionName::Main => Self::Main,
            RegionName::Footer => Self::Footer,
        }
    }
}

/// Splits a selector list at its top-level commas.
fn split_list(list: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    let mut quote = None;
    for c in list.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn scope(spec: &Condition) -> Result<Scope, &'static str> {
    if spec.metadata.is_some() || spec.authority.is_some() {
        return metadata_scope(spec);
    }
    let redirect = spec.redirect.is_some();
    let form = spec.form_action.is_some() || spec.form_field.is_some() || spec.form_text.is_some();
    let control = spec.label.is_some()
        || spec.target.is_some()
        || spec.leads_to.is_some()
        || spec.image.is_some()
        || spec.context.is_some()
        || spec.data_element.is_some()
        || spec.calls.is_some()
        || spec.region.is_some()
        || spec.inert.is_some()
        || (!redirect && !form && spec.provider.is_some())
        || (spec.css.is_none() && !redirect && !form && spec.entity.is_some());
    let element = spec.css.is_some() || spec.attribute.is_some() || spec.text.is_some();
    match (redirect, form, control, element) {
        (true, false, false, false) => Ok(Scope::Redirect),
        (true, ..) => Err("`redirect` goes with `provider` and page fields only"),
        (_, true, true, _) => Err("a condition looks at a form or at a control, not at both"),
        (_, true, false, _) => Ok(Scope::Form),
        (_, _, true, _) => Ok(Scope::Control),
        (_, _, _, true) if spec.css.is_none() => Err("`attribute` and `text` need a `css` selector"),
        (_, _, _, true) => Ok(Scope::Element),
        _ => Ok(Scope::Page),
    }
}

/// Metadata has no text, elements or controls: besides itself, only its address can be asked about.
fn metadata_scope(spec: &Condition) -> Result<Scope, &'static str> {
    let rest = Condition { metadata: None, authority: None, page_url: None, ..spec.clone() };
    match (spec.metadata, is_empty(&rest)) {
        (None, _) => Err("`authority` needs `metadata`"),
        (Some(_), true) => Ok(Scope::Metadata),
        (Some(_), false) => Err("`metadata` goes with `authority` and `page_url` only"),
    }
}

/// True when something is asked of the page as a whole.
fn has_page_fields(spec: &Condition) -> bool {
    spec.page_text.is_some()
        || spec.page_text_exact.is_some()
        || spec.title.is_some()
        || spec.meta.is_some()
        || spec.page_url.is_some()
        || spec.header.is_some()
        || spec.script.is_some()
        || spec.asset.is_some()
        || spec.class.is_some()
        || spec.status.is_some()
        || spec.shorter.is_some()
}

/// True when nothing at all is asked.
pub(super) fn is_empty(spec: &Condition) -> bool {
    !has_page_fields(spec) && scope(spec).is_ok_and(|scope| scope == Scope::Page)
}

fn one_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim().to_owned()
}

/// Compiles what was loaded; every mistake is reported, not only the first.
pub(super) fn compile(loaded: &Loaded) -> Result<Program, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let mut pools = Pools::default();
    let mut classes = Vec::new();
    let mut rules = Vec::new();
    let mut providers = Providers::default();
    for file in &loaded.files {
        for class in &file.content.page_class {
            let next = pools.classes.len();
            pools.classes.entry(class.get_ref().name.clone()).or_insert(next);
        }
    }
    for file in &loaded.files {
        for class in &file.content.page_class {
            let at = At { file, span: class.span(), rule: Some(&class.get_ref().name) };
            let mut matches = Vec::new();
            for condition in &class.get_ref().matches {
                if let Some(compiled) = pools.compile(condition, &at, &mut found) {
                    if compiled.scope == Scope::Page && compiled.class.is_none() {
                        matches.push(compiled);
                    } else {
                        found.push(at.error("class-scope", "match", "a page class uses page fields only".to_owned()));
                    }
                }
            }
            let addresses = matches.iter().filter(|one| one.address_only()).filter_map(|one| one.page_url.clone());
            classes.push(Class { spec: class.get_ref().clone(), addresses: addresses.collect(), matches });
        }
        for provider in &file.content.provider {
            if let Err(message) = providers.add(provider.get_ref()) {
                let at = At { file, span: provider.span(), rule: Some(&provider.get_ref().name) };
                found.push(at.error("bad-provider", "sso", message));
            }
        }
        for rule in &file.content.rule {
            let spec = rule.get_ref().clone();
            let at = At { file, span: rule.span(), rule: Some(&spec.id) };
            let mut all = |conditions: &[Condition], found: &mut Vec<Diagnostic>| -> Vec<Compiled> {
                conditions.iter().filter_map(|condition| pools.compile(condition, &at, found)).collect()
            };
            let matches = all(&spec.matches, &mut found);
            let unless = all(&spec.unless, &mut found);
            let line = line_at(&file.source, rule.span().start);
            rules.push(Rule { spec, file: file.name.clone(), line, matches, unless });
        }
    }
    let sets = (set(&pools.labels), set(&pools.targets));
    let mut words: Vec<(&String, &usize)> = pools.words.iter().collect();
    words.sort_by_key(|(_, index)| **index);
    let automaton = aho_corasick::AhoCorasick::builder()
        .ascii_case_insensitive(true)
        // Every page is run through it once, whole: the table is worth its megabytes.
        .kind(Some(aho_corasick::AhoCorasickKind::DFA))
        .build(words.iter().map(|(word, _)| word.as_bytes()));
    let (Ok(labels), Ok(targets), Ok(automaton)) = (sets.0, sets.1, automaton) else {
        found.push(Diagnostic {
            level: Level::Error,
            code: "catalogue-too-large",
            file: "selectors".to_owned(),
            line: Some(1),
            rule: None,
            message: "the patterns of all rules together are larger than 64 MiB when compiled".to_owned(),
        });
        return Err(found);
    };
    if !found.is_empty() {
        return Err(found);
    }
    let mut program = Program {
        by_label: vec![Vec::new(); labels.len()],
        by_target: vec![Vec::new(); targets.len()],
        by_data_element: HashMap::new(),
        by_scan: Vec::new(),
        elements: Vec::new(),
        forms: Vec::new(),
        redirects: Vec::new(),
        metadata: Vec::new(),
        pages: Vec::new(),
        word_count: pools.words.len(),
        rules,
        classes,
        providers,
        labels,
        targets,
        text_count: pools.texts.len(),
        words: automaton,
    };
    program.index();
    Ok(program)
}

impl Program {
    fn index(&mut self) {
        for (r, rule) in self.rules.iter().enumerate() {
            for (c, condition) in rule.matches.iter().enumerate() {
                let place = (r, c);
                match condition.scope {
                    Scope::Element => self.elements.push(place),
                    Scope::Form => self.forms.push(place),
                    Scope::Redirect => self.redirects.push(place),
                    Scope::Metadata => self.metadata.push(place),
                    Scope::Page => self.pages.push(place),
                    Scope::Control => {
                        if let Some(label) = &condition.label {
                            self.by_label[label.index].push(place);
                        } else if let Some(target) = &condition.target {
                            self.by_target[target.index].push(place);
                        } else if let Some(name) = &condition.data_element {
                            self.by_data_element.entry(name.clone()).or_default().push(place);
                        } else {
                            self.by_scan.push(place);
                        }
                    }
                }
            }
        }
    }
}
