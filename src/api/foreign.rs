//! What is asked under a name that is not ours, or by a page that is not ours.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, Method,
        header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::cors::CorsLayer;

use super::{AppState, problem::Problem};
use crate::protocol::ErrorCode;

/// How long a browser may remember what a page may do.
const REMEMBERED: Duration = Duration::from_hours(1);
/// What a page may read of an answer's head.
const SHOWN: [HeaderName; 5] = [
    RETRY_AFTER,
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// Refuses requests for other names than those the operator wants to be asked for (HTTP-11): a
/// page that makes its own name point here would else be of the same origin.
pub async fn names(State(app): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let hosts = &app.settings.hosts;
    if hosts.is_empty() || hosts.contains(&host(&request)) {
        return next.run(request).await;
    }
    Problem::new(ErrorCode::MisdirectedRequest, "This server has another name.").into_response()
}

/// The name that a request is for, without the port.
fn host(request: &Request) -> String {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map_or(header.unwrap_or_default(), |it| it.as_str());
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    host.to_ascii_lowercase()
}

/// Lets pages of other origins use the API (HTTP-05), without cookies, which there are none of;
/// `None` where no page of another may.
pub fn pages(origins: &[String]) -> Option<CorsLayer> {
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    let origins: Vec<HeaderValue> = origins.collect();
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers(SHOWN)
        .max_age(REMEMBERED);
    (!origins.is_empty()).then(|| layer.allow_origin(origins))
}
