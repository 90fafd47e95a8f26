//! Accounts, as `auth` and the store know them.

use super::{AccountId, EmailTag, Login, PasswordHash, SealedEmail, Timestamp};

/// An account about to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Random.
    pub id: AccountId,
    /// Unique without regard to case.
    pub login: Login,
    /// Lookup tag and sealed address; `None` where the server asks for no e-mail.
    pub email: Option<(EmailTag, SealedEmail)>,
    /// The hash of its password.
    pub password_hash: PasswordHash,
    /// When; whole seconds.
    pub created_at: Timestamp,
}

/// An account as it is stored.
#[derive(Clone, Debug)]
pub struct Account {
    /// Random; known to its owner and to nobody else.
    pub id: AccountId,
    /// As typed at registration.
    pub login: Login,
    /// The sealed address, if one was given.
    pub email: Option<SealedEmail>,
    /// The hash of its password.
    pub password_hash: PasswordHash,
    /// When it was made; whole seconds.
    pub created_at: Timestamp,
}

/// Whether people give an e-mail address when they register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmailPolicy {
    /// Everybody does.
    #[default]
    Required,
    /// Whoever wants to.
    Optional,
    /// Nobody; an address that is sent anyway is not looked at.
    Off,
}
