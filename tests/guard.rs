//! Nothing inside is dialled, whatever a page, a redirect, a robots.txt or a name server says.
//!
//! The witnesses: a listener on an address of 127/8 that only this test uses, which counts connections; and the local
//! web, to which `--connect-to` sends every *name* on ports 80 and 443: a literal that slipped through would show there
//! as a stray.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::Value;
use support::{
    Answer, Comune, Riscontro, Site, Web,
    comuni::{
        self,
        markup::{card, home, own_site, password_page},
    },
    dns::{DnsServer, Reply},
    run::finding,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// Counts who knocks at one loopback address.
struct Trap {
    knocks: Arc<AtomicUsize>,
    port: u16,
}

impl Trap {
    /// Listens on `127.77.0.host`, at this port; 0 takes a free one.
    fn at(host: u8, port: u16) -> Self {
        let listener = TcpListener::bind((std::net::Ipv4Addr::new(127, 77, 0, host), port)).unwrap();
        let (port, knocks) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&knocks);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(stream);
            }
        });
        Self { knocks, port }
    }

    #[track_caller]
    fn assert_untouched(&self) {
        assert_eq!(self.knocks.load(Ordering::SeqCst), 0, "an inside address was dialled");
    }
}

/// Links that promise a login. Of links with one label a visit keeps four a page.
fn cards<'a>(hrefs: impl IntoIterator<Item = &'a str>) -> String {
    hrefs.into_iter().map(|href| card("Sportello", "", href, "Area personale")).collect()
}

/// How a page leads elsewhere.
#[derive(Clone, Copy)]
enum By {
    Redirect,
    Meta,
    Header,
}

const WAYS: [By; 3] = [By::Redirect, By::Meta, By::Header];

/// Comuni whose own pages lead to these addresses, three each: `/ingresso-a`, `/ingresso-b`, `/ingresso-c`; a fourth way,
/// `/accedi`, leads to a page.
struct Park {
    comuni: Vec<Comune>,
    sites: Vec<Site>,
    ways: Vec<(String, String)>,
}

impl Park {
    fn new(addresses: &[String], by: impl Fn(usize) -> By) -> Self {
        let comuni = comuni::crowd(addresses.len().div_ceil(3).try_into().unwrap());
        let (mut sites, mut ways) = (Vec::new(), Vec::new());
        for (comune, part) in comuni.iter().zip(addresses.chunks(3)) {
            let paths: Vec<String> = ('a'..).take(part.len()).map(|letter| format!("/ingresso-{letter}")).collect();
            let hrefs = paths.iter().map(String::as_str).chain(["/accedi"]);
            let mut site =
                own_site(comune).page("/", home(comune, "", &cards(hrefs))).page("/accedi", password_page(comune, ""));
            for (path, address) in paths.iter().zip(part) {
                site = match by(ways.len()) {
                    By::Redirect => site.redirect(path, address),
                    By::Meta => {
                        site.page(path, format!("<meta http-equiv=refresh content=\"0; url={address}\">Attendere"))
                    }
                    By::Header => {
                        site.answer(path, Answer::html("Attendere").header("refresh", &format!("0;url={address}")))
                    }
                };
                ways.push((format!("https://{}{path}", comune.host()), address.clone()));
            }
            sites.push(site);
        }
        Self { comuni, sites, ways }
    }

    /// Visits all of them; then every way must have been tried, and have ended as `expected` says.
    #[track_caller]
    fn assert_ends(&self, riscontro: &Riscontro, web: &Web, expected: impl Fn(&str, &str) -> bool) {
        let urls: Vec<String> = self.comuni.iter().map(Comune::url).collect();
        let sites = riscontro.check_json(&urls.iter().map(String::as_str).collect::<Vec<_>>());
        let ends: Vec<(String, String)> = sites.iter().flat_map(outcomes).collect();
        for (requested, address) in &self.ways {
            let end = ends.iter().find(|(url, _)| url == requested).map_or("never asked for", |(_, outcome)| outcome);
            assert!(expected(address, end), "{requested} leads to {address}: {end}");
        }
        for (comune, site) in self.comuni.iter().zip(&sites) {
            assert_eq!(
                web.log().count(&comune.host(), "/accedi"),
                1,
                "links are followed at all:\n{}",
                web.log().dump()
            );
            assert_eq!(finding(site, "spid").unwrap().0, "undetermined", "what may not be looked at is not absent");
        }
        web.log().assert_no_strays();
    }
}

