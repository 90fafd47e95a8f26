//! What holds where nobody says otherwise.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    time::Duration,
};

use tracing::Level;

use super::{
    Auth, BootstrapAdmin, Durability, Limits, LogMode, Logger, Quota, RateLimits, Registration,
    Rooms, Server, SteadyRate, Storage, Timeouts, Tls,
};
use crate::domain::{EmailPolicy, Retention};

impl Default for Server {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)).into(),
            metrics_addr: None,
            public_url: None,
            tls: Tls::default(),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            timeouts: Timeouts::default(),
            rate_limits: RateLimits::default(),
            limits: Limits::default(),
            logger: Logger::default(),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(10),
            write: Duration::from_secs(10),
            heartbeat: Duration::from_secs(25),
            silence: Duration::from_mins(1),
        }
    }
}

impl Default for RateLimits {
    /// Forty people behind one address can register, join a room and talk within a minute.
    fn default() -> Self {
        Self {
            enabled: true,
            requests: Quota { max: count(100), period: Duration::from_mins(1) },
            registrations: Quota { max: count(60), period: Duration::from_hours(1) },
            failed_logins: Quota { max: count(10), period: Duration::from_mins(1) },
            failed_logins_per_account: Quota { max: count(20), period: Duration::from_mins(10) },
            messages: SteadyRate { per_second: count(10), burst: count(20) },
            handshakes: SteadyRate { per_second: count(500), burst: count(2000) },
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: count(10_000),
            connections_per_address: count(512),
            sockets: count(10_000),
            sockets_per_account: count(10),
            sockets_per_room: count(5),
        }
    }
}

impl Default for Logger {
    fn default() -> Self {
        Self { level: Level::INFO, mode: LogMode::Auto }
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self { data_dir: "./anonchat-data".into(), url: None, durability: Durability::Full }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            email: EmailPolicy::Required,
            registration: Registration::Open,
            bootstrap_admin: BootstrapAdmin::default(),
            pepper: false,
            access_token_ttl: Duration::from_mins(15),
            refresh_token_ttl: Duration::from_hours(7 * 24),
            session_ttl: Duration::from_hours(30 * 24),
        }
    }
}

impl Default for Rooms {
    fn default() -> Self {
        Self {
            max_users: count(1000),
            per_account: count(50),
            max_events: count(1_000_000),
            default_retention: Retention::Keep,
            max_retention: Retention::Keep,
        }
    }
}

const fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(number.saturating_sub(1))
}
