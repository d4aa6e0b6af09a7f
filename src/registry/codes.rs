//! The codes by which registers name comuni, in one spelling each.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use super::{QualityReport, Quirk};
use crate::notices::Notice;

/// Where the population bands of notices end, in residents, smallest first.
pub fn band_bounds(notices: &[Notice]) -> Vec<u32> {
    let bounds = notices.iter().flat_map(|notice| notice.bands.iter().filter_map(|band| band.to));
    bounds.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The bound of a band that a population is so near to that its band is not sure: within 2%, or 100 residents where that
/// is more. The registers' populations are of other years than the notices'; wherever the two were seen to disagree on a
/// band, the comune was that near.
pub fn near_bound(population: u32, bounds: &[u32]) -> Option<u32> {
    bounds.iter().copied().find(|bound| population.abs_diff(*bound) <= (bound / 50).max(100))
}

/// An IPA code in lower case; `None` when it has not the form of one. Blanks and line breaks go, and are told.
pub(super) fn ipa(text: &str, line: u64, quality: &mut QualityReport) -> Option<String> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let sound = (1..=100).contains(&bare.len())
        && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if !sound {
        return None;
    }
    if bare != text {
        quality.note(Quirk::CodeBlanks, line, text);
    }
    let lower = bare.to_ascii_lowercase();
    if bare.starts_with("C_") || (bare.starts_with("c_") && bare != lower) {
        quality.note(Quirk::CodeCase, line, &bare);
    }
    Some(lower)
}

/// The cadastral code inside a regular IPA code: `c_b300` gives `B300`, `c_fu3v` nothing.
pub(super) fn of_regular(ipa: &str) -> Option<String> {
    cadastral(ipa.strip_prefix("c_")?)
}

/// A cadastral code: a letter and three digits, upper case.
pub(super) fn cadastral(text: &str) -> Option<String> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let sound = bytes.len() == 4 && bytes[0].is_ascii_alphabetic() && bytes[1..].iter().all(u8::is_ascii_digit);
    sound.then(|| text.to_ascii_uppercase())
}

/// A code of so many digits; zeros that a spreadsheet took away come back, at most three.
fn digits(text: &str, width: usize, line: u64, quality: &mut QualityReport) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix(".0").unwrap_or(text);
    if text.is_empty() || text.len() > width || text.len() + 3 < width || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if text.len() < width {
        quality.note(Quirk::LeadingZeros, line, text);
    }
    Some(format!("{text:0>width$}"))
}

/// An ISTAT code, six digits.
pub(super) fn istat(text: &str, line: u64, quality: &mut QualityReport) -> Option<String> {
    digits(text, 6, line, quality)
}

/// A fiscal code of a body, eleven digits.
pub(super) fn fiscal(text: &str, line: u64, quality: &mut QualityReport) -> Option<String> {
    digits(text, 11, line, quality)
}

/// A sum in euro, in cents: `14000.0`, `3928.4`, `14.000,00`.
pub(super) fn cents(text: &str) -> Option<i64> {
    let text = text.trim();
    let plain = if text.contains(',') { text.replace('.', "").replace(',', ".") } else { text.to_owned() };
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let part = part.trim_end_matches('0');
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > 2 || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)
}

/// A date, also at the head of a date with a time.
pub(super) fn date(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// A moment, in the spelling of the store: RFC 3339 in UTC with nine decimals.
pub(super) fn moment(text: &str) -> Option<String> {
    let time = Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok().or_else(|| text.parse().ok())?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string())
}
