//! Names, against a DNS server of the test's own.

use std::{collections::HashMap, net::IpAddr};

use hickory_proto::{
    op::{Message, ResponseCode},
    rr::{Name, RData, Record, RecordType, rdata::SOA},
};
use tokio::net::UdpSocket;

use super::*;

/// What the server says about a name.
#[derive(Debug, Clone)]
enum Says {
    /// These addresses, with this TTL; then, from the second round of questions on, those of the other list.
    Addresses(&'static [&'static str], u32, &'static [&'static str]),
    /// This code, and nothing else.
    Code(ResponseCode),
    /// Nothing at all.
    Nothing,
    /// The first list for A; nothing for AAAA.
    OneFamily(&'static [&'static str]),
}

#[derive(Debug, Clone, Default)]
struct Questions(Arc<Mutex<HashMap<(String, RecordType), usize>>>);

impl Questions {
    fn of(&self, name: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|((asked, _), _)| asked == name).map(|(_, count)| count).sum()
    }
}

/// Runs a DNS server with this zone; names outside it do not exist.
async fn dns(zone: &[(&str, Says)]) -> (SocketAddr, Questions) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let questions = Questions::default();
    let asked = questions.clone();
    let zone: HashMap<String, Says> = zone.iter().map(|(name, says)| ((*name).to_owned(), says.clone())).collect();
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((read, client)) = socket.recv_from(&mut buffer).await {
            let query = Message::from_vec(&buffer[..read]).unwrap();
            let question = query.queries[0].clone();
            let name = question.name().to_string().trim_end_matches('.').to_lowercase();
            let kind = question.query_type();
            let round = {
                let mut counts = asked.0.lock().unwrap();
                let count = counts.entry((name.clone(), kind)).or_default();
                *count += 1;
                *count
            };
            let mut answer = query.clone().into_response();
            let says = zone.get(&name).cloned().unwrap_or(Says::Code(ResponseCode::NXDomain));
            let (addresses, ttl) = match says {
                Says::Nothing => continue,
                Says::OneFamily(_) if kind != RecordType::A => continue,
                Says::OneFamily(addresses) => (addresses, 60),
                Says::Addresses(first, ttl, _) if round == 1 => (first, ttl),
                Says::Addresses(_, ttl, then) => (then, ttl),
                Says::Code(code) => {
                    answer.metadata.response_code = code;
                    (&[][..], 0)
                }
            };
            for address in addresses {
                match (address.parse::<IpAddr>().unwrap(), kind) {
                    (IpAddr::V4(ip), RecordType::A) => {
                        answer.add_answer(Record::from_rdata(question.name().clone(), ttl, RData::A(ip.into())));
                    }
                    (IpAddr::V6(ip), RecordType::AAAA) => {
                        answer.add_answer(Record::from_rdata(question.name().clone(), ttl, RData::AAAA(ip.into())));
                    }
                    _ => {}
                }
            }
            if answer.answers.is_empty() {
                let zone = Name::from_ascii("test.").unwrap();
                let soa = SOA::new(zone.clone(), zone.clone(), 1, 60, 60, 60, 1);
                answer.add_authority(Record::from_rdata(zone, 1, RData::SOA(soa)));
            }
            socket.send_to(&answer.to_vec().unwrap(), client).await.unwrap();
        }
    });
    (address, questions)
}

fn asking(resolver: SocketAddr) -> Client {
    build(ClientSettings { resolver: Some(resolver), ..settings() })
}

