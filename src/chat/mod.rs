//! The use cases of chat: create, join, post, edit, remove, purge.
//!
//! Nothing here can learn an account: a person arrives as a [`PersonTag`], made at the door.

mod error;
mod members;
mod room;
mod seat;
mod shelf;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::future::try_join_all;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::{
    error::{JoinError, PostError},
    members::{Batch, Dialect, Flushed, Member},
    room::{Posted, text_frame},
    seat::{CatchUp, Seat, Stay, Waiting},
    shelf::ShelvedRoom,
};
use self::{
    room::{LiveRoom, Post, Reply, Task},
    seat::{Taken, store_error},
};
use crate::{
    domain::{
        Action, Alias, ClientId, Clock, Command, Event, Expiry, PersonTag, Room, RoomChange,
        RoomCursor, RoomId, Seq,
    },
    store::{ChatStore, Entry, History, Page, StoreError},
};

/// What the operator decides about rooms.
#[derive(Clone, Copy, Debug)]
pub struct HubSettings {
    /// Most sockets of one person in one room.
    pub sockets_per_person: u32,
    /// Most events that stand in one room.
    pub events_per_room: u32,
    /// How much later than it happened a change of presence is told, each time anew.
    pub jitter: fn() -> Duration,
}

/// Handle to the rooms; cheap to clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn ChatStore>,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    settings: HubSettings,
    live: Mutex<HashMap<RoomId, Arc<LiveRoom>>>,
    /// Held while a room is brought into memory, changed or removed, so that none of these acts on
    /// what another is just making untrue.
    settling: tokio::sync::Mutex<()>,
}

impl Hub {
    /// Rooms on top of `store`; their tasks run on `tasks`, and after `shutdown` none outlasts the
    /// last seat in its room.
    pub fn new(
        store: Arc<dyn ChatStore>,
        clock: Arc<dyn Clock>,
        tasks: TaskTracker,
        shutdown: CancellationToken,
        settings: HubSettings,
    ) -> Self {
        let (live, settling) = Default::default();
        Self { inner: Arc::new(Inner { store, clock, tasks, shutdown, settings, live, settling }) }
    }

    /// Stores a room with its host's alias.
    pub async fn create(&self, room: Room, host: Alias) -> Result<(), StoreError> {
        self.inner.store.create_room(room, host).await
    }

    /// The room with this id.
    pub async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError> {
        self.inner.store.room(id).await
    }

    /// Public rooms, newest first.
    pub async fn public_rooms(
        &self,
        search: Option<String>,
        after: Option<RoomCursor>,
        limit: u32,
    ) -> Result<Vec<Room>, StoreError> {
        self.inner.store.public_rooms(search, after, limit).await
    }

    /// All rooms, newest first.
    pub async fn all_rooms(
        &self,
        search: Option<String>,
        after: Option<RoomCursor>,
        limit: u32,
    ) -> Result<Vec<Room>, StoreError> {
        self.inner.store.all_rooms(search, after, limit).await
    }

    /// How many people are in a room now.
    pub fn online(&self, id: RoomId) -> usize {
        self.live().get(&id).map_or(0, |room| room.seats().people())
    }

    /// How many rooms are in memory: those with people in them, and a few just left.
    pub fn awake(&self) -> usize {
        self.live().len()
    }

    /// Changes a room's settings and tells everybody in it; `None` if there is no such room.
    pub async fn change(&self, id: RoomId, change: RoomChange) -> Result<Option<Room>, StoreError> {
        let forgets = change.retention.is_some();
        let _settling = self.inner.settling.lock().await;
        let changed = self.inner.store.change_room(id, change).await?;
        if let Some(room) = &changed {
            self.tell(id, Post::Changed(Box::new(room.clone()))).await;
        }
        if forgets {
            self.expire().await?;
        }
        Ok(changed)
    }

    /// Erases a room and closes its sockets; false if there was none.
    pub async fn remove(&self, id: RoomId) -> Result<bool, StoreError> {
        let _settling = self.inner.settling.lock().await;
        let removed = self.inner.store.delete_room(id).await?;
        self.tell(id, Post::Removed).await;
        self.live().remove(&id);
        Ok(removed)
    }

