//! `anonchat serve`

use super::{Exit, Output, Sources};
use crate::config::Config;

/// Reads the configuration anew; `None`, and the reasons in the log, if it cannot be accepted.
pub type Reload = Box<dyn Fn() -> Option<Config>>;

pub(super) fn run(
    output: &mut Output,
    sources: Sources,
    serve: impl FnOnce(Config, Reload) -> Exit,
) -> Exit {
    match sources.load() {
        Ok(loaded) => {
            output.warn(&loaded);
            serve(loaded.config, Box::new(move || reload(&sources)))
        }
        Err(error) => output.reject(&error),
    }
}

fn reload(sources: &Sources) -> Option<Config> {
    match sources.load() {
        Ok(loaded) => {
            for problem in &loaded.warnings {
                tracing::warn!(%problem, "the configuration uses a key of the past");
            }
            Some(loaded.config)
        }
        Err(error) => {
            for problem in error.problems() {
                tracing::error!(%problem, "the configuration was not read anew");
            }
            None
        }
    }
}
