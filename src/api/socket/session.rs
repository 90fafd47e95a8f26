//! One socket: one task, one loop, one `select!`. Every arm awaits only what loses nothing when
//! dropped; the work is done in the arm's body.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until},
};

use super::{
    Context,
    read::{Heard, Reader},
};
use crate::{
    anonymity::{Place, Shelf},
    api::{
        AppState,
        extract::{SignedIn, unauthorized},
        problem::Problem,
    },
    auth::{Access, SessionWatch},
    chat::{CatchUp, Dialect, Member, PostError, Seat, text_frame},
    domain::{Action, CommandId, RoomId, Seq, Timestamp},
    protocol::{
        ClientFrame, ErrorCode, InvalidFields, InvalidFrame, RoomView, ServerFrame, You,
        plain_message,
    },
    websocket::codec::{self, CloseCode},
};

/// How often the server pings.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// How long a client may say nothing at all.
const SILENCE: Duration = Duration::from_mins(1);
/// How long before its token ends a client is told.
const WARNING: Duration = Duration::from_mins(1);
/// How long a client has to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(3);
/// `typing` is passed on at most this often.
const TYPING_PAUSE: Duration = Duration::from_secs(3);
/// A new read position is stored at most this often.
const READ_PAUSE: Duration = Duration::from_secs(2);
/// Commands in a row that make no sense before the socket is closed (4400).
const MAX_MALFORMED: u32 = 20;
/// Messages in a row that come too fast before the socket is closed (4429).
const MAX_TOO_FAST: u32 = 50;

/// Where a client is brought from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    /// After this event.
    After(Seq),
    /// What it knows is worth nothing: the operator restored a backup.
    Afresh,
}

impl Start {
    /// A client that has seen more than was ever published knows another past.
    fn within(self, published: Seq) -> Self {
        match self {
            Self::After(since) if since > published => Self::Afresh,
            other => other,
        }
    }
}

/// Why a session ends.
enum End {
    /// With a close frame.
    Close(CloseCode),
    /// The client said goodbye, and is answered in kind.
    Goodbye(CloseCode),
    /// The connection is broken or silent.
    Lost,
}

pub(super) struct Session {
    app: Arc<AppState>,
    who: SignedIn,
    shelf: Shelf,
    room: RoomId,
    is_host: bool,
    seat: Seat,
    member: Arc<Member>,
    watch: SessionWatch,
    expires_at: Timestamp,
    warned: bool,
    heard_at: Instant,
    ping_at: Instant,
    typed_at: Option<Instant>,
    /// Since when the socket takes nothing of what waits for it, and how much waits.
    stuck: Option<(Instant, usize)>,
    /// A read position that is not stored yet, and when it is to be.
    unsaved: Option<(Seq, Instant)>,
    malformed: u32,
    too_fast: u32,
}

impl Session {
    /// Serves one socket until it ends, and says goodbye.
    pub(super) async fn run(context: Context, stream: TcpStream, read_ahead: Vec<u8>) {
        let Context { app, who, visitor, seat, dialect, start, view } = context;
        let (read_half, write_half) = stream.into_split();
        let mut reader = Reader::new(read_half);
        let start = start.within(seat.published());
        let from = match start {
            Start::After(since) => since,
            Start::Afresh => visitor.room.head,
        };
        let member = Member::new(write_half, dialect, seat.alias().client_id, from);
        let now = Instant::now();
        let mut session = Self {
            watch: app.auth.watch(who.access.session),
            expires_at: who.access.expires_at,
            app,
            who,
            shelf: visitor.shelf,
            room: visitor.room.id,
            is_host: visitor.is_host,
            seat,
            member,
            warned: false,
            heard_at: now,
            ping_at: now + HEARTBEAT,
            typed_at: None,
            stuck: None,
            unsaved: None,
            malformed: 0,
            too_fast: 0,
        };
        let end = match session.serve(&mut reader, start, &view, read_ahead).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        session.save_position().await;
        session.farewell(&mut reader, end).await;
        session.member.leave();
    }

