//! What is said to operators and by them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    fields::{Fields, InvalidFields, Raw},
    requests::{NewPerson, filled, person},
};
use crate::domain::{Account, Census, EmailPolicy, Role, Standing};

/// Body of `POST /auth/setup`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SetUp {
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 1)]
    token: Raw,
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 4, max_length = 32, pattern = "^[A-Za-z0-9_-]{4,32}$")]
    login: Raw,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    email: Raw,
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 8, max_length = 256)]
    password: Raw,
}

impl SetUp {
    /// The token as it was sent, and who it is for, where `policy` decides about the address.
    ///
    /// # Errors
    /// Names every bad field.
    pub fn parse(self, policy: EmailPolicy) -> Result<(String, NewPerson), InvalidFields> {
        let mut fields = Fields::default();
        let token = fields.text("token", self.token, filled);
        let person = person(&mut fields, (self.login, self.email, self.password), policy);
        fields.finish(|| Some((token?, person?)))
    }
}

/// Body of `PATCH /admin/settings`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeSettings {
    #[serde(default)]
    #[schema(required = true, value_type = RegistrationView)]
    registration: Raw,
}

impl ChangeSettings {
    /// Whether registration is to be open.
    ///
    /// # Errors
    /// When it is missing or neither open nor closed.
    pub fn parse(self) -> Result<bool, InvalidFields> {
        let mut fields = Fields::default();
        let open = fields.text("registration", self.registration, |raw| match raw.as_str() {
            "open" => Ok(true),
            "closed" => Ok(false),
            _ => Err("must be open or closed"),
        });
        fields.finish(|| open)
    }
}

/// Whether new accounts can be made.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationView {
    /// By everybody.
    Open,
    /// By nobody.
    Closed,
}

impl RegistrationView {
    /// Of a server that is `open` to newcomers or not.
    pub fn new(open: bool) -> Self {
        if open { Self::Open } else { Self::Closed }
    }
}

/// Whether people give an e-mail address.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailView {
    /// Everybody does.
    Required,
    /// Whoever wants to.
    Optional,
    /// Nobody.
    Off,
}

impl From<EmailPolicy> for EmailView {
    fn from(policy: EmailPolicy) -> Self {
        match policy {
            EmailPolicy::Required => Self::Required,
            EmailPolicy::Optional => Self::Optional,
            EmailPolicy::Off => Self::Off,
        }
    }
}

/// What somebody has to know who wants an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    /// Whether they can get one.
    pub registration: RegistrationView,
    /// Whether they give an e-mail address.
    pub email: EmailView,
}

/// What the owner of an account may do.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleView {
    /// Chat.
    Person,
    /// Look after the server, too.
    Operator,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        match role {
            Role::Person => Self::Person,
            Role::Operator => Self::Operator,
        }
    }
}

/// Whether somebody can log in to an account.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateView {
    /// Its owner can.
    Active,
    /// Nobody can.
    Disabled,
}

/// An account as operators see it: nothing in it leads to an alias.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Opaque.
    pub account_id: String,
    /// As typed at registration.
    pub login: String,
    /// Milliseconds since the epoch, whole days: who came just then into a room stays unknown.
    pub created_at: i64,
    /// What its owner may do.
    pub role: RoleView,
    /// Whether they can log in.
    pub state: StateView,
    /// Whether it is the caller's own.
    pub is_you: bool,
}

impl AccountView {
    /// `account`, and whether it is the caller's own.
    pub fn new(account: &Account, is_you: bool) -> Self {
        Self {
            account_id: account.id.encode(),
            login: account.login.as_str().to_owned(),
            created_at: account.created_at.whole_day().0,
            role: account.role.into(),
            state: match account.standing {
                Standing::Active => StateView::Active,
                Standing::Disabled => StateView::Disabled,
            },
            is_you,
        }
    }
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountsView {
    /// The accounts.
    pub accounts: Vec<AccountView>,
    /// For the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// What operators can change while the server runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsView {
    /// Whether new accounts can be made.
    pub registration: RegistrationView,
    /// Whether the configuration says closed, so that it can be changed only there.
    pub registration_locked: bool,
}

/// The server at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverviewView {
    /// Of the program.
    pub version: &'static str,
    /// Milliseconds since the epoch, whole seconds.
    pub started_at: i64,
    /// Whether storage can be written and read just now.
    pub healthy: bool,
    /// What operators can change.
    #[serde(flatten)]
    pub settings: SettingsView,
    /// Whether people give an e-mail address.
    pub email: EmailView,
    /// How many there are of everything.
    #[serde(flatten)]
    pub census: CensusView,
    /// Sockets that are open.
    pub sockets: usize,
}

/// How many there are of everything.
#[derive(Debug, Serialize, ToSchema)]
pub struct CensusView {
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
    pub stored_bytes: i64,
}

impl From<Census> for CensusView {
    fn from(census: Census) -> Self {
        let Census { accounts, operators, disabled, sessions, rooms, bytes } = census;
        Self { accounts, operators, disabled, sessions, rooms, stored_bytes: bytes }
    }
}
