//! What a client said, put together from its frames.

use std::borrow::Cow;
use std::{fmt, str};

use super::{CloseCode, ProtocolError};

/// What a client said: a whole message, or a control frame. Borrowed from the input unless it
/// came in pieces.
#[derive(Clone, PartialEq, Eq)]
pub enum Incoming<'input> {
    Text(Cow<'input, str>),
    Binary(Cow<'input, [u8]>),
    /// To be answered with a pong of the same payload.
    Ping(Cow<'input, [u8]>),
    Pong(Cow<'input, [u8]>),
    /// The last thing that a client says; to be answered with the same code unless a close frame
    /// went out already. `code` is `None` when the client gave none.
    Close {
        code: Option<CloseCode>,
        reason: Cow<'input, str>,
    },
}

// What people say never reaches a log.
impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(payload) => write!(f, "Binary({} bytes)", payload.len()),
            Self::Ping(payload) => write!(f, "Ping({} bytes)", payload.len()),
            Self::Pong(payload) => write!(f, "Pong({} bytes)", payload.len()),
            Self::Close { code, reason } => write!(f, "Close({code:?}, {} bytes)", reason.len()),
        }
    }
}

pub(super) fn message(
    is_text: bool,
    payload: Cow<'_, [u8]>,
) -> Result<Incoming<'_>, ProtocolError> {
    if is_text { text(payload).map(Incoming::Text) } else { Ok(Incoming::Binary(payload)) }
}

pub(super) fn close(payload: Cow<'_, [u8]>) -> Result<Incoming<'_>, ProtocolError> {
    if payload.is_empty() {
        return Ok(Incoming::Close { code: None, reason: Cow::Borrowed("") });
    }
    let code =
        payload.first_chunk().and_then(|&code| CloseCode::received(u16::from_be_bytes(code)));
    let Some(code) = code else { return Err(ProtocolError::BadCloseCode) };
    let reason = match payload {
        Cow::Borrowed(payload) => Cow::Borrowed(&payload[2..]),
        Cow::Owned(payload) => Cow::Owned(payload[2..].to_vec()),
    };
    Ok(Incoming::Close { code: Some(code), reason: text(reason)? })
}

fn text(payload: Cow<'_, [u8]>) -> Result<Cow<'_, str>, ProtocolError> {
    let text = match payload {
        Cow::Borrowed(payload) => str::from_utf8(payload).map(Cow::Borrowed).ok(),
        Cow::Owned(payload) => String::from_utf8(payload).map(Cow::Owned).ok(),
    };
    text.ok_or(ProtocolError::NotUtf8)
}

/// A message whose last fragment has not arrived.
pub(super) struct Fragments {
    is_text: bool,
    pub(super) payload: Vec<u8>,
    /// How much of the payload is known to be UTF-8.
    valid_bytes: usize,
}

impl Fragments {
    pub(super) fn start(is_text: bool, payload: &[u8]) -> Result<Box<Self>, ProtocolError> {
        let mut message = Box::new(Self { is_text, payload: Vec::new(), valid_bytes: 0 });
        message.push(payload)?;
        Ok(message)
    }

    /// Fails as soon as no later fragment can make the text UTF-8.
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), ProtocolError> {
        self.payload.extend_from_slice(payload);
        if self.is_text {
            self.valid_bytes += match str::from_utf8(&self.payload[self.valid_bytes..]) {
                Ok(valid) => valid.len(),
                Err(cut) if cut.error_len().is_none() => cut.valid_up_to(),
                Err(_) => return Err(ProtocolError::NotUtf8),
            };
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Incoming<'static>, ProtocolError> {
        message(self.is_text, Cow::Owned(self.payload))
    }
}
