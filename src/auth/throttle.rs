//! Failed log-ins, counted per address and per account: guessing is slow, and nobody is locked out
//! for good.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    anonymity::{ClientKeys, RateKey},
    domain::Timestamp,
};

/// How many failed log-ins are allowed within how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginLimits {
    /// From one address; from one site as many times as it has addresses (HTTP-16).
    pub per_address: (u32, Duration),
    /// On one account, whether or not it exists.
    pub per_account: (u32, Duration),
}

impl LoginLimits {
    fn per_site(self) -> (u32, Duration) {
        let (most, length) = self.per_address;
        (most.saturating_mul(ClientKeys::ADDRESSES_OF_A_SITE), length)
    }
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self {
            per_address: (10, Duration::from_mins(1)),
            per_account: (20, Duration::from_mins(10)),
        }
    }
}

/// Too many failures; trying again makes sense after `retry_after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Throttled {
    /// At least a second.
    pub(super) retry_after: Duration,
}

/// Counts failures in memory.
///
/// An attempt takes its place in the account's count before the password is looked at, and gives
/// it back on success, so that many attempts at once are no way around the limit. The counts of the
/// address and its site, which people behind one router share, hold failures only; they are asked
/// before the password is looked at and once more before the outcome is told.
pub(super) struct LoginThrottle {
    addresses: Mutex<Windows>,
    sites: Mutex<Windows>,
    accounts: Mutex<Windows>,
}

/// One attempt. Dropped without an outcome, as when the store is down, it was none.
pub(super) struct Attempt<'a> {
    throttle: &'a LoginThrottle,
    from: ClientKeys,
    account: RateKey,
    /// The window its place is in; `None` once the place is to be kept.
    place: Option<Timestamp>,
}

impl LoginThrottle {
    /// How many addresses, and how many accounts, are counted at once. Beyond that the oldest
    /// counts are forgotten.
    const MOST_KEYS: usize = 100_000;

    pub(super) fn new(limits: LoginLimits) -> Self {
        let windows = |limit| Mutex::new(Windows::new(limit, Self::MOST_KEYS));
        Self {
            addresses: windows(limits.per_address),
            sites: windows(limits.per_site()),
            accounts: windows(limits.per_account),
        }
    }

    /// Holds to other limits from now on. What was counted before counts on.
    pub(super) fn set_limits(&self, limits: LoginLimits) {
        lock(&self.addresses).set_limit(limits.per_address);
        lock(&self.sites).set_limit(limits.per_site());
        lock(&self.accounts).set_limit(limits.per_account);
    }

    /// Begins an attempt on `account` of the client `from`, unless either has failed too often.
    pub(super) fn begin(
        &self,
        from: ClientKeys,
        account: RateKey,
        now: Timestamp,
    ) -> Result<Attempt<'_>, Throttled> {
        self.check(from, now)?;
        let place = lock(&self.accounts).add(account, now)?;
        Ok(Attempt { throttle: self, from, account, place: Some(place) })
    }

    fn check(&self, from: ClientKeys, now: Timestamp) -> Result<(), Throttled> {
        lock(&self.addresses).check(from.address, now)?;
        lock(&self.sites).check(from.site, now)
    }
}

impl Attempt<'_> {
    /// The password was right. Refused all the same if its address has used up its failures
    /// meanwhile: of many guesses at once no more outcomes are told than of guesses in a row.
    pub(super) fn succeed(self, now: Timestamp) -> Result<(), Throttled> {
        self.throttle.check(self.from, now)
    }

    /// The password was wrong, which counts.
    pub(super) fn fail(mut self, now: Timestamp) -> Result<(), Throttled> {
        self.place = None;
        lock(&self.throttle.addresses).add(self.from.address, now)?;
        lock(&self.throttle.sites).add(self.from.site, now).map(|_| ())
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if let Some(window) = self.place {
            lock(&self.throttle.accounts).take_back(self.account, window);
        }
    }
}

