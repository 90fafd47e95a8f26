//! What the PostgreSQL back end promises besides: that it comes through what befalls its server.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anonchat::{
    domain::RoomId,
    store::{Store, StoreError, postgres::PostgresStore},
};
use futures_util::future::join_all;
use tokio_postgres::{Client, NoTls};

use super::{Options, open_at};
use crate::given::{NOW, alias, assert_moved, named, room, send, seqs, stored};

/// A schema for one test, in the database that `scripts/with-postgres` started.
pub(super) struct Place {
    schema: String,
}

fn server() -> String {
    std::env::var("ANONCHAT_TEST_POSTGRES_URL").expect("run this under scripts/with-postgres")
}

impl Place {
    pub(super) async fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("test_{}_{number}", std::process::id());
        outside().await.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
        Self { schema }
    }

    pub(super) fn address(&self) -> String {
        format!(
            "{}?application_name={}&options=-csearch_path%3D{}",
            server(),
            self.schema,
            self.schema
        )
    }

    pub(super) async fn open(&self) -> Arc<dyn Store> {
        open_at(&self.address()).await
    }
}

/// Somebody else's connection.
async fn outside() -> Client {
    let (client, connection) = tokio_postgres::connect(&server(), NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "it ends with the client")]
    tokio::spawn(connection);
    client
}

#[test]
fn both_databases_have_the_same_versions_of_the_schema() {
    let names = |folder: &str| {
        let folder = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("postgres"), names("sqlite"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_nothing_of_the_values_in_it() {
    let place = Place::fresh().await;
    let store = place.open().await;
    let room = room("Room");
    store.create_room(room.clone(), alias("Ann")).await.unwrap();
    let Err(StoreError::Unavailable(cause)) = store.create_room(room, alias("Ben")).await else {
        panic!("there were two rooms of one id")
    };
    assert_eq!(cause.to_string(), "the database answers 23505");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_unavailable() {
    let options = Options { url: "postgres://nobody@127.0.0.1:1/none", fresh_epoch: [7; 8] };
    let refused = PostgresStore::open(options).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_lose_double_and_reorder_nothing() {
    let place = Place::fresh().await;
    let store = place.open().await;
    let (room, ann) = (room("Room"), alias("Ann"));
    let id = room.id;
    store.create_room(room, ann.clone()).await.unwrap();
    let outside = outside().await;
    let mut answered = Vec::new();
    for round in 0..40 {
        let appends = (0..8).map(|n| {
            let text = format!("{round}-{n}");
            store.append(id, vec![named(&text, send(&ann, &text))], u32::MAX, NOW)
        });
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE application_name = $1";
        let cutting = async { outside.query_one(cut, &[&place.schema]).await.unwrap() };
        let (results, _) = tokio::join!(join_all(appends), cutting);
        let placed = results.into_iter().filter_map(Result::ok).flatten();
        answered.extend(placed.map(|outcomes| stored(&outcomes[0]).clone()));
    }
    assert!(!answered.is_empty());
    let kept = store.events_after(id, anonchat::domain::Seq(0), u32::MAX).await.unwrap().unwrap();
    assert_eq!(seqs(&kept.events), (1..).take(kept.events.len()).collect::<Vec<i64>>());
    for event in answered {
        assert_eq!(kept.events[usize::try_from(event.seq.0).unwrap() - 1], event);
    }
    store.probe().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_every_table_can_be_moved() {
    let place = Place::fresh().await;
    place.open().await;
    let sql = "SELECT table_name::TEXT, column_name::TEXT FROM information_schema.columns
               WHERE table_schema = $1";
    let rows = outside().await.query(sql, &[&place.schema]).await.unwrap();
    assert_moved(rows.iter().map(|row| (row.get(0), row.get(1))).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_room_is_erased_slice_by_slice_also_after_a_restart() {
    let place = Place::fresh().await;
    let store = place.open().await;
    let (first, second, ann) = (room("Room"), room("Room"), alias("Ann"));
    let (doomed, half) = (first.id, second.id);
    for room in [first, second] {
        let id = room.id;
        store.create_room(room, ann.clone()).await.unwrap();
        let commands = (0..2500).map(|n| send(&ann, &n.to_string())).collect();
        store.append(id, commands, u32::MAX, NOW).await.unwrap();
    }
    let outside = outside().await;
    let path = format!("SET search_path TO {}", place.schema);
    outside.batch_execute(&path).await.unwrap();
    let left = async |id: RoomId| {
        let sql = "SELECT (SELECT count(*) FROM events WHERE room_id = $1)
                        + (SELECT count(*) FROM aliases WHERE room_id = $1)
                        + (SELECT count(*) FROM rooms WHERE id = $1)";
        outside.query_one(sql, &[&&id.as_bytes()[..]]).await.unwrap().get::<_, i64>(0)
    };
    let gone = async |id: RoomId| {
        while left(id).await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    assert!(store.delete_room(doomed).await.unwrap());
    gone(doomed).await;
    assert_eq!(left(half).await, 2502);
    store.close().await;
    // As a crash leaves it.
    let removed = "UPDATE rooms SET secret = '' WHERE id = $1";
    outside.execute(removed, &[&&half.as_bytes()[..]]).await.unwrap();
    let store = place.open().await;
    assert!(store.room(half).await.unwrap().is_none());
    gone(half).await;
}
