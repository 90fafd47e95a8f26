//! Every row out and in, for [`transfer`](crate::store::transfer).

use async_trait::async_trait;
use deadpool_postgres::GenericClient;
use tokio_postgres::{Row as SqlRow, types::ToSql};

use super::{
    PostgresStore,
    rows::{Failure, all, change, get, one},
};
use crate::store::{
    StoreError,
    transfer::{Kind, Label, Row, Rows, Table, Value},
};

/// How a table is read after a key, written column by column and emptied.
struct Statements {
    page: &'static str,
    put: &'static str,
    clear: &'static str,
}

const ACCOUNTS: Statements = Statements {
    page: "SELECT id, login, login_folded, email_tag, email_sealed, password_hash, created_at_ms,
                  operator, disabled
           FROM accounts WHERE id > $1 ORDER BY id LIMIT $2",
    put: "INSERT INTO accounts
              (id, login, login_folded, email_tag, email_sealed, password_hash, created_at_ms,
               operator, disabled)
          SELECT * FROM unnest($1::BYTEA[], $2::TEXT[], $3::TEXT[], $4::BYTEA[], $5::BYTEA[],
                               $6::TEXT[], $7::BIGINT[], $8::BIGINT[], $9::BIGINT[])",
    clear: "DELETE FROM accounts",
};

const SESSIONS: Statements = Statements {
    page: "SELECT id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
                  current_hash, previous_hash, rotated_at_ms, ended_at_ms, revoked
           FROM sessions WHERE id > $1 ORDER BY id LIMIT $2",
    put: "INSERT INTO sessions
              (id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
               current_hash, previous_hash, rotated_at_ms, ended_at_ms, revoked)
          SELECT * FROM unnest($1::BYTEA[], $2::BYTEA[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[],
                               $6::BIGINT[], $7::BYTEA[], $8::BYTEA[], $9::BIGINT[],
                               $10::BIGINT[], $11::BIGINT[])",
    clear: "DELETE FROM sessions",
};

const ROOMS: Statements = Statements {
    page: "SELECT id, name, name_folded, capacity, visibility, retention_s, created_at_ms, head,
                  expired_to, host_tag, secret
           FROM rooms WHERE id > $1 AND secret <> '' ORDER BY id LIMIT $2",
    put: "INSERT INTO rooms
              (id, name, name_folded, capacity, visibility, retention_s, created_at_ms, head,
               expired_to, host_tag, secret)
          SELECT * FROM unnest($1::BYTEA[], $2::TEXT[], $3::TEXT[], $4::BIGINT[], $5::BIGINT[],
                               $6::BIGINT[], $7::BIGINT[], $8::BIGINT[], $9::BIGINT[],
                               $10::BYTEA[], $11::BYTEA[])",
    clear: "DELETE FROM rooms",
};

const ALIASES: Statements = Statements {
    page: "SELECT room_id, client_id, handle, person_tag, removed FROM aliases
           WHERE (room_id, client_id) > ($1, $2)
             AND EXISTS (SELECT 1 FROM rooms WHERE id = room_id AND secret <> '')
           ORDER BY room_id, client_id LIMIT $3",
    put: "INSERT INTO aliases (room_id, client_id, handle, person_tag, removed)
          SELECT * FROM unnest($1::BYTEA[], $2::BYTEA[], $3::TEXT[], $4::BYTEA[], $5::BIGINT[])",
    clear: "DELETE FROM aliases",
};

const EVENTS: Statements = Statements {
    page: "SELECT room_id, seq, at_ms, kind, author, target, command_id, edited_at_ms, body
           FROM events
           WHERE (room_id, seq) > ($1, $2)
             AND EXISTS (SELECT 1 FROM rooms WHERE id = room_id AND secret <> '')
           ORDER BY room_id, seq LIMIT $3",
    put: "INSERT INTO events
              (room_id, seq, at_ms, kind, author, target, command_id, edited_at_ms, body)
          SELECT * FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BYTEA[],
                               $6::BIGINT[], $7::TEXT[], $8::BIGINT[], $9::TEXT[])",
    clear: "DELETE FROM events",
};

const SHELF: Statements = Statements {
    page: "SELECT shelf_tag, entry_tag, sealed FROM shelf
           WHERE (shelf_tag, entry_tag) > ($1, $2) ORDER BY shelf_tag, entry_tag LIMIT $3",
    put: "INSERT INTO shelf (shelf_tag, entry_tag, sealed)
          SELECT * FROM unnest($1::BYTEA[], $2::BYTEA[], $3::BYTEA[])",
    clear: "DELETE FROM shelf",
};

