//! Which database is used: the one in the data directory, or the one that the configuration names.

use std::sync::Arc;

#[cfg(feature = "postgres")]
use crate::store::postgres::{self, PostgresStore};
use crate::{
    anonymity::random,
    config::{self, DatabaseUrl, Storage},
    data_dir::{DATABASE, DataDir},
    store::{
        Store, StoreError, Upkeep,
        sqlite::{self, SqliteStore, SqliteUpkeep},
        transfer::Rows,
    },
};

/// A database that is a whole store, and whose rows can be moved.
pub(super) trait BackEnd: Store + Rows {}

impl<T: Store + Rows> BackEnd for T {}

/// Where the database is, for people.
pub(super) fn place(storage: &Storage) -> String {
    match &storage.url {
        Some(url) => url.to_string(),
        None => storage.data_dir.join(DATABASE).display().to_string(),
    }
}

/// Opens the database, or makes it, and brings its schema up to date.
pub(super) async fn open(
    data_dir: &DataDir,
    storage: &Storage,
) -> Result<Arc<dyn BackEnd>, StoreError> {
    match &storage.url {
        Some(url) => open_postgres(url).await,
        None => open_sqlite(data_dir, storage.durability),
    }
}

/// Whether opening the database, which is in use, would leave its schema as it is.
pub(super) async fn is_current(data_dir: &DataDir, storage: &Storage) -> Result<bool, StoreError> {
    match &storage.url {
        Some(url) => is_postgres_current(url).await,
        None => Ok(SqliteUpkeep.schema(&data_dir.database())?.pending.is_empty()),
    }
}

fn open_sqlite(
    data_dir: &DataDir,
    durability: config::Durability,
) -> Result<Arc<dyn BackEnd>, StoreError> {
    let durability = match durability {
        config::Durability::Full => sqlite::Durability::Full,
        config::Durability::Normal => sqlite::Durability::Normal,
    };
    let options = sqlite::Options { durability, fresh_epoch: random::bytes() };
    Ok(Arc::new(SqliteStore::open(&data_dir.database(), options)?))
}

#[cfg(feature = "postgres")]
async fn open_postgres(url: &DatabaseUrl) -> Result<Arc<dyn BackEnd>, StoreError> {
    Ok(Arc::new(PostgresStore::open(options(url)).await?))
}

#[cfg(feature = "postgres")]
async fn is_postgres_current(url: &DatabaseUrl) -> Result<bool, StoreError> {
    PostgresStore::is_current(&options(url)).await
}

#[cfg(feature = "postgres")]
fn options(url: &DatabaseUrl) -> postgres::Options<'_> {
    postgres::Options { url: url.expose(), fresh_epoch: random::bytes() }
}

/// The configuration takes no such address then.
#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "with PostgreSQL there is something to wait for")]
async fn open_postgres(_url: &DatabaseUrl) -> Result<Arc<dyn BackEnd>, StoreError> {
    Err(built_without())
}

/// As [`open_postgres`].
#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "with PostgreSQL there is something to wait for")]
async fn is_postgres_current(_url: &DatabaseUrl) -> Result<bool, StoreError> {
    Err(built_without())
}

#[cfg(not(feature = "postgres"))]
fn built_without() -> StoreError {
    StoreError::Unavailable("this program was built without PostgreSQL".into())
}