    async fn serve(
        &mut self,
        reader: &mut Reader,
        start: Start,
        view: &RoomView,
        read_ahead: Vec<u8>,
    ) -> Result<Never, End> {
        self.welcome(view, start);
        self.seat.attach(Arc::clone(&self.member)).await.map_err(|_| END_GONE)?;
        self.catch_up().await?;
        for heard in reader.take(read_ahead) {
            self.hear(heard).await?;
        }
        loop {
            let deadline = self.next_deadline();
            tokio::select! {
                heard = reader.read() => {
                    self.heard_at = Instant::now();
                    for heard in heard.map_err(|_| End::Lost)? {
                        self.hear(heard).await?;
                    }
                }
                () = self.member.woken() => self.woken().await?,
                writable = self.member.writable(), if self.stuck.is_some() => {
                    writable.map_err(|_| End::Lost)?;
                    self.flush()?;
                }
                () = sleep_until(deadline) => self.on_time().await?,
                () = self.watch.ended() => return Err(End::Close(CloseCode::UNAUTHORIZED)),
                () = self.app.shutdown.cancelled() => {
                    return Err(End::Close(CloseCode::GOING_AWAY));
                }
            }
        }
    }

    fn welcome(&self, view: &RoomView, start: Start) {
        if self.member.dialect() == Dialect::Plain {
            return;
        }
        let alias = self.seat.alias();
        let client_id = alias.client_id.encode();
        let you = You {
            client_id: &client_id,
            client_name: alias.handle.as_str(),
            is_host: self.is_host,
        };
        let view = RoomView { online: self.seat.online(), joined: Some(true), ..view.clone() };
        self.say(&ServerFrame::Welcome {
            room: &view,
            you,
            head: view.head,
            epoch: &self.app.epoch,
            build: &self.app.build,
            server_time: self.app.clock.now().whole_second().0,
            heartbeat_in: HEARTBEAT.as_secs(),
        });
        if let Start::Afresh = start {
            self.say(&ServerFrame::Reset { head: view.head });
        }
    }

    /// Brings the client to where the room is. Nothing is missed and nothing repeated, because the
    /// room passes over this member until it has everything that was published.
    async fn catch_up(&mut self) -> Result<(), End> {
        while !self.seat.go_live(&self.member) {
            self.end_if_told()?;
            match self.seat.catch_up(self.member.sent_to()).await {
                Ok(CatchUp::Events { expired, batch }) => {
                    if let Some((from, to)) = expired {
                        self.member.skip_to(to);
                        self.say(&ServerFrame::Expired { from: from.0, to: to.0 });
                    }
                    if let Some(batch) = batch {
                        self.member.catch_up(&batch);
                    }
                }
                Ok(CatchUp::Reset { head }) => {
                    self.member.rewind_to(head);
                    self.say(&ServerFrame::Reset { head: head.0 });
                }
                Err(PostError::Store(_)) => return Err(End::Close(CloseCode::STORAGE_DOWN)),
                Err(_) => return Err(END_GONE),
            }
            self.drain().await?;
        }
        Ok(())
    }

    /// Waits until the socket has taken everything, so that a slow client does not make the
    /// server read ahead for it.
    async fn drain(&mut self) -> Result<(), End> {
        while self.flush()? > 0 {
            let limit = self.app.settings.write_timeout;
            let writable = tokio::time::timeout(limit, self.member.writable()).await;
            writable.map_err(|_| End::Close(CloseCode::TOO_SLOW))?.map_err(|_| End::Lost)?;
        }
        Ok(())
    }

    /// Writes what the socket takes, and remembers since when it takes nothing.
    fn flush(&mut self) -> Result<usize, End> {
        let left = self.member.flush().map_err(|_| End::Lost)?;
        self.stuck = match self.stuck {
            _ if left == 0 => None,
            Some((since, before)) if left >= before => Some((since, left)),
            _ => Some((Instant::now(), left)),
        };
        Ok(left)
    }

    async fn woken(&mut self) -> Result<(), End> {
        self.flush()?;
        self.end_if_told()?;
        if self.member.is_catching_up() {
            self.catch_up().await?;
        }
        Ok(())
    }

