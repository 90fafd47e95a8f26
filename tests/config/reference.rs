//! What others read of the configuration and the command line: editors, and people in `docs/`.

use serde_json::json;

use super::*;

/// The schema of a key's value, and of the rest that is said of it.
fn leaf<'a>(schema: &'a Value, key: &str) -> &'a Value {
    key.split('.').fold(schema, |node, name| {
        node.pointer(&format!("/properties/{name}")).unwrap_or_else(|| panic!("{key}: {node}"))
    })
}

/// A file that gives one key a value.
fn giving(key: &str, value: &Value) -> Sources {
    let sections = key.matches('.').count();
    file(&format!("{{{}: {value}{}", key.replace('.', ": {"), "}".repeat(sections + 1)))
}

/// Whether the value itself is taken; with the defaults of other keys it may not go together.
fn is_taken(key: &str, value: &Value) -> bool {
    let sources = giving(key, value);
    match config::load(&sources.flags, Vec::new(), &sources.path()) {
        Ok(_) => true,
        Err(error) => !error.problems().iter().any(|it| it.to_string().contains(" cannot be ")),
    }
}

#[test]
fn the_schema_has_every_key_with_its_default_and_its_meaning_and_no_other() {
    let schema = config::schema();
    assert_eq!(schema["additionalProperties"], false);
    let mut found = Vec::new();
    collect("", &schema, &mut found);
    found.sort();
    let mut known = config::keys();
    known.sort();
    assert_eq!(found, known);
    for key in known {
        let said = leaf(&schema, &key);
        let meaning = said["description"].as_str().unwrap();
        assert!(config::EXAMPLE.contains(&format!("  # {meaning}\n")), "{key}: {meaning}");
        assert_eq!(giving(&key, &said["default"]).config(), Config::default(), "{key}");
    }
}

fn collect(section: &str, schema: &Value, found: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().unwrap() {
        let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        if property.get("properties").is_some() {
            assert_eq!(property["additionalProperties"], false, "{key}");
            assert_eq!(property["type"], json!(["object", "null"]), "{key}");
            collect(&key, property, found);
        } else {
            assert_eq!(property["anyOf"][1], json!({ "type": "null" }), "{key}");
            found.push(key);
        }
    }
}

#[test]
fn the_schema_takes_what_the_program_takes() {
    let schema = config::schema();
    let mut tried = 0;
    for key in config::keys() {
        let value = &leaf(&schema, &key)["anyOf"][0];
        let numbers = ["minimum", "maximum"].iter().filter_map(|bound| value.get(bound));
        let listed = ["enum", "examples"].iter().filter_map(|list| value[list].as_array());
        for sample in numbers.chain(listed.flatten()) {
            assert!(is_taken(&key, sample), "{key}: {sample}");
            tried += 1;
        }
        if let Some(maximum) = value["maximum"].as_u64() {
            assert!(!is_taken(&key, &(maximum + 1).into()), "{key}");
            assert!(!is_taken(&key, &(-1).into()), "{key}");
        }
        if value.get("enum").is_some() {
            assert!(!is_taken(&key, &"no such word".into()), "{key}");
        }
    }
    assert!(tried > 60, "{tried}");
}

#[test]
fn the_schema_is_printed_as_json() {
    let printed = run(&file(""), &["config", "schema"]);
    assert_eq!(printed.exit, Exit::Success);
    assert_eq!(serde_json::from_str::<Value>(&printed.out).unwrap(), config::schema());
}

#[test]
fn the_reference_in_the_docs_is_what_the_program_says() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/");
    for (file, generated) in [("CONFIGURATION.md", config::table()), ("CLI.md", cli::reference())] {
        let text = fs::read_to_string(format!("{docs}{file}")).unwrap();
        let (_, rest) = text.split_once("<!-- generated -->\n").expect("a generated part");
        let there = rest.split_once("<!-- end -->\n").expect("its end").0;
        assert!(
            there == generated,
            "docs/{file} is out of date; renew it: cargo run --example reference"
        );
    }
}
