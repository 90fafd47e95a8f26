//! The bodies of requests. Each `parse` gives domain values or names every bad field at once.

use serde::Deserialize;
use utoipa::ToSchema;

use super::fields::{Fields, InvalidFields, Raw};
use crate::domain::{
    Capacity, CommandId, EmailAddress, EmailPolicy, Login, MessageBody, Password, Retention,
    RoomChange, RoomName, Seq, Visibility,
};

/// What this server allows a host to choose.
#[derive(Clone, Copy, Debug)]
pub struct RoomLimits {
    /// Most people in one room.
    pub max_users: u16,
    /// Longest retention.
    pub max_retention: Retention,
    /// Retention of a room whose host said nothing about it.
    pub default_retention: Retention,
}

/// Body of `POST /auth/register`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Register {
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

impl Register {
    /// The values, where `policy` decides about the address.
    ///
    /// # Errors
    /// Names every bad field.
    pub fn parse(self, policy: EmailPolicy) -> Result<NewPerson, InvalidFields> {
        let mut fields = Fields::default();
        let person = person(&mut fields, (self.login, self.email, self.password), policy);
        fields.finish(|| person)
    }
}

/// Who wants an account: login, e-mail address where one was given, password.
pub type NewPerson = (Login, Option<EmailAddress>, Password);

pub(super) fn person(
    fields: &mut Fields,
    (login, email, password): (Raw, Raw, Raw),
    policy: EmailPolicy,
) -> Option<NewPerson> {
    let address = |raw: String| EmailAddress::parse(&raw);
    let login = fields.text("login", login, |raw| Login::parse(&raw));
    let email = match policy {
        EmailPolicy::Required => fields.text("email", email, address),
        EmailPolicy::Optional => fields.optional_text("email", email, address),
        EmailPolicy::Off => None,
    };
    let password = fields.text("password", password, |raw| Password::parse(&raw));
    Some((login?, email, password?))
}

/// Body of `POST /auth/login`: one of `login` and `email`, and the password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LogIn {
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1)]
    login: Raw,
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1)]
    email: Raw,
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 1)]
    password: Raw,
}

impl LogIn {
    /// Login or e-mail as typed (never empty) and the password as typed. Whether they could exist
    /// at all is not judged here: every wrong guess shall look alike.
    ///
    /// # Errors
    /// Names every bad field.
    pub fn parse(self) -> Result<(Result<String, String>, String), InvalidFields> {
        let mut fields = Fields::default();
        let by_email = self.email.is_present() && !self.login.is_present();
        let name = if by_email {
            fields.text("email", self.email, filled).map(Err)
        } else {
            fields.text("login", self.login, filled).map(Ok)
        };
        let password = fields.text("password", self.password, filled);
        fields.finish(|| Some((name?, password?)))
    }
}

pub(super) fn filled(raw: String) -> Result<String, &'static str> {
    if raw.is_empty() { Err("is required") } else { Ok(raw) }
}

/// Body of `POST /auth/refresh` and `POST /auth/logout`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RefreshToken {
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 1)]
    token: Raw,
}

impl RefreshToken {
    /// The refresh token as it was sent.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn parse(self) -> Result<String, InvalidFields> {
        let mut fields = Fields::default();
        let token = fields.text("token", self.token, filled);
        fields.finish(|| token)
    }
}

/// Body of `POST /auth/password`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangePassword {
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 1)]
    old_password: Raw,
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 8, max_length = 256)]
    new_password: Raw,
}

impl ChangePassword {
    /// The old password as typed, and the new one.
    ///
    /// # Errors
    /// Names every bad field.
    pub fn parse(self) -> Result<(String, Password), InvalidFields> {
        let mut fields = Fields::default();
        let old = fields.text("old_password", self.old_password, filled);
        let new = fields.text("new_password", self.new_password, |raw| Password::parse(&raw));
        fields.finish(|| Some((old?, new?)))
    }
}

/// Body of `DELETE /auth/account`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DeleteAccount {
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 1)]
    password: Raw,
}

impl DeleteAccount {
    /// The password as typed.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn parse(self) -> Result<String, InvalidFields> {
        let mut fields = Fields::default();
        let password = fields.text("password", self.password, filled);
        fields.finish(|| password)
    }
}

/// What a new room shall be like.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// What it is called.
    pub name: RoomName,
    /// How many people may be in it at once.
    pub capacity: Capacity,
    /// Who can find it.
    pub visibility: Visibility,
    /// How long its messages are kept.
    pub retention: Retention,
}

