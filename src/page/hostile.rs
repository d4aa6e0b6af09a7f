//! Shapes of markup that burn processor time or stack, each at four sizes, on a thread with a 2 MiB stack: parse,
//! extraction, a selector, and the drop of it all.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::time::Duration;

use cpu_time::ThreadTime;
use url::Url;

use super::{Cut, Document, Limits, Source, Visibility, parse};

const SIZES: [usize; 4] = [64 * 1_024, 512 * 1_024, 1_024 * 1_024, 4 * 1_024 * 1_024];

/// Repeats a piece up to a size.
fn times(piece: &str, size: usize) -> String {
    piece.repeat(size / piece.len())
}

/// Repeats a piece that holds a running number.
fn numbered(size: usize, mut piece: impl FnMut(&mut String, usize)) -> String {
    let mut text = String::with_capacity(size + 64);
    let mut at = 0;
    while text.len() < size {
        piece(&mut text, at);
        at += 1;
    }
    text
}

/// Deterministic noise.
fn mixed(size: usize) -> String {
    const PIECES: [&str; 24] = [
        "<div>",
        "<table>",
        "<td>",
        "</p>",
        "<p>",
        "<b>",
        "</b>",
        "<a href=x>",
        "</a>",
        "<svg>",
        "<g>",
        "</svg>",
        "<ul><li>",
        "<select>",
        "<option>",
        "<template>",
        "</template>",
        "<form>",
        "<math><mi>",
        "</table>",
        "<i id=x>",
        "<!--x-->",
        "<button onclick=f()>",
        "x &amp; y",
    ];
    let mut state = 88_172_645_463_325_252_u64;
    numbered(size, |text, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push_str(PIECES[usize::try_from(state % 24).unwrap()]);
    })
}

