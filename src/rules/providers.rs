//! Identity providers: when an address is a sign-on request to one of them, and when it only lives on the same host.

use url::Url;

use super::schema::{Provider, ProviderKind};

/// One sign-on endpoint.
#[derive(Debug, Clone)]
struct Endpoint {
    kind: ProviderKind,
    name: String,
    host: String,
    path: String,
}

/// The known providers.
#[derive(Debug, Default)]
pub(super) struct Providers {
    endpoints: Vec<Endpoint>,
    entities: Vec<(ProviderKind, String)>,
}

/// A sign-on request, recognised by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOn {
    /// What the provider is for.
    pub kind: ProviderKind,
    /// Its name.
    pub name: String,
    /// The protocol: `saml2` or `oidc`.
    pub protocol: &'static str,
}

impl Providers {
    pub(super) fn add(&mut self, provider: &Provider) -> Result<(), String> {
        if provider.entity.is_none() && provider.sso.is_empty() {
            return Err("a provider needs an `entity` or an `sso` endpoint".to_owned());
        }
        if let Some(entity) = &provider.entity {
            self.entities.push((provider.kind, entity.to_ascii_lowercase()));
        }
        for endpoint in &provider.sso {
            let url = Url::parse(&format!("https://{}", endpoint.trim_start_matches("https://")))
                .map_err(|error| format!("`{endpoint}`: {error}"))?;
            let Some(host) = url.host_str() else {
                return Err(format!("`{endpoint}` has no host"));
            };
            self.endpoints.push(Endpoint {
                kind: provider.kind,
                name: provider.name.clone(),
                host: host.to_owned(),
                path: url.path().to_ascii_lowercase(),
            });
        }
        Ok(())
    }

    /// A sign-on request: a provider's endpoint (host and path), with a SAML request or an OpenID Connect
    /// authorisation request in the query.
    pub(super) fn recognise(&self, url: &Url) -> Option<SignOn> {
        let protocol = protocol(url)?;
        let endpoint = self.at(url)?;
        Some(SignOn { kind: endpoint.kind, name: endpoint.name.clone(), protocol })
    }

    /// The endpoint that a form is posted to, whatever its query: the SAML request is a field of the form.
    pub(super) fn endpoint(&self, url: &Url) -> Option<ProviderKind> {
        self.at(url).map(|endpoint| endpoint.kind)
    }

    /// The endpoint at an address. Some providers sign in and out under one path: signing out is no way in
    /// (`/SLO` and its like: SAML 2.0 profiles, section 4.4).
    fn at(&self, url: &Url) -> Option<&Endpoint> {
        let host = url.host_str()?.trim_end_matches('.');
        let path = url.path().to_ascii_lowercase();
        if path.contains("logout") || path.split('/').any(|part| part.starts_with("slo")) {
            return None;
        }
        self.endpoints.iter().find(|endpoint| endpoint.host == host && path.starts_with(&endpoint.path))
    }

    /// The kind of provider whose entity identifier is `text`.
    pub(super) fn entity(&self, text: &str) -> Option<ProviderKind> {
        let folded = text.to_ascii_lowercase();
        let value = folded.trim_end_matches('/');
        self.entities.iter().find(|(_, entity)| entity.trim_end_matches('/') == value).map(|(kind, _)| *kind)
    }

    /// The kind of provider whose entity identifier is the value of one of an address's parameters. An address that
    /// is an entity identifier itself is a link to the provider's home page; so is one that only passes the reader on
    /// (`/leaving?url=...`), which is why the parameter must be called after a provider.
    pub(super) fn entity_parameter(&self, address: &str) -> Option<ProviderKind> {
        let (_, query) = address.split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| names_a_provider(name))
            .find_map(|(_, value)| self.entity(&value))
    }
}

/// `idp`, `entityID`, `spid_idp`, `provider`, `iss` (third-party initiated login of OpenID Connect Core, section 4).
fn names_a_provider(parameter: &str) -> bool {
    let name = parameter.to_ascii_lowercase();
    name == "iss" || ["idp", "entity", "provider"].iter().any(|part| name.contains(part))
}

