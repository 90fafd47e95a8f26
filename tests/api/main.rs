//! The product through its doors: a real server, real HTTP, real WebSockets.

mod accounts;
mod clock;
mod conversation;
mod frames;
mod handshake;
mod harness;
mod process;
mod smoke;
mod tools;
