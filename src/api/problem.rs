//! The one error that leaves: every failure becomes a [`Problem`], and every mapping is here.

use std::{borrow::Cow, collections::BTreeMap, error::Error, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};

use super::{answer::json, extract::unauthorized};
use crate::{
    anonymity::Unreadable,
    auth::{
        AccountError, ChangePasswordError, LoginError, ManageError, PasswordError, RefreshError,
        RegisterError, SetUpError,
    },
    chat::{JoinError, PostError},
    domain::{InvalidId, InvalidPassword},
    protocol::{self, ErrorCode, InvalidFields, ProblemData},
    store::StoreError,
};

/// An error as a client sees it, plus the cause that only the log may see.
#[derive(Clone, Debug)]
pub struct Problem {
    code: ErrorCode,
    message: Cow<'static, str>,
    fields: Option<BTreeMap<&'static str, String>>,
    retry_after: Option<u64>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A failure with its code and one sentence for people.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), fields: None, retry_after: None, cause: None }
    }

    /// The same, with a number of seconds after which it makes sense to try again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds.max(1)), ..self }
    }

    /// Too much of something.
    pub fn rate_limited(seconds: u64) -> Self {
        Self::new(ErrorCode::RateLimited, "Too many requests. Wait a little and try again.")
            .retry_after(seconds)
    }

    fn throttled(wait: Duration) -> Self {
        let message = "Too many attempts failed. Wait a little and try again.";
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self::new(ErrorCode::RateLimited, message).retry_after(seconds)
    }

    /// The server has more to do than it can.
    pub fn overloaded(seconds: u64) -> Self {
        let message = "The server has too much to do just now. Try again in a moment.";
        Self::new(ErrorCode::StorageUnavailable, message).retry_after(seconds)
    }

    /// There is no such room.
    pub fn no_such_room() -> Self {
        Self::new(ErrorCode::RoomNotFound, "There is no such room.")
    }

    /// Only the room's host may do this.
    pub fn not_the_host() -> Self {
        Self::new(ErrorCode::Forbidden, "Only the host of the room may do this.")
    }

    /// The host removed this person.
    pub fn banned() -> Self {
        Self::new(ErrorCode::Banned, "You were removed from this room.")
    }

    /// The server's own fault.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let message = "Something went wrong on the server. Try again later.";
        Self { cause: Some(Arc::from(cause.into())), ..Self::new(ErrorCode::Internal, message) }
    }

    fn storage(cause: Arc<dyn Error + Send + Sync>) -> Self {
        let message = "The server cannot reach its storage just now. Try again in a moment.";
        let problem = Self::new(ErrorCode::StorageUnavailable, message).retry_after(1);
        Self { cause: Some(cause), ..problem }
    }

    /// For programs.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// For people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Seconds until it makes sense to try again.
    pub fn seconds(&self) -> Option<u64> {
        self.retry_after
    }

    /// For the log alone.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// The answer, with the envelope that every answer has.
    pub fn render(&self, request_id: &str) -> Response {
        let request_id = (self.code == ErrorCode::Internal).then(|| request_id.to_owned());
        let (fields, retry_after) = (self.fields.clone(), self.retry_after);
        let data = ProblemData { fields, retry_after, request_id };
        let data = (!data.is_empty()).then_some(data);
        let (code, message) = (self.code, self.message());
        let body = protocol::Problem { status: "error", code, message, data };
        let mut response = json(status(code), &body);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Which HTTP status each failure has.
fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidRequest | ErrorCode::InvalidJson => StatusCode::BAD_REQUEST,
        ErrorCode::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::Unauthorized
        | ErrorCode::InvalidCredentials
        | ErrorCode::InvalidRefreshToken
        | ErrorCode::SessionRevoked => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden | ErrorCode::Banned | ErrorCode::RegistrationClosed => {
            StatusCode::FORBIDDEN
        }
        ErrorCode::NotFound | ErrorCode::RoomNotFound => StatusCode::NOT_FOUND,
        ErrorCode::MisdirectedRequest => StatusCode::MISDIRECTED_REQUEST,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::AccountExists | ErrorCode::RoomFull | ErrorCode::HistoryFull => {
            StatusCode::CONFLICT
        }
        ErrorCode::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::StorageUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    /// Only the status and the problem itself: the outermost layer renders it, because it knows
    /// the request's id, and logs the cause.
    fn into_response(self) -> Response {
        let mut response = status(self.code).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::storage(Arc::new(error)),
            StoreError::Corrupt { .. } => Self::internal(error),
        }
    }
}

