//! A place in a room, given back on drop. Places are counted in people, not sockets.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, atomic::Ordering},
};

use tokio::sync::oneshot;

use super::{
    error::{JoinError, PostError},
    members::{Batch, Member},
    room::{LiveRoom, Post, Posted, Reply, encode_batch},
};
use crate::{
    domain::{Action, Alias, Capacity, ClientId, Command, CommandId, PersonTag, Seq},
    store::{ChatStore, Replay, StoreError},
};

/// Who sits in a room, and how many may.
#[derive(Debug)]
pub(super) struct Seats {
    pub(super) capacity: Capacity,
    people: HashMap<PersonTag, u32>,
    /// Who is here for one command.
    passing: u32,
    /// Whom the host removed while this room was in memory: what they had under way comes to
    /// nothing.
    pub(super) evicted: HashSet<ClientId>,
}

/// What somebody comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// A socket: it counts among the person's, and the person among those who are here.
    Socket,
    /// One command: it counts nowhere, but a full room has no place for it either.
    Passing,
}

impl Seats {
    pub(super) fn new(capacity: Capacity) -> Self {
        Self { capacity, people: HashMap::new(), passing: 0, evicted: HashSet::new() }
    }

    /// Checks and takes in one step, so that the last place is given once.
    pub(super) fn take(
        &mut self,
        person: PersonTag,
        stay: Stay,
        most_sockets: u32,
    ) -> Result<(), JoinError> {
        let people = self.capacity.people();
        let is_full = self.people.len() >= usize::from(people);
        if stay == Stay::Passing {
            if is_full && !self.people.contains_key(&person) {
                return Err(JoinError::Full { people });
            }
            self.passing += 1;
            return Ok(());
        }
        match self.people.get_mut(&person) {
            Some(sockets) if *sockets >= most_sockets => return Err(JoinError::TooManySockets),
            Some(sockets) => *sockets += 1,
            None if is_full => return Err(JoinError::Full { people }),
            None => {
                self.people.insert(person, 1);
            }
        }
        Ok(())
    }

    fn give_back(&mut self, person: PersonTag, stay: Stay) {
        if stay == Stay::Passing {
            self.passing -= 1;
            return;
        }
        if let Some(sockets) = self.people.get_mut(&person) {
            *sockets -= 1;
            if *sockets == 0 {
                self.people.remove(&person);
            }
        }
    }

    /// Whether nobody is here, not even in passing.
    pub(super) fn are_empty(&self) -> bool {
        self.people.is_empty() && self.passing == 0
    }

    /// How many people sit here.
    pub(super) fn people(&self) -> usize {
        self.people.len()
    }
}

/// A place that is taken but nobody sits on yet. Dropping it gives it back.
pub(super) struct Taken {
    pub(super) room: Arc<LiveRoom>,
    pub(super) person: PersonTag,
    pub(super) stay: Stay,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.seats().give_back(self.person, self.stay);
        self.room.seats_changed.notify_one();
    }
}

/// A person's place in a room, under an alias. Dropping it gives it back.
pub struct Seat {
    pub(super) taken: Taken,
    pub(super) store: Arc<dyn ChatStore>,
    pub(super) alias: Alias,
    pub(super) is_host: bool,
}

/// How far a client that comes back can be brought.
#[derive(Debug)]
pub enum CatchUp {
    /// These events come next; `expired` names places in between that are gone by retention.
    Events {
        /// From and to, if anything is gone.
        expired: Option<(Seq, Seq)>,
        /// What is left, encoded; `None` if nothing is left.
        batch: Option<Batch>,
    },
    /// The gap is too large.
    Reset {
        /// Go on from here.
        head: Seq,
    },
}

/// A command that the room's inbox had no place for.
pub struct Waiting(Post);

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiting(…)")
    }
}

impl Seat {
    /// Events read from the store at once.
    const PAGE: u32 = 200;
    /// A larger gap is not replayed: history over HTTP is faster for both sides.
    const MAX_GAP: i64 = 1000;

    /// Who sits here.
    pub fn alias(&self) -> &Alias {
        &self.alias
    }

    /// Whether the room is this person's.
    pub fn is_host(&self) -> bool {
        self.is_host
    }

    /// How many people are in the room.
    pub fn online(&self) -> usize {
        self.taken.room.seats().people()
    }

    /// Lets the room write to `member`, as soon as that has caught up.
    pub async fn attach(&self, member: Arc<Member>) -> Result<(), PostError> {
        self.post(Post::Join(member)).await
    }

    /// Goes live if the room has published nothing that `member` has not been sent.
    pub fn go_live(&self, member: &Member) -> bool {
        member.go_live(&self.taken.room.published)
    }

    /// What comes after `after` for a client that comes back, or for one that fell behind while
    /// it was catching up. Nothing that was said after the host removed whoever sits here.
    ///
    /// # Errors
    /// [`PostError::NoSuchRoom`] when the room is gone, [`PostError::Removed`] when whoever sits here
    /// was removed, [`PostError::Store`] when the store could not be asked.
    pub async fn catch_up(&self, after: Seq) -> Result<CatchUp, PostError> {
        let room = &self.taken.room;
        let found = self.store.events_after(room.id, after, Self::PAGE).await;
        let replay: Replay = found.map_err(store_error)?.ok_or(PostError::NoSuchRoom)?;
        // Asked only now: the room stores what is said later after it has noted the removal.
        if room.seats().evicted.contains(&self.alias.client_id) {
            return Err(PostError::Removed);
        }
        let start = after.max(replay.expired_to);
        if replay.head.0 - start.0 > Self::MAX_GAP {
            return Ok(CatchUp::Reset { head: replay.head });
        }
        let expired = (after < replay.expired_to).then(|| (after.next(), replay.expired_to));
        let batch = encode_batch(&room.id_text, &replay.events);
        Ok(CatchUp::Events { expired, batch })
    }

