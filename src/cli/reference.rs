//! Every command in Markdown, for `docs/CLI.md`.

use clap::{Arg, Command, CommandFactory};

use super::Cli;

/// Wide enough for every line that we break ourselves.
const WIDTH: usize = 100;

/// A section for each command with its help, as `--help` prints it, in the order of the program's
/// own help. The settings that every command takes are said once.
pub fn reference() -> String {
    let mut program = Cli::command().term_width(WIDTH);
    program.build();
    sections(&program, "anonchat")
}

fn sections(command: &Command, name: &str) -> String {
    let help = command.clone().bin_name(name).render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let own = format!("## {name}\n\n```text\n{}\n```\n\n", lines.join("\n").trim_end());
    let below = command.get_subcommands().filter(|it| it.get_name() != "help");
    below.fold(own, |text, it| {
        let subcommand = it.clone().mut_args(without_repetition);
        text + &sections(&subcommand, &format!("{name} {}", it.get_name()))
    })
}

/// Hides what was said of the program itself.
fn without_repetition(arg: Arg) -> Arg {
    let is_said = arg.is_global_set() || arg.get_id() == "help";
    arg.hide(is_said)
}
