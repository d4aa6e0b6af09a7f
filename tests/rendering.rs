//! Pages that scripts draw, in a real Chromium, against the local web. Every test here needs the browser:
//! `tests/run` installs it and runs them.

#![cfg(feature = "render")]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![expect(clippy::print_stdout, reason = "what each hostile page came to is worth seeing")]

mod support;

use std::{
    net::{TcpListener, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use riscontro::render::{Cut, Fault, Settings};
use support::{
    Answer, Site, Web,
    bench::{Bench, HOST, runtime, script},
    process,
};

/// A listener that must never be reached. Counts who knocks.
struct Inside {
    port: u16,
    udp: u16,
    knocks: Arc<AtomicUsize>,
}

impl Inside {
    fn new() -> Self {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (port, udp_port) = (tcp.local_addr().unwrap().port(), udp.local_addr().unwrap().port());
        let knocks = Arc::new(AtomicUsize::new(0));
        let (of_tcp, of_udp) = (Arc::clone(&knocks), Arc::clone(&knocks));
        std::thread::spawn(move || {
            tcp.incoming().for_each(|_| {
                of_tcp.fetch_add(1, Ordering::SeqCst);
            });
        });
        std::thread::spawn(move || {
            let mut buffer = [0; 64];
            while udp.recv(&mut buffer).is_ok() {
                of_udp.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, udp: udp_port, knocks }
    }

    fn knocks(&self) -> usize {
        self.knocks.load(Ordering::SeqCst)
    }
}

#[test]
#[ignore = "needs Chromium"]
fn a_page_is_drawn_by_its_scripts_and_read_with_its_shadow_roots() {
    let bench = Bench::new([Site::new(HOST)
        .answer("/app.js", script("fetch('/api/vie').then(r => r.json()).then(vie => { for (const via of vie) { const a = document.createElement('a'); a.href = via.href; a.textContent = via.testo; document.getElementById('app').append(a); } }); customElements.define('entra-spid', class extends HTMLElement { connectedCallback() { this.attachShadow({mode: 'closed'}).innerHTML = '<a href=\"/spid\">Entra con SPID</a>'; } });"))
        .answer("/api/vie", Answer::new(200, r#"[{"href":"/accedi","testo":"Accedi all’area personale"}]"#).header("content-type", "application/json"))]);
    let runtime = runtime();
    let page =
        "<!doctype html><title>Comune</title><div id=app></div><entra-spid></entra-spid><script src=/app.js></script>";
    let rendered = runtime.block_on(bench.render(page)).unwrap();
    assert!(rendered.html.contains("<a href=\"/accedi\">Accedi all’area personale</a>"), "{}", rendered.html);
    assert!(rendered.html.contains("<a href=\"/spid\">Entra con SPID</a>"), "{}", rendered.html);
    assert_eq!((rendered.cut, rendered.layout, rendered.requests), (None, true, 3), "{rendered:?}");
    assert_eq!(bench.web.log().paths(HOST), ["/app.js", "/api/vie"]);
    assert_eq!(bench.web.log().max_open(HOST), 1);
    runtime.block_on(bench.renderer.close());
}

#[test]
#[ignore = "needs Chromium"]
fn the_layout_says_what_is_seen_and_what_opens_on_a_press_is_seen() {
    let css = Answer::new(
        200,
        ".via { display: none } .menu { display: none } .vela { visibility: hidden } .su { display: block !important }",
    )
    .header("content-type", "text/css");
    let bench = Bench::new([Site::new(HOST).answer("/stile.css", css)]);
    let page = r##"<!doctype html><link rel=stylesheet href=/stile.css>
<a id=nascosto class=via href=/1>Uno</a> <a id=velato class=vela href=/2>Due</a>
<button data-bs-target="#cassetto">Menu</button><div id=cassetto class=menu><a id=aperto href=/3>Tre</a><a id=chiuso class=via href=/4>Quattro</a></div>
<div id=padre class=menu><a id=figlio href=/5>Cinque</a></div>
<a id=visibile class="d-none su" href=/6>Sei</a>
<a id=immagine href=/7><img src=/entra.png alt="Entra con CIE"></a>
<span data-riscontro=hidden><a id=finto href=/8>Otto</a></span>"##;
    let runtime = runtime();
    let rendered = runtime.block_on(bench.render(page)).unwrap();
    assert!(rendered.layout);
    let tag = |id: &str| {
        let at = rendered.html.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("{id} is gone"));
        let end = rendered.html[at..].find('>').unwrap();
        rendered.html[at..at + end].contains("data-riscontro=\"hidden\"")
    };
    let hidden: Vec<&str> =
        ["nascosto", "velato", "cassetto", "aperto", "chiuso", "padre", "figlio", "visibile", "immagine", "finto"]
            .into_iter()
            .filter(|id| tag(id))
            .collect();
    // `figlio` stands in a marked element, which says it for all that is inside.
    assert_eq!(hidden, ["nascosto", "velato", "chiuso", "padre"], "{}", rendered.html);
    assert!(!rendered.html.contains("<span data-riscontro"), "a page's own marks are not kept");
    assert_eq!(bench.web.log().paths(HOST), ["/stile.css"], "pictures are not asked for");
    runtime.block_on(bench.renderer.close());
}

#[test]
#[ignore = "needs Chromium"]
fn nothing_leaves_the_browser_but_what_the_fetcher_asks() {
    let inside = Inside::new();
    let (port, udp) = (inside.port, inside.udp);
    let site = Site::new(HOST)
        .answer("/a.js", script("window.caricato = 1"))
        .otherwise(Answer::new(200, "").header("content-type", "text/plain"));
    let bench = Bench::new([site]);
    let page = format!(
        r#"<!doctype html><title>prova</title>
<link rel=preconnect href="http://127.0.0.1:{port}"><link rel=dns-prefetch href="//127.0.0.1:{port}">
<link rel=prefetch href="http://127.0.0.1:{port}/prefetch"><link rel=stylesheet href="http://127.0.0.1:{port}/s.css">
<img src="http://127.0.0.1:{port}/i.png"><iframe src="http://127.0.0.1:{port}/frame"></iframe>
<object data="http://127.0.0.1:{port}/o"></object><video src="http://127.0.0.1:{port}/v"></video>
<script src="http://127.0.0.1:{port}/x.js"></script><a id=scarica download href="/scarica.bin">x</a>
<form id=posta method=post action="/posta"><input name=a value=b></form>
<script>
const tenta = (f) => {{ try {{ const p = f(); if (p && p.catch) p.catch(() => 0); }} catch (e) {{}} }};
tenta(() => fetch('http://127.0.0.1:{port}/fetch'));
tenta(() => fetch('http://127.0.0.1:{port}/fetch', {{mode: 'no-cors'}}));
tenta(() => fetch('http://localhost:{port}/fetch'));
tenta(() => fetch('http://[::1]:{port}/fetch'));
tenta(() => fetch('http://169.254.169.254/latest/meta-data/'));
tenta(() => fetch('http://10.0.0.1/'));
tenta(() => fetch('/posta', {{method: 'POST', body: 'x'}}));
tenta(() => fetch('/posta', {{method: 'PUT', body: 'x'}}));
tenta(() => fetch('/cancella', {{method: 'DELETE'}}));
tenta(() => {{ const x = new XMLHttpRequest(); x.open('POST', '/posta'); x.send('x'); }});
tenta(() => navigator.sendBeacon('/faro', 'x'));
tenta(() => navigator.sendBeacon('http://127.0.0.1:{port}/faro', 'x'));
tenta(() => new WebSocket('ws://127.0.0.1:{port}/ws'));
tenta(() => new WebSocket('wss://{HOST}/ws'));
tenta(() => new EventSource('http://127.0.0.1:{port}/eventi'));
tenta(() => new Worker(URL.createObjectURL(new Blob(["fetch('http://127.0.0.1:{port}/worker'); new WebSocket('ws://127.0.0.1:{port}/w')"]))));
tenta(() => new SharedWorker('/condiviso.js'));
tenta(() => navigator.serviceWorker.register('/servizio.js'));
tenta(() => window.open('http://127.0.0.1:{port}/finestra'));
tenta(() => {{ const r = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{udp}'}}, {{urls: 'turn:127.0.0.1:{port}?transport=tcp', username: 'a', credential: 'b'}}]}}); r.createDataChannel('x'); r.createOffer().then(o => r.setLocalDescription(o)); }});
tenta(() => document.getElementById('scarica').click());
tenta(() => document.getElementById('posta').submit());
tenta(() => alert('fermo'));
setTimeout(() => tenta(() => location.href = 'http://127.0.0.1:{port}/via'), 300);
setTimeout(() => tenta(() => location.href = 'file:///etc/passwd'), 400);
document.title = 'disegnata';
</script>"#
    );
    let runtime = runtime();
    let rendered = runtime.block_on(bench.render(&page)).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(rendered.html.contains("disegnata"), "the page itself was drawn: {rendered:?}");
    assert!(!rendered.html.contains("root:x:"));
    assert_eq!(inside.knocks(), 0, "somebody reached an inside address");
    let log = bench.web.log();
    for entry in log.all() {
        assert!(matches!(entry.method.as_str(), "GET" | "HEAD"), "{} {}", entry.method, entry.url());
        assert!(
            !["/posta", "/faro", "/cancella", "/ws", "/scarica.bin", "/finestra"].contains(&entry.path()),
            "{}",
            entry.url()
        );
    }
    let departures: Vec<(String, bool)> =
        rendered.departures.iter().map(|departure| (departure.url.to_string(), departure.post)).collect();
    assert!(departures.contains(&(format!("https://{HOST}/posta"), true)), "{departures:?}");
    assert!(rendered.refused >= 5, "{rendered:?}");
    runtime.block_on(bench.renderer.close());
}

#[test]
#[ignore = "needs Chromium"]
fn a_page_that_leaves_by_itself_is_not_followed_and_says_where_it_went() {
    let bench = Bench::new([Site::new(HOST)]);
    let runtime = runtime();
    let to = "https://idserver.servizicie.interno.gov.it/idp/profile/SAML2/Redirect/SSO?SAMLRequest=fZJ";
    let page = format!("<!doctype html><title>x</title><p>Attendere</p><script>location.replace('{to}')</script>");
    let rendered = runtime.block_on(bench.render(&page)).unwrap();
    assert_eq!(rendered.departures.len(), 1);
    assert_eq!((rendered.departures[0].url.as_str(), rendered.departures[0].post), (to, false));
    assert!(bench.web.log().all().is_empty(), "{}", bench.web.log().dump());
    runtime.block_on(bench.renderer.close());
}

#[test]
#[ignore = "needs Chromium"]
fn pages_that_never_end_are_stopped_and_the_next_page_is_well() {
    let settings = Settings { time: Duration::from_secs(8), ..Settings::default() };
    let site = Site::new(HOST)
        .answer(
            "/dati",
            Answer::new(200, "{}").header("content-type", "application/json").header("cache-control", "no-store"),
        )
        .answer("/lento.js", script("document.title = 'lento'").delay(Duration::from_mins(1)));
    let bench = Bench::with([site], settings);
    let runtime = runtime();
    for (name, page) in [
        ("an endless script", "<p>testo</p><script>for (;;) {}</script>"),
        ("an endless script later", "<p>testo</p><script>setTimeout(() => { for (;;) {} }, 100)</script>"),
        ("dialogues", "<p>testo</p><script>for (let i = 0; i < 1e6; i++) alert(i)</script>"),
        (
            "a document without end",
            "<p>testo</p><script>for (;;) document.body.append('x'.repeat(1000), document.createElement('p'))</script>",
        ),
        ("memory", "<p>testo</p><script>const a = []; for (;;) a.push(new Array(1e6).fill(Math.random()))</script>"),
        ("buffers", "<p>testo</p><script>const a = []; for (;;) a.push(new Uint8Array(1 << 26).fill(1))</script>"),
        (
            "requests without end",
            "<p>testo</p><script>const f = () => fetch('/dati').then(f, f); f(); f(); f()</script>",
        ),
        ("a script that does not come", "<p>testo</p><script src=/lento.js></script>"),
        ("a page that loads itself", "<p>testo</p><script>setInterval(() => location.reload(), 5)</script>"),
        ("history", "<p>testo</p><script>for (;;) history.pushState({}, '', '/' + Math.random())</script>"),
        (
            "deep",
            "<p>testo</p><script>let e = document.body; for (let i = 0; i < 50000; i++) { const d = document.createElement('div'); e.append(d); e = d; }</script>",
        ),
        ("a big string", "<p>testo</p><script>document.body.append('x'.repeat(1 << 26))</script>"),
        ("a big attribute", "<p>testo</p><script>document.body.title = 'x'.repeat(1 << 26)</script>"),
    ] {
        let began = std::time::Instant::now();
        let result = runtime.block_on(bench.render(page));
        println!(
            "{name}: {:?} after {:?}",
            result.as_ref().map(|r| (r.cut, r.html.len(), r.requests)),
            began.elapsed()
        );
        match result {
            Ok(rendered) => {
                assert!(rendered.html.len() <= 9 << 20, "{name}: {} bytes", rendered.html.len());
                assert!(rendered.requests <= 200, "{name}: {} requests", rendered.requests);
                // What was loaded whole may be quiet; all else must say that it was cut.
                assert!(rendered.cut.is_some() || ["dialogues", "a page that loads itself"].contains(&name), "{name}");
            }
            Err(fault) => assert!(matches!(fault, Fault::Time | Fault::Crash(_) | Fault::Memory), "{name}: {fault}"),
        }
        // Not an assertion of speed: a bound against hanging.
        assert!(began.elapsed() < Duration::from_secs(40), "{name} took {:?}", began.elapsed());
        let after = runtime.block_on(bench.render("<p id=x></p><script>x.textContent = 'sano'</script>")).unwrap();
        assert!(after.html.contains("sano"), "after {name}: {}", after.html);
    }
    runtime.block_on(bench.renderer.close());
}

#[test]
#[ignore = "needs Chromium"]
fn what_robots_forbid_is_missing_and_the_page_says_so() {
    let site = Site::new(HOST)
        .robots("User-agent: *\nDisallow: /app/\n")
        .answer("/app/a.js", script("document.body.append('disegnata')"));
    let bench = Bench::new([site]);
    let runtime = runtime();
    let page = "<p>Caricamento</p><script src=/app/a.js></script>";
    let rendered = runtime.block_on(bench.render(page)).unwrap();
    assert_eq!(rendered.cut, Some(Cut::Parts));
    assert!(!rendered.html.contains("disegnata"));
    assert_eq!(bench.web.log().count(HOST, "/app/a.js"), 0);
    runtime.block_on(bench.renderer.close());
}

/// What a page asks for and does not get may have been what draws its login.
#[test]
#[ignore = "needs Chromium"]
fn what_is_refused_is_missing_unless_it_cannot_draw() {
    const OTHER: &str = "api.provascura.example";
    let shared = |answer: Answer| {
        answer
            .header("access-control-allow-origin", "*")
            .header("access-control-allow-headers", "x-chiave, content-type")
    };
    let json = || Answer::new(200, "{}").header("content-type", "application/json");
    let site = Site::new(HOST)
        .answer("/dati", json())
        .answer("/eventi", Answer::new(200, "data: 1\n\n").header("content-type", "text/event-stream").cut_after(3))
        .answer("/modulo.js", script("export const x = 1;"))
        .answer("/lavoro.js", script("1"))
        .page("/cornice", "<p>cornice</p>");
    let bench = Bench::new([site, Site::new(OTHER).answer("/dati", shared(json()))]);
    let runtime = runtime();
    let missing = Some(Cut::Parts);
    for (what, cut, markup) in [
        ("nothing", None, "<script>1</script>".to_owned()),
        ("a call", None, "<script>fetch('/dati')</script>".to_owned()),
        ("a call by POST", missing, "<script>fetch('/dati', {method: 'POST', body: 'x'})</script>".to_owned()),
        ("an old call by PUT", missing, "<script>x = new XMLHttpRequest(); x.open('PUT', '/dati'); x.send('x')</script>".to_owned()),
        ("a call that asks what is allowed", missing, "<script>fetch('/dati', {method: 'OPTIONS'})</script>".to_owned()),
        ("events that break off", missing, "<script>new EventSource('/eventi')</script>".to_owned()),
        ("a call elsewhere", None, format!("<script>fetch('https://{OTHER}/dati')</script>")),
        // The browser asks for leave first, with OPTIONS.
        ("a call elsewhere with a key", missing, format!("<script>fetch('https://{OTHER}/dati', {{headers: {{'x-chiave': '1'}}}}).then(() => document.title = 'avuto')</script>")),
        ("a query elsewhere by POST", missing, format!("<script>fetch('https://{OTHER}/dati', {{method: 'POST', headers: {{'content-type': 'application/json'}}, body: '{{}}'}})</script>")),
        ("a form sent into a frame", missing, "<iframe name=f></iframe><form id=m method=post action=/dati target=f></form><script>m.submit()</script>".to_owned()),
        ("a socket", missing, format!("<script>new WebSocket('wss://{HOST}/dati')</script>")),
        ("a worker", missing, "<script>new Worker('/lavoro.js')</script>".to_owned()),
        ("a worker of its own making", missing, "<script>new Worker(URL.createObjectURL(new Blob(['1'])))</script>".to_owned()),
        ("a shared worker", missing, "<script>new SharedWorker('/lavoro.js')</script>".to_owned()),
        ("a socket that is only asked for", None, "<script>if (!window.WebSocket || WebSocket.OPEN !== 1 || WebSocket.name !== 'WebSocket') fetch('/dati', {method: 'POST'})</script>".to_owned()),
        // These draw nothing.
        ("a beacon", None, "<script>navigator.sendBeacon('/dati', 'x')</script>".to_owned()),
        ("a hint", None, "<link rel=prefetch href=/dati><script>1</script>".to_owned()),
        ("an icon of its own", None, "<link rel=icon href=/icona.png type=image/png><script>1</script>".to_owned()),
        ("a keeper of what was loaded", None, "<script>navigator.serviceWorker.register('/lavoro.js')</script>".to_owned()),
        ("a counter's call by POST", None, "<script>fetch('https://www.tracker.example/c', {method: 'POST', body: 'x'})</script>".to_owned()),
        ("a counter's call with a key", None, "<script>fetch('https://www.tracker.example/c', {method: 'POST', headers: {'x-chiave': '1', 'content-type': 'application/json'}, body: '{}'}).then(() => document.title = 'avuto', () => document.title = 'negato')</script>".to_owned()),
        ("what it has made itself", None, "<script>fetch(URL.createObjectURL(new Blob(['x']))); fetch('data:,x')</script>".to_owned()),
        ("a module of data", missing, "<script type=module>import x from '/dati' with {type: 'json'}; document.title = 'avuto'</script>".to_owned()),
        ("what is loaded ahead", missing, "<link rel=preload as=fetch href=/dati crossorigin><script>setTimeout(() => fetch('/dati').then(() => document.title = 'avuto'), 200)</script>".to_owned()),
        ("speculation", None, "<script type=speculationrules>{\"prefetch\":[{\"source\":\"list\",\"urls\":[\"/dati\"],\"eagerness\":\"immediate\"}]}</script><script>1</script>".to_owned()),
        ("a module", None, "<link rel=modulepreload href=/modulo.js><script type=module>import '/modulo.js'</script>".to_owned()),
    ] {
        let rendered = runtime.block_on(bench.render(&format!("<!doctype html><title>x</title><p>testo</p>{markup}")));
        let rendered = rendered.unwrap();
        let title = rendered.html.split("<title>").nth(1).unwrap().split('<').next().unwrap();
        println!("{what}: {:?} {title} {} asked, {} emptied, {} refused", rendered.cut, rendered.requests, rendered.emptied, rendered.refused);
        assert_eq!(rendered.cut, cut, "{what}: {rendered:?}");
    }
    for method in bench.web.log().methods() {
        assert_eq!(method, "GET");
    }
    runtime.block_on(bench.renderer.close());
}

/// A login page whose script sends a form: what is behind it nobody saw.
#[test]
#[ignore = "needs Chromium"]
fn a_page_that_sends_a_form_by_itself_is_not_the_end_of_the_way() {
    let comune = support::comuni::named("Vuotella");
    let login = "document.getElementById('app').innerHTML = '<h1>Accedi</h1><p>' + 'Attendere, accesso in corso. '.repeat(20) + '</p>\
                 <form method=post action=/entra><input type=hidden name=a value=b></form>'; document.forms[0].submit();";
    let mut site = comune.sites[0].clone();
    let shell =
        "<!doctype html><html lang=it><title>Accedi</title><body><div id=app></div><script src=/entra.js></script>";
    site = site.page("/accedi", shell).answer("/entra.js", script(login));
    let web = Web::of([site]);
    let riscontro = support::Riscontro::drawing(env!("CARGO_BIN_EXE_riscontro"), &web);
    let answer = riscontro.flag(&["--explain"]).check_json(&[&comune.url()]).remove(0);
    for platform in ["spid", "cie"] {
        assert_eq!(support::run::finding(&answer, platform), Some(("undetermined", "cut")), "{answer:#}");
    }
    assert_eq!(support::run::finding(&answer, "pagopa"), Some(("not-found", "coverage-complete")), "{answer:#}");
    assert_eq!(web.log().count(&comune.host(), "/entra"), 0);
}

#[test]
#[ignore = "needs Chromium"]
fn trackers_and_pictures_are_never_asked_for_and_a_bundle_is_asked_for_once() {
    let picture = Answer::new(200, "x").header("content-type", "image/png").endless();
    let site = Site::new(HOST)
        .answer("/bundle.js", script("document.body.append('disegnata')"))
        .answer("/due-giga.png", picture)
        .page("/cornice", "<p>cornice</p>");
    let tracker = Site::new("www.tracker.example").answer("/t.js", script("document.title = 'contato'"));
    let bench = Bench::new([site, tracker]);
    let runtime = runtime();
    let page = "<title>prova</title><img src=/due-giga.png><iframe src=/cornice></iframe>\
                <script src=https://www.tracker.example/t.js></script><script src=/bundle.js></script>";
    for _ in 0..3 {
        let rendered = runtime.block_on(bench.render(page)).unwrap();
        assert!(rendered.html.contains("disegnata") && !rendered.html.contains("contato"), "{}", rendered.html);
        assert_eq!((rendered.cut, rendered.emptied), (None, 3), "{rendered:?}");
    }
    assert_eq!(bench.web.log().paths(HOST), ["/bundle.js"]);
    assert!(bench.web.log().of("www.tracker.example").is_empty());
    runtime.block_on(bench.renderer.close());
}

#[test]
#[ignore = "needs Chromium"]
fn what_one_page_leaves_behind_the_next_does_not_see() {
    let bench = Bench::new([Site::new(HOST)]);
    let runtime = runtime();
    let page = "<p id=x></p><script>x.textContent = 'prima:' + document.cookie + localStorage.getItem('a'); \
                document.cookie = 'segreto=1'; localStorage.setItem('a', 'segreto'); window.name = 'segreto';</script>";
    for _ in 0..2 {
        let rendered = runtime.block_on(bench.render(page)).unwrap();
        assert!(rendered.html.contains("prima:null"), "{}", rendered.html);
    }
    runtime.block_on(bench.renderer.close());
}

/// Processes whose command line names the profile folder of one of our browsers.
fn browsers() -> Vec<u32> {
    process::all().into_iter().filter(|id| process::command_line(*id).contains("riscontro-browser-")).collect()
}

/// Those that a process started.
fn browsers_of(parent: u32) -> Vec<u32> {
    browsers().into_iter().filter(|id| process::parent(*id) == Some(parent)).collect()
}

#[test]
#[ignore = "needs Chromium"]
fn the_browser_is_started_when_needed_started_anew_and_ends_with_its_owner() {
    let bench = Bench::with([Site::new(HOST)], Settings { restart_after: 2, ..Settings::default() });
    let runtime = runtime();
    let own = std::process::id();
    let mine = || browsers_of(own);
    let before = mine();
    let mut seen = Vec::new();
    for _ in 0..5 {
        runtime.block_on(bench.render("<p>x</p><script>1</script>")).unwrap();
        let now: Vec<u32> = mine().into_iter().filter(|id| !before.contains(id)).collect();
        assert_eq!(now.len(), 1, "one browser at a time: {now:?}");
        seen.extend(now);
    }
    seen.dedup();
    assert_eq!(seen.len(), 3, "two pages each: {seen:?}");
    runtime.block_on(bench.renderer.close());
    assert!(mine().iter().all(|id| before.contains(id)));
}

#[test]
#[ignore = "needs Chromium"]
fn the_browser_dies_with_a_program_that_is_killed() {
    let site = Site::new(HOST)
        .page("/", "<div id=app></div><script src=/app.js></script>")
        .answer("/app.js", script("for (;;) {}"));
    let web = Web::of([site]);
    let riscontro = support::Riscontro::drawing(env!("CARGO_BIN_EXE_riscontro"), &web);
    let running = riscontro.spawn(&["check", &format!("https://{HOST}/")]);
    let id = running.id();
    let wait = |what: &dyn Fn() -> bool| {
        (0..300).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            what()
        })
    };
    assert!(wait(&|| !browsers_of(id).is_empty() && web.log().count(HOST, "/app.js") > 0), "a browser is at work");
    let children = browsers_of(id);
    assert!(std::process::Command::new("kill").args(["-9", &id.to_string()]).status().unwrap().success());
    assert!(wait(&|| children.iter().all(|child| !browsers().contains(child))), "{children:?} live on");
    drop(running);
}

#[test]
#[ignore = "needs Chromium"]
fn a_page_is_drawn_under_the_agent_and_the_pace_of_the_rest() {
    let site = Site::new(HOST)
        .page("/", "<div id=app></div><script src=/app.js></script>")
        .answer("/app.js", script("document.getElementById('app').innerHTML = '<a href=\"/accedi\">Accedi all’area personale</a>' + navigator.userAgent"))
        .page("/accedi", "<a href=/spid>Entra con SPID</a>")
        .redirect("/spid", "https://loginspid.aruba.it/ServiceLoginWelcome?SAMLRequest=fZJ");
    let web = Web::of([site]);
    let riscontro = support::Riscontro::drawing(env!("CARGO_BIN_EXE_riscontro"), &web);
    let ended = riscontro.run(&["check", &format!("https://{HOST}/"), "--format", "json", "--explain"]);
    let visit = ended.json();
    let spid = visit["findings"].as_array().unwrap().iter().find(|finding| finding["platform"] == "spid").unwrap();
    assert_eq!(spid["outcome"], "found", "{visit:#}");
    let home = &visit["page_records"][0];
    assert_eq!(home["outcome"], "ok");
    assert_eq!((&home["rendered"]["requests"], &home["rendered"]["layout"]), (&1.into(), &true.into()), "{home:#}");
    assert_eq!(visit["visit"]["requests"], web.log().all().len());
    for entry in web.log().all() {
        assert!(entry.header("user-agent").unwrap().starts_with("riscontro/"), "{}", entry.url());
        assert!(entry.header("cookie").is_none() && entry.header("referer").is_none(), "{}", entry.url());
    }
}

/// Two pages share the browser; one eats all its memory, and the other is none the worse for it.
#[test]
#[ignore = "needs Chromium"]
fn a_page_does_not_suffer_from_its_neighbour() {
    let app = script("setTimeout(() => document.body.append('disegnata'), 400)").header("cache-control", "no-store");
    let site = Site::new(HOST).answer("/app.js", app.delay(Duration::from_secs(1)));
    let bench = Bench::with([site], Settings { memory: 700 << 20, ..Settings::default() });
    let runtime = runtime();
    let hungry = "<p>x</p><script>const a = []; for (;;) a.push(new Uint8Array(1 << 26).fill(1))</script>";
    let good = "<p>y</p><script src=/app.js></script>";
    let (first, second) = runtime.block_on(async { tokio::join!(bench.render(good), bench.render(hungry)) });
    assert!(first.unwrap().html.contains("disegnata"));
    assert!(matches!(second, Err(Fault::Memory | Fault::Crash(_))), "{second:?}");
    runtime.block_on(bench.renderer.close());
}
