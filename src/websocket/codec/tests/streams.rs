//! Whole streams: however they are cut, and against another implementation.

use std::io::{Cursor, Read, Result as IoResult, Write};

use tokio_tungstenite::tungstenite::error::ProtocolError as PeerError;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::*;
use crate::websocket::codec::{self, CloseCode};

/// A little of everything, the ending aside.
fn sample() -> Vec<u8> {
    stream(&[
        (FIN | TEXT, "grüß".as_bytes()),
        (FIN | TEXT, b""),
        (TEXT, b"a\xf0\x9f"),
        (FIN | PING, b"ping"),
        (CONTINUATION, b"\x98"),
        (FIN | CONTINUATION, b"\x80z"),
        (FIN | BINARY, &[7; 126]),
        (FIN | PONG, b""),
    ])
}

fn sample_endings() -> [Vec<u8>; 4] {
    [
        stream(&[(FIN | CLOSE, b"\x03\xe8bye"), (FIN | TEXT, b"late")]),
        stream(&[(TEXT, b"\xff"), (FIN | TEXT, b"late")]),
        stream(&[(FIN | 3, b"reserved"), (FIN | TEXT, b"late")]),
        [&[FIN | BINARY, 0xff][..], &(1_u64 << 62).to_be_bytes(), b"late"].concat(),
    ]
}

fn heard_in_chunks<'input>(chunks: impl IntoIterator<Item = &'input [u8]>) -> Vec<String> {
    let mut decoder = Decoder::default();
    chunks.into_iter().flat_map(|chunk| heard(&mut decoder, chunk)).collect()
}

#[test]
fn one_byte_at_a_time_says_the_same() {
    for ending in sample_endings() {
        let input = [sample(), ending].concat();
        assert_eq!(heard_in_chunks(input.chunks(1)), heard_whole(&input));
    }
}

#[test]
fn every_cut_into_two_says_the_same() {
    for ending in sample_endings() {
        let input = [sample(), ending].concat();
        let whole = heard_whole(&input);
        for cut in 0..=input.len() {
            let (start, end) = input.split_at(cut);
            assert_eq!(heard_in_chunks([start, end]), whole, "cut at {cut}");
        }
    }
}

#[test]
fn every_cut_into_three_says_the_same() {
    let input = sample();
    let whole = heard_whole(&input);
    for second in 0..=input.len() {
        for first in 0..=second {
            let chunks = [&input[..first], &input[first..second], &input[second..]];
            assert_eq!(heard_in_chunks(chunks), whole, "cut at {first} and {second}");
        }
    }
}

/// A small generator of numbers that are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Frames that mostly follow the rules.
    fn frames(&mut self, count: usize) -> Vec<u8> {
        let mut is_unfinished = false;
        (0..count).flat_map(|_| self.frame(&mut is_unfinished)).collect()
    }

    fn frame(&mut self, is_unfinished: &mut bool) -> Vec<u8> {
        let fitting = if *is_unfinished { [CONTINUATION; 2] } else { [TEXT, BINARY] };
        let opcode = match self.below(40) {
            0 => self.pick(&[CONTINUATION, TEXT, CLOSE, 3, 11]),
            1..10 => self.pick(&[PING, PONG]),
            _ => self.pick(&fitting),
        };
        let is_final = CLOSE <= opcode || self.below(2) == 0;
        if opcode < CLOSE {
            *is_unfinished = !is_final;
        }
        let reserved = if self.below(200) == 0 { 0x40 } else { 0 };
        let payload = self.payload(opcode);
        let mut frame = client_frame(u8::from(is_final) << 7 | reserved | opcode, &payload);
        if self.below(200) == 0 {
            frame[1] &= 0x7f;
        }
        frame
    }

    fn payload(&mut self, opcode: u8) -> Vec<u8> {
        let bytes = self.pick(&[0, 1, 2, 3, 5, 17, 125, 130]);
        match opcode {
            CLOSE => self.pick(&[&b""[..], b"\x03", b"\x03\xe8", b"\x0b\xb8bye"]).to_vec(),
            BINARY => (0..bytes).map(|_| self.pick(&[0, 0x7f, 0xff])).collect(),
            // Mostly whole characters, so that some texts survive; the last one may be cut.
            _ => (0..bytes)
                .flat_map(|_| self.pick(&["a", "b", "c", "ü", "😀"]).as_bytes())
                .copied()
                .take(125)
                .collect(),
        }
    }
}

