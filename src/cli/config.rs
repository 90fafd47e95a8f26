//! `anonchat config check | show | env | example`

use clap::Subcommand;

use super::{Exit, Output, Sources};
use crate::config::{EXAMPLE, Loaded};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say whether the configuration is fine; if not, every problem and what to do about it
    Check,
    /// Print the whole configuration as it holds now
    Show {
        /// Name the source of each value: default, file and line, variable or flag
        #[arg(long)]
        sources: bool,
    },
    /// Print the whole configuration as it holds now as variables, for a file of an environment
    Env,
    /// Print an example file: every key with its default and what it means
    Example,
}

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    match command {
        Command::Check => with(output, sources, check),
        Command::Show { sources: false } => with(output, sources, Loaded::to_yaml),
        Command::Show { sources: true } => with(output, sources, Loaded::to_yaml_with_origins),
        Command::Env => with(output, sources, Loaded::to_environment),
        Command::Example => output.answer(EXAMPLE),
    }
}

fn with(output: &mut Output, sources: &Sources, text: impl FnOnce(&Loaded) -> String) -> Exit {
    match sources.load() {
        Ok(loaded) => output.answer(&text(&loaded)),
        Err(error) => output.reject(&error),
    }
}

fn check(loaded: &Loaded) -> String {
    match &loaded.file {
        Some(file) => format!("{}: the configuration is fine\n", file.display()),
        None => "the configuration is fine; there is no configuration file\n".to_owned(),
    }
}
