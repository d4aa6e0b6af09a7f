//! Comuni that say something of the app IO on their site.

use super::{
    Comune,
    Expect::{Found, Mentioned},
    NO_LOGIN_SEEN, NO_PAYMENT_SEEN,
    markup::{card, home, layout, own_site},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![service_list(), badges()]
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
