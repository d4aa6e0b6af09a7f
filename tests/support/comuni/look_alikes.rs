//! More comuni that look as if they had a way in: other bodies, tests, hidden parts, dictionaries of scripts, advice.
//! Their payments are read and are at the counter, so that each site can be decided as a whole.

use super::super::site::{Answer, Site};
use super::{
    APP_NOT_STATED, Comune,
    Expect::{self, Mentioned, NotFound, Undetermined},
    kit::{bare, link, page, pay_at_the_desk},
    login::endpoints,
    markup::{
        card, cie_button, cie_oidc, home, layout, login_link, own_site, password_page, saml_redirect, spid_button,
        spid_menu,
    },
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        other_portals(),
        other_tenant(),
        local_testenv(),
        cie_preproduction(),
        supplier_test(),
        test_next_to_nothing(),
        dictionary(),
        logged_in_header(),
        hidden_buttons(),
        disabled_buttons(),
        advice_on_the_card(),
        eidas_and_cns(),
        booking_words(),
        retired_login(),
        circular_to_home(),
        notice_board_only(),
        saturnweb(),
        municipal_app(),
    ]
}

/// A comune with a page of payments at the counter, this home page and this login page.
fn pretender(comune: Comune, expect: Expect, more: &str, login: &str) -> (Comune, Site) {
    let comune = comune.expect(expect, expect, NotFound, APP_NOT_STATED);
    let more = format!("{}{more}", card("Pagamenti", "", "/pagamenti", "Pagamenti"));
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), &more))
        .page("/pagamenti", pay_at_the_desk(&comune))
        .page("/accedi", login);
    (comune, site)
}

fn other_portals() -> Comune {
    let comune = Comune::new(172, "Altrefonti", "cz", "Calabria")
        .note("logins of the notification platform, of the civil service and of the health record, and a password login of its own");
    let cards = [
        card(
            "SEND",
            "Accedi con SPID o CIE per leggere le notifiche.",
            "https://cittadini.notifichedigitali.it/",
            "Accedi con SPID",
        ),
        card("Servizio civile", "Domande online.", "https://domandaonline.serviziocivile.it/", "Accedi con SPID"),
        card(
            "Fascicolo sanitario",
            "I tuoi referti.",
            "https://www.fascicolosanitario.gov.it/",
            "Entra con SPID o CIE",
        ),
    ]
    .concat();
    let login = password_page(&comune, "");
    let (comune, site) = pretender(comune, Mentioned, &cards, &login);
    let foreign = |host: &str| {
        Site::new(host)
            .page("/", bare("Accesso", &format!("{}{}", spid_button("/spid/login"), cie_button("/cie/login"))))
    };
    comune
        .decoys()
        .site(site)
        .site(endpoints(foreign("cittadini.notifichedigitali.it")))
        .site(endpoints(foreign("domandaonline.serviziocivile.it")))
        .site(endpoints(foreign("www.fascicolosanitario.gov.it")))
}

fn other_tenant() -> Comune {
    let comune = Comune::new(173, "Gemellina", "at", "Piemonte")
        .note("the tax portal's address carries the cadastral code of another comune: a copied link");
    let other = Comune::new(974, "Gemellaltra", "at", "Piemonte");
    let host = "www.servizipubblicaamministrazione.it";
    let target = format!("/servizi/portalecontribuente/LoginPNRR.aspx?CodCat={}&ACCESSO=C", other.catastale());
    let tile = link(&format!("https://{host}{}", target.replace('&', "&amp;")), "Portale del contribuente");
    let login = password_page(&comune, "");
    let (comune, site) = pretender(comune, Undetermined("tenant-unproven"), &tile, &login);
    let portal = endpoints(Site::new(host))
        .page(&target, page(&other, "Accesso", &format!("{}{}", spid_button("/spid/login"), cie_button("/cie/login"))));
    comune.decoys().site(site).site(portal)
}

