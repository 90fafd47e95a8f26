//! The configuration as the YAML spells it, and what each key may hold.
//!
//! A new key is added here (with its bounds), to [`Config`](super::Config), to `defaults`, to
//! `resolve` and `write` below, and to the example (a secret also to `secrets`); the compiler and the tests miss none of them.

mod resolve;
mod write;

use std::path::PathBuf;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::Level;

use super::{
    DatabaseUrl, Durability, HostName, ListenAddr, LogMode, PublicUrl, Registration,
    bootstrap::LoginText,
    file_path::FilePath,
    setting::{Count, DAY_MS, HOUR_MS, MINUTE_MS, Period, SECOND_MS, Setting},
};
use crate::domain::{EmailPolicy, Retention};

type Timeout = Period<100, { 5 * MINUTE_MS }>;
type QuotaMax = Count<1_000_000>;
type QuotaPeriod = Period<SECOND_MS, DAY_MS>;
type Connections = Count<1_000_000>;
type Sockets = Count<1000>;

/// What a file may say; every key may be left out.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawConfig {
    server: RawServer,
    storage: RawStorage,
    auth: RawAuth,
    rooms: RawRooms,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawServer {
    addr: Setting<ListenAddr>,
    metrics_addr: Setting<ListenAddr>,
    public_url: Setting<PublicUrl>,
    tls: RawTls,
    allowed_hosts: Setting<Vec<HostName>>,
    allowed_origins: Setting<Vec<PublicUrl>>,
    trusted_proxies: Setting<Vec<IpNet>>,
    timeouts: RawTimeouts,
    rate_limits: RawRateLimits,
    limits: RawLimits,
    logger: RawLogger,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawTls {
    certificate: Setting<FilePath>,
    key: Setting<FilePath>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawTimeouts {
    read: Setting<Timeout>,
    write: Setting<Timeout>,
    heartbeat: Setting<Period<SECOND_MS, { 5 * MINUTE_MS }>>,
    silence: Setting<Period<{ 2 * SECOND_MS }, { 10 * MINUTE_MS }>>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawRateLimits {
    mode: Setting<bool>,
    max_requests: Setting<QuotaMax>,
    update_in: Setting<QuotaPeriod>,
    registrations: RawRequestQuota,
    failed_logins: RawQuota,
    failed_logins_per_account: RawQuota,
    messages: RawSteadyRate,
    handshakes: RawSteadyRate,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawRequestQuota {
    max_requests: Setting<QuotaMax>,
    update_in: Setting<QuotaPeriod>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawQuota {
    max: Setting<QuotaMax>,
    update_in: Setting<QuotaPeriod>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawSteadyRate {
    per_second: Setting<Count<10_000>>,
    burst: Setting<Count<100_000>>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawLimits {
    connections: Setting<Connections>,
    connections_per_address: Setting<Connections>,
    sockets: Setting<Connections>,
    sockets_per_account: Setting<Sockets>,
    sockets_per_room: Setting<Sockets>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawLogger {
    level: Setting<Level>,
    mode: Setting<LogMode>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawStorage {
    data_dir: Setting<PathBuf>,
    url: Setting<DatabaseUrl>,
    durability: Setting<Durability>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawAuth {
    email: Setting<EmailPolicy>,
    registration: Setting<Registration>,
    bootstrap_admin: RawBootstrapAdmin,
    pepper: Setting<bool>,
    access_token_ttl: Setting<Period<MINUTE_MS, HOUR_MS>>,
    refresh_token_ttl: Setting<Period<HOUR_MS, { 90 * DAY_MS }>>,
    session_ttl: Setting<Period<HOUR_MS, { 365 * DAY_MS }>>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawBootstrapAdmin {
    login: Setting<LoginText>,
    password_file: Setting<FilePath>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RawRooms {
    max_users: Setting<Count<1000>>,
    per_account: Setting<Count<10_000>>,
    max_events: Setting<Count<1_000_000_000>>,
    default_retention: Setting<Retention>,
    max_retention: Setting<Retention>,
}
