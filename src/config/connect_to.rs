//! `HOST:PORT:ADDR:PORT`, as in curl's `--connect-to`, with an address in place of the second host.

use std::{fmt, net::SocketAddr, str::FromStr};

/// One operator's order to dial an address of their choice. It lifts nothing else: robots, pacing and limits hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host it applies to, lower case, IPv6 without brackets; `None` for every host.
    pub host: Option<String>,
    /// The port it applies to; `None` for every port.
    pub port: Option<u16>,
    /// Where to connect.
    pub address: SocketAddr,
}

impl FromStr for ConnectTo {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, rest) = match text.strip_prefix('[') {
            Some(rest) => rest.split_once("]:").ok_or(())?,
            None => text.split_once(':').ok_or(())?,
        };
        let (port, address) = rest.split_once(':').ok_or(())?;
        if host.chars().any(|c| c.is_whitespace() || c.is_control() || c == '/') {
            return Err(());
        }
        let port = if port.is_empty() { None } else { Some(port.parse().map_err(drop)?) };
        let address = address.parse().map_err(drop)?;
        Ok(Self { host: (!host.is_empty()).then(|| host.to_ascii_lowercase()), port, address })
    }
}

impl fmt::Display for ConnectTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) if host.contains(':') => write!(f, "[{host}]")?,
            Some(host) => f.write_str(host)?,
            None => {}
        }
        f.write_str(":")?;
        if let Some(port) = self.port {
            write!(f, "{port}")?;
        }
        write!(f, ":{}", self.address)
    }
}
