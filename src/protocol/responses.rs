//! The bodies of answers.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{code::ErrorCode, operator::RoleView};
use crate::domain::{Event, EventKind, MessageBody, Room, Session, Visibility};

/// Every answer that went well.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// Always `success`.
    #[schema(example = "success")]
    pub status: &'static str,
    /// One sentence for people.
    pub message: &'static str,
    /// The answer itself.
    pub data: T,
}

/// What an answer says beyond its code when something went wrong.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ProblemData {
    /// Every bad field, with what was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    pub fields: Option<BTreeMap<&'static str, String>>,
    /// Seconds until it makes sense to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Finds the cause in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ProblemData {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.fields.is_none() && self.retry_after.is_none() && self.request_id.is_none()
    }
}

/// An answer that has no data: `data` is `null`.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Nothing;

/// Every answer that went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem<'a> {
    /// Always `error`.
    #[schema(example = "error")]
    pub status: &'static str,
    /// For programs.
    pub code: ErrorCode,
    /// One sentence for people.
    pub message: &'a str,
    /// More, where there is more.
    pub data: Option<ProblemData>,
}

/// A session's tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensView {
    /// A JWT (RFC 7519) that names the account by an opaque id.
    pub access_token: String,
    /// Opaque; replaced at every use.
    pub refresh_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// Seconds until the refresh token ends, unless it is used.
    pub refresh_expires_in: u64,
}

/// The caller's own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhoAmI {
    /// Opaque.
    pub id: String,
    /// As typed at registration.
    pub login: String,
    /// `null` where none was given.
    pub email: Option<String>,
    /// What the caller may do.
    pub role: RoleView,
}

/// One of the caller's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Opaque.
    pub session_id: String,
    /// Milliseconds since the epoch, whole seconds.
    pub created_at: i64,
    /// Milliseconds since the epoch, whole seconds.
    pub last_used_at: i64,
    /// Whether this request belongs to it.
    pub current: bool,
}

impl SessionView {
    /// `session`, and whether it is the caller's own.
    pub fn new(session: &Session, current: bool) -> Self {
        Self {
            session_id: session.id.encode(),
            created_at: session.created_at.0,
            last_used_at: session.last_used_at.0,
            current,
        }
    }
}

/// Who can find a room.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisibilityView {
    /// Those who have its id.
    Unlisted,
    /// Everybody with an account.
    Public,
}

/// A room. The last three fields differ from reader to reader and are absent where one text goes
/// to all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoomView {
    /// 16 characters of Crockford's base32.
    pub room_id: String,
    /// 1 to 50 characters.
    pub name: String,
    /// Who can find it.
    pub visibility: VisibilityView,
    /// How many people may be in it at once.
    pub max_user: u16,
    /// How many people are in it now.
    pub online: usize,
    /// Seconds that messages are kept; `null` = until somebody deletes them.
    pub retention_in: Option<i64>,
    /// Milliseconds since the epoch, whole seconds.
    pub created_at: i64,
    /// The place of the newest event; 0 before the first.
    pub head: i64,
    /// Whether the reader is its host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_host: Option<bool>,
    /// Whether it is on the reader's list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// Messages the reader has not read; 100 stands for 100 and more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<u32>,
}

impl RoomView {
    /// The room without what differs from reader to reader.
    pub fn shared(room: &Room, online: usize) -> Self {
        Self {
            room_id: room.id.encode(),
            name: room.name.as_str().to_owned(),
            visibility: match room.visibility {
                Visibility::Unlisted => VisibilityView::Unlisted,
                Visibility::Public => VisibilityView::Public,
            },
            max_user: room.capacity.people(),
            online,
            retention_in: room.retention.seconds(),
            created_at: room.created_at.0,
            head: room.head.0,
            is_host: None,
            joined: None,
            unread: None,
        }
    }

    /// The room as one reader sees it.
    #[must_use]
    pub fn personal(self, is_host: bool, joined: bool, unread: u32) -> Self {
        Self { is_host: Some(is_host), joined: Some(joined), unread: Some(unread), ..self }
    }
}

/// A page of rooms.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomsView {
    /// The rooms.
    pub rooms: Vec<RoomView>,
    /// For the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// The `type` of a [`MessageView`].
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The only one.
    Message,
}

/// A message, over HTTP and WebSocket alike.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// Always `message`.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// The room.
    pub room_id: String,
    /// Its place.
    pub seq: i64,
    /// When; milliseconds since the epoch, whole seconds.
    pub at: i64,
    /// Who, in this room.
    pub client_id: String,
    /// Who, by name.
    pub client_name: String,
    /// The text as it stands now; empty once deleted.
    pub message: String,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// When its text was last replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// Present and true once it was deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl MessageView {
    /// The message that `event` is; edits and deletions of messages show as deleted.
    pub fn new(room_id: String, event: &Event) -> Self {
        let (body, reply_to, edited_at) = match &event.kind {
            EventKind::Message { body, reply_to, edited_at } => {
                (body.as_ref(), *reply_to, *edited_at)
            }
            EventKind::Edit { .. } | EventKind::Delete { .. } => (None, None, None),
        };
        Self {
            kind: MessageKind::Message,
            room_id,
            seq: event.seq.0,
            at: event.at.0,
            client_id: event.author.client_id.encode(),
            client_name: event.author.handle.as_str().to_owned(),
            message: body.map_or("", MessageBody::as_str).to_owned(),
            reply_to: reply_to.map(|seq| seq.0),
            edited_at: edited_at.map(|at| at.0),
            deleted: body.is_none(),
        }
    }
}

/// A page of a room's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagesView {
    /// Oldest first.
    pub messages: Vec<MessageView>,
    /// The place of the room's newest event.
    pub head: i64,
    /// Whether there are more in the direction that was asked for.
    pub has_more: bool,
}

/// Where a message was placed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacedView {
    /// Its place.
    pub seq: i64,
    /// When; milliseconds since the epoch, whole seconds.
    pub at: i64,
}
