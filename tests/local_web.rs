//! The local web itself: what the other tests stand on has to be true first.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr, TcpStream, UdpSocket},
    sync::Arc,
    time::{Duration, Instant},
};

use hickory_proto::{
    op::{Message, Query, ResponseCode},
    rr::{Name, RData, RecordType},
};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, pki_types::ServerName};

mod support;

use support::{
    Answer, Riscontro, Site, TlsFault, Web,
    comuni::{self, Expect, Expected},
    dns::{DnsServer, Reply},
    raw::{Misbehaviour, RawServer},
};

/// A client of the test's own, which trusts the local authority and nobody else.
struct Client<'a> {
    web: &'a Web,
    config: Arc<ClientConfig>,
}

impl<'a> Client<'a> {
    fn new(web: &'a Web) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(web.authority().root()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { web, config: Arc::new(config) }
    }

    fn connect(&self, host: &str) -> StreamOwned<ClientConnection, TcpStream> {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.config), name).unwrap();
        StreamOwned::new(connection, TcpStream::connect(self.web.https()).unwrap())
    }

    fn get(&self, host: &str, target: &str) -> std::io::Result<String> {
        talk(&mut self.connect(host), "GET", host, target)
    }
}

fn talk(stream: &mut (impl Read + Write), method: &str, host: &str, target: &str) -> std::io::Result<String> {
    // One write, one segment: in pieces each request would wait for a delayed acknowledgement.
    let head =
        format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nuser-agent: prova/1\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        // The other side may close without the TLS farewell.
        Err(error) if bytes.is_empty() || error.kind() != std::io::ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

fn plain(address: SocketAddr, host: &str, target: &str) -> String {
    talk(&mut TcpStream::connect(address).unwrap(), "GET", host, target).unwrap()
}

fn tls_error(error: &std::io::Error) -> &rustls::Error {
    error.get_ref().and_then(|error| error.downcast_ref()).unwrap_or_else(|| panic!("not an error of TLS: {error}"))
}

#[test]
fn each_name_has_its_certificate_and_its_pages() {
    let web = Web::of([
        Site::new("www.comune.unofinto.to.it").page("/", "<h1>Uno</h1>"),
        Site::new("www.comune.duefinto.to.it").page("/", "<h1>Due</h1>").robots("User-agent: *\nDisallow: /x\n"),
    ]);
    let client = Client::new(&web);
    assert!(client.get("www.comune.unofinto.to.it", "/").unwrap().contains("Uno"));
    assert!(client.get("www.comune.duefinto.to.it", "/").unwrap().contains("Due"));
    assert!(client.get("www.comune.unofinto.to.it", "/robots.txt").unwrap().starts_with("HTTP/1.1 404"));
    assert!(client.get("www.comune.duefinto.to.it", "/robots.txt").unwrap().contains("Disallow: /x"));
    web.log().assert_no_strays();
}

#[test]
fn the_log_tells_what_arrived() {
    let host = "www.comune.unofinto.to.it";
    let web = Web::of([Site::new(host).page("/", "ciao").page("/cerca", "tutto").page("/cerca?q=uno", "uno")]);
    let client = Client::new(&web);
    client.get(host, "/robots.txt").unwrap();
    assert!(client.get(host, "/cerca?q=uno").unwrap().ends_with("uno"));
    assert!(client.get(host, "/cerca?q=due").unwrap().ends_with("tutto"));
    let redirect = plain(web.http(), host, "/cerca?q=uno");
    assert!(redirect.contains("location: https://www.comune.unofinto.to.it/cerca?q=uno"), "{redirect}");
    let bare = client.get("comune.unofinto.to.it", "/").unwrap();
    assert!(bare.contains("location: https://www.comune.unofinto.to.it/"), "{bare}");

    let log = web.log();
    let all = log.all();
    assert_eq!(all.len(), 5, "{}", log.dump());
    assert_eq!(all.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(log.paths(host), ["/cerca?q=uno", "/cerca?q=due", "/cerca?q=uno"]);
    assert_eq!(log.first(host).unwrap().path(), "/robots.txt");
    assert_eq!(log.count(host, "/cerca?q=uno"), 2);
    assert_eq!(all[3].scheme, "http");
    assert_eq!((all[0].agent.as_str(), all[0].method.as_str(), all[0].status), ("prova/1", "GET", 404));
    assert_eq!(log.hosts(), ["comune.unofinto.to.it", host]);
    assert_eq!(log.gaps(host).len(), 3);
    assert_eq!(log.max_open(host), 1);
    assert!(all.iter().all(|entry| entry.end.is_some()), "{all:#?}");
    let connections: Vec<u64> = all.iter().map(|entry| entry.connection).collect();
    assert_eq!(connections, [0, 1, 2, 3, 4], "five connections, each with its number");
}

#[test]
fn a_host_nobody_has_is_a_stray() {
    let web = Web::of([Site::new("www.comune.unofinto.to.it").page("/", "ciao")]);
    assert!(
        Client::new(&web).get("posteid.poste.it", "/jod-fs/ssoserviceredirect").unwrap().starts_with("HTTP/1.1 421")
    );
    let strays = web.log().strays();
    assert_eq!(strays.len(), 1);
    assert_eq!(strays[0].url(), "https://posteid.poste.it/jod-fs/ssoserviceredirect");
    let log = web.log().clone();
    let complaint = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| log.assert_no_strays()));
    assert!(complaint.is_err(), "the assertion that tests lean on must be able to fail");
}