async fn route(client: &Client, url: &str) -> Result<Route, Refusal> {
    client.route(&Url::parse(url).unwrap()).await
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what `route` returns")]
fn direct(addresses: &[&str]) -> Result<Route, Refusal> {
    Ok(Route::Direct(addresses.iter().map(|text| text.parse().unwrap()).collect()))
}

fn refused(outcome: FetchOutcome, detail: &str) -> Result<Route, Refusal> {
    Err(Refusal { outcome, detail: detail.to_owned() })
}

#[tokio::test]
async fn answers_become_routes_and_failures_are_told_apart() {
    let (server, questions) = dns(&[
        ("www.comune.test", Says::Addresses(&["2a00:1450::1", "93.184.215.14", "93.184.215.15"], 300, &[])),
        ("solo6.comune.test", Says::Addresses(&["2a00:1450::1"], 300, &[])),
        ("vuoto.comune.test", Says::Code(ResponseCode::NoError)),
        ("guasto.comune.test", Says::Code(ResponseCode::ServFail)),
        ("rifiuto.comune.test", Says::Code(ResponseCode::Refused)),
        ("muto.comune.test", Says::Nothing),
        ("mezzo.comune.test", Says::OneFamily(&["93.184.215.14"])),
    ])
    .await;
    let client = asking(server);
    for (url, wanted) in [
        ("https://www.comune.test/", direct(&["93.184.215.14:443", "93.184.215.15:443", "[2a00:1450::1]:443"])),
        ("http://WWW.comune.test.:8080/", direct(&["93.184.215.14:8080", "93.184.215.15:8080", "[2a00:1450::1]:8080"])),
        ("http://solo6.comune.test/", direct(&["[2a00:1450::1]:80"])),
        ("http://mezzo.comune.test/", direct(&["93.184.215.14:80"])),
        ("http://manca.comune.test/", refused(FetchOutcome::Dns, "nxdomain")),
        ("http://vuoto.comune.test/", refused(FetchOutcome::Dns, "no-address")),
        ("http://guasto.comune.test/", refused(FetchOutcome::Dns, "servfail")),
        ("http://rifiuto.comune.test/", refused(FetchOutcome::Dns, "servfail")),
        ("http://muto.comune.test/", refused(FetchOutcome::Dns, "resolver-timeout")),
    ] {
        assert_eq!(route(&client, url).await, wanted, "{url}");
    }
    assert_eq!(questions.of("www.comune.test"), 2, "A and AAAA, once for two spellings");
    for _ in 0..5 {
        route(&client, "http://manca.comune.test/").await.unwrap_err();
    }
    assert_eq!(
        questions.of("manca.comune.test"),
        1,
        "a denial is for both families, and remembered although its TTL is a second"
    );
}

#[tokio::test]
async fn many_requests_for_one_name_ask_once() {
    let (server, questions) =
        dns(&[("www.comune.test", Says::Addresses(&["93.184.215.14"], 0, &["93.184.215.14"]))]).await;
    let client = Arc::new(asking(server));
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let client = Arc::clone(&client);
        waiting.spawn(async move { route(&client, "http://www.comune.test/").await.unwrap() });
    }
    assert_eq!(waiting.join_all().await.len(), 50);
    assert_eq!(questions.of("www.comune.test"), 2);
}

#[tokio::test]
async fn closed_and_mixed_answers_are_refused() {
    let (server, _) = dns(&[
        ("privato.test.it", Says::Addresses(&["10.0.0.1"], 60, &[])),
        ("locale.test.it", Says::Addresses(&["127.0.0.1", "::1"], 60, &[])),
        ("meta.test.it", Says::Addresses(&["169.254.169.254"], 60, &[])),
        ("sei.test.it", Says::Addresses(&["fd00::1"], 60, &[])),
        ("mappato.test.it", Says::Addresses(&["::ffff:127.0.0.1"], 60, &[])),
        ("misto.test.it", Says::Addresses(&["93.184.215.14", "192.168.1.1"], 60, &[])),
        ("misto6.test.it", Says::Addresses(&["93.184.215.14", "::1"], 60, &[])),
        ("nat64.test.it", Says::Addresses(&["64:ff9b::5db8:d70e"], 60, &[])),
        ("nat64-dentro.test.it", Says::Addresses(&["64:ff9b::a00:1"], 60, &[])),
    ])
    .await;
    let client = asking(server);
    for (host, wanted) in [
        ("privato", refused(FetchOutcome::AddressRefused, "private")),
        ("locale", refused(FetchOutcome::AddressRefused, "loopback")),
        ("meta", refused(FetchOutcome::AddressRefused, "metadata")),
        ("sei", refused(FetchOutcome::AddressRefused, "private")),
        ("mappato", refused(FetchOutcome::AddressRefused, "mapped")),
        ("misto", refused(FetchOutcome::AddressRefused, "mixed-answer")),
        ("misto6", refused(FetchOutcome::AddressRefused, "mixed-answer")),
        ("nat64", direct(&["[64:ff9b::5db8:d70e]:80"])),
        ("nat64-dentro", refused(FetchOutcome::AddressRefused, "nat64")),
    ] {
        assert_eq!(route(&client, &format!("http://{host}.test.it/")).await, wanted, "{host}");
    }
}

