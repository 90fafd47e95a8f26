//! While the server runs: tells the service manager how much goes on and that everything works,
//! and takes over what the operator has changed.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{
    signal::unix::Signal,
    time::{Interval, MissedTickBehavior, interval, sleep, timeout},
};

use super::settings::{auth_settings, limit_settings};
use crate::{
    anonymity::TrustedProxies,
    api::{AppState, Limits},
    config::{Config, Tls},
    connection::Identity,
    lifecycle::{Stop, manager},
    telemetry,
};

/// How often the counts are told, if they are others by then.
const STATUS: Duration = Duration::from_secs(10);
/// The same for a manager that wants to hear more often that all is well.
const FASTER: u32 = 3;
/// What a round trip through the event loop waits for: the timer must turn, too.
const ROUND_TRIP: Duration = Duration::from_millis(1);

/// Looks after a server that runs.
pub(super) struct Supervisor {
    app: Arc<AppState>,
    /// What holds now.
    config: Config,
    /// Whether the last configuration that was to be taken over could not be.
    refused: bool,
}

impl Supervisor {
    pub(super) fn new(app: Arc<AppState>, config: Config) -> Self {
        Self { app, config, refused: false }
    }

    /// Says that the server is ready, then watches until `stop` completes. On each `hang_up` takes
    /// over what `read` answers; `None` changes nothing.
    pub(super) async fn watch(
        mut self,
        stop: impl Future<Output = Stop>,
        mut hang_up: Signal,
        read: impl Fn() -> Option<Config>,
    ) -> Stop {
        let mut stop = pin!(stop);
        if let Some(patience) = manager::patience() {
            self.app.tasks.spawn(feed_watchdog(Arc::clone(&self.app), patience / FASTER));
        }
        let mut told = self.status();
        let mut every = every(manager::patience().map_or(STATUS, |it| STATUS.min(it / FASTER)));
        manager::is_ready(&told);
        loop {
            tokio::select! {
                why = &mut stop => return why,
                _ = hang_up.recv() => self.reload(&read),
                _ = every.tick() => {}
            }
            let now = self.status();
            if now != told {
                manager::has_status(&now);
                told = now;
            }
        }
    }

    /// How much goes on, in counts alone.
    fn status(&self) -> String {
        let (rooms, sockets) = (self.app.hub.awake(), self.app.open_sockets());
        let refused =
            if self.refused { "; the changed configuration is wrong, see the log" } else { "" };
        format!("serving {rooms} rooms, {sockets} sockets{refused}")
    }

    fn reload(&mut self, read: impl Fn() -> Option<Config>) {
        manager::reloads();
        let config = read();
        self.refused = !config.is_some_and(|config| self.take_over(&config));
        manager::is_ready(&self.status());
    }

    /// Certificate, log level, rate limits and trusted proxies hold from now on, the rest after a
    /// restart. False, and nothing has changed, if the certificate cannot be used.
    fn take_over(&mut self, config: &Config) -> bool {
        let server = &config.server;
        if !self.take_over_identity(&server.tls) {
            return false;
        }
        telemetry::set_level(server.logger.level);
        self.app.trusted_proxies.replace(TrustedProxies::new(server.trusted_proxies.clone()));
        if server.rate_limits != self.config.server.rate_limits {
            self.app.limits.replace(Limits::new(limit_settings(config)));
            self.app.auth.set_login_limits(auth_settings(config).login_limits);
        }
        let now = &mut self.config.server;
        if now.tls.files().is_some() && server.tls.files().is_some() {
            now.tls.clone_from(&server.tls);
        }
        now.logger.level = server.logger.level;
        now.trusted_proxies.clone_from(&server.trusted_proxies);
        now.rate_limits = server.rate_limits;
        if self.config == *config {
            tracing::info!("the configuration was read anew");
        } else {
            tracing::warn!("the configuration was read anew; part of it needs a restart to hold");
        }
        true
    }

    /// Reads the certificate and its key anew, for connections that come from now on.
    fn take_over_identity(&self, tls: &Tls) -> bool {
        let (Some(identity), Some((certificate, key))) = (&self.app.identity, tls.files()) else {
            return true;
        };
        match Identity::load(certificate, key) {
            Ok(read) => identity.replace(read),
            Err(error) => {
                let help = error.help();
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, help, "the old certificate stays");
                return false;
            }
        }
        true
    }
}

/// Tells the manager that all is well, only after storage has written and read and a task has gone
/// through the event loop. A server that is alive and does nothing is started anew.
async fn feed_watchdog(app: Arc<AppState>, pause: Duration) {
    let mut every = every(pause);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = app.shutdown.cancelled() => return,
        }
        let round_trip = app.tasks.spawn(sleep(ROUND_TRIP));
        let both = async { round_trip.await.is_ok() && app.hub.probe().await.is_ok() };
        if timeout(pause, both).await.unwrap_or(false) {
            manager::is_well();
        }
    }
}

fn every(pause: Duration) -> Interval {
    let mut every = interval(pause.max(ROUND_TRIP));
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every
}
