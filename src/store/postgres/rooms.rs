//! Rooms.

use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::{
    members, operator,
    rows::{Failure, all, bytes, change, get, maybe_bytes, one, time},
};
use crate::{
    domain::{
        Alias, Capacity, PersonTag, Retention, Room, RoomChange, RoomCursor, RoomId, RoomName,
        SealedSecret, Seq, Timestamp, Visibility,
    },
    store::plan,
};

const BY_IDS: &str = "
    SELECT id, name, capacity, visibility, retention_s, created_at_ms, head, expired_to,
           host_tag, secret
    FROM rooms WHERE id = ANY($1) AND secret <> ''";

const BY_ID_HELD: &str = "
    SELECT id, name, capacity, visibility, retention_s, created_at_ms, head, expired_to,
           host_tag, secret
    FROM rooms WHERE id = $1 AND secret <> '' FOR UPDATE";

const PUBLIC: &str = "
    SELECT id, name, capacity, visibility, retention_s, created_at_ms, head, expired_to,
           host_tag, secret
    FROM rooms
    WHERE visibility = 1 AND (created_at_ms, id) < ($1, $2)
      AND ($3::TEXT IS NULL OR strpos(name_folded, $3) > 0)
    ORDER BY created_at_ms DESC, id DESC LIMIT $4";

const ALL: &str = "
    SELECT id, name, capacity, visibility, retention_s, created_at_ms, head, expired_to,
           host_tag, secret
    FROM rooms
    WHERE secret <> '' AND (created_at_ms, id) < ($1, $2)
      AND ($3::TEXT IS NULL OR strpos(name_folded, $3) > 0)
    ORDER BY created_at_ms DESC, id DESC LIMIT $4";

/// A room without a secret is gone for everybody; what is left of it is being erased.
const GONE: &str = "SELECT id FROM rooms WHERE secret = '' LIMIT 1";

/// Events erased in one go.
const SLICE: i64 = 1000;

/// Which rooms are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    Public,
    All,
}

pub(super) async fn create(
    db: &impl GenericClient,
    room: &Room,
    host: &Alias,
) -> Result<(), Failure> {
    while erase_slice(db, room.id).await? {}
    change(
        db,
        "INSERT INTO rooms
             (id, name, name_folded, capacity, visibility, retention_s, created_at_ms, head,
              expired_to, host_tag, secret)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &&room.id.as_bytes()[..],
            &room.name.as_str(),
            &room.name.folded(),
            &i64::from(room.capacity.people()),
            &code(room.visibility),
            &room.retention.seconds(),
            &room.created_at.0,
            &room.head.0,
            &room.expired_to.0,
            &room.host.as_ref().map(|tag| &tag.0[..]),
            &room.secret.0,
        ],
    )
    .await?;
    members::insert(db, room.id, room.host, host).await?;
    Ok(())
}

/// Keeps everybody else from what only the holder of a room may do; false if there is none.
pub(super) async fn hold(db: &impl GenericClient, id: RoomId) -> Result<bool, Failure> {
    let sql = "SELECT head FROM rooms WHERE id = $1 AND secret <> '' FOR UPDATE";
    let held = one(db, sql, &[&&id.as_bytes()[..]], |row| get::<i64>(row, 0)).await?;
    Ok(held.is_some())
}

pub(super) async fn find(db: &impl GenericClient, id: RoomId) -> Result<Option<Room>, Failure> {
    Ok(find_all(db, &[id]).await?.pop())
}

pub(super) async fn find_all(
    db: &impl GenericClient,
    ids: &[RoomId],
) -> Result<Vec<Room>, Failure> {
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id.as_bytes()[..]).collect();
    all(db, BY_IDS, &[&ids], room).await
}

pub(super) async fn list(
    db: &impl GenericClient,
    listing: Listing,
    search: Option<&str>,
    after: Option<RoomCursor>,
    limit: u32,
) -> Result<Vec<Room>, Failure> {
    let before_all =
        RoomCursor { created_at: Timestamp(i64::MAX), id: RoomId::from_bytes([0xff; 10]) };
    let after = after.unwrap_or(before_all);
    let search = search.map(str::to_lowercase);
    let (id, limit) = (&after.id.as_bytes()[..], i64::from(limit));
    let sql = match listing {
        Listing::Public => PUBLIC,
        Listing::All => ALL,
    };
    all(db, sql, &[&after.created_at.0, &id, &search, &limit], room).await
}

