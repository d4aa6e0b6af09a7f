//! Registers imported from an address: over TLS, politely, from the public Internet only, all of it or nothing.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use support::{Answer, Riscontro, Site, TlsFault, Web, database, run::Ended};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");
const HOST: &str = "dati.ente.example";
const ISTAT: &str = "codice_istat,denominazione,codice_catastale,sigla_provincia,regione,popolazione\n\
    063001,Casanova,X001,NA,Campania,40100\n";

fn site() -> Site {
    let csv = || Answer::new(200, ISTAT).header("content-type", "text/csv");
    // Larger than what is read of an archive that is no page.
    let filler = [vec![b' '; 200_000], ISTAT.as_bytes().to_vec()].concat();
    let mut large = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    large.start_file("LEGGIMI.md", stored).unwrap();
    std::io::Write::write_all(&mut large, &filler).unwrap();
    large.start_file("istat.csv", stored).unwrap();
    std::io::Write::write_all(&mut large, ISTAT.as_bytes()).unwrap();
    let large = large.finish().unwrap().into_inner();
    Site::new(HOST)
        .robots("User-agent: *\nDisallow: /riservato/\n")
        .answer("/istat.csv", csv().header("last-modified", "Wed, 04 Dec 2024 23:30:00 GMT"))
        .answer("/senza-data.csv", csv())
        .answer("/istat-2023-05-06.csv", csv().header("last-modified", "Wed, 04 Dec 2024 23:30:00 GMT"))
        .answer("/riservato/istat.csv", csv())
        .answer("/compresso.csv", csv().gzip())
        .answer("/istat.zip", Answer::new(200, large))
        .redirect("/ultimo", "https://altro.ente.example/istat.csv")
        .redirect("/in-chiaro", "http://altro.ente.example/istat.csv")
        .redirect("/dentro", "https://127.0.0.1/istat.csv")
        .redirect("/giro", "/giro2")
        .redirect("/giro2", "/giro")
        .page("/manutenzione.csv", "<html><body>Manutenzione</body></html>")
        .answer("/tronco.csv", csv().cut_after(100))
        .answer("/rotto.csv", Answer::new(500, "x"))
}

fn import(riscontro: &Riscontro, url: &str, more: &[&str]) -> Ended {
    let database = riscontro.database("r.db");
    riscontro.run(&[&["import", "istat", url, "--format", "json", "--db", &database], more].concat())
}

#[test]
fn a_register_comes_from_an_address_with_its_date_and_its_source() {
    let web = Web::of([site(), Site::new("altro.ente.example").answer("/istat.csv", Answer::new(200, ISTAT))]);
    let riscontro = Riscontro::new(BINARY, &web);
    let told = import(&riscontro, "https://dati.ente.example/istat.csv", &[]).assert_code(0).json();
    assert_eq!((&told["dated"], &told["dated_by"]), (&"2024-12-04".into(), &"last-modified".into()));
    assert_eq!((&told["source"], &told["did"]), (&"https://dati.ente.example/istat.csv".into(), &"added".into()));
    assert_eq!(web.log().paths(HOST), ["/istat.csv"]);
    assert_eq!(web.log().first(HOST).unwrap().path(), "/robots.txt", "asked before");
    assert!(
        web.log().all().iter().all(|entry| entry.method == "GET" && entry.scheme == "https"),
        "{}",
        web.log().dump()
    );

    let named = import(&riscontro, "https://dati.ente.example/istat-2023-05-06.csv", &[]).json();
    assert_eq!((&named["did"], &named["dated"]), (&"unchanged".into(), &"2024-12-04".into()), "the same file");
    let given = import(&riscontro, "https://dati.ente.example/ultimo", &["--date", "2024-12-31"]).json();
    assert_eq!((&given["dated"], &given["dated_by"]), (&"2024-12-31".into(), &"given".into()));
    assert_eq!(given["source"], "https://altro.ente.example/istat.csv", "where it came from in the end");
    for url in ["https://dati.ente.example/compresso.csv", "https://dati.ente.example/istat.zip"] {
        assert_eq!(import(&riscontro, url, &["--date", "2024-01-01"]).assert_code(0).json()["quality"]["kept"], 1);
    }

    let fresh = Riscontro::new(BINARY, &web);
    let ended = import(&fresh, "https://dati.ente.example/senza-data.csv", &[]);
    assert_eq!(ended.assert_code(0).json()["dated_by"], "today");
    assert!(ended.stderr.contains("today was taken"), "{ended}");
    let ended = import(&Riscontro::new(BINARY, &web), "https://dati.ente.example/istat-2023-05-06.csv", &[]);
    assert_eq!(ended.json()["dated"], "2023-05-06", "the name says more than the server");
    web.log().assert_no_strays();
}

#[test]
fn what_is_not_a_whole_answer_from_outside_over_tls_is_refused() {
    let web = Web::of([site(), {
        let mut site = Site::new("fasullo.ente.example").answer("/a.csv", Answer::new(200, ISTAT));
        site.tls = TlsFault::Expired;
        site
    }]);
    let riscontro = Riscontro::new(BINARY, &web);
    assert_eq!(import(&riscontro, "https://dati.ente.example/istat.csv", &[]).code(), Some(0));
    let database = riscontro.path("r.db");
    let before = database::dump(&database);
    for (url, code, why) in [
        ("http://dati.ente.example/istat.csv", 2, "solo per https"),
        ("ftp://dati.ente.example/istat.csv", 2, "solo per https"),
        ("https://utente:segreta@dati.ente.example/istat.csv", 2, "nome utente e password"),
        ("https://", 2, "non è un indirizzo"),
        ("https://dati.ente.example/in-chiaro", 69, "http://altro.ente.example/istat.csv"),
        ("https://dati.ente.example/giro", 69, "riscontro: registro non scaricato"),
        ("https://dati.ente.example/nessuno.csv", 69, "404"),
        ("https://dati.ente.example/riservato/istat.csv", 69, "robots.txt"),
        ("https://dati.ente.example/tronco.csv", 69, "riscontro: registro non scaricato"),
        ("https://fasullo.ente.example/a.csv", 69, "riscontro: registro non scaricato"),
        ("https://dati.ente.example/manutenzione.csv", 65, "una pagina web"),
    ] {
        let ended = import(&riscontro, url, &["--date", "2025-01-01"]);
        assert_eq!((ended.code(), ended.stdout.as_str()), (Some(code), ""), "{url}: {ended}");
        assert!(ended.stderr.contains(why), "{url}: {ended}");
        assert!(!ended.stderr.contains("segreta"), "{ended}");
    }
    // Without the test's exceptions the address guard stands: by number, and behind a redirect.
    let guarded = Riscontro::bare(BINARY);
    for url in ["https://127.0.0.1/istat.csv", "https://[::1]/a", "https://169.254.169.254/a", "https://10.0.0.1/a.csv"]
    {
        assert_eq!(import(&guarded, url, &[]).code(), Some(69), "{url}");
    }
    let by_host = Riscontro::bare(BINARY).network(web.flags_by_host());
    let asked = web.log().all().len();
    let ended = import(&by_host, "https://dati.ente.example/dentro", &[]);
    assert_eq!(ended.code(), Some(69), "{ended}");
    assert_eq!(web.log().all().len(), asked + 2, "robots.txt and the redirect, nothing inside");
    assert_eq!(database::dump(&database), before);
    database::assert_whole(&database);
}
