//! Which addresses this agent may dial: pure policy, no I/O.
//!
//! A page is hostile input, so every URL is judged by what it *leads to*: the scheme, the port, the host as a literal,
//! the host as a name, and each address that the name resolves to. The judgement is made on the parsed URL (the same
//! parser that the connection uses, so odd spellings such as `http://0x7f.1/` are already plain addresses here) and
//! once more on the addresses themselves, immediately before they are pinned for the connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use super::{ConnectTo, Refusal};
use crate::model::FetchOutcome;

#[cfg(test)]
mod tests;

/// Day on which the tables of this file were last read against the IANA special-purpose registries for IPv4 and IPv6
/// (RFC 6890 and its updates) and the registry of special-use domain names (RFC 6761).
pub const TABLE_DATE: &str = "2026-11-20";

/// The ports that are dialled: the two of the web, and the two "alternative" ones that public bodies' portals use.
/// Any other port is refused unless a [`ConnectTo`] entry names it.
pub const PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Addresses at which hosting platforms answer questions about the machine that asks. Most lie in ranges that are
/// closed anyway; 168.63.129.16 does not, which is why they are named one by one.
const METADATA_V4: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// The same for IPv6.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

/// A closed range: first address, prefix length, name of the rule.
type Range4 = (Ipv4Addr, u8, &'static str);
type Range6 = (Ipv6Addr, u8, &'static str);

/// Closed IPv4 ranges; the first that matches gives the reason.
const CLOSED_V4: [Range4; 18] = [
    (Ipv4Addr::UNSPECIFIED, 8, "this-network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "cgnat"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmark"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    // MCAST-TEST-NET, inside 224/4: named apart only so that the reason is exact.
    (Ipv4Addr::new(233, 252, 0, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::BROADCAST, 32, "broadcast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
    // AMT relay anycast (RFC 7450): reachable, and never a website.
    (Ipv4Addr::new(192, 52, 193, 0), 24, "reserved"),
];

/// Closed IPv6 ranges; the first that matches gives the reason. What is not in `2000::/3` is closed without being
/// listed (`reserved`), so this table names the rest and what is closed inside `2000::/3`. NAT64 is not in it: see
/// [`check_address`].
const CLOSED_V6: [Range6; 23] = [
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
    (v6([0, 0, 0, 0, 0, 0xffff]), 96, "mapped"),
    (v6([0, 0, 0, 0, 0xffff, 0]), 96, "mapped"),
    (Ipv6Addr::UNSPECIFIED, 96, "compatible"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0]), 48, "nat64"),
    (v6([0x100, 0, 0, 0, 0, 0]), 64, "discard"),
    (v6([0x100, 0, 0, 1, 0, 0]), 64, "discard"),
    (v6([0x5f00, 0, 0, 0, 0, 0]), 16, "reserved"),
    (v6([0xfc00, 0, 0, 0, 0, 0]), 7, "private"),
    (v6([0xfe80, 0, 0, 0, 0, 0]), 10, "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0]), 10, "site-local"),
    (v6([0xff00, 0, 0, 0, 0, 0]), 8, "multicast"),
    (v6([0x2001, 0, 0, 0, 0, 0]), 32, "teredo"),
    (v6([0x2001, 2, 0, 0, 0, 0]), 48, "benchmark"),
    (v6([0x2001, 0x10, 0, 0, 0, 0]), 28, "orchid"),
    (v6([0x2001, 0x20, 0, 0, 0, 0]), 28, "orchid"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0]), 32, "documentation"),
    (v6([0x2001, 0, 0, 0, 0, 0]), 23, "reserved"),
    (v6([0x2002, 0, 0, 0, 0, 0]), 16, "6to4"),
    (v6([0x3fff, 0, 0, 0, 0, 0]), 20, "documentation"),
    // The 6bone's old blocks, given back in 2006 (RFC 3701) and not handed out since.
    (v6([0x3ffe, 0, 0, 0, 0, 0]), 16, "reserved"),
    // NAT64 prefixes live in one block with nothing else public in it; the /96 that is read first is excepted.
    (v6([0x64, 0xff9b, 0, 0, 0, 0]), 32, "nat64"),
];

/// The IPv6 space that IANA hands out for global unicast.
const GLOBAL_V6: Range6 = (v6([0x2000, 0, 0, 0, 0, 0]), 3, "global");

/// The well-known NAT64 prefix (RFC 6052).
const NAT64: Range6 = (v6([0x64, 0xff9b, 0, 0, 0, 0]), 96, "nat64");

/// Top-level names that never lead to the public Internet: special use (RFC 6761, 6762, 7686, 8375, 9476), the name that
/// ICANN reserved for inside use (`internal`, 2024), and those that RFC 6762 appendix G and container platforms
/// use inside. `test`, `example` and `invalid` are not here: they have no addresses outside, and closed test networks
/// give them addresses on purpose.
const INSIDE: [&str; 13] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "svc",
    "onion",
    "alt",
];

/// An IPv6 address by its first six groups.
const fn v6(groups: [u16; 6]) -> Ipv6Addr {
    Ipv6Addr::new(groups[0], groups[1], groups[2], groups[3], groups[4], groups[5], 0, 0)
}

fn within4(address: Ipv4Addr, range: &Range4) -> bool {
    let mask = u32::MAX.checked_shl(32 - u32::from(range.1)).unwrap_or(0);
    address.to_bits() & mask == range.0.to_bits() & mask
}

fn within6(address: Ipv6Addr, range: &Range6) -> bool {
    let mask = u128::MAX.checked_shl(128 - u32::from(range.1)).unwrap_or(0);
    address.to_bits() & mask == range.0.to_bits() & mask
}

/// The IPv4 address in the last 32 bits.
fn embedded(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

/// Judges one address; the error is the name of the rule that closes it.
///
/// IPv4: what the table does not close is open. IPv6: only `2000::/3` less the table is open, with one exception, the
/// well-known NAT64 prefix around a public IPv4 address, because on an IPv6-only network that is how a resolver presents
/// every IPv4-only site. IPv4-mapped and -compatible forms, 6to4, Teredo and the local-use NAT64 prefix are closed
/// whatever they carry: no website publishes them, and what they reach depends on the machine's own routing. ISATAP
/// interface identifiers (RFC 5214) are closed when the IPv4 address in them is.
pub fn check_address(address: IpAddr) -> Result<(), &'static str> {
    match address {
        IpAddr::V4(address) => check_v4(address),
        IpAddr::V6(address) => check_v6(address),
    }
}

fn check_v4(address: Ipv4Addr) -> Result<(), &'static str> {
    if METADATA_V4.contains(&address) {
        return Err("metadata");
    }
    CLOSED_V4.iter().find(|range| within4(address, range)).map_or(Ok(()), |range| Err(range.2))
}

