//! The table that proves the reader and the matcher, one row for each case, and what no table can say: properties and
//! costs. Rows are our own; what they hold is RFC 9309 and, where it is silent, the choices told in the module.

mod groups;
mod lines;
mod octets;
mod paths;

use std::time::Duration;

use proptest::prelude::*;
use url::Url;

use super::{Decision, MAX_BYTES, MAX_SITEMAPS, Robots};

/// robots.txt, agent, path with query, may it be asked for?
type Case = (&'static [u8], &'static str, &'static str, bool);

fn url(path: &str) -> Url {
    Url::parse(&format!("https://www.comune.esempio.it{path}")).expect("the path of a case")
}

fn check(body: &[u8], agent: &str, path: &str) -> Decision {
    Robots::parse(body).check(agent, &url(path))
}

fn hold(cases: &[Case]) {
    let wrong: Vec<String> = cases
        .iter()
        .enumerate()
        .filter_map(|(row, &(body, agent, path, allowed))| {
            let told = check(body, agent, path);
            let text = String::from_utf8_lossy(body);
            (told.allowed != allowed)
                .then(|| format!("row {row}: {agent} {path} wanted {allowed}, told {told:?} by {text:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_table_is_as_long_as_promised() {
    let rows = groups::CASES.len() + lines::CASES.len() + octets::CASES.len() + paths::CASES.len();
    assert!(rows >= 200, "{rows}");
}

#[test]
fn the_deciding_line_is_shown_as_written() {
    let body = b"# custodi\r\n\r\nUser-agent: *\r\nDisallow: /a\r\n  Disallow:  /area-riservata/  # chiuso\r\nAllow: /area-riservata/aperta\r\n";
    let line = |path| check(body, "riscontro", path).line;
    assert_eq!(line("/area-riservata/x"), Some((5, "Disallow:  /area-riservata/  # chiuso".to_owned())));
    assert_eq!(line("/area-riservata/aperta"), Some((6, "Allow: /area-riservata/aperta".to_owned())));
    assert_eq!(line("/servizi"), None);
    // Lone CR counts as one line end, CRLF as one, and a line too long to be shown is cut.
    assert_eq!(check(b"User-agent: *\r\rDisallow: /\n", "x", "/a").line, Some((3, "Disallow: /".to_owned())));
    let long = format!("User-agent: *\nDisallow: /{}\nDisallow: /", "a".repeat(1000));
    let (number, text) = check(long.as_bytes(), "x", &format!("/{}", "a".repeat(1000))).line.expect("a line");
    assert_eq!((number, text.len()), (2, 300));
}

#[test]
fn crawl_delays() {
    const CASES: &[(&str, &str, Option<f64>)] = &[
        ("User-agent: *\nCrawl-delay: 10\n", "riscontro", Some(10.0)),
        ("User-agent: *\ncrawl-DELAY:2.5\n", "riscontro", Some(2.5)),
        ("User-agent: *\nCrawl-delay: .5\n", "riscontro", Some(0.5)),
        ("User-agent: *\nCrawl-delay: 0\n", "riscontro", Some(0.0)),
        ("User-agent: *\nDisallow: /a\nCrawl-delay: 5 # piano\n", "riscontro", Some(5.0)),
        // Of several values the largest.
        ("User-agent: *\nCrawl-delay: 3\nCrawl-delay: 20\nCrawl-delay: 7\n", "riscontro", Some(20.0)),
        ("User-agent: *\nCrawl-delay: 3\nDisallow:\n\nUser-agent: *\nCrawl-delay: 4\n", "riscontro", Some(4.0)),
        // Each to its own run of agents.
        (
            "User-agent: a\nCrawl-delay: 10\nUser-agent: b\nCrawl-delay: 20\nUser-agent: *\nDisallow: /\n",
            "a",
            Some(10.0),
        ),
        (
            "User-agent: a\nCrawl-delay: 10\nUser-agent: b\nCrawl-delay: 20\nUser-agent: *\nDisallow: /\n",
            "b",
            Some(20.0),
        ),
        ("User-agent: a\nCrawl-delay: 10\nUser-agent: b\nCrawl-delay: 20\nUser-agent: *\nDisallow: /\n", "c", None),
        ("User-agent: a\nUser-agent: b\nDisallow: /x\nCrawl-delay: 6\n", "a", Some(6.0)),
        // A group of one's own without a delay does not borrow that of everybody.
        ("User-agent: *\nCrawl-delay: 10\n\nUser-agent: riscontro\nDisallow: /x\n", "riscontro", None),
        ("User-agent: altro\nCrawl-delay: 10\n", "riscontro", None),
        ("Crawl-delay: 10\nUser-agent: *\nDisallow: /x\n", "riscontro", None),
        // Not plain numbers.
        ("User-agent: *\nCrawl-delay: -5\n", "riscontro", None),
        ("User-agent: *\nCrawl-delay: presto\n", "riscontro", None),
        ("User-agent: *\nCrawl-delay: 10s\n", "riscontro", None),
        ("User-agent: *\nCrawl-delay: inf\n", "riscontro", None),
        ("User-agent: *\nCrawl-delay: nan\n", "riscontro", None),
        ("User-agent: *\nCrawl-delay: 1e9\n", "riscontro", None),
        ("User-agent: *\nCrawl-delay: 1.2.3\n", "riscontro", None),
        ("User-agent: *\nCrawl-delay: .\n", "riscontro", None),
        ("User-agent: *\nCrawl-delay:\n", "riscontro", None),
        // Huge: a year, for the caller to cap.
        ("User-agent: *\nCrawl-delay: 99999999999999999999999\n", "riscontro", Some(31_536_000.0)),
    ];
    for (body, agent, wanted) in CASES {
        let told = Robots::parse(body.as_bytes()).crawl_delay(agent);
        assert_eq!(told, wanted.map(Duration::from_secs_f64), "{agent} in {body:?}");
    }
}

#[test]
fn sitemaps_are_of_the_whole_file() {
    let body = b"Sitemap: https://www.comune.esempio.it/sitemap.xml\nUser-agent: altro\nDisallow: /\n\
        SITEMAP:http://www.comune.esempio.it/Sitemap-2.xml # due\nSitemap: /relativa.xml\nSitemap: ftp://x.it/s.xml\nSitemap:\n\
        Sitemap: https://www.comune.esempio.it/sitemap.xml\nsitemap : https://altro.it/s.xml?a=1\n";
    let told: Vec<String> = Robots::parse(body).sitemaps().iter().map(Url::to_string).collect();
    assert_eq!(
        told,
        [
            "https://www.comune.esempio.it/sitemap.xml",
            "http://www.comune.esempio.it/Sitemap-2.xml",
            "https://altro.it/s.xml?a=1"
        ]
    );
    let many = (0..5000).map(|n| format!("Sitemap: https://x.it/{n}.xml")).collect::<Vec<_>>().join("\n");
    assert_eq!(Robots::parse(many.as_bytes()).sitemaps().len(), MAX_SITEMAPS);
}

#[test]
fn half_a_mebibyte_is_read_and_no_half_line() {
    // A rule right before the limit counts.
    let mut body = b"User-agent: *\nDisallow: /prima\n".to_vec();
    let filler = MAX_BYTES - body.len() - b"\nDisallow: /orlo".len();
    body.extend(b"#".repeat(filler));
    body.extend(b"\nDisallow: /orlo");
    assert_eq!(body.len(), MAX_BYTES);
    let whole = Robots::parse(&body);
    assert!(!whole.check("x", &url("/orlo")).allowed);
    // The limit falls right before its line end: the line is whole.
    let mut ended = body.clone();
    ended.extend(b"\nDisallow: /dopo\n");
    let ended = Robots::parse(&ended);
    assert!(!ended.check("x", &url("/orlo")).allowed);
    assert!(!ended.check("x", &url("/prima")).allowed);
    assert!(ended.check("x", &url("/dopo")).allowed);
    // The limit cuts the line: it would forbid all of /orlo where only /orlo-lungo was meant.
    let mut cut = body;
    cut.extend(b"-lungo\nDisallow: /dopo\n");
    let cut = Robots::parse(&cut);
    assert!(cut.check("x", &url("/orlo")).allowed);
    assert!(cut.check("x", &url("/orlo-lungo")).allowed);
    assert!(!cut.check("x", &url("/prima")).allowed);
}

#[test]
fn stars_by_the_thousand_cost_little() {
    let stars = format!("User-agent: *\nDisallow: /{}b\n", "*a".repeat(4000));
    let path = format!("/{}", "a".repeat(8192));
    assert!(check(stars.as_bytes(), "x", &path).allowed);
    assert!(!check(stars.as_bytes(), "x", &format!("{path}b")).allowed);
    let only = format!("User-agent: *\nDisallow: /{}x$\n", "*".repeat(4000));
    assert!(check(only.as_bytes(), "x", &path).allowed);
    assert!(!check(only.as_bytes(), "x", &format!("{path}x")).allowed);
    // One long piece against a text that nearly has it everywhere: still decided, not given up.
    let piece = format!("User-agent: *\nDisallow: /*{}b\n", "a".repeat(4000));
    assert!(check(piece.as_bytes(), "x", &path).allowed);
    assert!(!check(piece.as_bytes(), "x", &format!("{path}b")).allowed);
}

#[test]
fn a_file_made_to_burn_time_forbids() {
    let rule = format!("Allow: /*{}b\n", "a".repeat(2000));
    let body = format!("User-agent: *\n{}", rule.repeat(250));
    let told = check(body.as_bytes(), "x", &format!("/{}", "a".repeat(8192)));
    assert!(!told.allowed);
    assert!(told.line.is_some());
}

#[test]
fn a_file_full_of_rules_is_read_whole() {
    let body: String =
        std::iter::once("User-agent: *\n".to_owned()).chain((0..30_000).map(|n| format!("Disallow: /{n}\n"))).collect();
    let robots = Robots::parse(body.as_bytes());
    assert!(!robots.check("x", &url("/29999")).allowed);
    assert!(robots.check("x", &url("/x")).allowed);
}

#[test]
fn the_whole_agent_string_is_cut_as_the_file_is() {
    let robots = Robots::parse(b"User-agent: riscontro\nDisallow: /\n");
    assert!(!robots.check("riscontro/1.0 (+mailto:ced@comune.esempio.it)", &url("/")).allowed);
    assert!(!robots.check("RISCONTRO", &url("/")).allowed);
    assert!(robots.check("", &url("/")).allowed);
    assert!(robots.check("*", &url("/")).allowed);
}

#[test]
fn keeping_one_agent_changes_nothing_for_it() {
    let body = b"User-agent: a\nUser-agent: riscontro\nDisallow: /x\nCrawl-delay: 4\n\nUser-agent: *\nDisallow: /\n\nUser-agent: b\nDisallow: /b\n";
    let mut robots = Robots::parse(body);
    let before = robots.weight();
    robots.keep_only("riscontro");
    assert!(robots.weight() < before);
    assert!(robots.check("riscontro", &url("/y")).allowed);
    assert!(!robots.check("riscontro", &url("/x")).allowed);
    assert_eq!(robots.crawl_delay("riscontro"), Some(Duration::from_secs(4)));
    let mut robots = Robots::parse(body);
    robots.keep_only("nessuno");
    assert!(!robots.check("nessuno", &url("/y")).allowed);
}

/// A path as rules and addresses have them: few letters, so that they often meet.
fn path() -> impl Strategy<Value = String> {
    "/([ab/?*$.]|%2[Ff]|%61|%C3%A8|è){0,12}"
}

fn rules() -> impl Strategy<Value = Vec<(bool, String)>> {
    prop::collection::vec((any::<bool>(), path()), 0..6)
}

/// At least one: a group without rules runs into the next.
fn some_rules() -> impl Strategy<Value = Vec<(bool, String)>> {
    prop::collection::vec((any::<bool>(), path()), 1..6)
}

fn written(agent: &str, rules: &[(bool, String)]) -> String {
    let rules = rules.iter().map(|(allow, path)| format!("{}: {path}", if *allow { "Allow" } else { "Disallow" }));
    format!("User-agent: {agent}\n{}\n\n", rules.collect::<Vec<_>>().join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics_on_bytes(body in prop::collection::vec(any::<u8>(), 0..2000), path in path()) {
        let robots = Robots::parse(&body);
        robots.check("riscontro", &url(&path.replace(['?', '*'], "x")));
        robots.crawl_delay("riscontro");
    }

    #[test]
    fn never_panics_on_nearly_robots(body in "((user-agent|disallow|allow|crawl-delay|sitemap|\\PC{0,4})[: \\t]{0,2}[/*$%a-c0-9\\u{80}-\\u{ff}]{0,8}[\\r\\n#]{0,2}){0,40}", path in path()) {
        Robots::parse(body.as_bytes()).check("riscontro", &url(&path));
    }

    #[test]
    fn groups_of_others_change_nothing(own in some_rules(), before in rules(), after in rules(), path in path()) {
        let alone = written("riscontro", &own);
        let among = format!("{}{alone}{}", written("altro-bot", &before), written("*", &after));
        let (alone, among) = (Robots::parse(alone.as_bytes()), Robots::parse(among.as_bytes()));
        let address = url(&path);
        prop_assert_eq!(alone.check("riscontro", &address).allowed, among.check("riscontro", &address).allowed);
    }

    #[test]
    fn the_order_of_rules_changes_nothing(own in rules(), path in path()) {
        let mut turned = own.clone();
        turned.reverse();
        let (one, other) = (written("*", &own), written("*", &turned));
        let address = url(&path);
        prop_assert_eq!(check_url(&one, &address), check_url(&other, &address));
    }

    /// Against a matcher too simple to be wrong (and exponential): on paths without percent letters they agree.
    #[test]
    fn agrees_with_the_plain_definition(rule in "[/*][ab/*]{0,8}\\$?", path in "/[ab/]{0,10}") {
        let body = format!("User-agent: *\nDisallow: {rule}\n");
        let (piece, end) = rule.strip_suffix('$').map_or((rule.as_str(), false), |piece| (piece, true));
        prop_assert_eq!(!check_url(&body, &url(&path)), plain(piece.as_bytes(), url(&path).path().as_bytes(), end));
    }
}

fn check_url(body: &str, address: &Url) -> bool {
    Robots::parse(body.as_bytes()).check("riscontro", address).allowed
}

fn plain(rule: &[u8], path: &[u8], end: bool) -> bool {
    match (rule, path) {
        ([], []) => true,
        ([], _) => !end,
        ([b'*', rest @ ..], _) => (0..=path.len()).any(|skip| plain(rest, &path[skip..], end)),
        ([first, rest @ ..], [octet, path @ ..]) => first == octet && plain(rest, path, end),
        _ => false,
    }
}
