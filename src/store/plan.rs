//! What comes of commands and changes, decided without a database, so that all back ends agree.

use std::collections::HashMap;

use crate::domain::{
    Action, ClientId, Command, CommandId, Event, EventKind, Outcome, Placed, Refusal, Room,
    RoomChange, Seq, Timestamp,
};

/// What stands in a room just before commands are carried out there; a back end reads it, and
/// keeps others from changing it until it has stored what was decided.
#[derive(Debug)]
pub(super) struct Standing {
    /// The place of the newest event.
    pub(super) head: Seq,
    /// The place of the newest event that has expired.
    pub(super) expired_to: Seq,
    /// Those of the commands that were given before, with what came of them then.
    pub(super) placed: HashMap<(ClientId, CommandId), Placed>,
    /// Those of the messages the commands name that still have a text, with their authors.
    pub(super) authors: HashMap<Seq, ClientId>,
}

impl Standing {
    /// Decides about the next command and takes note, for the commands behind it. At most `most`
    /// events may stand in the room.
    pub(super) fn decide(&mut self, command: Command, most: u32, at: Timestamp) -> Outcome {
        let author = command.author.client_id;
        let key = command.id.map(|id| (author, id));
        if let Some(placed) = key.as_ref().and_then(|key| self.placed.get(key)) {
            return Outcome::Repeated(*placed);
        }
        if let Err(refusal) = self.judge(author, &command.action) {
            return Outcome::Refused(refusal);
        }
        // Erasing is always possible, and there is no more of it than of messages.
        let erases = matches!(command.action, Action::Delete { .. });
        if !erases && i64::from(most) <= self.head.0 - self.expired_to.0 {
            return Outcome::Refused(Refusal::Full);
        }
        self.head = self.head.next();
        let seq = self.head;
        if let Some(key) = key {
            self.placed.insert(key, Placed { seq, at });
        }
        match &command.action {
            Action::Send { .. } => drop(self.authors.insert(seq, author)),
            Action::Delete { target, .. } => drop(self.authors.remove(target)),
            Action::Edit { .. } => {}
        }
        Outcome::Stored(Event { seq, at, author: command.author, kind: command.action.into() })
    }

    fn judge(&self, author: ClientId, action: &Action) -> Result<(), Refusal> {
        let Some(target) = named(action) else { return Ok(()) };
        let owner = *self.authors.get(&target).ok_or(Refusal::NoSuchMessage)?;
        let allowed = match action {
            Action::Send { .. } => true,
            Action::Edit { .. } => owner == author,
            Action::Delete { any, .. } => *any || owner == author,
        };
        if allowed { Ok(()) } else { Err(Refusal::NotYours) }
    }
}

/// The message that somebody wants to answer, edit or delete.
pub(super) fn named(action: &Action) -> Option<Seq> {
    match action {
        Action::Send { reply_to, .. } => *reply_to,
        Action::Edit { target, .. } | Action::Delete { target, .. } => Some(*target),
    }
}

impl From<Action> for EventKind {
    fn from(action: Action) -> Self {
        match action {
            Action::Send { body, reply_to } => {
                Self::Message { body: Some(body), reply_to, edited_at: None }
            }
            Action::Edit { target, body } => Self::Edit { target, body: Some(body) },
            Action::Delete { target, .. } => Self::Delete { target },
        }
    }
}

/// The room after its host changed it.
pub(super) fn changed(room: Room, change: RoomChange) -> Room {
    Room {
        name: change.name.unwrap_or(room.name),
        capacity: change.capacity.unwrap_or(room.capacity),
        visibility: change.visibility.unwrap_or(room.visibility),
        retention: change.retention.unwrap_or(room.retention),
        ..room
    }
}
