//! The product through its doors: a real server, real HTTP, real WebSockets.

mod accounts;
mod bad_input;
mod frames;
mod harness;
mod headers;
mod limits;
mod listener;
mod matrix;
mod messages;
mod openapi;
mod rooms;
mod smoke;
mod tools;