fn local_testenv() -> Comune {
    let comune = Comune::new(174, "Ambienteprova", "si", "Toscana")
        .note("the SPID list has the validator alone, and the CIE button leads to the federation's example provider");
    let list = r#"<li class="spid-idp-button-link" data-idp="https://validator.spid.gov.it"><a href="/spid/login?idp=https%3A%2F%2Fvalidator.spid.gov.it"><span>Validator</span></a></li>"#;
    let issuer = format!("https://{}", comune.host());
    let login = page(&comune, "Accedi", &format!("{}{}", spid_menu(list, ""), cie_button("/cie/login")));
    let (comune, site) = pretender(comune, Undetermined("test-environment"), "", &login);
    let site =
        site.redirect("/spid/login", &saml_redirect("https://validator.spid.gov.it/samlsso", &issuer, 2)).redirect(
            "/cie/login",
            &saml_redirect(
                "https://collaudo.idserver.servizicie.interno.gov.it/idp/profile/SAML2/Redirect/SSO",
                &issuer,
                2,
            ),
        );
    comune.decoys().site(site)
}

fn cie_preproduction() -> Comune {
    let comune = Comune::new(175, "Preprodotta", "te", "Abruzzo")
        .note("CIE leads to the pre-production of its OpenID provider; SPID is not on the page");
    let login = page(&comune, "Accedi", &format!("<h2>Identità digitale</h2>{}", cie_button("/oidc/cie")));
    let (comune, site) = pretender(comune, Undetermined("test-environment"), "", &login);
    let comune = comune.expect(NotFound, Undetermined("test-environment"), NotFound, APP_NOT_STATED);
    let site = site.redirect("/oidc/cie", &cie_oidc("https://prova").replace("//oidc.", "//preproduzione.oidc."));
    comune.decoys().site(site)
}

fn supplier_test() -> Comune {
    let comune =
        Comune::new(176, "Partenzaprova", "no", "Piemonte").note("the header's login leads to the supplier's test hub");
    let comune =
        comune.expect(Undetermined("test-environment"), Undetermined("test-environment"), NotFound, APP_NOT_STATED);
    let host = "starttest.soluzionipa.it";
    let site = own_site(&comune)
        .page(
            "/",
            home(
                &comune,
                &login_link(&format!("https://{host}/auth_hub?c_id={}", comune.slug())),
                &card("Pagamenti", "", "/pagamenti", "Pagamenti"),
            ),
        )
        .page("/pagamenti", pay_at_the_desk(&comune));
    let hub = endpoints(Site::new(host))
        .page("/auth_hub", bare("Accesso", &format!("{}{}", spid_button("/spid/login"), cie_button("/cie/login"))));
    comune.decoys().site(site).site(hub)
}

fn test_next_to_nothing() -> Comune {
    let comune = Comune::new(177, "Dimostrina", "cb", "Molise")
        .note("the smart button with extra providers only, as its own instructions show it for tests");
    let main = r#"<div id="spid-button"></div><script src="/assets/spid-button.min.js"></script>
<script>SPID.init({ selector: '#spid-button', url: '/spid/login?idp={{idp}}', supported: [], extraProviders: [{ "entityID": "https://localhost:8443", "entityName": "SPID-saml-check" }] });</script>"#;
    let login = page(&comune, "Accedi", main);
    let (comune, site) = pretender(comune, Undetermined("test-environment"), "", &login);
    let comune = comune.expect(Undetermined("test-environment"), NotFound, NotFound, APP_NOT_STATED);
    comune.decoys().site(site)
}

fn dictionary() -> Comune {
    let comune = Comune::new(178, "Dizionaria", "pv", "Lombardia")
        .note("the button's style sheet on every page, and a dictionary in a script that knows `Entra con SPID`; a password login");
    let dictionary = r#"<link rel="stylesheet" href="/assets/spid-sp-access-button.min.css"><script>window.testi = {"login.spid": "Entra con SPID", "login.cie": "Entra con CIE", "pay": "Paga con pagoPA"};</script>"#;
    let login = password_page(&comune, dictionary);
    let (comune, site) = pretender(comune, NotFound, dictionary, &login);
    comune.decoys().site(site)
}

