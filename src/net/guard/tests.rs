#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;

use super::*;

const PUBLIC: &str = "93.184.215.14";

fn entries(texts: &[&str]) -> Vec<ConnectTo> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn reason(url: &str) -> String {
    judge(url, &[PUBLIC.parse().unwrap()], &[]).reason
}

/// URLs whose fate does not depend on any resolver (the answer given is a public address).
const URLS: &[(&str, &str)] = &[
    // schemes
    ("http://www.comune.example.it/", "ok"),
    ("https://www.comune.example.it/", "ok"),
    ("HTTPS://WWW.COMUNE.EXAMPLE.IT/", "ok"),
    ("ftp://www.comune.example.it/", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("gopher://127.0.0.1:6379/_INFO", "scheme"),
    ("data:text/html,x", "scheme"),
    ("javascript:alert(1)", "scheme"),
    ("ws://www.comune.example.it/", "scheme"),
    ("mailto:info@comune.example.it", "scheme"),
    ("blob:https://www.comune.example.it/1", "scheme"),
    ("view-source:http://127.0.0.1/", "scheme"),
    ("about:blank", "scheme"),
    ("", "bad-url"),
    ("//www.comune.example.it/", "bad-url"),
    ("/servizi", "bad-url"),
    ("http://", "bad-url"),
    ("http://:80/", "bad-url"),
    ("http:///", "bad-url"),
    // ports
    ("http://www.comune.example.it:80/", "ok"),
    ("http://www.comune.example.it:443/", "ok"),
    ("https://www.comune.example.it:8443/", "ok"),
    ("http://www.comune.example.it:8080/", "ok"),
    ("http://www.comune.example.it:22/", "port"),
    ("http://www.comune.example.it:25/", "port"),
    ("http://www.comune.example.it:81/", "port"),
    ("http://www.comune.example.it:3306/", "port"),
    ("http://www.comune.example.it:5432/", "port"),
    ("http://www.comune.example.it:6379/", "port"),
    ("http://www.comune.example.it:9200/", "port"),
    ("http://www.comune.example.it:0/", "port"),
    ("http://www.comune.example.it:65535/", "port"),
    ("http://www.comune.example.it:65536/", "bad-url"),
    ("http://www.comune.example.it:00080/", "ok"),
    ("http://93.184.215.14:8081/", "port"),
    // user information is no host
    ("http://user:pass@www.comune.example.it/", "ok"),
    ("http://www.comune.example.it@127.0.0.1/", "loopback"),
    ("http://www.comune.example.it:80@127.0.0.1/", "loopback"),
    ("http://127.0.0.1@www.comune.example.it/", "ok"),
    ("http://127.0.0.1#@www.comune.example.it/", "loopback"),
    ("http://127.0.0.1?@www.comune.example.it/", "loopback"),
    ("http://127.0.0.1\\@www.comune.example.it/", "loopback"),
    // loopback in its spellings
    ("http://127.0.0.1/", "loopback"),
    ("https://127.0.0.1/", "loopback"),
    ("http://127.0.0.1:8080/", "loopback"),
    ("http://127.0.0.1./", "loopback"),
    ("http://127.1/", "loopback"),
    ("http://127.0.1/", "loopback"),
    ("http://127/", "this-network"),
    ("http://2130706433/", "loopback"),
    ("http://0x7f000001/", "loopback"),
    ("http://0X7F000001/", "loopback"),
    ("http://0x7f.1/", "loopback"),
    ("http://0x7f.0x0.0x0.0x1/", "loopback"),
    ("http://0x7f.0.0.1/", "loopback"),
    ("http://017700000001/", "loopback"),
    ("http://0177.0.0.1/", "loopback"),
    ("http://0177.0.0.01/", "loopback"),
    ("http://00000177.0.0.1/", "loopback"),
    ("http://0177.0x0.1/", "loopback"),
    ("http://127.0x1/", "loopback"),
    ("http://127.255.255.254/", "loopback"),
    ("http://127.16777215/", "loopback"),
    ("http://%31%32%37.0.0.1/", "loopback"),
    ("http://127%2e0%2e0%2e1/", "loopback"),
    ("http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/", "loopback"),
    ("http://127\u{3002}0\u{3002}0\u{3002}1/", "loopback"),
    ("http://127\u{ff0e}0\u{ff0e}0\u{ff0e}1/", "loopback"),
    ("http://127\u{ff61}0\u{ff61}0\u{ff61}1/", "loopback"),
    ("http://\u{2460}\u{2461}\u{2466}.0.0.1/", "loopback"),
    ("http://0\u{445}7f000001/", "inside-name"),
    ("http:127.0.0.1/", "loopback"),
    ("http:/127.0.0.1/", "loopback"),
    ("http:////127.0.0.1/", "loopback"),
    ("http:\\\\127.0.0.1\\", "loopback"),
    ("ht\ttp://127.0.0.1/", "loopback"),
    ("http://127.0\n.0.1/", "loopback"),
    (" http://127.0.0.1/ ", "loopback"),
    ("http://127.0.0.1%00/", "bad-url"),
    ("http://127.0.0.1%20/", "bad-url"),
    ("http://127.0.0.256/", "bad-url"),
    ("http://127.0.0.1.5/", "bad-url"),
    ("http://4294967296/", "bad-url"),
    ("http://0x1ffffffff/", "bad-url"),
    ("http://09.0.0.1/", "bad-url"),
    ("http://1.2.3.0x/", "ok"),
    // other closed IPv4 ranges, and their edges
    ("http://0/", "this-network"),
    ("http://0.0.0.0/", "this-network"),
    ("http://0x0/", "this-network"),
    ("http://0.255.255.255/", "this-network"),
    ("http://1.0.0.0/", "ok"),
    ("http://9.255.255.255/", "ok"),
    ("http://10.0.0.0/", "private"),
    ("http://10.255.255.255/", "private"),
    ("http://10.1/", "private"),
    ("http://11.0.0.0/", "ok"),
    ("http://012.0.0.1/", "private"),
    ("http://167772161/", "private"),
    ("http://100.63.255.255/", "ok"),
    ("http://100.64.0.0/", "cgnat"),
    ("http://100.127.255.255/", "cgnat"),
    ("http://100.128.0.0/", "ok"),
    ("http://100.100.100.200/", "metadata"),
    ("http://126.255.255.255/", "ok"),
    ("http://128.0.0.0/", "ok"),
    ("http://169.253.255.255/", "ok"),
    ("http://169.254.0.0/", "link-local"),
    ("http://169.254.169.254/latest/meta-data/", "metadata"),
    ("http://0xa9fea9fe/", "metadata"),
    ("http://2852039166/", "metadata"),
    ("http://0251.0376.0251.0376/", "metadata"),
    ("http://169.254.43518/", "metadata"),
    ("http://169.254.170.2/", "metadata"),
    ("http://169.254.170.23/", "metadata"),
    ("http://169.255.0.0/", "ok"),
    ("http://168.63.129.16/", "metadata"),
    ("http://168.63.129.17/", "ok"),
    ("http://172.15.255.255/", "ok"),
    ("http://172.16.0.0/", "private"),
    ("http://172.31.255.255/", "private"),
    ("http://172.32.0.0/", "ok"),
    ("http://191.255.255.255/", "ok"),
    ("http://192.0.0.1/", "reserved"),
    ("http://192.0.0.192/", "metadata"),
    ("http://192.0.1.0/", "ok"),
    ("http://192.0.2.1/", "documentation"),
    ("http://192.0.3.0/", "ok"),
    ("http://192.52.193.1/", "reserved"),
    ("http://192.88.98.255/", "ok"),
    ("http://192.88.99.1/", "6to4"),
    ("http://192.88.100.0/", "ok"),
    ("http://192.167.255.255/", "ok"),
    ("http://192.168.0.0/", "private"),
    ("http://192.168.1.1/", "private"),
    ("http://192.168.257/", "private"),
    ("http://192.169.0.0/", "ok"),
    ("http://198.17.255.255/", "ok"),
    ("http://198.18.0.0/", "benchmark"),
    ("http://198.19.255.255/", "benchmark"),
    ("http://198.20.0.0/", "ok"),
    ("http://198.51.100.7/", "documentation"),
    ("http://203.0.113.7/", "documentation"),
    ("http://223.255.255.255/", "ok"),
    ("http://224.0.0.1/", "multicast"),
    ("http://233.252.0.1/", "documentation"),
    ("http://239.255.255.255/", "multicast"),
    ("http://240.0.0.0/", "reserved"),
    ("http://255.255.255.254/", "reserved"),
    ("http://255.255.255.255/", "broadcast"),
    ("http://4294967295/", "broadcast"),
    ("http://93.184.215.14/", "ok"),
    ("http://1572394766/", "ok"),
    // IPv6
    ("http://[2a00:1450:4002:40b::2003]/", "ok"),
    ("http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8080/", "ok"),
    ("http://[::]/", "unspecified"),
    ("http://[::1]/", "loopback"),
    ("http://[0:0:0:0:0:0:0:1]/", "loopback"),
    ("http://[0000:0000:0000:0000:0000:0000:0000:0001]:8080/", "loopback"),
    ("http://[::0.0.0.1]/", "loopback"),
    ("http://[::127.0.0.1]/", "compatible"),
    ("http://[::93.184.215.14]/", "compatible"),
    ("http://[::ffff:127.0.0.1]/", "mapped"),
    ("http://[::ffff:7f00:1]/", "mapped"),
    ("http://[::FFFF:169.254.169.254]/", "mapped"),
    ("http://[::ffff:93.184.215.14]/", "mapped"),
    ("http://[::ffff:0:127.0.0.1]/", "mapped"),
    ("http://[64:ff9b::127.0.0.1]/", "nat64"),
    ("http://[64:ff9b::a9fe:a9fe]/", "nat64"),
    ("http://[64:ff9b::93.184.215.14]/", "nat64"),
    ("http://[64:ff9b:1::7f00:1]/", "nat64"),
    ("http://[64:ff9b:1:ffff::1]/", "nat64"),
    ("http://[64:ff9b:2::1]/", "nat64"),
    ("http://[100::1]/", "discard"),
    ("http://[100:0:0:1::1]/", "discard"),
    ("http://[100:0:0:2::1]/", "reserved"),
    ("http://[1fff:ffff::1]/", "reserved"),
    ("http://[2001::1]/", "teredo"),
    ("http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "teredo"),
    ("http://[2001:1::1]/", "reserved"),
    ("http://[2001:2::1]/", "benchmark"),
    ("http://[2001:2:1::1]/", "reserved"),
    ("http://[2001:4:112::1]/", "reserved"),
    ("http://[2001:10::1]/", "orchid"),
    ("http://[2001:2f::1]/", "orchid"),
    ("http://[2001:1ff:ffff::1]/", "reserved"),
    ("http://[2001:200::1]/", "ok"),
    ("http://[2001:db7:ffff::1]/", "ok"),
    ("http://[2001:db8::1]/", "documentation"),
    ("http://[2001:db9::1]/", "ok"),
    ("http://[2002:7f00:1::]/", "6to4"),
    ("http://[2002:5db8:d70e::1]/", "6to4"),
    ("http://[2003::1]/", "ok"),
    ("http://[2a00:1450:4002:40b:0:5efe:7f00:1]/", "isatap"),
    ("http://[2a00:1450:4002:40b:200:5efe:10.0.0.1]/", "isatap"),
    ("http://[2a00:1450:4002:40b:0:5efe:5db8:d70e]/", "ok"),
    ("http://[3ffe::1]/", "reserved"),
    ("http://[3fff::1]/", "documentation"),
    ("http://[3fff:fff:ffff::1]/", "documentation"),
    ("http://[3fff:1000::1]/", "ok"),
    ("http://[4000::1]/", "reserved"),
    ("http://[5f00::1]/", "reserved"),
    ("http://[fc00::1]/", "private"),
    ("http://[fdff:ffff::1]/", "private"),
    ("http://[fd00:ec2::254]/", "metadata"),
    ("http://[fd00:ec2::23]/", "metadata"),
    ("http://[fd20:ce::254]/", "metadata"),
    ("http://[fe00::1]/", "reserved"),
    ("http://[fe80::1]/", "link-local"),
    ("http://[febf:ffff::1]/", "link-local"),
    ("http://[fec0::1]/", "site-local"),
    ("http://[ff02::1]/", "multicast"),
    ("http://[ff0e::1]/", "multicast"),
    ("http://[fe80::1%25eth0]/", "bad-url"),
    ("http://[fe80::1%eth0]/", "bad-url"),
    ("http://[::1/", "bad-url"),
    ("http://::1/", "bad-url"),
    ("http://[127.0.0.1]/", "bad-url"),
    ("http://[v1.x]/", "bad-url"),
    // names that are inside by definition
    ("http://localhost/", "inside-name"),
    ("http://LOCALHOST/", "inside-name"),
    ("http://localhost./", "inside-name"),
    ("http://lo%63alhost/", "inside-name"),
    ("http://\u{ff4c}ocalhost/", "inside-name"),
    ("http://\u{24db}\u{24de}calhost/", "inside-name"),
    ("http://localhost:8080/", "inside-name"),
    ("http://foo.localhost/", "inside-name"),
    ("http://localhost.localdomain/", "inside-name"),
    ("http://stampante.local/", "inside-name"),
    ("http://stampante.local./", "inside-name"),
    ("http://metadata.google.internal/", "inside-name"),
    ("http://nas.home.arpa/", "inside-name"),
    ("http://router.lan/", "inside-name"),
    ("http://router.home/", "inside-name"),
    ("http://dc01.comune.corp/", "inside-name"),
    ("http://protocollo.intranet/", "inside-name"),
    ("http://kubernetes.default.svc/", "inside-name"),
    ("http://kubernetes.default.svc.cluster.local/", "inside-name"),
    ("http://expyuzz4wqqyqhjn.onion/", "inside-name"),
    ("http://intranet/", "inside-name"),
    ("http://metadata/", "inside-name"),
    ("http://it/", "inside-name"),
    // names that only look so
    ("http://local.comune.example.it/", "ok"),
    ("http://localhost.comune.example.it/", "ok"),
    ("http://www.mylocal.example.it/", "ok"),
    ("http://notlocalhost.it/", "ok"),
    ("http://xlocal/", "inside-name"),
    ("http://www.comune.test/", "ok"),
    ("http://127.0.0.1.nip.example.it/", "ok"),
    ("http://www.citt\u{e0}.example.it/", "ok"),
    ("http://www.comune.example.it./", "ok"),
    // names that are none
    ("http://./", "bad-name"),
    ("http://../", "bad-name"),
    ("http://www..comune.example.it/", "bad-name"),
    ("http://www.comune.example.it../", "bad-name"),
    ("http://.comune.example.it/", "bad-name"),
    ("http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.it/", "bad-name"),
    ("http://exa mple.it/", "bad-url"),
    ("http://exam<ple.it/", "bad-url"),
];

#[test]
fn urls() {
    assert!(URLS.len() > 150);
    let wrong: Vec<String> = URLS
        .iter()
        .filter(|(url, wanted)| reason(url) != *wanted)
        .map(|(url, wanted)| format!("{url:?}: wanted {wanted}, got {}", reason(url)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn refusals_carry_their_outcome() {
    for (url, outcome) in [
        ("ftp://a.it/", FetchOutcome::SchemeRefused),
        ("http://a.it:22/", FetchOutcome::PortRefused),
        ("http://127.0.0.1/", FetchOutcome::AddressRefused),
        ("http://127.0.0.1:22/", FetchOutcome::AddressRefused),
        ("http://localhost/", FetchOutcome::AddressRefused),
    ] {
        assert_eq!(check_url(&Url::parse(url).unwrap()).unwrap_err().outcome, outcome, "{url}");
    }
}

#[test]
fn answers() {
    for (answers, wanted) in [
        (&["93.184.215.14"][..], "ok"),
        (&["93.184.215.14", "2a00:1450::1"], "ok"),
        (&[], "no-address"),
        (&["127.0.0.1"], "loopback"),
        (&["10.0.0.1", "127.0.0.1"], "private"),
        (&["::1"], "loopback"),
        (&["169.254.169.254"], "metadata"),
        (&["93.184.215.14", "10.0.0.1"], "mixed-answer"),
        (&["10.0.0.1", "93.184.215.14"], "mixed-answer"),
        (&["93.184.215.14", "::ffff:93.184.215.14"], "mixed-answer"),
        (&["64:ff9b::5db8:d70e"], "ok"),
        (&["93.184.215.14", "64:ff9b::5db8:d70e"], "ok"),
        (&["64:ff9b::7f00:1"], "nat64"),
        (&["64:ff9b::a9fe:a9fe"], "nat64"),
        (&["0.0.0.0"], "this-network"),
    ] {
        let parsed: Vec<IpAddr> = answers.iter().map(|text| text.parse().unwrap()).collect();
        let verdict = judge("https://www.comune.example.it/", &parsed, &[]);
        assert_eq!(verdict.reason, wanted, "{answers:?}");
        assert_eq!(verdict.allowed, wanted == "ok", "{answers:?}");
        assert_eq!(verdict.addresses.len(), if verdict.allowed { parsed.len() } else { 0 });
    }
}

#[test]
fn the_port_of_the_url_goes_with_each_address() {
    let verdict = judge("http://a.example.it:8080/", &[PUBLIC.parse().unwrap()], &[]);
    assert_eq!(verdict.addresses, ["93.184.215.14:8080".parse().unwrap()]);
    assert_eq!(judge("https://93.184.215.14/", &[], &[]).addresses, ["93.184.215.14:443".parse().unwrap()]);
}

#[test]
fn connect_to_opens_what_it_names_and_nothing_else() {
    let cases: &[(&[&str], &str, &str)] = &[
        // everything goes to one local server: names do, and nothing else
        (&["::127.0.0.1:9443"], "https://www.comune.example.it/", "connect-to"),
        (&["::127.0.0.1:9443"], "https://www.comune.example.it./", "connect-to"),
        (&["::127.0.0.1:9443"], "http://www.comune.example.it:8080/", "connect-to"),
        (&["::127.0.0.1:9443"], "http://www.comune.example.it:22/", "port"),
        (&["::127.0.0.1:9443"], "http://127.0.0.1/", "loopback"),
        (&["::127.0.0.1:9443"], "http://127.0.0.1:9443/", "loopback"),
        (&["::127.0.0.1:9443"], "http://93.184.215.14/", "ok"),
        (&["::127.0.0.1:9443"], "http://localhost/", "inside-name"),
        (&["::127.0.0.1:9443"], "http://stampante.local/", "inside-name"),
        (&["::127.0.0.1:9443"], "http://intranet/", "inside-name"),
        (&["::127.0.0.1:9443"], "ftp://www.comune.example.it/", "scheme"),
        (&["::127.0.0.1:9443"], "http://www..it/", "bad-name"),
        // one port of every name
        (&[":443:127.0.0.1:9443"], "https://www.comune.example.it/", "connect-to"),
        (&[":443:127.0.0.1:9443"], "http://www.comune.example.it/", "ok"),
        (&[":3000:127.0.0.1:9443"], "http://www.comune.example.it:3000/", "connect-to"),
        (&[":3000:127.0.0.1:9443"], "http://127.0.0.1:3000/", "loopback"),
        // a host that is named
        (&["127.0.0.1:8080:127.0.0.1:8080"], "http://127.0.0.1:8080/", "connect-to"),
        (&["127.0.0.1:8080:127.0.0.1:8080"], "http://2130706433:8080/", "connect-to"),
        (&["127.0.0.1:8080:127.0.0.1:8080"], "http://127.0.0.1/", "loopback"),
        (&["127.0.0.1:8080:127.0.0.1:8080"], "http://127.0.0.2:8080/", "loopback"),
        (&["127.0.0.1:8080:127.0.0.1:8080"], "http://localhost:8080/", "inside-name"),
        (&["127.0.0.1:3000:127.0.0.1:3000"], "http://127.0.0.1:3000/", "connect-to"),
        (&["127.0.0.1::127.0.0.1:3000"], "http://127.0.0.1/", "connect-to"),
        (&["127.0.0.1::127.0.0.1:3000"], "http://127.0.0.1:3000/", "loopback"),
        (&["[::1]:80:[::1]:3000"], "http://[::1]/", "connect-to"),
        (&["[::1]:80:[::1]:3000"], "http://127.0.0.1/", "loopback"),
        (&["localhost:80:127.0.0.1:3000"], "http://localhost/", "connect-to"),
        (&["localhost:80:127.0.0.1:3000"], "http://a.localhost/", "inside-name"),
        (&["intranet.local:80:127.0.0.1:3000"], "http://INTRANET.local./", "connect-to"),
        (&["a.example.it:80:127.0.0.1:3000"], "http://b.example.it/", "ok"),
        (&["a.example.it:80:127.0.0.1:3000"], "https://a.example.it/", "ok"),
    ];
    for (list, url, wanted) in cases {
        assert_eq!(judge(url, &[PUBLIC.parse().unwrap()], &entries(list)).reason, *wanted, "{list:?} {url}");
    }
}

#[test]
fn the_first_entry_that_matches_wins() {
    let list = entries(&["a.example.it:443:127.0.0.1:1", ":443:127.0.0.1:2", "::127.0.0.1:3"]);
    for (url, port) in [("https://a.example.it/", 1), ("https://b.example.it/", 2), ("http://a.example.it/", 3)] {
        assert_eq!(judge(url, &[], &list).addresses, [SocketAddr::from(([127, 0, 0, 1], port))], "{url}");
    }
}

#[test]
fn an_entry_opens_its_target_alone() {
    let list = entries(&["::127.0.0.1:9443"]);
    assert!(may_dial("127.0.0.1:9443".parse().unwrap(), &list));
    assert!(!may_dial("127.0.0.1:9444".parse().unwrap(), &list));
    assert!(!may_dial("127.0.0.2:9443".parse().unwrap(), &list));
    assert!(may_dial("93.184.215.14:443".parse().unwrap(), &[]));
}

/// The closed ranges once more, in another notation and by another route (ipnet), for the property below.
fn plainly_closed(address: IpAddr) -> bool {
    let v4 = |address: Ipv4Addr| {
        [
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
            "168.63.129.16/32",
        ]
        .iter()
        .any(|range| range.parse::<ipnet::Ipv4Net>().unwrap().contains(&address))
    };
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => {
            let inside = |range: &&str| range.parse::<ipnet::Ipv6Net>().unwrap().contains(&address);
            if inside(&"64:ff9b::/96") {
                return v4(Ipv4Addr::from_bits(u32::try_from(address.to_bits() & 0xffff_ffff).unwrap()));
            }
            let closed = ["2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20"].iter().any(&inside);
            let low = u64::try_from(address.to_bits() & u128::from(u64::MAX)).unwrap();
            let isatap = matches!(low >> 32, 0x5efe | 0x0200_5efe)
                && v4(Ipv4Addr::from_bits(u32::try_from(low & 0xffff_ffff).unwrap()));
            closed || isatap || !inside(&"2000::/3")
        }
    }
}

fn any_v6() -> impl Strategy<Value = Ipv6Addr> {
    let prefixes = prop::sample::select(vec![
        0_u128,
        0xffff << 32,
        0x64_ff9b << 96,
        (0x64_ff9b << 96) | (1 << 80),
        0x2001 << 112,
        (0x2001 << 112) | (0xdb8 << 96),
        0x2002 << 112,
        0x2a00 << 112,
        (0x2a00 << 112) | (0x5efe << 32),
        (0x2a00 << 112) | (0x0200_5efe << 32),
        0x3ffe << 112,
        0x3fff << 112,
        0xfc00 << 112,
        0xfe80 << 112,
        0xff00 << 112,
    ]);
    prop_oneof![
        any::<u128>().prop_map(Ipv6Addr::from_bits),
        (prefixes.clone(), any::<u32>()).prop_map(|(prefix, low)| Ipv6Addr::from_bits(prefix | u128::from(low))),
        (prefixes, any::<u128>()).prop_map(|(prefix, low)| Ipv6Addr::from_bits(prefix | (low >> 16))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_v4_agrees_with_a_plain_table(bits in any::<u32>()) {
        let address = IpAddr::V4(Ipv4Addr::from_bits(bits));
        prop_assert_eq!(check_address(address).is_err(), plainly_closed(address));
    }

    #[test]
    fn any_v6_agrees_with_a_plain_table(address in any_v6()) {
        let address = IpAddr::V6(address);
        prop_assert_eq!(check_address(address).is_err(), plainly_closed(address));
    }

    #[test]
    fn a_literal_is_judged_as_its_address(bits in any::<u32>()) {
        let address = Ipv4Addr::from_bits(bits);
        let [a, b, c, d] = address.octets();
        let low = (u32::from(b) << 16) | (u32::from(c) << 8) | u32::from(d);
        for spelling in [
            format!("http://{address}/"),
            format!("http://{bits}/"),
            format!("http://{bits:#x}/"),
            format!("http://0{bits:o}/"),
            format!("http://{a}.{low}/"),
            format!("http://{a:#x}.0{b:o}.{}/", (u32::from(c) << 8) | u32::from(d)),
        ] {
            prop_assert_eq!(judge(&spelling, &[], &[]).allowed, !plainly_closed(IpAddr::V4(address)), "{}", spelling);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,80}", tail in "[a-z0-9.:%@\\[\\]/\\\\]{0,40}") {
        let _ = judge(&text, &[], &[]);
        let _ = judge(&format!("http://{tail}"), &[], &[]);
        let _ = tail.parse::<ConnectTo>();
    }
}
