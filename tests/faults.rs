//! Unknown is not absent: every fault of a server ends, within its limit, as `undetermined` with the reason that fits.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use support::{
    Answer, Comune, Riscontro, Site, TlsFault, Web,
    comuni::{
        self,
        markup::{cie_button, home, login_link, login_page, own_site, spid_button},
    },
    dns::{DnsServer, Reply},
    raw::{Misbehaviour, RawServer},
    run::finding,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

fn comune(number: u32, name: &'static str) -> Comune {
    Comune::new(number, name, "to", "Piemonte")
}

/// A site that has everything, if only it could be read.
fn whole_site(comune: &Comune) -> Site {
    comuni::login::endpoints(own_site(comune))
        .page("/", home(comune, &login_link("/accedi"), ""))
        .page("/accedi", login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login")))
}

/// Fails unless each platform is undetermined, for one of these reasons.
#[track_caller]
fn assert_unknown(site: &Value, reasons: &[&str], what: &str) {
    for platform in ["spid", "cie", "pagopa", "appio"] {
        let (outcome, reason) = finding(site, platform).unwrap();
        assert_eq!(outcome, "undetermined", "{what} {platform}: {outcome} ({reason})\n{site}");
        assert!(reasons.contains(&reason), "{what} {platform}: `{reason}`, expected {reasons:?}\n{site}");
    }
}

/// Visits the sites, one `check` for all.
fn check(riscontro: &Riscontro, comuni: &[Comune]) -> Vec<Value> {
    let urls: Vec<String> = comuni.iter().map(Comune::url).collect();
    let sites = riscontro.check_json(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(sites.len(), comuni.len(), "one line for each site");
    sites
}

#[test]
fn each_fault_of_tls_is_named_and_hides_no_answer() {
    let faults = [
        ("Scaduto", TlsFault::Expired, &["tls-expired"][..]),
        ("Futuro", TlsFault::NotYetValid, &["tls-not-yet-valid"]),
        ("Altronome", TlsFault::WrongName, &["tls-wrong-name"]),
        ("Dasolo", TlsFault::SelfSigned, &["tls-self-signed"]),
        ("Senzacatena", TlsFault::MissingIntermediate, &["tls-missing-intermediate"]),
        ("Antico", TlsFault::Legacy, &["tls-legacy"]),
        ("Nontls", TlsFault::NotTls, &["tls-failed"]),
        ("Riaggancia", TlsFault::Hangup, &["tls-failed", "closed"]),
    ];
    let comuni: Vec<Comune> = (1..).zip(faults).map(|(number, (name, ..))| comune(number, name)).collect();
    let web = Web::of(comuni.iter().zip(faults).map(|(one, (_, fault, _))| whole_site(one).tls(fault)));
    let sites = check(&Riscontro::new(BINARY, &web), &comuni);
    for ((site, comune), (name, _, reasons)) in sites.iter().zip(&comuni).zip(faults) {
        assert_unknown(site, reasons, name);
        let over_tls = web.log().of(&comune.host()).iter().filter(|entry| entry.scheme == "https").count();
        assert_eq!(over_tls, 0, "{name}: a request went over a link that cannot be trusted\n{}", web.log().dump());
    }
}

#[test]
fn a_tls_fault_on_https_does_not_hide_a_site_that_plain_http_serves() {
    let one = comune(1, "Unofinto");
    let web = Web::of([whole_site(&one).tls(TlsFault::Expired).plain_http()]);
    let site = check(&Riscontro::new(BINARY, &web), std::slice::from_ref(&one)).remove(0);
    assert_eq!(finding(&site, "spid").unwrap().0, "found", "{site}");
    assert!(site["remarks"].to_string().contains("tls-expired"), "the fault is told: {}", site["remarks"]);
}

/// All of these at once, so that the test takes as long as the slowest of them.
#[test]
fn no_misbehaviour_below_http_hangs_the_run_or_becomes_an_absence() {
    const SLOW: Duration = Duration::from_millis(500);
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n".to_vec();
    let with = |more: &[u8]| [head.clone(), more.to_vec()].concat();
    let cases: Vec<(&str, Misbehaviour, &[&str])> = vec![
        ("silent", Misbehaviour::Silent, &["first-byte-timeout"]),
        ("reset", Misbehaviour::Reset, &["closed"]),
        ("close", Misbehaviour::CloseAfterRequest, &["closed"]),
        ("drip-head", Misbehaviour::Drip(with(&b"x-a: b\r\n".repeat(40)), SLOW), &["first-byte-timeout"]),
        (
            "drip-body",
            Misbehaviour::Drip(with(&[&b"\r\n"[..], &b"<p>".repeat(400)].concat()), Duration::from_millis(150)),
            &["timeout", "cut"],
        ),
        ("half-head", Misbehaviour::Bytes(with(b"x-a")), &["closed"]),
        ("half-head-silent", Misbehaviour::BytesThenSilence(with(b"x-a")), &["first-byte-timeout"]),
        (
            "endless-body",
            Misbehaviour::EndlessBody,
            &["too-large", "cut", "login-page-not-seen", "payment-page-not-seen"],
        ),
        ("endless-headers", Misbehaviour::EndlessHeaders, &["headers-too-large"]),
        ("huge-headers", Misbehaviour::HugeHeaders(100_000), &["headers-too-large"]),
        ("many-headers", Misbehaviour::Bytes(with(&b"x-a: b\r\n".repeat(500))), &["headers-too-large"]),
        ("bad-chunk", Misbehaviour::bad_chunk(), &["malformed", "cut", "closed"]),
        ("short-body", Misbehaviour::short_body(), &["cut", "closed"]),
        ("two-lengths", Misbehaviour::two_lengths(), &["malformed"]),
        ("not-http", Misbehaviour::not_http(), &["malformed"]),
        ("status-zero", Misbehaviour::Bytes(b"HTTP/1.1 000 \r\ncontent-length: 0\r\n\r\n".to_vec()), &["malformed"]),
        (
            "chunk-overflow",
            Misbehaviour::Bytes(with(b"transfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n")),
            &["malformed", "closed"],
        ),
        ("no-body", Misbehaviour::Bytes(with(b"content-length: 50\r\n\r\n")), &["closed"]),
        ("no-body-silent", Misbehaviour::BytesThenSilence(with(b"content-length: 50\r\n\r\n")), &["timeout"]),
        (
            "length-and-chunks",
            Misbehaviour::Bytes(with(b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")),
            &["malformed"],
        ),
        (
            "bomb-label",
            Misbehaviour::Bytes(with(
                b"content-encoding: gzip, gzip, gzip, gzip, gzip\r\ncontent-length: 5\r\n\r\n12345",
            )),
            &["undecodable"],
        ),
    ];
    let dns = DnsServer::start();
    let mut flags: Vec<String> =
        ["--delay", "0", "--address-delay", "0", "--max-time", "45", "--contact", "test@example.org"]
            .map(str::to_owned)
            .to_vec();
    flags.extend(["--resolver".to_owned(), dns.address().to_string()]);
    let mut servers = Vec::new();
    for (name, how, _) in &cases {
        let host = format!("www.comune.{name}.to.it");
        let server = RawServer::start_behind_robots(how.clone());
        flags.extend(server.flags(&host));
        servers.push(server);
    }
    let riscontro = Riscontro::bare(BINARY).network(flags).patience(Duration::from_secs(100));
    // All servers are on one address, of which one process opens two requests at most: in turns this would take minutes,
    // so each has a process of its own.
    let ended: Vec<_> = cases
        .iter()
        .map(|(name, ..)| riscontro.spawn(&["check", &format!("http://www.comune.{name}.to.it/"), "--format", "json"]))
        .collect();
    let mut sites: BTreeMap<&str, Value> = BTreeMap::new();
    for ((name, ..), running) in cases.iter().zip(ended) {
        let ended = running.wait(Duration::from_secs(100));
        assert_eq!(ended.code(), Some(3), "{name}: {ended}");
        sites.insert(name, ended.json());
    }
    for ((name, _, reasons), server) in cases.iter().zip(&servers) {
        assert_unknown(&sites[name], reasons, name);
        assert!(server.accepted() >= 2, "{name}: robots.txt and the page were asked for");
        assert!(server.accepted() <= 5, "{name}: {} connections are more than three tries", server.accepted());
    }
}

type Make<'a> = Box<dyn Fn(Site) -> Site + 'a>;

#[test]
fn what_a_server_says_instead_of_a_page_is_named() {
    const FIREWALL: &str = "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br><br>Your support ID is: 1234567890123456789</body></html>";
    let chain = |site: Site, length: usize| {
        (0..length).fold(site, |site, turn| {
            let from = if turn == 0 { "/".to_owned() } else { format!("/passo-{turn}") };
            site.redirect(&from, &format!("/passo-{}", turn + 1))
        })
    };
    let cases: Vec<(&'static str, Make<'_>, &[&str])> = vec![
        (
            "Bomba",
            Box::new(|site| site.answer("/", Answer::gzip_bomb(64))),
            &["too-large", "cut", "needs-browser", "blocked"],
        ),
        (
            "Circolo",
            Box::new(|site| site.redirect("/", "/a").redirect("/a", "/b").redirect("/b", "/a")),
            &["redirect-loop"],
        ),
        ("Catena", Box::new(|site| chain(site, 15)), &["too-many-redirects"]),
        (
            "Contatore",
            Box::new(|site| {
                site.redirect("/", "/giro/").prefix("/giro/", |target| Answer::redirect(302, &format!("{target}x")))
            }),
            &["too-many-redirects"],
        ),
        ("Senzacasa", Box::new(|site| site.answer("/", Answer::not_found())), &["http-not-found"]),
        ("Muro", Box::new(|site| site.answer("/", Answer::html(FIREWALL).status(403))), &["blocked"]),
        (
            "Vietata",
            Box::new(|site| site.answer("/", Answer::html("<h1>Vietato</h1>").status(403))),
            &["forbidden", "blocked"],
        ),
        (
            "Domani",
            Box::new(|site| site.answer("/", Answer::text("").status(503).retry_after("7200"))),
            &["rate-limited", "server-error"],
        ),
        (
            "Piano",
            Box::new(|site| site.answer("/", Answer::text("").status(429).retry_after("7200"))),
            &["rate-limited"],
        ),
        ("Vuota", Box::new(|site| site.answer("/", Answer::html(""))), &["blocked"]),
        (
            "Immagine",
            Box::new(|site| site.status("/", 200, &[("content-type", "image/png")], "\u{89}PNG")),
            &["not-html"],
        ),
        ("Versonulla", Box::new(|site| site.answer("/", Answer::new(302, ""))), &["bad-redirect"]),
        (
            "Codifica",
            Box::new(|site| site.answer("/", Answer::html("abc").header("content-encoding", "aes"))),
            &["undecodable"],
        ),
        (
            "Tagliata",
            Box::new(|site| site.answer("/", Answer::html("<h1>Comune</h1>".repeat(900)).cut_after(50))),
            &["cut", "closed"],
        ),
    ];
    let comuni: Vec<Comune> = (1..).zip(&cases).map(|(number, (name, ..))| comune(number, name)).collect();
    let web = Web::of(comuni.iter().zip(&cases).map(|(one, (_, make, _))| make(Site::new(&one.host()))));
    let sites = check(&Riscontro::new(BINARY, &web), &comuni);
    for (site, (name, _, reasons)) in sites.iter().zip(&cases) {
        assert_unknown(site, reasons, name);
    }
    assert!(web.log().pages(&comuni[3].host()).len() <= 11, "a visit follows ten redirects");
    web.log().assert_no_strays();
}

#[test]
fn a_blank_page_is_no_ground_for_an_absence() {
    let blank = ["", "<!-- -->", "<script src=/app.js></script>", "<img src=/logo.png>"];
    let comuni = comuni::crowd(blank.len().try_into().unwrap());
    let page = |body: &str| format!("<!doctype html><html><head></head><body>{body}</body></html>");
    let web = Web::of(comuni.iter().zip(blank).map(|(one, body)| Site::new(&one.host()).page("/", page(body))));
    for (site, body) in check(&Riscontro::new(BINARY, &web), &comuni).iter().zip(blank) {
        for platform in ["spid", "cie", "pagopa", "appio"] {
            assert_eq!(
                finding(site, platform).unwrap().0,
                "undetermined",
                "{platform} on a page with `{body}`: {site}"
            );
        }
    }
}

#[test]
fn nine_redirects_in_a_row_are_followed() {
    let one = comune(1, "Unofinto");
    let mut site = comuni::login::endpoints(own_site(&one)).redirect("/", "/passo-1");
    for turn in 1..9 {
        site = site.redirect(&format!("/passo-{turn}"), &format!("/passo-{}", turn + 1));
    }
    let page = login_page(&one, &spid_button("/spid/login"), &cie_button("/cie/login"));
    let web = Web::of([site.page("/passo-9", page)]);
    let site = check(&Riscontro::new(BINARY, &web), std::slice::from_ref(&one)).remove(0);
    assert_eq!(finding(&site, "spid").unwrap().0, "found", "{site}");
}

#[test]
fn a_fault_on_the_way_to_the_login_is_the_reason_that_is_given() {
    let faults = [
        ("Proibito", Answer::html("<h1>Vietato</h1>").status(403), &["forbidden", "blocked"][..]),
        ("Guasto", Answer::text("").status(501), &["server-error"]),
        ("Domani", Answer::text("").status(503).retry_after("7200"), &["rate-limited", "server-error"]),
        ("Interno", Answer::redirect(302, "http://10.0.0.1/accedi"), &["address-refused"]),
        ("Circolo", Answer::redirect(302, "/accedi"), &["redirect-loop"]),
    ];
    let comuni: Vec<Comune> = (1..).zip(&faults).map(|(number, (name, ..))| comune(number, name)).collect();
    let web = Web::of(comuni.iter().zip(&faults).map(|(one, (_, answer, _))| {
        own_site(one).page("/", home(one, &login_link("/accedi"), "")).answer("/accedi", answer.clone())
    }));
    let sites = check(&Riscontro::new(BINARY, &web), &comuni);
    for (site, (name, _, reasons)) in sites.iter().zip(&faults) {
        for platform in ["spid", "cie"] {
            let (outcome, reason) = finding(site, platform).unwrap();
            assert_eq!(outcome, "undetermined", "{name} {platform}: {reason}");
            assert!(reasons.contains(&reason), "{name} {platform}: `{reason}`, expected {reasons:?}");
        }
    }
}

#[test]
fn a_name_that_cannot_be_resolved_is_unknown_and_asked_about_sparingly() {
    let (gone, broken, silent, empty) =
        (comune(1, "Sparito"), comune(2, "Rotto"), comune(3, "Muto"), comune(4, "Vuoto"));
    let dns = DnsServer::start();
    for (comune, reply) in [
        (&gone, Reply::NoSuchName),
        (&broken, Reply::ServerFailure),
        (&silent, Reply::Silence),
        (&empty, Reply::Addresses(Vec::new())),
    ] {
        dns.set(&comune.host(), reply.clone()).set(&comune.domain(), reply);
    }
    let flags = ["--delay", "0", "--address-delay", "0", "--resolver", &dns.address().to_string()].map(str::to_owned);
    let comuni = [gone, broken, silent, empty];
    let sites = check(&Riscontro::bare(BINARY).network(flags), &comuni);
    for (site, comune) in sites.iter().zip(&comuni) {
        assert_unknown(site, &["dns"], comune.name);
    }
    // A and AAAA of the name and of its bare form, and no more.
    assert!(dns.count(&comuni[0].host()) <= 2, "{:?}", dns.asked());
    let names: Vec<String> = dns.asked().into_iter().map(|(name, _)| name).collect();
    let known = |name: &String| comuni.iter().any(|comune| *name == comune.host() || *name == comune.domain());
    assert!(names.iter().all(known), "names nobody asked about: {names:?}");
}
