//! How much of everything: requests, registrations, messages, sockets.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, Request, Response},
    middleware::Next,
    response::IntoResponse,
};
use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
};
use tower::{Layer, ServiceExt};
use tower_governor::{
    GovernorError, GovernorLayer,
    governor::{GovernorConfig, GovernorConfigBuilder},
    key_extractor::KeyExtractor,
};

use super::{AppState, extract::Caller, problem::Problem};
use crate::anonymity::RateKey;

/// So many of something at once, and one more each time a period has passed.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    most: NonZeroU32,
    period: Duration,
}

impl Rate {
    /// `most` within `time`: all at once, or spread.
    pub fn within(time: Duration, most: NonZeroU32) -> Self {
        Self { most, period: (time / most.get()).max(Duration::from_nanos(1)) }
    }

    /// So many times as much.
    fn times(self, factor: u32) -> Self {
        let most = self.most.saturating_mul(NonZeroU32::MIN.saturating_add(factor - 1));
        Self { most, period: (self.period / factor).max(Duration::from_nanos(1)) }
    }

    /// `per_second` on and on, and `burst` for a moment.
    pub fn steady(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        Self { most: burst, period: Duration::from_secs(1) / per_second.get() }
    }
}

/// The limits that hold for requests and messages.
pub struct Limits {
    general: Option<Arc<GovernorConfig<ByCaller, StateInformationMiddleware>>>,
    general_rate: Rate,
    registrations: Option<DefaultKeyedRateLimiter<RateKey>>,
    site_registrations: Option<DefaultKeyedRateLimiter<RateKey>>,
    messages: Option<DefaultKeyedRateLimiter<RateKey>>,
    handshakes: Option<DefaultDirectRateLimiter>,
}

/// A site, an IPv6 /48, may have as many times what one address may (HTTP-16).
pub const ADDRESSES_OF_A_SITE: u32 = 16;

/// What the operator decides about [`Limits`].
#[derive(Clone, Copy, Debug)]
pub struct LimitSettings {
    /// Whether there are any.
    pub on: bool,
    /// Requests of one account, or of one address before the account is known.
    pub general: Rate,
    /// Registrations from one address.
    pub registrations: Rate,
    /// Messages of one person over WebSocket.
    pub messages: Rate,
    /// Sockets that are opened, of all people together.
    pub handshakes: Rate,
}

impl Limits {
    /// Limits as the operator set them.
    pub fn new(settings: LimitSettings) -> Self {
        let quota = |rate: Rate| {
            let quota = Quota::with_period(rate.period)?.allow_burst(rate.most);
            settings.on.then_some(quota)
        };
        let keyed = |rate: Rate| quota(rate).map(RateLimiter::keyed);
        let general = settings.on.then(|| {
            let mut builder = GovernorConfigBuilder::default().key_extractor(ByCaller);
            let rate = settings.general;
            builder.period(rate.period).burst_size(rate.most.get()).use_headers().finish()
        });
        Self {
            general: general.flatten().map(Arc::new),
            general_rate: settings.general,
            registrations: keyed(settings.registrations),
            site_registrations: keyed(settings.registrations.times(ADDRESSES_OF_A_SITE)),
            messages: keyed(settings.messages),
            handshakes: quota(settings.handshakes).map(RateLimiter::direct),
        }
    }

    /// The layer that holds the general limit; `None` if the operator wants none.
    fn layer(&self) -> Option<GovernorLayer<ByCaller, StateInformationMiddleware, Body>> {
        let config = Arc::clone(self.general.as_ref()?);
        let rate = self.general_rate;
        Some(GovernorLayer::new(config).error_handler(move |error| refusal(&error, rate)))
    }

    /// Counts a registration.
    ///
    /// # Errors
    /// `rate_limited` when there were too many from this address or its site.
    pub fn registration(&self, address: RateKey, site: RateKey) -> Result<(), Problem> {
        check(self.registrations.as_ref(), address)?;
        check(self.site_registrations.as_ref(), site)
    }

    /// Counts a WebSocket that somebody wants to open.
    ///
    /// # Errors
    /// 503 when there are too many of them at once, whoever they come from: those who all come
    /// back when the server does are let in one after another.
    pub fn handshake(&self) -> Result<(), Problem> {
        let Some(limiter) = &self.handshakes else { return Ok(()) };
        limiter.check().map_err(|refused| {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            Problem::overloaded(whole_seconds(wait))
        })
    }

