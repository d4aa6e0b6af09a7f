#![expect(clippy::unwrap_used, reason = "tests")]

use scraper::Html;

use super::*;

/// Runs a check on the element with id `x` of a snippet (or the first inside `<body>`).
fn with<T>(markup: &str, check: impl FnOnce(&Element, &Attributes<'_>) -> T) -> T {
    let html = Html::parse_fragment(markup);
    let element = html.root_element().children().find_map(|node| node.value().as_element()).unwrap();
    check(element, &Attributes::of(element))
}

#[test]
fn what_hides_an_element() {
    for (markup, visibility) in [
        ("<p>", Visibility::Visible),
        ("<p hidden>", Visibility::Hidden),
        ("<p style='display:none'>", Visibility::Hidden),
        ("<p style='color:red; DISPLAY : None !important'>", Visibility::Hidden),
        ("<p style='visibility: hidden'>", Visibility::Hidden),
        ("<p style='visibility:visible;display:block'>", Visibility::Visible),
        ("<p style='--display:none'>", Visibility::Visible),
        ("<p class='d-none'>", Visibility::Hidden),
        ("<p class='card d-none p-2'>", Visibility::Hidden),
        ("<p class='d-none d-lg-block'>", Visibility::Visible),
        ("<p class='d-md-inline-flex d-none'>", Visibility::Visible),
        ("<p class='d-none d-print-block'>", Visibility::Hidden),
        ("<p class='d-none d-lg-none'>", Visibility::Hidden),
        ("<p class='d-lg-none'>", Visibility::Visible),
        ("<p class='hidden'>", Visibility::Hidden),
        ("<p class='hidden md:block'>", Visibility::Visible),
        ("<p class='hidden hover:underline'>", Visibility::Hidden),
        ("<p class='visually-hidden'>", Visibility::Visible),
        ("<p class='sr-only'>", Visibility::Visible),
        ("<p class='collapse'>", Visibility::Visible),
        ("<p class='modal fade'>", Visibility::Visible),
        ("<p aria-hidden=true>", Visibility::Visible),
        ("<template>", Visibility::Template),
        ("<noscript>", Visibility::NoScript),
    ] {
        assert_eq!(
            with(markup, |element, attributes| own_visibility(element, attributes, Layout::Markup)),
            visibility,
            "{markup}"
        );
    }
}

#[test]
fn the_outermost_reason_counts_and_templates_are_no_page() {
    use Visibility::{Hidden, NoScript, Template, Visible};
    for (outer, own, expected) in [
        (Visible, Visible, Visible),
        (Visible, Hidden, Hidden),
        (Hidden, Visible, Hidden),
        (NoScript, Hidden, NoScript),
        (Hidden, NoScript, Hidden),
        (NoScript, Template, Template),
        (Template, NoScript, Template),
    ] {
        assert_eq!(inherit(outer, own), expected);
    }
}

#[test]
fn which_part_of_the_page_an_element_opens() {
    use Region::{Footer, Header, Main, Nav};
    for (markup, outer, in_content, expected) in [
        ("<div>", Main, false, Main),
        ("<header>", Main, false, Header),
        ("<header>", Main, true, Main),
        ("<footer>", Main, true, Main),
        ("<footer>", Main, false, Footer),
        ("<nav>", Main, false, Nav),
        ("<nav>", Header, false, Header),
        ("<nav>", Main, true, Nav),
        ("<div>", Nav, false, Nav),
        ("<div role=banner>", Main, true, Header),
        ("<div role='contentinfo'>", Nav, false, Footer),
        ("<div role=navigation>", Main, false, Nav),
        ("<div class='it-header-slim-wrapper'>", Main, true, Header),
        ("<div class='x it-footer-main'>", Main, false, Footer),
        ("<div class='header'>", Main, false, Header),
        ("<div id='footer'>", Main, false, Footer),
        ("<div class='header'>", Main, true, Main),
        ("<div id='site-header'>", Main, false, Header),
        ("<div class='footer_wrapper'>", Main, false, Footer),
        ("<div class='card-header'>", Main, false, Main),
        ("<div class='modal-footer'>", Main, false, Main),
        ("<div class='headers'>", Main, false, Main),
        ("<div class='page-header-news'>", Main, false, Main),
        ("<div class='footer'>", Header, false, Header),
    ] {
        let found = with(markup, |element, attributes| region(outer, in_content, element, attributes));
        assert_eq!(found, expected, "{markup} in {outer:?}");
    }
}

#[test]
fn stray_curly_quotes_are_taken_off() {
    let straight = |name: &str, value: &str| {
        let name = html5ever::QualName::new(None, ns!(), LocalName::from(name));
        let mut attribute = Attribute { name, value: value.into() };
        straighten(&mut attribute);
        (attribute.name.local.to_string(), attribute.value.to_string())
    };
    for (name, value, expected) in [
        ("data-element", "”personal-area-login”", ("data-element", "personal-area-login")),
        ("href", "“/login″", ("href", "/login")),
        ("class", "”btn", ("class", "btn")),
        ("”href”", "/x", ("href", "/x")),
        ("title", "“Ciao”", ("title", "“Ciao”")),
        ("alt", "l’identità’", ("alt", "l’identità’")),
        ("href", "/l’area", ("href", "/l’area")),
        ("”", "x", ("”", "x")),
    ] {
        assert_eq!(straight(name, value), (expected.0.to_owned(), expected.1.to_owned()), "{name}={value}");
    }
}
