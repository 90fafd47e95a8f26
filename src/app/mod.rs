//! The composition root: builds everything once, in order. The only one that names a back end.

mod desk;
pub mod offline;
mod operator;

use std::{
    fs, io,
    net::SocketAddr,
    num::NonZeroU32,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use data_encoding::HEXLOWER;
use tokio::{net::TcpListener, sync::Semaphore};

pub use self::{
    desk::{Desk, DeskError, at_desk},
    operator::OperatorError,
};
use crate::{
    anonymity::{KeyError, RateKeys, SecretKey, TrustedProxies, Wall, random},
    api::{
        self, ApiSettings, AppState, LimitSettings, Limits, ListenSettings, Rate, Slots, ui_build,
    },
    auth::{Auth, AuthSettings, LoginLimits, SetupToken},
    backup::{BackupError, Workshop, before_migration},
    chat::{Hub, HubSettings},
    config::{self, Config},
    data_dir::{DataDir, DataDirError, Lock},
    domain::{Capacity, Clock, Lifetimes, Timestamp},
    lifecycle::{Lifecycle, asked_to_stop},
    protocol::RoomLimits,
    store::{
        ChatStore, OperatorStore, Schema, Store, StoreError, Upkeep,
        sqlite::{Durability, Options, SqliteStore, SqliteUpkeep},
    },
};

/// How often what has expired is swept away.
const SWEEP: Duration = Duration::from_mins(1);
/// Most threads that handle requests; password hashing and storage have their own.
const MAX_WORKERS: usize = 4;

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The secret key cannot be read, made or trusted.
    #[error("cannot use the secret key {path}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A newer program made the database.
    #[error(
        "a newer AnonChat made schema {found} of the database {path}; this one knows up to {known}"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema's version.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// What was there before a migration cannot be kept.
    #[error("cannot keep a copy of the database before its schema changes")]
    NoCopy(#[source] BackupError),
    /// The database cannot be opened or brought up to date.
    #[error("cannot open the database {path}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: StoreError,
    },
    /// The operator that the configuration names cannot be made.
    #[error("cannot make the operator that auth.bootstrap-admin names")]
    Operator(#[source] OperatorError),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system does not give what every server needs.
    #[error("cannot start")]
    System(#[from] io::Error),
}

impl StartError {
    fn database(data_dir: &DataDir, source: StoreError) -> Self {
        Self::Database { path: data_dir.database(), source }
    }

    /// What to do about it, where that is not plain from the error.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::DataDir(error) => Some(error.help()),
            Self::NoCopy(error) => Some(error.help()),
            Self::Newer { .. } => Some(
                "install that version or a later one; to stay with this one, restore the \
                 before-schema backup in the folder backups of the data directory",
            ),
            Self::Key { .. }
            | Self::Database { .. }
            | Self::Operator(_)
            | Self::Listen { .. }
            | Self::System(_) => None,
        }
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens; tells the port if the configuration left it open with 0.
    pub addr: SocketAddr,
    auth: Auth,
    lifecycle: Lifecycle,
    store: Arc<dyn Store>,
    /// Held until everything is on disk.
    _lock: Lock,
}

/// The system's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Runs the server until it is asked to stop.
///
/// # Errors
/// [`StartError`] when it cannot start.
pub fn run(config: &Config) -> Result<(), StartError> {
    // Whoever owns the data is known before there is a second thread.
    DataDir::make(&config.storage.data_dir)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(MAX_WORKERS))
        .enable_all()
        .build()?;
    let ran = runtime.block_on(async {
        let running = start(config, Arc::new(SystemClock)).await?;
        announce(&running, config);
        operator::invite(&running, config).await;
        asked_to_stop().await?;
        tracing::info!("stopping");
        running.stop().await;
        tracing::info!("stopped");
        Ok(())
    });
    runtime.shutdown_background();
    ran
}

/// Says where the server is and where its data is, to whoever started it by hand.
fn announce(running: &Running, config: &Config) {
    let data = fs::canonicalize(&config.storage.data_dir);
    let data = data.unwrap_or_else(|_| config.storage.data_dir.clone());
    eprintln!("AnonChat listens on http://{}", running.addr);
    eprintln!("Its data is in {}", data.display());
    eprintln!("Open the address in a browser; Ctrl-C stops the server.");
}

