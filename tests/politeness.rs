//! A guest on small servers: what the built binary sends, as the servers saw it.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::time::Duration;

use serde_json::Value;
use support::{
    Answer, Comune, Entry, Log, Riscontro, Site, Web, comuni,
    comuni::markup::{card, cie_button, home, login_link, login_page, own_site, spid_button},
    run::finding,
};

/// What the clocks of two processes on a busy machine may disagree by.
const TOLERANCE: Duration = Duration::from_millis(20);

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// The binary with a pace of the test's own.
fn paced(web: &Web, delay: &str, address_delay: &str) -> Riscontro {
    let mut flags = web.flags();
    flags.extend(["--delay", delay, "--address-delay", address_delay, "--contact", "test@example.org"].map(Into::into));
    Riscontro::bare(BINARY).network(flags)
}

fn comune(number: u32, name: &'static str) -> Comune {
    Comune::new(number, name, "to", "Piemonte")
}

/// A site with a home page, a login page and the two endpoints behind it.
fn whole_site(comune: &Comune) -> Site {
    comuni::login::endpoints(own_site(comune))
        .page("/", home(comune, &login_link("/accedi"), ""))
        .page("/accedi", login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login")))
}

/// A home page that leads to these addresses with labels that promise a login. Of links with one label a visit keeps
/// four a page.
fn home_with_logins(comune: &Comune, hrefs: &[String]) -> String {
    let cards: String = hrefs.iter().map(|href| card("Sportello", "", href, "Area personale")).collect();
    home(comune, "", &cards)
}

/// Fails when a request to the host began sooner after the end of the one before than `gap`.
#[track_caller]
fn assert_gaps(log: &Log, host: &str, gap: Duration) {
    let entries = log.of(host);
    assert!(entries.len() > 2, "too few requests to measure:\n{}", log.dump());
    for pair in entries.windows(2) {
        let ended = pair[0].end.unwrap_or_else(|| panic!("{} never ended", pair[0].url()));
        let waited = pair[1].start.saturating_duration_since(ended);
        assert!(
            waited + TOLERANCE >= gap,
            "{} came {waited:?} after {}:\n{}",
            pair[1].url(),
            pair[0].url(),
            log.dump()
        );
    }
}

/// Fails unless robots.txt was the first thing asked of each scheme and host.
#[track_caller]
fn assert_robots_first(log: &Log) {
    let mut known: Vec<(&str, String)> = Vec::new();
    for entry in log.all() {
        let authority = (entry.scheme, entry.host.clone());
        if !known.contains(&authority) {
            assert!(entry.is_robots(), "{} was asked before robots.txt:\n{}", entry.url(), log.dump());
            known.push(authority);
        }
    }
}

fn reason(site: &Value) -> String {
    finding(site, "spid").unwrap().1.to_owned()
}

#[test]
fn robots_comes_first_for_every_authority_redirects_and_portals_included() {
    let borgo = comune(1, "Borgofinto");
    let (desk, alias) = (borgo.sub("sportello"), "comune.vecchionome.to.it");
    let web = Web::of([
        Site::new(alias).plain_http().redirect("/", &borgo.url()),
        own_site(&borgo).page("/", home_with_logins(&borgo, &[format!("https://{desk}/accedi")])),
        comuni::login::endpoints(Site::new(&desk))
            .page("/accedi", login_page(&borgo, &spid_button("/spid/login"), &cie_button("/cie/login"))),
    ]);
    let sites = paced(&web, "0", "0").check_json(&[&format!("http://{alias}/")]);
    assert_eq!(finding(&sites[0], "spid").map(|(outcome, _)| outcome), Some("found"), "the portal was not reached");
    let log = web.log();
    assert_robots_first(log);
    for host in [alias, &borgo.host(), &desk] {
        let robots = log.of(host).iter().filter(|entry| entry.is_robots()).count();
        assert_eq!(robots, 1, "{host}: robots.txt is asked for once:\n{}", log.dump());
    }
    log.assert_no_strays();
}

#[test]
fn a_redirect_is_held_against_the_rules_of_where_it_leads() {
    let (one, two) = (comune(1, "Unofinto"), comune(2, "Duefinto"));
    let web = Web::of([
        own_site(&one)
            .robots("User-agent: *\nDisallow: /riservata\n")
            .page("/", home_with_logins(&one, &["/accedi-a".into(), "/accedi-b".into()]))
            .redirect("/accedi-a", "/riservata/accedi")
            .redirect("/accedi-b", &format!("https://{}/portale/accedi", one.sub("servizi"))),
        Site::new(&one.sub("servizi")).robots("User-agent: *\nDisallow: /portale/\n").page("/portale/accedi", "mai"),
        own_site(&two).redirect("/", &format!("https://{}/inizio", two.sub("nuovo"))),
        Site::new(&two.sub("nuovo")).robots_answer(Answer::text("").status(500)).page("/inizio", "mai"),
    ]);
    let sites = paced(&web, "0", "0").check_json(&[&one.url(), &two.url()]);
    let log = web.log();
    assert_eq!(log.count(&one.host(), "/accedi-a"), 1, "{}", log.dump());
    assert_eq!(log.count(&one.host(), "/riservata/accedi"), 0, "a hop went past robots.txt:\n{}", log.dump());
    assert_eq!(log.paths(&one.sub("servizi")), Vec::<String>::new(), "{}", log.dump());
    assert_eq!(log.paths(&two.sub("nuovo")), Vec::<String>::new(), "{}", log.dump());
    assert_eq!(log.count(&one.sub("servizi"), "/robots.txt"), 1);
    assert_eq!(log.count(&two.sub("nuovo"), "/robots.txt"), 1);
    assert_eq!(finding(&sites[0], "spid"), Some(("undetermined", "robots-denied")));
    assert_eq!(finding(&sites[1], "spid"), Some(("undetermined", "robots-unavailable")));
}

#[test]
fn a_site_whose_robots_cannot_be_read_is_left_alone() {
    let answers = [
        ("Cinquecento", Answer::text("").status(500)),
        ("Cinquetre", Answer::text("").status(503)),
        ("Limitata", Answer::text("").status(429)),
        ("Tagliata", Answer::text("User-agent: *\nDisallow:\n".repeat(50)).cut_after(20)),
        ("Chiusa", Answer::dropped()),
        ("Rimandata", Answer::redirect(302, "http://127.0.0.1/robots.txt")),
        ("Girata", Answer::redirect(302, "/robots.txt")),
    ];
    let comuni: Vec<Comune> = (1..).zip(&answers).map(|(number, (name, _))| comune(number, name)).collect();
    let sites = comuni.iter().zip(&answers).map(|(one, (_, answer))| whole_site(one).robots_answer(answer.clone()));
    let web = Web::of(sites);
    let urls: Vec<String> = comuni.iter().map(Comune::url).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let answers = paced(&web, "0", "0").check_json(&urls);
    for (comune, site) in comuni.iter().zip(&answers) {
        assert_eq!(web.log().paths(&comune.host()), Vec::<String>::new(), "{}:\n{}", comune.name, web.log().dump());
        for platform in ["spid", "cie", "pagopa", "appio"] {
            assert_eq!(finding(site, platform).unwrap().0, "undetermined", "{} {platform}: {site}", comune.name);
        }
    }
    web.log().assert_no_strays();
}

#[test]
fn between_two_requests_to_one_host_lies_the_configured_delay() {
    let one = comune(1, "Unofinto");
    let web = Web::of([whole_site(&one)]);
    paced(&web, "0.5", "0").check_json(&[&one.url()]);
    assert_gaps(web.log(), &one.host(), Duration::from_millis(500));
}

#[test]
fn a_crawl_delay_of_the_site_lengthens_the_gap() {
    let one = comune(1, "Unofinto");
    let web = Web::of([whole_site(&one).robots("User-agent: *\nCrawl-delay: 1\n")]);
    paced(&web, "0", "0").flag(&["--max-requests", "3"]).check_json(&[&one.url()]);
    assert_gaps(web.log(), &one.host(), Duration::from_secs(1));
}

#[test]
fn a_slow_host_is_asked_more_slowly() {
    let one = comune(1, "Unofinto");
    let web = Web::of([whole_site(&one).latency(Duration::from_millis(300))]);
    paced(&web, "0", "0").flag(&["--max-requests", "4"]).check_json(&[&one.url()]);
    assert_gaps(web.log(), &one.host(), Duration::from_millis(600));
}

#[test]
fn a_portal_that_many_comuni_share_has_one_open_request_at_a_time() {
    const PORTAL: &str = "servizi.unionefinta.to.it";
    let comuni = comuni::crowd(8);
    let mut builder = Web::builder();
    let mut portal = Site::new(PORTAL).latency(Duration::from_millis(60));
    for comune in &comuni {
        let path = format!("/{}/accedi", comune.slug());
        builder =
            builder.site(own_site(comune).page("/", home_with_logins(comune, &[format!("https://{PORTAL}{path}")])));
        portal = portal.page(&path, comuni::markup::password_page(comune, ""));
    }
    let web = builder.site(portal).start();
    let riscontro = paced(&web, "0", "0").flag(&["--concurrency", "8"]);
    let targets = riscontro.path("comuni.csv");
    std::fs::write(&targets, comuni::targets_csv(&comuni)).unwrap();
    let db = riscontro.database("portal.db");
    riscontro.run(&["run", "--targets", targets.to_str().unwrap(), "--db", &db]).assert_code(0);
    let log = web.log();
    let logins = log.pages(PORTAL).iter().filter(|entry| entry.path().ends_with("/accedi")).count();
    assert_eq!(logins, comuni.len(), "{}", log.dump());
    assert_eq!(log.count(PORTAL, "/robots.txt"), 1, "{}", log.dump());
    assert!(log.max_open_total() > 1, "the run was not concurrent, so this proves nothing");
    for host in log.hosts() {
        assert!(log.max_open(&host) <= 1, "{host} had {} open requests:\n{}", log.max_open(&host), log.dump());
    }
}

#[test]
fn twenty_names_on_one_address_share_its_pace() {
    let hosts: Vec<String> = (0..20).map(|number| format!("comune{number}.vetrina.to.it")).collect();
    // Over plain http: a TLS handshake of its own length would blur the starts.
    let site =
        |host: &String| Site::new(host).plain_http().latency(Duration::from_millis(450)).page("/", "<h1>Comune</h1>");
    let web = Web::of(hosts.iter().map(site));
    let riscontro = paced(&web, "0", "0.2").flag(&["--concurrency", "20", "--max-requests", "1"]);
    let targets = riscontro.path("comuni.csv");
    let rows: Vec<String> = hosts.iter().map(|host| format!("http://{host}/")).collect();
    std::fs::write(&targets, format!("url\n{}\n", rows.join("\n"))).unwrap();
    let db = riscontro.database("address.db");
    riscontro.run(&["run", "--targets", targets.to_str().unwrap(), "--db", &db]).assert_code(0);
    let log = web.log();
    assert_eq!(log.hosts().len(), 20, "{}", log.dump());
    assert_eq!(log.max_open_total(), 2, "at most two, and two are used:\n{}", log.dump());
    for gap in log.gaps_total() {
        assert!(gap + TOLERANCE >= Duration::from_millis(200), "{gap:?} between two starts:\n{}", log.dump());
    }
}

#[test]
fn a_server_that_names_a_time_is_not_asked_before_it() {
    let one = comune(1, "Unofinto");
    let busy = Answer::html("<h1>Troppe richieste</h1>").status(503).retry_after("2");
    let page = Answer::html(home(&one, &login_link("/accedi"), ""));
    let web = Web::of([whole_site(&one).sequence("/", vec![busy, page])]);
    let sites = paced(&web, "0", "0").check_json(&[&one.url()]);
    let entries: Vec<Entry> = web.log().of(&one.host()).into_iter().filter(|entry| entry.target == "/").collect();
    assert_eq!(entries.len(), 2, "{}", web.log().dump());
    assert!(
        entries[1].start.duration_since(entries[0].start) + TOLERANCE >= Duration::from_secs(2),
        "{}",
        web.log().dump()
    );
    assert_eq!(finding(&sites[0], "spid").unwrap().0, "found", "a moment of trouble must not change the answer");
}

#[test]
fn no_address_is_asked_more_than_three_times() {
    let (one, two) = (comune(1, "Unofinto"), comune(2, "Duefinto"));
    let busy = Answer::html("<h1>Occupato</h1>").status(503).retry_after("1");
    let far = Answer::html("<h1>Occupato</h1>").status(503).retry_after("86400");
    let web = Web::of([own_site(&one).answer("/", busy), own_site(&two).answer("/", far)]);
    let sites = paced(&web, "0", "0").check_json(&[&one.url(), &two.url()]);
    assert_eq!(web.log().count(&one.host(), "/"), 3, "{}", web.log().dump());
    assert_eq!(web.log().count(&two.host(), "/"), 1, "tomorrow is not today:\n{}", web.log().dump());
    for site in &sites {
        assert_eq!(finding(site, "spid").unwrap().0, "undetermined", "{site}");
    }
    assert_eq!(reason(&sites[1]), "rate-limited");
}

#[test]
fn every_request_says_who_we_are_and_carries_nothing_else_of_ours() {
    let one = comune(1, "Unofinto");
    let cookie = "sessione=segreto; Path=/; Domain=comune.unofinto.to.it";
    let portal = one.sub("servizi");
    let secret = format!("https://utente:segreto@{portal}/accedi");
    let web = Web::of([
        own_site(&one)
            .robots_answer(Answer::text("User-agent: *\nDisallow:\n").header("set-cookie", cookie))
            .answer("/", Answer::html(home_with_logins(&one, &["/accedi".into(), secret])).header("set-cookie", cookie))
            .answer("/accedi", Answer::redirect(302, "/area-personale").header("set-cookie", cookie))
            .page("/area-personale", comuni::markup::password_page(&one, "")),
        Site::new(&portal).status("/accedi", 401, &[("www-authenticate", "Basic realm=\"prova\"")], "chi sei?"),
    ]);
    paced(&web, "0", "0").check_json(&[&one.url()]);
    let log = web.log();
    assert_eq!(log.count(&one.host(), "/area-personale"), 1, "{}", log.dump());
    assert_eq!(log.count(&portal, "/accedi"), 1, "{}", log.dump());
    for entry in log.all() {
        assert_eq!(entry.agent, format!("riscontro/{} (+test@example.org)", env!("CARGO_PKG_VERSION")));
        assert!(matches!(entry.method.as_str(), "GET" | "HEAD"), "{} {}", entry.method, entry.url());
        for name in ["cookie", "authorization", "proxy-authorization", "referer", "from"] {
            assert_eq!(entry.header(name), None, "{}", entry.url());
        }
        assert!(!entry.url().contains("segreto"), "{}", entry.url());
    }
}

#[test]
fn a_host_on_the_opt_out_list_gets_no_request_at_all() {
    let (one, two) = (comune(1, "Unofinto"), comune(2, "Duefinto"));
    let portal = two.sub("servizi");
    let web = Web::of([
        whole_site(&one),
        own_site(&two).page("/", home_with_logins(&two, &[format!("https://{portal}/accedi")])),
        Site::new(&portal).page("/accedi", "mai"),
    ]);
    let riscontro = paced(&web, "0", "0");
    let file = riscontro.path("riscontro.toml");
    std::fs::write(&file, format!("opt_out = [\"{}\", \"{portal}\"]\n", one.domain())).unwrap();
    let config = file.to_str().unwrap();
    let sites = riscontro.flag(&["--config", config]).check_json(&[&one.url(), &two.url()]);
    assert_eq!(web.log().of(&one.host()).len() + web.log().of(&one.domain()).len(), 0, "{}", web.log().dump());
    assert_eq!(web.log().of(&portal).len(), 0, "{}", web.log().dump());
    assert_eq!(web.log().count(&two.host(), "/"), 1, "{}", web.log().dump());
    assert_eq!(finding(&sites[0], "spid"), Some(("undetermined", "opted-out")));
    assert_eq!(finding(&sites[1], "spid"), Some(("undetermined", "opted-out")));
}

#[test]
fn no_address_that_changes_something_is_asked_for() {
    let harmful = [
        "/accedi/logout",
        "/area-personale/logout",
        "/Logout.aspx",
        "/user/logoff?next=spid",
        "/accedi?action=logout",
        "/accedi?action=delete&id=3",
        "/spid/delete-account",
        "/area-personale/elimina.php?id=1",
        "/newsletter/unsubscribe",
        "/accedi/%6Cogout",
        "/login;jsessionid=1/signout",
        "/pagamenti/conferma",
        "/spid?task=remove",
        "/cancella_utente.php",
        "/accedi?do=save",
        "/abmelden",
        "/portale/confirm?token=abc",
        "/area-personale/disiscriviti",
    ];
    let comuni = comuni::crowd(harmful.len().div_ceil(3).try_into().unwrap());
    let site = |(comune, harmful): (&Comune, &[&str])| {
        let hrefs: Vec<String> =
            std::iter::once("/ingresso").chain(harmful.iter().copied()).map(str::to_owned).collect();
        own_site(comune)
            .page("/", home_with_logins(comune, &hrefs))
            .redirect("/ingresso", "/ingresso/vai?cmd=logout")
            .prefix("/", |target| Answer::html(format!("<p>fatto: {target}</p>")))
    };
    let web = Web::of(comuni.iter().zip(harmful.chunks(3)).map(site));
    let urls: Vec<String> = comuni.iter().map(Comune::url).collect();
    let sites = paced(&web, "0", "0").check_json(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    for (comune, site) in comuni.iter().zip(&sites) {
        let asked = web.log().paths(&comune.host());
        assert!(asked.iter().any(|target| target == "/ingresso"), "links are followed at all: {asked:#?}");
        for target in harmful.iter().chain(&["/ingresso/vai?cmd=logout"]) {
            assert!(!asked.iter().any(|one| one == target), "{target} was asked for");
        }
        assert_eq!(finding(site, "spid").unwrap().0, "undetermined", "what was not looked at is not absent");
    }
}

#[test]
fn twelve_spellings_of_a_host_are_one_host() {
    let plain = "servizi.comune.cittàfinta.to.it";
    let host = url::Url::parse(&format!("https://{plain}/")).unwrap().host_str().unwrap().to_owned();
    let spellings = [
        host.clone(),
        plain.to_owned(),
        host.to_uppercase(),
        "Servizi.Comune.Cittàfinta.to.it".to_owned(),
        format!("{host}."),
        format!("{host}:443"),
        format!("{host}.:443"),
        format!("utente@{host}"),
        format!("utente:chiave@{host}"),
        host.replace("comune", "comun%65"),
        plain.replace('à', "a\u{300}"),
        host.replace(".comune.", "。comune．"),
    ];
    let comuni = comuni::crowd(3);
    let mut builder = Web::builder()
        .site(Site::new(&host).prefix("/accedi", |_| Answer::html("<h1>Accedi</h1><p>In allestimento</p>")));
    for (comune, (part, letter)) in comuni.iter().zip(spellings.chunks(4).zip('a'..)) {
        let hrefs: Vec<String> = part
            .iter()
            .zip('a'..)
            .map(|(spelling, turn)| format!("https://{spelling}/accedi-{letter}{turn}"))
            .collect();
        builder = builder.site(own_site(comune).page("/", home_with_logins(comune, &hrefs)));
    }
    let web = builder.start();
    let urls: Vec<String> = comuni.iter().map(Comune::url).collect();
    paced(&web, "0", "0").check_json(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    let log = web.log();
    assert_eq!(log.count(&host, "/robots.txt"), 1, "{}", log.dump());
    assert_eq!(log.pages(&host).len(), 12, "every spelling was followed:\n{}", log.dump());
    assert_eq!(log.hosts().len(), 4, "a request went out under another spelling:\n{}", log.dump());
    assert_eq!(log.max_open(&host), 1);
    log.assert_no_strays();
}
