//! What to read next.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::{
    detect::{COUNTS, Lead, MetadataLead, Origin},
    model::{Platform, Proves},
    page::{traps, urlkey},
};

/// Addresses of one shape (digits and dates folded) that one visit reads.
const PER_TEMPLATE: u32 = 4;
/// Buttons of one rule with one path that are pressed: the providers of a list all lead through the same door.
const PER_DOOR: u32 = 2;
/// Links that wait; the rest is forgotten, worst first.
const CAPACITY: usize = 500;
/// Links left unread for good whose addresses are kept.
const FORGONE_SHOWN: usize = 20;
/// Focus of metadata: behind every link.
const METADATA_FOCUS: u8 = 1;

/// One link that waits.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) url: Url,
    pub(super) proves: Option<Proves>,
    pub(super) platforms: Vec<Platform>,
    pub(super) focus: u8,
    pub(super) rule: String,
    pub(super) label: Option<String>,
    pub(super) depth: u8,
    pub(super) origin: Origin,
    pub(super) chain: Vec<Url>,
    order: u32,
}

impl Entry {
    /// The start page, under the name that was given or under another.
    pub(super) fn start(url: Url, given: bool) -> Self {
        Self {
            url,
            proves: None,
            platforms: Vec::new(),
            focus: 100,
            rule: if given { "start" } else { "fallback" }.to_owned(),
            label: None,
            depth: 0,
            origin: Origin { linked: true, ..Origin::default() },
            chain: Vec::new(),
            order: 0,
        }
    }

    /// A document that may say whose service it is: no place where an answer would be, so that neither its failure nor
    /// its being left unread says anything.
    pub(super) fn metadata(lead: &MetadataLead, depth: u8, origin: Origin, chain: Vec<Url>) -> Self {
        Self {
            url: lead.url.clone(),
            proves: None,
            platforms: lead.platforms.clone(),
            focus: METADATA_FOCUS,
            rule: lead.rule.clone(),
            label: None,
            depth,
            origin,
            chain,
            order: 0,
        }
    }

    /// Place in the order: the rule's focus, less what each click costs.
    pub(super) fn score(&self) -> i32 {
        i32::from(self.focus) - 6 * i32::from(self.depth)
    }

    /// True when one of `open` platforms can gain from it.
    pub(super) fn serves(&self, open: &[Platform]) -> bool {
        if self.platforms.is_empty() {
            return !open.is_empty();
        }
        self.platforms.iter().any(|platform| open.contains(platform))
    }
}

/// The best focus of the links to one kind of place that were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unread {
    /// Of those that wait: a longer visit would read them.
    pub(super) waiting: Option<u8>,
    /// Of those that no visit reads: too deep, in a trap, one of many alike, on another's site.
    pub(super) forgone: Option<u8>,
}

/// Waiting links, and what was seen already.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    waiting: Vec<Entry>,
    seen: HashSet<String>,
    templates: HashMap<String, u32>,
    doors: HashMap<String, u32>,
    /// The best focus of what was left unread for good, by what it leads to.
    forgone: HashMap<Proves, u8>,
    /// The best of them, for the report.
    forgone_best: Vec<(u8, Url)>,
    count: u32,
}

impl Frontier {
    /// Marks an address as read, under every name it answered to.
    pub(super) fn mark(&mut self, url: &Url) {
        self.seen.insert(urlkey::key(url));
    }

    /// Adds a link, unless it is known, a trap, or one of a shape that was read often enough. What is left out for
    /// another reason than being known stays unread, and is remembered as that.
    pub(super) fn push(&mut self, lead: &Lead, depth: u8, origin: Origin, chain: Vec<Url>) -> bool {
        if self.seen.contains(&urlkey::key(&lead.url)) {
            return false;
        }
        if traps::trap(&lead.url).is_some() || traps::calendar_month(&lead.url).is_some() {
            self.forgo(lead);
            return false;
        }
        if lead.proves.is_offer() {
            let door = format!("{} {}", lead.rule, &lead.url[..url::Position::AfterPath]);
            let pressed = self.doors.entry(door).or_default();
            *pressed += 1;
            if *pressed > PER_DOOR {
                return false;
            }
        }
        let template = self.templates.entry(traps::template(&lead.url)).or_default();
        *template += 1;
        if *template > PER_TEMPLATE {
            self.forgo(lead);
            return false;
        }
        self.mark(&lead.url);
        self.count += 1;
        self.waiting.push(Entry {
            url: lead.url.clone(),
            proves: Some(lead.proves),
            platforms: lead.platforms.clone(),
            focus: lead.focus,
            rule: lead.rule.clone(),
            label: lead.label.clone(),
            depth,
            origin,
            chain,
            order: self.count,
        });
        if self.waiting.len() > CAPACITY
            && let Some(worst) = self.place_by(|a, b| (a.score(), b.order) < (b.score(), a.order))
        {
            let lost = self.waiting.swap_remove(worst);
            self.note_forgone(lost.proves, lost.focus, lost.url);
        }
        true
    }

    /// Leaves a link unread for good: too deep, too far away, a trap. Nothing, when it is known already.
    pub(super) fn forgo(&mut self, lead: &Lead) {
        self.forgo_all([lead]);
    }

