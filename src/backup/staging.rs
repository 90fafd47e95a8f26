//! Where unfinished work lies until it is whole.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::DirBuilderExt,
    path::Path,
};

use tempfile::TempDir;

use super::error::BackupError;

const UNFINISHED: &str = ".unfinished-";

/// A folder that is gone with the value, and the right to be the only one in the folder around it.
#[derive(Debug)]
pub(super) struct Staging {
    dir: TempDir,
    _lock: File,
}

impl Staging {
    /// Makes it in `folder`, which is made too, and clears away what a crash left there.
    pub(super) fn within(folder: &Path) -> Result<Self, BackupError> {
        let failed = BackupError::write(folder);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(&failed)?;
        let lock = File::open(folder).map_err(&failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => BackupError::Busy { path: folder.to_owned() },
            TryLockError::Error(error) => failed(error),
        })?;
        clear(folder).map_err(&failed)?;
        let dir = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(folder);
        Ok(Self { dir: dir.map_err(&failed)?, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }
}

fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Has the names in a folder reach the disk.
pub(super) fn sync(folder: &Path) -> Result<(), BackupError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BackupError::write(folder))
}
