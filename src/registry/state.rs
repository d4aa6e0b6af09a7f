//! How recent the registers are that an answer rests on.

use jiff::civil::Date;
use serde::Serialize;

use super::Register;
use crate::config::MaxAges;

/// The newest file of a register, or of one part of it, as seen on a day. Every report that uses a register says this of
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterState {
    /// The register.
    pub register: Register,
    /// Part of it; empty for a register in one piece. See [`Extract::part`](super::Extract::part).
    pub part: String,
    /// The day that the file is of.
    pub date: Date,
    /// Where it came from: the name of a file, or an address.
    pub source: String,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub digest: String,
    /// True when what it does not list was not in the register.
    pub whole: bool,
    /// Rows used.
    pub kept: u64,
    /// Days from its date to the day on which it is looked at; never negative.
    pub age_days: i64,
    /// True when that is more than the settings allow.
    pub stale: bool,
}

impl RegisterState {
    /// Sets age and staleness as they are on a day.
    pub fn look_from(&mut self, day: Date, ages: MaxAges) {
        self.age_days = self.date.until(day).map_or(0, |span| i64::from(span.get_days())).max(0);
        self.stale = self.age_days > i64::from(ages.of(self.register));
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_register_is_old_the_day_after_its_last_day() {
        let mut state = RegisterState {
            register: Register::Ipa,
            part: "enti".to_owned(),
            date: date(2026, 1, 1),
            source: String::new(),
            digest: String::new(),
            whole: true,
            kept: 1,
            age_days: 0,
            stale: false,
        };
        for (day, age_days, stale) in [
            (date(2025, 12, 31), 0, false),
            (date(2026, 1, 1), 0, false),
            (date(2026, 1, 31), 30, false),
            (date(2026, 2, 1), 31, true),
            (date(2027, 1, 1), 365, true),
        ] {
            state.look_from(day, MaxAges::all(30));
            assert_eq!((state.age_days, state.stale), (age_days, stale), "{day}");
        }
    }
}
