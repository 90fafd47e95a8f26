//! Retention.

use rusqlite::{Connection, params};

use super::rows::{Failure, all, change, one, value};
use crate::{
    domain::{Expiry, RoomId, Seq, Timestamp},
    store::EXPIRY_SLICE,
};

/// The oldest event of a room stands right after those that are gone.
pub(super) const DUE: &str = "
    SELECT r.id FROM rooms r
    CROSS JOIN events e ON e.room_id = r.id AND e.seq = r.expired_to + 1
    WHERE r.retention_s IS NOT NULL AND e.at_ms < ?1 - r.retention_s * 1000";

pub(super) const FIRST_TO_STAY: &str = "
    SELECT seq FROM events
    WHERE room_id = ?1 AND seq > ?2 AND seq <= ?4 AND at_ms >= ?3 ORDER BY seq LIMIT 1";

pub(super) const ERASE: &str = "DELETE FROM events WHERE room_id = ?1 AND seq <= ?2";

/// The rooms that hold something older than their retention.
pub(super) fn due(tx: &Connection, now: Timestamp) -> Result<Vec<RoomId>, Failure> {
    all(tx, DUE, [now.0], |row| Ok(RoomId::from_bytes(row.get(0)?)))
}

pub(super) fn expire(
    tx: &Connection,
    rooms: &[RoomId],
    now: Timestamp,
) -> Result<Vec<Expiry>, Failure> {
    let (mut gone, mut left) = (Vec::new(), i64::from(EXPIRY_SLICE));
    for room in rooms {
        if let Some(expiry) = expire_room(tx, *room, now, left)? {
            left -= expiry.events();
            gone.push(expiry);
        }
        if left == 0 {
            break;
        }
    }
    Ok(gone)
}

/// Erases at most `most` events of a room.
fn expire_room(
    tx: &Connection,
    room: RoomId,
    now: Timestamp,
    most: i64,
) -> Result<Option<Expiry>, Failure> {
    let id = room.as_bytes();
    // Asked again: the host may have changed the retention since the room was found.
    let sql = "SELECT retention_s, expired_to, head FROM rooms
               WHERE id = ?1 AND retention_s IS NOT NULL";
    let limits = one(tx, sql, [id], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    })?;
    let Some((retention_s, expired_to, head)) = limits else { return Ok(None) };
    let cutoff_ms = now.0.saturating_sub(retention_s.saturating_mul(1000));
    let last = head.min(expired_to + most);
    let stays: Option<i64> = value(tx, FIRST_TO_STAY, params![id, expired_to, cutoff_ms, last])?;
    let to = stays.map_or(last, |seq| seq - 1);
    if to <= expired_to {
        return Ok(None);
    }
    change(tx, ERASE, params![id, to])?;
    change(tx, "UPDATE rooms SET expired_to = ?2 WHERE id = ?1", params![id, to])?;
    Ok(Some(Expiry { room, from: Seq(expired_to + 1), to: Seq(to) }))
}
