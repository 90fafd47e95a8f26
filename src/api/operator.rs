//! What operators see and do, and how somebody becomes one. Nothing here says which alias is whose.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    AppState,
    accounts::view,
    answer::{Answer, created, done, ok},
    extract::{ApiJson, ApiPath, ApiQuery, Caller, RoomPath, SignedIn, no_such_route},
    openapi::Failure,
    problem::Problem,
    rooms::{after, limit},
};
use crate::{
    auth::Access,
    domain::{Account, Login, RoomCursor},
    protocol::{
        AccountView, AccountsView, ChangeSettings, Envelope, ErrorCode, InvalidFields, Nothing,
        OverviewView, PolicyView, RegistrationView, RoomView, RoomsView, SetUp, SettingsView,
        TokensView,
    },
};

type App = State<Arc<AppState>>;

/// A caller who is an operator, just now. Everybody else finds nothing here.
#[derive(Debug)]
pub struct Operator(Access);

impl FromRequestParts<Arc<AppState>> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Problem> {
        let SignedIn { access, .. } = SignedIn::from_request_parts(parts, app).await?;
        if app.auth.is_operator(&access).await? {
            Ok(Self(access))
        } else {
            Err(no_such_route().await)
        }
    }
}

impl Operator {
    fn view(&self, account: &Account) -> AccountView {
        AccountView::new(account, account.id == self.0.account)
    }
}

/// Whether I can register, and what I have to give.
#[utoipa::path(get, path = "/auth/policy", tag = "auth",
    responses((status = 200, description = "Done", body = Envelope<PolicyView>), Failure), security())]
pub async fn policy(State(app): App) -> Answer<PolicyView> {
    let registration = RegistrationView::new(app.auth.is_registration_open());
    let policy = PolicyView { registration, email: app.settings.email.into() };
    ok("this is what an account takes", policy)
}

/// Make an operator's account with a setup token, and log in.
#[utoipa::path(post, path = "/auth/setup", tag = "auth", request_body = SetUp,
    responses((status = 201, description = "Made", body = Envelope<TokensView>), Failure), security())]
pub async fn set_up(
    State(app): App,
    caller: Caller,
    ApiJson(body): ApiJson<SetUp>,
) -> Result<Answer<TokensView>, Problem> {
    let (token, (login, email, password)) = body.parse(app.settings.email)?;
    app.limits().registration(caller.client)?;
    let tokens = app.auth.set_up(&token, login, email, password).await?;
    Ok(created("operator's account created", view(tokens)))
}

/// The server at a glance.
#[utoipa::path(get, path = "/admin/overview", tag = "admin",
    responses((status = 200, description = "Done", body = Envelope<OverviewView>), Failure))]
pub async fn overview(State(app): App, _: Operator) -> Result<Answer<OverviewView>, Problem> {
    let census = app.auth.census().await?;
    let overview = OverviewView {
        version: env!("CARGO_PKG_VERSION"),
        started_at: app.started_at.0,
        healthy: app.hub.probe().await.is_ok(),
        settings: settings(&app),
        email: app.settings.email.into(),
        census: census.into(),
        sockets: app.open_sockets(),
    };
    Ok(ok("this is the server", overview))
}

fn settings(app: &AppState) -> SettingsView {
    SettingsView {
        registration: RegistrationView::new(app.auth.is_registration_open()),
        registration_locked: app.auth.is_registration_locked(),
    }
}

/// Open or close registration.
#[utoipa::path(patch, path = "/admin/settings", tag = "admin", request_body = ChangeSettings,
    responses((status = 200, description = "Done", body = Envelope<SettingsView>), Failure))]
pub async fn change_settings(
    State(app): App,
    _: Operator,
    ApiJson(body): ApiJson<ChangeSettings>,
) -> Result<Answer<SettingsView>, Problem> {
    let open = body.parse()?;
    if app.auth.is_registration_locked() {
        let message = "The configuration keeps registration closed: change auth.registration.";
        return Err(Problem::new(ErrorCode::Forbidden, message));
    }
    app.auth.open_registration(open).await?;
    Ok(ok("settings changed", settings(&app)))
}

/// The query of lists.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Part of the login or the name, without regard to case.
    q: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// 1 to 100, 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

impl ListQuery {
    fn search(&self) -> Option<String> {
        self.q.as_deref().map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty())
    }

    fn limit(&self) -> Result<u32, Problem> {
        limit(self.limit.as_deref(), 50, 100)
    }
}

/// All accounts, by login.
#[utoipa::path(get, path = "/admin/accounts", tag = "admin", params(ListQuery),
    responses((status = 200, description = "Done", body = Envelope<AccountsView>), Failure))]
