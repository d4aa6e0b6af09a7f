//! Comuni that look as if they had a way in, and have none.

use super::super::site::Site;
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Mentioned, NotFound, Undetermined},
    NO_LOGIN_SEEN, NO_PAYMENT_SEEN,
    markup::{card, cie_button, filler, home, layout, login_link, login_page, own_site, password_page, spid_button},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        news_only(),
        dead_control(),
        hidden_markup(),
        staff_login(),
        other_bodies(),
        test_environment(),
        the_document(),
        substrings(),
        not_enabled(),
        logo_strip(),
        help_page(),
    ]
}

fn news_only() -> Comune {
    let comune = Comune::new(40, "Acquatersa", "mb", "Lombardia")
        .note("news on SPID and CIE and the page on the recovery plan's measures")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = own_site(&comune)
        .page(
            "/",
            home(
                &comune,
                "",
                &[
                    card("Servizi online solo con SPID", "Dal 1° ottobre.", "/novita/solo-spid", "Leggi di più"),
                    card("PNRR", "Attuazione delle misure.", "/pnrr", "Attuazione misure PNRR"),
                ]
                .concat(),
            ),
        )
        .page(
            "/novita/solo-spid",
            layout(
                &comune,
                "Dal 1° ottobre solo con SPID e CIE",
                "",
                r#"<p>Per i servizi digitali della pubblica amministrazione serve SPID o CIE. <a href="https://www.spid.gov.it/richiedi-spid">Richiedi SPID</a>, per esempio con <a href="https://posteid.poste.it">Poste ID</a>.</p>"#,
                "",
            ),
        )
        .page(
            "/pnrr",
            layout(
                &comune,
                "Attuazione misure PNRR",
                "",
                "<ul><li>1.4.3 Adozione piattaforma pagoPA e app IO</li><li>1.4.4 Estensione dell'utilizzo di SPID CIE</li></ul>",
                "",
            ),
        );
    comune.site(site)
}

fn dead_control() -> Comune {
    let comune = Comune::new(41, "Ventomuto", "is", "Molise")
        .note("the theme's login link is # and its texts name SPID and CIE")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let main = format!("{}<p>Hai un'identità digitale SPID o CIE? <a href=\"#\">Accedi</a></p>", filler());
    let site = own_site(&comune).page("/", layout(&comune, "Benvenuti", &login_link("#"), &main, ""));
    comune.site(site)
}

fn hidden_markup() -> Comune {
    let comune = Comune::new(42, "Sassolieve", "cb", "Molise")
        .note("whole buttons in a comment and in a template; the login page asks for a password")
        .expect(NotFound, NotFound, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let buttons = format!("{}{}", spid_button("/spid/login"), cie_button("/cie/login"));
    let hidden = format!("<!-- {buttons} --><template id=\"accessi\">{buttons}</template>");
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), &hidden))
        .page("/accedi", password_page(&comune, &hidden));
    comune.site(site)
}

fn staff_login() -> Comune {
    let comune = Comune::new(43, "Boscoquadro", "pz", "Basilicata")
        .note("the login link leads to the editors' door of WordPress")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/wp-admin"), ""))
        .redirect("/wp-admin", "/wp-login.php")
        .page(
            "/wp-login.php",
            r#"<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Accedi &lsaquo; WordPress</title></head><body class="login"><form name="loginform" id="loginform" action="/wp-login.php" method="post"><input name="log"><input type="password" name="pwd"><input type="submit" value="Accedi"></form></body></html>"#,
        );
    comune.site(site)
}

fn other_bodies() -> Comune {
    let comune = Comune::new(44, "Rivamansa", "kr", "Calabria")
        .decoys()
        .note("the only logins are those of other bodies: chambers of commerce, social security, health record")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = own_site(&comune).page(
        "/",
        home(
            &comune,
            "",
            &[
                card(
                    "Sportello imprese",
                    "Accedi con SPID al portale delle Camere di Commercio.",
                    &format!("https://www.impresainungiorno.gov.it/comune?codCatastale={}", comune.catastale()),
                    "Vai al SUAP",
                ),
                card("INPS", "Accedi con SPID o CIE a MyINPS.", "https://www.inps.it/", "Vai al sito INPS"),
            ]
            .concat(),
        ),
    );
    let chambers = Site::new("www.impresainungiorno.gov.it").page(
        "/comune",
        r#"<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Impresa in un giorno</title></head><body><h1>Sportello unico</h1><a href="/spid/login">Entra con SPID</a> <a href="/cie/login">Entra con CIE</a></body></html>"#,
    );
    let pensions = Site::new("www.inps.it")
        .page("/", "<!doctype html><html lang=it><title>INPS</title><a href='/spid'>Entra con SPID</a></html>");
    comune.site(site).site(super::login::endpoints(chambers)).site(pensions)
}

