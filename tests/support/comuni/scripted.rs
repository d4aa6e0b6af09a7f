//! Comuni whose truth shows only when scripts run, and comuni of which running scripts shows nothing more. Each has two
//! truths: what a plain reader can know, and what a browser shows. The scripts are real and small, and need nothing but
//! their own host.

use super::super::site::{Answer, Site};
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, Mentioned, NotFound, Undetermined},
    kit::{both, coded_portal, home_with_payments, json, page, script},
    login::endpoints,
    markup::{PROVIDERS, filler, home, layout, login_link, own_site, password_page},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        drawn_home(),
        fetched_buttons(),
        payment_shell(),
        written_header(),
        shadow_button(),
        identity_cards(),
        drawn_without_a_way_in(),
        endless_script(),
        silent_script(),
        drawn_and_hidden(),
        many_scripts(),
        late_login(),
    ]
}

/// What a plain reader knows of a login that only a script draws.
const UNDRAWN: super::Expect = Undetermined("needs-browser");
/// Drawn in vain: the script does not end, or draws nothing.
const TIMED_OUT: super::Expect = Undetermined("render-timeout");
const EMPTY: super::Expect = Undetermined("render-empty");

/// A page that is empty until its script runs.
fn shell(comune: &Comune, title: &str, source: &str) -> String {
    format!(
        "<!doctype html><html lang=\"it\"><head><meta charset=\"utf-8\"><title>{title} - Comune di {}</title></head><body><div id=\"app\"></div><script src=\"{source}\"></script></body></html>",
        comune.name
    )
}

/// The inside of a page's body, as a text of JavaScript.
fn quoted(html: &str) -> String {
    let body = html.split("<body>").nth(1).unwrap_or(html).split("</body>").next().unwrap_or_default();
    let plain = body.split("<script").next().unwrap_or_default();
    serde_json::to_string(plain).unwrap()
}

fn drawn_home() -> Comune {
    let comune = Comune::new(201, "Tuttoscript", "ud", "Friuli Venezia Giulia")
        .note("an empty home page that a script draws; the login page behind it is plain")
        .depth(1, 1)
        .hidden_by("needs-browser")
        .rendered(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let drawn = quoted(&home_with_payments(&comune, &login_link("/accedi"), &code, ""));
    let code = format!("document.getElementById('app').innerHTML = {drawn};");
    let site = endpoints(own_site(&comune))
        .page("/", shell(&comune, "Benvenuti", "/app.js"))
        .answer("/app.js", script(&code))
        .page("/accedi", both(&comune));
    comune.site(site).site(portal)
}

fn fetched_buttons() -> Comune {
    let comune = Comune::new(202, "Caricabella", "mo", "Emilia-Romagna")
        .note(
            "a plain home page; the login's buttons are drawn by a script that fetches the providers from its own host",
        )
        .depth(1, 1)
        .expect(UNDRAWN, UNDRAWN, Found, APP_NOT_STATED)
        .rendered(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let list: Vec<String> = PROVIDERS
        .iter()
        .map(|(short, name, entity, _)| format!("{{\"id\":\"{short}\",\"nome\":\"{name}\",\"entityID\":\"{entity}\"}}"))
        .collect();
    let providers = format!("{{\"spid\":[{}],\"cie\":\"/cie/login\"}}", list.join(","));
    let code_js = r##"fetch('/api/providers.json').then(function (risposta) { return risposta.json(); }).then(function (dati) {
  var voci = dati.spid.map(function (idp) {
    return '<li class="spid-idp-button-link" data-idp="' + idp.entityID + '"><a href="/spid/login?idp=' + encodeURIComponent(idp.entityID) + '">' + idp.nome + '</a></li>';
  }).join('');
  document.getElementById('metodi').innerHTML =
    '<a href="#" class="italia-it-button button-spid" spid-idp-button="#elenco">Entra con SPID</a>' +
    '<div id="elenco"><ul class="spid-idp-button-menu">' + voci + '</ul></div>' +
    '<a class="btn" href="' + dati.cie + '">Entra con CIE</a>';
});"##;
    let login = page(
        &comune,
        "Area personale",
        "<p>Scegli come vuoi entrare.</p><div id=\"metodi\"></div><script src=\"/assets/metodi.js\"></script>",
    );
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &code, ""))
        .page("/accedi", login)
        .answer("/assets/metodi.js", script(code_js))
        .answer("/api/providers.json", json(&providers));
    comune.site(site).site(portal)
}

