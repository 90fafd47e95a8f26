//! Why a backup cannot be made or restored, and what to do about it.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    anonymity::{KeyError, SigningKeysError},
    store::StoreError,
};

/// Why a backup cannot be made or restored. Whatever it is, no half backup was left anywhere, and
/// the data is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no database.
    #[error("there is no database {path}")]
    NoData {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The backup would replace a file.
    #[error("{path} exists")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A restore next to the data found data.
    #[error("{path} already holds data")]
    Occupied {
        /// The directory.
        path: PathBuf,
    },
    /// Another backup is being made or restored.
    #[error("another backup is being made in {path}")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The database cannot be read or written.
    #[error("cannot use the database")]
    Database(#[from] StoreError),
    /// The database, or its copy, is damaged.
    #[error("the database is damaged: {first}")]
    Damaged {
        /// The first damage that was found.
        first: String,
    },
    /// A file cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The backup cannot be read to its end.
    #[error("the backup cannot be read")]
    Read(#[source] io::Error),
    /// The file is no backup, or one that somebody has changed.
    #[error("this is not a whole, unchanged backup: {why}")]
    Refused {
        /// What is wrong with it.
        why: String,
    },
    /// A newer program made the backup.
    #[error("a newer AnonChat made this backup ({what} {found}; this one knows up to {known})")]
    Newer {
        /// What has the number: the format or the schema.
        what: &'static str,
        /// The number.
        found: u32,
        /// The greatest number that this program knows.
        known: u32,
    },
    /// What the backup holds does not fit.
    #[error("the backup needs {needed} bytes and there are {free} free")]
    NoRoom {
        /// How much it holds.
        needed: u64,
        /// How much there is.
        free: u64,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The keys that sign access tokens cannot be used.
    #[error(transparent)]
    SigningKeys(#[from] SigningKeysError),
    /// The key is in neither the backup nor the data directory.
    #[error("the backup does not hold the secret key, and there is none at {path}")]
    NoKey {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The key in the data directory is not the one that the data was made with.
    #[error("the secret key {path} is not the one that the backup was made with")]
    OtherKey {
        /// The file.
        path: PathBuf,
    },
}

impl BackupError {
    pub(super) fn write(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Write { path: path.clone(), source }
    }

    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into() }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoData { .. } => "name the right data directory with --data-dir",
            Self::Exists { .. } => "name another file, or a folder: the name then tells the time",
            Self::Occupied { .. } => {
                "name a new folder; to replace the data, leave --into out and use --data-dir"
            }
            Self::Busy { .. } => "wait until it is done",
            Self::Database(_) => "see whether the disk is full; `anonchat db check` tells more",
            Self::Damaged { .. } => {
                "`anonchat db check` lists all damages; `anonchat restore` brings a backup back"
            }
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free some space, or write to another disk; nothing unfinished was left there"
            }
            Self::Write { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                "try again: the name tells the second"
            }
            Self::Write { .. } => {
                "the owner of the data must be able to write there; a backup can be redirected: \
                 `anonchat backup - > FILE`"
            }
            Self::Read(_) | Self::Refused { .. } => {
                "use another backup; the data here was not touched"
            }
            Self::Newer { .. } => {
                "install that version or a later one; the data here was not touched"
            }
            Self::NoRoom { .. } => "free some space; the data here was not touched",
            Self::SigningKeys(error) => error.help(),
            Self::Key(error) => error.help(),
            Self::NoKey { .. } | Self::OtherKey { .. } => {
                "put the server's own secret.key there: without it nobody is found again in their \
                 rooms and no e-mail address can be read"
            }
        }
    }
}
