//! `anonchat completions SHELL`

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::{Cli, Exit, Output};

pub(super) fn run(output: &mut Output, shell: Shell) -> Exit {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "anonchat", &mut script);
    output.answer(&String::from_utf8_lossy(&script))
}
