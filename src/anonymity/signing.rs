//! The keys that sign access tokens. The first derives from the secret key; once one was changed,
//! all of them lie in a file of their own.

use std::{
    fmt, fs,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    key::{SecretKey, folder_of, unfinished_in, write_new},
    random,
    subkey::SubKey,
};
use crate::domain::Timestamp;

/// Far more than a file of keys is long.
const MOST_BYTES: u64 = 1 << 20;
/// What stands in the file where there is no time.
const NEVER: &str = "-";
const HEADLINE: &str = "# Keys that sign access tokens, the newest last: made at (ms), believed \
                        until (ms), key. As secret as secret.key.\n";

/// Tells one key from another, and nothing else about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 8]);

/// One key, and how long it is believed.
#[derive(Clone)]
pub struct SigningKey {
    /// Its name.
    pub id: KeyId,
    /// When it was made; `None` for the one that derives from the secret key.
    pub made_at: Option<Timestamp>,
    /// From then on nothing that it signed is believed; `None` for the key that signs.
    pub until: Option<Timestamp>,
    key: SubKey,
}

/// The keys of a server: the newest signs, those before it are believed for a while. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeys {
    signs: SigningKey,
    /// Oldest first.
    before: Vec<SigningKey>,
}

/// Why there are no keys to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeysError {
    /// The file can be neither read nor written.
    #[error("the signing keys {path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Others on this machine can read or change the file.
    #[error("the signing keys {path} are open to other users (mode {mode:04o})")]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not as it was written.
    #[error("the signing keys {path} are damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl SigningKeysError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Io { .. } => "run this as the user whose the data directory is",
            Self::TooOpen { .. } => {
                "others may know the keys: chmod 600 the file, then `anonchat secret rotate --now`"
            }
            Self::Damaged { .. } => "make a new one: `anonchat secret rotate --now`",
        }
    }
}

