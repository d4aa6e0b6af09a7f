//! Ways to pay and what looks like one: portals by code, sessions of the national checkout, tiles, badges, defaults.
//! The login of these comuni is a page that knows passwords only, so that each site can be decided as a whole.

use super::super::site::Site;
use super::{
    APP_NOT_STATED, Comune,
    Expect::{self, Found, Mentioned, NotFound, Undetermined},
    kit::{bare, link, page, pay_at_the_desk},
    markup::{card, home, layout, login_link, own_site, password_page, payment_form},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        solution_pa(),
        pm_pay_domain(),
        entranext(),
        checkout_session(),
        generic_checkout(),
        default_checkout(),
        desk_only(),
        unnamed_form(),
        govpay(),
        demo_portal(),
        pay_by_sheet(),
        behind_a_login(),
        old_gateway(),
    ]
}

/// A comune whose login is read and has neither SPID nor CIE, and whose home page has `more`.
fn paying(comune: Comune, payment: Expect, depth: u8, more: &str) -> (Comune, Site) {
    let comune = comune.depth(0, depth).expect(NotFound, NotFound, payment, APP_NOT_STATED);
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), more))
        .page("/accedi", password_page(&comune, ""));
    (comune, site)
}

fn pay(href: &str) -> String {
    card("Pagamenti", "Avvisi e pagamenti spontanei.", href, "Paga online")
}

fn solution_pa() -> Comune {
    let comune =
        Comune::new(139, "Aurisina", "sv", "Liguria").note("SolutionPA with the comune's fiscal code as idDominioPA");
    let target = format!("/IntermediarioPaPortalFe/pagamenti?idDominioPA={}", comune.fiscale());
    let (comune, site) = paying(comune, Found, 1, &pay(&format!("https://solutionpa.intesasanpaolo.com{target}")));
    let portal = Site::new("solutionpa.intesasanpaolo.com").page(&target, bare("Pagamenti pagoPA", payment_form()));
    comune.site(site).site(portal)
}

fn pm_pay_domain() -> Comune {
    let comune = Comune::new(140, "Poggiorsino", "lt", "Lazio")
        .note("pmPay: the tenant's portal two clicks away, below the comune's page of payments");
    let (comune, site) = paying(comune, Found, 2, &pay("/pagamenti"));
    let portal =
        Site::new("secure.pmpay.it").page("/pmPortal/PA940/", page(&comune, "Portale dei pagamenti", payment_form()));
    let site = site.page(
        "/pagamenti",
        page(&comune, "Pagamenti", &link("https://secure.pmpay.it/pmPortal/PA940/", "Vai al pagamento")),
    );
    comune.site(site).site(portal)
}

fn entranext() -> Comune {
    let comune = Comune::new(138, "Nextorio", "bg", "Lombardia")
        .note("EntraNext: a tax portal on the tenant's host that names pagoPA on its form");
    let host = format!("portale-{}.entranext.it", comune.slug());
    let (comune, site) = paying(comune, Found, 1, &pay(&format!("https://{host}/")));
    // Such portals have logins; the form is none, and what is behind the portal's menu nobody reads.
    let comune = comune.expect(Undetermined("left-unread"), Undetermined("left-unread"), Found, APP_NOT_STATED);
    let portal = Site::new(&host).page("/", page(&comune, "Portale dei tributi pagoPA", payment_form()));
    comune.site(site).site(portal)
}

fn checkout_session() -> Comune {
    let comune = Comune::new(162, "Casciago", "mi", "Lombardia")
        .note("`Paga ora` answers with a redirect to a payment session of the national checkout, three clicks deep");
    let (comune, site) = paying(comune, Found, 3, &card("Tributi", "Scadenze.", "/servizi/tributi", "Tributi online"));
    let site = site
        .page("/servizi/tributi", page(&comune, "Tributi online", &link("/pagamenti", "Pagamenti")))
        .page(
            "/pagamenti",
            page(
                &comune,
                "Pagamenti",
                &format!("<p>Paga con pagoPA.</p>{}", link("/pagamenti/avvia?causale=tari", "Paga ora")),
            ),
        )
        .redirect("/pagamenti/avvia", "https://checkout.pagopa.it/c/0f0f0f0f0f0f0f0f");
    comune.site(site)
}

fn generic_checkout() -> Comune {
    let comune = Comune::new(163, "Mezzavia", "an", "Marche")
        .note("a link to the national checkout's front door, which takes anybody's notice: named, and no way of the comune's own");
    let (comune, site) = paying(comune, Mentioned, 0, &pay("/pagamenti"));
    let site = site.page(
        "/pagamenti",
        page(&comune, "Pagamenti", "<p>Gli avvisi si pagano in banca o in posta. Gli avvisi di qualunque ente si pagano anche <a href=\"https://checkout.pagopa.it/\">sul sito nazionale di pagoPA</a>.</p>"),
    );
    comune.decoys().site(site)
}