/// Counts in windows of a fixed length that begin with the first count.
struct Windows {
    limit: u32,
    length: Duration,
    most_keys: usize,
    counts: HashMap<RateKey, Window>,
    /// In the order in which they began.
    begun: VecDeque<(RateKey, Timestamp)>,
}

#[derive(Clone, Copy)]
struct Window {
    since: Timestamp,
    count: u32,
}

impl Windows {
    fn new((limit, length): (u32, Duration), most_keys: usize) -> Self {
        Self { limit, length, most_keys, counts: HashMap::new(), begun: VecDeque::new() }
    }

    fn set_limit(&mut self, (limit, length): (u32, Duration)) {
        (self.limit, self.length) = (limit, length);
    }

    /// Whether one more would be within the limit.
    fn check(&mut self, key: RateKey, now: Timestamp) -> Result<(), Throttled> {
        self.forget_ended(now);
        let Some(window) = self.counts.get(&key) else { return Ok(()) };
        if window.count < self.limit {
            return Ok(());
        }
        let left = self.length.saturating_sub(now.since(window.since));
        Err(Throttled { retry_after: left.max(Duration::from_secs(1)) })
    }

    /// Counts one more, if that is within the limit; returns the window it is in.
    fn add(&mut self, key: RateKey, now: Timestamp) -> Result<Timestamp, Throttled> {
        self.check(key, now)?;
        if !self.counts.contains_key(&key) {
            self.make_room();
            self.begun.push_back((key, now));
        }
        let window = self.counts.entry(key).or_insert(Window { since: now, count: 0 });
        window.count += 1;
        Ok(window.since)
    }

    /// Counts one less, if the window is still the same.
    fn take_back(&mut self, key: RateKey, window: Timestamp) {
        if let Some(current) = self.counts.get_mut(&key)
            && current.since == window
        {
            current.count = current.count.saturating_sub(1);
        }
    }

    fn forget_ended(&mut self, now: Timestamp) {
        while let Some((_, since)) = self.begun.front()
            && self.length <= now.since(*since)
        {
            self.forget_oldest();
        }
    }

