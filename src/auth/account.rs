//! Accounts: make, show, change the password, erase.

use super::{
    Access, AccountError, Auth, ChangePasswordError, PasswordError, RefreshError, RegisterError,
    Tokens,
    common::is_common,
    error::unreadable_hash,
    password::{Hasher, Recipe},
};
use crate::{
    anonymity::{ClientKeys, random},
    domain::{
        Account, AccountId, EmailAddress, EmailPolicy, InvalidPassword, KeptSession, Login,
        NewAccount, Password, RefreshClaim, Role, Timestamp,
    },
    store::{Registration, StoreError},
};

/// An account as its owner sees it.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Random; nobody sees it but its owner and operators.
    pub id: AccountId,
    /// As typed at registration.
    pub login: Login,
    /// As typed at registration, if one was.
    pub email: Option<EmailAddress>,
    /// What they may do.
    pub role: Role,
}

/// Everything the store holds about an account and its sessions.
#[derive(Clone, Debug)]
pub struct Holdings {
    /// What names its owner.
    pub profile: Profile,
    /// When it was made; whole seconds.
    pub created_at: Timestamp,
    /// How its password was hashed.
    pub password: Recipe,
    /// Its sessions, newest first, also those that are over.
    pub sessions: Vec<KeptSession>,
}

/// Says that the owner of an account has just given its password.
#[derive(Debug)]
pub struct Confirmed {
    account: Account,
}

impl Auth {
    /// Makes an account and logs it in.
    ///
    /// The password is hashed before anybody is asked whether the names are free, so that the
    /// answer takes equally long. An e-mail address is dropped where the server has none.
    ///
    /// # Errors
    /// [`RegisterError`] says what to do; no account was made, and one that exists is as it was.
    pub async fn register(
        &self,
        login: Login,
        email: Option<EmailAddress>,
        password: Password,
    ) -> Result<Tokens, RegisterError> {
        if !self.is_registration_open() {
            return Err(RegisterError::Closed);
        }
        let email = self.admit(email)?;
        let account = self.new_account(login, email, password).await?;
        let now = self.0.clock.now();
        let (session, token) = self.new_session(account.id, now);
        let tokens = self.tokens(&session, &token, now);
        match self.0.store.create_account(account, session).await? {
            Registration::Created => Ok(tokens),
            Registration::Taken => Err(RegisterError::Taken),
        }
    }

    /// An account that is not stored yet.
    pub(super) async fn new_account(
        &self,
        login: Login,
        email: Option<EmailAddress>,
        password: Password,
    ) -> Result<NewAccount, RegisterError> {
        let auth = &*self.0;
        if is_common(&password, &login, email.as_ref(), auth.settings.host.as_deref()) {
            return Err(RegisterError::Password(InvalidPassword::Common));
        }
        let password_hash = auth.hasher.hash(password).await?;
        let id = AccountId::from_bytes(random::bytes());
        let email =
            email.map(|email| (auth.wall.email_tag(&email), auth.wall.seal_email(id, &email)));
        let created_at = auth.clock.now().whole_second();
        Ok(NewAccount { id, login, email, password_hash, created_at })
    }

    pub(super) fn admit(
        &self,
        email: Option<EmailAddress>,
    ) -> Result<Option<EmailAddress>, RegisterError> {
        match (self.0.settings.email, email) {
            (EmailPolicy::Required, None) => Err(RegisterError::EmailRequired),
            (EmailPolicy::Off, _) => Ok(None),
            (EmailPolicy::Required | EmailPolicy::Optional, email) => Ok(email),
        }
    }

    /// An account, for its owner.
    ///
    /// # Errors
    /// [`AccountError`] says what to do.
    pub async fn whoami(&self, account: AccountId) -> Result<Profile, AccountError> {
        let account = self.account(account).await?;
        let email = self.email_of(&account)?;
        Ok(Profile { id: account.id, login: account.login, email, role: account.role })
    }

    /// Everything the store holds about an account and its sessions, for its owner.
    ///
    /// # Errors
    /// [`AccountError`] says what to do.
    pub async fn holdings(&self, account: AccountId) -> Result<Holdings, AccountError> {
        let account = self.account(account).await?;
        let email = self.email_of(&account)?;
        let password = Hasher::recipe(&account.password_hash).map_err(|_| unreadable_hash())?;
        let sessions = self.0.store.kept_sessions(account.id).await?;
        let Account { id, login, role, created_at, .. } = account;
        let profile = Profile { id, login, email, role };
        Ok(Holdings { profile, created_at, password, sessions })
    }

