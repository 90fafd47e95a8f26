//! Every row out and in, for [`transfer`](crate::store::transfer).

use async_trait::async_trait;
use rusqlite::{
    Connection, params_from_iter,
    types::{ToSql, ToSqlOutput, Value as SqlValue},
};

use super::{
    SqliteStore,
    rows::{Failure, all, change, value},
};
use crate::store::{
    StoreError,
    transfer::{Kind, Label, Row, Rows, Table, Value},
};

/// How a table is read after a key, written and emptied.
struct Statements {
    page: &'static str,
    put: &'static str,
    clear: &'static str,
}

const ACCOUNTS: Statements = Statements {
    page: "SELECT id, login, login_folded, email_tag, email_sealed, password_hash, created_at_ms,
                  operator, disabled
           FROM accounts WHERE id > ?1 ORDER BY id LIMIT ?2",
    put: "INSERT INTO accounts
              (id, login, login_folded, email_tag, email_sealed, password_hash, created_at_ms,
               operator, disabled)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    clear: "DELETE FROM accounts",
};

const SESSIONS: Statements = Statements {
    page: "SELECT id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
                  current_hash, previous_hash, rotated_at_ms, ended_at_ms, revoked
           FROM sessions WHERE id > ?1 ORDER BY id LIMIT ?2",
    put: "INSERT INTO sessions
              (id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
               current_hash, previous_hash, rotated_at_ms, ended_at_ms, revoked)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    clear: "DELETE FROM sessions",
};

const ROOMS: Statements = Statements {
    page: "SELECT id, name, name_folded, capacity, visibility, retention_s, created_at_ms, head,
                  expired_to, host_tag, secret
           FROM rooms WHERE id > ?1 AND secret <> x'' ORDER BY id LIMIT ?2",
    put: "INSERT INTO rooms
              (id, name, name_folded, capacity, visibility, retention_s, created_at_ms, head,
               expired_to, host_tag, secret)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    clear: "DELETE FROM rooms",
};

const ALIASES: Statements = Statements {
    page: "SELECT room_id, client_id, handle, person_tag, removed FROM aliases
           WHERE (room_id, client_id) > (?1, ?2)
             AND EXISTS (SELECT 1 FROM rooms WHERE id = room_id AND secret <> x'')
           ORDER BY room_id, client_id LIMIT ?3",
    put: "INSERT INTO aliases (room_id, client_id, handle, person_tag, removed)
          VALUES (?1, ?2, ?3, ?4, ?5)",
    clear: "DELETE FROM aliases",
};

const EVENTS: Statements = Statements {
    page: "SELECT room_id, seq, at_ms, kind, author, target, command_id, edited_at_ms, body
           FROM events
           WHERE (room_id, seq) > (?1, ?2)
             AND EXISTS (SELECT 1 FROM rooms WHERE id = room_id AND secret <> x'')
           ORDER BY room_id, seq LIMIT ?3",
    put: "INSERT INTO events
              (room_id, seq, at_ms, kind, author, target, command_id, edited_at_ms, body)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    clear: "DELETE FROM events",
};

const SHELF: Statements = Statements {
    page: "SELECT shelf_tag, entry_tag, sealed FROM shelf
           WHERE (shelf_tag, entry_tag) > (?1, ?2) ORDER BY shelf_tag, entry_tag LIMIT ?3",
    put: "INSERT INTO shelf (shelf_tag, entry_tag, sealed) VALUES (?1, ?2, ?3)",
    clear: "DELETE FROM shelf",
};

/// Its row is always there.
const SERVER: Statements = Statements {
    page: "SELECT only_row, registration_closed FROM server
           WHERE only_row > ?1 ORDER BY only_row LIMIT ?2",
    put: "UPDATE server SET registration_closed = ?2 WHERE only_row = ?1",
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
impl Rows for SqliteStore {
    async fn rows(&self, table: Table, after: Row, limit: u32) -> Result<Vec<Row>, StoreError> {
        self.read(move |tx| page(tx, table, after, limit)).await
    }

    async fn put(&self, table: Table, rows: Vec<Row>) -> Result<(), StoreError> {
        self.write(move |tx| {
            for row in rows {
                change(tx, statements(table).put, params_from_iter(row))?;
            }
            Ok(())
        })
        .await
    }

    async fn clear(&self, table: Table) -> Result<(), StoreError> {
        self.erase(move |tx| change(tx, statements(table).clear, [])).await?;
        Ok(())
    }

    async fn label(&self) -> Result<Label, StoreError> {
        self.read(label).await
    }

    async fn set_label(&self, label: Label) -> Result<(), StoreError> {
        self.write(move |tx| change(tx, "UPDATE server SET epoch = ?1", [label.as_bytes()]))
            .await?;
        Ok(())
    }
}

/// What the database says of itself.
pub(super) fn label(tx: &Connection) -> Result<Label, Failure> {
    let bytes: Option<Vec<u8>> = value(tx, "SELECT epoch FROM server", [])?;
    bytes.and_then(|bytes| Label::from_bytes(&bytes)).ok_or_else(|| Failure::corrupt("epoch"))
}

fn page(tx: &Connection, table: Table, after: Row, limit: u32) -> Result<Vec<Row>, Failure> {
    let limit = Value::Number(Some(limit.into()));
    let params = params_from_iter(after.into_iter().chain([limit]));
    all(tx, statements(table).page, params, |row| {
        let columns = table.columns().iter().enumerate();
        let values = columns.map(|(column, (_, kind))| {
            Ok(match kind {
                Kind::Bytes => Value::Bytes(row.get(column)?),
                Kind::Number => Value::Number(row.get(column)?),
                Kind::Text => Value::Text(row.get(column)?),
            })
        });
        values.collect()
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self.clone() {
            Self::Bytes(value) => value.map_or(SqlValue::Null, SqlValue::Blob),
            Self::Number(value) => value.map_or(SqlValue::Null, SqlValue::Integer),
            Self::Text(value) => value.map_or(SqlValue::Null, SqlValue::Text),
        };
        Ok(ToSqlOutput::Owned(value))
    }
}
