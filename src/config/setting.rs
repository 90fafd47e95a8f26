//! How single values are written: numbers, durations, choices, addresses.

use std::{borrow::Cow, net::IpAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use ipnet::IpNet;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Value, json};

use super::suggest::nearest;

/// A value that stands in a configuration.
pub(super) trait Written: Sized {
    /// Reads the value, or says what to write in its place.
    fn read(value: &Value) -> Result<Self, String>;

    /// The value as [`Self::read`] reads it.
    fn write(&self) -> Value;

    /// The JSON Schema of what [`Self::read`] takes, for editors: it never refuses what is taken,
    /// and may let through what is not.
    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// A value that the file may leave out.
#[derive(Debug)]
pub(super) struct Setting<T>(Option<T>);

impl<T> Setting<T> {
    pub(super) fn given<U: Into<T>>(value: U) -> Self {
        Self(Some(value.into()))
    }

    pub(super) fn maybe(value: Option<T>) -> Self {
        Self(value)
    }

    pub(super) fn or<U: From<T>>(self, default: U) -> U {
        self.0.map_or(default, U::from)
    }

    pub(super) fn into_option(self) -> Option<T> {
        self.0
    }
}

impl<T> Default for Setting<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Written> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        T::read(&value).map(|value| Self(Some(value))).map_err(D::Error::custom)
    }
}

impl<T: Written> Serialize for Setting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().map(Written::write).serialize(serializer)
    }
}

/// A key without a value has its default.
impl<T: Written> JsonSchema for Setting<T> {
    fn schema_name() -> Cow<'static, str> {
        "Setting".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [T::schema(), { "type": "null" }] })
    }
}

/// A whole number from 1 to `MAX`.
#[derive(Debug)]
pub(super) struct Count<const MAX: u32>(NonZeroU32);

impl<const MAX: u32> Written for Count<MAX> {
    fn read(value: &Value) -> Result<Self, String> {
        value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number <= MAX)
            .and_then(NonZeroU32::new)
            .map(Self)
            .ok_or_else(|| format!("use a whole number from 1 to {MAX}"))
    }

    fn write(&self) -> Value {
        self.0.get().into()
    }

    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 1, "maximum": MAX })
    }
}

impl<const MAX: u32> From<Count<MAX>> for NonZeroU32 {
    fn from(count: Count<MAX>) -> Self {
        count.0
    }
}

impl<const MAX: u32> From<NonZeroU32> for Count<MAX> {
    fn from(number: NonZeroU32) -> Self {
        Self(number)
    }
}

pub(super) const SECOND_MS: u64 = 1000;
pub(super) const MINUTE_MS: u64 = 60 * SECOND_MS;
pub(super) const HOUR_MS: u64 = 60 * MINUTE_MS;
pub(super) const DAY_MS: u64 = 24 * HOUR_MS;

/// The units of a duration, the longest first.
const UNITS: [(&str, u64); 5] =
    [("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", SECOND_MS), ("ms", 1)];

/// A duration from `MIN_MS` to `MAX_MS`: `500ms`, `10s`, `2m`, `1h`, `7d`, or a number of seconds.
#[derive(Debug)]
pub(super) struct Period<const MIN_MS: u64, const MAX_MS: u64>(Duration);

impl<const MIN_MS: u64, const MAX_MS: u64> Written for Period<MIN_MS, MAX_MS> {
    fn read(value: &Value) -> Result<Self, String> {
        let ms = match value {
            Value::Number(seconds) => seconds.as_u64().and_then(|s| s.checked_mul(SECOND_MS)),
            Value::String(text) => duration_ms(text),
            _ => None,
        };
        match ms {
            Some(ms) if (MIN_MS..=MAX_MS).contains(&ms) => Ok(Self(Duration::from_millis(ms))),
            _ => {
                let (min, max) = (duration_text(MIN_MS), duration_text(MAX_MS));
                Err(format!(
                    "use a duration from {min} to {max}, written like 500ms, 10s, 2m, 1h or 7d"
                ))
            }
        }
    }

    fn write(&self) -> Value {
        duration_text(u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)).into()
    }

    fn schema() -> Value {
        json!({
            "type": ["string", "integer"],
            "pattern": "^[0-9]+ *(d|h|m|s|ms)?$",
            "minimum": MIN_MS.div_ceil(SECOND_MS),
            "maximum": MAX_MS / SECOND_MS,
            "examples": [duration_text(MIN_MS), duration_text(MAX_MS)],
        })
    }
}

