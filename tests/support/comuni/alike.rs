//! A few comuni that are all alike, for tests in which it does not matter what is found, only that something is.

use std::time::Duration;

use super::{
    super::Web,
    Comune, login,
    markup::{cie_button, home, login_link, login_page, own_site, spid_button},
};

const NAMES: [&str; 12] = ["Ala", "Bela", "Cela", "Dela", "Ela", "Fela", "Gela", "Hela", "Ila", "Lela", "Mela", "Nela"];

/// The first so many (twelve at most), with a way in where `open` says so of their number; each answer takes this long.
pub fn country(count: usize, latency: Duration, open: impl Fn(u32) -> bool) -> (Vec<Comune>, Web) {
    let comuni: Vec<Comune> =
        (1..).zip(NAMES).take(count).map(|(number, name)| Comune::new(number, name, "to", "Piemonte")).collect();
    let site = |comune: &Comune| {
        let link = if open(comune.number) { login_link("/accedi") } else { String::new() };
        login::endpoints(own_site(comune))
            .page("/", home(comune, &link, ""))
            .page("/accedi", login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login")))
            .latency(latency)
    };
    let web = Web::of(comuni.iter().map(site));
    (comuni, web)
}
