//! Ways to a login or a payment that a visit does not go: what is not followed is never taken for what is not there.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use serde_json::Value;
use support::{
    Comune, Riscontro, Site, Web,
    comuni::{
        kit::{bare, pay_at_the_desk, script},
        markup::{card, filler, home, layout, login_link, own_site, password_page, payment_form},
    },
    run::finding,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// A comune whose login page was read and knows passwords only; `more` stands on its start page.
fn with_passwords(comune: &Comune, more: &str) -> Site {
    own_site(comune).page("/", home(comune, &login_link("/accedi"), more)).page("/accedi", password_page(comune, ""))
}

fn check(web: &Web, comune: &Comune) -> Value {
    let sites = Riscontro::new(BINARY, web).flag(&["--explain"]).check_json(&[&comune.url()]);
    sites.into_iter().next().unwrap()
}

#[test]
fn a_login_in_a_trap_is_left_unread_and_not_absent() {
    let comune = Comune::new(1, "Girotondo", "to", "Piemonte");
    let trap = "/area/area/area/area/area/area/accedi";
    let tile = card("Sportello", "Le tue pratiche.", trap, "Accedi all'area personale");
    let web = Web::of([with_passwords(&comune, &tile)]);
    let site = check(&web, &comune);
    for platform in ["spid", "cie"] {
        assert_eq!(finding(&site, platform), Some(("undetermined", "left-unread")), "{site}");
    }
    assert_eq!(site["coverage"]["login_page"]["state"], "left-unread", "{site}");
    let left = site["left_unread"].as_array().unwrap();
    assert!(left.iter().any(|url| url.as_str().unwrap().ends_with(trap)), "{site}");
    let asked = web.log().paths(&comune.host());
    assert!(asked.iter().any(|path| path == "/accedi") && !asked.iter().any(|path| path == trap), "{asked:?}");

    // Without that link the same site has no way in.
    let web = Web::of([with_passwords(&comune, "")]);
    assert_eq!(finding(&check(&web, &comune), "spid"), Some(("not-found", "coverage-complete")));
}

#[test]
fn a_tile_that_posts_back_is_a_way_in_that_was_not_gone() {
    let comune = Comune::new(2, "Rimando", "to", "Piemonte");
    let tile = r#"<div class="card"><a href="javascript:__doPostBack('ctl00$desk','')">Sportello online del cittadino</a></div>"#;
    let web = Web::of([with_passwords(&comune, tile)]);
    let site = check(&web, &comune);
    for platform in ["spid", "cie"] {
        assert_eq!(finding(&site, platform), Some(("undetermined", "scripted-control")), "{site}");
    }
    assert!(web.log().methods().iter().all(|method| method == "GET"), "{:?}", web.log().methods());
}

#[test]
fn a_tile_that_posts_back_and_says_where_to_is_followed() {
    let comune = Comune::new(3, "Ritrovata", "to", "Piemonte");
    let paid = format!("https://{}/pagamenti", comune.host());
    let tile = format!(
        r#"<div class="card" onclick="__doPostBack('ctl00$pay','')"><input type="hidden" value="{paid}">Pagamenti online</div>"#
    );
    let site = own_site(&comune)
        .page("/", home(&comune, "", &tile))
        .page("/pagamenti", layout(&comune, "Portale dei pagamenti", "", payment_form(), ""));
    let web = Web::of([site]);
    let answer = check(&web, &comune);
    assert_eq!(answer["coverage"]["payment_page"]["state"], "read", "{answer}");
    assert_eq!(web.log().count(&comune.host(), "/pagamenti"), 1);
    assert!(web.log().methods().iter().all(|method| method == "GET"), "{:?}", web.log().methods());
}

/// A page with words enough, and a part that its script fills.
fn hollow(comune: &Comune, title: &str) -> String {
    let main = format!("<div id=\"app\"></div>{}<script src=\"/assets/modulo.js\"></script>", filler());
    layout(comune, title, "", &main, "")
}

#[test]
fn a_payment_page_that_only_its_script_fills_was_not_read() {
    let comune = Comune::new(4, "Cavapiena", "to", "Piemonte");
    let tile = card("Pagamenti", "Tributi, mensa e rette scolastiche.", "/pagamenti", "Paga online");
    let site = |page: String| {
        let code = "document.getElementById('app').textContent = 'vuoto';";
        let site = own_site(&comune).page("/", home(&comune, "", &tile)).page("/pagamenti", page);
        Web::of([site.answer("/assets/modulo.js", script(code))])
    };
    let answer = check(&site(hollow(&comune, "Pagamenti")), &comune);
    assert_eq!(finding(&answer, "pagopa"), Some(("undetermined", "needs-browser")), "{answer}");
    assert_eq!(answer["coverage"]["payment_page"]["state"], "failed", "{answer}");

    // The same page with nothing left to fill has been read.
    let answer = check(&site(pay_at_the_desk(&comune)), &comune);
    assert_eq!(finding(&answer, "pagopa"), Some(("not-found", "coverage-complete")), "{answer}");
}

#[test]
fn a_login_or_a_payment_in_a_frame_was_not_read() {
    let comune = Comune::new(5, "Incorniciata", "to", "Piemonte");
    let tile = card("Pagamenti", "Tributi, mensa e rette scolastiche.", "/pagamenti", "Paga online");
    let with = |frame: &str| {
        let page = |title: &str| bare(title, &format!("{}{frame}", filler()));
        let site = own_site(&comune).page("/", home(&comune, &login_link("/accedi"), &tile));
        Web::of([site.page("/accedi", page("Accedi")).page("/pagamenti", page("Pagamenti"))])
    };
    let answer = check(&with("<iframe src=\"https://applicazioni.esempio.it/modulo/7\"></iframe>"), &comune);
    for platform in ["spid", "cie", "pagopa"] {
        assert_eq!(finding(&answer, platform), Some(("undetermined", "cut")), "{platform}: {answer}");
    }
    // Nobody sees what is in these.
    for frame in [
        "",
        "<iframe src=\"/modulo/7\" hidden></iframe>",
        "<iframe src=\"/modulo/7\" style=\"display:none\"></iframe>",
        "<iframe src=\"https://www.googletagmanager.com/ns.html?id=GTM-X\"></iframe>",
        "<noscript><iframe src=\"/modulo/7\"></iframe></noscript>",
    ] {
        let answer = check(&with(frame), &comune);
        for platform in ["spid", "cie", "pagopa"] {
            assert_eq!(finding(&answer, platform), Some(("not-found", "coverage-complete")), "{frame}: {answer}");
        }
    }
}

#[test]
fn a_portals_menu_beside_a_form_that_is_no_login_stays_unread() {
    let comune = Comune::new(6, "Modulata", "to", "Piemonte");
    let portal = "modulata.unicumdata.it";
    let tile = card("Tributi", "La tua posizione.", &format!("https://{portal}/"), "Portale dei tributi");
    let contact = "<form method=post action=\"/scrivi\"><label>Nome <input name=nome></label><label>Posta <input name=posta></label>\
                   <button>Invia</button></form>";
    let menu = "<a href=\"/area/7\">Posizione</a>";
    let login = contact.replace("name=posta", "name=chiave type=password");
    let visit = |body: &str| {
        let desk = Site::new(portal).page("/", bare("Tributi", body)).page("/accedi", bare("Accedi", &login));
        let web = Web::of([with_passwords(&comune, &tile), desk]);
        let answer = check(&web, &comune);
        assert_eq!(web.log().count(portal, "/"), 1, "{answer}");
        finding(&answer, "spid").map(|(outcome, reason)| (outcome.to_owned(), reason.to_owned())).unwrap()
    };
    let told = |outcome: &str, reason: &str| (outcome.to_owned(), reason.to_owned());
    assert_eq!(visit(&format!("{contact}{menu}")), told("undetermined", "left-unread"));
    assert_eq!(visit(contact), told("not-found", "coverage-complete"));
    // Where one logs in, on this page or on another of the portal, the rest of the menu hides no other login.
    assert_eq!(visit(&format!("{login}{menu}")), told("not-found", "coverage-complete"));
    let way = "<a href=\"/accedi\">Accedi all'area personale</a>";
    assert_eq!(visit(&format!("{contact}{menu}{way}")), told("not-found", "coverage-complete"));
}
