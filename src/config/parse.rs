//! From the text of a value to the value, one function for each kind of setting.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use url::Url;

use super::{ConnectTo, Expected, Lang, LogFormat, MailTls, MailTransport, NightSites, defaults};
use crate::model::{MailAddress, Mailbox};

/// Longest delay that can be set, in seconds: a typing mistake must not stop a run for days.
const LONGEST_DELAY: f64 = 3600.0;
/// Longest visit that can be set, in seconds.
const LONGEST_VISIT: f64 = 86_400.0;

fn seconds(text: &str, low: f64, high: f64) -> Result<Duration, Expected> {
    let value: f64 = text.trim().parse().map_err(|_| Expected::Seconds(low, high))?;
    // NaN fails both comparisons, so it is refused like anything out of range.
    if value >= low && value <= high { Ok(Duration::from_secs_f64(value)) } else { Err(Expected::Seconds(low, high)) }
}

fn whole(text: &str, low: i64, high: i64) -> Result<i64, Expected> {
    let value = text.trim().parse().map_err(|_| Expected::Whole(low, high))?;
    if (low..=high).contains(&value) { Ok(value) } else { Err(Expected::Whole(low, high)) }
}

pub(super) fn delay(text: &str) -> Result<Duration, Expected> {
    seconds(text, 0.0, LONGEST_DELAY)
}

pub(super) fn max_time(text: &str) -> Result<Duration, Expected> {
    seconds(text, 1.0, LONGEST_VISIT)
}

pub(super) fn max_requests(text: &str) -> Result<u32, Expected> {
    whole(text, 1, 10_000).map(|value| u32::try_from(value).unwrap_or(u32::MAX))
}

pub(super) fn concurrency(text: &str) -> Result<usize, Expected> {
    whole(text, 1, 1024).map(|value| usize::try_from(value).unwrap_or(1))
}

pub(super) fn confirm_looks(text: &str) -> Result<u32, Expected> {
    whole(text, 1, 30).map(|value| u32::try_from(value).unwrap_or(1))
}

/// At most a year: a loss that is never believed is a setting nobody means.
pub(super) fn confirm_hours(text: &str) -> Result<u32, Expected> {
    whole(text, 0, 8_760).map(|value| u32::try_from(value).unwrap_or(0))
}

pub(super) fn suspect_share(text: &str) -> Result<u8, Expected> {
    whole(text, 0, 100).map(|value| u8::try_from(value).unwrap_or(100))
}

/// Days or MiB; 0 is no limit.
pub(super) fn limit(text: &str) -> Result<u32, Expected> {
    whole(text, 0, 10_000_000).map(|value| u32::try_from(value).unwrap_or(0))
}

pub(super) fn verbosity(text: &str) -> Result<i8, Expected> {
    whole(text, -1, 3).map(|value| i8::try_from(value).unwrap_or(0))
}

pub(super) fn lang(text: &str) -> Result<Lang, Expected> {
    text.trim().parse().map_err(|()| Expected::Lang)
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, Expected> {
    match text.trim() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(Expected::LogFormat),
    }
}

pub(super) fn render(text: &str) -> Result<bool, Expected> {
    match text.trim() {
        "auto" => Ok(true),
        "never" => Ok(false),
        _ => Err(Expected::Render),
    }
}

/// The contact stands inside the parentheses of the agent name, so it may hold neither those nor anything that is
/// not visible ASCII (RFC 9110, section 5.6.5).
pub(super) fn contact(text: &str) -> Result<String, Expected> {
    let text = text.trim();
    let printable = text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'(' | b')' | b'\\' | b'"'));
    let page = || Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto"));
    let address = || {
        text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.contains('@') && host.contains('.') && !host.starts_with('.')
        })
    };
    if printable && text.len() <= 200 && (page() || address()) { Ok(text.to_owned()) } else { Err(Expected::Contact) }
}

pub(super) fn database(text: &str) -> Result<String, Expected> {
    // What a server's address must look like is the store's to say: its password is in no message there.
    if text.trim().starts_with("postgres://") || text.trim().starts_with("postgresql://") {
        return Ok(text.trim().to_owned());
    }
    let file = text.trim().strip_prefix("sqlite:").ok_or(Expected::Database)?;
    let file = file.strip_prefix("//").unwrap_or(file);
    if file.is_empty() || file.contains('\0') { Err(Expected::Database) } else { Ok(text.trim().to_owned()) }
}

pub(super) fn proxy(text: &str) -> Result<Url, Expected> {
    let url = Url::parse(text.trim()).map_err(|_| Expected::Proxy)?;
    let known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
    if known && url.has_host() { Ok(url) } else { Err(Expected::Proxy) }
}