/// The outcome of each address that was asked for.
fn outcomes(site: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let records = site["page_records"].as_array().unwrap();
    records.iter().map(|record| (text(&record["requested"]), text(&record["outcome"]))).collect()
}

/// Inside addresses in the spellings that have fooled others; `trap` is `127.77.0.N`.
fn inside(trap: u8) -> Vec<String> {
    let odd = u32::from_be_bytes([127, 77, 0, trap]);
    let mut list: Vec<String> = [
        format!("127.77.0.{trap}"),
        format!("127.77.{trap}"),
        format!("{odd}"),
        format!("0x{odd:x}"),
        format!("0{odd:o}"),
        format!("0177.0115.0.0x{trap:x}"),
        format!("１２７.77.0.{trap}"),
        format!("127%2e77%2e0%2e{trap}"),
        format!("127.77.0.{trap}."),
        format!("[::ffff:127.77.0.{trap}]"),
        format!("[::127.77.0.{trap}]"),
        format!("[64:ff9b::127.77.0.{trap}]"),
        format!("[2002:7f4d:{trap:x}::]"),
    ]
    .to_vec();
    let known = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "sito.localhost",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "metadata.google.internal",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "[fe80::1]",
        "[fc00::1]",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.2.1",
        "[2001:db8::1]",
        "router",
        "stampante.local",
    ];
    list.extend(known.map(str::to_owned));
    list
}

#[test]
fn no_redirect_leads_inside() {
    let (trap, hosts) = (Trap::at(1, 8080), inside(1));
    let mut addresses: Vec<String> = hosts.iter().map(|host| format!("http://{host}:8080/accedi")).collect();
    // Ports that the wildcard entries cover: a literal must not get through them either.
    addresses.extend(hosts.iter().flat_map(|host| [format!("http://{host}/x"), format!("https://{host}/x")]));
    let park = Park::new(&addresses, |turn| WAYS[turn % 3]);
    let web = Web::of(park.sites.clone());
    let meta: Vec<&String> = addresses.iter().skip(1).step_by(3).collect();
    // A page with a refresh in it is a page of its own, and the refresh is a link on it.
    let read = |address: &str, end: &str| end == "ok" && meta.iter().any(|one| *one == address);
    park.assert_ends(&Riscontro::new(BINARY, &web), &web, |to, end| end == "address-refused" || read(to, end));
    trap.assert_untouched();
}

