//! Values that are right alone and wrong together.

use super::{BootstrapAdmin, Config, Timeouts, Tls};

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
    let halves = [bootstrap_admin(&auth.bootstrap_admin), tls(&config.server.tls)];
    too_much.chain(unheard(timeouts)).chain(halves.into_iter().flatten()).collect()
}

/// A client that says nothing but answers to pings has to be pinged before its silence is too long.
fn unheard(timeouts: &Timeouts) -> Option<Conflict> {
    (timeouts.silence <= timeouts.heartbeat).then_some(Conflict::NotLess {
        lesser: "server.timeouts.heartbeat",
        greater: "server.timeouts.silence",
    })
}

fn bootstrap_admin(admin: &BootstrapAdmin) -> Option<Conflict> {
    let (login, file) = ("auth.bootstrap-admin.login", "auth.bootstrap-admin.password-file");
    alone((login, admin.login.is_some()), (file, admin.password_file.is_some()))
}

fn tls(tls: &Tls) -> Option<Conflict> {
    let (certificate, key) = ("server.tls.certificate", "server.tls.key");
    alone((certificate, tls.certificate.is_some()), (key, tls.key.is_some()))
}

/// Two keys, each with whether it is given.
fn alone(one: (&'static str, bool), other: (&'static str, bool)) -> Option<Conflict> {
    match (one, other) {
        ((given, true), (missing, false)) | ((missing, false), (given, true)) => {
            Some(Conflict::Alone { given, missing })
        }
        ((_, true), (_, true)) | ((_, false), (_, false)) => None,
    }
}
