//! What each room of the house needs to know of the configuration.

use std::num::NonZeroU32;

use crate::{
    api::{ApiSettings, LimitSettings, ListenSettings, Rate},
    auth::{AuthSettings, LoginLimits},
    config::{self, Config},
    domain::{Capacity, Lifetimes},
    protocol::RoomLimits,
};

pub(super) fn auth_settings(config: &Config) -> AuthSettings {
    let rates = &config.server.rate_limits;
    let limit = |quota: config::Quota| {
        let most = if rates.enabled { quota.max.get() } else { u32::MAX };
        (most, quota.period)
    };
    AuthSettings {
        email: config.auth.email,
        pepper: config.auth.pepper,
        host: config.server.public_url.as_ref().map(|url| url.host().to_owned()),
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

pub(super) fn limit_settings(config: &Config) -> LimitSettings {
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

pub(super) fn api_settings(config: &Config) -> ApiSettings {
    ApiSettings {
        email: config.auth.email,
        rooms: RoomLimits {
            max_users: u16::try_from(config.rooms.max_users.get()).unwrap_or(Capacity::MAX),
            max_retention: config.rooms.max_retention,
            default_retention: config.rooms.default_retention,
        },
        rooms_per_account: count(config.rooms.per_account),
        sockets: count(config.server.limits.sockets),
        public_url: config.server.public_url.as_ref().map(|url| url.as_str().to_owned()),
        hosts: hosts(&config.server),
        origins: config.server.allowed_origins.iter().map(ToString::to_string).collect(),
        read_timeout: config.server.timeouts.read,
        write_timeout: config.server.timeouts.write,
        heartbeat: config.server.timeouts.heartbeat,
        silence: config.server.timeouts.silence,
    }
}

/// Every name that the server answers to; none where it answers to every name.
fn hosts(server: &config::Server) -> Vec<String> {
    let allowed: Vec<_> =
        server.allowed_hosts.iter().map(|host| host.as_str().to_owned()).collect();
    if allowed.is_empty() {
        return allowed;
    }
    allowed.into_iter().chain(server.public_url.iter().map(|url| url.host().to_owned())).collect()
}

/// For a socket where people come, or for one where only figures are to be had.
pub(super) fn listen_settings(config: &Config, is_for_people: bool) -> ListenSettings {
    ListenSettings {
        connections: count(config.server.limits.connections),
        per_address: config.server.limits.connections_per_address.get(),
        head_timeout: config.server.timeouts.read,
        secured: is_for_people,
    }
}

pub(super) fn count(number: NonZeroU32) -> usize {
    usize::try_from(number.get()).unwrap_or(usize::MAX)
}
