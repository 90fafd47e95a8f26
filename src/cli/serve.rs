//! `anonchat serve`

use super::{Exit, Output, Sources};
use crate::config::Config;

pub(super) fn run(
    output: &mut Output,
    sources: Sources,
    serve: impl FnOnce(Config) -> Exit,
) -> Exit {
    match sources.load() {
        Ok(loaded) => serve(loaded.config),
        Err(error) => output.reject(&error),
    }
}