fn payment_shell() -> Comune {
    let comune = Comune::new(203, "Conchigliara", "cn", "Piemonte")
        .note("the payments are an application on a supplier's host, empty without scripts, which then draws a form")
        .depth(1, 1)
        .expect(Found, Found, UNDRAWN, APP_NOT_STATED)
        .rendered(Found, Found, Found, APP_NOT_STATED);
    let host = "pagamentinlombardia.servizirl.it";
    let address = format!("https://{host}/pa/home.html?ente={}", comune.slug());
    let shell = "<!doctype html><html lang=\"it\"><head><meta charset=\"utf-8\"><title>Cittadino</title><base href=\"/pa/\"></head><body><app-root></app-root><script src=\"main.js\" type=\"module\"></script></body></html>";
    let text = format!(
        "<h1>Portale dei pagamenti pagoPA</h1><p>Ente creditore: Comune di {}, codice fiscale {}.</p>{}",
        comune.name,
        comune.fiscale(),
        super::markup::payment_form()
    );
    let main = format!("document.querySelector('app-root').innerHTML = {};", serde_json::to_string(&text).unwrap());
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &address, ""))
        .page("/accedi", both(&comune));
    let portal = Site::new(host).page("/pa/home.html", shell).answer("/pa/main.js", script(&main));
    comune.site(site).site(portal)
}

fn written_header() -> Comune {
    let comune = Comune::new(204, "Testascritta", "mc", "Marche")
        .note("the home page is there, but its header, login link included, is written by a script file")
        .depth(1, 1)
        .expect(Undetermined("login-page-not-seen"), Undetermined("login-page-not-seen"), Found, APP_NOT_STATED)
        .rendered(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let link = serde_json::to_string(&login_link("/accedi")).unwrap();
    let code_js = format!("var testata = {link};\ndocument.getElementById('zona-utente').innerHTML = testata;\n");
    let header = "<div id=\"zona-utente\"></div>";
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, header, &code, "<script src=\"/assets/testata.js\"></script>"))
        .answer("/assets/testata.js", script(&code_js))
        .page("/accedi", both(&comune));
    comune.site(site).site(portal)
}

fn shadow_button() -> Comune {
    let comune = Comune::new(205, "Ombrafitta", "pd", "Veneto")
        .note("a custom element holds both buttons in its shadow tree")
        .depth(1, 1)
        .expect(UNDRAWN, UNDRAWN, Found, APP_NOT_STATED)
        .rendered(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let code_js = r#"customElements.define('accesso-digitale', class extends HTMLElement {
  connectedCallback() {
    this.attachShadow({ mode: 'open' }).innerHTML =
      '<a class="btn" href="/spid/login">Entra con SPID</a> <a class="btn" href="/cie/login">Entra con CIE</a>';
  }
});"#;
    let login = page(
        &comune,
        "Area personale",
        "<accesso-digitale></accesso-digitale><script src=\"/assets/elementi.js\"></script>",
    );
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &code, ""))
        .page("/accedi", login)
        .answer("/assets/elementi.js", script(code_js));
    comune.site(site).site(portal)
}

fn identity_cards() -> Comune {
    let comune = Comune::new(130, "Cartellina", "vt", "Lazio")
        .note("IAM Proxy: the page of choice draws its cards by a script that reads a configuration")
        .depth(1, 1)
        .expect(Undetermined("scripted-control"), Undetermined("scripted-control"), Found, APP_NOT_STATED)
        .rendered(Found, Found, Found, APP_NOT_STATED);
    let gate = comune.sub("proxy");
    let (code, portal) = coded_portal(&comune);
    let code_js = r#"fetch('/static/config/cards.json').then(function (r) { return r.json(); }).then(function (cards) {
  document.getElementById('cards').innerHTML = cards.map(function (card) {
    return '<div class="card"><a class="btn" href="' + card.href + '">Entra con ' + card.name + '</a></div>';
  }).join('');
});"#;
    let disco = "<!doctype html><html lang=\"it\"><head><meta charset=\"utf-8\"><title>IAM Proxy Italia</title></head><body><header><p>Comune</p></header><main><h1>Scegli la tua identità digitale</h1><div id=\"cards\"></div></main><script src=\"/static/js/eid-cards-loader.js\"></script></body></html>";
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &code, ""))
        .redirect("/accedi", &format!("https://{gate}/Saml2/disco?entityID=https%3A%2F%2Fsito"));
    let proxy = endpoints(Site::new(&gate))
        .redirect("/Saml2/disco", "/static/disco.html")
        .page("/static/disco.html", disco)
        .answer("/static/js/eid-cards-loader.js", script(code_js))
        .answer(
            "/static/config/cards.json",
            json(r#"[{"name":"SPID","href":"/spid/login"},{"name":"CIE","href":"/cie/login"}]"#),
        );
    comune.site(site).site(proxy).site(portal)
}

fn drawn_without_a_way_in() -> Comune {
    let comune = Comune::new(206, "Vuotella", "go", "Friuli Venezia Giulia")
        .note(
            "a script draws the home page and the login page, which knows passwords only, and payments at the counter",
        )
        .hidden_by("needs-browser")
        .rendered(NotFound, NotFound, NotFound, APP_NOT_STATED);
    let more = super::markup::card("Pagamenti", "", "/pagamenti", "Pagamenti");
    let drawn = quoted(&home(&comune, &login_link("/accedi"), &more));
    let login = quoted(&password_page(&comune, ""));
    let code =
        format!("document.getElementById('app').innerHTML = location.pathname === '/accedi' ? {login} : {drawn};");
    let site = own_site(&comune)
        .page("/", shell(&comune, "Benvenuti", "/app.js"))
        .page("/accedi", shell(&comune, "Accedi", "/app.js"))
        .page("/pagamenti", super::kit::pay_at_the_desk(&comune))
        .answer("/app.js", script(&code));
    comune.site(site)
}

