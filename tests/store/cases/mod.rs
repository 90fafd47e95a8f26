//! The promises of `store/mod.rs`, in its order, and of `store/operator.rs`.

mod accounts;
mod append;
mod expiry;
mod history;
mod members;
mod operator;
mod rewriting;
mod rooms;
mod sessions;
mod shelf;
mod whole;

use std::sync::Arc;

use anonchat::{
    domain::{Alias, Command, Event, Outcome, Room, RoomId, Seq, Timestamp},
    store::{Entry, Page, Store},
};

use super::{Place, open_at};
use crate::given::{NOW, alias, person, room, send};

async fn open() -> (Arc<dyn Store>, Place) {
    let place = Place::fresh().await;
    (place.open().await, place)
}

/// Closes the store and opens it again in the same place.
async fn reopen(store: Arc<dyn Store>, place: &Place) -> Arc<dyn Store> {
    store.close().await;
    place.open().await
}

/// A room with its host, Ann, and a member, Ben: `person(0)` and `person(1)`.
async fn room_of_two(store: &Arc<dyn Store>) -> (RoomId, Alias, Alias) {
    create(store, room("Room")).await
}

async fn create(store: &Arc<dyn Store>, room: Room) -> (RoomId, Alias, Alias) {
    let (id, ann, ben) = (room.id, alias("Ann"), alias("Ben"));
    store.create_room(room, ann.clone()).await.unwrap();
    let entry = store.enter_room(id, person(1), vec![ben.clone()]).await.unwrap();
    assert_eq!(entry, Entry::Member(ben.clone()));
    (id, ann, ben)
}

/// Stores `count` messages of `author` at `NOW`.
async fn fill(store: &Arc<dyn Store>, room: RoomId, author: &Alias, count: usize) {
    let messages = (0..count).map(|n| send(author, &format!("message {n}"))).collect();
    append(store, room, messages, NOW).await;
}

async fn append(
    store: &Arc<dyn Store>,
    room: RoomId,
    commands: Vec<Command>,
    now: Timestamp,
) -> Vec<Outcome> {
    store.append(room, commands, u32::MAX, now).await.unwrap().unwrap()
}

/// Every event that is still stored.
async fn events(store: &Arc<dyn Store>, room: RoomId) -> Vec<Event> {
    store.events_after(room, Seq(0), u32::MAX).await.unwrap().unwrap().events
}

/// Every message that is still stored.
async fn messages(store: &Arc<dyn Store>, room: RoomId) -> Vec<Event> {
    store.history(room, Page::Latest, u32::MAX).await.unwrap().unwrap().messages
}
