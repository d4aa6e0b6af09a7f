//! Service desks of suppliers that a comune rents: the login is theirs, the tenant is named in the address, on the way,
//! or on the page.

use super::super::site::Site;
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, NotFound, Undetermined},
    kit::{bare, both, coded_portal, home_with_payments, link, page, sign_on},
    login::endpoints,
    markup::{
        CIE_SAML, PROVIDERS, card, cie_button, cie_oidc, home, login_link, login_page, own_site, payment_form,
        saml_redirect, spid_button,
    },
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        urbi_cloud(),
        openweb(),
        globo(),
        hypersic(),
        keycloak(),
        django(),
        kweb_host(),
        unicum(),
        canteen(),
        union_named(),
        union_unnamed(),
        pa_online(),
        city_desk(),
    ]
}

/// A desk's login page with both buttons, on endpoints below `base`.
fn desk(comune: &Comune, host: &str, login: &str, base: &str) -> Site {
    let (spid, cie) = (format!("{base}/spid"), format!("{base}/cie"));
    sign_on(Site::new(host), &spid, &cie).page(login, login_page(comune, &spid_button(&spid), &cie_button(&cie)))
}

fn urbi_cloud() -> Comune {
    let comune = Comune::new(125, "Stagnolungo", "ar", "Toscana")
        .note("Urbi in the supplier's cloud: portal home by database name, the login one click further")
        .depth(2, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = "cloud.urbi.it";
    let name = "DB_NAME=n1299925";
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            &login_link(&format!("https://{host}/urbi/progs/urp/solhome.sto?{name}")),
            &code,
            "",
        ),
    );
    let urbi = desk(&comune, host, &format!("/urbi/progs/urp/ur1UR069.sto?{name}"), "/urbi/progs/main").page(
        &format!("/urbi/progs/urp/solhome.sto?{name}"),
        page(
            &comune,
            "Sportello online",
            &[
                link(&format!("/urbi/progs/urp/ur1UR069.sto?{name}"), "Accedi ai servizi"),
                link(&format!("/urbi/progs/urp/ur1ME001.sto?{name}"), "Albo pretorio"),
            ]
            .concat(),
        ),
    );
    comune.site(site).site(urbi).site(portal)
}

fn openweb() -> Comune {
    let comune = Comune::new(126, "Vadofreddo", "bi", "Piemonte")
        .note(
            "OpenWeb on the tenant's host, the supplier's auth_hub behind it; payments below /portal/servizi/pagamenti",
        )
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let tenant = format!("{}.soluzionipa.it", comune.slug());
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            &login_link(&format!("https://{tenant}/openweb/login")),
            &format!("https://{tenant}/portal/servizi/pagamenti"),
            "",
        ),
    );
    let own = Site::new(&tenant)
        .redirect("/openweb/login", &format!("https://login.soluzionipa.it/auth_hub?c_id={}", comune.slug()))
        .page("/portal/servizi/pagamenti", page(&comune, "Pagamenti pagoPA", payment_form()));
    let hub = desk(&comune, "login.soluzionipa.it", "/auth_hub", "/auth_hub");
    comune.site(site).site(own).site(hub)
}

fn globo() -> Comune {
    let comune = Comune::new(127, "Cascinarada", "lc", "Lombardia")
        .note("the forms desk on a host of the comune's own, its login service and its page for payments")
        .depth(2, 2)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = comune.sub("sportellotelematico");
    let site = own_site(&comune).page(
        "/",
        home(
            &comune,
            "",
            &card(
                "Sportello telematico",
                "Istanze online.",
                &format!("https://{host}/"),
                "Vai allo sportello telematico",
            ),
        ),
    );
    let globo = desk(&comune, &host, "/auth-service/login", "/auth-service")
        .page(
            "/",
            page(
                &comune,
                "Sportello telematico",
                &[
                    link("/auth-service/login", "Accedi"),
                    link("/action:s_italia:pagare", "Pagare"),
                    link("/page:s_italia:guida", "Guida"),
                ]
                .concat(),
            ),
        )
        .page("/action:s_italia:pagare", page(&comune, "Pagare con pagoPA", payment_form()));
    comune.site(site).site(globo)
}

