//! Reading what happened in a room. Every query walks the primary key from one place on, so that it
//! costs the same however much is stored; the joins are left joins, which keeps that order.

use rusqlite::{Connection, params};

use super::{
    events::event,
    rows::{Failure, all, one, value},
};
use crate::{
    domain::{ClientId, Event, RoomId, Seq},
    store::{History, Page, Replay, UNREAD_REACH},
};

pub(super) const REPLAY: &str = "
    SELECT e.seq, e.at_ms, e.author, a.handle, e.kind, e.target, coalesce(e.body, m.body),
           e.edited_at_ms
    FROM events e
    LEFT JOIN aliases a ON a.room_id = e.room_id AND a.client_id = e.author
    LEFT JOIN events m ON m.room_id = e.room_id AND m.seq = e.target AND e.kind = 1
    WHERE e.room_id = ?1 AND e.seq > ?2 ORDER BY e.seq LIMIT ?3";

pub(super) const BEFORE: &str = "
    SELECT e.seq, e.at_ms, e.author, a.handle, e.kind, e.target, e.body, e.edited_at_ms
    FROM events e
    LEFT JOIN aliases a ON a.room_id = e.room_id AND a.client_id = e.author
    WHERE e.room_id = ?1 AND e.seq < ?2 AND e.kind = 0 ORDER BY e.seq DESC LIMIT ?3";

pub(super) const AFTER: &str = "
    SELECT e.seq, e.at_ms, e.author, a.handle, e.kind, e.target, e.body, e.edited_at_ms
    FROM events e
    LEFT JOIN aliases a ON a.room_id = e.room_id AND a.client_id = e.author
    WHERE e.room_id = ?1 AND e.seq > ?2 AND e.kind = 0 ORDER BY e.seq LIMIT ?3";

pub(super) const BY_AUTHOR: &str = "
    SELECT e.seq, e.at_ms, e.author, a.handle, e.kind, e.target, e.body, e.edited_at_ms
    FROM events e
    LEFT JOIN aliases a ON a.room_id = e.room_id AND a.client_id = e.author
    WHERE e.room_id = ?1 AND e.author = ?2 AND e.seq > ?3 AND e.kind = 0 AND e.body IS NOT NULL
      AND EXISTS (SELECT 1 FROM rooms WHERE id = ?1 AND secret <> x'')
    ORDER BY e.seq LIMIT ?4";

pub(super) const COUNT_BY: &str = "
    SELECT count(*) FROM events
    WHERE room_id = ?1 AND author = ?2 AND kind = 0 AND body IS NOT NULL
      AND EXISTS (SELECT 1 FROM rooms WHERE id = ?1 AND secret <> x'')";

pub(super) const UNREAD: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM (
            SELECT author, kind, body IS NOT NULL AS stands FROM events
            WHERE room_id = ?1 AND seq > ?3
              AND EXISTS (SELECT 1 FROM rooms WHERE id = ?1 AND secret <> x'')
            ORDER BY seq DESC LIMIT ?5)
        WHERE author <> ?2 AND kind = 0 AND stands
        LIMIT ?4)";

pub(super) fn replay(
    tx: &Connection,
    room: RoomId,
    after: Seq,
    limit: u32,
) -> Result<Option<Replay>, Failure> {
    let sql = "SELECT head, expired_to FROM rooms WHERE id = ?1 AND secret <> x''";
    let bounds = one(tx, sql, [room.as_bytes()], |row| Ok((Seq(row.get(0)?), Seq(row.get(1)?))))?;
    let Some((head, expired_to)) = bounds else { return Ok(None) };
    let events = all(tx, REPLAY, params![room.as_bytes(), after.0, limit], event)?;
    Ok(Some(Replay { events, expired_to, head }))
}

pub(super) fn page(
    tx: &Connection,
    room: RoomId,
    page: Page,
    limit: u32,
) -> Result<Option<History>, Failure> {
    let sql = "SELECT head FROM rooms WHERE id = ?1 AND secret <> x''";
    let Some(head) = value(tx, sql, [room.as_bytes()])? else { return Ok(None) };
    let (mut messages, has_more) = match page {
        Page::Latest => some_of(tx, BEFORE, room, Seq(i64::MAX), limit)?,
        Page::Before(seq) => some_of(tx, BEFORE, room, seq, limit)?,
        Page::After(seq) => some_of(tx, AFTER, room, seq, limit)?,
    };
    if !matches!(page, Page::After(_)) {
        messages.reverse();
    }
    Ok(Some(History { messages, head: Seq(head), has_more }))
}

/// At most `limit` events, and whether there are more.
fn some_of(
    tx: &Connection,
    sql: &str,
    room: RoomId,
    from: Seq,
    limit: u32,
) -> Result<(Vec<Event>, bool), Failure> {
    let one_more = i64::from(limit) + 1;
    let mut events = all(tx, sql, params![room.as_bytes(), from.0, one_more], event)?;
    let has_more = events.len() > limit as usize;
    events.truncate(limit as usize);
    Ok((events, has_more))
}

pub(super) fn by_author(
    tx: &Connection,
    room: RoomId,
    author: ClientId,
    after: Seq,
    limit: u32,
) -> Result<Vec<Event>, Failure> {
    let which = params![room.as_bytes(), author.as_bytes(), after.0, limit];
    all(tx, BY_AUTHOR, which, event)
}

pub(super) fn count_by(tx: &Connection, room: RoomId, author: ClientId) -> Result<u64, Failure> {
    let count: Option<i64> = value(tx, COUNT_BY, params![room.as_bytes(), author.as_bytes()])?;
    u64::try_from(count.unwrap_or(0)).map_err(|_| Failure::corrupt("count"))
}

pub(super) fn unread(
    tx: &Connection,
    (room, reader, after): (RoomId, ClientId, Seq),
    most: u32,
) -> Result<u32, Failure> {
    let which = params![room.as_bytes(), reader.as_bytes(), after.0, most, UNREAD_REACH];
    Ok(value(tx, UNREAD, which)?.unwrap_or(0))
}
