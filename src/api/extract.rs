//! What handlers ask of a request. Every refusal comes out as a [`Problem`].

use std::sync::Arc;

use axum::{
    body::{Bytes, HttpBody},
    extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request, State},
    http::{StatusCode, header::CONTENT_TYPE, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::{AppState, listener::Peer, problem::Problem};
use crate::{
    anonymity::{ClientAddress, ClientKeys, RateKey},
    auth::Access,
    domain::RoomId,
    protocol::{ErrorCode, Object},
};

/// Who makes this request, as far as that is known; put there by [`identify`].
#[derive(Clone, Debug)]
pub struct Caller {
    /// Stands for the address in every limit.
    pub client: ClientKeys,
    /// The account and session, if the access token is good.
    pub access: Option<Access>,
    /// What the general limit counts by: the account, or the address before that is known.
    pub limit_key: RateKey,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Problem::internal("a route that does not identify its caller"))
    }
}

/// Finds out who makes a request, before any limit is applied.
pub async fn identify(
    State(app): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let now = app.clock.now();
    let client = match client_address(&app, &request) {
        Some(client) => app.rate_keys.for_client(client, now),
        // Nobody can be told apart, so nobody is held to what others do.
        None => ClientKeys::of_nobody(),
    };
    let access = super::token::bearer(&request).and_then(|token| app.auth.access(&token).ok());
    let limit_key = match &access {
        Some(access) => app.rate_keys.for_account(access.account, now),
        None => client.address,
    };
    request.extensions_mut().insert(Caller { client, access, limit_key });
    next.run(request).await
}

fn client_address(app: &AppState, request: &Request) -> Option<ClientAddress> {
    let peer = request.extensions().get::<Peer>().and_then(|peer| peer.0).map(|peer| peer.ip());
    let forwarded = request.headers().get_all("x-forwarded-for").iter();
    let forwarded: Vec<&str> = forwarded.filter_map(|value| value.to_str().ok()).collect();
    app.trusted_proxies().client_address(peer, &forwarded)
}

/// A caller with a good access token.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Account, session and when the token ends.
    pub access: Access,
    /// Stands for the address in every limit.
    pub client: ClientKeys,
    /// Stands for the account in every limit.
    pub limit_key: RateKey,
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Caller { client, access, limit_key } = Caller::from_request_parts(parts, state).await?;
        let access = access.ok_or_else(unauthorized)?;
        Ok(Self { access, client, limit_key })
    }
}

/// No access token, or one that is no good.
pub fn unauthorized() -> Problem {
    Problem::new(ErrorCode::Unauthorized, "Log in to do this.")
}

/// A JSON body, declared as such.
#[derive(Debug)]
pub struct ApiJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            let message = "Send the body as application/json.";
            return Err(Problem::new(ErrorCode::UnsupportedMediaType, message));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                too_large()
            } else {
                Problem::new(ErrorCode::InvalidRequest, "The body could not be read.")
            }
        })?;
        read_json(&body).map(Self)
    }
}

/// `None` where there is no body.
impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if request.body().size_hint().exact() == Some(0) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // All of it: the parser does not look into fields that nobody asks for.
    let text = str::from_utf8(body).map_err(|_| not_json())?;
    let read = serde_json::from_str(text).map_err(|error| not_what_is_expected(&error));
    read.map(|Object(object)| object)
}

fn too_large() -> Problem {
    Problem::new(ErrorCode::PayloadTooLarge, "The body is too large.")
}

fn is_json(request: &Request) -> bool {
    let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = declared.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn not_what_is_expected(error: &serde_json::Error) -> Problem {
    match error.classify() {
        Category::Data => {
            Problem::new(ErrorCode::InvalidRequest, "The body is not what this route expects.")
        }
        Category::Io | Category::Syntax | Category::Eof => not_json(),
    }
}

fn not_json() -> Problem {
    Problem::new(ErrorCode::InvalidJson, "The body is not valid JSON.")
}

/// The query, each field at most once.
#[derive(Debug)]
pub struct ApiQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(query)| Self(query)).map_err(|_| {
            Problem::new(ErrorCode::InvalidRequest, "The query is not what this route expects.")
        })
    }
}

/// The parts of a path that differ from request to request.
#[derive(Debug)]
pub struct ApiPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for ApiPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        match path {
            Ok(Path(path)) => Ok(Self(path)),
            Err(_) => Err(no_such_route().await),
        }
    }
}

/// The room that a path names.
#[derive(Clone, Copy, Debug)]
pub struct RoomPath(pub RoomId);

impl<S: Send + Sync> FromRequestParts<S> for RoomPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(room) = path.map_err(|_| Problem::no_such_room())?;
        Ok(Self(RoomId::parse(&room)?))
    }
}

/// Every address under the API that is no route.
pub async fn no_such_route() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is nothing at this address.")
}

/// A route that exists, but not for this method.
pub async fn no_such_method() -> Problem {
    Problem::new(ErrorCode::MethodNotAllowed, "This address does not take that method.")
}

/// Ends a request whose body does not arrive in time.
pub async fn in_time(State(app): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let most = app.settings.read_timeout + app.settings.write_timeout;
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            Problem::new(ErrorCode::InvalidRequest, "The request took too long.").into_response()
        }
    }
}
