//! Reads frames as they arrive, in whatever pieces.

use std::borrow::Cow;
use std::{fmt, mem};

use super::header::Header;
use super::incoming::{self, Fragments, Incoming};
use super::{Opcode, ProtocolError};

/// Reads what one client sends. Between two calls it keeps only what is unfinished, so an idle
/// connection costs a few words and no allocation.
pub struct Decoder {
    max_message_bytes: usize,
    /// The start of a frame, still masked.
    frame: Vec<u8>,
    message: Option<Box<Fragments>>,
    is_over: bool,
}

impl Decoder {
    /// The longest message that is accepted when nothing else is said, in bytes.
    pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

    /// Messages of more than `max_message_bytes`, all fragments together, are refused.
    ///
    /// About twice that is the most memory that a client can make it keep, and only by sending as
    /// much: a length that is merely announced buys nothing.
    pub fn new(max_message_bytes: usize) -> Self {
        Self { max_message_bytes, frame: Vec::new(), message: None, is_over: false }
    }

    /// Takes what arrived and yields what it completes, unmasking whole frames where they lie.
    ///
    /// How the bytes are cut into inputs changes nothing in what comes out. After an error or an
    /// [`Incoming::Close`] the connection is over: nothing follows, and later input is dropped.
    pub fn decode<'decoder, 'input>(
        &'decoder mut self,
        input: &'input mut [u8],
    ) -> Decoding<'decoder, 'input> {
        Decoding { decoder: self, input }
    }

    fn parse_header(&self, bytes: &[u8]) -> Result<Option<Header>, ProtocolError> {
        let collected = self.message.as_ref().map_or(0, |message| message.payload.len());
        Header::parse(bytes, self.max_message_bytes - collected)
    }

    /// Takes a data frame; `None` unless it ends a message.
    fn take_data<'input>(
        &mut self,
        header: Header,
        payload: Cow<'input, [u8]>,
    ) -> Result<Option<Incoming<'input>>, ProtocolError> {
        let is_text = header.opcode == Opcode::Text;
        match (header.opcode, self.message.take()) {
            (Opcode::Continuation, None) => Err(ProtocolError::NothingToContinue),
            (Opcode::Continuation, Some(mut message)) => {
                message.push(&payload)?;
                if header.is_final {
                    return message.finish().map(Some);
                }
                self.message = Some(message);
                Ok(None)
            }
            (_, Some(_)) => Err(ProtocolError::MessageUnfinished),
            (_, None) if header.is_final => incoming::message(is_text, payload).map(Some),
            (_, None) => {
                self.message = Some(Fragments::start(is_text, &payload)?);
                Ok(None)
            }
        }
    }

    /// Lets go of everything; the client has nothing more to say.
    fn end(&mut self) {
        *self = Self { is_over: true, ..Self::new(self.max_message_bytes) };
    }
}

impl Default for Decoder {
    /// Accepts messages of up to [`Decoder::MAX_MESSAGE_BYTES`].
    fn default() -> Self {
        Self::new(Self::MAX_MESSAGE_BYTES)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("max_message_bytes", &self.max_message_bytes)
            .field("frame_bytes", &self.frame.len())
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

/// What one input completes, in order. To be run to its end: input that is not reached is lost.
#[must_use = "nothing is decoded until it is run"]
pub struct Decoding<'decoder, 'input> {
    decoder: &'decoder mut Decoder,
    input: &'input mut [u8],
}

impl fmt::Debug for Decoding<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoding")
            .field("decoder", &self.decoder)
            .field("input_bytes", &self.input.len())
            .finish()
    }
}

impl<'input> Iterator for Decoding<'_, 'input> {
    type Item = Result<Incoming<'input>, ProtocolError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.decoder.is_over {
            return None;
        }
        let next = self.next_incoming().transpose();
        if matches!(next, Some(Err(_) | Ok(Incoming::Close { .. }))) {
            self.decoder.end();
        }
        next
    }
}

