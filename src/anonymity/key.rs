//! The server's secret key: where it lies and what it must be like.

use std::{
    fmt, fs,
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{
    random,
    subkey::{Purpose, SubKey},
};

/// The one secret that everything hangs on: 32 random bytes in a file of their own, beside the
/// database and never inside it. Wiped from memory when dropped, never shown.
pub struct SecretKey(Zeroizing<[u8; SecretKey::BYTES]>);

/// Why there is no secret key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It can be neither read nor made.
    #[error("the secret key {} cannot be read or created", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file is no key.
    #[error("the secret key {} is not a file of exactly {} bytes", .path.display(), SecretKey::BYTES)]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// Others on this machine can read or change it.
    #[error("the secret key {} is open to other users (mode {mode:04o})", .path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It was not made by a random source.
    #[error("the secret key {} is not random, so it can be guessed", .path.display())]
    Weak {
        /// The file.
        path: PathBuf,
    },
}

impl KeyError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Io { .. } => {
                "run this as the user whose the data is; `anonchat doctor` tells more"
            }
            Self::NotAKey { .. } | Self::Weak { .. } => {
                "put your copy of it back; only where there is no data yet, remove it instead"
            }
            Self::TooOpen { .. } => "chmod 600 it, and think about who may have read it",
        }
    }
}

/// Bytes that were not drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key is not random")]
pub struct WeakKey;

impl SecretKey {
    /// Its length.
    pub const BYTES: usize = 32;

    /// Accepts bytes from a random source.
    ///
    /// # Errors
    /// [`WeakKey`] for what no random source gives: few different bytes (zeros, a pattern), bytes
    /// in sequence, or a typed text.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Result<Self, WeakKey> {
        let bytes = Zeroizing::new(bytes);
        let mut distinct = bytes.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let counted = bytes.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
        let typed = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        if distinct.len() < Self::BYTES / 2 || counted || typed {
            return Err(WeakKey);
        }
        Ok(Self(bytes))
    }

    /// Reads the key at `path`, or makes one there that only the owner may read, whatever the
    /// umask. A made key is on disk when this returns; of two processes that make one at once,
    /// both get the same.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with the file. It is never replaced.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::Io { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
                create(path).map_err(|cause| KeyError::Io { path: path.to_owned(), cause })?;
                Self::load(path)
            }
            loaded => loaded,
        }
    }

    /// Reads the key at `path`.
    ///
    /// # Errors
    /// [`KeyError`], also when there is none.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let io_error = |cause| KeyError::Io { path: path.to_owned(), cause };
        let mut file = fs::File::open(path).map_err(io_error)?;
        let found = file.metadata().map_err(io_error)?;
        if !found.is_file() || found.len() != Self::BYTES as u64 {
            return Err(KeyError::NotAKey { path: path.to_owned() });
        }
        let mode = found.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::TooOpen { path: path.to_owned(), mode });
        }
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        file.read_exact(&mut *bytes).map_err(io_error)?;
        Self::from_bytes(*bytes).map_err(|WeakKey| KeyError::Weak { path: path.to_owned() })
    }

    /// Tells this key from others, and nothing else about it.
    pub fn fingerprint(&self) -> [u8; 8] {
        let derived = self.derive(Purpose::Fingerprint);
        derived.expose().first_chunk().copied().unwrap_or_default()
    }

    /// A key for one purpose; those of two purposes have nothing to do with each other.
    pub(super) fn derive(&self, purpose: Purpose) -> SubKey {
        SubKey::new(*self.0).derive(purpose.label())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Writes a new key under another name and links it to `path` once it is complete, so that a crash
/// leaves either no key there or a whole one. A key that meanwhile came to be there stays.
fn create(path: &Path) -> io::Result<()> {
    let key = Zeroizing::new(random::bytes::<{ SecretKey::BYTES }>());
    match put_new(path, &*key) {
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            fs::File::open(folder_of(path))?.sync_all()
        }
        put => put,
    }
}

