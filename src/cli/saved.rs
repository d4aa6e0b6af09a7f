//! One saved page, read as a visit would read it, without a network.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    detect::{self, Origin, PageView, Stamp, Subject},
    model::Comune,
    page::{Layout, Limits, Source},
    rules::{Catalogue, Circumstances},
};

/// Reads `body` as the page at `url`; nothing is known of the comune but that address. The time of its signals is the
/// epoch, because nobody knows when it was saved.
pub(super) fn look(catalogue: &Catalogue, url: &Url, body: &[u8], content_type: Option<&str>, cut: bool) -> PageView {
    let subject = Subject::new(url, &Comune::default());
    let sha256 = format!("{:x}", Sha256::digest(body));
    let stamp = Stamp { sha256, fetched: Timestamp::UNIX_EPOCH, chain: Vec::new() };
    let source = Source { url, content_type, body, cut, layout: Layout::Markup };
    let around = Circumstances { body, headers: &[], status: 200 };
    detect::view(catalogue, &subject, Origin::default(), &source, around, &stamp, &Limits::default())
}
