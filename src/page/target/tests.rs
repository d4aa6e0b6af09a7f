#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn here<T>(check: impl FnOnce(Here<'_>) -> T) -> T {
    let url = Url::parse("https://www.comune.example.it/servizi/scheda?id=1").unwrap();
    let base = url.clone();
    check(Here { url: &url, base: &base })
}

fn url(text: &str) -> Destination {
    Destination::Url(Url::parse(text).unwrap())
}

fn script(code: &str) -> Destination {
    Destination::Script(code.to_owned())
}

#[test]
fn addresses() {
    for (raw, expected) in [
        ("/login", url("https://www.comune.example.it/login")),
        ("altro.html#sez", url("https://www.comune.example.it/servizi/altro.html#sez")),
        (" \n https://spid.example.it/\nacs \t", url("https://spid.example.it/acs")),
        ("//pagopa.example.it", url("https://pagopa.example.it/")),
        ("\\\\host.it\\x", url("https://host.it/x")),
        ("?id=2", url("https://www.comune.example.it/servizi/scheda?id=2")),
        ("HTTP://A.IT", url("http://a.it/")),
        ("", Destination::Nowhere),
        ("#", Destination::Nowhere),
        (" # ", Destination::Nowhere),
        ("#!", Destination::Nowhere),
        ("about:blank", Destination::Nowhere),
        ("#submit-request", Destination::InPage("submit-request".to_owned())),
        ("?id=1#submit-request", Destination::InPage("submit-request".to_owned())),
        ("/servizi/scheda?id=1", url("https://www.comune.example.it/servizi/scheda?id=1")),
        ("javascript:void(0)", Destination::Nowhere),
        ("javascript:;", Destination::Nowhere),
        ("JavaScript:", Destination::Nowhere),
        ("java\nscript:void%280%29;", Destination::Nowhere),
        ("javascript:history.back()", Destination::Nowhere),
        ("javascript:location='/x'", url("https://www.comune.example.it/x")),
        ("javascript:window.open('http://a.it/x');void(0)", url("http://a.it/x")),
        ("javascript:location%3D%27/x%27", url("https://www.comune.example.it/x")),
        ("javascript:__doPostBack('ctl00','')", script("__doPostBack('ctl00','')")),
        ("javascript:location='javascript:x()'", script("location='javascript:x()'")),
        ("mailto:a@b.it", Destination::Other("mailto:a@b.it".to_owned())),
        ("tel:+39", Destination::Other("tel:+39".to_owned())),
        ("ioit://services", Destination::Other("ioit://services".to_owned())),
        ("http://", Destination::Other("http://".to_owned())),
        ("data:text/html,x", Destination::Other("data:text/html,x".to_owned())),
    ] {
        assert_eq!(here(|here| here.address(raw)), expected, "{raw}");
    }
}

#[test]
fn forms_without_action_go_to_their_own_page() {
    let own = url("https://www.comune.example.it/servizi/scheda?id=1");
    for action in [None, Some(""), Some("#"), Some("  ")] {
        assert_eq!(here(|here| here.action(action)), own, "{action:?}");
    }
    assert_eq!(here(|here| here.action(Some("/cerca"))), url("https://www.comune.example.it/cerca"));
    assert_eq!(here(|here| here.action(Some("javascript:go()"))), script("go()"));
}

#[test]
fn data_attributes_must_look_like_addresses() {
    for (raw, found) in [
        ("https://a.it/x", true),
        ("/x", true),
        ("../x", true),
        ("?x=1", true),
        ("x.php", true),
        ("#menu", false),
        ("menu", false),
        (".collapse", false),
        ("{\"a\":1}", false),
        ("/x y", false),
        ("mailto:a@b.it", false),
        ("", false),
    ] {
        assert_eq!(here(|here| here.data(raw)).is_some(), found, "{raw}");
    }
    assert!(here(|here| here.title("https://a.it/x")).is_some());
    assert!(here(|here| here.title("Vai a https://a.it/x")).is_none());
    assert!(here(|here| here.title("/x")).is_none());
}

#[test]
fn refreshes() {
    for (content, expected) in [
        ("0;url=/it", Some("/it")),
        ("5; URL='http://a.it/x'", Some("http://a.it/x")),
        (" 0.5 , url = \"x y\" z", Some("x y")),
        ("0; /it", Some("/it")),
        ("0", None),
        ("", None),
        ("5;", None),
        ("0;url=", None),
        ("0;url='", None),
    ] {
        assert_eq!(refresh_url(content), expected, "{content}");
    }
}

#[test]
fn long_things_are_cut() {
    let code = format!("javascript:f('{}')", "è".repeat(1_000));
    let Destination::Script(kept) = here(|here| here.address(&code)) else { panic!() };
    assert_eq!(kept.chars().count(), 300);
    let long = format!("/{}", "x".repeat(10_000));
    assert!(matches!(here(|here| here.address(&long)), Destination::Other(kept) if kept.len() == 300));
}