/// Builds everything and starts to listen.
///
/// # Errors
/// [`StartError`] says what is in the way and what to do.
pub async fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let data_dir = DataDir::make(&config.storage.data_dir)?;
    let lock = data_dir.lock()?;
    let wall = open_wall(&data_dir)?;
    keep_copy(&data_dir, &schema(&data_dir)?, clock.now())?;
    let store = open_store(&data_dir, config)?;
    let lifecycle = Lifecycle::default();
    let state = state(config, clock, wall, Arc::clone(&store), &lifecycle).await;
    let state = Arc::new(state.map_err(|source| StartError::database(&data_dir, source))?);
    operator::bootstrap(&state.auth, config).await.map_err(StartError::Operator)?;
    let wanted = config.server.addr;
    let cannot_listen = |source| StartError::Listen { addr: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(cannot_listen)?;
    let addr = listener.local_addr().map_err(cannot_listen)?;
    let tasks = &lifecycle.tasks;
    let auth = state.auth.clone();
    tasks.spawn(sweep(Arc::clone(&state)));
    tasks.spawn(operator::keep_up(Arc::clone(&state)));
    let router = api::router(Arc::clone(&state));
    tasks.spawn(api::serve(listener, state, router, listen_settings(config)));
    Ok(Running { addr, auth, lifecycle, store, _lock: lock })
}

impl Running {
    /// While nobody can log in as an operator: a token with which somebody becomes one, once, within
    /// an hour. The one before it is worth nothing from now on.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn offer_setup(&self) -> Result<Option<SetupToken>, StoreError> {
        if self.auth.has_operator().await? {
            return Ok(None);
        }
        self.auth.offer_setup().await.map(Some)
    }

    /// Stops: no new connections, sockets closed with 1001, everything acknowledged on disk.
    pub async fn stop(self) {
        if !self.lifecycle.stop().await {
            tracing::warn!("something took too long to end and was left behind");
        }
        self.store.close().await;
    }
}

fn open_wall(data_dir: &DataDir) -> Result<Wall, StartError> {
    let path = data_dir.key();
    let key = SecretKey::load_or_create(&path);
    Ok(Wall::new(&key.map_err(|source| StartError::Key { path, source })?))
}

/// Where the schema stands; refuses one that a newer program made.
fn schema(data_dir: &DataDir) -> Result<Schema, StartError> {
    let path = data_dir.database();
    match SqliteUpkeep.schema(&path) {
        Err(source) => Err(StartError::Database { path, source }),
        Ok(schema) => match schema.found.filter(|_| schema.is_newer()) {
            Some(found) => Err(StartError::Newer { path, found, known: schema.known }),
            None => Ok(schema),
        },
    }
}

/// Keeps a copy of a database whose schema is about to change.
fn keep_copy(data_dir: &DataDir, schema: &Schema, now: Timestamp) -> Result<(), StartError> {
    let shop = Workshop { data_dir, upkeep: &SqliteUpkeep, now };
    if let Some(copy) = before_migration(shop, schema).map_err(StartError::NoCopy)? {
        tracing::info!(copy = %copy.display(), "kept a copy from before the schema changes");
    }
    Ok(())
}

fn open_store(data_dir: &DataDir, config: &Config) -> Result<Arc<dyn Store>, StartError> {
    let durability = match config.storage.durability {
        config::Durability::Full => Durability::Full,
        config::Durability::Normal => Durability::Normal,
    };
    let options = Options { durability, fresh_epoch: random::bytes() };
    let store = SqliteStore::open(&data_dir.database(), options);
    Ok(Arc::new(store.map_err(|source| StartError::database(data_dir, source))?))
}

