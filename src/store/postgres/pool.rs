//! The connections, and what happens when they break.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{
    address::Address,
    rows::{Cause, Failure},
    tls,
};
use crate::store::StoreError;

/// How many calls are under way at once; the others wait as futures.
const CALLS: u32 = 12;
/// One connection is for [`append`](super::append).
const CONNECTIONS: usize = CALLS as usize + 1;
/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(3);
/// How long one transaction may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a transaction that others were in the way of is tried.
const TRIES: u32 = 10;
/// How often a transaction is begun whose connection then turns out to be gone.
const CONNECTIONS_TRIED: u32 = 3;
/// How long nobody tries to connect after a failure, and after each further one twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// At most this long.
const LAST_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Pool {
    connections: deadpool_postgres::Pool,
    permits: Semaphore,
    reach: Mutex<Reach>,
}

/// What is known of the way to the database.
#[derive(Default)]
struct Reach {
    failures: u32,
    not_before: Option<Instant>,
}

impl Pool {
    pub(super) fn new(address: Address) -> Result<Self, Failure> {
        let Address { mut config, authorities } = address;
        if config.get_application_name().is_none() {
            config.application_name("anonchat");
        }
        config
            .connect_timeout(CONNECTING)
            .keepalives_idle(Duration::from_secs(10))
            .tcp_user_timeout(PATIENCE);
        let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let tls = tls::connector(authorities.as_deref())?;
        let connections = deadpool_postgres::Pool::builder(Manager::from_config(config, tls, how))
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(CONNECTING))
            .build()
            .map_err(|error| Failure::unavailable(Cause::Connection(error.to_string())))?;
        let permits = Semaphore::new(CALLS as usize);
        Ok(Self { connections, permits, reach: Mutex::default() })
    }

    /// A connection that was open a moment ago. While the database is out of reach, few try.
    pub(super) async fn connect(&self) -> Result<Object, Failure> {
        self.reach().check()?;
        let failure = match self.connections.get().await {
            Ok(connection) => {
                *self.reach() = Reach::default();
                return Ok(connection);
            }
            Err(PoolError::Closed) => return Err(Failure::unavailable(Cause::Closed)),
            Err(PoolError::Backend(error)) => Failure::unavailable((&error).into()),
            Err(PoolError::Timeout(TimeoutType::Wait)) => {
                return Err(Failure::unavailable(Cause::QueueFull));
            }
            Err(error) => Failure::unavailable(Cause::Connection(error.to_string())),
        };
        self.reach().failed();
        Err(failure)
    }

    /// Runs `query`, which changes nothing and may be run again.
    pub(super) async fn read<T, F>(&self, query: impl Fn(Object) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let closed = |_| Failure::unavailable(Cause::Closed);
        let _permit = self.permits.acquire().await.map_err(closed)?;
        let mut tries = Tries::default();
        loop {
            match self.once(&query).await {
                Err(failure) if tries.again(&failure) => tries.pause().await,
                result => return Ok(result?),
            }
        }
    }

    /// Runs `change` in a transaction, which it commits: all of it or nothing.
    ///
    /// It is run again where others were in its way, and where the connection was lost before the
    /// commit; where it was lost during the commit, nobody knows and the caller is told so.
    pub(super) async fn write<T, F>(
        &self,
        change: impl Fn(Transaction) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let change = &change;
        self.read(|connection| async move { change(Transaction::begin(connection).await?).await })
            .await
    }

    /// Gives `work` a connection; one that does not answer in time is given up.
    pub(super) async fn once<T, F>(&self, work: &impl Fn(Object) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let connection = self.connect().await?;
        let in_time = timeout(PATIENCE, work(connection)).await;
        in_time.unwrap_or(Err(Failure::Unknown(Cause::TooSlow)))
    }

    /// Lets the calls that are under way end, and no other begin.
    pub(super) async fn close(&self) {
        let _all = self.permits.acquire_many(CALLS).await;
        self.permits.close();
        self.connections.close();
    }

    fn reach(&self) -> std::sync::MutexGuard<'_, Reach> {
        self.reach.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transaction that sees what others have committed before each statement. Dropped without a
/// commit, it takes its connection with it, and the server undoes what was done.
pub(super) struct Transaction(Option<Object>);

impl Transaction {
    pub(super) async fn begin(connection: Object) -> Result<Self, Failure> {
        let transaction = Self(Some(connection));
        transaction.client()?.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
        Ok(transaction)
    }

    /// The connection, to run statements in the transaction.
    pub(super) fn client(&self) -> Result<&Object, Failure> {
        self.0.as_ref().ok_or_else(|| Failure::unavailable(Cause::Closed))
    }

    /// Makes what was done last, and only then answers `done`.
    pub(super) async fn commit<T>(mut self, done: T) -> Result<T, Failure> {
        let committed = self.client()?.batch_execute("COMMIT").await;
        committed.map_err(|error| Failure::at_commit(&error))?;
        drop(self.0.take());
        Ok(done)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

impl Reach {
    fn check(&mut self) -> Result<(), Failure> {
        match self.not_before {
            Some(moment) if Instant::now() < moment => Err(Failure::unavailable(Cause::OutOfReach)),
            _ => Ok(()),
        }
    }

    fn failed(&mut self) {
        self.not_before = Some(Instant::now() + pause_after(self.failures));
        self.failures += 1;
    }
}

/// How long to wait after so many failures before this one.
pub(super) fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.min(10)).min(LAST_PAUSE)
}

/// How often a transaction was tried.
#[derive(Default)]
pub(super) struct Tries {
    in_the_way: u32,
    lost: u32,
}

impl Tries {
    /// Whether it may be tried again after this.
    pub(super) fn again(&mut self, failure: &Failure) -> bool {
        match failure {
            Failure::InTheWay(_) => {
                self.in_the_way += 1;
                self.in_the_way < TRIES
            }
            Failure::Lost(_) => {
                self.lost += 1;
                self.lost < CONNECTIONS_TRIED
            }
            Failure::Unknown(_) | Failure::Final(_) => false,
        }
    }

    /// Counts a commit that came to nothing as a lost connection.
    pub(super) fn begin_again(&mut self) -> Result<(), Failure> {
        let lost = Failure::Lost(Cause::OutOfReach);
        if self.again(&lost) { Ok(()) } else { Err(lost) }
    }

    /// Lets the others get out of the way, a little longer each time.
    pub(super) async fn pause(&self) {
        sleep(Duration::from_millis(2) * self.in_the_way.pow(2)).await;
    }
}
