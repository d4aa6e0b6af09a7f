//! Hosts that asked to be left alone.

use std::collections::HashSet;

use super::authority::host_key_of;

/// A list of hosts that are never asked anything, not even for robots.txt.
///
/// An entry is a host (`www.comune.esempio.it`: that host alone), or a suffix (`*.esempio.it` or `.esempio.it`: every
/// host under it, and `esempio.it` itself: whoever opts out a domain means its front door too). Spellings are those of
/// [`super::host_key`]: case, Unicode and a trailing dot make no difference, ports are not part of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptOut {
    hosts: HashSet<String>,
    suffixes: HashSet<String>,
}

/// An entry of an opt-out list that is no host. The whole list is refused: leaving one line out would press a site
/// that asked not to be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("opt-out list, entry {number}: `{entry}` is neither a host nor a suffix such as `*.example.it`")]
pub struct OptOutError {
    /// Which entry, from 1, blank ones and comments counted: the line of a file.
    pub number: usize,
    /// What it says.
    pub entry: String,
}

impl OptOut {
    /// Reads a list: the lines of a file or the values of a setting. Blank entries and what follows a `#` are skipped.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, OptOutError> {
        let mut list = Self::default();
        for (index, entry) in entries.into_iter().enumerate() {
            let text = entry.split('#').next().unwrap_or_default().trim();
            if text.is_empty() {
                continue;
            }
            let suffix = text.strip_prefix("*.").or_else(|| text.strip_prefix('.'));
            let name = suffix.unwrap_or(text);
            let bare = !name.contains(['/', '\\', '@', '*', '?', ' ']);
            let Some(key) = host_key_of(name).filter(|_| bare) else {
                return Err(OptOutError { number: index + 1, entry: entry.trim().to_owned() });
            };
            if suffix.is_some() { &mut list.suffixes } else { &mut list.hosts }.insert(key);
        }
        Ok(list)
    }

    /// Is this host (as [`super::host_key`] names it) on the list?
    pub fn contains(&self, host: &str) -> bool {
        if self.hosts.contains(host) {
            return true;
        }
        let mut rest = Some(host);
        while let Some(name) = rest {
            if self.suffixes.contains(name) {
                return true;
            }
            rest = name.split_once('.').map(|(_, parent)| parent);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn hosts_and_suffixes() {
        let list = OptOut::parse([
            "# chi ha chiesto di no",
            "",
            " WWW.Comune.Uno.it. ",
            "*.due.it # tutto",
            ".forlì.it",
            "192.0.2.7",
        ])
        .unwrap();
        for (host, listed) in [
            ("www.comune.uno.it", true),
            ("comune.uno.it", false),
            ("a.www.comune.uno.it", false),
            ("due.it", true),
            ("a.due.it", true),
            ("a.b.due.it", true),
            ("adue.it", false),
            ("due.it.example.com", false),
            ("xn--forl-tpa.it", true),
            ("www.xn--forl-tpa.it", true),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("it", false),
        ] {
            assert_eq!(list.contains(host), listed, "{host}");
        }
        assert!(!OptOut::default().contains("a.it"));
    }

    #[test]
    fn a_bad_entry_is_named() {
        for bad in ["https://a.it/", "a.it/b", "*.*.it", "*", "a b.it", "u@a.it", "."] {
            let error = OptOut::parse(["a.it", bad]).unwrap_err();
            assert_eq!(error, OptOutError { number: 2, entry: bad.to_owned() });
            assert!(error.to_string().contains(bad));
        }
    }
}
