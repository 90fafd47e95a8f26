//! Backups: one file that holds everything, made while the server runs, and the way back.
//!
//! `manifest` is what a backup says about itself, `archive` the one file, `staging` where unfinished
//! work lies until it is whole, `create` and `restore` the two directions. Nothing of a backup or a
//! restored database has its name before it was checked and is on disk.

mod archive;
mod create;
mod error;
mod manifest;
mod naming;
mod restore;
mod staging;

#[cfg(test)]
mod tests;

use crate::{data_dir::DataDir, domain::Timestamp, store::Upkeep};

pub use self::{
    create::{Made, Wishes, before_migration, forget_old_copies, to_file, to_writer},
    error::BackupError,
    manifest::Manifest,
    restore::{Restored, compact, restore},
};

/// What is worked on, and when.
#[derive(Clone, Copy, Debug)]
pub struct Workshop<'a> {
    /// Whose data.
    pub data_dir: &'a DataDir,
    /// How its database is handled.
    pub upkeep: &'a dyn Upkeep,
    /// The present moment.
    pub now: Timestamp,
}
