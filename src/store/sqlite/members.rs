//! Who is who in a room.

use rusqlite::{Connection, Row, params};

use super::rows::{Failure, change, one, value};
use crate::{
    domain::{Alias, ClientId, Handle, PersonTag, RoomId},
    store::Entry,
};

pub(super) const BY_PERSON: &str = "
    SELECT client_id, handle, removed FROM aliases WHERE room_id = ?1 AND person_tag = ?2";

pub(super) fn enter(
    tx: &Connection,
    room: RoomId,
    person: PersonTag,
    candidates: Vec<Alias>,
) -> Result<Entry, Failure> {
    if let Some(entry) = find(tx, room, person)? {
        return Ok(entry);
    }
    let sql = "SELECT 1 FROM rooms WHERE id = ?1 AND secret <> x''";
    if value::<i64>(tx, sql, [room.as_bytes()])?.is_none() {
        return Ok(Entry::NoSuchRoom);
    }
    for alias in candidates {
        if insert(tx, room, Some(person), &alias)? {
            return Ok(Entry::Member(alias));
        }
    }
    Ok(Entry::HandlesTaken)
}

pub(super) fn find(
    tx: &Connection,
    room: RoomId,
    person: PersonTag,
) -> Result<Option<Entry>, Failure> {
    one(tx, BY_PERSON, params![room.as_bytes(), person.0], |row| {
        let alias = alias(row)?;
        Ok(if row.get(2)? { Entry::Removed(alias) } else { Entry::Member(alias) })
    })
}

/// False if the handle, the client id or the person is in this room already.
pub(super) fn insert(
    tx: &Connection,
    room: RoomId,
    person: Option<PersonTag>,
    alias: &Alias,
) -> Result<bool, Failure> {
    let inserted = change(
        tx,
        "INSERT INTO aliases (room_id, client_id, handle, person_tag) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
        params![
            room.as_bytes(),
            alias.client_id.as_bytes(),
            alias.handle.as_str(),
            person.map(|tag| tag.0)
        ],
    )?;
    Ok(inserted == 1)
}

pub(super) fn remove(tx: &Connection, room: RoomId, member: ClientId) -> Result<bool, Failure> {
    let removed = change(
        tx,
        "UPDATE aliases SET removed = 1
         WHERE room_id = ?1 AND client_id = ?2 AND removed = 0 AND person_tag IS NOT NULL
           AND person_tag IS NOT (SELECT host_tag FROM rooms WHERE id = ?1)",
        params![room.as_bytes(), member.as_bytes()],
    )?;
    Ok(removed == 1)
}

pub(super) fn forget(
    tx: &Connection,
    room: RoomId,
    person: PersonTag,
) -> Result<Option<Alias>, Failure> {
    let tie = params![room.as_bytes(), person.0];
    change(tx, "UPDATE rooms SET host_tag = NULL WHERE id = ?1 AND host_tag = ?2", tie)?;
    one(
        tx,
        "UPDATE aliases SET person_tag = NULL WHERE room_id = ?1 AND person_tag = ?2
         RETURNING client_id, handle",
        tie,
        alias,
    )
}

fn alias(row: &Row<'_>) -> Result<Alias, Failure> {
    Ok(Alias {
        client_id: ClientId::from_bytes(row.get(0)?),
        handle: Handle::new(row.get::<_, String>(1)?),
    })
}
