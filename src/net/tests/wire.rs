//! Plain HTTP, well and badly spoken (the chaos rows that concern the wire).

use std::io::Write as _;

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html";

#[tokio::test]
async fn a_page_comes_whole_with_everything_about_it() {
    let (server, log) =
        answers_with(response(&format!("{OK}\r\nSet-Cookie: a=1\r\nX-Double: 1\r\nx-double: 2"), b"<p>ciao")).await;
    let exchange = fetch(&client_to(server), &get("http://utente:segreto@www.comune.test/a?b=c#d")).await;
    assert_eq!(exchange.outcome, FetchOutcome::Ok, "{:?}", exchange.detail);
    assert_eq!(exchange.detail, None);
    assert_eq!(exchange.status, Some(200));
    assert_eq!(exchange.header("content-type"), Some("text/html"));
    assert_eq!(exchange.headers.iter().filter(|(name, _)| name == "x-double").count(), 2);
    assert_eq!((exchange.raw.as_slice(), exchange.body.as_slice()), (&b"<p>ciao"[..], &b"<p>ciao"[..]));
    assert_eq!(exchange.address, Some(server));
    assert_eq!(exchange.certificate, None);
    assert!(exchange.latency <= exchange.elapsed);

    let head = log.heads().remove(0).to_ascii_lowercase();
    assert!(head.starts_with("get /a?b=c http/1.1\r\n"), "{head}");
    assert!(head.contains("host: www.comune.test\r\n"), "{head}");
    assert!(head.contains("user-agent: riscontro/test (+mailto:prova@example.it)\r\n"), "{head}");
    assert!(head.contains("accept-language: it,de;q=0.6,fr;q=0.5,en;q=0.3\r\n"), "{head}");
    assert!(head.contains("accept-encoding: gzip, deflate, br\r\n"), "{head}");
    for never in ["authorization", "cookie", "referer", "segreto"] {
        assert!(!head.contains(never), "{never} in {head}");
    }
}

#[tokio::test]
async fn cookies_and_credentials_are_never_sent() {
    let (server, log) = answers_with(response(&format!("{OK}\r\nSet-Cookie: a=1; Path=/"), b"")).await;
    let client = client_to(server);
    let mut request = get(SITE);
    request.headers = vec![
        ("if-none-match", "\"x\"".to_owned()),
        ("cookie", "a=1".to_owned()),
        ("authorization", "Basic x".to_owned()),
        ("host", "altro.test".to_owned()),
        ("x-split", "a\r\nx-evil: 1".to_owned()),
    ];
    fetch(&client, &request).await;
    fetch(&client, &get(SITE)).await;
    for head in log.heads() {
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("\r\ncookie") && !head.contains("authorization") && !head.contains("evil"), "{head}");
        assert!(head.contains("\r\nhost: www.comune.test\r\n"), "{head}");
    }
    assert!(log.heads()[0].contains("if-none-match: \"x\""));
}

#[tokio::test]
async fn head_reads_no_body() {
    let (server, log) = answers_with(format!("{OK}\r\nContent-Length: 99\r\nContent-Encoding: gzip\r\n\r\n")).await;
    let exchange = fetch(&client_to(server), &Request { method: Method::Head, ..get(SITE) }).await;
    assert_eq!((exchange.outcome, exchange.status), (FetchOutcome::Ok, Some(200)));
    assert!(exchange.body.is_empty() && exchange.raw.is_empty());
    assert!(log.heads()[0].starts_with("HEAD / "));
}

