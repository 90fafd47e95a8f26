//! From rows to values, and from what goes wrong to [`StoreError`].

use rusqlite::{
    Connection, Error as DriverError, ErrorCode, OptionalExtension, Params, Row, types::FromSql,
};

use crate::{domain::Timestamp, store::StoreError};

/// What went wrong between the store and its database.
#[derive(Debug)]
pub(super) struct Failure(StoreError);

impl Failure {
    /// The same call may work later.
    pub(super) fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(StoreError::Unavailable(Box::new(cause)))
    }

    /// A stored value is not what it should be.
    pub(super) fn corrupt(what: &'static str) -> Self {
        Self(StoreError::Corrupt { what })
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        use DriverError as E;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::corrupt("database file")
            }
            Some(_) => Self::unavailable(error),
            None => match error {
                E::FromSqlConversionFailure(..)
                | E::IntegralValueOutOfRange(..)
                | E::InvalidColumnType(..) => Self::corrupt("value"),
                other => Self::unavailable(other),
            },
        }
    }
}

/// The first row that `sql` gives.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// Every row that `sql` gives.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    connection.prepare_cached(sql)?.query_and_then(params, read)?.collect()
}

/// The only column of the first row that `sql` gives.
pub(super) fn value<T: FromSql>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>, Failure> {
    Ok(connection.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?)
}

/// Carries `sql` out; how many rows it concerned.
pub(super) fn change(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<usize, Failure> {
    Ok(connection.prepare_cached(sql)?.execute(params)?)
}

/// A moment, from a column of milliseconds.
pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp, Failure> {
    Ok(Timestamp(row.get(column)?))
}
