//! The explicit proxy.

use super::*;

#[tokio::test]
async fn a_proxy_is_asked_for_the_whole_url_and_no_name_is_resolved() {
    let (proxy, log) = answers_with(response("HTTP/1.1 200 OK", b"dal proxy")).await;
    // No resolver would answer: port 9 of loopback.
    let client = build(ClientSettings {
        proxy: Some(Url::parse(&format!("http://{proxy}")).unwrap()),
        resolver: Some("127.0.0.1:9".parse().unwrap()),
        ..settings()
    });
    let request = get("http://utente:segreto@www.comune.example.it/servizi");
    assert_eq!(client.route(&request.url).await, Ok(Route::Proxy));
    let exchange = fetch(&client, &request).await;
    assert_eq!(
        (exchange.outcome, exchange.body.as_slice()),
        (FetchOutcome::Ok, &b"dal proxy"[..]),
        "{:?}",
        exchange.detail
    );
    assert_eq!(exchange.address, None);
    assert!(log.heads()[0].starts_with("GET http://www.comune.example.it/servizi HTTP/1.1\r\n"), "{:?}", log.heads());
}

#[tokio::test]
async fn the_guard_still_judges_urls() {
    let (proxy, log) = answers_with(response("HTTP/1.1 200 OK", b"dal proxy")).await;
    let client = build(ClientSettings { proxy: Some(Url::parse(&format!("http://{proxy}")).unwrap()), ..settings() });
    for url in ["http://127.0.0.1/", "http://localhost/", "http://[fd00:ec2::254]/", "http://a.it:22/", "ftp://a.it/"] {
        assert!(client.route(&Url::parse(url).unwrap()).await.is_err(), "{url}");
        assert_ne!(client.exchange(&get(url), &Route::Proxy).await.outcome, FetchOutcome::Ok, "{url}");
    }
    assert_eq!(log.connections(), 0);
}

#[tokio::test]
async fn https_goes_through_a_tunnel() {
    let (proxy, log) = answers_with("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
    let client = build(ClientSettings { proxy: Some(Url::parse(&format!("http://{proxy}")).unwrap()), ..settings() });
    let exchange = fetch(&client, &get("https://www.comune.example.it/")).await;
    assert_eq!(exchange.outcome, FetchOutcome::Unreachable, "{:?}", exchange.detail);
    assert!(log.heads()[0].starts_with("CONNECT www.comune.example.it:443 "), "{:?}", log.heads());
}

#[tokio::test]
async fn a_socks_proxy_is_given_the_name() {
    let (proxy, log) = serve(|mut stream, log| async move {
        // RFC 1928: greeting, then the request with a domain name (type 3).
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.unwrap();
        stream.write_all(&[5, 0]).await.unwrap();
        let mut request = [0; 5];
        stream.read_exact(&mut request).await.unwrap();
        let mut rest = vec![0; usize::from(request[4]) + 2];
        stream.read_exact(&mut rest).await.unwrap();
        let name = String::from_utf8_lossy(&rest[..rest.len() - 2]).into_owned();
        log.heads.lock().unwrap().push(format!("type {} {name}", request[3]));
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        log.head(&mut stream).await;
        stream.write_all(&response("HTTP/1.1 200 OK", b"dal socks")).await.unwrap();
    })
    .await;
    let client = build(ClientSettings { proxy: Some(Url::parse(&format!("socks5://{proxy}")).unwrap()), ..settings() });
    let exchange = fetch(&client, &get("http://www.comune.example.it/")).await;
    assert_eq!(
        (exchange.outcome, exchange.body.as_slice()),
        (FetchOutcome::Ok, &b"dal socks"[..]),
        "{:?}",
        exchange.detail
    );
    assert_eq!(log.heads()[0], "type 3 www.comune.example.it");
}

#[test]
fn other_proxies_are_refused_and_their_passwords_not_shown() {
    for proxy in ["ftp://127.0.0.1/", "socks4://127.0.0.1/"] {
        let settings = ClientSettings { proxy: Some(Url::parse(proxy).unwrap()), ..settings() };
        assert!(matches!(Client::new(settings, Arc::new(SystemClock)), Err(NetError::Proxy(_))), "{proxy}");
    }
    let settings = ClientSettings { proxy: Some(Url::parse("ftp://u:segreto@127.0.0.1/").unwrap()), ..settings() };
    let text = Client::new(settings, Arc::new(SystemClock)).err().unwrap().to_string();
    assert!(!text.contains("segreto"), "{text}");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for agent in ["", "a\nb", "perché"] {
        let settings = ClientSettings { agent: agent.to_owned(), ..settings() };
        assert!(matches!(Client::new(settings, Arc::new(SystemClock)), Err(NetError::Agent(_))), "{agent:?}");
    }
    let missing = CaCertificates::File("/nonexistent/ca.pem".into());
    let broken = CaCertificates::Pem(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n".to_vec());
    let empty = CaCertificates::Pem(b"ciao".to_vec());
    for (ca, file) in [(missing, true), (broken, false), (empty, false)] {
        let settings = ClientSettings { ca_certificates: vec![ca], ..settings() };
        let error = Client::new(settings, Arc::new(SystemClock)).err().unwrap();
        assert_eq!(matches!(error, NetError::CaFile { .. }), file, "{error}");
        assert_eq!(matches!(error, NetError::CaCertificate { .. }), !file, "{error}");
    }
}
