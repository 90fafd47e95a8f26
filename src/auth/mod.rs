//! Use cases of accounts and sessions: register, log in, refresh, log out, change the password,
//! leave; become an operator, and look after accounts as one.
//!
//! Who somebody is stays in here: what leaves is an [`Access`], and the account in it is turned
//! into a tag by `anonymity` before `chat` hears of anybody. **Invariant:** no clock but the one
//! that is given, no hashing but in `password`, and nothing of an account shows in a log.

mod account;
mod common;
mod crypto;
mod error;
mod live;
mod operator;
mod password;
mod refresh;
mod session;
mod setup;
mod throttle;
mod token;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::Duration,
};

pub use self::{
    account::{Confirmed, Holdings, Profile},
    error::{
        AccountError, ChangePasswordError, LoginError, ManageError, NotSignedIn, PasswordError,
        RefreshError, RegisterError, SetUpError,
    },
    live::SessionWatch,
    password::Recipe,
    session::{Identifier, Tokens},
    setup::SetupToken,
    throttle::LoginLimits,
    token::Access,
};
use self::{
    live::LiveSessions,
    password::Hasher,
    throttle::LoginThrottle,
    token::{AccessTokens, BadToken},
};
use crate::{
    anonymity::{RateKeys, SigningKeys, Wall},
    domain::{Clock, EmailPolicy, Lifetimes, Timestamp},
    store::{OperatorStore, StoreError},
};

/// Accounts and sessions. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Auth(Arc<Shared>);

struct Shared {
    store: Arc<dyn OperatorStore>,
    wall: Wall,
    settings: AuthSettings,
    clock: Arc<dyn Clock>,
    hasher: Hasher,
    tokens: AccessTokens,
    live: LiveSessions,
    throttle: LoginThrottle,
    names: RateKeys,
    /// Whether an operator closed registration.
    registration_closed: AtomicBool,
    /// Up to when ended sessions were last asked for.
    caught_up: Mutex<Timestamp>,
}

/// What the operator decides about accounts.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// Whether people give an e-mail address.
    pub email: EmailPolicy,
    /// Whether passwords are hashed with a key that stands outside of the database.
    pub pepper: bool,
    /// What the server is called, where it has a name: no password of anybody's.
    pub host: Option<String>,
    /// Whether new accounts can be made, unless an operator closes registration.
    pub registration_open: bool,
    /// How long an access token lives, in whole seconds.
    pub access_ttl: Duration,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// How many log-ins may fail.
    pub login_limits: LoginLimits,
}

impl Default for AuthSettings {
    fn default() -> Self {
        let days = |n: u64| Duration::from_hours(24 * n);
        Self {
            email: EmailPolicy::default(),
            pepper: false,
            host: None,
            registration_open: true,
            access_ttl: Duration::from_mins(15),
            lifetimes: Lifetimes { idle: days(7), absolute: days(30) },
            login_limits: LoginLimits::default(),
        }
    }
}

/// Ended sessions are remembered this much longer than access tokens live, for clocks that differ
/// and calls that take their time.
const MARGIN: Duration = Duration::from_mins(1);

/// How long the store keeps sessions that are over.
const KEPT: Duration = Duration::from_hours(24);

impl Auth {
    /// Begins with what the store remembers of sessions that ended a short while ago.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be asked.
    pub async fn new(
        store: Arc<dyn OperatorStore>,
        wall: Wall,
        settings: AuthSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let now = clock.now();
        let first = SigningKeys::first(wall.access_token_key());
        let auth = Self(Arc::new(Shared {
            tokens: AccessTokens::new(&first, settings.access_ttl),
            throttle: LoginThrottle::new(settings.login_limits),
            hasher: Hasher::new(wall.password_key().clone(), settings.pepper),
            live: LiveSessions::default(),
            names: RateKeys::new(now),
            registration_closed: AtomicBool::default(),
            caught_up: Mutex::new(now.minus(settings.access_ttl)),
            store,
            wall,
            settings,
            clock,
        }));
        auth.keep_up().await?;
        Ok(auth)
    }

    /// Holds failed log-ins to other limits from now on.
    pub fn set_login_limits(&self, limits: LoginLimits) {
        self.0.throttle.set_limits(limits);
    }

    /// Signs access tokens with other keys from now on. If one is gone that was believed, all
    /// sockets are closed: theirs might be the sessions of somebody who knows that key. Whoever has
    /// a session comes back with a token of the new key.
    pub fn set_signing_keys(&self, keys: &SigningKeys) {
        if self.0.tokens.replace(keys, self.0.clock.now()) {
            self.0.live.interrupt();
        }
    }

    /// What an access token proves just now.
    ///
    /// # Errors
    /// [`NotSignedIn`] says why it proves nothing.
    pub fn access(&self, token: &str) -> Result<Access, NotSignedIn> {
        let access = self.0.tokens.read(token, self.0.clock.now()).map_err(|bad| match bad {
            BadToken::Invalid => NotSignedIn::Invalid,
            BadToken::Expired => NotSignedIn::Expired,
        })?;
        if self.0.live.has_ended(access.session) {
            return Err(NotSignedIn::Ended);
        }
        Ok(access)
    }

    /// Tells when a session ends, so that its sockets can be closed; at once if it has ended, or if
    /// what proved it is not believed any more.
    pub fn watch(&self, access: &Access) -> SessionWatch {
        let watch = self.0.live.watch(access.session);
        let is_believed = self.0.tokens.believes(access.key, self.0.clock.now());
        if is_believed { watch } else { watch.told() }
    }

    /// Forgets what is long over, and hears of sessions that ended without this process seeing it
    /// to the end: through another node, or because a caller went away in the middle. Meant to be
    /// called every minute or more often.
    ///
    /// # Errors
    /// [`StoreError`]; the next call makes up for it.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        self.catch_up().await?;
        let kept = KEPT.max(self.0.settings.access_ttl + MARGIN);
        self.0.store.forget_sessions(self.0.clock.now().minus(kept)).await?;
        Ok(())
    }

    async fn catch_up(&self) -> Result<(), StoreError> {
        let auth = &*self.0;
        let now = auth.clock.now();
        let since = *auth.caught_up.lock().unwrap_or_else(PoisonError::into_inner);
        for (session, ended_at) in auth.store.sessions_ended_since(since.minus(MARGIN)).await? {
            auth.live.end(session, ended_at);
        }
        *auth.caught_up.lock().unwrap_or_else(PoisonError::into_inner) = now;
        auth.live.forget(now.minus(auth.settings.access_ttl + MARGIN));
        Ok(())
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth(…)")
    }
}
