//! The database file: its mode, its schema, and what every connection to it is told.

use std::{
    fs::{self, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use refinery::error::Kind;
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

/// The pages that many rooms' newest messages stand on fit in here.
const WRITER_CACHE_KIB: i64 = 16 * 1024;

/// Statements a connection keeps prepared: more than the store has.
const STATEMENTS: usize = 128;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("a newer AnonChat made version {version} of its schema, which this one does not know")]
    Newer { version: refinery::SchemaVersion },
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
pub(super) fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(OWNER_ONLY).open(path)?;
    if fs::metadata(path)?.permissions().mode() & 0o777 != OWNER_ONLY {
        fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY))?;
    }
    Ok(())
}

/// Every migration there is: its version and name.
pub(super) fn migrations() -> Vec<(u32, String)> {
    let runner = embedded::migrations::runner();
    let all = runner.get_migrations().iter();
    let version = |version| u32::try_from(version).unwrap_or_default();
    all.map(|one| (version(one.version()), one.name().to_owned())).collect()
}

fn migrate(connection: &mut Connection) -> Result<(), Failure> {
    // Grouped, because otherwise a migration and the note that it was done are two transactions.
    let runner = embedded::migrations::runner().set_grouped(true);
    match runner.run(connection) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            Kind::MissingVersion(unknown) => {
                Err(Failure::unavailable(Unusable::Newer { version: unknown.version() }))
            }
            _ => Err(Failure::unavailable(error)),
        },
    }
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
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
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
