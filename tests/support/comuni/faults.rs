//! Comuni of which a fault hides the truth, and comuni whose truth shows in spite of one.

use std::time::Duration;

use super::super::site::{Answer, Site, TlsFault};
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, Undetermined},
    NO_PAYMENT_SEEN,
    markup::{cie_button, home, login_link, login_page, own_site, spid_button},
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        robots_forbid(),
        robots_fail(),
        firewall(),
        challenge(),
        script_shell(),
        expired(),
        no_home(),
        maintenance(),
        redirect_loop(),
        hangs_up(),
        slow(),
        windows_1252(),
        busy_at_first(),
        login_forbidden(),
    ]
}

/// A site that would have everything, if only it could be read.
fn complete(comune: &Comune) -> Site {
    super::login::endpoints(own_site(comune))
        .page("/", home(comune, &login_link("/accedi"), ""))
        .page("/accedi", login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login")))
}

fn robots_forbid() -> Comune {
    let comune =
        Comune::new(60, "Vicofermo", "cn", "Piemonte").note("robots.txt forbids everything").hidden_by("robots-denied");
    let site = complete(&comune).robots("User-agent: *\nDisallow: /\n");
    comune.site(site)
}

fn robots_fail() -> Comune {
    let comune = Comune::new(61, "Santalinda", "im", "Liguria")
        .note("robots.txt answers 503: the site is left alone")
        .hidden_by("robots-unavailable");
    let site = complete(&comune).robots_answer(Answer::text("Service Unavailable").status(503));
    comune.site(site)
}

fn firewall() -> Comune {
    let comune = Comune::new(62, "Tramontina", "sv", "Liguria")
        .note("a firewall answers 403 in place of the site")
        .hidden_by("blocked");
    let page = "<!doctype html><html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br><br>Your support ID is: 1234567890123456789</body></html>";
    let site = Site::new(&comune.host()).otherwise(Answer::html(page).status(403));
    comune.site(site)
}

fn challenge() -> Comune {
    let comune = Comune::new(63, "Maresecco", "ge", "Liguria")
        .note("every page asks for a browser check, with status 200")
        .hidden_by("challenge");
    let page = r#"<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title><meta http-equiv="refresh" content="360"></head><body><div class="main-wrapper"><h1>Checking your browser before accessing the site</h1><noscript>Enable JavaScript and cookies to continue</noscript></div><script>window._cf_chl_opt={cType:'managed'};</script><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>"#;
    let site = Site::new(&comune.host()).otherwise(Answer::html(page).header("server", "cloudflare"));
    comune.site(site)
}

fn script_shell() -> Comune {
    let comune = Comune::new(64, "Nebbialta", "ud", "Friuli Venezia Giulia")
        .note("an empty shell until a script runs")
        .hidden_by("needs-browser");
    let page = r#"<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Comune</title><base href="/"><script src="runtime.js" type="module"></script><script src="main.js" type="module"></script></head><body><app-root></app-root><noscript>Per usare questo sito attiva JavaScript.</noscript></body></html>"#;
    let site = Site::new(&comune.host()).page("/", page);
    comune.site(site)
}

fn expired() -> Comune {
    let comune =
        Comune::new(65, "Serrafinta", "cl", "Sicilia").note("the certificate is past its end").hidden_by("tls-expired");
    let site = complete(&comune).tls(TlsFault::Expired);
    comune.site(site)
}

fn no_home() -> Comune {
    let comune = Comune::new(66, "Pianovago", "en", "Sicilia").note("the home page is 404").hidden_by("http-not-found");
    let site = Site::new(&comune.host());
    comune.site(site)
}

fn maintenance() -> Comune {
    let comune = Comune::new(67, "Roccalunga", "ag", "Sicilia")
        .note("the site says that it is under maintenance")
        .hidden_by("maintenance");
    let page = "<!doctype html><html lang=it><head><meta charset=utf-8><title>Sito in manutenzione</title></head><body><h1>Sito in manutenzione</h1><p>Torneremo presto online.</p></body></html>";
    let site = Site::new(&comune.host()).otherwise(Answer::html(page).status(503));
    comune.site(site)
}

fn redirect_loop() -> Comune {
    let comune = Comune::new(68, "Girovaga", "ct", "Sicilia")
        .note("the home page redirects in a circle")
        .hidden_by("redirect-loop");
    let site = Site::new(&comune.host()).redirect("/", "/it").redirect("/it", "/home").redirect("/home", "/it");
    comune.site(site)
}

fn hangs_up() -> Comune {
    let comune = Comune::new(69, "Fiumescuro", "me", "Sicilia")
        .note("the connection is closed without an answer, robots included: the site is left alone")
        .hidden_by("robots-unavailable");
    let site = Site::new(&comune.host()).robots_answer(Answer::dropped()).otherwise(Answer::dropped());
    comune.site(site)
}

fn slow() -> Comune {
    let comune = Comune::new(70, "Lumacheto", "or", "Sardegna")
        .depth(1, 0)
        .note("every answer takes a third of a second")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = complete(&comune).latency(Duration::from_millis(333));
    comune.site(site)
}

fn windows_1252() -> Comune {
    let comune = Comune::new(71, "Accentata", "ss", "Sardegna")
        .depth(1, 0)
        .note("pages in windows-1252 without any label; the login link is known by its words")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let link = r#"<a href="/identità">Accedi con la tua identità digitale</a>"#.replace("/identità", "/identita");
    let unlabelled = |html: String| Answer::windows_1252(&html.replace("<meta charset=\"utf-8\">\n", ""), false);
    let text = "<p>La città è così: perché la novità è già qui, più vicina. L’attività del Comune è pubblica.</p>";
    let site = super::login::endpoints(own_site(&comune))
        .answer("/", unlabelled(home(&comune, &link, text)))
        .answer("/identita", unlabelled(login_page(&comune, &spid_button("/spid/login"), &cie_button("/cie/login"))));
    comune.site(site)
}

fn busy_at_first() -> Comune {
    let comune = Comune::new(72, "Affollata", "na", "Campania")
        .depth(1, 0)
        .note("the first request of the home page is told to come back after a second")
        .expect(Found, Found, NO_PAYMENT_SEEN, APP_NOT_STATED);
    let busy = Answer::text("Troppe richieste").status(429).retry_after("1");
    let ready = Answer::html(home(&comune, &login_link("/accedi"), ""));
    let site = complete(&comune).sequence("/", vec![busy, ready]);
    comune.site(site)
}

fn login_forbidden() -> Comune {
    let comune = Comune::new(73, "Sogliavana", "fg", "Puglia")
        .note("the home page is open, the login page is forbidden by robots.txt: a shut door is not an empty room")
        .expect(Undetermined("robots-denied"), Undetermined("robots-denied"), NO_PAYMENT_SEEN, APP_NOT_STATED);
    let site = complete(&comune).robots("User-agent: *\nDisallow: /accedi\n");
    comune.site(site)
}
