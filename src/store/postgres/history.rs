//! Reading what happened in a room. Each query is one statement, and so one moment of the database,
//! and walks the primary key from one place on; the room's row comes with every row of it, and
//! alone where there is no other.

use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::rows::{Failure, Params, all, bytes, get, one, time};
use crate::{
    domain::{Alias, ClientId, Event, EventKind, Handle, MessageBody, RoomId, Seq, Timestamp},
    store::{History, Page, Replay, UNREAD_REACH},
};

const REPLAY: &str = "
    SELECT r.head, r.expired_to, e.seq, e.at_ms, e.author, a.handle, e.kind, e.target,
           coalesce(e.body, m.body), e.edited_at_ms
    FROM rooms r
    LEFT JOIN LATERAL (
        SELECT * FROM events WHERE room_id = r.id AND seq > $2 ORDER BY seq LIMIT $3
    ) e ON TRUE
    LEFT JOIN aliases a ON a.room_id = r.id AND a.client_id = e.author
    LEFT JOIN events m ON m.room_id = r.id AND m.seq = e.target AND e.kind = 1
    WHERE r.id = $1 AND r.secret <> '' ORDER BY e.seq";

const BEFORE: &str = "
    SELECT r.head, r.expired_to, e.seq, e.at_ms, e.author, a.handle, e.kind, e.target, e.body,
           e.edited_at_ms
    FROM rooms r
    LEFT JOIN LATERAL (
        SELECT * FROM events
        WHERE room_id = r.id AND seq < $2 AND kind = 0 ORDER BY seq DESC LIMIT $3
    ) e ON TRUE
    LEFT JOIN aliases a ON a.room_id = r.id AND a.client_id = e.author
    WHERE r.id = $1 AND r.secret <> '' ORDER BY e.seq DESC";

const AFTER: &str = "
    SELECT r.head, r.expired_to, e.seq, e.at_ms, e.author, a.handle, e.kind, e.target, e.body,
           e.edited_at_ms
    FROM rooms r
    LEFT JOIN LATERAL (
        SELECT * FROM events
        WHERE room_id = r.id AND seq > $2 AND kind = 0 ORDER BY seq LIMIT $3
    ) e ON TRUE
    LEFT JOIN aliases a ON a.room_id = r.id AND a.client_id = e.author
    WHERE r.id = $1 AND r.secret <> '' ORDER BY e.seq";

const BY_AUTHOR: &str = "
    SELECT r.head, r.expired_to, e.seq, e.at_ms, e.author, a.handle, e.kind, e.target, e.body,
           e.edited_at_ms
    FROM rooms r
    LEFT JOIN LATERAL (
        SELECT * FROM events
        WHERE room_id = r.id AND author = $4 AND seq > $2 AND kind = 0 AND body IS NOT NULL
        ORDER BY seq LIMIT $3
    ) e ON TRUE
    LEFT JOIN aliases a ON a.room_id = r.id AND a.client_id = e.author
    WHERE r.id = $1 AND r.secret <> '' ORDER BY e.seq";

const COUNT_BY: &str = "
    SELECT count(*) FROM events
    WHERE room_id = $1 AND author = $2 AND kind = 0 AND body IS NOT NULL
      AND EXISTS (SELECT 1 FROM rooms WHERE id = $1 AND secret <> '')";

const UNREAD: &str = "
    SELECT (SELECT count(*) FROM (
        SELECT 1 FROM (
            SELECT e.author, e.kind, e.body IS NOT NULL AS stands FROM events e
            WHERE e.room_id = k.room_id AND e.seq > k.seen
            ORDER BY e.seq DESC LIMIT $5) AS newest
        WHERE newest.author <> k.reader AND newest.kind = 0 AND newest.stands
          AND EXISTS (SELECT 1 FROM rooms r WHERE r.id = k.room_id AND r.secret <> '')
        LIMIT $4) AS some_of_them)
    FROM unnest($1::BYTEA[], $2::BYTEA[], $3::BIGINT[])
        WITH ORDINALITY AS k (room_id, reader, seen, place)
    ORDER BY k.place";

/// What a room's row says, and the events that came with it.
struct Found {
    head: Seq,
    expired_to: Seq,
    events: Vec<Event>,
}

pub(super) async fn replay(
    db: &impl GenericClient,
    room: RoomId,
    after: Seq,
    limit: u32,
) -> Result<Option<Replay>, Failure> {
    let which: Params<'_> = &[&&room.as_bytes()[..], &after.0, &i64::from(limit)];
    let found = find(db, REPLAY, which).await?;
    Ok(found.map(|Found { head, expired_to, events }| Replay { events, expired_to, head }))
}

