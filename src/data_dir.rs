//! The data directory: what lies in it, whose it is, and who works with it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
};

/// The database's name.
pub const DATABASE: &str = "anonchat.db";
/// The key's name.
pub const KEY: &str = "secret.key";
/// The name of the file with the keys that sign access tokens, once they were changed.
pub const SIGNING_KEYS: &str = "signing.keys";
/// The name of the file that keeps a second server off.
pub const LOCK: &str = "anonchat.lock";
/// The folder for backups that were given no other place.
pub const BACKUPS: &str = "backups";

/// A data directory that is there, for the eyes of its owner alone.
///
/// Whoever has one is the owner: a process that root started on the data of another user became
/// that user, for good, before it opened anything. So nothing in it ever belongs to root by
/// accident.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// Held by the one process that may change everything in a data directory; another server is kept
/// off until it is dropped, also one in another container. A crash drops it, too.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// What somebody has the lock for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To serve: others may work with the database beside it, and ask it to read its configuration
    /// anew.
    Serve,
    /// To work with the database as others may do beside it.
    Share,
    /// To change or replace whole files; nobody works beside it.
    Replace,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Serve => "serves",
            Self::Share => "shares",
            Self::Replace => "replaces",
        }
    }
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// There is none.
    #[error("there is no data directory {path}")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It cannot be made or used.
    #[error("cannot use the data directory {path}")]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Root may not become its owner.
    #[error("cannot become user {owner}, whose the data directory {path} is")]
    Owner {
        /// The directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// What the system says.
        source: io::Error,
    },
    /// A server, or a command that changes everything, works with it.
    #[error("another AnonChat{} works with the data directory {path}", .process.as_ref().map_or_else(String::new, |id| format!(" (process {id})")))]
    InUse {
        /// The directory.
        path: PathBuf,
        /// The other one's process id, if it can be read.
        process: Option<String>,
        /// What the other one does.
        purpose: Purpose,
    },
}

impl DataDirError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "name the right one with --data-dir (a service has /var/lib/anonchat), or start the \
                 server once to make it"
            }
            Self::Unusable { .. } => {
                "run this as the user whose the directory is, or name another with --data-dir"
            }
            Self::Owner { .. } => "run this as that user",
            Self::InUse { .. } => "stop the other one first, or give this one its own --data-dir",
        }
    }
}

impl DataDir {
    /// The directory at `path`, which must be there.
    ///
    /// Must be called before the process has a second thread.
    ///
    /// # Errors
    /// [`DataDirError::Missing`], [`DataDirError::Unusable`] or [`DataDirError::Owner`].
    pub fn find(path: &Path) -> Result<Self, DataDirError> {
        if !path.is_dir() {
            return Err(DataDirError::Missing { path: path.to_owned() });
        }
        Self::make(path)
    }

    /// The directory at `path`; if there is none it is made, and belongs to whom the folder
    /// around it belongs.
    ///
    /// Must be called before the process has a second thread, unless it is the owner already.
    ///
    /// # Errors
    /// [`DataDirError::Unusable`] or [`DataDirError::Owner`].
    pub fn make(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |source| DataDirError::Unusable { path: path.to_owned(), source };
        Self::become_owner(path)?;
        make_private(path).map_err(unusable)?;
        Ok(Self(path.to_owned()))
    }

    /// Makes a process of root that of the user whose the directory at `path` is, or will be, as
    /// whoever works with it becomes.
    ///
    /// Must be called before the process has a second thread, unless it is the owner already.
    ///
    /// # Errors
    /// [`DataDirError::Owner`].
    pub fn become_owner(path: &Path) -> Result<(), DataDirError> {
        let Some((owner, group)) = Self::owner_of(path) else { return Ok(()) };
        become_user(owner, group).map_err(|source| {
            let path = path.to_owned();
            DataDirError::Owner { path, owner, source }
        })
    }

