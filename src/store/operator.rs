//! What an operator does to accounts and to the server.

use async_trait::async_trait;

use super::{AccountStore, StoreError};
use crate::domain::{
    Account, AccountId, Census, Login, NewAccount, Session, SessionId, Timestamp, TokenHash,
};

/// What came of presenting a setup token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// The operator's account exists now, and the token is spent.
    Done,
    /// No such token holds; nothing was stored.
    NoSuchToken,
    /// The login or the e-mail address is in use; nothing was stored, and the token still holds.
    Taken,
}

/// Operators, and what they decide, for `auth` alone. Nothing here leads to an alias.
#[async_trait]
pub trait OperatorStore: AccountStore {
    /// Whether there is an operator whose account is not disabled.
    async fn has_operator(&self) -> Result<bool, StoreError>;

    /// Makes an account of an operator, who has no session yet; false if its login or e-mail tag
    /// is in use.
    async fn create_operator(&self, account: NewAccount) -> Result<bool, StoreError>;

    /// Lets whoever has the token of this hash become an operator, before `until`. A token that
    /// was offered earlier is worth nothing from now on.
    async fn offer_setup(&self, token: TokenHash, until: Timestamp) -> Result<(), StoreError>;

    /// Whether a setup token holds at `now`. Spends nothing.
    async fn is_setup_open(&self, token: TokenHash, now: Timestamp) -> Result<bool, StoreError>;

    /// Makes an account of an operator together with its first session, and spends the token that
    /// allows it. Of many calls with one token at once, one gets an account.
    async fn set_up(
        &self,
        token: TokenHash,
        account: NewAccount,
        session: Session,
        now: Timestamp,
    ) -> Result<Setup, StoreError>;

    /// Accounts whose login comes after `after` without regard to case, in that order; at most
    /// `limit`. With `search`, only those whose login contains it, without regard to case; nothing
    /// in it is a wildcard.
    async fn accounts(
        &self,
        search: Option<String>,
        after: Option<Login>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError>;

    /// Keeps everybody from logging in to an account, and ends its sessions at `now`.
    ///
    /// Returns the sessions it ended; `None` if there is no such account.
    async fn disable_account(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Lets its owner log in to an account again; false if there is no such account.
    async fn enable_account(&self, id: AccountId) -> Result<bool, StoreError>;

    /// Ends every session at `now`; with `account`, only those of that account. Returns which.
    async fn end_sessions(
        &self,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Whether an operator closed registration; not closed until one does.
    async fn is_registration_closed(&self) -> Result<bool, StoreError>;

    /// Closes registration or opens it again.
    async fn close_registration(&self, closed: bool) -> Result<(), StoreError>;

    /// How many there are of everything. Sessions that are over at `now` are not counted.
    async fn census(&self, now: Timestamp) -> Result<Census, StoreError>;

    /// Another number than before once, through any process, a password was changed, an account
    /// was disabled or erased, a session was ended, a room was removed, or registration was closed
    /// or opened.
    async fn changes(&self) -> Result<i64, StoreError>;
}
