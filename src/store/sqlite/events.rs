//! Storing what happens in a room.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};

use super::rows::{Failure, change, one, time, value};
use crate::{
    domain::{
        Alias, ClientId, Command, CommandId, Event, EventKind, Handle, MessageBody, Outcome,
        Placed, RoomId, Seq, Timestamp,
    },
    store::plan::{Standing, named},
};

const HEAD: &str = "SELECT head, expired_to FROM rooms WHERE id = ?1 AND secret <> x''";

pub(super) const PLACED: &str = "
    SELECT seq, at_ms FROM events WHERE room_id = ?1 AND author = ?2 AND command_id = ?3";

pub(super) const AUTHOR: &str = "
    SELECT author FROM events
    WHERE room_id = ?1 AND seq = ?2 AND kind = 0 AND body IS NOT NULL";

pub(super) fn append(
    tx: &Connection,
    room: RoomId,
    commands: Vec<Command>,
    most: u32,
    now: Timestamp,
) -> Result<Option<Vec<Outcome>>, Failure> {
    let Some(mut standing) = standing(tx, room, &commands)? else { return Ok(None) };
    let (before, at) = (standing.head, now.whole_second());
    let mut outcomes = Vec::with_capacity(commands.len());
    for command in commands {
        let id = command.id.clone();
        let outcome = standing.decide(command, most, at);
        if let Outcome::Stored(event) = &outcome {
            store(tx, room, event, id.as_ref())?;
        }
        outcomes.push(outcome);
    }
    if standing.head != before {
        let sql = "UPDATE rooms SET head = ?2 WHERE id = ?1";
        change(tx, sql, params![room.as_bytes(), standing.head.0])?;
    }
    Ok(Some(outcomes))
}

/// What the room looks like to these commands; `None` if there is no such room.
fn standing(
    tx: &Connection,
    room: RoomId,
    commands: &[Command],
) -> Result<Option<Standing>, Failure> {
    let bounds = one(tx, HEAD, [room.as_bytes()], |row| Ok((Seq(row.get(0)?), Seq(row.get(1)?))));
    let Some((head, expired_to)) = bounds? else { return Ok(None) };
    let (mut placed, mut authors) = (HashMap::new(), HashMap::new());
    for command in commands {
        let author = command.author.client_id;
        if let Some(id) = &command.id
            && let Some(then) = find_placed(tx, room, author, id)?
        {
            placed.insert((author, id.clone()), then);
        }
        if let Some(message) = named(&command.action)
            && let Some(bytes) = value(tx, AUTHOR, params![room.as_bytes(), message.0])?
        {
            authors.insert(message, ClientId::from_bytes(bytes));
        }
    }
    Ok(Some(Standing { head, expired_to, placed, authors }))
}

fn find_placed(
    tx: &Connection,
    room: RoomId,
    author: ClientId,
    id: &CommandId,
) -> Result<Option<Placed>, Failure> {
    one(tx, PLACED, params![room.as_bytes(), author.as_bytes(), id.as_str()], |row| {
        Ok(Placed { seq: Seq(row.get(0)?), at: time(row, 1)? })
    })
}

fn store(
    tx: &Connection,
    room: RoomId,
    event: &Event,
    id: Option<&CommandId>,
) -> Result<(), Failure> {
    let room = room.as_bytes();
    let (kind, target, body) = match &event.kind {
        EventKind::Message { body, reply_to, .. } => (MESSAGE, *reply_to, body.as_ref()),
        EventKind::Edit { target, body } => {
            let sql = "UPDATE events SET body = ?3, edited_at_ms = ?4
                       WHERE room_id = ?1 AND seq = ?2";
            let body = body.as_ref().map(MessageBody::as_str);
            change(tx, sql, params![room, target.0, body, event.at.0])?;
            (EDIT, Some(*target), None)
        }
        EventKind::Delete { target } => {
            let sql = "UPDATE events SET body = NULL WHERE room_id = ?1 AND seq = ?2";
            change(tx, sql, params![room, target.0])?;
            (DELETE, Some(*target), None)
        }
    };
    change(
        tx,
        "INSERT INTO events (room_id, seq, at_ms, kind, author, target, command_id, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            room,
            event.seq.0,
            event.at.0,
            kind,
            event.author.client_id.as_bytes(),
            target.map(|seq| seq.0),
            id.map(CommandId::as_str),
            body.map(MessageBody::as_str),
        ],
    )?;
    Ok(())
}

const MESSAGE: i64 = 0;
const EDIT: i64 = 1;
const DELETE: i64 = 2;

/// Reads `seq, at_ms, author, handle, kind, target, body, edited_at_ms`.
pub(super) fn event(row: &Row<'_>) -> Result<Event, Failure> {
    let author = Alias {
        client_id: ClientId::from_bytes(row.get(2)?),
        handle: Handle::new(row.get::<_, String>(3)?),
    };
    let about = row.get::<_, Option<_>>(5)?.map(Seq);
    let target = about.ok_or_else(|| Failure::corrupt("target"));
    let body = row.get::<_, Option<_>>(6)?.map(MessageBody::from_store);
    let kind = match row.get(4)? {
        MESSAGE => {
            let edited_at = row.get::<_, Option<_>>(7)?.map(Timestamp);
            EventKind::Message { body, reply_to: about, edited_at }
        }
        EDIT => EventKind::Edit { target: target?, body },
        DELETE => EventKind::Delete { target: target? },
        _ => return Err(Failure::corrupt("kind of event")),
    };
    Ok(Event { seq: Seq(row.get(0)?), at: time(row, 1)?, author, kind })
}
