//! The OpenAPI document, made from the routes themselves.

use axum::{http::StatusCode, response::Response};
use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::answer::json;
use crate::protocol::{ErrorCode, Problem, ProblemData};

/// What any route may answer besides its success; PROTOCOL says which code means what.
#[derive(IntoResponses)]
#[response(status = "default", description = "It did not go well; `code` says why.")]
#[expect(dead_code, reason = "describes an answer and is never made")]
pub struct Failure(#[to_schema] Problem<'static>);

/// The document without its routes, which the router adds.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "AnonChat",
        version = "1",
        description = "Anonymous group chat. The WebSocket is described in docs/PROTOCOL.md.",
        license(name = "MIT", identifier = "MIT")
    ),
    components(schemas(ErrorCode, ProblemData)),
    security(("access_token" = [])),
    modifiers(&AccessToken)
)]
pub struct Document;

struct AccessToken;

impl Modify for AccessToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("access_token", SecurityScheme::Http(scheme));
    }
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "status",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")),
    security())]
pub async fn document() -> Response {
    // Made when it is asked for, which is seldom: it takes megabytes.
    json(StatusCode::OK, &super::document())
}