/// Puts a new file at `path` that is its owner's alone, and on disk when this returns. A crash
/// leaves none there or all of it.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when there is one, which stays as it is.
pub fn put_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let unfinished = unfinished_in(folder);
    let linked = write_new(&unfinished, contents).and_then(|()| fs::hard_link(&unfinished, path));
    let removed = fs::remove_file(&unfinished);
    linked.and(removed)?;
    fs::File::open(folder)?.sync_all()
}

/// The folder that a file lies in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A name that nothing has yet, for a file that is not written to its end.
pub(super) fn unfinished_in(folder: &Path) -> PathBuf {
    folder.join(format!(".new-{:016x}", u64::from_le_bytes(random::bytes())))
}

/// Writes a new file that is its owner's alone, and on disk when this returns.
pub(super) fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    // The umask may have taken away the owner's own rights.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(contents)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use rustix::{fs::Mode, process::umask};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn write(path: &Path, bytes: &[u8]) {
        fs::write(path, bytes).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn a_key_is_made_once_and_then_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let made = SecretKey::load_or_create(&path).unwrap();
        let read = SecretKey::load_or_create(&path).unwrap();
        assert_eq!(*made.0, *read.0);
        let files = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, 1, "nothing else is left in the folder");
    }

    #[test]
    fn a_key_is_its_owners_alone_under_any_umask() {
        let folder = tempfile::tempdir().unwrap();
        for bits in [0o000, 0o022, 0o077] {
            let path = folder.path().join(format!("{bits:o}"));
            let before = umask(Mode::from_raw_mode(bits));
            let made = SecretKey::load_or_create(&path);
            umask(before);
            made.unwrap();
            assert_eq!(mode(&path), 0o600, "umask {bits:o}");
        }
    }

    #[test]
    fn a_key_that_others_can_read_or_change_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        SecretKey::load_or_create(&path).unwrap();
        for open in [0o640, 0o604, 0o620, 0o602, 0o610, 0o666] {
            fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
            let refused = SecretKey::load_or_create(&path).unwrap_err();
            assert!(matches!(refused, KeyError::TooOpen { mode, .. } if mode == open));
            assert!(refused.help().contains("chmod 600"), "{refused}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert!(SecretKey::load_or_create(&path).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        for bytes in [&b""[..], &[7; 31], &[7; 33], &[7; 64]] {
            write(&path, bytes);
            let refused = SecretKey::load_or_create(&path).unwrap_err();
            assert!(matches!(refused, KeyError::NotAKey { .. }), "{refused}");
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        let refused = SecretKey::load_or_create(folder.path()).unwrap_err();
        assert!(matches!(refused, KeyError::NotAKey { .. }), "{refused}");
    }

    #[test]
    fn bytes_that_were_not_drawn_at_random_are_refused() {
        let counted: Vec<u8> = (0..32).collect();
        let pattern = b"0123".repeat(8);
        for weak in
            [&[0; 32][..], &[0xff; 32], &counted, &pattern, b"the-quick-brown-fox-jumps-over-it"]
        {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("secret.key");
            write(&path, &weak[..32]);
            let refused = SecretKey::load_or_create(&path).unwrap_err();
            assert!(matches!(refused, KeyError::Weak { .. }), "{refused}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_with_the_path() {
        let refused = SecretKey::load_or_create(Path::new("/nowhere/secret.key")).unwrap_err();
        assert!(matches!(&refused, KeyError::Io { .. }), "{refused}");
        assert!(refused.to_string().contains("/nowhere/secret.key"), "{refused}");
    }

    #[test]
    fn logs_show_nothing_of_a_key() {
        let key = SecretKey::from_bytes(random::bytes()).unwrap();
        assert_eq!(format!("{key:?}"), "SecretKey(…)");
        assert_eq!(format!("{:?}", key.derive(Purpose::Emails)), "SubKey(…)");
    }
}
