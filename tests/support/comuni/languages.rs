//! Comuni of the regions with two languages or three: labels in German, French, Ladin and Slovene, and logins that
//! exist in one language version only.

use super::super::site::Site;
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, NotFound},
    NO_LOGIN_SEEN,
    kit::{coded_portal, link, page, sign_on},
    login::endpoints,
    markup::{cie_button, own_site, payment_form, spid_button},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![comunix(), german_only(), ladin(), aosta(), slovene(), italian_on_slovene()]
}

fn foreign(language: &str, title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body>\n{body}\n</body></html>"
    )
}

/// The province's payment portal with the comune's code on its page.
fn epays(comune: &Comune, language: &str, label: &str) -> Site {
    let form = payment_form();
    let body = format!("<h1>{label}</h1><p>ePayS: Gemeinde {}, {}. pagoPA.</p>{form}", comune.name, comune.fiscale());
    Site::new(&format!("{language}.epays.it")).page("/", foreign(language, "ePayS", &body))
}

fn comunix() -> Comune {
    let comune = Comune::new(115, "Tresselva", "bz", "Trentino-Alto Adige")
        .note("Comunix: the German start page with a login page whose hidden frame belongs to the SPID service; the province's payments")
        .depth(1, 1)
        .expect(Found, NotFound, Found, APP_NOT_STATED);
    let frame = "https://spid.comunix.bz.it/Municipality/0f0f0f0f-0000-4000-8000-000000000115";
    let home = format!(
        "<header><a href=\"/de/anmeldung\" data-element=\"personal-area-login\">Persönlicher Bereich</a></header><h1>Gemeinde {}</h1><a href=\"https://de.epays.it/\">Zahlungen</a><footer>Steuernummer {}</footer>",
        comune.name,
        comune.fiscale()
    );
    let login = format!(
        "<h1>Anmeldung</h1>{}<iframe src=\"{frame}\" style=\"display:none\"></iframe>",
        spid_button("/spid/login").replace("Entra con SPID", "Loggen Sie mit SPID")
    );
    let site = endpoints(own_site(&comune))
        .redirect("/", "/de/")
        .page("/de/", foreign("de", "Gemeinde Tresselva", &home))
        .page("/de/anmeldung", foreign("de", "Anmeldung", &login));
    let service = Site::new("spid.comunix.bz.it")
        .page("/Municipality/0f0f0f0f-0000-4000-8000-000000000115", foreign("de", "SPID", "<p>Gemeinde</p>"));
    let payments = epays(&comune, "de", "Zahlungen");
    comune.site(site).site(service).site(payments)
}

fn german_only() -> Comune {
    let comune = Comune::new(117, "Kaltebach", "bz", "Trentino-Alto Adige")
        .note("the Italian start page has no way in; the German version, named only as an alternate, has both")
        .depth(2, 2)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let italian =
        "<link rel=\"alternate\" hreflang=\"de\" href=\"/de/\"><link rel=\"alternate\" hreflang=\"it\" href=\"/\">";
    let start =
        foreign("it", "Comune di Kaltebach", "<h1>Comune di Kaltebach</h1><p>Benvenuti nel sito del Comune.</p>")
            .replace("</head>", &format!("{italian}</head>"));
    let german = "<h1>Gemeinde Kaltebach</h1><a href=\"/de/anmeldung\">Anmelden</a> <a href=\"https://de.epays.it/\">Online-Zahlungen</a>";
    let login = format!(
        "<h1>Anmeldung</h1>{}<a href=\"/cie/login\">Loggen Sie sich mit CIE ein</a>",
        spid_button("/spid/login").replace("Entra con SPID", "Loggen Sie mit SPID")
    );
    let site = endpoints(Site::new(&comune.host()))
        .page("/", start)
        .page("/de/", foreign("de", "Gemeinde Kaltebach", german))
        .page("/de/anmeldung", foreign("de", "Anmeldung", &login));
    let payments = epays(&comune, "de", "Zahlungen");
    comune.site(site).site(payments)
}

fn ladin() -> Comune {
    let comune = Comune::new(143, "Valbona", "bz", "Trentino-Alto Adige")
        .note("Ladin labels: payments only, no link to any login")
        .depth(0, 1)
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, Found, APP_NOT_STATED);
    let start = "<h1>Comun de Valbona</h1><nav><a href=\"/la/sorvisc\">Sorvisc</a> <a href=\"https://it.epays.it/\">Paiamënc</a></nav>";
    let site = Site::new(&comune.host())
        .page("/", foreign("lld", "Comun de Valbona", start))
        .page("/la/sorvisc", foreign("lld", "Sorvisc", "<h1>Sorvisc</h1><p>I ufizi é daverc.</p>"));
    let payments = epays(&comune, "it", "Paiamënc");
    comune.site(site).site(payments)
}

fn aosta() -> Comune {
    let comune = Comune::new(145, "Champneuf", "ao", "Valle d'Aosta")
        .note("French labels for login and payments; the region's payment portal")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let start = "<header><a href=\"/fr/connexion\">Accéder à l'espace personnel</a></header><h1>Commune de Champneuf</h1><a href=\"https://it.riscossione.regione.vda.it/ente\">Paiements en ligne</a>";
    let login = "<h1>Espace personnel</h1><a class=\"btn\" href=\"/spid/login\">Se connecter avec SPID</a> <a class=\"btn\" href=\"/cie/login\">Se connecter avec la CIE</a>";
    let site = endpoints(Site::new(&comune.host()))
        .page("/", foreign("fr", "Commune de Champneuf", start))
        .page("/fr/connexion", foreign("fr", "Espace personnel", login));
    let text = format!("<h1>Paiements</h1><p>Ente: {} pagoPA</p>{}", comune.fiscale(), payment_form());
    let payments = Site::new("it.riscossione.regione.vda.it").page("/ente", foreign("fr", "Paiements", &text));
    comune.site(site).site(payments)
}

fn slovene() -> Comune {
    let comune = Comune::new(146, "Lipovica", "ts", "Friuli Venezia Giulia")
        .note("Slovene labels, SPID alone on the login page")
        .depth(1, 1)
        .expect(Found, NotFound, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let start = format!(
        "<header><a href=\"/sl/prijava\">Osebni prostor</a></header><h1>Občina Lipovica</h1>{}",
        link(&code, "Plačila")
    );
    let login = "<h1>Prijava</h1><a class=\"btn\" href=\"/spid/login\">Vstop s SPID</a>";
    let site = endpoints(Site::new(&comune.host()))
        .page("/", foreign("sl", "Občina Lipovica", &start))
        .page("/sl/prijava", foreign("sl", "Prijava", login));
    comune.site(site).site(portal)
}

fn italian_on_slovene() -> Comune {
    let comune = Comune::new(147, "Doberlava", "go", "Friuli Venezia Giulia")
        .note("a page in Slovene with Italian labels, and the region's gateway one redirect away")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let start = format!(
        "<header><a href=\"/prijava\" data-element=\"personal-area-login\">Accedi all'area personale</a></header><h1>Občina Doberlava</h1>{}",
        link(&code, "Pagamenti")
    );
    let entry = "/oauth2/authorize?client_id=doberlava";
    let site = Site::new(&comune.host())
        .page("/", foreign("sl", "Občina Doberlava", &start))
        .redirect("/prijava", &format!("https://is.regione.fvg.it{entry}"));
    let region = sign_on(Site::new("is.regione.fvg.it"), "/spid", "/cie")
        .page(entry, page(&comune, "Scegli come entrare", &format!("{}{}", spid_button("/spid"), cie_button("/cie"))));
    comune.site(site).site(region).site(portal)
}
