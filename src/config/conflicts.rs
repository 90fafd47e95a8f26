//! Values that are right alone and wrong together.

use super::{BootstrapAdmin, Config, Timeouts};

/// Two keys that contradict each other.
pub(super) enum Conflict {
    /// The first must not be more than the second, and is.
    TooMuch { lesser: &'static str, greater: &'static str },
    /// The first must be less than the second, and is not.
    NotLess { lesser: &'static str, greater: &'static str },
    /// One is given, and the other, without which it means nothing, is not.
    Alone { given: &'static str, missing: &'static str },
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
        (auth.refresh_token_ttl <= auth.session_ttl, "auth.refresh-token-ttl", "auth.session-ttl"),
        (
            rooms.default_retention.is_within(rooms.max_retention),
            "rooms.default-retention",
            "rooms.max-retention",
        ),
    ];
    let broken = rules.into_iter().filter(|(holds, ..)| !holds);
    let too_much = broken.map(|(_, lesser, greater)| Conflict::TooMuch { lesser, greater });
    too_much.chain(unheard(timeouts)).chain(alone(&auth.bootstrap_admin)).collect()
}

/// A client that says nothing but answers to pings has to be pinged before its silence is too long.
fn unheard(timeouts: &Timeouts) -> Option<Conflict> {
    (timeouts.silence <= timeouts.heartbeat).then_some(Conflict::NotLess {
        lesser: "server.timeouts.heartbeat",
        greater: "server.timeouts.silence",
    })
}

fn alone(admin: &BootstrapAdmin) -> Option<Conflict> {
    let (login, file) = ("auth.bootstrap-admin.login", "auth.bootstrap-admin.password-file");
    match (&admin.login, &admin.password_file) {
        (Some(_), None) => Some(Conflict::Alone { given: login, missing: file }),
        (None, Some(_)) => Some(Conflict::Alone { given: file, missing: login }),
        (None, None) | (Some(_), Some(_)) => None,
    }
}
