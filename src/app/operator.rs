//! How a server gets its first operator, and how it hears of what was done at the command line.

use std::{error::Error, fs, io, sync::Arc, time::Duration};

use zeroize::Zeroizing;

use super::{Running, say, signing};
use crate::{
    anonymity::SigningKeys,
    api::AppState,
    auth::{Auth, RegisterError, SetupToken},
    config::{BootstrapAdmin, Config, ListenAddr, reachable},
    data_dir::DataDir,
    domain::{InvalidLogin, InvalidPassword, Login, Password},
    store::StoreError,
};

/// How often it is asked what other processes on the same data did.
const LISTEN: Duration = Duration::from_secs(2);

/// Why the operator that the configuration names cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The password file cannot be read.
    #[error("the password file cannot be read")]
    File(#[from] io::Error),
    /// The login is none.
    #[error("the login {0}")]
    Login(#[from] InvalidLogin),
    /// What is in the password file is no password.
    #[error("the password {0}")]
    Password(#[from] InvalidPassword),
    /// The login is in use, or the password too easy to guess.
    #[error(transparent)]
    Account(#[from] RegisterError),
}

/// Makes the operator that the configuration names, while there is none.
pub(super) async fn bootstrap(auth: &Auth, config: &Config) -> Result<(), OperatorError> {
    let BootstrapAdmin { login: Some(login), password_file: Some(file) } =
        &config.auth.bootstrap_admin
    else {
        return Ok(());
    };
    if auth.has_operator().await.map_err(RegisterError::from)? {
        tracing::info!("there is an operator; auth.bootstrap-admin is not looked at");
        return Ok(());
    }
    let text = Zeroizing::new(fs::read_to_string(file)?);
    let password = Password::parse(text.trim_end_matches(['\r', '\n']))?;
    Ok(auth.create_operator(Login::parse(login)?, password).await?)
}

/// Gives the setup link to whoever started the server, while it has no operator. To them alone: it
/// is not part of the log.
pub(super) async fn invite(running: &Running, config: &Config) {
    match running.offer_setup().await {
        Ok(Some(token)) => {
            let link = setup_link(config, &running.addr, &token);
            say(format_args!("Become its operator within an hour: {link}"));
        }
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "there is no setup link");
        }
    }
}

/// Where to become the operator, as it can be opened on this machine. The token stands behind the
/// `#`, which no browser sends.
pub(super) fn setup_link(config: &Config, addr: &ListenAddr, token: &SetupToken) -> String {
    let token = token.expose();
    match (&config.server.public_url, addr) {
        (Some(url), _) => format!("{}/setup#{token}", url.as_str()),
        (None, ListenAddr::Tcp(addr)) => {
            let addr = reachable(*addr);
            format!("{}://{addr}/setup#{token}", config.server.tls.scheme())
        }
        // Whatever the proxy in front is called.
        (None, ListenAddr::Unix(_)) => format!("http://localhost/setup#{token}"),
    }
}

/// Does within seconds what other processes on the same data decided: an operator at the command
/// line, or another node.
pub(super) async fn keep_up(app: Arc<AppState>, data_dir: DataDir, mut keys: SigningKeys) {
    let mut every = tokio::time::interval(LISTEN);
    let mut known = None;
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = app.shutdown.cancelled() => return,
        }
        match hear(&app, known).await {
            Ok(changes) => known = Some(changes),
            Err(error) => not_heard(&error),
        }
        // A small file: too little to wait for on another thread.
        match signing::take_over(&app, &data_dir, &keys) {
            Ok(now) => keys = now,
            Err(error) => not_heard(&error),
        }
    }
}

fn not_heard(error: &(dyn Error + 'static)) {
    tracing::warn!(error, "not heard of what was changed; will be");
}

async fn hear(app: &AppState, known: Option<i64>) -> Result<i64, StoreError> {
    let changes = app.auth.changes().await?;
    if known != Some(changes) {
        app.auth.keep_up().await?;
        app.hub.close_removed().await?;
    }
    Ok(changes)
}
