//! The environment variables that are ours.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use super::{
    error::{Origin, Problem},
    keys::{PREFIX, variable},
    secrets::CREDENTIALS,
    suggest::nearest,
};

/// The short names: the configuration file, and the data directory.
pub(super) const CONFIG: &str = "ANONCHAT_CONFIG";
pub(super) const DATA_DIR: &str = "ANONCHAT_DATA_DIR";

/// Every variable that begins with `ANONCHAT_`, by name, and where secrets are.
#[derive(Debug, Default)]
pub(super) struct Variables {
    pub(super) values: BTreeMap<String, String>,
    /// Where systemd keeps the credentials of this service.
    pub(super) credentials: Option<PathBuf>,
    pub(super) problems: Vec<Problem>,
}

impl Variables {
    /// Keeps the variables that are ours.
    pub(super) fn read(all: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut ours = Self::default();
        for (name, text) in all {
            if name == CREDENTIALS {
                ours.credentials = Some(text.into());
                continue;
            }
            let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
                continue;
            };
            match text.into_string() {
                Ok(text) if is_service_link(name, &text) => {}
                Ok(text) => _ = ours.values.insert(name.to_owned(), text),
                Err(_) => ours.problems.push(Problem {
                    origin: Origin::Variable(name.to_owned()),
                    what: "the value is not text".to_owned(),
                    help: "use UTF-8".to_owned(),
                }),
            }
        }
        ours
    }

    /// Takes out the path of the configuration file, if one is given.
    pub(super) fn take_config(&mut self) -> Option<String> {
        self.values.remove(CONFIG).filter(|path| !path.is_empty())
    }
}

/// The configuration file that the environment names.
pub fn named_file(environment: &[(OsString, OsString)]) -> Option<PathBuf> {
    let named = environment.iter().find(|(name, _)| name == CONFIG);
    named.map(|(_, path)| path.into()).filter(|path: &PathBuf| !path.as_os_str().is_empty())
}

/// Whether an orchestrator set this variable because a service of it is called `anonchat`.
fn is_service_link(name: &str, text: &str) -> bool {
    let is_port = || text.bytes().all(|b| b.is_ascii_digit());
    name == "ANONCHAT_SERVICE_HOST"
        || name.starts_with("ANONCHAT_SERVICE_PORT") && is_port()
        || name.starts_with("ANONCHAT_PORT_")
        || name == "ANONCHAT_PORT" && text.contains("://")
}

/// The problem with a variable that sets nothing.
pub(super) fn unknown<'a>(name: &'a str, known: &'a BTreeMap<String, String>) -> Problem {
    let rest = |name: &'a str| name.strip_prefix(PREFIX).unwrap_or(name);
    let rests = || known.keys().map(String::as_str).chain([CONFIG, DATA_DIR]).map(rest);
    let elsewhere = format!("__{}", rest(name));
    let meant =
        nearest(rest(name), rests()).or_else(|| rests().find(|known| known.ends_with(&elsewhere)));
    Problem {
        origin: Origin::Variable(name.to_owned()),
        what: "there is no such setting".to_owned(),
        help: match meant {
            Some(meant) => format!("did you mean {PREFIX}{meant}?"),
            None => format!(
                "unset it; a variable is named after its key, as {} is after server.addr",
                variable("server.addr")
            ),
        },
    }
}
