//! One source over the other: of each key, the value that won and where it came from.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use super::{
    Config,
    conflicts::{Conflict, conflicts},
    environment::{self, Variables},
    error::{Origin, Place, Problem, SourceFile},
    file::RawConfig,
    keys::{Keys, join, variable},
    secrets::{self, SECRETS, is_secret, veiled},
    tombstones::Tombstone,
    yaml::{self, Content, Entry, Node, Position},
};

/// The values given so far, by key, and what was wrong with them.
#[derive(Debug)]
pub(super) struct Layers {
    known: Keys,
    tombstones: &'static [Tombstone],
    given: BTreeMap<String, Given>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

#[derive(Debug, Default)]
struct Given {
    value: Value,
    origin: Origin,
}

impl Layers {
    pub(super) fn new(tombstones: &'static [Tombstone]) -> Self {
        let (given, problems, warnings) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { known: Keys::known(), tombstones, given, problems, warnings }
    }

    /// What the sources say in words of the past.
    pub(super) fn take_warnings(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.warnings)
    }

    pub(super) fn add_file(&mut self, file: &Arc<SourceFile>) {
        let origin = |position| Origin::File(Place::new(file, Some(position)));
        match yaml::parse(&file.text) {
            Ok(node) => {
                self.add_former_keys(&node, &origin);
                self.add_node("", &node, &origin);
            }
            Err(error) => self.problems.push(Problem {
                origin: Origin::File(Place::new(file, error.position)),
                what: error.message,
                help: "mend the YAML here or just above; indent with two spaces".to_owned(),
            }),
        }
    }

    /// Adds what stands under keys of the past; where the present key is given as well, that wins.
    fn add_former_keys(&mut self, node: &Node, origin: &dyn Fn(Position) -> Origin) {
        for tombstone in self.tombstones {
            let Some(entry) = node.entry(tombstone.key) else { continue };
            self.warn(tombstone, origin(entry.key_position));
            if let Some(now) = tombstone.now {
                self.add_node(now, &entry.node, origin);
            }
        }
    }

    /// The same for variables, which are taken out.
    fn add_former_variables(&mut self, values: &mut BTreeMap<String, String>) {
        for tombstone in self.tombstones {
            let Some((name, text)) = values.remove_entry(&variable(tombstone.key)) else {
                continue;
            };
            let origin = Origin::Variable(name);
            self.warn(tombstone, origin.clone());
            if let Some(now) = tombstone.now.filter(|_| !text.is_empty()) {
                self.add_text(now, &text, &origin);
            }
        }
    }

    fn warn(&mut self, tombstone: &Tombstone, origin: Origin) {
        let (what, help) = (tombstone.what(), tombstone.help());
        self.warnings.push(Problem { origin, what, help });
    }

    /// Adds what the variables say; an empty one says nothing.
    ///
    /// Where a key holds text, the variable is that text as it is. Elsewhere it is read as YAML,
    /// so that numbers, lists and sections work. The longer of two names is the stronger.
    pub(super) fn add_environment(&mut self, mut variables: Variables) {
        let known = self.known.variables();
        self.problems.extend(variables.problems);
        self.add_credentials(variables.credentials);
        self.add_former_variables(&mut variables.values);
        for (name, text) in variables.values {
            let key = match name.as_str() {
                environment::DATA_DIR => Some("storage.data-dir"),
                _ => known.get(&name).map(String::as_str),
            };
            match key {
                Some(_) if text.is_empty() => {}
                Some(key) => self.add_text(key, &text, &Origin::Variable(name)),
                None => match secrets::named_by(&name) {
                    Some(key) => self.add_named_file(key, Path::new(&text), name),
                    None => self.problems.push(environment::unknown(&name, &known)),
                },
            }
        }
    }

    /// Adds the secrets that systemd keeps, each in a file that is called like its key.
    fn add_credentials(&mut self, folder: Option<PathBuf>) {
        let Some(folder) = folder else { return };
        for key in SECRETS {
            let path = folder.join(key);
            if path.exists() {
                self.add_secret(key, &path, Origin::Credential(path.clone()));
            }
        }
    }

    /// Adds the secret in the file that a variable names.
    fn add_named_file(&mut self, key: &str, path: &Path, name: String) {
        let direct = variable(key);
        let origin = Origin::Variable(name);
        match self.given.get(key) {
            _ if path.as_os_str().is_empty() => {}
            Some(Given { origin: Origin::Variable(given), .. }) if *given == direct => {
                self.problems.push(Problem {
                    what: format!("{direct} gives {key}, too"),
                    help: "unset one of them".to_owned(),
                    origin,
                });
            }
            _ => self.add_secret(key, path, origin),
        }
    }

    fn add_secret(&mut self, key: &str, path: &Path, origin: Origin) {
        match secrets::read(path, &origin) {
            Ok(text) if text.is_empty() => {}
            Ok(text) => self.give(key, text.into(), origin),
            Err(problem) => self.problems.push(problem),
        }
    }

    pub(super) fn add_flag(&mut self, key: &str, flag: &'static str, value: Value) {
        self.give(key, value, Origin::Flag(flag));
    }

