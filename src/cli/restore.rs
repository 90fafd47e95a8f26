//! `anonchat restore`

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::{Args, ValueHint};

use super::{
    Exit, Output, Sources, Trouble,
    backup::{STANDARD, summary},
};
use crate::{app::offline, backup::Restored, data_dir::DATABASE};

/// Put a backup in the place of the data, while the server is stopped
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Command {
    /// The backup, or - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Restore into a new folder instead, as a rehearsal; the data stays as it is
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    into: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  anonchat restore anonchat-20261125T031500Z.tar.zst
  age -d -i KEY chat.age | anonchat restore -
  anonchat restore --into /tmp/rehearsal anonchat-20261125T031500Z.tar.zst
      Then look at it: anonchat --data-dir /tmp/rehearsal --addr 127.0.0.1:8081

Everything is checked before anything is touched. The data from before is kept in a folder
pre-restore-<time> of the data directory, and how to undo the restore is printed.
The secret key comes from the backup if it is there; otherwise the present one must be the one that
the backup was made with. Clients load their rooms afresh.";

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    let done = restore(output, command, sources);
    output.conclude(done)
}

fn restore(output: &mut Output, command: &Command, sources: &Sources) -> Result<String, Trouble> {
    let config = output.load(sources)?.config;
    let mut from = open(&command.file)?;
    let data_dir = command.into.as_ref().unwrap_or(&config.storage.data_dir);
    let restored = match &command.into {
        Some(into) => offline::restore_into(&config, &mut from, into)?,
        None => offline::restore(&config, &mut from)?,
    };
    Ok(told(&restored, data_dir))
}

/// Opened first, by whoever calls: root may read a backup that the owner of the data may not.
fn open(file: &Path) -> Result<Box<dyn Read>, Trouble> {
    if file == Path::new(STANDARD) {
        return Ok(Box::new(io::stdin()));
    }
    match File::open(file) {
        Ok(opened) => Ok(Box::new(opened)),
        Err(error) => Err(Trouble::Other {
            line: format!("cannot read {}: {error}", file.display()),
            help: Some("name a backup that `anonchat backup` made"),
            exit: Exit::Failure,
        }),
    }
}

fn told(restored: &Restored, data_dir: &Path) -> String {
    let Restored { manifest, aside } = restored;
    let (to, made) = (data_dir.display(), &manifest.created_at);
    let done = format!("restored into {to}, as of {made}: {}", summary(manifest));
    match aside {
        Some(aside) => done + &undoing(aside, data_dir),
        None => done,
    }
}

fn undoing(aside: &Path, data_dir: &Path) -> String {
    let (from, to) = (quoted(aside), quoted(data_dir));
    format!(
        "the data from before is in {}\n\
         to undo this, stop the server and run:\n  \
         rm -f {to}/{DATABASE}-wal {to}/{DATABASE}-shm\n  \
         cp -p {from}/* {to}/\n\
         once all is well, remove it: it holds what people may have deleted since\n",
        aside.display()
    )
}

/// As a shell takes it for one word.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}