#[test]
fn open_requests_are_counted() {
    let host = "www.comune.lentofinto.to.it";
    let web = Web::of([Site::new(host).slow("/", Duration::from_millis(400), "eccomi")]);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| Client::new(&web).get(host, "/").unwrap());
        }
    });
    assert_eq!(web.log().max_open(host), 3, "{}", web.log().dump());
    assert_eq!(web.log().max_open_total(), 3);
    assert_eq!(web.log().open_now(), 0);
}

#[test]
fn every_tls_fault_is_the_one_it_says() {
    use rustls::CertificateError::{ExpiredContext, NotValidForNameContext, NotValidYetContext, UnknownIssuer};
    let host = |name: &str| format!("www.comune.{name}.to.it");
    let faults = [
        ("scaduto", TlsFault::Expired),
        ("futuro", TlsFault::NotYetValid),
        ("altronome", TlsFault::WrongName),
        ("dasolo", TlsFault::SelfSigned),
        ("senzacatena", TlsFault::MissingIntermediate),
        ("antico", TlsFault::Legacy),
        ("nontls", TlsFault::NotTls),
        ("riaggancia", TlsFault::Hangup),
    ];
    let web = Web::of(faults.map(|(name, fault)| Site::new(&host(name)).tls(fault).page("/", "mai")));
    let client = Client::new(&web);
    for (name, fault) in faults {
        let error = client.get(&host(name), "/").expect_err(name);
        let as_said = match fault {
            TlsFault::Expired => matches!(tls_error(&error), rustls::Error::InvalidCertificate(ExpiredContext { .. })),
            TlsFault::NotYetValid => {
                matches!(tls_error(&error), rustls::Error::InvalidCertificate(NotValidYetContext { .. }))
            }
            TlsFault::WrongName => {
                matches!(tls_error(&error), rustls::Error::InvalidCertificate(NotValidForNameContext { .. }))
            }
            TlsFault::SelfSigned | TlsFault::MissingIntermediate => {
                matches!(tls_error(&error), rustls::Error::InvalidCertificate(UnknownIssuer))
            }
            TlsFault::Legacy => {
                matches!(tls_error(&error), rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion))
            }
            TlsFault::NotTls => matches!(tls_error(&error), rustls::Error::InvalidMessage(_)),
            TlsFault::Hangup | TlsFault::None => error.kind() == std::io::ErrorKind::UnexpectedEof,
        };
        assert!(as_said, "{fault:?}: {error:?}");
    }
    assert_eq!(web.log().all().len(), 0, "no request may come over a link that cannot be trusted");
    assert_eq!(web.log().connections().len(), faults.len());
    assert_eq!(web.log().connections()[0].server_name.as_deref(), Some("www.comune.scaduto.to.it"));
}

#[test]
fn a_missing_intermediate_differs_from_a_certificate_that_vouches_for_itself() {
    use x509_parser::prelude::{FromDer, X509Certificate};
    let host = |name: &str| format!("www.comune.{name}.to.it");
    let web = Web::of([
        Site::new(&host("dasolo")).tls(TlsFault::SelfSigned),
        Site::new(&host("senzacatena")).tls(TlsFault::MissingIntermediate),
        Site::new(&host("intero")),
    ]);
    let chain = |name: &str| web.authority().certificate(&host(name)).cert.clone();
    let is_own_issuer = |der: &[u8]| {
        let (_, certificate) = X509Certificate::from_der(der).unwrap();
        certificate.issuer() == certificate.subject()
    };
    assert_eq!((chain("dasolo").len(), is_own_issuer(&chain("dasolo")[0])), (1, true));
    assert_eq!((chain("senzacatena").len(), is_own_issuer(&chain("senzacatena")[0])), (1, false));
    assert_eq!((chain("intero").len(), is_own_issuer(&chain("intero")[0])), (2, false));
}

