//! A register out of the web: the same fetcher, guard and manners as for visits, under limits of its own.

use std::time::Duration;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use url::Url;

use super::super::{Context, Exit, Failure, workshop};
use crate::{
    config::{Lang, mask},
    model::FetchOutcome,
    net::{Limits, Method},
    polite::{Ask, Budget, Gap},
    registry,
    report::clean,
};

/// Requests that one import may send: robots.txt, redirects and second tries of both.
const REQUESTS: u32 = 20;
/// Redirects that are followed.
const REDIRECTS: usize = 5;
/// Longest time for one answer: 15 MB over a slow line.
const LONGEST: Duration = Duration::from_mins(10);

/// A file that was fetched.
pub(super) struct Remote {
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// Where they came from in the end, after redirects.
    pub(super) url: Url,
    /// The day that the server says they were last changed.
    pub(super) modified: Option<Date>,
}

/// The address in an argument that is one; `None` for the path of a file.
///
/// Only https is an address to import from: what a register says decides on money, and without TLS anybody on the way
/// could say it.
pub(super) fn address(text: &str, lang: Lang) -> Result<Option<Url>, Failure> {
    let Some((scheme, _)) = text.split_once("://") else { return Ok(None) };
    let wrong = |why: &str, hint: &str| {
        Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(clean(&mask(text))).because(why).hint(hint))
    };
    if !scheme.eq_ignore_ascii_case("https") {
        return wrong(
            lang.pick("i registri si prendono solo per https", "registers are taken over https only"),
            lang.pick(
                "usate l'indirizzo https, o scaricate il file e date il suo nome",
                "use the https address, or download the file and give its name",
            ),
        );
    }
    match Url::parse(text) {
        Ok(url) if url.username().is_empty() && url.password().is_none() => Ok(Some(url)),
        Ok(_) => wrong(
            lang.pick("nome utente e password non si usano", "user name and password are not used"),
            lang.pick("i registri sono pubblici: dateli senza", "registers are public: give the address without"),
        ),
        Err(_) => wrong(
            lang.pick("non è un indirizzo", "is no address"),
            lang.pick("per esempio https://ente.example/dati.csv", "for example https://ente.example/data.csv"),
        ),
    }
}

/// Fetches a file. Everything but a whole answer is a failure: half a register is none.
pub(super) async fn fetch(url: &Url, context: &Context) -> Result<Remote, Failure> {
    let lang = context.lang();
    let limits = Limits { max_raw: registry::MAX_INFLATED, whole: LONGEST, archives: true, ..Limits::default() };
    let fetcher = workshop::fetcher_with(context, limits, REDIRECTS)?;
    let budget = Budget::new(REQUESTS, workshop::clock().instant() + LONGEST);
    // A redirect out of TLS is refused like an address without it.
    let stop_at = |target: &Url| (target.scheme() != "https").then_some(FetchOutcome::SchemeRefused);
    let ask = Ask {
        url,
        method: Method::Get,
        max_body: registry::MAX_INFLATED,
        stop_at: Some(&stop_at),
        own_host: None,
        gap: Gap::Page,
    };
    let came = tokio::select! {
        came = fetcher.fetch(&budget, ask) => came,
        () = context.stop.requested() => {
            return Err(Failure::new(Exit::Interrupted, lang.pick("interrotto", "interrupted")));
        }
    };
    let whole = came.outcome == FetchOutcome::Ok;
    match came.exchange {
        Some(exchange) if whole => {
            let modified = exchange.header("last-modified").and_then(day);
            Ok(Remote { bytes: exchange.body, url: came.url, modified })
        }
        _ => {
            let at = came.stopped_at.as_ref().unwrap_or(&came.url);
            let detail = came.detail.map_or_else(String::new, |detail| format!(" ({})", clean(&detail)));
            Err(Failure::new(Exit::Unavailable, lang.pick("registro non scaricato", "register not fetched"))
                .at(at.to_string())
                .because(format!("{}{detail}", (context.words().fetch)(came.outcome))))
        }
    }
}

/// The day of an HTTP date, in UTC.
fn day(text: &str) -> Option<Date> {
    let time = httpdate::parse_http_date(text).ok()?;
    Some(Timestamp::try_from(time).ok()?.to_zoned(TimeZone::UTC).date())
}
