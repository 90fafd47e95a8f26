//! Password hashing: argon2id on blocking threads, so many at once as there are cores.

use std::{fmt, num::NonZero, sync::Arc, thread};

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, KeyId, Params, ParamsBuilder, Version,
    password_hash::phc::{self, Output, ParamsString, Salt},
};
use tokio::{sync::Semaphore, task};

use crate::{
    anonymity::{SubKey, random},
    domain::{Password, PasswordHash},
};

/// A stored hash that asks for more memory than this, in KiB, was not made here.
const MOST_MEMORY: u32 = 64 * 1024;
/// How many callers may wait for each thread that hashes; some seconds' worth.
const WAITING_PER_THREAD: usize = 64;

/// Hashes and verifies passwords. Cheap to clone; all clones share the same bounds.
#[derive(Clone)]
pub(super) struct Hasher(Arc<Shared>);

struct Shared {
    /// How hashes are made now.
    params: Params,
    pepper: Pepper,
    /// One permit for each hash in progress; each takes the memory that the parameters say.
    running: Arc<Semaphore>,
    /// One permit for each caller, waiting or served.
    admitted: Arc<Semaphore>,
    /// Verified in place of the hash of an account that does not exist.
    dummy: PasswordHash,
}

/// The key for hashes that name one: whoever has them and not the key cannot guess at them.
#[derive(Clone)]
struct Pepper(SubKey);

/// How a password was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Always `argon2id`.
    pub algorithm: &'static str,
    /// Of the algorithm.
    pub version: u32,
    /// How much memory a hash takes, in KiB.
    pub memory_in_kib: u32,
    /// How many passes over it.
    pub iterations: u32,
    /// In how many lanes.
    pub parallelism: u32,
}

/// Why a password was not hashed or verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HashError {
    /// Too many are waiting; the same call may work in some seconds.
    Overloaded,
    /// The stored hash is none of argon2id.
    Unreadable,
}

impl Hasher {
    /// Hashes on as many threads at once as there are cores; with `key` what names one, and all
    /// that is new if `for_new`.
    pub(super) fn new(key: SubKey, for_new: bool) -> Self {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        Self::with_threads(threads, Pepper(key), for_new)
    }

    fn with_threads(threads: usize, pepper: Pepper, for_new: bool) -> Self {
        let params = if for_new { pepper.params() } else { Params::DEFAULT };
        Self(Arc::new(Shared {
            dummy: phc_string(&params, &random::bytes(), &random::bytes()),
            params,
            pepper,
            running: Arc::new(Semaphore::new(threads)),
            admitted: Arc::new(Semaphore::new(threads * (1 + WAITING_PER_THREAD))),
        }))
    }

    /// A new hash with a new salt.
    pub(super) async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        let (params, pepper) = (self.0.params.clone(), self.0.pepper.clone());
        self.run(move || {
            let (salt, mut output) = (random::bytes(), [0; Params::DEFAULT_OUTPUT_LEN]);
            pepper.argon2id(&params, &password, &salt, &mut output)?;
            Ok(phc_string(&params, &salt, &output))
        })
        .await
    }

    /// Whether `password` is the one that `hash` was made from. Without a hash it is not, and
    /// finding that out takes as long.
    pub(super) async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HashError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.0.dummy.clone());
        let pepper = self.0.pepper.clone();
        let equal = self.run(move || pepper.verify(&password, &hash)).await?;
        Ok(known && equal)
    }

    /// Whether `hash` was made with other parameters, or another key, than hashes are made with now.
    pub(super) fn needs_rehash(&self, hash: &PasswordHash) -> bool {
        read(hash)
            .is_none_or(|(params, ..)| params_string(&params) != params_string(&self.0.params))
    }

    /// How `hash` was made.
    pub(super) fn recipe(hash: &PasswordHash) -> Result<Recipe, HashError> {
        let (params, ..) = read(hash).ok_or(HashError::Unreadable)?;
        Ok(Recipe {
            algorithm: ARGON2ID_IDENT.as_str(),
            version: Version::V0x13.into(),
            memory_in_kib: params.m_cost(),
            iterations: params.t_cost(),
            parallelism: params.p_cost(),
        })
    }

    /// Does `work` on a blocking thread. It holds its permits until it is done, even if the caller
    /// has gone away meanwhile: the memory is in use for as long.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let overloaded = |_| HashError::Overloaded;
        let admitted =
            Arc::clone(&self.0.admitted).try_acquire_owned().map_err(|_| HashError::Overloaded)?;
        let running = Arc::clone(&self.0.running).acquire_owned().await.map_err(overloaded)?;
        #[expect(clippy::disallowed_methods, reason = "bounded by the two semaphores")]
        let done = task::spawn_blocking(move || {
            let _permits = (admitted, running);
            work()
        });
        // The work does not panic, so an error says that the runtime is stopping.
        done.await.unwrap_or(Err(HashError::Overloaded))
    }
}

