//! Operators: how somebody becomes one, and what they may do to accounts.

use std::{sync::atomic::Ordering, time::Duration};

use super::{
    Access, Auth, ManageError, RegisterError, SetUpError, Tokens,
    common::is_common,
    setup::{self, SetupToken},
};
use crate::{
    domain::{
        Account, AccountId, Census, EmailAddress, InvalidPassword, Login, Password, Role, Standing,
    },
    store::{Setup, StoreError},
};

/// How long a setup token holds.
const SETUP_OPEN: Duration = Duration::from_hours(1);

impl Auth {
    /// A token with which somebody can become an operator, once, within an hour; the one before it
    /// is worth nothing from now on.
    ///
    /// # Errors
    /// [`StoreError`]; the one before may hold then.
    pub async fn offer_setup(&self) -> Result<SetupToken, StoreError> {
        let token = SetupToken::mint();
        let until = self.0.clock.now().plus(SETUP_OPEN);
        self.0.store.offer_setup(token.hash(), until).await?;
        Ok(token)
    }

    /// Whether an operator can log in.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn has_operator(&self) -> Result<bool, StoreError> {
        self.0.store.has_operator().await
    }

    /// Makes an operator's account and logs it in, also while registration is closed.
    ///
    /// # Errors
    /// [`SetUpError`] says what to do; unless it is [`SetUpError::NoSuchToken`] the token holds.
    pub async fn set_up(
        &self,
        token: &str,
        login: Login,
        email: Option<EmailAddress>,
        password: Password,
    ) -> Result<Tokens, SetUpError> {
        let auth = &*self.0;
        let token = setup::hash(token);
        // Before a password is hashed for somebody who has nothing but a guess.
        if !auth.store.is_setup_open(token, auth.clock.now()).await? {
            return Err(SetUpError::NoSuchToken);
        }
        let email = self.admit(email)?;
        let account = self.new_account(login, email, password).await?;
        let now = auth.clock.now();
        let (session, refresh) = self.new_session(account.id, now);
        let tokens = self.tokens(&session, &refresh, now);
        match auth.store.set_up(token, account, session, now).await? {
            Setup::Done => Ok(tokens),
            Setup::NoSuchToken => Err(SetUpError::NoSuchToken),
            Setup::Taken => Err(RegisterError::Taken.into()),
        }
    }

    /// Makes an operator's account for whoever works at the machine itself; no e-mail address is
    /// asked for.
    ///
    /// # Errors
    /// [`RegisterError`] says what to do; no account was made.
    pub async fn create_operator(
        &self,
        login: Login,
        password: Password,
    ) -> Result<(), RegisterError> {
        let account = self.new_account(login, None, password).await?;
        let created = self.0.store.create_operator(account).await?;
        if created { Ok(()) } else { Err(RegisterError::Taken) }
    }

    /// Whether the owner of an access token is an operator just now.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn is_operator(&self, access: &Access) -> Result<bool, StoreError> {
        let account = self.0.store.account(access.account).await?;
        Ok(account.is_some_and(|account| {
            account.role == Role::Operator && account.standing == Standing::Active
        }))
    }

    /// Accounts by login, after `after`, at most `limit`; with `search`, those whose login
    /// contains it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn accounts(
        &self,
        search: Option<String>,
        after: Option<Login>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        self.0.store.accounts(search, after, limit).await
    }

    /// The account with this login, without regard to case.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError> {
        self.0.store.account_by_login(login).await
    }

    /// The account of this id, which an operator wants to act on.
    ///
    /// # Errors
    /// [`ManageError`], also where it is the operator's own.
    pub async fn managed(&self, operator: &Access, id: &str) -> Result<Account, ManageError> {
        let id = AccountId::parse(id).map_err(|_| ManageError::NoSuchAccount)?;
        if id == operator.account {
            return Err(ManageError::Oneself);
        }
        self.0.store.account(id).await?.ok_or(ManageError::NoSuchAccount)
    }

    /// Keeps everybody from logging in to an account and ends its sessions at once, sockets
    /// included. A log-in is answered as if there were no such account.
    ///
    /// # Errors
    /// [`ManageError`] when it is gone or the store cannot be asked.
    pub async fn disable(&self, account: Account) -> Result<Account, ManageError> {
        let now = self.0.clock.now();
        let ended = self.0.store.disable_account(account.id, now).await?;
        for session in ended.ok_or(ManageError::NoSuchAccount)? {
            self.0.live.end(session, now);
        }
        Ok(Account { standing: Standing::Disabled, ..account })
    }

    /// Lets its owner log in to an account again.
    ///
    /// # Errors
    /// [`ManageError`] when it is gone or the store cannot be asked.
    pub async fn enable(&self, account: Account) -> Result<Account, ManageError> {
        if self.0.store.enable_account(account.id).await? {
            Ok(Account { standing: Standing::Active, ..account })
        } else {
            Err(ManageError::NoSuchAccount)
        }
    }

    /// Ends all sessions at once, sockets included; with an account, only its own. How many.
    ///
    /// # Errors
    /// [`StoreError`]; they may go on then.
    pub async fn end_sessions(&self, account: Option<&Account>) -> Result<usize, StoreError> {
        let now = self.0.clock.now();
        let ended = self.0.store.end_sessions(account.map(|account| account.id), now).await?;
        for session in &ended {
            self.0.live.end(*session, now);
        }
        Ok(ended.len())
    }

    /// Sets a new password for somebody who forgot theirs, and ends their sessions.
    ///
    /// # Errors
    /// [`RegisterError`] says why it is still the old one.
    pub async fn reset_password(
        &self,
        account: &Account,
        new: Password,
    ) -> Result<(), RegisterError> {
        if is_common(&new, &account.login, None, self.0.settings.host.as_deref()) {
            return Err(RegisterError::Password(InvalidPassword::Common));
        }
        let hash = self.0.hasher.hash(new).await?;
        let now = self.0.clock.now();
        let ended = self.0.store.change_password(account.id, &hash, None, now).await?;
        for session in ended.unwrap_or_default() {
            self.0.live.end(session, now);
        }
        Ok(())
    }

    /// Whether people can register just now.
    pub fn is_registration_open(&self) -> bool {
        let closed = self.0.registration_closed.load(Ordering::Relaxed);
        self.0.settings.registration_open && !closed
    }

    /// Whether the configuration keeps registration closed.
    pub fn is_registration_locked(&self) -> bool {
        !self.0.settings.registration_open
    }

    /// Opens registration or closes it; for this process at once. What the configuration keeps
    /// closed stays closed.
    ///
    /// # Errors
    /// [`StoreError`]; it is as it was then.
    pub async fn open_registration(&self, open: bool) -> Result<(), StoreError> {
        self.0.store.close_registration(!open).await?;
        self.0.registration_closed.store(!open, Ordering::Relaxed);
        Ok(())
    }

    /// How many there are of everything.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn census(&self) -> Result<Census, StoreError> {
        self.0.store.census(self.0.clock.now()).await
    }

    /// Another number than before once another process changed something that this one must hear
    /// of: see [`Auth::keep_up`].
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn changes(&self) -> Result<i64, StoreError> {
        self.0.store.changes().await
    }

    /// Hears of what other processes did: sessions that ended, their sockets are closed; and
    /// whether registration is closed.
    ///
    /// # Errors
    /// [`StoreError`]; the next call makes up for it.
    pub async fn keep_up(&self) -> Result<(), StoreError> {
        self.catch_up().await?;
        let closed = self.0.store.is_registration_closed().await?;
        self.0.registration_closed.store(closed, Ordering::Relaxed);
        Ok(())
    }
}
