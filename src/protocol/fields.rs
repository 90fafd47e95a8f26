//! Reads the fields of a request one by one, so that all that is wrong is said at once.

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    marker::PhantomData,
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

/// A value that was sent as a JSON object. Without it, a list of the fields' values in the right
/// order would do as well.
#[derive(Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FromMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for FromMap<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields))
            }
        }

        deserializer.deserialize_map(FromMap(PhantomData)).map(Self)
    }
}

/// A field as it was sent: absent, `null` or some JSON value.
#[derive(Clone, Debug, Default)]
pub struct Raw(Option<Value>);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

impl Raw {
    /// This value, or that text where there is none.
    pub(super) fn or(self, text: Option<String>) -> Self {
        Self(self.value().or(text.map(Value::String)))
    }

    /// Whether the field is there, be it as `null`.
    pub(super) fn is_present(&self) -> bool {
        self.0.is_some()
    }

    fn value(self) -> Option<Value> {
        self.0.filter(|value| !value.is_null())
    }
}

/// Every bad field of a request, with what was expected of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvalidFields(pub BTreeMap<&'static str, String>);

impl InvalidFields {
    /// One bad field.
    pub fn one(name: &'static str, problem: impl Display) -> Self {
        Self(BTreeMap::from([(name, problem.to_string())]))
    }
}

/// Collects what is wrong while fields are read.
#[derive(Default)]
pub(super) struct Fields {
    invalid: InvalidFields,
}

impl Fields {
    /// A text that must be there and that `parse` accepts.
    pub(super) fn text<T, E: Display>(
        &mut self,
        name: &'static str,
        raw: Raw,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        match raw.value() {
            None => self.refuse(name, "is required"),
            Some(Value::String(text)) => self.keep(name, parse(text)),
            Some(_) => self.refuse(name, "must be a string"),
        }
    }

    /// A text that may be missing or `null`.
    pub(super) fn optional_text<T, E: Display>(
        &mut self,
        name: &'static str,
        raw: Raw,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        match raw.value() {
            None => None,
            some => self.text(name, Raw(some), parse),
        }
    }

    /// A whole number that must be there and that `parse` accepts.
    pub(super) fn integer<T, E: Display>(
        &mut self,
        name: &'static str,
        raw: Raw,
        parse: impl FnOnce(i64) -> Result<T, E>,
    ) -> Option<T> {
        match raw.value() {
            None => self.refuse(name, "is required"),
            Some(value) => match value.as_i64() {
                Some(number) => self.keep(name, parse(number)),
                None => self.refuse(name, "must be a whole number"),
            },
        }
    }

    /// A whole number that may be missing or `null`.
    pub(super) fn optional_integer<T, E: Display>(
        &mut self,
        name: &'static str,
        raw: Raw,
        parse: impl FnOnce(i64) -> Result<T, E>,
    ) -> Option<T> {
        match raw.value() {
            None => None,
            some => self.integer(name, Raw(some), parse),
        }
    }

    /// Notes that a field is wrong.
    pub(super) fn refuse<T>(&mut self, name: &'static str, problem: impl Display) -> Option<T> {
        self.invalid.0.insert(name, problem.to_string());
        None
    }

    /// Keeps a value, or notes why there is none.
    pub(super) fn keep<T, E: Display>(
        &mut self,
        name: &'static str,
        result: Result<T, E>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => self.refuse(name, problem),
        }
    }

    /// The request made of what was read, if nothing was wrong; `build` then finds all it needs.
    pub(super) fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, InvalidFields> {
        match build() {
            Some(request) if self.invalid.0.is_empty() => Ok(request),
            _ => Err(self.invalid),
        }
    }
}
