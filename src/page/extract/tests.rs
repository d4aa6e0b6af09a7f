#![expect(clippy::unwrap_used, reason = "tests")]

use url::Url;

use crate::page::{Control, ControlKind, Cut, Destination, Document, Limits, Region, Source, Visibility, parse};

fn read(markup: &str) -> Document {
    read_with(markup, &Limits { cpu: std::time::Duration::from_mins(1), ..Limits::default() })
}

fn read_with(markup: &str, limits: &Limits) -> Document {
    let url = Url::parse("https://www.comune.example.it/it/pagina?x=1").unwrap();
    parse(&Source::utf8(&url, markup.as_bytes()), limits)
}

fn url(text: &str) -> Destination {
    Destination::Url(Url::parse("https://www.comune.example.it/it/pagina?x=1").unwrap().join(text).unwrap())
}

/// The only control of a snippet.
#[track_caller]
fn only(markup: &str) -> Control {
    let mut document = read(markup);
    assert_eq!(document.controls.len(), 1, "{markup}: {:#?}", document.controls);
    document.controls.remove(0)
}

#[test]
fn what_controls_lead_to() {
    let script = |code: &str| Destination::Script(code.to_owned());
    for (markup, kind, label, destination) in [
        ("<a href=/login>Accedi</a>", ControlKind::Link, "Accedi", url("/login")),
        ("<map><area href=/x alt='Area personale'></map>", ControlKind::Link, "Area personale", url("/x")),
        ("<a href=# data-element=personal-area-login>Accedi</a>", ControlKind::Link, "Accedi", Destination::Nowhere),
        ("<a>Accedi</a>", ControlKind::Link, "Accedi", Destination::Nowhere),
        ("<a onclick=\"location.href='/x'\">Accedi</a>", ControlKind::Link, "Accedi", url("/x")),
        ("<a href=# onclick=\"window.open('/x'); return false\">Vai</a>", ControlKind::Link, "Vai", url("/x")),
        (
            "<a href='javascript:void(0)' onclick=\"V01('PAG11')\">Vai</a>",
            ControlKind::Link,
            "Vai",
            script("V01('PAG11')"),
        ),
        ("<a href=/y onclick=\"ga('send')\">Vai</a>", ControlKind::Link, "Vai", url("/y")),
        ("<a href=# data-href=/x>Vai</a>", ControlKind::Link, "Vai", url("/x")),
        ("<a href='#sez' data-target='#sez'>Vai</a>", ControlKind::Link, "Vai", Destination::InPage("sez".into())),
        (
            "<div onclick=\"__doPostBack('x','')\"><input type=hidden value='https://a.example.it/app'>Tributi</div>",
            ControlKind::Tile,
            "Tributi",
            url("https://a.example.it/app"),
        ),
        (
            "<a href=\"javascript:__doPostBack('x','')\"><input type=hidden value='17'>Tributi</a>",
            ControlKind::Link,
            "Tributi",
            script("__doPostBack('x','')"),
        ),
        (
            "<div onclick=\"__doPostBack('x','')\" title='https://a.example.it/app'>Tributi</div>",
            ControlKind::Tile,
            "Tributi",
            url("https://a.example.it/app"),
        ),
        (
            "<div onclick=\"f()\"><input type=hidden value='https://a.example.it/app'>Tributi</div>",
            ControlKind::Tile,
            "Tributi",
            script("f()"),
        ),
        (
            "<a href=\"javascript:__doPostBack('x','')\" title='https://sportello.example.it/app'>Tributi</a>",
            ControlKind::Link,
            "Tributi",
            url("https://sportello.example.it/app"),
        ),
        ("<a href='javascript:f()' title='https://a.it/'>Vai</a>", ControlKind::Link, "Vai", script("f()")),
        ("<a href='#sez' title='https://a.it/'>Vai</a>", ControlKind::Link, "Vai", Destination::InPage("sez".into())),
        (
            "<button onclick=\"location.href='/servizio/x'\" data-element=service-online-access>Accedi al servizio</button>",
            ControlKind::Button,
            "Accedi al servizio",
            url("/servizio/x"),
        ),
        ("<button>Menu</button>", ControlKind::Button, "Menu", Destination::Nowhere),
        ("<form action=/x><button type=button>Menu</button></form>", ControlKind::Button, "Menu", Destination::Nowhere),
        ("<form action=/x><button>Entra</button></form>", ControlKind::Button, "Entra", url("/x")),
        ("<form action=/x><input type=submit value=Entra></form>", ControlKind::Button, "Entra", url("/x")),
        ("<form action=/x><input type=image src=spid.png alt=SPID></form>", ControlKind::Button, "SPID", url("/x")),
        ("<form action=/x><button formaction=/y>Entra</button></form>", ControlKind::Button, "Entra", url("/y")),
        ("<form><button>Entra</button></form>", ControlKind::Button, "Entra", url("/it/pagina?x=1")),
        ("<form method=dialog><button>Chiudi</button></form>", ControlKind::Button, "Chiudi", Destination::Nowhere),
        (
            "<form action=/x><button onclick='return check()'>Entra</button></form>",
            ControlKind::Button,
            "Entra",
            url("/x"),
        ),
        ("<div role=button onclick=\"location='/x'\">Entra</div>", ControlKind::Button, "Entra", url("/x")),
        ("<div onclick=\"location.href='/x'\"><b>Paga</b> online</div>", ControlKind::Tile, "Paga online", url("/x")),
        ("<tr onclick=x><td><div data-url=/x>Apri</div></td></tr>", ControlKind::Tile, "Apri", url("/x")),
        ("<div onclick=\"apri('x')\">Apri</div>", ControlKind::Tile, "Apri", script("apri('x')")),
        ("<iframe src=/embed title='Pagamenti'></iframe>", ControlKind::Frame, "", url("/embed")),
        ("<iframe src=about:blank data-src=/embed></iframe>", ControlKind::Frame, "", url("/embed")),
        ("<meta http-equiv=refresh content='0; url=/it'>", ControlKind::Refresh, "", url("/it")),
        ("<svg><a xlink:href=/x><text>Vai</text></a></svg>", ControlKind::Link, "Vai", url("/x")),
        // One control for the reader.
        ("<a href=/x><button>Entra</button></a>", ControlKind::Link, "Entra", url("/x")),
        ("<a href=#><button onclick=\"location.href='/x'\">Entra</button></a>", ControlKind::Link, "Entra", url("/x")),
        ("<button><a href=/x>Entra</a></button>", ControlKind::Button, "Entra", url("/x")),
        ("<a href=/x><span onclick='track()'>Entra</span></a>", ControlKind::Link, "Entra", url("/x")),
        ("<div onclick=\"location.href='/x'\"><a href=/x>Entra</a></div>", ControlKind::Link, "Entra", url("/x")),
    ] {
        let control = only(markup);
        assert_eq!((control.kind, control.label.as_str(), control.destination), (kind, label, destination), "{markup}");
    }
}