#[test]
fn answers_misbehave_as_told() {
    let host = "www.comune.stranofinto.to.it";
    let web = Web::of([Site::new(host)
        .plain_http()
        .answer("/cade", Answer::dropped())
        .answer("/taglio", Answer::html("0123456789").cut_after(4))
        .answer("/goccia", Answer::html("abc").drip(1, Duration::from_millis(20)))
        .answer("/gzip", Answer::html("a".repeat(5000)).gzip())
        .answer("/cp1252", Answer::windows_1252("perché", false))
        .sequence("/dopo", vec![Answer::text("poi").status(503).retry_after("2"), Answer::text("ora")])
        .prefix("/trappola", |target| Answer::html(format!("<a href={target}/x>ancora</a>")))
        .answer("/infinito", Answer::html("xxxxxxxx").endless())]);
    let get = |target: &str| plain(web.http(), host, target);

    assert_eq!(get("/cade"), "", "closed without an answer");
    let cut = get("/taglio");
    assert!(cut.contains("content-length: 10") && cut.ends_with("0123"), "{cut}");
    let started = Instant::now();
    assert!(get("/goccia").contains("\r\nc\r\n"), "three chunks");
    assert!(started.elapsed() >= Duration::from_millis(60), "three pauses");
    let packed = get("/gzip");
    assert!(packed.contains("content-encoding: gzip") && packed.len() < 1000);
    assert!(get("/cp1252").contains("content-type: text/html\r\n"));
    assert!(get("/dopo").contains("retry-after: 2"));
    assert!(get("/dopo").ends_with("ora"));
    assert!(get("/trappola/a/b").contains("/trappola/a/b/x"));
    let mut stream = TcpStream::connect(web.http()).unwrap();
    write!(stream, "GET /infinito HTTP/1.1\r\nhost: {host}\r\n\r\n").unwrap();
    let mut bytes = vec![0; 1 << 20];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(web.log().open_now(), 1, "still sending");
}

#[test]
fn only_get_and_head_are_answered() {
    let host = "www.comune.unofinto.to.it";
    let web = Web::of([Site::new(host).page("/", "<h1>ciao</h1>")]);
    let client = Client::new(&web);
    let head = talk(&mut client.connect(host), "HEAD", host, "/").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200") && head.contains("content-length: 13") && !head.contains("ciao"),
        "{head}"
    );
    assert!(talk(&mut client.connect(host), "POST", host, "/").unwrap().starts_with("HTTP/1.1 405"));
    assert_eq!(web.log().methods(), ["HEAD", "POST"]);
}

#[test]
fn a_site_can_answer_bytes_that_are_not_http() {
    let host = "www.comune.stranofinto.to.it";
    let web = Web::of([Site::new(host).plain_http().raw("220 pronto\r\n")]);
    assert_eq!(Client::new(&web).get(host, "/").unwrap(), "220 pronto\r\n");
    assert_eq!(plain(web.http(), host, "/"), "220 pronto\r\n");
}

#[test]
fn http2_is_offered_unless_the_site_says_no() {
    let web = Web::of([
        Site::new("www.comune.unofinto.to.it").page("/", "ciao"),
        Site::new("www.comune.vecchiofinto.to.it").page("/", "ciao").http1_only(),
    ]);
    let mut client = Client::new(&web);
    let mut config = (*client.config).clone();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    client.config = Arc::new(config);
    let agreed = |host: &str| {
        let mut stream = client.connect(host);
        stream.conn.complete_io(&mut stream.sock).unwrap();
        stream.conn.alpn_protocol().map(<[u8]>::to_vec).unwrap()
    };
    assert_eq!(agreed("www.comune.unofinto.to.it"), b"h2");
    assert_eq!(agreed("www.comune.vecchiofinto.to.it"), b"http/1.1");
}

fn ask(server: &DnsServer, name: &str, kind: RecordType) -> Option<Message> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut question = Message::query();
    question.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), kind));
    socket.send_to(&question.to_vec().unwrap(), server.address()).unwrap();
    let mut buffer = [0; 1024];
    let size = socket.recv(&mut buffer).ok()?;
    let answer = Message::from_vec(&buffer[..size]).unwrap();
    assert_eq!(answer.metadata.id, question.metadata.id);
    Some(answer)
}

fn addresses(message: &Message) -> Vec<IpAddr> {
    let address = |record: &hickory_proto::rr::Record| match &record.data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    };
    message.answers.iter().filter_map(address).collect()
}

