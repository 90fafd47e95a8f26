//! How the server ends: asked to, softly, and at the latest after a while.

use std::{io, panic, time::Duration};

use rustix::{
    fs::Mode,
    process::{Resource, Rlimit},
};
use tokio::signal::unix::{SignalKind, signal};
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
}

impl Lifecycle {
    /// Asks everything to end and waits for it, but no longer than [`SOFT_STOP`].
    ///
    /// False if something had to be left behind.
    pub async fn stop(&self) -> bool {
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
            eprintln!("error: a bug at {place}");
        }
    }));
}

/// Completes on SIGTERM or Ctrl-C.
///
/// # Errors
/// When the system does not let signals be watched.
pub async fn asked_to_stop() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
