//! Close codes and what they mean.

/// Why a connection ends: a status code that may stand in a close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// Nothing is wrong; the client or the server is done.
    pub const NORMAL: Self = Self(1000);
    /// The server is going down.
    pub const GOING_AWAY: Self = Self(1001);
    /// The client broke RFC 6455.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// The client sent a kind of data that is not understood here.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// Text, or the reason of a close frame, was not UTF-8.
    pub const NOT_UTF8: Self = Self(1007);
    /// The client sent what is not allowed, such as a binary frame.
    pub const POLICY: Self = Self(1008);
    /// A message was over the limit.
    pub const TOO_BIG: Self = Self(1009);
    /// The server failed; its log says how.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The server restarts; reconnect at once, with jitter.
    pub const RESTART: Self = Self(1012);
    /// Too many malformed commands.
    pub const BAD_COMMANDS: Self = Self(4400);
    /// The token expired or its session was revoked; log in again.
    pub const UNAUTHORIZED: Self = Self(4401);
    /// Removed from the room, or never allowed in.
    pub const FORBIDDEN: Self = Self(4403);
    /// Too slow to read; reconnect and resume.
    pub const TOO_SLOW: Self = Self(4408);
    /// The room was removed.
    pub const GONE: Self = Self(4410);
    /// Sent too much too fast; slow down.
    pub const FLOODING: Self = Self(4429);
    /// Storage is down; reconnect later, with jitter.
    pub const STORAGE_DOWN: Self = Self(4503);

    /// Takes a code that came in a close frame.
    ///
    /// `None` unless a peer may send it: the RFC's own codes less those that only stand for an
    /// ending without a close frame (1005, 1006, 1015), those registered since, and 3000 to 4999.
    pub fn received(code: u16) -> Option<Self> {
        matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999).then_some(Self(code))
    }

    pub fn get(self) -> u16 {
        self.0
    }

    /// The reason that is sent with the code when there is nothing better to say.
    ///
    /// Empty for a code that the server never chooses itself.
    pub fn reason(self) -> &'static str {
        match self {
            Self::GOING_AWAY => "the server is going down",
            Self::PROTOCOL_ERROR => "protocol error",
            Self::UNSUPPORTED_DATA => "unsupported data",
            Self::NOT_UTF8 => "not UTF-8",
            Self::POLICY => "not allowed",
            Self::TOO_BIG => "message too big",
            Self::INTERNAL_ERROR => "internal error",
            Self::RESTART => "the server restarts",
            Self::BAD_COMMANDS => "too many malformed commands",
            Self::UNAUTHORIZED => "log in again",
            Self::FORBIDDEN => "removed from the room",
            Self::TOO_SLOW => "too slow to read",
            Self::GONE => "the room was removed",
            Self::FLOODING => "slow down",
            Self::STORAGE_DOWN => "storage is unavailable",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_that_a_peer_may_send_are_taken() {
        let taken = (0..=u16::MAX).filter(|&code| CloseCode::received(code).is_some());
        assert!(taken.eq((1000..=1003).chain(1007..=1014).chain(3000..=4999)));
    }
}
