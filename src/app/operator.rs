//! How a server gets its first operator, and how it hears of what was done at the command line.

use std::{sync::Arc, time::Duration};

use super::Running;
use crate::{
    api::AppState,
    auth::SetupToken,
    config::{Config, ListenAddr},
    store::StoreError,
};

/// How often it is asked what other processes on the same data did.
const LISTEN: Duration = Duration::from_secs(2);

/// Gives the setup link to whoever started the server, while it has no operator. To them alone: it
/// is not part of the log.
pub(super) async fn invite(running: &Running, config: &Config) {
    match running.offer_setup().await {
        Ok(Some(token)) => {
            let link = setup_link(config, &running.addr, &token);
            eprintln!("Become its operator within an hour: {link}");
        }
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "there is no setup link");
        }
    }
}

/// The token stands behind the `#`, which no browser sends.
pub(super) fn setup_link(config: &Config, addr: &ListenAddr, token: &SetupToken) -> String {
    let token = token.expose();
    match (&config.server.public_url, addr) {
        (Some(url), _) => format!("{}/setup#{token}", url.as_str()),
        (None, ListenAddr::Tcp(addr)) => format!("http://{addr}/setup#{token}"),
        // Whatever the proxy in front is called.
        (None, ListenAddr::Unix(_)) => format!("http://localhost/setup#{token}"),
    }
}

/// Does within seconds what other processes on the same data decided: an operator at the command
/// line, or another node.
pub(super) async fn keep_up(app: Arc<AppState>) {
    let mut every = tokio::time::interval(LISTEN);
    let mut known = None;
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = app.shutdown.cancelled() => return,
        }
        match hear(&app, known).await {
            Ok(changes) => known = Some(changes),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "not heard; will be");
            }
        }
    }
}

async fn hear(app: &AppState, known: Option<i64>) -> Result<i64, StoreError> {
    let changes = app.auth.changes().await?;
    if known != Some(changes) {
        app.auth.keep_up().await?;
        app.hub.close_removed().await?;
    }
    Ok(changes)
}