    /// Whether there are any limits.
    pub fn are_on(&self) -> bool {
        self.messages.is_some()
    }

    /// Counts a message.
    ///
    /// # Errors
    /// `rate_limited` when there were too many from this person.
    pub fn message(&self, person: RateKey) -> Result<(), Problem> {
        check(self.messages.as_ref(), person)
    }

    /// Forgets everybody whose allowance is whole again.
    pub fn forget_idle(&self) {
        let keyed = [&self.registrations, &self.site_registrations, &self.messages];
        for limiter in keyed.into_iter().flatten() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        if let Some(general) = &self.general {
            general.limiter().retain_recent();
            general.limiter().shrink_to_fit();
        }
    }

    /// Adds `X-RateLimit-Reset`, which the layer does not: seconds until the allowance is whole.
    pub fn add_reset(&self, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        let remaining = headers.get("x-ratelimit-remaining").and_then(number);
        if let Some(remaining) = remaining {
            let used = self.general_rate.most.get().saturating_sub(remaining);
            let reset = whole_seconds(self.general_rate.period * used);
            headers.insert("x-ratelimit-reset", HeaderValue::from(reset));
        }
        headers.remove("x-ratelimit-after");
    }
}

/// Holds a request to the general limit as it is now.
pub async fn apply(
    State(app): State<Arc<AppState>>,
    request: Request<Body>,
    next: Next,
) -> Response<Body> {
    match app.limits().layer() {
        Some(limit) => {
            limit.layer(next).oneshot(request).await.unwrap_or_else(|never| match never {})
        }
        None => next.run(request).await,
    }
}

fn number(value: &HeaderValue) -> Option<u32> {
    value.to_str().ok()?.parse().ok()
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn check(limiter: Option<&DefaultKeyedRateLimiter<RateKey>>, key: RateKey) -> Result<(), Problem> {
    let Some(limiter) = limiter else { return Ok(()) };
    limiter.check_key(&key).map_err(|refused| {
        let wait = refused.wait_time_from(DefaultClock::default().now());
        Problem::rate_limited(whole_seconds(wait))
    })
}

fn refusal(error: &GovernorError, rate: Rate) -> Response<Body> {
    match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            // The library cuts the time; a client that waits that long would come too early.
            let mut response = Problem::rate_limited(wait_time + 1).into_response();
            let headers = response.headers_mut();
            headers.insert("x-ratelimit-limit", HeaderValue::from(rate.most.get()));
            headers.insert("x-ratelimit-remaining", HeaderValue::from(0));
            response
        }
        GovernorError::UnableToExtractKey | GovernorError::Other { .. } => {
            Problem::internal("a request without a caller").into_response()
        }
    }
}

/// Counts by [`Caller::limit_key`]: the account once it is known, the client's address before.
#[derive(Clone, Copy, Debug)]
pub struct ByCaller;

impl KeyExtractor for ByCaller {
    type Key = RateKey;

    fn extract<T>(&self, request: &Request<T>) -> Result<RateKey, GovernorError> {
        let caller = request.extensions().get::<Caller>();
        caller.map(|caller| caller.limit_key).ok_or(GovernorError::UnableToExtractKey)
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

/// Counts what is in use under each key, up to a number.
#[derive(Debug)]
pub struct Slots<K: Eq + Hash + Copy> {
    most: u32,
    used: Arc<Mutex<HashMap<K, u32>>>,
}

/// One slot in use; given back on drop.
#[derive(Debug)]
pub struct Slot<K: Eq + Hash + Copy> {
    key: K,
    used: Arc<Mutex<HashMap<K, u32>>>,
}

impl<K: Eq + Hash + Copy> Slots<K> {
    /// At most `most` under each key.
    pub fn new(most: u32) -> Self {
        Self { most, used: Arc::default() }
    }

    /// A slot under `key`, or `None` if all are in use.
    pub fn take(&self, key: K) -> Option<Slot<K>> {
        let mut used = lock(&self.used);
        let count = used.entry(key).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Slot { key, used: Arc::clone(&self.used) })
    }
}

impl<K: Eq + Hash + Copy> Drop for Slot<K> {
    fn drop(&mut self) {
        let mut used = lock(&self.used);
        if let Some(count) = used.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                used.remove(&self.key);
            }
        }
    }
}

fn lock<K>(used: &Mutex<HashMap<K, u32>>) -> MutexGuard<'_, HashMap<K, u32>> {
    used.lock().expect("nothing panics while it counts")
}
