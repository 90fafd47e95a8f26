//! Everything in one database into another, row by row, whatever their back ends are.
//!
//! A target is marked as unfinished before the first row comes, and no server starts on it until
//! every table was read back and is the same. A move that was stopped begins anew: what is in an
//! unfinished target was never anybody's only copy.

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::StoreError;

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Bytes(Option<Vec<u8>>),
    Number(Option<i64>),
    Text(Option<String>),
}

/// The values of a row, in the order of [`Table::columns`].
pub type Row = Vec<Value>;

/// What kind of values a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bytes,
    Number,
    Text,
}

/// A table that is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Accounts,
    Sessions,
    Rooms,
    Aliases,
    Events,
    Shelf,
    /// What the operator decided.
    Server,
}

use Kind::{Bytes, Number, Text};

impl Table {
    /// In an order in which no row comes before one that it refers to.
    pub const ALL: [Self; 7] = [
        Self::Accounts,
        Self::Sessions,
        Self::Rooms,
        Self::Aliases,
        Self::Events,
        Self::Shelf,
        Self::Server,
    ];

    /// Its name in every back end.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Sessions => "sessions",
            Self::Rooms => "rooms",
            Self::Aliases => "aliases",
            Self::Events => "events",
            Self::Shelf => "shelf",
            Self::Server => "server",
        }
    }

    /// All its columns that are moved; those of its key come first.
    pub fn columns(self) -> &'static [(&'static str, Kind)] {
        match self {
            Self::Accounts => &[
                ("id", Bytes),
                ("login", Text),
                ("login_folded", Text),
                ("email_tag", Bytes),
                ("email_sealed", Bytes),
                ("password_hash", Text),
                ("created_at_ms", Number),
                ("operator", Number),
                ("disabled", Number),
            ],
            Self::Sessions => &[
                ("id", Bytes),
                ("account_id", Bytes),
                ("created_at_ms", Number),
                ("last_used_at_ms", Number),
                ("expires_at_ms", Number),
                ("generation", Number),
                ("current_hash", Bytes),
                ("previous_hash", Bytes),
                ("rotated_at_ms", Number),
                ("ended_at_ms", Number),
                ("revoked", Number),
            ],
            Self::Rooms => &[
                ("id", Bytes),
                ("name", Text),
                ("name_folded", Text),
                ("capacity", Number),
                ("visibility", Number),
                ("retention_s", Number),
                ("created_at_ms", Number),
                ("head", Number),
                ("expired_to", Number),
                ("host_tag", Bytes),
                ("secret", Bytes),
            ],
            Self::Aliases => &[
                ("room_id", Bytes),
                ("client_id", Bytes),
                ("handle", Text),
                ("person_tag", Bytes),
                ("removed", Number),
            ],
            Self::Events => &[
                ("room_id", Bytes),
                ("seq", Number),
                ("at_ms", Number),
                ("kind", Number),
                ("author", Bytes),
                ("target", Number),
                ("command_id", Text),
                ("edited_at_ms", Number),
                ("body", Text),
            ],
            Self::Shelf => &[("shelf_tag", Bytes), ("entry_tag", Bytes), ("sealed", Bytes)],
            Self::Server => &[("only_row", Number), ("registration_closed", Number)],
        }
    }

    /// How many columns its key has.
    fn key_columns(self) -> usize {
        match self {
            Self::Accounts | Self::Sessions | Self::Rooms | Self::Server => 1,
            Self::Aliases | Self::Events | Self::Shelf => 2,
        }
    }

    /// A key before every other: none is empty, and every place is above zero.
    fn before_all(self) -> Row {
        let lowest = |(_, kind): &(_, Kind)| match kind {
            Bytes => Value::Bytes(Some(Vec::new())),
            Number => Value::Number(Some(0)),
            Text => Value::Text(Some(String::new())),
        };
        self.columns()[..self.key_columns()].iter().map(lowest).collect()
    }
}

/// What a database says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// It is whole, and this is its epoch.
    Whole([u8; 8]),
    /// Somebody has begun to move another one into it.
    Unfinished,
}

impl Label {
    /// One byte: no epoch.
    const UNFINISHED: &'static [u8] = &[0];

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes == Self::UNFINISHED {
            return Some(Self::Unfinished);
        }
        bytes.try_into().ok().map(Self::Whole)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Whole(epoch) => epoch,
            Self::Unfinished => Self::UNFINISHED,
        }
    }

    /// The epoch of a whole one; the other cannot be used.
    pub(super) fn epoch(self) -> Result<[u8; 8], StoreError> {
        match self {
            Self::Whole(epoch) => Ok(epoch),
            Self::Unfinished => Err(StoreError::Unavailable(Box::new(HalfMoved))),
        }
    }
}

/// Why no server can use an unfinished target.
#[derive(Debug, thiserror::Error)]
#[error("a move into it was not finished: run `anonchat migrate` again")]
struct HalfMoved;

/// A database whose rows can be taken out and put in. Nobody else uses it meanwhile.
#[async_trait]
pub trait Rows: Send + Sync {
    /// At most `limit` rows whose key is greater than `after`, in the order of their keys. What is
    /// left of rooms that were erased is left out.
    async fn rows(&self, table: Table, after: Row, limit: u32) -> Result<Vec<Row>, StoreError>;