fn default_checkout() -> Comune {
    let comune = Comune::new(164, "Predefinita", "tn", "Trentino-Alto Adige")
        .note("the product's default checkout address stands in the page's configuration; the page of payments names no platform");
    let default = "<script>window.OC_CHECKOUT_URL='https://api.stanzadelcittadino.it/pagopa/checkout';</script>";
    let (comune, site) = paying(comune, NotFound, 0, &format!("{}{default}", pay("/pagamenti")));
    let desk = pay_at_the_desk(&comune);
    comune.site(site.page("/pagamenti", desk))
}

fn desk_only() -> Comune {
    let comune = Comune::new(165, "Contantini", "ri", "Lazio")
        .note("the page of payments sends to the counter: nothing is paid online");
    let (comune, site) = paying(comune, NotFound, 0, &pay("/pagamenti"));
    let desk = pay_at_the_desk(&comune);
    comune.site(site.page("/pagamenti", desk))
}

fn unnamed_form() -> Comune {
    let comune = Comune::new(166, "Senzanome", "al", "Piemonte")
        .note("a form for payments on the comune's site that names no platform: it proves neither way");
    let (comune, site) = paying(comune, Undetermined("platform-not-named"), 0, &pay("/pagamenti"));
    let form = r#"<form action="/pagamenti/avvia" method="post"><label>Importo <input name="importo"></label><label>Causale <input name="causale"></label><button type="submit">Continua</button></form>"#;
    let form = page(&comune, "Pagamenti", form);
    comune.site(site.page("/pagamenti", form))
}

fn govpay() -> Comune {
    let comune = Comune::new(167, "Guidonera", "pe", "Abruzzo")
        .note("a payment front end whose guide says that login with SPID/CIE is not enabled there; the login link is the editors'");
    let host = comune.sub("pagopa");
    let comune = comune.depth(0, 1).expect(
        Undetermined("login-page-not-seen"),
        Undetermined("login-page-not-seen"),
        Found,
        APP_NOT_STATED,
    );
    let site = own_site(&comune).page(
        "/",
        layout(
            &comune,
            "Benvenuti",
            "",
            &pay(&format!("https://{host}/")),
            "<a href=\"/wp-admin\">Accesso redazione</a>",
        ),
    );
    let front = Site::new(&host)
        .page("/", page(&comune, "Pagamenti pagoPA", &format!("{}<a href=\"/guida\">Guida</a>", payment_form())))
        .page("/guida", page(&comune, "Guida", "<p>L'accesso con SPID/CIE non è abilitato.</p>"));
    comune.site(site).site(front)
}

fn demo_portal() -> Comune {
    let comune = Comune::new(168, "Collaudina", "no", "Piemonte")
        .note("the payments lead to the supplier's acceptance environment");
    let host = "comune.integrazione.plugandpay.it";
    let (comune, site) = paying(comune, Undetermined("test-environment"), 0, &pay(&format!("https://{host}/")));
    let portal = Site::new(host).page("/", bare("Benvenuto nel portale dei pagamenti", payment_form()));
    comune.decoys().site(site).site(portal)
}

fn pay_by_sheet() -> Comune {
    let comune = Comune::new(169, "Schedabella", "so", "Lombardia")
        .note("the model's service sheet `Pagamento ...` with its button in onclick, from the list of services");
    let code = format!("https://cittadino.plugandpay.it/C_{}", comune.catastale());
    let (comune, site) = paying(comune, Found, 3, "");
    let sheet = format!(
        "<h2>Accedi al servizio</h2><button type=\"button\" onclick=\"location.href='{code}'\" data-element=\"service-online-access\">Paga</button>"
    );
    let site = site
        .page(
            "/servizi",
            page(
                &comune,
                "Servizi",
                "<h3><a href=\"/servizi/pagamento-mensa\" data-element=\"service-link\">Pagamento mensa</a></h3>",
            ),
        )
        .page("/servizi/pagamento-mensa", page(&comune, "Pagamento mensa", &sheet));
    let portal = Site::new("cittadino.plugandpay.it").page(
        &format!("/C_{}", comune.catastale()),
        page(&comune, "Benvenuto nel portale dei pagamenti", payment_form()),
    );
    comune.site(site).site(portal)
}

fn behind_a_login() -> Comune {
    let comune = Comune::new(170, "Portachiusa", "tr", "Umbria")
        .note("the link for payments goes to an identity provider: what is behind the login was not read")
        .decoys();
    let comune = comune.depth(1, 0).expect(Found, NotFound, Undetermined("provider-redirect"), APP_NOT_STATED);
    let issuer = format!("https://{}", comune.host());
    let request = super::markup::saml_redirect(super::markup::PROVIDERS[3].3, &issuer, 2);
    let login = super::markup::login_page(&comune, &super::markup::spid_button("/spid/login"), "");
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), &pay("/pagamenti")))
        .page("/accedi", login)
        .redirect("/spid/login", &request)
        .redirect("/pagamenti", &request);
    comune.site(site)
}

fn old_gateway() -> Comune {
    let comune = Comune::new(171, "Dismessa", "pz", "Basilicata")
        .note("the link for payments leads to the retired national gateway, which has nothing there any more");
    let (comune, site) = paying(comune, Undetermined("payment-page-not-seen"), 0, &pay("https://wisp2.pagopa.gov.it/"));
    comune.decoys().site(site).site(Site::new("wisp2.pagopa.gov.it"))
}
