//! The product through its doors: a real server, real HTTP, real WebSockets.

mod accounts;
mod harness;
mod smoke;
mod tools;
