//! When a letter that was not taken is tried again.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

/// Minutes to the next try after the first refusals; after these, an hour each.
const MINUTES: [i64; 4] = [1, 5, 15, 60];
/// How long a letter is tried, from its first refusal.
const PATIENCE: SignedDuration = SignedDuration::from_hours(48);
/// By how much of itself a wait is longer or shorter, so that letters refused together do not come back together.
const JITTER: f64 = 0.2;

/// The next try after one more refusal; `None` when the server has refused for 48 hours. `refusals` are those before this one.
pub(super) fn after_refusal(
    now: Timestamp,
    refusals: u32,
    since: Option<Timestamp>,
    message_id: &str,
) -> Option<Timestamp> {
    if since.is_some_and(|since| now.duration_since(since) >= PATIENCE) {
        return None;
    }
    Some(next(now, refusals, message_id))
}

/// The next try when nothing was said of the letter itself: for as long as it takes.
pub(super) fn next(now: Timestamp, tries: u32, message_id: &str) -> Timestamp {
    let place = usize::try_from(tries).unwrap_or(usize::MAX).min(MINUTES.len() - 1);
    let seconds = 60.0 * f64::from(u32::try_from(MINUTES[place]).unwrap_or(60));
    // No chance: what happens can be told beforehand, and tested.
    let digest = Sha256::digest(format!("{message_id} {tries}"));
    let share = f64::from(u16::from_be_bytes([digest[0], digest[1]])) / f64::from(u16::MAX);
    let wait = SignedDuration::from_secs_f64(seconds * (1.0 - JITTER + 2.0 * JITTER * share));
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_letter_is_tried_for_two_days() {
        let start = Timestamp::UNIX_EPOCH;
        let (mut now, mut refusals, mut waits) = (start, 0, Vec::new());
        while let Some(next) = after_refusal(now, refusals, (refusals > 0).then_some(start), "<a@b>") {
            waits.push(next.duration_since(now).as_secs_f64() / 60.0);
            (now, refusals) = (next, refusals + 1);
        }
        for (wait, minutes) in waits.iter().zip([1.0, 5.0, 15.0, 60.0, 60.0]) {
            assert!((0.8 * minutes..=1.2 * minutes).contains(wait), "{waits:?}");
        }
        let hours = now.duration_since(start).as_secs_f64() / 3600.0;
        assert!((48.0..49.3).contains(&hours) && (45..=60).contains(&refusals), "{hours} h, {refusals}");
    }

    #[test]
    fn letters_refused_together_come_back_spread() {
        let mut waits: Vec<i64> =
            (0..200).map(|n| next(Timestamp::UNIX_EPOCH, 3, &format!("<{n}@x>")).as_second() / 60).collect();
        waits.sort_unstable();
        waits.dedup();
        assert!(waits.len() > 20 && waits[0] >= 48 && waits[waits.len() - 1] <= 72, "{waits:?}");
    }
}
