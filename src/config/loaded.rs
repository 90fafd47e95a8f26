//! From the sources to the configuration that the program runs on.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tracing::Level;

use super::{
    Config, ListenAddr,
    environment::Variables,
    error::{ConfigError, Origin, Problem, SourceFile},
    file::RawConfig,
    keys::{Keys, join, variable},
    layers::Layers,
    setting::Written,
    tombstones::{TOMBSTONES, Tombstone},
    yaml::{self, Content, Node},
};

/// What the command line says; the strongest source.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The configuration file, which must then exist.
    pub config: Option<PathBuf>,
    pub data_dir: Option<String>,
    pub addr: Option<ListenAddr>,
    pub log_level: Option<Level>,
}

impl Flags {
    fn values(&self) -> impl Iterator<Item = (&'static str, &'static str, Value)> {
        let data_dir = self.data_dir.as_deref().map(Value::from);
        [
            ("storage.data-dir", "--data-dir", data_dir),
            ("server.addr", "--addr", self.addr.as_ref().map(Written::write)),
            ("server.logger.level", "--log-level", self.log_level.map(|level| level.write())),
        ]
        .into_iter()
        .filter_map(|(key, flag, value)| Some((key, flag, value?)))
    }
}

/// A configuration and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// What should be changed, and holds nevertheless: keys that are called otherwise now.
    pub warnings: Vec<Problem>,
    origins: BTreeMap<String, Origin>,
}

/// Reads the configuration: flags are stronger than the environment, that is stronger than the
/// file, and that is stronger than the defaults.
///
/// The file is the one that the flags or `ANONCHAT_CONFIG` name, otherwise `default_file` if it
/// exists.
///
/// # Errors
///
/// Every problem of every source that could be found at once.
pub fn load(
    flags: &Flags,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    default_file: &Path,
) -> Result<Loaded, ConfigError> {
    load_after(TOMBSTONES, flags, environment, default_file)
}

/// [`load`] in a program in which these keys were renamed or given up.
///
/// # Errors
///
/// Those of [`load`].
pub fn load_after(
    tombstones: &'static [Tombstone],
    flags: &Flags,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    default_file: &Path,
) -> Result<Loaded, ConfigError> {
    let mut variables = Variables::read(environment);
    let named = variables.take_config().map(PathBuf::from);
    let file = match flags.config.as_ref().or(named.as_ref()) {
        Some(path) => Some(SourceFile::read(path)?),
        None => SourceFile::read_if_there(default_file)?,
    };

    let mut layers = Layers::new(tombstones);
    if let Some(file) = &file {
        layers.add_file(file);
    }
    layers.add_environment(variables);
    for (key, flag, value) in flags.values() {
        layers.add_flag(key, flag, value);
    }
    let warnings = layers.take_warnings();
    let (config, origins) = layers.finish().map_err(ConfigError::new)?;
    Ok(Loaded { config, file: file.map(|file| file.path.clone()), warnings, origins })
}

impl Loaded {
    /// Where the value of a key came from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }

    /// The whole configuration as a file would say it, defaults included.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(&RawConfig::from(&self.config)).unwrap_or_default()
    }

    /// The whole configuration as variables of the environment, one on each line.
    pub fn to_environment(&self) -> String {
        let keys = Keys::of(&self.config);
        let line = |key: &String| match keys.get(key) {
            Some(Value::String(text)) => format!("{}={text}\n", variable(key)),
            Some(Value::Null) | None => format!("{}=\n", variable(key)),
            Some(other) => format!("{}={other}\n", variable(key)),
        };
        keys.leaves().iter().map(line).collect()
    }

    /// [`Self::to_yaml`] with a comment behind each value that says where it came from.
    pub fn to_yaml_with_origins(&self) -> String {
        let yaml = self.to_yaml();
        let mut lines: Vec<String> = yaml.lines().map(str::to_owned).collect();
        if let Ok(tree) = yaml::parse(&yaml) {
            self.comment("", &tree, &mut lines);
        }
        lines.join("\n") + "\n"
    }

    fn comment(&self, section: &str, node: &Node, lines: &mut [String]) {
        let Content::Section(entries) = &node.content else { return };
        for entry in entries {
            let key = join(section, &entry.key);
            let index = usize::try_from(entry.key_position.line).unwrap_or(usize::MAX).max(1) - 1;
            match (&entry.node.content, lines.get_mut(index)) {
                (Content::Section(_), _) | (_, None) => self.comment(&key, &entry.node, lines),
                (_, Some(line)) => *line = format!("{line}  # {}", self.origin(&key)),
            }
        }
    }
}
