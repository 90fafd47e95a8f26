//! From the file to the configuration: what was left out gets its default.

use super::{
    RawAuth, RawBootstrapAdmin, RawConfig, RawLimits, RawLogger, RawQuota, RawRateLimits,
    RawRequestQuota, RawRooms, RawServer, RawSteadyRate, RawStorage, RawTimeouts, RawTls,
};
use crate::config::{
    Auth, BootstrapAdmin, Config, Limits, Logger, Quota, RateLimits, Rooms, Server, SteadyRate,
    Storage, Timeouts, Tls, bootstrap::LoginText, file_path::FilePath,
};

impl RawConfig {
    /// The configuration, with the default where a key was left out.
    pub(in crate::config) fn into_config(self) -> Config {
        Config {
            server: self.server.into_server(),
            storage: self.storage.into_storage(),
            auth: self.auth.into_auth(),
            rooms: self.rooms.into_rooms(),
        }
    }
}

impl RawServer {
    fn into_server(self) -> Server {
        let default = Server::default();
        Server {
            addr: self.addr.or(default.addr),
            metrics_addr: self.metrics_addr.into_option(),
            public_url: self.public_url.into_option(),
            tls: self.tls.into_tls(),
            allowed_hosts: self.allowed_hosts.or(default.allowed_hosts),
            allowed_origins: self.allowed_origins.or(default.allowed_origins),
            trusted_proxies: self.trusted_proxies.or(default.trusted_proxies),
            timeouts: self.timeouts.into_timeouts(),
            rate_limits: self.rate_limits.into_rate_limits(),
            limits: self.limits.into_limits(),
            logger: self.logger.into_logger(),
        }
    }
}

impl RawTls {
    fn into_tls(self) -> Tls {
        let (certificate, key) = (self.certificate.into_option(), self.key.into_option());
        Tls {
            certificate: certificate.map(|FilePath(path)| path),
            key: key.map(|FilePath(path)| path),
        }
    }
}

impl RawTimeouts {
    fn into_timeouts(self) -> Timeouts {
        let default = Timeouts::default();
        Timeouts {
            read: self.read.or(default.read),
            write: self.write.or(default.write),
            heartbeat: self.heartbeat.or(default.heartbeat),
            silence: self.silence.or(default.silence),
        }
    }
}

impl RawRateLimits {
    fn into_rate_limits(self) -> RateLimits {
        let default = RateLimits::default();
        let requests =
            RawRequestQuota { max_requests: self.max_requests, update_in: self.update_in };
        RateLimits {
            enabled: self.mode.or(default.enabled),
            requests: requests.into_quota(default.requests),
            registrations: self.registrations.into_quota(default.registrations),
            failed_logins: self.failed_logins.into_quota(default.failed_logins),
            failed_logins_per_account: self
                .failed_logins_per_account
                .into_quota(default.failed_logins_per_account),
            messages: self.messages.into_rate(default.messages),
            handshakes: self.handshakes.into_rate(default.handshakes),
        }
    }
}

impl RawSteadyRate {
    fn into_rate(self, default: SteadyRate) -> SteadyRate {
        SteadyRate {
            per_second: self.per_second.or(default.per_second),
            burst: self.burst.or(default.burst),
        }
    }
}

impl RawRequestQuota {
    fn into_quota(self, default: Quota) -> Quota {
        RawQuota { max: self.max_requests, update_in: self.update_in }.into_quota(default)
    }
}

impl RawQuota {
    fn into_quota(self, default: Quota) -> Quota {
        Quota { max: self.max.or(default.max), period: self.update_in.or(default.period) }
    }
}

impl RawLimits {
    fn into_limits(self) -> Limits {
        let default = Limits::default();
        Limits {
            connections: self.connections.or(default.connections),
            connections_per_address: self
                .connections_per_address
                .or(default.connections_per_address),
            sockets: self.sockets.or(default.sockets),
            sockets_per_account: self.sockets_per_account.or(default.sockets_per_account),
            sockets_per_room: self.sockets_per_room.or(default.sockets_per_room),
        }
    }
}

impl RawLogger {
    fn into_logger(self) -> Logger {
        let default = Logger::default();
        Logger { level: self.level.or(default.level), mode: self.mode.or(default.mode) }
    }
}

impl RawStorage {
    fn into_storage(self) -> Storage {
        let default = Storage::default();
        Storage {
            data_dir: self.data_dir.or(default.data_dir),
            url: self.url.into_option(),
            durability: self.durability.or(default.durability),
        }
    }
}

impl RawAuth {
    fn into_auth(self) -> Auth {
        let default = Auth::default();
        Auth {
            email: self.email.or(default.email),
            registration: self.registration.or(default.registration),
            bootstrap_admin: self.bootstrap_admin.into_admin(),
            pepper: self.pepper.or(default.pepper),
            access_token_ttl: self.access_token_ttl.or(default.access_token_ttl),
            refresh_token_ttl: self.refresh_token_ttl.or(default.refresh_token_ttl),
            session_ttl: self.session_ttl.or(default.session_ttl),
        }
    }
}

impl RawBootstrapAdmin {
    fn into_admin(self) -> BootstrapAdmin {
        let (login, file) = (self.login.into_option(), self.password_file.into_option());
        BootstrapAdmin {
            login: login.map(|LoginText(login)| login),
            password_file: file.map(|FilePath(path)| path),
        }
    }
}

impl RawRooms {
    fn into_rooms(self) -> Rooms {
        let default = Rooms::default();
        Rooms {
            max_users: self.max_users.or(default.max_users),
            per_account: self.per_account.or(default.per_account),
            max_events: self.max_events.or(default.max_events),
            default_retention: self.default_retention.or(default.default_retention),
            max_retention: self.max_retention.or(default.max_retention),
        }
    }
}
