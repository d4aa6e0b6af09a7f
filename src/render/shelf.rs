//! Parts that many pages share: the same bundle of a vendor is asked for once, not once for each of its comuni.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use url::Url;

/// Bytes kept in all.
const BYTES: usize = 64 << 20;
/// How long a part is used again: within a run, not from one night to the next.
const FRESH: Duration = Duration::from_hours(1);

/// An answer to a request of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// HTTP status.
    pub(super) status: u16,
    /// Headers that the browser is told.
    pub(super) headers: Vec<(String, String)>,
    /// The decoded body.
    pub(super) body: Vec<u8>,
}

/// The parts kept in memory; the oldest go first.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    parts: HashMap<String, (Instant, Arc<Part>)>,
    order: VecDeque<String>,
    bytes: usize,
}

impl Shelf {
    /// A part that is still fresh at `now`.
    pub(super) fn get(&self, url: &Url, now: Instant) -> Option<Arc<Part>> {
        let kept = self.lock();
        let (since, part) = kept.parts.get(url.as_str())?;
        (now.saturating_duration_since(*since) < FRESH).then(|| Arc::clone(part))
    }

    /// Keeps a part that was read whole and that its server does not forbid to keep.
    pub(super) fn put(&self, url: &Url, part: &Arc<Part>, now: Instant) {
        let forbidden = part.headers.iter().any(|(name, value)| {
            name == "cache-control" && ["no-store", "private"].iter().any(|word| value.contains(word))
        });
        if part.status != 200 || forbidden || part.body.len() > BYTES / 8 {
            return;
        }
        let mut kept = self.lock();
        if let Some((_, old)) = kept.parts.insert(url.as_str().to_owned(), (now, Arc::clone(part))) {
            kept.bytes -= old.body.len();
        } else {
            kept.order.push_back(url.as_str().to_owned());
        }
        kept.bytes += part.body.len();
        while kept.bytes > BYTES {
            let Some(oldest) = kept.order.pop_front() else { break };
            if let Some((_, part)) = kept.parts.remove(&oldest) {
                kept.bytes -= part.body.len();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    fn part(size: usize, cache: &str) -> Arc<Part> {
        let headers = vec![("cache-control".to_owned(), cache.to_owned())];
        Arc::new(Part { status: 200, headers, body: vec![b' '; size] })
    }

    fn url(number: usize) -> Url {
        Url::parse(&format!("https://a.it/{number}.js")).unwrap()
    }

    #[test]
    fn a_part_is_used_again_for_an_hour_and_no_longer() {
        let (shelf, now) = (Shelf::default(), Instant::now());
        shelf.put(&url(1), &part(10, "max-age=60"), now);
        assert!(shelf.get(&url(1), now + FRESH / 2).is_some());
        assert!(shelf.get(&url(1), now + FRESH).is_none());
        assert!(shelf.get(&url(2), now).is_none());
    }

    #[test]
    fn what_a_server_forbids_to_keep_is_not_kept() {
        let (shelf, now) = (Shelf::default(), Instant::now());
        shelf.put(&url(1), &part(10, "no-store"), now);
        shelf.put(&url(2), &part(10, "private, max-age=9"), now);
        assert!(shelf.get(&url(1), now).is_none() && shelf.get(&url(2), now).is_none());
    }

    #[test]
    fn the_oldest_make_room() {
        let (shelf, now) = (Shelf::default(), Instant::now());
        let size = BYTES / 16;
        for number in 0..20 {
            shelf.put(&url(number), &part(size, ""), now);
        }
        assert!(shelf.get(&url(0), now).is_none());
        assert!(shelf.get(&url(19), now).is_some());
        assert!(shelf.lock().bytes <= BYTES);
    }
}
