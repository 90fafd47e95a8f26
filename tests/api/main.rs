//! The product through its doors: a real server, real HTTP, real sockets.
//!
//! Built for PostgreSQL, it runs on PostgreSQL, under `scripts/with-postgres`; what looks into files
//! of SQLite is left out then.

mod accounts;
mod anonymity;
#[cfg(not(feature = "postgres"))]
mod backup;
mod bad_input;
mod clock;
mod closing;
mod command_line;
mod conversation;
mod database;
mod exactness;
mod frames;
mod handshake;
mod harness;
mod headers;
mod lifecycle;
mod limits;
mod listener;
mod listening;
mod matrix;
mod messages;
#[cfg(feature = "postgres")]
mod moving;
mod openapi;
mod operator;
#[cfg(feature = "postgres")]
mod outage;
mod own_data;
mod process;
mod resume;
mod rooms;
mod slow;
mod smoke;
#[cfg(not(feature = "postgres"))]
mod storage;
mod supervision;
mod tls;
mod tools;
