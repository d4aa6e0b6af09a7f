//! Conditions on what a citizen can press.

use regex::bytes::{RegexSet, SetMatches};
use scraper::ElementRef;

use super::{Match, Page, asked, doubled, excerpt, matches_into, with_parties};
use crate::{
    page::{Control, ControlKind, Destination, Visibility},
    rules::{
        compile::{Compiled, Place, Scope},
        fold::fold,
        providers::SignOn,
        schema::Inert,
    },
};

/// One control, folded when it is looked at.
struct Seen<'a> {
    control: &'a Control,
    label: String,
    target: String,
    sign_on: Option<SignOn>,
    labels: Hits,
    targets: Hits,
}

/// The patterns of a set that match; most controls match none, which is told without gathering them.
struct Hits(Option<SetMatches>);

impl Hits {
    fn new(set: &RegexSet, text: &str) -> Self {
        Self(set.is_match(text.as_bytes()).then(|| set.matches(text.as_bytes())))
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().flat_map(SetMatches::iter)
    }

    fn matched(&self, index: usize) -> bool {
        self.0.as_ref().is_some_and(|matches| matches.matched(index))
    }
}

impl Page<'_> {
    pub(super) fn controls(&self, matches: &mut Vec<Match>) {
        let program = self.program;
        for control in &self.document.controls {
            if control.visibility == Visibility::Template {
                continue;
            }
            let seen = self.see(control);
            let mut places: Vec<Place> = Vec::new();
            for index in seen.labels.iter() {
                places.extend(&program.by_label[index]);
            }
            for index in seen.targets.iter() {
                places.extend(&program.by_target[index]);
            }
            if let Some(by_name) = program.by_data_element.get(&control.data_element) {
                places.extend(by_name);
            }
            places.extend(&program.by_scan);
            for (r, c) in places {
                if self.full(matches, r) || doubled(matches, r, &control.selector) {
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
                let target = match &control.destination {
                    Destination::Url(url) => Some(url.clone()),
                    _ => None,
                };
                let request = target.as_ref().and_then(|url| asked(program, url));
                matches.push(Match {
                    rule: r,
                    kind: if seen.sign_on.is_some() { "redirect" } else { Scope::Control.kind() },
                    selector: control.selector.clone(),
                    excerpt: excerpt(if control.label.is_empty() { &control.hint } else { &control.label }),
                    label: Some(control.label.clone()).filter(|label| !label.is_empty()),
                    target,
                    captures: with_parties(captures, request.as_ref()),
                    hidden: control.visibility != Visibility::Visible,
                    inert: matches!(control.destination, Destination::Nowhere | Destination::InPage(_)),
                    scripted: matches!(control.destination, Destination::Script(_)),
                    posts: control.post,
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
            labels: Hits::new(&self.program.labels, &label),
            targets: Hits::new(&self.program.targets, &target),
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
        if let Some(class) = condition.leads_to
            && !self.program.classes[class].addresses.iter().any(|pattern| pattern.is_match(seen.target.as_bytes()))
        {
            return false;
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
        condition.context.as_ref().is_none_or(|pattern| matches_into(pattern, &fold(&control.context), captures))
    }
}
