#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use proptest::prelude::*;

use super::{fiscal, *};
use crate::report::samples;

/// What is masked, and what it becomes.
const MASKED: &[(&str, &str)] = &[
    ("scrivi a mario.rossi@example.it", "scrivi a [email]"),
    ("Mario.Rossi@Posta.Example.IT.", "[email]."),
    ("<a href=\"mailto:ufficio.anagrafe@comune.x.it\">", "<a href=\"mailto:[email]\">"),
    ("protocollo@pec.comune.x.it; sindaco@comune.x.it", "[email]; [email]"),
    ("mario.rossi%40example.it", "[email]"),
    ("mario.rossi&#64;example.it", "[email]"),
    ("mario.rossi [at] example.it", "[email]"),
    ("mario.rossi(at)example.it", "[email]"),
    ("mario (chiocciola) example.it", "[email]"),
    ("o'neil+pnrr@sub.example.museum,", "[email],"),
    ("niccolò@example.it", "[email]"),
    ("tel. 0171 123456", "tel. [tel]"),
    ("Tel.0171123456", "Tel.[tel]"),
    ("Telefono: 0171/123456", "Telefono: [tel]"),
    ("tel:+390171123456", "tel:[tel]"),
    ("href=\"tel:0171123456\"", "href=\"tel:[tel]\""),
    ("+39 0171 123456", "[tel]"),
    ("(+39) 06 6982 1234", "[tel]"),
    ("+39 333 1234567", "[tel]"),
    ("0039 333 1234567", "[tel]"),
    ("00393331234567", "[tel]"),
    ("cell. 333 1234567", "cell. [tel]"),
    ("333 123 4567", "[tel]"),
    ("333-1234567", "[tel]"),
    ("333/1234567 oppure 0171.123456", "[tel] oppure [tel]"),
    ("chiamare il 3331234567.", "chiamare il [tel]."),
    ("centralino 06 69821234", "centralino [tel]"),
    ("02 1234 5678", "[tel]"),
    ("(0171) 123456", "[tel]"),
    ("tel. 0171 123456/7", "tel. [tel]"),
    ("fax 0171-654321, tel 0171-123456", "fax [tel], tel [tel]"),
    ("ufficio 0444 123 456", "ufficio [tel]"),
    ("tel. +33 1 23 45 67 89", "tel. [tel]"),
    ("RSSMRA80A01H501U", "[cf]"),
    ("rssmra80a01h501u", "[cf]"),
    ("C.F. RSS MRA 80A01 H501 U", "C.F. [cf]"),
    ("cf=RSSMRA80A01H501U&x=1", "cf=[cf]&x=1"),
    // Omocodia: the last digits as letters, with their own check characters.
    ("RSSMRA80A01H50MM", "[cf]"),
    ("MRTMTT91D08F205J", "[cf]"),
    ("IT60X0542811101000000123456", "[iban]"),
    ("IBAN IT60 X054 2811 1010 0000 0123 456", "IBAN [iban]"),
    ("it60x0542811101000000123456", "[iban]"),
    ("DE89 3704 0044 0532 0130 00 (conto)", "[iban] (conto)"),
    ("SM86U0322509800000000270100", "[iban]"),
];

