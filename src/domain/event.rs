//! What happens in a room: commands that people give, and the events that come of them.

use std::fmt;

use super::{Alias, MessageBody, Seq, Timestamp};

/// The name a client gave a command, so that a retry is never a second message: 1 to 64 characters
/// without control characters, unique per sender. Told to nobody but its sender.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CommandId(String);

/// A text that is no command id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {} characters, no control characters", CommandId::MAX_CHARACTERS)]
pub struct InvalidCommandId;

impl CommandId {
    /// Longest id, in code points.
    pub const MAX_CHARACTERS: usize = 64;

    /// Accepts an id as the client made it.
    ///
    /// # Errors
    /// [`InvalidCommandId`] when it is empty, too long or holds a control character.
    pub fn parse(raw: &str) -> Result<Self, InvalidCommandId> {
        let characters = raw.chars().take(Self::MAX_CHARACTERS + 1).count();
        let printable = !raw.chars().any(char::is_control);
        if (1..=Self::MAX_CHARACTERS).contains(&characters) && printable {
            Ok(Self(raw.to_owned()))
        } else {
            Err(InvalidCommandId)
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommandId(…)")
    }
}

/// What somebody wants done in a room.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who, in this room.
    pub author: Alias,
    /// `None` where the client gave no id; such a command is never taken for a repetition.
    pub id: Option<CommandId>,
    /// What.
    pub action: Action,
}

/// The kinds of command.
#[derive(Clone, Debug)]
pub enum Action {
    /// Say something.
    Send {
        /// The text.
        body: MessageBody,
        /// The message this answers.
        reply_to: Option<Seq>,
    },
    /// Replace the text of one's own message.
    Edit {
        /// The message.
        target: Seq,
        /// Its new text.
        body: MessageBody,
    },
    /// Erase a message.
    Delete {
        /// The message.
        target: Seq,
        /// Whether somebody else's may be erased, as a host may.
        any: bool,
    },
}

/// What became of a command.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is stored and has its place.
    Stored(Event),
    /// The same author gave the same id before; this is what came of it then.
    Repeated(Placed),
    /// Nothing was stored.
    Refused(Refusal),
}

/// Where and when a command was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its place.
    pub seq: Seq,
    /// When; whole seconds.
    pub at: Timestamp,
}

/// Why a command cannot be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The message it names does not exist, or its text is gone.
    #[error("there is no such message")]
    NoSuchMessage,
    /// The message is somebody else's.
    #[error("the message is somebody else's")]
    NotYours,
    /// As many events stand in the room as may.
    #[error("the room keeps no more")]
    Full,
}

/// Something that happened in a room, in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place.
    pub seq: Seq,
    /// When; whole seconds.
    pub at: Timestamp,
    /// Who did it.
    pub author: Alias,
    /// What it was.
    pub kind: EventKind,
}

/// The kinds of event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Something was said.
    Message {
        /// The text as it stands now; `None` once it was deleted.
        body: Option<MessageBody>,
        /// The message it answers.
        reply_to: Option<Seq>,
        /// When its text was last replaced.
        edited_at: Option<Timestamp>,
    },
    /// A message's text was replaced.
    Edit {
        /// The message.
        target: Seq,
        /// The message's text as it stands now; `None` once it was deleted or has expired. A text
        /// that was edited away is stored nowhere, so an old edit shows the newest one.
        body: Option<MessageBody>,
    },
    /// A message was erased.
    Delete {
        /// The message.
        target: Seq,
    },
}
