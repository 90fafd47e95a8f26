//! Whether the server works.

use std::sync::Arc;

use axum::extract::State;

use super::{
    AppState,
    answer::{Answer, done},
    openapi::Failure,
    problem::Problem,
};
use crate::protocol::{Envelope, Nothing};

/// Whether storage can be written and read just now. Says nothing else.
#[utoipa::path(get, path = "/status", tag = "status",
    responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure), security())]
pub async fn status(State(app): State<Arc<AppState>>) -> Result<Answer<Nothing>, Problem> {
    app.hub.probe().await?;
    Ok(done("AnonChat is running"))
}
