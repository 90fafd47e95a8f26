//! The product through its doors: a real server, real HTTP, real WebSockets.

mod accounts;
mod frames;
mod harness;
mod messages;
mod rooms;
mod smoke;
mod tools;
