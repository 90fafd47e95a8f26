//! Moving everything from one database into another, as from SQLite to PostgreSQL and back.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::back_end::{self, BackEnd};
use crate::{
    anonymity::put_new,
    config::Storage,
    data_dir::{DataDir, DataDirError, Lock, Purpose},
    store::{
        StoreError,
        transfer::{Content, Table, TransferError, transfer},
    },
};

/// Why nothing was moved, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// There is nothing to move.
    #[error("there is no database {0}")]
    Nothing(String),
    /// Source and target are one.
    #[error("both are the database {0}")]
    Same(String),
    /// A database cannot be opened or brought up to date.
    #[error("cannot open the database {place}")]
    Database {
        /// Where it is.
        place: String,
        /// What is wrong with it.
        source: StoreError,
    },
    /// The target's data directory has a key of its own, under which nobody would be found again.
    #[error("{0} is not the key of the source")]
    OtherKey(PathBuf),
    /// The keys cannot be brought along.
    #[error("cannot bring the keys to {path}")]
    Key {
        /// Where it belongs.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The rows cannot be moved.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The system does not give what is needed.
    #[error("cannot start")]
    System(#[from] io::Error),
}

/// Moves all rows of `source` to `target`, where there must be none, and the keys with them
/// where the data directories differ; tells `moved` what is in each table.
///
/// Both data directories are locked meanwhile, so that no server works with them. After an error
/// the source is as it was, no server starts on the target, and the same can be tried again.
///
/// # Errors
/// [`MigrateError`]
pub fn migrate(
    source: &Storage,
    target: &Storage,
    moved: impl FnMut(Table, Content),
) -> Result<(), MigrateError> {
    let (from, to) = (back_end::place(source), back_end::place(target));
    if (&source.url, &source.data_dir) == (&target.url, &target.data_dir) || from == to {
        return Err(MigrateError::Same(from));
    }
    let source_dir = DataDir::find(&source.data_dir)?;
    if source.url.is_none() && !source_dir.database().exists() {
        return Err(MigrateError::Nothing(from));
    }
    let target_dir = DataDir::make(&target.data_dir)?;
    let _locks = lock(&source_dir, &target_dir)?;
    bring_key(&source_dir.key(), &target_dir.key())?;
    bring_key(&source_dir.signing_keys(), &target_dir.signing_keys())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let from = open(&source_dir, source).await?;
        let to = open(&target_dir, target).await?;
        let done = transfer(&*from, &*to, moved).await;
        to.close().await;
        from.close().await;
        Ok(done?)
    })
}

async fn open(data_dir: &DataDir, storage: &Storage) -> Result<Arc<dyn BackEnd>, MigrateError> {
    let failed = |source| MigrateError::Database { place: back_end::place(storage), source };
    back_end::open(data_dir, storage).await.map_err(failed)
}

/// Locks both, or the one that is both.
fn lock(source: &DataDir, target: &DataDir) -> Result<Vec<Lock>, MigrateError> {
    let is_same = fs::canonicalize(source.path())? == fs::canonicalize(target.path())?;
    let dirs = [Some(source), Some(target).filter(|_| !is_same)];
    Ok(dirs
        .into_iter()
        .flatten()
        .map(|dir| dir.lock(Purpose::Replace))
        .collect::<Result<_, _>>()?)
}

/// Puts a copy of a file of keys where the target's server looks for it; all of it or nothing. What
/// has no secret key yet is new, and its server makes one; what has no signing keys never changed
/// them.
fn bring_key(source: &Path, target: &Path) -> Result<(), MigrateError> {
    let failed = |error| MigrateError::Key { path: target.to_owned(), source: error };
    if !source.exists() {
        return Ok(());
    }
    let key = fs::read(source).map_err(failed)?;
    match put_new(target, &key) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::read(target).map_err(failed)? == key {
                return Ok(());
            }
            Err(MigrateError::OtherKey(target.to_owned()))
        }
        written => written.map_err(failed),
    }
}
