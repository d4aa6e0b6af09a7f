//! What one element says of itself: its attributes of interest, whether it is hidden, which part of the page it opens.

use html5ever::{Attribute, LocalName, ns};
use scraper::node::Element;

use super::{Layout, Region, Visibility};

/// Typographic quotes that editors put where straight ones belong. Met on official sample pages, as
/// `data-element=”personal-area-login”`, which HTML reads as an unquoted value with the quotes inside.
const CURLY: [char; 8] = ['“', '”', '„', '‟', '″', '‘', '’', '′'];

/// Takes stray curly quotes off the ends of an attribute's name and, where quotes make no sense, of its value.
pub(super) fn straighten(attribute: &mut Attribute) {
    if !attribute.name.local.is_ascii() {
        let name = attribute.name.local.trim_matches(CURLY);
        if !name.is_empty() && name.len() < attribute.name.local.len() {
            attribute.name.local = LocalName::from(name);
        }
    }
    if attribute.value.starts_with(CURLY) || attribute.value.ends_with(CURLY) {
        let prose = matches!(
            &*attribute.name.local,
            "title" | "alt" | "value" | "content" | "placeholder" | "aria-label" | "label" | "onclick" | "summary"
        );
        if !prose {
            attribute.value = attribute.value.trim_matches(CURLY).trim_ascii().into();
        }
    }
}

/// The attributes that a page is read by; empty where absent.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Attributes<'a> {
    pub(super) action: Option<&'a str>,
    pub(super) alt: &'a str,
    pub(super) aria_hidden: bool,
    pub(super) aria_label: &'a str,
    pub(super) class: &'a str,
    pub(super) content: &'a str,
    pub(super) data_element: &'a str,
    pub(super) data_src: &'a str,
    /// The first of the attributes by which scripts are told an address.
    pub(super) data_target: &'a str,
    pub(super) form: &'a str,
    pub(super) formaction: Option<&'a str>,
    pub(super) formmethod: &'a str,
    pub(super) hidden: bool,
    pub(super) href: Option<&'a str>,
    pub(super) hreflang: &'a str,
    pub(super) http_equiv: &'a str,
    pub(super) id: &'a str,
    pub(super) itemprop: &'a str,
    pub(super) lang: &'a str,
    /// The mark of a browser that drew the page: the layout hides it.
    pub(super) marked: bool,
    pub(super) method: &'a str,
    pub(super) name: &'a str,
    pub(super) onclick: &'a str,
    pub(super) placeholder: &'a str,
    pub(super) property: &'a str,
    pub(super) rel: &'a str,
    pub(super) role: &'a str,
    pub(super) src: &'a str,
    pub(super) srcset: &'a str,
    pub(super) style: &'a str,
    pub(super) title: &'a str,
    pub(super) kind: &'a str,
    pub(super) value: &'a str,
}

impl<'a> Attributes<'a> {
    /// Reads an element's attributes in one pass.
    pub(super) fn of(element: &'a Element) -> Self {
        let mut all = Self::default();
        for (name, value) in &element.attrs {
            let value: &'a str = value;
            match &*name.local {
                "action" => all.action = Some(value),
                "alt" => all.alt = value,
                "aria-hidden" => all.aria_hidden = value.trim().eq_ignore_ascii_case("true"),
                "aria-label" => all.aria_label = value,
                "class" => all.class = value,
                "content" => all.content = value,
                // Frames of <object> are read like images.
                "data" if all.data_src.is_empty() => all.data_src = value,
                "data-riscontro" => all.marked = value == "hidden",
                "data-element" => all.data_element = value,
                "data-src" | "data-lazy-src" | "data-original" => all.data_src = value,
                "data-href" | "data-url" | "data-link" | "data-target-url" | "data-location" | "data-redirect"
                | "data-redirect-url"
                    if all.data_target.is_empty() =>
                {
                    all.data_target = value;
                }
                "form" => all.form = value,
                "formaction" => all.formaction = Some(value),
                "formmethod" => all.formmethod = value,
                "hidden" => all.hidden = true,
                "href" => all.href = Some(value),
                // In html the prefix is part of the name; in svg the parser takes it off.
                "xlink:href" if all.href.is_none() => all.href = Some(value),
                "hreflang" => all.hreflang = value,
                "http-equiv" => all.http_equiv = value,
                "id" => all.id = value,
                "itemprop" => all.itemprop = value,
                "lang" => all.lang = value,
                "method" => all.method = value,
                "name" => all.name = value,
                "onclick" => all.onclick = value,
                "placeholder" => all.placeholder = value,
                "property" => all.property = value,
                "rel" => all.rel = value,
                "role" => all.role = value,
                "src" => all.src = value,
                "srcset" | "data-srcset" if all.srcset.is_empty() => all.srcset = value,
                "style" => all.style = value,
                "title" => all.title = value,
                "type" => all.kind = value,
                "value" => all.value = value,
                _ => {}
            }
        }
        all
    }

    /// True when the element has the role, which may be one of several.
    pub(super) fn has_role(&self, role: &str) -> bool {
        self.role.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(role))
    }
}

/// True for an element of HTML (not of svg or math).
pub(super) fn is_html(element: &Element) -> bool {
    element.name.ns == ns!(html)
}

/// What the element itself does to the visibility of what is in it.
pub(super) fn own_visibility(element: &Element, attributes: &Attributes<'_>, layout: Layout) -> Visibility {
    if is_html(element) {
        match element.name() {
            "template" => return Visibility::Template,
            "noscript" => return Visibility::NoScript,
            _ => {}
        }
    }
    let markup = || attributes.hidden || hides_by_style(attributes.style) || hides_by_class(attributes.class);
    let hidden = match layout {
        Layout::Markup => markup(),
        Layout::Partly => attributes.marked || markup(),
        Layout::Known => attributes.marked,
    };
    if hidden { Visibility::Hidden } else { Visibility::Visible }
}

