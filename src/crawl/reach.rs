//! Whether the places where an answer would be were reached.

use super::frontier::Unread;
use crate::{
    detect::COUNTS,
    model::{FetchOutcome, OutcomeClass, Reach},
};

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

    /// The state of the place, given the links to it that were not read.
    pub(super) fn reach(&self, unread: Unread) -> Reach {
        let matters = |focus: u8| focus >= COUNTS || !self.read;
        match self.failed {
            Some((focus, outcome)) if matters(focus) => Reach::Failed(outcome),
            // A longer visit would read what waits: of two links of one worth, that is the one to speak of.
            _ if unread.waiting >= unread.forgone && unread.waiting.is_some_and(matters) => Reach::Unread,
            _ if unread.forgone.is_some_and(matters) => Reach::LeftUnread,
            _ if self.read => Reach::Read,
            _ => Reach::NotSeen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Unread = Unread { waiting: None, forgone: None };

    fn waiting(focus: u8) -> Unread {
        Unread { waiting: Some(focus), ..NONE }
    }

    fn forgone(focus: u8) -> Unread {
        Unread { forgone: Some(focus), ..NONE }
    }

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
        assert_eq!(Attempts::default().reach(NONE), Reach::NotSeen);
        assert_eq!(Attempts::default().reach(waiting(30)), Reach::Unread);
        assert_eq!(read().reach(NONE), Reach::Read);
        assert_eq!(read().reach(waiting(90)), Reach::Unread);
        assert_eq!(read().reach(waiting(30)), Reach::Read);
        assert_eq!(failed(90, true).reach(NONE), Reach::Failed(FetchOutcome::Timeout));
        assert_eq!(failed(30, true).reach(NONE), Reach::Read);
        assert_eq!(failed(30, false).reach(NONE), Reach::Failed(FetchOutcome::Timeout));
    }

    #[test]
    fn what_is_left_for_good_is_told_from_what_waits() {
        let read = || {
            let mut attempts = Attempts::default();
            attempts.read(90);
            attempts
        };
        let both = |waiting, forgone| Unread { waiting: Some(waiting), forgone: Some(forgone) };
        assert_eq!(Attempts::default().reach(forgone(30)), Reach::LeftUnread);
        assert_eq!(read().reach(forgone(90)), Reach::LeftUnread);
        assert_eq!(read().reach(forgone(30)), Reach::Read);
        assert_eq!(read().reach(both(90, 90)), Reach::Unread, "a longer visit gets further");
        assert_eq!(read().reach(both(30, 90)), Reach::LeftUnread);
        assert_eq!(read().reach(both(90, 30)), Reach::Unread);
    }

    #[test]
    fn a_doubtful_link_does_not_make_its_page_the_place() {
        let mut attempts = Attempts::default();
        attempts.read(55);
        assert_eq!(attempts.reach(NONE), Reach::NotSeen);
    }

    #[test]
    fn a_dead_link_is_knowledge() {
        let mut attempts = Attempts::default();
        attempts.fail(95, FetchOutcome::NotFound);
        assert_eq!(attempts.reach(NONE), Reach::NotSeen);
    }
}
