//! The operator's exceptions: `--connect-to HOST:PORT:ADDR:PORT`.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use url::Host;

/// One `--connect-to HOST:PORT:ADDR:PORT` entry, written as in curl.
///
/// An empty HOST or PORT matches all; an IPv6 address stands in brackets; ADDR must be an address (a name would need
/// a resolver, which is what the entry is there to avoid) and its PORT must be given. What an entry opens is exactly
/// what it names: a matching request goes to ADDR:PORT, loopback included, and nothing else changes. See
/// `net::guard::destination` for what an empty HOST or PORT does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    host: Option<Host<String>>,
    port: Option<u16>,
    /// The address that is dialled instead.
    pub target: SocketAddr,
}

/// Why a `--connect-to` entry cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectToError {
    /// Fewer or more than four parts.
    #[error("`{0}` is not HOST:PORT:ADDR:PORT (IPv6 addresses go in brackets)")]
    Shape(String),
    /// HOST is neither a name nor an address.
    #[error("`{0}` is not a host name or address")]
    Host(String),
    /// One of the ports is not a number between 1 and 65535.
    #[error("`{0}` is not a port (1 to 65535)")]
    Port(String),
    /// The second PORT is missing.
    #[error("the port to connect to is missing in `{0}`")]
    TargetPort(String),
    /// ADDR is not an address literal.
    #[error("`{0}` is not an IP address; names are not looked up here")]
    Address(String),
}

impl ConnectTo {
    /// Builds an entry from its parts; `host` as in [`FromStr`], `None` matches all.
    pub fn new(host: Option<&str>, port: Option<u16>, target: SocketAddr) -> Result<Self, ConnectToError> {
        Ok(Self { host: host.map(parse_host).transpose()?, port, target })
    }

    /// True when the entry names its host (it is not empty).
    pub fn names_host(&self) -> bool {
        self.host.is_some()
    }

    /// True when the entry names its port (it is not empty).
    pub fn names_port(&self) -> bool {
        self.port.is_some()
    }

    /// True when HOST and PORT fit a URL's host (a literal, or else a name in lower case without its final dot).
    pub fn matches(&self, literal: Option<IpAddr>, name: &str, port: u16) -> bool {
        let host = match (&self.host, literal) {
            (None, _) => true,
            (Some(Host::Domain(wanted)), None) => wanted == name,
            (Some(Host::Ipv4(wanted)), Some(IpAddr::V4(address))) => *wanted == address,
            (Some(Host::Ipv6(wanted)), Some(IpAddr::V6(address))) => *wanted == address,
            (Some(_), _) => false,
        };
        host && self.port.is_none_or(|wanted| wanted == port)
    }
}

fn parse_host(text: &str) -> Result<Host<String>, ConnectToError> {
    // The same parser as for URLs, so that `EXAMPLE.it`, `127.1` or an internationalised name mean here what they mean there.
    match Host::parse(text) {
        Ok(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(&name).to_owned();
            if name.is_empty() { Err(ConnectToError::Host(text.to_owned())) } else { Ok(Host::Domain(name)) }
        }
        Ok(literal) => Ok(literal),
        Err(_) => Err(ConnectToError::Host(text.to_owned())),
    }
}

fn parse_port(text: &str) -> Result<u16, ConnectToError> {
    // `u16::from_str` takes a leading plus sign; a port does not.
    match text.parse::<u16>() {
        Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(port),
        _ => Err(ConnectToError::Port(text.to_owned())),
    }
}

/// Cuts a text at colons that are not inside brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ':' && depth == 0
    })
    .collect()
}

impl FromStr for ConnectTo {
    type Err = ConnectToError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [host, port, address, target_port] = split(text)[..] else {
            return Err(ConnectToError::Shape(text.to_owned()));
        };
        let host = if host.is_empty() { None } else { Some(parse_host(host)?) };
        let port = if port.is_empty() { None } else { Some(parse_port(port)?) };
        if target_port.is_empty() {
            return Err(ConnectToError::TargetPort(text.to_owned()));
        }
        let target_port = parse_port(target_port)?;
        let bare = match address.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
            None => address,
            Some(Some(inner)) if inner.contains(':') => inner,
            Some(_) => return Err(ConnectToError::Address(address.to_owned())),
        };
        let address: IpAddr = bare.parse().map_err(|_| ConnectToError::Address(address.to_owned()))?;
        Ok(Self { host, port, target: SocketAddr::new(address, target_port) })
    }
}

impl fmt::Display for ConnectTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(host) = &self.host {
            write!(f, "{host}")?;
        }
        f.write_str(":")?;
        if let Some(port) = self.port {
            write!(f, "{port}")?;
        }
        write!(f, ":{}", self.target)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn reads_what_curl_reads() {
        for (text, shown) in [
            ("example.it:443:127.0.0.1:8443", "example.it:443:127.0.0.1:8443"),
            ("EXAMPLE.it.:443:127.0.0.1:8443", "example.it:443:127.0.0.1:8443"),
            ("::127.0.0.1:8443", "::127.0.0.1:8443"),
            (":443:127.0.0.1:8443", ":443:127.0.0.1:8443"),
            ("example.it::127.0.0.1:8443", "example.it::127.0.0.1:8443"),
            ("[::1]:443:[::1]:8443", "[::1]:443:[::1]:8443"),
            ("127.1:80:192.0.2.1:8080", "127.0.0.1:80:192.0.2.1:8080"),
            ("citt\u{e0}.it:80:127.0.0.1:1", "xn--citt-3na.it:80:127.0.0.1:1"),
        ] {
            assert_eq!(text.parse::<ConnectTo>().unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| text.parse::<ConnectTo>().unwrap_err();
        assert!(matches!(error(""), ConnectToError::Shape(_)));
        assert!(matches!(error("example.it:443:127.0.0.1"), ConnectToError::Shape(_)));
        assert!(matches!(error("example.it:443:::1:80"), ConnectToError::Shape(_)));
        assert!(matches!(error("a:1:127.0.0.1:80:9"), ConnectToError::Shape(_)));
        assert!(matches!(error("exa mple.it:443:127.0.0.1:80"), ConnectToError::Host(_)));
        assert!(matches!(error("a.it:0:127.0.0.1:80"), ConnectToError::Port(_)));
        assert!(matches!(error("a.it:65536:127.0.0.1:80"), ConnectToError::Port(_)));
        assert!(matches!(error("a.it:+443:127.0.0.1:80"), ConnectToError::Port(_)));
        assert!(matches!(error("a.it:443:127.0.0.1:"), ConnectToError::TargetPort(_)));
        assert!(matches!(error("a.it:443::80"), ConnectToError::Address(_)));
        assert!(matches!(error("a.it:443:localhost:80"), ConnectToError::Address(_)));
        assert!(matches!(error("a.it:443:[127.0.0.1]:80"), ConnectToError::Address(_)));
        assert!(matches!(error("a.it:443:[fe80::1%25eth0]:80"), ConnectToError::Address(_)));
    }
}
