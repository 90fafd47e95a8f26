//! Writes frames, unmasked and whole, as a server does.

use super::{CloseCode, MAX_CONTROL_BYTES, Opcode};

/// Longest header of a frame that the server sends; what to reserve besides the payload.
pub const MAX_HEADER_BYTES: usize = 10;

/// Appends a text frame. The payload must be UTF-8, or the client will hang up.
pub fn text(out: &mut Vec<u8>, payload: &[u8]) {
    push_frame(out, Opcode::Text, payload);
}

/// Appends a binary frame.
pub fn binary(out: &mut Vec<u8>, payload: &[u8]) {
    push_frame(out, Opcode::Binary, payload);
}

/// Appends a ping with the first [`MAX_CONTROL_BYTES`] of `payload`.
pub fn ping(out: &mut Vec<u8>, payload: &[u8]) {
    push_frame(out, Opcode::Ping, control_part(payload));
}

/// Appends a pong with the first [`MAX_CONTROL_BYTES`] of `payload`, which is that of the ping.
pub fn pong(out: &mut Vec<u8>, payload: &[u8]) {
    push_frame(out, Opcode::Pong, control_part(payload));
}

/// Appends a close frame, after which nothing may be sent. A reason that is too long is cut
/// between two characters.
pub fn close(out: &mut Vec<u8>, code: CloseCode, reason: &str) {
    let code = code.get().to_be_bytes();
    let reason = &reason[..reason.floor_char_boundary(MAX_CONTROL_BYTES - code.len())];
    push_header(out, Opcode::Close, code.len() + reason.len());
    out.extend_from_slice(&code);
    out.extend_from_slice(reason.as_bytes());
}

fn control_part(payload: &[u8]) -> &[u8] {
    &payload[..payload.len().min(MAX_CONTROL_BYTES)]
}

fn push_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    push_header(out, opcode, payload.len());
    out.extend_from_slice(payload);
}

/// Also makes room for the payload, so that a frame costs at most one allocation.
fn push_header(out: &mut Vec<u8>, opcode: Opcode, payload_bytes: usize) {
    out.reserve(MAX_HEADER_BYTES + payload_bytes);
    let first = 0x80 | opcode as u8;
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(short @ 0..=125), _) => out.extend_from_slice(&[first, short]),
        (_, Ok(medium)) => {
            out.extend_from_slice(&[first, 126]);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        (_, Err(_)) => {
            out.extend_from_slice(&[first, 127]);
            out.extend_from_slice(&(payload_bytes as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header_of(payload_bytes: usize) -> Vec<u8> {
        let mut out = Vec::new();
        text(&mut out, &vec![b'x'; payload_bytes]);
        out.truncate(out.len() - payload_bytes);
        out
    }

    #[test]
    fn a_length_is_written_in_its_shortest_form() {
        assert_eq!(header_of(0), [0x81, 0]);
        assert_eq!(header_of(125), [0x81, 125]);
        assert_eq!(header_of(126), [0x81, 126, 0, 126]);
        assert_eq!(header_of(0xffff), [0x81, 126, 0xff, 0xff]);
        assert_eq!(header_of(0x1_0000), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn frames_are_appended_one_after_the_other() {
        let mut out = Vec::new();
        text(&mut out, b"hi");
        binary(&mut out, &[0xff]);
        ping(&mut out, b"");
        pong(&mut out, b"a");
        assert_eq!(out, [0x81, 2, b'h', b'i', 0x82, 1, 0xff, 0x89, 0, 0x8a, 1, b'a']);
    }

    #[test]
    fn a_control_frame_is_cut_to_what_it_may_carry() {
        for control in [ping, pong] {
            let mut out = Vec::new();
            control(&mut out, &[b'x'; 126]);
            assert_eq!((out.len(), out[1]), (127, 125));
        }
    }

    #[test]
    fn a_close_frame_carries_its_code_and_reason() {
        let mut out = Vec::new();
        close(&mut out, CloseCode::FLOODING, "slow");
        assert_eq!(out, [0x88, 6, 0x11, 0x4d, b's', b'l', b'o', b'w']);
    }

    #[test]
    fn a_long_close_reason_is_cut_between_two_characters() {
        let mut out = Vec::new();
        close(&mut out, CloseCode::NORMAL, &"é".repeat(100));
        assert_eq!(out[1], 2 + 122);
        assert_eq!(str::from_utf8(&out[4..]), Ok("é".repeat(61).as_str()));
    }
}