/// What stays as it is.
const KEPT: &[&str] = &[
    "",
    "Entra con SPID",
    "Accedi con CIE dal 02/11/2026 al 31/12/2026",
    "dal 02-11-26, ore 09:00-12:30",
    "02.11.2026",
    "2026-11-02T02:00:00.123456789Z",
    "2026-11-22 02:15:30",
    "P.IVA 00224000125",
    "00224000125",
    "codice fiscale 80005430045",
    "idDominio=00224000125",
    "numero verde 800 123456",
    "numero verde 800123456",
    "112, 118, 1500",
    "CAP 12100",
    "protocollo n. 0012345/2024",
    "delibera n. 0171/2024",
    "euro 3.331.234,56",
    "€ 14.000,00",
    "versione 3.331.2345678",
    "0.3331234567",
    "codice ISTAT 004078, codice catastale D205",
    "CUP B31F22001234006",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "0123456789012345678901234567890123456789012345678901234567890123",
    "RSSMRA80A01H501X",
    "RSSMRA80A32H501U",
    "ABCDEF12G34H567I",
    "XRSSMRA80A01H501U",
    "IT60X0542811101000000123457",
    "IT60X054281110100000012345",
    "FATTURA IT00224000125",
    "bootstrap@5.1.3",
    "logo@2x.png",
    "swiper@next.min.js",
    "seguici @comunex",
    "a @ b",
    "@media (min-width: 10px)",
    "https://www.google.com/maps/@45.0703,7.6869,15z",
    "user(at) home",
    "GET /node/12345 HTTP/1.1",
    "10.0.0.1",
    "192.168.30.115",
    "0",
    "Legge 7 agosto 1990, n. 241",
    "3 000 000 di euro",
    "perché «sì» 日本 ☎",
];

#[test]
fn what_must_be_masked_is_and_what_must_not_is_not() {
    for (text, masked) in MASKED {
        let got = super::text(text);
        let expected = *masked;
        assert_eq!(got, expected, "{text}");
    }
    for text in KEPT {
        assert_eq!(super::text(text), *text);
    }
    assert!(MASKED.len() >= 40 && KEPT.len() >= 40);
}

#[test]
fn addresses_keep_what_finds_them_again() {
    let cases = [
        ("https://www.comune.x.it/?email=mario.rossi%40example.it&p=1", "https://www.comune.x.it/?email=[email]&p=1"),
        ("https://www.comune.x.it/?email=mario.rossi@example.it", "https://www.comune.x.it/?email=[email]"),
        ("https://www.comune.x.it/u/mario@example.it/x", "https://www.comune.x.it/u/[email]/x"),
        ("https://www.comune.x.it/#RSSMRA80A01H501U", "https://www.comune.x.it/#[cf]"),
        ("https://pay.x.it/?cf=RSSMRA80A01H501U", "https://pay.x.it/?cf=[cf]"),
        ("https://x.it/?iban=IT60X0542811101000000123456", "https://x.it/?iban=[iban]"),
        ("https://x.it/?telefono=3331234567", "https://x.it/?telefono=[tel]"),
        ("https://wa.me/393331234567", "https://wa.me/[tel]"),
        ("https://mario:segreto@www.comune.x.it/", "https://www.comune.x.it/"),
        ("tel:+390171123456", "tel:[tel]"),
        ("mailto:mario.rossi@example.it?subject=x", "mailto:[email]?subject=x"),
        // What looks like a number is the name of a page.
        ("https://x.it/node/0171123456?id=3331234567", "https://x.it/node/0171123456?id=3331234567"),
        ("https://pay.x.it/?idDominio=00224000125", "https://pay.x.it/?idDominio=00224000125"),
        ("https://x.it/a%20b/?q=%C3%A8&z=1#top", "https://x.it/a%20b/?q=%C3%A8&z=1#top"),
    ];
    for (text, masked) in cases {
        let address: Url = text.parse().unwrap();
        assert_eq!(url(&address).as_str(), masked);
        assert_eq!(url(&url(&address)).as_str(), masked, "twice");
    }
}

