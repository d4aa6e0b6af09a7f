#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap should fail")]

use jiff::Timestamp;
use url::Url;

use super::*;
use crate::{model::Comune, page::Layout};

/// Reads a made-up page of a made-up comune.
fn read(catalogue: &Catalogue, html: &str) -> PageView {
    let url = Url::parse("https://www.comune.esempio.it/pagina").unwrap();
    let subject = Subject::new(&url, &Comune::default());
    let stamp = Stamp { sha256: String::new(), fetched: Timestamp::UNIX_EPOCH, chain: Vec::new() };
    let source = Source {
        url: &url,
        content_type: Some("text/html; charset=utf-8"),
        body: html.as_bytes(),
        cut: false,
        layout: Layout::Markup,
    };
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
        let source = Source {
            url: &url,
            content_type: Some("text/html"),
            body: html.as_bytes(),
            cut: false,
            layout: Layout::Markup,
        };
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
