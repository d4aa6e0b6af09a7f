//! Authentication requests as they pass by: who asks whom for what. They are read and never sent.

use url::Url;

use super::{
    encoded::{DECODED, base64, claims, inflate},
    xml::{self, Space},
};

/// What a request for authentication says of its sender.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// The identifiers of who asks: the issuer of a SAML request; `client_id` and `redirect_uri` of OpenID Connect.
    pub parties: Vec<String>,
    /// Where a SAML request says it is sent.
    pub destination: Option<String>,
    /// The level of assurance asked for (`https://www.spid.gov.it/SpidL2`).
    pub level: Option<String>,
}

impl Request {
    /// The request inside an address: `SAMLRequest` by redirect (SAML 2.0 bindings, 3.4.4.1), or an OpenID Connect
    /// authorisation request with its request object (OpenID Connect Core, 6). `None` when there is none, or when what
    /// is there cannot be read: at most 64 KiB inflated.
    pub fn of_url(url: &Url) -> Option<Self> {
        let query = url.query()?.to_ascii_lowercase();
        if query.contains("samlrequest=") {
            let (_, value) = url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case("SAMLRequest"))?;
            let bytes = base64(&value)?;
            return inflate(&bytes).and_then(|xml| saml(&xml)).or_else(|| saml(&bytes));
        }
        if query.contains("client_id=") || query.contains("request=") {
            return oidc(url);
        }
        None
    }

    /// The request in a field of a form (SAML 2.0 bindings, 3.5.4).
    pub fn of_field(value: &str) -> Option<Self> {
        saml(&base64(value)?)
    }

    /// One line for a reader.
    pub fn summary(&self) -> String {
        let said = [
            (!self.parties.is_empty()).then(|| format!("issuer {}", self.parties.join(", "))),
            self.destination.as_ref().map(|destination| format!("destination {destination}")),
            self.level.clone(),
        ];
        said.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

fn saml(bytes: &[u8]) -> Option<Request> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= DECODED)?;
    let mut request = Request::default();
    let mut known = false;
    xml::walk(text, |way| {
        let [root, rest @ ..] = way else { return };
        if !root.is(Space::Protocol, "AuthnRequest") {
            return;
        }
        match rest {
            [] => {
                known = true;
                request.destination = root.attribute("Destination").map(str::to_owned);
            }
            [issuer] if issuer.is(Space::Assertion, "Issuer") && !issuer.text().is_empty() => {
                request.parties.push(issuer.text().to_owned());
            }
            [.., class] if class.is(Space::Assertion, "AuthnContextClassRef") => {
                request.level.get_or_insert_with(|| class.text().to_owned());
            }
            _ => {}
        }
    })
    .ok()?;
    known.then_some(request)
}

fn oidc(url: &Url) -> Option<Request> {
    let parameter =
        |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    let object = parameter("request").and_then(|statement| claims(&statement, DECODED)).unwrap_or_default();
    let mut parties: Vec<String> = Vec::new();
    for name in ["client_id", "redirect_uri"] {
        let inside = object.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        for party in [parameter(name), inside].into_iter().flatten() {
            if !party.trim().is_empty() && !parties.contains(&party) {
                parties.push(party);
            }
        }
    }
    (!parties.is_empty()).then(|| Request { parties, ..Request::default() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use std::io::Write as _;

    use ::base64::{Engine as _, engine::general_purpose::STANDARD};
    use proptest::prelude::*;

    use super::*;

    const XML: &str = r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion" Destination="https://idp.esempio.it/sso"><s:Issuer NameQualifier="x">
https://servizi.comune.borgofinto.to.it </s:Issuer><samlp:RequestedAuthnContext><s:AuthnContextClassRef>https://www.spid.gov.it/SpidL2</s:AuthnContextClassRef></samlp:RequestedAuthnContext></samlp:AuthnRequest>"#;

    fn deflated(xml: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(xml).unwrap();
        encoder.finish().unwrap()
    }

    fn address(request: &str) -> Url {
        Url::parse_with_params("https://idp.esempio.it/sso", [("RelayState", "x"), ("SAMLRequest", request)]).unwrap()
    }

    fn wanted() -> Request {
        Request {
            parties: vec!["https://servizi.comune.borgofinto.to.it".to_owned()],
            destination: Some("https://idp.esempio.it/sso".to_owned()),
            level: Some("https://www.spid.gov.it/SpidL2".to_owned()),
        }
    }

    #[test]
    fn a_request_is_read_from_an_address_and_from_a_form() {
        let packed = STANDARD.encode(deflated(XML.as_bytes()));
        assert_eq!(Request::of_url(&address(&packed)), Some(wanted()));
        // Written into the address as it is: `+` arrives as a blank.
        let raw = Url::parse(&format!("https://idp.esempio.it/sso?SAMLRequest={packed}")).unwrap();
        assert_eq!(Request::of_url(&raw), Some(wanted()));
        let plain = STANDARD.encode(XML);
        assert_eq!(Request::of_field(&plain), Some(wanted()));
        let wrapped: String =
            plain.as_bytes().chunks(76).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect();
        assert_eq!(Request::of_field(&wrapped), Some(wanted()));
        assert_eq!(Request::of_field(&STANDARD.encode(XML.replace("AuthnRequest", "LogoutRequest"))), None);
    }

    #[test]
    fn an_openid_request_names_its_client_outside_or_inside_its_object() {
        let object = format!(
            "e30.{}.x",
            ::base64::engine::general_purpose::URL_SAFE_NO_PAD
                .encode(r#"{"client_id":"https://rp.esempio.it","redirect_uri":"https://rp.esempio.it/back"}"#)
        );
        let url = Url::parse_with_params("https://op.esempio.it/a", [("client_id", "https://rp.esempio.it")]).unwrap();
        assert_eq!(Request::of_url(&url).unwrap().parties, ["https://rp.esempio.it"]);
        let url = Url::parse_with_params("https://op.esempio.it/a", [("request", object.as_str())]).unwrap();
        assert_eq!(Request::of_url(&url).unwrap().parties, ["https://rp.esempio.it", "https://rp.esempio.it/back"]);
        assert_eq!(Request::of_url(&Url::parse("https://op.esempio.it/a?q=x").unwrap()), None);
    }

    #[test]
    fn bombs_and_noise_are_no_requests() {
        let bomb = STANDARD.encode(deflated(&vec![b' '; 32 << 20]));
        assert_eq!(Request::of_url(&address(&bomb)), None);
        let entity = format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{XML}");
        assert_eq!(Request::of_field(&STANDARD.encode(entity)), None);
        assert_eq!(Request::of_field(&"A".repeat(1 << 20)), None);
        assert_eq!(Request::of_url(&address("fZJ")), None);
    }

    proptest! {
        #[test]
        fn whatever_arrives_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), text in ".{0,400}") {
            let _ = Request::of_url(&address(&STANDARD.encode(&bytes)));
            let _ = Request::of_url(&address(&STANDARD.encode(deflated(&bytes))));
            let _ = Request::of_field(&text);
            let _ = claims(&text, DECODED);
        }
    }
}