/// Gives out what is there, then nothing more; swallows what is written.
struct Wire(Cursor<Vec<u8>>);

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        self.0.read(buffer)
    }
}

impl Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> IoResult<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> IoResult<()> {
        Ok(())
    }
}

/// What tungstenite hears on its end; the reason of an error is its own affair.
fn heard_by_tungstenite(role: Role, input: &[u8]) -> Vec<String> {
    let mut socket = WebSocket::from_raw_socket(Wire(Cursor::new(input.to_vec())), role, None);
    let mut lines = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => lines.push(format!("text {text}")),
            Ok(Message::Binary(payload)) => lines.push(format!("binary {:?}", &payload[..])),
            Ok(Message::Ping(payload)) => lines.push(format!("ping {:?}", &payload[..])),
            Ok(Message::Pong(payload)) => lines.push(format!("pong {:?}", &payload[..])),
            Ok(Message::Close(Some(close))) => {
                lines.push(format!("close {} {}", close.code, close.reason));
                return lines;
            }
            Ok(Message::Close(None)) => {
                lines.push("close".into());
                return lines;
            }
            Ok(Message::Frame(_)) => unreachable!("only written, never read"),
            Err(Error::Protocol(PeerError::ResetWithoutClosingHandshake)) => return lines,
            Err(_) => {
                lines.push("error".into());
                return lines;
            }
        }
    }
}

#[test]
fn random_streams_say_what_tungstenite_hears() {
    let mut numbers = Numbers(1);
    let mut endings = [0; 3];
    for _ in 0..5000 {
        let input = numbers.frames(12);
        let mut lines = heard_whole(&input);
        let ending = match lines.last_mut() {
            Some(line) if line.starts_with("error") => {
                "error".clone_into(line);
                0
            }
            Some(line) if line.starts_with("close") => 1,
            _ => 2,
        };
        endings[ending] += 1;
        assert_eq!(lines, heard_by_tungstenite(Role::Server, &input), "{input:?}");
    }
    assert!(endings.iter().all(|&seen| 100 < seen), "too little variety: {endings:?}");
}

#[test]
fn random_bytes_say_the_same_however_they_are_cut() {
    let mut numbers = Numbers(2);
    for _ in 0..5000 {
        let mut input = numbers.frames(4);
        for _ in 0..numbers.below(4) {
            let at = numbers.below(input.len());
            input[at] = numbers.pick(&[0, 0x7f, 0x80, 0x81, 0xfe, 0xff]);
        }
        let chunk_bytes = 1 + numbers.below(9);
        assert_eq!(heard_in_chunks(input.chunks(chunk_bytes)), heard_whole(&input), "{input:?}");
    }
}

#[test]
fn tungstenite_hears_what_the_server_says() {
    let long = "x".repeat(70_000);
    let mut out = Vec::new();
    codec::text(&mut out, "grüß".as_bytes());
    codec::text(&mut out, long.as_bytes());
    codec::binary(&mut out, &[0xff; 200]);
    codec::ping(&mut out, b"1");
    codec::pong(&mut out, b"2");
    codec::close(&mut out, CloseCode::TOO_SLOW, CloseCode::TOO_SLOW.reason());
    let expected = [
        "text grüß".into(),
        format!("text {long}"),
        format!("binary {:?}", [0xff; 200]),
        "ping [49]".into(),
        "pong [50]".into(),
        "close 4408 too slow to read".into(),
    ];
    assert!(heard_by_tungstenite(Role::Client, &out) == expected);
}
