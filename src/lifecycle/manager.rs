//! What the service manager is told: the notification protocol of systemd, which others speak too.
//!
//! Where nobody listens (`NOTIFY_SOCKET` is not set) every call does nothing. What is told goes
//! into the manager's own records, so it holds counts and never what could tell people apart.

use std::time::Duration;

use sd_notify::NotifyState;

/// How long the manager waits for [`is_well`] before it ends the process; `None` if it does not.
pub fn patience() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// The server does its work: people can come.
pub fn is_ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// One line for people about how things are.
pub fn has_status(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// Everything that must work does, just now.
pub fn is_well() {
    tell(&[NotifyState::Watchdog]);
}

/// The configuration is read anew; [`is_ready`] says when that is done.
pub fn reloads() {
    let now = NotifyState::monotonic_usec_now();
    tell(&[NotifyState::Reloading].into_iter().chain(now.ok()).collect::<Vec<_>>());
}

/// The server ends.
pub fn stops() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager could not be told how the server is");
    }
}
