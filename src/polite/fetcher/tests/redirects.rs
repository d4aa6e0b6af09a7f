//! Redirects, statuses, addresses that are never asked for.

use std::time::Duration;

use url::Url;

use crate::{
    model::FetchOutcome::{self, *},
    net::Method,
    polite::{
        Ask, Settings,
        testing::{Answer, Web, ask, at, fault, get, moved, ok, plain, status},
    },
};

fn quick() -> Settings {
    Settings { backoff: vec![Duration::from_secs(1)], ..Settings::default() }
}

#[tokio::test(start_paused = true)]
async fn what_each_status_means() {
    let rows: Vec<(Answer, FetchOutcome)> = vec![
        (ok("x"), Ok),
        (status(204), Ok),
        (status(205), Ok),
        (status(202), Ok),
        (ok("x").ending(Cut), Cut),
        (ok("").ending(Undecodable), Undecodable),
        (ok("").ending(TooLarge), TooLarge),
        (status(404), NotFound),
        (status(410), NotFound),
        (status(404).ending(Cut), NotFound),
        (status(429), RateLimited),
        (status(500), ServerError),
        (status(501), ServerError),
        (status(503), ServerError),
        (status(599), ServerError),
        (status(400), Forbidden),
        (status(401), Forbidden),
        (status(403), Forbidden),
        (status(407), Forbidden),
        (status(451), Forbidden),
        (status(300), Malformed),
        (status(304), Malformed),
        (status(305), Malformed),
        (status(306), Malformed),
        (status(101), Malformed),
        (status(999), Malformed),
        (status(301), BadRedirect),
        (moved(302, ""), BadRedirect),
        (moved(302, "   "), BadRedirect),
        (moved(302, "/\u{1}"), BadRedirect),
        (moved(302, &format!("/{}", "a".repeat(9000))), BadRedirect),
        (moved(302, "https://"), BadRedirect),
        (moved(302, "/"), RedirectLoop),
        (moved(302, "https://a.it#x"), RedirectLoop),
        (moved(302, "mailto:a@b.it"), SchemeRefused),
        (moved(302, "file:///etc/passwd"), SchemeRefused),
        (moved(302, "http://inside.it/"), AddressRefused),
        (moved(302, "/logout"), Forbidden),
        (fault(Closed), Closed),
        (fault(FirstByteTimeout), FirstByteTimeout),
        (fault(TlsExpired), TlsExpired),
        (fault(Malformed), Malformed),
    ];
    for (answer, wanted) in rows {
        let shown = format!("{answer:?}");
        let status = answer.clone();
        let web = Web::pages(vec![("https://a.it/", answer)]);
        web.refuses("inside.it", AddressRefused);
        let got = get(&web, &web.fetcher(quick()), "https://a.it/").await;
        assert_eq!(got.outcome, wanted, "{shown}");
        assert_eq!(got.hops.len(), 1, "{shown}");
        assert_eq!(got.hops[0].status, status.code(), "{shown}");
        assert_eq!(got.url, at("https://a.it/"));
        assert!(got.exchange.is_some(), "{shown}");
        assert!(web.urls().iter().all(|url| url.starts_with("https://a.it/") && !url.contains("logout")), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_body_of_a_refusal_is_kept() {
    let web = Web::pages(vec![("https://a.it/", ok("Request blocked").status(403))]);
    let got = get(&web, &web.fetcher(quick()), "https://a.it/").await;
    assert_eq!(got.outcome, Forbidden);
    assert_eq!(got.detail.as_deref(), Some("HTTP 403"));
    assert_eq!(got.exchange.unwrap().body, b"Request blocked");
}

#[tokio::test(start_paused = true)]
async fn hops_are_recorded_and_counted() {
    let chain = |length: u32| {
        Web::new(move |request, _| match request.url.path().trim_start_matches('/').parse::<u32>() {
            Result::Ok(n) if n < length => moved(301, &format!("/{}", n + 1)),
            _ => plain(request),
        })
    };
    let web = chain(10);
    let got = get(&web, &web.fetcher(quick()), "https://a.it/0").await;
    assert_eq!(got.outcome, Ok);
    assert_eq!(got.hops.len(), 11);
    assert_eq!(got.hops[3].location, Some(at("https://a.it/4")));
    assert_eq!((got.hops[10].status, got.hops[10].location.clone()), (Some(200), None));
    assert_eq!(got.url, at("https://a.it/10"));

    let web = chain(11);
    let got = get(&web, &web.fetcher(quick()), "https://a.it/0").await;
    assert_eq!(got.outcome, TooManyRedirects);
    assert_eq!(got.hops.len(), 11);
    assert_eq!(web.page_requests(), 11);
}

#[tokio::test(start_paused = true)]
async fn circles_end() {
    let web = Web::pages(vec![
        ("https://a.it/1", moved(302, "/2")),
        ("https://a.it/2", moved(302, "/1")),
        ("https://a.it/r", ok("").header("refresh", "0; url=/r2")),
        ("https://a.it/r2", ok("").header("refresh", "0; url=/r")),
        ("https://a.it/self", ok("").header("refresh", "0; url=/self")),
    ]);
    let fetcher = web.fetcher(quick());
    for path in ["1", "r", "self"] {
        assert_eq!(get(&web, &fetcher, &format!("https://a.it/{path}")).await.outcome, RedirectLoop, "{path}");
    }
    let web = Web::new(|request, nth| match request.url.path() {
        "/c" => moved(302, &format!("/c?{}{nth}", request.url.query().unwrap_or_default())),
        _ => plain(request),
    });
    assert_eq!(get(&web, &web.fetcher(quick()), "https://a.it/c").await.outcome, TooManyRedirects);
    assert_eq!(web.page_requests(), 11);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_within_five_seconds_is_a_hop() {
    let web = Web::pages(vec![
        ("https://a.it/", ok("").header("refresh", "0; url=https://b.it/")),
        ("https://b.it/", ok("arrivato")),
        ("https://a.it/slow", ok("").header("refresh", "30; url=https://b.it/")),
        ("https://a.it/clock", ok("ora").header("refresh", "5; url=/clock")),
        ("https://a.it/script", ok("qui").header("refresh", "0; url=javascript:void(0)")),
    ]);
    let fetcher = web.fetcher(quick());
    let got = get(&web, &fetcher, "https://a.it/").await;
    assert_eq!((got.outcome, got.hops.len()), (Ok, 2));
    assert_eq!(got.hops[0].location, Some(at("https://b.it/")));
    assert_eq!(got.exchange.unwrap().body, b"arrivato");
    for page in ["slow", "clock", "script"] {
        let got = get(&web, &fetcher, &format!("https://a.it/{page}")).await;
        assert_eq!((got.outcome, got.hops.len()), (Ok, 1), "{page}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recognised_target_is_never_asked_for() {
    let stop = |url: &Url| (url.host_str() == Some("idp.it")).then_some(ProviderRedirect);
    for answer in [
        moved(302, "https://idp.it/sso?SAMLRequest=a#b"),
        ok("").header("refresh", "0;url=https://idp.it/sso?SAMLRequest=a#b"),
    ] {
        let web = Web::pages(vec![("https://a.it/login", answer)]);
        let url = at("https://a.it/login");
        let got = web.fetcher(quick()).fetch(&web.budget(), Ask { stop_at: Some(&stop), ..ask(&url) }).await;
        assert_eq!(got.outcome, ProviderRedirect);
        assert_eq!(got.stopped_at, Some(at("https://idp.it/sso?SAMLRequest=a#b")));
        assert_eq!(got.hops[0].location, got.stopped_at);
        assert_eq!(web.urls(), ["https://a.it/robots.txt", "https://a.it/login"]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_is_what_was_written_less_user_and_fragment() {
    let web = Web::new(|request, _| plain(request));
    let fetcher = web.fetcher(quick());
    let got = get(&web, &fetcher, "https://u:p@a.it/X%2fy?b=2&a=1&&#z").await;
    assert_eq!(got.url.as_str(), "https://a.it/X%2fy?b=2&a=1&&");
    assert_eq!(web.urls()[1], "https://a.it/X%2fy?b=2&a=1&&");
    let url = at("https://a.it/testa");
    fetcher.fetch(&web.budget(), Ask { method: Method::Head, ..ask(&url) }).await;
    assert_eq!(web.seen()[2].method, Method::Head);
    assert_eq!(web.seen()[0].method, Method::Get);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_changes_something_is_never_asked_for() {
    let web = Web::pages(vec![("https://a.it/su", moved(302, "/user/logout"))]);
    let fetcher = web.fetcher(quick());
    let got = get(&web, &fetcher, "https://a.it/newsletter/unsubscribe?id=1").await;
    assert_eq!((got.outcome, got.hops.len()), (Forbidden, 0));
    assert_eq!(got.detail.as_deref(), Some("unsafe-address: unsubscribe"));
    assert!(web.seen().is_empty());
    let got = get(&web, &fetcher, "https://a.it/su").await;
    assert_eq!((got.outcome, got.hops.len()), (Forbidden, 1));
    assert_eq!(web.urls(), ["https://a.it/robots.txt", "https://a.it/su"]);
}

#[tokio::test(start_paused = true)]
async fn a_downgrade_is_followed_and_shown() {
    let web = Web::pages(vec![("https://a.it/", moved(301, "http://a.it/"))]);
    let got = get(&web, &web.fetcher(quick()), "https://a.it/").await;
    assert_eq!(got.outcome, Ok);
    assert_eq!(got.hops[0].location, Some(at("http://a.it/")));
    assert_eq!(web.urls(), ["https://a.it/robots.txt", "https://a.it/", "http://a.it/robots.txt", "http://a.it/"]);
}
