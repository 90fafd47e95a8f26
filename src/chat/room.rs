//! A room's task: the only one that orders, stores and fans out, so that stored order and seen
//! order are one. In memory while somebody is in the room; holds no history.

use std::{
    collections::HashMap,
    fmt, mem, ptr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    error::PostError,
    members::{Batch, Member},
    seat::{Seats, store_error},
};
use crate::{
    domain::{
        Action, ClientId, Clock, Command, CommandId, Event, Expiry, Outcome, Placed, Room, RoomId,
        Seq,
    },
    protocol::{RoomView, ServerFrame, encode, encode_event},
    store::ChatStore,
    websocket::codec::{self, CloseCode},
};

/// Posts that may wait before senders are made to wait.
const INBOX: usize = 256;
/// Posts taken in one turn: one transaction, one write per member.
const MAX_TURN: usize = 512;
/// Posts that an idle room keeps memory for.
const KEPT_TURN: usize = 8;
/// Members written to before other tasks get a chance.
const MEMBERS_IN_A_ROW: usize = 256;
/// Presence is told at most this often.
const PRESENCE_PAUSE: Duration = Duration::from_secs(1);
/// How long a room nobody sits in stays in memory.
const LINGER: Duration = Duration::from_secs(5);

/// What reaches a room's task.
pub(super) enum Post {
    /// Something to carry out. In a box, as all that is large: an inbox keeps places for many.
    Command { command: Box<Command>, reply: Reply },
    /// A socket to write to from now on.
    Join(Arc<Member>),
    /// Somebody is typing.
    Typing(Arc<Member>),
    /// The settings are these now.
    Changed(Box<Room>),
    /// Messages are gone by retention.
    Expired(Expiry),
    /// The host removed somebody.
    Evict(ClientId),
    /// The room is gone.
    Removed,
}

/// Who hears what became of a command.
pub(super) enum Reply {
    /// A socket, as `ack` or `error`.
    Member(Arc<Member>),
    /// Somebody who waits for it.
    Caller(oneshot::Sender<Result<Posted, PostError>>),
}

/// A command that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Where and when.
    pub placed: Placed,
    /// Whether that was an earlier time: the same sender gave the same id before.
    pub repeated: bool,
}

/// A room that is in memory, as everybody but its task sees it.
pub(super) struct LiveRoom {
    pub(super) id: RoomId,
    pub(super) id_text: String,
    pub(super) inbox: mpsc::Sender<Post>,
    pub(super) published: AtomicI64,
    pub(super) seats_changed: Notify,
    seats: Mutex<Seats>,
}

impl LiveRoom {
    pub(super) fn new(room: &Room) -> (Arc<Self>, mpsc::Receiver<Post>) {
        let (inbox, posts) = mpsc::channel(INBOX);
        let live = Self {
            id: room.id,
            id_text: room.id.encode(),
            inbox,
            published: AtomicI64::new(room.head.0),
            seats_changed: Notify::new(),
            seats: Mutex::new(Seats::new(room.capacity)),
        };
        (Arc::new(live), posts)
    }

    pub(super) fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().expect("nothing panics while it holds the seats")
    }
}

impl fmt::Debug for LiveRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveRoom(…)")
    }
}

/// What a room's task works with.
pub(super) struct Task {
    pub(super) room: Arc<LiveRoom>,
    pub(super) store: Arc<dyn ChatStore>,
    pub(super) clock: Arc<dyn Clock>,
    /// How many events may stand in the room.
    pub(super) most: u32,
    /// How much later than it happened a change of presence is told (ANON-08): without it, two
    /// rooms whose counts change together would show that one person sits in both.
    pub(super) jitter: fn() -> Duration,
    /// Completes when the server stops: nobody comes then, and an empty room need not wait.
    pub(super) shutdown: CancellationToken,
    pub(super) members: Vec<Arc<Member>>,
    /// Those among them who have not been told how many people are here since they came: what
    /// their welcome said may have changed before the room knew of them.
    pub(super) newcomers: Vec<Arc<Member>>,
    /// The room was removed; whatever still arrives comes too late.
    pub(super) is_removed: bool,
}

