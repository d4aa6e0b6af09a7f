//! After how many days a register counts as old.

use super::{Expected, defaults};
use crate::model::Register;

/// Longest age that can be set, in days: a hundred years, which is never.
const LONGEST: u32 = 36_525;

/// For each register the days after which its newest file counts as old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxAges([u32; Register::ALL.len()]);

impl Default for MaxAges {
    fn default() -> Self {
        Self(Register::ALL.map(defaults::register_max_age))
    }
}

impl MaxAges {
    /// The same age for all registers.
    pub const fn all(days: u32) -> Self {
        Self([days; Register::ALL.len()])
    }

    /// The days for one register.
    pub fn of(self, register: Register) -> u32 {
        let place = Register::ALL.iter().position(|one| *one == register);
        place.and_then(|place| self.0.get(place)).copied().unwrap_or_default()
    }

    /// As the configuration file has them: one entry for each register.
    pub(super) fn entries(self) -> Vec<String> {
        Register::ALL.map(|register| format!("{}:{}", register.code(), self.of(register))).to_vec()
    }

    /// Registers with their days, one after the other: later ones win, no register means all of them.
    pub(super) fn from_entries(entries: &[Entry]) -> Self {
        let mut ages = Self::default();
        for entry in entries {
            for (place, register) in Register::ALL.iter().enumerate() {
                if entry.register.is_none_or(|named| named == *register) {
                    ages.0[place] = entry.days;
                }
            }
        }
        ages
    }
}

/// `ipa:90`, or `90` for every register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    register: Option<Register>,
    days: u32,
}

impl Entry {
    pub(super) fn parse(text: &str) -> Result<Self, Expected> {
        let (register, days) = match text.trim().split_once(':') {
            Some((code, days)) => (Some(Register::of_code(code.trim()).ok_or(Expected::MaxAge)?), days),
            None => (None, text),
        };
        let days: u32 = days.trim().parse().map_err(|_| Expected::MaxAge)?;
        if days <= LONGEST { Ok(Self { register, days }) } else { Err(Expected::MaxAge) }
    }
}
