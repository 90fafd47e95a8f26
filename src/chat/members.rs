//! The members' sockets: one buffer for all, one write per member and turn, a bounded backlog.
//!
//! The room's task writes to its members' sockets itself. A member's own task is woken only for
//! what a socket did not take at once, or to end. A member that joins is *catching up*: it reads
//! from the store what it has missed and is passed over by the room, until it has all that the
//! room has published; from then on it is *live*. `sent_to` makes the two meet without a gap and
//! without a repetition, whichever comes first.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::{Buf, Bytes};
use tokio::sync::Notify;

use crate::{
    connection::WriteHalf,
    domain::{ClientId, Seq},
    websocket::codec::CloseCode,
};

/// Most bytes that may wait for one socket; a reader further behind is cut off (4408) and comes
/// back with `since`. What comes at once to one who has taken everything before may be more.
const MAX_BACKLOG: usize = 1 << 20;

/// What a socket understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `anonchat.v1`: every frame.
    V1,
    /// No subprotocol: messages and errors only.
    Plain,
}

/// Events in their encoded form, ready for every member.
#[derive(Clone, Debug)]
pub struct Batch {
    /// All of them, as WebSocket frames.
    pub v1: Bytes,
    /// Messages only.
    pub plain: Bytes,
    /// The place of the first.
    pub first: Seq,
    /// The place of the last.
    pub last: Seq,
}

impl Batch {
    fn for_dialect(&self, dialect: Dialect) -> &Bytes {
        match dialect {
            Dialect::V1 => &self.v1,
            Dialect::Plain => &self.plain,
        }
    }
}

/// What [`Member::flush`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flushed {
    /// Bytes that the socket took.
    pub written: usize,
    /// Bytes that still wait; those that are encrypted already count as one.
    pub left: usize,
}

/// One socket in a room, as the room sees it.
pub struct Member {
    socket: WriteHalf,
    dialect: Dialect,
    client_id: ClientId,
    state: Mutex<State>,
    woken: Notify,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    CatchingUp,
    Live,
    Gone,
}

struct State {
    phase: Phase,
    sent_to: Seq,
    backlog: VecDeque<Bytes>,
    backlog_bytes: usize,
    ending: Option<CloseCode>,
}

impl State {
    fn is_live(&self) -> bool {
        self.phase == Phase::Live && self.ending.is_none()
    }

    /// Whether it is there at all, be it still catching up.
    fn is_here(&self) -> bool {
        self.phase != Phase::Gone && self.ending.is_none()
    }
}

impl Member {
    /// A member that has every event up to `from` and catches up from there.
    pub fn new(socket: WriteHalf, dialect: Dialect, client_id: ClientId, from: Seq) -> Arc<Self> {
        let state = State {
            phase: Phase::CatchingUp,
            sent_to: from,
            backlog: VecDeque::new(),
            backlog_bytes: 0,
            ending: None,
        };
        Arc::new(Self {
            socket,
            dialect,
            client_id,
            state: Mutex::new(state),
            woken: Notify::new(),
        })
    }

    /// What this socket understands.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whose socket it is, in this room.
    pub(super) fn client_id(&self) -> ClientId {
        self.client_id
    }

    /// Begins to hear of what is published after `published`. One that went live before the room
    /// knew of it, and lacks something up to there, catches up again.
    pub(super) fn admitted(&self, published: Seq) {
        let mut state = self.lock();
        if state.is_live() && state.sent_to < published {
            state.phase = Phase::CatchingUp;
            self.woken.notify_one();
        }
    }

    /// Hands over events that come next in the room, and in the same write `answer`, frames for this
    /// member alone. One that is catching up reads the events itself; one that has only a part of
    /// them, or lacks something before them, catches up again.
    pub(super) fn deliver(&self, batch: &Batch, answer: Option<Vec<u8>>) {
        let mut state = self.lock();
        let events = self.next_of(&mut state, batch);
        match (events, answer) {
            (Some(events), None) => self.write(&mut state, events),
            (Some(events), Some(answer)) => {
                self.write(&mut state, &[events, answer.as_slice()].concat().into());
            }
            (None, Some(answer)) => self.tell_locked(&mut state, &answer.into()),
            (None, None) => {}
        }
    }

