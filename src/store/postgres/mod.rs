//! The store in a PostgreSQL database.
//!
//! Messages go through one task ([`append`]): it carries out everything that is waiting, of all
//! rooms, in one transaction and answers after the commit. Everything else takes a connection from
//! the [`pool`]: a call that reads is one statement, a call that changes something is one
//! transaction, tried again where another was in its way.
//!
//! A room that is removed can be found no more; its events are erased a few at a time by the task
//! in [`erasure`].
//!
//! Only SQL that PostgreSQL's relatives understand, too. Whoever hands out places, lets somebody
//! into a room or takes one away holds the row of the room; several rows are taken in the order of
//! their ids.

mod accounts;
mod address;
mod append;
mod batch;
mod chat;
mod erasure;
mod expiry;
mod history;
mod members;
mod operator;
mod pool;
mod rooms;
mod rows;
mod schema;
mod shelf;
mod tls;
mod transfer;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use deadpool_postgres::Object;

use self::{
    address::Address,
    append::Appends,
    erasure::Erasure,
    pool::{Pool, Transaction},
    rows::Failure,
};
use super::{Store, StoreError};

/// Which database, and what it becomes if it is new.
pub struct Options<'a> {
    /// `postgres://user:password@host:port/database`, with more as `?key=value`; the module
    /// [`address`] tells what `sslmode` and `sslrootcert` mean.
    pub url: &'a str,
    /// Random; becomes the epoch if the database is new.
    pub fresh_epoch: [u8; 8],
}

/// A store in a PostgreSQL database. Dropping it closes it, too, but waits for nothing.
pub struct PostgresStore {
    pool: Arc<Pool>,
    appends: Appends,
    erasure: Erasure,
}

impl PostgresStore {
    /// Connects to the database and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached or used, also when a newer
    /// AnonChat has already changed its schema; the source says so.
    pub async fn open(options: Options<'_>) -> Result<Self, StoreError> {
        let pool = Arc::new(Pool::new(Address::parse(options.url)?)?);
        schema::prepare(&mut pool.connect().await?, options.fresh_epoch).await?;
        let erasure = Erasure::start(Arc::clone(&pool));
        Ok(Self { appends: Appends::start(Arc::clone(&pool)), erasure, pool })
    }

    /// Whether a database that is in use has the schema that [`PostgresStore::open`] would give it.
    /// Changes nothing.
    pub async fn is_current(options: &Options<'_>) -> Result<bool, StoreError> {
        let pool = Pool::new(Address::parse(options.url)?)?;
        let current = schema::is_current(&mut pool.connect().await?).await;
        pool.close().await;
        Ok(current?)
    }

    async fn read<T, F>(&self, query: impl Fn(Object) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.pool.read(query).await
    }

    async fn write<T, F>(&self, change: impl Fn(Transaction) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.pool.write(change).await
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn close(&self) {
        self.erasure.close();
        self.appends.close().await;
        self.pool.close().await;
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresStore")
    }
}

// The address holds a password.
impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Options(…)")
    }
}
