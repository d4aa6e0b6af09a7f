//! What a page costs that is drawn in the browser, beside one that is read as it came: processor seconds of this program
//! and of the browser, and wall time.
//!
//! `cargo bench --bench rendered_page`. Needs Chromium. The local web runs in this process and answers at once.

#![allow(clippy::print_stdout, reason = "a bench speaks to a person")]

use std::{
    fs,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

#[path = "../tests/support/mod.rs"]
mod support;

use support::{Answer, Riscontro, Site, Web, process};

/// Sites of each kind.
const SITES: usize = 40;

fn document(body: &str) -> String {
    let filler =
        "<p>Il servizio è descritto nella scheda, con i documenti necessari e i tempi previsti.</p>".repeat(300);
    format!("<!doctype html><html lang=\"it\"><title>Comune</title><body>{body}{filler}</body></html>")
}

/// A site whose three ways in stand on its home page: in the markup, or put there by a script.
fn site(number: usize, drawn: bool) -> Site {
    let host = format!("www.comune.banco{number}.to.it");
    let ways = "<a href='/spid'>Entra con SPID</a><a href='/cie'>Entra con CIE</a>\
                <a href='https://solutionpa.intesasanpaolo.com/IntermediarioPaPortalFe/pagamenti?idDominioPA=00123450018'>Paga</a>";
    let script = |text: String| Answer::new(200, text).header("content-type", "text/javascript");
    let site = Site::new(&host)
        .redirect("/spid", "https://loginspid.aruba.it/ServiceLoginWelcome?SAMLRequest=fZJ")
        .redirect("/cie", "https://idserver.servizicie.interno.gov.it/idp/profile/SAML2/Redirect/SSO?SAMLRequest=fZJ");
    if drawn {
        let shell = "<!doctype html><html lang=\"it\"><title>Comune</title><div id=\"app\"></div><script src=\"/app.js\"></script>";
        let text = serde_json::to_string(&document(ways)).unwrap_or_default();
        site.page("/", shell).answer("/app.js", script(format!("document.getElementById('app').innerHTML = {text};")))
    } else {
        site.page("/", document(ways))
    }
}

fn main() -> ExitCode {
    let measured = [false, true].map(|drawn| {
        let web = Web::of((0..SITES).map(|number| site(number, drawn)));
        let riscontro = Riscontro::drawing(env!("CARGO_BIN_EXE_riscontro"), &web);
        let targets = riscontro.path("sites.csv");
        let rows: String = (0..SITES).map(|n| format!("https://www.comune.banco{n}.to.it/,00123450018\n")).collect();
        fs::write(&targets, format!("url,codice_fiscale\n{rows}")).ok()?;
        let arguments = ["run", "--targets", &targets.display().to_string(), "--db", &riscontro.database("bench.db")];
        let began = Instant::now();
        let mut run = riscontro.spawn(&arguments);
        let (mut own, mut browser, mut memory) = (0, 0, 0);
        while !run.has_ended() {
            let family = process::family(run.id());
            own = own.max(process::ticks(run.id(), process::OWN));
            // Its renderers come and go: what a finished one used is part of its parent's sum once it is waited for.
            browser = browser.max(family.iter().map(|id| process::ticks(*id, process::WITH_CHILDREN)).sum());
            memory = memory.max(family.iter().map(|id| process::memory(*id, "RssAnon:")).sum());
            thread::sleep(Duration::from_millis(20));
        }
        let wall = began.elapsed().as_secs_f64();
        let ended = run.wait(Duration::from_mins(5));
        let found = support::database::rows(
            &riscontro.path("bench.db"),
            "SELECT CAST(count(*) AS TEXT) FROM finding WHERE outcome = 'found'",
        );
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        let (own, browser, sites) = (own as f64 / 100.0, browser as f64 / 100.0, SITES as f64);
        println!(
            "{}: {SITES} sites, {} found, exit code {:?}; a site: {:.1} ms of processor here, {:.0} ms in the browser, {:.0} ms of \
             wall time; browser memory at most {} MiB",
            if drawn { "drawn" } else { "plain" },
            found[0][0],
            ended.code(),
            own * 1000.0 / sites,
            browser * 1000.0 / sites,
            wall * 1000.0 / sites,
            memory >> 20,
        );
        Some((own + browser, wall))
    });
    let [Some(plain), Some(drawn)] = measured else { return ExitCode::FAILURE };
    println!(
        "drawn to plain: {:.0} times the processor, {:.0} times the wall time",
        drawn.0 / plain.0,
        drawn.1 / plain.1
    );
    ExitCode::SUCCESS
}