pub(super) fn mail_transport(text: &str) -> Result<MailTransport, Expected> {
    match text.trim() {
        "smtp" => Ok(MailTransport::Smtp),
        "file" => Ok(MailTransport::File),
        "none" => Ok(MailTransport::None),
        _ => Err(Expected::OneOf(MailTransport::NAMES)),
    }
}

pub(super) fn mail_tls(text: &str) -> Result<MailTls, Expected> {
    match text.trim() {
        "implicit" => Ok(MailTls::Implicit),
        "starttls" => Ok(MailTls::StartTls),
        "none" => Ok(MailTls::None),
        "insecure-clear-text" => Ok(MailTls::Insecure),
        _ => Err(Expected::OneOf(MailTls::NAMES)),
    }
}

/// True for certified mail.
pub(super) fn mail_mode(text: &str) -> Result<bool, Expected> {
    match text.trim() {
        "plain" => Ok(false),
        "pec" => Ok(true),
        _ => Err(Expected::OneOf(&["plain", "pec"])),
    }
}

/// True for sending again.
pub(super) fn mail_unsure(text: &str) -> Result<bool, Expected> {
    match text.trim() {
        "ask" => Ok(false),
        "resend" => Ok(true),
        _ => Err(Expected::OneOf(&["ask", "resend"])),
    }
}

/// What goes over 30 MB no certified mail takes, and few other servers.
pub(super) fn mail_max_mib(text: &str) -> Result<u32, Expected> {
    whole(text, 1, 30).map(|value| u32::try_from(value).unwrap_or(1))
}

pub(super) fn mail_address(text: &str) -> Result<MailAddress, Expected> {
    text.parse().map_err(|_| Expected::Mailbox)
}

pub(super) fn night_sites(text: &str) -> Result<NightSites, Expected> {
    match text.trim() {
        "applications" => Ok(NightSites::Applications),
        "all" => Ok(NightSites::All),
        "none" => Ok(NightSites::None),
        _ => Err(Expected::OneOf(NightSites::NAMES)),
    }
}

pub(super) fn night_days(text: &str) -> Result<u32, Expected> {
    whole(text, 1, 366).map(|value| u32::try_from(value).unwrap_or(1))
}

/// A name or an IP address, without brackets.
pub(super) fn mail_host(text: &str) -> Result<String, Expected> {
    match text.trim().parse::<IpAddr>() {
        Ok(address) => Ok(address.to_string()),
        Err(_) => host(text),
    }
}

pub(super) fn port(text: &str) -> Result<u16, Expected> {
    whole(text, 1, 65_535).map(|value| u16::try_from(value).unwrap_or(0))
}

pub(super) fn mailbox(text: &str) -> Result<Mailbox, Expected> {
    text.parse().map_err(|_| Expected::Mailbox)
}

pub(super) fn login(text: &str) -> Result<String, Expected> {
    let good = !text.is_empty() && text.len() <= 320 && !text.contains(char::is_control);
    if good { Ok(text.to_owned()) } else { Err(Expected::Login) }
}

pub(super) fn web_address(text: &str) -> Result<Url, Expected> {
    let url = Url::parse(text.trim()).map_err(|_| Expected::WebAddress)?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(Expected::WebAddress) }
}

pub(super) fn connect_to(text: &str) -> Result<ConnectTo, Expected> {
    text.trim().parse().map_err(|_| Expected::ConnectTo)
}

pub(super) fn resolver(text: &str) -> Result<SocketAddr, Expected> {
    let text = text.trim();
    let bare = || text.parse::<IpAddr>().map(|address| SocketAddr::new(address, defaults::DNS_PORT));
    text.parse().or_else(|_| bare()).map_err(|_| Expected::Resolver)
}

pub(super) fn path(text: &str) -> Result<PathBuf, Expected> {
    if text.is_empty() || text.contains('\0') { Err(Expected::Path) } else { Ok(PathBuf::from(text)) }
}

/// A host name in the form in which hosts are compared: lower case, punycode, without a final dot.
pub(super) fn host(text: &str) -> Result<String, Expected> {
    let text = text.trim().trim_end_matches('.');
    let url = Url::parse(&format!("https://{text}/")).map_err(|_| Expected::Host)?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let alone = url.port().is_none() && url.username().is_empty() && url.password().is_none();
    match url.host_str() {
        Some(host) if plain && alone && !text.ends_with('/') && !text.contains('@') => Ok(host.to_owned()),
        _ => Err(Expected::Host),
    }
}