impl KeyId {
    /// As tokens name the key that signed them.
    pub fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl SigningKey {
    fn new(key: SubKey, made_at: Option<Timestamp>) -> Self {
        let digest =
            Sha256::new_with_prefix(b"anonchat/v1/kid").chain_update(key.expose()).finalize();
        let id = KeyId(digest.first_chunk().copied().unwrap_or_default());
        Self { id, made_at, until: None, key }
    }

    fn random(now: Timestamp) -> Self {
        Self::new(SubKey::new(random::bytes()), Some(now))
    }

    /// The bytes, for a signature.
    pub fn expose(&self) -> &[u8; 32] {
        self.key.expose()
    }

    /// Whether what it signed is believed at `now`.
    pub fn is_believed(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    fn line(&self) -> Zeroizing<String> {
        let number = |time: Option<Timestamp>| time.map_or(NEVER.into(), |time| time.0.to_string());
        let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.expose()));
        Zeroizing::new(format!("{} {} {}\n", number(self.made_at), number(self.until), *key))
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let mut number = || match words.next()? {
            NEVER => Some(None),
            text => Some(Some(Timestamp(text.parse().ok()?))),
        };
        let (made_at, until) = (number()?, number()?);
        let mut bytes = Zeroizing::new([0; SecretKey::BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(words.next()?, &mut *bytes).ok()?;
        let is_whole = length == bytes.len() && words.next().is_none();
        let is_random = SecretKey::from_bytes(*bytes).is_ok();
        let key = (is_whole && is_random).then(|| SubKey::new(*bytes))?;
        Some(Self { until, ..Self::new(key, made_at) })
    }
}

impl SigningKeys {
    /// Those of a server whose key was never changed.
    pub fn first(key: &SubKey) -> Self {
        Self { signs: SigningKey::new(key.clone(), None), before: Vec::new() }
    }

    /// The keys at `path`; `None` if there is no such file.
    ///
    /// # Errors
    /// [`SigningKeysError`] says what is wrong with the file. It is never replaced.
    pub fn load(path: &Path) -> Result<Option<Self>, SigningKeysError> {
        let failed = |cause| SigningKeysError::Io { path: path.to_owned(), cause };
        let file = match fs::File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(SigningKeysError::TooOpen { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        match file.take(MOST_BYTES).read_to_string(&mut text) {
            Err(error) if error.kind() != io::ErrorKind::InvalidData => Err(failed(error)),
            _ => match Self::parse(&text) {
                None => Err(SigningKeysError::Damaged { path: path.to_owned() }),
                keys => Ok(keys),
            },
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let keys = text.strip_prefix(HEADLINE)?.lines().map(SigningKey::parse);
        let mut before = keys.collect::<Option<Vec<_>>>()?;
        let signs = before.pop().filter(|newest| newest.until.is_none())?;
        before.iter().all(|old| old.until.is_some()).then_some(Self { signs, before })
    }

    /// Puts them in the place of those at `path`, for the owner alone and on disk when this
    /// returns; a crash leaves these or those.
    ///
    /// # Errors
    /// [`SigningKeysError::Io`]; those at `path` are as they were then.
    pub fn store(&self, path: &Path) -> Result<(), SigningKeysError> {
        let mut text = Zeroizing::new(HEADLINE.to_owned());
        for key in self.all() {
            text.push_str(&key.line());
        }
        let folder = folder_of(path);
        let unfinished = unfinished_in(folder);
        let stored = write_new(&unfinished, text.as_bytes())
            .and_then(|()| fs::rename(&unfinished, path))
            .and_then(|()| fs::File::open(folder)?.sync_all());
        stored.map_err(|cause| {
            // Where nothing was written there is nothing to remove.
            let _ = fs::remove_file(&unfinished);
            SigningKeysError::Io { path: path.to_owned(), cause }
        })
    }

    /// A new key signs from `now` on; the one before it is believed until `until`.
    #[must_use]
    pub fn rotate(&self, now: Timestamp, until: Timestamp) -> Self {
        let replaced = SigningKey { until: Some(until), ..self.signs.clone() };
        let still = self.before.iter().filter(|key| key.is_believed(now)).cloned();
        Self { signs: SigningKey::random(now), before: still.chain([replaced]).collect() }
    }

    /// A new key signs, and no other is believed.
    pub fn anew(now: Timestamp) -> Self {
        Self { signs: SigningKey::random(now), before: Vec::new() }
    }

    /// The key that signs.
    pub fn signs(&self) -> &SigningKey {
        &self.signs
    }

    /// All of them, the one that signs last.
    pub fn all(&self) -> impl Iterator<Item = &SigningKey> {
        self.before.iter().chain([&self.signs])
    }
}

impl PartialEq for SigningKey {
    /// Whether it is the same key and believed for as long.
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.until) == (other.id, other.until)
    }
}

impl Eq for SigningKey {}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);
    const LATER: Timestamp = Timestamp(1_700_000_900_000);

    fn first() -> SubKey {
        SubKey::new(random::bytes())
    }

    fn believed(keys: &SigningKeys, now: Timestamp) -> Vec<KeyId> {
        keys.all().filter(|key| key.is_believed(now)).map(|key| key.id).collect()
    }

    #[test]
    fn a_replaced_key_is_believed_until_its_time_is_over() {
        let old = SigningKeys::first(&first());
        let new = old.rotate(NOW, LATER);
        assert_eq!(believed(&new, NOW), [old.signs().id, new.signs().id]);
        assert_eq!(believed(&new, LATER), [new.signs().id]);
        let newer = new.rotate(LATER, LATER.plus(Duration::from_mins(15)));
        assert_eq!(newer.all().count(), 2, "what is not believed any more is not kept");
        assert_eq!(SigningKeys::anew(NOW).all().count(), 1);
    }

    #[test]
    fn keys_come_back_from_their_file_and_the_file_is_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, first) = (folder.path().join("signing.keys"), first());
        assert_eq!(SigningKeys::load(&path).unwrap(), None);
        let keys = SigningKeys::first(&first).rotate(NOW, LATER);
        for _ in 0..2 {
            keys.store(&path).unwrap();
            let read = SigningKeys::load(&path).unwrap().unwrap();
            let all = |keys: &SigningKeys| -> Vec<_> {
                keys.all().map(|key| (key.made_at, key.until, *key.expose())).collect()
            };
            assert_eq!(all(&read), all(&keys));
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        }
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = SigningKeys::load(&path).unwrap_err();
            assert!(matches!(refused, SigningKeysError::TooOpen { .. }), "{refused}");
        }
    }

    #[test]
    fn a_file_that_is_not_as_it_was_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, first) = (folder.path().join("signing.keys"), first());
        let keys = SigningKeys::first(&first).rotate(NOW, LATER);
        keys.store(&path).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = good.lines().collect();
        let zeros = format!("{HEADLINE}- - {}\n", "A".repeat(43));
        for bad in [
            String::new(),
            HEADLINE.to_owned(),
            zeros,
            good.replace(' ', "\t"),
            good[..good.len() - 5].to_owned(),
            format!("{good}{}\n", lines[1]),
            format!("{good}{}\n", lines[2]),
            good.replace(lines[2], &format!("{} more", lines[2])),
            format!("{}\n{}\n", lines[0], lines[1]),
        ] {
            fs::write(&path, &bad).unwrap();
            let refused = SigningKeys::load(&path);
            assert!(matches!(refused, Err(SigningKeysError::Damaged { .. })), "{bad}");
            assert_eq!(fs::read_to_string(&path).unwrap(), bad, "it stays as it is");
        }
        fs::write(&path, [0xff; 200]).unwrap();
        assert!(matches!(SigningKeys::load(&path), Err(SigningKeysError::Damaged { .. })));
    }

    #[test]
    fn logs_show_nothing_of_a_key() {
        let keys = SigningKeys::anew(NOW);
        assert_eq!(format!("{keys:?}"), "SigningKeys { signs: SigningKey(…), before: [] }");
    }
}
