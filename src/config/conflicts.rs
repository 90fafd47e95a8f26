//! Values that are right alone and wrong together.

use super::Config;

/// Two keys of which the first must not be more than the second, and is.
pub(super) struct Conflict {
    pub(super) lesser: &'static str,
    pub(super) greater: &'static str,
}

/// Every pair of keys that contradict each other.
pub(super) fn conflicts(config: &Config) -> Vec<Conflict> {
    let (rates, timeouts) = (&config.server.rate_limits, &config.server.timeouts);
    let (auth, rooms) = (&config.auth, &config.rooms);
    let rules = [
        (
            rates.messages.per_second <= rates.messages.burst,
            "server.rate-limits.messages.per-second",
            "server.rate-limits.messages.burst",
        ),
        (
            rates.handshakes.per_second <= rates.handshakes.burst,
            "server.rate-limits.handshakes.per-second",
            "server.rate-limits.handshakes.burst",
        ),
        (
            timeouts.heartbeat <= timeouts.silence,
            "server.timeouts.heartbeat",
            "server.timeouts.silence",
        ),
        (auth.refresh_token_ttl <= auth.session_ttl, "auth.refresh-token-ttl", "auth.session-ttl"),
        (
            rooms.default_retention.is_within(rooms.max_retention),
            "rooms.default-retention",
            "rooms.max-retention",
        ),
    ];
    let broken = rules.into_iter().filter(|(holds, ..)| !holds);
    broken.map(|(_, lesser, greater)| Conflict { lesser, greater }).collect()
}