    fn make_room(&mut self) {
        while self.most_keys <= self.begun.len() {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((key, _)) = self.begun.pop_front() {
            self.counts.remove(&key);
        }
    }
}

fn lock(windows: &Mutex<Windows>) -> MutexGuard<'_, Windows> {
    windows.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for LoginThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginThrottle(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anonymity::RateKeys;

    const MINUTE: Duration = Duration::from_mins(1);

    /// Three failures a minute from an address, five in ten minutes on an account.
    fn throttle() -> LoginThrottle {
        LoginThrottle::new(LoginLimits {
            per_address: (3, MINUTE),
            per_account: (5, Duration::from_mins(10)),
        })
    }

    /// Keys of different names.
    fn keys<const N: usize>() -> [RateKey; N] {
        let keys = RateKeys::new(Timestamp(0));
        std::array::from_fn(|n| keys.for_name(&n.to_string(), Timestamp(0)))
    }

    /// Clients at different addresses of different sites.
    fn clients<const N: usize>() -> [ClientKeys; N] {
        std::array::from_fn(|_| ClientKeys::of_nobody())
    }

    fn seconds(n: i64) -> Timestamp {
        Timestamp(n * 1000)
    }

    #[test]
    fn an_address_is_throttled_after_its_failures_until_the_window_ends() {
        let throttle = throttle();
        let ([here, there], [ann, ben]) = (clients(), keys());
        for _ in 0..3 {
            throttle.begin(here, ann, seconds(0)).unwrap().fail(seconds(0)).unwrap();
        }
        let refused = throttle.begin(here, ben, seconds(50)).err();
        assert_eq!(refused, Some(Throttled { retry_after: Duration::from_secs(10) }));
        assert!(throttle.begin(there, ben, seconds(50)).is_ok());
        assert!(throttle.begin(here, ben, seconds(60)).is_ok());
    }

    #[test]
    fn an_account_is_throttled_wherever_the_failures_came_from() {
        let throttle = throttle();
        let (addresses, [ann, ben]) = (clients::<6>(), keys());
        for address in &addresses[..5] {
            throttle.begin(*address, ann, seconds(0)).unwrap().fail(seconds(0)).unwrap();
        }
        let refused = throttle.begin(addresses[5], ann, seconds(0)).err();
        assert_eq!(refused, Some(Throttled { retry_after: Duration::from_mins(10) }));
        assert!(throttle.begin(addresses[5], ben, seconds(0)).is_ok());
    }

    #[test]
    fn a_site_has_sixteen_times_the_failures_of_an_address_and_no_more() {
        let throttle = throttle();
        let [site, elsewhere] = clients();
        let neighbours = (0..60).map(|_| ClientKeys { site: site.site, ..ClientKeys::of_nobody() });
        let fail =
            |from: ClientKeys| throttle.begin(from, from.address, seconds(0))?.fail(seconds(0));
        assert_eq!(neighbours.filter_map(|from| fail(from).ok()).count(), 16 * 3);
        let refused = throttle.begin(site, site.address, seconds(50)).err();
        assert_eq!(refused, Some(Throttled { retry_after: Duration::from_secs(10) }));
        assert!(throttle.begin(elsewhere, site.address, seconds(50)).is_ok());
        assert!(throttle.begin(site, site.address, seconds(60)).is_ok());
    }

    #[test]
    fn a_success_counts_for_nothing_and_unlocks_nothing() {
        let throttle = throttle();
        let ([here, there], [ann]) = (clients(), keys());
        for _ in 0..100 {
            throttle.begin(there, ann, seconds(0)).unwrap().succeed(seconds(0)).unwrap();
        }
        for _ in 0..3 {
            throttle.begin(here, ann, seconds(0)).unwrap().fail(seconds(0)).unwrap();
        }
        throttle.begin(there, ann, seconds(1)).unwrap().succeed(seconds(1)).unwrap();
        assert!(throttle.begin(here, ann, seconds(1)).is_err());
    }

    #[test]
    fn attempts_at_once_on_one_account_do_not_slip_past_its_limit() {
        let throttle = throttle();
        let (addresses, [ann]) = (clients::<6>(), keys());
        let attempts: Vec<_> = addresses[..5]
            .iter()
            .map(|address| throttle.begin(*address, ann, seconds(0)).unwrap())
            .collect();
        assert!(throttle.begin(addresses[5], ann, seconds(0)).is_err());
        drop(attempts);
        assert!(throttle.begin(addresses[5], ann, seconds(0)).is_ok());
    }

    #[test]
    fn attempts_at_once_from_one_address_tell_no_more_than_attempts_in_a_row() {
        let throttle = throttle();
        let ([here], accounts) = (clients(), keys::<6>());
        let mut attempts: Vec<_> = accounts
            .iter()
            .map(|account| throttle.begin(here, *account, seconds(0)).unwrap())
            .collect();
        let right = attempts.pop().unwrap();
        let told = attempts.into_iter().map(|attempt| attempt.fail(seconds(1)));
        assert_eq!(told.flatten().count(), 3);
        assert!(right.succeed(seconds(1)).is_err());
    }

    #[test]
    fn a_place_is_given_back_only_in_the_window_it_was_taken_in() {
        let throttle = throttle();
        let ([here], [ann]) = (clients(), keys());
        let early = throttle.begin(here, ann, seconds(0)).unwrap();
        let later = seconds(600);
        throttle.begin(here, ann, later).unwrap().fail(later).unwrap();
        drop(early);
        assert_eq!(lock(&throttle.accounts).counts[&ann].count, 1);
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_counts_go_first() {
        let mut windows = Windows::new((1, MINUTE), 2);
        let [one, two, three] = keys();
        for (key, at) in [(one, 0), (two, 1), (three, 2)] {
            windows.add(key, seconds(at)).unwrap();
        }
        assert_eq!((windows.counts.len(), windows.begun.len()), (2, 2));
        assert!(windows.check(one, seconds(3)).is_ok());
        assert!(windows.check(two, seconds(3)).is_err());
        windows.check(one, seconds(62)).unwrap();
        assert!(windows.counts.is_empty() && windows.begun.is_empty());
    }
}
