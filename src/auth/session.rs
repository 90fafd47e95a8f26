//! Sessions: begin, go on, end.

use std::{fmt, time::Duration};

use super::{
    Auth, LoginError, PasswordError, RefreshError, refresh::RefreshToken, throttle::Attempt,
};
use crate::{
    anonymity::{ClientKeys, random},
    domain::{
        Account, AccountId, EmailAddress, Login, Password, RefreshClaim, Rotation, Session,
        SessionId, Timestamp,
    },
    store::StoreError,
};

/// What somebody logs in with, as typed.
#[derive(Clone)]
pub enum Identifier {
    /// A login.
    Login(String),
    /// An e-mail address.
    Email(String),
}

/// What a session goes on with. Given to its owner and stored nowhere.
#[derive(Clone)]
pub struct Tokens {
    /// Proves who somebody is, for `expires_in`.
    pub access: String,
    /// Gets the next pair, once, within `refresh_expires_in`.
    pub refresh: String,
    /// How long the access token lives.
    pub expires_in: Duration,
    /// How long the refresh token lives.
    pub refresh_expires_in: Duration,
}

impl Identifier {
    /// The same for all ways to write it that name the same account.
    fn folded(&self) -> String {
        match self {
            Self::Login(raw) => format!("login {}", raw.to_ascii_lowercase()),
            Self::Email(raw) => format!("email {}", raw.trim().to_lowercase()),
        }
    }
}

impl Auth {
    /// Begins a session for whoever knows the password.
    ///
    /// A name that nobody has, or that cannot be one, is answered like a wrong password, after the
    /// same work.
    ///
    /// # Errors
    /// [`LoginError`] says what to do.
    pub async fn log_in(
        &self,
        who: Identifier,
        password: &str,
        from: ClientKeys,
    ) -> Result<Tokens, LoginError> {
        let auth = &*self.0;
        let now = auth.clock.now();
        let name = auth.names.for_name(&who.folded(), now);
        let attempt = auth.throttle.begin(from, name, now).map_err(PasswordError::from)?;
        let found = self.find(&who).await?;
        let password = self.prove(attempt, found.as_ref(), password).await?;
        let account = found.ok_or(LoginError::InvalidCredentials)?;
        let tokens = self.begin(&account, &password).await?;
        self.renew_hash(&account, password).await?;
        Ok(tokens)
    }

    async fn find(&self, who: &Identifier) -> Result<Option<Account>, StoreError> {
        match who {
            Identifier::Login(raw) => match Login::parse(raw) {
                Ok(login) => self.0.store.account_by_login(&login).await,
                Err(_) => Ok(None),
            },
            Identifier::Email(raw) => match EmailAddress::parse(raw) {
                Ok(email) => self.0.store.account_by_email(self.0.wall.email_tag(&email)).await,
                Err(_) => Ok(None),
            },
        }
    }

    /// Compares a password with that of `account`, settles `attempt`, and returns the password if
    /// it was right. What cannot be a password is wrong without being hashed, whether or not there
    /// is an account.
    pub(super) async fn prove(
        &self,
        attempt: Attempt<'_>,
        account: Option<&Account>,
        password: &str,
    ) -> Result<Password, PasswordError> {
        let hash = account.map(|account| account.password_hash.clone());
        let right = match Password::parse(password) {
            Ok(given) => self.0.hasher.verify(given.clone(), hash).await?.then_some(given),
            Err(_) => None,
        };
        let now = self.0.clock.now();
        if let Some(password) = right {
            attempt.succeed(now)?;
            return Ok(password);
        }
        attempt.fail(now)?;
        Err(PasswordError::Wrong)
    }

    /// Begins a session of `account`, whose password was proven.
    ///
    /// Looks at the account once more afterwards: a password that was changed meanwhile, which
    /// ends all sessions there are, must not leave one behind that begins with the old one.
    async fn begin(&self, account: &Account, password: &Password) -> Result<Tokens, LoginError> {
        let now = self.0.clock.now();
        let (session, token) = self.new_session(account.id, now);
        let (id, tokens) = (session.id, self.tokens(&session, &token, now));
        if !self.0.store.start_session(session).await? {
            return Err(LoginError::InvalidCredentials);
        }
        if self.is_still(account, password).await? {
            return Ok(tokens);
        }
        self.end(id, None).await?;
        Err(LoginError::InvalidCredentials)
    }