    /// Closes the sockets of rooms that another process has removed.
    pub async fn close_removed(&self) -> Result<(), StoreError> {
        let _settling = self.inner.settling.lock().await;
        let mut gone: HashSet<RoomId> = self.live().keys().copied().collect();
        for room in self.inner.store.rooms(gone.iter().copied().collect()).await? {
            gone.remove(&room.id);
        }
        for id in gone {
            self.tell(id, Post::Removed).await;
            self.live().remove(&id);
        }
        Ok(())
    }

    /// Takes a seat for `person`, under the alias they have or one of those that `candidates`
    /// makes. A full room makes no alias.
    ///
    /// # Errors
    /// [`JoinError`] says why there is no seat.
    pub async fn join(
        &self,
        id: RoomId,
        person: PersonTag,
        is_host: bool,
        stay: Stay,
        candidates: impl Fn() -> Vec<Alias>,
    ) -> Result<Seat, JoinError> {
        let taken = self.take_place(id, person, stay).await?;
        let store = Arc::clone(&self.inner.store);
        // Asked only now: whoever is removed from here on is told by the room, which is awake.
        let mut entry = store.member(id, person).await?.unwrap_or(Entry::HandlesTaken);
        while entry == Entry::HandlesTaken {
            entry = store.enter_room(id, person, candidates()).await?;
        }
        match entry {
            Entry::Member(alias) => Ok(Seat { taken, store, alias, is_host }),
            Entry::Removed(_) => Err(JoinError::Removed),
            Entry::NoSuchRoom | Entry::HandlesTaken => Err(JoinError::NoSuchRoom),
        }
    }

    /// The alias of `person` in a room, or that they were removed; `None` if never there.
    pub async fn member(&self, id: RoomId, person: PersonTag) -> Result<Option<Entry>, StoreError> {
        self.inner.store.member(id, person).await
    }

    /// Removes somebody from a room for good and closes their sockets; false if that alias is not
    /// there, is gone already or is the host's.
    pub async fn remove_member(&self, id: RoomId, member: ClientId) -> Result<bool, StoreError> {
        let removed = self.inner.store.remove_member(id, member).await?;
        if removed {
            self.tell(id, Post::Evict(member)).await;
        }
        Ok(removed)
    }

    /// A page of a room's messages; `None` if there is no such room.
    pub async fn history(
        &self,
        id: RoomId,
        page: Page,
        limit: u32,
    ) -> Result<Option<History>, StoreError> {
        self.inner.store.history(id, page, limit).await
    }

    /// At most `limit` messages of `author` after `after` that are not deleted, oldest first.
    pub async fn messages_by(
        &self,
        id: RoomId,
        author: ClientId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.inner.store.messages_by(id, author, after, limit).await
    }

    /// How many messages of `author` stand in a room that are not deleted.
    pub async fn count_by(&self, id: RoomId, author: ClientId) -> Result<u64, StoreError> {
        self.inner.store.count_by(id, author).await
    }

    /// Forgets who `person` was in a room, be it that the host removed them; with `erase`, first
    /// erases what they wrote.
    ///
    /// # Errors
    /// [`PostError::Store`]; calling again goes on where this stopped.
    pub async fn forget_person(
        &self,
        id: RoomId,
        person: PersonTag,
        erase: bool,
    ) -> Result<(), PostError> {
        let known = self.inner.store.member(id, person).await.map_err(store_error)?;
        if let (Some(Entry::Member(alias) | Entry::Removed(alias)), true) = (known, erase) {
            match self.erase_messages(id, &alias).await {
                // The room went meanwhile, and with it what stood there.
                Ok(()) | Err(PostError::NoSuchRoom) => {}
                Err(error) => return Err(error),
            }
        }
        self.inner.store.forget_person(id, person).await.map_err(store_error)?;
        Ok(())
    }

    async fn erase_messages(&self, id: RoomId, author: &Alias) -> Result<(), PostError> {
        const AT_ONCE: u32 = 200;
        let mut after = Seq(0);
        loop {
            let found = self.inner.store.messages_by(id, author.client_id, after, AT_ONCE).await;
            let messages = found.map_err(store_error)?;
            let Some(last) = messages.last() else { return Ok(()) };
            after = last.seq;
            let deletions = messages.into_iter().map(|message| {
                let action = Action::Delete { target: message.seq, any: false };
                self.carry_out(id, Command { author: author.clone(), id: None, action })
            });
            try_join_all(deletions).await?;
        }
    }

