//! Which keys there are, what their environment variables are called, and what a wrong one meant.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Config, file::RawConfig, suggest::nearest};

/// The prefix of every environment variable of ours.
pub(super) const PREFIX: &str = "ANONCHAT_";

/// Every key with a value, such as `server.rate-limits.mode`, in alphabetical order.
pub fn keys() -> Vec<String> {
    Keys::known().leaves()
}

/// The environment variable that sets `key`: `ANONCHAT_SERVER__RATE_LIMITS__MODE`.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").replace('-', "_").to_uppercase())
}

/// The tree of keys with their defaults as values; an object is a section.
#[derive(Debug)]
pub(super) struct Keys(Value);

impl Keys {
    pub(super) fn known() -> Self {
        Self::of(&Config::default())
    }

    /// The keys with the values of this configuration.
    pub(super) fn of(config: &Config) -> Self {
        Self(serde_json::to_value(RawConfig::from(config)).unwrap_or_default())
    }

    /// The value of a key, or the section; the empty key is the whole tree.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let steps = key.split('.').filter(|step| !step.is_empty());
        steps.into_iter().try_fold(&self.0, |node, step| node.get(step))
    }

    pub(super) fn leaves(&self) -> Vec<String> {
        self.walk().filter(|(_, value)| !value.is_object()).map(|(key, _)| key).collect()
    }

    /// The name of every variable that sets a key or a section, and what it sets.
    pub(super) fn variables(&self) -> BTreeMap<String, String> {
        self.walk().map(|(key, _)| (variable(&key), key)).collect()
    }

    /// What somebody may have meant who wrote `given` into `section`.
    pub(super) fn suggestion(&self, section: &str, given: &str) -> String {
        let siblings: Vec<&str> =
            self.get(section).and_then(Value::as_object).map_or(Vec::new(), names);
        if let Some(sibling) = nearest(given, siblings.iter().copied()) {
            return format!("did you mean {sibling}?");
        }
        let elsewhere = format!(".{given}");
        match self.leaves().iter().find(|key| *key == given || key.ends_with(&elsewhere)) {
            Some(key) => format!("did you mean {}?", key.replace('.', ": ")),
            None if siblings.is_empty() => "take it out".to_owned(),
            None => format!("use one of {}", siblings.join(", ")),
        }
    }

    fn walk(&self) -> impl Iterator<Item = (String, &Value)> {
        let mut found = Vec::new();
        collect("", &self.0, &mut found);
        found.into_iter()
    }
}

/// `section.name`, or `name` at the top.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") }
}

fn names(section: &Map<String, Value>) -> Vec<&str> {
    section.keys().map(String::as_str).collect()
}

fn collect<'a>(section: &str, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let key = join(section, name);
        found.push((key.clone(), value));
        collect(&key, value, found);
    }
}
