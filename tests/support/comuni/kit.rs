//! Pieces that many of the later comuni share: small pages, payments of the usual kinds, gateways.

use super::super::site::{Answer, Site};
use super::{
    Comune,
    markup::{
        CIE_SAML, PROVIDERS, card, cie_button, home, layout, login_page, payment_form, saml_redirect, spid_button,
    },
};

/// A page of the comune with this in its middle.
pub fn page(comune: &Comune, title: &str, main: &str) -> String {
    layout(comune, title, "", main, "")
}

/// A page of somebody else: no header, no footer, no code of the comune.
pub fn bare(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"it\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body>\n<h1>{title}</h1>\n{body}\n</body></html>"
    )
}

/// A plain link.
pub fn link(href: &str, label: &str) -> String {
    format!("<a href=\"{href}\">{label}</a>\n")
}

/// The home page with one more card for payments.
pub fn home_with_payments(comune: &Comune, header_right: &str, payments: &str, more: &str) -> String {
    let payments = card("Pagamenti", "Tributi, mensa e rette scolastiche.", payments, "Paga online");
    home(comune, header_right, &format!("{payments}{more}"))
}

/// A shared portal whose address carries the comune's fiscal code: its address, and its site.
pub fn coded_portal(comune: &Comune) -> (String, Site) {
    let target = format!("/POL_CitizenPortal/GEN_Default.aspx?idDominio={}", comune.fiscale());
    let site = Site::new("www.pagaonlinepa.it").page(&target, page(comune, "Portale dei pagamenti", payment_form()));
    (format!("https://www.pagaonlinepa.it{target}"), site)
}

/// A payment page where nothing is paid: read, and nothing there.
pub fn pay_at_the_desk(comune: &Comune) -> String {
    page(
        comune,
        "Pagamenti",
        "<p>I pagamenti si effettuano allo sportello dell'ufficio tributi, in contanti o con bonifico sul conto di tesoreria.</p>",
    )
}

/// A login page with both buttons on endpoints of the host itself.
pub fn both(comune: &Comune) -> String {
    login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login"))
}

/// The two endpoints of a host, under these paths.
pub fn sign_on(site: Site, spid: &str, cie: &str) -> Site {
    let issuer = format!("https://{}", site.host);
    let spid_to = saml_redirect(PROVIDERS[1].3, &issuer, 2);
    let cie_to = saml_redirect(CIE_SAML, &issuer, 3);
    site.redirect(spid, &spid_to).redirect(cie, &cie_to)
}

/// A script file.
pub fn script(code: &str) -> Answer {
    Answer::new(200, code).header("content-type", "text/javascript; charset=utf-8")
}

/// A JSON file.
pub fn json(text: &str) -> Answer {
    Answer::new(200, text).header("content-type", "application/json")
}