fn check_v6(address: Ipv6Addr) -> Result<(), &'static str> {
    if METADATA_V6.contains(&address) {
        return Err("metadata");
    }
    if within6(address, &NAT64) {
        return check_v4(embedded(address)).map_err(|_| "nat64");
    }
    if let Some(range) = CLOSED_V6.iter().find(|range| within6(address, range)) {
        return Err(range.2);
    }
    if !within6(address, &GLOBAL_V6) {
        return Err("reserved");
    }
    let [_, _, _, _, flag, marker, ..] = address.segments();
    if marker == 0x5efe && flag & 0xfdff == 0 && check_v4(embedded(address)).is_err() {
        return Err("isatap");
    }
    Ok(())
}

/// Judges a host that is written as an address. As [`check_address`], but NAT64 is refused whatever it carries: it is a
/// form for resolvers' answers, and a page that links to one is probing.
fn check_literal(address: IpAddr) -> Result<(), &'static str> {
    if let IpAddr::V6(v6) = address
        && within6(v6, &NAT64)
    {
        return Err("nat64");
    }
    check_address(address)
}

/// Judges a host name (lower case, without its final dot).
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > 253 || name.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err("bad-name");
    }
    // A name of one label is completed by the machine's own search list: it means something inside.
    if !name.contains('.') {
        return Err("inside-name");
    }
    let inside = INSIDE
        .iter()
        .any(|inside| name.strip_suffix(inside).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if inside { Err("inside-name") } else { Ok(()) }
}

/// Where a URL leads once its own text has been judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To an address that the operator named for it with [`ConnectTo`].
    Named(SocketAddr),
    /// To the public address that is its host.
    Literal(SocketAddr),
    /// To whatever this name (lower case, no final dot) resolves to, at this port.
    Name(String, u16),
}

fn refusal(outcome: FetchOutcome, detail: &str) -> Refusal {
    Refusal { outcome, detail: detail.to_owned() }
}

/// Judges a URL without any `--connect-to` entry: scheme, port, and host as far as it can be judged unresolved.
///
/// User information is tolerated here and never sent.
pub fn check_url(url: &Url) -> Result<(), Refusal> {
    destination(url, &[]).map(|_| ())
}

