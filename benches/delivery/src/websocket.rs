//! Just enough of RFC 6455 for peers that are known to behave: unfragmented frames, no checks.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

/// A text frame.
pub const TEXT: u8 = 1;
/// A close frame.
pub const CLOSE: u8 = 8;
/// A ping.
pub const PING: u8 = 9;
/// A pong.
pub const PONG: u8 = 10;

const MASKED: u8 = 0x80;
const LEN_IN_16_BITS: u8 = 0x7e;
const LEN_IN_64_BITS: u8 = 0x7f;

/// One whole frame.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'input> {
    /// What it is.
    pub opcode: u8,
    /// What it says, unmasked.
    pub payload: &'input [u8],
    /// Bytes of the whole frame, header included.
    pub len: usize,
}

/// The first whole frame of `input`, which a server sent; `None` when more bytes are needed.
#[inline]
pub fn parse(input: &[u8]) -> Option<Frame<'_>> {
    let (opcode, len, start) = header(input)?;
    let payload = input.get(start..start.checked_add(len)?)?;
    Some(Frame { opcode, payload, len: start + len })
}

/// As [`parse`], for a frame that a client sent: unmasks it where it lies.
#[inline]
pub fn unmask(input: &mut [u8]) -> Option<Frame<'_>> {
    let (opcode, len, start) = header(input)?;
    let mask: [u8; 4] = *input.get(start..)?.first_chunk()?;
    let start = start + mask.len();
    let payload = input.get_mut(start..start.checked_add(len)?)?;
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
    Some(Frame { opcode, payload, len: start + len })
}

/// The opcode, the length of the payload, and where the payload or its mask starts.
fn header(input: &[u8]) -> Option<(u8, usize, usize)> {
    let (&[first, second], rest) = input.split_first_chunk()?;
    let (len, start) = match second & !MASKED {
        LEN_IN_16_BITS => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        LEN_IN_64_BITS => (usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?, 10),
        len => (usize::from(len), 2),
    };
    Some((first & 15, len, start))
}

/// Appends a frame as a server sends it.
pub fn push(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    push_header(out, opcode, payload.len(), 0);
    out.extend_from_slice(payload);
}

/// Appends a frame as a client sends it.
pub fn push_masked(out: &mut Vec<u8>, opcode: u8, payload: &[u8], mask: [u8; 4]) {
    push_header(out, opcode, payload.len(), MASKED);
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
}

fn push_header(out: &mut Vec<u8>, opcode: u8, len: usize, masked: u8) {
    out.push(0x80 | opcode);
    if let Ok(len @ 0..=125) = u8::try_from(len) {
        out.push(masked | len);
    } else if let Ok(len) = u16::try_from(len) {
        out.push(masked | LEN_IN_16_BITS);
        out.extend_from_slice(&len.to_be_bytes());
    } else {
        out.push(masked | LEN_IN_64_BITS);
        out.extend_from_slice(&(len as u64).to_be_bytes());
    }
}

/// The answer to a client's `Sec-WebSocket-Key`.
pub fn accept_key(key: &[u8]) -> String {
    let guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(guid).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_read_as_written() {
        for len in [0, 125, 126, 65535, 65536] {
            let payload = vec![b'x'; len];
            let (mut plain, mut masked) = (Vec::new(), Vec::new());
            push(&mut plain, TEXT, &payload);
            push_masked(&mut masked, TEXT, &payload, [1, 2, 3, 4]);
            assert!(parse(&plain[..plain.len() - 1]).is_none());
            let last = masked.len() - 1;
            assert!(unmask(&mut masked.clone()[..last]).is_none());
            for (frame, bytes) in
                [(parse(&plain), plain.len()), (unmask(&mut masked.clone()), masked.len())]
            {
                let frame = frame.unwrap();
                assert_eq!((frame.opcode, frame.len), (TEXT, bytes));
                assert_eq!(frame.payload, payload);
            }
        }
    }

    #[test]
    fn the_example_of_the_rfc_is_answered_as_the_rfc_does() {
        assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
