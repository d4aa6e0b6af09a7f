//! Regions and provinces: identity gateways and payment portals that all their comuni share.

use super::super::site::{Answer, Site};
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, NotFound},
    kit::{both, coded_portal, home_with_payments, link, page, sign_on},
    login::endpoints,
    markup::{
        CIE_SAML, PROVIDERS, cie_button, home, login_link, login_page, own_site, payment_form, saml_post_page,
        saml_redirect, spid_button,
    },
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        friuli(),
        veneto_myportal(),
        lombardia(),
        puglia(),
        toscana(),
        florence(),
        umbria(),
        piemonte(),
        liguria(),
        basilicata(),
        marche_cohesion(),
        trento_two_steps(),
    ]
}

/// A gateway's choice page with both buttons on endpoints of the gateway.
fn gateway(comune: &Comune, host: &str, choice: &str, base: &str) -> Site {
    let (spid, cie) = (format!("{base}/spid"), format!("{base}/cie"));
    sign_on(Site::new(host), &spid, &cie).page(choice, login_page(comune, &spid_button(&spid), &cie_button(&cie)))
}

/// A regional portal that knows the comune by its fiscal code on the page, not in the address.
fn regional_payments(comune: &Comune, host: &str, target: &str) -> Site {
    let text = format!("<p>Ente creditore: Comune di {}, codice fiscale {}.</p>", comune.name, comune.fiscale());
    Site::new(host).page(target, page(comune, "Portale dei pagamenti pagoPA", &format!("{text}{}", payment_form())))
}

fn friuli() -> Comune {
    let comune = Comune::new(110, "Collinarossa", "ud", "Friuli Venezia Giulia")
        .note("the region's LoginFVG behind a redirect of the comune's services host; the region's payments")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let desk = comune.sub("servizi");
    let choice = format!("/loginfvg/fvgaccountIdp/ServiceProviderSpid2.jsp?ServiceName={}", comune.slug());
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            &login_link(&format!("https://{desk}/login")),
            "https://pagamentionline.regione.fvg.it/ente",
            "",
        ),
    );
    let desk = Site::new(&desk).redirect("/login", &format!("https://loginfvg.regione.fvg.it{choice}"));
    let region = gateway(&comune, "loginfvg.regione.fvg.it", &choice, "/loginfvg/fvgaccountIdp");
    comune.clone().site(site).site(desk).site(region).site(regional_payments(
        &comune,
        "pagamentionline.regione.fvg.it",
        "/ente",
    ))
}

fn veneto_myportal() -> Comune {
    let comune = Comune::new(112, "Gorgofosco", "ro", "Veneto")
        .note("MyPortal: the login link goes through MyID, payments through MyPay under the IPA code, one page in between")
        .depth(1, 2)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let code = comune.ipa().to_uppercase();
    let pay = format!("https://mypay.regione.veneto.it/ente/{code}");
    let site = own_site(&comune)
        .page(
            "/",
            home_with_payments(
                &comune,
                &login_link("/accedi"),
                "/pagamenti",
                "<script src=\"/node_modules/myportal/main.js\"></script>",
            ),
        )
        .redirect("/accedi", &format!("https://myid.regione.veneto.it/gw/login?ente={}", comune.ipa()))
        .page("/pagamenti", page(&comune, "Pagamenti", &link(&pay, "Vai al pagamento")));
    let identity = gateway(&comune, "myid.regione.veneto.it", &format!("/gw/login?ente={}", comune.ipa()), "/gw");
    let payments = Site::new("mypay.regione.veneto.it")
        .page(&format!("/ente/{code}"), page(&comune, "MyPay - Cittadino", payment_form()));
    comune.site(site).site(identity).site(payments)
}

fn lombardia() -> Comune {
    let comune = Comune::new(119, "Risolarga", "mn", "Lombardia")
        .note("the region's IdPC wrapper: a page with the providers of SPID and a form for CIE; the region's payments")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let wrapper = "idpcwrapper.crs.lombardia.it";
    let entry =
        format!("https://{wrapper}/PublisherMetadata/SSOService?SAMLRequest=prova&RelayState={}", comune.slug());
    let cie = r#"<form name="cie" action="AuthRequestCieService" method="post"><input type="hidden" name="stato" value="prova"><button type="submit">Entra con CIE</button></form>"#;
    let issuer = format!("https://{wrapper}/PublisherMetadata");
    let choice = login_page(
        &comune,
        &spid_button("/PublisherMetadata/SpidService"),
        &format!("{cie}<a href=\"/PublisherMetadata/cie\">Continua con la carta</a>"),
    );
    let site = own_site(&comune)
        .page(
            "/",
            home_with_payments(
                &comune,
                &login_link("/accedi"),
                "https://pagamentinlombardia.servizirl.it/pa/public/ente.html",
                "",
            ),
        )
        .redirect("/accedi", &entry);
    let region = Site::new(wrapper)
        .page("/PublisherMetadata/SSOService", choice)
        .redirect("/PublisherMetadata/SpidService", &saml_redirect(PROVIDERS[3].3, &issuer, 2))
        .redirect("/PublisherMetadata/cie", &saml_redirect(CIE_SAML, &issuer, 3));
    let payments = regional_payments(&comune, "pagamentinlombardia.servizirl.it", "/pa/public/ente.html");
    comune.site(site).site(region).site(payments)
}

