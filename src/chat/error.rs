//! Why something cannot be done in a room, by what the caller can do about it.

use std::sync::Arc;

use crate::{domain::Refusal, protocol::ErrorCode, store::StoreError};

/// Why somebody cannot take a seat.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// There is no such room.
    #[error("There is no such room.")]
    NoSuchRoom,
    /// The host removed this person for good.
    #[error("You were removed from this room.")]
    Removed,
    /// As many people are in the room as it admits.
    #[error("This room already has {people} people in it.")]
    Full {
        /// The room's limit.
        people: u16,
    },
    /// This person has too many sockets in this room.
    #[error("You have this room open too many times.")]
    TooManySockets,
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a command was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PostError {
    /// The room is gone.
    #[error("There is no such room.")]
    NoSuchRoom,
    /// The host removed the sender meanwhile.
    #[error("You were removed from this room.")]
    Removed,
    /// The message it names does not exist, or its text is gone.
    #[error("There is no such message.")]
    NoSuchMessage,
    /// The message is somebody else's.
    #[error("That message is somebody else's.")]
    NotYours,
    /// As much stands in the room as may.
    #[error("This room keeps no more messages. Its host can shorten how long it keeps them.")]
    Full,
    /// Nothing was stored; the same command may be sent again.
    #[error("The message could not be stored. Try again.")]
    Store(#[from] Arc<StoreError>),
}

impl PostError {
    /// What a program is told.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NoSuchRoom => ErrorCode::RoomNotFound,
            Self::Removed => ErrorCode::Banned,
            Self::NoSuchMessage => ErrorCode::NotFound,
            Self::NotYours => ErrorCode::Forbidden,
            Self::Full => ErrorCode::HistoryFull,
            Self::Store(error) => match **error {
                StoreError::Unavailable(_) => ErrorCode::StorageUnavailable,
                StoreError::Corrupt { .. } => ErrorCode::Internal,
            },
        }
    }

    /// Seconds until the same command may work, if it ever will.
    pub fn retry_after(&self) -> Option<u64> {
        (self.code() == ErrorCode::StorageUnavailable).then_some(1)
    }
}

impl From<Refusal> for PostError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchMessage => Self::NoSuchMessage,
            Refusal::NotYours => Self::NotYours,
            Refusal::Full => Self::Full,
        }
    }
}
