//! Comuni that say something of the app IO on their site.

use super::{
    Comune,
    Expect::{Found, Mentioned, NotFound},
    NO_LOGIN_SEEN, NO_PAYMENT_SEEN,
    kit::{page, pay_at_the_desk},
    markup::{card, home, layout, login_link, own_site, password_page},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![service_list(), badges(), app_link(), named_services(), bodies_list()]
}

fn service_list() -> Comune {
    let comune = Comune::new(30, "Guadolungo", "ap", "Marche")
        .note("a page that lists the comune's services on the app, each with its link")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, Found);
    let service = |name: &str, id: &str| {
        format!(r#"<li><a href="https://continua.io.pagopa.it/services/service-detail?serviceId={id}">{name}</a></li>"#)
    };
    let list = [
        service("Avvisi TARI", "01PROVA0000000000000000001"),
        service("Scadenza della carta d'identità", "01PROVA0000000000000000002"),
        service("Mensa scolastica", "01PROVA0000000000000000003"),
    ]
    .concat();
    let site = own_site(&comune)
        .page(
            "/",
            home(
                &comune,
                "",
                &card("App IO", "I servizi del Comune nell'app IO.", "/servizi/app-io", "Servizi attivi su IO"),
            ),
        )
        .page(
            "/servizi/app-io",
            layout(
                &comune,
                "I servizi del Comune sull'app IO",
                "",
                &format!("<p>Attiva le notifiche del Comune di {} nell'app IO.</p><ul>{list}</ul>", comune.name),
                "",
            ),
        );
    comune.site(site)
}

fn badges() -> Comune {
    let comune = Comune::new(31, "Vignastella", "av", "Campania")
        .note("store badges in the footer and a piece of news: words only")
        .expect(NO_LOGIN_SEEN, NO_LOGIN_SEEN, NO_PAYMENT_SEEN, Mentioned);
    let badges = r#"<p>Scarica l'app IO: <a href="https://play.google.com/store/apps/details?id=it.pagopa.io.app">Android</a>
<a href="https://apps.apple.com/it/app/io/id1501681835">iPhone</a></p>"#;
    let site = own_site(&comune)
        .page(
            "/",
            home(
                &comune,
                "",
                &format!("{}{badges}", card("Novità", "Arriva l'app IO.", "/novita/app-io", "Leggi di più")),
            ),
        )
        .page(
            "/novita/app-io",
            layout(&comune, "Arriva l'app IO", "", "<p>L'app IO è l'app dei servizi pubblici.</p>", ""),
        );
    comune.site(site)
}

/// A comune whose login knows passwords only and whose payments are at the counter, with this page on the app.
fn with_app(comune: Comune, app: super::Expect, page_of_app: &str) -> Comune {
    let comune = comune.expect(NotFound, NotFound, NotFound, app);
    let cards = [
        card("Pagamenti", "", "/pagamenti", "Pagamenti"),
        card("App IO", "Il Comune nell'app.", "/servizi/app-io", "App IO"),
    ]
    .concat();
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), &cards))
        .page("/accedi", password_page(&comune, ""))
        .page("/pagamenti", pay_at_the_desk(&comune))
        .page("/servizi/app-io", page(&comune, "Il Comune sull'app IO", page_of_app));
    comune.site(site)
}

fn app_link() -> Comune {
    let comune =
        Comune::new(212, "Schermata", "ge", "Liguria").note("one service of the comune, linked into the app itself");
    let link = r#"<p>Avvisi di scadenza: <a href="ioit://services/service-detail?serviceId=01PROVA0000000000000000004">apri il servizio nell'app</a>.</p>"#;
    with_app(comune, Found, link)
}

fn named_services() -> Comune {
    let comune = Comune::new(213, "Elencata", "im", "Liguria")
        .note("a list of the comune's services that are active on the app, without links");
    let list = "<h2>Servizi attivi sull'app IO</h2><ul><li>Avvisi TARI</li><li>Scadenza della carta d'identità</li><li>Mensa scolastica</li></ul>";
    with_app(comune, Found, list)
}

fn bodies_list() -> Comune {
    let comune = Comune::new(214, "Vetrina", "sv", "Liguria")
        .note("what the app is, and a link to the list of all bodies: promotion, and no service of the comune");
    let text =
        "<p>IO è l'app dei servizi pubblici. <a href=\"https://io.italia.it/enti/\">Gli enti sull'app IO</a></p>";
    with_app(comune, Mentioned, text)
}
