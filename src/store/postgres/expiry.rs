//! Retention.

use deadpool_postgres::GenericClient;

use super::rows::{Failure, Params, all, bytes, change, get, one};
use crate::{
    domain::{Expiry, RoomId, Seq, Timestamp},
    store::EXPIRY_SLICE,
};

/// The oldest event of a room stands right after those that are gone.
const DUE: &str = "
    SELECT r.id FROM rooms r
    JOIN events e ON e.room_id = r.id AND e.seq = r.expired_to + 1
    WHERE r.retention_s IS NOT NULL AND e.at_ms < $1 - r.retention_s * 1000
    ORDER BY r.id";

const FIRST_TO_STAY: &str = "
    SELECT seq FROM events
    WHERE room_id = $1 AND seq > $2 AND seq <= $4 AND at_ms >= $3 ORDER BY seq LIMIT 1";

/// The rooms that hold something older than their retention.
pub(super) async fn due(db: &impl GenericClient, now: Timestamp) -> Result<Vec<RoomId>, Failure> {
    all(db, DUE, &[&now.0], |row| Ok(RoomId::from_bytes(bytes(row, 0)?))).await
}

pub(super) async fn expire(
    db: &impl GenericClient,
    rooms: &[RoomId],
    now: Timestamp,
) -> Result<Vec<Expiry>, Failure> {
    let (mut gone, mut left) = (Vec::new(), i64::from(EXPIRY_SLICE));
    for room in rooms {
        if let Some(expiry) = expire_room(db, *room, now, left).await? {
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
async fn expire_room(
    db: &impl GenericClient,
    room: RoomId,
    now: Timestamp,
    most: i64,
) -> Result<Option<Expiry>, Failure> {
    let id = &room.as_bytes()[..];
    // Asked again: the host may have changed the retention since the room was found.
    let sql = "SELECT retention_s, expired_to, head FROM rooms
               WHERE id = $1 AND retention_s IS NOT NULL FOR UPDATE";
    let limits = one(db, sql, &[&id], |row| {
        Ok((get::<i64>(row, 0)?, get::<i64>(row, 1)?, get::<i64>(row, 2)?))
    })
    .await?;
    let Some((retention_s, expired_to, head)) = limits else { return Ok(None) };
    let cutoff_ms = now.0.saturating_sub(retention_s.saturating_mul(1000));
    let last = head.min(expired_to + most);
    let which: Params<'_> = &[&id, &expired_to, &cutoff_ms, &last];
    let stays = one(db, FIRST_TO_STAY, which, |row| get::<i64>(row, 0)).await?;
    let to = stays.map_or(last, |seq| seq - 1);
    if to <= expired_to {
        return Ok(None);
    }
    change(db, "DELETE FROM events WHERE room_id = $1 AND seq <= $2", &[&id, &to]).await?;
    change(db, "UPDATE rooms SET expired_to = $2 WHERE id = $1", &[&id, &to]).await?;
    Ok(Some(Expiry { room, from: Seq(expired_to + 1), to: Seq(to) }))
}
