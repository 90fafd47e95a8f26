//! The configuration as others read it: as JSON Schema for editors, as a table for people. Both come
//! from the types that parse it, their defaults, and the comments of the example.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{
    EXAMPLE,
    file::RawConfig,
    keys::{Keys, join},
    yaml::{self, Content, Node},
};

/// The JSON Schema of a configuration file.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<RawConfig>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), "AnonChat's configuration".into());
        annotate("", root, &Keys::known(), &meanings());
    }
    schema
}

/// A table in Markdown of every key, its default and what it means.
pub fn table() -> String {
    let (keys, meanings) = (Keys::known(), meanings());
    let row = |key: &String| {
        let default = match keys.get(key) {
            Some(Value::Null) | None => String::new(),
            Some(Value::String(text)) => format!("`{text}`"),
            Some(other) => format!("`{other}`"),
        };
        let meaning = meanings.get(key).map_or("", String::as_str).replace('|', r"\|");
        format!("| `{key}` | {default} | {meaning} |\n")
    };
    let rows: String = keys.leaves().iter().map(row).collect();
    format!("| key | default | |\n|---|---|---|\n{rows}")
}

/// Gives each key below `section` its default and its meaning, and lets a section be empty.
fn annotate(
    section: &str,
    schema: &mut Map<String, Value>,
    keys: &Keys,
    meanings: &BTreeMap<String, String>,
) {
    schema.insert("type".to_owned(), json!(["object", "null"]));
    schema.remove("description");
    schema.remove("default");
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (name, property) in properties {
        let key = join(section, name);
        let Value::Object(property) = property else { continue };
        if property.contains_key("properties") {
            annotate(&key, property, keys, meanings);
        } else {
            let default = keys.get(&key).cloned().unwrap_or_default();
            property.insert("default".to_owned(), default);
            property.insert("description".to_owned(), meanings.get(&key).cloned().into());
        }
    }
}

/// What the example says of each key, behind it.
fn meanings() -> BTreeMap<String, String> {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    let mut found = BTreeMap::new();
    if let Ok(tree) = yaml::parse(EXAMPLE) {
        collect("", &tree, &lines, &mut found);
    }
    found
}

fn collect(section: &str, node: &Node, lines: &[&str], found: &mut BTreeMap<String, String>) {
    let Content::Section(entries) = &node.content else { return };
    for entry in entries {
        let key = join(section, &entry.key);
        let number = usize::try_from(entry.key_position.line).unwrap_or_default();
        let line = number.checked_sub(1).and_then(|index| lines.get(index));
        if let Some((_, meaning)) = line.and_then(|line| line.split_once("  # ")) {
            found.insert(key.clone(), meaning.to_owned());
        }
        collect(&key, &entry.node, lines, found);
    }
}
