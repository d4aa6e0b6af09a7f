//! The sum of an application, read back.
//!
//! Lump sums are made of few parts, so a sum usually tells the band and the number of services; where two bands can pay the
//! same sum, the number of residents (or a band known otherwise) decides, and without it both readings are told.

use schemars::JsonSchema;
use serde::Serialize;

use super::schema::{Band, Notice, SumsKind};
use crate::model::Euro;

/// What is known of the comune besides the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint<'a> {
    /// Residents.
    Residents(u32),
    /// The band, by its id in the notice.
    Band(&'a str),
}

impl Hint<'_> {
    fn holds(self, band: &Band) -> bool {
        match self {
            Self::Residents(residents) => band.holds(residents),
            Self::Band(id) => band.id == id,
        }
    }
}

/// One way in which a sum comes about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reading {
    /// The band.
    pub band: String,
    /// Services that it pays for; none where the notice does not pay by service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<u32>,
    /// The phase, when the sum is that of one phase alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The adjustment that made the sum what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adjustment: Option<String>,
}

/// Why no reading fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Misfit {
    /// A whole number of services, fewer than the notice allows.
    TooFewServices,
    /// A whole number of services, more than the notice allows.
    TooManyServices,
    /// No band pays it, with whatever number of services.
    NoBandPaysIt,
}

impl Misfit {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooFewServices => "too-few-services",
            Self::TooManyServices => "too-many-services",
            Self::NoBandPaysIt => "no-band-pays-it",
        }
    }
}

/// A sum, read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Decoded {
    /// One reading.
    Fits {
        /// The reading.
        reading: Reading,
        /// Whether its band is the one that the hint gives; none without a hint.
        agrees: Option<bool>,
        /// False when the notice's figures are taken over from another and nobody confirmed them.
        confirmed: bool,
    },
    /// Several readings, and nothing that tells which.
    Ambiguous {
        /// The readings, by band.
        readings: Vec<Reading>,
    },
    /// No reading.
    Misfit {
        /// Why.
        why: Misfit,
        /// The readings beyond the limits on the number of services.
        near: Vec<Reading>,
    },
    /// No reading, and the notice's figures are not confirmed: the sum may well be right.
    Unconfirmed,
    /// The parts of this notice's sums are not known.
    Undisclosed,
}

impl Decoded {
    /// How many services the application is paid for; none where the sum does not tell, or only by figures that nobody
    /// confirmed.
    pub fn services(&self) -> Option<u32> {
        match self {
            Self::Fits { reading, confirmed: true, .. } => reading.services,
            _ => None,
        }
    }

    /// The band, where the sum tells one.
    pub fn band(&self) -> Option<&str> {
        match self {
            Self::Fits { reading, .. } => Some(&reading.band),
            _ => None,
        }
    }
}

/// Every whole sum that a notice can pay, with its band and number of services.
pub(super) fn whole_sums(notice: &Notice) -> impl Iterator<Item = (&str, Euro, Option<u32>)> {
    notice.bands.iter().flat_map(|band| {
        let base = band.base.unwrap_or_default();
        let numbers = if band.unit.is_some() { band.min.unwrap_or(0)..=band.max.unwrap_or(0) } else { 0..=0 };
        numbers.filter_map(move |number| {
            let sum = base.plus(band.unit.unwrap_or_default(), number)?;
            (sum.cents() > 0).then_some((band.id.as_str(), sum, band.unit.map(|_| number)))
        })
    })
}

/// A share in which a whole sum is paid: hundredths, phase, adjustment, and the bands that it is for (all when empty).
type Share<'a> = (u32, Option<&'a str>, Option<&'a str>, &'a [String]);

fn shares(notice: &Notice) -> Vec<Share<'_>> {
    let mut all = vec![(100, None, None, [].as_slice())];
    all.extend(notice.phases.iter().map(|phase| (phase.share, Some(phase.id.as_str()), None, [].as_slice())));
    all.extend(notice.adjustments.iter().map(|one| (one.share, None, Some(one.id.as_str()), one.bands.as_slice())));
    all
}

fn readings(notice: &Notice, sum: Euro) -> Vec<Reading> {
    let shares = shares(notice);
    let mut found = Vec::new();
    for (band, whole, services) in whole_sums(notice) {
        let mut read = |phase: Option<&str>, adjustment: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            found.push(Reading { band: band.to_owned(), services, phase: owned(phase), adjustment: owned(adjustment) });
        };
        for (share, phase, adjustment, bands) in &shares {
            let meant = bands.is_empty() || bands.iter().any(|id| id == band);
            if meant && whole.percent(*share) == Some(sum) {
                read(*phase, *adjustment);
            }
        }
        // A reduced comune gets each phase reduced.
        for adjustment in notice.adjustments.iter().filter(|one| !one.on_top) {
            let meant = adjustment.bands.is_empty() || adjustment.bands.iter().any(|id| id == band);
            for phase in notice.phases.iter().filter(|_| meant) {
                if whole.percent(adjustment.share).and_then(|part| part.percent(phase.share)) == Some(sum) {
                    read(Some(&phase.id), Some(&adjustment.id));
                }
            }
        }
    }
    found
}

/// Whole numbers of services beyond the limits that would make the sum.
fn beyond(notice: &Notice, sum: Euro) -> Vec<(Reading, Misfit)> {
    let number = |band: &Band| {
        let unit = band.unit?.cents();
        let rest = sum.cents().checked_sub(band.base.unwrap_or_default().cents())?;
        if unit == 0 || !rest.is_multiple_of(unit) {
            return None;
        }
        let services = u32::try_from(rest / unit).ok()?;
        let why = if services < band.min.unwrap_or(0) { Misfit::TooFewServices } else { Misfit::TooManyServices };
        let reading = Reading { band: band.id.clone(), services: Some(services), phase: None, adjustment: None };
        Some((reading, why))
    };
    notice.bands.iter().filter_map(number).collect()
}

/// Reads the sum of an application to a notice. The hint only chooses between readings: it never makes a sum wrong that
/// another band pays, because counts of residents near a bound differ from source to source.
pub fn decode(notice: &Notice, sum: Euro, hint: Option<Hint<'_>>) -> Decoded {
    if notice.sums.kind == SumsKind::Undisclosed {
        return Decoded::Undisclosed;
    }
    let meant = |id: &str| {
        let band = notice.bands.iter().find(|band| band.id == id);
        hint.zip(band).is_some_and(|(hint, band)| hint.holds(band))
    };
    let mut readings = readings(notice, sum);
    if readings.len() > 1 && readings.iter().any(|reading| meant(&reading.band)) {
        readings.retain(|reading| meant(&reading.band));
    }
    let confirmed = notice.sums.confirmed;
    if readings.len() > 1 {
        return Decoded::Ambiguous { readings };
    }
    if let Some(reading) = readings.pop() {
        let agrees = hint.map(|_| meant(&reading.band));
        return Decoded::Fits { reading, agrees, confirmed };
    }
    if !confirmed {
        return Decoded::Unconfirmed;
    }
    let mut near = beyond(notice, sum);
    if near.iter().any(|(reading, _)| meant(&reading.band)) {
        near.retain(|(reading, _)| meant(&reading.band));
    }
    let why = near.iter().map(|(_, why)| *why).next().unwrap_or(Misfit::NoBandPaysIt);
    Decoded::Misfit { why, near: near.into_iter().map(|(reading, _)| reading).collect() }
}
