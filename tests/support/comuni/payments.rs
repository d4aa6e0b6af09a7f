//! Comuni that show their way to pay, or seem to.

use super::super::site::Site;
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, Undetermined},
    NO_LOGIN_SEEN, NO_PAYMENT_SEEN,
    markup::{card, filler, home, layout, own_site, payment_form},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![fiscal_code(), tenant_host(), own_host(), someone_else(), badge_only(), test_checkout(), sheet_only()]
}

fn pay(href: &str) -> String {
    card("Pagamenti online", "Paga gli avvisi e i servizi del Comune.", href, "Paga online")
}

fn fiscal_code() -> Comune {
    let comune = Comune::new(20, "Campovuoto", "pv", "Lombardia")
        .depth(0, 1)
        .note("a shared portal with the comune's own fiscal code in its address")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, Found, APP_NOT_STATED);
    let portal = Site::new("www.pagaonlinepa.it").page(
        &format!("/POL_CitizenPortal/GEN_Default.aspx?idDominio={}", comune.fiscale()),
        layout(&comune, "Portale dei pagamenti", "", payment_form(), ""),
    );
    let link = format!("https://www.pagaonlinepa.it/POL_CitizenPortal/GEN_Default.aspx?idDominio={}", comune.fiscale());
    let site = own_site(&comune).page("/", home(&comune, "", &pay(&link)));
    comune.site(site).site(portal)
}

fn tenant_host() -> Comune {
    let comune = Comune::new(21, "Torrestorta", "fe", "Emilia-Romagna")
        .depth(0, 2)
        .note("a portal with a host of the comune's own at the supplier, one page away")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, Found, APP_NOT_STATED);
    let host = format!("{}.comune.plugandpay.it", comune.slug());
    let site = own_site(&comune)
        .page("/", home(&comune, "", &card("Tributi", "Scadenze e pagamenti.", "/servizi/tributi", "Tributi online")))
        .page("/servizi/tributi", layout(&comune, "Tributi", "", &pay(&format!("https://{host}/")), ""));
    let portal =
        Site::new(&host).page("/", layout(&comune, "Benvenuto nel portale dei pagamenti", "", payment_form(), ""));
    comune.site(site).site(portal)
}

fn own_host() -> Comune {
    let comune = Comune::new(22, "Isolamuta", "cr", "Lombardia")
        .depth(0, 1)
        .note("a payment host of the comune's own, with the form for a notice code")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, Found, APP_NOT_STATED);
    let host = comune.sub("pagamenti");
    let site = own_site(&comune).page("/", home(&comune, "", &pay(&format!("https://{host}/it/payments"))));
    let portal = Site::new(&host).page(
        "/it/payments",
        layout(&comune, "Pagamenti pagoPA", "", &format!("<p>Paga tramite pagoPA.</p>{}", payment_form()), ""),
    );
    comune.site(site).site(portal)
}

fn someone_else() -> Comune {
    let comune = Comune::new(23, "Pietralenta", "lo", "Lombardia")
        .decoys()
        .note("the portal's address carries the fiscal code of another body")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, Undetermined("tenant-unproven"), APP_NOT_STATED);
    let other = Comune::new(98, "Altrove", "lo", "Lombardia");
    let link = format!("https://www.pagaonlinepa.it/POL_CitizenPortal/GEN_Default.aspx?idDominio={}", other.fiscale());
    let portal = Site::new("www.pagaonlinepa.it").page(
        &format!("/POL_CitizenPortal/GEN_Default.aspx?idDominio={}", other.fiscale()),
        layout(&other, "Portale dei pagamenti", "", payment_form(), ""),
    );
    let site = own_site(&comune).page("/", home(&comune, "", &pay(&link)));
    comune.site(site).site(portal)
}

fn badge_only() -> Comune {
    let comune = Comune::new(24, "Fossachiara", "ro", "Veneto")
        .note(
            "the badge in the footer, a logo without a link, and the transparency page on IBAN and electronic payments",
        )
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let badge =
        r#"<div class="badge-pagopa"><img src="/assets/integrato-con-pagopa.svg" alt="Integrato con pagoPA"></div>"#;
    let site = own_site(&comune)
        .page(
            "/",
            layout(
                &comune,
                "Benvenuti",
                "",
                &format!("{}<img src=\"/assets/pagopa.svg\" alt=\"pagoPA\">", filler()),
                badge,
            ),
        )
        .page(
            "/amministrazione-trasparente",
            layout(
                &comune,
                "Amministrazione trasparente",
                "",
                &card(
                    "Pagamenti dell'amministrazione",
                    "",
                    "/amministrazione-trasparente/iban",
                    "IBAN e pagamenti informatici",
                ),
                badge,
            ),
        )
        .page(
            "/amministrazione-trasparente/iban",
            layout(
                &comune,
                "IBAN e pagamenti informatici",
                "",
                "<p>Conto di tesoreria del Comune. Il Comune aderisce a pagoPA.</p>",
                badge,
            ),
        );
    comune.site(site)
}

fn test_checkout() -> Comune {
    let comune = Comune::new(25, "Belriposo", "bs", "Lombardia")
        .note("the payment link leads to the acceptance environment of the national checkout")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, Undetermined("test-environment"), APP_NOT_STATED);
    let site = own_site(&comune)
        .page("/", home(&comune, "", &card("Pagamenti", "", "/pagamenti", "Pagamenti")))
        .page("/pagamenti", layout(&comune, "Pagamenti", "", &pay("https://uat.checkout.pagopa.it/c/prova"), ""));
    comune.site(site)
}

fn sheet_only() -> Comune {
    let comune = Comune::new(26, "Casalombra", "vc", "Piemonte")
        .note("service sheets explain how pagoPA notices are paid at the bank; nothing is paid on the site")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = own_site(&comune)
        .page("/", home(&comune, "", &card("Tributi", "TARI e IMU.", "/servizi/tari", "TARI")))
        .page(
            "/servizi/tari",
            layout(
                &comune,
                "Tassa rifiuti (TARI)",
                "",
                "<h2>Come si paga</h2><p>Con l'avviso pagoPA allegato: in banca, in posta, in tabaccheria o con l'home banking.</p>",
                "",
            ),
        );
    comune.site(site)
}