impl From<Unreadable> for Problem {
    fn from(error: Unreadable) -> Self {
        Self::internal(error)
    }
}

impl From<InvalidFields> for Problem {
    fn from(InvalidFields(fields): InvalidFields) -> Self {
        let message = match fields.first_key_value() {
            Some((name, problem)) if fields.len() == 1 => format!("{name} {problem}."),
            _ => format!("These fields are not valid: {}.", names(&fields)),
        };
        Self { fields: Some(fields), ..Self::new(ErrorCode::InvalidRequest, message) }
    }
}

fn names(fields: &BTreeMap<&'static str, String>) -> String {
    fields.keys().copied().collect::<Vec<_>>().join(", ")
}

impl From<InvalidId> for Problem {
    fn from(_: InvalidId) -> Self {
        Self::no_such_room()
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        let code = match error {
            JoinError::NoSuchRoom => ErrorCode::RoomNotFound,
            JoinError::Removed => ErrorCode::Banned,
            JoinError::Full { .. } => ErrorCode::RoomFull,
            JoinError::TooManySockets => ErrorCode::RateLimited,
            JoinError::Store(error) => return error.into(),
        };
        let problem = Self::new(code, error.to_string());
        if code == ErrorCode::RateLimited { problem.retry_after(10) } else { problem }
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NoSuchRoom
            | PostError::Removed
            | PostError::NoSuchMessage
            | PostError::NotYours
            | PostError::Full => Self::new(error.code(), error.to_string()),
            PostError::Store(cause) => match *cause {
                StoreError::Unavailable(_) => Self::storage(cause),
                StoreError::Corrupt { .. } => Self::internal(cause),
            },
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Closed => {
                Self::new(ErrorCode::RegistrationClosed, "This server takes no new accounts.")
            }
            RegisterError::EmailRequired => InvalidFields::one("email", "is required").into(),
            RegisterError::Password(invalid) => bad_password("password", invalid),
            RegisterError::Taken => {
                Self::new(ErrorCode::AccountExists, "The login or the e-mail address is in use.")
            }
            RegisterError::Overloaded => Self::overloaded(2),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<SetUpError> for Problem {
    fn from(error: SetUpError) -> Self {
        match error {
            SetUpError::NoSuchToken => {
                let message = "This setup link was used or is too old. Get a new one.";
                Self::new(ErrorCode::Forbidden, message)
            }
            SetUpError::Account(error) => error.into(),
        }
    }
}

impl From<ManageError> for Problem {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::NoSuchAccount => {
                Self::new(ErrorCode::NotFound, "There is no such account.")
            }
            ManageError::Oneself => {
                let message = "This is your own account. Use the account page.";
                Self::new(ErrorCode::Forbidden, message)
            }
            ManageError::Store(error) => error.into(),
        }
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => {
                Self::new(ErrorCode::InvalidCredentials, "No account has this name and password.")
            }
            LoginError::Throttled { retry_after } => Self::throttled(retry_after),
            LoginError::Overloaded => Self::overloaded(2),
            LoginError::Store(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => {
                Self::new(ErrorCode::InvalidRefreshToken, "This session is over. Log in again.")
            }
            RefreshError::Revoked => Self::new(
                ErrorCode::SessionRevoked,
                "This session was ended for safety. Log in again.",
            ),
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Gone => unauthorized(),
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => {
                Self::new(ErrorCode::InvalidCredentials, "The password is wrong.")
            }
            PasswordError::Throttled { retry_after } => Self::throttled(retry_after),
            PasswordError::Gone => unauthorized(),
            PasswordError::Overloaded => Self::overloaded(2),
            PasswordError::Store(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Old(error) => error.into(),
            ChangePasswordError::New(invalid) => bad_password("new_password", invalid),
        }
    }
}

fn bad_password(field: &'static str, invalid: InvalidPassword) -> Problem {
    InvalidFields::one(field, invalid).into()
}