pub(super) async fn page(
    db: &impl GenericClient,
    room: RoomId,
    page: Page,
    limit: u32,
) -> Result<Option<History>, Failure> {
    let (sql, from) = match page {
        Page::Latest => (BEFORE, Seq(i64::MAX)),
        Page::Before(seq) => (BEFORE, seq),
        Page::After(seq) => (AFTER, seq),
    };
    let which: Params<'_> = &[&&room.as_bytes()[..], &from.0, &(i64::from(limit) + 1)];
    let found = find(db, sql, which).await?;
    let Some(Found { head, events: mut messages, .. }) = found else { return Ok(None) };
    let has_more = messages.len() > limit as usize;
    messages.truncate(limit as usize);
    if !matches!(page, Page::After(_)) {
        messages.reverse();
    }
    Ok(Some(History { messages, head, has_more }))
}

async fn find(
    db: &impl GenericClient,
    sql: &str,
    which: Params<'_>,
) -> Result<Option<Found>, Failure> {
    let rows = all(db, sql, which, |row| {
        let is_event = get::<Option<i64>>(row, 2)?.is_some();
        Ok((Seq(get(row, 0)?), Seq(get(row, 1)?), is_event.then(|| event(row)).transpose()?))
    })
    .await?;
    let Some(&(head, expired_to, _)) = rows.first() else { return Ok(None) };
    let events = rows.into_iter().filter_map(|(.., event)| event).collect();
    Ok(Some(Found { head, expired_to, events }))
}

pub(super) async fn by_author(
    db: &impl GenericClient,
    room: RoomId,
    author: ClientId,
    after: Seq,
    limit: u32,
) -> Result<Vec<Event>, Failure> {
    let (room, author) = (&room.as_bytes()[..], &author.as_bytes()[..]);
    let which: Params<'_> = &[&room, &after.0, &i64::from(limit), &author];
    Ok(find(db, BY_AUTHOR, which).await?.map_or_else(Vec::new, |found| found.events))
}

pub(super) async fn count_by(
    db: &impl GenericClient,
    room: RoomId,
    author: ClientId,
) -> Result<u64, Failure> {
    let which: Params<'_> = &[&&room.as_bytes()[..], &&author.as_bytes()[..]];
    let count = one(db, COUNT_BY, which, |row| get::<i64>(row, 0)).await?;
    u64::try_from(count.unwrap_or(0)).map_err(|_| Failure::corrupt("count"))
}

pub(super) async fn unread(
    db: &impl GenericClient,
    positions: &[(RoomId, ClientId, Seq)],
    most: u32,
) -> Result<Vec<u32>, Failure> {
    let rooms: Vec<&[u8]> = positions.iter().map(|(room, ..)| &room.as_bytes()[..]).collect();
    let readers: Vec<&[u8]> = positions.iter().map(|(_, it, _)| &it.as_bytes()[..]).collect();
    let seen: Vec<i64> = positions.iter().map(|(.., seq)| seq.0).collect();
    let which: Params<'_> = &[&rooms, &readers, &seen, &i64::from(most), &i64::from(UNREAD_REACH)];
    all(db, UNREAD, which, |row| Ok(u32::try_from(get::<i64>(row, 0)?).unwrap_or(most))).await
}

pub(super) const MESSAGE: i64 = 0;
pub(super) const EDIT: i64 = 1;
pub(super) const DELETE: i64 = 2;

/// Reads `seq, at_ms, author, handle, kind, target, body, edited_at_ms` behind two columns.
fn event(row: &Row) -> Result<Event, Failure> {
    let author = Alias {
        client_id: ClientId::from_bytes(bytes(row, 4)?),
        handle: Handle::new(get::<String>(row, 5)?),
    };
    let about = get::<Option<i64>>(row, 7)?.map(Seq);
    let target = about.ok_or_else(|| Failure::corrupt("target"));
    let body = get::<Option<String>>(row, 8)?.map(MessageBody::from_store);
    let kind = match get(row, 6)? {
        MESSAGE => {
            let edited_at = get::<Option<i64>>(row, 9)?.map(Timestamp);
            EventKind::Message { body, reply_to: about, edited_at }
        }
        EDIT => EventKind::Edit { target: target?, body },
        DELETE => EventKind::Delete { target: target? },
        _ => return Err(Failure::corrupt("kind of event")),
    };
    Ok(Event { seq: Seq(get(row, 2)?), at: time(row, 3)?, author, kind })
}
