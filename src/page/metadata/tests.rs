#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use ::base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Metadata of a made-up body around these contacts.
fn saml(extensions: &str, contacts: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- firmato -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" {extensions} entityID="https://accesso.esempio.it/sp?a=1&amp;b=2">
<md:SPSSODescriptor AuthnRequestsSigned="true"><md:AssertionConsumerService index="0" Location="https://accesso.esempio.it/acs"/>
<md:AssertionConsumerService index="1" Location="https://accesso.esempio.it/acs2"/></md:SPSSODescriptor>
<md:Organization><md:OrganizationName xml:lang="it">Comune di Borgofinto</md:OrganizationName></md:Organization>
{contacts}</md:EntityDescriptor>"#
    )
}

const SPID: &str = r#"xmlns:spid="https://spid.gov.it/saml-extensions""#;
const CIE: &str = r#"xmlns:cie="https://www.cartaidentita.interno.gov.it/saml-extensions""#;

fn contact(attributes: &str, inside: &str) -> String {
    format!("<md:ContactPerson {attributes}><md:Extensions>{inside}</md:Extensions></md:ContactPerson>")
}

fn token(claims: &serde_json::Value) -> String {
    format!("eyJhbGciOiJub25lIn0.{}.x", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn party(hints: &[&str], marks: &[serde_json::Value]) -> serde_json::Value {
    json!({"iss": "https://rp.esempio.it", "sub": "https://rp.esempio.it", "authority_hints": hints, "trust_marks": marks,
        "metadata": {"openid_relying_party": {"redirect_uris": ["https://rp.esempio.it/back"]},
            "federation_entity": {"organization_name": "Comune di Borgofinto"}}})
}

#[test]
fn a_service_provider_of_spid_declares_its_body() {
    let contacts = contact(
        r#"contactType="other""#,
        "<spid:IPACode> c_z999 </spid:IPACode><spid:VATNumber>IT01234567890</spid:VATNumber><spid:Public/>",
    );
    let text = saml(SPID, &contacts);
    assert!(sniff(text.as_bytes()));
    let declared = read(text.as_bytes()).unwrap();
    assert_eq!(declared.kinds, [DeclaredKind::SpidSp]);
    assert_eq!(declared.entity, "https://accesso.esempio.it/sp?a=1&b=2");
    assert_eq!((declared.ipa, declared.vat), (vec!["c_z999".to_owned()], vec!["01234567890".to_owned()]));
    assert_eq!((declared.consumers, declared.aggregator), (2, false));
    assert_eq!(declared.organisation.as_deref(), Some("Comune di Borgofinto"));
}

#[test]
fn an_aggregators_own_codes_are_not_the_bodys() {
    let aggregator = contact(
        r#"contactType="other" spid:entityType="spid:aggregator""#,
        "<spid:IPACode>r_finta</spid:IPACode><spid:PublicServicesFullAggregator/>",
    );
    let aggregated =
        contact(r#"contactType="other" spid:entityType="spid:aggregated""#, "<spid:IPACode>c_z999</spid:IPACode>");
    let both = read(saml(SPID, &format!("{aggregator}{aggregated}")).as_bytes()).unwrap();
    assert_eq!((both.ipa, both.aggregator), (vec!["c_z999".to_owned()], true));
    let alone = read(saml(SPID, &aggregator).as_bytes()).unwrap();
    assert_eq!((alone.ipa, alone.aggregator), (Vec::new(), true));
}

#[test]
fn a_suppliers_contact_is_not_the_bodys() {
    let contacts = [
        contact(
            r#"contactType="administrative""#,
            "<cie:Public/><cie:IPACode>c_z999</cie:IPACode><cie:FiscalCode>00000000000</cie:FiscalCode>",
        ),
        contact(r#"contactType="technical""#, "<cie:Private/><cie:FiscalCode>11111111111</cie:FiscalCode>"),
    ]
    .concat();
    // Both namespaces declared, one used.
    let declared = read(saml(&format!("{SPID} {CIE}"), &contacts).as_bytes()).unwrap();
    assert_eq!(declared.kinds, [DeclaredKind::CieSp]);
    assert_eq!(declared.ipa, ["c_z999"]);
    assert_eq!(declared.fiscale, ["00000000000"]);
}

#[test]
fn other_documents_declare_no_service() {
    let whole = saml(SPID, "");
    for text in [
        whole.replace("SPSSODescriptor", "IDPSSODescriptor"),
        whole.replace("entityID=", "other="),
        whole.replace("AssertionConsumerService", "SingleLogoutService"),
        whole.replace("urn:oasis:names:tc:SAML:2.0:metadata", "urn:altro"),
        whole.replace("</md:EntityDescriptor>", ""),
        format!("{whole}{}", whole.split_once("-->").unwrap().1),
    ] {
        assert_eq!(read(text.as_bytes()), Err(Fault::Malformed), "{text}");
    }
    assert_eq!(read(saml("", "").as_bytes()).unwrap().kinds, [], "a provider of some other federation");
    let list = whole.replace("EntityDescriptor", "EntitiesDescriptor");
    for text in ["<!doctype html><html><body>EntityDescriptor</body></html>", "<rss/>", "eyJ.x", "", &list] {
        assert!(!sniff(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_relying_party_declares_its_body_and_its_authorities() {
    let mark =
        |claims| json!({"id": "https://registro.esempio/openid_relying_party/public/", "trust_mark": token(&claims)});
    let own = mark(json!({"sub": "https://rp.esempio.it/", "id_code": {"ipa_code": "c_z999"}}));
    let copied = mark(json!({"sub": "https://altro.esempio.it", "id_code": {"ipa_code": "c_z998"}}));
    let aggregator = json!({"trust_mark": token(&json!({"sub": "https://rp.esempio.it",
        "id": "https://registro.esempio/intermediate/full/", "organization_identifier": "PA:IT-r_finta"}))});
    let statement = token(&party(&["https://registro.esempio"], &[own, copied, aggregator]));
    assert!(sniff(statement.as_bytes()));
    let declared = read(statement.as_bytes()).unwrap();
    assert_eq!(declared.kinds, [DeclaredKind::OidcRp]);
    assert_eq!(declared.entity, "https://rp.esempio.it");
    assert_eq!(declared.ipa, ["c_z999"]);
    assert_eq!(declared.authorities, ["https://registro.esempio"]);
    assert_eq!((declared.consumers, declared.organisation.as_deref()), (1, Some("Comune di Borgofinto")));
    let mut other = party(&[], &[]);
    other["iss"] = json!("https://registro.esempio");
    let mut provider = party(&[], &[]);
    provider["metadata"] = json!({"openid_provider": {}});
    for wrong in [other, provider, json!([]), json!({"sub": 1})] {
        assert_eq!(read(token(&wrong).as_bytes()), Err(Fault::Malformed), "{wrong}");
    }
}

/// Just below the limit.
const SIZE: usize = 1_000_000;

#[test]
fn hostile_shapes_end_soon_and_within_a_small_stack() {
    let head = saml(SPID, "");
    let (start, end) = head.split_at(head.find("<md:Organization>").unwrap());
    let inside = |shape: &str| format!("{start}{shape}{end}");
    let laughs = format!(
        "<!DOCTYPE EntityDescriptor [<!ENTITY a 'ha'>{}]>{head}",
        (1..30).map(|n| format!("<!ENTITY a{n} '&a{};&a{};'>", n - 1, n - 1)).collect::<String>()
    );
    let many = |piece: &dyn Fn(usize) -> String, size| {
        let mut text = String::new();
        let mut at = 0;
        while text.len() < size {
            text.push_str(&piece(at));
            at += 1;
        }
        text
    };
    let spaces = many(&|n| format!(" xmlns:a{n}='urn:x'"), SIZE);
    let attributes = many(&|n| format!(" a{n}=''"), SIZE);
    let levels: String = many(&|n| format!("<a xmlns:n{n}='urn:x'>"), 2_000);
    let deep_json = format!("eyJhbGciOiJub25lIn0.{}.x", URL_SAFE_NO_PAD.encode("[".repeat(600_000)));
    let shapes: Vec<(&str, String, Fault)> = vec![
        ("deep", inside(&"<a>".repeat(SIZE / 3)), Fault::Shape),
        ("laughs", laughs, Fault::Doctype),
        ("one attribute", inside(&format!("<a b='{}'", "x".repeat(SIZE))), Fault::Malformed),
        ("attributes", inside(&format!("<a{attributes}/>")), Fault::Shape),
        ("namespaces", inside(&format!("<a{spaces}/>")), Fault::Shape),
        ("levels of namespaces", inside(&levels), Fault::Shape),
        ("siblings", inside(&"<a/>".repeat(SIZE / 4)), Fault::Shape),
        ("entity", inside("<a>&xxe;</a>"), Fault::Malformed),
        ("too large", inside(&" ".repeat(1 << 20)), Fault::TooLarge),
        ("not UTF-8", String::new(), Fault::Malformed),
        ("broken statement", "eyJhbGciOiJub25lIn0.e30!!.x".to_owned(), Fault::Malformed),
        ("half a statement", token(&party(&[], &[])).rsplit_once('.').unwrap().0.to_owned(), Fault::Malformed),
        ("deep statement", deep_json, Fault::Malformed),
    ];
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        for (name, text, fault) in shapes {
            let bytes = if name == "not UTF-8" { b"<EntityDescriptor \xff".to_vec() } else { text.into_bytes() };
            let before = cpu_time::ThreadTime::now();
            let _ = sniff(&bytes);
            assert_eq!(read(&bytes), Err(fault), "{name}");
            assert!(before.elapsed() < std::time::Duration::from_secs(2), "{name}: {:?}", before.elapsed());
        }
    });
    thread.unwrap().join().unwrap();
    // A large value by itself is no offence.
    let long = inside(&format!("<a b='{}'/>", "x".repeat(SIZE)));
    assert_eq!(read(long.as_bytes()).unwrap().consumers, 2);
}

proptest! {
    #[test]
    fn whatever_arrives_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), at in 0_usize..900) {
        let _ = (sniff(&bytes), read(&bytes));
        let mut text = saml(SPID, "").into_bytes();
        let at = at.min(text.len());
        text.splice(at..at, bytes.iter().copied().take(40));
        let _ = (sniff(&text), read(&text));
        let statement = token(&party(&[], &[]));
        let mut statement = statement.into_bytes();
        let at = at.min(statement.len() - 1);
        statement[at] = bytes.first().copied().unwrap_or(b'.');
        let _ = (sniff(&statement), read(&statement));
    }
}
