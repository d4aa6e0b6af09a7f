//! Comuni whose home page is read and whose way in is not: a fault on the login, on the payments or on their portals.
//! What could not be read stays unknown, with the fault as the reason.

use super::super::site::{Answer, Site, TlsFault};
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, NotFound, Undetermined},
    kit::{both, home_with_payments, link, page, pay_at_the_desk},
    login::endpoints,
    markup::{card, home, login_link, own_site, password_page, payment_form},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        blocked_login(),
        portal_in_maintenance(),
        portal_forbids_robots(),
        expired_portal(),
        payments_forbidden(),
        empty_answer(),
        challenge_on_login(),
        soft_404_login(),
        cut_login(),
    ]
}

/// A comune with payments at the counter and a login behind this host or path.
fn behind(comune: Comune, login: &str, reason: &'static str) -> (Comune, Site) {
    let comune = comune.expect(Undetermined(reason), Undetermined(reason), NotFound, APP_NOT_STATED).decoys();
    let site = endpoints(own_site(&comune))
        .page("/", home(&comune, &login_link(login), &card("Pagamenti", "", "/pagamenti", "Pagamenti")))
        .page("/pagamenti", pay_at_the_desk(&comune));
    (comune, site)
}

fn blocked_login() -> Comune {
    let comune = Comune::new(190, "Barricata", "im", "Liguria").note("a firewall answers in place of the login page");
    let (comune, site) = behind(comune, "/accedi", "blocked");
    let page = "<!doctype html><html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 987654321</body></html>";
    comune.site(site.answer("/accedi", Answer::html(page).status(403)))
}

fn portal_in_maintenance() -> Comune {
    let comune = Comune::new(191, "Cantierina", "pr", "Emilia-Romagna")
        .note("the login's host says that it is under maintenance");
    let host = comune.sub("servizi");
    let (comune, site) = behind(comune, &format!("https://{host}/login"), "maintenance");
    let page = "<!doctype html><html lang=it><head><meta charset=utf-8><title>Portale in manutenzione</title></head><body><h1>Portale in manutenzione</h1><p>Torneremo presto online.</p></body></html>";
    comune.site(site).site(Site::new(&host).otherwise(Answer::html(page).status(503)))
}

fn portal_forbids_robots() -> Comune {
    let comune =
        Comune::new(192, "Vietata", "fr", "Lazio").note("the shared host of the login forbids robots everything");
    let host = "www.halleyweb.com";
    let target = format!("/c{}/portale/login", comune.istat());
    let (comune, site) = behind(comune, &format!("https://{host}{target}"), "robots-denied");
    let shared = Site::new(host).robots("User-agent: *\nDisallow: /\n").page(&target, both(&comune));
    comune.site(site).site(shared)
}

fn expired_portal() -> Comune {
    let comune =
        Comune::new(193, "Scadutella", "mi", "Lombardia").note("the certificate of the login's host is past its end");
    let host = comune.sub("login");
    let (comune, site) = behind(comune, &format!("https://{host}/"), "tls-expired");
    let portal = Site::new(&host).tls(TlsFault::Expired).page("/", both(&comune));
    comune.site(site).site(portal)
}

fn payments_forbidden() -> Comune {
    let comune = Comune::new(194, "Cassachiusa", "ag", "Sicilia")
        .note("the login is read and found; the payment host answers 403")
        .decoys()
        .depth(1, 0)
        .expect(Found, Found, Undetermined("forbidden"), APP_NOT_STATED);
    let host = comune.sub("pagamenti");
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &format!("https://{host}/"), ""))
        .page("/accedi", both(&comune));
    let portal = Site::new(&host).otherwise(Answer::html(page(&comune, "Pagamenti", payment_form())).status(403));
    comune.site(site).site(portal)
}

fn empty_answer() -> Comune {
    let comune = Comune::new(195, "Muterella", "lt", "Lazio").note("the login page answers 200 with nothing in it");
    let (comune, site) = behind(comune, "/accedi", "blocked");
    comune.site(site.answer("/accedi", Answer::html("")))
}

fn challenge_on_login() -> Comune {
    let comune = Comune::new(196, "Sfidata", "sp", "Liguria").note("the login's host asks for a browser check");
    let host = comune.sub("servizi");
    let (comune, site) = behind(comune, &format!("https://{host}/"), "challenge");
    let page = r#"<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing the site</h1><noscript>Enable JavaScript and cookies to continue</noscript><script>window._cf_chl_opt={cType:'managed'};</script></body></html>"#;
    comune.site(site).site(Site::new(&host).otherwise(Answer::html(page).header("server", "cloudflare")))
}

fn soft_404_login() -> Comune {
    let comune = Comune::new(197, "Fantasmina", "nu", "Sardegna")
        .note("the header's login answers 200 with `Pagina non trovata`: a dead link; the desk's login is elsewhere, and asks for a password");
    let comune = comune.expect(NotFound, NotFound, NotFound, APP_NOT_STATED);
    let more = format!(
        "{}{}",
        card("Pagamenti", "", "/pagamenti", "Pagamenti"),
        link("/sportello", "Sportello online del cittadino")
    );
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), &more))
        .page("/pagamenti", pay_at_the_desk(&comune))
        .page("/accedi", page(&comune, "Pagina non trovata", "<p>La pagina che cerchi non esiste.</p>"))
        .page("/sportello", password_page(&comune, ""));
    comune.site(site)
}

fn cut_login() -> Comune {
    let comune =
        Comune::new(198, "Mezzapagina", "br", "Puglia").note("the connection breaks half-way through the login page");
    let (comune, site) = behind(comune, "/accedi", "cut");
    let long = password_page(&comune, &"<p>Istruzioni per l'accesso ai servizi del Comune.</p>".repeat(200));
    comune.site(site.answer("/accedi", Answer::html(long).cut_after(3_000)))
}