fn protocol(url: &Url) -> Option<&'static str> {
    let mut client = false;
    let mut back = false;
    for (name, value) in url.query_pairs() {
        if value.trim().is_empty() {
            continue;
        }
        if name.eq_ignore_ascii_case("SAMLRequest") {
            return Some("saml2");
        }
        client |= name.eq_ignore_ascii_case("client_id");
        // A federation request object carries the return address inside (OpenID Connect Core, section 6).
        back |= ["redirect_uri", "request", "request_uri"].iter().any(|known| name.eq_ignore_ascii_case(known));
    }
    (client && back).then_some("oidc")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    fn providers() -> Providers {
        let mut providers = Providers::default();
        for (kind, entity, sso) in [
            (ProviderKind::Spid, "https://loginspid.aruba.it", "loginspid.aruba.it/ServiceLoginWelcome"),
            (
                ProviderKind::Cie,
                "https://oidc.idserver.servizicie.interno.gov.it",
                "oidc.idserver.servizicie.interno.gov.it/",
            ),
            (ProviderKind::TestSpid, "https://demo.spid.gov.it", "demo.spid.gov.it/samlsso"),
        ] {
            let provider = Provider {
                name: entity.to_owned(),
                kind,
                entity: Some(entity.to_owned()),
                sso: vec![sso.to_owned()],
                source: String::new(),
            };
            providers.add(&provider).unwrap();
        }
        providers
    }

    #[test]
    fn only_a_request_to_the_endpoint_is_a_sign_on() {
        let cases = [
            ("https://loginspid.aruba.it/ServiceLoginWelcome?SAMLRequest=x", Some(ProviderKind::Spid)),
            ("https://loginspid.aruba.it/ServiceLoginWelcome", None),
            ("https://loginspid.aruba.it/registrazione?SAMLRequest=x", None),
            ("https://selfcarespid.aruba.it/ServiceLoginWelcome?SAMLRequest=x", None),
            (
                "https://oidc.idserver.servizicie.interno.gov.it/authorization?client_id=a&request=b",
                Some(ProviderKind::Cie),
            ),
            ("https://oidc.idserver.servizicie.interno.gov.it/authorization?client_id=a", None),
            ("https://demo.spid.gov.it/samlsso?SAMLRequest=x", Some(ProviderKind::TestSpid)),
            ("https://loginspid.aruba.it/ServiceLoginWelcome?SAMLRequest=", None),
            ("https://oidc.idserver.servizicie.interno.gov.it/SLO?SAMLRequest=x", None),
            ("https://demo.spid.gov.it/samlsso/logout?SAMLRequest=x", None),
        ];
        let providers = providers();
        for (url, expected) in cases {
            let seen = providers.recognise(&Url::parse(url).unwrap()).map(|sign_on| sign_on.kind);
            assert_eq!(seen, expected, "{url}");
        }
    }

    #[test]
    fn an_entity_counts_as_a_value_or_as_a_parameter_never_as_a_plain_address() {
        let providers = providers();
        assert_eq!(providers.entity("https://loginspid.aruba.it"), Some(ProviderKind::Spid));
        let address = "/login?idp=https%3A%2F%2Floginspid.aruba.it";
        assert_eq!(providers.entity_parameter(address), Some(ProviderKind::Spid));
        assert_eq!(providers.entity_parameter("https://loginspid.aruba.it"), None);
        assert_eq!(providers.entity("https://loginspid.aruba.it/registrati"), None);
        let passed_on = "/uscita?url=https%3A%2F%2Floginspid.aruba.it";
        assert_eq!(providers.entity_parameter(passed_on), None);
        let authority = "/oidc/begin?iss=https%3A%2F%2Floginspid.aruba.it";
        assert_eq!(providers.entity_parameter(authority), Some(ProviderKind::Spid));
    }
}
