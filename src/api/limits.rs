//! How often something may be done: requests, registrations, messages, handshakes.

use std::{
    convert::Infallible,
    fmt,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Extension,
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
use tower::{Layer, ServiceExt, service_fn};
use tower_governor::{
    GovernorError, GovernorLayer,
    governor::{GovernorConfig, GovernorConfigBuilder},
    key_extractor::KeyExtractor,
};

use super::{AppState, extract::Caller, problem::Problem, reloadable::Reloadable};
use crate::anonymity::{ClientKeys, RateKey};

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
    settings: LimitSettings,
    general: Option<Arc<GovernorConfig<ByCaller, StateInformationMiddleware>>>,
    site_general: Option<Keyed>,
    registrations: Option<Keyed>,
    site_registrations: Option<Keyed>,
    messages: Option<Keyed>,
    handshakes: Option<DefaultDirectRateLimiter>,
    requests: AtomicUsize,
}

type Keyed = DefaultKeyedRateLimiter<RateKey>;

/// How many callers a limit may remember when somebody looks (HTTP-13).
const MOST_KEYS: usize = 100_000;

/// How many requests there are from one look to the next. Each adds a caller to a limit at most, and
/// what is said in a socket adds no more than there are sockets.
const LOOK_EVERY: usize = 1024;

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
        let site = |rate: Rate| keyed(rate.times(ClientKeys::ADDRESSES_OF_A_SITE));
        Self {
            settings,
            general: general.flatten().map(Arc::new),
            site_general: site(settings.general),
            registrations: keyed(settings.registrations),
            site_registrations: site(settings.registrations),
            messages: keyed(settings.messages),
            handshakes: quota(settings.handshakes).map(RateLimiter::direct),
            requests: AtomicUsize::new(0),
        }
    }

    /// The layer that holds the general limit; `None` if the operator wants none.
    fn layer(&self) -> Option<GovernorLayer<ByCaller, StateInformationMiddleware, Body>> {
        let config = Arc::clone(self.general.as_ref()?);
        let rate = self.settings.general;
        Some(GovernorLayer::new(config).error_handler(move |error| refusal(&error, rate)))
    }

    /// Counts a registration.
    ///
    /// # Errors
    /// `rate_limited` when there were too many from this address or its site.
    pub fn registration(&self, client: ClientKeys) -> Result<(), Problem> {
        check(self.registrations.as_ref(), client.address)?;
        check(self.site_registrations.as_ref(), client.site)
    }

    /// Counts a request for the site it comes from, unless the account is known.
    fn of_site(&self, request: &Request<Body>) -> Result<(), Problem> {
        match request.extensions().get::<Caller>() {
            Some(Caller { client, access: None, .. }) => {
                check(self.site_general.as_ref(), client.site)
            }
            _ => Ok(()),
        }
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
        for limiter in self.keyed() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        if let Some(general) = &self.general {
            general.limiter().retain_recent();
            general.limiter().shrink_to_fit();
        }
    }

    /// The limits as they are now, for one more request. Every so many requests somebody looks
    /// whether one of them remembers as many callers as it may. Where nearly all of those are there
    /// for a reason, other limits take their place that begin anew: nobody fills the memory, and
    /// nobody keeps others out by filling it.
    fn for_one_more(limits: &Reloadable<Self>) -> Arc<Self> {
        let now = limits.get();
        let number = now.requests.fetch_add(1, Ordering::Relaxed);
        if !number.is_multiple_of(LOOK_EVERY) || !now.is_full() {
            return now;
        }
        // Not over what the operator has set meanwhile.
        limits.replace_this(&now, Self::new(now.settings));
        limits.get()
    }

    /// Whether a limit remembers as many callers as it may, and more than half of them are still
    /// there when the others are forgotten.
    fn is_full(&self) -> bool {
        if self.remembered() < MOST_KEYS {
            return false;
        }
        self.forget_idle();
        MOST_KEYS / 2 < self.remembered()
    }

    /// How many callers the limit remembers that remembers most.
    fn remembered(&self) -> usize {
        let general = self.general.as_ref().map_or(0, |general| general.limiter().len());
        self.keyed().map(RateLimiter::len).fold(general, usize::max)
    }

    fn keyed(&self) -> impl Iterator<Item = &Keyed> {
        let keyed =
            [&self.site_general, &self.registrations, &self.site_registrations, &self.messages];
        keyed.into_iter().flatten()
    }

    /// Adds `X-RateLimit-Reset`, which the layer does not: seconds until the allowance is whole.
    pub fn add_reset(&self, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        let remaining = headers.get("x-ratelimit-remaining").and_then(number);
        if let Some(remaining) = remaining {
            let rate = self.settings.general;
            let used = rate.most.get().saturating_sub(remaining);
            let reset = whole_seconds(rate.period * used);
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
    let limits = Limits::for_one_more(&app.limits);
    let Some(limit) = limits.layer() else { return next.run(request).await };
    // Whoever has used up what their address may does not use up what their site may.
    let counted = service_fn(|request: Request<Body>| {
        let (limits, next) = (Arc::clone(&limits), next.clone());
        async move {
            Ok::<_, Infallible>(match limits.of_site(&request) {
                Ok(()) => next.run(request).await,
                Err(problem) => (Extension(SiteIsUsedUp), problem).into_response(),
            })
        }
    });
    let response = limit.layer(counted).oneshot(request).await;
    let mut response = response.unwrap_or_else(|never| match never {});
    if response.extensions().get::<SiteIsUsedUp>().is_some() {
        // The layer tells what is left to the address, which is of no use to it.
        response.headers_mut().insert("x-ratelimit-remaining", HeaderValue::from(0));
    }
    response
}

/// Marks the refusal of a request whose site has had all that it may.
#[derive(Clone)]
struct SiteIsUsedUp;

fn number(value: &HeaderValue) -> Option<u32> {
    value.to_str().ok()?.parse().ok()
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn check(limiter: Option<&Keyed>, key: RateKey) -> Result<(), Problem> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_callers_are_remembered_and_no_more() {
        let rate = Rate::within(Duration::from_hours(1), NonZeroU32::MIN);
        let (registrations, on) = (rate, true);
        let settings =
            LimitSettings { on, general: rate, registrations, messages: rate, handshakes: rate };
        let limits = Reloadable::new(Limits::new(settings));
        let someone = RateKey::of_nobody();
        limits.get().message(someone).unwrap();
        for _ in 1..MOST_KEYS {
            Limits::for_one_more(&limits).message(RateKey::of_nobody()).unwrap();
        }
        assert!(limits.get().message(someone).is_err(), "somebody is forgotten before it is time");
        let mut most = 0;
        for _ in 0..2 * MOST_KEYS {
            Limits::for_one_more(&limits).message(RateKey::of_nobody()).unwrap();
            most = most.max(limits.get().remembered());
        }
        assert!((MOST_KEYS..MOST_KEYS + LOOK_EVERY).contains(&most), "{most}");
        let limits = limits.get();
        assert!(limits.message(someone).is_ok() && limits.message(someone).is_err());
    }
}