    fn end_if_told(&self) -> Result<(), End> {
        self.member.ending().map_or(Ok(()), |code| Err(End::Close(code)))
    }

    fn next_deadline(&self) -> Instant {
        let write_timeout = self.app.settings.write_timeout;
        let token =
            if self.warned { self.time_left() } else { self.time_left().saturating_sub(WARNING) };
        let always = [self.heard_at + SILENCE, self.ping_at, Instant::now() + token];
        let stuck = self.stuck.map(|(since, _)| since + write_timeout);
        let save = self.unsaved.map(|(_, due)| due);
        always.into_iter().chain(stuck).chain(save).min().expect("there are always some")
    }

    fn time_left(&self) -> Duration {
        self.expires_at.since(self.app.clock.now())
    }

    async fn on_time(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let write_timeout = self.app.settings.write_timeout;
        if self.stuck.is_some_and(|(since, _)| since + write_timeout <= now) {
            return Err(End::Close(CloseCode::TOO_SLOW));
        }
        if self.heard_at + SILENCE <= now {
            return Err(End::Lost);
        }
        let left = self.time_left();
        if left.is_zero() {
            return Err(End::Close(CloseCode::UNAUTHORIZED));
        }
        if left <= WARNING && !self.warned {
            self.warned = true;
            self.say(&ServerFrame::AuthExpiring { expires_in: left.as_secs() });
        }
        if self.ping_at <= now {
            self.ping_at = now + HEARTBEAT;
            self.frame(|out| codec::ping(out, b""));
        }
        if self.unsaved.is_some_and(|(_, due)| due <= now) {
            self.save_position().await;
        }
        Ok(())
    }

    async fn hear(&mut self, heard: Heard) -> Result<(), End> {
        match heard {
            Heard::Text(text) if self.member.dialect() == Dialect::Plain => self.plain(&text).await,
            Heard::Text(text) => self.v1(&text).await,
            Heard::Binary => Err(End::Close(CloseCode::POLICY)),
            Heard::Ping(payload) => {
                self.frame(|out| codec::pong(out, &payload));
                Ok(())
            }
            Heard::Pong => Ok(()),
            Heard::Close(code) => Err(End::Goodbye(code.unwrap_or(CloseCode::NORMAL))),
            Heard::Broken(error) => Err(End::Close(error.close_code())),
        }
    }

    async fn plain(&mut self, text: &str) -> Result<(), End> {
        match plain_message(text) {
            Ok(body) => {
                self.malformed = 0;
                self.command(None, Action::Send { body, reply_to: None }).await
            }
            Err(invalid) => {
                self.refuse(&InvalidFields::one("message", invalid).into(), None);
                self.count_malformed()
            }
        }
    }

    async fn v1(&mut self, text: &str) -> Result<(), End> {
        match ClientFrame::parse(text) {
            Ok(frame) => {
                self.malformed = 0;
                self.obey(frame).await
            }
            Err(invalid) => {
                let (problem, id) = explain(invalid);
                self.refuse(&problem, id.as_deref());
                self.count_malformed()
            }
        }
    }

    async fn obey(&mut self, frame: ClientFrame) -> Result<(), End> {
        match frame {
            ClientFrame::Command(id, action) => self.command(Some(id), action).await?,
            ClientFrame::Typing => self.typing(),
            ClientFrame::Read(seq) => self.read_to(seq),
            ClientFrame::Auth(token) => self.authenticate(&token),
            ClientFrame::Ping(t) => self.say(&ServerFrame::Pong { t }),
        }
        Ok(())
    }

    async fn command(&mut self, id: Option<CommandId>, action: Action) -> Result<(), End> {
        if let Err(problem) = self.app.limits.message(self.who.limit_key) {
            self.refuse(&problem, id.as_ref().map(CommandId::as_str));
            self.too_fast += 1;
            let flooding = self.too_fast > MAX_TOO_FAST;
            return if flooding { Err(End::Close(CloseCode::FLOODING)) } else { Ok(()) };
        }
        self.too_fast = 0;
        let posted = self.seat.command(Arc::clone(&self.member), id, action).await;
        posted.map_err(|_| self.member.ending().map_or(END_GONE, End::Close))
    }