impl Task {
    /// Runs until the room is gone or nobody has sat in it for a while; `retire` then takes it out
    /// of memory, unless somebody came in the meantime.
    pub(super) async fn run(
        mut self,
        mut posts: mpsc::Receiver<Post>,
        retire: impl Fn(&LiveRoom, &mut mpsc::Receiver<Post>) -> bool,
    ) {
        let mut turn = Vec::new();
        let (mut told, mut told_at) = (0, Instant::now() - PRESENCE_PAUSE);
        let mut tell_at: Option<Instant> = None;
        let mut idle_at = Some(Instant::now() + LINGER);
        loop {
            tokio::select! {
                taken = posts.recv_many(&mut turn, MAX_TURN) => {
                    self.turn(&mut turn).await;
                    turn.shrink_to(KEPT_TURN);
                    if self.is_removed {
                        posts.close();
                    }
                    if taken == 0 {
                        return;
                    }
                }
                () = self.room.seats_changed.notified() => {
                    let online = self.room.seats().people();
                    idle_at = (online == 0).then(|| Instant::now() + LINGER);
                    let soonest = told_at + PRESENCE_PAUSE;
                    tell_at = tell_at.or(Some(soonest.max(Instant::now() + (self.jitter)())));
                }
                () = until(tell_at) => {
                    tell_at = None;
                    self.members.retain(|member| !member.is_gone());
                    let online = self.room.seats().people();
                    self.tell_presence(online, online != told).await;
                    (told, told_at) = (online, Instant::now());
                }
                () = idle(idle_at, &self.shutdown) => {
                    if retire(&self.room, &mut posts) {
                        return;
                    }
                    // Whoever is here tells when they go; looking again and again would keep a
                    // thread from them, once the server stops.
                    let nobody = self.room.seats().are_empty();
                    idle_at = nobody.then(|| Instant::now() + LINGER);
                }
            }
        }
    }

    async fn turn(&mut self, posts: &mut Vec<Post>) {
        let (mut commands, mut replies) = (Vec::new(), Vec::new());
        for post in posts.drain(..) {
            match post {
                Post::Command { command, reply } if self.comes_too_late(&command) => {
                    refuse(vec![(command.id, reply)], &PostError::Removed);
                }
                Post::Command { command, reply } => {
                    replies.push((command.id.clone(), reply));
                    commands.push(*command);
                }
                Post::Join(member) => self.admit(member),
                Post::Typing(member) => self.typing(&member),
                Post::Changed(room) => self.changed(&room).await,
                Post::Expired(Expiry { from, to, .. }) => {
                    self.announce(&ServerFrame::Expired { from: from.0, to: to.0 }).await;
                }
                Post::Evict(client_id) => self.evict(client_id),
                Post::Removed => self.removed(),
            }
        }
        if self.is_removed {
            refuse(replies, &PostError::NoSuchRoom);
        } else if !commands.is_empty() {
            self.carry_out(commands, replies).await;
        }
    }

    async fn carry_out(&mut self, commands: Vec<Command>, replies: Replies) {
        let now = self.clock.now().whole_second();
        match self.store.append(self.room.id, commands, self.most, now).await {
            Ok(Some(outcomes)) => {
                let (results, events) = sort(outcomes);
                self.publish(&events, Answers::new(replies, results)).await;
            }
            Ok(None) => {
                self.removed();
                refuse(replies, &PostError::NoSuchRoom);
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "messages not stored");
                refuse(replies, &store_error(error));
            }
        }
    }

    /// Hands stored events to everybody who is live, and to their senders, in the same write, what
    /// became of their commands. Whoever lacks something before them, because the room has events
    /// that this task did not store, finds that out and reads it.
    async fn publish(&self, events: &[Event], mut answers: Answers) {
        if let Some(batch) = encode_batch(&self.room.id_text, events) {
            self.room.published.store(batch.last.0, Ordering::SeqCst);
            self.to_all(|member| member.deliver(&batch, answers.take(member))).await;
        }
        answers.tell();
    }

    async fn announce(&self, frame: &ServerFrame<'_>) {
        let frame = text_frame(frame);
        self.to_all(|member| member.announce(&frame)).await;
    }

    /// Tells how many people are here: everybody if that has changed, or else the newcomers alone,
    /// so that nobody learns of another's second socket.
    async fn tell_presence(&mut self, online: usize, has_changed: bool) {
        let newcomers = mem::take(&mut self.newcomers);
        let frame = ServerFrame::Presence { online };
        if has_changed {
            self.announce(&frame).await;
        } else {
            let frame = text_frame(&frame);
            for member in newcomers {
                member.announce(&frame);
            }
        }
    }

    async fn to_all(&self, mut tell: impl FnMut(&Member)) {
        for some in self.members.chunks(MEMBERS_IN_A_ROW) {
            for member in some {
                tell(member);
            }
            if some.len() == MEMBERS_IN_A_ROW {
                tokio::task::yield_now().await;
            }
        }
    }

    fn typing(&self, typist: &Arc<Member>) {
        let frame = text_frame(&ServerFrame::Typing);
        let others = self.members.iter().filter(|member| member.client_id() != typist.client_id());
        others.for_each(|member| member.announce(&frame));
    }

    async fn changed(&self, room: &Room) {
        let online = {
            let mut seats = self.room.seats();
            seats.capacity = room.capacity;
            seats.people()
        };
        self.announce(&ServerFrame::Room { room: &RoomView::shared(room, online) }).await;
    }

    fn admit(&mut self, member: Arc<Member>) {
        if self.is_removed {
            member.end(CloseCode::GONE);
        } else if self.room.seats().evicted.contains(&member.client_id()) {
            member.end(CloseCode::FORBIDDEN);
        }
        member.admitted(Seq(self.room.published.load(Ordering::SeqCst)));
        self.newcomers.push(Arc::clone(&member));
        self.members.push(member);
        self.room.seats_changed.notify_one();
    }

    /// Whether its author was removed meanwhile; who goes may still take their own words along.
    fn comes_too_late(&self, command: &Command) -> bool {
        let takes_back = matches!(command.action, Action::Delete { any: false, .. });
        !takes_back && self.room.seats().evicted.contains(&command.author.client_id)
    }

    fn removed(&mut self) {
        self.is_removed = true;
        self.members.iter().for_each(|member| member.end(CloseCode::GONE));
    }

    fn evict(&mut self, client_id: ClientId) {
        self.room.seats().evicted.insert(client_id);
        let theirs = self.members.iter().filter(|member| member.client_id() == client_id);
        theirs.for_each(|member| member.end(CloseCode::FORBIDDEN));
    }
}

