//! The program: reads its command line and does what it says.

use std::{env, error::Error, process::ExitCode};

use anonchat::{
    app::{self, StartError},
    cli::{self, Exit, Reload},
    config::Config,
    lifecycle, telemetry,
};

fn main() -> ExitCode {
    lifecycle::keep_to_yourself();
    cli::run(env::args_os(), env::vars_os().collect(), |config, reload| serve(&config, reload)).into()
}

fn serve(config: &Config, reload: Reload) -> Exit {
    telemetry::init(config.server.logger.level, config.server.logger.mode);
    match app::run(config, reload) {
        Ok(()) => Exit::Success,
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            if let StartError::InUse { .. } = error {
                eprintln!(" help: stop the other one first, or give this one its own --data-dir");
                return Exit::InUse;
            }
            Exit::Failure
        }
    }
}

/// An error with what caused it, on one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}