impl Pepper {
    /// 19 MiB, two passes, one lane: OWASP's first choice for argon2id. Names the key, so that
    /// hashes with and without it, and with another, are told apart.
    fn params(&self) -> Params {
        let name = KeyId::new(&self.0.name()).expect("eight bytes are a name");
        ParamsBuilder::new().keyid(name).build().expect("the defaults can be built")
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<bool, HashError> {
        let (params, salt, expected) = read(hash).ok_or(HashError::Unreadable)?;
        let mut output = [0; Output::MAX_LENGTH];
        let output = output.get_mut(..expected.len()).ok_or(HashError::Unreadable)?;
        self.argon2id(&params, password, &salt, output)?;
        // Compared in constant time.
        Ok(Output::new(output).is_ok_and(|output| output == expected))
    }

    fn argon2id(
        &self,
        params: &Params,
        password: &Password,
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), HashError> {
        let blocks = params.block_count();
        // What is reserved beyond the blocks is never touched and takes no memory.
        let mut memory = Vec::with_capacity(blocks.max(GIVEN_BACK_BLOCKS));
        memory.resize(blocks, Block::default());
        let secret: &[u8] = if params.keyid().is_empty() { &[] } else { self.0.expose() };
        Argon2::new_with_secret(secret, Algorithm::Argon2id, Version::V0x13, params.clone())
            .and_then(|argon2| {
                let password = password.expose().as_bytes();
                argon2.hash_password_into_with_memory(password, salt, output, &mut memory)
            })
            .map_err(|_| HashError::Unreadable)
    }
}

/// Parameters, salt and output of an argon2id hash, version 19.
fn read(hash: &PasswordHash) -> Option<(Params, Salt, Output)> {
    let hash = phc::PasswordHash::new(hash.as_str()).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let known = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    (known && params.m_cost() <= MOST_MEMORY).then_some((params, hash.salt?, hash.hash?))
}

fn phc_string(
    params: &Params,
    salt: &[u8; 16],
    output: &[u8; Params::DEFAULT_OUTPUT_LEN],
) -> PasswordHash {
    let hash = phc::PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: params_string(params),
        salt: Some(Salt::new(salt).expect("16 bytes are a salt")),
        hash: Some(Output::new(output).expect("32 bytes are an output")),
    };
    PasswordHash::from_phc(hash.to_string())
}

fn params_string(params: &Params) -> ParamsString {
    ParamsString::try_from(params).expect("the parameters can be written")
}

