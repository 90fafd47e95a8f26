//! The product through its doors: a real server, real HTTP, real sockets.

mod accounts;
mod bad_input;
mod clock;
mod conversation;
mod frames;
mod handshake;
mod harness;
mod headers;
mod limits;
mod listener;
mod matrix;
mod messages;
mod openapi;
mod process;
mod rooms;
mod smoke;
mod tools;