/// The visibility of an element in a part of the given visibility: the outermost reason counts, yet a template
/// is no part of the page whatever stands around it.
pub(super) fn inherit(outer: Visibility, own: Visibility) -> Visibility {
    match (outer, own) {
        (_, Visibility::Template) => Visibility::Template,
        (Visibility::Visible, own) => own,
        (outer, _) => outer,
    }
}

/// True for an inline style with `display:none` or `visibility:hidden` (or `collapse`).
fn hides_by_style(style: &str) -> bool {
    if style.is_empty() {
        return false;
    }
    style.split(';').any(|declaration| {
        let Some((name, value)) = declaration.split_once(':') else { return false };
        let value = value.split('!').next().unwrap_or_default().trim();
        let (name, is) = (name.trim(), |other: &str| value.eq_ignore_ascii_case(other));
        (name.eq_ignore_ascii_case("display") && is("none"))
            || (name.eq_ignore_ascii_case("visibility") && (is("hidden") || is("collapse")))
    })
}

/// True for the classes by which Bootstrap, Tailwind and Drupal take an element away at every width. With a sibling
/// such as `d-lg-block` the element is there on some screens, so it is seen. `visually-hidden` and `sr-only` are read
/// by screen readers: seen. Menus and dialogues that open on a click (`collapse`, `modal`) are seen.
fn hides_by_class(class: &str) -> bool {
    if !class.contains("d-none") && !class.contains("hidden") {
        return false;
    }
    let mut hidden = false;
    for token in class.split_ascii_whitespace() {
        match token {
            "d-none" | "hidden" => hidden = true,
            _ => {
                let bootstrap = token.strip_prefix("d-").filter(|rest| !rest.starts_with("print-"));
                let shown = bootstrap.or_else(|| token.split_once(':').map(|(_, rest)| rest));
                if shown
                    .is_some_and(|shown| !shown.ends_with("none") && !shown.ends_with("hidden") && is_display(shown))
                {
                    return false;
                }
            }
        }
    }
    hidden
}

/// True for the end of a class that gives an element a box: `block`, `md-flex`, `lg-inline-block`.
fn is_display(class: &str) -> bool {
    ["block", "flex", "grid", "inline", "table", "table-cell", "table-row", "contents"]
        .iter()
        .any(|display| class == *display || class.strip_suffix(display).is_some_and(|rest| rest.ends_with('-')))
}

/// The part of the page that an element stands in, given the part around it. `in_content` says that it is inside
/// `<main>`, `<article>` or `<section>`, whose headers and footers are their own and not the page's.
pub(super) fn region(outer: Region, in_content: bool, element: &Element, attributes: &Attributes<'_>) -> Region {
    if matches!(outer, Region::Header | Region::Footer) {
        return outer;
    }
    let (header, footer) = landmarks(attributes);
    if attributes.has_role("banner") || (header == Landmark::Certain) {
        return Region::Header;
    }
    if attributes.has_role("contentinfo") || (footer == Landmark::Certain) {
        return Region::Footer;
    }
    if !in_content {
        let name = if is_html(element) { element.name() } else { "" };
        if name == "header" || header == Landmark::Likely {
            return Region::Header;
        }
        if name == "footer" || footer == Landmark::Likely {
            return Region::Footer;
        }
    }
    if outer == Region::Nav || attributes.has_role("navigation") || (is_html(element) && element.name() == "nav") {
        return Region::Nav;
    }
    outer
}

/// How surely a class or id names the page's header or footer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Landmark {
    No,
    /// A common word: `header`, `site-footer`.
    Likely,
    /// The design system's own class: `it-header-slim-wrapper`, `it-footer-main`.
    Certain,
}

fn landmarks(attributes: &Attributes<'_>) -> (Landmark, Landmark) {
    let mut found = (Landmark::No, Landmark::No);
    for token in attributes.class.split_ascii_whitespace().take(64).chain([attributes.id]) {
        if token.starts_with("it-header") {
            found.0 = Landmark::Certain;
        } else if token.starts_with("it-footer") {
            found.1 = Landmark::Certain;
        } else if is_name_of(token, "header") && found.0 == Landmark::No {
            found.0 = Landmark::Likely;
        } else if is_name_of(token, "footer") && found.1 == Landmark::No {
            found.1 = Landmark::Likely;
        }
    }
    found
}

/// `header`, `site-header`, `main-header`, `header-wrapper` and the like for the word `header`; not `card-header`.
fn is_name_of(token: &str, word: &str) -> bool {
    const BESIDE: [&str; 7] = ["site", "main", "top", "wrapper", "container", "global", "sito"];
    let beside = |rest: &str| BESIDE.iter().any(|other| rest.eq_ignore_ascii_case(other));
    let Some(longer) = token.len().checked_sub(word.len()) else { return false };
    if longer == 0 {
        return token.eq_ignore_ascii_case(word);
    }
    let (Some((start, after)), Some((before, end))) =
        (token.split_at_checked(word.len()), token.split_at_checked(longer))
    else {
        return false;
    };
    if start.eq_ignore_ascii_case(word) {
        after.strip_prefix(['-', '_']).is_some_and(beside)
    } else {
        end.eq_ignore_ascii_case(word) && before.strip_suffix(['-', '_']).is_some_and(beside)
    }
}

#[cfg(test)]
mod tests;
