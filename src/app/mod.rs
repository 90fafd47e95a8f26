//! The composition root: builds everything once, in order. The only one that names a back end.

mod back_end;
mod desk;
mod migrate;
pub mod offline;
mod operator;
mod settings;
mod signing;
mod smoke;
mod sockets;
mod supervise;

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use data_encoding::HEXLOWER;
use tokio::sync::Semaphore;

pub use self::{
    desk::{Desk, DeskError, at_desk},
    operator::OperatorError,
    signing::{rotate_signing_key, signing_keys},
    smoke::smoke,
};
use self::{
    settings::{api_settings, auth_settings, count, limit_settings, listen_settings},
    sockets::Socket,
    supervise::Supervisor,
};
use crate::{
    anonymity::{KeyError, RateKeys, SecretKey, SigningKeysError, TrustedProxies, Wall, random},
    api::{self, AppState, Limits, Metrics, Page, Reloadable, Slots},
    auth::{Auth, SetupToken},
    backup::{BackupError, Workshop, before_migration, forget_old_copies},
    chat::{Hub, HubSettings},
    config::{Config, ListenAddr},
    connection::{Identity, IdentityError},
    data_dir::{DataDir, DataDirError, Lock, Purpose},
    domain::{Clock, Timestamp},
    lifecycle::{Lifecycle, Stop, asked_to_reload, asked_to_stop, manager},
    store::{ChatStore, OperatorStore, Schema, Store, StoreError, Upkeep, sqlite::SqliteUpkeep},
};
pub use migrate::{MigrateError, migrate};

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
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The keys that sign access tokens cannot be read or trusted.
    #[error(transparent)]
    SigningKeys(#[from] SigningKeysError),
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
    /// The command is for the database in the data directory, and the data is in another.
    #[error("the data is in {place}, not in the data directory")]
    Elsewhere {
        /// The database's address, without what is secret in it.
        place: String,
    },
    /// What was there before a migration cannot be kept.
    #[error("cannot keep a copy of the database before its schema changes")]
    NoCopy(#[source] BackupError),
    /// The database cannot be opened or brought up to date.
    #[error("cannot open the database {place}")]
    Database {
        /// The file, or the address without what is secret in it.
        place: String,
        /// What is wrong with it.
        source: StoreError,
    },
    /// The operator that the configuration names cannot be made.
    #[error("cannot make the operator that auth.bootstrap-admin names")]
    Operator(#[source] OperatorError),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: ListenAddr,
        /// What the system says.
        source: io::Error,
    },
    /// What the service manager hands over is no socket that listens.
    #[error("cannot listen on what the service manager hands over")]
    Passed(#[source] io::Error),
    /// The system does not give what every server needs.
    #[error("cannot start")]
    System(#[from] io::Error),
}

impl StartError {
    fn database(config: &Config, source: StoreError) -> Self {
        Self::Database { place: back_end::place(&config.storage), source }
    }

    fn file(path: &Path, source: StoreError) -> Self {
        Self::Database { place: path.display().to_string(), source }
    }

    /// What to do about it, where that is not plain from the error.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::DataDir(error) => Some(error.help()),
            Self::NoCopy(error) => Some(error.help()),
            Self::Key(error) => Some(error.help()),
            Self::SigningKeys(error) => Some(error.help()),
            Self::Identity(error) => Some(error.help()),
            Self::Newer { .. } => Some(
                "install that version or a later one; to stay with this one, restore the \
                 before-schema backup in the folder backups of the data directory",
            ),
            Self::Elsewhere { .. } => Some("use PostgreSQL's own tools, such as pg_dump"),
            Self::Listen { source, .. } => match source.kind() {
                io::ErrorKind::AddrInUse => Some(
                    "another program has the port (`ss -ltnp` says which): stop it, or set \
                     server.addr",
                ),
                io::ErrorKind::PermissionDenied => Some(
                    "set server.addr to a port from 1024 on and put a proxy in front, or have \
                     systemd hand the port over",
                ),
                io::ErrorKind::AddrNotAvailable => {
                    Some("set server.addr to an address that this machine has")
                }
                _ => None,
            },
            Self::Database { .. } | Self::Operator(_) | Self::Passed(_) | Self::System(_) => None,
        }
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens; tells the port if the configuration left it open with 0.
    pub addr: ListenAddr,
    /// Where its figures are to be had.
    pub metrics_addr: Option<ListenAddr>,
    lifecycle: Lifecycle,
    state: Arc<AppState>,
    store: Arc<dyn Store>,
    /// The files of Unix sockets that were made here.
    made: Vec<PathBuf>,
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

/// Runs the server until it is asked to stop. `reload` reads the configuration anew when that is
/// asked for.
///
/// # Errors
/// [`StartError`] when it cannot start.
pub fn run(config: &Config, reload: impl Fn() -> Option<Config>) -> Result<(), StartError> {
    // Whoever owns the data is known before there is a second thread.
    DataDir::make(&config.storage.data_dir)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(MAX_WORKERS))
        .enable_all()
        .build()?;
    let ran = runtime.block_on(async {
        // Before anybody can know that it runs and ask it to end.
        let (stop, hang_up) = (asked_to_stop()?, asked_to_reload()?);
        let running = start(config, Arc::new(SystemClock)).await?;
        announce(&running, config);
        operator::invite(&running, config).await;
        let supervisor = Supervisor::new(Arc::clone(&running.state), config.clone());
        let why = supervisor.watch(stop, hang_up, reload).await;
        tracing::info!("stopping");
        manager::stops();
        running.stop_because(why).await;
        tracing::info!("stopped");
        Ok(())
    });
    runtime.shutdown_background();
    ran
}

/// Says a line to whoever started the server by hand. Where nobody listens any more, it runs all the
/// same.
fn say(line: fmt::Arguments) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Says where the server is and where its data is.
fn announce(running: &Running, config: &Config) {
    let data = fs::canonicalize(&config.storage.data_dir);
    let data = data.unwrap_or_else(|_| config.storage.data_dir.clone());
    let scheme = config.server.tls.scheme();
    match &running.addr {
        ListenAddr::Tcp(addr) => say(format_args!("AnonChat listens on {scheme}://{addr}")),
        unix @ ListenAddr::Unix(_) => say(format_args!("AnonChat listens on {unix}")),
    }
    match &config.storage.url {
        Some(url) => say(format_args!("Its database is {url}, its key is in {}", data.display())),
        None => say(format_args!("Its data is in {}", data.display())),
    }
    say(format_args!("Open the address in a browser; Ctrl-C stops the server."));
}

/// Builds everything and starts to listen.
///
/// # Errors
/// [`StartError`] says what is in the way and what to do.
pub async fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let data_dir = DataDir::make(&config.storage.data_dir)?;
    let identity = identity(config)?;
    let lock = data_dir.lock(Purpose::Serve)?;
    let wall = open_wall(&data_dir)?;
    let signing_keys = signing::read(&data_dir, &wall)?;
    let store = open_store(&data_dir, config, clock.now()).await?;
    let lifecycle = Lifecycle::default();
    let state = state(config, clock, wall, Arc::clone(&store), &lifecycle).await;
    let mut state = state.map_err(|source| StartError::database(config, source))?;
    state.identity = identity.map(Reloadable::new);
    let state = Arc::new(state);
    state.auth.set_signing_keys(&signing_keys);
    operator::bootstrap(&state.auth, config).await.map_err(StartError::Operator)?;
    let sockets = sockets::open(&config.server.addr).await?;
    let metrics = match &config.server.metrics_addr {
        Some(addr) => Some(sockets::bind(addr).await?),
        None => None,
    };
    let addr = sockets.first().map_or(config.server.addr.clone(), |first| first.addr.clone());
    let tasks = &lifecycle.tasks;
    tasks.spawn(sweep(Arc::clone(&state), data_dir.clone()));
    tasks.spawn(operator::keep_up(Arc::clone(&state), data_dir, signing_keys));
    let metrics_addr = metrics.as_ref().map(|socket| socket.addr.clone());
    let router = api::router(Arc::clone(&state));
    let for_people = listen_settings(config, true);
    let served = sockets.into_iter().map(|socket| (socket, router.clone(), for_people));
    let figures = metrics.map(|socket| {
        (socket, api::metrics_router(Arc::clone(&state)), listen_settings(config, false))
    });
    let mut made = Vec::new();
    for (Socket { listener, made: file, .. }, router, settings) in served.chain(figures) {
        made.extend(file);
        tasks.spawn(api::serve(listener, Arc::clone(&state), router, settings));
    }
    Ok(Running { addr, metrics_addr, lifecycle, state, store, made, _lock: lock })
}

impl Running {
    /// While nobody can log in as an operator: a token with which somebody becomes one, once, within
    /// an hour. The one before it is worth nothing from now on.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked.
    pub async fn offer_setup(&self) -> Result<Option<SetupToken>, StoreError> {
        if self.state.auth.has_operator().await? {
            return Ok(None);
        }
        self.state.auth.offer_setup().await.map(Some)
    }

    /// Stops as by hand: no new connections, sockets closed with 1001, everything acknowledged on
    /// disk.
    pub async fn stop(self) {
        self.stop_because(Stop::ByHand).await;
    }

    /// The same; when a manager asks, sockets are closed with 1012, one after another.
    pub async fn stop_because(self, why: Stop) {
        if !self.lifecycle.stop(why).await {
            tracing::warn!("something took too long to end and was left behind");
        }
        self.store.close().await;
        for path in &self.made {
            // Where it is gone already, that is what was wanted.
            let _ = fs::remove_file(path);
        }
    }
}

/// Who the server proves to be, where TLS is configured.
fn identity(config: &Config) -> Result<Option<Identity>, IdentityError> {
    let files = config.server.tls.files();
    files.map(|(certificate, key)| Identity::load(certificate, key)).transpose()
}

fn open_wall(data_dir: &DataDir) -> Result<Wall, StartError> {
    Ok(Wall::new(&SecretKey::load_or_create(&data_dir.key())?))
}

/// Opens the database. Before its schema changes, a copy of the file is kept.
async fn open_store(
    data_dir: &DataDir,
    config: &Config,
    now: Timestamp,
) -> Result<Arc<dyn Store>, StartError> {
    if config.storage.url.is_none()
        && let Some(copy) = keep_copy(data_dir, &schema(data_dir)?, now)?
    {
        tracing::info!(copy = %copy.display(), "kept a copy from before the schema changes");
    }
    let store = back_end::open(data_dir, &config.storage).await;
    Ok(store.map_err(|source| StartError::database(config, source))?)
}

/// Where the schema stands; refuses one that a newer program made.
fn schema(data_dir: &DataDir) -> Result<Schema, StartError> {
    let path = data_dir.database();
    let schema = SqliteUpkeep.schema(&path).map_err(|source| StartError::file(&path, source))?;
    match schema.found.filter(|_| schema.is_newer()) {
        Some(found) => Err(StartError::Newer { path, found, known: schema.known }),
        None => Ok(schema),
    }
}

/// Keeps a copy of a database whose schema is about to change; says where.
fn keep_copy(
    data_dir: &DataDir,
    schema: &Schema,
    now: Timestamp,
) -> Result<Option<PathBuf>, StartError> {
    let shop = Workshop { data_dir, upkeep: &SqliteUpkeep, now };
    before_migration(shop, schema).map_err(StartError::NoCopy)
}

async fn state(
    config: &Config,
    clock: Arc<dyn Clock>,
    wall: Wall,
    store: Arc<dyn Store>,
    lifecycle: &Lifecycle,
) -> Result<AppState, StoreError> {
    let Lifecycle { tasks, shutdown, restarts } = lifecycle.clone();
    let (started_at, settings) = (clock.now().whole_second(), api_settings(config));
    let accounts: Arc<dyn OperatorStore> = Arc::clone(&store) as _;
    let chats: Arc<dyn ChatStore> = store;
    let auth = Auth::new(accounts, wall.clone(), auth_settings(config), Arc::clone(&clock)).await?;
    let hub_settings = HubSettings {
        sockets_per_person: config.server.limits.sockets_per_room.get(),
        events_per_room: config.rooms.max_events.get(),
        jitter: presence_jitter,
    };
    let proxies = TrustedProxies::new(config.server.trusted_proxies.clone());
    let hub = Hub::new(chats, Arc::clone(&clock), tasks.clone(), shutdown.clone(), hub_settings);
    Ok(AppState {
        auth,
        epoch: HEXLOWER.encode(&hub.epoch().await?),
        hub,
        wall,
        rate_keys: RateKeys::new(clock.now()),
        clock,
        identity: None,
        trusted_proxies: Reloadable::new(proxies),
        limits: Reloadable::new(Limits::new(limit_settings(config))),
        metrics: Metrics::default(),
        opening: tokio::sync::Mutex::default(),
        searching: Semaphore::new(1),
        all_sockets: Arc::new(Semaphore::new(count(config.server.limits.sockets))),
        sockets: Slots::new(config.server.limits.sockets_per_account.get()),
        page: Page::at(&settings.base),
        settings,
        started_at,
        tasks,
        shutdown,
        restarts,
    })
}

/// Uniform between 0 and 3 seconds (ANON-08).
fn presence_jitter() -> Duration {
    Duration::from_millis(3000 * u64::from(u16::from_be_bytes(random::bytes())) / 0xffff)
}

/// Sweeps away, once a minute, what has expired.
async fn sweep(app: Arc<AppState>, data_dir: DataDir) {
    let mut every = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = app.shutdown.cancelled() => return,
        }
        app.limits().forget_idle();
        for swept in [app.hub.expire().await, app.auth.sweep().await] {
            if let Err(error) = swept {
                tracing::warn!(error = &error as &dyn std::error::Error, "not swept; will be");
            }
        }
        // A few names in one folder: too little to wait for on another thread.
        if let Err(error) = forget_old_copies(&data_dir, app.clock.now()) {
            tracing::warn!(error = &error as &dyn std::error::Error, "old copies stay");
        }
    }
}
