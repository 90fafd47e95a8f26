//! How the server ends: asked to, softly, and at the latest after a while.

use std::{io, time::Duration};

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