    fn add_text(&mut self, key: &str, text: &str, origin: &Origin) {
        if self.known.get(key).is_some_and(Value::is_string) {
            self.give(key, text.into(), origin.clone());
            return;
        }
        match yaml::parse(text) {
            Ok(node) => self.add_node(key, &node, &|_| origin.clone()),
            Err(error) => self.problems.push(Problem {
                origin: origin.clone(),
                what: format!("{key} cannot be {}: {}", shown(&text.into()), error.message),
                help: "write the value as in the file, on one line; lists as [a, b]".to_owned(),
            }),
        }
    }

    fn add_node(&mut self, key: &str, node: &Node, origin: &dyn Fn(Position) -> Origin) {
        let is_section = self.known.get(key).is_some_and(Value::is_object);
        match &node.content {
            Content::Section(entries) if is_section => {
                for entry in entries {
                    self.add_entry(key, entry, origin);
                }
            }
            _ if is_section && node.is_null() => {}
            _ if is_section => self.problems.push(Problem {
                origin: origin(node.position),
                what: format!("{} cannot be {}", name(key), shown(&node.to_value())),
                help: "put its keys below it, each on a line of its own, indented".to_owned(),
            }),
            _ => self.give(key, node.to_value(), origin(node.position)),
        }
    }

    fn add_entry(&mut self, section: &str, entry: &Entry, origin: &dyn Fn(Position) -> Origin) {
        let key = join(section, &entry.key);
        let siblings = self.known.get(section);
        if siblings.and_then(|siblings| siblings.get(&entry.key)).is_some() {
            self.add_node(&key, &entry.node, origin);
        } else if let Content::Section(entries) = &entry.node.content
            && self.tombstones.iter().any(|it| it.is_below(&key))
        {
            for entry in entries {
                self.add_entry(&key, entry, origin);
            }
        } else if self.tombstones.iter().all(|it| it.key != key) {
            self.problems.push(Problem {
                origin: origin(entry.key_position),
                what: format!("there is no key {key}"),
                help: self.known.suggestion(section, &entry.key),
            });
        }
    }

    fn give(&mut self, key: &str, value: Value, origin: Origin) {
        let origin = if is_secret(key) { origin.concealed() } else { origin };
        self.given.insert(key.to_owned(), Given { value, origin });
    }

    /// The configuration and where each given value came from, or all that is wrong.
    pub(super) fn finish(mut self) -> Result<(Config, BTreeMap<String, Origin>), Vec<Problem>> {
        self.given.retain(|_, given| !given.value.is_null());
        let raw = self.read();
        let config = raw.into_config();
        if self.problems.is_empty() {
            let broken = conflicts(&config);
            self.problems = broken.iter().map(|broken| self.conflict(&config, broken)).collect();
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        Ok((config, self.given.into_iter().map(|(key, given)| (key, given.origin)).collect()))
    }

    /// Reads what was given; a value that cannot be read becomes a problem and is left out.
    fn read(&mut self) -> RawConfig {
        loop {
            match serde_path_to_error::deserialize(self.to_tree()) {
                Ok(raw) => return raw,
                Err(error) => {
                    let key = key_of(error.path());
                    let given = self.given.remove(&key);
                    let is_last = given.is_none();
                    let Given { value, origin } = given.unwrap_or_default();
                    self.problems.push(Problem {
                        origin,
                        what: if is_secret(&key) {
                            format!("{key} cannot be used")
                        } else {
                            format!("{key} cannot be {}", shown(&value))
                        },
                        help: error.into_inner().to_string(),
                    });
                    if is_last {
                        return RawConfig::default();
                    }
                }
            }
        }
    }

    fn to_tree(&self) -> Value {
        let mut tree = Map::new();
        for (key, given) in &self.given {
            insert(&mut tree, key, given.value.clone());
        }
        tree.into()
    }

    /// The problem with two values, told where somebody gave one of them.
    fn conflict(&self, config: &Config, conflict: &Conflict) -> Problem {
        let values = Keys::of(config);
        let value = |key| shown(values.get(key).unwrap_or(&Value::Null));
        let (first, second, what, help) = match conflict {
            Conflict::TooMuch { lesser, greater } => (
                lesser,
                greater,
                format!("{lesser} {} is more than {greater} {}", value(lesser), value(greater)),
                format!("lower {lesser} or raise {greater}"),
            ),
            Conflict::NotLess { lesser, greater } => (
                lesser,
                greater,
                format!("{lesser} {} is not less than {greater} {}", value(lesser), value(greater)),
                format!("lower {lesser} or raise {greater}"),
            ),
            Conflict::Alone { given, missing } => (
                given,
                missing,
                format!("{given} is given without {missing}"),
                "give both or neither".to_owned(),
            ),
        };
        let given = self.given.get(*first).or_else(|| self.given.get(*second));
        let origin = given.map(|given| given.origin.clone()).unwrap_or_default();
        Problem { origin, what, help }
    }
}

fn insert(tree: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        None => _ = tree.insert(key.to_owned(), value),
        Some((section, rest)) => {
            let section = tree.entry(section).or_insert_with(|| Map::new().into());
            if let Value::Object(section) = section {
                insert(section, rest, value);
            }
        }
    }
}

fn key_of(path: &serde_path_to_error::Path) -> String {
    path.iter().fold(String::new(), |key, segment| match segment {
        Segment::Map { key: name } => join(&key, name),
        _ => key,
    })
}

/// A value as an error shows it: on one line, and not too much of it.
fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    let text = veiled(&value.to_string());
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn name(key: &str) -> &str {
    if key.is_empty() { "the configuration" } else { key }
}
