//! Frames, fragments, masks and limits.
//!
//! The writers append to a buffer, so that frames which are ready together leave together. The
//! [`Decoder`] works on the bytes where they lie and owns memory only while something is unfinished.

mod close;
mod decode;
mod encode;
mod error;
mod header;
mod incoming;
#[cfg(test)]
mod tests;

pub use close::CloseCode;
pub use decode::{Decoder, Decoding};
pub use encode::{MAX_HEADER_BYTES, binary, close, ping, pong, text};
pub use error::ProtocolError;
pub use incoming::Incoming;

/// Longest payload of a ping, a pong or a close frame, in bytes.
pub const MAX_CONTROL_BYTES: usize = 125;

/// What a frame is, as the low half of its first byte says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    /// `None` for a value that the RFC keeps for later.
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}
