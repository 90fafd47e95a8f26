//! Rooms.

use rusqlite::{Connection, Row, params};

use super::{
    members, operator,
    rows::{Failure, all, change, one, time, value},
};
use crate::{
    domain::{
        Alias, Capacity, PersonTag, Retention, Room, RoomChange, RoomCursor, RoomId, RoomName,
        SealedSecret, Seq, Timestamp, Visibility,
    },
    store::plan,
};

pub(super) const BY_ID: &str = "
    SELECT id, name, capacity, visibility, retention_s, created_at_ms, head, expired_to,
           host_tag, secret
    FROM rooms WHERE id = ?1 AND secret <> x''";

pub(super) const PUBLIC: &str = "
    SELECT id, name, capacity, visibility, retention_s, created_at_ms, head, expired_to,
           host_tag, secret
    FROM rooms
    WHERE visibility = 1 AND (created_at_ms, id) < (?1, ?2)
      AND (?3 IS NULL OR instr(name_folded, ?3) > 0)
    ORDER BY created_at_ms DESC, id DESC LIMIT ?4";

const ALL: &str = "
    SELECT id, name, capacity, visibility, retention_s, created_at_ms, head, expired_to,
           host_tag, secret
    FROM rooms
    WHERE secret <> x'' AND (created_at_ms, id) < (?1, ?2)
      AND (?3 IS NULL OR instr(name_folded, ?3) > 0)
    ORDER BY created_at_ms DESC, id DESC LIMIT ?4";

/// A room without a secret is gone for everybody; what is left of it is being erased.
const GONE: &str = "SELECT id FROM rooms WHERE secret = x'' LIMIT 1";

pub(super) const FIRST_EVENT: &str =
    "SELECT seq FROM events WHERE room_id = ?1 ORDER BY seq LIMIT 1";

pub(super) const ERASE_EVENTS: &str = "DELETE FROM events WHERE room_id = ?1 AND seq < ?2";

/// Events erased in one go: few enough that whoever waits to write does not notice.
const SLICE: i64 = 1000;

pub(super) fn create(tx: &Connection, room: &Room, host: &Alias) -> Result<(), Failure> {
    while erase_slice(tx, room.id)? {}
    change(
        tx,
        "INSERT INTO rooms
             (id, name, name_folded, capacity, visibility, retention_s, created_at_ms, head,
              expired_to, host_tag, secret)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            room.id.as_bytes(),
            room.name.as_str(),
            room.name.folded(),
            room.capacity.people(),
            code(room.visibility),
            room.retention.seconds(),
            room.created_at.0,
            room.head.0,
            room.expired_to.0,
            room.host.map(|tag| tag.0),
            room.secret.0,
        ],
    )?;
    members::insert(tx, room.id, room.host, host)?;
    Ok(())
}

pub(super) fn find(tx: &Connection, id: RoomId) -> Result<Option<Room>, Failure> {
    one(tx, BY_ID, [id.as_bytes()], room)
}

pub(super) fn find_all(tx: &Connection, mut ids: Vec<RoomId>) -> Result<Vec<Room>, Failure> {
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(|id| find(tx, id).transpose()).collect()
}

/// Which rooms are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    Public,
    All,
}

pub(super) fn list(
    tx: &Connection,
    listing: Listing,
    search: Option<String>,
    after: Option<RoomCursor>,
    limit: u32,
) -> Result<Vec<Room>, Failure> {
    let before_all =
        RoomCursor { created_at: Timestamp(i64::MAX), id: RoomId::from_bytes([0xff; 10]) };
    let after = after.unwrap_or(before_all);
    let search = search.map(|text| text.to_lowercase());
    let sql = match listing {
        Listing::Public => PUBLIC,
        Listing::All => ALL,
    };
    all(tx, sql, params![after.created_at.0, after.id.as_bytes(), search, limit], room)
}

pub(super) fn update(
    tx: &Connection,
    id: RoomId,
    wanted: RoomChange,
) -> Result<Option<Room>, Failure> {
    let Some(room) = find(tx, id)? else { return Ok(None) };
    let room = plan::changed(room, wanted);
    change(
        tx,
        "UPDATE rooms SET name = ?2, name_folded = ?3, capacity = ?4, visibility = ?5,
             retention_s = ?6 WHERE id = ?1",
        params![
            id.as_bytes(),
            room.name.as_str(),
            room.name.folded(),
            room.capacity.people(),
            code(room.visibility),
            room.retention.seconds(),
        ],
    )?;
    Ok(Some(room))
}

/// Makes a room unreachable at once, without its secret, its name and who was who in it. Events
/// may be many: [`erase_slice`] takes them away, and then the rest.
pub(super) fn remove(tx: &Connection, id: RoomId) -> Result<bool, Failure> {
    let sql = "UPDATE rooms SET secret = x'', name = '', name_folded = '', visibility = 0,
                   retention_s = NULL, host_tag = NULL
               WHERE id = ?1 AND secret <> x''";
    if change(tx, sql, [id.as_bytes()])? == 0 {
        return Ok(false);
    }
    change(tx, "UPDATE aliases SET person_tag = NULL WHERE room_id = ?1", [id.as_bytes()])?;
    operator::count_change(tx)?;
    Ok(true)
}

/// A room that was removed and of which something is left.
pub(super) fn removed(tx: &Connection) -> Result<Option<RoomId>, Failure> {
    Ok(value(tx, GONE, [])?.map(RoomId::from_bytes))
}

/// Erases a part of a room that was removed; false once nothing is left.
///
/// Events first, because looking for an alias's events would read all of them for each alias.
pub(super) fn erase_slice(tx: &Connection, id: RoomId) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM rooms WHERE id = ?1 AND secret = x''";
    if value::<i64>(tx, sql, [id.as_bytes()])?.is_none() {
        return Ok(false);
    }
    if let Some(first) = value::<i64>(tx, FIRST_EVENT, [id.as_bytes()])? {
        change(tx, ERASE_EVENTS, params![id.as_bytes(), first + SLICE])?;
        return Ok(true);
    }
    change(tx, "DELETE FROM aliases WHERE room_id = ?1", [id.as_bytes()])?;
    change(tx, "DELETE FROM rooms WHERE id = ?1", [id.as_bytes()])?;
    Ok(false)
}

fn room(row: &Row<'_>) -> Result<Room, Failure> {
    let name: String = row.get(1)?;
    let capacity = Capacity::parse(row.get(2)?, Capacity::MAX);
    let retention = Retention::parse(row.get(4)?, Retention::Keep);
    Ok(Room {
        id: RoomId::from_bytes(row.get(0)?),
        name: RoomName::parse(&name).map_err(|_| Failure::corrupt("room name"))?,
        capacity: capacity.map_err(|_| Failure::corrupt("room capacity"))?,
        visibility: visibility(row.get(3)?)?,
        retention: retention.map_err(|_| Failure::corrupt("retention"))?,
        created_at: time(row, 5)?,
        head: Seq(row.get(6)?),
        expired_to: Seq(row.get(7)?),
        host: row.get::<_, Option<_>>(8)?.map(PersonTag),
        secret: SealedSecret(row.get(9)?),
    })
}

fn code(visibility: Visibility) -> i64 {
    match visibility {
        Visibility::Unlisted => 0,
        Visibility::Public => 1,
    }
}

fn visibility(code: i64) -> Result<Visibility, Failure> {
    match code {
        0 => Ok(Visibility::Unlisted),
        1 => Ok(Visibility::Public),
        _ => Err(Failure::corrupt("visibility")),
    }
}