/// Its row is always there.
const SERVER: Statements = Statements {
    page: "SELECT only_row, registration_closed FROM server
           WHERE only_row > $1 ORDER BY only_row LIMIT $2",
    put: "UPDATE server AS s SET registration_closed = k.closed
          FROM unnest($1::BIGINT[], $2::BIGINT[]) AS k (only_row, closed)
          WHERE s.only_row = k.only_row",
    clear: "UPDATE server SET registration_closed = 0",
};

fn statements(table: Table) -> &'static Statements {
    match table {
        Table::Accounts => &ACCOUNTS,
        Table::Sessions => &SESSIONS,
        Table::Rooms => &ROOMS,
        Table::Aliases => &ALIASES,
        Table::Events => &EVENTS,
        Table::Shelf => &SHELF,
        Table::Server => &SERVER,
    }
}

#[async_trait]
impl Rows for PostgresStore {
    async fn rows(&self, table: Table, after: Row, limit: u32) -> Result<Vec<Row>, StoreError> {
        let after = &after;
        self.read(|db| async move { page(&db, table, after, limit).await }).await
    }

    async fn put(&self, table: Table, rows: Vec<Row>) -> Result<(), StoreError> {
        let columns = &columns(table, rows);
        self.write(|tx| async move {
            let columns: Vec<_> = columns.iter().map(|column| &**column as _).collect();
            change(tx.client()?, statements(table).put, &columns).await?;
            tx.commit(()).await
        })
        .await
    }

    async fn clear(&self, table: Table) -> Result<(), StoreError> {
        self.write(|tx| async move {
            change(tx.client()?, statements(table).clear, &[]).await?;
            tx.commit(()).await
        })
        .await
    }

    async fn label(&self) -> Result<Label, StoreError> {
        self.read(|db| async move { label(&db).await }).await
    }

    async fn set_label(&self, label: Label) -> Result<(), StoreError> {
        self.write(|tx| async move {
            let sql = "UPDATE server SET epoch = $1";
            change(tx.client()?, sql, &[&label.as_bytes()]).await?;
            tx.commit(()).await
        })
        .await
    }
}

/// What the database says of itself.
pub(super) async fn label(db: &impl GenericClient) -> Result<Label, Failure> {
    let sql = "SELECT epoch FROM server";
    let label = one(db, sql, &[], |row| Ok(Label::from_bytes(get(row, 0)?))).await?;
    label.flatten().ok_or_else(|| Failure::corrupt("epoch"))
}

async fn page(
    db: &impl GenericClient,
    table: Table,
    after: &Row,
    limit: u32,
) -> Result<Vec<Row>, Failure> {
    let limit = i64::from(limit);
    let mut params: Vec<_> = after.iter().map(Value::as_sql).collect();
    params.push(&limit);
    all(db, statements(table).page, &params, |row| {
        let columns = table.columns().iter().enumerate();
        columns.map(|(column, (_, kind))| value(row, column, *kind)).collect()
    })
    .await
}

fn value(row: &SqlRow, column: usize, kind: Kind) -> Result<Value, Failure> {
    Ok(match kind {
        Kind::Bytes => Value::Bytes(get(row, column)?),
        Kind::Number => Value::Number(get(row, column)?),
        Kind::Text => Value::Text(get(row, column)?),
    })
}

impl Value {
    fn as_sql(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Bytes(value) => value,
            Self::Number(value) => value,
            Self::Text(value) => value,
        }
    }
}

/// The same rows, column by column.
fn columns(table: Table, rows: Vec<Row>) -> Vec<Box<dyn ToSql + Send + Sync>> {
    let mut columns: Vec<Vec<Value>> = table.columns().iter().map(|_| Vec::new()).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let kinds = table.columns().iter().map(|(_, kind)| *kind);
    kinds.zip(columns).map(|(kind, values)| column(kind, values)).collect()
}

fn column(kind: Kind, values: Vec<Value>) -> Box<dyn ToSql + Send + Sync> {
    let values = values.into_iter();
    match kind {
        Kind::Bytes => Box::new(values.map(Value::into_bytes).collect::<Vec<_>>()),
        Kind::Number => Box::new(values.map(Value::into_number).collect::<Vec<_>>()),
        Kind::Text => Box::new(values.map(Value::into_text).collect::<Vec<_>>()),
    }
}

/// A value is of its column's kind.
impl Value {
    fn into_bytes(self) -> Option<Vec<u8>> {
        if let Self::Bytes(value) = self { value } else { None }
    }

    fn into_number(self) -> Option<i64> {
        if let Self::Number(value) = self { value } else { None }
    }

    fn into_text(self) -> Option<String> {
        if let Self::Text(value) = self { value } else { None }
    }
}
