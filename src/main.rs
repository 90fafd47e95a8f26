//! The program: reads its command line and does what it says.

use std::{env, io, process::ExitCode};

use anonchat::{
    app,
    cli::{self, Exit, Output, Reload},
    config::Config,
    lifecycle, telemetry,
};

fn main() -> ExitCode {
    lifecycle::keep_to_yourself();
    cli::run(env::args_os(), env::vars_os().collect(), |config, reload| serve(&config, reload))
        .into()
}

fn serve(config: &Config, reload: Reload) -> Exit {
    telemetry::init(config.server.logger.level, config.server.logger.mode);
    match app::run(config, reload) {
        Ok(()) => Exit::Success,
        Err(error) => {
            let mut output = Output { out: &mut io::stdout(), err: &mut io::stderr() };
            output.explain(&error.into())
        }
    }
}
