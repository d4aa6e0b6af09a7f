//! The state of an application to a notice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of an application, with the letters of the open data of PA digitale 2026 (`stato_candidatura`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum ApplicationState {
    /// Financed by decree.
    #[serde(rename = "A")]
    Financed,
    /// Waived by the comune, also after the decree.
    #[serde(rename = "R")]
    Waived,
    /// Paid.
    #[serde(rename = "E")]
    Paid,
}

impl ApplicationState {
    /// Every state, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Financed, Self::Paid, Self::Waived];

    /// The letter of the open data.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Financed => "A",
            Self::Waived => "R",
            Self::Paid => "E",
        }
    }

    /// The state of a letter, in any case.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code().eq_ignore_ascii_case(code))
    }

    /// Whether money is given or promised: there is something to verify.
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Waived)
    }
}

#[cfg(test)]
mod tests {
    use super::ApplicationState;

    #[test]
    fn letters_come_back_and_only_a_waiver_is_not_live() {
        for state in ApplicationState::ALL {
            assert_eq!(ApplicationState::from_code(state.code()), Some(state));
            assert_eq!(state.is_live(), state != ApplicationState::Waived);
        }
        assert_eq!(ApplicationState::from_code("e"), Some(ApplicationState::Paid));
        assert_eq!(ApplicationState::from_code("N/D"), None);
    }
}
