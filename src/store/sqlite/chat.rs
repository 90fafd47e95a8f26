//! Rooms, aliases and messages: which lane each promise takes.

use async_trait::async_trait;

use super::{
    SqliteStore, events, expiry, history, members,
    rooms::{self, Listing},
    rows::{Failure, change, value},
    shelf, transfer,
    writer::Traces,
};
use crate::{
    domain::{
        Action, Alias, ClientId, Command, EntryTag, Event, Expiry, Outcome, PersonTag, Room,
        RoomChange, RoomCursor, RoomId, SealedEntry, Seq, ShelfTag, Timestamp,
    },
    store::{ChatStore, Entry, History, Page, Replay, StoreError},
};

#[async_trait]
impl ChatStore for SqliteStore {
    async fn create_room(&self, room: Room, host: Alias) -> Result<(), StoreError> {
        self.write(move |tx| rooms::create(tx, &room, &host)).await
    }

    async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError> {
        self.read(move |tx| rooms::find(tx, id)).await
    }

    async fn rooms(&self, ids: Vec<RoomId>) -> Result<Vec<Room>, StoreError> {
        self.read(move |tx| rooms::find_all(tx, ids)).await
    }

    async fn public_rooms(
        &self,
        search: Option<String>,
        after: Option<RoomCursor>,
        limit: u32,
    ) -> Result<Vec<Room>, StoreError> {
        self.read(move |tx| rooms::list(tx, Listing::Public, search, after, limit)).await
    }

    async fn all_rooms(
        &self,
        search: Option<String>,
        after: Option<RoomCursor>,
        limit: u32,
    ) -> Result<Vec<Room>, StoreError> {
        self.read(move |tx| rooms::list(tx, Listing::All, search, after, limit)).await
    }

    async fn change_room(
        &self,
        id: RoomId,
        change: RoomChange,
    ) -> Result<Option<Room>, StoreError> {
        self.write(move |tx| rooms::update(tx, id, change)).await
    }

    async fn delete_room(&self, id: RoomId) -> Result<bool, StoreError> {
        self.writer.run(Traces::Room, move |tx| rooms::remove(tx, id)).await
    }

    async fn is_erasing(&self) -> Result<bool, StoreError> {
        self.read(|tx| Ok(rooms::removed(tx)?.is_some())).await
    }

    async fn enter_room(
        &self,
        room: RoomId,
        person: PersonTag,
        candidates: Vec<Alias>,
    ) -> Result<Entry, StoreError> {
        self.write(move |tx| members::enter(tx, room, person, candidates)).await
    }

    async fn member(&self, room: RoomId, person: PersonTag) -> Result<Option<Entry>, StoreError> {
        self.read(move |tx| members::find(tx, room, person)).await
    }

    async fn remove_member(&self, room: RoomId, member: ClientId) -> Result<bool, StoreError> {
        self.write(move |tx| members::remove(tx, room, member)).await
    }

    async fn forget_person(
        &self,
        room: RoomId,
        person: PersonTag,
    ) -> Result<Option<Alias>, StoreError> {
        self.erase(move |tx| members::forget(tx, room, person)).await
    }

    async fn append(
        &self,
        room: RoomId,
        commands: Vec<Command>,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<Vec<Outcome>>, StoreError> {
        if commands.iter().all(|command| matches!(command.action, Action::Send { .. })) {
            self.write(move |tx| events::append(tx, room, commands, most, now)).await
        } else {
            self.erase(move |tx| events::append(tx, room, commands, most, now)).await
        }
    }

    async fn events_after(
        &self,
        room: RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Option<Replay>, StoreError> {
        self.read(move |tx| history::replay(tx, room, after, limit)).await
    }

    async fn history(
        &self,
        room: RoomId,
        page: Page,
        limit: u32,
    ) -> Result<Option<History>, StoreError> {
        self.read(move |tx| history::page(tx, room, page, limit)).await
    }

    async fn messages_by(
        &self,
        room: RoomId,
        author: ClientId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.read(move |tx| history::by_author(tx, room, author, after, limit)).await
    }

    async fn count_by(&self, room: RoomId, author: ClientId) -> Result<u64, StoreError> {
        self.read(move |tx| history::count_by(tx, room, author)).await
    }

    async fn unread(
        &self,
        positions: Vec<(RoomId, ClientId, Seq)>,
        most: u32,
    ) -> Result<Vec<u32>, StoreError> {
        self.read(move |tx| {
            positions.into_iter().map(|position| history::unread(tx, position, most)).collect()
        })
        .await
    }

    async fn expire(&self, now: Timestamp) -> Result<Vec<Expiry>, StoreError> {
        // Looking for rooms is the long part, and mostly there are none: the writer is spared it.
        let due = self.read(move |tx| expiry::due(tx, now)).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        self.erase(move |tx| expiry::expire(tx, &due, now)).await
    }

    async fn shelve(
        &self,
        tag: ShelfTag,
        entry: EntryTag,
        sealed: SealedEntry,
    ) -> Result<(), StoreError> {
        self.write(move |tx| shelf::put(tx, tag, entry, &sealed)).await
    }

    async fn reshelve(
        &self,
        tag: ShelfTag,
        entry: EntryTag,
        old: SealedEntry,
        new: SealedEntry,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| shelf::replace(tx, tag, entry, &old, &new)).await
    }

    async fn shelf(&self, tag: ShelfTag) -> Result<Vec<SealedEntry>, StoreError> {
        self.read(move |tx| shelf::entries(tx, tag)).await
    }

    async fn shelf_entry(
        &self,
        tag: ShelfTag,
        entry: EntryTag,
    ) -> Result<Option<SealedEntry>, StoreError> {
        self.read(move |tx| shelf::entry(tx, tag, entry)).await
    }

    async fn unshelve(&self, tag: ShelfTag, entry: EntryTag) -> Result<bool, StoreError> {
        self.erase(move |tx| shelf::take(tx, tag, entry)).await
    }

    async fn clear_shelf(&self, tag: ShelfTag) -> Result<(), StoreError> {
        self.erase(move |tx| shelf::clear(tx, tag)).await
    }

    async fn epoch(&self) -> Result<[u8; 8], StoreError> {
        self.read(transfer::label).await?.epoch()
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let written = self
            .write(|tx| {
                change(tx, "UPDATE server SET probes = probes + 1", [])?;
                value::<i64>(tx, "SELECT probes FROM server", [])?.ok_or_else(no_server)
            })
            .await?;
        self.read(move |tx| {
            let read = value(tx, "SELECT probes FROM server", [])?.ok_or_else(no_server)?;
            if written <= read { Ok(()) } else { Err(Failure::corrupt("probe")) }
        })
        .await
    }
}

fn no_server() -> Failure {
    Failure::corrupt("epoch")
}