/// More than 32 MiB, the size from which glibc always takes memory for one allocation from the
/// system and gives it back at once. Smaller ones it keeps, some for every thread that ever hashed:
/// after 200 hashes, two at a time, 740 MiB instead of none.
const GIVEN_BACK_BLOCKS: usize = 33 * 1024;

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anonymity::{SecretKey, Wall};

    fn password(raw: &str) -> Password {
        Password::parse(raw).unwrap()
    }

    fn key() -> SubKey {
        Wall::new(&SecretKey::from_bytes(random::bytes()).unwrap()).password_key().clone()
    }

    fn hasher() -> Hasher {
        Hasher::new(key(), false)
    }

    fn hasher_with_one_thread() -> Hasher {
        Hasher::with_threads(1, Pepper(key()), false)
    }

    #[tokio::test]
    async fn a_password_is_verified_by_its_own_hash_only() {
        let hasher = hasher();
        let hash = hasher.hash(password("correct horse")).await.unwrap();
        let verify = |raw, hash| hasher.verify(password(raw), hash);
        assert_eq!(verify("correct horse", Some(hash.clone())).await, Ok(true));
        assert_eq!(verify("correct horsf", Some(hash)).await, Ok(false));
        assert_eq!(verify("correct horse", None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_hash_names_the_parameters_and_a_new_salt() {
        let hasher = hasher();
        let one = hasher.hash(password("correct horse")).await.unwrap();
        let two = hasher.hash(password("correct horse")).await.unwrap();
        assert!(one.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.as_str());
        assert_eq!(one.as_str().len(), hasher.0.dummy.as_str().len());
        assert_ne!(one, two);
    }

    #[tokio::test]
    async fn a_hash_made_elsewhere_verifies_and_is_due_for_renewal() {
        // By the reference implementation: `argon2 somesaltsomesalt -id -t 3 -k 4096 -p 1 -e`.
        let weaker = "$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$acbZCckOfABB/s2U/eE8vrM+V9HWTIj4syKxzIwhax8";
        let weaker = PasswordHash::from_phc(weaker.to_owned());
        let hasher = hasher();
        assert_eq!(hasher.verify(password("correct horse"), Some(weaker.clone())).await, Ok(true));
        assert!(hasher.needs_rehash(&weaker));
        assert!(!hasher.needs_rehash(&hasher.hash(password("correct horse")).await.unwrap()));
    }

    #[tokio::test]
    async fn a_hash_with_a_key_says_so_and_is_worth_nothing_without_it() {
        let key = key();
        let (with, without) = (Hasher::new(key.clone(), true), Hasher::new(key, false));
        let hash = with.hash(password("correct horse")).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="));
        assert_eq!(hash.as_str().len(), with.0.dummy.as_str().len());
        let is = async |hasher: &Hasher, raw, hash: &PasswordHash| {
            hasher.verify(password(raw), Some(hash.clone())).await
        };
        for hasher in [&with, &without] {
            assert_eq!(is(hasher, "correct horse", &hash).await, Ok(true), "the key is there");
            assert_eq!(is(hasher, "correct horsf", &hash).await, Ok(false));
        }
        let stranger = Hasher::new(self::key(), true);
        assert_eq!(is(&stranger, "correct horse", &hash).await, Ok(false));
        let plain = without.hash(password("correct horse")).await.unwrap();
        assert_eq!(is(&with, "correct horse", &plain).await, Ok(true));
        let due = [&with, &without, &stranger].map(|hasher| hasher.needs_rehash(&hash));
        assert_eq!(due, [false, true, true]);
        assert!(with.needs_rehash(&plain) && !without.needs_rehash(&plain));
        let cut = PasswordHash::from_phc(hash.as_str().replace(",keyid=", ",keyod="));
        assert!(is(&with, "correct horse", &cut).await.is_err());
    }

    #[tokio::test]
    async fn what_is_no_argon2id_hash_is_unreadable() {
        let good = hasher().0.dummy.as_str().to_owned();
        for bad in [
            "",
            "plain text",
            &good.replace("argon2id", "argon2i"),
            &good.replace("v=19", "v=16"),
            &good.replace("m=19456", "m=4194304"),
            &good[..good.len() / 2],
        ] {
            let hash = PasswordHash::from_phc(bad.to_owned());
            let verified = hasher().verify(password("correct horse"), Some(hash)).await;
            assert_eq!(verified, Err(HashError::Unreadable), "{bad}");
        }
    }

    #[tokio::test]
    async fn more_callers_than_can_wait_are_turned_away_at_once() {
        let hasher = hasher_with_one_thread();
        let most = u32::try_from(WAITING_PER_THREAD).unwrap();
        let others = Arc::clone(&hasher.0.admitted).acquire_many_owned(most).await.unwrap();
        let _last = Arc::clone(&hasher.0.admitted).acquire_owned().await.unwrap();
        let refused = hasher.verify(password("correct horse"), None).await;
        assert_eq!(refused, Err(HashError::Overloaded));
        drop(others);
        assert_eq!(hasher.verify(password("correct horse"), None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_leaves_its_permits_with_the_work() {
        let hasher = hasher_with_one_thread();
        let (started, running) = tokio::sync::oneshot::channel();
        let (finish, finished) = std::sync::mpsc::channel();
        let caller = hasher.run(move || {
            started.send(()).unwrap();
            finished.recv().unwrap();
            Ok(())
        });
        tokio::select! {
            _ = caller => unreachable!("the work waits to be told"),
            begun = running => begun.unwrap(),
        }
        assert_eq!(hasher.0.running.available_permits(), 0);
        finish.send(()).unwrap();
        let _free = hasher.0.running.acquire().await.unwrap();
    }
}
