//! The first bytes of a frame.

use super::{MAX_CONTROL_BYTES, Opcode, ProtocolError};

/// What stands before the payload of a client's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) is_final: bool,
    pub(super) opcode: Opcode,
    mask: [u8; 4],
    payload_at: usize,
    payload_bytes: usize,
}

impl Header {
    /// Reads the header at the front of `bytes`; `None` when its end has not arrived.
    ///
    /// Fails as early as the bytes allow, so a length over `max_data_bytes` never buys memory.
    /// An error depends on the bytes alone, not on how many of them are there yet.
    pub(super) fn parse(
        bytes: &[u8],
        max_data_bytes: usize,
    ) -> Result<Option<Self>, ProtocolError> {
        let Some(&first) = bytes.first() else { return Ok(None) };
        let (is_final, opcode) = parse_first_byte(first)?;
        let Some(&second) = bytes.get(1) else { return Ok(None) };
        let short_length = parse_second_byte(second, opcode)?;
        let Some((length, length_bytes)) = parse_length(short_length, &bytes[2..])? else {
            return Ok(None);
        };
        let payload_bytes = match usize::try_from(length) {
            Ok(fits) if opcode.is_control() || fits <= max_data_bytes => fits,
            _ => return Err(ProtocolError::TooBig),
        };
        let mask_at = 2 + length_bytes;
        let mask = bytes[mask_at..].first_chunk().copied();
        let payload_at = mask_at + 4;
        Ok(mask.map(|mask| Self { is_final, opcode, mask, payload_at, payload_bytes }))
    }

    /// Length of the whole frame.
    pub(super) fn frame_bytes(&self) -> usize {
        self.payload_at + self.payload_bytes
    }

    /// Unmasks the payload of the whole frame `frame`, in place, and returns it.
    pub(super) fn open<'frame>(&self, frame: &'frame mut [u8]) -> &'frame mut [u8] {
        let payload = &mut frame[self.payload_at..];
        unmask(payload, self.mask);
        payload
    }

    /// [`Header::open`] for a frame that is owned; needs no second allocation.
    pub(super) fn open_owned(&self, mut frame: Vec<u8>) -> Vec<u8> {
        self.open(&mut frame);
        frame.drain(..self.payload_at);
        frame
    }
}

fn parse_first_byte(first: u8) -> Result<(bool, Opcode), ProtocolError> {
    if first & 0x70 != 0 {
        return Err(ProtocolError::ReservedBits);
    }
    let is_final = first & 0x80 != 0;
    let opcode = Opcode::from_bits(first & 0x0f).ok_or(ProtocolError::ReservedOpcode)?;
    if opcode.is_control() && !is_final {
        return Err(ProtocolError::FragmentedControl);
    }
    Ok((is_final, opcode))
}

/// Returns the length, or 126 or 127 when it stands in the bytes that follow.
fn parse_second_byte(second: u8, opcode: Opcode) -> Result<u8, ProtocolError> {
    if second & 0x80 == 0 {
        return Err(ProtocolError::NotMasked);
    }
    let short_length = second & 0x7f;
    if opcode.is_control() && MAX_CONTROL_BYTES < usize::from(short_length) {
        return Err(ProtocolError::ControlTooLong);
    }
    Ok(short_length)
}

/// Returns the length and how many bytes of `rest` tell it; `None` when they have not all arrived.
fn parse_length(short_length: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, ProtocolError> {
    let (shortest, longest, told) = match short_length {
        126 => (126, 0xffff, rest.first_chunk().map(|&told| (u16::from_be_bytes(told).into(), 2))),
        127 => {
            (0x1_0000, u64::MAX >> 1, rest.first_chunk().map(|&told| (u64::from_be_bytes(told), 8)))
        }
        length => (0, 125, Some((length.into(), 0))),
    };
    match told {
        Some((length, _)) if !(shortest..=longest).contains(&length) => {
            Err(ProtocolError::BadLength)
        }
        told => Ok(told),
    }
}

/// A mask's worth at a time, which the compiler turns into vector instructions.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let key = u32::from_ne_bytes(mask);
    let (words, tail) = payload.as_chunks_mut();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ key).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(mask) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmasking_starts_the_mask_at_the_first_byte_whatever_the_length() {
        let mask = [1, 2, 4, 8];
        for payload_bytes in 0..70 {
            let mut payload = vec![0; payload_bytes];
            unmask(&mut payload, mask);
            assert!(payload.iter().eq(mask.iter().cycle().take(payload_bytes)));
        }
    }

    #[test]
    fn a_header_is_refused_as_soon_as_its_wrong_byte_is_there() {
        let parse = |bytes: &[u8]| Header::parse(bytes, 1000);
        assert_eq!(parse(&[0xc1]), Err(ProtocolError::ReservedBits));
        assert_eq!(parse(&[0x83]), Err(ProtocolError::ReservedOpcode));
        assert_eq!(parse(&[0x09]), Err(ProtocolError::FragmentedControl));
        assert_eq!(parse(&[0x81, 0x00]), Err(ProtocolError::NotMasked));
        assert_eq!(parse(&[0x89, 0xfe]), Err(ProtocolError::ControlTooLong));
        assert_eq!(parse(&[0x81, 0xfe, 0x03, 0xe9]), Err(ProtocolError::TooBig));
    }

    #[test]
    fn a_header_is_awaited_to_its_last_byte() {
        let whole = [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4];
        for arrived in 0..whole.len() {
            assert_eq!(Header::parse(&whole[..arrived], 0x1_0000), Ok(None));
        }
        let header = Header::parse(&whole, 0x1_0000).unwrap().unwrap();
        assert_eq!((header.is_final, header.opcode), (true, Opcode::Binary));
        assert_eq!(header.frame_bytes(), whole.len() + 0x1_0000);
    }

    #[test]
    fn a_length_must_be_in_its_shortest_form() {
        let parse = |bytes: &[u8]| Header::parse(bytes, usize::MAX);
        assert_eq!(parse(&[0x81, 0xfe, 0, 125]), Err(ProtocolError::BadLength));
        assert_eq!(parse(&[0x81, 0xfe, 0, 126]), Ok(None));
        let long = |length: u64| [&[0x81, 0xff][..], &length.to_be_bytes()].concat();
        assert_eq!(parse(&long(0xffff)), Err(ProtocolError::BadLength));
        assert_eq!(parse(&long(0x1_0000)), Ok(None));
        assert_eq!(parse(&long(1 << 63)), Err(ProtocolError::BadLength));
    }
}