    async fn account(&self, id: AccountId) -> Result<Account, AccountError> {
        self.0.store.account(id).await?.ok_or(AccountError::Gone)
    }

    fn email_of(&self, account: &Account) -> Result<Option<EmailAddress>, StoreError> {
        let opened = account.email.as_ref().map(|email| self.0.wall.open_email(account.id, email));
        opened.transpose().map_err(|_| StoreError::Corrupt { what: "e-mail address" })
    }

    /// Checks that whoever holds `access` knows the account's password. A wrong one counts as a
    /// failed log-in.
    ///
    /// # Errors
    /// [`PasswordError`] says what to do.
    pub async fn check_password(
        &self,
        access: &Access,
        password: &str,
        from: ClientKeys,
    ) -> Result<Confirmed, PasswordError> {
        let auth = &*self.0;
        let now = auth.clock.now();
        let name = auth.names.for_account(access.account, now);
        let attempt = auth.throttle.begin(from, name, now)?;
        let account = self.account(access.account).await?;
        self.prove(attempt, Some(&account), password).await?;
        Ok(Confirmed { account })
    }

    /// Sets a new password and ends every other session at once, sockets included. The session of
    /// `access` goes on with the tokens that are returned; its old refresh token is spent.
    ///
    /// # Errors
    /// [`ChangePasswordError`] says what to do. On [`StoreError::Unavailable`] the password may
    /// be the new one already.
    pub async fn change_password(
        &self,
        access: &Access,
        old: &str,
        new: Password,
        from: ClientKeys,
    ) -> Result<Tokens, ChangePasswordError> {
        let auth = &*self.0;
        let Confirmed { account } = self.check_password(access, old, from).await?;
        let (email, host) = (self.email_of(&account)?, auth.settings.host.as_deref());
        if is_common(&new, &account.login, email.as_ref(), host) {
            return Err(ChangePasswordError::New(InvalidPassword::Common));
        }
        let new = auth.hasher.hash(new).await.map_err(PasswordError::from)?;
        let claim = self.current_claim(access).await?;
        let now = auth.clock.now();
        let ended = auth.store.change_password(account.id, &new, Some(access.session), now).await?;
        for session in ended.ok_or(PasswordError::Gone)? {
            auth.live.end(session, now);
        }
        Ok(self.rotate(claim).await.map_err(|error| match error {
            RefreshError::Invalid | RefreshError::Revoked => PasswordError::Gone,
            RefreshError::Store(error) => PasswordError::Store(error),
        })?)
    }

    /// What the owner of `access` would claim, had they sent their refresh token along.
    async fn current_claim(&self, access: &Access) -> Result<RefreshClaim, PasswordError> {
        let sessions = self.sessions(access.account).await?;
        let session = sessions.into_iter().find(|session| session.id == access.session);
        let session = session.ok_or(PasswordError::Gone)?;
        Ok(RefreshClaim {
            session: session.id,
            generation: session.generation,
            hash: session.current,
        })
    }

    /// Ends every session of an account, whose owner has just confirmed it, at once, sockets
    /// included: from then on it does nothing more.
    ///
    /// # Errors
    /// [`StoreError`]; calling again is safe.
    pub async fn end_all_sessions(&self, confirmed: &Confirmed) -> Result<(), StoreError> {
        self.end_sessions(Some(&confirmed.account)).await.map(|_| ())
    }

    /// Erases an account, whose owner has just confirmed it, and ends all its sessions at once,
    /// sockets included. Login and e-mail address are free again.
    ///
    /// What `chat` keeps for the account (aliases, shelf) is to be erased before: nothing leads
    /// there afterwards.
    ///
    /// # Errors
    /// [`StoreError`]; calling again is safe.
    pub async fn delete_account(&self, confirmed: &Confirmed) -> Result<(), StoreError> {
        self.erase(&confirmed.account).await
    }

    /// The same for an account that an operator takes away.
    ///
    /// # Errors
    /// [`StoreError`]; calling again is safe.
    pub async fn erase(&self, account: &Account) -> Result<(), StoreError> {
        let now = self.0.clock.now();
        let ended = self.0.store.delete_account(account.id, now).await?;
        for session in ended.unwrap_or_default() {
            self.0.live.end(session, now);
        }
        Ok(())
    }
}
