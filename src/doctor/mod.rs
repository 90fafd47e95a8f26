//! Looks at an installation and says what is wrong with it, and what to do. Changes nothing.

mod checks;
mod privacy;

use std::path::Path;

pub use self::{
    checks::configuration,
    privacy::{TRACES, Trace},
};
use crate::{config::Config, data_dir::DataDir};

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Fine,
    /// Works, and may surprise somebody.
    Doubtful,
    /// Does not work, or gives people away.
    Wrong,
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The thing.
    pub what: &'static str,
    /// How well it is.
    pub state: State,
    /// What is there.
    pub detail: String,
    /// What to do about it; empty if nothing.
    pub help: &'static str,
}

impl Finding {
    fn fine(what: &'static str, detail: impl Into<String>) -> Self {
        Self { what, state: State::Fine, detail: detail.into(), help: "" }
    }

    fn doubtful(what: &'static str, detail: impl Into<String>, help: &'static str) -> Self {
        Self { what, state: State::Doubtful, detail: detail.into(), help }
    }

    fn wrong(what: &'static str, detail: impl Into<String>, help: &'static str) -> Self {
        Self { what, state: State::Wrong, detail: detail.into(), help }
    }
}

/// Everything that can be found about a server with this configuration, running or not. `file` is
/// where that was read from, and `schema` the version of the database's schema and the one that this
/// program makes, if it has one.
///
/// Counts, modes and the operator's own settings; nothing of the people who use it.
pub fn examine(config: &Config, file: Option<&Path>, schema: Option<(u32, u32)>) -> Vec<Finding> {
    let mut findings = vec![checks::address(config), checks::public_url(config)];
    findings.extend([checks::proxies(config), checks::descriptors(config)]);
    let path = &config.storage.data_dir;
    match DataDir::find(path) {
        Ok(dir) => findings.extend(checks::data(&dir, config)),
        Err(error) => {
            let detail = format!("{}: {error}", path.display());
            findings.push(Finding::doubtful(checks::DATA, detail, error.help()));
        }
    }
    findings.extend(file.map(checks::configuration));
    findings.extend(schema.map(|(found, known)| checks::schema(found, known)));
    findings
}