fn hypersic() -> Comune {
    let comune = Comune::new(128, "Ripadura", "ch", "Abruzzo")
        .note("Hypersic: a tenant portal known by a part of its path; the notice board on the same host is no login")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = "servizionline.hypersicapp.net";
    let base = format!("/cms{}/portale", comune.slug());
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            &login_link(&format!("https://{host}{base}/login.aspx")),
            &code,
            &link(&format!("https://{host}{base}/albopretorio/lista.aspx"), "Albo"),
        ),
    );
    let tenant = desk(&comune, host, &format!("{base}/login.aspx"), &base);
    comune.site(site).site(tenant).site(portal)
}

fn keycloak() -> Comune {
    let comune = Comune::new(129, "Pietrafolla", "cs", "Calabria")
        .note("Keycloak with the theme for SPID and CIE on a host of the comune's own: tabs and broker aliases")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = comune.sub("auth");
    let realm = "/realms/cittadini";
    let (code, portal) = coded_portal(&comune);
    let body = format!(
        r##"<ul><li><a id="spid-tab" href="#spid">SPID</a></li><li><a id="cie-tab" href="#cie">CIE</a></li></ul>
<div id="spid"><a href="{realm}/broker/spid-poste/login">Entra con SPID</a></div><div id="cie"><a data-cie-provider-alias="cie-1" href="{realm}/broker/cie-1/login">Entra con CIE</a></div>"##
    );
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            &login_link(&format!(
                "https://{host}{realm}/protocol/openid-connect/auth?client_id=sito&response_type=code"
            )),
            &code,
            "",
        ),
    );
    let issuer = format!("https://{host}{realm}");
    let keycloak = Site::new(&host)
        .page(&format!("{realm}/protocol/openid-connect/auth"), page(&comune, "Accesso", &body))
        .redirect(&format!("{realm}/broker/spid-poste/login"), &saml_redirect(PROVIDERS[3].3, &issuer, 2))
        .redirect(&format!("{realm}/broker/cie-1/login"), &saml_redirect(CIE_SAML, &issuer, 3));
    comune.site(site).site(keycloak).site(portal)
}

fn django() -> Comune {
    let comune = Comune::new(131, "Selvachiara", "pt", "Toscana")
        .note("Django relying party: SPID and CIE by profile, both through OpenID Connect or SAML of the comune's own host")
        .depth(2, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = comune.sub("servizi");
    let (code, portal) = coded_portal(&comune);
    let spid = "/spid/login/?idp=https%3A%2F%2Fposteid.poste.it";
    let cie = "/oidc/rp/authorization?provider=cie&profile=cie";
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, "", &code, &link("/servizi-online", "Servizi online")))
        .page(
            "/servizi-online",
            page(&comune, "Servizi online", &card("Area personale", "", &format!("https://{host}/accesso"), "Accedi")),
        );
    let issuer = format!("https://{host}");
    let django = Site::new(&host)
        .page(
            "/accesso",
            login_page(&comune, &link(spid, "Entra con SPID"), &link(&cie.replace('&', "&amp;"), "Entra con CIE")),
        )
        .redirect(spid, &saml_redirect(PROVIDERS[3].3, &issuer, 2))
        .redirect(cie, &cie_oidc(&format!("{issuer}/oidc/rp")));
    comune.site(site).site(django).site(portal)
}

fn kweb_host() -> Comune {
    let comune = Comune::new(135, "Marinabassa", "ce", "Campania")
        .note("a host called spid.comune... that serves ordinary pages: its name is no evidence, and no login is on it")
        .depth(0, 1)
        .expect(Undetermined("login-page-not-seen"), Undetermined("login-page-not-seen"), Found, APP_NOT_STATED);
    let host = comune.sub("spid");
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            "",
            &code,
            &link(&format!("https://{host}/kweb/sito/comune/uffici"), "Uffici e orari"),
        ),
    );
    let kweb = Site::new(&host)
        .page("/kweb/sito/comune/uffici", page(&comune, "Uffici", "<p>Gli uffici ricevono il martedì.</p>"));
    comune.site(site).site(kweb).site(portal)
}

fn unicum() -> Comune {
    let comune = Comune::new(136, "Terzolago", "no", "Piemonte")
        .note("a tax portal on the tenant's host, reached by `Accedi al portale` from the tax sheet")
        .depth(2, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = format!("{}.unicumdata.it", comune.slug());
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, "", &code, ""))
        .page(
            "/servizi",
            page(&comune, "Servizi", &card("Tributi", "La tua posizione.", "/servizi/tributi", "Tributi")),
        )
        .page(
            "/servizi/tributi",
            page(&comune, "Tributi", &link(&format!("https://{host}/portale"), "Accedi al portale")),
        );
    let tenant = desk(&comune, &host, "/portale", "/portale");
    comune.site(site).site(tenant).site(portal)
}

