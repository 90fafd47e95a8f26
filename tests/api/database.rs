//! Where the servers of these tests keep what they are told: in SQLite files or, where the program
//! is built for it, in schemas of the PostgreSQL server that `scripts/with-postgres` starts.

use anonchat::config::{DatabaseUrl, Storage};

/// The rows of one table, each as the bytes of its texts and keys.
pub struct Table {
    pub name: String,
    pub rows: Vec<Vec<u8>>,
}

#[cfg(not(feature = "postgres"))]
mod back_end {
    use rusqlite::{Connection, Row, types::ValueRef};

    use super::{DatabaseUrl, Storage, Table};

    /// In the data directory.
    #[expect(clippy::unused_async, reason = "PostgreSQL has to be asked")]
    pub async fn fresh() -> Option<DatabaseUrl> {
        None
    }

    /// Everything that is stored.
    #[expect(clippy::unused_async, reason = "PostgreSQL has to be asked")]
    pub async fn tables(storage: &Storage) -> Vec<Table> {
        let database = Connection::open(storage.data_dir.join("anonchat.db")).unwrap();
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'";
        let mut names = database.prepare(sql).unwrap();
        let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
        names.map(|name| table(&database, name.unwrap())).collect()
    }

    fn table(database: &Connection, name: String) -> Table {
        let mut all = database.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = all.column_count();
        let rows = all.query_map([], |row| Ok(bytes(row, columns))).unwrap();
        Table { rows: rows.map(Result::unwrap).collect(), name }
    }

    fn bytes(row: &Row<'_>, columns: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for column in 0..columns {
            match row.get_ref(column).unwrap() {
                ValueRef::Text(value) | ValueRef::Blob(value) => bytes.extend(value),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {}
            }
            bytes.extend(b"; ");
        }
        bytes
    }
}

#[cfg(feature = "postgres")]
mod back_end {
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio_postgres::{Client, NoTls, Row, types::Type};

    use super::{DatabaseUrl, Storage, Table};

    /// A schema of its own for one server.
    pub async fn fresh() -> Option<DatabaseUrl> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let server = std::env::var("ANONCHAT_TEST_POSTGRES_URL");
        let server = server.expect("run this under scripts/with-postgres");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("api_{}_{number}", std::process::id());
        let client = connect(&server).await;
        client.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
        let options = format!("application_name={schema}&options=-csearch_path%3D{schema}");
        Some(DatabaseUrl::parse(&format!("{server}?{options}")).unwrap())
    }

    /// Somebody else's connection.
    pub async fn connect(url: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "it ends with the client")]
        tokio::spawn(connection);
        client
    }

    /// Everything that is stored.
    pub async fn tables(storage: &Storage) -> Vec<Table> {
        let client = connect(storage.url.as_ref().unwrap().expose()).await;
        let sql = "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = current_schema()";
        let mut tables = Vec::new();
        for name in client.query(sql, &[]).await.unwrap() {
            let name: String = name.get(0);
            let rows = client.query(&format!("SELECT * FROM {name}"), &[]).await.unwrap();
            tables.push(Table { rows: rows.iter().map(bytes).collect(), name });
        }
        tables
    }

    fn bytes(row: &Row) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (column, kind) in row.columns().iter().enumerate() {
            let value: Option<Vec<u8>> = match *kind.type_() {
                Type::BYTEA => row.get(column),
                Type::TEXT | Type::VARCHAR => {
                    row.get::<_, Option<String>>(column).map(String::into_bytes)
                }
                _ => None,
            };
            bytes.extend(value.unwrap_or_default());
            bytes.extend(b"; ");
        }
        bytes
    }
}

pub use back_end::*;
