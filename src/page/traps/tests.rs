#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn url(text: &str) -> Url {
    Url::parse("https://www.comune.example.it/").unwrap().join(text).unwrap()
}

#[test]
fn shapes_of_traps() {
    for (text, expected) in [
        ("/", None),
        ("/it/servizi/tributi/imu", None),
        ("/1/2/3/4/5/6/7/8/9/10/11/12", None),
        ("/1/2/3/4/5/6/7/8/9/10/11/12/", None),
        ("/1/2/3/4/5/6/7/8/9/10/11/12/13", Some(Trap::Parts)),
        ("/a/a/a", None),
        ("/a/a/a/a", Some(Trap::Repeated)),
        ("/a/b/a/b/A/b/a", Some(Trap::Repeated)),
        ("/x?a=1&b=1&c=1&d=1&e=1&f=1", None),
        ("/x?a=1&b=1&c=1&d=1&e=1&f=1&g=1", Some(Trap::Names)),
        ("/x?a=1&b=1&c=1&d=1&e=1&f=1&utm_source=1&utm_medium=2", None),
        ("/x?a=1&a=2&a=3&a=4&a=5&a=6&a=7", None),
    ] {
        assert_eq!(trap(&url(text)), expected, "{text}");
    }
    assert_eq!(trap(&url(&format!("/{}", "x".repeat(2_100)))), Some(Trap::Long));
    assert_eq!(Trap::Repeated.as_str(), "path-repeats");
}

#[test]
fn siblings_have_one_template() {
    for (one, other) in [
        ("/notizie/123", "/notizie/4"),
        ("/notizie/2024/05/avviso", "/notizie/1999/11/avviso"),
        ("/eventi/2024-05-12", "/eventi/2025-1-3"),
        ("/x?id=12", "/x?id=9"),
        ("/x?id=12&y=a", "/x?y=a&id=9"),
        ("/archivio/2024/gennaio", "/archivio/2023/dicembre"),
        ("/o/507f1f77bcf86cd799439011", "/o/1234567890abcdef12345678"),
        ("http://www.comune.example.it/a1?utm_source=x", "https://www.comune.example.it/a22"),
        ("/p12a3", "/p4a55"),
    ] {
        assert_eq!(template(&url(one)), template(&url(other)), "{one} and {other}");
    }
    for (one, other) in [
        ("/notizie/imu", "/notizie/tari"),
        ("/x?id=1", "/x?page=1"),
        ("/a/1", "/b/1"),
        ("https://s1.example.it/x", "https://s2.example.it/x"),
        ("/a%20b", "/a%30b"),
        ("/decade", "/facade"),
    ] {
        assert_ne!(template(&url(one)), template(&url(other)), "{one} and {other}");
    }
}

#[test]
fn months_of_calendars() {
    for (text, expected) in [
        ("/calendario/2024/05", Some((2024, 5))),
        ("/calendario/2024/5/12", Some((2024, 5))),
        ("/eventi/2024-05", Some((2024, 5))),
        ("/eventi/2024-05-12/dettaglio", Some((2024, 5))),
        ("/agenda/202405", Some((2024, 5))),
        ("/2024/05", Some((2024, 5))),
        ("/2024/05/12/", Some((2024, 5))),
        ("/archivio/2024/maggio/x", Some((2024, 5))),
        ("/x?anno=2024&mese=5", Some((2024, 5))),
        ("/x?year=2024&month=05&day=3", Some((2024, 5))),
        ("/x?month=2024-05", Some((2024, 5))),
        ("/x?mese=202405", Some((2024, 5))),
        ("/x?mese=maggio&anno=2024", Some((2024, 5))),
        ("/x?data=2024-05-12T10:00", Some((2024, 5))),
        ("/x?data=12%2F05%2F2024", Some((2024, 5))),
        ("/x?tx_cal[year]=2024&tx_cal[month]=5", Some((2024, 5))),
        ("/x?date=12-05-2024", Some((2024, 5))),
        // Articles, numbers, nonsense.
        ("/2024/05/avviso-pagamenti", None),
        ("/2024/05/12/avviso", None),
        ("/servizi/2024", None),
        ("/calendario", None),
        ("/calendario/2024/13", None),
        ("/calendario/1700/05", None),
        ("/x?anno=2024", None),
        ("/x?mese=5", None),
        ("/x?id=202405", None),
        ("/delibere/2024/155", None),
        ("/x?data=domani", None),
        ("/x?data=2024-99-01", None),
        ("/x?data=\u{e8}\u{e8}\u{e8}", None),
    ] {
        assert_eq!(calendar_month(&url(text)), expected, "{text}");
    }
}

#[test]
fn searches_and_filters() {
    for (text, expected) in [
        ("/search?q=imu", true),
        ("/it/ricerca", true),
        ("/cerca.html", true),
        ("/?s=imu", true),
        ("/servizi?sort=nome", true),
        ("/servizi?orderby=data&order=asc", true),
        ("/servizi?f%5B0%5D=tipo:1", true),
        ("/servizi?filter_tipo=1", true),
        ("/@@search?SearchableText=x", true),
        ("/servizi", false),
        ("/servizi?id=1", false),
        ("/servizi?page=2", false),
        ("/ricercatori", false),
        ("/researchers?dirigente=1", false),
        ("/x?idservizio=3", false),
    ] {
        assert_eq!(is_search(&url(text)), expected, "{text}");
    }
}