#[test]
fn the_name_server_says_what_it_is_told() {
    let server = DnsServer::start();
    server
        .set(
            "www.comune.unofinto.to.it",
            Reply::Addresses(vec!["192.0.2.7".parse().unwrap(), "2001:db8::7".parse().unwrap()]),
        )
        .set("rotto.invalid", Reply::ServerFailure)
        .set("muto.invalid", Reply::Silence)
        .set_sequence("cambia.invalid", vec![Reply::address("192.0.2.1"), Reply::address("127.0.0.1")]);

    let four = ask(&server, "www.comune.unofinto.to.it", RecordType::A).unwrap();
    assert_eq!(addresses(&four), ["192.0.2.7".parse::<IpAddr>().unwrap()]);
    let six = ask(&server, "WWW.comune.unofinto.to.it", RecordType::AAAA).unwrap();
    assert_eq!(addresses(&six), ["2001:db8::7".parse::<IpAddr>().unwrap()]);
    assert_eq!(ask(&server, "nessuno.invalid", RecordType::A).unwrap().metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(ask(&server, "rotto.invalid", RecordType::A).unwrap().metadata.response_code, ResponseCode::ServFail);
    assert!(ask(&server, "muto.invalid", RecordType::A).is_none());
    let changing: Vec<_> =
        (0..3).map(|_| addresses(&ask(&server, "cambia.invalid", RecordType::A).unwrap())[0]).collect();
    assert_eq!(changing, ["192.0.2.1", "127.0.0.1", "127.0.0.1"].map(|text| text.parse::<IpAddr>().unwrap()));
    assert_eq!(server.count("www.comune.unofinto.to.it"), 2);
}

#[test]
fn the_raw_server_misbehaves() {
    let answer = |how| {
        let server = RawServer::start(how);
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let answer = talk(&mut stream, "GET", "www.comune.unofinto.to.it", "/");
        assert!(server.accepted() >= 1);
        answer
    };
    assert!(answer(Misbehaviour::bad_chunk()).unwrap().contains("zz"));
    assert_eq!(answer(Misbehaviour::CloseAfterRequest).unwrap(), "");
    assert_eq!(answer(Misbehaviour::Reset).unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert!(answer(Misbehaviour::HugeHeaders(200_000)).unwrap().len() > 200_000);
    assert_eq!(answer(Misbehaviour::Interim(5)).unwrap().matches("103 Early Hints").count(), 5);

    let silent = RawServer::start(Misbehaviour::Silent);
    let mut stream = TcpStream::connect(silent.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(talk(&mut stream, "GET", "x.invalid", "/").is_err(), "not a word");
}

#[test]
fn the_binary_runs_in_a_home_of_its_own() {
    let web = Web::of([Site::new("www.comune.unofinto.to.it")]);
    let shell = Riscontro::new("/bin/sh", &web).env("SALUTO", "ciao");
    let ended =
        shell.run(&["-c", r#"echo "{\"home\":\"$HOME\",\"saluto\":\"$SALUTO\"}"; echo "$@" >&2; exit 3"#, "sh"]);
    ended.assert_code(3);
    let said = &ended.json_lines()[0];
    assert_eq!(said["home"], shell.home().to_str().unwrap());
    assert_eq!(said["saluto"], "ciao");
    for flag in web.flags().iter().chain(&["--contact".to_owned(), "--delay".to_owned()]) {
        assert!(ended.stderr.contains(flag.as_str()), "{flag} is missing: {}", ended.stderr);
    }
    assert_eq!(shell.local_with_input(&["-c", "cat; echo $#"], b"dentro ").stdout, "dentro 0\n");
    assert!(shell.database("a.db").starts_with("sqlite:///"));
}

#[test]
fn a_binary_that_hangs_fails_its_test() {
    let sleeper = Riscontro::bare("/bin/sleep").patience(Duration::from_millis(300));
    let hung = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sleeper.local(&["60"])));
    assert!(hung.is_err());
    let mut running = sleeper.spawn(&["60"]);
    assert!(!running.has_ended());
    assert_eq!(running.kill().code(), None, "ended by a signal");
}

#[test]
fn findings_are_read_by_platform() {
    let site = serde_json::json!({"findings": [{"platform": "spid", "outcome": "undetermined", "reason": "dns"}]});
    assert_eq!(support::run::finding(&site, "spid"), Some(("undetermined", "dns")));
    assert_eq!(support::run::finding(&site, "cie"), None);
    assert!(Expect::Undetermined("dns").accepts("undetermined", "dns"));
    assert!(!Expect::Undetermined("dns").accepts("undetermined", "tls-expired"));
    assert!(!Expect::NotFound.accepts("found", "proof"));
}

#[test]
fn the_comuni_are_whole() {
    let comuni = comuni::all();
    assert!(comuni.len() >= 150, "{}", comuni.len());
    let mut numbers: Vec<u32> = comuni.iter().map(|comune| comune.number).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), comuni.len(), "every comune has a number of its own");
    for comune in &comuni {
        assert!(!comune.note.is_empty(), "{}: a note says what it is here for", comune.name);
        for (platform, expect) in
            comune.expected.each().into_iter().chain(comune.rendered.iter().flat_map(Expected::each))
        {
            let exact = !matches!(expect, Expect::Undetermined(why) if why == comuni::ANY);
            assert!(exact, "{} {platform}: what is true of it is said exactly", comune.name);
        }
        assert!(comune.sites.iter().any(|site| site.host == comune.host()), "{}: no site of its own", comune.name);
    }
    assert_eq!(comuni::targets_csv(&comuni).lines().count(), comuni.len() + 1);
    assert_eq!(comuni::named("Borgofinto").fiscale(), "99999000013");
}

/// Everything a patient reader comes to from a comune's home page: link by link, without judgement.
fn everything_linked(client: &Client<'_>, comune: &comuni::Comune) -> String {
    let known = |host: &str| comune.sites.iter().any(|site| site.host == host);
    let (mut seen, mut text) = (Vec::new(), String::new());
    let mut todo = vec![url::Url::parse(&comune.url()).unwrap()];
    while let Some(url) = todo.pop() {
        if seen.contains(&url) || seen.len() > 60 || url.path().contains("calendario") {
            continue;
        }
        seen.push(url.clone());
        let host = url.host_str().unwrap();
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut answer = client.get(host, target).unwrap_or_default();
        if answer.starts_with("HTTP/1.1 429") {
            answer = client.get(host, target).unwrap();
        }
        let visible = answer.split("<!--").map(|part| part.rsplit("-->").next().unwrap()).collect::<String>();
        let visible =
            visible.split("<template").map(|part| part.rsplit("</template>").next().unwrap()).collect::<String>();
        for mark in ["href=\"", "href='", "location: ", "action=\"", "url=", "url: '", "title=\"https"] {
            for rest in visible.split(mark).skip(1) {
                let link = rest.split(['"', '\'', '\r']).next().unwrap().replace("&amp;", "&");
                let link = if mark.starts_with("title") { format!("https{link}") } else { link };
                let Ok(link) = url.join(&link) else { continue };
                if link.host_str().is_some_and(known) {
                    todo.push(link);
                }
            }
        }
        text += &visible;
    }
    text
}

#[test]
fn what_is_expected_of_the_comuni_is_on_their_sites() {
    let mut comuni = comuni::all();
    // Slowness is part of no expectation, and this test reads everything.
    comuni.iter_mut().flat_map(|comune| &mut comune.sites).for_each(|site| site.latency = Duration::ZERO);
    let web = Web::of(comuni::sites(&comuni));
    let client = Client::new(&web);
    let mut wrong = Vec::new();
    for comune in &comuni {
        let text = everything_linked(&client, comune);
        let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
        let saml = has(&["SAMLRequest="]) || has(&["name=\"SAMLRequest\""]);
        let spid = saml
            && comuni::markup::PROVIDERS.iter().any(|(_, _, _, sso)| {
                has(&[&format!("location: {sso}"), &format!("action=\"{sso}"), &sso.replace("Redirect", "POST")])
            });
        let cie = has(&[
            "//idserver.servizicie.interno.gov.it/idp/profile/",
            "//oidc.idserver.servizicie.interno.gov.it/auth",
        ]);
        let pay = has(&["Codice avviso", "<title>MyPay - Cittadino", "location: https://checkout.pagopa.it/c/"]);
        let app = has(&[
            "continua.io.pagopa.it/services/service-detail?serviceId=",
            "ioit://services/service-detail?serviceId=",
            "<h2>Servizi attivi sull'app IO</h2>",
        ]);
        let expected = comune.expected;
        for (platform, expect, there) in [
            ("SPID", expected.spid, spid),
            ("CIE", expected.cie, cie),
            ("pagoPA", expected.pagopa, pay),
            ("App IO", expected.appio, app),
        ] {
            let name = comune.name;
            if expect == Expect::Found && !there {
                wrong.push(format!("{name}: {platform} should be found and is nowhere"));
            }
            let silent = matches!(expect, Expect::NotFound | Expect::Mentioned);
            if silent && there && !comune.decoys {
                wrong.push(format!("{name}: {platform} should not be found and is there"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    web.log().assert_no_strays();
}