impl<'input> Decoding<'_, 'input> {
    fn next_incoming(&mut self) -> Result<Option<Incoming<'input>>, ProtocolError> {
        while let Some(Frame { header, payload }) = self.next_frame()? {
            let incoming = match header.opcode {
                Opcode::Close => Some(incoming::close(payload)?),
                Opcode::Ping => Some(Incoming::Ping(payload)),
                Opcode::Pong => Some(Incoming::Pong(payload)),
                Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                    self.decoder.take_data(header, payload)?
                }
            };
            if incoming.is_some() {
                return Ok(incoming);
            }
        }
        Ok(None)
    }

    fn next_frame(&mut self) -> Result<Option<Frame<'input>>, ProtocolError> {
        if !self.decoder.frame.is_empty() {
            return self.finish_frame();
        }
        let header = self.decoder.parse_header(self.input)?;
        if let Some(header) = header
            && header.frame_bytes() <= self.input.len()
        {
            let payload = Cow::Borrowed(header.open(self.take(header.frame_bytes())));
            return Ok(Some(Frame { header, payload }));
        }
        self.decoder.frame = mem::take(&mut self.input).to_vec();
        Ok(None)
    }

    /// Takes no more of the input than the unfinished frame lacks, so that later frames are
    /// borrowed again.
    fn finish_frame(&mut self) -> Result<Option<Frame<'input>>, ProtocolError> {
        loop {
            let arrived = self.decoder.frame.len();
            let header = self.decoder.parse_header(&self.decoder.frame)?;
            if let Some(header) = header
                && header.frame_bytes() == arrived
            {
                let payload = header.open_owned(mem::take(&mut self.decoder.frame));
                return Ok(Some(Frame { header, payload: Cow::Owned(payload) }));
            }
            if self.input.is_empty() {
                return Ok(None);
            }
            let lacking = header.map_or(1, |header| header.frame_bytes() - arrived);
            let taken = self.take(lacking.min(self.input.len()));
            self.decoder.frame.extend_from_slice(taken);
        }
    }

    fn take(&mut self, bytes: usize) -> &'input mut [u8] {
        let (taken, rest) = mem::take(&mut self.input).split_at_mut(bytes);
        self.input = rest;
        taken
    }
}

/// A whole frame, unmasked.
struct Frame<'input> {
    header: Header,
    payload: Cow<'input, [u8]>,
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    fn owns_nothing(decoder: &Decoder) -> bool {
        decoder.frame.capacity() == 0 && decoder.message.is_none()
    }

    #[test]
    fn an_idle_connection_costs_six_words_and_no_allocation() {
        assert!(size_of::<Decoder>() <= 6 * size_of::<usize>());
        let mut decoder = Decoder::default();
        let mut message = [0x01, 0x81, 0, 0, 0, 0, b'a', 0x80, 0x81, 0, 0, 0, 0, b'b'];
        for byte in &mut message {
            decoder.decode(slice::from_mut(byte)).for_each(|incoming| drop(incoming.unwrap()));
        }
        assert!(owns_nothing(&decoder));
    }

    #[test]
    fn an_announced_length_buys_no_memory() {
        let mut decoder = Decoder::default();
        let mut announced = [0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(decoder.decode(&mut announced).next(), Some(Err(ProtocolError::TooBig)));
        assert!(owns_nothing(&decoder));

        let mut decoder = Decoder::default();
        let mut at_the_limit = [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4];
        assert_eq!(decoder.decode(&mut at_the_limit).next(), None);
        assert_eq!(decoder.frame.capacity(), at_the_limit.len());
    }

    #[test]
    fn nothing_is_kept_of_a_connection_that_is_over() {
        let mut decoder = Decoder::default();
        let mut half_a_message = [0x01, 0x81, 0, 0, 0, 0, b'a', 0x88];
        assert_eq!(decoder.decode(&mut half_a_message).next(), None);
        let mut close_then_more = [0x80, 0, 0, 0, 0, 0x81, 0x85, 0, 0];
        let mut said = decoder.decode(&mut close_then_more);
        assert!(matches!(said.next(), Some(Ok(Incoming::Close { .. }))));
        assert_eq!(said.next(), None);
        assert!(owns_nothing(&decoder));
    }
}
