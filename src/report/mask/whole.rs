//! Whole values: what of them comes from pages, masked.

use std::borrow::Cow;

use url::Url;

use super::{text, url};
use crate::model::{Finding, Hop, PageRecord, Signal, Step, Visit};

fn words(words: &mut String) {
    if let Cow::Owned(masked) = text(words) {
        *words = masked;
    }
}

fn some_words(some: &mut Option<String>) {
    if let Some(some) = some {
        words(some);
    }
}

fn address(address: &mut Url) {
    *address = url(address);
}

fn some_address(some: &mut Option<Url>) {
    if let Some(some) = some {
        address(some);
    }
}

/// Signals as they may leave.
pub fn signals(signals: &mut [Signal]) {
    for signal in signals {
        address(&mut signal.url);
        signal.chain.iter_mut().for_each(address);
        words(&mut signal.selector);
        words(&mut signal.excerpt);
        some_words(&mut signal.label);
        some_address(&mut signal.target);
    }
}

/// Findings as they may leave.
pub fn findings(findings: &mut [Finding]) {
    for finding in findings {
        signals(&mut finding.signals);
    }
}

/// A visit as it may leave. What names the comune comes from registers and from who asked, and stays.
#[must_use]
pub fn visit(visit: &Visit) -> Visit {
    let mut visit = visit.clone();
    address(&mut visit.url);
    findings(&mut visit.findings);
    for PageRecord { requested, url, detail, hops, title, .. } in &mut visit.pages {
        address(requested);
        address(url);
        some_words(detail);
        some_words(title);
        for Hop { url, location, .. } in hops {
            address(url);
            some_address(location);
        }
    }
    for Step { url, label, .. } in &mut visit.path {
        address(url);
        some_words(label);
    }
    visit.left_unread.iter_mut().for_each(address);
    visit
}
