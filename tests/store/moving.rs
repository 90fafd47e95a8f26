//! Everything from one database into another.

use std::path::Path;

use anonchat::store::{
    ChatStore, Store, StoreError,
    sqlite::{Durability, Options, SqliteStore},
    transfer::{Label, Row, Rows, Table, TransferError, Value, transfer},
};
use async_trait::async_trait;
use rusqlite::Connection;

use crate::given::{NOW, alias, assert_moved, bytes, room, send};

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Options { durability: Durability::Normal, fresh_epoch: bytes() })
        .unwrap()
}

/// A room with so many messages.
async fn full(path: &Path, messages: usize) -> SqliteStore {
    let store = open(path);
    let (room, ann) = (room("Room"), alias("Ann"));
    let id = room.id;
    store.create_room(room, ann.clone()).await.unwrap();
    let commands = (0..messages).map(|n| send(&ann, &format!("message {n}"))).collect();
    store.append(id, commands, u32::MAX, NOW).await.unwrap();
    store
}

fn count(path: &Path) -> i64 {
    let database = Connection::open(path).unwrap();
    database.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_arrive_and_are_counted_however_many() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one.db", "other.db"].map(|name| folder.path().join(name));
    let source = full(&one, 2500).await;
    let target = open(&other);
    let mut said = Vec::new();
    let moved = transfer(&source, &target, |table, content| said.push((table, content.rows))).await;
    moved.unwrap();
    assert_eq!(said[2..5], [(Table::Rooms, 1), (Table::Aliases, 1), (Table::Events, 2500)]);
    assert_eq!(target.label().await.unwrap(), source.label().await.unwrap());
    assert_eq!(target.epoch().await.unwrap(), source.epoch().await.unwrap());
    assert_eq!(count(&other), 2500);
    let again = transfer(&source, &target, |_, _| {}).await;
    assert!(matches!(again, Err(TransferError::Occupied { table: "rooms" })), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_moved_database_has_no_epoch_until_the_move_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one.db", "other.db"].map(|name| folder.path().join(name));
    let source = full(&one, 3).await;
    let target = full(&other, 5).await;
    target.set_label(Label::Unfinished).await.unwrap();
    let Err(StoreError::Unavailable(cause)) = target.epoch().await else { panic!("an epoch") };
    assert!(cause.to_string().contains("anonchat migrate"), "{cause}");
    let refused = transfer(&target, &source, |_, _| {}).await;
    assert!(matches!(refused, Err(TransferError::HalfSource)), "{refused:?}");
    assert_eq!(count(&one), 3);
    transfer(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!(count(&other), 3);
    target.epoch().await.unwrap();
}

/// Changes a text on its way in.
struct Forgetful(SqliteStore);

#[async_trait]
impl Rows for Forgetful {
    async fn rows(&self, table: Table, after: Row, limit: u32) -> Result<Vec<Row>, StoreError> {
        self.0.rows(table, after, limit).await
    }

    async fn put(&self, table: Table, mut rows: Vec<Row>) -> Result<(), StoreError> {
        if table == Table::Events {
            rows[1][8] = Value::Text(Some("forgotten".to_owned()));
        }
        self.0.put(table, rows).await
    }

    async fn clear(&self, table: Table) -> Result<(), StoreError> {
        self.0.clear(table).await
    }

    async fn label(&self) -> Result<Label, StoreError> {
        self.0.label().await
    }

    async fn set_label(&self, label: Label) -> Result<(), StoreError> {
        self.0.set_label(label).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_arrives_as_another_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one.db", "other.db"].map(|name| folder.path().join(name));
    let source = full(&one, 3).await;
    let target = Forgetful(open(&other));
    let moved = transfer(&source, &target, |_, _| {}).await;
    assert!(matches!(moved, Err(TransferError::Differs { table: "events" })), "{moved:?}");
    assert_eq!(target.label().await.unwrap(), Label::Unfinished);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_every_table_can_be_moved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    open(&path).close().await;
    let database = Connection::open(&path).unwrap();
    let sql = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
               WHERE t.type = 'table'";
    let mut statement = database.prepare(sql).unwrap();
    let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_moved(columns.map(Result::unwrap).collect());
}