#[tokio::test]
async fn redirects_are_brought_back_and_not_followed() {
    for location in ["http://127.0.0.1/", "/altra", "", "http://[", "\t", "https://www.comune.test/"] {
        let (server, log) = answers_with(response(&format!("HTTP/1.1 302 Found\r\nLocation: {location}"), b"x")).await;
        let exchange = fetch_site(&client_to(server)).await;
        assert_eq!((exchange.outcome, exchange.status), (FetchOutcome::Ok, Some(302)), "{location:?}");
        assert_eq!(exchange.header("location"), Some(location.trim()));
        assert_eq!(log.heads().len(), 1, "{location:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_used_again() {
    let (server, log) = serve(|mut stream, log| async move {
        while log.head(&mut stream).await.is_some() {
            stream.write_all(&response(OK, b"x")).await.unwrap();
        }
    })
    .await;
    let client = client_to(server);
    for _ in 0..5 {
        assert_eq!(fetch_site(&client).await.outcome, FetchOutcome::Ok);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((log.connections(), log.heads().len()), (1, 5));
}

#[tokio::test]
async fn an_idle_connection_closed_under_us_is_replaced_once() {
    let (server, log) = serve(|mut stream, log| async move {
        log.head(&mut stream).await;
        stream.write_all(&response(OK, b"x")).await.unwrap();
        // The second request on a connection meets a closing server.
        if log.heads().len() == 1 {
            log.head(&mut stream).await;
        }
    })
    .await;
    let client = client_to(server);
    assert_eq!(fetch_site(&client).await.outcome, FetchOutcome::Ok);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let exchange = fetch_site(&client).await;
    assert_eq!(exchange.outcome, FetchOutcome::Ok, "{:?}", exchange.detail);
    assert_eq!((log.connections(), log.heads().len()), (2, 3));
}

#[tokio::test]
async fn a_new_connection_closed_under_us_is_not() {
    let (server, log) = serve(|mut stream, log| async move {
        log.head(&mut stream).await;
    })
    .await;
    let exchange = fetch_site(&client_to(server)).await;
    assert_eq!(exchange.outcome, FetchOutcome::Closed, "{:?}", exchange.detail);
    assert_eq!(log.heads().len(), 1);
}

#[tokio::test]
async fn a_new_route_never_meets_an_old_connection() {
    let keep = |mut stream: TcpStream, log: Log| async move {
        while log.head(&mut stream).await.is_some() {
            stream.write_all(&response(OK, b"x")).await.unwrap();
        }
    };
    let (first, first_log) = serve(keep).await;
    let (second, second_log) = serve(keep).await;
    let client = build(ClientSettings {
        connect_to: vec![ConnectTo::new(None, None, first).unwrap(), ConnectTo::new(None, Some(9), second).unwrap()],
        ..settings()
    });
    for (target, log) in [(first, &first_log), (second, &second_log), (first, &first_log)] {
        let before = log.heads().len();
        let exchange = client.exchange(&get(SITE), &Route::Direct(vec![target])).await;
        assert_eq!(exchange.address, Some(target));
        assert_eq!(log.heads().len(), before + 1);
    }
}

#[tokio::test]
async fn an_address_that_was_not_judged_is_not_dialled() {
    let (server, log) = answers_with(response(OK, b"x")).await;
    let other = SocketAddr::from(([127, 0, 0, 1], 1));
    let client = client_to(other);
    for (url, route) in [
        (SITE, Route::Direct(vec![server])),
        (SITE, Route::Direct(vec![])),
        (SITE, Route::Direct(vec![other, server])),
        (&format!("http://{server}/"), Route::Direct(vec![server])),
        (&format!("http://{server}/"), Route::Direct(vec![other])),
        (&format!("http://{server}/"), Route::Proxy),
        ("http://93.184.215.14/", Route::Direct(vec![server])),
        ("http://localhost/", Route::Direct(vec![server])),
    ] {
        let exchange = client.exchange(&get(url), &route).await;
        assert!(
            matches!(exchange.outcome, FetchOutcome::AddressRefused | FetchOutcome::PortRefused),
            "{url} {route:?}: {:?}",
            exchange.outcome
        );
    }
    assert_eq!(log.connections(), 0);
}

#[tokio::test]
async fn the_entry_that_matches_says_where_to_connect() {
    let (server, log) = answers_with(response(OK, b"x")).await;
    let port = server.port();
    for (entry, url, host) in [
        (format!("www.comune.test:80:{server}"), "http://www.comune.test/".to_owned(), "www.comune.test"),
        (format!("www.comune.test:8080:{server}"), "http://www.comune.test:8080/".to_owned(), "www.comune.test:8080"),
        (format!("::{server}"), "http://www.comune.test:8443/".to_owned(), "www.comune.test:8443"),
        (format!("www.comune.test::{server}"), "http://www.comune.test./".to_owned(), "www.comune.test"),
        (format!("127.0.0.9:80:{server}"), "http://127.0.0.9/".to_owned(), "127.0.0.9"),
        (format!("[::1]:80:{server}"), "http://[::1]/".to_owned(), "[::1]"),
        (format!("localhost:3000:{server}"), "http://localhost:3000/".to_owned(), "localhost:3000"),
        (format!("127.0.0.1:{port}:{server}"), format!("http://{server}/"), &*server.to_string()),
    ] {
        let client = build(ClientSettings { connect_to: vec![entry.parse().unwrap()], ..settings() });
        let exchange = fetch(&client, &get(&url)).await;
        assert_eq!(exchange.outcome, FetchOutcome::Ok, "{entry} {url}: {:?}", exchange.detail);
        let head = log.heads().pop().unwrap().to_ascii_lowercase();
        assert!(head.contains(&format!("\r\nhost: {host}\r\n")), "{entry}: {head}");
    }
    let client =
        build(ClientSettings { connect_to: vec![format!("127.0.0.9:443:{server}").parse().unwrap()], ..settings() });
    let exchange = fetch(&client, &get("https://127.0.0.9/")).await;
    assert_eq!(
        (exchange.outcome, exchange.detail.as_deref()),
        (FetchOutcome::AddressRefused, Some("literal-over-tls"))
    );
}

#[tokio::test]
async fn refused_and_silent() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(fetch_site(&client_to(free)).await.outcome, FetchOutcome::Refused);

    let (silent, log) = serve(|stream, _| async move {
        tokio::time::sleep(Duration::from_secs(20)).await;
        drop(stream);
    })
    .await;
    let exchange = fetch_site(&client_to(silent)).await;
    assert_eq!(exchange.outcome, FetchOutcome::FirstByteTimeout);
    assert!(exchange.elapsed >= Duration::from_millis(500));
    assert_eq!(log.connections(), 1);
}

#[tokio::test]
async fn the_next_address_is_tried_when_the_first_is_dead() {
    let (server, log) = answers_with(response(OK, b"x")).await;
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let dead6 = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], dead.port()));
    let entries = [dead, dead6, server].map(|target| ConnectTo::new(Some("a.test"), None, target).unwrap());
    let client = build(ClientSettings { connect_to: entries.to_vec(), ..settings() });
    for route in [vec![dead, server], vec![dead6, server], vec![server, dead]] {
        let exchange = client.exchange(&get("http://www.comune.test/"), &Route::Direct(route.clone())).await;
        assert_eq!((exchange.outcome, exchange.address), (FetchOutcome::Ok, Some(server)), "{route:?}");
    }
    assert_eq!(log.heads().len(), 3);
}

