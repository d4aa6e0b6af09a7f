//! Pictures of drawn pages, with the place of a match outlined. Every test here needs Chromium: `tests/run` installs it and runs
//! them.

#![cfg(feature = "render")]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![expect(clippy::print_stdout, reason = "how large a picture came to be is worth seeing")]

mod support;

use riscontro::render::Settings;
use support::{
    Site, Web,
    bench::{Bench, HOST, runtime, script},
};

/// A PNG as Chromium writes it: width, height, and the colour of each pixel, row by row.
fn pixels(png: &[u8]) -> (usize, usize, Vec<[u8; 3]>) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
    let (width, height) = (number(16), number(20));
    let channels = match (png[24], png[25], png[28]) {
        (8, 2, 0) => 3,
        (8, 6, 0) => 4,
        other => panic!("another kind of PNG: {other:?}"),
    };
    let (mut packed, mut at) = (Vec::new(), 8);
    while at < png.len() {
        let length = number(at);
        if &png[at + 4..at + 8] == b"IDAT" {
            packed.extend_from_slice(&png[at + 8..at + 8 + length]);
        }
        at += length + 12;
    }
    let mut raw = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&packed[..]), &mut raw).unwrap();
    let stride = width * channels;
    let mut before = vec![0_u8; stride];
    let mut found = Vec::with_capacity(width * height);
    for line in raw.chunks_exact(stride + 1) {
        let mut row = line[1..].to_vec();
        for at in 0..stride {
            let left = if at >= channels { row[at - channels] } else { 0 };
            let (up, corner) = (before[at], if at >= channels { before[at - channels] } else { 0 });
            let guess = match line[0] {
                0 => 0,
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                _ => {
                    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
                    let near = |x: i16| (a + b - c - x).abs();
                    if near(a) <= near(b) && near(a) <= near(c) {
                        left
                    } else if near(b) <= near(c) {
                        up
                    } else {
                        corner
                    }
                }
            };
            row[at] = row[at].wrapping_add(guess);
        }
        found.extend(row.chunks_exact(channels).map(|pixel| [pixel[0], pixel[1], pixel[2]]));
        before = row;
    }
    (width, height, found)
}

/// The colour of the outlines.
const OUTLINE: [u8; 3] = [0xd1, 0x00, 0x6c];

#[test]
#[ignore = "needs Chromium"]
fn a_picture_shows_the_place_of_the_match_and_asks_nothing_of_the_site() {
    let bench = Bench::new([Site::new(HOST)]);
    let runtime = runtime();
    // What a script put there, behind what another parser counts otherwise, and inside a shadow root.
    let page = "<!doctype html><title>x</title><body style='margin:0'><noscript><p>senza</p></noscript><div id=app></div>\
                <script>app.innerHTML = '<p>uno</p><a id=qui href=/spid style=\"position:absolute;left:200px;top:300px;\
                width:100px;height:40px\">Entra con SPID</a>'</script>";
    let rendered = runtime.block_on(bench.picture(page, &["#app > a:nth-child(2)", "nav > a", "(("])).unwrap();
    let picture = rendered.picture.unwrap();
    assert_eq!(picture.outlined, 1);
    let (width, height, pixels) = pixels(&picture.png);
    assert_eq!(width, 1280);
    assert!((340..=1100).contains(&height), "{height}");
    let marked: Vec<(usize, usize)> = pixels
        .iter()
        .enumerate()
        .filter(|(_, colour)| **colour == OUTLINE)
        .map(|(at, _)| (at % width, at / width))
        .collect();
    assert!(!marked.is_empty());
    let (left, right) = (marked.iter().map(|at| at.0).min().unwrap(), marked.iter().map(|at| at.0).max().unwrap());
    let (top, bottom) = (marked.iter().map(|at| at.1).min().unwrap(), marked.iter().map(|at| at.1).max().unwrap());
    assert!((190..200).contains(&left) && (300..310).contains(&right), "{left} {right}");
    assert!((290..300).contains(&top) && (340..350).contains(&bottom), "{top} {bottom}");
    assert!(!rendered.html.contains("d1006c"), "what is outlined is not in the document");
    assert!(bench.web.log().all().is_empty());
    runtime.block_on(bench.renderer.close());
}