    /// The same for links of which several may have one address, each with its own promise.
    pub(super) fn forgo_all<'a>(&mut self, leads: impl IntoIterator<Item = &'a Lead>) {
        let leads = leads.into_iter().filter(|lead| !self.seen.contains(&urlkey::key(&lead.url)));
        for lead in leads.collect::<Vec<_>>() {
            self.mark(&lead.url);
            self.note_forgone(Some(lead.proves), lead.focus, lead.url.clone());
        }
    }

    fn note_forgone(&mut self, proves: Option<Proves>, focus: u8, url: Url) {
        // A control that names its platform is a strong sign of it already: left unread, it hides no other.
        if let Some(proves) = proves.filter(|proves| !proves.is_offer()) {
            let best = self.forgone.entry(proves).or_default();
            *best = focus.max(*best);
            let shown = self.forgone_best.iter().any(|(_, known)| *known == url);
            if proves != Proves::ServicesPage && focus >= COUNTS && !shown {
                let at = self.forgone_best.partition_point(|(known, _)| *known >= focus);
                self.forgone_best.insert(at, (focus, url));
                self.forgone_best.truncate(FORGONE_SHOWN);
            }
        }
    }

    /// The links to logins and payments that were left unread for good, best first, at most twenty.
    pub(super) fn forgone(&self) -> impl Iterator<Item = &Url> {
        self.forgone_best.iter().map(|(_, url)| url)
    }

    /// What was not read among the links to one kind of place.
    pub(super) fn unread(&self, kinds: &[Proves]) -> Unread {
        let waiting = self.waiting.iter().filter(|entry| entry.proves.is_some_and(|own| kinds.contains(&own)));
        Unread {
            waiting: waiting.map(|entry| entry.focus).max(),
            forgone: kinds.iter().filter_map(|kind| self.forgone.get(kind).copied()).max(),
        }
    }

    fn place_by(&self, before: impl Fn(&Entry, &Entry) -> bool) -> Option<usize> {
        let mut best: Option<usize> = None;
        for (index, entry) in self.waiting.iter().enumerate() {
            if best.is_none_or(|known| before(entry, &self.waiting[known])) {
                best = Some(index);
            }
        }
        best
    }

    /// Takes the most promising link that serves an open platform; links that serve none are dropped.
    pub(super) fn pop(&mut self, wanted: impl Fn(&Entry) -> bool) -> Option<Entry> {
        self.waiting.retain(|entry| wanted(entry));
        let best = self.place_by(|a, b| (a.score(), b.order) > (b.score(), a.order))?;
        Some(self.waiting.swap_remove(best))
    }

    /// What waits, best first.
    pub(super) fn rest(&self) -> Vec<&Entry> {
        let mut rest: Vec<&Entry> = self.waiting.iter().collect();
        rest.sort_by_key(|entry| (std::cmp::Reverse(entry.score()), entry.order));
        rest
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    fn lead(url: &str, focus: u8) -> Lead {
        Lead {
            url: Url::parse(url).unwrap(),
            proves: Proves::LoginPage,
            platforms: vec![Platform::Spid],
            focus,
            rule: "links.test".to_owned(),
            label: None,
            known_portal: false,
            tenant: false,
            other_tenant: false,
        }
    }

    #[test]
    fn the_most_promising_link_comes_first_and_each_address_once() {
        let mut frontier = Frontier::default();
        for (url, focus, depth) in [
            ("https://a.it/low", 40, 1),
            ("https://a.it/best", 95, 1),
            ("https://a.it/deep", 95, 3),
            ("https://a.it/best#x", 99, 1),
        ] {
            frontier.push(&lead(url, focus), depth, Origin::default(), Vec::new());
        }
        let mut order = Vec::new();
        while let Some(entry) = frontier.pop(|_| true) {
            order.push(entry.url.path().to_owned());
        }
        assert_eq!(order, ["/best", "/deep", "/low"]);
    }

    #[test]
    fn of_a_list_of_providers_two_doors_are_tried() {
        let mut frontier = Frontier::default();
        let offer = |url: &str, rule: &str| Lead { proves: Proves::Login, rule: rule.to_owned(), ..lead(url, 90) };
        let taken = ["a", "b", "c", "d"].iter().filter(|idp| {
            let button = offer(&format!("https://a.it/login?idp={idp}"), "spid.test");
            frontier.push(&button, 2, Origin::default(), Vec::new())
        });
        assert_eq!(taken.count(), PER_DOOR as usize);
        let card = offer("https://a.it/login?idp=cie", "cie.test");
        assert!(frontier.push(&card, 2, Origin::default(), Vec::new()), "another rule's button is another door");
    }

    #[test]
    fn links_of_one_shape_do_not_fill_the_visit() {
        let mut frontier = Frontier::default();
        let taken = (0..50)
            .filter(|n| frontier.push(&lead(&format!("https://a.it/login/{n}"), 80), 1, Origin::default(), Vec::new()))
            .count();
        assert_eq!(taken, PER_TEMPLATE as usize);
        let left = |waiting| Unread { waiting, forgone: Some(80) };
        assert_eq!(frontier.unread(&[Proves::LoginPage]), left(Some(80)));
        while frontier.pop(|_| true).is_some() {}
        assert_eq!(frontier.unread(&[Proves::LoginPage]), left(None), "a link that was left out is still unread");
        assert_eq!(frontier.unread(&[Proves::PaymentPage]), Unread { waiting: None, forgone: None });
        assert_eq!(frontier.forgone().count(), FORGONE_SHOWN);
    }
}
