//! What commands do with the data, whether or not a server runs.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
};

use super::{StartError, SystemClock, keep_copy, schema};
use crate::{
    anonymity::random,
    backup::{self, BackupError, Made, Manifest, Restored, Wishes, Workshop},
    config::Config,
    data_dir::{DataDir, DataDirError, Purpose},
    domain::Clock,
    store::{Schema, StoreError, Upkeep, sqlite::SqliteUpkeep},
};

/// Why a command could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The backup cannot be made or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The server could not start on this data, either.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// What there is to say about the data.
#[derive(Clone, Debug)]
pub struct Status {
    /// Where the database is.
    pub database: PathBuf,
    /// Its length in bytes, with its log.
    pub bytes: u64,
    /// Where its schema stands.
    pub schema: Schema,
    /// How many rows each table has.
    pub rows: Vec<(&'static str, u64)>,
    /// The server that works with it, or the command that changes everything, by its process id.
    pub process: Option<String>,
}

/// Makes a backup in a file; see [`backup::to_file`].
pub fn back_up(
    config: &Config,
    place: Option<&Path>,
    wishes: Wishes,
) -> Result<Made, OfflineError> {
    let data_dir = find(config)?;
    Ok(backup::to_file(shop(&data_dir), place, wishes)?)
}

/// Makes a backup that goes to `to` and nowhere else.
pub fn back_up_to(
    config: &Config,
    to: &mut dyn Write,
    include_keys: bool,
) -> Result<Manifest, OfflineError> {
    let data_dir = find(config)?;
    Ok(backup::to_writer(shop(&data_dir), to, include_keys)?)
}

/// Puts a backup in the place of the data, while no server runs.
pub fn restore(config: &Config, from: &mut dyn Read) -> Result<Restored, OfflineError> {
    no_other_database(config)?;
    let data_dir = DataDir::make(&config.storage.data_dir)?;
    let _lock = data_dir.lock(Purpose::Replace)?;
    Ok(backup::restore(shop(&data_dir), from, None)?)
}

/// Puts a backup into a folder that holds no data yet, and changes nothing elsewhere.
pub fn restore_into(
    config: &Config,
    from: &mut dyn Read,
    into: &Path,
) -> Result<Restored, OfflineError> {
    let data_dir = DataDir::make(into)?;
    let _lock = data_dir.lock(Purpose::Replace)?;
    if data_dir.database().exists() || data_dir.key().exists() {
        return Err(BackupError::Occupied { path: into.to_owned() }.into());
    }
    Ok(backup::restore(shop(&data_dir), from, Some(&config.storage.data_dir))?)
}

/// Says how the data stands. Changes nothing.
pub fn status(config: &Config) -> Result<Status, OfflineError> {
    let data_dir = find(config)?;
    let database = existing(&data_dir)?;
    let failed = failed(&database);
    let log = database.with_extension("db-wal");
    let bytes = [&database, &log].map(|file| fs::metadata(file).map_or(0, |found| found.len()));
    Ok(Status {
        bytes: bytes.iter().sum(),
        schema: SqliteUpkeep.schema(&database).map_err(&failed)?,
        rows: SqliteUpkeep.rows(&database).map_err(&failed)?,
        process: data_dir.holder(),
        database,
    })
}

/// The version of the database's schema, and the one that this program makes; `None` where there is
/// no such database or it cannot be read. Changes nothing.
pub fn versions(config: &Config) -> Option<(u32, u32)> {
    let database = existing(&find(config).ok()?).ok()?;
    let schema = SqliteUpkeep.schema(&database).ok()?;
    Some((schema.found?, schema.known))
}

/// The migrations that bring the schema up to date. Changes nothing.
pub fn pending(config: &Config) -> Result<Vec<String>, OfflineError> {
    let data_dir = find(config)?;
    Ok(schema(&data_dir)?.pending)
}

/// Brings the schema up to date, while no server runs, and keeps a copy from before. Returns the
/// migrations that did it, and where the copy is.
pub fn migrate(config: &Config) -> Result<(Vec<String>, Option<PathBuf>), OfflineError> {
    let data_dir = find(config)?;
    let _lock = data_dir.lock(Purpose::Replace)?;
    let schema = schema(&data_dir)?;
    let copy = keep_copy(&data_dir, &schema, SystemClock.now())?;
    let database = data_dir.database();
    SqliteUpkeep.prepare(&database, random::bytes()).map_err(failed(&database))?;
    Ok((schema.pending, copy))
}

/// Everything that is damaged in the database, a sentence each.
pub fn damages(config: &Config) -> Result<Vec<String>, OfflineError> {
    let data_dir = find(config)?;
    let database = existing(&data_dir)?;
    Ok(SqliteUpkeep.damages(&database, false).map_err(failed(&database))?)
}

/// Gives the space that what was erased took back to the system, while no server runs. Returns the
/// database's length before and after.
pub fn vacuum(config: &Config) -> Result<(u64, u64), OfflineError> {
    let data_dir = find(config)?;
    let _lock = data_dir.lock(Purpose::Replace)?;
    let database = existing(&data_dir)?;
    let length = |path: &Path| fs::metadata(path).map_or(0, |found| found.len());
    SqliteUpkeep.settle(&database).map_err(failed(&database))?;
    let before = length(&database);
    backup::compact(shop(&data_dir))?;
    Ok((before, length(&database)))
}

/// The data directory, if the data is there.
fn find(config: &Config) -> Result<DataDir, OfflineError> {
    no_other_database(config)?;
    Ok(DataDir::find(&config.storage.data_dir)?)
}

fn no_other_database(config: &Config) -> Result<(), StartError> {
    match &config.storage.url {
        Some(url) => Err(StartError::Elsewhere { place: url.to_string() }),
        None => Ok(()),
    }
}

fn shop(data_dir: &DataDir) -> Workshop<'_> {
    Workshop { data_dir, upkeep: &SqliteUpkeep, now: SystemClock.now() }
}

fn existing(data_dir: &DataDir) -> Result<PathBuf, BackupError> {
    let path = data_dir.database();
    if path.exists() { Ok(path) } else { Err(BackupError::NoData { path }) }
}

fn failed(database: &Path) -> impl Fn(StoreError) -> StartError + use<> {
    let path = database.to_owned();
    move |source| StartError::file(&path, source)
}
