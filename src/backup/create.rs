//! Making a backup, also while the server runs.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use data_encoding::HEXLOWER;
use tempfile::NamedTempFile;

use super::{
    BackupError, Manifest, Workshop, archive, naming, restore,
    staging::{Staging, sync},
};
use crate::{
    anonymity::{SecretKey, SigningKeys},
    data_dir::{DATABASE, DataDir, KEY, SIGNING_KEYS},
    domain::Timestamp,
    store::Schema,
};

/// How many copies from before a migration are kept, and how long: what people delete stays in them.
const KEPT_BEFORE_MIGRATIONS: usize = 3;
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

/// What a backup is to be like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// Whether the secret key and the signing keys are in it. Whoever has such a backup can tell who wrote what.
    pub include_keys: bool,
    /// Whether it is read back, as a restore would, before it gets its name.
    pub verify: bool,
    /// How many backups stay in its folder, the newest; all if nobody says.
    pub keep: Option<usize>,
}

/// A backup that is on disk.
#[derive(Clone, Debug)]
pub struct Made {
    /// Where.
    pub path: PathBuf,
    /// What it holds.
    pub manifest: Manifest,
    /// Older ones that went for it.
    pub removed: Vec<PathBuf>,
}

/// Makes a backup in a file with mode 0600.
///
/// `place` is the file, which must not be there, or a folder, where the name then tells the time;
/// without it, that is the folder for backups in the data directory.
pub fn to_file(
    shop: Workshop<'_>,
    place: Option<&Path>,
    wishes: Wishes,
) -> Result<Made, BackupError> {
    let usual = naming::usual(shop.now);
    let path = match place {
        None => shop.data_dir.backups().join(usual),
        Some(place) if place.is_dir() => place.join(usual),
        Some(place) => place.to_owned(),
    };
    let mut made = make(shop, path, wishes)?;
    if let Some(keep) = wishes.keep {
        made.removed = naming::prune(folder_of(&made.path), naming::USUAL, keep)?;
    }
    Ok(made)
}

/// Makes a backup that goes to `to` and nowhere else.
pub fn to_writer(
    shop: Workshop<'_>,
    to: &mut dyn Write,
    include_keys: bool,
) -> Result<Manifest, BackupError> {
    let staging = Staging::within(&shop.data_dir.backups())?;
    let manifest = collect(shop, staging.path(), include_keys)?;
    archive::write(to, &manifest, staging.path())
        .map_err(BackupError::write(Path::new("to standard output")))?;
    Ok(manifest)
}

/// Removes copies from before a migration that are older than a week.
pub fn forget_old_copies(data_dir: &DataDir, now: Timestamp) -> Result<(), BackupError> {
    let folder = data_dir.backups();
    if folder.is_dir() {
        naming::expire(&folder, naming::BEFORE, now.minus(KEPT_FOR))?;
    }
    Ok(())
}

/// Makes a backup if there is a database that a migration is about to change; removes all but the
/// last three of that kind.
pub fn before_migration(
    shop: Workshop<'_>,
    schema: &Schema,
) -> Result<Option<PathBuf>, BackupError> {
    if schema.found.is_none() || schema.pending.is_empty() {
        return Ok(None);
    }
    let folder = shop.data_dir.backups();
    let path = folder.join(naming::before_schema(schema.known, shop.now));
    let made = make(shop, path, Wishes::default())?;
    naming::prune(&folder, naming::BEFORE, KEPT_BEFORE_MIGRATIONS)?;
    Ok(Some(made.path))
}

fn make(shop: Workshop<'_>, path: PathBuf, wishes: Wishes) -> Result<Made, BackupError> {
    if path.exists() {
        return Err(BackupError::Exists { path });
    }
    let staging = Staging::within(&shop.data_dir.backups())?;
    let manifest = collect(shop, staging.path(), wishes.include_keys)?;
    let folder = folder_of(&path);
    let failed = BackupError::write(&path);
    // What a crash leaves in the staging folder is cleared away by the next backup.
    let is_beside = folder == shop.data_dir.backups();
    let unfinished = if is_beside { staging.path() } else { folder };
    let file = tempfile::Builder::new().prefix(".anonchat-").tempfile_in(unfinished);
    let mut file = file.map_err(&failed)?;
    archive::write(&mut file, &manifest, staging.path()).map_err(&failed)?;
    file.as_file().sync_all().map_err(&failed)?;
    if wishes.verify {
        verify(shop, &file, &staging)?;
    }
    file.persist_noclobber(&path).map_err(|error| failed(error.error))?;
    sync(folder)?;
    Ok(Made { path, manifest, removed: Vec::new() })
}

/// Copies everything into an empty folder and says what it is.
fn collect(shop: Workshop<'_>, folder: &Path, include_keys: bool) -> Result<Manifest, BackupError> {
    let database = shop.data_dir.database();
    if shop.upkeep.schema(&database)?.found.is_none() {
        return Err(BackupError::NoData { path: database });
    }
    let copy = folder.join(DATABASE);
    shop.upkeep.copy(&database, &copy)?;
    restore::is_sound(shop.upkeep, &copy)?;
    let mut files = vec![DATABASE];
    if include_keys {
        files.extend(copy_keys(shop.data_dir, folder)?);
    }
    let contents = files.into_iter().map(|name| {
        let path = folder.join(name);
        let contents = archive::contents(&path).map_err(BackupError::write(&path))?;
        Ok((name.to_owned(), contents))
    });
    let rows = shop.upkeep.rows(&copy)?;
    Ok(Manifest {
        format: Manifest::FORMAT,
        app: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: naming::rfc_3339(shop.now),
        schema: shop.upkeep.schema(&copy)?.found.unwrap_or_default(),
        key: SecretKey::load(&shop.data_dir.key()).ok().map(|key| fingerprint(&key)),
        files: contents.collect::<Result<_, BackupError>>()?,
        rows: rows.into_iter().map(|(table, count)| (table.to_owned(), count)).collect(),
    })
}

/// Copies everything secret that is there; the names of the files.
fn copy_keys(data_dir: &DataDir, folder: &Path) -> Result<Vec<&'static str>, BackupError> {
    SecretKey::load(&data_dir.key())?;
    SigningKeys::load(&data_dir.signing_keys())?;
    let keys = [(KEY, data_dir.key()), (SIGNING_KEYS, data_dir.signing_keys())];
    let there = keys.into_iter().filter(|(_, path)| path.exists());
    let copied = there.map(|(name, path)| {
        let copy = folder.join(name);
        fs::copy(path, &copy).map_err(BackupError::write(&copy))?;
        Ok(name)
    });
    copied.collect()
}

/// Reads an archive back as a restore would.
fn verify(shop: Workshop<'_>, file: &NamedTempFile, staging: &Staging) -> Result<(), BackupError> {
    let folder = staging.path().join("read-back");
    fs::create_dir(&folder).map_err(BackupError::write(&folder))?;
    let mut from = file.reopen().map_err(BackupError::Read)?;
    restore::unpack(shop, &mut from, &folder)?;
    Ok(())
}

/// Tells which key it is, and nothing about it.
pub(super) fn fingerprint(key: &SecretKey) -> String {
    HEXLOWER.encode(&key.fingerprint())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
