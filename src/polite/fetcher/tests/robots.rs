//! robots.txt: asked first, asked everywhere, asked once, and what its answer means.

use std::time::Duration;

use crate::{
    model::FetchOutcome::{self, *},
    polite::{
        Ask, OptOut, Settings,
        testing::{Answer, Web, ask, at, fault, get, is_robots, moved, ok, plain, status},
    },
};

const RULES: &str = "User-agent: *\nDisallow: /chiuso\n";

/// What a robots answer comes to, told by asking for a page that the rules allow and for one that they forbid.
#[derive(Debug, PartialEq)]
enum Means {
    /// Both pages are asked for.
    Open,
    /// The rules were read.
    Rules,
    /// Neither page is asked for, for this reason.
    Shut(FetchOutcome),
}

/// The table of outcomes: a name, the answers of `/robots.txt` (the last one repeats), what it means.
fn outcomes() -> Vec<(&'static str, Vec<Answer>, Means)> {
    let shut = Means::Shut(RobotsUnavailable);
    let big = format!("{RULES}{}", "#".repeat(600_000));
    let big = &big[..512_001];
    let mut rows = vec![
        ("rules", vec![ok(RULES)], Means::Rules),
        ("empty", vec![ok("")], Means::Open),
        ("only comments", vec![ok("# niente\n")], Means::Open),
        ("a page", vec![ok("<html><body>Disallow: /</body></html>").header("content-type", "text/html")], Means::Open),
        ("204", vec![status(204)], Means::Open),
        ("203 with rules", vec![ok(RULES).status(203)], Means::Rules),
        ("206 with rules", vec![ok(RULES).status(206)], Means::Rules),
        ("cut by our limit", vec![ok(big).ending(Cut)], Means::Rules),
        ("cut by the connection", vec![ok(RULES).ending(Cut)], Means::Shut(RobotsUnavailable)),
        ("broken encoding", vec![ok("").ending(Undecodable)], Means::Shut(RobotsUnavailable)),
        ("body too slow", vec![ok(RULES).ending(Timeout)], Means::Shut(RobotsUnavailable)),
        ("swollen", vec![ok("").ending(TooLarge)], Means::Shut(RobotsUnavailable)),
        ("redirect to itself", vec![moved(301, "/robots.txt")], Means::Shut(RobotsUnavailable)),
        ("redirect to rules", vec![moved(302, "/r")], Means::Rules),
        ("redirect to another host's rules", vec![moved(301, "https://b.it/robots.txt")], Means::Rules),
        ("redirect to another host's file", vec![moved(301, "https://b.it/r")], Means::Rules),
        ("redirect to the other scheme", vec![moved(301, "http://a.it/r")], Means::Rules),
        ("five redirects", vec![moved(302, "/4")], Means::Rules),
        ("six redirects", vec![moved(302, "/5")], Means::Shut(RobotsUnavailable)),
        ("circle of two", vec![moved(302, "/back")], Means::Shut(RobotsUnavailable)),
        ("redirect to nothing", vec![moved(302, "/404")], Means::Open),
        ("redirect to a fault", vec![moved(302, "/500")], Means::Shut(RobotsUnavailable)),
        (
            "redirect to a refused address",
            vec![moved(302, "http://inside.it/robots.txt")],
            Means::Shut(RobotsUnavailable),
        ),
        ("redirect to a name without address", vec![moved(302, "http://nowhere.it/r")], Means::Shut(RobotsUnavailable)),
        ("redirect to a dead host", vec![moved(302, "https://dead.it/r")], Means::Shut(RobotsUnavailable)),
        ("redirect to an opted-out host", vec![moved(302, "https://out.it/r")], Means::Shut(RobotsUnavailable)),
        ("redirect to a log-out", vec![moved(302, "/logout")], Means::Shut(RobotsUnavailable)),
        ("redirect to a provider", vec![moved(302, "https://idp.it/sso")], Means::Shut(RobotsUnavailable)),
        ("redirect to another scheme", vec![moved(302, "ftp://a.it/robots.txt")], Means::Shut(RobotsUnavailable)),
        ("redirect to a file", vec![moved(302, "file:///etc/passwd")], Means::Shut(RobotsUnavailable)),
        ("redirect without address", vec![status(302)], Means::Shut(RobotsUnavailable)),
        ("redirect with a blank address", vec![moved(302, "  ")], Means::Shut(RobotsUnavailable)),
        ("closed once", vec![fault(Closed), ok(RULES)], Means::Rules),
        ("closed twice", vec![fault(Closed), fault(Closed), ok(RULES)], Means::Shut(RobotsUnavailable)),
    ];
    for code in [301, 302, 303, 307, 308] {
        rows.push(("each redirect", vec![moved(code, "/r")], Means::Rules));
    }
    for code in [400, 401, 402, 403, 404, 406, 407, 410, 418, 451, 499] {
        rows.push(("4xx", vec![status(code)], Means::Open));
    }
    for code in [429, 500, 501, 502, 503, 504, 520, 599, 101, 300, 304, 305, 306, 600, 999] {
        rows.push(("other statuses", vec![status(code)], Means::Shut(RobotsUnavailable)));
    }
    for outcome in [FirstByteTimeout, Timeout, Malformed, HeadersTooLarge, TooLarge, Undecodable] {
        rows.push(("no answer", vec![fault(outcome)], Means::Shut(RobotsUnavailable)));
    }
    for outcome in [Refused, Unreachable, ConnectTimeout, TlsExpired, TlsWrongName, TlsSelfSigned, TlsLegacy, TlsFailed]
    {
        rows.push(("no connection", vec![fault(outcome)], Means::Shut(outcome)));
    }
    rows.push(("a fault, then rules: one is enough to stay away", vec![status(503), ok(RULES)], shut));
    rows
}

