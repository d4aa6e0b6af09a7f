//! TLS, well and badly done, with certificates of the test's own.

use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio_rustls::TlsAcceptor;

use super::*;

const SECURE: &str = "https://www.comune.test/";

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn root(name: &str) -> Authority {
    CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
}

fn intermediate(name: &str, parent: &Authority) -> Authority {
    CertifiedIssuer::signed_by(authority_params(name), KeyPair::generate().unwrap(), parent).unwrap()
}

fn leaf_params(host: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "sito");
    params
}

/// A server's chain and key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

fn issue(params: &CertificateParams, issuer: &Authority, sent: &[&Authority]) -> Identity {
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, issuer).unwrap();
    let chain = std::iter::once(leaf.der().clone()).chain(sent.iter().map(|issuer| issuer.der().clone())).collect();
    Identity { chain, key }
}

fn self_signed(params: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    Identity { chain: vec![params.self_signed(&key).unwrap().der().clone()], key }
}

/// An https server that answers `ciao` over the protocols it is told.
async fn secure(identity: Identity, protocols: &[&[u8]]) -> (SocketAddr, Log) {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(identity.chain, key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream, log| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = hyper::service::service_fn(move |request: hyper::Request<_>| {
                let line = format!("{:?} {} {:?}", request.version(), request.uri(), request.headers().get("host"));
                log.heads.lock().unwrap().push(line);
                let _: hyper::body::Incoming = request.into_body();
                async { Ok::<_, std::convert::Infallible>(hyper::Response::new("ciao".to_owned())) }
            });
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        }
    })
    .await
}

fn trusting(authority: &Authority, server: SocketAddr) -> Client {
    build(ClientSettings {
        ca_certificates: vec![CaCertificates::Pem(authority.pem().into_bytes())],
        connect_to: vec![ConnectTo::new(None, None, server).unwrap()],
        ..settings()
    })
}

/// What a client that trusts `authority` makes of a server with this identity.
async fn verdict(identity: Identity, authority: &Authority) -> Exchange {
    let (server, log) = secure(identity, &[b"http/1.1"]).await;
    let exchange = fetch(&trusting(authority, server), &get(SECURE)).await;
    assert!(exchange.outcome == FetchOutcome::Ok || log.heads().is_empty(), "nothing is asked over an unverified link");
    exchange
}

#[tokio::test]
async fn a_good_certificate_is_accepted_and_its_digest_kept() {
    let authority = root("Autorità");
    for protocols in [&[&b"h2"[..]][..], &[b"http/1.1"], &[]] {
        let identity = issue(&leaf_params("www.comune.test"), &authority, &[]);
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&identity.chain[0]);
        let (server, log) = secure(identity, protocols).await;
        let exchange = fetch(&trusting(&authority, server), &get(SECURE)).await;
        assert_eq!(
            (exchange.outcome, exchange.body.as_slice()),
            (FetchOutcome::Ok, &b"ciao"[..]),
            "{:?}",
            exchange.detail
        );
        assert_eq!(exchange.certificate, Some(format!("{digest:x}")));
        assert_eq!(exchange.address, Some(server));
        let http2 = protocols.first().is_some_and(|protocol| *protocol == b"h2");
        assert_eq!(log.heads()[0].starts_with("HTTP/2.0 "), http2, "{:?}", log.heads());
    }
}

#[tokio::test]
async fn a_port_in_the_url_is_rewritten_and_the_host_kept() {
    let authority = root("Autorità");
    let (server, log) = secure(issue(&leaf_params("www.comune.test"), &authority, &[]), &[b"h2", b"http/1.1"]).await;
    let exchange = fetch(&trusting(&authority, server), &get("https://www.comune.test:8443/a")).await;
    assert_eq!(exchange.outcome, FetchOutcome::Ok, "{:?}", exchange.detail);
    assert!(log.heads()[0].contains("\"www.comune.test:8443\""), "{:?}", log.heads());
}

#[tokio::test]
async fn the_authorities_come_from_files_too() {
    let authority = root("Autorità");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("# due\n{}{}", root("Altra").pem(), authority.pem())).unwrap();
    let (server, _) = secure(issue(&leaf_params("www.comune.test"), &authority, &[]), &[]).await;
    let client = build(ClientSettings {
        ca_certificates: vec![CaCertificates::File(file.path().to_owned())],
        connect_to: vec![ConnectTo::new(None, None, server).unwrap()],
        ..settings()
    });
    assert_eq!(fetch(&client, &get(SECURE)).await.outcome, FetchOutcome::Ok);
}

#[tokio::test]
async fn dates_and_names() {
    let authority = root("Autorità");
    let mut expired = leaf_params("www.comune.test");
    expired.not_before = date_time_ymd(2019, 1, 1);
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut early = leaf_params("www.comune.test");
    early.not_before = date_time_ymd(2090, 1, 1);
    early.not_after = date_time_ymd(2091, 1, 1);
    for (params, outcome) in [
        (expired, FetchOutcome::TlsExpired),
        (early, FetchOutcome::TlsNotYetValid),
        (leaf_params("www.fornitore.test"), FetchOutcome::TlsWrongName),
        (leaf_params("comune.test"), FetchOutcome::TlsWrongName),
        (leaf_params("*.comune.test"), FetchOutcome::Ok),
    ] {
        let exchange = verdict(issue(&params, &authority, &[]), &authority).await;
        assert_eq!(exchange.outcome, outcome, "{:?}", exchange.detail);
    }
}