#[tokio::test]
async fn a_connection_that_never_stands_has_its_own_limit() {
    // A listener whose queue is full: the kernel drops further handshakes.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(1).unwrap();
    let server = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(server)).await {
        waiting.push(stream);
        assert!(waiting.len() < 64, "the queue never fills");
    }
    let limits = Limits { connect: Duration::from_millis(300), first_byte: Duration::from_millis(100), ..short() };
    let client =
        build(ClientSettings { limits, connect_to: vec![ConnectTo::new(None, None, server).unwrap()], ..settings() });
    assert_eq!(fetch_site(&client).await.outcome, FetchOutcome::ConnectTimeout);
}

#[tokio::test]
async fn drips_end() {
    let drip = |start: &'static str, piece: &'static [u8]| {
        serve(move |mut stream, log| async move {
            log.head(&mut stream).await;
            stream.write_all(start.as_bytes()).await.unwrap();
            while stream.write_all(piece).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
    };
    for (start, piece, outcome) in [
        ("HTTP/1.1 200 O", &b"K"[..], FetchOutcome::FirstByteTimeout),
        ("HTTP/1.1 200 OK\r\nX: ", b"y", FetchOutcome::FirstByteTimeout),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n<p>", b"z", FetchOutcome::Cut),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10995116277760\r\n\r\n<p>", b"", FetchOutcome::Cut),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n0", b"0", FetchOutcome::Cut),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n0\r\n", b"a: b\r\n", FetchOutcome::Cut),
    ] {
        let (server, _) = drip(start, piece).await;
        let exchange = fetch_site(&client_to(server)).await;
        assert_eq!(exchange.outcome, outcome, "{start:?}: {:?}", exchange.detail);
        assert_eq!(exchange.body.starts_with(b"<p>"), outcome == FetchOutcome::Cut, "{start:?}");
    }
}