#[test]
fn what_is_no_control() {
    for markup in [
        "<a name=top></a>",
        "<input type=checkbox onclick='f()'>",
        "<select onclick='f()'><option>x</select>",
        "<meta http-equiv=refresh content=30>",
        "<div onclick='return false'>x</div>",
        "<div data-url='menu'>x</div>",
        "<iframe></iframe>",
        "<!-- <a href=/x>x</a> -->",
        "<script>document.write('<a href=/x>x</a>')</script>",
        "<textarea><a href=/x>x</a></textarea>",
    ] {
        assert!(read(markup).controls.is_empty(), "{markup}");
    }
    let two = read("<a href=/x>uno <button onclick=\"location.href='/y'\">due</button></a>");
    assert_eq!(two.controls.len(), 2);
}

#[test]
fn posts_are_known_and_their_fields_too() {
    let document = read(
        "<form id=f action=https://id.example.it/sso method=POST><input type=hidden name=SAMLRequest value=abc>\
         <input name=user placeholder='Codice fiscale'><label>Nome</label><button name=idp value=spid>Entra con SPID</button></form>\
         <button form=f>fuori</button><button form=f formmethod=get>get</button><input name=late form=f>",
    );
    let [inside, outside, get] = document.controls.as_slice() else { panic!("{:#?}", document.controls) };
    assert!(inside.post && outside.post && !get.post);
    assert_eq!(inside.fields, ["SAMLRequest", "user", "idp", "late"]);
    assert_eq!(outside.fields, inside.fields);
    assert_eq!(outside.destination, url("https://id.example.it/sso"));
    let form = &document.forms[0];
    assert_eq!(form.fields[0], ("SAMLRequest".into(), "hidden".into(), "abc".into()));
    assert_eq!(form.fields[1], ("user".into(), "text".into(), String::new()));
    assert_eq!(form.text, "Codice fiscale Nome Entra con SPID");
    assert_eq!(form.selector, "#f");
}

