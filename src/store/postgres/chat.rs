//! Rooms, aliases and messages: what each promise takes.

use async_trait::async_trait;

use super::{
    PostgresStore,
    batch::Job,
    expiry, history, members,
    rooms::{self, Listing},
    rows::{Failure, get, one},
    shelf, transfer,
};
use crate::{
    domain::{
        Alias, ClientId, Command, EntryTag, Event, Expiry, Outcome, PersonTag, Room, RoomChange,
        RoomCursor, RoomId, SealedEntry, Seq, ShelfTag, Timestamp,
    },
    store::{ChatStore, Entry, History, Page, Replay, StoreError},
};

#[async_trait]
impl ChatStore for PostgresStore {
    async fn create_room(&self, room: Room, host: Alias) -> Result<(), StoreError> {
        let (room, host) = (&room, &host);
        self.write(|tx| async move {
            let done = rooms::create(tx.client()?, room, host).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError> {
        self.read(|db| async move { rooms::find(&db, id).await }).await
    }

    async fn rooms(&self, ids: Vec<RoomId>) -> Result<Vec<Room>, StoreError> {
        let ids = &ids;
        self.read(|db| async move { rooms::find_all(&db, ids).await }).await
    }

    async fn public_rooms(
        &self,
        search: Option<String>,
        after: Option<RoomCursor>,
        limit: u32,
    ) -> Result<Vec<Room>, StoreError> {
        let search = search.as_deref();
        let listing = Listing::Public;
        self.read(|db| async move { rooms::list(&db, listing, search, after, limit).await }).await
    }

    async fn all_rooms(
        &self,
        search: Option<String>,
        after: Option<RoomCursor>,
        limit: u32,
    ) -> Result<Vec<Room>, StoreError> {
        let search = search.as_deref();
        let listing = Listing::All;
        self.read(|db| async move { rooms::list(&db, listing, search, after, limit).await }).await
    }

    async fn change_room(
        &self,
        id: RoomId,
        change: RoomChange,
    ) -> Result<Option<Room>, StoreError> {
        let change = &change;
        self.write(|tx| async move {
            let done = rooms::update(tx.client()?, id, change.clone()).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn delete_room(&self, id: RoomId) -> Result<bool, StoreError> {
        let removed = self
            .write(|tx| async move {
                let done = rooms::remove(tx.client()?, id).await?;
                tx.commit(done).await
            })
            .await?;
        if removed {
            self.erasure.ring();
        }
        Ok(removed)
    }

    async fn is_erasing(&self) -> Result<bool, StoreError> {
        let removed = self.read(|db| async move { rooms::removed(&db).await }).await?;
        Ok(removed.is_some())
    }

    async fn enter_room(
        &self,
        room: RoomId,
        person: PersonTag,
        candidates: Vec<Alias>,
    ) -> Result<Entry, StoreError> {
        let candidates = &candidates;
        self.write(|tx| async move {
            let done = members::enter(tx.client()?, room, person, candidates).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn member(&self, room: RoomId, person: PersonTag) -> Result<Option<Entry>, StoreError> {
        self.read(|db| async move { members::find(&db, room, person).await }).await
    }

    async fn remove_member(&self, room: RoomId, member: ClientId) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let done = members::remove(tx.client()?, room, member).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn forget_person(
        &self,
        room: RoomId,
        person: PersonTag,
    ) -> Result<Option<Alias>, StoreError> {
        self.write(|tx| async move {
            let done = members::forget(tx.client()?, room, person).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn append(
        &self,
        room: RoomId,
        commands: Vec<Command>,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<Vec<Outcome>>, StoreError> {
        self.appends.run(Job { room, commands, most, now }).await
    }

    async fn events_after(
        &self,
        room: RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Option<Replay>, StoreError> {
        self.read(|db| async move { history::replay(&db, room, after, limit).await }).await
    }

    async fn history(
        &self,
        room: RoomId,
        page: Page,
        limit: u32,
    ) -> Result<Option<History>, StoreError> {
        self.read(|db| async move { history::page(&db, room, page, limit).await }).await
    }

    async fn messages_by(
        &self,
        room: RoomId,
        author: ClientId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.read(|db| async move { history::by_author(&db, room, author, after, limit).await })
            .await
    }

    async fn count_by(&self, room: RoomId, author: ClientId) -> Result<u64, StoreError> {
        self.read(|db| async move { history::count_by(&db, room, author).await }).await
    }

    async fn unread(
        &self,
        positions: Vec<(RoomId, ClientId, Seq)>,
        most: u32,
    ) -> Result<Vec<u32>, StoreError> {
        let positions = &positions;
        self.read(|db| async move { history::unread(&db, positions, most).await }).await
    }

    async fn expire(&self, now: Timestamp) -> Result<Vec<Expiry>, StoreError> {
        // Looking for rooms is the long part, and mostly there are none: no row is held for it.
        let due = self.read(|db| async move { expiry::due(&db, now).await }).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let due = &due;
        self.write(|tx| async move {
            let done = expiry::expire(tx.client()?, due, now).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn shelve(
        &self,
        tag: ShelfTag,
        entry: EntryTag,
        sealed: SealedEntry,
    ) -> Result<(), StoreError> {
        let sealed = &sealed;
        self.write(|tx| async move {
            let done = shelf::put(tx.client()?, tag, entry, sealed).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn reshelve(
        &self,
        tag: ShelfTag,
        entry: EntryTag,
        old: SealedEntry,
        new: SealedEntry,
    ) -> Result<bool, StoreError> {
        let (old, new) = (&old, &new);
        self.write(|tx| async move {
            let done = shelf::replace(tx.client()?, tag, entry, old, new).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn shelf(&self, tag: ShelfTag) -> Result<Vec<SealedEntry>, StoreError> {
        self.read(|db| async move { shelf::entries(&db, tag).await }).await
    }

    async fn shelf_entry(
        &self,
        tag: ShelfTag,
        entry: EntryTag,
    ) -> Result<Option<SealedEntry>, StoreError> {
        self.read(|db| async move { shelf::entry(&db, tag, entry).await }).await
    }

    async fn unshelve(&self, tag: ShelfTag, entry: EntryTag) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let done = shelf::take(tx.client()?, tag, entry).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn clear_shelf(&self, tag: ShelfTag) -> Result<(), StoreError> {
        self.write(|tx| async move {
            let done = shelf::clear(tx.client()?, tag).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn epoch(&self) -> Result<[u8; 8], StoreError> {
        self.read(|db| async move { transfer::label(&db).await }).await?.epoch()
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let write = "UPDATE server SET probes = probes + 1 RETURNING probes";
        let written = self.write(|tx| async move {
            let done = one(tx.client()?, write, &[], |row| get::<i64>(row, 0)).await?;
            tx.commit(done).await
        });
        let written = written.await?;
        let sql = "SELECT probes FROM server";
        let read = self
            .read(|db| async move { one(&db, sql, &[], |row| get::<i64>(row, 0)).await })
            .await?;
        match (written, read) {
            (Some(written), Some(read)) if written <= read => Ok(()),
            (Some(_), Some(_)) => Err(Failure::corrupt("probe").into()),
            _ => Err(no_server().into()),
        }
    }
}

fn no_server() -> Failure {
    Failure::corrupt("epoch")
}
