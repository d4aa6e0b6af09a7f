//! Comuni whose login is on the portal of a supplier or behind the gateway of a region.

use super::super::site::{Answer, Site};
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, NotFound},
    NO_PAYMENT_SEEN,
    markup::{
        CIE_SAML, PROVIDERS, card, cie_button, cie_oidc, home, layout, login_link, login_page, own_site, payment_form,
        saml_post_page, saml_redirect, spid_button,
    },
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![municipium(), peopleweb(), opencity(), urbi(), volto(), veneto(), marche(), hgate(), wordpress_plugin()]
}

fn municipium() -> Comune {
    let comune = Comune::new(10, "Ripaquieta", "vr", "Veneto")
        .depth(2, 2)
        .note("Municipium: /it/private, then the tenant's comune-online portal with its SPID and CIE gateways; pmPay")
        .expect(Found, Found, Found, APP_NOT_STATED);
    let portal = format!("{}.comune-online.it", comune.slug());
    let back = format!("https://{portal}/web/servizi-online");
    let header = r#"<a class="btn btn-primary btn-icon btn-full btn-personal" href="/it/private" data-element="personal-area-login"><span>Accedi all'area personale</span></a>"#;
    let site = own_site(&comune)
        .page(
            "/",
            layout(
                &comune,
                "Benvenuti",
                header,
                &card("Pagamenti", "Tributi e servizi a domanda.", "/it/page/pagamenti", "Pagamenti online"),
                r#"<img src="https://cdn.municipiumapp.it/loghi/stemma.png" alt=""><a href="https://cloud.municipiumapp.it/admin">Accesso redazione</a>"#,
            ),
        )
        .page(
            "/it/private",
            layout(&comune, "Area personale", "", &card("Sportello online", "Le tue pratiche.", &back, "Accedi al portale"), ""),
        )
        .page(
            "/it/page/pagamenti",
            layout(
                &comune,
                "Pagamenti",
                header,
                &card("PagoPA", "Avvisi e pagamenti spontanei.", "https://secure.pmpay.it/pmPortal/PA910/", "Paga online"),
                "",
            ),
        );
    let tenant = Site::new(&portal).page(
        "/web/servizi-online",
        login_page(
            &comune,
            &format!(r#"<a class="btn" href="https://spid.comune-online.it/AuthServiceSPID/auth.jsp?ente={}&amp;backUrl={back}">Entra con SPID</a>"#, comune.slug()),
            &format!(r#"<a class="btn" href="https://cie-oidc.comune-online.it/AuthServiceOIDC/auth?ente={}">Entra con CIE</a>"#, comune.slug()),
        ),
    );
    let spid = Site::new("spid.comune-online.it")
        .answer(
            "/AuthServiceSPID/auth.jsp",
            Answer::html(login_page(&comune, &spid_button("/AuthServiceSPID/services/AuthService"), "")),
        )
        .redirect(
            "/AuthServiceSPID/services/AuthService",
            &saml_redirect(PROVIDERS[0].3, "https://spid.comune-online.it", 2),
        );
    let cie = Site::new("cie-oidc.comune-online.it")
        .redirect("/AuthServiceOIDC/auth", &cie_oidc("https://cie-oidc.comune-online.it/AuthServiceOIDC"));
    let payments = Site::new("secure.pmpay.it")
        .page("/pmPortal/PA910/", layout(&comune, "Portale dei pagamenti", "", payment_form(), ""));
    comune.site(site).site(tenant).site(spid).site(cie).site(payments)
}

fn peopleweb() -> Comune {
    let comune = Comune::new(11, "Terrafosca", "at", "Piemonte")
        .depth(2, 1)
        .note("PeopleWeb: a relative login link, FiloDiretto on the comune's services host; payments by fiscal code")
        .expect(Found, Found, Found, APP_NOT_STATED);
    let desk = comune.sub("servizi");
    let header = r#"<a class="btn btn-primary btn-full" href="areaRiservata" data-element="personal-area-login" title="Accedi all'area personale"><span>Accedi all'area personale</span></a>"#;
    let site = own_site(&comune)
        .page(
            "/",
            home(
                &comune,
                header,
                &format!(
                    r#"<link rel="stylesheet" href="assets\bootstrap-italia\css\bootstrap-italia-comuni.css"><div id="SiscomBanner"></div>{}"#,
                    card(
                        "Portale del cittadino - PagoPa",
                        "Situazione tributaria e pagamenti.",
                        &format!("https://{desk}/servizi/portalecontribuente/AreaPagamenti.aspx?iddominio={}", comune.fiscale()),
                        "Paga online"
                    )
                ),
            ),
        )
        .page(
            "/areaRiservata",
            layout(
                &comune,
                "Area riservata al cittadino",
                header,
                &card(
                    "FiloDiretto",
                    "Istanze e pratiche online.",
                    &format!("https://{desk}/servizi/filodiretto2/Login.Aspx?CE=trrfsc&amp;ACCESSO=C"),
                    "Accedi",
                ),
                "",
            ),
        );
    let portal = super::login::endpoints(Site::new(&desk))
        .page(
            "/servizi/filodiretto2/Login.Aspx",
            login_page(&comune, &spid_button("/spid/login"), &cie_button("/cie/login")),
        )
        .page(
            "/servizi/portalecontribuente/AreaPagamenti.aspx",
            layout(&comune, "Area pagamenti", "", payment_form(), ""),
        );
    comune.site(site).site(portal)
}

fn opencity() -> Comune {
    let comune = Comune::new(12, "Pontedivetro", "tn", "Trentino-Alto Adige").depth(1, 0)
        .note("OpenCity: a login link that a script shows, the address in the configuration, SPID on and CIE off; its default checkout proves nothing")
        .expect(Found, NotFound, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let desk = comune.sub("servizi");
    let header = format!(
        r#"<a class="btn btn-primary btn-icon btn-full" style="visibility:hidden" href="/accedi" data-element="personal-area-login"><span>Accedi all'area personale</span></a>
<div id="oc-login-box"></div><script>window.OC_BASE_URL='https://{desk}/lang';window.OC_AUTH_URL='https://{desk}/lang/login';window.OC_SPID_BUTTON='true';window.OC_CHECKOUT_URL='https://api.stanzadelcittadino.it/pagopa/checkout';</script>
<script src="/extension/openpa_bootstrapitalia/design/standard/javascript/login.js"></script>"#
    );
    let main = format!(
        r#"<h2>SPID</h2><button type="button" class="btn-re square mb-2 mb-lg-0" onclick="location.href='https://{desk}/lang/login-open?idp=spid'"><span class="d-flex align-items-center"><img src="/extension/openpa_bootstrapitalia/images/spid.svg" alt="Accedi con SPID" class="me-2"><span>Accedi</span></span></button>"#
    );
    let site = own_site(&comune)
        .page("/", home(&comune, &header, ""))
        .page("/accedi", layout(&comune, "SPID", &header, &main, ""));
    let portal = Site::new(&desk)
        .redirect("/lang/login", &format!("https://{desk}/lang/login-open?idp=spid"))
        .redirect("/lang/login-open", &saml_redirect(PROVIDERS[2].3, &format!("https://{desk}"), 2));
    comune.site(site).site(portal)
}

fn urbi() -> Comune {
    let comune = Comune::new(13, "Lagodoro", "pg", "Umbria")
        .depth(1, 0)
        .note("Urbi on the comune's services host: login entry with the tenant's database name")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let desk = comune.sub("servizionline");
    let entry = format!("https://{desk}/urbi/progs/urp/ur1UR069.sto?DB_NAME=n1299913");
    let site = own_site(&comune).page("/", home(&comune, &login_link(&entry), ""));
    let portal = Site::new(&desk)
        .page(
            "/urbi/progs/urp/ur1UR069.sto",
            login_page(
                &comune,
                r#"<a href="/urbi/progs/main/xapirest.sto?WTDK_REQ=spidLogin&amp;DB_NAME=n1299913">Entra con SPID</a>"#,
                r#"<a href="/urbi/progs/main/xapirest.sto?WTDK_REQ=cieLogin&amp;DB_NAME=n1299913">Entra con CIE</a>"#,
            ),
        )
        .redirect(
            "/urbi/progs/main/xapirest.sto?WTDK_REQ=spidLogin&DB_NAME=n1299913",
            &saml_redirect(PROVIDERS[3].3, &format!("https://{desk}/urbi"), 2),
        )
        .redirect(
            "/urbi/progs/main/xapirest.sto?WTDK_REQ=cieLogin&DB_NAME=n1299913",
            &saml_redirect(CIE_SAML, &format!("https://{desk}/urbi"), 2),
        );
    comune.site(site).site(portal)
}

fn volto() -> Comune {
    let comune = Comune::new(14, "Villacarta", "mo", "Emilia-Romagna")
        .depth(1, 0)
        .note("Volto: the login addresses in window.env, and the login page made from them")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let gate = comune.sub("login");
    let environment = format!(
        r#"<script>window.env = {{"NODE_ENV":"production","RAZZLE_SPID_LOGIN_URL":"https://{gate}/spid/login","RAZZLE_CIE_LOGIN_URL":"https://{gate}/cie/login","apiPath":"https://{host}"}};</script>"#,
        host = comune.host()
    );
    let choice = |name: &str, path: &str| {
        format!(
            r#"<div class="login-method"><div class="authorized-{path}-login"><a class="btn btn-primary" data-element="personal-area-login" href="https://{gate}/{path}/login">Entra con {name}</a></div></div>"#
        )
    };
    let site = own_site(&comune).page("/", home(&comune, &login_link("/login"), &environment)).page(
        "/login",
        login_page(&comune, &choice("SPID", "spid"), &choice("CIE", "cie"))
            .replace("</head>", &format!("{environment}</head>")),
    );
    let portal = super::login::endpoints(Site::new(&gate));
    comune.site(site).site(portal)
}

fn veneto() -> Comune {
    let comune = Comune::new(15, "Pratofermo", "pd", "Veneto")
        .depth(1, 1)
        .note("the region's identity gateway and the region's payment portal under the comune's IPA code")
        .expect(Found, Found, Found, APP_NOT_STATED);
    let gateway = format!("https://myid.regione.veneto.it/gw/login?ente={}", comune.ipa());
    let site = own_site(&comune).page(
        "/",
        home(
            &comune,
            &login_link(&gateway),
            &card(
                "Pagamenti",
                "Avvisi e pagamenti spontanei.",
                &format!("https://mypay.regione.veneto.it/ente/{}", comune.ipa().to_uppercase()),
                "Paga online con pagoPA",
            ),
        ),
    );
    let identity = Site::new("myid.regione.veneto.it")
        .page("/gw/login", login_page(&comune, &spid_button("/gw/spid"), &cie_button("/gw/cie")))
        .redirect("/gw/spid", &saml_redirect(PROVIDERS[1].3, "https://myid.regione.veneto.it/gw/metadata", 2))
        .redirect("/gw/cie", &saml_redirect(CIE_SAML, "https://myid.regione.veneto.it/gw/metadata", 2));
    let payments = Site::new("mypay.regione.veneto.it").page(
        &format!("/ente/{}", comune.ipa().to_uppercase()),
        r#"<!doctype html><html lang="it"><head><meta charset="utf-8"><title>MyPay - Cittadino</title><base href="/"></head><body><app-root></app-root><script src="main.js" type="module"></script></body></html>"#,
    );
    comune.site(site).site(identity).site(payments)
}

fn marche() -> Comune {
    let comune = Comune::new(16, "Montesordo", "fm", "Marche")
        .depth(1, 0)
        .note("the region's choice page offers SPID, CIE and eIDAS; each choice posts a request by script")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let gateway = "https://cohesion2.regione.marche.it/SPManager/WAYF.aspx?auth=prova";
    let site = own_site(&comune).page("/", home(&comune, &login_link(gateway), ""));
    let issuer = "https://cohesion2.regione.marche.it/SPManager";
    let region = Site::new("cohesion2.regione.marche.it")
        .page(
            "/SPManager/WAYF.aspx",
            login_page(
                &comune,
                &spid_button("/SPManager/spid.aspx"),
                &format!("{}<a href=\"/SPManager/eidas.aspx\">Login with eIDAS</a>", cie_button("/SPManager/cie.aspx")),
            ),
        )
        .page("/SPManager/spid.aspx", saml_post_page("https://identity.infocert.it/spid/samlsso", issuer, 2))
        .page(
            "/SPManager/cie.aspx",
            saml_post_page("https://idserver.servizicie.interno.gov.it/idp/profile/SAML2/POST/SSO", issuer, 3),
        )
        .page("/SPManager/eidas.aspx", saml_post_page("https://sp-proxy.eid.gov.it/spproxy/samlsso", issuer, 2));
    comune.site(site).site(region)
}

fn hgate() -> Comune {
    let comune = Comune::new(17, "Valdinulla", "an", "Marche")
        .depth(1, 0)
        .note("HGATE: the header, login link included, is written by a script")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let address = "/EG0/EGHOMEPAGE.HBL?SUB=1&F=H04&en=eg917";
    let script = format!(
        r#"<script>var head = "";
head += "<div class='it-header-slim-right-zone'>";
head += "<a class='btn btn-primary btn-icon' href='{address}' data-element='personal-area-login'><span>Accedi all\'area personale</span></a>";
head += "</div>";
document.getElementById("testata").innerHTML = head;</script>"#
    );
    let html = home(&comune, r#"<div id="testata"></div>"#, &script);
    let site =
        super::login::endpoints(own_site(&comune)).answer("/", Answer::html(html).header("server", "HGATE")).answer(
            "/EG0/EGHOMEPAGE.HBL",
            Answer::html(login_page(&comune, &spid_button("/spid/login"), &cie_button("/cie/login")))
                .header("server", "HGATE"),
        );
    comune.site(site)
}

fn wordpress_plugin() -> Comune {
    let comune = Comune::new(18, "Roccadasola", "ri", "Lazio")
        .depth(1, 0)
        .note("WordPress with a SPID plug-in on the login page of the site; no CIE there")
        .expect(Found, NotFound, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let host = comune.host();
    let item = |(place, (short, name, ..)): (usize, &(&str, &str, &str, &str))| {
        format!(
            r#"<li class="spid-idp-button-link" data-idp="{short}"><a href="https://{host}/wp-login.php?spid_sso=in&amp;spid_idp={place}"><span class="spid-sr-only">{name}</span><img src="/wp-content/plugins/wp-spid-italia/img/spid-idp-{short}.svg" alt="{name}"></a></li>"#
        )
    };
    let list = PROVIDERS.iter().enumerate().map(item).collect::<Vec<_>>().concat();
    let button = super::markup::spid_menu(&list, "");
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/area-personale/"), ""))
        .page("/area-personale/", login_page(&comune, &button, ""))
        .redirect("/wp-login.php", &saml_redirect(PROVIDERS[3].3, &format!("https://{host}"), 1));
    comune.site(site)
}