pub async fn accounts(
    State(app): App,
    operator: Operator,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Answer<AccountsView>, Problem> {
    let limit = query.limit()?;
    let invalid = |_| InvalidFields::one("cursor", "must be one this server gave");
    let after = query.cursor.as_deref().map(Login::parse).transpose().map_err(invalid)?;
    let mut found = app.auth.accounts(query.search(), after, limit + 1).await?;
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_cursor = found.last().filter(|_| has_more).map(|it| it.login.as_str().to_owned());
    let accounts = found.iter().map(|account| operator.view(account)).collect();
    Ok(ok("these are the accounts", AccountsView { accounts, next_cursor }))
}

/// Keep everybody from logging in to an account; its sessions end, their sockets close.
#[utoipa::path(post, path = "/admin/accounts/{account_id}/disable", tag = "admin",
    params(("account_id" = String, Path)),
    responses((status = 200, description = "Done", body = Envelope<AccountView>), Failure))]
pub async fn disable(
    State(app): App,
    operator: Operator,
    ApiPath(id): ApiPath<String>,
) -> Result<Answer<AccountView>, Problem> {
    let account = app.auth.managed(&operator.0, &id).await?;
    let account = app.auth.disable(account).await?;
    Ok(ok("account disabled", operator.view(&account)))
}

/// Let its owner log in to an account again.
#[utoipa::path(post, path = "/admin/accounts/{account_id}/enable", tag = "admin",
    params(("account_id" = String, Path)),
    responses((status = 200, description = "Done", body = Envelope<AccountView>), Failure))]
pub async fn enable(
    State(app): App,
    operator: Operator,
    ApiPath(id): ApiPath<String>,
) -> Result<Answer<AccountView>, Problem> {
    let account = app.auth.managed(&operator.0, &id).await?;
    let account = app.auth.enable(account).await?;
    Ok(ok("account enabled", operator.view(&account)))
}

/// End all sessions of an account; their sockets close.
#[utoipa::path(post, path = "/admin/accounts/{account_id}/logout-all", tag = "admin",
    params(("account_id" = String, Path)),
    responses((status = 200, description = "Done", body = Envelope<AccountView>), Failure))]
pub async fn log_out_all(
    State(app): App,
    operator: Operator,
    ApiPath(id): ApiPath<String>,
) -> Result<Answer<AccountView>, Problem> {
    let account = app.auth.managed(&operator.0, &id).await?;
    app.auth.end_sessions(Some(&account)).await?;
    Ok(ok("sessions ended", operator.view(&account)))
}

/// Erase an account, its sessions and what ties it to its aliases. What it wrote stays: that it
/// went would tell who wrote it.
#[utoipa::path(delete, path = "/admin/accounts/{account_id}", tag = "admin",
    params(("account_id" = String, Path)),
    responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure))]
pub async fn erase(
    State(app): App,
    operator: Operator,
    ApiPath(id): ApiPath<String>,
) -> Result<Answer<Nothing>, Problem> {
    let account = app.auth.managed(&operator.0, &id).await?;
    // First nobody can do anything with it any more, or it would be in another room meanwhile.
    let account = app.auth.disable(account).await?;
    app.forget(account.id, false).await?;
    app.auth.erase(&account).await?;
    Ok(done("account erased"))
}

/// All rooms, newest first.
#[utoipa::path(get, path = "/admin/rooms", tag = "admin", params(ListQuery),
    responses((status = 200, description = "Done", body = Envelope<RoomsView>), Failure))]
pub async fn rooms(
    State(app): App,
    _: Operator,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Answer<RoomsView>, Problem> {
    let limit = query.limit()?;
    let after = after(query.cursor.as_deref())?;
    let mut found = app.hub.all_rooms(query.search(), after, limit + 1).await?;
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_cursor =
        found.last().filter(|_| has_more).map(|room| RoomCursor::behind(room).encode());
    let rooms = found.iter().map(|room| RoomView::shared(room, app.hub.online(room.id)));
    Ok(ok("these are the rooms", RoomsView { rooms: rooms.collect(), next_cursor }))
}

/// Remove a room with everything in it; its sockets close.
#[utoipa::path(delete, path = "/admin/rooms/{room_id}", tag = "admin",
    params(("room_id" = String, Path)),
    responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure))]
pub async fn remove_room(
    State(app): App,
    _: Operator,
    RoomPath(id): RoomPath,
) -> Result<Answer<Nothing>, Problem> {
    if app.hub.remove(id).await? { Ok(done("room removed")) } else { Err(Problem::no_such_room()) }
}
