#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn limits() -> Limits {
    Limits { cpu: Duration::from_mins(1), ..Limits::default() }
}

fn parsed(text: &str, limits: &Limits) -> Parsed {
    parse(text, limits, &Budget::start(limits.cpu))
}

fn deepest(html: &Html) -> usize {
    html.tree.nodes().map(|node| node.ancestors().filter(|node| node.value().is_element()).count()).max().unwrap()
}

#[test]
fn pieces_make_the_same_tree_as_the_whole() {
    let page = include_str!("shapes.html");
    let whole = Html::parse_document(page);
    let budget = Budget::start(Duration::from_mins(1));
    for size in [1, 2, 3, 7, 64, 1_000] {
        let mut parser = parse_document(Sink::new(Html::new_document(), &limits()), ParseOpts::default());
        let mut rest = page;
        while let Some(first) = rest.chars().next() {
            let end = rest.floor_char_boundary(size.min(rest.len())).max(first.len_utf8());
            parser.process(StrTendril::from_slice(&rest[..end]));
            rest = &rest[end..];
        }
        assert_eq!(parser.finish().inner.finish().html(), whole.html(), "pieces of {size}");
    }
    let fed = feed(parse_document(Sink::new(Html::new_document(), &limits()), ParseOpts::default()), page, &budget);
    assert_eq!(fed.0.inner.finish().html(), whole.html());
    assert_eq!(fed.1, None);
}

#[test]
fn the_parse_ends_where_the_page_gets_too_deep() {
    let page = |depth: usize| format!("{}fine", "<div>".repeat(depth));
    // <html> and <body> are two levels.
    for (depth, cut) in [(400, false), (510, false), (511, true), (3_000, true)] {
        let parsed = parsed(&page(depth), &limits());
        assert_eq!(parsed.cut, if cut { vec![Cut::Depth] } else { vec![] }, "{depth}");
        assert!(deepest(&parsed.html) <= 512 + PIECE / "<div>".len() + 1, "{depth}");
    }
}

#[test]
fn a_deep_page_is_read_up_to_the_limit() {
    let page = format!("<p id=first>prima{}<p id=last>", "<div>".repeat(5_000));
    let parsed = parsed(&page, &limits());
    assert!(parsed.html.html().contains("id=\"first\""));
    assert!(!parsed.html.html().contains("id=\"last\""));
}

#[test]
fn siblings_are_not_taken_for_levels() {
    let page = format!("<svg>{}</svg><p>fine", "<path d='M0 0'/>".repeat(12_000));
    let parsed = parsed(&page, &limits());
    assert_eq!(parsed.cut, []);
    assert!(parsed.html.html().ends_with("<p>fine</p></body></html>"));
    // Closed by the next one of its kind, by its parent, by the parser.
    for page in ["<p>x", "<ul><li>x<li>y</ul>", "<b>x</b>", "<table><tr><td>x</table>", "<a href=x>y"] {
        let parsed = super::parse(&page.repeat(3_000), &limits(), &Budget::start(Duration::from_mins(1)));
        assert_eq!(parsed.cut, [], "{page}");
    }
}

#[test]
fn clones_made_by_the_parser_are_counted() {
    // Five hundred formatting elements left open are cloned into each following block.
    let open: String = (0..480).fold(String::new(), |all, at| all + &format!("<b id=b{at}>"));
    let page = format!("<div>{open}</div>{}", "<div>x</div>".repeat(20_000));
    let parsed = parsed(&page, &limits());
    assert_eq!(parsed.cut, [Cut::Size]);
    assert!(parsed.html.tree.values().len() < UNITS, "{}", parsed.html.tree.values().len());
}

#[test]
fn attributes_of_a_second_body_are_capped() {
    let page: String = (0..5_000).fold(String::new(), |all, at| all + &format!("<body a{at}=1>"));
    let parsed = parsed(&page, &limits());
    assert_eq!(parsed.cut, [Cut::Attributes]);
    let body = parsed.html.tree.values().filter_map(|node| node.as_element()).find(|element| element.name() == "body");
    assert!(body.unwrap().attrs.len() <= 513, "its own one beside the merged");
}

#[test]
fn noscript_becomes_elements_in_its_place() {
    let page = "<head><noscript><p>Serve JavaScript</noscript><title>t</title></head><body><noscript><a href=/senza>Senza</a>\
                <noscript>x</noscript><b>y</b>";
    let parsed = parsed(page, &limits());
    assert_eq!(parsed.cut, []);
    assert_eq!(
        parsed.html.html(),
        "<html><head><noscript><p>Serve JavaScript</p></noscript><title>t</title></head><body>\
         <noscript><a href=\"/senza\">Senza</a><noscript>x</noscript></noscript><b>y</b></body></html>"
    );
    let select = |css: &str| parsed.html.select(&scraper::Selector::parse(css).unwrap()).count();
    assert_eq!((select("html"), select("noscript a"), select("head > noscript > p")), (1, 1, 1));
}

#[test]
fn form_owners_are_kept() {
    let page = "<table><form id=f action=/x><tr><td><input name=a><button>ok</button></table>";
    let parsed = parsed(page, &limits());
    assert_eq!(parsed.owners.len(), 2);
}
