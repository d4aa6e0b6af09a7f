//! Metadata that rules name: read when everything else has been, and only where it can still decide.

use std::collections::HashSet;

use url::Url;

use super::frontier::Entry;
use crate::{
    detect::{MetadataLead, Origin},
    model::Platform,
    page::urlkey,
};

/// Documents that one visit asks for.
const READ: usize = 2;
/// Documents that wait: a page of many tenants names many.
const WAITING: usize = 50;

/// Documents that wait, and the hosts where a login was seen.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    waiting: Vec<Entry>,
    known: HashSet<String>,
    logins: HashSet<String>,
    asked: HashSet<Url>,
}

impl Metadata {
    /// A login page, or the redirect of one, was seen at this address.
    pub(super) fn login_at(&mut self, url: &Url) {
        self.logins.extend(url.host_str().map(str::to_owned));
    }

    /// Adds what a page or a redirect at `depth` names.
    pub(super) fn add(&mut self, leads: &[MetadataLead], depth: u8, origin: Origin, chain: &[Url]) {
        for lead in leads {
            let key = urlkey::key(&lead.url);
            if let Some(known) = self.waiting.iter_mut().find(|entry| urlkey::key(&entry.url) == key) {
                let missing = lead.platforms.iter().filter(|platform| !known.platforms.contains(platform));
                let missing: Vec<Platform> = missing.copied().collect();
                known.platforms.extend(missing);
            } else if self.waiting.len() < WAITING && self.known.insert(key) {
                self.waiting.push(Entry::metadata(lead, depth, origin, chain.to_vec()));
            }
        }
    }

    /// The next document that can still decide one of `open`, on a host where a login was seen.
    pub(super) fn next(&mut self, open: &[Platform]) -> Option<Entry> {
        if self.asked.len() >= READ {
            return None;
        }
        let here = |entry: &Entry| entry.url.host_str().is_some_and(|host| self.logins.contains(host));
        let place = self.waiting.iter().position(|entry| entry.serves(open) && here(entry))?;
        let entry = self.waiting.remove(place);
        self.asked.insert(entry.url.clone());
        Some(entry)
    }

    /// True for a document that was asked for on a rule's guess: that it is missing says nothing of the site.
    pub(super) fn asked(&self, url: &Url) -> bool {
        self.asked.contains(url)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    fn lead(url: &str, platforms: &[Platform]) -> MetadataLead {
        MetadataLead { url: Url::parse(url).unwrap(), platforms: platforms.to_vec(), rule: "a.b".to_owned() }
    }

    #[test]
    fn few_documents_are_asked_for_and_only_where_a_login_was_seen_and_can_gain() {
        let mut metadata = Metadata::default();
        let leads = [
            lead("https://login.esempio.it/cie-metadata.xml", &[Platform::Cie]),
            lead("https://altrove.esempio.it/metadata", &[Platform::Spid]),
            lead("https://login.esempio.it/metadata", &[Platform::Spid]),
            lead("https://login.esempio.it/metadata#x", &[Platform::Cie]),
            lead("https://login.esempio.it/spid-metadata.xml", &[Platform::Spid]),
            lead("https://login.esempio.it/altri", &[Platform::Spid]),
        ];
        metadata.add(&leads, 1, Origin::default(), &[]);
        assert!(metadata.next(&[Platform::Spid]).is_none(), "no login was seen anywhere");
        metadata.login_at(&Url::parse("https://login.esempio.it/accedi").unwrap());
        assert!(metadata.next(&[Platform::Appio]).is_none());
        let first = metadata.next(&[Platform::Spid]).unwrap();
        assert_eq!(first.url.path(), "/metadata");
        assert_eq!(first.platforms, [Platform::Spid, Platform::Cie], "two rules on one address");
        assert!(metadata.asked(&first.url) && !metadata.asked(&leads[1].url));
        metadata.add(&leads, 1, Origin::default(), &[]);
        assert_eq!(metadata.next(&[Platform::Spid]).unwrap().url.path(), "/spid-metadata.xml");
        assert!(metadata.next(&[Platform::Spid, Platform::Cie]).is_none(), "two are enough");
    }
}
