//! Sums of money.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A sum in euro, kept in whole cents: sums are compared for equality, which fractions in binary would spoil. At most
/// 10^12 euro, so that a multiple of one stays inside 64 bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Euro(u64);

impl Euro {
    /// Most cents that are taken.
    const LIMIT: u64 = 100_000_000_000_000;

    /// So many cents; `None` beyond the limit.
    pub const fn of_cents(cents: u64) -> Option<Self> {
        if cents <= Self::LIMIT { Some(Self(cents)) } else { None }
    }

    /// The sum in cents.
    pub const fn cents(self) -> u64 {
        self.0
    }

    /// Reads `43704`, `43704.0`, `3928.40`: a point, no thousands, at most two decimals that are not zero, as the open data
    /// write sums. `None` for anything else, a sign included.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > 13 {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 2 {
            return None;
        }
        let cents: u64 = format!("{fraction:0<2}").parse().ok()?;
        Self::of_cents(whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(cents)?)
    }

    /// So many hundredths of the sum, where that is a whole number of cents.
    pub fn percent(self, share: u32) -> Option<Self> {
        let product = self.0.checked_mul(u64::from(share))?;
        if product.is_multiple_of(100) { Self::of_cents(product / 100) } else { None }
    }

    /// `self + unit * number`; `None` beyond the limit.
    pub fn plus(self, unit: Self, number: u32) -> Option<Self> {
        Self::of_cents(self.0.checked_add(unit.0.checked_mul(u64::from(number))?)?)
    }
}

impl fmt::Display for Euro {
    /// As a machine reads it: `43704`, `3928.40`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, cents) = (self.0 / 100, self.0 % 100);
        if cents == 0 { write!(f, "{whole}") } else { write!(f, "{whole}.{cents:02}") }
    }
}

impl Serialize for Euro {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "the limit is far below 2^53")]
        let euro = self.0 as f64 / 100.0;
        if self.0.is_multiple_of(100) { serializer.serialize_u64(self.0 / 100) } else { serializer.serialize_f64(euro) }
    }
}

impl<'de> Deserialize<'de> for Euro {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(u64),
            Fraction(f64),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Whole(euro) => euro.to_string(),
            // The shortest text that gives the same number back: `3928.4` stays `3928.4`.
            Written::Fraction(euro) => euro.to_string(),
            Written::Text(text) => text,
        };
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no sum in euro")))
    }
}

impl JsonSchema for Euro {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Euro".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number", "minimum": 0, "description": "A sum in euro, at most two decimals."})
    }
}

#[cfg(test)]
mod tests {
    use super::Euro;

    #[test]
    fn sums_are_read_as_the_open_data_write_them_and_nothing_else_is() {
        for (text, cents) in [
            ("14000.0", 1_400_000),
            ("14000", 1_400_000),
            (" 3928.4 ", 392_840),
            ("3928.40", 392_840),
            ("0.01", 1),
            ("0", 0),
            ("1000000000000", 100_000_000_000_000),
        ] {
            assert_eq!(Euro::parse(text).map(Euro::cents), Some(cents), "{text}");
        }
        for text in
            ["", "-1", "+1", "1.", ".5", "1,5", "1.000,00", "1e3", "NaN", "12.345", "1 000", "1000000000000.01", "n/d"]
        {
            assert_eq!(Euro::parse(text), None, "{text}");
        }
    }

    #[test]
    fn json_keeps_cents() {
        for (json, shown) in [("43704", "43704"), ("3928.4", "3928.40"), ("\"0.01\"", "0.01"), ("14000.0", "14000")] {
            let sum: Result<Euro, _> = serde_json::from_str(json);
            assert_eq!(sum.ok().map(|sum| sum.to_string()).as_deref(), Some(shown), "{json}");
        }
        assert_eq!(serde_json::to_string(&Euro::parse("3928.40")).ok().as_deref(), Some("3928.4"));
        assert!(serde_json::from_str::<Euro>("-1").is_err());
    }

    #[test]
    fn a_share_is_exact_or_none() {
        let share = |text: &str, percent| Euro::parse(text)?.percent(percent).map(|sum| sum.to_string());
        assert_eq!(share("11850", 25).as_deref(), Some("2962.50"));
        assert_eq!(share("0.01", 50), None);
    }
}
