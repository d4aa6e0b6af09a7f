//! A browser before a local web, for tests of what is drawn.

use std::{
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use riscontro::{
    clock::SystemClock,
    config::ConnectTo,
    net::{CaCertificates, Client, ClientSettings},
    polite::{self, Fetcher},
    render::{Fault, Given, Manners, Rendered, Renderer, Settings},
};
use url::Url;

use super::{Answer, Site, Web};

/// The site that the tests draw pages of.
pub const HOST: &str = "www.comune.provascura.to.it";

/// A browser, and the way to a local web for it.
#[allow(missing_debug_implementations, reason = "holds a browser")]
pub struct Bench {
    /// The web.
    pub web: Web,
    /// The way to it.
    pub fetcher: Fetcher,
    /// The browser.
    pub renderer: Renderer,
}

impl Bench {
    /// With the usual settings.
    pub fn new(sites: impl IntoIterator<Item = Site>) -> Self {
        Self::with(sites, Settings::default())
    }

    /// With other settings.
    pub fn with(sites: impl IntoIterator<Item = Site>, settings: Settings) -> Self {
        let web = Web::of(sites);
        let connect_to = [(80, web.http()), (443, web.https())]
            .map(|(port, to)| format!(":{port}:{}:{}", to.ip(), to.port()).parse::<ConnectTo>().unwrap());
        let client = ClientSettings {
            agent: "riscontro/prova".to_owned(),
            connect_to: connect_to.to_vec(),
            ca_certificates: vec![CaCertificates::File(web.ca_file().to_owned())],
            ..ClientSettings::default()
        };
        let client = Client::new(client, Arc::new(SystemClock)).unwrap();
        let manners =
            polite::Settings { delay: Duration::ZERO, address_delay: Duration::ZERO, ..polite::Settings::default() };
        let fetcher = Fetcher::new(Arc::new(client), manners, Arc::new(SystemClock));
        Self { web, fetcher, renderer: Renderer::find(settings, Arc::new(SystemClock)).unwrap() }
    }

    /// Draws a start page.
    pub async fn render(&self, html: &str) -> Result<Rendered, Fault> {
        self.render_at("/", html).await
    }

    /// The same with a picture in which these places are outlined.
    pub async fn picture(&self, html: &str, places: &[&str]) -> Result<Rendered, Fault> {
        let url = Url::parse(&format!("https://{HOST}/")).unwrap();
        let headers = [("content-type".to_owned(), b"text/html; charset=utf-8".to_vec())];
        let given = Given { url: &url, headers: &headers, body: html.as_bytes() };
        let sent = AtomicU32::new(0);
        let manners =
            Manners { fetcher: &self.fetcher, stop_at: None, own_host: None, is_tracker: &|_| false, sent: &sent };
        let places: Vec<String> = places.iter().map(|&place| place.to_owned()).collect();
        self.renderer
            .render_pictured(given, manners, &|_| {
                let places = places.clone();
                Box::pin(async move { places })
            })
            .await
    }

    /// Draws a page at a path.
    pub async fn render_at(&self, path: &str, html: &str) -> Result<Rendered, Fault> {
        let url = Url::parse(&format!("https://{HOST}{path}")).unwrap();
        let headers = [("content-type".to_owned(), b"text/html; charset=utf-8".to_vec())];
        let given = Given { url: &url, headers: &headers, body: html.as_bytes() };
        let is_tracker = |url: &Url| url.host_str().is_some_and(|host| host.ends_with("tracker.example"));
        let sent = AtomicU32::new(0);
        let manners =
            Manners { fetcher: &self.fetcher, stop_at: None, own_host: None, is_tracker: &is_tracker, sent: &sent };
        self.renderer.render(given, manners).await
    }
}

/// A script as a server sends it.
pub fn script(text: &str) -> Answer {
    Answer::new(200, text).header("content-type", "text/javascript")
}

/// Two threads: one for the page, one for what it waits for.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