    /// The frames of `batch`, if this member is live and they are what it has to get next.
    fn next_of<'a>(&self, state: &mut State, batch: &'a Batch) -> Option<&'a Bytes> {
        if !state.is_live() || batch.last <= state.sent_to {
            return None;
        }
        if batch.first == state.sent_to.next() {
            state.sent_to = batch.last;
            return Some(batch.for_dialect(self.dialect));
        }
        state.phase = Phase::CatchingUp;
        self.woken.notify_one();
        None
    }

    /// Hands over a frame that has no place in the sequence, to whoever is here and speaks v1.
    pub(super) fn announce(&self, frame: &Bytes) {
        let mut state = self.lock();
        if state.is_here() && self.dialect == Dialect::V1 {
            self.write(&mut state, frame);
        }
    }

    /// Tells this member alone: acknowledgements, errors, heartbeats.
    pub fn tell(&self, frames: &Bytes) {
        self.tell_locked(&mut self.lock(), frames);
    }

    fn tell_locked(&self, state: &mut State, frames: &Bytes) {
        if state.phase != Phase::Gone {
            self.write(state, frames);
        }
    }

    /// Hands over events that this member read from the store.
    pub fn catch_up(&self, batch: &Batch) {
        let mut state = self.lock();
        if state.phase == Phase::CatchingUp && state.sent_to < batch.last {
            state.sent_to = batch.last;
            self.write(&mut state, batch.for_dialect(self.dialect));
        }
    }

    /// Leaves out everything up to `to`: it has expired, or the client loads it over HTTP.
    pub fn skip_to(&self, to: Seq) {
        let mut state = self.lock();
        state.sent_to = state.sent_to.max(to);
    }

    /// Whether this member has to read from the store before the room writes to it again.
    pub fn is_catching_up(&self) -> bool {
        self.lock().phase == Phase::CatchingUp
    }

    /// Goes on from `to`, whatever was sent before.
    pub fn rewind_to(&self, to: Seq) {
        self.lock().sent_to = to;
    }

    /// The last event this member was given.
    pub fn sent_to(&self) -> Seq {
        self.lock().sent_to
    }

    /// Goes live if nothing that the room has published is missing; false if the store has more.
    pub(super) fn go_live(&self, published: &AtomicI64) -> bool {
        let mut state = self.lock();
        let complete = published.load(Ordering::SeqCst) <= state.sent_to.0;
        if complete && state.phase == Phase::CatchingUp {
            state.phase = Phase::Live;
        }
        complete
    }

    /// Asks this member's task to say `code` and end; the first reason counts.
    pub fn end(&self, code: CloseCode) {
        self.end_locked(&mut self.lock(), code);
    }

    /// Why this member is to end, if it is.
    pub fn ending(&self) -> Option<CloseCode> {
        self.lock().ending
    }

    /// Hands over a close frame, after which nothing may follow (RFC 6455, 5.5.1). The room forgets
    /// this member when it next counts heads.
    pub fn say_goodbye(&self, frame: &Bytes) {
        let mut state = self.lock();
        self.write(&mut state, frame);
        state.phase = Phase::Gone;
    }

    /// Nothing more is written, not even what waits.
    pub fn leave(&self) {
        let mut state = self.lock();
        state.phase = Phase::Gone;
        state.backlog = VecDeque::new();
    }

    /// Ends the connection, whoever else still holds it.
    pub fn hang_up(&self) {
        self.socket.hang_up();
    }

    pub(super) fn is_gone(&self) -> bool {
        self.lock().phase == Phase::Gone
    }

    /// Completes when there is a backlog to write or a reason to end.
    pub async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Completes when the socket may take more.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn writable(&self) -> io::Result<()> {
        // Polled, this needs no state of its own in every connection's task.
        poll_fn(|context| self.socket.poll_writable(context)).await
    }

    /// Writes what the socket takes of the backlog.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn flush(&self) -> io::Result<Flushed> {
        let mut state = self.lock();
        let mut written = self.socket.push()?;
        while let Some(first) = state.backlog.front_mut() {
            match self.socket.try_write(first) {
                Ok(taken) => {
                    first.advance(taken);
                    if first.is_empty() {
                        state.backlog.pop_front();
                    }
                    state.backlog_bytes -= taken;
                    written += taken;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let left = state.backlog_bytes + usize::from(self.socket.holds_back());
        Ok(Flushed { written, left })
    }

    fn write(&self, state: &mut State, bytes: &Bytes) {
        let mut written = 0;
        if state.backlog.is_empty() {
            match self.socket.try_write(bytes) {
                Ok(all) if all == bytes.len() => return self.see_it_off(),
                Ok(some) => written = some,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Its own task reads the same error from the socket and ends.
                Err(_) => return,
            }
        }
        let rest = bytes.slice(written..);
        let waiting = state.backlog_bytes + rest.len();
        if waiting > MAX_BACKLOG && !state.backlog.is_empty() {
            // The first one may be written in part: only whole frames may follow it.
            state.backlog.truncate(1);
            state.backlog_bytes = state.backlog.front().map_or(0, Bytes::len);
            self.end_locked(state, CloseCode::TOO_SLOW);
            return;
        }
        state.backlog_bytes = waiting;
        state.backlog.push_back(rest);
        self.woken.notify_one();
    }

    /// Has this member's task send the rest of what the socket took, if there is one.
    fn see_it_off(&self) {
        if self.socket.holds_back() {
            self.woken.notify_one();
        }
    }

    fn end_locked(&self, state: &mut State, code: CloseCode) {
        state.ending.get_or_insert(code);
        self.woken.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds a member's state")
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Member(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Read, Write},
        net,
        os::unix::fs::PermissionsExt,
        thread,
        time::Duration,
    };

    use futures_util::FutureExt;
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use tokio::{
        net::{TcpListener, TcpStream},
        time::timeout,
    };
    use tokio_util::either::Either;

    use super::*;
    use crate::connection::{Identity, split, unchecked};

    /// A member whose client reads nothing.
    async fn unread() -> (Arc<Member>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let client_id = ClientId::from_bytes([1; 10]);
        (Member::new(split(Either::Left(stream)).1, Dialect::V1, client_id, Seq(0)), client)
    }

    #[tokio::test]
    async fn much_may_come_at_once_but_not_more_while_it_waits() {
        let (member, _client) = unread().await;
        // More than any system takes, by more than may wait.
        let much = Bytes::from(vec![0; 64 * MAX_BACKLOG]);
        member.tell(&much);
        assert_eq!(member.ending(), None);
        let waiting = member.flush().unwrap().left;
        assert!(waiting > MAX_BACKLOG);
        member.tell(&Bytes::from_static(b"one frame"));
        assert_eq!(member.ending(), Some(CloseCode::TOO_SLOW));
        assert!(member.flush().unwrap().left <= waiting, "what is cut off does not wait");
    }

    #[tokio::test]
    async fn nothing_follows_a_goodbye() {
        let (member, _client) = unread().await;
        member.say_goodbye(&Bytes::from(vec![0; 64 * MAX_BACKLOG]));
        let waiting = member.flush().unwrap().left;
        member.tell(&Bytes::from_static(b"one frame"));
        assert!(member.flush().unwrap().left <= waiting);
        assert!(member.is_gone());
    }

    fn identity() -> Identity {
        let folder = tempfile::tempdir().unwrap();
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let CertifiedKey { cert, signing_key } = made;
        let (certificate, key) = (folder.path().join("certificate"), folder.path().join("key"));
        fs::write(&certificate, cert.pem()).unwrap();
        fs::write(&key, signing_key.serialize_pem()).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        Identity::load(&certificate, &key).unwrap()
    }

    #[tokio::test]
    async fn what_is_encrypted_and_does_not_go_out_is_sent_on() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = thread::spawn(move || {
            let mut client = unchecked(net::TcpStream::connect(address).unwrap()).unwrap();
            client.flush().unwrap();
            client
        });
        let (stream, _) = listener.accept().await.unwrap();
        let stream = identity().accept(stream).await.unwrap();
        let mut client = client.join().unwrap();
        let client_id = ClientId::from_bytes([1; 10]);
        let member = Member::new(split(stream).1, Dialect::V1, client_id, Seq(0));

        // Nobody reads, until a frame is the first that does not go out.
        let frame = Bytes::from(vec![b'.'; 4000]);
        let mut told = 0;
        let left = loop {
            member.tell(&frame);
            told += frame.len();
            match member.flush().unwrap().left {
                0 => {}
                left => break left,
            }
        };
        assert_eq!(left, 1, "the frame is taken, as a whole");
        assert!(member.woken().now_or_never().is_some(), "somebody has to see to it");

        let heard = thread::spawn(move || {
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).map(|_| heard.len())
        });
        let sent_on = async {
            while member.flush().unwrap().left > 0 {
                member.writable().await.unwrap();
            }
        };
        timeout(Duration::from_mins(1), sent_on).await.expect("it is never sent");
        member.hang_up();
        assert_eq!(heard.join().unwrap().unwrap(), told);
    }
}