    fn count_malformed(&mut self) -> Result<(), End> {
        self.malformed += 1;
        let flooding = self.malformed > MAX_MALFORMED;
        if flooding { Err(End::Close(CloseCode::BAD_COMMANDS)) } else { Ok(()) }
    }

    fn typing(&mut self) {
        let now = Instant::now();
        if self.typed_at.is_none_or(|last| last + TYPING_PAUSE <= now) {
            self.typed_at = Some(now);
            self.seat.typing(Arc::clone(&self.member));
        }
    }

    /// Notes how far the person has read; nobody can have read what is not there yet.
    fn read_to(&mut self, seq: Seq) {
        let seq = seq.min(self.seat.published());
        let due = self.unsaved.map_or(Instant::now() + READ_PAUSE, |(_, due)| due);
        let seq = self.unsaved.map_or(seq, |(before, _)| before.max(seq));
        self.unsaved = Some((seq, due));
    }

    async fn save_position(&mut self) {
        let Some((read, _)) = self.unsaved.take() else { return };
        let hub = &self.app.hub;
        let saved = match hub.place_on_shelf(&self.shelf, self.room).await {
            Ok(Some(place)) if place.read < read => {
                hub.shelve(&self.shelf, &Place { read, ..place }).await
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = saved {
            tracing::warn!(error = &error as &dyn std::error::Error, "read position not stored");
        }
    }

    fn authenticate(&mut self, token: &str) {
        match self.app.auth.access(token) {
            Ok(access) if access.account == self.who.access.account => self.renew(access),
            _ => self.refuse(&unauthorized(), None),
        }
    }

    fn renew(&mut self, access: Access) {
        self.expires_at = access.expires_at;
        self.warned = false;
        if access.session != self.who.access.session {
            self.watch = self.app.auth.watch(access.session);
        }
        self.who.access = access;
    }

    fn refuse(&self, problem: &Problem, id: Option<&str>) {
        let (code, message) = (problem.code(), problem.message());
        let retry_after = problem.seconds();
        self.say(&ServerFrame::Error { code, message, id, retry_after });
    }

    fn say(&self, frame: &ServerFrame<'_>) {
        let is_for_all = matches!(frame, ServerFrame::Error { .. });
        if is_for_all || self.member.dialect() == Dialect::V1 {
            self.member.tell(&text_frame(frame));
        }
    }

    fn frame(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut out = Vec::new();
        write(&mut out);
        self.member.tell(&Bytes::from(out));
    }

    /// Says why, and waits a moment for the client to hear it and to hang up.
    async fn farewell(&mut self, reader: &mut Reader, end: End) {
        let (code, answered) = match end {
            End::Close(code) => (code, false),
            End::Goodbye(code) => (code, true),
            End::Lost => return,
        };
        self.frame(|out| codec::close(out, code, code.reason()));
        let goodbye = async {
            while self.member.flush().is_ok_and(|left| left > 0) {
                if self.member.writable().await.is_err() {
                    return;
                }
            }
            if !answered {
                while reader.read().await.is_ok_and(|heard| !heard.iter().any(is_close)) {}
            }
        };
        let _ = tokio::time::timeout(FAREWELL, goodbye).await;
        self.member.hang_up();
    }
}

const END_GONE: End = End::Close(CloseCode::GONE);

fn is_close(heard: &Heard) -> bool {
    matches!(heard, Heard::Close(_))
}

/// A session ends only by ending.
enum Never {}

fn explain(invalid: InvalidFrame) -> (Problem, Option<String>) {
    match invalid {
        InvalidFrame::NotJson => {
            (Problem::new(ErrorCode::InvalidJson, "That frame is no JSON object."), None)
        }
        InvalidFrame::UnknownType => {
            let message = "There is no frame of that type.";
            (Problem::new(ErrorCode::InvalidRequest, message), None)
        }
        InvalidFrame::Fields(fields, id) => (fields.into(), id),
    }
}