fn test_environment() -> Comune {
    let comune = Comune::new(45, "Cimadaspide", "sa", "Campania")
        .note("the login page knows the demonstration provider and the pre-production of CIE only")
        .expect(Undetermined("test-environment"), Undetermined("test-environment"), NO_PAYMENT_SEEN, APP_NOT_STATED);
    let list = r#"<li class="spid-idp-button-link" data-idp="https://demo.spid.gov.it"><a href="/spid/login?idp=https%3A%2F%2Fdemo.spid.gov.it"><span class="spid-sr-only">Demo</span></a></li>"#;
    let host = comune.host();
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), ""))
        .page("/accedi", login_page(&comune, &super::markup::spid_menu(list, ""), &cie_button("/cie/login")))
        .redirect(
            "/spid/login",
            &super::markup::saml_redirect("https://demo.spid.gov.it/samlsso", &format!("https://{host}"), 2),
        )
        .redirect(
            "/cie/login",
            &super::markup::saml_redirect(
                "https://preproduzione.idserver.servizicie.interno.gov.it/idp/profile/SAML2/Redirect/SSO",
                &format!("https://{host}"),
                2,
            ),
        );
    comune.site(site)
}

fn the_document() -> Comune {
    let comune = Comune::new(46, "Pontefermo", "vv", "Calabria")
        .note("CIE is the card that the office issues, with its booking; the login page asks for a password")
        .expect(NotFound, Mentioned, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = own_site(&comune)
        .page(
            "/",
            home(&comune, &login_link("/accedi"), &card("Carta d'identità elettronica (CIE)", "Rilascio e rinnovo.", "/servizi/cie", "Prenota CIE")),
        )
        .page(
            "/servizi/cie",
            layout(
                &comune,
                "Rilascio della carta d'identità elettronica (CIE)",
                "",
                r#"<p>CIE Open Day ogni primo sabato del mese.</p><a class="btn btn-primary" href="https://www.prenotazionicie.interno.gov.it/">Prenota CIE</a>
<p>Con la CIE puoi accedere ai servizi di altre amministrazioni: <a href="https://www.cartaidentita.interno.gov.it/">Scopri come</a>.</p>"#,
                "",
            ),
        )
        .page("/accedi", password_page(&comune, ""));
    comune.site(site)
}

fn substrings() -> Comune {
    let comune = Comune::new(47, "Stradalunga", "lt", "Lazio")
        .note("Roccadaspide, spider, via Appia, Appiano, specie: letters that only look like names of platforms")
        .expect(NotFound, NotFound, NO_PAYMENT_SEEN, NotFound);
    let text = "<p>Gemellaggio con Roccadaspide e con Appiano Gentile. Cantiere in via Appia: il ponte e le specie protette. \
        La ditta Spider efficientemente porta io credo l'app. Via Appio Claudio resta chiusa; superficie e società.</p>";
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), text))
        .page("/accedi", password_page(&comune, text));
    comune.site(site)
}

fn not_enabled() -> Comune {
    let comune = Comune::new(48, "Casenuvola", "pe", "Abruzzo")
        .note("the login page says that SPID and CIE are not enabled")
        .expect(Mentioned, Mentioned, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let note =
        "<p>L'accesso con SPID non è abilitato su questo portale. L'accesso con CIE è in fase di attivazione.</p>";
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), ""))
        .page("/accedi", password_page(&comune, note));
    comune.site(site)
}

fn logo_strip() -> Comune {
    let comune = Comune::new(49, "Oltrefosso", "te", "Abruzzo")
        .note("a strip of logos in the footer, none of them a link; the login page asks for a password")
        .expect(Mentioned, Mentioned, NO_PAYMENT_SEEN, Mentioned);
    let logos = r#"<div class="loghi"><img src="/loghi/spid-ico-circle-bb.svg" alt="SPID"><img src="/loghi/cie.svg" alt="CIE"><img src="/loghi/pagopa.svg" alt="pagoPA"><img src="/loghi/io.svg" alt="App IO"></div>"#;
    let site = own_site(&comune)
        .page("/", layout(&comune, "Benvenuti", &login_link("/accedi"), &filler(), logos))
        .page("/accedi", password_page(&comune, ""));
    comune.site(site)
}

fn help_page() -> Comune {
    let comune = Comune::new(50, "Colledicarta", "nu", "Sardegna")
        .note("a help page on how to get SPID links the providers; the service sheet names SPID and CIE as what is needed")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = own_site(&comune)
        .page("/", home(&comune, "", &card("Identità digitale", "Come ottenere SPID.", "/servizi/spid", "Come ottenere SPID")))
        .page(
            "/servizi/spid",
            layout(
                &comune,
                "Come ottenere SPID",
                "",
                r#"<p>Lo sportello ti aiuta a ottenere SPID.</p><h2>Cosa serve</h2><p>Documento e tessera sanitaria; per altri enti SPID, CIE o CNS.</p>
<ul><li><a href="https://id.lepida.it/idm/app/registrazione.jsp">Lepida ID</a></li><li><a href="https://posteid.poste.it">Poste ID</a></li></ul>"#,
                "",
            ),
        );
    comune.site(site)
}
