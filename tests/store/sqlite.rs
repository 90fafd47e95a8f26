//! What the SQLite back end promises besides: its files, and what is left in them.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anonchat::{
    domain::{Room, RoomId, Timestamp},
    store::{
        ChatStore, Store, StoreError,
        sqlite::{Durability, Options, SqliteStore},
    },
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::Place;
use crate::given::{HOUR, NOW, alias, delete, edit, later, room, send};

const OPTIONS: Options = Options { durability: Durability::Full, fresh_epoch: [7; 8] };

fn fresh() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    (folder, path)
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, OPTIONS).unwrap()
}

/// The main file, the log and the index of the log.
fn files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{}{end}", path.display())))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_belong_to_their_owner_alone_whatever_the_umask() {
    let (_folder, path) = fresh();
    let usual = rustix::process::umask(rustix::fs::Mode::empty());
    let store = open(&path);
    store.probe().await.unwrap();
    rustix::process::umask(usual);
    for file in files(&path) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_others_could_read_is_closed_to_them() {
    let (_folder, path) = fresh();
    open(&path).close().await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let store = open(&path);
    store.probe().await.unwrap();
    for file in files(&path) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_takes_the_fresh_epoch_and_an_old_one_keeps_its_own() {
    let (_folder, path) = fresh();
    let store = open(&path);
    assert_eq!(store.epoch().await.unwrap(), [7; 8]);
    store.close().await;
    let options = Options { durability: Durability::Normal, fresh_epoch: [8; 8] };
    assert_eq!(SqliteStore::open(&path, options).unwrap().epoch().await.unwrap(), [7; 8]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_newer_than_the_binary_is_refused_and_left_alone() {
    let (_folder, path) = fresh();
    open(&path).close().await;
    let newer = "INSERT INTO refinery_schema_history
                 SELECT 999, 'future', applied_on, '1' FROM refinery_schema_history LIMIT 1";
    Connection::open(&path).unwrap().execute_batch(newer).unwrap();
    let Err(StoreError::Unavailable(cause)) = SqliteStore::open(&path, OPTIONS) else {
        panic!("it was opened")
    };
    assert!(cause.to_string().contains("newer AnonChat made version 999"), "{cause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let (_folder, path) = fresh();
    let text = "not a database, but somebody's letter\n".repeat(1000);
    fs::write(&path, &text).unwrap();
    let refused = SqliteStore::open(&path, OPTIONS);
    assert!(matches!(refused, Err(StoreError::Corrupt { what: "database file" })), "{refused:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_does_not_exist_is_unavailable() {
    let refused = SqliteStore::open(Path::new("/nonexistent/test.db"), OPTIONS);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_value_that_breaks_a_rule_is_corrupt() {
    let (_folder, path) = fresh();
    for spoiled in [
        "UPDATE rooms SET name = ''",
        "UPDATE rooms SET capacity = 0",
        "UPDATE rooms SET retention_s = 5",
        "UPDATE rooms SET host_tag = x'00'",
        "UPDATE rooms SET id = x'0102'",
    ] {
        let store = open(&path);
        let room = Room { retention: HOUR, ..crate::given::public_room("Room") };
        store.create_room(room.clone(), alias("Ann")).await.unwrap();
        let outside = Connection::open(&path).unwrap();
        outside.execute_batch(&format!("PRAGMA foreign_keys = OFF; {spoiled}")).unwrap();
        let found = store.public_rooms(None, None, 10).await;
        assert!(matches!(found, Err(StoreError::Corrupt { .. })), "{spoiled}: {found:?}");
        outside.execute_batch("DELETE FROM aliases; DELETE FROM rooms").unwrap();
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_leaves_nothing_in_the_log() {
    let (_folder, path) = fresh();
    let store = open(&path);
    store.create_room(room("Room"), alias("Ann")).await.unwrap();
    let [_, log, _] = files(&path);
    store.close().await;
    assert_eq!(fs::metadata(&log).map_or(0, |log| log.len()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_texts_are_gone_from_the_files_within_ten_seconds() {
    let place = Place::fresh().await;
    let (store, path) = (place.open().await, PathBuf::from(place.address()));
    let (kept, ann) = new_room(&store, room("Kept")).await;
    let (doomed, host) = new_room(&store, room("Doomed")).await;
    let (forgetful, writer) = new_room(&store, Room { retention: HOUR, ..room("Forgetful") }).await;
    let texts = ["DELETED-f2a1", "EDITED-AWAY-77b0", "IN-A-ROOM-c93d", "EXPIRED-514e"];
    // Longer than a page, so that overflow pages are concerned, too.
    let long = |text: &str| format!("{} {text}", "long ".repeat(700).trim_end());
    let said = [(kept, &ann), (kept, &ann), (doomed, &host), (forgetful, &writer)];
    for ((room, author), text) in said.into_iter().zip(texts) {
        let commands = vec![send(author, text), send(author, &long(text))];
        store.append(room, commands, u32::MAX, NOW).await.unwrap();
    }
    for text in texts {
        assert!(holds(&path, text), "{text} should be there first");
    }

    let begin = Instant::now();
    let commands =
        vec![delete(&ann, 1), delete(&ann, 2), edit(&ann, 3, "other"), edit(&ann, 4, "other")];
    store.append(kept, commands, u32::MAX, NOW).await.unwrap();
    store.delete_room(doomed).await.unwrap();
    assert_eq!(store.expire(later(3601)).await.unwrap().len(), 1);
    await_absence(&path, &texts).await;
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_reads_the_files_only_puts_the_erasure_off() {
    let place = Place::fresh().await;
    let (store, path) = (place.open().await, PathBuf::from(place.address()));
    let (room, ann) = new_room(&store, room("Room")).await;
    let text = "READ-BY-A-BACKUP-90ab";
    store.append(room, vec![send(&ann, text)], u32::MAX, NOW).await.unwrap();
    let outside = Connection::open(&path).unwrap();
    outside.execute_batch("BEGIN; SELECT count(*) FROM events").unwrap();
    store.append(room, vec![delete(&ann, 1)], u32::MAX, NOW).await.unwrap();

    // Others are not kept waiting meanwhile.
    for n in 0..20 {
        store.append(room, vec![send(&ann, "meanwhile")], u32::MAX, Timestamp(n)).await.unwrap();
    }
    assert!(holds(&path, text));
    outside.execute_batch("COMMIT").unwrap();
    await_absence(&path, &[text]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_texts_that_a_crash_left_in_the_log_are_gone_after_the_next_start() {
    let place = Place::fresh().await;
    let path = PathBuf::from(place.address());
    let text = "LEFT-BY-A-CRASH-3c5d";
    let (_folder, copy) = fresh();
    {
        let store = place.open().await;
        let (room, ann) = new_room(&store, room("Room")).await;
        store.append(room, vec![send(&ann, text)], u32::MAX, NOW).await.unwrap();
        store.append(room, vec![delete(&ann, 1)], u32::MAX, NOW).await.unwrap();
        // What a crash at this moment would leave.
        for (from, to) in files(&path).iter().zip(files(&copy)).take(2) {
            fs::copy(from, to).unwrap();
        }
    }
    assert!(holds(&copy, text));
    // As long as somebody has the files open, closing a connection empties no log.
    let outside = Connection::open(&copy).unwrap();
    outside.execute_batch("SELECT count(*) FROM events").unwrap();
    let _store = open(&copy);
    await_absence(&copy, &[text]).await;
}

async fn new_room(store: &Arc<dyn Store>, room: Room) -> (RoomId, anonchat::domain::Alias) {
    let (id, host) = (room.id, alias("Ann"));
    store.create_room(room, host.clone()).await.unwrap();
    (id, host)
}

fn holds(path: &Path, text: &str) -> bool {
    files(path).iter().any(|file| {
        let bytes = fs::read(file).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

/// Waits until the files hold none of `texts`; gives up long after that was promised.
async fn await_absence(path: &Path, texts: &[&str]) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while let Some(text) = texts.iter().find(|text| holds(path, text)) {
        assert!(Instant::now() < deadline, "{text} is still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
