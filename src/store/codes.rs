//! Between our values and what a column holds.

use std::io;

use jiff::{Timestamp, civil::Date};
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::StrDeserializer},
};

use serde_json::ser::{CharEscape, CompactFormatter, Formatter};
use url::Url;

use crate::model::Reason;

use super::sql::Row;

/// RFC 3339 in UTC with nine decimals: 30 characters, whatever the time, so that text sorts as time does.
pub(super) fn time_text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}

/// The day after a day, as text: times that are less are of that day or before.
pub(super) fn day_after(day: Date) -> String {
    day.tomorrow().unwrap_or(Date::MAX).to_string()
}

/// Values that are only read as a whole, or that the database takes apart. Without the character NUL, like every text.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, sqlx::Error> {
    let mut out = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut out, WithoutNul);
    value.serialize(&mut writer).map_err(|error| sqlx::Error::Encode(error.into()))?;
    String::from_utf8(out).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// JSON in one line. PostgreSQL refuses to make text of an escaped NUL as well.
struct WithoutNul;

impl Formatter for WithoutNul {
    fn write_char_escape<W: io::Write + ?Sized>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(0) => writer.write_all("\u{fffd}".as_bytes()),
            other => CompactFormatter.write_char_escape(writer, other),
        }
    }
}

/// Counts of ours fit a column's 63 bits; a body cannot be larger.
pub(super) fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Says which column holds the value that makes no sense.
fn unreadable(column: &str, detail: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("column {column}: {detail}").into())
}

/// Typed reading of the columns of one row.
pub(super) trait Columns {
    /// A time.
    fn time(&self, column: &str) -> Result<Timestamp, sqlx::Error>;
    /// An address.
    fn url(&self, column: &str) -> Result<Url, sqlx::Error>;
    /// An address, or nothing.
    fn url_option(&self, column: &str) -> Result<Option<Url>, sqlx::Error>;
    /// One word of a list with stable codes.
    fn code<T: DeserializeOwned>(&self, column: &str) -> Result<T, sqlx::Error>;
    /// One word of a list with stable codes, or nothing.
    fn code_option<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, sqlx::Error>;
    /// A reason.
    fn reason(&self, column: &str) -> Result<Reason, sqlx::Error>;
    /// A value kept as JSON.
    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, sqlx::Error>;
    /// A number that is not negative.
    fn number<T: TryFrom<i64>>(&self, column: &str) -> Result<T, sqlx::Error>;
    /// A number that is not negative, or nothing.
    fn number_option<T: TryFrom<i64>>(&self, column: &str) -> Result<Option<T>, sqlx::Error>;
}

impl Columns for Row {
    fn time(&self, column: &str) -> Result<Timestamp, sqlx::Error> {
        let text: &str = self.try_get(column)?;
        text.parse().map_err(|error| unreadable(column, error))
    }

    fn url(&self, column: &str) -> Result<Url, sqlx::Error> {
        let text: &str = self.try_get(column)?;
        Url::parse(text).map_err(|error| unreadable(column, error))
    }

    fn url_option(&self, column: &str) -> Result<Option<Url>, sqlx::Error> {
        let text: Option<&str> = self.try_get(column)?;
        text.map(|text| Url::parse(text).map_err(|error| unreadable(column, error))).transpose()
    }

    fn code<T: DeserializeOwned>(&self, column: &str) -> Result<T, sqlx::Error> {
        parse_code(column, self.try_get(column)?)
    }

    fn code_option<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, sqlx::Error> {
        let text: Option<&str> = self.try_get(column)?;
        text.map(|text| parse_code(column, text)).transpose()
    }

    fn reason(&self, column: &str) -> Result<Reason, sqlx::Error> {
        let text: &str = self.try_get(column)?;
        Reason::from_code(text).ok_or_else(|| unreadable(column, format!("unknown reason `{text}`")))
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, sqlx::Error> {
        let text: &str = self.try_get(column)?;
        serde_json::from_str(text).map_err(|error| unreadable(column, error))
    }

    fn number<T: TryFrom<i64>>(&self, column: &str) -> Result<T, sqlx::Error> {
        let value: i64 = self.try_get(column)?;
        T::try_from(value).map_err(|_| unreadable(column, format!("{value} is out of range")))
    }

    fn number_option<T: TryFrom<i64>>(&self, column: &str) -> Result<Option<T>, sqlx::Error> {
        let value: Option<i64> = self.try_get(column)?;
        value
            .map(|value| T::try_from(value).map_err(|_| unreadable(column, format!("{value} is out of range"))))
            .transpose()
    }
}

fn parse_code<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, sqlx::Error> {
    let words: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(words).map_err(|error| unreadable(column, error))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn json_is_as_everybody_writes_it_but_for_one_character() {
        let value = serde_json::json!({"a": ["\u{1}\n\"\\u0000", 1.5, null], "è": true});
        assert_eq!(json(&value).unwrap(), value.to_string());
        assert_eq!(json("a\0b").unwrap(), "\"a\u{fffd}b\"");
    }

    #[test]
    fn times_have_one_width_and_come_back_equal() {
        for text in ["1970-01-01T00:00:00Z", "2026-03-29T01:59:59.5Z", "2038-01-19T03:14:08.000000001Z"] {
            let time: Timestamp = text.parse().unwrap();
            let kept = time_text(time);
            assert_eq!(kept.len(), 30, "{kept}");
            assert_eq!(kept.parse::<Timestamp>().unwrap(), time);
        }
    }
}
