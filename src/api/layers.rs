//! What every request goes through: an id, one line in the log, the headers that browsers heed.

use std::{error::Error, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use data_encoding::HEXLOWER;
use tokio::time::Instant;

use super::{AppState, problem::Problem};
use crate::anonymity::random;

/// Nothing may load or frame what the API answers.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Gives the request its id, renders what went wrong, and logs one line: method, route, status,
/// time, id; nothing else.
pub async fn frame(State(app): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str).to_owned();
    let id = HEXLOWER.encode(&random::bytes::<8>());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        if let Some(cause) = problem.cause() {
            let cause: &(dyn Error + 'static) = cause;
            tracing::error!(request_id = %id, %route, error = cause, "request failed");
        }
        response = merge(problem.render(&id), &response);
    }
    app.metrics.answered(response.status());
    app.limits().add_reset(&mut response);
    let id_value = HeaderValue::from_str(&id).expect("hexadecimal digits fit in a header");
    response.headers_mut().insert("x-request-id", id_value);
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    tracing::info!(%method, %route, status, milliseconds, request_id = %id, "request");
    response
}

/// A rendered problem with the headers that inner layers had set.
fn merge(mut rendered: Response, inner: &Response) -> Response {
    for (name, value) in inner.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered
}

/// The headers of every answer (HTTP-02).
pub async fn common_headers(
    State(app): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    set(&mut response, "x-content-type-options", "nosniff");
    set(&mut response, "referrer-policy", "no-referrer");
    set(&mut response, "cross-origin-resource-policy", "same-origin");
    let is_behind_tls = || app.settings.public_url.as_deref().is_some_and(is_https);
    if app.identity.is_some() || is_behind_tls() {
        let two_years = "max-age=63072000; includeSubDomains";
        set(&mut response, "strict-transport-security", two_years);
    }
    response
}

fn is_https(url: &str) -> bool {
    url.starts_with("https://")
}

/// The headers of every answer of the API (HTTP-03).
pub async fn api_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    set(&mut response, "cache-control", "no-store");
    set(&mut response, "content-security-policy", API_POLICY);
    response
}

fn set(response: &mut Response, name: &'static str, value: &'static str) {
    let name = HeaderName::from_static(name);
    response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
}
