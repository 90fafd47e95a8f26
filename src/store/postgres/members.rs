//! Who is who in a room.

use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::{
    rooms,
    rows::{Failure, bytes, change, get, one},
};
use crate::{
    domain::{Alias, ClientId, Handle, PersonTag, RoomId},
    store::Entry,
};

pub(super) async fn enter(
    db: &impl GenericClient,
    room: RoomId,
    person: PersonTag,
    candidates: &[Alias],
) -> Result<Entry, Failure> {
    if let Some(entry) = find(db, room, person).await? {
        return Ok(entry);
    }
    if !rooms::hold(db, room).await? {
        return Ok(Entry::NoSuchRoom);
    }
    // Asked again: the same person may have come in before the room was held.
    if let Some(entry) = find(db, room, person).await? {
        return Ok(entry);
    }
    for alias in candidates {
        if insert(db, room, Some(person), alias).await? {
            return Ok(Entry::Member(alias.clone()));
        }
    }
    Ok(Entry::HandlesTaken)
}

pub(super) async fn find(
    db: &impl GenericClient,
    room: RoomId,
    person: PersonTag,
) -> Result<Option<Entry>, Failure> {
    let sql = "
        SELECT client_id, handle, removed FROM aliases WHERE room_id = $1 AND person_tag = $2";
    one(db, sql, &[&&room.as_bytes()[..], &&person.0[..]], |row| {
        let alias = alias(row)?;
        Ok(match get::<i64>(row, 2)? {
            0 => Entry::Member(alias),
            _ => Entry::Removed(alias),
        })
    })
    .await
}

/// False if the handle, the client id or the person is in this room already.
pub(super) async fn insert(
    db: &impl GenericClient,
    room: RoomId,
    person: Option<PersonTag>,
    alias: &Alias,
) -> Result<bool, Failure> {
    let sql = "
        INSERT INTO aliases (room_id, client_id, handle, person_tag) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING";
    let person = person.as_ref().map(|tag| &tag.0[..]);
    let (room, client_id) = (&room.as_bytes()[..], &alias.client_id.as_bytes()[..]);
    Ok(change(db, sql, &[&room, &client_id, &alias.handle.as_str(), &person]).await? == 1)
}

pub(super) async fn remove(
    db: &impl GenericClient,
    room: RoomId,
    member: ClientId,
) -> Result<bool, Failure> {
    let sql = "
        UPDATE aliases SET removed = 1
        WHERE room_id = $1 AND client_id = $2 AND removed = 0 AND person_tag IS NOT NULL
          AND person_tag IS DISTINCT FROM (SELECT host_tag FROM rooms WHERE id = $1)";
    Ok(change(db, sql, &[&&room.as_bytes()[..], &&member.as_bytes()[..]]).await? == 1)
}

pub(super) async fn forget(
    db: &impl GenericClient,
    room: RoomId,
    person: PersonTag,
) -> Result<Option<Alias>, Failure> {
    let (room, person) = (&room.as_bytes()[..], &person.0[..]);
    let sql = "UPDATE rooms SET host_tag = NULL WHERE id = $1 AND host_tag = $2";
    change(db, sql, &[&room, &person]).await?;
    let sql = "
        UPDATE aliases SET person_tag = NULL WHERE room_id = $1 AND person_tag = $2
        RETURNING client_id, handle";
    one(db, sql, &[&room, &person], alias).await
}

fn alias(row: &Row) -> Result<Alias, Failure> {
    Ok(Alias {
        client_id: ClientId::from_bytes(bytes(row, 0)?),
        handle: Handle::new(get::<String>(row, 1)?),
    })
}
