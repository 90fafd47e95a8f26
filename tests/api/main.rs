//! The product through its doors: a real server, real HTTP, real sockets.

mod accounts;
mod anonymity;
mod bad_input;
mod clock;
mod closing;
mod command_line;
mod conversation;
mod exactness;
mod frames;
mod handshake;
mod harness;
mod headers;
mod lifecycle;
mod limits;
mod listener;
mod matrix;
mod messages;
mod openapi;
mod operator;
mod process;
mod resume;
mod rooms;
mod slow;
mod smoke;
mod storage;
mod tools;
