//! One socket: one task, one loop, one `select!`. Every arm awaits only what loses nothing when
//! dropped; the work is done in the arm's body.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use super::{
    Context, Shares,
    catch_up::Start,
    pace::Pacer,
    read::{Heard, Reader},
};
use crate::{
    anonymity::{Shelf, random},
    api::{AppState, extract::SignedIn},
    auth::SessionWatch,
    chat::{Flushed, Member, Seat},
    connection::WriteHalf,
    domain::{RoomId, Seq, Timestamp},
    protocol::ServerFrame,
    websocket::codec::{self, CloseCode},
};

/// How long before its token ends a client is told.
const WARNING: Duration = Duration::from_mins(1);
/// How long a client has to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(3);
/// How far apart sockets leave before a restart, on average, and how long that may take in all.
const LEAVING_APART: Duration = Duration::from_millis(2);
const LEAVING: Duration = Duration::from_secs(4);

/// Why a session ends.
pub(super) enum End {
    /// With a close frame.
    Close(CloseCode),
    /// The client said goodbye, and is answered in kind.
    Goodbye(CloseCode),
    /// The connection is broken or silent.
    Lost,
}

pub(super) struct Session {
    pub(super) app: Arc<AppState>,
    pub(super) who: SignedIn,
    pub(super) shelf: Shelf,
    pub(super) room: RoomId,
    pub(super) is_host: bool,
    pub(super) seat: Seat,
    pub(super) member: Arc<Member>,
    pub(super) watch: SessionWatch,
    pub(super) expires_at: Timestamp,
    pub(super) warned: bool,
    pub(super) heard_at: Instant,
    pub(super) ping_at: Instant,
    pub(super) pacer: Pacer,
    pub(super) typed_at: Option<Instant>,
    /// Since when the socket takes nothing of what waits for it.
    pub(super) stuck_since: Option<Instant>,
    /// When to say goodbye, once the server restarts.
    pub(super) leave_at: Option<Instant>,
    /// A read position that is not stored yet, and when it is to be.
    pub(super) unsaved: Option<(Seq, Instant)>,
    pub(super) malformed: u32,
    pub(super) too_fast: u32,
    #[expect(dead_code, reason = "held until it is dropped")]
    held: Shares,
}

impl Session {
    /// A session that has said welcome.
    pub(super) fn new(context: Context, socket: WriteHalf) -> Self {
        let Context { app, who, visitor, seat, dialect, start, view, held } = context;
        let start = start.within(seat.published());
        let from = match start {
            Start::After(since) => since,
            Start::Afresh => visitor.room.head,
        };
        let member = Member::new(socket, dialect, seat.alias().client_id, from);
        let now = Instant::now();
        let session = Self {
            watch: app.auth.watch(&who.access),
            expires_at: who.access.expires_at,
            who,
            shelf: visitor.shelf,
            room: visitor.room.id,
            is_host: visitor.is_host,
            seat,
            member,
            warned: false,
            heard_at: now,
            ping_at: now + app.settings.heartbeat,
            pacer: Pacer::new(now),
            typed_at: None,
            stuck_since: None,
            leave_at: None,
            unsaved: None,
            malformed: 0,
            too_fast: 0,
            held,
            app,
        };
        session.welcome(view, start);
        session
    }

    /// Serves one socket until it ends, and says goodbye.
    ///
    /// What happens rarely runs in futures of their own, on the heap while it does: what is left
    /// here is all that an idle connection keeps.
    pub(super) async fn run(mut self: Box<Self>, mut reader: Box<Reader>) {
        let end = match Box::pin(self.begin(&mut reader)).await {
            Ok(()) => self.serve(&mut reader).await,
            Err(end) => end,
        };
        Box::pin(async {
            self.save_position().await;
            self.farewell(&mut reader, end).await;
        })
        .await;
        self.member.leave();
    }

    async fn begin(&mut self, reader: &mut Reader) -> Result<(), End> {
        self.seat.attach(Arc::clone(&self.member)).await.map_err(|_| END_GONE)?;
        self.catch_up().await?;
        for heard in reader.early() {
            self.hear(heard).await?;
        }
        Ok(())
    }

    async fn serve(&mut self, reader: &mut Reader) -> End {
        loop {
            if let Err(end) = self.turn(reader).await {
                return end;
            }
        }
    }

    /// Waits for the next thing to happen, and deals with it.
    async fn turn(&mut self, reader: &mut Reader) -> Result<(), End> {
        let deadline = self.next_deadline();
        tokio::select! {
            heard = reader.read() => {
                self.heard_at = Instant::now();
                let (bytes, heard) = heard.map_err(|_| End::Lost)?;
                self.count_bytes(bytes)?;
                for heard in heard {
                    self.hear(heard).await?;
                }
            }
            () = self.member.woken() => {
                self.flush()?;
                self.end_if_told()?;
                if self.member.is_catching_up() {
                    Box::pin(self.catch_up()).await?;
                }
            }
            writable = self.member.writable(), if self.stuck_since.is_some() => {
                writable.map_err(|_| End::Lost)?;
                self.flush()?;
            }
            () = sleep_until(deadline) => {
                self.on_time()?;
                if self.unsaved.is_some_and(|(_, due)| due <= Instant::now()) {
                    Box::pin(self.save_position()).await;
                }
            }
            end = self.dismissed(), if self.leave_at.is_none() => self.stay_a_little(end)?,
            () = self.watch.ended(), if self.leave_at.is_some() => return Err(END_UNAUTHORIZED),
        }
        Ok(())
    }

