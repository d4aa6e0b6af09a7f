//! Why a request was not sent, or not sent again.

use crate::{model::FetchOutcome, net::Refusal};

/// An outcome that was reached without an answer, with one line for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) outcome: FetchOutcome,
    pub(super) detail: String,
}

impl Stop {
    pub(super) fn new(outcome: FetchOutcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into() }
    }

    pub(super) fn budget(detail: impl Into<String>) -> Self {
        Self::new(FetchOutcome::Budget, detail)
    }

    pub(super) fn robots(detail: impl Into<String>) -> Self {
        Self::new(FetchOutcome::RobotsUnavailable, detail)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self { outcome: refusal.outcome, detail: refusal.detail }
    }
}