fn puglia() -> Comune {
    let comune = Comune::new(120, "Uliveto", "br", "Puglia")
        .note("spid-cie-php on a host of the comune's own; the region's MyPay under the IPA code")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let gate = comune.sub("accesso");
    let spid =
        format!("https://{gate}/proxy-spid.php?client_id=1&amp;action=login&amp;redirect_uri=/&amp;idp=POSTE%20ID");
    let cie = format!("https://{gate}/proxy-spid.php?client_id=1&amp;action=login&amp;redirect_uri=/&amp;idp=CIE");
    let code = comune.ipa();
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            &login_link(&format!("https://{gate}/")),
            &format!("https://pagamenti.regione.puglia.it/ente/{code}"),
            "",
        ),
    );
    let issuer = format!("https://{gate}");
    let image = format!(r#"<a href="{cie}"><img src="/assets/img/button_cie.png" alt="Entra con CIE"></a>"#);
    let portal = Site::new(&gate)
        .page("/", login_page(&comune, &link(&spid, "Entra con SPID"), &image))
        .redirect(
            "/proxy-spid.php?client_id=1&action=login&redirect_uri=/&idp=POSTE%20ID",
            &saml_redirect(PROVIDERS[3].3, &issuer, 2),
        )
        .redirect(
            "/proxy-spid.php?client_id=1&action=login&redirect_uri=/&idp=CIE",
            &saml_redirect(CIE_SAML, &issuer, 3),
        );
    let payments = Site::new("pagamenti.regione.puglia.it")
        .page(&format!("/ente/{code}"), page(&comune, "MyPay - Cittadino", payment_form()));
    comune.site(site).site(portal).site(payments)
}

fn toscana() -> Comune {
    let comune = Comune::new(121, "Poggiospento", "gr", "Toscana")
        .note("the region's Keycloak behind the comune's services host; the region's payments")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let desk = comune.sub("servizi");
    let realm = "/auth/realms/arpa/protocol/openid-connect/auth";
    let entry = format!(
        "https://accessosicuro.rete.toscana.it{realm}?client_id={}&response_type=code&scope=openid",
        comune.slug()
    );
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            &login_link(&format!("https://{desk}/login")),
            "https://iris.rete.toscana.it/public/ente",
            "",
        ),
    );
    let desk = Site::new(&desk).redirect("/login", &entry);
    let region = gateway(&comune, "accessosicuro.rete.toscana.it", realm, "/auth/realms/arpa/broker");
    let payments = regional_payments(&comune, "iris.rete.toscana.it", "/public/ente");
    comune.site(site).site(desk).site(region).site(payments)
}

fn florence() -> Comune {
    let comune = Comune::new(124, "Vigneritte", "fi", "Toscana")
        .note("the login page shared by the comuni around Florence, with SPID, CNS and CIE")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = "identificazione.055055.it";
    let entry = format!("https://{host}/iam/oauth2/authorize?realm=%2Fcittadini&client_id={}", comune.slug());
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, &login_link("/area-personale"), &code, ""))
        .redirect("/area-personale", &entry);
    let shared = gateway(&comune, host, "/iam/oauth2/authorize", "/iam");
    comune.site(site).site(shared).site(portal)
}

fn umbria() -> Comune {
    let comune = Comune::new(122, "Monteassolato", "pg", "Umbria")
        .note("the region's aggregator of SPID: a list of providers by their entity, without CIE")
        .depth(1, 1)
        .expect(Found, NotFound, Found, APP_NOT_STATED);
    let option = |(_, name, entity, _): (&str, &str, &str, &str)| format!("<option value=\"{entity}\">{name}</option>");
    let list = format!(
        r#"<form action="/wayf/scelta"><h2>Accesso con SPID</h2><select name="entityID">{}</select><button type="submit">Entra con SPID</button></form>{}"#,
        PROVIDERS.map(option).concat(),
        link("/wayf/spid", "Continua")
    );
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &code, ""))
        .redirect("/accedi", &format!("https://login.regione.umbria.it/wayf/index.jsp?ente={}", comune.slug()));
    let region = Site::new("login.regione.umbria.it")
        .page("/wayf/index.jsp", page(&comune, "Scelta del gestore di identità", &list))
        .redirect("/wayf/spid", &saml_redirect(PROVIDERS[2].3, "https://login.regione.umbria.it/gw/metadata", 2));
    comune.site(site).site(region).site(portal)
}

