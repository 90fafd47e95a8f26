//! Brings a client to where its room is, after it came or fell behind.

use super::{
    Dialect,
    session::{END_GONE, End, Session},
};
use crate::{
    chat::{CatchUp, PostError},
    domain::Seq,
    protocol::{RoomView, ServerFrame, You},
    websocket::codec::CloseCode,
};

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
    pub(super) fn within(self, published: Seq) -> Self {
        match self {
            Self::After(since) if since > published => Self::Afresh,
            other => other,
        }
    }
}

impl Session {
    pub(super) fn welcome(&self, view: RoomView, start: Start) {
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
        let view = RoomView { online: self.seat.online(), joined: Some(true), ..view };
        self.say(&ServerFrame::Welcome {
            room: &view,
            you,
            head: view.head,
            epoch: &self.app.epoch,
            build: self.app.page.build(),
            server_time: self.app.clock.now().whole_second().0,
            heartbeat_in: self.app.settings.heartbeat.as_secs(),
        });
        if let Start::Afresh = start {
            self.say(&ServerFrame::Reset { head: view.head });
        }
    }

    /// Brings the client to where the room is. Nothing is missed and nothing repeated, because the
    /// room passes over this member until it has everything that was published.
    pub(super) async fn catch_up(&mut self) -> Result<(), End> {
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
                Err(PostError::Removed) => return Err(End::Close(CloseCode::FORBIDDEN)),
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
            let writable = tokio::select! {
                writable = tokio::time::timeout(limit, self.member.writable()) => writable,
                end = self.dismissed() => return Err(end),
            };
            writable.map_err(|_| End::Close(CloseCode::TOO_SLOW))?.map_err(|_| End::Lost)?;
        }
        Ok(())
    }
}