pub(super) async fn update(
    db: &impl GenericClient,
    id: RoomId,
    wanted: RoomChange,
) -> Result<Option<Room>, Failure> {
    let id = &id.as_bytes()[..];
    let Some(room) = one(db, BY_ID_HELD, &[&id], room).await? else { return Ok(None) };
    let room = plan::changed(room, wanted);
    change(
        db,
        "UPDATE rooms SET name = $2, name_folded = $3, capacity = $4, visibility = $5,
             retention_s = $6 WHERE id = $1",
        &[
            &id,
            &room.name.as_str(),
            &room.name.folded(),
            &i64::from(room.capacity.people()),
            &code(room.visibility),
            &room.retention.seconds(),
        ],
    )
    .await?;
    Ok(Some(room))
}

/// Makes a room unreachable at once, without its secret, its name and who was who in it. Events
/// may be many: [`erase_slice`] takes them away, and then the rest.
pub(super) async fn remove(db: &impl GenericClient, id: RoomId) -> Result<bool, Failure> {
    let sql = "UPDATE rooms SET secret = '', name = '', name_folded = '', visibility = 0,
                   retention_s = NULL, host_tag = NULL
               WHERE id = $1 AND secret <> ''";
    let id = &id.as_bytes()[..];
    if change(db, sql, &[&id]).await? == 0 {
        return Ok(false);
    }
    change(db, "UPDATE aliases SET person_tag = NULL WHERE room_id = $1", &[&id]).await?;
    operator::count_change(db).await?;
    Ok(true)
}

/// A room that was removed and of which something is left.
pub(super) async fn removed(db: &impl GenericClient) -> Result<Option<RoomId>, Failure> {
    one(db, GONE, &[], |row| Ok(RoomId::from_bytes(bytes(row, 0)?))).await
}

/// Erases a part of a room that was removed; false once nothing is left.
pub(super) async fn erase_slice(db: &impl GenericClient, id: RoomId) -> Result<bool, Failure> {
    let id = &id.as_bytes()[..];
    let sql = "SELECT head FROM rooms WHERE id = $1 AND secret = '' FOR UPDATE";
    if one(db, sql, &[&id], |_| Ok(())).await?.is_none() {
        return Ok(false);
    }
    let sql = "SELECT seq FROM events WHERE room_id = $1 ORDER BY seq LIMIT 1";
    if let Some(first) = one(db, sql, &[&id], |row| get::<i64>(row, 0)).await? {
        let sql = "DELETE FROM events WHERE room_id = $1 AND seq < $2";
        change(db, sql, &[&id, &(first + SLICE)]).await?;
        return Ok(true);
    }
    change(db, "DELETE FROM aliases WHERE room_id = $1", &[&id]).await?;
    change(db, "DELETE FROM rooms WHERE id = $1", &[&id]).await?;
    Ok(false)
}

fn room(row: &Row) -> Result<Room, Failure> {
    let capacity = Capacity::parse(get(row, 2)?, Capacity::MAX);
    let retention = Retention::parse(get(row, 4)?, Retention::Keep);
    Ok(Room {
        id: RoomId::from_bytes(bytes(row, 0)?),
        name: RoomName::parse(get(row, 1)?).map_err(|_| Failure::corrupt("room name"))?,
        capacity: capacity.map_err(|_| Failure::corrupt("room capacity"))?,
        visibility: visibility(get(row, 3)?)?,
        retention: retention.map_err(|_| Failure::corrupt("retention"))?,
        created_at: time(row, 5)?,
        head: Seq(get(row, 6)?),
        expired_to: Seq(get(row, 7)?),
        host: maybe_bytes(row, 8)?.map(PersonTag),
        secret: SealedSecret(get(row, 9)?),
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
