//! The product through its doors: a real server, real HTTP, real sockets.

mod anonymity;
mod clock;
mod closing;
mod conversation;
mod exactness;
mod frames;
mod handshake;
mod harness;
mod lifecycle;
mod process;
mod resume;
mod slow;
mod smoke;
mod storage;
