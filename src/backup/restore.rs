//! The way back: everything is checked before anything is touched, and nothing is thrown away.

use std::{
    fs::{self, DirBuilder, File},
    io::Read,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::{
    BackupError, Manifest, Workshop, archive,
    create::fingerprint,
    naming,
    staging::{Staging, sync},
};
use crate::{
    anonymity::{SecretKey, SigningKeys, random},
    data_dir::{DATABASE, KEY, SIGNING_KEYS},
    store::{StoreError, Upkeep},
};

/// What came of a restore.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the backup held.
    pub manifest: Manifest,
    /// Where the data from before is, if there was any.
    pub aside: Option<PathBuf>,
}

/// Puts a backup in the place of the data, whose lock the caller holds. The data from before is
/// kept in a folder beside it, and clients will load everything afresh.
///
/// A backup without a key needs the one that it was made with: in the data directory, or in the one
/// at `keys_elsewhere`, from where it is copied. Signing keys that are there stay, whatever is in the
/// backup: a key that was given up is not believed again.
pub fn restore(
    shop: Workshop<'_>,
    from: &mut dyn Read,
    keys_elsewhere: Option<&Path>,
) -> Result<Restored, BackupError> {
    let staging = Staging::within(shop.data_dir.path())?;
    let manifest = unpack(shop, from, staging.path())?;
    find_keys(shop, &manifest, staging.path(), keys_elsewhere)?;
    let database = staging.path().join(DATABASE);
    shop.upkeep.prepare(&database, random::bytes())?;
    shop.upkeep.renew_epoch(&database, random::bytes())?;
    shop.upkeep.settle(&database)?;
    let synced = File::open(&database).and_then(|file| file.sync_all());
    synced.map_err(BackupError::write(&database))?;
    let replaces_key = staging.path().join(KEY).exists();
    let aside = keep_aside(shop, replaces_key)?;
    for name in [SIGNING_KEYS, KEY, DATABASE] {
        let (staged, place) = (staging.path().join(name), shop.data_dir.path().join(name));
        let stays = name == SIGNING_KEYS && place.exists();
        if staged.exists() && !stays {
            fs::rename(staged, &place).map_err(BackupError::write(&place))?;
        }
    }
    sync(shop.data_dir.path())?;
    Ok(Restored { manifest, aside })
}

/// Writes the database anew without the space that erased rows took, in place of the old one. No
/// other process may have it open, and the caller holds the lock.
pub fn compact(shop: Workshop<'_>) -> Result<(), BackupError> {
    let staging = Staging::within(shop.data_dir.path())?;
    let (database, copy) = (shop.data_dir.database(), staging.path().join(DATABASE));
    is_sound(shop.upkeep, &database)?;
    shop.upkeep.settle(&database)?;
    shop.upkeep.copy(&database, &copy)?;
    fs::rename(copy, &database).map_err(BackupError::write(&database))?;
    sync(shop.data_dir.path())
}

/// Takes an archive apart into `folder` and checks everything that can be checked.
pub(super) fn unpack(
    shop: Workshop<'_>,
    from: &mut dyn Read,
    folder: &Path,
) -> Result<Manifest, BackupError> {
    let manifest = archive::unpack(from, folder)?;
    let database = folder.join(DATABASE);
    let schema = shop.upkeep.schema(&database)?;
    if manifest.schema > schema.known {
        let (found, known) = (manifest.schema, schema.known);
        return Err(BackupError::Newer { what: "schema", found, known });
    }
    if schema.found != Some(manifest.schema) {
        return Err(BackupError::refused("its database has another schema than the manifest says"));
    }
    is_sound(shop.upkeep, &database)?;
    let rows = shop.upkeep.rows(&database)?;
    if rows.iter().any(|(table, count)| manifest.rows.get(*table) != Some(count)) {
        return Err(BackupError::refused("its tables do not have the rows that the manifest says"));
    }
    if manifest.holds_key() {
        let key = SecretKey::load(&folder.join(KEY))?;
        if manifest.key != Some(fingerprint(&key)) {
            return Err(BackupError::refused("its key is not the one that the manifest says"));
        }
    }
    SigningKeys::load(&folder.join(SIGNING_KEYS))?;
    Ok(manifest)
}

pub(super) fn is_sound(upkeep: &dyn Upkeep, database: &Path) -> Result<(), BackupError> {
    match upkeep.damages(database, true)?.into_iter().next() {
        Some(first) => Err(BackupError::Damaged { first }),
        None => Ok(()),
    }
}

/// Makes sure that the right key will be there: from the backup, where it was, or from elsewhere.
fn find_keys(
    shop: Workshop<'_>,
    manifest: &Manifest,
    staging: &Path,
    elsewhere: Option<&Path>,
) -> Result<(), BackupError> {
    if manifest.holds_key() {
        return Ok(());
    }
    let present = shop.data_dir.path();
    let folder = match elsewhere {
        Some(elsewhere) if !shop.data_dir.key().exists() => elsewhere,
        _ => present,
    };
    let path = folder.join(KEY);
    if !path.exists() {
        return Err(BackupError::NoKey { path });
    }
    let found = fingerprint(&SecretKey::load(&path)?);
    if manifest.key.as_ref().is_some_and(|wanted| *wanted != found) {
        return Err(BackupError::OtherKey { path });
    }
    if folder == present {
        return Ok(());
    }
    for name in [KEY, SIGNING_KEYS].into_iter().filter(|name| folder.join(name).exists()) {
        let copy = staging.join(name);
        fs::copy(folder.join(name), &copy).map_err(BackupError::write(&copy))?;
    }
    Ok(())
}

/// Links the data that is there into a folder of its own, so that it stays where it is until the
/// moment it is replaced. A key that stays is not linked.
fn keep_aside(shop: Workshop<'_>, replaces_key: bool) -> Result<Option<PathBuf>, BackupError> {
    let (database, key) = (shop.data_dir.database(), shop.data_dir.key());
    if !database.exists() {
        return Ok(None);
    }
    match shop.upkeep.settle(&database) {
        // What is damaged cannot be settled; its log is kept beside it.
        Ok(()) | Err(StoreError::Corrupt { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let aside = shop.data_dir.path().join(format!("pre-restore-{}", naming::stamp(shop.now)));
    DirBuilder::new().mode(0o700).create(&aside).map_err(BackupError::write(&aside))?;
    let replaced = [(DATABASE, true), (KEY, replaces_key && key.exists())];
    for (name, _) in replaced.into_iter().filter(|(_, is_replaced)| *is_replaced) {
        let link = fs::hard_link(shop.data_dir.path().join(name), aside.join(name));
        link.map_err(BackupError::write(&aside))?;
    }
    for log in ["-wal", "-shm"].map(|ending| format!("{DATABASE}{ending}")) {
        let from = shop.data_dir.path().join(&log);
        if from.exists() {
            fs::rename(from, aside.join(log)).map_err(BackupError::write(&aside))?;
        }
    }
    sync(&aside)?;
    Ok(Some(aside))
}
