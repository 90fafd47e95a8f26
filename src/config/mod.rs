//! What the program runs on: read from flags, environment, file and defaults, checked once.
//!
//! [`load`] overlays the sources, the strongest last, and answers a [`Config`] that holds only
//! valid values, or a [`ConfigError`] that names every key it cannot accept. `file` is how the
//! YAML is written; `layers` knows which source won.

mod bootstrap;
mod conflicts;
mod database_url;
mod defaults;
mod environment;
mod error;
mod file;
mod file_path;
mod host_name;
mod keys;
mod layers;
mod listen;
mod loaded;
mod public_url;
mod schema;
mod secrets;
mod setting;
mod suggest;
mod tls;
mod tombstones;
mod yaml;

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use ipnet::IpNet;
use tracing::Level;

use self::setting::Choice;
pub use self::{
    bootstrap::BootstrapAdmin,
    database_url::DatabaseUrl,
    environment::named_file,
    error::{ConfigError, Origin, Problem},
    host_name::HostName,
    keys::{keys, variable},
    listen::{InvalidListenAddr, ListenAddr, reachable},
    loaded::{Flags, Loaded, load, load_after},
    public_url::PublicUrl,
    schema::{schema, table},
    tls::Tls,
    tombstones::{TOMBSTONES, Tombstone},
};
use crate::domain::{EmailPolicy, Retention};

/// The example file: every key with its default and what it means.
pub const EXAMPLE: &str = include_str!("../../anonchat.example.yaml");

/// Everything an operator can set. Every value is within its bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    pub server: Server,
    pub storage: Storage,
    pub auth: Auth,
    pub rooms: Rooms,
}

/// Where the server listens and what it lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub addr: ListenAddr,
    /// Where figures for Prometheus are to be had, if anywhere.
    pub metrics_addr: Option<ListenAddr>,
    /// Where people reach the server, if that is not simply `addr`.
    pub public_url: Option<PublicUrl>,
    /// Whether the server itself speaks TLS.
    pub tls: Tls,
    /// Names that it answers to, beside that of `public_url`; none: to every name.
    pub allowed_hosts: Vec<HostName>,
    /// Where pages come from that may use the server, beside its own.
    pub allowed_origins: Vec<PublicUrl>,
    /// Peers whose word about the client's address is believed.
    pub trusted_proxies: Vec<IpNet>,
    pub timeouts: Timeouts,
    pub rate_limits: RateLimits,
    pub limits: Limits,
    pub logger: Logger,
}

/// How long a client may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To send a whole request.
    pub read: Duration,
    /// To take what is written to it.
    pub write: Duration,
    /// Between two pings of a WebSocket; always less than `silence`.
    pub heartbeat: Duration,
    /// To say anything at all on a WebSocket.
    pub silence: Duration,
}

/// How often somebody may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Off means that none of the others applies.
    pub enabled: bool,
    /// Requests of one account, or of one client address where nobody is logged in.
    pub requests: Quota,
    /// New accounts from one client address.
    pub registrations: Quota,
    /// Failed logins from one client address.
    pub failed_logins: Quota,
    /// Failed logins to one account, from wherever.
    pub failed_logins_per_account: Quota,
    /// Messages of one person on a WebSocket.
    pub messages: SteadyRate,
    /// Sockets that are opened, of all people together.
    pub handshakes: SteadyRate,
}

/// So many within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub max: NonZeroU32,
    pub period: Duration,
}

/// A steady rate and how far above it one may go for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SteadyRate {
    pub per_second: NonZeroU32,
    /// Never less than `per_second`.
    pub burst: NonZeroU32,
}

/// How many may be open at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub connections: NonZeroU32,
    pub connections_per_address: NonZeroU32,
    /// Sockets of all people together.
    pub sockets: NonZeroU32,
    pub sockets_per_account: NonZeroU32,
    /// Each of one person in one room.
    pub sockets_per_room: NonZeroU32,
}

/// What the log says and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logger {
    pub level: Level,
    pub mode: LogMode,
}

impl Choice for Level {
    const ALL: &'static [(&'static str, Self)] = &[
        ("trace", Self::TRACE),
        ("debug", Self::DEBUG),
        ("info", Self::INFO),
        ("warn", Self::WARN),
        ("error", Self::ERROR),
    ];
}

/// The names of the log levels, the most talkative first.
pub fn level_names() -> impl Iterator<Item = &'static str> {
    Level::names()
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogMode {
    /// [`Self::Pretty`] on a terminal, otherwise [`Self::Json`].
    Auto,
    /// For people.
    Pretty,
    /// One JSON object per line.
    Json,
}

impl Choice for LogMode {
    const ALL: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("pretty", Self::Pretty), ("json", Self::Json)];
}

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    pub data_dir: PathBuf,
    /// The PostgreSQL database; `None` is a SQLite file in `data_dir`.
    pub url: Option<DatabaseUrl>,
    /// Of SQLite; PostgreSQL has settings of its own.
    pub durability: Durability,
}

/// What survives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Everything that was acknowledged.
    Full,
    /// Everything but the last moments; never a damaged database.
    Normal,
}

impl Choice for Durability {
    const ALL: &'static [(&'static str, Self)] = &[("full", Self::Full), ("normal", Self::Normal)];
}

/// Who may have an account, and how long a login lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    pub email: EmailPolicy,
    pub registration: Registration,
    pub bootstrap_admin: BootstrapAdmin,
    /// Whether passwords are hashed with a key derived from the secret key.
    pub pepper: bool,
    pub access_token_ttl: Duration,
    /// Counted from the last renewal; never longer than `session_ttl`.
    pub refresh_token_ttl: Duration,
    /// Counted from the login, however often it was renewed.
    pub session_ttl: Duration,
}

impl Choice for EmailPolicy {
    const ALL: &'static [(&'static str, Self)] =
        &[("required", Self::Required), ("optional", Self::Optional), ("off", Self::Off)];
}

/// Whether people may make accounts themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    Open,
    Closed,
}

impl Choice for Registration {
    const ALL: &'static [(&'static str, Self)] = &[("open", Self::Open), ("closed", Self::Closed)];
}

/// What rooms may be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rooms {
    /// The most people that a room may be made for.
    pub max_users: NonZeroU32,
    /// How many rooms one account may host.
    pub per_account: NonZeroU32,
    /// The most messages, edits and deletions that a room keeps.
    pub max_events: NonZeroU32,
    /// What a new room gets where its host does not choose; never longer than `max_retention`.
    pub default_retention: Retention,
    pub max_retention: Retention,
}

impl Choice for Retention {
    const ALL: &'static [(&'static str, Self)] = &[
        ("keep", Self::Keep),
        ("1h", Self::For(Duration::from_hours(1))),
        ("24h", Self::For(Duration::from_hours(24))),
        ("7d", Self::For(Duration::from_hours(7 * 24))),
        ("30d", Self::For(Duration::from_hours(30 * 24))),
    ];
}