#[test]
fn no_link_leads_inside() {
    let (trap, hosts) = (Trap::at(2, 8080), inside(2));
    let mut links: Vec<String> = hosts.iter().map(|host| format!("http://{host}:8080/area-personale")).collect();
    links.extend(hosts.iter().map(|host| format!("//{host}/area-personale")));
    let comuni = comuni::crowd(links.len().div_ceil(3).try_into().unwrap());
    let site = |(comune, part): (&Comune, &[String])| {
        own_site(comune)
            .page("/", home(comune, "", &cards(part.iter().map(String::as_str).chain(["/accedi"]))))
            .page("/accedi", password_page(comune, ""))
    };
    let web = Web::of(comuni.iter().zip(links.chunks(3)).map(site));
    let urls: Vec<String> = comuni.iter().map(Comune::url).collect();
    let sites = Riscontro::new(BINARY, &web).check_json(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    for (comune, site) in comuni.iter().zip(&sites) {
        assert_eq!(web.log().count(&comune.host(), "/accedi"), 1, "links are followed at all:\n{}", web.log().dump());
        let refused = outcomes(site).iter().filter(|(_, outcome)| outcome == "address-refused").count();
        assert!(refused > 0, "not one of the links was even considered: {:?}", outcomes(site));
    }
    web.log().assert_no_strays();
    trap.assert_untouched();
}

#[test]
fn no_robots_file_leads_inside_and_the_site_is_then_left_alone() {
    let trap = Trap::at(3, 8080);
    let targets = [
        "http://127.77.0.3:8080/robots.txt",
        "http://2135752707:8080/",
        "https://localhost/robots.txt",
        "file:///etc/passwd",
    ];
    let names = ["Ala", "Bela", "Cela", "Dela"];
    let comuni: Vec<Comune> =
        (1..).zip(names).map(|(number, name)| Comune::new(number, name, "to", "Piemonte")).collect();
    let site =
        |(one, target): (&Comune, &&str)| own_site(one).robots_answer(Answer::redirect(301, target)).page("/", "mai");
    let web = Web::of(comuni.iter().zip(&targets).map(site));
    let urls: Vec<String> = comuni.iter().map(Comune::url).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let sites = Riscontro::new(BINARY, &web).check_json(&urls);
    for (one, site) in comuni.iter().zip(&sites) {
        assert_eq!(web.log().pages(&one.host()).len(), 0, "{}", web.log().dump());
        assert_eq!(finding(site, "spid"), Some(("undetermined", "robots-unavailable")), "{}", one.name);
    }
    web.log().assert_no_strays();
    trap.assert_untouched();
}

#[test]
fn a_name_that_resolves_inside_is_not_dialled() {
    let (one, trap) = (Comune::new(1, "Unofinto", "to", "Piemonte"), Trap::at(4, 8080));
    let dns = DnsServer::start();
    let inside = |addresses: &[&str]| Reply::Addresses(addresses.iter().map(|one| one.parse().unwrap()).collect());
    let names = [
        ("interno", vec![inside(&["127.77.0.4"])]),
        // A public address beside it: which of the two is dialled must not be left to chance.
        ("misto", vec![inside(&["127.77.0.4", "93.184.215.14"])]),
        ("misto-sei", vec![inside(&["2606:4700::1111", "127.77.0.4"])]),
        ("mappato", vec![inside(&["::ffff:127.77.0.4"])]),
        ("metadati", vec![inside(&["169.254.169.254"])]),
        ("zero", vec![inside(&["0.0.0.0"])]),
        // Rebinding: whoever asks a second time gets another answer.
        ("cambia", vec![Reply::NoSuchName, inside(&["127.77.0.4"])]),
        ("cambia-ancora", vec![Reply::ServerFailure, Reply::ServerFailure, inside(&["127.77.0.4"])]),
    ];
    for (label, replies) in &names {
        dns.set_sequence(&one.sub(label), replies.clone());
    }
    let addresses: Vec<String> =
        names.iter().map(|(label, _)| format!("http://{}:8080/accedi", one.sub(label))).collect();
    // Asked about twice: a second look may get another answer.
    let park = Park::new(&[addresses.clone(), addresses].concat(), |_| By::Redirect);
    let web = Web::of(park.sites.clone());
    let riscontro = Riscontro::bare(BINARY).network(resolving(&web, &dns));
    park.assert_ends(&riscontro, &web, |_, end| matches!(end, "address-refused" | "dns"));
    for (label, _) in &names {
        assert!(dns.count(&one.sub(label)) > 0, "{label} was never looked up: {:?}", dns.asked());
    }
    trap.assert_untouched();
}

/// The web's own hosts by name, every other name by this server.
fn resolving(web: &Web, dns: &DnsServer) -> Vec<String> {
    let mut flags = web.flags_by_host();
    flags.extend(["--resolver".to_owned(), dns.address().to_string()]);
    flags.extend(["--delay", "0", "--address-delay", "0"].map(str::to_owned));
    flags
}

#[test]
fn other_ports_and_schemes_are_refused() {
    let trap = Trap::at(5, 0);
    let dns = DnsServer::start();
    dns.otherwise(Reply::address("127.77.0.5"));
    let (own, port) = (comuni::crowd(1)[0].host(), trap.port);
    let refused = [
        (format!("http://{own}:{port}/accedi"), "port-refused"),
        (format!("https://servizi.{own}:{port}/accedi"), "port-refused"),
        (format!("http://{own}:22/accedi"), "port-refused"),
        (format!("http://{own}:6379/accedi"), "port-refused"),
        (format!("https://{own}:25/accedi"), "port-refused"),
        ("file:///etc/passwd".to_owned(), "scheme-refused"),
        (format!("ftp://{own}/accedi"), "scheme-refused"),
        (format!("gopher://127.77.0.5:{port}/_accedi"), "scheme-refused"),
        ("javascript:alert(1)".to_owned(), "scheme-refused"),
        ("data:text/html,<h1>Accedi</h1>".to_owned(), "scheme-refused"),
        ("mailto:accedi@example.org".to_owned(), "scheme-refused"),
        (format!("ws://{own}/accedi"), "scheme-refused"),
    ];
    let addresses: Vec<String> = refused.iter().map(|(address, _)| address.clone()).collect();
    let park = Park::new(&addresses, |_| By::Redirect);
    let web = Web::of(park.sites.clone());
    let riscontro = Riscontro::bare(BINARY).network(resolving(&web, &dns));
    park.assert_ends(&riscontro, &web, |address, end| {
        let code = refused.iter().find(|(known, _)| known == address).map_or("", |(_, code)| code);
        end == code || (code == "scheme-refused" && end == "bad-redirect")
    });
    trap.assert_untouched();
}

#[test]
fn an_operators_entry_opens_what_it_names_and_nothing_else() {
    let open = |flags: &[&str], url: &str| {
        let web = Web::of([Site::new("127.0.0.1").plain_http().page("/", "<h1>Comune</h1><p>Benvenuti nel sito</p>")]);
        let mut all: Vec<String> =
            flags.iter().map(|flag| flag.replace("PORT", &web.http().port().to_string())).collect();
        all.extend(["--delay", "0", "--address-delay", "0"].map(str::to_owned));
        let url = url.replace("PORT", &web.http().port().to_string());
        let site = Riscontro::bare(BINARY).network(all).check_json(&[&url]).remove(0);
        (web.log().all().len(), finding(&site, "spid").unwrap().1.to_owned())
    };
    let named = open(&["--connect-to", "127.0.0.1:80:127.0.0.1:PORT"], "http://127.0.0.1/");
    assert_eq!(named.0, 2, "robots.txt and the page: the operator named this address: {named:?}");
    let named = open(&["--connect-to", "127.0.0.1:PORT:127.0.0.1:PORT"], "http://127.0.0.1:PORT/");
    assert!(named.0 >= 2, "the operator named this address and port: {named:?}");
    for (flags, url) in [
        (&[][..], "http://127.0.0.1:PORT/"),
        (&["--connect-to", "::127.0.0.1:PORT"], "http://127.0.0.1:PORT/"),
        (&["--connect-to", ":80:127.0.0.1:PORT"], "http://127.0.0.1/"),
        (&["--connect-to", ":80:127.0.0.1:PORT"], "http://localhost/"),
        (&["--connect-to", ":80:127.0.0.1:PORT"], "http://2130706433/"),
        (&["--connect-to", "127.0.0.1:80:127.0.0.1:PORT"], "http://127.0.0.1:PORT/"),
        (&["--connect-to", "127.0.0.2:80:127.0.0.1:PORT"], "http://127.0.0.1/"),
    ] {
        let (requests, reason) = open(flags, url);
        assert_eq!(requests, 0, "{url} with {flags:?} was dialled");
        assert!(reason.ends_with("-refused"), "{url} with {flags:?}: {reason}");
    }
}

#[test]
fn the_doctor_gives_the_answers_that_the_network_obeys() {
    let riscontro = Riscontro::bare(BINARY);
    let ask = |url: &str, answers: &[&str]| {
        let mut arguments = vec!["doctor", "guard", url, "--format", "json"];
        if !answers.is_empty() {
            arguments.push("--answer");
            arguments.extend(answers);
        }
        let ended = riscontro.local(&arguments);
        let verdict = ended.json();
        let allowed = verdict["allowed"].as_bool().unwrap();
        assert_eq!(ended.code(), Some(i32::from(!allowed)), "{ended}");
        (allowed, verdict["reason"].as_str().unwrap().to_owned())
    };
    for host in inside(9) {
        let (allowed, reason) = ask(&format!("http://{host}/"), &["93.184.215.14"]);
        assert!(!allowed, "{host}: {reason}");
    }
    for (url, answers, wanted) in [
        ("https://www.comune.unofinto.to.it/", &["93.184.215.14"][..], "ok"),
        ("https://www.comune.unofinto.to.it:8443/x", &["93.184.215.14", "2606:4700::1111"], "ok"),
        ("https://93.184.215.14/", &["93.184.215.14"], "ok"),
        ("https://www.comune.unofinto.to.it/", &["93.184.215.14", "10.0.0.1"], "mixed-answer"),
        ("https://www.comune.unofinto.to.it/", &["192.168.0.1"], "private"),
        ("https://www.comune.unofinto.to.it/", &["100.64.1.1"], "cgnat"),
        ("https://www.comune.unofinto.to.it/", &["169.254.169.254"], "metadata"),
        ("https://www.comune.unofinto.to.it/", &["::1"], "loopback"),
        ("https://www.comune.unofinto.to.it:22/", &["93.184.215.14"], "port"),
        ("ftp://www.comune.unofinto.to.it/", &["93.184.215.14"], "scheme"),
        ("non è un indirizzo", &["93.184.215.14"], "bad-url"),
    ] {
        let (allowed, reason) = ask(url, answers);
        assert_eq!((allowed, reason.as_str()), (wanted == "ok", wanted), "{url} {answers:?}");
    }
}