    /// Has the room's task carry out a command of somebody who does not sit in the room.
    async fn carry_out(&self, id: RoomId, command: Command) -> Result<(), PostError> {
        loop {
            let (reply, answer) = tokio::sync::oneshot::channel();
            let command = Box::new(command.clone());
            let post = Post::Command { command, reply: Reply::Caller(reply) };
            let room = self.wake(id).await.map_err(store_error)?;
            let inbox = room.ok_or(PostError::NoSuchRoom)?.inbox.clone();
            if inbox.send(post).await.is_err() {
                continue; // The room went to sleep in between.
            }
            return match answer.await {
                Ok(Ok(_) | Err(PostError::NoSuchMessage)) => Ok(()),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(PostError::NoSuchRoom),
            };
        }
    }

    /// Erases what is older than its room's retention and tells those who are in the rooms.
    pub async fn expire(&self) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        loop {
            let gone = self.inner.store.expire(now).await?;
            if gone.is_empty() {
                return Ok(());
            }
            for expiry in gone {
                let Expiry { room, .. } = expiry;
                self.tell(room, Post::Expired(expiry)).await;
            }
        }
    }

    /// Random; another one once the operator restored a backup.
    pub async fn epoch(&self) -> Result<[u8; 8], StoreError> {
        self.inner.store.epoch().await
    }

    /// `Ok` if the store can be written and read just now.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.inner.store.probe().await
    }

    async fn tell(&self, id: RoomId, post: Post) {
        let inbox = self.live().get(&id).map(|room| room.inbox.clone());
        if let Some(inbox) = inbox {
            // A room that ends just now has nobody left to tell.
            let _ = inbox.send(post).await;
        }
    }

    async fn take_place(
        &self,
        id: RoomId,
        person: PersonTag,
        stay: Stay,
    ) -> Result<Taken, JoinError> {
        loop {
            if let Some(taken) = self.take_place_now(id, person, stay) {
                return taken;
            }
            self.wake(id).await?.ok_or(JoinError::NoSuchRoom)?;
        }
    }

    /// Under the map's lock, so that the room cannot go to sleep meanwhile.
    fn take_place_now(
        &self,
        id: RoomId,
        person: PersonTag,
        stay: Stay,
    ) -> Option<Result<Taken, JoinError>> {
        let live = self.live();
        let room = live.get(&id)?;
        let taken = room.seats().take(person, stay, self.inner.settings.sockets_per_person);
        room.seats_changed.notify_one();
        Some(taken.map(|()| Taken { room: Arc::clone(room), person, stay }))
    }

    /// The room in memory; brought there if it is not yet. `None` if there is no such room.
    async fn wake(&self, id: RoomId) -> Result<Option<Arc<LiveRoom>>, StoreError> {
        if let Some(room) = self.live().get(&id) {
            return Ok(Some(Arc::clone(room)));
        }
        let _settling = self.inner.settling.lock().await;
        if let Some(room) = self.live().get(&id) {
            return Ok(Some(Arc::clone(room)));
        }
        let Some(stored) = self.inner.store.room(id).await? else { return Ok(None) };
        let (room, posts) = LiveRoom::new(&stored);
        let task = Task {
            room: Arc::clone(&room),
            store: Arc::clone(&self.inner.store),
            clock: Arc::clone(&self.inner.clock),
            most: self.inner.settings.events_per_room,
            jitter: self.inner.settings.jitter,
            shutdown: self.inner.shutdown.clone(),
            members: Vec::new(),
            newcomers: Vec::new(),
            is_removed: false,
        };
        let hub = self.clone();
        self.live().insert(id, Arc::clone(&room));
        let retire = move |room: &LiveRoom, posts: &mut _| hub.retire(room, posts);
        self.inner.tasks.spawn(task.run(posts, retire));
        Ok(Some(room))
    }

    /// Takes a room out of memory unless somebody sits in it or something waits for it.
    fn retire(&self, room: &LiveRoom, posts: &mut mpsc::Receiver<Post>) -> bool {
        let mut live = self.live();
        if !room.seats().are_empty() || !posts.is_empty() {
            return false;
        }
        posts.close();
        live.remove(&room.id);
        true
    }

    fn live(&self) -> MutexGuard<'_, HashMap<RoomId, Arc<LiveRoom>>> {
        self.inner.live.lock().expect("nothing panics while it holds the map")
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hub(…)")
    }
}
