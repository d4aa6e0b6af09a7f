//! Where receipts of certified mail are read from.

use std::{fmt, net::IpAddr, path::PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::{Expected, parse};

/// What stands as it is in an address of a mailbox.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'/').remove(b'+');
/// Longest name of a user or of a folder, in bytes.
const LONGEST: usize = 320;

/// A mailbox on an IMAP server: `imaps://USER@HOST[:PORT]/FOLDER` (RFC 5092 without its options).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapAddress {
    user: String,
    host: String,
    port: u16,
    folder: String,
    clear: bool,
}

impl ImapAddress {
    /// Reads an address. Special letters of user and folder are escaped (`%20`); an `@` in the user need not be. Without a folder
    /// it is `INBOX`. A password has no place here, and `imap://`, in clear, is for a server on this machine.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let clear = match url.scheme() {
            "imaps" => false,
            "imap" => true,
            _ => return None,
        };
        if url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return None;
        }
        let plain = |text: &str| -> Option<String> {
            let text = percent_decode_str(text).decode_utf8().ok()?.into_owned();
            (!text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control)).then_some(text)
        };
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
        let host = parse::mail_host(host).ok()?;
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if clear && !here {
            return None;
        }
        let folder = url.path().trim_start_matches('/').trim_end_matches('/');
        Some(Self {
            user: plain(url.username())?,
            port: url.port().unwrap_or(if clear { 143 } else { 993 }),
            folder: if folder.is_empty() { "INBOX".to_owned() } else { plain(folder)? },
            host,
            clear,
        })
    }

    /// The name to log in with.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The server's name, which its certificate must bear, or its address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The folder, as the server calls it.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Whether nothing protects the connection; on this machine only.
    pub const fn is_clear(&self) -> bool {
        self.clear
    }
}

impl fmt::Display for ImapAddress {
    /// The address in one spelling, which reads back as the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.clear { "imap" } else { "imaps" };
        let escaped = |text| utf8_percent_encode(text, PLAIN);
        let (user, folder, port) = (escaped(&self.user), escaped(&self.folder), self.port);
        if self.host.contains(':') {
            write!(f, "{scheme}://{user}@[{}]:{port}/{folder}", self.host)
        } else {
            write!(f, "{scheme}://{user}@{}:{port}/{folder}", self.host)
        }
    }
}

/// Where receipts are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptsPlace {
    /// A folder of messages, or a Maildir.
    Folder(PathBuf),
    /// A mailbox on a server.
    Imap(ImapAddress),
}

impl ReceiptsPlace {
    /// Whether a text means a server, and no path.
    pub fn is_address(text: &str) -> bool {
        text.trim().split_once("://").is_some_and(|(scheme, _)| matches!(scheme, "imap" | "imaps"))
    }

    /// Reads a path or an address; a path stays as it is.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        if Self::is_address(text) {
            ImapAddress::parse(text).map(Self::Imap).ok_or(Expected::Receipts)
        } else {
            parse::path(text).map(Self::Folder).map_err(|_| Expected::Receipts)
        }
    }
}

impl fmt::Display for ReceiptsPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Imap(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_spelling() {
        for (text, shown) in [
            ("imaps://a@b.it", "imaps://a@b.it:993/INBOX"),
            ("imaps://a@b.it/", "imaps://a@b.it:993/INBOX"),
            (
                "imaps://verifiche@pec.ente.it@imaps.pec.it/INBOX.PEC",
                "imaps://verifiche@pec.ente.it@imaps.pec.it:993/INBOX.PEC",
            ),
            (
                "imaps://verifiche%40pec.ente.it@IMAPS.pec.it:1993",
                "imaps://verifiche@pec.ente.it@imaps.pec.it:1993/INBOX",
            ),
            ("imaps://a@b.it/Posta%20certificata/Gi%C3%A0", "imaps://a@b.it:993/Posta%20certificata/Gi%C3%A0"),
            ("imaps://a%2Fb%3Ac@b.it/x%25", "imaps://a/b%3Ac@b.it:993/x%25"),
            ("imap://a@localhost", "imap://a@localhost:143/INBOX"),
            ("imap://a@127.0.0.1:9", "imap://a@127.0.0.1:9/INBOX"),
            ("imap://a@[::1]:9/x", "imap://a@[::1]:9/x"),
        ] {
            let address = ImapAddress::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(address.to_string(), shown, "{text}");
        }
        let odd = ImapAddress::parse("imaps://a%2Fb%3Ac@b.it/x%25");
        assert_eq!(odd.as_ref().map(|odd| (odd.user(), odd.folder())), Some(("a/b:c", "x%")));
    }

    #[test]
    fn what_is_no_mailbox_is_refused() {
        for text in [
            "imaps://b.it/INBOX",
            "imaps://a:segreto@b.it",
            "imaps://a:@b.it/x?y",
            "imaps://a@b.it/INBOX#1",
            "imaps://a@b.it/%0d%0aA1%20LOGOUT",
            "imaps://a%00@b.it",
            "imaps://a@",
            "imaps://",
            "imaps://a@b.it:99999",
            "imaps://a@b.it/%ff",
            "imap://a@b.it",
            "imap://a@10.0.0.1",
            "imap://a@localhost.b.it",
            "https://a@b.it",
        ] {
            assert_eq!(ImapAddress::parse(text), None, "{text}");
        }
        assert_eq!(ReceiptsPlace::parse("imap://a@b.it"), Err(Expected::Receipts));
        assert_eq!(ReceiptsPlace::parse("Maildir/x"), Ok(ReceiptsPlace::Folder("Maildir/x".into())));
    }
}