#[test]
fn of_a_visit_everything_from_pages_is_masked_and_the_registers_data_stay() {
    const HIDDEN: &str = "mario.rossi@example.it";
    let mut seen = samples::found();
    let address: Url = format!("https://www.comune.x.it/?u={HIDDEN}").parse().unwrap();
    seen.comune.name = Some("Comune 0171 123456".to_owned());
    seen.comune.codice_fiscale = Some("00224000125".to_owned());
    let signal = &mut seen.findings[0].signals[0];
    (signal.excerpt, signal.label) = (HIDDEN.to_owned(), Some(HIDDEN.to_owned()));
    (signal.url, signal.chain, signal.target) = (address.clone(), vec![address.clone()], Some(address.clone()));
    let page = &mut seen.pages[0];
    (page.url, page.requested, page.title) = (address.clone(), address.clone(), Some(HIDDEN.to_owned()));
    page.detail = Some(HIDDEN.to_owned());
    page.hops = vec![crate::model::Hop { url: address.clone(), status: None, location: Some(address.clone()) }];
    seen.path[0].label = Some(HIDDEN.to_owned());
    seen.path[0].url = address.clone();
    seen.left_unread = vec![address.clone()];
    seen.url = address;
    let masked = serde_json::to_string(&visit(&seen)).unwrap();
    assert!(!masked.contains("mario.rossi"), "{masked}");
    assert!(serde_json::to_string(&seen).unwrap().contains("mario.rossi"));
    assert!(masked.contains("Comune 0171 123456") && masked.contains("00224000125"));
    assert_eq!(masked.matches("[email]").count(), 15, "{masked}");
}

/// A code of a person, with as many of its digits as letters as `omocodia` has bits.
fn code(letters: &str, year: u8, month: usize, day: u8, place: (char, u16), omocodia: u8) -> String {
    let mut code =
        format!("{letters}{year:02}{}{day:02}{}{:03}", b"ABCDEHLMPRST"[month] as char, place.0, place.1).into_bytes();
    for (bit, at) in [6, 7, 9, 10, 12, 13, 14].into_iter().enumerate() {
        if omocodia >> bit & 1 == 1 {
            code[at] = b"LMNPQRSTUV"[usize::from(code[at] - b'0')];
        }
    }
    code.push(fiscal::check(&code));
    String::from_utf8(code).unwrap()
}

proptest! {
    #[test]
    fn masking_twice_is_masking_once(text in "[ -~àè@0-9]{0,60}") {
        let one = super::text(&text).into_owned();
        prop_assert_eq!(super::text(&one).into_owned(), one);
    }

    #[test]
    fn any_text_can_be_masked(text in ".{0,80}") {
        let _ = super::text(&text);
    }

    #[test]
    fn codes_of_persons_are_masked_and_those_with_another_check_character_are_not(
        letters in "[B-DF-HJ-NP-TV-Z]{6}", year in 0_u8..100, month in 0_usize..12, day in 1_u8..32, woman in any::<bool>(),
        letter in proptest::char::range('A', 'L'), place in 1_u16..1000, omocodia in 0_u8..128, other in 1_u8..26,
    ) {
        let day = if woman { day + 40 } else { day };
        let code = code(&letters, year, month, day, (letter, place), omocodia);
        prop_assert_eq!(super::text(&format!("il {code}, o")).into_owned(), "il [cf], o");
        let mut wrong = code.into_bytes();
        wrong[15] = b'A' + (wrong[15] - b'A' + other) % 26;
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assert_eq!(super::text(&wrong).into_owned(), wrong);
    }

    #[test]
    fn mobiles_and_landlines_are_masked_however_they_are_grouped(
        area in "0[1-9][0-9]{1,2}", number in "[1-9][0-9]{5,6}", mobile in "3[1-9][0-9]", rest in "[0-9]{7}",
        gap in prop::sample::select(vec![" ", "/", "-", ".", " - "]), prefix in prop::sample::select(vec!["", "+39 ", "0039 ", "+39"]),
    ) {
        for text in [format!("{prefix}{area}{gap}{number}"), format!("{prefix}{mobile}{gap}{rest}"), format!("{prefix}{mobile}{rest}")] {
            let masked = super::text(&format!("numero: {text}; fine")).into_owned();
            prop_assert_eq!(masked, "numero: [tel]; fine", "{}", text);
        }
    }
}
