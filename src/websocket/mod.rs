//! RFC 6455, server side, without I/O: bytes in, frames out. Knows no chat.
//!
//! [`handshake`] judges the upgrade request, [`codec`] reads and writes frames. No extension is
//! ever agreed on, permessage-deflate least of all: compression beside secrets leaks them.

pub mod codec;
pub mod handshake;
