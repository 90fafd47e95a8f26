//! The edge: HTTP and WebSocket. Extract, call one use case, answer.

mod accounts;
mod answer;
mod assets;
mod base;
mod door;
mod encoding;
mod extract;
mod foreign;
mod health;
mod layers;
mod limits;
mod listen;
mod listener;
mod messages;
mod metrics;
mod openapi;
mod operator;
mod own_data;
mod problem;
mod reloadable;
mod rooms;
mod slots;
mod socket;
mod token;

use std::{
    any::Any,
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

pub use self::{
    assets::Page,
    limits::{LimitSettings, Limits, Rate},
    listen::{ListenSettings, serve},
    listener::Listener,
    metrics::{Metrics, metrics_router},
    reloadable::Reloadable,
    slots::Slots,
};
use self::{openapi::Document, problem::Problem};
use crate::{
    anonymity::{RateKey, RateKeys, TrustedProxies, Wall},
    auth::Auth,
    chat::Hub,
    connection::Identity,
    domain::{Clock, EmailPolicy, Timestamp},
    protocol::RoomLimits,
};

/// Longest request body, in bytes (HTTP-06).
const MAX_BODY: usize = 64 * 1024;

/// What the operator decides about the edge.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Whether people give an e-mail address.
    pub email: EmailPolicy,
    /// What hosts may choose.
    pub rooms: RoomLimits,
    /// How many sockets may be open, of all people together.
    pub sockets: usize,
    /// How many rooms one account may host.
    pub rooms_per_account: usize,
    /// Where people reach the server: scheme, host and port.
    pub origin: Option<String>,
    /// The path under which they do: `/chat`, or nothing.
    pub base: String,
    /// The names that it answers to, in lower case and without a port; none: to every name.
    pub hosts: Vec<String>,
    /// Where pages come from that may use the API, beside its own.
    pub origins: Vec<String>,
    /// How long a client may take to send a body, and to take what is written to it.
    pub read_timeout: Duration,
    /// How long a socket may take nothing of what is waiting for it.
    pub write_timeout: Duration,
    /// How often a socket is pinged.
    pub heartbeat: Duration,
    /// How long a client may say nothing at all.
    pub silence: Duration,
}

/// What handlers work with. No store among it.
pub struct AppState {
    /// Accounts and sessions.
    pub auth: Auth,
    /// Rooms.
    pub hub: Hub,
    /// Keeps accounts and aliases apart.
    pub wall: Wall,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes keys to count by.
    pub rate_keys: RateKeys,
    /// Who the server proves to be, if TLS is spoken.
    pub identity: Option<Reloadable<Identity>>,
    /// Whose word about a client's address is believed.
    pub trusted_proxies: Reloadable<TrustedProxies>,
    /// How much of everything.
    pub limits: Reloadable<Limits>,
    /// Counts since the start.
    pub metrics: Metrics,
    /// Held while a room is opened.
    pub opening: tokio::sync::Mutex<()>,
    /// Held while a room is searched for one person's messages, which can take long.
    pub searching: Semaphore,
    /// Places for sockets, of all people together.
    pub all_sockets: Arc<Semaphore>,
    /// Sockets in use, by account.
    pub sockets: Slots<RateKey>,
    /// What the operator decided.
    pub settings: ApiSettings,
    /// When it began to serve; whole seconds.
    pub started_at: Timestamp,
    /// The page of the UI.
    pub page: Page,
    /// The store's epoch, as text.
    pub epoch: String,
    /// Where everything runs that outlives its request.
    pub tasks: TaskTracker,
    /// Completes when the server stops.
    pub shutdown: CancellationToken,
    /// Whether the server stops in order to start again, which decides how sockets say goodbye.
    pub restarts: Arc<AtomicBool>,
}

impl AppState {
    /// Whose word about a client's address is believed, as of now.
    pub fn trusted_proxies(&self) -> Arc<TrustedProxies> {
        self.trusted_proxies.get()
    }

    /// How much of everything, as of now.
    pub fn limits(&self) -> Arc<Limits> {
        self.limits.get()
    }

    /// How many sockets are open.
    pub fn open_sockets(&self) -> usize {
        self.settings.sockets.saturating_sub(self.all_sockets.available_permits())
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppState(…)")
    }
}

/// Every URL there is.
pub fn router(app: Arc<AppState>) -> Router {
    let api = routes()
        .route("/api/{*rest}", axum::routing::any(extract::no_such_route))
        .route("/api", axum::routing::any(extract::no_such_route))
        .route("/api/", axum::routing::any(extract::no_such_route));
    let api = api
        .method_not_allowed_fallback(extract::no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(Arc::clone(&app), extract::in_time))
        .layer(from_fn_with_state(Arc::clone(&app), limits::apply))
        .layer(from_fn_with_state(Arc::clone(&app), extract::identify))
        .layer(option_layer(foreign::pages(&app.settings.origins)))
        .layer(from_fn_with_state(Arc::clone(&app), foreign::names))
        .layer(from_fn(layers::api_headers));
    let ui = Router::new()
        .fallback(get(assets::serve))
        .layer(from_fn_with_state(Arc::clone(&app), foreign::names))
        .with_state(Arc::clone(&app));
    let probes = health::probes(Arc::clone(&app));
    api.with_state(Arc::clone(&app))
        .fallback_service(ui)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(&app), layers::common_headers))
        .layer(from_fn_with_state(app, layers::frame))
        .merge(probes)
}

/// Every route below [`BASE`]: its path and handler, with what the document says of them.
const ROUTES: &[fn() -> UtoipaMethodRouter<Arc<AppState>>] = &[
    || routes!(health::status),
    || routes!(openapi::document),
    || routes!(accounts::register),
    || routes!(accounts::log_in),
    || routes!(accounts::refresh),
    || routes!(accounts::log_out),
    || routes!(accounts::validate),
    || routes!(accounts::sessions),
    || routes!(accounts::end_session),
    || routes!(accounts::change_password),
    || routes!(accounts::delete_account),
    || routes!(own_data::account_data),
    || routes!(own_data::account_export),
    || routes!(operator::policy),
    || routes!(operator::set_up),
    || routes!(operator::overview),
    || routes!(operator::change_settings),
    || routes!(operator::accounts),
    || routes!(operator::disable),
    || routes!(operator::enable),
    || routes!(operator::log_out_all),
    || routes!(operator::erase),
    || routes!(operator::rooms),
    || routes!(operator::remove_room),
    || routes!(rooms::create),
    || routes!(rooms::list),
    || routes!(rooms::remove),
    || routes!(socket::connect),
    || routes!(rooms::show, rooms::change),
    || routes!(rooms::leave),
    || routes!(rooms::remove_member),
    || routes!(messages::history, messages::post),
];

const BASE: &str = "/api/v1";

fn routes() -> Router<Arc<AppState>> {
    // What the document says is dropped at once: all of it together takes megabytes.
    let routes = ROUTES.iter().fold(Router::new(), |router, route| {
        router.merge(Router::from(OpenApiRouter::new().routes(route())))
    });
    Router::new().nest(BASE, routes)
}

/// The OpenAPI document of all routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let routes = ROUTES.iter().fold(OpenApiRouter::new(), |router, route| router.routes(route()));
    OpenApiRouter::with_openapi(Document::openapi()).nest(BASE, routes).into_openapi()
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}