#[tokio::test]
async fn bodies_that_end_early_are_cut_and_kept() {
    for bytes in [
        format!("{OK}\r\nContent-Length: 100\r\n\r\n<p>inizio"),
        format!("{OK}\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<p>inizio\r\n"),
        format!("{OK}\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<p>inizio\r\nFFFFFFFFFFFFFFFFF\r\nx"),
        format!("{OK}\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<p>inizio\r\n-5\r\nx"),
        format!(
            "{OK}\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<p>inizio\r\n5;{}\r\nabcde\r\n0\r\n\r\n",
            "x".repeat(1 << 20)
        ),
    ] {
        let exchange = exchange_with(bytes.clone()).await;
        let start = &bytes[..bytes.len().min(120)];
        assert_eq!(
            (exchange.outcome, exchange.status),
            (FetchOutcome::Cut, Some(200)),
            "{start}: {:?}",
            exchange.detail
        );
        assert_eq!(exchange.body, b"<p>inizio", "{start}");
        assert!(exchange.detail.is_some());
    }
}

#[tokio::test]
async fn bodies_without_a_length_end_with_the_connection() {
    for bytes in [
        format!("{OK}\r\n\r\n<p>tutto"),
        "HTTP/1.0 200 OK\r\n\r\n<p>tutto".to_owned(),
        format!("{OK}\r\nContent-Length: 8\r\n\r\n<p>tuttoHTTP/1.1 200 OK\r\n\r\nfalso"),
        format!("{OK}\r\nContent-Length: 8\r\nContent-Length: 8\r\n\r\n<p>tutto"),
        "HTTP/1.1 200\r\nContent-Length: 8\r\n\r\n<p>tutto".to_owned(),
        "HTTP/1.1 200 OK\nContent-Length: 8\n\n<p>tutto".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length : 8\r\n\r\n<p>tutto".to_owned(),
        format!(
            "{}{OK}\r\nContent-Length: 8\r\n\r\n<p>tutto",
            "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n".repeat(40)
        ),
    ] {
        let exchange = exchange_with(bytes.clone()).await;
        assert_eq!(exchange.outcome, FetchOutcome::Ok, "{bytes}: {:?}", exchange.detail);
        assert_eq!(exchange.body, b"<p>tutto", "{bytes}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_malformed() {
    for bytes in [
        "<html>HTTP/0.9</html>",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 099 No\r\n\r\n",
        "HTTP/1.1 20000 No\r\n\r\n",
        "HTTP/1.1 abc No\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<p>xyz",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n<p>xyz",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ] {
        let exchange = exchange_with(bytes).await;
        assert_eq!(exchange.outcome, FetchOutcome::Malformed, "{bytes:?}: {:?}", exchange.detail);
        assert!(exchange.status.is_none() && exchange.body.is_empty());
    }
}

#[tokio::test]
async fn odd_statuses_are_tolerated() {
    for (status, outcome) in
        [(204, FetchOutcome::Ok), (304, FetchOutcome::Ok), (600, FetchOutcome::Ok), (206, FetchOutcome::Cut)]
    {
        let exchange = exchange_with(response(&format!("HTTP/1.1 {status} X"), b"corpo")).await;
        assert_eq!((exchange.outcome, exchange.status), (outcome, Some(status)));
        assert_eq!(exchange.body.is_empty(), matches!(status, 204 | 304));
    }
}

#[tokio::test]
async fn a_reset_in_the_head_is_closed() {
    let (server, _) = serve(|mut stream, log| async move {
        log.head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 O").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        // Dropped with a linger of zero, the socket is reset.
        #[expect(deprecated, reason = "a linger of zero does not block")]
        stream.set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    let exchange = fetch_site(&client_to(server)).await;
    assert_eq!(exchange.outcome, FetchOutcome::Closed, "{:?}", exchange.detail);
}

#[tokio::test]
async fn heads_have_limits() {
    let many = "X: y\r\n".repeat(200);
    for bytes in [
        format!("HTTP/1.1 200 OK\r\n{many}\r\n"),
        format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(70 * 1024)),
        format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(1 << 20)),
        format!("HTTP/1.1 200 OK\r\n{}\r\n", format!("X: {}\r\n", "y".repeat(1000)).repeat(100)),
    ] {
        let exchange = exchange_with(bytes.clone()).await;
        assert_eq!(exchange.outcome, FetchOutcome::HeadersTooLarge, "{} bytes: {:?}", bytes.len(), exchange.detail);
    }
    let allowed = format!("X: {}\r\n", "y".repeat(100)).repeat(120);
    assert_eq!(
        exchange_with(format!("HTTP/1.1 200 OK\r\n{allowed}Content-Length: 0\r\n\r\n")).await.outcome,
        FetchOutcome::Ok
    );
}

#[tokio::test]
async fn an_endless_body_stops_at_the_limit() {
    for (status, limit) in [(200, 300_000), (404, 100_000)] {
        let (server, _) = serve(move |mut stream, log| async move {
            log.head(&mut stream).await;
            stream.write_all(format!("HTTP/1.1 {status} X\r\n\r\n").as_bytes()).await.unwrap();
            while stream.write_all(&[b'a'; 16 * 1024]).await.is_ok() {}
        })
        .await;
        let limits = Limits { max_raw: 300_000, max_error_body: 100_000, whole: Duration::from_secs(10), ..short() };
        let client = build(ClientSettings {
            limits,
            connect_to: vec![ConnectTo::new(None, None, server).unwrap()],
            ..settings()
        });
        let exchange = fetch_site(&client).await;
        assert_eq!((exchange.outcome, exchange.status), (FetchOutcome::Cut, Some(status)), "{:?}", exchange.detail);
        assert_eq!((exchange.raw.len(), exchange.body.len()), (limit, limit));
        let exchange = fetch(&client, &Request { max_body: 5000, ..get(SITE) }).await;
        assert_eq!((exchange.outcome, exchange.body.len()), (FetchOutcome::Cut, 5000));
    }
}

#[tokio::test]
async fn documents_are_recognised_and_not_downloaded() {
    let (server, _) = serve(|mut stream, log| async move {
        log.head(&mut stream).await;
        stream.write_all(format!("{OK}\r\n\r\n%PDF-1.7\n").as_bytes()).await.unwrap();
        while stream.write_all(&[b'a'; 4096]).await.is_ok() {}
    })
    .await;
    let exchange = fetch_site(&client_to(server)).await;
    assert_eq!((exchange.outcome, exchange.body.len()), (FetchOutcome::Cut, 64 * 1024), "{:?}", exchange.detail);
}

#[tokio::test]
async fn encodings_are_undone_and_their_faults_named() {
    let page = b"<p>ciao</p>".repeat(100);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&page).unwrap();
    let packed = encoder.finish().unwrap();

    let exchange = exchange_with(response(&format!("{OK}\r\nContent-Encoding: gzip"), &packed)).await;
    assert_eq!((exchange.outcome, exchange.body), (FetchOutcome::Ok, page.clone()));
    assert_eq!(exchange.raw, packed, "evidence is what was received");

    let cut = &packed[..packed.len() - 9];
    let exchange = exchange_with(response(&format!("{OK}\r\nContent-Encoding: gzip"), cut)).await;
    assert_eq!(exchange.outcome, FetchOutcome::Cut);
    assert!(page.starts_with(&exchange.body));

    for stacked in ["gzip, gzip, gzip, gzip, gzip", "compress", "aes128gcm"] {
        let exchange = exchange_with(response(&format!("{OK}\r\nContent-Encoding: {stacked}"), &packed)).await;
        assert_eq!((exchange.outcome, exchange.status), (FetchOutcome::Undecodable, Some(200)), "{stacked}");
        assert!(exchange.body.is_empty() && exchange.raw == packed);
    }

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    let exchange = exchange_with(response(&format!("{OK}\r\nContent-Encoding: gzip"), &bomb)).await;
    assert_eq!(exchange.outcome, FetchOutcome::Cut);
    assert!(exchange.body.len() < 2 << 20, "{}", exchange.body.len());
    assert_eq!(exchange.detail, Some(decode::Fault::Ratio.to_string()));
}
