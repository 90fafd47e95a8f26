//! What only SQLite's own doors show.

use std::{path::PathBuf, sync::mpsc};

use futures_util::FutureExt;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{
    Durability, Options, SqliteStore, accounts, events, expiry, history, members, rooms,
    rows::{Failure, all, change, value},
    upkeep::COUNTS,
};
use crate::{
    domain::{
        Action, Alias, Capacity, ClientId, Command, Handle, MessageBody, PersonTag, Retention,
        Room, RoomId, RoomName, SealedSecret, Seq, Timestamp, Visibility,
    },
    store::{ChatStore, Store, StoreError},
};

const ROOM: [u8; 10] = [1; 10];

fn open() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (reopen(&folder), folder)
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("test.db")
}

fn host() -> Alias {
    Alias { client_id: ClientId::from_bytes([2; 10]), handle: Handle::new("Ann") }
}

async fn create_room(store: &SqliteStore) -> RoomId {
    let room = Room {
        id: RoomId::from_bytes(ROOM),
        name: RoomName::parse("Room").unwrap(),
        capacity: Capacity::parse(5, 5).unwrap(),
        visibility: Visibility::Unlisted,
        retention: Retention::Keep,
        created_at: Timestamp(0),
        head: Seq(0),
        expired_to: Seq(0),
        host: Some(PersonTag([0; 32])),
        secret: SealedSecret(vec![0; 8]),
    };
    store.create_room(room, host()).await.unwrap();
    RoomId::from_bytes(ROOM)
}

