//! From rows to values, and from what goes wrong to [`StoreError`].

use deadpool_postgres::GenericClient;
use tokio_postgres::{
    Error as DriverError, Row,
    error::SqlState,
    types::{FromSql, ToSql},
};

use crate::{domain::Timestamp, store::StoreError};

/// What fills the places of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// What went wrong between the store and its database.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another transaction was in the way; the same one may go well next time.
    InTheWay(Cause),
    /// The connection is gone, and what was begun on it with it.
    Lost(Cause),
    /// The connection went while a commit was under way: it was carried out, or not.
    Unknown(Cause),
    /// No retry within the store will help.
    Final(StoreError),
}

/// A driver's error without what could give people away: the details of a refusal hold the values
/// that were refused.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("the database answers {code}: {message}")]
    Refused { code: String, message: String },
    #[error("the database answers {code}")]
    RefusedValue { code: String },
    #[error("the connection to the database failed: {0}")]
    Connection(String),
    #[error("the database does not answer in time")]
    TooSlow,
    #[error("the database was out of reach a moment ago")]
    OutOfReach,
    #[error("too many changes wait to be written")]
    QueueFull,
    #[error("the store is closed")]
    Closed,
    #[error("an author is no alias of the room")]
    Stranger,
    #[error("a newer AnonChat made version {0} of its schema, which this one does not know")]
    Newer(i32),
    #[error("its schema cannot be brought up to date: {0}")]
    Schema(String),
    #[error("the address of the database cannot be understood: {0}")]
    Address(String),
    #[error("{0}")]
    Certificates(String),
}

impl Failure {
    /// The same call may work later.
    pub(super) fn unavailable(cause: Cause) -> Self {
        Self::Final(StoreError::Unavailable(Box::new(cause)))
    }

    /// A stored value is not what it should be.
    pub(super) fn corrupt(what: &'static str) -> Self {
        Self::Final(StoreError::Corrupt { what })
    }

    /// What an error means that came in place of the answer to a commit.
    pub(super) fn at_commit(error: &DriverError) -> Self {
        match error.code() {
            Some(code) if *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN => {
                Self::Unknown(error.into())
            }
            Some(code) if code.code().starts_with("40") => Self::InTheWay(error.into()),
            Some(code) if code.code().starts_with("23") => Self::unavailable(error.into()),
            _ => Self::Unknown(error.into()),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::InTheWay(cause) | Failure::Lost(cause) | Failure::Unknown(cause) => {
                Self::Unavailable(Box::new(cause))
            }
            Failure::Final(error) => error,
        }
    }
}

impl From<&DriverError> for Cause {
    fn from(error: &DriverError) -> Self {
        let Some(refusal) = error.as_db_error() else {
            return Self::Connection(error.to_string());
        };
        let code = refusal.code().code().to_owned();
        if code.starts_with("22") || code.starts_with("23") {
            return Self::RefusedValue { code };
        }
        Self::Refused { code, message: refusal.message().to_owned() }
    }
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        let cause = Cause::from(&error);
        let Some(code) = error.code() else { return Self::Lost(cause) };
        match code.code() {
            "40001" | "40P01" => Self::InTheWay(cause),
            "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Self::Lost(cause),
            "XX001" | "XX002" => Self::corrupt("database"),
            code if code.starts_with("08") => Self::Lost(cause),
            _ => Self::unavailable(cause),
        }
    }
}

/// The first row that `sql` gives.
pub(super) async fn one<T>(
    db: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
    read: impl FnOnce(&Row) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let statement = db.prepare_cached(sql).await?;
    db.query_opt(&statement, params).await?.as_ref().map(read).transpose()
}

/// Every row that `sql` gives.
pub(super) async fn all<T>(
    db: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
    read: impl FnMut(&Row) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let statement = db.prepare_cached(sql).await?;
    db.query(&statement, params).await?.iter().map(read).collect()
}

/// Carries `sql` out; how many rows it concerned.
pub(super) async fn change(
    db: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
) -> Result<u64, Failure> {
    let statement = db.prepare_cached(sql).await?;
    Ok(db.execute(&statement, params).await?)
}

/// The value in a column.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Failure> {
    row.try_get(column).map_err(|_| Failure::corrupt("value"))
}

/// The bytes in a column that holds this many.
pub(super) fn bytes<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], Failure> {
    get::<&[u8]>(row, column)?.try_into().map_err(|_| Failure::corrupt("value"))
}

/// The same where there may be none.
pub(super) fn maybe_bytes<const N: usize>(
    row: &Row,
    column: usize,
) -> Result<Option<[u8; N]>, Failure> {
    let found = get::<Option<&[u8]>>(row, column)?.map(<[u8; N]>::try_from);
    found.transpose().map_err(|_| Failure::corrupt("value"))
}

/// A moment, from a column of milliseconds.
pub(super) fn time(row: &Row, column: usize) -> Result<Timestamp, Failure> {
    get(row, column).map(Timestamp)
}
