#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn url() -> Url {
    Url::parse("https://www.comune.example.it/").unwrap()
}

#[test]
fn a_cut_body_is_said() {
    let url = url();
    let source = Source { url: &url, content_type: None, body: "<p>citt\u{e0}".as_bytes(), cut: true };
    let document = parse(&source, &Limits::default());
    assert_eq!(document.cut, [Cut::Body]);
    assert!(!document.is_whole());
    assert_eq!((document.charset, document.text.as_str()), ("UTF-8", "città"));
}

#[test]
fn nothing_is_a_page_too() {
    let url = url();
    for body in [&b""[..], b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"%PDF-1.7\0\xff\xfe", b"{\"a\":1}"] {
        let document = parse(&Source { url: &url, content_type: None, body, cut: false }, &Limits::default());
        assert!(document.is_whole() && document.controls.is_empty() && document.title.is_empty(), "{body:?}");
    }
}

#[test]
fn the_charset_reaches_the_labels() {
    let url = url();
    let body = b"<a href=/x>Identit\xe0 digitale</a>";
    for header in [Some("text/html; charset=iso-8859-1"), None] {
        let document = parse(&Source { url: &url, content_type: header, body, cut: false }, &Limits::default());
        assert_eq!((document.charset, document.controls[0].label.as_str()), ("windows-1252", "Identità digitale"));
    }
}