type Shape = (&'static str, fn(usize) -> String);

/// Name, and how to make it.
const SHAPES: &[Shape] = &[
    ("div", |size| times("<div>", size)),
    ("ul+li", |size| times("<ul><li>", size)),
    ("b", |size| times("<b>", size)),
    ("unlike b", |size| numbered(size, |text, at| write!(text, "<b id={at}>").unwrap())),
    ("a+i crossed", |size| times("<a><i></a></i>", size)),
    ("a+div", |size| times("<a href=x><div>", size)),
    ("table+tr+td", |size| times("<table><tr><td>", size)),
    ("svg+g", |size| format!("<svg>{}", times("<g>", size))),
    ("font+p", |size| times("<font><p>", size)),
    ("template", |size| times("<template>", size)),
    ("select", |size| times("<select><option>", size)),
    ("blockquote", |size| times("<blockquote>", size)),
    ("unknown", |size| times("<x-y>", size)),
    ("unlike unknown", |size| numbered(size, |text, at| write!(text, "<x{at}></x{at}>").unwrap())),
    ("framesets", |size| times("<frameset>", size)),
    ("mixed", mixed),
    ("attributes", |size| format!("<p {}>", numbered(size, |text, at| write!(text, "a{at} ").unwrap()))),
    ("one attribute", |size| format!("<p {}>", times("a=1 ", size))),
    ("attributes in many tags", |size| numbered(size, |text, at| write!(text, "<i a{at} b{at} c{at}>").unwrap())),
    ("bodies", |size| numbered(size, |text, at| write!(text, "<body a{at}>").unwrap())),
    ("entities", |size| times("&eacute;", size)),
    ("ampersands", |size| times("&", size)),
    ("open comment", |size| format!("<!--{}", times("- x", size))),
    ("comments", |size| times("<!--x-->", size)),
    ("open script", |size| format!("<script>{}", times("<!-- x", size))),
    ("open cdata", |size| format!("<svg><![CDATA[{}", times("]] x", size))),
    ("clones", |size| {
        let open = numbered(3_600, |text, at| write!(text, "<b id={at}>").unwrap());
        format!("<div>{open}</div>{}", times("<div>x</div>", size))
    }),
    ("clones with attributes", |size| {
        let tag: String = (0..500).fold(String::new(), |tag, at| tag + &format!(" a{at}"));
        let open = numbered(size / 2, |text, at| write!(text, "<b id={at}{tag}>").unwrap());
        format!("<div>{open}</div>{}", times("<div>x</div>", size / 2))
    }),
    ("text in tables", |size| format!("<table>{}", times("x<tr>", size))),
    ("links", |size| times("<li><a href=/x title=y onclick=f()>z</a>", size)),
    ("nested tiles", |size| times("<p onclick=f()></p><q onclick=f()>x", size)),
    ("buttons in forms", |size| times("<form action=x><input name=y><button>z</button></form>", size)),
    ("hidden", |size| times("<p hidden class='d-none x y z'>x", size)),
    ("classes", |size| format!("<div class='{}'>", times("d-x ", size))),
    ("styles", |size| format!("<div style='{}'>", times("a:b;", size))),
    ("images", |size| format!("<a href=x>{}", times("<img src=x>", size))),
    ("noscripts", |size| times("<noscript><div></noscript>", size)),
    ("open brackets", |size| times("<", size)),
];

#[derive(Debug)]
struct Outcome {
    parse: Duration,
    rest: Duration,
    cut: Vec<Cut>,
    nodes: usize,
}

/// Everything that is done to a page, on a small stack.
fn run(page: String, limits: Limits) -> Outcome {
    let thread = std::thread::Builder::new().stack_size(2 * 1_024 * 1_024).spawn(move || {
        let url = Url::parse("https://www.comune.example.it/").unwrap();
        let source = Source::utf8(&url, page.as_bytes());
        let start = ThreadTime::now();
        let document: Document = parse(&source, &limits);
        let parse = start.elapsed();
        let selector = scraper::Selector::parse("a[data-element='personal-area-login'], .it-header b").unwrap();
        let found = document
            .select(&selector)
            .filter(|element| document.element_visibility(element.id()) == Visibility::Visible);
        assert_eq!(found.count(), 0);
        let (cut, nodes) = (document.cut.clone(), document.html.tree.values().len());
        drop(document);
        Outcome { parse, rest: start.elapsed().saturating_sub(parse), cut, nodes }
    });
    thread.unwrap().join().unwrap()
}

fn all(sizes: &[usize], check: impl Fn(&str, usize, &Outcome)) {
    for (name, make) in SHAPES {
        for size in sizes {
            check(name, *size, &run(make(*size), Limits::default()));
        }
    }
}

/// No time is asserted but the thread's own, and generously: what is tested is that there is a bound.
fn bounded(name: &str, size: usize, outcome: &Outcome) {
    assert!(outcome.parse < Duration::from_secs(3), "{name} of {size}: {outcome:?}");
    assert!(outcome.rest < Duration::from_secs(3), "{name} of {size}: {outcome:?}");
    assert!(outcome.nodes < 700_000, "{name} of {size}: {outcome:?}");
}

#[test]
fn small_hostile_pages_end() {
    all(&SIZES[..2], bounded);
}

#[test]
fn large_hostile_pages_end() {
    all(&SIZES[2..], bounded);
}

#[test]
fn nesting_is_cut_by_depth_and_not_by_time() {
    let limits = Limits { cpu: Duration::from_mins(1), ..Limits::default() };
    for (name, make) in SHAPES {
        if ["div", "ul+li", "blockquote", "unknown", "svg+g", "table+tr+td", "template", "unlike b"].contains(name) {
            assert_eq!(run(make(SIZES[1]), limits).cut, [Cut::Depth], "{name}");
        }
        if ["attributes", "one attribute"].contains(name) {
            assert_eq!(run(make(SIZES[1]), limits).cut, [Cut::Attributes], "{name}");
        }
        if *name == "clones" {
            assert_eq!(run(make(SIZES[1]), limits).cut, [Cut::Size], "{name}");
        }
    }
}

#[test]
fn large_but_honest_pages_are_read_in_full() {
    let limits = Limits { cpu: Duration::from_mins(1), ..Limits::default() };
    for (name, page) in [
        ("12,000 paths", format!("<svg>{}</svg>", "<path d='M0 0'/>".repeat(12_000))),
        ("400 deep", "<div>".repeat(398) + &"</div>".repeat(398)),
        ("a long table", format!("<table>{}</table>", "<tr><td>a<td>b<td><b>c</b></tr>".repeat(20_000))),
        ("a long list", format!("<ul>{}</ul>", "<li class='x y'><p>voce</p></li>".repeat(15_000))),
        ("unclosed fonts", "<p><font color=red>riga</p>".repeat(400)),
    ] {
        assert_eq!(run(page + "<p>fine", limits).cut, [], "{name}");
    }
}

/// Writes what the shapes cost to `riscontro-hostile.txt` in the temporary folder:
/// `cargo test --lib page::hostile -- --ignored`.
#[test]
#[ignore = "a measurement"]
fn measure_hostile_pages() {
    let mut table = String::new();
    let rows = std::cell::RefCell::new(&mut table);
    all(&SIZES, |name, size, outcome| {
        writeln!(
            rows.borrow_mut(),
            "{name:24} {:5} KiB  parse+extract {:6.0} ms  select+drop {:5.0} ms  {:7} nodes  {:?}",
            size / 1_024,
            outcome.parse.as_secs_f64() * 1e3,
            outcome.rest.as_secs_f64() * 1e3,
            outcome.nodes,
            outcome.cut
        )
        .unwrap();
    });
    std::fs::write(std::env::temp_dir().join("riscontro-hostile.txt"), table).unwrap();
}
