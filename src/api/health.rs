//! Whether the server works: for people, and for the programs that look after it.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CACHE_CONTROL},
    middleware::from_fn_with_state,
    response::IntoResponse,
    routing::get,
};
use tokio::time::timeout;

use super::{
    AppState,
    answer::{Answer, done},
    layers,
    openapi::Failure,
    problem::Problem,
};
use crate::protocol::{Envelope, Nothing};

/// How long storage may take before nobody is sent here.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether storage can be written and read just now. Says nothing else.
#[utoipa::path(get, path = "/status", tag = "status",
    responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure), security())]
pub async fn status(State(app): State<Arc<AppState>>) -> Result<Answer<Nothing>, Problem> {
    app.hub.probe().await?;
    Ok(done("AnonChat is running"))
}

/// `/healthz` and `/readyz`, in plain text. They are asked every few seconds, so no limit counts
/// them and no line of the log is theirs.
pub fn probes(app: Arc<AppState>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .layer(from_fn_with_state(Arc::clone(&app), layers::common_headers))
        .with_state(app)
}

/// The process answers. Says nothing about storage: starting anew would not mend that.
async fn alive() -> impl IntoResponse {
    plain(StatusCode::OK, "alive\n")
}

/// Whether to send people here: storage works, and the server is not about to stop.
async fn ready(State(app): State<Arc<AppState>>) -> impl IntoResponse {
    if app.shutdown.is_cancelled() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match timeout(PATIENCE, app.hub.probe()).await {
        Ok(Ok(())) => plain(StatusCode::OK, "ready\n"),
        Ok(Err(_)) | Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "storage is unavailable\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> impl IntoResponse {
    (status, [(CACHE_CONTROL, "no-store")], text)
}
