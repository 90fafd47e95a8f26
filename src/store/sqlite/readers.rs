//! The connections that read.

use std::{path::Path, sync::Arc};

use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags};
use tokio::{sync::Semaphore, task::JoinError};

use super::{file, rows::Failure};
use crate::store::StoreError;

/// How many calls read at once; the others wait as futures.
const READERS: u32 = 4;

type Pool = r2d2::Pool<SqliteConnectionManager>;

/// Read-only connections with as many permits, so that no blocking thread is ever parked for want
/// of a connection.
pub(super) struct Readers {
    pool: Pool,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = SqliteConnectionManager::file(path).with_flags(flags).with_init(|fresh| {
            file::configure(fresh)?;
            fresh.pragma_update(None, "query_only", true)
        });
        let pool = r2d2::Pool::builder()
            .max_size(READERS)
            .max_lifetime(None)
            .idle_timeout(None)
            .test_on_check_out(false)
            .connection_timeout(file::BUSY)
            .build(manager)
            .map_err(Failure::unavailable)?;
        Ok(Self { pool, permits: Arc::new(Semaphore::new(READERS as usize)) })
    }

    pub(super) async fn run<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(Failure::unavailable)?;
        let pool = self.pool.clone();
        blocking(move || {
            // Held until the work is done, even if the caller has gone away.
            let _permit = permit;
            let mut connection = pool.get().map_err(Failure::unavailable)?;
            query(&*connection.transaction()?)
        })
        .await
    }

    /// Lets the calls that are under way end, and no other begin.
    pub(super) async fn close(&self) {
        let _all = self.permits.acquire_many(READERS).await;
        self.permits.close();
    }
}

async fn blocking<T, F>(work: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Failure> + Send + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "bounded by the permits of the readers")]
    let result = tokio::task::spawn_blocking(work).await;
    match result.map_err(JoinError::try_into_panic) {
        Ok(answer) => Ok(answer?),
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(cancelled)) => Err(Failure::unavailable(cancelled).into()),
    }
}
