#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn attributes(count: usize) -> String {
    (0..count).fold(String::new(), |all, at| all + &format!(" a{at}=\"v > {at}\""))
}

#[test]
fn a_page_within_the_limit_is_borrowed() {
    for page in [
        "",
        "<",
        "</",
        "<a",
        "<a href='x",
        "<!--",
        "<!-- <a b c d e f g> -->",
        "<a b=1 c=2>",
        "<script>if (a<b c d e f g h) {}</script>",
        "<title><a b c d e f></title>",
        "<textarea><a b c d e f></textarea>",
        "<plaintext><a b c d e f>",
        "<p title='<a b c d e f g>'>",
        "<script><!-- <script> </script> <a b c d e f> --></script>",
        "<noscript><a b c d e f></noscript>",
        "<script><!--><a b c d e f></script>",
        "1 < 2 < 3 a b c d e f g",
    ] {
        let capped = cap(page, 2);
        assert!(!capped.cut && matches!(capped.text, Cow::Borrowed(_)), "{page}: {}", capped.text);
    }
}

#[test]
fn the_surplus_of_a_tag_is_left_out() {
    for (page, limit, expected) in [
        ("<p a b c>x", 2, "<p a b >x"),
        ("<p a=1 b='2' c=\"3\" d>x<i>y", 2, "<p a=1 b='2' >x<i>y"),
        ("<path a b c/>x", 2, "<path a b />x"),
        ("</p a b c>x", 2, "</p a b >x"),
        ("<p a / b / c / d>", 1, "<p a / >"),
        ("<p a c='>' d>x", 1, "<p a >x"),
        ("<p a=1b=2 c>x", 1, "<p a=1b=2 >x"),
        ("<p =a b>x", 1, "<p =a >x"),
        ("<p a b c", 2, "<p a b "),
        ("<p a b><p c d><p e f>", 1, "<p a ><p c ><p e >"),
        ("<script a b c>x<y a b c></script><p a b c>", 2, "<script a b >x<y a b c></script><p a b >"),
        (
            "<script><!-- <script> </script> --></script><p a b>",
            1,
            "<script><!-- <script> </script> --></script><p a >",
        ),
        ("<!-- --!><p a b>", 1, "<!-- --!><p a >"),
        ("<!--><p a b>", 1, "<!--><p a >"),
        ("<?php x ?><p a b>", 1, "<?php x ?><p a >"),
        ("<svg><![CDATA[ x ]]><p a b></svg>", 1, "<svg><![CDATA[ x ]]><p a ></svg>"),
        ("<p città=à é è>x", 2, "<p città=à é >x"),
    ] {
        let capped = cap(page, limit);
        assert_eq!((&*capped.text, capped.cut), (expected, true), "{page}");
    }
}

#[test]
fn cloned_elements_keep_fewer_attributes() {
    let page = format!("<b{}>", attributes(100));
    assert_eq!(cap(&page, 512).text.matches("=\"v").count(), FORMATTING_ATTRIBUTES);
    let page = format!("<div{}>", attributes(100));
    assert!(!cap(&page, 512).cut);
}

#[test]
fn what_is_kept_is_what_the_parser_would_have_read() {
    let page = format!("<div id=x{}>testo <b>grasso</b></div><p class=y>fine", attributes(2_000));
    let capped = cap(&page, 512);
    let html = scraper::Html::parse_document(&capped.text);
    let div = scraper::Selector::parse("div#x").unwrap();
    let div = html.select(&div).next().unwrap();
    assert_eq!(div.value().attrs.len(), 512);
    assert_eq!(div.text().collect::<String>(), "testo grasso");
    assert_eq!(html.select(&scraper::Selector::parse("p.y").unwrap()).count(), 1);
}
