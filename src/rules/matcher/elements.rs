//! Conditions on elements, told by CSS, and on forms.

use scraper::ElementRef;

use super::{KEPT_PER_RULE, Match, Page, doubled, excerpt, holds, kept, matches_into, with_parties};
use crate::{
    page::{Destination, Form, Visibility, request::Request},
    rules::{
        compile::{Compiled, Scope},
        fold::fold,
        schema::ProviderKind,
    },
};

impl Page<'_> {
    /// The elements that the element fields of a condition hold for, hidden ones included, templates not.
    pub(super) fn select<'p>(
        &'p self,
        condition: &'p Compiled,
    ) -> impl Iterator<Item = (ElementRef<'p>, Visibility)> + 'p {
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

    pub(super) fn elements(&self, matches: &mut Vec<Match>) {
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
                    posts: false,
                });
            }
        }
    }

    /// The form fields of a condition: what was captured, when they hold.
    pub(super) fn form(&self, condition: &Compiled, form: &Form) -> Option<Vec<(String, String)>> {
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

    pub(super) fn forms(&self, matches: &mut Vec<Match>) {
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
                let posted = form.fields.iter().find(|(name, ..)| name.eq_ignore_ascii_case("SAMLRequest"));
                let request = posted.and_then(|(.., value)| Request::of_field(value));
                matches.push(Match {
                    rule: r,
                    kind: Scope::Form.kind(),
                    selector: form.selector.clone(),
                    excerpt: excerpt(&request.as_ref().map_or_else(|| form.text.clone(), Request::summary)),
                    label: None,
                    target: match &form.destination {
                        Destination::Url(url) => Some(url.clone()),
                        _ => None,
                    },
                    captures: with_parties(captures, request.as_ref()),
                    hidden: form.visibility != Visibility::Visible,
                    inert: false,
                    scripted: false,
                    posts: form.post,
                });
            }
        }
    }
}

fn opening_tag(element: ElementRef<'_>) -> String {
    let mut tag = format!("<{}", element.value().name());
    for (name, value) in element.value().attrs().take(6) {
        tag.push_str(&format!(" {name}=\"{value}\""));
    }
    tag.push('>');
    tag
}
