//! What the store promises, one list for every back end, and what each back end promises besides.
//!
//! A back end that mounts the list says where its data is: `Place::fresh` is an empty place of its
//! own for one test, `Place::open` opens it as often as asked, `open_at` does in another process.

#![cfg_attr(
    feature = "postgres",
    expect(clippy::duplicate_mod, reason = "the list is mounted once for each back end")
)]

mod given;
mod moving;

#[path = "."]
mod sqlite {
    #[path = "cases/mod.rs"]
    mod cases;
    #[path = "sqlite.rs"]
    mod own;

    use std::{path::Path, sync::Arc};

    use anonchat::store::{
        Store,
        sqlite::{Durability, Options, SqliteStore},
    };

    use crate::given;

    /// A folder for one database; gone with the value.
    struct Place(tempfile::TempDir);

    impl Place {
        #[expect(clippy::unused_async, reason = "other back ends have to connect")]
        async fn fresh() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn address(&self) -> String {
            self.0.path().join("test.db").to_str().unwrap().to_owned()
        }

        async fn open(&self) -> Arc<dyn Store> {
            open_at(&self.address()).await
        }
    }

    async fn open_at(address: &str) -> Arc<dyn Store> {
        let options = Options { durability: Durability::Full, fresh_epoch: given::bytes() };
        Arc::new(SqliteStore::open(Path::new(address), options).unwrap())
    }
}

#[cfg(feature = "postgres")]
#[path = "."]
mod postgres {
    #[path = "cases/mod.rs"]
    mod cases;
    #[path = "postgres.rs"]
    mod own;

    use std::sync::Arc;

    use anonchat::store::{
        Store,
        postgres::{Options, PostgresStore},
    };
    use own::Place;

    use crate::given;

    async fn open_at(address: &str) -> Arc<dyn Store> {
        let options = Options { url: address, fresh_epoch: given::bytes() };
        Arc::new(PostgresStore::open(options).await.unwrap())
    }
}
