//! `anonchat backup`

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use clap::{Args, ValueHint, value_parser};
use serde_json::json;

use super::{Exit, Output, Sources, Trouble, desk::json_text};
use crate::{
    app::offline,
    backup::{Made, Manifest, Wishes},
};

/// Where a file stands on the command line, this is standard output or input.
pub(super) const STANDARD: &str = "-";

/// Make a backup of everything, also while the server runs
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Command {
    /// A new file, a folder, or - for standard output
    /// [default: anonchat-TIME.tar.zst in the folder backups of the data directory]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Afterwards, remove all but the newest N backups named anonchat-TIME.tar.zst there
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    keep: Option<u16>,
    /// Read the backup back, as a restore would, before it gets its name
    #[arg(long)]
    verify: bool,
    /// Put secret.key and signing.keys in it, too: whoever has such a backup can tell who wrote what
    #[arg(long)]
    include_keys: bool,
    /// Print JSON: where the backup is and what it holds
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  anonchat backup                             into the folder backups of the data directory
  anonchat backup --keep 7 --verify           the same every day, and keep a week
  anonchat backup /mnt/usb                    into another folder, named after the time
  anonchat backup - | age -r KEY > chat.age   encrypted, without a plain copy anywhere

The secret key is not in a backup. Copy secret.key once, to another place: without it a backup
brings messages back, but nobody is found again in their rooms.
A backup keeps what people delete later; do not keep it longer than you need.";

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    let done = make(output, command, sources);
    output.conclude(done)
}

fn make(output: &mut Output, command: &Command, sources: &Sources) -> Result<String, Trouble> {
    let config = output.load(sources)?.config;
    let to_standard_output = command.file.as_deref() == Some(Path::new(STANDARD));
    if to_standard_output {
        refuse_standard_output(command)?;
        let made = offline::back_up_to(&config, output.out, command.include_keys)?;
        let _ = write!(output.err, "standard output: {}", summary(&made));
        return Ok(String::new());
    }
    let wishes = Wishes {
        include_keys: command.include_keys,
        verify: command.verify,
        keep: command.keep.map(usize::from),
    };
    let made = offline::back_up(&config, command.file.as_deref(), wishes)?;
    if command.include_keys {
        let warning = "warning: whoever has this backup can tell who wrote what; keep it encrypted";
        let _ = writeln!(output.err, "{warning}");
    }
    if command.json {
        return Ok(as_json(&made));
    }
    for gone in made.removed {
        let _ = writeln!(output.err, "removed {}", gone.display());
    }
    Ok(format!("{}: {}", made.path.display(), summary(&made.manifest)))
}

fn as_json(Made { path, manifest, removed }: &Made) -> String {
    let removed: Vec<_> = removed.iter().map(|path| path.to_string_lossy()).collect();
    let path = path.to_string_lossy();
    json_text(&json!({ "path": path, "manifest": manifest, "removed": removed }))
}

fn refuse_standard_output(command: &Command) -> Result<(), Trouble> {
    let refused = |line: &str, help| Trouble::Other {
        line: line.to_owned(),
        help: Some(help),
        exit: Exit::Usage,
    };
    if command.keep.is_some() || command.verify || command.json {
        let line = "--keep, --verify and --json need a file, and standard output is none";
        return Err(refused(line, "leave them out, or name a file or a folder"));
    }
    if io::stdout().is_terminal() {
        let line = "a backup is not for the eyes: standard output is a terminal";
        return Err(refused(line, "redirect it: anonchat backup - > chat.tar.zst"));
    }
    Ok(())
}

/// What a backup holds, on a line.
pub(super) fn summary(manifest: &Manifest) -> String {
    let [accounts, rooms, events] = ["accounts", "rooms", "events"].map(|it| manifest.count(it));
    let key = if manifest.holds_key() { "with" } else { "without" };
    format!("{accounts} accounts, {rooms} rooms, {events} events, {key} the secret key\n")
}
