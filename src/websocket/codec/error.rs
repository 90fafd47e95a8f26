//! How a client can break the protocol.

use super::CloseCode;

/// How the client broke the protocol. The connection is over; [`ProtocolError::close_code`] is
/// what to tell the client before hanging up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    #[error("a reserved bit is set, but no extension was agreed on")]
    ReservedBits,
    #[error("the opcode is reserved")]
    ReservedOpcode,
    #[error("a client's frame must be masked")]
    NotMasked,
    #[error("a control frame must not be fragmented")]
    FragmentedControl,
    #[error("a control frame must not carry more than 125 bytes")]
    ControlTooLong,
    #[error("the length is not written in its shortest form")]
    BadLength,
    #[error("there is no message to continue")]
    NothingToContinue,
    #[error("a new message began inside an unfinished one")]
    MessageUnfinished,
    #[error("the close frame has half a status code, or one that may not be sent")]
    BadCloseCode,
    #[error("text or a close reason is not UTF-8")]
    NotUtf8,
    #[error("the message is over the limit")]
    TooBig,
}

impl ProtocolError {
    /// What the closing frame says: 1002, 1007 or 1009.
    pub fn close_code(self) -> CloseCode {
        match self {
            Self::ReservedBits
            | Self::ReservedOpcode
            | Self::NotMasked
            | Self::FragmentedControl
            | Self::ControlTooLong
            | Self::BadLength
            | Self::NothingToContinue
            | Self::MessageUnfinished
            | Self::BadCloseCode => CloseCode::PROTOCOL_ERROR,
            Self::NotUtf8 => CloseCode::NOT_UTF8,
            Self::TooBig => CloseCode::TOO_BIG,
        }
    }
}
