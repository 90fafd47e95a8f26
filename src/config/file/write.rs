//! The way back: a configuration as somebody would have written it.
//!
//! Every field is named, so that the compiler keeps this the full list of keys.

use super::{
    RawAuth, RawBootstrapAdmin, RawConfig, RawLimits, RawLogger, RawQuota, RawRateLimits,
    RawRequestQuota, RawRooms, RawServer, RawSteadyRate, RawStorage, RawTimeouts, RawTls,
};
use crate::config::{
    BootstrapAdmin, Config, RateLimits, Server, SteadyRate, bootstrap::LoginText,
    file_path::FilePath, setting::Setting,
};

impl From<&Config> for RawConfig {
    fn from(config: &Config) -> Self {
        let Config { server, storage, auth, rooms } = config;
        Self {
            server: server.into(),
            storage: RawStorage {
                data_dir: Setting::given(storage.data_dir.clone()),
                url: Setting::maybe(storage.url.clone()),
                durability: Setting::given(storage.durability),
            },
            auth: RawAuth {
                email: Setting::given(auth.email),
                registration: Setting::given(auth.registration),
                bootstrap_admin: (&auth.bootstrap_admin).into(),
                pepper: Setting::given(auth.pepper),
                access_token_ttl: Setting::given(auth.access_token_ttl),
                refresh_token_ttl: Setting::given(auth.refresh_token_ttl),
                session_ttl: Setting::given(auth.session_ttl),
            },
            rooms: RawRooms {
                max_users: Setting::given(rooms.max_users),
                per_account: Setting::given(rooms.per_account),
                max_events: Setting::given(rooms.max_events),
                default_retention: Setting::given(rooms.default_retention),
                max_retention: Setting::given(rooms.max_retention),
            },
        }
    }
}

impl From<&BootstrapAdmin> for RawBootstrapAdmin {
    fn from(admin: &BootstrapAdmin) -> Self {
        let BootstrapAdmin { login, password_file } = admin.clone();
        Self {
            login: Setting::maybe(login.map(LoginText)),
            password_file: Setting::maybe(password_file.map(FilePath)),
        }
    }
}

impl From<&Server> for RawServer {
    fn from(server: &Server) -> Self {
        let Server { timeouts, limits, logger, .. } = server;
        Self {
            addr: Setting::given(server.addr.clone()),
            metrics_addr: Setting::maybe(server.metrics_addr.clone()),
            public_url: Setting::maybe(server.public_url.clone()),
            tls: RawTls {
                certificate: Setting::maybe(server.tls.certificate.clone().map(FilePath)),
                key: Setting::maybe(server.tls.key.clone().map(FilePath)),
            },
            allowed_hosts: Setting::given(server.allowed_hosts.clone()),
            allowed_origins: Setting::given(server.allowed_origins.clone()),
            trusted_proxies: Setting::given(server.trusted_proxies.clone()),
            timeouts: RawTimeouts {
                read: Setting::given(timeouts.read),
                write: Setting::given(timeouts.write),
                heartbeat: Setting::given(timeouts.heartbeat),
                silence: Setting::given(timeouts.silence),
            },
            rate_limits: (&server.rate_limits).into(),
            limits: RawLimits {
                connections: Setting::given(limits.connections),
                connections_per_address: Setting::given(limits.connections_per_address),
                sockets: Setting::given(limits.sockets),
                sockets_per_account: Setting::given(limits.sockets_per_account),
                sockets_per_room: Setting::given(limits.sockets_per_room),
            },
            logger: RawLogger {
                level: Setting::given(logger.level),
                mode: Setting::given(logger.mode),
            },
        }
    }
}

impl From<&RateLimits> for RawRateLimits {
    fn from(limits: &RateLimits) -> Self {
        Self {
            mode: Setting::given(limits.enabled),
            max_requests: Setting::given(limits.requests.max),
            update_in: Setting::given(limits.requests.period),
            registrations: RawRequestQuota {
                max_requests: Setting::given(limits.registrations.max),
                update_in: Setting::given(limits.registrations.period),
            },
            failed_logins: RawQuota {
                max: Setting::given(limits.failed_logins.max),
                update_in: Setting::given(limits.failed_logins.period),
            },
            failed_logins_per_account: RawQuota {
                max: Setting::given(limits.failed_logins_per_account.max),
                update_in: Setting::given(limits.failed_logins_per_account.period),
            },
            messages: limits.messages.into(),
            handshakes: limits.handshakes.into(),
        }
    }
}

impl From<SteadyRate> for RawSteadyRate {
    fn from(SteadyRate { per_second, burst }: SteadyRate) -> Self {
        Self { per_second: Setting::given(per_second), burst: Setting::given(burst) }
    }
}
