#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap should fail")]

use jiff::Timestamp;
use url::Url;

use super::*;
use crate::model::Comune;

/// Reads a made-up page of a made-up comune.
fn read(catalogue: &Catalogue, html: &str) -> PageView {
    let url = Url::parse("https://www.comune.esempio.it/pagina").unwrap();
    let subject = Subject::new(&url, &Comune::default());
    let stamp = Stamp { sha256: String::new(), fetched: Timestamp::UNIX_EPOCH, chain: Vec::new() };
    let source = Source::utf8(&url, html.as_bytes());
    let around = Circumstances { body: html.as_bytes(), headers: &[], status: 200 };
    view(catalogue, &subject, Origin::default(), &source, around, &stamp, &Limits::default())
}

fn label_of(view: &PageView, platform: Platform) -> PageLabel {
    view.labels.iter().find(|(known, _)| *known == platform).map(|(_, label)| *label).unwrap()
}

#[test]
fn what_looks_like_a_way_in_and_is_none() {
    let catalogue = Catalogue::embedded().unwrap();
    let traps = [
        // Explanations.
        (Platform::Spid, r#"<a href="/faq/1">Come accedere con SPID ai servizi?</a>"#),
        (Platform::Spid, r#"<button class="accordion-button" data-bs-toggle="collapse">Accesso con SPID</button>"#),
        (Platform::Cie, r##"<nav><a href="#cie">Accesso con CIE</a></nav><h2 id="cie">Accesso con CIE</h2>"##),
        (Platform::Spid, r#"<a href="/docs/accesso-con-spid.pdf">Accesso con SPID</a>"#),
        (Platform::Spid, r#"<a href="/img/1.png"><img src="/img/entra-con-spid.png" alt="Entra con SPID"></a>"#),
        (Platform::Spid, r#"<iframe src="https://www.youtube.com/embed/x" title="Accedi con SPID"></iframe>"#),
        (Platform::Spid, r#"<pre><code>&lt;a class="button-spid"&gt;Entra con SPID&lt;/a&gt;</code></pre>"#),
        // News, projects, duties.
        (Platform::Spid, r#"<a href="/it/news/7">Dal 1 ottobre accesso ai servizi solo con SPID</a>"#),
        (Platform::Cie, r#"<a href="/progetti/144">PNRR 1.4.4: adesione a SPID e CIE</a>"#),
        (Platform::Pagopa, r#"<a href="/atti/12">Determina: pagamento canone PagoPA</a>"#),
        (Platform::Pagopa, r#"<a href="/at/pagopa">IBAN e pagamenti informatici pagoPA</a>"#),
        (Platform::Pagopa, r"<title>PagoPA</title><p>Il pagamento spontaneo e gli avvisi di pagamento pagoPA</p>"),
        // Controls that are dead.
        (Platform::Spid, r"<button disabled>Entra con SPID</button>"),
        (Platform::Cie, r#"<button onclick="alert('In arrivo')">Entra con CIE</button>"#),
        (Platform::Cie, r#"<a class="btn disabled" href="/cie">Entra con CIE</a>"#),
        (Platform::Spid, r#"<!-- <a href="/spid/login">Entra con SPID</a> --><p>SPID</p>"#),
        (Platform::Spid, r#"<template><a href="/spid/login">Entra con SPID</a></template><p>SPID</p>"#),
        // Somebody else's, and something else.
        (Platform::Spid, r#"<a href="https://servizi2.inps.it/area">Accedi a MyINPS con SPID</a>"#),
        (Platform::Cie, r#"<a href="https://www.prenotazionicie.interno.gov.it/">Accedi con CIE e prenota</a>"#),
        (Platform::Cie, r#"<a href="/prenota-cie">Prenota il rinnovo della CIE</a>"#),
        (Platform::Spid, r#"<a href="/eidas" class="button-spid">Login with eIDAS</a>"#),
        (Platform::Spid, r#"<a href="https://www.fascicolosanitario.regione.lombardia.it/">Accedi con SPID</a>"#),
        (Platform::Cie, r#"<a href="https://sanita.regione.abruzzo.it/portale">Accedi con CIE</a>"#),
        (Platform::Spid, r#"<a href="https://www.regione.marche.it/login">Accedi con SPID al portale regionale</a>"#),
        (Platform::Spid, r#"<a href="https://id.lepida.it/idm/app/">Accedi con SPID Lepida</a>"#),
        (Platform::Spid, r#"<a href="https://web.spaggiari.eu/home">Accedi con SPID al registro</a>"#),
        (Platform::Spid, r#"<a href="https://my.civis.bz.it/public/it/">Accedi con SPID</a>"#),
        (Platform::Spid, r#"<a href="/accesso">Accesso dipendenti con SPID</a>"#),
        (Platform::Spid, r#"<a rel="tag" href="/tag/spid">SPID</a><a href="/"><img src="l.png" alt="SPID"></a>"#),
        (Platform::Spid, r#"<a href="/uscita?url=https%3A%2F%2Fposteid.poste.it">SPID di Poste</a>"#),
        (Platform::Pagopa, r#"<form action="/bandi"><label>Numero avviso</label><input name="numeroAvviso"></form>"#),
        (Platform::Appio, r"<h2>Scopri i servizi su IO</h2><p>Avvisi e scadenze</p>"),
    ];
    for (platform, html) in traps {
        let view = read(&catalogue, html);
        let label = label_of(&view, platform);
        assert!(label < PageLabel::Offered, "{platform}: {label:?}: {html}");
        let strong: Vec<&Signal> = view
            .signals
            .iter()
            .filter(|s| s.platform == Some(platform) && s.proves.is_offer() && s.strength >= Strength::Strong)
            .collect();
        assert!(strong.is_empty(), "{platform}: {html}: {strong:?}");
    }
}

#[test]
fn a_way_in_is_seen_in_many_words() {
    let catalogue = Catalogue::embedded().unwrap();
    let offers = [
        (Platform::Spid, r#"<a href="/area">Accedi con CIE/SPID</a>"#),
        (Platform::Cie, r#"<a href="/sso">Servizi online: accedi con la tua identità digitale (SPID, CIE)</a>"#),
        (Platform::Spid, r#"<a href="/login" title="Accedi con SPID o CIE"><svg></svg></a>"#),
        // Names of comuni that begin as the words for health services do.
        (Platform::Spid, r#"<a href="https://servizi.comune.cupello.ch.it/login">Accedi con SPID</a>"#),
        (Platform::Spid, r#"<a href="https://aspra.comune.esempio.it/login">Accedi con SPID</a>"#),
        (Platform::Spid, r#"<form action="/spid"><input type="submit" value="Entra con SPID"></form>"#),
        (Platform::Cie, r#"<a href="/fr/login">Se connecter avec SPID ou CIE</a>"#),
        (Platform::Cie, r#"<a href="/de/cie">Mit CIE anmelden</a>"#),
        (Platform::Spid, r#"<li onclick="location.href='/auth/spid'">Accedi con SPID</li>"#),
        (
            Platform::Pagopa,
            r#"<h1>PagoPA</h1><a href="/avviso">Paga un avviso</a><a href="/s">Pagamento spontaneo</a>"#,
        ),
        (Platform::Pagopa, r#"<a href="http://pagopa.comune.esempio.it:8080/x">È attivo il servizio PagoPA</a>"#),
        (Platform::Appio, r"<h1>Servizi del Comune attivi su app IO</h1><ul><li>Avvisi TARI</li></ul>"),
    ];
    for (platform, html) in offers {
        assert_eq!(label_of(&read(&catalogue, html), platform), PageLabel::Offered, "{platform}: {html}");
    }
}

/// A page that posts a signed request from `issuer`, as long as such requests are.
fn posted(issuer: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let request = format!(
        r#"<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion"><s:Issuer>{issuer}</s:Issuer><KeyInfo>{}</KeyInfo></p:AuthnRequest>"#,
        "A".repeat(3_000)
    );
    format!(
        r#"<form method="post" action="https://identity.infocert.it/spid/samlsso"><input type="hidden" name="SAMLRequest" value="{}"></form>"#,
        STANDARD.encode(request)
    )
}

#[test]
fn a_posted_request_belongs_to_its_sender() {
    let catalogue = Catalogue::embedded().unwrap();
    for (issuer, tied) in [
        ("https://servizi.comune.esempio.it/spid", true),
        ("https://gateway.fornitore.example/spid", true),
        ("https://servizi.comune.altrove.to.it/spid", false),
    ] {
        let view = read(&catalogue, &posted(issuer));
        let signal = view.signals.iter().find(|signal| signal.rule == "spid.sign-on").unwrap();
        assert_eq!((signal.strength, signal.tied), (Strength::Proof, tied), "{issuer}");
        assert_eq!(signal.tenant.as_deref(), Some(format!("issuer={issuer}").as_str()));
        assert_eq!(signal.excerpt, format!("issuer {issuer}"));
        assert_eq!(view.metadata.first().map(|lead| lead.url.as_str()), Some(issuer));
    }
}

#[test]
fn rules_name_metadata_beside_what_matched_and_nowhere_else() {
    let catalogue = Catalogue::embedded().unwrap();
    let named = |html: &str| -> Vec<String> {
        read(&catalogue, html).metadata.iter().map(|lead| lead.url.to_string()).collect()
    };
    let keycloak = "https://login.comune.esempio.it/realms/citta/protocol/openid-connect/auth?client_id=x";
    assert_eq!(
        named(&format!(r#"<a href="{keycloak}">Accedi</a>"#)),
        ["https://login.comune.esempio.it/realms/citta/spid-sp-metadata"]
    );
    assert_eq!(
        named(r#"<a href="/accesso/module.php/core/as_login.php?AuthId=spid">Accedi</a>"#),
        [
            "https://www.comune.esempio.it/accesso/module.php/saml/sp/metadata.php/spid",
            "https://www.comune.esempio.it/accesso/module.php/saml/sp/metadata.php/cie"
        ]
    );
    let client = "https://op.esempio.it/rp/?x=1%23y";
    let cie = format!(
        "https://oidc.idserver.servizicie.interno.gov.it/authorization?client_id={}&amp;request=x",
        url::form_urlencoded::byte_serialize(client.as_bytes()).collect::<String>()
    );
    assert_eq!(
        named(&format!(r#"<a href="{cie}">Entra con CIE</a>"#)),
        ["https://op.esempio.it/rp/.well-known/openid-federation", "https://op.esempio.it/rp/?x=1%23y"]
    );
    let no_address = cie.replace("https%3A%2F%2Fop.esempio.it", "urn%3Aop");
    assert_eq!(named(&format!(r#"<a href="{no_address}">Entra con CIE</a>"#)), Vec::<String>::new());
    assert_eq!(named(r#"<a href="/accedi">Accedi</a>"#), Vec::<String>::new());
}

#[test]
fn metadata_without_a_code_of_the_comune_is_no_proof() {
    let catalogue = Catalogue::embedded().unwrap();
    let judged = |address: &str, entity: &str, ipa: Option<&str>| {
        let start = Url::parse("https://www.comune.esempio.it/").unwrap();
        let comune = Comune { codice_ipa: Some("c_z999".to_owned()), ..Comune::default() };
        let contact = ipa.map_or_else(String::new, |code| {
            format!(
                r#"<m:ContactPerson contactType="other"><m:Extensions><s:IPACode>{code}</s:IPACode></m:Extensions></m:ContactPerson>"#
            )
        });
        let body = format!(
            r#"<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:s="https://spid.gov.it/saml-extensions" entityID="{entity}"><m:SPSSODescriptor><m:AssertionConsumerService/></m:SPSSODescriptor>{contact}</m:EntityDescriptor>"#
        );
        let url = Url::parse(address).unwrap();
        let source = Source::utf8(&url, body.as_bytes());
        let around = Circumstances { body: source.body, headers: &[], status: 200 };
        let stamp = Stamp { sha256: String::new(), fetched: Timestamp::UNIX_EPOCH, chain: Vec::new() };
        let origin = Origin { linked: true, known_portal: true, ..Origin::default() };
        let subject = Subject::new(&start, &comune);
        let seen = view(&catalogue, &subject, origin, &source, around, &stamp, &Limits::default());
        seen.signals.first().map(|signal| (signal.strength, signal.tied))
    };
    let (own, portal) = ("https://login.comune.esempio.it/metadata", "https://portale.example/metadata");
    let (own_entity, entity) = ("https://login.comune.esempio.it", "https://portale.example");
    assert_eq!(judged(portal, entity, Some("c_z999")), Some((Strength::Proof, true)));
    assert_eq!(judged(portal, entity, Some("c_z998")), Some((Strength::Strong, false)));
    assert_eq!(judged(portal, entity, None), None, "a known portal that the site links: the portal's own metadata");
    assert_eq!(judged(portal, own_entity, None), Some((Strength::Strong, true)));
    assert_eq!(judged(own, own_entity, None), Some((Strength::Strong, true)));
    assert_eq!(judged(own, own_entity, Some("c_z998")), Some((Strength::Strong, false)));
}

#[test]
fn what_only_a_script_says_leads() {
    let catalogue = Catalogue::embedded().unwrap();
    let html = r#"<script>window.env = {"RAZZLE_SPID_LOGIN_URL":"https://spid.comune.esempio.it/login"};</script>"#;
    let view = read(&catalogue, html);
    assert_eq!(label_of(&view, Platform::Spid), PageLabel::Leads);
    assert!(view.leads.iter().any(|lead| lead.url.host_str() == Some("spid.comune.esempio.it")));
}

#[test]
fn a_way_that_only_a_script_or_a_post_goes_keeps_the_question_open() {
    let catalogue = Catalogue::embedded().unwrap();
    let (login, payment) = (&[Platform::Spid, Platform::Cie][..], &[Platform::Pagopa][..]);
    let ways: [(&str, &[Platform]); 11] = [
        (r#"<a href="javascript:__doPostBack('ctl$area','')">Accedi all'area personale</a>"#, login),
        (r#"<div onclick="V01('x','en','','PAG11')"><img src="pagoPA-black.svg" alt=""> Pagamenti</div>"#, payment),
        (r#"<button type="button" onclick="paga()">Pagamenti online</button>"#, payment),
        (
            r#"<form method="post" action="/p.aspx"><input name="q"><input type="submit" value="Area personale"></form>"#,
            login,
        ),
        (r#"<script src="/app.js"></script><button type="button">Accedi all'area personale</button>"#, login),
        // No script, nothing bound; a menu of the same page; a dead link.
        (r#"<button type="button">Accedi all'area personale</button>"#, &[]),
        (
            r##"<script src="/app.js"></script><button data-bs-toggle="dropdown">Area personale</button><a href="#">Area personale</a>"##,
            &[],
        ),
        // A form with a password is the login itself; the rest leads somewhere, or nobody sees it.
        (
            r#"<form method="post" action="/login"><input name="u"><input type="password" name="p"><button>Accedi</button></form>"#,
            &[],
        ),
        (r#"<a href="/area-personale">Accedi all'area personale</a><a href="/pagamenti">Pagamenti</a>"#, &[]),
        (r#"<div hidden><a href="javascript:__doPostBack('ctl$area','')">Accedi all'area personale</a></div>"#, &[]),
        (
            r#"<div onclick="__doPostBack('ctl$pay','')"><input type="hidden" value="https://www.comune.esempio.it/paga">Pagamenti</div>"#,
            &[],
        ),
    ];
    for (html, expected) in ways {
        let mut scripted = read(&catalogue, html).scripted;
        scripted.sort_unstable();
        scripted.dedup();
        assert_eq!(scripted, expected, "{html}");
    }
}

fn lead_to<'a>(leads: &'a [Lead], path: &str) -> Option<&'a Lead> {
    leads.iter().find(|lead| lead.url.path() == path)
}

#[test]
fn a_link_to_all_services_serves_all_platforms_also_when_another_rule_knows_it() {
    let catalogue = Catalogue::embedded().unwrap();
    let view = read(&catalogue, r#"<a href="/servizi-online">Servizi online</a>"#);
    assert!(lead_to(&view.leads, "/servizi-online").unwrap().platforms.is_empty());
}

#[test]
fn a_portals_menu_is_not_told_by_its_host() {
    let catalogue = Catalogue::embedded().unwrap();
    let page = |url: &str| {
        let html = r#"<a href="/novita">Novita</a> <a href="/accedi">Accedi all'area personale</a>"#;
        let url = Url::parse(url).unwrap();
        let subject = Subject::new(&Url::parse("https://www.comune.esempio.it/").unwrap(), &Comune::default());
        let stamp = Stamp { sha256: String::new(), fetched: Timestamp::UNIX_EPOCH, chain: Vec::new() };
        let source = Source::utf8(&url, html.as_bytes());
        let around = Circumstances { body: html.as_bytes(), headers: &[], status: 200 };
        view(&catalogue, &subject, Origin::default(), &source, around, &stamp, &Limits::default())
    };
    let portal = page("https://prova.ecivis.it/mensa");
    assert!(lead_to(&portal.leads, "/novita").is_none() && lead_to(&portal.aside, "/novita").is_some());
    assert_eq!(lead_to(&portal.leads, "/accedi").unwrap().rule, "links.login-label", "what a label tells stays");
    let elsewhere = read(&catalogue, r#"<a href="https://prova.ecivis.it/novita">Mensa</a>"#);
    assert!(lead_to(&elsewhere.leads, "/novita").is_some(), "from elsewhere the host is what counts");
}

#[test]
fn a_page_that_sends_on_says_where_to() {
    let catalogue = Catalogue::embedded().unwrap();
    let onward = |html: &str| read(&catalogue, html).onward.map(|url| url.path().to_owned());
    assert_eq!(onward(r#"<meta http-equiv="refresh" content="1; url=/scelta">"#).as_deref(), Some("/scelta"));
    assert_eq!(onward(r#"<meta http-equiv="refresh" content="60">"#), None);
    assert_eq!(onward(r#"<noscript><meta http-equiv="refresh" content="0; url=/vecchio"></noscript>"#), None);
}