fn endless_script() -> Comune {
    let comune = Comune::new(207, "Girotondo", "pn", "Friuli Venezia Giulia")
        .note("the script of the empty home page never ends")
        .hidden_by("needs-browser")
        .rendered(TIMED_OUT, TIMED_OUT, TIMED_OUT, TIMED_OUT);
    let site = own_site(&comune)
        .page("/", shell(&comune, "Benvenuti", "/app.js"))
        .answer("/app.js", script("var n = 0; for (;;) { n += 1; }"));
    comune.site(site)
}

fn silent_script() -> Comune {
    let comune = Comune::new(208, "Silenziosa", "ts", "Friuli Venezia Giulia")
        .note("the script of the empty home page ends and draws nothing")
        .hidden_by("needs-browser")
        .rendered(EMPTY, EMPTY, EMPTY, EMPTY);
    let site = own_site(&comune)
        .page("/", shell(&comune, "Benvenuti", "/app.js"))
        .answer("/app.js", script("window.pronto = true;"));
    comune.site(site)
}

fn drawn_and_hidden() -> Comune {
    let comune = Comune::new(209, "Velata", "tv", "Veneto")
        .note("a script draws a password login and a SPID button that a style sheet hides; its address is dead")
        .expect(UNDRAWN, UNDRAWN, NotFound, APP_NOT_STATED)
        .rendered(Mentioned, NotFound, NotFound, APP_NOT_STATED)
        .decoys();
    let form = quoted(&password_page(
        &comune,
        "<div class=\"in-arrivo\"><a class=\"btn\" href=\"/spid/login\">Entra con SPID</a></div>",
    ));
    let login = shell(&comune, "Accedi", "/accedi.js")
        .replace("</head>", "<link rel=\"stylesheet\" href=\"/accedi.css\"></head>");
    let style = Answer::new(200, ".in-arrivo { display: none }").header("content-type", "text/css");
    let more = super::markup::card("Pagamenti", "", "/pagamenti", "Pagamenti");
    let site = own_site(&comune)
        .page("/", home(&comune, &login_link("/accedi"), &more))
        .page("/accedi", login)
        .page("/pagamenti", super::kit::pay_at_the_desk(&comune))
        .answer("/accedi.css", style)
        .answer("/accedi.js", script(&format!("document.getElementById('app').innerHTML = {form};")));
    comune.site(site)
}

fn many_scripts() -> Comune {
    let comune = Comune::new(210, "Tantiscript", "rm", "Lazio")
        .note("plain pages with a dozen scripts each: everything is there without a browser, and none is needed")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let scripts = (1..=12).map(|n| format!("<script src=\"/assets/modulo{n}.js\" defer></script>")).collect::<String>();
    let inline = "<script>window.dataLayer = window.dataLayer || []; function traccia() { dataLayer.push(arguments); } traccia('pagina');</script>";
    let main = format!("{}{}", filler(), super::markup::card("Pagamenti", "", &code, "Paga online"));
    let home = layout(&comune, "Benvenuti", &login_link("/accedi"), &format!("{main}{scripts}{inline}"), "");
    let login = both(&comune).replace("</body>", &format!("{scripts}{inline}</body>"));
    let site = (1..=12)
        .fold(endpoints(own_site(&comune)), |site, n| {
            site.answer(&format!("/assets/modulo{n}.js"), script("window.modulo = true;"))
        })
        .page("/", home)
        .page("/accedi", login);
    comune.site(site).site(portal)
}

fn late_login() -> Comune {
    let comune = Comune::new(211, "Tardiva", "fe", "Emilia-Romagna")
        .note("the login page shows `Caricamento...` and draws its two links after a pause")
        .depth(1, 1)
        .expect(UNDRAWN, UNDRAWN, Found, APP_NOT_STATED)
        .rendered(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let code_js = r#"setTimeout(function () {
  document.getElementById('app').innerHTML =
    '<h1>Accedi</h1><a class="btn" href="/spid/login">Entra con SPID</a> <a class="btn" href="/cie/login">Entra con CIE</a>';
}, 400);"#;
    let login = shell(&comune, "Accedi", "/assets/tardi.js")
        .replace("<div id=\"app\"></div>", "<div id=\"app\"><p>Caricamento...</p></div>");
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, &login_link("/accedi"), &code, ""))
        .page("/accedi", login)
        .answer("/assets/tardi.js", script(code_js));
    comune.site(site).site(portal)
}
