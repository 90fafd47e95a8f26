//! What goes well is answered in one envelope.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::protocol::{Envelope, Nothing};

/// An answer in the making.
#[derive(Debug)]
pub struct Answer<T> {
    status: StatusCode,
    message: &'static str,
    data: T,
}

/// 200 with data.
pub fn ok<T>(message: &'static str, data: T) -> Answer<T> {
    Answer { status: StatusCode::OK, message, data }
}

/// 201 with data.
pub fn created<T>(message: &'static str, data: T) -> Answer<T> {
    Answer { status: StatusCode::CREATED, message, data }
}

/// 200, and nothing to say but that it is done.
pub fn done(message: &'static str) -> Answer<Nothing> {
    ok(message, Nothing)
}

/// JSON as the API always sends it.
pub fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(CONTENT_TYPE, content_type)], Json(body)).into_response()
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let Self { status, message, data } = self;
        json(status, &Envelope { status: "success", message, data })
    }
}
