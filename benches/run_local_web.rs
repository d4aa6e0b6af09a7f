//! A whole `run` of the built binary against the local web at zero latency: processor seconds, sites a second, memory.
//!
//! `cargo bench --bench run_local_web`. The figures are those of the binary alone: the local web runs in this process.

#![allow(clippy::print_stdout, reason = "a bench speaks to a person")]

use std::{fs, process::ExitCode, thread, time::Duration};

#[path = "../tests/support/mod.rs"]
mod support;

use support::{Riscontro, Site, Web, process};

/// Sites of the bench.
const SITES: usize = 400;

fn site(number: usize) -> Site {
    let host = format!("www.comune.banco{number}.to.it");
    let page = |title: &str, body: &str| {
        let filler =
            "<p>Il servizio è descritto nella scheda, con i documenti necessari e i tempi previsti.</p>".repeat(300);
        format!("<!doctype html><html lang=\"it\"><title>{title}</title><body>{body}{filler}</body></html>")
    };
    Site::new(&host)
        .robots("User-agent: *\nDisallow: /admin\n")
        .page("/", page("Comune", "<a href=\"/accedi\" data-element=\"personal-area-login\">Accedi</a> <a href=\"/pagamenti\">Pagamenti online</a>"))
        .page("/accedi", page("Accesso", "<a href=\"/spid\">Entra con SPID</a> <a href=\"/cie\">Entra con CIE</a>"))
        .redirect("/spid", "https://loginspid.aruba.it/ServiceLoginWelcome?SAMLRequest=fZJ")
        .redirect("/cie", "https://idserver.servizicie.interno.gov.it/idp/profile/SAML2/Redirect/SSO?SAMLRequest=fZJ")
        .page("/pagamenti", page("Pagamenti", "<form action=\"/paga\"><label>Codice avviso</label><input name=\"iuv\"></form>"))
}

fn main() -> ExitCode {
    let web = Web::of((0..SITES).map(site));
    let binary = env!("CARGO_BIN_EXE_riscontro");
    let riscontro = Riscontro::new(binary, &web);
    let targets = riscontro.path("sites.csv");
    let rows: String = (0..SITES).map(|number| format!("https://www.comune.banco{number}.to.it/\n")).collect();
    if fs::write(&targets, format!("url\n{rows}")).is_err() {
        return ExitCode::FAILURE;
    }
    let database = riscontro.database("bench.db");
    let mut run =
        riscontro.spawn(&["run", "--targets", &targets.display().to_string(), "--db", &database, "--format", "json"]);
    let (mut peak, mut ticks) = (0_u64, 0_u64);
    while !run.has_ended() {
        peak = peak.max(process::peak_kib(run.id()));
        ticks = ticks.max(process::ticks(run.id()));
        thread::sleep(Duration::from_millis(20));
    }
    let ended = run.wait(Duration::from_mins(10));
    let (seconds, requests) = (ended.took.as_secs_f64(), web.log().all().len());
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let (processor, sites) = (ticks as f64 / 100.0, SITES as f64);
    println!("{SITES} sites, {requests} requests, exit code {:?}", ended.code());
    println!(
        "processor {processor:.2} s ({:.1} ms a site), wall {seconds:.1} s ({:.0} sites a second)",
        processor * 1000.0 / sites,
        sites / seconds
    );
    println!("peak memory {:.0} MiB", peak / 1024);
    if ended.code() == Some(0) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