/// Judges a URL and says where it leads; the operator's entries come first.
///
/// An entry without a host never opens an address literal or an inside name, and one without a port never opens a port
/// outside [`PORTS`]: a page cannot reach more through an entry than the entry names.
pub fn destination(url: &Url, connect_to: &[ConnectTo]) -> Result<Destination, Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refusal(FetchOutcome::SchemeRefused, "scheme"));
    }
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(refusal(FetchOutcome::AddressRefused, "bad-name"));
    };
    let name = match &host {
        Host::Domain(name) => name.strip_suffix('.').unwrap_or(name),
        Host::Ipv4(_) | Host::Ipv6(_) => "",
    };
    let literal = match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    };
    let host_verdict = match literal {
        Some(address) => check_literal(address),
        None => check_name(name),
    };
    let port_verdict = PORTS.contains(&port);

    let ordinary = literal.is_none() && host_verdict.is_ok();
    let named = connect_to.iter().find(|entry| {
        entry.matches(literal, name, port) && (ordinary || entry.names_host()) && (port_verdict || entry.names_port())
    });
    if let Some(entry) = named {
        return Ok(Destination::Named(entry.target));
    }
    if let Err(reason) = host_verdict {
        return Err(refusal(FetchOutcome::AddressRefused, reason));
    }
    if !port_verdict {
        return Err(refusal(FetchOutcome::PortRefused, "port"));
    }
    Ok(match literal {
        Some(address) => Destination::Literal(SocketAddr::new(address, port)),
        None => Destination::Name(name.to_owned(), port),
    })
}

/// Judges what a name resolved to. All addresses open: all are kept, in order. All closed: refused with the first
/// reason. Some of each: the whole name is refused (`mixed-answer`), because a public name that also points inside is
/// what a rebinding attack looks like, and no site loses anything by it.
pub fn check_answers(answers: &[IpAddr]) -> Result<(), Refusal> {
    let mut open = 0_usize;
    let mut closed = None;
    for address in answers {
        match check_address(*address) {
            Ok(()) => open += 1,
            Err(reason) => closed = closed.or(Some(reason)),
        }
    }
    match closed {
        None if open == 0 => Err(refusal(FetchOutcome::Dns, "no-address")),
        None => Ok(()),
        Some(reason) if open == 0 => Err(refusal(FetchOutcome::AddressRefused, reason)),
        Some(_) => Err(refusal(FetchOutcome::AddressRefused, "mixed-answer")),
    }
}

/// True when an address may be dialled: it is open, or an operator's entry names exactly this address and port. The last
/// look before the socket, independent of how the address was found.
pub fn may_dial(address: SocketAddr, connect_to: &[ConnectTo]) -> bool {
    check_address(address.ip()).is_ok() || connect_to.iter().any(|entry| entry.target == address)
}

/// The guard's answer on one URL, for tables of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// True when a connection would be opened.
    pub allowed: bool,
    /// `ok`, `connect-to`, or the name of the rule that refused.
    pub reason: String,
    /// The addresses that would be dialled, in order; empty when refused.
    pub addresses: Vec<SocketAddr>,
}

/// The whole guard as one pure function: a URL as text, the addresses that its name would resolve to (ignored for
/// literals and for entries that match), and the operator's entries.
///
/// A text that is not an absolute URL is refused with the reason `bad-url`.
pub fn judge(url: &str, answers: &[IpAddr], connect_to: &[ConnectTo]) -> Verdict {
    let refused = |reason: String| Verdict { allowed: false, reason, addresses: Vec::new() };
    let Ok(url) = Url::parse(url) else {
        return refused("bad-url".to_owned());
    };
    match destination(&url, connect_to) {
        Err(refusal) => refused(refusal.detail),
        Ok(Destination::Named(target)) => {
            Verdict { allowed: true, reason: "connect-to".to_owned(), addresses: vec![target] }
        }
        Ok(Destination::Literal(address)) => {
            Verdict { allowed: true, reason: "ok".to_owned(), addresses: vec![address] }
        }
        Ok(Destination::Name(_, port)) => match check_answers(answers) {
            Err(refusal) => refused(refusal.detail),
            Ok(()) => Verdict {
                allowed: true,
                reason: "ok".to_owned(),
                addresses: answers.iter().map(|ip| SocketAddr::new(*ip, port)).collect(),
            },
        },
    }
}