type Replies = Vec<(Option<CommandId>, Reply)>;
type Results = Vec<Result<Posted, PostError>>;

/// What became of each command, and the events that came of them.
fn sort(outcomes: Vec<Outcome>) -> (Results, Vec<Event>) {
    let mut events = Vec::new();
    let results = outcomes.into_iter().map(|outcome| match outcome {
        Outcome::Stored(event) => {
            let placed = Placed { seq: event.seq, at: event.at };
            events.push(event);
            Ok(Posted { placed, repeated: false })
        }
        Outcome::Repeated(placed) => Ok(Posted { placed, repeated: true }),
        Outcome::Refused(refusal) => Err(refusal.into()),
    });
    (results.collect(), events)
}

fn refuse(replies: Replies, error: &PostError) {
    let results = replies.iter().map(|_| Err(error.clone())).collect();
    Answers::new(replies, results).tell();
}

/// What the senders of one turn still have to be told: each once, in one write for all of its
/// commands. By the address of the member, which its `Arc` keeps in place.
struct Answers(HashMap<usize, (Arc<Member>, Vec<u8>)>);

impl Answers {
    /// Whoever waits for a result itself has it at once; the sockets' answers are encoded.
    fn new(replies: Replies, results: Results) -> Self {
        let mut frames = HashMap::new();
        for ((id, reply), result) in replies.into_iter().zip(results) {
            match reply {
                Reply::Caller(caller) => {
                    // Whoever hung up asks again with the same id.
                    let _ = caller.send(result);
                }
                Reply::Member(member) => {
                    let id = id.as_ref().map(CommandId::as_str);
                    let Some(json) = answer_frame(id, &result) else { continue };
                    let entry = frames.entry(Arc::as_ptr(&member).addr());
                    let (_, buffer) = entry.or_insert_with(|| (member, Vec::new()));
                    codec::text(buffer, &json);
                }
            }
        }
        Self(frames)
    }

    /// What this member is to be told, if anything.
    fn take(&mut self, member: &Member) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return None;
        }
        self.0.remove(&ptr::from_ref(member).addr()).map(|(_, frames)| frames)
    }

    /// Tells everybody who has not been told.
    fn tell(self) {
        for (member, frames) in self.0.into_values() {
            member.tell(&frames.into());
        }
    }
}

/// `ack` or `error`; nothing for a success that has no id to acknowledge.
fn answer_frame(id: Option<&str>, result: &Result<Posted, PostError>) -> Option<Vec<u8>> {
    match result {
        Ok(Posted { placed, .. }) => {
            id.map(|id| encode(&ServerFrame::Ack { id, seq: placed.seq.0, at: placed.at.0 }))
        }
        Err(error) => {
            let message = &error.to_string();
            let (code, retry_after) = (error.code(), error.retry_after());
            Some(encode(&ServerFrame::Error { code, message, id, retry_after }))
        }
    }
}

/// Encodes each event once, for everybody; `None` if there is none.
pub(super) fn encode_batch(room: &str, events: &[Event]) -> Option<Batch> {
    let (first, last) = (events.first()?.seq, events.last()?.seq);
    let (mut v1, mut plain, mut all_plain) = (Vec::new(), Vec::new(), true);
    for event in events {
        let (json, for_plain) = encode_event(room, event);
        codec::text(&mut v1, &json);
        if for_plain {
            codec::text(&mut plain, &json);
        }
        all_plain &= for_plain;
    }
    let v1 = Bytes::from(v1);
    let plain = if all_plain { v1.clone() } else { plain.into() };
    Some(Batch { v1, plain, first, last })
}

/// A frame of the protocol as a WebSocket text frame.
pub fn text_frame(frame: &ServerFrame<'_>) -> Bytes {
    let mut buffer = Vec::new();
    codec::text(&mut buffer, &encode(frame));
    buffer.into()
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Completes when an empty room has waited long enough for somebody to come back.
async fn idle(until_then: Option<Instant>, shutdown: &CancellationToken) {
    tokio::select! {
        () = until(until_then) => {}
        () = shutdown.cancelled(), if until_then.is_some() => {}
    }
}