#[tokio::test(start_paused = true)]
async fn what_each_answer_means() {
    let rows = outcomes();
    assert!(rows.len() >= 34);
    for (name, answers, wanted) in rows {
        let shown = format!("{name}: {answers:?}");
        let web = Web::new(move |request, nth| match request.url.as_str() {
            "https://a.it/robots.txt" => answers[nth.min(answers.len() - 1)].clone(),
            "https://a.it/r" | "http://a.it/r" | "https://b.it/r" | "https://b.it/robots.txt" => ok(RULES),
            "https://a.it/back" => moved(302, "/robots.txt"),
            "https://a.it/404" => status(404),
            "https://a.it/500" => status(500),
            "https://dead.it/r" => fault(Refused),
            url => match url.strip_prefix("https://a.it/").and_then(|digit| digit.parse::<u32>().ok()) {
                Some(1) => moved(302, "/r"),
                Some(left) => moved(302, &format!("/{}", left - 1)),
                None => plain(request),
            },
        });
        web.refuses("inside.it", AddressRefused);
        web.refuses("nowhere.it", Dns);
        let fetcher = web.fetcher(Settings::default());
        fetcher.set_opt_out(OptOut::parse(["out.it"]).unwrap());
        let provider = |url: &url::Url| (url.host_str() == Some("idp.it")).then_some(ProviderRedirect);
        let mut told = Vec::new();
        for page in ["https://a.it/aperto", "https://a.it/chiuso"] {
            let url = at(page);
            told.push(fetcher.fetch(&web.budget(), Ask { stop_at: Some(&provider), ..ask(&url) }).await.outcome);
        }
        let means = match (told[0], told[1]) {
            (Ok, Ok) => Means::Open,
            (Ok, RobotsDenied) => Means::Rules,
            (one, other) if one == other => Means::Shut(one),
            other => panic!("{shown}: {other:?}"),
        };
        assert_eq!(means, wanted, "{shown}");
        let urls = web.urls();
        let pages = urls.iter().filter(|url| url.ends_with("/aperto") || url.ends_with("/chiuso")).count();
        let allowed = match means {
            Means::Open => 2,
            Means::Rules => 1,
            Means::Shut(_) => 0,
        };
        assert_eq!(pages, allowed, "{shown}: {urls:?}");
        assert_eq!(urls[0], "https://a.it/robots.txt", "{shown}");
        for never in ["inside.it", "nowhere.it", "out.it", "idp.it", "logout", "ftp:", "file:"] {
            assert!(!urls.iter().any(|url| url.contains(never)), "{shown}: {urls:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_refused_says_why_and_is_not_asked() {
    for outcome in [Dns, AddressRefused, PortRefused, SchemeRefused] {
        let web = Web::new(|request, _| plain(request));
        web.refuses("a.it", outcome);
        let got = get(&web, &web.fetcher(Settings::default()), "https://a.it/").await;
        assert_eq!(got.outcome, outcome);
        assert!(got.hops.is_empty() && got.exchange.is_none());
        assert!(web.seen().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn no_page_before_robots_is_in() {
    // The answer takes a minute, and ten visits want ten pages meanwhile.
    let web = Web::new(|request, _| if is_robots(request) { ok(RULES).taking(20_000) } else { ok("") });
    let fetcher = web.fetcher(Settings { delay: Duration::ZERO, ..Settings::default() });
    let visits = (0..10).map(|n| {
        let (web, fetcher) = (web.clone(), fetcher.clone());
        tokio::spawn(async move { get(&web, &fetcher, &format!("https://a.it/{n}")).await.outcome })
    });
    for visit in visits.collect::<Vec<_>>() {
        assert_eq!(visit.await.unwrap(), Ok);
    }
    let seen = web.seen();
    assert_eq!(seen.len(), 11);
    assert_eq!(seen.iter().filter(|seen| seen.url.ends_with("/robots.txt")).count(), 1, "one flight");
    let robots = seen[0].end.unwrap();
    assert!(seen[1..].iter().all(|page| page.start >= robots), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_robots_takes_over_when_the_first_visit_is_cut() {
    let web = Web::new(
        |request, nth| if is_robots(request) && nth == 0 { ok(RULES).taking(1_000_000) } else { plain(request) },
    );
    let fetcher = web.fetcher(Settings::default());
    let url = at("https://a.it/");
    let short = web.budget_of(10, Duration::from_secs(5));
    let long = web.budget();
    let (first, second) = tokio::join!(fetcher.fetch(&short, ask(&url)), fetcher.fetch(&long, ask(&url)));
    assert_eq!(first.outcome, Budget);
    assert_eq!(second.outcome, Ok);
    assert_eq!(web.urls(), ["https://a.it/robots.txt", "https://a.it/robots.txt", "https://a.it/"]);
}

#[tokio::test(start_paused = true)]
async fn robots_is_asked_again_at_every_hop() {
    let web = Web::pages(vec![
        ("https://a.it/robots.txt", ok("User-agent: *\nDisallow: /c\n")),
        ("https://a.it/", moved(302, "https://b.it/x")),
        ("https://b.it/x", moved(302, "https://b.it:8443/y")),
        ("https://b.it:8443/y", moved(302, "https://a.it/c")),
    ]);
    let got = get(&web, &web.fetcher(Settings::default()), "https://a.it/").await;
    assert_eq!(got.outcome, RobotsDenied);
    assert_eq!(got.url, at("https://b.it:8443/y"));
    assert_eq!(got.hops.len(), 3);
    assert_eq!(got.hops[2].location, Some(at("https://a.it/c")));
    assert_eq!(got.detail.unwrap(), "https://a.it/c: robots.txt, line 2: Disallow: /c");
    assert_eq!(
        web.urls(),
        [
            "https://a.it/robots.txt",
            "https://a.it/",
            "https://b.it/robots.txt",
            "https://b.it/x",
            "https://b.it:8443/robots.txt",
            "https://b.it:8443/y",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn twelve_spellings_are_one_robots_fetch() {
    let web = Web::new(|request, _| if is_robots(request) { ok(RULES) } else { ok("") });
    let fetcher = web.fetcher(Settings::default());
    for spelling in [
        "http://forlì.it/chiuso",
        "http://FORLÌ.it/chiuso",
        "http://xn--forl-tpa.it/chiuso",
        "http://XN--FORL-TPA.IT/chiuso",
        "http://forl%C3%AC.it/chiuso",
        "http://%66orlì.it/chiuso",
        "http://forlì.it./chiuso",
        "http://forlì.it:80/chiuso",
        "http://u:p@forlì.it/chiuso",
        "http://forlì。it/chiuso",
        "http:\\\\forlì.it\\chiuso",
        "http://forlì.it/%63hiuso#x",
    ] {
        assert_eq!(get(&web, &fetcher, spelling).await.outcome, RobotsDenied, "{spelling}");
    }
    assert_eq!(web.urls(), ["http://xn--forl-tpa.it/robots.txt"]);
}

#[tokio::test(start_paused = true)]
async fn a_copy_counts_a_day_and_a_fault_an_hour() {
    let web = Web::new(|request, nth| match request.url.as_str() {
        "https://a.it/robots.txt" => ok(if nth == 0 { "" } else { "User-agent: *\nDisallow: /\n" }),
        "https://b.it/robots.txt" if nth == 0 => status(500),
        _ => plain(request),
    });
    let fetcher = web.fetcher(Settings::default());
    assert_eq!(get(&web, &fetcher, "https://a.it/").await.outcome, Ok);
    tokio::time::advance(Duration::from_secs(86_390)).await;
    assert_eq!(get(&web, &fetcher, "https://a.it/").await.outcome, Ok);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(get(&web, &fetcher, "https://a.it/").await.outcome, RobotsDenied);

    assert_eq!(get(&web, &fetcher, "https://b.it/").await.outcome, RobotsUnavailable);
    tokio::time::advance(Duration::from_secs(3590)).await;
    assert_eq!(get(&web, &fetcher, "https://b.it/").await.outcome, RobotsUnavailable);
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(get(&web, &fetcher, "https://b.it/").await.outcome, Ok);
}

#[tokio::test(start_paused = true)]
async fn one_fetch_serves_the_authority_it_was_sent_on_to() {
    let web = Web::pages(vec![
        ("http://a.it/robots.txt", moved(301, "https://www.a.it/robots.txt")),
        ("http://a.it/", moved(301, "https://www.a.it/")),
        ("https://a.it/robots.txt", moved(301, "https://www.a.it/robots.txt")),
        ("https://www.a.it/robots.txt", ok(RULES)),
    ]);
    let fetcher = web.fetcher(Settings::default());
    assert_eq!(get(&web, &fetcher, "http://a.it/").await.outcome, Ok);
    assert_eq!(get(&web, &fetcher, "https://a.it/chiuso").await.outcome, RobotsDenied);
    assert_eq!(
        web.urls(),
        [
            "http://a.it/robots.txt",
            "https://www.a.it/robots.txt",
            "http://a.it/",
            "https://www.a.it/",
            "https://a.it/robots.txt"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_owner_may_look_past_robots_of_the_own_host_alone() {
    let web = Web::pages(vec![
        ("https://a.it/robots.txt", ok("User-agent: *\nDisallow: /\nCrawl-delay: 7\n")),
        ("https://a.it/su", moved(302, "https://b.it/")),
        ("https://b.it/robots.txt", ok("User-agent: *\nDisallow: /\n")),
        ("https://c.it/robots.txt", status(500)),
        ("https://d.it/robots.txt", fault(Refused)),
    ]);
    let fetcher = web.fetcher(Settings::default());
    let own = async |url: &str, host: &str| {
        let url = at(url);
        fetcher.fetch(&web.budget(), Ask { own_host: Some(host), ..ask(&url) }).await.outcome
    };
    assert_eq!(own("https://a.it/", "A.it.").await, Ok);
    assert_eq!(own("https://a.it/su", "a.it").await, RobotsDenied);
    assert_eq!(own("https://a.it/", "b.it").await, RobotsDenied);
    assert_eq!(own("https://c.it/", "c.it").await, Ok);
    assert_eq!(own("https://d.it/", "d.it").await, Refused);
    // Its delay is kept to all the same.
    let seen: Vec<_> = web.seen().into_iter().filter(|seen| seen.host == "a.it").collect();
    for pair in seen.windows(2) {
        assert!(pair[1].start >= pair[0].end.unwrap() + Duration::from_secs(7), "{pair:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn sitemaps_are_told_without_asking() {
    let web = Web::pages(vec![("https://a.it/robots.txt", ok("Sitemap: https://a.it/sitemap.xml\n"))]);
    let fetcher = web.fetcher(Settings::default());
    let url = at("https://a.it/");
    assert!(fetcher.sitemaps(&url).is_empty());
    get(&web, &fetcher, "https://a.it/").await;
    assert_eq!(fetcher.sitemaps(&url), [at("https://a.it/sitemap.xml")]);
    assert_eq!(web.seen().len(), 2);
}