fn logged_in_header() -> Comune {
    let comune = Comune::new(179, "Scrivania", "ap", "Marche")
        .note("a script holds the header of whoever has logged in, `Entra con SPID` included, and writes none of it");
    let script = r#"<script>var scrivania = "<a href='/spid/login'>Entra con SPID</a><a href='/esci'>Esci</a><a href='/scrivania'>La mia scrivania</a>"; if (window.utente) { document.getElementById("u").innerHTML = scrivania; }</script><div id="u"></div>"#;
    let login = password_page(&comune, "");
    let (comune, site) = pretender(comune, NotFound, script, &login);
    comune.decoys().site(site)
}

fn hidden_buttons() -> Comune {
    let comune = Comune::new(180, "Celata", "lo", "Lombardia")
        .note("both buttons inside a hidden part of the password login: prepared, and not shown to anybody");
    let hidden = r##"<div style="display:none"><a href="#" class="button-spid">Entra con SPID</a><a href="#"><img src="/assets/entra_con_cie.svg" alt="Entra con CIE"></a></div>"##;
    let login = password_page(&comune, hidden);
    let (comune, site) = pretender(comune, Mentioned, "", &login);
    comune.decoys().site(site)
}

fn disabled_buttons() -> Comune {
    let comune = Comune::new(181, "Spentella", "cn", "Piemonte").note("two disabled buttons on a password login");
    let buttons = r#"<button type="button" class="btn" disabled>Entra con SPID</button> <button type="button" class="btn" disabled>Entra con CIE</button>"#;
    let login = password_page(&comune, buttons);
    let (comune, site) = pretender(comune, Mentioned, "", &login);
    comune.decoys().site(site)
}

fn advice_on_the_card() -> Comune {
    let comune = Comune::new(182, "Cartanuova", "tn", "Trentino-Alto Adige")
        .note("the sheet of the identity card explains what `Entra con CIE` is elsewhere, and links the ministry");
    let login = password_page(&comune, "");
    let sheet = card("Carta d'identità elettronica", "Rilascio e uso.", "/servizi/carta-identita", "Scopri di più");
    let (comune, site) = pretender(comune, NotFound, &sheet, &login);
    let comune = comune.expect(NotFound, Mentioned, NotFound, APP_NOT_STATED);
    let text = r#"<p>Sui siti che lo prevedono scegli "Entra con CIE" e usa il PIN. <a href="https://www.cartaidentita.interno.gov.it/">Il sito del Ministero</a></p>"#;
    let sheet = page(&comune, "Carta d'identità elettronica", text);
    comune.decoys().site(site.page("/servizi/carta-identita", sheet))
}

fn eidas_and_cns() -> Comune {
    let comune = Comune::new(183, "Europina", "ud", "Friuli Venezia Giulia")
        .note("the login offers the regional card and eIDAS: neither is SPID or CIE");
    let issuer = format!("https://{}", comune.host());
    let main = "<a class=\"btn\" href=\"/eidas\">Login with eIDAS</a> <a class=\"btn\" href=\"/cns\">Entra con CNS / TS-CNS</a>";
    let login = password_page(&comune, main);
    let (comune, site) = pretender(comune, NotFound, "", &login);
    let site = site
        .redirect("/eidas", &saml_redirect("https://sp-proxy.eid.gov.it/spproxy/samlsso", &issuer, 2))
        .page("/cns", page(&comune, "CNS", "<p>Inserisci la carta nel lettore.</p>"));
    comune.site(site)
}

