//! The store in one SQLite file.
//!
//! One thread writes ([`writer`]): it carries out everything that is waiting in one transaction and
//! answers after the commit, so that the changes of all rooms share one sync of the disk. A few
//! read-only connections read ([`readers`]), each call one moment of the database.
//!
//! A room that is removed can be found no more; its events are erased a few at a time between other
//! writes, and what a crash leaves of them after the next start.
//!
//! What is erased is overwritten where it stood. Copies in the write-ahead log are gone within ten
//! seconds, because the log is emptied into the main file then; for as long as another process
//! reads the database this is put off and tried again every second. After a crash the same is done
//! when the store is opened again.
//!
//! The file and its companions `-wal` and `-shm` can be read and written by their owner alone.

mod accounts;
mod chat;
mod events;
mod expiry;
mod file;
mod history;
mod members;
mod operator;
mod readers;
mod rooms;
mod rows;
mod shelf;
mod transfer;
mod writer;

#[cfg(test)]
mod tests;

use std::{fmt, path::Path};

use async_trait::async_trait;
use rusqlite::Connection;

use self::{
    readers::Readers,
    rows::Failure,
    writer::{Traces, Writer},
};
use super::{Store, StoreError};

/// What a power cut may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was answered.
    #[default]
    Full,
    /// The last moments before it; never the database. Quicker where the disk is slow to sync.
    Normal,
}

/// How to open the database.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What a power cut may take.
    pub durability: Durability,
    /// Random; becomes the epoch if the database is new.
    pub fresh_epoch: [u8; 8],
}

/// A store in one SQLite file. Dropping it closes it, too, but waits for nothing.
pub struct SqliteStore {
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the database at `path`, or makes it, and brings its schema up to date: altogether or,
    /// on an error, not at all. Blocks while it does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be used, also when a newer AnonChat has
    /// already changed its schema; the source says so.
    pub fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        file::prepare(path, options)?;
        let writer = Writer::start(file::for_writing(path, options.durability)?)?;
        let readers = Readers::open(path)?;
        Ok(Self { readers, writer })
    }

    /// Runs `query` on one moment of the database.
    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.readers.run(query).await
    }

    /// Runs `change` alone, all of it or nothing, and waits until it is on disk.
    async fn write<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.writer.run(Traces::Kept, change).await
    }

    /// Like [`Self::write`], for what must not survive in the write-ahead log.
    async fn erase<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.writer.run(Traces::Erased, change).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn close(&self) {
        // Readers first: the log can only be emptied when nobody reads from it.
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}
