//! Whose server it is: one name for the many spellings of a host.

use url::{Host, Url};

/// The name under which a host queues: lower case, percent letters and Unicode resolved (the URL parser did that), no
/// trailing dot, no port, no user. `None` for addresses without a host.
///
/// All ports and both schemes of a host share one queue: they are one machine to us.
pub fn host_key(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            (!name.is_empty()).then(|| name.to_ascii_lowercase())
        }
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => format!("[{address}]"),
        }),
    }
}

/// The same name for a host that is given as text (an option, a list); `None` when it is not a host.
pub(super) fn host_key_of(text: &str) -> Option<String> {
    host_key(&Url::parse(&format!("http://{}/", text.trim())).ok()?)
}

/// What one robots.txt speaks for: scheme, host and port (RFC 9309 section 2.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Authority {
    scheme: String,
    host: String,
    port: u16,
}

impl Authority {
    pub(super) fn of(url: &Url) -> Option<Self> {
        Some(Self { scheme: url.scheme().to_owned(), host: host_key(url)?, port: url.port_or_known_default()? })
    }

    /// Where its robots.txt is.
    pub(super) fn robots_url(&self) -> Option<Url> {
        Url::parse(&format!("{}://{}:{}/robots.txt", self.scheme, self.host, self.port)).ok()
    }
}

/// An address as it is sent: without fragment and without user and password, which are never ours to send.
pub(super) fn sendable(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    // Both fail only for addresses that cannot hold a user at all.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn the_spellings_of_one_host_are_one_name() {
        const SPELLINGS: &[&str] = &[
            "http://www.forlì.it/",
            "https://www.forlì.it/",
            "http://www.xn--forl-tpa.it/",
            "HTTP://WWW.FORLÌ.IT/",
            "http://www.forl%C3%AC.it/",
            "http://%77ww.forl%c3%ac.it/",
            "http://www.forlì.it./",
            "http://www.forlì.it:80/",
            "https://www.forlì.it:443/a?b#c",
            "http://www.forlì.it:8080/",
            "http://utente:segreto@www.forlì.it/",
            "http://www。forlì。it/",
            "http:\\\\www.forlì.it\\",
        ];
        for spelling in SPELLINGS {
            assert_eq!(host_key(&Url::parse(spelling).unwrap()).unwrap(), "www.xn--forl-tpa.it", "{spelling}");
        }
        for (spelling, key) in [
            ("http://0x7f.1/", "127.0.0.1"),
            ("http://[::ffff:127.0.0.1]/", "127.0.0.1"),
            ("http://[2001:DB8:0::1]/", "[2001:db8::1]"),
        ] {
            assert_eq!(host_key(&Url::parse(spelling).unwrap()).unwrap(), key, "{spelling}");
        }
        assert_eq!(host_key_of("WWW.Forlì.it."), Some("www.xn--forl-tpa.it".to_owned()));
        assert_eq!(host_key_of("non un host"), None);
        assert_eq!(host_key(&Url::parse("mailto:a@b.it").unwrap()), None);
    }

    #[test]
    fn an_authority_is_scheme_host_and_port() {
        let of = |text: &str| Authority::of(&Url::parse(text).unwrap()).unwrap();
        assert_eq!(of("http://a.it/x"), of("http://A.it.:80/y?z"));
        assert_ne!(of("http://a.it/"), of("https://a.it/"));
        assert_ne!(of("http://a.it/"), of("http://a.it:8080/"));
        assert_ne!(of("http://a.it/"), of("http://www.a.it/"));
        assert_eq!(of("http://u:p@A.it.:8080/x?y#z").robots_url().unwrap().as_str(), "http://a.it:8080/robots.txt");
        assert_eq!(of("https://[2001:db8::1]/x").robots_url().unwrap().as_str(), "https://[2001:db8::1]/robots.txt");
    }

    #[test]
    fn what_is_sent_names_no_user() {
        let url = Url::parse("https://u:p@a.it/x?y#z").unwrap();
        assert_eq!(sendable(&url).as_str(), "https://a.it/x?y");
    }
}
