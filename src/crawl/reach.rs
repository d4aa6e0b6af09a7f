//! Whether the places where an answer would be were reached.

use crate::model::{FetchOutcome, OutcomeClass, Reach};

/// Focus from which a link counts as a way to the place: below it, a failure says nothing.
pub(super) const COUNTS: u8 = 60;

/// The attempts at one kind of place.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    read: bool,
    /// The failure of the most promising link.
    failed: Option<(u8, FetchOutcome)>,
}

impl Attempts {
    /// A page that a link of this focus leads to was read. A doubtful link ("area riservata", often the staff's) does
    /// not make its page the place.
    pub(super) fn read(&mut self, focus: u8) {
        self.read |= focus >= COUNTS;
    }

    /// A link to the place could not be read. A dead link is no failure: there is nothing behind it.
    pub(super) fn fail(&mut self, focus: u8, outcome: FetchOutcome) {
        if outcome.class() == OutcomeClass::Gone {
            return;
        }
        if self.failed.is_none_or(|(known, _)| focus > known) {
            self.failed = Some((focus, outcome));
        }
    }

    /// The state of the place, given the best focus among links that wait unread.
    pub(super) fn reach(&self, waiting: Option<u8>) -> Reach {
        match (self.failed, waiting) {
            (Some((focus, outcome)), _) if focus >= COUNTS || !self.read => Reach::Failed(outcome),
            (_, Some(focus)) if focus >= COUNTS || !self.read => Reach::Unread,
            _ if self.read => Reach::Read,
            _ => Reach::NotSeen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unread_or_failed_way_keeps_the_place_open() {
        let failed = |focus, read| {
            let mut attempts = Attempts::default();
            if read {
                attempts.read(90);
            }
            attempts.fail(focus, FetchOutcome::Timeout);
            attempts
        };
        let read = || {
            let mut attempts = Attempts::default();
            attempts.read(90);
            attempts
        };
        assert_eq!(Attempts::default().reach(None), Reach::NotSeen);
        assert_eq!(Attempts::default().reach(Some(30)), Reach::Unread);
        assert_eq!(read().reach(None), Reach::Read);
        assert_eq!(read().reach(Some(90)), Reach::Unread);
        assert_eq!(read().reach(Some(30)), Reach::Read);
        assert_eq!(failed(90, true).reach(None), Reach::Failed(FetchOutcome::Timeout));
        assert_eq!(failed(30, true).reach(None), Reach::Read);
        assert_eq!(failed(30, false).reach(None), Reach::Failed(FetchOutcome::Timeout));
    }

    #[test]
    fn a_doubtful_link_does_not_make_its_page_the_place() {
        let mut attempts = Attempts::default();
        attempts.read(55);
        assert_eq!(attempts.reach(None), Reach::NotSeen);
    }

    #[test]
    fn a_dead_link_is_knowledge() {
        let mut attempts = Attempts::default();
        attempts.fail(95, FetchOutcome::NotFound);
        assert_eq!(attempts.reach(None), Reach::NotSeen);
    }
}
