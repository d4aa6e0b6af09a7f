//! What comes out: JSON held against its published schema, text in two languages, one HTML page, tables that read back, and
//! one clear line for each mistake.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    io::Read as _,
    process::{Command, Stdio},
};

use scraper::{Html, Selector};
use serde_json::Value;
use support::{
    Comune, Riscontro, Site, Web,
    comuni::{
        self,
        markup::{cie_button, home, login_link, login_page, own_site, password_page, spid_button},
    },
    run::Ended,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// Characters that move a terminal's cursor, forge a line or turn the reading direction.
fn hostile(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A site with a login, whose every text tries something.
fn nasty(comune: &Comune) -> Site {
    let evil = "Area personale\u{1b}]0;preso\u{7}\u{1b}[2J\u{9b}31m\u{202e}<script>alert(1)</script>\"'>=1+1";
    let escaped = evil.replace('<', "&lt;").replace('"', "&quot;");
    let title = format!("<title>{evil}</title>");
    let evil_page = |page: String| {
        page.replacen("<title>", &format!("{title}<title>"), 1)
            .replace("Entra con CIE", &format!("Entra con CIE {escaped}"))
    };
    let link = format!(
        "<a data-element=\"personal-area-login\" href=\"/accedi?x=%1b[31m&quot;onload=alert(1)\">Accedi {escaped}</a>"
    );
    comuni::login::endpoints(own_site(comune))
        .page("/", evil_page(home(comune, &link, "")))
        .page("/accedi", evil_page(login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login"))))
}

fn plain(comune: &Comune) -> Site {
    comuni::login::endpoints(own_site(comune))
        .page("/", home(comune, &login_link("/accedi"), ""))
        .page("/accedi", login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login")))
}

/// Four sites: one good, one that tries something, one with passwords only, one without home.
fn world() -> (Vec<Comune>, Web) {
    let comuni = comuni::crowd(4);
    let web = Web::of([
        plain(&comuni[0]),
        nasty(&comuni[1]),
        own_site(&comuni[2])
            .page("/", home(&comuni[2], &login_link("/accedi"), ""))
            .page("/accedi", password_page(&comuni[2], "")),
        Site::new(&comuni[3].host()),
    ]);
    (comuni, web)
}

fn check(web: &Web, comuni: &[Comune], more: &[&str]) -> Ended {
    let urls: Vec<String> = comuni.iter().map(Comune::url).collect();
    let mut arguments = vec!["check"];
    arguments.extend(urls.iter().map(String::as_str));
    arguments.extend(more);
    Riscontro::new(BINARY, web).run(&arguments)
}

#[track_caller]
fn assert_one_line(ended: &Ended, code: i32, words: &[&str]) {
    ended.assert_code(code);
    let first = ended.stderr.lines().next().unwrap_or_default();
    assert!(first.starts_with("riscontro: ") && words.iter().all(|word| first.contains(word)), "{words:?}: {ended}");
    assert_eq!(ended.stderr.lines().filter(|line| !line.starts_with("  ")).count(), 1, "{ended}");
    assert_eq!(ended.stdout, "", "data and mistakes do not mix: {ended}");
}

#[test]
fn json_is_one_line_for_each_site_and_keeps_to_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../docs/site.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (comuni, web) = world();
    for more in [&["--format", "json"][..], &["--format", "json", "--explain", "--lang", "en"]] {
        let ended = check(&web, &comuni, more);
        assert_eq!(ended.stdout.lines().count(), comuni.len(), "{ended}");
        assert!(!ended.stdout.contains(hostile), "a JSON line wrote on the terminal");
        for (site, comune) in ended.json_lines().iter().zip(&comuni) {
            let wrong: Vec<String> = validator.iter_errors(site).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{wrong:#?}\n{site}");
            assert_eq!(site["schema"], "riscontro.site/1");
            assert_eq!(site["url"], comune.url());
            let platforms: Vec<&str> =
                site["findings"].as_array().unwrap().iter().map(|f| f["platform"].as_str().unwrap()).collect();
            assert_eq!(platforms, ["spid", "cie", "pagopa", "appio"]);
        }
    }
    let mut broken = check(&web, &comuni[..1], &["--format", "json"]).json();
    broken["findings"][0]["outcome"] = Value::from("passed");
    assert!(!validator.is_valid(&broken), "the schema must be able to say no");
}

#[test]
fn text_speaks_italian_unless_asked_for_english() {
    let (comuni, web) = world();
    let italian = check(&web, &comuni, &[]);
    let english = check(&web, &comuni, &["--lang", "en"]);
    for word in ["SPID", "CIE", "pagoPA", "riscontrato", "non determinabile", "Accedi all'area personale"] {
        assert!(italian.stdout.contains(word), "`{word}` is missing: {italian}");
    }
    assert_ne!(italian.stdout, english.stdout);
    for word in ["riscontrato", "determinabile", "richieste"] {
        assert!(!english.stdout.contains(word), "`{word}` in the English text: {english}");
    }
    for ended in [&italian, &english] {
        assert!(
            !ended.stdout.contains(hostile) && !ended.stderr.contains(hostile),
            "a page wrote on the terminal: {ended}"
        );
        assert_eq!(ended.stderr, "", "nothing but data in a pipe: {ended}");
        for verdict in ["passed", "failed", "superato", "conforme"] {
            assert!(
                !ended.stdout.to_lowercase().contains(verdict),
                "the outcome belongs to the asseveratore: {verdict}"
            );
        }
    }
}

#[test]
fn html_is_one_closed_page_without_script_or_anything_from_elsewhere() {
    let (comuni, web) = world();
    for more in [&["--format", "html"][..], &["--format", "html", "--explain", "--lang", "en"]] {
        let ended = check(&web, &comuni, more);
        let html = &ended.stdout;
        assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"), "{ended}");
        assert!(!html.contains(hostile), "hostile characters reach the page");
        let page = Html::parse_document(html);
        assert_eq!(page.errors, Vec::<std::borrow::Cow<'static, str>>::new(), "not well-formed");
        let count = |css: &str| page.select(&Selector::parse(css).unwrap()).count();
        for css in [
            "script", "iframe", "img", "link", "object", "embed", "form", "base", "svg", "video", "[src]", "[style]",
            "[srcset]",
        ] {
            assert_eq!(count(css), 0, "{css}");
        }
        assert_eq!((count("h1"), count("main"), count("html[lang]"), count("title")), (1, 1, 1, 1));
        assert_eq!(count("meta[http-equiv=Content-Security-Policy]"), 1);
        for element in page.select(&Selector::parse("*").unwrap()) {
            for (name, value) in element.value().attrs() {
                assert!(!name.starts_with("on"), "{name}={value}");
                let link = name != "href"
                    || value.starts_with("https://")
                    || value.starts_with("http://")
                    || value.starts_with('#');
                assert!(link, "{name}={value}");
            }
        }
        let style: String = page.select(&Selector::parse("style").unwrap()).flat_map(|style| style.text()).collect();
        assert!(!style.contains("url(") && !style.contains("@import"), "{style}");
        let said = count("table > caption") + count("table[aria-labelledby]");
        assert_eq!(said, count("table"), "every table says what it is");
    }
}

#[test]
fn the_exit_code_says_what_was_found() {
    let comuni = comuni::crowd(2);
    let payments = comuni::markup::card(
        "Pagamenti",
        "",
        &format!("https://cittadino.plugandpay.it/C_{}", comuni[0].catastale()),
        "Paga online",
    );
    let dead = own_site(&comuni[1]).robots("User-agent: *\nDisallow: /\n");
    let web = Web::of([plain(&comuni[0]).page("/", home(&comuni[0], &login_link("/accedi"), &payments)), dead]);
    check(&web, &comuni[..1], &[]).assert_code(1);
    check(&web, &comuni[1..], &[]).assert_code(3);
    check(&web, &comuni, &[]).assert_code(1);
    let service = "https://continua.io.pagopa.it/services/service-detail?serviceId=01EX1Z7S5PH2VJM7QJD6HA4C65";
    let cards = [
        comuni::markup::card("Pagamenti", "", "/paga", "Paga online"),
        comuni::markup::card("Anagrafe sull'app IO", "", service, "Apri il servizio su IO"),
    ];
    let everything = plain(&comuni[0])
        .page("/", home(&comuni[0], &login_link("/accedi"), &cards.concat()))
        .redirect("/paga", "https://checkout.pagopa.it/c/4b2a4bd1e0f24c0d8f3a");
    let web = Web::of([everything]);
    check(&web, &comuni[..1], &[]).assert_code(0);
    web.log().assert_no_strays();
}

#[test]
fn mistakes_on_the_command_line_are_one_line_and_code_two() {
    let riscontro = Riscontro::bare(BINARY);
    for (arguments, words) in [
        (&["check", "https://www.comune.x.it/", "--formatt", "json"][..], &["--formatt"][..]),
        (&["check", "https://www.comune.x.it/", "--format", "yaml"], &["yaml"]),
        (&["check"], &["URL"]),
        (&["controlla"], &["controlla"]),
        (&["check", "ftp://www.comune.x.it/"], &["ftp"]),
        (&["check", "http://"], &["http://"]),
        (&["check", "https://www.comune.x.it/", "--delay", "-1"], &["--delay"]),
        (&["check", "https://www.comune.x.it/", "--max-requests", "tanti"], &["--max-requests", "tanti"]),
        (&["check", "https://www.comune.x.it/", "--connect-to", "a:b:c"], &["--connect-to"]),
        (&["check", "https://www.comune.x.it/", "--resolver", "dns.x.it"], &["--resolver"]),
        (&["inspect", "-", "--url", "pagina"], &["pagina"]),
        (&["rules", "explain", "non.esiste"], &["non.esiste"]),
    ] {
        assert_one_line(&riscontro.local(arguments), 2, words);
        let english = [arguments, &["--lang", "en"]].concat();
        assert_one_line(&riscontro.local(&english), 2, words);
    }
    assert_eq!(riscontro.local::<&str>(&[]).code(), Some(2));
    for arguments in [&["--help"][..], &["check", "--help"], &["--version"]] {
        let ended = riscontro.local(arguments);
        assert!(!ended.assert_code(0).stdout.is_empty(), "{ended}");
    }
}

#[test]
fn inspect_reads_a_file_or_standard_input_and_asks_nobody() {
    let comune = &comuni::crowd(1)[0];
    let riscontro = Riscontro::bare(BINARY);
    let page = login_page(comune, &spid_button("/spid/login"), "<p>La CIE è un documento.</p>");
    std::fs::write(riscontro.path("pagina.html"), &page).unwrap();
    let url = format!("https://{}/accedi", comune.host());
    let from_file = riscontro.local(&["inspect", "pagina.html", "--url", &url, "--format", "json"]);
    let from_input = riscontro.local_with_input(&["inspect", "-", "--url", &url, "--format", "json"], page.as_bytes());
    from_file.assert_code(0);
    assert_eq!(from_file.stdout, from_input.stdout);
    let report = from_file.json();
    assert_eq!(
        (&report["platforms"]["spid"], &report["schema"]),
        (&Value::from("offered"), &Value::from("riscontro.page/1"))
    );
    assert_ne!(report["platforms"]["cie"], "offered", "the card as a document is no login");
    let again = riscontro.local(&["inspect", "pagina.html", "--url", &url, "--format", "json"]);
    assert_eq!(from_file.stdout, again.stdout, "the same bytes give the same answer");
    assert!(riscontro.local(&["inspect", "pagina.html", "--url", &url]).assert_code(0).stdout.contains("SPID"));
    assert_one_line(&riscontro.local(&["inspect", "manca.html", "--url", &url]), 66, &["manca.html"]);
}

#[test]
fn a_broken_rule_is_named_with_file_and_line() {
    let riscontro = Riscontro::bare(BINARY);
    let folder = riscontro.path("regole");
    std::fs::create_dir(&folder).unwrap();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/selectors")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    std::fs::write(riscontro.path("p.html"), "<p>SPID</p>").unwrap();
    let run = || {
        riscontro.local(&[
            "inspect",
            "p.html",
            "--url",
            "https://www.comune.x.it/",
            "--selectors",
            folder.to_str().unwrap(),
        ])
    };
    run().assert_code(0);
    let rule = |line: &str| {
        [
            "[[rule]]",
            "id = \"rotta.regola\"",
            "platforms = [\"spid\"]",
            "proves = \"login\"",
            "strength = \"weak\"",
            line,
            "why.it = \"Prova.\"",
            "why.en = \"Test.\"",
            "source = \"test\"",
            "examples.hit = ['<a href=\"/x\">xyz</a>']",
            "examples.miss = ['<a href=\"/x\">abc</a>']",
        ]
        .join("\n")
    };
    std::fs::write(folder.join("rotta.toml"), rule("match = [{ label = \"xyz\" }]")).unwrap();
    run().assert_code(0);
    for (text, lines) in [
        ("\n\n[[rule]\nid = 'rotta.sintassi'\n".to_owned(), [3, 3]),
        // The line of the mistake, or that of its rule.
        (rule("match = [{ label = \"(\" }]"), [1, 6]),
        (rule("macth = [{ label = \"xyz\" }]"), [1, 6]),
    ] {
        std::fs::write(folder.join("rotta.toml"), text).unwrap();
        let ended = run();
        ended.assert_code(65);
        let told = lines.iter().any(|line| ended.stderr.contains(&format!("rotta.toml:{line}:")));
        assert!(told, "one of {lines:?}: {ended}");
        assert!(!ended.stderr.contains("panicked"), "{ended}");
    }
}

#[test]
fn settings_are_checked_all_at_once() {
    let riscontro = Riscontro::bare(BINARY);
    std::fs::write(riscontro.path("r.toml"), "delay = -1\n\nconcurency = 3\nlang = \"fr\"\n").unwrap();
    let ended = riscontro.local(&["config", "check", "--config", "r.toml"]);
    ended.assert_code(78);
    for place in ["r.toml:1", "r.toml:3", "r.toml:4", "concurrency"] {
        assert!(ended.stderr.contains(place), "{place}: {ended}");
    }
    assert_one_line(&riscontro.local(&["config", "check", "--config", "manca.toml"]), 78, &["manca.toml"]);
    let example = riscontro.local(&["config", "example"]);
    std::fs::write(riscontro.path("esempio.toml"), &example.assert_code(0).stdout).unwrap();
    riscontro.local(&["config", "check", "--config", "esempio.toml"]).assert_code(0);
    let shown =
        riscontro.local(&["config", "show", "--format", "json", "--proxy", "http://utente:segreto@127.0.0.1:3128"]);
    assert!(!shown.assert_code(0).stdout.contains("segreto"), "{shown}");
}

#[test]
fn a_reader_that_goes_away_is_no_mistake() {
    let mut child = Command::new(BINARY)
        .args(["rules", "list", "--format", "json"])
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One byte is read, then the pipe is closed while much more waits to be written.
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0]).unwrap();
    drop(out);
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 141)), "{status}");
    assert_eq!(complaint, "");
}

#[test]
fn tables_read_back_and_no_cell_is_a_formula() {
    let (comuni, web) = world();
    let riscontro = Riscontro::new(BINARY, &web);
    let list = format!("name;url\n=1+1;{}\n\"@Bela;\"\"due\"\"\";{}\n", comuni[0].url(), comuni[1].url());
    std::fs::write(riscontro.path("siti.csv"), list).unwrap();
    let db = riscontro.database("out.db");
    riscontro.run(&["run", "--targets", "siti.csv", "--db", &db]).assert_code(0);
    let export = |more: &[&str]| {
        let ended = riscontro.local(&[&["export", "findings", "--db", &db][..], more].concat());
        ended.assert_code(0);
        ended.stdout
    };
    let read = |text: &str, delimiter: u8| -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap().len(), 16);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    let italian = export(&[]);
    let italian = read(italian.strip_prefix('\u{feff}').expect("a byte order mark, or accents are lost"), b';');
    let plain = export(&["--rfc4180"]);
    assert!(!plain.starts_with('\u{feff}') && plain.contains("\r\n"));
    let rows = read(&plain, b',');
    assert_eq!(italian, rows, "two dialects of one table");
    assert_eq!(rows.len(), 8, "four findings for each of two sites");
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "a spreadsheet would run {cell:?}");
        assert!(!cell.contains(char::is_control), "{cell:?}");
    }
    let lines: Vec<Value> =
        export(&["--format", "jsonl"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 8);
    assert!(lines.iter().any(|line| line["name"] == "=1+1"), "JSON keeps what was there: {lines:#?}");
    riscontro.local(&["export", "findings", "--db", &db, "--output", "tabella.csv"]).assert_code(0);
    assert_eq!(std::fs::read_to_string(riscontro.path("tabella.csv")).unwrap(), export(&[]));
}
