//! What a client says, and what comes of it.

use std::{error::Error, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    Dialect,
    pace::Pace,
    read::Heard,
    session::{END_GONE, End, Session, encoded},
};
use crate::{
    anonymity::Place,
    api::{extract::unauthorized, problem::Problem},
    auth::Access,
    chat::text_frame,
    domain::{Action, CommandId, Seq},
    protocol::{
        ClientFrame, ErrorCode, Fault, InvalidFields, InvalidFrame, ServerFrame, plain_message,
    },
    websocket::codec::{self, CloseCode},
};

/// `typing` is passed on at most this often.
const TYPING_PAUSE: Duration = Duration::from_secs(3);
/// A new read position is stored at most this often.
const READ_PAUSE: Duration = Duration::from_secs(2);
/// Commands in a row that make no sense before the socket is closed (4400).
const MAX_MALFORMED: u32 = 20;
/// Messages in a row that come too fast before the socket is closed (4429).
const MAX_TOO_FAST: u32 = 50;

impl Session {
    pub(super) async fn hear(&mut self, heard: Heard) -> Result<(), End> {
        match heard {
            Heard::Text(text) if self.member.dialect() == Dialect::Plain => self.plain(&text).await,
            Heard::Text(text) => self.v1(&text).await,
            Heard::Binary => Err(End::Close(CloseCode::POLICY)),
            Heard::Ping(payload) => {
                if self.is_in_time()? {
                    self.frame(|out| codec::pong(out, &payload));
                }
                Ok(())
            }
            Heard::Pong => self.is_in_time().map(|_| ()),
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
                let InvalidFrame { fault, id } = invalid;
                self.refuse(&explain(fault), id.as_deref());
                self.count_malformed()
            }
        }
    }

    async fn obey(&mut self, frame: ClientFrame) -> Result<(), End> {
        match frame {
            ClientFrame::Command(id, action) => self.command(Some(id), action).await?,
            _ if !self.is_in_time()? => {}
            ClientFrame::Typing => self.typing(),
            ClientFrame::Read(seq) => self.read_to(seq),
            ClientFrame::Auth(token) => self.authenticate(&token),
            ClientFrame::Ping(t) => self.say(&ServerFrame::Pong { t }),
        }
        Ok(())
    }

    async fn command(&mut self, id: Option<CommandId>, action: Action) -> Result<(), End> {
        // That of when the socket was opened may be replaced by now: then it would count apart.
        let limit_key =
            self.app.rate_keys.for_account(self.who.access.account, self.app.clock.now());
        if let Err(problem) = self.app.limits().message(limit_key) {
            self.refuse(&problem, id.as_ref().map(CommandId::as_str));
            self.app.metrics.refused();
            self.too_fast += 1;
            let flooding = self.too_fast > MAX_TOO_FAST;
            return if flooding { Err(End::Close(CloseCode::FLOODING)) } else { Ok(()) };
        }
        self.too_fast = 0;
        self.app.metrics.commanded();
        match self.seat.command(Arc::clone(&self.member), id, action) {
            Ok(()) => Ok(()),
            Err(waiting) => {
                let posted = Box::pin(self.seat.wait(waiting)).await;
                posted.map_err(|_| self.member.ending().map_or(END_GONE, End::Close))
            }
        }
    }

    /// Counts what was read, and says so when it is too much.
    pub(super) fn count_bytes(&mut self, bytes: usize) -> Result<(), End> {
        let pace = self.pacer.bytes(bytes, self.heard_at);
        self.keep(pace).map(|_| ())
    }

    /// Counts a frame that is no message; false if it came too fast to be obeyed.
    fn is_in_time(&mut self) -> Result<bool, End> {
        let pace = self.pacer.frame(self.heard_at);
        self.keep(pace)
    }

    fn keep(&self, pace: Pace) -> Result<bool, End> {
        match pace {
            _ if !self.app.limits().are_on() => Ok(true),
            Pace::Fine => Ok(true),
            Pace::TooFast => {
                self.refuse(&Problem::rate_limited(1), None);
                Ok(false)
            }
            Pace::Flooding => Err(End::Close(CloseCode::FLOODING)),
        }
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

    pub(super) async fn save_position(&mut self) {
        let Some((read, _)) = self.unsaved.take() else { return };
        let go_on = |place: Place| (place.read < read).then_some(Place { read, ..place });
        let saved = self.app.hub.change_place(&self.shelf, self.room, go_on).await;
        if let Err(error) = saved {
            tracing::warn!(error = &error as &dyn Error, "read position not stored");
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
            self.watch = self.app.auth.watch(&access);
        }
        self.who.access = access;
    }

    fn refuse(&self, problem: &Problem, id: Option<&str>) {
        let (code, message) = (problem.code(), problem.message());
        let retry_after = problem.seconds();
        self.say(&ServerFrame::Error { code, message, id, retry_after });
    }

    pub(super) fn say(&self, frame: &ServerFrame<'_>) {
        let is_for_all = matches!(frame, ServerFrame::Error { .. });
        if is_for_all || self.member.dialect() == Dialect::V1 {
            self.member.tell(&text_frame(frame));
        }
    }

    pub(super) fn frame(&self, write: impl FnOnce(&mut Vec<u8>)) {
        self.member.tell(&encoded(write));
    }
}

fn explain(fault: Fault) -> Problem {
    match fault {
        Fault::NotJson => {
            let message = "That frame is no JSON object with a type and whole characters.";
            Problem::new(ErrorCode::InvalidJson, message)
        }
        Fault::UnknownType => {
            Problem::new(ErrorCode::InvalidRequest, "There is no frame of that type.")
        }
        Fault::Fields(fields) => fields.into(),
    }
}
