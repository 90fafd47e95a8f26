//! What somebody is shown of everything that is stored about them.

use serde::Serialize;
use utoipa::ToSchema;

use super::operator::RoleView;
use crate::domain::{Event, EventKind, KeptSession, MessageBody};

/// Everything this server holds about the caller, but for the texts they wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnDataView {
    /// The account.
    pub account: OwnAccountView,
    /// Newest first; those that are over, too.
    pub sessions: Vec<OwnSessionView>,
    /// The rooms that the caller is or was in.
    pub rooms: Vec<OwnRoomView>,
}

/// The row of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnAccountView {
    /// Random.
    pub id: String,
    /// As typed at registration.
    pub login: String,
    /// `null` where none was given; sealed on the disk.
    pub email: Option<String>,
    /// What the caller may do.
    pub role: RoleView,
    /// Milliseconds since the epoch, whole seconds.
    pub created_at: i64,
    /// How the password was hashed; the hash itself is shown to nobody.
    pub password: OwnPasswordView,
}

/// How a password was hashed.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnPasswordView {
    /// Always `argon2id`.
    #[schema(example = "argon2id")]
    pub algorithm: &'static str,
    /// Of the algorithm.
    pub version: u32,
    /// How much memory the hash took, in KiB.
    pub memory_in_kib: u32,
    /// How many passes over it.
    pub iterations: u32,
    /// In how many lanes.
    pub parallelism: u32,
}

/// The row of a session, without the hashes of its tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSessionView {
    /// Random.
    pub session_id: String,
    /// Milliseconds since the epoch, whole seconds.
    pub created_at: i64,
    /// Milliseconds since the epoch, whole seconds.
    pub last_used_at: i64,
    /// Milliseconds since the epoch.
    pub expires_at: i64,
    /// When it was ended, in milliseconds since the epoch; `null` while nobody has ended it.
    pub ended_at: Option<i64>,
    /// Whether it was ended because a spent refresh token came back.
    pub revoked: bool,
    /// How often its refresh token was replaced.
    pub generation: i64,
    /// Whether this request belongs to it.
    pub current: bool,
}

impl OwnSessionView {
    /// `kept`, and whether it is the caller's own.
    pub fn new(kept: &KeptSession, current: bool) -> Self {
        let session = &kept.session;
        Self {
            session_id: session.id.encode(),
            created_at: session.created_at.0,
            last_used_at: session.last_used_at.0,
            expires_at: session.expires_at.0,
            ended_at: kept.ended_at.map(|at| at.0),
            revoked: kept.revoked,
            generation: session.generation,
            current,
        }
    }
}

/// What ties the caller to one room.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnRoomView {
    /// The room.
    pub room_id: String,
    /// Its name; `null` once the room was removed.
    pub name: Option<String>,
    /// Who the caller is there.
    pub client_id: String,
    /// The same by name; `null` once the room was removed.
    pub client_name: Option<String>,
    /// Whether the caller is its host.
    pub is_host: bool,
    /// Whether it is on the caller's list of rooms.
    pub joined: bool,
    /// Whether the host removed the caller.
    pub banned: bool,
    /// How far the caller has read.
    pub read_to: i64,
    /// How many messages of the caller are stored there.
    pub message_count: u64,
}

/// [`OwnDataView`], and every text.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnDataExport {
    /// Milliseconds since the epoch, whole seconds.
    pub exported_at: i64,
    /// What is held besides texts.
    #[serde(flatten)]
    pub data: OwnDataView,
    /// Room by room, oldest first.
    pub messages: Vec<OwnMessageView>,
}

/// A message of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnMessageView {
    /// The room.
    pub room_id: String,
    /// Its place.
    pub seq: i64,
    /// When; milliseconds since the epoch, whole seconds.
    pub at: i64,
    /// The text as it stands now.
    pub message: String,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// When its text was last replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
}

impl OwnMessageView {
    /// The message that `event` is; `None` for what is no message, or deleted.
    pub fn new(room_id: String, event: &Event) -> Option<Self> {
        let EventKind::Message { body: Some(body), reply_to, edited_at } = &event.kind else {
            return None;
        };
        Some(Self {
            room_id,
            seq: event.seq.0,
            at: event.at.0,
            message: MessageBody::as_str(body).to_owned(),
            reply_to: reply_to.map(|seq| seq.0),
            edited_at: edited_at.map(|at| at.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_ends_with_its_messages() {
        let account = OwnAccountView {
            id: String::new(),
            login: String::new(),
            email: None,
            role: RoleView::Person,
            created_at: 0,
            password: OwnPasswordView {
                algorithm: "argon2id",
                version: 19,
                memory_in_kib: 0,
                iterations: 0,
                parallelism: 0,
            },
        };
        let data = OwnDataView { account, sessions: Vec::new(), rooms: Vec::new() };
        let export = OwnDataExport { exported_at: 0, data, messages: Vec::new() };
        let text = serde_json::to_string(&export).unwrap();
        assert!(text.ends_with(r#""rooms":[],"messages":[]}"#), "{text}");
    }
}
