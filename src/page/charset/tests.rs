#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

/// A body in the given single-byte or double-byte encoding.
fn encoded(text: &str, label: &str) -> Vec<u8> {
    let encoding = Encoding::for_label(label.as_bytes()).unwrap();
    match label {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => encoding.encode(text).0.into_owned(),
    }
}

fn page(head: &str, label: &str) -> Vec<u8> {
    encoded(&format!("<html><head>{head}</head><body>Pubblica utilità, città, identità digitale: è così</body>"), label)
}

/// Name, header, body, charset, origin.
type Case = (&'static str, Option<&'static str>, Vec<u8>, &'static str, Origin);

#[test]
fn the_encoding_is_found_as_a_browser_finds_it() {
    let far = format!("<script>{}</script>", "x".repeat(1_100));
    let late = |label: &str| format!("{far}<meta charset={label}>");
    let marked = |mark: &[u8], body: Vec<u8>| [mark, &body].concat();
    let cases: Vec<Case> = vec![
        (
            "1252 by header",
            Some("text/html; charset=windows-1252"),
            page("", "windows-1252"),
            "windows-1252",
            Origin::Header,
        ),
        (
            "latin1 by header is 1252",
            Some("text/html;charset=ISO-8859-1"),
            page("", "windows-1252"),
            "windows-1252",
            Origin::Header,
        ),
        ("quoted header", Some("text/html; Charset = \"utf-8\" ; x=y"), page("", "utf-8"), "UTF-8", Origin::Header),
        (
            "second parameter",
            Some("text/html; boundary=x; charset='utf-8'"),
            page("", "utf-8"),
            "UTF-8",
            Origin::Header,
        ),
        ("1252 by meta", None, page("<meta charset=windows-1252>", "windows-1252"), "windows-1252", Origin::Meta),
        (
            "1252 by http-equiv",
            Some("text/html"),
            page("<META content='text/html; charset=iso-8859-1' http-equiv=Content-Type>", "windows-1252"),
            "windows-1252",
            Origin::Meta,
        ),
        ("1252 without label", None, page("", "windows-1252"), "windows-1252", Origin::Guess),
        ("8859-15 by meta", None, page("<meta charset=\"iso-8859-15\">", "iso-8859-15"), "ISO-8859-15", Origin::Meta),
        (
            "8859-15 by header",
            Some("text/html; charset=csisolatin9"),
            page("", "iso-8859-15"),
            "ISO-8859-15",
            Origin::Header,
        ),
        ("utf-8 by header", Some("text/html; charset=utf-8"), page("", "utf-8"), "UTF-8", Origin::Header),
        ("utf-8 by meta", None, page("<meta charset=\"UTF-8\"/>", "utf-8"), "UTF-8", Origin::Meta),
        ("utf-8 without label", None, page("", "utf-8"), "UTF-8", Origin::Utf8),
        ("utf-8 with mark", None, marked(b"\xef\xbb\xbf", page("", "utf-8")), "UTF-8", Origin::Mark),
        (
            "mark against header",
            Some("text/html; charset=iso-8859-1"),
            marked(b"\xef\xbb\xbf", page("", "utf-8")),
            "UTF-8",
            Origin::Mark,
        ),
        ("utf-16le with mark", None, marked(b"\xff\xfe", page("", "utf-16le")), "UTF-16LE", Origin::Mark),
        ("utf-16be with mark", None, marked(b"\xfe\xff", page("", "utf-16be")), "UTF-16BE", Origin::Mark),
        ("meta cannot say utf-16", None, page("<meta charset=utf-16>", "utf-8"), "UTF-8", Origin::Meta),
        (
            "x-user-defined is 1252",
            None,
            page("<meta charset=x-user-defined>", "windows-1252"),
            "windows-1252",
            Origin::Meta,
        ),
        (
            "unknown header label",
            Some("text/html; charset=utf8mb4"),
            page("<meta charset=utf-8>", "utf-8"),
            "UTF-8",
            Origin::Meta,
        ),
        ("empty header label", Some("text/html; charset="), page("", "utf-8"), "UTF-8", Origin::Utf8),
        ("unknown meta label", None, page("<meta charset=italiano>", "windows-1252"), "windows-1252", Origin::Guess),
        (
            "header against meta",
            Some("text/html; charset=utf-8"),
            page("<meta charset=windows-1252>", "utf-8"),
            "UTF-8",
            Origin::Header,
        ),
        ("late meta, 1252", None, page(&late("iso-8859-15"), "iso-8859-15"), "ISO-8859-15", Origin::Meta),
        ("late meta that lies", None, page(&late("utf-8"), "windows-1252"), "windows-1252", Origin::Guess),
        ("late meta, utf-8", None, page(&late("utf-8"), "utf-8"), "UTF-8", Origin::Utf8),
        (
            "xml declaration",
            None,
            [b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>".as_slice(), &page("", "windows-1252")].concat(),
            "windows-1252",
            Origin::Meta,
        ),
        (
            "a replaced label is not obeyed",
            Some("text/html; charset=hz-gb-2312"),
            page("", "utf-8"),
            "UTF-8",
            Origin::Utf8,
        ),
    ];
    for (name, header, body, charset, origin) in cases {
        let decoded = decode(&body, header, false);
        assert_eq!((decoded.charset, decoded.origin), (charset, origin), "{name}");
        assert!(
            decoded.text.contains("Pubblica utilità, città, identità digitale: è così"),
            "{name}: {}",
            decoded.text
        );
        assert!(!decoded.text.starts_with('\u{feff}'), "{name}");
    }
}

#[test]
fn a_wrong_label_is_obeyed_as_browsers_do() {
    let body = page("", "utf-8");
    assert!(decode(&body, Some("text/html; charset=windows-1252"), false).text.contains("cittÃ"));
    let body = page("", "windows-1252");
    assert!(decode(&body, Some("text/html; charset=utf-8"), false).text.contains("citt\u{fffd}"));
}

#[test]
fn doubly_encoded_text_stays_as_it_came() {
    let once = encoded("identitÃ\u{a0} digitale SPID", "utf-8");
    let decoded = decode(&once, None, false);
    assert_eq!((decoded.charset, &*decoded.text), ("UTF-8", "identitÃ\u{a0} digitale SPID"));
}

#[test]
fn a_character_broken_by_a_cut_is_dropped() {
    let whole = "tutta la città".as_bytes();
    let body = &whole[..whole.len() - 1];
    assert_eq!(&*decode(body, None, true).text, "tutta la citt");
    assert_eq!(&*decode(body, Some("text/html; charset=utf-8"), true).text, "tutta la citt");
    assert_eq!(&*decode(whole, None, true).text, "tutta la città");
    // Without a cut, one last high byte is an accent of windows-1252, unless other accents were UTF-8.
    assert_eq!(&*decode(b"citt\xe0", None, false).text, "città");
    assert_eq!(decode("è la citt\u{e0}".as_bytes().split_last().unwrap().1, None, false).charset, "UTF-8");
}

#[test]
fn a_prescan_is_not_fooled() {
    let prescanned = |bytes: &str| prescan::prescan(bytes.as_bytes()).map(Encoding::name);
    for (bytes, name) in [
        ("<!-- <meta charset=utf-8> --><meta charset=windows-1252>", Some("windows-1252")),
        ("<!--><meta charset=utf-8>", Some("UTF-8")),
        ("<p title='<meta charset=utf-8>'><meta charset=latin1>", Some("windows-1252")),
        ("<metax charset=utf-8>", None),
        ("<meta content='text/html; charset=utf-8'>", None),
        ("<meta http-equiv=refresh content='0; charset=utf-8'>", None),
        ("<meta http-equiv=content-type content='text/html; charset utf-8; charset=utf-8'>", Some("UTF-8")),
        ("<meta http-equiv=content-type content='text/html; charset=\"utf-8\"'>", Some("UTF-8")),
        ("<meta http-equiv=content-type content=\"text/html; charset='utf-8\">", None),
        ("<meta charset=utf-8 charset=windows-1252>", Some("UTF-8")),
        ("<meta/charset=utf-8/>", None),
        ("<meta/charset=utf-8 />", Some("UTF-8")),
        ("<meta charset = 'utf-8' >", Some("UTF-8")),
        ("<meta charset=\"utf-8", None),
        ("<meta charset=utf-8", None),
        ("<meta charset=\"utf-8\" ", None),
        ("</meta charset=utf-8>", None),
        ("<?php <meta charset=utf-8> ?><meta charset=latin1>", Some("windows-1252")),
        ("<!doctype html><html lang=it><head><meta charset=utf-8>", Some("UTF-8")),
        ("<?xml version='1.0' encoding='utf-16'?>", Some("UTF-8")),
        ("<?xml version='1.0'?>", None),
        ("<", None),
        ("<!--", None),
        ("", None),
    ] {
        assert_eq!(prescanned(bytes), name, "{bytes}");
    }
    assert_eq!(prescan::prescan(b"<\0?\0x\0m\0l\0").map(Encoding::name), Some("UTF-16LE"));
}
