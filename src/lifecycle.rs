//! How the server ends: asked to, softly, and at the latest after a while. `manager` tells whoever
//! started the service how it is.

pub mod manager;

use std::{
    io::{self, Write},
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::{
    fs::Mode,
    process::{Resource, Rlimit},
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long everything that runs has to end.
const SOFT_STOP: Duration = Duration::from_secs(8);

/// Tasks and the wish to stop them; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Everything that runs.
    pub tasks: TaskTracker,
    /// Completes when the server is to stop.
    pub shutdown: CancellationToken,
    /// Whether it stops in order to start again.
    pub restarts: Arc<AtomicBool>,
}

/// Why the server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody ends it by hand; nobody knows when it comes back.
    ByHand,
    /// Whoever looks after it asks: most likely another process takes its place at once.
    ByManager,
}

impl Lifecycle {
    /// Asks everything to end and waits for it, but no longer than [`SOFT_STOP`].
    ///
    /// False if something had to be left behind.
    pub async fn stop(&self, why: Stop) -> bool {
        self.restarts.store(why == Stop::ByManager, Ordering::Relaxed);
        self.shutdown.cancel();
        self.tasks.close();
        tokio::time::timeout(SOFT_STOP, self.tasks.wait()).await.is_ok()
    }
}

/// Makes the process keep to itself: what it writes is for its owner alone, whatever the umask
/// was, a crash leaves no image of its memory, and a panic tells where it happened and not what
/// was in the values (LOG-07, DATA-01).
pub fn keep_to_yourself() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // A system that refuses has made no promise about core dumps either.
    let _ = rustix::process::setrlimit(Resource::Core, none);
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if tracing::dispatcher::has_been_set() {
            tracing::error!(%place, "a bug: this task ends");
        } else {
            // A panic in here would end the process.
            let _ = writeln!(io::stderr(), "error: a bug at {place}");
        }
    }));
}

/// Watches for signals from now on: what comes before the future is awaited is not lost, and does
/// not end the process at once. Completes on SIGTERM, which a service manager sends, or on Ctrl-C.
///
/// # Errors
/// When the system does not let signals be watched.
pub fn asked_to_stop() -> io::Result<impl Future<Output = Stop>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Stop::ByManager,
            _ = interrupt.recv() => Stop::ByHand,
        }
    })
}

/// Tells of each SIGHUP from now on, which asks for the configuration to be read anew.
///
/// # Errors
/// When the system does not let signals be watched.
pub fn asked_to_reload() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}
