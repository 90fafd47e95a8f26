//! What this server knows about whoever asks: shown, and to take along.

use std::{collections::VecDeque, error::Error, mem, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use futures_util::stream::try_unfold;
use tokio::sync::SemaphorePermit;

use super::{
    AppState,
    answer::{Answer, ok},
    door::Trace,
    extract::SignedIn,
    openapi::Failure,
    problem::Problem,
};
use crate::{
    auth::Holdings,
    domain::{ClientId, Event, RoomId, Seq},
    protocol::{
        Envelope, OwnAccountView, OwnDataExport, OwnDataView, OwnMessageView, OwnPasswordView,
        OwnRoomView, OwnSessionView,
    },
};

type App = State<Arc<AppState>>;

/// Messages that an export holds in memory at once.
const AT_ONCE: u32 = 100;

/// What does this server know about me?
#[utoipa::path(get, path = "/auth/account/data", tag = "auth",
    responses((status = 200, description = "Done", body = Envelope<OwnDataView>), Failure))]
pub async fn account_data(State(app): App, who: SignedIn) -> Result<Answer<OwnDataView>, Problem> {
    let traces = app.traces(who.access.account).await?;
    Ok(ok("this is what is stored about you", view(&app, &who, &traces).await?))
}

/// The same with everything I wrote, as a file; without the envelope.
#[utoipa::path(get, path = "/auth/account/export", tag = "auth",
    responses((status = 200, description = "A file", body = OwnDataExport), Failure))]
pub async fn account_export(State(app): App, who: SignedIn) -> Result<Response, Problem> {
    let traces = app.traces(who.access.account).await?;
    let data = view(&app, &who, &traces).await?;
    let exported_at = app.clock.now().whole_second().0;
    let export = OwnDataExport { exported_at, data, messages: Vec::new() };
    let text = serde_json::to_string(&export).map_err(Problem::internal)?;
    let pieces = try_unfold(Pieces::new(app, text, &traces), |mut pieces| async move {
        match pieces.next().await {
            Ok(piece) => Ok(piece.map(|piece| (piece, pieces))),
            Err(error) => {
                tracing::error!(error = &*error as &dyn Error, "an export breaks off");
                Err(error)
            }
        }
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"anonchat.json\"")),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

async fn view(app: &AppState, who: &SignedIn, traces: &[Trace]) -> Result<OwnDataView, Problem> {
    let Holdings { profile, created_at, password, sessions } =
        app.auth.holdings(who.access.account).await?;
    let account = OwnAccountView {
        id: profile.id.encode(),
        login: profile.login.as_str().to_owned(),
        email: profile.email.map(|email| email.as_str().to_owned()),
        role: profile.role.into(),
        created_at: created_at.0,
        password: OwnPasswordView {
            algorithm: password.algorithm,
            version: password.version,
            memory_in_kib: password.memory_in_kib,
            iterations: password.iterations,
            parallelism: password.parallelism,
        },
    };
    let sessions = sessions.iter().map(|kept| {
        let is_current = kept.session.id == who.access.session;
        OwnSessionView::new(kept, is_current)
    });
    let mut rooms = Vec::with_capacity(traces.len());
    for trace in traces {
        rooms.push(room(app, trace).await?);
    }
    Ok(OwnDataView { account, sessions: sessions.collect(), rooms })
}

async fn room(app: &AppState, trace: &Trace) -> Result<OwnRoomView, Problem> {
    let Trace { place, room, alias, banned } = trace;
    let client_id = alias.as_ref().map_or(place.client_id, |alias| alias.client_id);
    let message_count = {
        let _turn = turn(app).await;
        app.hub.count_by(place.room, client_id).await?
    };
    Ok(OwnRoomView {
        room_id: place.room.encode(),
        name: room.as_ref().map(|room| room.name.as_str().to_owned()),
        client_id: client_id.encode(),
        client_name: alias.as_ref().map(|alias| alias.handle.as_str().to_owned()),
        is_host: place.hosted,
        joined: !place.left,
        banned: *banned,
        read_to: place.read.0,
        message_count,
    })
}

/// One search at a time, whoever asks: those who read what is in a room wait for none of them.
async fn turn(app: &AppState) -> SemaphorePermit<'_> {
    app.searching.acquire().await.expect("nobody closes it")
}

/// An export in the making, piece by piece.
struct Pieces {
    app: Arc<AppState>,
    /// The document up to the first message, until it is written.
    begin: Option<String>,
    /// Rooms that are to be read, with who wrote there.
    rooms: VecDeque<(RoomId, ClientId)>,
    /// How far the first of them was read.
    after: Seq,
    /// Whether a message was written before.
    has_messages: bool,
    /// The document behind the last message, until it is written.
    end: Option<String>,
}

impl Pieces {
    /// Of a document that has no messages yet, for what was written in the rooms of `traces`.
    fn new(app: Arc<AppState>, mut document: String, traces: &[Trace]) -> Self {
        let end = document.split_off(document.len() - "]}".len());
        let rooms = traces.iter().filter_map(|trace| {
            let alias = trace.alias.as_ref()?;
            Some((trace.place.room, alias.client_id))
        });
        Self {
            app,
            begin: Some(document),
            rooms: rooms.collect(),
            after: Seq(0),
            has_messages: false,
            end: Some(end),
        }
    }

    /// The next piece; `None` behind the last one.
    async fn next(&mut self) -> Result<Option<String>, Box<dyn Error + Send + Sync>> {
        if let Some(begin) = self.begin.take() {
            return Ok(Some(begin));
        }
        while let Some(&(room, author)) = self.rooms.front() {
            let found = {
                let _turn = turn(&self.app).await;
                self.app.hub.messages_by(room, author, self.after, AT_ONCE).await?
            };
            if let Some(last) = found.last() {
                self.after = last.seq;
                return Ok(Some(self.write(room, &found)?));
            }
            self.after = Seq(0);
            self.rooms.pop_front();
        }
        Ok(self.end.take())
    }

    fn write(&mut self, room: RoomId, found: &[Event]) -> Result<String, serde_json::Error> {
        let mut piece = String::new();
        for view in found.iter().filter_map(|event| OwnMessageView::new(room.encode(), event)) {
            if mem::replace(&mut self.has_messages, true) {
                piece.push(',');
            }
            piece += &serde_json::to_string(&view)?;
        }
        Ok(piece)
    }
}
