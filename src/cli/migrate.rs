//! `anonchat migrate`

use std::path::PathBuf;

use clap::Args;
use data_encoding::HEXLOWER;

use super::{Exit, Output, Sources, Trouble};
use crate::{
    app::{self, MigrateError},
    config::{DatabaseUrl, Storage},
    data_dir::DataDirError,
    store::transfer::{Content, Table, TransferError},
};

const PLACES: &str = "\
Places:
  sqlite          the database in the data directory of the configuration
  sqlite:DIR      the database in another data directory
  postgres        the PostgreSQL database of the configuration (storage.url)
  postgres://…    another one; others on this machine can see it while the command runs

Examples:
  ANONCHAT_STORAGE__URL_FILE=/etc/anonchat.url anonchat migrate --from sqlite --to postgres
      Move what is in ./anonchat-data to PostgreSQL
  anonchat migrate --from postgres --to sqlite:/srv/chat
      Move it back, to a new folder

Stop the server first. Everything is kept: messages with their places, handles, logins, sessions.
The source stays as it is, with everything that is deleted later; erase it once all is well. If it
stops half-way, no server starts on the target; run it again.";

/// From where to where.
#[derive(Args, Debug)]
#[command(after_help = PLACES)]
pub(super) struct Command {
    /// What is moved
    #[arg(long, value_name = "PLACE")]
    from: String,
    /// Where it goes; nothing may be there
    #[arg(long, value_name = "PLACE")]
    to: String,
}

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    let loaded = match output.load(sources) {
        Ok(loaded) => loaded,
        Err(error) => return output.explain(&error.into()),
    };
    let configured = &loaded.config.storage;
    let places = place(&command.from, configured)
        .and_then(|source| Ok((source, place(&command.to, configured)?)));
    let (source, target) = match places {
        Ok(places) => places,
        Err(trouble) => return output.explain(&trouble),
    };
    let done = app::migrate(&source, &target, |table, content| {
        // Whether anybody reads along or not, the move goes on.
        let _ = output.answer(&line(table, content));
    });
    match done {
        Ok(()) => output.answer("everything is there; the source is as it was\n"),
        Err(error) => output.explain(&error.into()),
    }
}

/// The table, how many rows it has, and the beginning of their hash.
fn line(table: Table, Content { rows, hash }: Content) -> String {
    let hash: String = HEXLOWER.encode(&hash[..8]);
    format!("{:<9} {rows:>12} rows  {hash}\n", table.name())
}

/// A database by the words of the command line.
fn place(given: &str, configured: &Storage) -> Result<Storage, Trouble> {
    let with = |data_dir: PathBuf, url| Storage { data_dir, url, ..configured.clone() };
    let dir = configured.data_dir.clone();
    match given.split_once(':') {
        None if given == "sqlite" => Ok(with(dir, None)),
        Some(("sqlite", dir)) if !dir.is_empty() => Ok(with(dir.into(), None)),
        None if given == "postgres" => match &configured.url {
            Some(url) => Ok(with(dir, Some(url.clone()))),
            None => Err(usage("there is no storage.url in the configuration", None)),
        },
        Some(("postgres" | "postgresql", _)) => match DatabaseUrl::parse(given) {
            Ok(url) => Ok(with(dir, Some(url))),
            Err(help) => Err(usage("the address of PostgreSQL cannot be used", Some(help))),
        },
        _ => Err(usage("a place is sqlite, sqlite:DIR, postgres or postgres://…", None)),
    }
}

fn usage(line: &str, help: Option<String>) -> Trouble {
    let line = match help {
        Some(help) => format!("{line}: {help}"),
        None => line.to_owned(),
    };
    Trouble::Other { line, help: Some("see `anonchat migrate --help`"), exit: Exit::Usage }
}

impl From<MigrateError> for Trouble {
    fn from(error: MigrateError) -> Self {
        let help = match &error {
            MigrateError::DataDir(error) => error.help(),
            MigrateError::Nothing(_) | MigrateError::Same(_) => "see `anonchat migrate --help`",
            MigrateError::OtherKey(_) => {
                "move it away if nothing is sealed with it, or name another data directory"
            }
            MigrateError::Transfer(TransferError::Occupied { .. }) => {
                "name an empty database, or empty this one if nobody needs it any more"
            }
            MigrateError::Transfer(TransferError::HalfSource) => {
                "run the move into it again, or name the database that is whole"
            }
            MigrateError::Transfer(TransferError::Differs { .. }) => {
                "stop whatever else uses the two databases, and run this again"
            }
            MigrateError::Transfer(TransferError::Source(_) | TransferError::Target(_))
            | MigrateError::Database { .. }
            | MigrateError::Key { .. }
            | MigrateError::System(_) => "mend this and run the command again",
        };
        let exit = match error {
            MigrateError::DataDir(DataDirError::InUse { .. }) => Exit::InUse,
            _ => Exit::Failure,
        };
        Self::new(&error, help, exit)
    }
}
