#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::page::Layout;

fn url() -> Url {
    Url::parse("https://www.comune.example.it/").unwrap()
}

#[test]
fn a_cut_body_is_said() {
    let url = url();
    let source =
        Source { url: &url, content_type: None, body: "<p>citt\u{e0}".as_bytes(), cut: true, layout: Layout::Markup };
    let document = parse(&source, &Limits::default());
    assert_eq!(document.cut, [Cut::Body]);
    assert!(!document.is_whole());
    assert_eq!((document.charset, document.text.as_str()), ("UTF-8", "città"));
}

#[test]
fn nothing_is_a_page_too() {
    let url = url();
    for body in [&b""[..], b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"%PDF-1.7\0\xff\xfe", b"{\"a\":1}"] {
        let document = parse(
            &Source { url: &url, content_type: None, body, cut: false, layout: Layout::Markup },
            &Limits::default(),
        );
        assert!(document.is_whole() && document.controls.is_empty() && document.title.is_empty(), "{body:?}");
    }
}

#[test]
fn the_charset_reaches_the_labels() {
    let url = url();
    let body = b"<a href=/x>Identit\xe0 digitale</a>";
    for header in [Some("text/html; charset=iso-8859-1"), None] {
        let document = parse(
            &Source { url: &url, content_type: header, body, cut: false, layout: Layout::Markup },
            &Limits::default(),
        );
        assert_eq!((document.charset, document.controls[0].label.as_str()), ("windows-1252", "Identità digitale"));
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;
    use crate::page::Limits;

    const PIECES: [&str; 40] = [
        "<div>",
        "</div>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "</p>",
        "<p hidden>",
        "<b>",
        "</b>",
        "<a href=/x>",
        "</a>",
        "<svg>",
        "<g>",
        "<title>",
        "</title>",
        "</svg>",
        "<math><mi>",
        "<select>",
        "<option>",
        "<template>",
        "</template>",
        "<form id=f>",
        "</form>",
        "<input name=x>",
        "<button onclick=\"location='/y'\">",
        "<noscript>",
        "</noscript>",
        "<iframe src=/z>",
        "</iframe>",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<frameset>",
        "<body id=z class=d-none>",
        "testo",
        "&amp;",
        "<h2>",
        "<![CDATA[",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn what_the_walk_says_holds_for_the_tree(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
            let page: String = pieces.iter().map(|at| PIECES[*at]).collect();
            let url = url();
            let source = Source { url: &url, content_type: None, body: page.as_bytes(), cut: false, layout: Layout::Markup };
            let document = parse(&source, &Limits { cpu: std::time::Duration::from_mins(1), ..Limits::default() });
            prop_assert!(document.is_whole());
            for control in &document.controls {
                prop_assert_eq!(document.element_visibility(control.node), control.visibility);
                prop_assert_eq!(document.css_path(control.node), control.selector.clone());
                prop_assert!(Selector::parse(&control.selector).is_ok(), "{}", control.selector);
            }
        }

        #[test]
        fn any_bytes_are_a_page(body in proptest::collection::vec(any::<u8>(), 0..300), cut in any::<bool>()) {
            let url = url();
            parse(&Source { url: &url, content_type: None, body: &body, cut, layout: Layout::Markup }, &Limits::default());
        }
    }
}
