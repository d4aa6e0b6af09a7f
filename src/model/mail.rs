//! Addresses of mail.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Host;

/// Longest address (RFC 5321, 4.5.3.1.3: a path of 256 characters, its angle brackets included).
const LONGEST: usize = 254;
/// Longest part before the `@` (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// Why a text is no address that mail is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailAddressError {
    /// There is no `@`, or nothing on one side of it.
    #[error("it is not NAME@DOMAIN")]
    Form,
    /// A control character, a blank, a bracket, a quote, a comma: what could end the address and begin something else.
    #[error("it holds a character that an address cannot have")]
    Character,
    /// The part before the `@` is not plain ASCII: few servers take it, and no certified mail.
    #[error("the part before @ is not in plain letters")]
    Local,
    /// The domain is none.
    #[error("what is after @ is no domain")]
    Domain,
    /// More than 254 characters, or 64 before the `@`.
    #[error("it is too long")]
    Long,
}

/// One address: the plain form of RFC 5321 (no quotes, no comments, no address literals), domain in lower case and, where it is
/// an international one, in its ASCII form. No character of it can end a header or a command.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailAddress(String);

impl MailAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MailAddress {
    type Err = MailAddressError;

    /// Blanks around the address are no part of it.
    fn from_str(text: &str) -> Result<Self, MailAddressError> {
        let text = text.trim_matches(' ');
        if text.len() > 4 * LONGEST {
            return Err(MailAddressError::Long);
        }
        let forbidden = |c: char| c.is_control() || c.is_whitespace() || "<>()[]\\,;:\"%".contains(c);
        if text.contains(forbidden) {
            return Err(MailAddressError::Character);
        }
        let (local, domain) = text.split_once('@').ok_or(MailAddressError::Form)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(MailAddressError::Form);
        }
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$&'*+-/=?^_`{|}~.".contains(c);
        if !local.chars().all(atom) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(MailAddressError::Local);
        }
        let Ok(Host::Domain(domain)) = Host::parse(domain) else { return Err(MailAddressError::Domain) };
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !(domain.contains('.') || domain == "localhost") || !domain.split('.').all(label) {
            return Err(MailAddressError::Domain);
        }
        if local.len() > LONGEST_LOCAL || local.len() + 1 + domain.len() > LONGEST {
            return Err(MailAddressError::Long);
        }
        Ok(Self(format!("{local}@{domain}")))
    }
}

impl Serialize for MailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An address with the name that readers see before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name; as it was written, not yet fit for a header.
    pub name: Option<String>,
    /// The address.
    pub address: MailAddress,
}

impl From<MailAddress> for Mailbox {
    fn from(address: MailAddress) -> Self {
        Self { name: None, address }
    }
}

impl FromStr for Mailbox {
    type Err = MailAddressError;

    /// `NAME <ADDRESS>`, or an address alone. Quotes around the name go.
    fn from_str(text: &str) -> Result<Self, MailAddressError> {
        let text = text.trim();
        let Some(rest) = text.strip_suffix('>') else { return text.parse().map(|address: MailAddress| address.into()) };
        let (name, address) = rest.rsplit_once('<').ok_or(MailAddressError::Form)?;
        if name.contains(|c: char| c.is_control() || c == '<' || c == '>') {
            return Err(MailAddressError::Character);
        }
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        Ok(Self { name: (!name.is_empty()).then(|| name.to_owned()), address: address.parse()? })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn addresses_as_people_have_them() {
        for (given, read) in [
            ("a@b.it", "a@b.it"),
            (" protocollo@PEC.Comune.Esempio.IT ", "protocollo@pec.comune.esempio.it"),
            ("nome.cognome+avvisi@ente.example", "nome.cognome+avvisi@ente.example"),
            ("o'neill@ente.example", "o'neill@ente.example"),
            ("Uff_Tributi@città.example", "Uff_Tributi@xn--citt-3na.example"),
            ("root@localhost", "root@localhost"),
        ] {
            assert_eq!(given.parse::<MailAddress>().unwrap().as_str(), read);
        }
        assert_eq!("a@b.it".parse::<MailAddress>().unwrap().domain(), "b.it");
    }

    #[test]
    fn what_could_end_a_header_or_a_command_is_no_address() {
        use MailAddressError::{Character, Domain, Form, Local, Long};
        let long = format!("{}@b.it", "a".repeat(65));
        let longer = format!("a@{}it", "b.".repeat(200));
        for (text, error) in [
            ("", Form),
            ("a", Form),
            ("@b.it", Form),
            ("a@", Form),
            ("a@b@c.it", Form),
            ("a@b.it\r\nBcc: c@d.it", Character),
            ("a@b.it\n", Character),
            ("a@b.it\0", Character),
            ("a\u{2028}@b.it", Character),
            ("a\u{85}b@b.it", Character),
            ("a b@c.it", Character),
            ("a@b.it,c@d.it", Character),
            ("a@b.it>", Character),
            ("<a@b.it>", Character),
            ("\"a\"@b.it", Character),
            ("a@[127.0.0.1]", Character),
            ("a%40b@c.it", Character),
            ("perché@b.it", Local),
            (".a@b.it", Local),
            ("a..b@c.it", Local),
            ("a@b", Domain),
            ("a@127.0.0.1", Domain),
            ("a@b_c.it", Domain),
            ("a@-b.it", Domain),
            ("a@b..it", Domain),
            ("a@b.it.", Domain),
            (long.as_str(), Long),
            (longer.as_str(), Long),
        ] {
            assert_eq!(text.parse::<MailAddress>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn a_name_stands_before_the_address() {
        let read = |text: &str| text.parse::<Mailbox>().map(|mailbox| (mailbox.name, mailbox.address.0));
        let named = Ok((Some("Verifica dei siti".to_owned()), "a@b.it".to_owned()));
        assert_eq!(read("Verifica dei siti <a@b.it>"), named);
        assert_eq!(read("\"Verifica dei siti\" <a@b.it>"), named);
        assert_eq!(read("<a@b.it>"), Ok((None, "a@b.it".to_owned())));
        assert_eq!(read("a@b.it"), Ok((None, "a@b.it".to_owned())));
        for wrong in ["a@b.it>", "X\r\nBcc: y <a@b.it>", "X <c@d.it> <a@b.it>", "X <a@b.it> y", "X <>"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