impl<const MIN_MS: u64, const MAX_MS: u64> From<Period<MIN_MS, MAX_MS>> for Duration {
    fn from(period: Period<MIN_MS, MAX_MS>) -> Self {
        period.0
    }
}

impl<const MIN_MS: u64, const MAX_MS: u64> From<Duration> for Period<MIN_MS, MAX_MS> {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

fn duration_ms(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit_ms = match unit.trim_start() {
        "" => SECOND_MS,
        unit => UNITS.iter().find(|(name, _)| *name == unit)?.1,
    };
    number.parse::<u64>().ok()?.checked_mul(unit_ms)
}

/// The duration in the longest unit that says it exactly.
fn duration_text(ms: u64) -> String {
    let exact = UNITS.iter().find(|(_, unit_ms)| *unit_ms <= ms && ms.is_multiple_of(*unit_ms));
    let (unit, unit_ms) = exact.unwrap_or(&("ms", 1));
    format!("{}{unit}", ms / unit_ms)
}

/// A value that is one of a few words.
pub(super) trait Choice: Copy + PartialEq + 'static {
    /// Every word and what it means.
    const ALL: &'static [(&'static str, Self)];

    fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _)| *name)
    }
}

impl<T: Choice> Written for T {
    fn read(value: &Value) -> Result<Self, String> {
        let given = value.as_str().unwrap_or_default();
        if let Some((_, choice)) = Self::ALL.iter().find(|(name, _)| *name == given) {
            return Ok(*choice);
        }
        let names = Self::names().collect::<Vec<_>>().join(", ");
        Err(match nearest(given, Self::names()) {
            Some(name) => format!("did you mean {name}? Use one of {names}"),
            None => format!("use one of {names}"),
        })
    }

    fn write(&self) -> Value {
        Self::ALL.iter().find(|(_, choice)| choice == self).map(|(name, _)| *name).into()
    }

    fn schema() -> Value {
        json!({ "enum": Self::names().collect::<Vec<_>>() })
    }
}

/// `on` or `off`.
impl Choice for bool {
    const ALL: &'static [(&'static str, Self)] = &[("on", true), ("off", false)];
}

impl Written for PathBuf {
    fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some(path) if !path.trim().is_empty() => Ok(path.into()),
            _ => Err("use the path of a directory, in quotes if it looks like a number".to_owned()),
        }
    }

    fn write(&self) -> Value {
        self.to_string_lossy().into()
    }
}

/// One of several texts; one alone is a list as well.
pub(super) trait Listed: Sized {
    /// Reads the text, or says what to write in the list's place.
    fn read_one(value: &Value) -> Result<Self, String>;

    /// The text as [`Self::read_one`] reads it.
    fn write_one(&self) -> Value;
}

impl<T: Listed> Written for Vec<T> {
    fn read(value: &Value) -> Result<Self, String> {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        items.iter().map(T::read_one).collect()
    }

    fn write(&self) -> Value {
        self.iter().map(T::write_one).collect()
    }

    fn schema() -> Value {
        json!({ "type": ["array", "string"], "items": { "type": "string" } })
    }
}

/// A plain address is the network of that address alone.
impl Listed for IpNet {
    fn read_one(value: &Value) -> Result<Self, String> {
        network(value).ok_or_else(|| not_a_network(value))
    }

    fn write_one(&self) -> Value {
        self.to_string().into()
    }
}

fn network(value: &Value) -> Option<IpNet> {
    let text = value.as_str()?;
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.ok().map(|network| network.trunc())
}

fn not_a_network(value: &Value) -> String {
    format!(
        "{value} is not an address or a network; use a list such as [127.0.0.1, \"10.0.0.0/8\"]"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, ms) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("10", 10_000),
            ("2 m", 120_000),
            ("1h", 3_600_000),
            ("7d", 604_800_000),
        ] {
            assert_eq!(duration_ms(text), Some(ms), "{text}");
        }
        for text in ["", "s", "-1s", "1.5h", "1w", "1h30m", "99999999999999999999d", "10S"] {
            assert_eq!(duration_ms(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_is_written_in_the_longest_exact_unit() {
        for text in ["0ms", "1500ms", "90s", "15m", "1h", "36h", "7d"] {
            assert_eq!(duration_text(duration_ms(text).unwrap()), text);
        }
        assert_eq!(duration_text(DAY_MS), "1d");
    }
}