#[test]
fn a_form_torn_apart_by_a_table_keeps_its_button() {
    let document =
        read("<table><form action=/x method=post><tr><td><input name=a><input type=submit value=Vai></form></table>");
    assert_eq!(document.controls[0].destination, url("/x"));
    assert!(document.controls[0].post);
    assert_eq!(document.controls[0].fields, ["a"]);
    let later = read("<button form=later>Vai</button><form id=later action=/y></form>");
    assert_eq!(later.controls[0].destination, url("/y"));
}

#[test]
fn labels_hints_and_images() {
    let control = only(
        "<a href=/x title='Vai al portale' aria-label='Entra'><img src=spid.svg alt='Entra con'><span>\n SPID </span>\
         <svg><title>logo</title><use xlink:href='sprites.svg#it-user'></use></svg><span class=visually-hidden>(esterno)</span>\
         <span class=d-none>mai</span><span style='background-image: url(\"cie.png\")'></span></a>",
    );
    assert_eq!(control.label, "Entra con SPID logo (esterno)");
    assert_eq!(control.hint, "Vai al portale Entra");
    assert_eq!(control.images, ["spid.svg", "sprites.svg#it-user", "cie.png"]);
    let control = only("<a href=/x aria-label='Area personale'><svg><use href=#u></use></svg></a>");
    assert_eq!((control.label.as_str(), control.hint.as_str()), ("Area personale", "Area personale"));
    let control =
        only("<a href=/x><img src='data:image/gif;base64,x' data-src=vero.png srcset='a.png 1x, b.png 2x'></a>");
    assert_eq!(control.images, ["vero.png"]);
    let control = only("<a href=/x><picture><source srcset='a.webp 1x, b.webp 2x'><img alt=x></picture></a>");
    assert_eq!(control.images, ["a.webp"]);
    let long = only(&format!("<a href=/x>{}</a>", "è ".repeat(1_000)));
    assert_eq!(long.label.chars().count(), 300);
}

#[test]
fn curly_quotes_do_not_lose_a_login_link() {
    let control = only("<a href=”/login” class=”btn btn-primary” data-element=”personal-area-login”>Accedi</a>");
    assert_eq!(control.data_element, "personal-area-login");
    assert_eq!(control.destination, url("/login"));
    let document = read("<a href=/x data-element=”Personal-Area-Login”>Accedi</a>");
    let css = scraper::Selector::parse("[data-element='personal-area-login' i]").unwrap();
    assert_eq!(document.select(&css).count(), 1, "rules see straight quotes too");
}

#[test]
fn what_is_seen() {
    let see = |markup: &str| only(markup).visibility;
    assert_eq!(see("<div hidden><p><a href=/x>x</a></div>"), Visibility::Hidden);
    assert_eq!(see("<a href=/x style='visibility: hidden'>Accedi</a>"), Visibility::Hidden);
    assert_eq!(see("<template><div><a href=/x>x</a></div></template>"), Visibility::Template);
    assert_eq!(see("<noscript><div hidden><a href=/x>x</a></div></noscript>"), Visibility::NoScript);
    assert_eq!(see("<div class='modal collapse'><a href=/x>x</a></div>"), Visibility::Visible);
    assert_eq!(see("<a href=/x aria-hidden=true><i></i></a>"), Visibility::Hidden);
    assert_eq!(see("<a href=/x aria-hidden=true>x</a>"), Visibility::Visible);
    // A hidden control keeps its label.
    assert_eq!(only("<div class=d-none><a href=/x>Accedi <i hidden>mai</i></a></div>").label, "Accedi");
    assert_eq!(only("<noscript><a href=/x>Accedi</a></noscript>").label, "Accedi");
    let document = read("<p hidden><a id=h href=/x>x</a></p><a id=v href=/y>y</a><template><i id=t></i></template>");
    let find = |css: &str| document.select(&scraper::Selector::parse(css).unwrap()).next().unwrap().id();
    assert_eq!(document.element_visibility(find("#h")), Visibility::Hidden);
    assert_eq!(document.element_visibility(find("#v")), Visibility::Visible);
    assert_eq!(document.element_visibility(find("#t")), Visibility::Template);
    assert_eq!(document.visible_controls().count(), 1);
    assert_eq!(document.control(find("#v")).unwrap().label, "y");
}

