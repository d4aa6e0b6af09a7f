#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use jiff::Timestamp;
use url::Url;

use super::{super::answer::judged, *};
use crate::{
    detect::{self, Origin, Stamp, Subject},
    model::Comune,
    page::{Limits, Source},
    rules::{Catalogue, Circumstances},
};

/// Twelve scripts, as plain pages of every product carry them.
fn scripts() -> String {
    (0..12).map(|number| format!("<script src=\"/assets/{number}.js\"></script>")).collect()
}

/// What a page says, as it came or as a browser drew it.
fn seen(catalogue: &Catalogue, html: &str, layout: Layout) -> PageView {
    let url = Url::parse("https://www.comune.esempio.it/").unwrap();
    let subject = Subject::new(&url, &Comune::default());
    let stamp = Stamp { sha256: String::new(), fetched: Timestamp::UNIX_EPOCH, chain: Vec::new() };
    let body = html.as_bytes();
    let source = Source { layout, ..Source::utf8(&url, body) };
    let around = Circumstances { body, headers: &[], status: 200 };
    let origin = Origin { linked: true, ..Origin::default() };
    detect::view(catalogue, &subject, origin, &source, around, &stamp, &Limits::default())
}

/// Whether a page of this kind is drawn, while everything is open.
fn drawn(catalogue: &Catalogue, kind: PageKind, html: &str) -> bool {
    let view = seen(catalogue, html, Layout::Markup);
    let outcome = judged(FetchOutcome::Ok, &view);
    wants_browser(kind, outcome, Some(&view), || Platform::DECIDED.to_vec())
}

#[test]
fn shells_are_drawn() {
    let catalogue = Catalogue::embedded().unwrap();
    let words = "<p>Il Comune informa i cittadini che gli uffici sono aperti ogni mattina.</p>".repeat(10);
    for (kind, page) in [
        (PageKind::Home, "<body><div id=app></div><script src=/app.js></script>".to_owned()),
        (PageKind::Home, "<body><app-root>Caricamento...</app-root><script src=/main.js></script>".to_owned()),
        (PageKind::Home, "<body><noscript>Attivare JavaScript</noscript><script src=/main.js></script>".to_owned()),
        // Everything is there but the header.
        (PageKind::Home, format!("<body><div id=header></div>{words}<script src=/testata.js></script>")),
        (PageKind::Home, format!("<body><header><div id=zona-7></div></header>{words}<script src=/t.js></script>")),
        (PageKind::Home, format!("<body><barra-utente></barra-utente>{words}<script src=/t.js></script>")),
        // A login page without a way to log in.
        (PageKind::Login, format!("<body><h1>Accedi</h1>{words}<script src=/t.js></script>")),
        (PageKind::Payment, format!("<body><div id=root></div>{words}<script src=/t.js></script>")),
    ] {
        assert!(drawn(&catalogue, kind, &page), "{kind:?} {page}");
    }
}

#[test]
fn plain_pages_with_many_scripts_are_not() {
    let catalogue = Catalogue::embedded().unwrap();
    let words = "<p>Il Comune informa i cittadini che gli uffici sono aperti ogni mattina.</p>".repeat(10);
    let login = "<a href=/accedi data-element=personal-area-login>Accedi all'area personale</a>";
    for (kind, page) in [
        // The way in is there: what a script does besides is its own affair.
        (PageKind::Home, format!("<body><header>{login}<div id=menu></div></header>{words}")),
        // Nothing is left to be filled.
        (PageKind::Home, format!("<body><header><a href=/novita>Novità</a></header>{words}")),
        (PageKind::Login, "<body><a href=/spid>Entra con SPID</a><a href=/cie>Entra con CIE</a>".to_owned()),
        (PageKind::Login, format!("<body>{words}<form method=post><input name=u><input type=password name=p></form>")),
        (PageKind::Payment, format!("<body><h1>Pagamenti</h1>{words}")),
        (
            PageKind::Payment,
            format!(
                "<body><div id=menu></div>{words}<form><label>Codice avviso</label><input name=iuv><input name=cf></form>"
            ),
        ),
        (PageKind::Services, format!("<body><div id=app></div>{words}")),
        (PageKind::Other, format!("<body><div id=app></div>{words}")),
    ] {
        let page = page + &scripts();
        assert!(!drawn(&catalogue, kind, &page), "{kind:?} {page}");
    }
    let without = format!("<body><div id=header></div>{words}");
    assert!(!drawn(&catalogue, PageKind::Home, &without), "without scripts there is nobody to fill it");
}

/// What a browser is wanted for counts as unread where no browser came, and as read once it has drawn the page.
#[test]
fn a_place_that_is_drawn_awaits_its_scripts_until_then() {
    let catalogue = Catalogue::embedded().unwrap();
    let words = "<p>Il Comune informa i cittadini che gli uffici sono aperti ogni mattina.</p>".repeat(10);
    let frame = "<iframe src=https://applicazioni.esempio.it/7></iframe>";
    for (kind, body) in [
        (PageKind::Login, format!("<body><h1>Accedi</h1>{words}<script src=/t.js></script>")),
        (PageKind::Payment, format!("<body><div id=root></div>{words}<script src=/t.js></script>")),
    ] {
        assert!(drawn(&catalogue, kind, &body), "{kind:?}");
        assert!(seen(&catalogue, &body, Layout::Markup).awaits_scripts(kind), "{kind:?}");
        let after = seen(&catalogue, &body, Layout::Known);
        assert!(!after.awaits_scripts(kind) && !after.answers_in_a_frame(kind), "{kind:?}");
        let framed = seen(&catalogue, &format!("{body}{frame}"), Layout::Known);
        assert!(framed.answers_in_a_frame(kind), "a drawn page's frames are empty: {kind:?}");
    }
    let plain = format!("<body><h1>Pagamenti</h1>{words}<script src=/t.js></script>");
    assert!(
        !seen(&catalogue, &plain, Layout::Markup).awaits_scripts(PageKind::Payment),
        "nothing is left to be filled"
    );
    let login = format!("<body><a href=/spid>Entra con SPID</a>{words}{frame}<script src=/t.js></script>");
    let login = seen(&catalogue, &login, Layout::Markup);
    assert!(!login.awaits_scripts(PageKind::Login) && !login.answers_in_a_frame(PageKind::Login));
}