    /// The place of the newest event that was published to the room.
    pub fn published(&self) -> Seq {
        Seq(self.taken.room.published.load(Ordering::SeqCst))
    }

    /// Gives a command; what comes of it is told to `member`.
    ///
    /// # Errors
    /// [`Waiting`] when the room's inbox is full, to be given to [`Seat::wait`]: whoever floods a
    /// room makes only its senders wait.
    pub fn command(
        &self,
        member: Arc<Member>,
        id: Option<CommandId>,
        action: Action,
    ) -> Result<(), Waiting> {
        let command = Box::new(self.with_rights(id, action));
        let post = Post::Command { command, reply: Reply::Member(member) };
        self.taken.room.inbox.try_send(post).map_err(|refused| Waiting(refused.into_inner()))
    }

    /// Waits until the room's inbox takes a command.
    ///
    /// # Errors
    /// [`PostError::NoSuchRoom`] when the room is gone.
    pub async fn wait(&self, Waiting(post): Waiting) -> Result<(), PostError> {
        self.post(post).await
    }

    /// Gives a command and waits until it is carried out and durable.
    ///
    /// # Errors
    /// [`PostError`] says what became of it.
    pub async fn carry_out(&self, id: CommandId, action: Action) -> Result<Posted, PostError> {
        let command = Box::new(self.with_rights(Some(id), action));
        let (reply, answer) = oneshot::channel();
        self.post(Post::Command { command, reply: Reply::Caller(reply) }).await?;
        answer.await.unwrap_or(Err(PostError::NoSuchRoom))
    }

    /// Passes on that somebody is typing, to everybody but `member`; dropped if the room is busy.
    pub fn typing(&self, member: Arc<Member>) {
        let _ = self.taken.room.inbox.try_send(Post::Typing(member));
    }

    fn with_rights(&self, id: Option<CommandId>, action: Action) -> Command {
        let action = match action {
            Action::Delete { target, .. } => Action::Delete { target, any: self.is_host },
            other => other,
        };
        Command { author: self.alias.clone(), id, action }
    }

    async fn post(&self, post: Post) -> Result<(), PostError> {
        self.taken.room.inbox.send(post).await.map_err(|_| PostError::NoSuchRoom)
    }
}

pub(super) fn store_error(error: StoreError) -> PostError {
    PostError::Store(Arc::new(error))
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seat(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio_util::{sync::CancellationToken, task::TaskTracker};

    use super::*;
    use crate::{
        chat::{Hub, HubSettings},
        domain::{
            Clock, Handle, MessageBody, Retention, Room, RoomId, RoomName, SealedSecret, Timestamp,
            Visibility,
        },
        store::sqlite::{Durability, Options, SqliteStore},
    };

    const HOST: PersonTag = PersonTag([1; 32]);
    const GUEST: PersonTag = PersonTag([2; 32]);

    struct StoppedClock;

    impl Clock for StoppedClock {
        fn now(&self) -> Timestamp {
            Timestamp(1_700_000_000_000)
        }
    }

    fn alias(n: u8, name: &str) -> Alias {
        Alias { client_id: ClientId::from_bytes([n; 10]), handle: Handle::new(name) }
    }

    fn room() -> Room {
        Room {
            id: RoomId::from_bytes([3; 10]),
            name: RoomName::parse("Kitchen").unwrap(),
            capacity: Capacity::parse(5, Capacity::MAX).unwrap(),
            visibility: Visibility::Unlisted,
            retention: Retention::Keep,
            created_at: StoppedClock.now(),
            head: Seq(0),
            expired_to: Seq(0),
            host: Some(HOST),
            secret: SealedSecret(vec![7; 60]),
        }
    }

    async fn say(seat: &Seat, text: &str) {
        let body = MessageBody::parse(text.to_owned()).unwrap();
        let action = Action::Send { body, reply_to: None };
        seat.carry_out(CommandId::parse(text).unwrap(), action).await.unwrap();
    }

    #[tokio::test]
    async fn whoever_was_removed_catches_up_with_nothing_that_is_said_later() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { durability: Durability::Normal, fresh_epoch: [0; 8] };
        let store = SqliteStore::open(&dir.path().join("anonchat.db"), options).unwrap();
        let settings =
            HubSettings { sockets_per_person: 5, events_per_room: 100, jitter: || Duration::ZERO };
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let hub = Hub::new(Arc::new(store), Arc::new(StoppedClock), tasks, shutdown, settings);
        let id = room().id;
        hub.create(room(), alias(1, "Quiet Heron")).await.unwrap();
        let host = hub.join(id, HOST, true, Stay::Passing, Vec::new).await.unwrap();
        let candidates = || vec![alias(2, "Loud Heron")];
        let guest = hub.join(id, GUEST, false, Stay::Socket, candidates).await.unwrap();
        say(&host, "before").await;
        let caught_up = guest.catch_up(Seq(0)).await.unwrap();
        assert!(matches!(caught_up, CatchUp::Events { batch: Some(_), .. }));
        // Its socket is not known to the room yet, as when it is only just opened.
        assert!(hub.remove_member(id, guest.alias().client_id).await.unwrap());
        say(&host, "after").await;
        assert!(matches!(guest.catch_up(Seq(0)).await, Err(PostError::Removed)));
    }
}