fn booking_words() -> Comune {
    let comune = Comune::new(184, "Prenotina", "mb", "Lombardia").note(
        "the theme's sentence `Hai un'identità digitale SPID o CIE? Accedi` with a link to itself; a password login",
    );
    let login = password_page(&comune, "");
    let words = card("Assistenza", "Prenota o chiedi aiuto.", "/assistenza", "Richiedi assistenza");
    let (comune, site) = pretender(
        comune,
        Mentioned,
        &format!("{words}<p>Hai un'identità digitale SPID o CIE? <a href=\"#\">Accedi</a></p>"),
        &login,
    );
    let text =
        page(&comune, "Richiedi assistenza", "<p>Hai un'identità digitale SPID o CIE? <a href=\"#\">Accedi</a></p>");
    comune.site(site.page("/assistenza", text))
}

fn retired_login() -> Comune {
    let comune = Comune::new(185, "Chiusasempre", "is", "Molise")
        .note("the header's login is gone (404): behind a dead link there is nothing, and no other login was seen");
    let comune = comune.expect(
        Undetermined("login-page-not-seen"),
        Undetermined("login-page-not-seen"),
        NotFound,
        APP_NOT_STATED,
    );
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), &card("Pagamenti", "", "/pagamenti", "Pagamenti")))
        .page("/pagamenti", pay_at_the_desk(&comune));
    comune.site(site)
}

fn circular_to_home() -> Comune {
    let comune = Comune::new(186, "Tornacasa", "rc", "Calabria")
        .note("the header's login sends back to the home page, as retired services do");
    let comune = comune.expect(
        Undetermined("login-page-not-seen"),
        Undetermined("login-page-not-seen"),
        NotFound,
        APP_NOT_STATED,
    );
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), &card("Pagamenti", "", "/pagamenti", "Pagamenti")))
        .page("/pagamenti", pay_at_the_desk(&comune))
        .redirect("/accedi", "/");
    comune.site(site)
}

fn notice_board_only() -> Comune {
    let comune = Comune::new(187, "Albina", "rm", "Lazio")
        .note("the supplier's host carries the notice board and transparency alone, whose titles speak of payments");
    let comune = comune.expect(
        Undetermined("login-page-not-seen"),
        Undetermined("login-page-not-seen"),
        Undetermined("payment-page-not-seen"),
        APP_NOT_STATED,
    );
    let host = format!("{}.trasparenza-valutazione-merito.it", comune.slug());
    let footer = format!(
        "{}{}",
        link(&format!("https://{host}/web/trasparenza/iban"), "IBAN e pagamenti informatici"),
        link(&format!("https://{host}/web/trasparenza/albo"), "Albo pretorio")
    );
    let site = own_site(&comune).page("/", layout(&comune, "Benvenuti", "", "<p>Un paese.</p>", &footer));
    let board = Site::new(&host)
        .page("/web/trasparenza/iban", bare("IBAN e pagamenti informatici", "<p>Conto di tesoreria.</p>"));
    comune.site(site).site(board)
}

fn saturnweb() -> Comune {
    let comune = Comune::new(188, "Saturnia", "cn", "Piemonte")
        .note("the shared host's notice board of this tenant, and no login of this tenant on it");
    let host = "www.servizipubblicaamministrazione.it";
    let login = password_page(&comune, "");
    let board = link(&format!("https://{host}/servizi/saturnweb/Home.aspx?CE=strna"), "Albo pretorio online");
    let (comune, site) = pretender(comune, NotFound, &board, &login);
    let shared = Site::new(host)
        .answer("/servizi/saturnweb/Home.aspx", Answer::html(bare("Albo", "<p>Atti in pubblicazione.</p>")));
    comune.site(site).site(shared)
}

fn municipal_app() -> Comune {
    let comune = Comune::new(189, "Appiano", "bg", "Lombardia")
        .note("the municipal app of a supplier, a street and a province that end in io: none of them is the app IO");
    let login = password_page(&comune, "");
    let text = "<p>Scarica l'app del Comune: <a href=\"https://www.municipiumapp.it\">Municipium</a>. Via Appia, io ci sono; l'app iO Cittadino non esiste più.</p>";
    let (comune, site) = pretender(comune, NotFound, text, &login);
    let comune = comune.expect(NotFound, NotFound, NotFound, NotFound);
    comune.site(site)
}