    /// Stores rows, all of them or none.
    async fn put(&self, table: Table, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Takes everything out of a table.
    async fn clear(&self, table: Table) -> Result<(), StoreError>;

    /// What it says of itself.
    async fn label(&self) -> Result<Label, StoreError>;

    /// Has it say something else.
    async fn set_label(&self, label: Label) -> Result<(), StoreError>;
}

/// Why nothing was moved, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The source cannot be read.
    #[error("cannot read the source")]
    Source(#[source] StoreError),
    /// The target cannot be written or read back.
    #[error("cannot write the target")]
    Target(#[source] StoreError),
    /// The source is itself the unfinished target of another move.
    #[error("a move into the source was not finished")]
    HalfSource,
    /// Somebody's data is in the target. Nothing was changed.
    #[error("the target is not empty: it has rows in its table {table}")]
    Occupied {
        /// The first such table.
        table: &'static str,
    },
    /// The target has other rows than the source; it stays unfinished.
    #[error("the table {table} of the target differs from the source")]
    Differs {
        /// The first such table.
        table: &'static str,
    },
}

/// What is in a table: how many rows, and a hash of every value in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// How many rows.
    pub rows: u64,
    /// SHA-256 over all values, in the order of keys and columns.
    pub hash: [u8; 32],
}

/// Rows that are moved at once.
const PAGE: u32 = 1000;

/// Moves everything, and says of each table what it held, as soon as its rows are in the target.
///
/// # Errors
/// [`TransferError`]; the source is as it was, and unless the target was occupied it has to be
/// moved again.
pub async fn transfer(
    source: &dyn Rows,
    target: &dyn Rows,
    mut moved: impl FnMut(Table, Content),
) -> Result<(), TransferError> {
    let label = source.label().await.map_err(TransferError::Source)?;
    if label == Label::Unfinished {
        return Err(TransferError::HalfSource);
    }
    prepare(target).await?;
    let mut contents = Vec::new();
    for table in Table::ALL {
        let content = copy(source, target, table).await?;
        moved(table, content);
        contents.push((table, content));
    }
    for (table, content) in contents {
        if content_of(target, table).await.map_err(TransferError::Target)? != content {
            return Err(TransferError::Differs { table: table.name() });
        }
    }
    target.set_label(label).await.map_err(TransferError::Target)
}

/// Sees to it that the target is empty and marked.
async fn prepare(target: &dyn Rows) -> Result<(), TransferError> {
    let is_ours = target.label().await.map_err(TransferError::Target)? == Label::Unfinished;
    let holds_data = |table: &Table| *table != Table::Server && !is_ours;
    for table in Table::ALL.into_iter().filter(holds_data) {
        let some = target.rows(table, table.before_all(), 1).await;
        if !some.map_err(TransferError::Target)?.is_empty() {
            return Err(TransferError::Occupied { table: table.name() });
        }
    }
    target.set_label(Label::Unfinished).await.map_err(TransferError::Target)?;
    for table in Table::ALL.into_iter().rev() {
        target.clear(table).await.map_err(TransferError::Target)?;
    }
    Ok(())
}

async fn copy(
    source: &dyn Rows,
    target: &dyn Rows,
    table: Table,
) -> Result<Content, TransferError> {
    let mut pages = Pages::new(table);
    while let Some(rows) = pages.next(source).await.map_err(TransferError::Source)? {
        target.put(table, rows).await.map_err(TransferError::Target)?;
    }
    Ok(pages.content())
}

async fn content_of(database: &dyn Rows, table: Table) -> Result<Content, StoreError> {
    let mut pages = Pages::new(table);
    while pages.next(database).await?.is_some() {}
    Ok(pages.content())
}

/// Walks through a table and sums up what is in it.
struct Pages {
    table: Table,
    after: Row,
    rows: u64,
    hash: Sha256,
}

impl Pages {
    fn new(table: Table) -> Self {
        Self { table, after: table.before_all(), rows: 0, hash: Sha256::new() }
    }

    async fn next(&mut self, database: &dyn Rows) -> Result<Option<Vec<Row>>, StoreError> {
        let page = database.rows(self.table, self.after.clone(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = last[..self.table.key_columns()].to_vec();
        for value in page.iter().flatten() {
            self.add(value);
        }
        self.rows += page.len() as u64;
        Ok(Some(page))
    }

    /// Each value with its kind and length, so that no two rows look alike.
    fn add(&mut self, value: &Value) {
        let (kind, bytes) = match value {
            Value::Bytes(value) => (b'b', value.clone()),
            Value::Number(value) => (b'n', value.map(|number| number.to_be_bytes().to_vec())),
            Value::Text(value) => (b't', value.clone().map(String::into_bytes)),
        };
        self.hash.update([kind, u8::from(bytes.is_some())]);
        let bytes = bytes.unwrap_or_default();
        self.hash.update((bytes.len() as u64).to_be_bytes());
        self.hash.update(bytes);
    }

    fn content(self) -> Content {
        Content { rows: self.rows, hash: self.hash.finalize().into() }
    }
}
