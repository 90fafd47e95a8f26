//! The product through its doors: a real server, real HTTP, real WebSockets.

mod harness;
mod smoke;
