//! Keys that limits count by, in place of what would identify somebody.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{address::ClientAddress, random, subkey::SubKey};
use crate::domain::{AccountId, SessionId, Timestamp};

/// Something that is counted by: the same for the same client as long as one key lives, and worth
/// nothing afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateKey([u8; 16]);

impl RateKey {
    /// Counts by nothing: random, and never the same again.
    pub fn of_nobody() -> Self {
        Self(random::bytes())
    }
}

/// What a client is counted by: its address, and the site that the address is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientKeys {
    /// An IPv4 address or an IPv6 /64.
    pub address: RateKey,
    /// An IPv4 address or an IPv6 /48.
    pub site: RateKey,
}

impl ClientKeys {
    /// A site may have as many times what one address may (HTTP-16).
    pub const ADDRESSES_OF_A_SITE: u32 = 16;

    /// Counts by nothing: random, and never the same again.
    pub fn of_nobody() -> Self {
        Self { address: RateKey::of_nobody(), site: RateKey::of_nobody() }
    }
}

impl fmt::Debug for RateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateKey(…)")
    }
}

/// Makes [`RateKey`]s under a random key that exists in memory only and is replaced every
/// [`RateKeys::LIFETIME`]. Counts begin anew with it, but for what an account holds open: that is
/// counted under another key, which lives as long as the process.
pub struct RateKeys {
    current: Mutex<Current>,
    lasting: SubKey,
}

struct Current {
    key: SubKey,
    since: Timestamp,
}

impl RateKeys {
    /// How long a key lives.
    pub const LIFETIME: Duration = Duration::from_hours(6);

    /// Begins with a key made at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { current: Mutex::new(Current::new(now)), lasting: SubKey::new(random::bytes()) }
    }

    /// Counts by a client's address and by its site.
    pub fn for_client(&self, client: ClientAddress, now: Timestamp) -> ClientKeys {
        ClientKeys {
            address: self.key(b"address", &client.subscriber(), now),
            site: self.key(b"site", &client.site(), now),
        }
    }

    /// Counts by an account.
    pub fn for_account(&self, account: AccountId, now: Timestamp) -> RateKey {
        self.key(b"account", account.as_bytes(), now)
    }

    /// Counts what an account holds open, for however long.
    pub fn for_holder(&self, account: AccountId) -> RateKey {
        rate_key(&self.lasting, b"holder", account.as_bytes())
    }

    /// Counts by a session.
    pub fn for_session(&self, session: SessionId, now: Timestamp) -> RateKey {
        self.key(b"session", session.as_bytes(), now)
    }

    /// Counts by a name somebody gives for an account, whether or not there is one.
    pub fn for_name(&self, name: &str, now: Timestamp) -> RateKey {
        self.key(b"name", name.as_bytes(), now)
    }

    fn key(&self, kind: &[u8], text: &[u8], now: Timestamp) -> RateKey {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock set back must not keep a key alive for longer.
        if now < current.since || Self::LIFETIME <= now.since(current.since) {
            *current = Current::new(now);
        }
        rate_key(&current.key, kind, text)
    }
}

fn rate_key(key: &SubKey, kind: &[u8], text: &[u8]) -> RateKey {
    let mac = key.mac(kind, text);
    RateKey(*mac.first_chunk().expect("32 bytes begin with 16"))
}

impl Current {
    fn new(now: Timestamp) -> Self {
        Self { key: SubKey::new(random::bytes()), since: now }
    }
}

impl fmt::Debug for RateKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anonymity::TrustedProxies;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn address(raw: &str) -> ClientAddress {
        TrustedProxies::default().client_address(raw.parse().ok(), &[]).unwrap()
    }

    #[test]
    fn an_ipv6_client_is_counted_by_its_network() {
        let keys = RateKeys::new(NOW);
        let key = |raw| keys.for_client(address(raw), NOW).address;
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        let site = |raw| keys.for_client(address(raw), NOW).site;
        assert_eq!(site("2001:db8:1:2::1"), site("2001:db8:1:ffff::1"));
        assert_ne!(site("2001:db8:1:2::1"), site("2001:db8:2:2::1"));
    }

    #[test]
    fn an_ipv4_client_is_counted_by_its_address_in_either_form() {
        let keys = RateKeys::new(NOW);
        let key = |raw| keys.for_client(address(raw), NOW);
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1").address, key("192.0.2.2").address);
        assert_ne!(key("192.0.2.1").site, key("192.0.2.2").site);
        assert_ne!(key("192.0.2.1").site, key("192.0.2.1").address);
    }

    #[test]
    fn a_key_lives_for_six_hours_and_in_one_process() {
        let keys = RateKeys::new(NOW);
        let key = |now| keys.for_client(address("192.0.2.1"), now);
        let first = key(NOW);
        let end = NOW.plus(RateKeys::LIFETIME);
        assert_eq!(key(end.minus(Duration::from_millis(1))), first);
        assert_ne!(key(end), first);
        assert_ne!(key(NOW), first, "a key that is gone does not come back with the clock");
        assert_ne!(RateKeys::new(NOW).for_client(address("192.0.2.1"), NOW), first);
    }

    #[test]
    fn what_an_account_holds_open_counts_for_longer() {
        let (keys, account) = (RateKeys::new(NOW), AccountId::from_bytes([65; 16]));
        let (holder, counted) = (keys.for_holder(account), keys.for_account(account, NOW));
        assert_ne!(keys.for_account(account, NOW.plus(RateKeys::LIFETIME)), counted);
        assert_eq!(keys.for_holder(account), holder);
        assert_ne!(keys.for_holder(AccountId::from_bytes([66; 16])), holder);
        assert_ne!(RateKeys::new(NOW).for_holder(account), holder);
    }

    #[test]
    fn equal_bytes_of_different_kinds_are_counted_apart() {
        let keys = RateKeys::new(NOW);
        let account = keys.for_account(AccountId::from_bytes([65; 16]), NOW);
        assert_ne!(account, keys.for_session(SessionId::from_bytes([65; 16]), NOW));
        assert_ne!(account, keys.for_name(&"A".repeat(16), NOW));
    }
}
