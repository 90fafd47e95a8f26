//! The database file: its mode, its schema, and what every connection to it is told.

use std::{
    fs::{self, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    Durability, Options,
    rows::{Failure, change},
};

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

/// How long a connection waits for another process that holds the database.
pub(super) const BUSY: Duration = Duration::from_secs(5);

const OWNER_ONLY: u32 = 0o600;

/// Statements a connection keeps prepared: more than the store has.
const STATEMENTS: usize = 128;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("its schema is version {found}, made by a newer AnonChat; this one knows {known}")]
    Newer { found: i32, known: i32 },
    #[error("its file system does not support a write-ahead log")]
    NoLog,
}

/// Makes the file if there is none, and brings it up to date.
pub(super) fn prepare(path: &Path, options: Options) -> Result<(), Failure> {
    create(path).map_err(Failure::unavailable)?;
    let mut connection = for_writing(path, options.durability)?;
    migrate(&mut connection)?;
    change(
        &connection,
        "INSERT INTO server (only_row, epoch) VALUES (1, ?1) ON CONFLICT DO NOTHING",
        [options.fresh_epoch],
    )?;
    Ok(())
}

/// SQLite gives the log and its index the mode of the file, whatever the umask.
fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(OWNER_ONLY).open(path)?;
    if fs::metadata(path)?.permissions().mode() & 0o777 != OWNER_ONLY {
        fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY))?;
    }
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), Failure> {
    // Grouped, because otherwise a migration and the note that it was done are two transactions.
    let runner = embedded::migrations::runner().set_grouped(true);
    let known = runner.get_migrations().iter().map(refinery::Migration::version).max();
    let (known, found) = (known.unwrap_or(0), applied(&runner, connection)?);
    if known < found {
        return Err(Failure::unavailable(Unusable::Newer { found, known }));
    }
    runner.run(connection).map_err(Failure::unavailable)?;
    Ok(())
}

/// The version of the schema; 0 for a new file.
fn applied(runner: &refinery::Runner, connection: &mut Connection) -> Result<i32, Failure> {
    if !connection.table_exists(None, "refinery_schema_history")? {
        return Ok(0);
    }
    let last = runner.get_last_applied_migration(connection).map_err(Failure::unavailable)?;
    Ok(last.map_or(0, |last| last.version()))
}

/// A connection that writes, in a file that exists.
pub(super) fn for_writing(path: &Path, durability: Durability) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Failure::unavailable(Unusable::NoLog));
    }
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    Ok(connection)
}

/// What holds for every connection. Temporary pages stay in memory, because they hold texts.
pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;",
    )
}
