//! From the bytes of a page to its signals: the whole, and the shares of parse and rules.
//!
//! The page is made up, about 100 KB, in the shape of a comune's home page. `cargo bench --bench page_to_signals`.

use divan::{Bencher, counter::BytesCount};
use jiff::Timestamp;
use riscontro::{
    detect::{self, Origin, Stamp, Subject},
    model::Comune,
    page::{self, Limits, Source},
    rules::{Catalogue, Circumstances},
};
use url::Url;

fn main() {
    divan::main();
}

/// A home page: header, menus, cards, news, footer, about 100 KB.
fn home() -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"it\"><head><meta charset=\"utf-8\"><title>Comune di Borgofinto</title>\
         <link rel=\"stylesheet\" href=\"/css/bootstrap-italia.min.css\"></head><body>\
         <header class=\"it-header-wrapper\"><div class=\"it-header-slim-right-zone\">\
         <a class=\"btn btn-primary btn-icon btn-full\" href=\"/area-personale\" data-element=\"personal-area-login\">\
         <span class=\"d-none d-lg-block\">Accedi all'area personale</span></a></div></header><main>",
    );
    for number in 0..150 {
        page.push_str(&format!(
            "<div class=\"col-md-6 col-xl-4\"><div class=\"card-wrapper border border-light rounded shadow-sm\">\
             <div class=\"card no-after rounded\"><div class=\"card-body\"><div class=\"category-top\">\
             <a class=\"category text-decoration-none\" href=\"/servizi/anagrafe\">Anagrafe e stato civile</a></div>\
             <h3 class=\"card-title h5\"><a href=\"/servizi/scheda-{number}\" data-element=\"service-link\">\
             Servizio numero {number}: richiedere un certificato</a></h3>\
             <p class=\"card-text\">Il servizio permette ai cittadini residenti di chiedere il certificato allo sportello \
             oppure per posta; le modalità sono descritte nella scheda, con i documenti necessari e i tempi.</p>\
             <svg class=\"icon icon-primary\"><use href=\"/svg/sprites.svg#it-arrow-right\"></use></svg>\
             </div></div></div></div>",
        ));
    }
    page.push_str(
        "</main><footer class=\"it-footer\"><p>Codice fiscale 01234567890</p>\
         <img src=\"/img/pagopa.svg\" alt=\"Integrato con pagoPA\"></footer></body></html>",
    );
    page
}

fn address() -> Url {
    Url::parse("https://www.comune.borgofinto.to.it/").expect("a fixed address")
}

#[divan::bench]
fn parse_and_extract(bencher: Bencher<'_, '_>) {
    let (page, url) = (home(), address());
    bencher.counter(BytesCount::of_str(&page)).bench_local(|| {
        let source = Source::utf8(&url, page.as_bytes());
        page::parse(&source, &Limits::default()).controls.len()
    });
}

#[divan::bench]
fn html5ever_alone(bencher: Bencher<'_, '_>) {
    let page = home();
    bencher
        .counter(BytesCount::of_str(&page))
        .bench_local(|| scraper::Html::parse_document(&page).tree.nodes().count());
}

#[divan::bench]
fn rules(bencher: Bencher<'_, '_>) {
    let (page, url) = (home(), address());
    let catalogue = Catalogue::embedded().expect("the catalogue of the binary");
    let source = Source::utf8(&url, page.as_bytes());
    let document = page::parse(&source, &Limits::default());
    let around = Circumstances { body: page.as_bytes(), headers: &[], status: 200 };
    bencher.counter(BytesCount::of_str(&page)).bench_local(|| catalogue.judge(&document, around).0.len());
}

#[divan::bench]
fn page_to_signals(bencher: Bencher<'_, '_>) {
    let (page, url) = (home(), address());
    let catalogue = Catalogue::embedded().expect("the catalogue of the binary");
    let subject = Subject::new(&url, &Comune::default());
    let stamp = Stamp { sha256: String::new(), fetched: Timestamp::UNIX_EPOCH, chain: Vec::new() };
    let around = Circumstances { body: page.as_bytes(), headers: &[], status: 200 };
    bencher.counter(BytesCount::of_str(&page)).bench_local(|| {
        let source = Source::utf8(&url, page.as_bytes());
        detect::view(&catalogue, &subject, Origin::default(), &source, around, &stamp, &Limits::default()).signals.len()
    });
}
