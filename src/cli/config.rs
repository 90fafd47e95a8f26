//! `anonchat config check | show | env | example | schema`

use clap::Subcommand;

use super::{Exit, Output, Sources, Trouble, desk::json_text};
use crate::{
    config::{EXAMPLE, Loaded, schema},
    data_dir::DataDir,
    doctor::{State, configuration},
};

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
        Command::Check => check(output, sources),
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

fn check(output: &mut Output, sources: &Sources) -> Exit {
    let loaded = output.load(sources).map_err(Trouble::from);
    let checked = loaded.and_then(|loaded| {
        let Some(file) = &loaded.file else {
            return Ok("the configuration is fine; there is no configuration file\n".to_owned());
        };
        let data_dir = &loaded.config.storage.data_dir;
        // Whose it will be where there is none yet, nobody knows.
        if data_dir.is_dir() {
            DataDir::become_owner(data_dir)?;
        }
        let found = configuration(file);
        match found.state {
            State::Wrong => Err(Trouble::Other {
                line: format!("the user whose the data is cannot read {}", found.detail),
                help: Some(found.help),
                exit: Exit::BadConfig,
            }),
            State::Fine | State::Doubtful => {
                Ok(format!("{}: the configuration is fine\n", file.display()))
            }
        }
    });
    output.conclude(checked)
}
