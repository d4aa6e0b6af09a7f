//! Queues, gaps, shared addresses, back-off, budgets.

use std::{collections::HashMap, time::Duration};

use jiff::{SignedDuration, fmt::strtime};

use crate::{
    model::FetchOutcome::{self, *},
    net::Route,
    polite::{
        OptOut, Settings,
        testing::{DAWN, Seen, Web, ask, at, fault, get, is_robots, moved, ok, plain, status},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// Gaps between the end of each request and the start of the next, on one host; panics when two overlap.
fn gaps(seen: &[Seen], host: &str) -> Vec<Duration> {
    let own: Vec<&Seen> = seen.iter().filter(|seen| seen.host == host).collect();
    own.windows(2).map(|pair| pair[1].start.checked_sub(pair[0].end.unwrap()).expect("two open requests")).collect()
}

#[tokio::test(start_paused = true)]
async fn one_at_a_time_and_a_gap_for_each_host() {
    // Twenty hosts with four visits each, in which latency differs from page to page.
    let web = Web::new(|request, _| {
        let latency = request.url.as_str().bytes().map(u64::from).sum::<u64>() % 1500;
        if request.url.path() == "/3" { status(404) } else { plain(request) }.taking(latency)
    });
    let fetcher = web.fetcher(Settings::default());
    let visits: Vec<_> = (0..80)
        .map(|visit| {
            let (web, fetcher) = (web.clone(), fetcher.clone());
            tokio::spawn(async move {
                for page in 0..5 {
                    get(&web, &fetcher, &format!("https://h{}.it/{page}?{visit}", visit % 20)).await;
                }
            })
        })
        .collect();
    for visit in visits {
        visit.await.unwrap();
    }
    let seen = web.seen();
    assert_eq!(seen.len(), 20 * (4 * 5 + 1));
    for host in 0..20 {
        let host = format!("h{host}.it");
        let own: Vec<&Seen> = seen.iter().filter(|seen| seen.host == host).collect();
        for (gap, before) in gaps(&seen, &host).into_iter().zip(own) {
            let latency = before.end.unwrap() - before.start;
            assert!(gap >= SECOND.max(latency * 2), "{host}: {gap:?} after {before:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ports_schemes_and_spellings_share_one_queue() {
    let web = Web::new(|request, _| plain(request).taking(300));
    let fetcher = web.fetcher(Settings::default());
    let spellings = [
        "http://forlì.it/1",
        "https://forlì.it/2",
        "http://FORLÌ.it/3",
        "http://xn--forl-tpa.it/4",
        "http://forl%C3%AC.it/5",
        "http://forlì.it./6",
        "http://forlì.it:80/7",
        "https://forlì.it:443/8",
        "http://forlì.it:8080/9",
        "http://u@forlì.it/10",
        "http://%66orlì.it/11",
        "http://forlì。it/12",
    ];
    let visits = spellings.map(|spelling| {
        let (web, fetcher) = (web.clone(), fetcher.clone());
        tokio::spawn(async move { get(&web, &fetcher, spelling).await.outcome })
    });
    for visit in visits {
        assert_eq!(visit.await.unwrap(), Ok);
    }
    let seen = web.seen();
    assert_eq!(seen.len(), 12 + 3, "three authorities, three robots.txt");
    assert!(gaps(&seen, "xn--forl-tpa.it").into_iter().all(|gap| gap >= SECOND));
    assert!(seen.iter().all(|seen| seen.host == "xn--forl-tpa.it"));
}

#[tokio::test(start_paused = true)]
async fn a_crawl_delay_is_kept_up_to_its_cap() {
    for (written, kept) in [("5", 5), ("0.2", 1), ("30", 30), ("3600", 30), ("presto", 1)] {
        let robots = format!("User-agent: *\nCrawl-delay: {written}\n");
        let web = Web::new(move |request, _| if is_robots(request) { ok(&robots) } else { ok("") });
        let fetcher = web.fetcher(Settings::default());
        get(&web, &fetcher, "https://a.it/1").await;
        get(&web, &fetcher, "https://a.it/2").await;
        for gap in gaps(&web.seen(), "a.it") {
            assert!(gap >= Duration::from_secs(kept) && gap < Duration::from_secs(kept) + SECOND, "{written}: {gap:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn latency_widens_the_gap_and_errors_never_narrow_it() {
    let web = Web::new(|request, _| match request.url.path() {
        "/slow" => ok("").taking(4_000),
        "/endless" => ok("").taking(60_000),
        "/quick-error" => status(404).taking(10),
        _ => plain(request).taking(10),
    });
    let fetcher = web.fetcher(Settings::default());
    for page in ["slow", "quick-error", "quick-error", "quick", "quick", "endless", "quick"] {
        get(&web, &fetcher, &format!("https://a.it/{page}")).await;
    }
    let seconds: Vec<u64> = gaps(&web.seen(), "a.it").iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [1, 8, 8, 8, 1, 1, 30]);
}

#[tokio::test(start_paused = true)]
async fn many_names_on_one_address_share_its_pace() {
    let web = Web::new(|request, _| plain(request).taking(2_000));
    for n in 0..60 {
        // Forty on one IPv4 address, twenty in one IPv6 network.
        let address = if n < 40 { "203.0.113.9:443".to_owned() } else { format!("[2001:db8:1:2::{n}]:443") };
        web.shares(&format!("h{n}.it"), &address);
    }
    let fetcher = web.fetcher(Settings { latency_factor: 0, ..Settings::default() });
    let visits: Vec<_> = (0..60)
        .map(|n| {
            let (web, fetcher) = (web.clone(), fetcher.clone());
            tokio::spawn(async move {
                for page in 0..3 {
                    assert_eq!(get(&web, &fetcher, &format!("https://h{n}.it/{page}")).await.outcome, Ok);
                }
            })
        })
        .collect();
    for visit in visits {
        visit.await.unwrap();
    }
    let mut by_address: HashMap<bool, Vec<Seen>> = HashMap::new();
    for seen in web.seen() {
        by_address.entry(seen.address.unwrap().is_ipv4()).or_default().push(seen);
    }
    assert_eq!((by_address[&true].len(), by_address[&false].len()), (160, 80));
    for seen in by_address.values() {
        for pair in seen.windows(2) {
            assert!(pair[1].start - pair[0].start >= Duration::from_millis(500), "{pair:?}");
        }
        for one in seen {
            let open = seen.iter().filter(|other| other.start <= one.start && other.end.unwrap() > one.start).count();
            assert!(open <= 2, "{open} open at {:?}", one.start);
        }
    }
    // The two addresses did not wait for each other: 160 requests of 2 s, two at a time, are 160 s.
    assert!(web.seen().last().unwrap().end.unwrap() < Duration::from_secs(170));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_moves_joins_the_new_address() {
    let web = Web::new(|request, _| plain(request));
    web.shares("a.it", "203.0.113.1:443");
    web.shares("b.it", "203.0.113.2:443");
    let fetcher = web.fetcher(Settings {
        delay: Duration::ZERO,
        latency_factor: 0,
        address_delay: 10 * SECOND,
        ..Settings::default()
    });
    get(&web, &fetcher, "https://a.it/1").await;
    get(&web, &fetcher, "https://b.it/1").await;
    web.shares("a.it", "203.0.113.2:443");
    get(&web, &fetcher, "https://a.it/2").await;
    let seen = web.seen();
    assert!(seen[4].start - seen[3].start >= 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn behind_a_proxy_the_host_alone_is_paced() {
    let web = Web::new(|request, _| plain(request).taking(1_000));
    for n in 0..10 {
        web.route_to(&format!("h{n}.it"), Result::Ok(Route::Proxy));
    }
    let fetcher = web.fetcher(Settings::default());
    let visits: Vec<_> = (0..10)
        .map(|n| {
            let (web, fetcher) = (web.clone(), fetcher.clone());
            tokio::spawn(async move { get(&web, &fetcher, &format!("https://h{n}.it/")).await.outcome })
        })
        .collect();
    for visit in visits {
        assert_eq!(visit.await.unwrap(), Ok);
    }
    assert!(web.seen()[..10].iter().all(|seen| seen.start == Duration::ZERO));
    assert!(gaps(&web.seen(), "h3.it")[0] >= 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_heeded_in_both_forms() {
    let date = |seconds: i64| {
        let at = DAWN + SignedDuration::from_secs(seconds);
        strtime::format("%a, %d %b %Y %H:%M:%S GMT", at).unwrap()
    };
    // Value, and the seconds before which nothing may be asked (counted from the answer).
    for (code, value, rest) in [
        (429, "7".to_owned(), 7),
        (503, "400".to_owned(), 400),
        (429, date(100), 97),
        (503, date(4000), 3997),
        // Rubbish, no wait, a past date: the ordinary back-off.
        (429, "presto".to_owned(), 30),
        (429, "-1".to_owned(), 30),
        (429, "0".to_owned(), 30),
        (503, date(-100), 30),
        (429, "604800".to_owned(), 604_800),
        (500, "50".to_owned(), 50),
    ] {
        let answer = value.clone();
        let web = Web::new(move |request, nth| match (request.url.path(), nth) {
            ("/a", 0) => status(code).header("retry-after", &answer),
            _ => plain(request),
        });
        let got = get(&web, &web.fetcher(Settings::default()), "https://a.it/a").await;
        assert_eq!(got.outcome, Ok, "{value}");
        assert_eq!(got.hops.len(), 1, "a retry is no hop");
        let gap = gaps(&web.seen(), "a.it")[1];
        let rest = Duration::from_secs(rest);
        assert!(gap >= rest && gap < rest + 5 * SECOND, "{value}: {gap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_given_asks_for_no_rest() {
    let web = Web::new(|request, _| plain(request).header("retry-after", "400"));
    let fetcher = web.fetcher(Settings::default());
    get(&web, &fetcher, "https://a.it/1").await;
    get(&web, &fetcher, "https://a.it/2").await;
    // The 404 of robots.txt is an error and is heeded; the pages are not.
    let seconds: Vec<u64> = gaps(&web.seen(), "a.it").iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [400, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_past_the_visit_is_told_at_once() {
    for (value, wanted) in [(Some("3600"), RateLimited), (Some("1000000000000"), RateLimited), (None, RateLimited)] {
        let web = Web::new(move |request, _| match (request.url.path(), value) {
            ("/a", Some(value)) => status(429).header("retry-after", value),
            ("/a", None) => status(429),
            _ => plain(request),
        });
        let fetcher = web.fetcher(Settings::default());
        let budget = web.budget_of(40, 20 * SECOND);
        let got = fetcher.fetch(&budget, ask(&at("https://a.it/a"))).await;
        assert_eq!(got.outcome, wanted);
        assert_eq!(got.exchange.unwrap().status, Some(429));
        // Also for the next page of the host, without a request; another host is not touched.
        let other = fetcher.fetch(&budget, ask(&at("https://a.it/b"))).await;
        assert_eq!((other.outcome, other.hops.len()), (RateLimited, 0));
        assert_eq!(fetcher.fetch(&budget, ask(&at("https://b.it/"))).await.outcome, Ok);
        assert_eq!(web.urls().iter().filter(|url| url.starts_with("https://a.it/")).count(), 2);
        assert!(web.seen().last().unwrap().end.unwrap() < 5 * SECOND, "nobody waited");
    }
    // A 503 that does not say how long is a server's error.
    let web = Web::new(|request, _| if is_robots(request) { status(404) } else { status(503) });
    let got = web.fetcher(Settings::default()).fetch(&web.budget_of(40, 20 * SECOND), ask(&at("https://a.it/a"))).await;
    assert_eq!(got.outcome, ServerError);
    assert_eq!(web.page_requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn three_tries_spaced_more_and_more() {
    for (code, wanted) in [(429, RateLimited), (503, ServerError), (500, ServerError), (502, ServerError)] {
        let web = Web::new(move |request, _| if is_robots(request) { status(404) } else { status(code) });
        let got = get(&web, &web.fetcher(Settings::default()), "https://a.it/").await;
        assert_eq!(got.outcome, wanted);
        assert_eq!(web.page_requests(), 3);
        let gaps: Vec<u64> = gaps(&web.seen(), "a.it").iter().map(Duration::as_secs).collect();
        assert_eq!(gaps, [1, 30, 60], "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn found_on_a_later_try() {
    for first in [status(500), status(503), status(429), fault(Closed), fault(FirstByteTimeout), fault(ConnectTimeout)]
    {
        let shown = format!("{first:?}");
        let web =
            Web::new(move |request, nth| if !is_robots(request) && nth == 0 { first.clone() } else { plain(request) });
        assert_eq!(get(&web, &web.fetcher(Settings::default()), "https://a.it/").await.outcome, Ok, "{shown}");
        assert_eq!(web.page_requests(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn some_faults_are_not_tried_again() {
    let rows: [(_, FetchOutcome, usize); 8] = [
        (fault(TlsExpired), TlsExpired, 1),
        (fault(Malformed), Malformed, 1),
        (fault(HeadersTooLarge), HeadersTooLarge, 1),
        (status(501), ServerError, 1),
        (status(403), Forbidden, 1),
        (status(404), NotFound, 1),
        (fault(Timeout), Timeout, 2),
        (fault(Refused), Refused, 2),
    ];
    for (answer, wanted, tries) in rows {
        let web = Web::pages(vec![("https://a.it/", answer)]);
        assert_eq!(get(&web, &web.fetcher(Settings::default()), "https://a.it/").await.outcome, wanted);
        assert_eq!(web.page_requests(), tries, "{wanted}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_fails_five_times_in_a_row_is_left_alone() {
    let web = Web::new(|request, _| match request.url.path() {
        "/good" | "/robots.txt" => plain(request),
        _ => status(500),
    });
    let fetcher = web.fetcher(Settings::default());
    // A success in between begins the count anew.
    get(&web, &fetcher, "https://a.it/1").await;
    get(&web, &fetcher, "https://a.it/good").await;
    get(&web, &fetcher, "https://a.it/2").await;
    assert_eq!(get(&web, &fetcher, "https://a.it/3").await.outcome, ServerError);
    assert_eq!(web.page_requests(), 3 + 1 + 5);
    let got = get(&web, &fetcher, "https://a.it/good").await;
    assert_eq!((got.outcome, got.hops.len()), (ServerError, 0));
    assert_eq!(got.detail.as_deref(), Some("5 failed requests in a row, the last: HTTP 500"));
    assert_eq!(web.page_requests(), 9);
    tokio::time::advance(Duration::from_hours(1)).await;
    assert_eq!(get(&web, &fetcher, "https://a.it/good").await.outcome, Ok);
}

#[tokio::test(start_paused = true)]
async fn opting_out_stops_a_host_in_the_middle_of_a_run() {
    let web = Web::new(|request, _| plain(request));
    let fetcher = web.fetcher(Settings::default());
    let visit = {
        let (web, fetcher) = (web.clone(), fetcher.clone());
        tokio::spawn(async move {
            let mut outcomes = Vec::new();
            for page in 0..10 {
                outcomes.push(get(&web, &fetcher, &format!("https://www.a.it/{page}")).await.outcome);
            }
            outcomes
        })
    };
    // In the middle of a gap, with the next page already waiting for its turn.
    tokio::time::sleep(Duration::from_millis(2_700)).await;
    let before = web.seen().len();
    fetcher.set_opt_out(OptOut::parse(["*.a.it"]).unwrap());
    let outcomes = visit.await.unwrap();
    assert_eq!(web.seen().len(), before);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == OptedOut).count(), 8);
    let got = get(&web, &fetcher, "https://b.it/").await;
    assert_eq!(got.outcome, Ok);

    let web = Web::pages(vec![("https://b.it/", moved(302, "https://a.it/"))]);
    let fetcher = web.fetcher(Settings::default());
    fetcher.set_opt_out(OptOut::parse(["a.it"]).unwrap());
    let got = get(&web, &fetcher, "https://b.it/").await;
    assert_eq!((got.outcome, got.hops.len()), (OptedOut, 1));
    assert!(!web.urls().iter().any(|url| url.contains("//a.it")), "not even robots.txt");
}

#[tokio::test(start_paused = true)]
async fn every_request_is_taken_from_the_budget() {
    let web = Web::new(|request, nth| match (request.url.path(), nth) {
        ("/a", _) => moved(302, "/b"),
        ("/b", 0) => fault(Closed),
        _ => plain(request),
    });
    let fetcher = web.fetcher(Settings::default());
    let budget = web.budget_of(10, Duration::from_hours(1));
    assert_eq!(fetcher.fetch(&budget, ask(&at("https://a.it/a"))).await.outcome, Ok);
    // robots.txt, /a, /b closed, /b.
    assert_eq!((budget.sent(), budget.left()), (4, 6));
    assert_eq!(web.seen().len(), 4);
    // What is refused costs nothing.
    fetcher.fetch(&budget, ask(&at("https://a.it/logout"))).await;
    assert_eq!(budget.sent(), 4);

    let web = Web::new(|request, _| if request.url.path() == "/a" { moved(302, "/b") } else { plain(request) });
    let budget = web.budget_of(2, Duration::from_hours(1));
    let got = web.fetcher(Settings::default()).fetch(&budget, ask(&at("https://a.it/a"))).await;
    assert_eq!((got.outcome, got.hops.len()), (Budget, 1));
    assert_eq!(web.seen().len(), 2);
    let none = web.fetcher(Settings::default()).fetch(&web.budget_of(0, SECOND), ask(&at("https://a.it/"))).await;
    assert_eq!((none.outcome, none.hops.len()), (Budget, 0));
    assert_eq!(web.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_past_the_end_of_the_visit() {
    let web =
        Web::new(|request, _| if request.url.path() == "/slow" { ok("").taking(100_000) } else { plain(request) });
    let fetcher = web.fetcher(Settings { delay: 10 * SECOND, ..Settings::default() });
    // The gap is longer than the visit: said at once.
    let budget = web.budget_of(10, 5 * SECOND);
    let got = fetcher.fetch(&budget, ask(&at("https://a.it/"))).await;
    assert_eq!(got.outcome, Budget);
    assert!(web.clock_elapsed() < SECOND);
    assert_eq!(web.seen().len(), 1);
    // A request that is open when time ends is given up, and its host is left in peace afterwards.
    let budget = web.budget_of(10, 30 * SECOND);
    let begun = web.clock_elapsed();
    let got = fetcher.fetch(&budget, ask(&at("https://a.it/slow"))).await;
    assert_eq!(got.outcome, Budget);
    assert_eq!(web.clock_elapsed() - begun, 30 * SECOND);
    let ended = web.clock_elapsed();
    get(&web, &fetcher, "https://a.it/").await;
    assert!(web.seen().last().unwrap().start >= ended + 10 * SECOND);
    // Waiting behind another visit's request ends too.
    let long = web.budget();
    let slow_url = at("https://a.it/slow");
    let url = at("https://a.it/");
    let slow = fetcher.fetch(&long, ask(&slow_url));
    let short = async {
        tokio::time::sleep(20 * SECOND).await;
        let budget = web.budget_of(10, 30 * SECOND);
        let begun = web.clock_elapsed();
        let got = fetcher.fetch(&budget, ask(&url)).await;
        (got.outcome, web.clock_elapsed() - begun)
    };
    let (slow, short) = tokio::join!(slow, short);
    assert_eq!(slow.outcome, Ok);
    assert_eq!(short, (Budget, 30 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_is_dropped_gives_its_turn_back() {
    let web =
        Web::new(|request, _| if request.url.path() == "/slow" { ok("").taking(100_000) } else { plain(request) });
    let fetcher = web.fetcher(Settings::default());
    let cut = tokio::time::timeout(10 * SECOND, get(&web, &fetcher, "https://a.it/slow")).await;
    assert!(cut.is_err());
    let ended = web.clock_elapsed();
    assert_eq!(get(&web, &fetcher, "https://a.it/").await.outcome, Ok);
    let next = web.seen().last().unwrap().start;
    assert!(next >= ended + SECOND && next < ended + 2 * SECOND);
}
