//! Registration, sessions, and one's own account.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    AppState,
    answer::{Answer, created, done, ok},
    extract::{ApiJson, ApiPath, ApiQuery, Caller, SignedIn},
    openapi::Failure,
    problem::Problem,
};
use crate::{
    auth::{Identifier, Tokens},
    domain::SessionId,
    protocol::{
        ChangePassword, DeleteAccount, Envelope, ErrorCode, LogIn, Nothing, RefreshToken, Register,
        SessionView, TokensView, WhoAmI,
    },
};

type App = State<Arc<AppState>>;

/// Make an account and log in.
#[utoipa::path(post, path = "/auth/register", tag = "auth", request_body = Register,
    responses((status = 201, description = "Made", body = Envelope<TokensView>), Failure), security())]
pub async fn register(
    State(app): App,
    caller: Caller,
    ApiJson(body): ApiJson<Register>,
) -> Result<Answer<TokensView>, Problem> {
    let (login, email, password) = body.parse(app.settings.email)?;
    app.limits().registration(caller.client)?;
    let tokens = app.auth.register(login, email, password).await?;
    Ok(created("account created", view(tokens)))
}

/// Log in with login or e-mail.
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = LogIn,
    responses((status = 200, description = "Done", body = Envelope<TokensView>), Failure), security())]
pub async fn log_in(
    State(app): App,
    caller: Caller,
    ApiJson(body): ApiJson<LogIn>,
) -> Result<Answer<TokensView>, Problem> {
    let (name, password) = body.parse()?;
    let who = name.map_or_else(Identifier::Email, Identifier::Login);
    let tokens = app.auth.log_in(who, &password, caller.client).await?;
    Ok(ok("logged in", view(tokens)))
}

/// Trade a refresh token for a new pair of tokens; the old one is spent.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = RefreshToken,
    responses((status = 200, description = "Done", body = Envelope<TokensView>), Failure), security())]
pub async fn refresh(
    State(app): App,
    ApiJson(body): ApiJson<RefreshToken>,
) -> Result<Answer<TokensView>, Problem> {
    let tokens = app.auth.refresh(&body.parse()?).await?;
    Ok(ok("tokens renewed", view(tokens)))
}

/// End the session of a refresh token; its sockets close. An unknown token is fine, too.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", request_body = RefreshToken,
    responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure), security())]
pub async fn log_out(
    State(app): App,
    ApiJson(body): ApiJson<RefreshToken>,
) -> Result<Answer<Nothing>, Problem> {
    app.auth.log_out(&body.parse()?).await?;
    Ok(done("logged out"))
}

/// Who am I?
#[utoipa::path(get, path = "/auth/validate", tag = "auth",
    responses((status = 200, description = "Done", body = Envelope<WhoAmI>), Failure))]
pub async fn validate(State(app): App, who: SignedIn) -> Result<Answer<WhoAmI>, Problem> {
    let me = app.auth.whoami(who.access.account).await?;
    let email = me.email.map(|email| email.as_str().to_owned());
    let (id, login) = (me.id.encode(), me.login.as_str().to_owned());
    let view = WhoAmI { id, login, email, role: me.role.into() };
    Ok(ok("this is your account", view))
}

/// My sessions, newest first.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth",
    responses((status = 200, description = "Done", body = Envelope<Vec<SessionView>>), Failure))]
pub async fn sessions(State(app): App, who: SignedIn) -> Result<Answer<Vec<SessionView>>, Problem> {
    let sessions = app.auth.sessions(who.access.account).await?;
    let current = |session: &crate::domain::Session| session.id == who.access.session;
    let views = sessions.iter().map(|session| SessionView::new(session, current(session)));
    Ok(ok("these are your sessions", views.collect()))
}

/// End one of my sessions; its sockets close.
#[utoipa::path(delete, path = "/auth/sessions/{session_id}", tag = "auth",
    params(("session_id" = String, Path)), responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure))]
pub async fn end_session(
    State(app): App,
    who: SignedIn,
    ApiPath(session): ApiPath<String>,
) -> Result<Answer<Nothing>, Problem> {
    let unknown = || Problem::new(ErrorCode::NotFound, "You have no such session.");
    let session = SessionId::parse(&session).map_err(|_| unknown())?;
    if app.auth.end_session(who.access.account, session).await? {
        Ok(done("session ended"))
    } else {
        Err(unknown())
    }
}

/// Change my password; all other sessions end.
#[utoipa::path(post, path = "/auth/password", tag = "auth", request_body = ChangePassword,
    responses((status = 200, description = "Done", body = Envelope<TokensView>), Failure))]
pub async fn change_password(
    State(app): App,
    who: SignedIn,
    ApiJson(body): ApiJson<ChangePassword>,
) -> Result<Answer<TokensView>, Problem> {
    let (old, new) = body.parse()?;
    let tokens = app.auth.change_password(&who.access, &old, new, who.client).await?;
    Ok(ok("password changed", view(tokens)))
}

/// The query of [`delete_account`].
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Erase {
    /// Whether everything this account wrote is erased, too.
    #[serde(default)]
    messages: bool,
}

/// Erase my account, its sessions and what ties it to its aliases.
#[utoipa::path(delete, path = "/auth/account", tag = "auth", request_body = DeleteAccount,
    params(Erase), responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure))]
pub async fn delete_account(
    State(app): App,
    who: SignedIn,
    ApiQuery(erase): ApiQuery<Erase>,
    ApiJson(body): ApiJson<DeleteAccount>,
) -> Result<Answer<Nothing>, Problem> {
    let password = body.parse()?;
    let confirmed = app.auth.check_password(&who.access, &password, who.client).await?;
    // A task of its own: what was begun goes on, even if nobody waits for the answer.
    let tasks = app.tasks.clone();
    let erasing = tasks.spawn(async move {
        app.auth.end_all_sessions(&confirmed).await?;
        app.forget(who.access.account, erase.messages).await?;
        app.auth.delete_account(&confirmed).await?;
        Ok(done("account erased"))
    });
    erasing.await.map_err(Problem::internal)?
}

/// The pair of tokens as it is sent.
pub fn view(tokens: Tokens) -> TokensView {
    TokensView {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
        token_type: "Bearer",
        expires_in: tokens.expires_in.as_secs(),
        refresh_expires_in: tokens.refresh_expires_in.as_secs(),
    }
}
