//! The schema.

use deadpool_postgres::Object;
use refinery::{Migration, error::Kind};

use super::rows::{Cause, Failure, change};

mod embedded {
    refinery::embed_migrations!("migrations/postgres");
}

/// Brings the schema up to date, altogether or not at all, and names a new database.
pub(super) async fn prepare(connection: &mut Object, fresh_epoch: [u8; 8]) -> Result<(), Failure> {
    // Grouped, because otherwise a migration and the note that it was done are two transactions.
    let runner = embedded::migrations::runner().set_grouped(true);
    if let Err(error) = runner.run_async(&mut **connection.as_mut()).await {
        return Err(Failure::unavailable(match error.kind() {
            Kind::MissingVersion(unknown) => Cause::Newer(unknown.version()),
            _ => Cause::Schema(chain(&error)),
        }));
    }
    let sql = "INSERT INTO server (only_row, epoch) VALUES (1, $1) ON CONFLICT DO NOTHING";
    change(connection, sql, &[&&fresh_epoch[..]]).await?;
    Ok(())
}

/// Whether no migration of this program is missing.
pub(super) async fn is_current(connection: &mut Object) -> Result<bool, Failure> {
    let runner = embedded::migrations::runner();
    let known = runner.get_migrations().iter().map(Migration::version).max();
    match runner.get_last_applied_migration_async(&mut **connection.as_mut()).await {
        Ok(found) => Ok(found.map(|migration| migration.version()) >= known),
        Err(error) => Err(Failure::unavailable(Cause::Schema(chain(&error)))),
    }
}

/// Nothing but the schema and its history has been touched: no cause says anything about people.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