    /// Completes when the person's session has ended or the server stops.
    pub(super) async fn dismissed(&self) -> End {
        tokio::select! {
            () = self.watch.ended() => END_UNAUTHORIZED,
            () = self.app.shutdown.cancelled() => End::Close(self.last_words()),
        }
    }

    fn last_words(&self) -> CloseCode {
        let restarts = self.app.restarts.load(Ordering::Relaxed);
        if restarts { CloseCode::RESTART } else { CloseCode::GOING_AWAY }
    }

    /// Before a restart everybody leaves at a moment of their own, so that not all of them come
    /// back at once.
    fn stay_a_little(&mut self, end: End) -> Result<(), End> {
        if !matches!(end, End::Close(CloseCode::RESTART)) {
            return Err(end);
        }
        self.leave_at = Some(Instant::now() + moment_within(self.app.open_sockets()));
        Ok(())
    }

    /// Writes what the socket takes, and remembers since when it takes nothing.
    pub(super) fn flush(&mut self) -> Result<usize, End> {
        let Flushed { written, left } = self.member.flush().map_err(|_| End::Lost)?;
        if left == 0 {
            self.stuck_since = None;
        } else if written > 0 || self.stuck_since.is_none() {
            self.stuck_since = Some(Instant::now());
        }
        Ok(left)
    }

    pub(super) fn end_if_told(&self) -> Result<(), End> {
        self.member.ending().map_or(Ok(()), |code| Err(End::Close(code)))
    }

    fn next_deadline(&self) -> Instant {
        let write_timeout = self.app.settings.write_timeout;
        let token =
            if self.warned { self.time_left() } else { self.time_left().saturating_sub(WARNING) };
        let always =
            [self.heard_at + self.app.settings.silence, self.ping_at, Instant::now() + token];
        let stuck = self.stuck_since.map(|since| since + write_timeout);
        let save = self.unsaved.map(|(_, due)| due);
        always
            .into_iter()
            .chain(stuck)
            .chain(save)
            .chain(self.leave_at)
            .min()
            .expect("there are always some")
    }

    fn time_left(&self) -> Duration {
        self.expires_at.since(self.app.clock.now())
    }

    fn on_time(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let write_timeout = self.app.settings.write_timeout;
        if self.stuck_since.is_some_and(|since| since + write_timeout <= now) {
            return Err(End::Close(CloseCode::TOO_SLOW));
        }
        if self.heard_at + self.app.settings.silence <= now {
            return Err(End::Lost);
        }
        if self.leave_at.is_some_and(|leave_at| leave_at <= now) {
            return Err(End::Close(CloseCode::RESTART));
        }
        let left = self.time_left();
        if left.is_zero() {
            return Err(END_UNAUTHORIZED);
        }
        if left <= WARNING && !self.warned {
            self.warned = true;
            self.say(&ServerFrame::AuthExpiring { expires_in: left.as_secs() });
        }
        if self.ping_at <= now {
            self.ping_at = now + self.app.settings.heartbeat;
            self.frame(|out| codec::ping(out, b""));
        }
        Ok(())
    }

    /// Says why, and waits a moment for the client to hear it and to hang up.
    async fn farewell(&mut self, reader: &mut Reader, end: End) {
        let (code, answered) = match end {
            End::Close(code) => {
                self.app.metrics.closed(code.get());
                (code, false)
            }
            End::Goodbye(code) => (code, true),
            End::Lost => return,
        };
        self.member.say_goodbye(&encoded(|out| codec::close(out, code, code.reason())));
        let goodbye = async {
            while self.member.flush().is_ok_and(|flushed| flushed.left > 0) {
                if self.member.writable().await.is_err() {
                    return;
                }
            }
            if !answered {
                while reader.read().await.is_ok_and(|(_, heard)| !heard.iter().any(is_close)) {}
            }
        };
        let _ = tokio::time::timeout(FAREWELL, goodbye).await;
        self.member.hang_up();
    }
}

pub(super) fn encoded(write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut out = Vec::new();
    write(&mut out);
    out.into()
}

pub(super) const END_GONE: End = End::Close(CloseCode::GONE);
const END_UNAUTHORIZED: End = End::Close(CloseCode::UNAUTHORIZED);

/// Uniform within the time in which so many sockets leave before a restart.
fn moment_within(sockets: usize) -> Duration {
    let sockets = u32::try_from(sockets).unwrap_or(u32::MAX);
    let window = LEAVING_APART.saturating_mul(sockets).min(LEAVING);
    window.mul_f64(f64::from(u32::from_be_bytes(random::bytes())) / f64::from(u32::MAX))
}

fn is_close(heard: &Heard) -> bool {
    matches!(heard, Heard::Close(_))
}
