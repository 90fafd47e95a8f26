//! A server's accounts without its network.

use std::{
    net::IpAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anonchat::{
    anonymity::{ClientKeys, RateKeys, SecretKey, TrustedProxies, Wall, random},
    auth::{Access, Auth, AuthSettings, Identifier, LoginError, Tokens},
    domain::{Clock, EmailAddress, EmailPolicy, Login, Password, Timestamp},
    store::{
        OperatorStore,
        sqlite::{Durability, Options, SqliteStore},
    },
};
use tempfile::TempDir;

/// A password that nobody would guess.
pub const PASSWORD: &str = "correct horse battery staple";
/// Another one.
pub const OTHER_PASSWORD: &str = "an entirely different phrase";

pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_mins(1);
pub const DAY: Duration = Duration::from_hours(24);

/// A clock that moves when it is told to.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Accounts on a database of their own.
pub struct World {
    pub auth: Auth,
    pub store: Arc<dyn OperatorStore>,
    pub clock: Arc<ManualClock>,
    pub wall: Wall,
    settings: AuthSettings,
    addresses: RateKeys,
    _folder: TempDir,
}

impl World {
    /// Where e-mail addresses may be left out, everything else as it comes.
    pub async fn open() -> Self {
        Self::with(|settings| settings.email = EmailPolicy::Optional).await
    }

    /// With other settings.
    pub async fn with(change: impl FnOnce(&mut AuthSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(&folder.path().join("anonchat.db"));
        let clock = Arc::new(ManualClock(AtomicI64::new(1_700_000_000_123)));
        let wall = Wall::new(&SecretKey::from_bytes(random::bytes()).unwrap());
        let mut settings = AuthSettings::default();
        change(&mut settings);
        let given = (store.clone(), wall.clone(), settings.clone(), clock.clone());
        let auth = Auth::new(given.0, given.1, given.2, given.3).await.unwrap();
        let addresses = RateKeys::new(clock.now());
        Self { auth, store, clock, wall, settings, addresses, _folder: folder }
    }

    /// The same accounts in another process: another node, or this one after a restart.
    pub async fn another(&self) -> Auth {
        let (store, wall, clock) = (self.store.clone(), self.wall.clone(), self.clock.clone());
        Auth::new(store, wall, self.settings.clone(), clock).await.unwrap()
    }

    /// Begins anew on the same accounts, with other settings.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut AuthSettings)) {
        change(&mut self.settings);
        self.auth = self.another().await;
    }

    /// What limits count a client's address by.
    pub fn address(&self, n: u8) -> ClientKeys {
        self.client([192, 0, 2, n].into())
    }

    /// The same for the `n`th network of one site.
    pub fn network(&self, n: u16) -> ClientKeys {
        self.client([0x2001, 0xdb8, 1, n, 0, 0, 0, 1].into())
    }

    fn client(&self, address: IpAddr) -> ClientKeys {
        let address = TrustedProxies::default().client_address(Some(address), &[]).unwrap();
        self.addresses.for_client(address, self.clock.now())
    }

    /// Registers somebody with [`PASSWORD`] and without an e-mail address.
    pub async fn register(&self, name: &str) -> Tokens {
        self.auth.register(login(name), None, password(PASSWORD)).await.unwrap()
    }

    /// Logs in by login, from the first address.
    pub async fn log_in(&self, name: &str, password: &str) -> Result<Tokens, LoginError> {
        self.log_in_from(1, name, password).await
    }

    /// Logs in by login.
    pub async fn log_in_from(
        &self,
        address: u8,
        name: &str,
        password: &str,
    ) -> Result<Tokens, LoginError> {
        let who = Identifier::Login(name.to_owned());
        self.auth.log_in(who, password, self.address(address)).await
    }

    /// What an access token proves that must be good.
    pub fn access(&self, tokens: &Tokens) -> Access {
        self.auth.access(&tokens.access).unwrap()
    }
}

fn open_store(path: &Path) -> Arc<dyn OperatorStore> {
    let options = Options { durability: Durability::Normal, fresh_epoch: random::bytes() };
    Arc::new(SqliteStore::open(path, options).unwrap())
}

pub fn login(raw: &str) -> Login {
    Login::parse(raw).unwrap()
}

pub fn email(raw: &str) -> EmailAddress {
    EmailAddress::parse(raw).unwrap()
}

pub fn password(raw: &str) -> Password {
    Password::parse(raw).unwrap()
}
