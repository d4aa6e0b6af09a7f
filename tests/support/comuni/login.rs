//! Comuni whose own site has the login: the official buttons at depth one to three, and login links that lead straight
//! to a provider.

use super::super::site::{Answer, Site};
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, NotFound, Undetermined},
    NO_PAYMENT_SEEN,
    markup::{
        CIE_SAML, PROVIDERS, card, cie_button, cie_oidc, filler, home, layout, login_link, login_page, own_site,
        saml_post_page, saml_redirect, spid_button, spid_button_unfilled,
    },
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        depth_one(),
        depth_two(),
        depth_three(),
        straight_to_provider(),
        posted_request(),
        bilingual(),
        calendar_trap(),
        unfilled_button(),
        onclick_buttons(),
    ]
}

/// Where the login endpoints of a host lead: SPID by SAML to the asked provider, CIE by SAML.
pub fn endpoints(site: Site) -> Site {
    let issuer = format!("https://{}", site.host);
    let spid = saml_redirect(PROVIDERS[3].3, &issuer, 2);
    let cie = saml_redirect(CIE_SAML, &issuer, 3);
    site.redirect("/spid/login", &spid).redirect("/cie/login", &cie)
}

fn depth_one() -> Comune {
    let comune = Comune::new(1, "Borgofinto", "to", "Piemonte").depth(1, 2)
        .note("header link, then the official SPID button with its providers and the CIE button; payments by cadastral code")
        .expect(Found, Found, Found, APP_NOT_STATED);
    let site = endpoints(own_site(&comune))
        .robots("User-agent: *\nDisallow: /ricerca\n")
        .page(
            "/",
            home(
                &comune,
                &login_link("/accedi"),
                &card("Pagamenti", "Paga tributi, mense e rette scolastiche.", "/pagamenti", "Vai ai pagamenti"),
            ),
        )
        .page("/accedi", login_page(&comune, &spid_button("/spid/login"), &cie_button("/cie/login")))
        .page(
            "/pagamenti",
            layout(
                &comune,
                "Pagamenti",
                &login_link("/accedi"),
                &card(
                    "Portale dei pagamenti",
                    "Paga un avviso o un pagamento spontaneo.",
                    &format!("https://cittadino.plugandpay.it/C_{}", comune.catastale()),
                    "Paga online",
                ),
                "",
            ),
        );
    let portal = Site::new("cittadino.plugandpay.it").page(
        &format!("/C_{}", comune.catastale()),
        layout(&comune, "Benvenuto nel portale dei pagamenti", "", super::markup::payment_form(), ""),
    );
    comune.site(site).site(portal)
}

fn depth_two() -> Comune {
    let comune = Comune::new(2, "Vallescura", "cn", "Piemonte")
        .depth(2, 0)
        .note("services page, then the login page; CIE through OpenID Connect")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let host = comune.host();
    let site = endpoints(own_site(&comune))
        .page(
            "/",
            home(&comune, "", &card("Servizi online", "Tutti i servizi del Comune.", "/servizi-online", "Scopri")),
        )
        .page(
            "/servizi-online",
            layout(
                &comune,
                "Servizi online",
                "",
                &card(
                    "Area personale",
                    "Le tue pratiche e i tuoi documenti.",
                    "/area-personale",
                    "Accedi all'area personale",
                ),
                "",
            ),
        )
        .page(
            "/area-personale",
            login_page(&comune, &spid_button("/spid/login"), &cie_button("/oidc/rp/authorization?profile=cie")),
        )
        .redirect("/oidc/rp/authorization", &cie_oidc(&format!("https://{host}/oidc/rp")));
    comune.site(site)
}

fn depth_three() -> Comune {
    let comune = Comune::new(3, "Montelume", "bg", "Lombardia").depth(3, 0)
        .note("services, service sheet, then a button whose target is in onclick; login on a host of its own, POST version")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let desk = comune.sub("servizi");
    let site = own_site(&comune)
        .page("/", home(&comune, "", ""))
        .page(
            "/servizi",
            layout(
                &comune,
                "Servizi",
                "",
                &[
                    card("Anagrafe e stato civile", "Certificati e cambi di residenza.", "/servizi/residenza", "Cambio di residenza"),
                    card("Tributi", "IMU, TARI e canone unico.", "/servizi/tributi", "Scheda dei tributi"),
                ]
                .concat(),
                "",
            ),
        )
        .page("/servizi/tributi", layout(&comune, "Tributi", "", "<p>Le aliquote sono deliberate ogni anno.</p>", ""))
        .page(
            "/servizi/residenza",
            layout(
                &comune,
                "Cambio di residenza",
                "",
                &format!(
                    r#"<p>Puoi presentare la dichiarazione entro venti giorni.</p><h2>Cosa serve</h2><p>Un documento valido.</p>
<button type="button" class="btn btn-primary" onclick="location.href='https://{desk}/istanze/nuova?servizio=residenza'" data-element="service-online-access">Accedi al servizio</button>"#
                ),
                "",
            ),
        );
    let button = |(short, name, entity, _): (&str, &str, &str, &str)| {
        format!(
            r#"<li class="spid-idp-button-link" data-idp="{short}"><button class="idp-button-idp-logo" name="{short}" type="submit" value="{entity}"><img src="/spid/spid-idp-{short}.svg" alt="{name}"></button></li>"#
        )
    };
    let buttons = PROVIDERS.map(button).concat();
    let form = format!(
        r##"<form name="spid_idp_access" action="/spid/login" method="post"><input type="hidden" name="param_1" value="residenza">
<button type="button" class="italia-it-button italia-it-button-size-l button-spid" spid-idp-button="#elenco"><span class="italia-it-button-text">Entra con SPID</span></button>
<div id="elenco" class="spid-idp-button"><ul class="spid-idp-button-menu">{buttons}</ul></div></form>"##
    );
    let portal =
        endpoints(Site::new(&desk)).page("/istanze/nuova", login_page(&comune, &form, &cie_button("/cie/login")));
    comune.site(site).site(portal)
}

