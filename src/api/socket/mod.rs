//! The upgrade to WebSocket: every refusal happens before it, as plain HTTP.

mod catch_up;
mod hear;
mod origin;
mod pace;
mod read;
mod session;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
            UPGRADE,
        },
    },
    response::{IntoResponse, Response},
};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;

use self::{catch_up::Start, read::Reader, session::Session};
use super::{
    ApiSettings, AppState,
    door::Visitor,
    extract::{ApiQuery, SignedIn},
    listen::Held,
    messages::seq,
    openapi::Failure,
    problem::Problem,
    slots::Slot,
};
use crate::{
    anonymity::RateKey,
    chat::{Dialect, Seat, Stay},
    connection::{Stream, split},
    domain::{RoomId, Seq},
    protocol::{ErrorCode, InvalidFields, RoomView},
    websocket::handshake::{Handshake, HandshakeError, UpgradeHeaders, VERSION},
};

/// The subprotocol of clients that speak frames.
const V1: &str = "anonchat.v1";

/// The query of [`connect`].
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConnectQuery {
    /// The room.
    #[param(required = true, value_type = String)]
    room: Option<String>,
    /// The access token, where it is neither in `Authorization` nor a subprotocol.
    #[serde(rename = "token")]
    #[param(rename = "token", value_type = Option<String>)]
    _token: Option<String>,
    /// The last event the client has seen; later ones follow.
    #[param(value_type = Option<i64>, minimum = 0)]
    since: Option<String>,
    /// The epoch the client knows `since` from.
    epoch: Option<String>,
}

/// Sit down in a room. Speaks WebSocket: subprotocol `anonchat.v1`, or plain text.
#[utoipa::path(get, path = "/rooms/ws", tag = "socket", params(ConnectQuery),
    responses((status = 101, description = "The connection is a WebSocket now."), Failure))]
pub async fn connect(
    State(app): State<Arc<AppState>>,
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let who = SignedIn::from_request_parts(&mut parts, &()).await?;
    let ApiSettings { origin, origins, .. } = &app.settings;
    origin::check(&parts.headers, origin.as_deref(), origins)?;
    let ApiQuery(query) = ApiQuery::<ConnectQuery>::from_request_parts(&mut parts, &()).await?;
    let room = query.room.ok_or_else(|| InvalidFields::one("room", "is required"))?;
    let since = query.since.map(|since| seq("since", &since)).transpose()?;
    let upgrade = match Upgrade::read(&parts.headers) {
        Ok(upgrade) => upgrade,
        Err(error) => return Ok(refusal(error)),
    };
    app.limits().handshake()?;
    let place = Arc::clone(&app.all_sockets).try_acquire_owned();
    let place = place.map_err(|_| Problem::overloaded(10))?;
    let visitor = app.visit(&who, RoomId::parse(&room)?).await?;
    let slot = app.sockets.take(app.rate_keys.for_holder(who.access.account));
    let slot = slot.ok_or_else(too_many_sockets)?;
    let seat = app.seat(&visitor, Stay::Socket).await?;
    let start = start(&app, &visitor, since, query.epoch.as_deref());
    let view = app.view(&visitor).await?;
    let on_upgrade = parts.extensions.remove::<OnUpgrade>();
    let on_upgrade = on_upgrade.ok_or_else(|| Problem::internal("a connection without upgrade"))?;
    let held = parts.extensions.remove::<Held>();
    let (dialect, response) = (upgrade.dialect(), upgrade.answer());
    let tasks = app.tasks.clone();
    let held = (held, slot, place);
    let context = Context { app, who, visitor, seat, dialect, start, view, held };
    let tracker = tasks.clone();
    let upgraded = async move {
        let Some((stream, read_ahead)) = stream(on_upgrade).await else { return };
        let (read_half, write_half) = split(stream);
        let reader = Box::new(Reader::new(read_half, read_ahead));
        let session = Box::new(Session::new(context, write_half));
        // A task of its own: this one's memory also had to hold what the upgrade needed.
        tracker.spawn(session.run(reader));
    };
    tasks.spawn(upgraded);
    Ok(response)
}

/// What a session begins with.
struct Context {
    app: Arc<AppState>,
    who: SignedIn,
    visitor: Visitor,
    seat: Seat,
    dialect: Dialect,
    start: Start,
    view: RoomView,
    held: Shares,
}

/// What a socket holds, as long as it lives, of the caps on connections and on sockets.
type Shares = (Option<Held>, Slot<RateKey>, OwnedSemaphorePermit);

fn too_many_sockets() -> Problem {
    let message = "You have too many rooms open at once. Close one and try again.";
    Problem::new(ErrorCode::RateLimited, message).retry_after(10)
}

/// Where the client is brought from: its last event, or the newest one if it knows none.
fn start(app: &AppState, visitor: &Visitor, since: Option<Seq>, epoch: Option<&str>) -> Start {
    match since {
        _ if epoch.is_some_and(|known| known != app.epoch) => Start::Afresh,
        Some(since) => Start::After(since),
        None => Start::After(visitor.room.head),
    }
}

/// The stream itself, and what was read of it too early. `None` if the client hung up.
async fn stream(on_upgrade: OnUpgrade) -> Option<(Stream, Vec<u8>)> {
    let parts = on_upgrade.await.ok()?.downcast::<TokioIo<Stream>>().ok()?;
    // A copy: the slice would keep all of the HTTP buffer in memory.
    let read_ahead = parts.read_buf.to_vec();
    Some((parts.io.into_inner(), read_ahead))
}

/// A request that may become a WebSocket.
struct Upgrade {
    accept: String,
    is_v1: bool,
}

impl Upgrade {
    fn read(headers: &HeaderMap) -> Result<Self, HandshakeError> {
        let joined = |name| {
            let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            values.collect::<Vec<_>>().join(",")
        };
        let (upgrade, connection) = (joined(UPGRADE), joined(CONNECTION));
        let (version, protocols) = (joined(SEC_WEBSOCKET_VERSION), joined(SEC_WEBSOCKET_PROTOCOL));
        let key = headers.get("sec-websocket-key").and_then(|key| key.to_str().ok());
        let handshake = Handshake::parse(&UpgradeHeaders {
            upgrade: Some(&upgrade),
            connection: Some(&connection),
            version: Some(&version),
            key,
            protocols: Some(&protocols),
        })?;
        let is_v1 = handshake.protocols().any(|offer| offer == V1);
        Ok(Self { accept: handshake.accept_key(), is_v1 })
    }

    fn dialect(&self) -> Dialect {
        if self.is_v1 { Dialect::V1 } else { Dialect::Plain }
    }

    fn answer(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        let accept = HeaderValue::from_str(&self.accept).expect("base64 fits in a header");
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        if self.is_v1 {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(V1));
        }
        response.into_response()
    }
}

/// A client that asked for something else is told what is spoken here (RFC 9110, 15.5.22).
fn refusal(error: HandshakeError) -> Response {
    match error {
        HandshakeError::NotAnUpgrade | HandshakeError::UnsupportedVersion => {
            let message = "This address speaks WebSocket, version 13.";
            let mut response = Problem::new(ErrorCode::UpgradeRequired, message).into_response();
            let headers = response.headers_mut();
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
            response
        }
        HandshakeError::BadKey => {
            Problem::new(ErrorCode::InvalidRequest, "The WebSocket key is not valid.")
                .into_response()
        }
    }
}
