//! `anonchat serve [--smoke]`

use super::{Exit, Output, Sources, Trouble};
use crate::{app, config::Config};

/// Reads the configuration anew; `None`, and the reasons in the log, if it cannot be accepted.
pub type Reload = Box<dyn Fn() -> Option<Config>>;

pub(super) fn run(
    output: &mut Output,
    sources: Sources,
    serve: impl FnOnce(Config, Reload) -> Exit,
) -> Exit {
    match output.load(&sources) {
        Ok(loaded) => serve(loaded.config, Box::new(move || reload(&sources))),
        Err(error) => output.reject(&error),
    }
}

/// Starts the server, sees that it works, and stops it.
pub(super) fn smoke(output: &mut Output, sources: &Sources) -> Exit {
    let done = output.load(sources).map_err(Trouble::from).and_then(|loaded| {
        let addr = app::smoke(&loaded.config)?;
        Ok(format!("the server started, listened on {addr}, wrote and read, and stopped\n"))
    });
    output.conclude(done)
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
