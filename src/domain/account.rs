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
    /// What its owner may do.
    pub role: Role,
    /// Whether they can log in.
    pub standing: Standing,
}

/// What the owner of an account may do. Nobody in a room learns it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Chat.
    #[default]
    Person,
    /// Look after the server, too.
    Operator,
}

/// Whether its owner can log in to an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// They can.
    #[default]
    Active,
    /// An operator keeps them out.
    Disabled,
}

/// How many there are of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Accounts of every kind.
    pub accounts: i64,
    /// Those of them whose owner is an operator.
    pub operators: i64,
    /// Those of them that are disabled.
    pub disabled: i64,
    /// Sessions that are neither ended nor expired.
    pub sessions: i64,
    /// Rooms.
    pub rooms: i64,
    /// Bytes that the database takes.
    pub bytes: i64,
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