#[test]
fn the_text_is_what_a_reader_sees() {
    let document = read(
        "<head><title> Comune\n di  Esempio </title><style>x{}</style></head><body><h1>Servizi&nbsp;online</h1>\n\
         <p>Entra con <b>SP</b>ID <script>no()</script><br>subito</p><p hidden>nascosto</p><!-- commento --><noscript>senza</noscript>\
         <template>mai</template><ul><li>uno<li>due</ul><table><tr><td>a<td>b</table><svg><title>logo</title><text>disegno</text></svg>\
         <iframe>vecchio</iframe><button>ok</button><button>no</button><input type=submit value=Invia><select><option>x<option>y</select>",
    );
    assert_eq!(document.title, "Comune di Esempio");
    assert_eq!(document.text, "Servizi online\nEntra con SPID subito\nuno\ndue\na\nb\ndisegno ok no Invia\nx\ny");
}

#[test]
fn contexts() {
    let context = |markup: &str, label: &str| {
        let document = read(markup);
        document.controls.iter().find(|control| control.label == label).unwrap().context.clone()
    };
    let card = "<section><h2>Pagamenti</h2><div class='card shadow'><h3>pagoPA</h3><p>Paga qui</p><p><a href=/x>Vai</a></p></div>\
                <div class=card><p>Altro</p><a href=/y>Apri</a></div></section><ul><li><a href=/z>Voce</a><li>Nota <a href=/w>Due</a></ul>";
    assert_eq!(context(card, "Vai"), "pagoPA\nPaga qui\nVai".to_owned());
    assert_eq!(context(card, "Apri"), "Pagamenti\nAltro Apri".replace("Altro ", "Altro\n"));
    assert_eq!(context(card, "Voce"), "Voce");
    assert_eq!(context(card, "Due"), "Nota Due");
    assert_eq!(context("<p>Per accedere <a href=/x>entra</a> con SPID</p>", "entra"), "Per accedere entra con SPID");
    let long =
        format!("<h2>Titolo</h2><p>{} prima <a href=/x>entra</a> dopo {}</p>", "x ".repeat(500), "y ".repeat(500));
    let found = context(&long, "entra");
    assert!(found.starts_with("Titolo\n") && found.contains("prima entra dopo"), "{found}");
    assert!(found.chars().count() <= 400);
}

#[test]
fn regions_and_paths() {
    let document = read(
        "<header class=it-header-wrapper><nav><a href=/a>a</a></nav></header><nav><a href=/b>b</a></nav>\
         <main><article><header><a href=/c>c</a></header></article><div id=zona><p>x</p><a class='btn btn-primary p-1' href=/d>d</a></div></main>\
         <footer><a href=/e>e</a></footer>",
    );
    let regions: Vec<Region> = document.controls.iter().map(|control| control.region).collect();
    assert_eq!(regions, [Region::Header, Region::Nav, Region::Main, Region::Main, Region::Footer]);
    let paths: Vec<&str> = document.controls.iter().map(|control| control.selector.as_str()).collect();
    assert_eq!(paths[0], "html > body > header:nth-child(1) > nav:nth-child(1) > a:nth-child(1)");
    assert_eq!(paths[3], "#zona > a.btn.btn-primary:nth-child(2)");
    for control in &document.controls {
        assert_eq!(document.css_path(control.node), control.selector);
        let css = scraper::Selector::parse(&control.selector).unwrap();
        let found: Vec<_> = document.select(&css).map(|element| element.id()).collect();
        assert_eq!(found, [control.node], "{}", control.selector);
    }
    let deep = format!("{}<a href=/x>x</a>", "<div>".repeat(300));
    let control = only(&deep);
    assert!(control.selector.len() <= 300);
    assert!(scraper::Selector::parse(&control.selector).is_ok());
}

