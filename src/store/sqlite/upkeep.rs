//! Upkeep of the file: copies, checks, migrations.

use std::{fs::File, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{
    Durability, Options, file,
    rows::{Failure, all, change, value},
};
use crate::store::{Schema, StoreError, Upkeep};

/// Upkeep of SQLite files.
#[derive(Clone, Copy, Debug)]
pub struct SqliteUpkeep;

/// Every table of more than one row, in the order of the names, and how its rows are counted.
pub(super) const COUNTS: [(&str, &str); 6] = [
    ("accounts", "SELECT count(*) FROM accounts"),
    ("aliases", "SELECT count(*) FROM aliases"),
    ("events", "SELECT count(*) FROM events"),
    ("rooms", "SELECT count(*) FROM rooms"),
    ("sessions", "SELECT count(*) FROM sessions"),
    ("shelf", "SELECT count(*) FROM shelf"),
];

/// Another process has the database open.
#[derive(Debug, thiserror::Error)]
#[error("another process has the database open")]
struct InUse;

impl Upkeep for SqliteUpkeep {
    fn schema(&self, database: &Path) -> Result<Schema, StoreError> {
        let found = if database.exists() { version(&open(database)?)? } else { None };
        let all = file::migrations();
        let known = all.iter().map(|(version, _)| *version).max().unwrap_or_default();
        let pending = all.into_iter().filter(|(version, _)| Some(*version) > found);
        let pending = pending
            .map(|(version, name)| ["V", &version.to_string(), " ", &name].concat())
            .collect();
        Ok(Schema { found, known, pending })
    }

    fn prepare(&self, database: &Path, fresh_epoch: [u8; 8]) -> Result<(), StoreError> {
        Ok(file::prepare(database, Options { durability: Durability::Full, fresh_epoch })?)
    }

    fn copy(&self, database: &Path, copy: &Path) -> Result<(), StoreError> {
        Ok(copy_to(&open(database)?, copy)?)
    }

    fn damages(&self, database: &Path, quick: bool) -> Result<Vec<String>, StoreError> {
        Ok(damages(&open(database)?, quick)?)
    }

    fn rows(&self, database: &Path) -> Result<Vec<(&'static str, u64)>, StoreError> {
        Ok(rows(&mut open(database)?)?)
    }

    fn renew_epoch(&self, database: &Path, epoch: [u8; 8]) -> Result<(), StoreError> {
        change(&open(database)?, "UPDATE server SET epoch = ?1", [epoch])?;
        Ok(())
    }

    fn settle(&self, database: &Path) -> Result<(), StoreError> {
        let connection = open(database)?;
        let mode = connection
            .pragma_update_and_check(None, "journal_mode", "delete", |row| row.get::<_, String>(0))
            .map_err(Failure::from)?;
        if mode == "delete" { Ok(()) } else { Err(Failure::unavailable(InUse).into()) }
    }
}

/// A connection to a database that exists.
fn open(database: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    file::configure(&connection)?;
    Ok(connection)
}

fn version(connection: &Connection) -> Result<Option<u32>, Failure> {
    if !has(connection, "refinery_schema_history")? {
        return Ok(None);
    }
    let newest = value(connection, "SELECT max(version) FROM refinery_schema_history", [])?;
    Ok(newest.flatten())
}

fn has(connection: &Connection, table: &str) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    Ok(value::<i64>(connection, sql, [table])?.is_some())
}

fn copy_to(connection: &Connection, copy: &Path) -> Result<(), Failure> {
    file::create(copy).map_err(Failure::unavailable)?;
    connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    // SQLite leaves when it reaches the disk to the system.
    File::open(copy).and_then(|file| file.sync_all()).map_err(Failure::unavailable)
}

fn damages(connection: &Connection, quick: bool) -> Result<Vec<String>, Failure> {
    let sql = if quick { "PRAGMA quick_check" } else { "PRAGMA integrity_check" };
    let mut damages = all(connection, sql, [], |row| Ok(row.get::<_, String>(0)?))?;
    damages.retain(|damage| damage != "ok");
    let orphans = all(connection, "PRAGMA foreign_key_check", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(2)?))
    })?;
    damages.extend(
        orphans
            .into_iter()
            .map(|(table, parent)| ["a row of ", &table, " belongs to none of ", &parent].concat()),
    );
    Ok(damages)
}

fn rows(connection: &mut Connection) -> Result<Vec<(&'static str, u64)>, Failure> {
    let moment = connection.transaction()?;
    let mut rows = Vec::new();
    for (table, count) in COUNTS {
        if has(&moment, table)? {
            let count: i64 = value(&moment, count, [])?.unwrap_or_default();
            rows.push((table, count.unsigned_abs()));
        }
    }
    Ok(rows)
}
