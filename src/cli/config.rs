//! `anonchat config check | show | env | example | schema`

use clap::Subcommand;

use super::{Exit, Output, Sources, desk::json_text};
use crate::config::{EXAMPLE, Loaded, schema};

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
    /// Print the whole configuration as variables of the environment, passwords left out
    Env,
    /// Print an example file: every key with its default and what it means
    Example,
    /// Print the JSON Schema of the file: editors complete and check keys with it
    #[command(after_help = SCHEMA_HELP)]
    Schema,
}

const SCHEMA_HELP: &str = "\
Example:
  anonchat config schema > anonchat.schema.json
      Then begin anonchat.yaml with: # yaml-language-server: $schema=./anonchat.schema.json";

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    match command {
        Command::Check => with(output, sources, check),
        Command::Show { sources: false } => with(output, sources, Loaded::to_yaml),
        Command::Show { sources: true } => with(output, sources, Loaded::to_yaml_with_origins),
        Command::Env => with(output, sources, Loaded::to_environment),
        Command::Example => output.answer(EXAMPLE),
        Command::Schema => output.answer(&json_text(&schema())),
    }
}

fn with(output: &mut Output, sources: &Sources, text: impl FnOnce(&Loaded) -> String) -> Exit {
    match output.load(sources) {
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