    async fn is_still(&self, account: &Account, password: &Password) -> Result<bool, LoginError> {
        let Some(current) = self.0.store.account(account.id).await? else { return Ok(false) };
        if current.password_hash == account.password_hash {
            return Ok(true);
        }
        let verified = self.0.hasher.verify(password.clone(), Some(current.password_hash)).await;
        verified.map_err(|error| PasswordError::from(error).into())
    }

    /// Hashes a proven password anew if hashes are made with other parameters now. That it could
    /// not be hashed is no reason to refuse a log-in: it is tried again at the next.
    async fn renew_hash(&self, account: &Account, password: Password) -> Result<(), StoreError> {
        let old = &account.password_hash;
        if !self.0.hasher.needs_rehash(old) {
            return Ok(());
        }
        match self.0.hasher.hash(password).await {
            Ok(new) => self.0.store.rehash_password(account.id, old, &new).await,
            Err(_) => Ok(()),
        }
    }

    /// A session that begins at `now`, and its first refresh token.
    pub(super) fn new_session(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> (Session, RefreshToken) {
        let auth = &*self.0;
        let id = SessionId::from_bytes(random::bytes());
        let token = RefreshToken::mint(id, 0, auth.wall.refresh_token_key());
        let lifetimes = auth.settings.lifetimes;
        (Session::begin(id, account, token.hash(), now, lifetimes), token)
    }

    /// The pair for `session`, whose refresh token is `token`.
    pub(super) fn tokens(&self, session: &Session, token: &RefreshToken, now: Timestamp) -> Tokens {
        Tokens {
            access: self.0.tokens.mint(session.account, session.id, now),
            refresh: token.encode(),
            expires_in: self.0.tokens.lifetime(),
            refresh_expires_in: session.expires_at.since(now),
        }
    }

    /// Spends a refresh token for the next pair.
    ///
    /// A spent one that comes back ends its session at once, sockets included; the one before the
    /// current one has a short grace, see [`Session::judge`].
    ///
    /// # Errors
    /// [`RefreshError`] says what to do.
    pub async fn refresh(&self, token: &str) -> Result<Tokens, RefreshError> {
        let token = RefreshToken::parse(token, self.0.wall.refresh_token_key())
            .map_err(|_| RefreshError::Invalid)?;
        self.rotate(token.claim()).await
    }

    /// Puts a new token in the place of the claimed one.
    pub(super) async fn rotate(&self, claim: RefreshClaim) -> Result<Tokens, RefreshError> {
        let auth = &*self.0;
        let key = auth.wall.refresh_token_key();
        let next = RefreshToken::mint(claim.session, claim.generation.saturating_add(1), key);
        let (now, lifetimes) = (auth.clock.now(), auth.settings.lifetimes);
        match auth.store.rotate_session(claim, next.hash(), now, lifetimes).await? {
            Rotation::Rotated(session) => Ok(self.tokens(&session, &next, now)),
            Rotation::Invalid | Rotation::Ended => Err(RefreshError::Invalid),
            Rotation::Revoked(session) => {
                tracing::warn!("a spent refresh token came back; its session is over");
                auth.live.end(session, now);
                Err(RefreshError::Revoked)
            }
        }
    }

    /// Ends the session that a refresh token belongs to, whichever of its tokens it is. What is
    /// no token, or one of a session that is over, changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]; the session may go on then.
    pub async fn log_out(&self, token: &str) -> Result<(), StoreError> {
        let Ok(token) = RefreshToken::parse(token, self.0.wall.refresh_token_key()) else {
            return Ok(());
        };
        self.end(token.claim().session, None).await.map(|_| ())
    }

    /// The sessions of an account, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn sessions(&self, account: AccountId) -> Result<Vec<Session>, StoreError> {
        self.0.store.sessions(account, self.0.clock.now()).await
    }

    /// Ends a session of an account; false if it has none such.
    ///
    /// # Errors
    /// [`StoreError`]; the session may go on then.
    pub async fn end_session(
        &self,
        account: AccountId,
        session: SessionId,
    ) -> Result<bool, StoreError> {
        self.end(session, Some(account)).await
    }

    async fn end(&self, id: SessionId, owner: Option<AccountId>) -> Result<bool, StoreError> {
        let now = self.0.clock.now();
        let ended = self.0.store.end_session(id, owner, now).await?;
        if ended {
            self.0.live.end(id, now);
        }
        Ok(ended)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login(_) => "Login(…)",
            Self::Email(_) => "Email(…)",
        })
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}
