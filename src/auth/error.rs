//! Why a use case came to nothing, by what the caller can do about it.

use std::time::Duration;

use super::{password::HashError, throttle::Throttled};
use crate::{domain::InvalidPassword, store::StoreError};

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// This server takes no new accounts.
    #[error("registration is closed")]
    Closed,
    /// This server asks for an e-mail address.
    #[error("an e-mail address is required")]
    EmailRequired,
    /// The password is too easy to guess.
    #[error("the password {0}")]
    Password(InvalidPassword),
    /// The login or the e-mail address is in use; which of them is not said.
    #[error("the login or e-mail address is in use")]
    Taken,
    /// Too many passwords are being hashed; trying again in some seconds may work.
    #[error("the server is busy")]
    Overloaded,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no operator's account.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The setup token is none, was used, or is too old: get another.
    #[error("the setup link is spent or too old")]
    NoSuchToken,
    /// As for everybody who makes an account.
    #[error(transparent)]
    Account(#[from] RegisterError),
}

/// Why an operator cannot do that to an account.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// It is the operator's own.
    #[error("this is your own account")]
    Oneself,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why somebody is not logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no such account, or the password is wrong; which of them is not said.
    #[error("no account has this name and password")]
    InvalidCredentials,
    /// Too many log-ins from this address or on this account have failed.
    #[error("too many log-ins failed")]
    Throttled {
        /// Trying again makes sense after this long; at least a second.
        retry_after: Duration,
    },
    /// Too many passwords are being hashed; trying again in some seconds may work.
    #[error("the server is busy")]
    Overloaded,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no new pair of tokens.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is none, or not the newest, or its session is over: log in again.
    #[error("the refresh token is not valid")]
    Invalid,
    /// The session was ended, because a spent token of it came back or before: log in again.
    #[error("the session was revoked")]
    Revoked,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an access token proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSignedIn {
    /// It is no access token of this server.
    #[error("the access token is not valid")]
    Invalid,
    /// Its time is over: refresh.
    #[error("the access token has expired")]
    Expired,
    /// Its session has ended: log in again.
    #[error("the session has ended")]
    Ended,
}

/// Why an account cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// It was deleted meanwhile.
    #[error("the account no longer exists")]
    Gone,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why somebody who is signed in did not prove to be the account's owner.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The password is wrong, which counts as a failed log-in.
    #[error("the password is wrong")]
    Wrong,
    /// Too many passwords from this address or for this account were wrong.
    #[error("too many passwords were wrong")]
    Throttled {
        /// Trying again makes sense after this long; at least a second.
        retry_after: Duration,
    },
    /// The account or the session is gone.
    #[error("the session has ended")]
    Gone,
    /// Too many passwords are being hashed; trying again in some seconds may work.
    #[error("the server is busy")]
    Overloaded,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the password is still the old one.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The old password was not proven.
    #[error(transparent)]
    Old(#[from] PasswordError),
    /// The new one is too easy to guess.
    #[error("the new password {0}")]
    New(InvalidPassword),
}

impl From<StoreError> for ChangePasswordError {
    fn from(error: StoreError) -> Self {
        Self::Old(error.into())
    }
}

impl From<StoreError> for SetUpError {
    fn from(error: StoreError) -> Self {
        Self::Account(error.into())
    }
}

impl From<Throttled> for PasswordError {
    fn from(Throttled { retry_after }: Throttled) -> Self {
        Self::Throttled { retry_after }
    }
}

impl From<PasswordError> for LoginError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong | PasswordError::Gone => Self::InvalidCredentials,
            PasswordError::Throttled { retry_after } => Self::Throttled { retry_after },
            PasswordError::Overloaded => Self::Overloaded,
            PasswordError::Store(error) => Self::Store(error),
        }
    }
}

impl From<HashError> for PasswordError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded => Self::Overloaded,
            HashError::Unreadable => Self::Store(unreadable_hash()),
        }
    }
}

impl From<HashError> for RegisterError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded => Self::Overloaded,
            HashError::Unreadable => Self::Store(unreadable_hash()),
        }
    }
}

impl From<AccountError> for PasswordError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Gone => Self::Gone,
            AccountError::Store(error) => Self::Store(error),
        }
    }
}

pub(super) fn unreadable_hash() -> StoreError {
    StoreError::Corrupt { what: "password hash" }
}