fn long_message() -> Command {
    let body = MessageBody::parse("x".repeat(4000)).unwrap();
    Command { author: host(), id: None, action: Action::Send { body, reply_to: None } }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_on_what_grows_searches_an_index_in_its_order() {
    let (store, _folder) = open();
    let queries = [
        accounts::ACCOUNT_BY_LOGIN,
        accounts::ACCOUNT_BY_EMAIL,
        accounts::ACCOUNT_BY_ID,
        accounts::SESSION_BY_ID,
        rooms::BY_ID,
        rooms::PUBLIC,
        members::BY_PERSON,
        events::PLACED,
        events::AUTHOR,
        history::REPLAY,
        history::BEFORE,
        history::AFTER,
        history::BY_AUTHOR,
        history::COUNT_BY,
        history::UNREAD,
        expiry::FIRST_TO_STAY,
        expiry::ERASE,
        rooms::FIRST_EVENT,
        rooms::ERASE_EVENTS,
    ];
    for query in queries {
        for step in plan(&store, query).await {
            let searches = ["SEARCH", "CO-ROUTINE", "SCAN (subquery"];
            assert!(searches.iter().any(|it| step.starts_with(it)), "{step} in {query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_for_what_expires_looks_at_one_event_of_each_room() {
    let (store, _folder) = open();
    let plan = plan(&store, expiry::DUE).await;
    assert!(plan[0].starts_with("SCAN r USING INDEX rooms_forgetting"), "{plan:?}");
    assert!(plan[1].contains("(room_id=? AND seq=?)"), "{plan:?}");
}

async fn plan(store: &SqliteStore, query: &'static str) -> Vec<String> {
    let explained = store.read(move |tx| {
        let mut statement = tx.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
        Ok(statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>()?)
    });
    explained.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_unavailable_and_nothing_is_half_stored() {
    let (store, _folder) = open();
    let room = create_room(&store).await;
    limit_pages(&store, 1).await;
    let mut stored = 0;
    let failure = loop {
        match store.append(room, vec![long_message(), long_message()], u32::MAX, Timestamp(0)).await
        {
            Ok(_) => stored += 2,
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, StoreError::Unavailable(_)), "{failure:?}");
    let replay = store.events_after(room, Seq(0), 1000).await.unwrap().unwrap();
    assert_eq!((replay.events.len(), replay.head), (stored, Seq(i64::try_from(stored).unwrap())));

    // Space is back, and so is the store.
    limit_pages(&store, 1_000_000).await;
    store.append(room, vec![long_message()], u32::MAX, Timestamp(0)).await.unwrap();
    let replay = store.events_after(room, Seq(0), 1000).await.unwrap().unwrap();
    assert_eq!(replay.events.len(), stored + 1);
}

/// Lets the file grow to so many pages, or stay as it is if it has more.
async fn limit_pages(store: &SqliteStore, pages: u32) {
    let limit = move |tx: &Connection| {
        tx.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    };
    store.write(limit).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_undoes_nothing_but_itself() {
    let (store, _folder) = open();
    create_room(&store).await;
    let gate = hold(&store);
    // These three wait together and share a transaction.
    let (before, failed, after, ()) = tokio::join!(
        store.write(|tx| change(tx, "UPDATE rooms SET capacity = 6", [])),
        store.write::<(), _>(|tx| {
            change(tx, "UPDATE rooms SET capacity = 7, name = 'lost'", [])?;
            Err(Failure::corrupt("value"))
        }),
        store.write(|tx| change(tx, "UPDATE rooms SET capacity = capacity + 10", [])),
        async { gate.send(()).unwrap() },
    );
    assert_eq!((before.unwrap(), after.unwrap()), (1, 1));
    assert!(matches!(failed, Err(StoreError::Corrupt { .. })));
    let room = store.room(RoomId::from_bytes(ROOM)).await.unwrap().unwrap();
    assert_eq!((room.capacity.people(), room.name.as_str()), (16, "Room"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_committed_is_not_answered() {
    let (store, _folder) = open();
    create_room(&store).await;
    let gate = hold(&store);
    // SQLite itself ends a transaction like this, when the disk is full.
    let (before, _, after, ()) = tokio::join!(
        store.write(|tx| change(tx, "UPDATE rooms SET capacity = 6", [])),
        store.write::<(), _>(|tx| {
            tx.execute_batch("ROLLBACK")?;
            Err(Failure::corrupt("value"))
        }),
        store.write(|tx| change(tx, "UPDATE rooms SET capacity = 7", [])),
        async { gate.send(()).unwrap() },
    );
    for lost in [before, after] {
        assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    }
    let room = store.room(RoomId::from_bytes(ROOM)).await.unwrap().unwrap();
    assert_eq!(room.capacity.people(), 5);
    store.probe().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_turns_away_at_once_and_drains_by_itself() {
    let (store, folder) = open();
    let gate = hold(&store);
    // Each is asked once and given up; the store holds on to as many as it may.
    let probe = "UPDATE server SET probes = probes + 1";
    let turned_away = (0..10_000).find_map(|waiting| {
        match store.write(move |tx| change(tx, probe, [])).now_or_never() {
            Some(Err(StoreError::Unavailable(cause))) => Some((waiting, cause)),
            _ => None,
        }
    });
    let (waiting, cause) = turned_away.unwrap();
    assert_eq!(cause.to_string(), "too many changes wait to be written");
    gate.send(()).unwrap();
    store.close().await;
    let probes: Option<i64> = value(&reopened(&folder), "SELECT probes FROM server", []).unwrap();
    assert_eq!(probes, Some(waiting));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_room_is_erased_slice_by_slice_also_after_a_crash() {
    let (store, folder) = open();
    let room = create_room(&store).await;
    store.append(room, vec![long_message(); 2500], u32::MAX, Timestamp(0)).await.unwrap();
    store.close().await;
    let outside = reopened(&folder);
    assert!(rooms::remove(&outside, room).unwrap_or(false));
    assert!(rooms::erase_slice(&outside, room).unwrap_or(false));
    assert_eq!(left(&outside, "SELECT count(*) FROM events"), 1500);
    drop(outside);

    let (store, outside) = (reopen(&folder), reopened(&folder));
    assert!(store.room(room).await.unwrap().is_none());
    let everything = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM aliases)
                          + (SELECT count(*) FROM rooms)";
    for _ in 0..1000 {
        if left(&outside, everything) == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("something is left");
}

#[test]
fn a_backup_counts_the_rows_of_every_table() {
    let (_store, folder) = open();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'
               AND name NOT IN ('server', 'setup', 'refinery_schema_history') ORDER BY name";
    let tables = all(&reopened(&folder), sql, [], |row| Ok(row.get::<_, String>(0)?)).unwrap();
    assert_eq!(tables, COUNTS.map(|(table, _)| table));
}

fn left(connection: &Connection, sql: &str) -> i64 {
    value(connection, sql, []).ok().flatten().unwrap()
}

fn reopen(folder: &TempDir) -> SqliteStore {
    let options = Options { durability: Durability::Full, fresh_epoch: [1; 8] };
    SqliteStore::open(&path(folder), options).unwrap()
}

fn reopened(folder: &TempDir) -> Connection {
    Connection::open(path(folder)).unwrap()
}

/// Keeps the writer busy until something is sent.
fn hold(store: &SqliteStore) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (busy, is_busy) = mpsc::channel();
    let held = store.write(move |_| {
        busy.send(()).unwrap();
        released.recv().unwrap();
        Ok(())
    });
    assert!(held.now_or_never().is_none());
    is_busy.recv().unwrap();
    release
}

/// DATA-02: what every connection is told, and that it has taken it.
#[tokio::test(flavor = "multi_thread")]
async fn every_connection_is_as_careful_as_it_was_told_to_be() {
    let (store, _folder) = open();
    create_room(&store).await;
    let told = |tx: &Connection| {
        let pragma = |name| tx.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let on = ["foreign_keys", "secure_delete", "cell_size_check"].map(pragma);
        let off = ["trusted_schema", "mmap_size"].map(pragma);
        let others = ["temp_store", "busy_timeout", "synchronous", "query_only"].map(pragma);
        let all = on.into_iter().chain(off).chain(others);
        Ok(all.collect::<Result<Vec<_>, _>>()?)
    };
    let careful = [1, 1, 1, 0, 0, 2, 5000];
    let writer = store.write(told).await.unwrap();
    assert_eq!(writer, [&careful[..], &[2, 0]].concat());
    let readers = (0..8).map(|_| store.read(told));
    for reader in futures_util::future::try_join_all(readers).await.unwrap() {
        assert_eq!(reader, [&careful[..], &[2, 1]].concat());
    }
    let whole = |tx: &Connection| {
        let mode: String = tx.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let check: String = tx.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
        Ok((mode, check))
    };
    assert_eq!(store.read(whole).await.unwrap(), ("wal".to_owned(), "ok".to_owned()));
}
