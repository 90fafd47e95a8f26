//! The one vocabulary of failure.

use serde::Serialize;
use utoipa::ToSchema;

/// Every failure that a client can tell apart, over HTTP, WebSocket and in the UI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A field is missing, of the wrong type or out of bounds; `data.fields` names each.
    InvalidRequest,
    /// The body or frame is not JSON.
    InvalidJson,
    /// The body is too long.
    PayloadTooLarge,
    /// The body is not declared as `application/json`.
    UnsupportedMediaType,
    /// No access token, or one that is bad, expired or revoked.
    Unauthorized,
    /// No account has this login or e-mail and this password.
    InvalidCredentials,
    /// The refresh token is unknown, expired or superseded.
    InvalidRefreshToken,
    /// A spent refresh token was replayed; its whole session is ended.
    SessionRevoked,
    /// Known, but not allowed.
    Forbidden,
    /// The host removed this person from the room.
    Banned,
    /// There is no such thing.
    NotFound,
    /// There is no such room.
    RoomNotFound,
    /// The server does not answer to the name that it was asked under.
    MisdirectedRequest,
    /// The route exists, but not for this method.
    MethodNotAllowed,
    /// The login or the e-mail is in use; not said which.
    AccountExists,
    /// As many people are in the room as it admits.
    RoomFull,
    /// As many messages stand in the room as may.
    HistoryFull,
    /// This server takes no new accounts.
    RegistrationClosed,
    /// The route speaks WebSocket only.
    UpgradeRequired,
    /// Too many requests, messages or attempts; `retry_after` says when to go on.
    RateLimited,
    /// Nothing can be stored or read just now.
    StorageUnavailable,
    /// The server's own fault; `data.request_id` finds it in the log.
    Internal,
}