#[test]
fn the_base_is_the_first_and_a_web_address() {
    for (markup, expected) in [
        ("<base href=/altro/><a href=x>x</a>", "https://www.comune.example.it/altro/x"),
        ("<a href=x>x</a><base href=/altro/>", "https://www.comune.example.it/altro/x"),
        ("<base href=http://a.it/><base href=http://b.it/><a href=x>x</a>", "http://a.it/x"),
        ("<base target=_top><base href=http://b.it/><a href=x>x</a>", "http://b.it/x"),
        ("<base href='javascript:x'><a href=x>x</a>", "https://www.comune.example.it/it/x"),
        ("<base href=file:///etc/><a href=x>x</a>", "https://www.comune.example.it/it/x"),
        ("<template><base href=http://a.it/></template><a href=x>x</a>", "https://www.comune.example.it/it/x"),
        ("<noscript><base href=http://a.it/></noscript><a href=x>x</a>", "https://www.comune.example.it/it/x"),
    ] {
        assert_eq!(only(markup).destination, url(expected), "{markup}");
    }
}

#[test]
fn the_parts_of_the_head() {
    let document = read(
        "<html lang=' IT-it '><head><meta name=Generator content=WordPress><meta property=og:title content=Titolo>\
         <meta http-equiv=X-UA-Compatible content=ie><meta charset=utf-8>\
         <link rel='alternate' hreflang=DE href=/de><link rel=alternate type=application/rss+xml href=/feed>\
         <link rel=stylesheet href=/CSS/Spid-Sp-Access-Button.min.css><script src=/JS/a.js></script>\
         <script type='Application/LD+json'>{\"a\":1}</script><script> </script></head>\
         <body><img src=/Logo.PNG><img src='data:image/png;base64,xx'><div style=\"background:url('/B.png')\"></div>\
         <template><script>no</script></template>",
    );
    assert_eq!(document.lang, "it-it");
    let metas: Vec<(&str, &str)> =
        document.metas.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    assert_eq!(metas, [("generator", "WordPress"), ("og:title", "Titolo"), ("x-ua-compatible", "ie")]);
    assert_eq!(document.alternates, [("de".to_owned(), Url::parse("https://www.comune.example.it/de").unwrap())]);
    let assets: Vec<&str> = document.assets.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(assets, ["/css/spid-sp-access-button.min.css", "/js/a.js", "/logo.png", "/b.png"]);
    assert_eq!(document.assets[2].1, "html > body > img:nth-child(1)");
    assert_eq!(document.scripts.len(), 2);
    assert_eq!(document.scripts[0].src.as_ref().unwrap().path(), "/JS/a.js");
    assert_eq!(
        (document.scripts[1].kind.as_str(), document.scripts[1].code.as_str()),
        ("application/ld+json", "{\"a\":1}")
    );
}

#[test]
fn limits_are_kept_and_said() {
    let few = Limits { controls: 10, ..Limits::default() };
    let document = read_with(&"<a href=/x>x</a>".repeat(11), &few);
    assert_eq!((document.controls.len(), document.cut.as_slice()), (10, [Cut::Controls].as_slice()));
    let document = read_with(&"<a href=/x>x</a>".repeat(10), &few);
    assert!(document.is_whole());
    let document = read(&format!("<script>{}</script>", "è".repeat(200_000)));
    assert!(document.scripts[0].code.len() <= 256 * 1_024);
    let document = read(&"<p>parola parola parola</p>".repeat(60_000));
    assert_eq!(document.cut, [Cut::Size]);
    assert!(document.text.len() <= 1_024 * 1_024);
    let document = read(&"<img src=/x.png>".repeat(5_000));
    assert_eq!((document.assets.len(), document.cut.as_slice()), (4_000, [Cut::Size].as_slice()));
    let document = read_with(&"<p>x".repeat(20_000), &Limits { cpu: std::time::Duration::ZERO, ..Limits::default() });
    assert_eq!(document.cut, [Cut::Cpu]);
}