/// However large a page says it is, and whatever it does, its picture is bounded and the page is read as without one.
#[test]
#[ignore = "needs Chromium"]
fn no_page_makes_its_picture_large_or_spoils_the_reading() {
    let bench = Bench::new([Site::new(HOST)]);
    let runtime = runtime();
    let noise = "const d = c.getContext('2d'), i = d.createImageData(c.width, c.height); \
                 for (let n = 0; n < i.data.length; n += 65536) crypto.getRandomValues(i.data.subarray(n, n + 65536)); d.putImageData(i, 0, 0)";
    for (name, page) in [
        ("endless", "<p>testo</p><div style='height:30000000px;background:linear-gradient(red,blue)'></div>".to_owned()),
        ("far below", "<div style='height:50000px'></div><a id=qui href=/x>Entra con SPID</a>".to_owned()),
        ("growing", "<p>testo</p><script>setInterval(() => document.body.append(document.createElement('hr')), 5)</script>".to_owned()),
        ("wide", "<p>testo</p><div style='width:3000000px;height:20px;background:red'></div>".to_owned()),
        ("canvas", "<p>testo</p><canvas width=16000 height=16000></canvas>".to_owned()),
        ("noise", format!("<p>testo</p><canvas id=c width=1280 height=4000></canvas><script>{noise}</script>")),
        ("lies", "<p>testo</p><script>Element.prototype.getBoundingClientRect = () => ({left: NaN, top: 1e300, width: 1e300, height: 1}); \
                  Object.defineProperty(Element.prototype, 'scrollHeight', {get: () => 1e300}); \
                  new MutationObserver(() => document.documentElement.lastElementChild.remove()).observe(document.documentElement, {childList: true})</script>".to_owned()),
        ("no root", "<p>testo</p><script>setTimeout(() => document.documentElement.remove(), 100)</script>".to_owned()),
    ] {
        let began = std::time::Instant::now();
        let plain = runtime.block_on(bench.render(&page)).map(|rendered| rendered.cut);
        let pictured = runtime.block_on(bench.picture(&page, &["p", "#qui"]));
        let picture = pictured.as_ref().ok().and_then(|rendered| rendered.picture.clone());
        let size = picture.as_ref().map(|picture| (pixels(&picture.png).0, pixels(&picture.png).1, picture.png.len()));
        println!("{name}: {size:?}, {:?}", began.elapsed());
        assert_eq!(pictured.map(|rendered| rendered.cut), plain, "{name}");
        if let Some((width, height, bytes)) = size {
            assert!(width <= 1280 && height <= 4000 && bytes <= 3 << 19, "{name}: {size:?}");
        }
        if name == "far below" {
            let seen = picture.is_some_and(|picture| pixels(&picture.png).2.contains(&OUTLINE));
            assert!(seen, "what is outlined is on the picture");
        }
    }
    runtime.block_on(bench.renderer.close());
}

/// A page that notices its outlines and breaks the browser then: it was read before, and that stands.
#[test]
#[ignore = "needs Chromium"]
fn a_picture_that_breaks_the_browser_takes_nothing_from_the_page() {
    let bench = Bench::with([Site::new(HOST)], Settings { memory: 700 << 20, ..Settings::default() });
    let runtime = runtime();
    for (name, then) in [
        ("never ends", "for (;;) {}"),
        ("eats memory", "const a = []; for (;;) a.push(new Uint8Array(1 << 26).fill(1))"),
    ] {
        let page = format!(
            "<p>testo</p><script>new MutationObserver(() => {{ {then} }}).observe(document.documentElement, \
             {{childList: true}}); setTimeout(() => document.body.append('disegnata'), 100)</script>"
        );
        let rendered = runtime.block_on(bench.picture(&page, &["p"])).unwrap();
        assert!(rendered.html.contains("disegnata"), "{name}: {}", rendered.html);
        println!("{name}: {:?}", rendered.picture);
        assert_eq!(rendered.cut, None, "{name}");
        // A script that does not end is ended; a browser that was killed gives no picture.
        assert!(name == "never ends" || rendered.picture.is_none(), "{name}: the browser did not break");
        let after =
            runtime.block_on(bench.picture("<p id=x></p><script>x.textContent = 'sano'</script>", &["p"])).unwrap();
        assert!(after.html.contains("sano") && after.picture.is_some(), "after {name}");
    }
    runtime.block_on(bench.renderer.close());
}