fn piemonte() -> Comune {
    let comune = Comune::new(123, "Rivalegno", "to", "Piemonte")
        .note("the region's Shibboleth for SPID, in whose list CIE is a choice too")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let desk = comune.sub("servizi");
    let entry = "/iamidpsp_spid_liv2/Shibboleth.sso/Login?entityID=https%3A%2F%2Fprova";
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, &login_link(&format!("https://{desk}/sportello")), &code, ""));
    let desk = Site::new(&desk).redirect("/sportello", &format!("https://secure.sistemapiemonte.it{entry}"));
    let region = gateway(&comune, "secure.sistemapiemonte.it", entry, "/iamidpsp_spid_liv2");
    comune.site(site).site(desk).site(region).site(portal)
}

fn liguria() -> Comune {
    let comune = Comune::new(141, "Scogliomuto", "sp", "Liguria")
        .note("the region's payment node, which names the comune by its fiscal code on the page; login of its own")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let site = endpoints(own_site(&comune))
        .page(
            "/",
            home_with_payments(
                &comune,
                &login_link("/accedi"),
                "https://nodopagamenti.regione.liguria.it/portale/nodopagamenti/ente",
                "",
            ),
        )
        .page("/accedi", both(&comune));
    let payments = regional_payments(&comune, "nodopagamenti.regione.liguria.it", "/portale/nodopagamenti/ente");
    comune.site(site).site(payments)
}

fn basilicata() -> Comune {
    let comune = Comune::new(144, "Sassofiorito", "mt", "Basilicata")
        .note("the region's payments; a login page with the post version of the buttons")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let issuer = format!("https://{}", comune.host());
    let site = own_site(&comune)
        .page(
            "/",
            home_with_payments(
                &comune,
                &login_link("/accedi"),
                "https://pagopa.regione.basilicata.it/pagamentionline/ente",
                "",
            ),
        )
        .page("/accedi", login_page(&comune, &link("/accedi/spid", "Entra con SPID"), &cie_button("/accedi/cie")))
        .page("/accedi/spid", saml_post_page(PROVIDERS[1].3, &issuer, 2))
        .page(
            "/accedi/cie",
            saml_post_page("https://idserver.servizicie.interno.gov.it/idp/profile/SAML2/POST/SSO", &issuer, 3),
        );
    let payments = regional_payments(&comune, "pagopa.regione.basilicata.it", "/pagamentionline/ente");
    comune.site(site).site(payments)
}

fn marche_cohesion() -> Comune {
    let comune = Comune::new(116, "Colmurato", "an", "Marche")
        .note("the region's Cohesion through a route of WordPress; the region's payments under the comune's code")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let choice = "/SPManager/WAYF.aspx?auth=prova";
    let site = own_site(&comune)
        .page(
            "/",
            home_with_payments(
                &comune,
                &login_link("/cohesion/login"),
                "https://mpay.regione.marche.it/mpay/default/homepage.do",
                "",
            ),
        )
        .redirect("/cohesion/login", &format!("https://cohesion2.regione.marche.it{choice}"));
    let region = gateway(&comune, "cohesion2.regione.marche.it", choice, "/SPManager");
    let payments = regional_payments(&comune, "mpay.regione.marche.it", "/mpay/default/homepage.do");
    comune.site(site).site(region).site(payments)
}

fn trento_two_steps() -> Comune {
    let comune = Comune::new(118, "Malganera", "tn", "Trentino-Alto Adige")
        .note("a page that sends on by itself after a second, then the login; the province's payments behind a page of the comune")
        .depth(2, 2)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let pay = format!("https://mypay.provincia.tn.it/ente/{}", comune.ipa().to_uppercase());
    let refresh = Answer::html(super::kit::bare(
        "Accesso in corso",
        "<meta http-equiv=\"refresh\" content=\"1; url=/sportello/scelta\"><p>Attendi un momento.</p>",
    ));
    let site = endpoints(own_site(&comune))
        .page("/", home(&comune, &login_link("/sportello"), &link("/pagamenti", "Pagamenti elettronici PagoPA")))
        .answer("/sportello", refresh)
        .page("/sportello/scelta", both(&comune))
        .page("/pagamenti", page(&comune, "Pagamenti elettronici", &link(&pay, "Paga online")));
    let payments = Site::new("mypay.provincia.tn.it")
        .page(&format!("/ente/{}", comune.ipa().to_uppercase()), page(&comune, "MyPay", payment_form()));
    comune.site(site).site(payments)
}