/// Body of `POST /rooms/create`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateRoom {
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 1, max_length = 50)]
    name: Raw,
    #[serde(default)]
    #[schema(required = true, value_type = u16, minimum = 1, maximum = 1000)]
    max_user: Raw,
    #[serde(default)]
    #[schema(value_type = Option<super::responses::VisibilityView>)]
    visibility: Raw,
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 3600, maximum = 2_592_000)]
    retention_in: Raw,
}

impl CreateRoom {
    /// The room's settings within `limits`.
    ///
    /// # Errors
    /// Names every bad field.
    pub fn parse(self, limits: RoomLimits) -> Result<NewRoom, InvalidFields> {
        let mut fields = Fields::default();
        let name = fields.text("name", self.name, |raw| RoomName::parse(&raw));
        let capacity =
            fields.integer("max_user", self.max_user, |raw| Capacity::parse(raw, limits.max_users));
        let visibility =
            fields.optional_text("visibility", self.visibility, |raw| visibility(&raw));
        let retention = retention(&mut fields, self.retention_in, limits);
        fields.finish(|| {
            Some(NewRoom {
                name: name?,
                capacity: capacity?,
                visibility: visibility.unwrap_or_default(),
                retention: retention.unwrap_or(limits.default_retention),
            })
        })
    }
}

/// Body of `PATCH /rooms/{room_id}`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeRoom {
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50)]
    name: Raw,
    #[serde(default)]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    max_user: Raw,
    #[serde(default)]
    #[schema(value_type = Option<super::responses::VisibilityView>)]
    visibility: Raw,
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 3600, maximum = 2_592_000)]
    retention_in: Raw,
}

impl ChangeRoom {
    /// The changes within `limits`; a field that is absent stays as it is.
    ///
    /// # Errors
    /// Names every bad field.
    pub fn parse(self, limits: RoomLimits) -> Result<RoomChange, InvalidFields> {
        let mut fields = Fields::default();
        let name = fields.optional_text("name", self.name, |raw| RoomName::parse(&raw));
        let capacity = fields.optional_integer("max_user", self.max_user, |raw| {
            Capacity::parse(raw, limits.max_users)
        });
        let visibility =
            fields.optional_text("visibility", self.visibility, |raw| visibility(&raw));
        let retention = retention(&mut fields, self.retention_in, limits);
        fields.finish(|| Some(RoomChange { name, capacity, visibility, retention }))
    }
}

/// `None` where the field is absent; `null` is a choice: kept.
fn retention(fields: &mut Fields, raw: Raw, limits: RoomLimits) -> Option<Retention> {
    if !raw.is_present() {
        return None;
    }
    let seconds = fields.optional_integer("retention_in", raw, Ok::<_, &str>);
    fields.keep("retention_in", Retention::parse(seconds, limits.max_retention))
}

fn visibility(raw: &str) -> Result<Visibility, &'static str> {
    match raw {
        "unlisted" => Ok(Visibility::Unlisted),
        "public" => Ok(Visibility::Public),
        _ => Err("must be unlisted or public"),
    }
}

/// Body of `DELETE /rooms/remove`.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct RemoveRoom {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    room_id: Raw,
}

impl RemoveRoom {
    /// The room's id as it was sent; `in_query` where the body does not name it.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn parse(self, in_query: Option<String>) -> Result<String, InvalidFields> {
        let mut fields = Fields::default();
        let room = fields.text("room_id", self.room_id.or(in_query), filled);
        fields.finish(|| room)
    }
}

/// Body of `POST /rooms/{room_id}/messages`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PostMessage {
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 1, max_length = 64)]
    id: Raw,
    #[serde(default)]
    #[schema(required = true, value_type = String, min_length = 1, max_length = 16384)]
    message: Raw,
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1)]
    reply_to: Raw,
}

impl PostMessage {
    /// The command's id, the text and what it answers.
    ///
    /// # Errors
    /// Names every bad field.
    pub fn parse(self) -> Result<(CommandId, MessageBody, Option<Seq>), InvalidFields> {
        let mut fields = Fields::default();
        let id = fields.text("id", self.id, |raw| CommandId::parse(&raw));
        let body = fields.text("message", self.message, MessageBody::parse);
        let reply_to = fields.optional_integer("reply_to", self.reply_to, place);
        fields.finish(|| Some((id?, body?, reply_to)))
    }
}

/// The place of a message: 1 or more.
pub(super) fn place(raw: i64) -> Result<Seq, &'static str> {
    if raw < 1 { Err("must be the seq of a message") } else { Ok(Seq(raw)) }
}