/// A drawn page from the visit to the case file: the document and the picture are records of the chain, the rules say the
/// same of them again, and a picture costs the site nothing.
#[test]
#[ignore = "needs Chromium"]
fn a_drawn_page_is_kept_with_its_picture_and_judged_again_with_the_same_findings() {
    let app = "document.getElementById('app').innerHTML = '<h1>Area personale</h1><a class=\"btn\" href=\"/spid\">Entra con SPID</a>'";
    let site = Site::new(HOST)
        .page(
            "/",
            "<!doctype html><html lang=it><title>Comune</title><body><div id=app></div><script src=/app.js></script>",
        )
        .answer("/app.js", script(app))
        .redirect("/spid", "https://loginspid.aruba.it/ServiceLoginWelcome?SAMLRequest=fZJ");
    let web = Web::of([site]);
    let riscontro = support::Riscontro::drawing(env!("CARGO_BIN_EXE_riscontro"), &web);
    let (db, file) = (riscontro.database("a.db"), riscontro.path("a.db"));
    let check = |more: &[&str]| {
        let before = web.log().all().len();
        let url = format!("https://{HOST}/");
        let mut arguments = vec!["check", &url, "--save", "--db", &db, "--format", "json"];
        arguments.extend(more);
        let visit = riscontro.run(&arguments).json();
        assert_eq!(support::run::finding(&visit, "spid"), Some(("found", "proof")), "{visit:#}");
        web.log().all().len() - before
    };
    let (pictured, plain) = (check(&[]), check(&["--no-pictures"]));
    assert_eq!(pictured, plain, "a picture costs no request");
    let kinds = |visit: i64| -> Vec<String> {
        let rows = support::database::rows(
            &file,
            "SELECT CAST(visit AS TEXT), kind FROM evidence_record ORDER BY chain, position",
        );
        rows.into_iter().filter(|row| row[0] == visit.to_string()).map(|row| row[1].clone()).collect()
    };
    let count = |visit: i64, kind: &str| kinds(visit).iter().filter(|one| *one == kind).count();
    assert_eq!((count(1, "conversion"), count(1, "resource")), (1, 1), "{:?}", kinds(1));
    assert_eq!((count(2, "conversion"), count(2, "resource")), (1, 0), "{:?}", kinds(2));
    riscontro.local(&["evidence", "verify", "--db", &db]).assert_code(0);
    for visit in ["1", "2"] {
        let replay = riscontro.local(&["evidence", "replay", "--visit", visit, "--db", &db, "--format", "json"]);
        assert_eq!((&replay.json()["same"], &replay.json()["unread"]), (&true.into(), &0.into()), "{replay}");
    }
    let case = riscontro.path("fascicolo");
    riscontro.local(&["evidence", "export", "1", "--out", case.to_str().unwrap(), "--db", &db]).assert_code(0);
    let png = std::fs::read(case.join("pictures/1-0.png")).unwrap();
    let (width, _, pixels) = pixels(&png);
    assert!(width == 1280 && pixels.contains(&OUTLINE));
    let html = std::fs::read_to_string(case.join("index.html")).unwrap();
    assert!(html.contains("<img src=\"data:image/png;base64,iVBOR") && html.contains("pictures/1-0.png"));
    // An altered picture is noticed like an altered page.
    let folder = riscontro.path("a.db.evidence");
    let warc = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
    let mut bytes = std::fs::read(&warc).unwrap();
    let place = "SELECT CAST(start + bytes / 2 AS TEXT) FROM evidence_record WHERE kind = 'resource'";
    let at: usize = support::database::rows(&file, place)[0][0].parse().unwrap();
    bytes[at] ^= 1;
    std::fs::write(&warc, bytes).unwrap();
    riscontro.local(&["evidence", "verify", "--db", &db]).assert_code(65);
}
