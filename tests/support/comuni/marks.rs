//! The marks of a login, one way at a time: old buttons and new ones, images, attributes with curly quotes, metadata.

use super::super::site::Site;
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, NotFound, Undetermined},
    kit::{both, coded_portal, home_with_payments, link, page},
    login::endpoints,
    markup::{PROVIDERS, card, cie_button, login_link, login_page, own_site, password_page},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        old_toolkit(),
        images_only(),
        curly_quotes(),
        logo_menu(),
        button_with_script(),
        federation_list(),
        four_clicks(),
        beside_an_old_notice(),
        two_doors(),
        smart_button(),
    ]
}

/// A comune with payments that are found, and this login page behind its header link.
fn with_login(comune: Comune, login: &str) -> Comune {
    let (code, portal) = coded_portal(&comune);
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &code, ""))
        .page("/accedi", login);
    comune.site(site).site(portal)
}

fn old_toolkit() -> Comune {
    let comune = Comune::new(152, "Anticolle", "fr", "Lazio")
        .note("the button of the older toolkit, with its menu of providers")
        .depth(1, 1)
        .expect(Found, NotFound, Found, APP_NOT_STATED);
    let list = PROVIDERS
        .map(|(_, name, entity, _)| {
            format!(
                "<li class=\"Spid-idp\"><a data-entityid=\"{entity}\" href=\"/spid/login?idp={entity}\">{name}</a></li>"
            )
        })
        .concat();
    let main =
        format!("<a class=\"Spid-button\" href=\"/spid/login\">Entra con SPID</a><ul class=\"Spid-menu\">{list}</ul>");
    let login = login_page(&comune, &main, "");
    with_login(comune, &login)
}

fn images_only() -> Comune {
    let comune = Comune::new(153, "Figurina", "li", "Toscana")
        .note("two pictures with a link, inline data and an alternative text: no word on the page")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let image = |alt: &str, href: &str| {
        format!("<a href=\"{href}\"><img src=\"data:image/png;base64,iVBORw0KGgo=\" alt=\"{alt}\"></a>")
    };
    let main = format!("{}{}", image("Entra con SPID", "/spid/login"), image("Entra con CIE", "/cie/login"));
    let login = page(&comune, "Area personale", &main);
    with_login(comune, &login)
}

fn curly_quotes() -> Comune {
    let comune = Comune::new(154, "Virgolino", "cr", "Lombardia")
        .note("the model's attribute between curly quotes, as in an official sample, on a link that says only `Entra`")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let header = "<a class=\"btn\" href=\"/identita\" data-element=”personal-area-login”>Entra</a>";
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, header, &code, ""))
        .page("/identita", both(&comune));
    comune.site(site).site(portal)
}

fn logo_menu() -> Comune {
    let comune = Comune::new(155, "Stemmario", "pc", "Emilia-Romagna")
        .note("a menu made of the providers' logos, each inside a link to the login, without the official classes")
        .depth(1, 1)
        .expect(Found, NotFound, Found, APP_NOT_STATED);
    let logos = PROVIDERS
        .map(|(short, name, ..)| {
            format!(
                "<a href=\"/spid/login?provider={short}\"><img src=\"/img/spid-idp-{short}.svg\" alt=\"{name}\"></a>"
            )
        })
        .concat();
    let login = page(&comune, "Accedi ai servizi", &format!("<p>Scegli il tuo gestore SPID.</p>{logos}"));
    with_login(comune, &login)
}

fn button_with_script() -> Comune {
    let comune = Comune::new(156, "Montescripto", "rn", "Emilia-Romagna")
        .note("a SPID button that only a script binds, and a CIE link that works: the one is not seen, the other is")
        .depth(1, 1)
        .expect(Undetermined("one-strong"), Found, Found, APP_NOT_STATED);
    let spid = r#"<button type="button" class="button-spid" onclick="apriSpid()">Entra con SPID</button><script src="/assets/accesso.js"></script>"#;
    let login = login_page(&comune, spid, &cie_button("/cie/login"));
    with_login(comune, &login)
}

fn federation_list() -> Comune {
    let comune = Comune::new(157, "Listaforte", "va", "Lombardia")
        .note("the post version of the official button: one form, one submit for each provider")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let submit = PROVIDERS
        .map(|(short, name, entity, _)| format!("<button type=\"submit\" class=\"idp-button-idp-logo\" name=\"idp\" value=\"{entity}\"><img src=\"/img/{short}.svg\" alt=\"{name}\"></button>"))
        .concat();
    let form = format!(
        "<form name=\"spid_idp_access\" action=\"/spid/login\" method=\"post\">{submit}</form>{}",
        link("/spid/login", "Continua")
    );
    let login = login_page(&comune, &form, &cie_button("/cie/login"));
    with_login(comune, &login)
}

fn four_clicks() -> Comune {
    let comune = Comune::new(158, "Quattropassi", "bl", "Veneto")
        .note("the login is four clicks away: services, an area, a sheet, then the button's page")
        .depth(4, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, "", &code, ""))
        .page("/servizi", page(&comune, "Servizi", &card("Scuola", "", "/servizi/scuola", "Scuola")))
        .page(
            "/servizi/scuola",
            page(&comune, "Scuola", &card("Nido", "", "/servizi/scuola/nido", "Iscrizione al nido")),
        )
        .page(
            "/servizi/scuola/nido",
            page(
                &comune,
                "Iscrizione al nido",
                "<a href=\"/domande/nido\" data-element=\"service-online-access\">Accedi al servizio</a>",
            ),
        )
        .page("/domande/nido", both(&comune));
    comune.site(site).site(portal)
}

fn beside_an_old_notice() -> Comune {
    let comune = Comune::new(159, "Vecchioavviso", "pu", "Marche")
        .note("an old piece of news says that SPID is not enabled yet; the login page has the official button, filled")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let site = endpoints(own_site(&comune))
        .page(
            "/",
            home_with_payments(
                &comune,
                &login_link("/accedi"),
                &code,
                &card("Avviso", "L'accesso con SPID non è ancora abilitato.", "/novita/avviso", "Leggi di più"),
            ),
        )
        .page("/accedi", both(&comune));
    comune.site(site).site(portal)
}

fn two_doors() -> Comune {
    let comune = Comune::new(160, "Dueporte", "vi", "Veneto")
        .note("the header's login asks for a password, the desk's login among the services offers SPID and CIE")
        .depth(2, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let desk = comune.sub("sportello");
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &code, ""))
        .page("/accedi", password_page(&comune, ""))
        .page(
            "/servizi",
            page(
                &comune,
                "Servizi",
                &card("Sportello", "Istanze.", &format!("https://{desk}/accesso"), "Sportello online del cittadino"),
            ),
        );
    let portal_desk = endpoints(Site::new(&desk)).page("/accesso", both(&comune));
    comune.site(site).site(portal_desk).site(portal)
}

fn smart_button() -> Comune {
    let comune = Comune::new(161, "Scaltra", "ta", "Puglia")
        .note("the smart button with its address and providers in the page's script; a real CIE link beside it")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let spid = r#"<div id="spid-button"></div><script src="/assets/spid-button.min.js"></script>
<script>SPID.init({ lang: 'it', selector: '#spid-button', method: 'GET', url: '/spid/login?idp={{idp}}', supported: ['https://posteid.poste.it', 'https://identity.infocert.it'] });</script>"#;
    let login = login_page(&comune, spid, &cie_button("/cie/login"));
    with_login(comune, &login)
}