    /// Whose the directory at `path` is, or will be: user and group.
    pub fn owner_of(path: &Path) -> Option<(u32, u32)> {
        let mut above = path.ancestors().filter_map(|above| fs::metadata(nameable(above)).ok());
        above.next().map(|owned| (owned.uid(), owned.gid()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the database is, or will be.
    pub fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// Where the secret key is, or will be.
    pub fn key(&self) -> PathBuf {
        self.0.join(KEY)
    }

    /// Where the keys that sign access tokens are, once they were changed.
    pub fn signing_keys(&self) -> PathBuf {
        self.0.join(SIGNING_KEYS)
    }

    /// Where backups go that were given no other place.
    pub fn backups(&self) -> PathBuf {
        self.0.join(BACKUPS)
    }

    /// Takes the lock and notes down whose it is and what for. Whoever asks about it meanwhile is no
    /// hindrance.
    ///
    /// # Errors
    /// [`DataDirError::InUse`] when another process has it, at once; [`DataDirError::Unusable`].
    pub fn lock(&self, purpose: Purpose) -> Result<Lock, DataDirError> {
        let failed = |source| DataDirError::Unusable { path: self.0.clone(), source };
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(self.0.join(LOCK)).map_err(failed)?;
        match lock_at_once(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let (process, purpose) = noted(&file);
                return Err(DataDirError::InUse { path: self.0.clone(), process, purpose });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let note = format!("{} {}\n", std::process::id(), purpose.word());
        file.set_len(0).and_then(|()| file.write_all(note.as_bytes())).map_err(failed)?;
        Ok(Lock { _file: file })
    }

    /// Sees that nobody has the lock, without being in the way of who takes it.
    ///
    /// # Errors
    /// [`DataDirError::InUse`] when a process has it; [`DataDirError::Unusable`].
    pub fn unlocked(&self) -> Result<(), DataDirError> {
        let failed = |source| DataDirError::Unusable { path: self.0.clone(), source };
        let file = match File::open(self.0.join(LOCK)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened.map_err(failed)?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => {
                let (process, purpose) = noted(&file);
                Err(DataDirError::InUse { path: self.0.clone(), process, purpose })
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The process that holds the lock, by its id as text, which may not be readable.
    pub fn holder(&self) -> Option<String> {
        match self.unlocked() {
            Err(DataDirError::InUse { process, .. }) => Some(process.unwrap_or_default()),
            _ => None,
        }
    }

    /// Waits until nobody else changes the keys that sign access tokens; others wait until the file is
    /// closed. A server is not in the way: it only reads them.
    ///
    /// # Errors
    /// [`DataDirError::Unusable`].
    pub fn lock_signing_keys(&self) -> Result<File, DataDirError> {
        let failed = |source| DataDirError::Unusable { path: self.0.clone(), source };
        let folder = File::open(&self.0).map_err(failed)?;
        folder.lock().map_err(failed)?;
        Ok(folder)
    }
}

/// Locks a file unless somebody else has. Who only asks has a share in it for a moment, which is waited
/// for.
fn lock_at_once(file: &File) -> Result<(), TryLockError> {
    loop {
        match file.try_lock() {
            // Nobody gets a share in what somebody else has.
            Err(TryLockError::WouldBlock) => file.try_lock_shared()?,
            taken => return taken,
        }
        file.unlock().map_err(TryLockError::Error)?;
        thread::yield_now();
    }
}

/// The process id in the lock's file, and what it has the lock for.
fn noted(file: &File) -> (Option<String>, Purpose) {
    let note = io::read_to_string(file).unwrap_or_default();
    let mut words = note.split_whitespace();
    let (process, word) = (words.next().map(str::to_owned), words.next());
    let purpose = [Purpose::Serve, Purpose::Share].into_iter().find(|it| word == Some(it.word()));
    (process, purpose.unwrap_or(Purpose::Replace))
}

/// The folder around a relative path of one name is the empty path, which no system call takes.
fn nameable(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

/// Makes the directory with mode 0700, or takes away what others may do in it.
fn make_private(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(0o700);
        fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

/// Makes a process of root one of that user, with no way back; does nothing in any other.
#[cfg(target_os = "linux")]
fn become_user(user: u32, group: u32) -> io::Result<()> {
    use rustix::{
        process::geteuid,
        thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
    };

    if !geteuid().is_root() || user == 0 {
        return Ok(());
    }
    let (user, group) = (rustix::fs::Uid::from_raw(user), rustix::fs::Gid::from_raw(group));
    // The system counts these per thread; there is only one yet.
    set_thread_groups(&[])?;
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)?;
    Ok(())
}

/// Only Linux keeps servers whose data is another user's.
#[cfg(not(target_os = "linux"))]
fn become_user(_user: u32, _group: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_about_the_lock_keeps_nobody_from_it() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = DataDir::make(&dir.path().join("data")).unwrap();
        drop(data_dir.lock(Purpose::Serve).unwrap());
        let asking = File::open(data_dir.path().join(LOCK)).unwrap();
        asking.lock_shared().unwrap();
        thread::scope(|scope| {
            let server = scope.spawn(|| data_dir.lock(Purpose::Serve).map(drop));
            for _ in 0..1000 {
                data_dir.unlocked().unwrap();
            }
            drop(asking);
            server.join().unwrap().unwrap();
        });
    }

    #[test]
    fn whoever_asks_about_the_lock_hears_who_has_it_and_what_for() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = DataDir::make(&dir.path().join("data")).unwrap();
        data_dir.unlocked().unwrap();
        let lock = data_dir.lock(Purpose::Serve).unwrap();
        for refused in [data_dir.unlocked(), data_dir.lock(Purpose::Share).map(drop)] {
            let Err(DataDirError::InUse { process, purpose, .. }) = refused else {
                panic!("{refused:?}")
            };
            assert_eq!(process, Some(std::process::id().to_string()));
            assert_eq!(purpose, Purpose::Serve);
        }
        drop(lock);
        assert_eq!(data_dir.holder(), None);
    }
}