/// The name leads to a public address when it is judged, and inside when it would be asked again. The connection goes
/// to what was judged: here an address that the operator named, so that there is something to connect to.
#[tokio::test]
async fn a_name_that_changes_its_answer_does_not_move_the_connection() {
    let (inside, inside_log) = answers_with(response("HTTP/1.1 200 OK", b"interno")).await;
    let (server, questions) = dns(&[("www.comune.test", Says::Addresses(&["93.184.215.14"], 0, &["127.0.0.1"]))]).await;
    let limits = Limits { connect: Duration::from_millis(200), ..short() };
    let entry = format!("altro.comune.test:80:{inside}").parse().unwrap();
    let client = build(ClientSettings { resolver: Some(server), limits, connect_to: vec![entry], ..settings() });
    let request = get("http://www.comune.test/");
    let first = client.route(&request.url).await;
    assert_eq!(first, direct(&["93.184.215.14:80"]));
    // Whatever the network of this machine makes of a public address, it is not the server inside, and no name is asked.
    let _ = client.exchange(&request, &Route::Direct(vec![inside])).await;
    assert_eq!(inside_log.heads().len(), 1, "the pinned address is dialled, whatever the name says now");
    assert_eq!(questions.of("www.comune.test"), 2);
    assert_eq!(client.route(&request.url).await, first, "and for a while the name is not asked again either");
    assert_eq!(questions.of("www.comune.test"), 2);
}

#[tokio::test]
async fn literals_and_named_entries_ask_nobody() {
    let (server, questions) = dns(&[]).await;
    let target: SocketAddr = "127.0.0.1:7777".parse().unwrap();
    let client = build(ClientSettings {
        resolver: Some(server),
        connect_to: vec![ConnectTo::new(Some("www.comune.test"), None, target).unwrap()],
        ..settings()
    });
    assert_eq!(route(&client, "http://93.184.215.14/").await, direct(&["93.184.215.14:80"]));
    assert_eq!(route(&client, "https://www.comune.test/").await, Ok(Route::Direct(vec![target])));
    assert!(route(&client, "http://localhost/").await.is_err());
    assert!(questions.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let free = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = asking(free);
    let refusal = route(&client, "http://www.comune.test/").await.unwrap_err();
    assert_eq!(refusal.outcome, FetchOutcome::Dns);
    assert!(matches!(refusal.detail.as_str(), "resolver-unreachable" | "resolver-timeout"), "{}", refusal.detail);
}

/// A silent resolver: each name fails by itself, none waits for another's turn, and a server that speaks is heard.
#[tokio::test]
async fn a_silent_resolver_fails_each_name() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let limits = Limits { resolve: Duration::from_millis(100), ..short() };
    let client = Arc::new(build(ClientSettings { resolver: Some(silent.local_addr().unwrap()), limits, ..settings() }));
    let mut waiting = tokio::task::JoinSet::new();
    for n in 0..100 {
        let client = Arc::clone(&client);
        waiting.spawn(async move { route(&client, &format!("http://www.comune{n}.test/")).await });
    }
    for refusal in waiting.join_all().await {
        assert_eq!(refusal, refused(FetchOutcome::Dns, "resolver-timeout"));
    }
}
