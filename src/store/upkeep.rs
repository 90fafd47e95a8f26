//! What an operator does to a database that is a file.

use std::{fmt::Debug, path::Path};

use super::StoreError;

/// Where the schema of a database stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its version; `None` where there is no database, or one that nothing was ever stored in.
    pub found: Option<u32>,
    /// The version that this program makes of it.
    pub known: u32,
    /// The names of the migrations on the way there, in order.
    pub pending: Vec<String>,
}

impl Schema {
    /// Whether a newer program made it, so that this one must keep its hands off.
    pub fn is_newer(&self) -> bool {
        self.found.is_some_and(|found| found > self.known)
    }
}

/// Upkeep of databases in files, each named by its path. Blocks while it works.
///
/// Only [`Upkeep::prepare`] makes a database; on a path without one the others are
/// [`StoreError::Unavailable`], apart from [`Upkeep::schema`].
pub trait Upkeep: Debug + Send + Sync {
    /// Where the schema stands. Changes nothing.
    fn schema(&self, database: &Path) -> Result<Schema, StoreError>;

    /// Makes the database, or brings its schema up to date: altogether or not at all.
    fn prepare(&self, database: &Path, fresh_epoch: [u8; 8]) -> Result<(), StoreError>;

    /// Writes one moment of the database to a new file, while others read and write it. What was
    /// erased is not in the copy. The copy is on disk when this returns; its folder may not be.
    fn copy(&self, database: &Path, copy: &Path) -> Result<(), StoreError>;

    /// What is damaged, a sentence each. Quick leaves out whether indexes agree with their tables.
    fn damages(&self, database: &Path, quick: bool) -> Result<Vec<String>, StoreError>;

    /// How many rows each table has that the database has.
    fn rows(&self, database: &Path) -> Result<Vec<(&'static str, u64)>, StoreError>;

    /// Lets clients know that what they remember may never have happened.
    fn renew_epoch(&self, database: &Path, epoch: [u8; 8]) -> Result<(), StoreError>;

    /// Makes the database one file without companions; unavailable while another process has it
    /// open.
    fn settle(&self, database: &Path) -> Result<(), StoreError>;
}
