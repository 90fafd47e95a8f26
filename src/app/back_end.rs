//! Which database is used: the one in the data directory, or the one that the configuration names.

use std::{path::Path, sync::Arc};

#[cfg(feature = "postgres")]
use crate::store::postgres::{self, PostgresStore};
use crate::{
    anonymity::random,
    config::{self, DatabaseUrl, Storage},
    store::{
        Store, StoreError,
        sqlite::{self, SqliteStore},
    },
};

/// The database's name in the data directory.
pub const DATABASE: &str = "anonchat.db";

/// Where the database is, for people.
pub(super) fn place(storage: &Storage) -> String {
    match &storage.url {
        Some(url) => url.to_string(),
        None => storage.data_dir.join(DATABASE).display().to_string(),
    }
}

/// Opens the database, or makes it, and brings its schema up to date.
pub(super) async fn open(storage: &Storage) -> Result<Arc<dyn Store>, StoreError> {
    match &storage.url {
        Some(url) => open_postgres(url).await,
        None => open_sqlite(&storage.data_dir.join(DATABASE), storage.durability),
    }
}

fn open_sqlite(path: &Path, durability: config::Durability) -> Result<Arc<dyn Store>, StoreError> {
    let durability = match durability {
        config::Durability::Full => sqlite::Durability::Full,
        config::Durability::Normal => sqlite::Durability::Normal,
    };
    let options = sqlite::Options { durability, fresh_epoch: random::bytes() };
    Ok(Arc::new(SqliteStore::open(path, options)?))
}

#[cfg(feature = "postgres")]
async fn open_postgres(url: &DatabaseUrl) -> Result<Arc<dyn Store>, StoreError> {
    let options = postgres::Options { url: url.expose(), fresh_epoch: random::bytes() };
    Ok(Arc::new(PostgresStore::open(options).await?))
}

/// The configuration takes no such address then.
#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "with PostgreSQL there is something to wait for")]
async fn open_postgres(_url: &DatabaseUrl) -> Result<Arc<dyn Store>, StoreError> {
    Err(StoreError::Unavailable("this program was built without PostgreSQL".into()))
}