#[tokio::test]
async fn chains() {
    let authority = root("Autorità");
    let middle = intermediate("Intermedia", &authority);
    let private = root("Autorità privata");
    let private_middle = intermediate("Intermedia privata", &private);
    let site = leaf_params("www.comune.test");
    let mut as_openssl = leaf_params("www.comune.test");
    as_openssl.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);

    for (what, identity, outcome) in [
        ("whole", issue(&site, &middle, &[&middle]), FetchOutcome::Ok),
        ("whole, with the root", issue(&site, &middle, &[&middle, &authority]), FetchOutcome::Ok),
        ("without its intermediate", issue(&site, &middle, &[]), FetchOutcome::TlsMissingIntermediate),
        ("with a wrong intermediate", issue(&site, &middle, &[&private_middle]), FetchOutcome::TlsMissingIntermediate),
        ("self-signed", self_signed(&site), FetchOutcome::TlsSelfSigned),
        ("self-signed as openssl does", self_signed(&as_openssl), FetchOutcome::TlsSelfSigned),
        ("private, with its root", issue(&site, &private, &[&private]), FetchOutcome::TlsSelfSigned),
        ("private, deeper", issue(&site, &private_middle, &[&private_middle, &private]), FetchOutcome::TlsSelfSigned),
        ("private, its root not sent", issue(&site, &private_middle, &[&private_middle]), FetchOutcome::TlsSelfSigned),
    ] {
        let exchange = verdict(identity, &authority).await;
        assert_eq!(exchange.outcome, outcome, "{what}: {:?}", exchange.detail);
    }
}

/// An intermediate that says where its own issuer can be fetched comes from a public authority: what is missing is the
/// next one.
#[tokio::test]
async fn a_second_intermediate_may_be_missing() {
    let authority = root("Autorità");
    let upper = intermediate("Superiore", &authority);
    let mut params = authority_params("Inferiore");
    // AuthorityInfoAccess: caIssuers, URI http://ca/
    let access = b"\x30\x17\x30\x15\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x09http://ca";
    params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], access.to_vec()));
    let lower = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &upper).unwrap();
    let identity = issue(&leaf_params("www.comune.test"), &lower, &[&lower]);
    assert_eq!(verdict(identity, &authority).await.outcome, FetchOutcome::TlsMissingIntermediate);
}

/// A server that reads the client's hello and answers with these bytes.
async fn answers_the_hello(bytes: &'static [u8]) -> Exchange {
    let (server, _) = serve(move |mut stream, _| async move {
        let mut hello = [0; 2048];
        let _ = stream.read(&mut hello).await;
        let _ = stream.write_all(bytes).await;
    })
    .await;
    fetch(&client_to(server), &get(SECURE)).await
}

#[tokio::test]
async fn old_protocols_and_other_faults() {
    // A TLS 1.0 server hello: version 3.1, 32 random bytes, no session, RSA with AES-128-CBC, no compression.
    const OLD_HELLO: &[u8] =
        b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x010123456789abcdef0123456789abcdef\x00\x00\x2f\x00";
    for (what, bytes, outcome) in [
        ("alert protocol_version", &b"\x15\x03\x01\x00\x02\x02\x46"[..], FetchOutcome::TlsLegacy),
        ("alert handshake_failure", b"\x15\x03\x03\x00\x02\x02\x28", FetchOutcome::TlsLegacy),
        ("alert insufficient_security", b"\x15\x03\x03\x00\x02\x02\x47", FetchOutcome::TlsLegacy),
        ("an old server hello", OLD_HELLO, FetchOutcome::TlsLegacy),
        ("alert internal_error", b"\x15\x03\x03\x00\x02\x02\x50", FetchOutcome::TlsFailed),
        ("alert unrecognized_name", b"\x15\x03\x03\x00\x02\x02\x70", FetchOutcome::TlsFailed),
        ("plain HTTP", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", FetchOutcome::TlsFailed),
        ("noise", b"\x16\x03\x03\xff\xffzzzz", FetchOutcome::TlsFailed),
        ("a cut hello", b"\x16\x03\x03\x00\x7a\x02\x00", FetchOutcome::TlsFailed),
        ("nothing", b"", FetchOutcome::TlsFailed),
    ] {
        let exchange = answers_the_hello(bytes).await;
        assert_eq!(exchange.outcome, outcome, "{what}: {:?}", exchange.detail);
    }
}

#[tokio::test]
async fn a_silent_handshake_ends_with_the_connect_limit() {
    let (server, _) = serve(|stream, _| async move {
        tokio::time::sleep(Duration::from_secs(20)).await;
        drop(stream);
    })
    .await;
    assert_eq!(fetch(&client_to(server), &get(SECURE)).await.outcome, FetchOutcome::ConnectTimeout);
}

/// Agrees on HTTP/2 and talks HTTP/1.1: asked once more without HTTP/2.
#[tokio::test]
async fn a_server_that_only_claims_http2_is_asked_again_over_http1() {
    let authority = root("Autorità");
    let identity = issue(&leaf_params("www.comune.test"), &authority, &[]);
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(identity.chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (server, log) = serve(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut request = [0; 2048];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&response("HTTP/1.1 200 OK", b"ciao")).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let exchange = fetch(&trusting(&authority, server), &get(SECURE)).await;
    assert_eq!((exchange.outcome, exchange.body.as_slice()), (FetchOutcome::Ok, &b"ciao"[..]), "{:?}", exchange.detail);
    assert_eq!(log.connections(), 2);
}
