//! What a visit hands over to be kept, and what is written of it beside the bytes.

use serde::{Deserialize, Serialize};
use url::Url;

use super::http;
use crate::{
    detect::Origin,
    model::{FetchOutcome, PageKind, Reach, Visit},
    net::Exchange,
    render::Departure,
};

/// Bytes of bodies (as received) and drawn documents that one visit holds until it is over. With 32 visits at once 1 GiB
/// at the very worst; an ordinary visit has a hundredth of it. A page beyond it is kept without its bodies, which its
/// note and the visit's remarks say.
pub const HELD: usize = 32 << 20;

/// Name and version of what a visit's metadata record says.
pub const SCHEMA: &str = "riscontro.evidence/1";

/// What was exchanged during one visit.
#[derive(Debug, Default)]
pub struct Capture {
    pub(super) pages: Vec<CapturedPage>,
    bytes: usize,
}

/// What was exchanged for one page.
#[derive(Debug)]
pub(super) struct CapturedPage {
    /// Each hop's address and answer, in order; decoded bodies are dropped.
    pub(super) hops: Vec<(Url, Exchange)>,
    pub(super) drawn: Option<Drawn>,
    pub(super) around: Around,
    pub(super) speaks: bool,
}

/// A page as a browser drew it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drawn {
    /// The document.
    pub html: String,
    /// A picture of it, PNG, when one was taken.
    pub picture: Option<Vec<u8>>,
}

impl Drawn {
    fn bytes(&self) -> usize {
        self.html.len() + self.picture.as_ref().map_or(0, Vec::len)
    }
}

/// How a page came about, as far as the rules depend on it: with the bytes, all that is needed to read it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    /// Place of the page in the visit.
    pub page: usize,
    /// How the fetch ended, before the page was looked at.
    pub arrived: FetchOutcome,
    /// The digest that signals of the page carry.
    pub sha256: String,
    /// The way here from the start page.
    pub chain: Vec<Url>,
    /// What is known of that way.
    pub origin: Way,
    /// The redirect that was recognised and not followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Url>,
    /// The address of the drawn document, which scripts may have changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn_url: Option<Url>,
    /// Where the drawn page tried to go by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departures: Vec<Gone>,
}

/// [`Origin`] as it is written down.
#[expect(clippy::struct_excessive_bools, reason = "the four facts of `Origin`")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Way {
    /// See [`Origin::linked`].
    pub linked: bool,
    /// See [`Origin::known_portal`].
    pub known_portal: bool,
    /// See [`Origin::tenant_on_the_way`].
    pub tenant_on_the_way: bool,
    /// See [`Origin::other_tenant`].
    pub other_tenant: bool,
}

impl From<Origin> for Way {
    fn from(origin: Origin) -> Self {
        let Origin { linked, known_portal, tenant_on_the_way, other_tenant } = origin;
        Self { linked, known_portal, tenant_on_the_way, other_tenant }
    }
}

impl From<Way> for Origin {
    fn from(way: Way) -> Self {
        let Way { linked, known_portal, tenant_on_the_way, other_tenant } = way;
        Self { linked, known_portal, tenant_on_the_way, other_tenant }
    }
}

/// [`Departure`] as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Where to.
    pub url: Url,
    /// By a form sent with POST.
    pub post: bool,
}

impl From<&Departure> for Gone {
    fn from(departure: &Departure) -> Self {
        Self { url: departure.url.clone(), post: departure.post }
    }
}

/// How the places were reached that no page alone tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// How the start page ended.
    pub home: FetchOutcome,
    /// The page where a citizen logs in.
    pub login: Reach,
    /// The page where a citizen pays.
    pub payment: Reach,
    /// The pages where services are listed.
    pub services: Reach,
}

/// What a visit hands over: what was exchanged, and what is needed to judge it again.
#[derive(Debug)]
pub struct Kept {
    /// How far it got.
    pub reached: Reached,
    /// What was exchanged.
    pub capture: Capture,
}

/// What the metadata record of a visit says: the visit as it was stored, and which records its pages are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// [`SCHEMA`].
    pub schema: String,
    /// The visit, findings and signals included.
    pub visit: Visit,
    /// How far it got.
    pub reached: Reached,
    /// The pages of which bytes are kept.
    pub pages: Vec<NotedPage>,
}

/// Which records one page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedPage {
    /// How it came about.
    #[serde(flatten)]
    pub around: Around,
    /// Ids of the response (or revisit) records of its hops, in order.
    pub answers: Vec<String>,
    /// Id of the conversion record with the drawn document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<String>,
    /// Id of the resource record with the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The bodies did not fit into what one visit may hold ([`HELD`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_bodies: bool,
}

impl Capture {
    /// Takes in what was exchanged for one page; `speaks` when a rule found something on it. False when there was no room
    /// for its bodies.
    pub fn add(
        &mut self,
        around: Around,
        speaks: bool,
        mut hops: Vec<(Url, Exchange)>,
        mut drawn: Option<Drawn>,
    ) -> bool {
        let bytes =
            hops.iter().map(|(_, exchange)| exchange.raw.len()).sum::<usize>() + drawn.as_ref().map_or(0, Drawn::bytes);
        let fits = self.bytes + bytes <= HELD;
        for (_, exchange) in &mut hops {
            exchange.body = Vec::new();
            if !fits {
                exchange.raw = Vec::new();
            }
        }
        drawn = drawn.filter(|_| fits);
        self.bytes += if fits { bytes } else { 0 };
        self.pages.push(CapturedPage { hops, drawn, around, speaks });
        fits
    }

    /// True when nothing was exchanged.
    pub const fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The pages of a visit that are worth keeping: the start page, the places that its coverage rests on, and whatever
    /// says something of a platform.
    pub(super) fn kept<'a>(&'a self, visit: &'a Visit) -> impl Iterator<Item = &'a CapturedPage> {
        let rests_on = |page: &CapturedPage| {
            visit.pages.get(page.around.page).is_some_and(|record| record.kind != PageKind::Other)
        };
        self.pages.iter().filter(move |page| page.speaks || rests_on(page))
    }

    /// Address and digest of each body as received: what may have been kept before.
    pub fn payloads<'a>(&'a self, visit: &'a Visit) -> impl Iterator<Item = (&'a Url, String)> {
        let hops = self.kept(visit).flat_map(|page| &page.hops);
        hops.filter(|(_, exchange)| !exchange.raw.is_empty()).map(|(url, exchange)| (url, super::sha256(&exchange.raw)))
    }
}

impl CapturedPage {
    pub(super) fn without_bodies(&self) -> bool {
        // The digest of a page whose bytes are there is theirs; of a redirect it is of the head, which is always there.
        let Some((_, last)) = self.hops.last() else { return false };
        let of_head = super::sha256(&http::redirect(last.status, &last.headers)) == self.around.sha256;
        !of_head && last.raw.is_empty()
    }
}