fn canteen() -> Comune {
    let comune = Comune::new(137, "Prataccio", "pi", "Toscana")
        .note("the canteen's portal is the only one: login and payments of the tenant live there")
        .depth(1, 2)
        .expect(Found, NotFound, Found, APP_NOT_STATED);
    let host = format!("{}.ecivis.it", comune.slug());
    let site = own_site(&comune).page(
        "/",
        home(
            &comune,
            "",
            &card(
                "Mensa scolastica",
                "Iscrizioni e pagamenti.",
                &format!("https://{host}/ECivisWEB/"),
                "Portale del cittadino",
            ),
        ),
    );
    let tenant = sign_on(Site::new(&host), "/opid/spid", "/opid/cie")
        .page(
            "/ECivisWEB/",
            login_page(
                &comune,
                &format!("{}{}", spid_button("/opid/spid"), link("/ECivisWEB/paga", "Pagamenti online")),
                "",
            ),
        )
        .page("/ECivisWEB/paga", page(&comune, "Pagamenti pagoPA", payment_form()));
    comune.site(site).site(tenant)
}

fn union_named() -> Comune {
    let comune = Comune::new(148, "Ronchetto", "ra", "Emilia-Romagna")
        .note(
            "the login link leads to the portal of the union of comuni, which names this comune by its code: it counts",
        )
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = "servizi.unionedeiquattro.ra.it";
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune).page(
        "/",
        home_with_payments(&comune, &login_link(&format!("https://{host}/accedi?ente={}", comune.ipa())), &code, ""),
    );
    let union = endpoints(Site::new(host)).page("/accedi", both(&comune));
    comune.site(site).site(union).site(portal)
}

fn union_unnamed() -> Comune {
    let comune = Comune::new(149, "Ronchino", "fc", "Emilia-Romagna")
        .note("a card leads to the portal of a union that names no comune at all: whose login it is cannot be told")
        .decoys()
        .depth(0, 1)
        .expect(Undetermined("tenant-unproven"), Undetermined("tenant-unproven"), Found, APP_NOT_STATED);
    let host = "portale.unionedeicinque.fc.it";
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune).page(
        "/",
        home_with_payments(
            &comune,
            "",
            &code,
            &card("Unione dei comuni", "Servizi associati.", &format!("https://{host}/login"), "Sportello telematico"),
        ),
    );
    let union = endpoints(Site::new(host)).page(
        "/login",
        bare("Unione dei comuni", &format!("{}{}", spid_button("/spid/login"), cie_button("/cie/login"))),
    );
    comune.site(site).site(union).site(portal)
}

fn pa_online() -> Comune {
    let comune = Comune::new(150, "Bosconero", "cn", "Piemonte")
        .note("the building desk is for professionals and is no citizen's login; the comune's own asks for a password")
        .depth(0, 1)
        .expect(NotFound, NotFound, Found, APP_NOT_STATED);
    let host = "hosting.pa-online.it";
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune)
        .page(
            "/",
            home_with_payments(
                &comune,
                &login_link("/accedi"),
                &code,
                &link(&format!("https://{host}/{}/", comune.istat()), "Sportello edilizia"),
            ),
        )
        .page("/accedi", super::markup::password_page(&comune, ""));
    let building = Site::new(host).page(
        &format!("/{}/", comune.istat()),
        bare("Sportello unico edilizia", "<p>Pratiche dei professionisti.</p>"),
    );
    comune.site(site).site(building).site(portal)
}

fn city_desk() -> Comune {
    let comune = Comune::new(151, "Granborgo", "me", "Sicilia")
        .note("an authentication server of the city's own under the name spid.comune...")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = comune.sub("spid");
    let (code, portal) = coded_portal(&comune);
    let site =
        own_site(&comune).page("/", home_with_payments(&comune, &login_link(&format!("https://{host}/")), &code, ""));
    let own = endpoints(Site::new(&host)).page("/", both(&comune));
    comune.site(site).site(own).site(portal)
}