fn straight_to_provider() -> Comune {
    let comune = Comune::new(4, "Castelvento", "pr", "Emilia-Romagna")
        .depth(1, 0)
        .note("two links on the home page that answer with a redirect to a provider")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let header =
        r#"<a class="btn" href="/spid/login">Entra con SPID</a> <a class="btn" href="/cie/login">Entra con CIE</a>"#;
    let site = endpoints(own_site(&comune)).page("/", home(&comune, header, ""));
    comune.site(site)
}

fn posted_request() -> Comune {
    let comune = Comune::new(5, "Roccasonora", "mc", "Marche")
        .depth(1, 0)
        .note("a page that posts the request to the provider by script; the login page offers no CIE")
        .expect(Found, NotFound, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let host = comune.host();
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/login"), ""))
        .page(
            "/login",
            login_page(
                &comune,
                r#"<a class="btn btn-primary" href="/login/spid"><img src="/spid.svg" alt=""> Accedi con SPID</a>"#,
                "",
            ),
        )
        .page(
            "/login/spid",
            saml_post_page("https://identity.infocert.it/spid/samlsso", &format!("https://{host}"), 2),
        );
    comune.site(site)
}

fn bilingual() -> Comune {
    let comune = Comune::new(6, "Fontebruna", "bz", "Trentino-Alto Adige")
        .depth(1, 0)
        .note("the home page is in German and its labels too; the Italian one is a link away")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let german = format!(
        r#"<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Gemeinde Fontebruna</title></head><body>
<header><a href="/it/">Italiano</a> <a href="/de/anmeldung" data-element="personal-area-login">Anmelden</a></header>
<main><h1>Gemeinde Fontebruna</h1><p>Willkommen auf der Webseite der Gemeinde.</p><a href="/de/dienste">Online-Dienste</a></main>
<footer>Steuernummer {}</footer></body></html>"#,
        comune.fiscale()
    );
    let login = format!(
        r#"<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Anmeldung</title></head><body><h1>Persönlicher Bereich</h1>
<p>Melden Sie sich mit Ihrer digitalen Identität an.</p>{}
<a href="/cie/login"><img src="/entra_con_cie.svg" alt="CIE"> Loggen Sie sich mit CIE ein</a></body></html>"#,
        spid_button("/spid/login").replace("Entra con SPID", "Loggen Sie sich mit SPID ein")
    );
    let site = endpoints(own_site(&comune))
        .redirect("/", "/de/")
        .page("/de/", german)
        .page("/de/anmeldung", login)
        .page("/it/", home(&comune, &login_link("/de/anmeldung"), ""));
    comune.site(site)
}

fn calendar_trap() -> Comune {
    let comune = Comune::new(7, "Serralieve", "pn", "Friuli Venezia Giulia")
        .depth(2, 0)
        .note("a calendar without end beside a login two clicks deep")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let frame = comune.clone();
    let calendar = move |target: &str| {
        let day: u64 = target.rsplit('/').next().and_then(|day| day.parse().ok()).unwrap_or_default();
        let link =
            |next| format!("<a href=\"/eventi/calendario/{0}\">{0}</a> ", day.wrapping_mul(40).wrapping_add(next));
        let links = (1..=40).map(link).collect::<Vec<_>>().concat();
        Answer::html(layout(&frame, "Calendario degli eventi", "", &links, ""))
    };
    let site = endpoints(own_site(&comune))
        .page("/", home(&comune, "", &card("Eventi", "Cosa succede in paese.", "/eventi/calendario/1", "Calendario")))
        .prefix("/eventi/calendario", calendar)
        .page(
            "/servizi",
            layout(
                &comune,
                "Servizi",
                "",
                &[
                    card("Eventi", "", "/eventi/calendario/2", "Calendario"),
                    card("Sportello", "", "/sportello", "Sportello online del cittadino"),
                ]
                .concat(),
                "",
            ),
        )
        .page("/sportello", login_page(&comune, &spid_button("/spid/login"), &cie_button("/cie/login")));
    comune.site(site)
}

fn unfilled_button() -> Comune {
    let comune = Comune::new(8, "Collenebbia", "si", "Toscana")
        .note("the official button before its script has run: nothing leads anywhere without a browser")
        .expect(Undetermined("one-strong"), NotFound, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), ""))
        .page("/accedi", login_page(&comune, &spid_button_unfilled(), ""));
    comune.site(site)
}

fn onclick_buttons() -> Comune {
    let comune = Comune::new(9, "Poggiolargo", "al", "Piemonte")
        .depth(1, 0)
        .note("buttons of the model with targets in onclick, reached through a card without the model's attribute")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let button = |name: &str, target: &str| {
        format!(
            r#"<button type="button" class="btn-re square" onclick="window.location.href='{target}'"><img src="/{target}.svg" alt="Entra con {name}"><span>Entra con {name}</span></button>"#
        )
    };
    let site = endpoints(own_site(&comune))
        .page(
            "/",
            layout(
                &comune,
                "Benvenuti",
                "",
                &format!(
                    "{}{}",
                    filler(),
                    card("Area personale", "Entra e segui le tue pratiche.", "/area-personale", "Entra")
                ),
                "",
            ),
        )
        .page("/area-personale", login_page(&comune, &button("SPID", "/spid/login"), &button("CIE", "/cie/login")));
    comune.site(site)
}