async fn state(
    config: &Config,
    clock: Arc<dyn Clock>,
    wall: Wall,
    store: Arc<dyn Store>,
    lifecycle: &Lifecycle,
) -> Result<AppState, StoreError> {
    let Lifecycle { tasks, shutdown } = lifecycle.clone();
    let started_at = clock.now().whole_second();
    let accounts: Arc<dyn OperatorStore> = Arc::clone(&store) as _;
    let chats: Arc<dyn ChatStore> = store;
    let auth = Auth::new(accounts, wall.clone(), auth_settings(config), Arc::clone(&clock)).await?;
    let hub_settings = HubSettings {
        sockets_per_person: config.server.limits.sockets_per_room.get(),
        jitter: presence_jitter,
    };
    let hub = Hub::new(chats, Arc::clone(&clock), tasks.clone(), shutdown.clone(), hub_settings);
    Ok(AppState {
        auth,
        epoch: HEXLOWER.encode(&hub.epoch().await?),
        hub,
        wall,
        rate_keys: RateKeys::new(clock.now()),
        clock,
        trusted_proxies: TrustedProxies::new(config.server.trusted_proxies.clone()),
        limits: Limits::new(limit_settings(config)),
        opening: tokio::sync::Mutex::default(),
        all_sockets: Arc::new(Semaphore::new(count(config.server.limits.sockets))),
        sockets: Slots::new(config.server.limits.sockets_per_account.get()),
        settings: api_settings(config),
        started_at,
        build: ui_build(),
        document: api::document(),
        tasks,
        shutdown,
    })
}

/// Uniform between 0 and 3 seconds (ANON-08).
fn presence_jitter() -> Duration {
    Duration::from_millis(3000 * u64::from(u16::from_be_bytes(random::bytes())) / 0xffff)
}

fn auth_settings(config: &Config) -> AuthSettings {
    let rates = &config.server.rate_limits;
    let limit = |quota: config::Quota| {
        let most = if rates.enabled { quota.max.get() } else { u32::MAX };
        (most, quota.period)
    };
    AuthSettings {
        email: config.auth.email,
        registration_open: config.auth.registration == config::Registration::Open,
        access_ttl: config.auth.access_token_ttl,
        lifetimes: Lifetimes {
            idle: config.auth.refresh_token_ttl,
            absolute: config.auth.session_ttl,
        },
        login_limits: LoginLimits {
            per_address: limit(rates.failed_logins),
            per_account: limit(rates.failed_logins_per_account),
        },
    }
}

fn limit_settings(config: &Config) -> LimitSettings {
    let rates = &config.server.rate_limits;
    let within = |quota: config::Quota| Rate::within(quota.period, quota.max);
    LimitSettings {
        on: rates.enabled,
        general: within(rates.requests),
        registrations: within(rates.registrations),
        messages: Rate::steady(rates.messages.per_second, rates.messages.burst),
        handshakes: Rate::steady(rates.handshakes.per_second, rates.handshakes.burst),
    }
}

fn api_settings(config: &Config) -> ApiSettings {
    ApiSettings {
        email: config.auth.email,
        rooms: RoomLimits {
            max_users: u16::try_from(config.rooms.max_users.get()).unwrap_or(Capacity::MAX),
            max_retention: config.rooms.max_retention,
            default_retention: config.rooms.default_retention,
        },
        sockets: count(config.server.limits.sockets),
        rooms_per_account: count(config.rooms.per_account),
        public_url: config.server.public_url.as_ref().map(|url| url.as_str().to_owned()),
        read_timeout: config.server.timeouts.read,
        write_timeout: config.server.timeouts.write,
        heartbeat: config.server.timeouts.heartbeat,
        silence: config.server.timeouts.silence,
    }
}

fn listen_settings(config: &Config) -> ListenSettings {
    ListenSettings {
        connections: count(config.server.limits.connections),
        per_address: config.server.limits.connections_per_address.get(),
        head_timeout: config.server.timeouts.read,
    }
}

fn count(number: NonZeroU32) -> usize {
    usize::try_from(number.get()).unwrap_or(usize::MAX)
}

/// Sweeps away, once a minute, what has expired.
async fn sweep(app: Arc<AppState>) {
    let mut every = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = app.shutdown.cancelled() => return,
        }
        app.limits.forget_idle();
        for swept in [app.hub.expire().await, app.auth.sweep().await] {
            if let Err(error) = swept {
                tracing::warn!(error = &error as &dyn std::error::Error, "not swept; will be");
            }
        }
    }
}
